"""A collection: every scope of a source, several side by side."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeAlias

from openvna.collect.extent import no_such_scope
from openvna.collect.journal import Journal, told
from openvna.collect.progress import Phase, Progress
from openvna.collect.reading import Opened, PluginBroke, failure_of
from openvna.collect.resting import Resting
from openvna.collect.scope_run import STOPPED, ScopeRun
from openvna.collect.source_collection import SourceCollection
from openvna.log import context, logger, redact
from openvna.model import Calls, Conflict, Failure, OpenVNAError, Outcome, Scope, StoreUnusable
from openvna.plugin import ScopeProblem
from openvna.store import LOOK, RunRow, Source, Store, Writer

WHOLE = Scope(key="*", partition="", account="", region="")
"""The scope of the run that stands for a source that could not be opened at all."""


UNFOUND = Failure(
    Outcome.UNKNOWN,
    "The source no longer has this, and nothing says that it is gone. What was collected of it stays, as last seen.",
    remedy="Nothing to do, if it is meant so.",
)
"""What is said once of a scope that was collected before and is not found any more, without a word on why."""


After: TypeAlias = Callable[[Source, Sequence[RunRow], OpenVNAError | None], None]
"""Takes a source, the runs of its collection, and why there are none where the source could not be opened."""


class _Busy(Exception):
    """Something else reads the scope right now, perhaps only to refresh one resource: it comes last."""


@dataclass(frozen=True, slots=True)
class _Left:
    """A scope that has surely left the source, and why."""

    scope: Scope
    reason: str


class Collector:
    """Does the work of one `SourceCollection`. Used once."""

    def __init__(
        self,
        collection: SourceCollection,
        source: Source,
        store: Store,
        *,
        known_types: frozenset[str],
        resting: Resting,
        slots: threading.Semaphore,
        workers: int,
        journal: Journal,
        clock: Callable[[], datetime],
        tell: Callable[[Progress], None],
        after: After,
    ) -> None:
        """`after` is called when all scopes have been read, or none could be, while the collection still runs."""
        self._collection = collection
        self._source = source
        self._store = store
        self._extent = collection.extent
        self._wanted = known_types if self._extent.types is None else self._extent.types
        self._resting = resting
        self._slots = slots
        self._workers = workers
        self._journal = journal
        self._clock = clock
        self._tell = tell
        self._after = after
        self._stop = collection.stop
        self._lock = threading.Lock()
        self._again: set[str] = set()
        self._runs: list[RunRow] = []
        self._refused: list[Conflict] = []
        self._full: StoreUnusable | None = None
        self._before: list[str] | None = None
        self._done = 0
        self._total = 0

    def run(self, open_source: Callable[[], Opened]) -> None:
        """Collect. Whatever goes wrong ends in the runs, in `collection.error` and in the log."""
        began = time.monotonic()
        try:
            self._run(open_source)
        except OpenVNAError as error:
            self._collection.error = error
        finally:
            self._collection.runs = tuple(self._runs)
            self._collection.error = self._collection.error or self._full
            if self._collection.error is None and self._refused and not self._runs:
                self._collection.error = self._refused[0]
            fatal = self._collection.error
            if not isinstance(fatal, StoreUnusable | Conflict) and not self._stop.is_set():
                self._after(self._source, self._collection.runs, fatal)
            if fatal is None:
                self._journal.collected(self._source, self._collection.runs, time.monotonic() - began)
            self._say(Phase.FINISHED, failure=failure_of(fatal) if fatal else None)
            self._collection.end(self._clock())

    def _run(self, open_source: Callable[[], Opened]) -> None:
        try:
            with open_source() as opened, self._stop.telling(opened.hang_up):
                with self._tagged(WHOLE):
                    found = list(self._discovered(opened))
                self._journal.opened(self._source, None)
                if self._extent.asked and not found and not self._stop.is_set():
                    known = self._store.runs.scopes(self._source.id)
                    self._collection.error = no_such_scope(self._source, self._extent.asked, known)
                    return
                scopes: list[Scope | ScopeProblem | _Left] = [*found, *self._lost(opened, found)]
                self._total = len(scopes)
                self._say(Phase.DISCOVERED)
                self._side_by_side(opened, deque(scopes))
        except Exception as error:
            failure = failure_of(error)
            self._journal.opened(self._source, failure)
            if not isinstance(error, OpenVNAError | PluginBroke):
                logger("openvna.collect").error("plugin raised", source=self._source.name, exc_info=True)
            if not isinstance(error, Conflict):
                self._enter(WHOLE, None, failure)
            if isinstance(error, OpenVNAError):
                raise

    def _discovered(self, opened: Opened) -> Iterator[Scope | ScopeProblem]:
        """The scopes that are meant; those that are known by name are not looked for again."""
        if self._extent.scopes is not None:
            yield from self._extent.scopes
            return
        for found in opened.discover():
            if self._stop.is_set():
                return
            if self._extent.fits(found if isinstance(found, Scope) else found.scope):
                yield found

    def _lost(self, opened: Opened, found: Collection[Scope | ScopeProblem]) -> Iterator[ScopeProblem | _Left]:
        """The scopes that were collected before and are not found any more: those that have left, and those of which
        nobody knows, where that was not said of them yet.

        One below something that could not be found or entered is not gone, unless that has left itself: nobody knows.
        Neither is anything where nothing at all was found.
        """
        if not self._extent.whole or self._stop.is_set():
            return

        def why(scope: Scope) -> str:
            return opened.left(scope) if found else ""

        there = {each.key if isinstance(each, Scope) else each.scope.key for each in found}
        doubts = [each.scope for each in found if isinstance(each, ScopeProblem)]
        doubtful = tuple(f"{scope.key}/" for scope in doubts if not why(scope))
        known = self._store.runs.known(self._source.id)
        for scope in self._store.runs.scopes(self._source.id):
            if scope.key not in known or scope.key in there or scope.key.startswith(doubtful):
                continue
            if reason := why(scope):
                self._journal.left(self._source, scope, reason)
                yield _Left(scope, reason)
            elif known[scope.key]:
                self._journal.left(self._source, scope, UNFOUND.message)
                yield ScopeProblem(scope, UNFOUND)

    def _within(self, scope: Scope) -> list[str]:
        """The keys of a scope and of all that were collected below it before."""
        with self._lock:
            if self._before is None:
                self._before = [each.key for each in self._store.runs.scopes(self._source.id)]
        return [key for key in self._before if scope is WHOLE or f"{key}/".startswith(f"{scope.key}/")]

    def _tagged(self, scope: Scope) -> AbstractContextManager[None]:
        """Lines that the plugin, or a library below it, writes inside say what they are about."""
        return context(plugin=self._source.plugin, source=self._source.name, account=scope.account, region=scope.region)

    def _side_by_side(self, opened: Opened, scopes: deque[Scope | ScopeProblem | _Left]) -> None:
        def work() -> None:
            while not self._stop.is_set() and self._full is None:
                try:
                    found = scopes.popleft()
                except IndexError:
                    return
                if not self._slot():
                    return
                try:
                    if isinstance(found, ScopeProblem):
                        self._enter(found.scope, None, found.failure)
                    elif isinstance(found, _Left):
                        self._enter(found.scope, None, None, found.reason)
                    elif not (self._resting.spares(found) and self._enter(found, opened, None, look=True)):
                        self._enter(found, opened, None)
                except _Busy:
                    scopes.append(found)
                finally:
                    self._slots.release()

        name = f"collect-{self._source.name}"
        # Daemons: a listing that hangs in a socket must not keep the process from ending.
        threads = [
            threading.Thread(target=work, name=f"{name}-{number}", daemon=True)
            for number in range(min(self._workers, len(scopes)))
        ]
        _run_all(threads)

    def _slot(self) -> bool:
        """Wait for one of the places that all collections share; False when stopped meanwhile."""
        while not self._slots.acquire(timeout=0.2):
            if self._stop.is_set():
                return False
        return True

    def _enter(
        self,
        scope: Scope,
        opened: Opened | None,
        failure: Failure | None,
        left: str = "",
        *,
        look: bool = False,
    ) -> bool:
        """One run of one scope: read by an `opened` access, failed from the start with `failure`, or retired whole
        because it `left`. Whether that was all: not when a `look` found that it must be read whole."""
        say = partial(self._say, scope=scope)
        wanted, types = (self._resting.look, self._resting.look) if look else (self._wanted, self._extent.types)
        try:
            writer = self._store.runs.begin(self._source.id, scope, LOOK if look else self._extent.said)
        except Conflict as error:
            if scope.key not in self._again:
                self._again.add(scope.key)
                raise _Busy from error
            self._failed_outside(scope, error)
            return True
        except Exception as error:  # noqa: BLE001 - one scope that cannot begin must not stop the others
            self._failed_outside(scope, error)
            return True
        say = partial(say, run_id=writer.run_id)
        say(Phase.SCOPE_STARTED)
        ended: dict[str, Failure | None] = {}
        by_call: Mapping[str, Calls] = {}
        try:
            if opened is not None:
                reading = ScopeRun(
                    writer,
                    wanted,
                    stop=self._stop,
                    say=say,
                    listed=partial(self._journal.listed, self._source, scope),
                    breach=partial(self._journal.breach, self._source, scope),
                    one=self._extent.one,
                )
                with self._tagged(scope):
                    failure = reading.read(opened, scope, types)
                ended, by_call = reading.ended, reading.by_call
            elif left:
                writer.leave(left)
            row = writer.finish(failure, by_call)
            self._note_losses(scope, writer.lost, ended, failure)
            if opened is None and failure is not None:
                self._store.runs.doubt(self._source.id, self._within(scope), failure)
            if look and failure is not STOPPED and not self._resting.is_as_it_was(scope, row):
                with self._lock:
                    self._runs.append(row)
                return False
            if opened is not None and types is None and failure is not STOPPED:
                self._resting.read(scope, row)
        except Exception as error:  # noqa: BLE001 - what the store cannot take in one scope must not stop the others
            self._failed_outside(scope, error, writer)
            return True
        if failure is not STOPPED and scope is not WHOLE and not left:
            self._journal.entered(self._source, scope, failure)
        self._finished(scope, writer.run_id, failure, row)
        return True

    def _note_losses(
        self, scope: Scope, lost: Collection[str], ended: Mapping[str, Failure | None], failure: Failure | None
    ) -> None:
        """What this run was denied, and what it could read of what was `lost` before: by type, and as the empty type
        the scope as a whole."""
        if scope is WHOLE:
            return
        denied = {type: each for type, each in ended.items() if each and each.outcome is Outcome.DENIED}
        read = [type for type, each in ended.items() if each is None]
        if failure is not None and failure.outcome is Outcome.DENIED:
            denied = {"": failure}
        elif ended:
            read.append("")
        if denied or not set(read).isdisjoint(lost):
            self._store.permissions.note(self._source.id, scope.account, scope.region, denied, read)

    def _failed_outside(self, scope: Scope, error: Exception, writer: Writer | None = None) -> None:
        """The store refused or broke: there is no run, or nothing more of it can be written than that."""
        run_id = writer.run_id if writer is not None else ""
        failure = failure_of(error) if isinstance(error, OpenVNAError) else _defect(error)
        row = self._broken_off(error, failure, writer)
        if isinstance(error, Conflict):
            with self._lock:
                self._refused.append(error)
        elif not self._stop.is_set():
            logger("openvna.collect").error(
                "run broke", source=self._source.name, scope=scope.key, run=run_id, **told(failure), exc_info=error
            )
        self._finished(scope, run_id, failure, row)

    def _broken_off(self, error: Exception, failure: Failure, writer: Writer | None) -> RunRow | None:
        """The run, ended with its failure unless it had ended. A store that does not take even that takes nothing more
        of this collection, which ends then."""
        try:
            if writer is not None:
                return self._store.runs.break_off(writer, failure)
        except OpenVNAError as another:
            error = another
        if isinstance(error, StoreUnusable):
            with self._lock:
                self._full = self._full or error
        return None

    def _finished(self, scope: Scope, run_id: str, failure: Failure | None, row: RunRow | None) -> None:
        with self._lock:
            if row is not None:
                self._runs.append(row)
            if scope is not WHOLE:
                self._done += 1
        self._say(Phase.SCOPE_FINISHED, scope=scope, run_id=run_id, seen=row.seen if row else 0, failure=failure)

    def _say(self, phase: Phase, *, scope: Scope = WHOLE, **rest: Any) -> None:
        """`rest` are the further fields of `Progress` that this phase has."""
        if scope is WHOLE and phase in (Phase.SCOPE_STARTED, Phase.SCOPE_FINISHED):
            return
        if phase not in (Phase.LISTING, Phase.LISTED):
            rest = {"done": self._done, "total": self._total, **rest}
        event = Progress(
            collection=self._collection.id,
            source_id=self._source.id,
            source=self._source.name,
            phase=phase,
            at=self._clock(),
            scope="" if scope is WHOLE else scope.key,
            account=scope.account,
            region=scope.region,
            **rest,
        )
        self._collection.feed.put(event)
        self._tell(event)


def _defect(error: Exception) -> Failure:
    return Failure(
        Outcome.FAILED,
        redact(f"A defect of OpenVNA ended this run: {type(error).__name__}: {error}"),
        remedy="Report it with the log of this run. What was known before is kept.",
    )


def _run_all(threads: Iterable[threading.Thread]) -> None:
    started = list(threads)
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()
