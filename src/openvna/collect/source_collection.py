"""A collection that runs in the background: what it is about, how far it is, how it is stopped."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from openvna.collect.extent import WHOLE, Extent
from openvna.collect.feed import Feed
from openvna.collect.progress import Progress
from openvna.model import OpenVNAError
from openvna.store import RunRow, Source


class Stop(threading.Event):
    """Asks a collection to end, and tells whoever must hear it at once."""

    def __init__(self) -> None:
        super().__init__()
        self._told: list[Callable[[], None]] = []

    @contextmanager
    def telling(self, tell: Callable[[], None]) -> Iterator[None]:
        """Inside, `tell` is called when everything is to end: at once, where it is already."""
        self._told.append(tell)
        if self.is_set():
            tell()
        try:
            yield
        finally:
            self._told.remove(tell)

    def set(self) -> None:
        super().set()
        for tell in tuple(self._told):
            tell()


class SourceCollection:
    """A collection of a source that runs in the background."""

    def __init__(self, source: Source, started_at: datetime, extent: Extent = WHOLE) -> None:
        self.extent = extent
        self.id = secrets.token_urlsafe(12)
        self.source_id = source.id
        self.source = source.name
        self.started_at = started_at
        self.ended_at: datetime | None = None
        self.stop = Stop()
        self.runs: tuple[RunRow, ...] = ()
        self.error: OpenVNAError | None = None
        self.feed: Feed[Progress] = Feed()
        self._over = threading.Event()

    def events(self, timeout: float | None = None) -> Iterator[Progress | None]:
        """From its first event on; ends after `finished`. None as in `Verification.events`."""
        return self.feed.read(timeout)

    def wait(self, timeout: float | None = None) -> bool:
        """True when it has ended."""
        return self._over.wait(timeout)

    def end(self, at: datetime) -> None:
        self.ended_at = at
        self.feed.close()
        self._over.set()
