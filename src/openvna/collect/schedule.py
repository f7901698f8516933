"""When each source is due."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from openvna.collect.endings import EndingWatch
from openvna.log import logger
from openvna.model import Conflict, OpenVNAError
from openvna.store import Source

LOOK_EVERY = 5.0
"""Seconds between two looks at the sources: others (the CLI, another process) may add and change them."""


class Schedule:
    """Starts what is due. A source is due when its interval has passed since it was last tried, plus a little chance,
    so that sources that were added together do not stay together."""

    def __init__(
        self,
        sources: Callable[[], tuple[Source, ...]],
        start: Callable[[Source], object],
        *,
        repeats: Callable[[Source], bool],
        clock: Callable[[], datetime],
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._sources = sources
        self._start = start
        self._repeats = repeats
        self._clock = clock
        self._chance = chance
        self._tried: dict[str, datetime] = {}
        self._spread: dict[str, float] = {}
        self._endings = EndingWatch()
        self._wake = threading.Event()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Safe to repeat."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._loop, name="schedule", daemon=True)
            self._thread.start()

    def end(self) -> None:
        self._ended.set()
        self._wake.set()

    def wake(self) -> None:
        """Look at the sources now."""
        self._wake.set()

    def due(self) -> tuple[Source, ...]:
        return self._due(self._sources())

    def tick(self) -> None:
        """Start everything that is due, and say which credentials end."""
        sources = self._sources()
        self._endings.look(sources, self._clock())
        for source in self._due(sources):
            self._tried[source.id] = self._clock()
            self._spread[source.id] = self._chance()
            try:
                self._start(source)
            except Conflict:
                continue  # it is being collected already: that is what was wanted
            except OpenVNAError as error:
                logger("openvna.collect").warning(
                    "not collected", source=source.name, reason=f"{error.what} {error.why}", remedy=error.remedy
                )

    def _due(self, sources: tuple[Source, ...]) -> tuple[Source, ...]:
        now = self._clock()
        return tuple(source for source in sources if self._is_due(source, now))

    def _is_due(self, source: Source, now: datetime) -> bool:
        if source.paused or source.interval is None or not self._repeats(source):
            return False
        # A moment that is still to come is from before the clock was set back: nobody waits for it once more.
        moments = (at for at in (source.last_run_at, self._tried.get(source.id)) if at is not None and at <= now)
        tried = max(moments, default=None)
        if tried is None:
            return True
        spread = self._spread.get(source.id, 0.0) * min(30.0, source.interval / 10)
        return now >= tried + timedelta(seconds=source.interval + spread)

    def _loop(self) -> None:
        while not self._ended.is_set():
            self._wake.clear()
            try:
                self.tick()
            except Exception:  # noqa: BLE001 - a store that is busy or away now must not end the schedule
                logger("openvna.collect").error("schedule failed", exc_info=True)
            self._wake.wait(LOOK_EVERY)
