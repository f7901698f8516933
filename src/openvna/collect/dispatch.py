"""Starts collections, each source once at a time, and ends them."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from pydantic import BaseModel

from openvna.collect.collection import After, Collector
from openvna.collect.extent import WHOLE, Extent
from openvna.collect.feed import Broadcast
from openvna.collect.journal import Journal
from openvna.collect.old_runs import OldRuns
from openvna.collect.progress import Progress
from openvna.collect.readers import OpenedElsewhere, Readers
from openvna.collect.reading import Opened, OpenedHere
from openvna.collect.resting import Resting
from openvna.collect.schedule import Schedule
from openvna.collect.source_collection import SourceCollection
from openvna.model import Conflict, OpenVNAError
from openvna.plugin import Keep, Plugin, Session, Spec
from openvna.store import RunRow, Source, Store

KEPT = timedelta(minutes=15)


class Dispatch:
    """Every collection of this process. Safe to use from several threads."""

    def __init__(
        self,
        store: Store,
        *,
        load_plugin: Callable[[str], Plugin],
        settings: Callable[[Source], BaseModel],
        keep: Callable[[Source, BaseModel], Keep],
        workers: int,
        clock: Callable[[], datetime],
        after: After,
        rest: timedelta,
        old_runs: OldRuns,
        readers: Readers,
    ) -> None:
        """`after` is called at the end of each collection, in its thread, and `old_runs` go then; `rest` is how long an
        empty scope rests at most."""
        self.progress: Broadcast[Progress] = Broadcast()
        self.schedule = Schedule(
            store.sources.list,
            self._start_scheduled,
            repeats=self._repeats,
            clock=clock,
        )
        self._store = store
        self._load = load_plugin
        self._settings = settings
        self._keep = keep
        self._workers = workers
        self._slots = threading.BoundedSemaphore(workers)
        self._journal = Journal()
        self._clock = clock
        self._after = after
        self._rest = rest
        self._old_runs = old_runs
        self._readers = readers
        self._lock = threading.Lock()
        self._known: list[SourceCollection] = []
        self._reserved: set[str] = set()
        self._stopped = False

    def start(self, source: Source, spec: Spec, extent: Extent = WHOLE, *, scheduled: bool = False) -> SourceCollection:
        """Raises `Conflict` while this source is collected or deleted, or when we are stopping.

        Of scopes that are known by name each one sees to it that it is read once at a time, so that one resource can
        be refreshed while the source is collected.
        """
        collection = SourceCollection(source, self._clock(), extent)
        with self._lock:
            self._refuse_if_busy(source, beside=lambda one: extent.scopes is not None or one.extent.scopes is not None)
            self._known.append(collection)
        collector = Collector(
            collection,
            source,
            self._store,
            known_types=frozenset(one.type for one in spec.types),
            resting=Resting(self._store, source, spec, self._rest, scheduled=scheduled),
            slots=self._slots,
            workers=self._workers,
            journal=self._journal,
            clock=self._clock,
            tell=self.progress.put,
            after=self._ending,
        )
        threading.Thread(
            target=collector.run, args=(lambda: self._opened(source),), name=f"collection-{source.name}", daemon=True
        ).start()
        return collection

    @contextlib.contextmanager
    def reserved(self, source: Source) -> Iterator[None]:
        """No collection of this source begins inside. Raises `Conflict` when one runs."""
        with self._lock:
            self._refuse_if_busy(source)
            self._reserved.add(source.id)
        try:
            yield
            self._journal.forget(source.id)
        finally:
            with self._lock:
                self._reserved.discard(source.id)

    def collections(self) -> tuple[SourceCollection, ...]:
        with self._lock:
            self._forget()
            return tuple(self._known)

    def hang_up(self) -> None:
        self.schedule.end()
        with self._lock:
            self._stopped = True
            running = [one for one in self._known if one.ended_at is None]
        for one in running:
            one.stop.set()
            one.feed.close()
        self.progress.close()

    def wait(self, deadline: float) -> None:
        """Wait for what runs, until `deadline` on the monotonic clock."""
        for one in self.collections():
            one.wait(max(0.0, deadline - time.monotonic()))

    def _refuse_if_busy(self, source: Source, beside: Callable[[SourceCollection], bool] = lambda _: False) -> None:
        """`beside` says of a collection under way whether another may run beside it."""
        if self._stopped:
            raise Conflict("OpenVNA is stopping.", "Nothing new is begun.", "Start it again first.")
        self._forget()
        if source.id in self._reserved:
            raise Conflict(f"The source {source.name!r} is being deleted.", "", "Nothing to do.")
        under_way = (one for one in self._known if one.source_id == source.id and one.ended_at is None)
        if not all(map(beside, under_way)):
            raise Conflict(
                f"The source {source.name!r} is being collected.",
                "A source is collected once at a time.",
                "Wait until it has ended, then try again.",
            )

    def _ending(self, source: Source, runs: Sequence[RunRow], error: OpenVNAError | None) -> None:
        self._after(source, runs, error)
        self._old_runs.forget(lambda: self._stopped)

    def _opened(self, source: Source) -> Opened:
        settings = self._settings(source)

        def keep() -> Keep:
            return self._keep(source, settings)

        def here() -> Session:
            return self._load(source.plugin).open(settings, keep())

        if self._readers.there:
            return OpenedElsewhere(self._readers, source, settings, keep, here)
        return OpenedHere(here())

    def _start_scheduled(self, source: Source) -> SourceCollection:
        return self.start(source, self._load(source.plugin).spec(), scheduled=True)

    def _repeats(self, source: Source) -> bool:
        """Without its plugin, a source waits."""
        try:
            return self._load(source.plugin).spec().repeats
        except OpenVNAError:
            return False

    def _forget(self) -> None:
        over = self._clock() - KEPT
        self._known = [one for one in self._known if one.ended_at is None or one.ended_at > over]
