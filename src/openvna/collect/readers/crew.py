"""How many readers there are, how they begin, and how another one takes the place of one that died."""

from __future__ import annotations

import os
import threading
import time
import zlib
from collections.abc import Callable
from typing import Protocol

from openvna.collect.readers.nursery import NoReader, Nursery
from openvna.collect.readers.reader import Reader
from openvna.log import logger
from openvna.plugin import Plugin

_SOON = 60.0
"""Seconds. One that did not last as long may not do so again."""
_FIRST_PAUSE, _LONGEST_PAUSE = 2.0, 600.0


class MakesReaders(Protocol):
    """What `Nursery` is to whoever has readers of it."""

    @property
    def gone(self) -> bool: ...
    def reader(self, plugin: str) -> Reader: ...
    def close(self) -> None: ...
    def wait(self, seconds: float) -> None: ...


class Readers:
    """The readers of this process. Safe to use from several threads, but for `start`."""

    def __init__(
        self, count: int, load_plugin: Callable[[str], Plugin], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`count`: so many at most; none with 0."""
        self._load = load_plugin
        self._places = tuple(_Place(clock) for _ in range(count))
        self._nursery: MakesReaders | None = None
        self._refused = _Pauses(clock)
        self._asked: set[str] = set()
        """Accounts that are asked for the scopes of a source."""

    @property
    def there(self) -> bool:
        """Whether any of them reads, or is to be had."""
        nursery = self._nursery
        return nursery is not None and (not nursery.gone or any(each.reader is not None for each in self._places))

    def start(self) -> None:
        """From now on there are readers: each is made when it is first needed, and another one when it died. They are
        copies of this process as it is now, so that what is loaded (plugins) takes neither time nor memory in them.

        A process can be copied only while it has one thread. Later, or on a system that cannot do it, nothing happens,
        and this process reads by itself.
        """
        if self._nursery or not self._places or not hasattr(os, "fork") or threading.active_count() > 1:
            return
        try:
            self._nursery = Nursery(self._load)
        except OSError as error:
            self._none(error.strerror or str(error))

    def of(self, account: str, plugin: str) -> Reader | None:
        """The reader of an account, without one that which asks for the scopes; None where this process is to read it.
        Always the same one as long as it lives, and then the one in its place. Where it has to be made, `plugin` is
        what it will read with first."""
        if self._nursery is None:
            return None
        asking = not account or account in self._asked
        chosen = 0 if asking else zlib.crc32(account.encode()) % len(self._places)
        for place in (*self._places[chosen:], *self._places[:chosen]):
            try:
                reader = place.taken(self._nursery, self._refused, plugin)
            except NoReader as error:
                self._none(str(error))
                continue
            if reader is not None:
                return reader
        return None

    def read_where_scopes_are_asked_for(self, account: str) -> None:
        """From now on: it is the one that is asked for them, and its rates are counted in one place."""
        self._asked.add(account)

    def close(self, within: float) -> None:
        """End them, and wait so many seconds for it."""
        if self._nursery is None:
            return
        self._nursery.close()
        for place in self._places:
            place.close()
        self._nursery.wait(within)

    def _none(self, why: str) -> None:
        logger("openvna.collect").warning(
            "no reader",
            reason=why,
            remedy="Nothing to do: the readers that there are read, or else this process by itself, which takes "
            "longer. Let it have more processes or more memory if the system refuses them, or set OPENVNA_READERS to "
            "what it may have. Should they have ended for good, restart it.",
        )


class _Place:
    """One reader, and after it the next one."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._reader: Reader | None = None
        self._since = 0.0
        self._died_soon = _Pauses(clock)
        self._died = 0
        """The process that was here before, where there is none now."""
        self._closed = False

    @property
    def reader(self) -> Reader | None:
        """The one that reads here now."""
        reader = self._reader
        return None if reader is None or reader.gone else reader

    def taken(self, nursery: MakesReaders, refused: _Pauses, plugin: str) -> Reader | None:
        """The same, made where there is none; None where it is too soon for that. Raises `NoReader`."""
        with self._lock:
            if self.reader is not None or self._closed or nursery.gone:
                return self.reader
            if self._reader is not None:
                self._died, self._reader = self._reader.process, None
                self._count()
            if self._died_soon.on or refused.on:
                return None
            self._since = self._clock()
            try:
                self._reader = nursery.reader(plugin)
            except NoReader:
                if self._closed:
                    return None
                refused.begin()
                raise
            refused.end()
            if self._died:
                logger("openvna.collect").info("reader replaced", process=self._reader.process, before=self._died)
            if self._closed:
                self._reader.close()
            return self._reader

    def close(self) -> None:
        self._closed = True  # without the lock: whoever makes a reader here has it, and sees this when that is made
        if (reader := self._reader) is not None:
            reader.close()

    def _count(self) -> None:
        """It has died. The first one that did so soon has the next one in its place at once."""
        if self._clock() - self._since >= _SOON:
            self._died_soon.end()
        elif seconds := self._died_soon.begin(after=1):
            logger("openvna.collect").warning(
                "readers die",
                seconds=seconds,
                reason="Several in a row died soon after they had begun. The next one begins in their place after a "
                "pause; the others read until then, or this process by itself.",
                remedy="Look at the lines before this one for what ended them: mostly it is the system, for lack of "
                "memory. Set OPENVNA_READERS to fewer, or to 0.",
            )


class _Pauses:
    """Between one try and the next, twice as long each time in a row that it failed."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failed = 0
        self._until = 0.0

    @property
    def on(self) -> bool:
        return bool(self._failed) and self._clock() < self._until

    def begin(self, after: int = 0) -> float:
        """It failed. The seconds of the pause, none for the first ones in a row (`after`)."""
        self._failed += 1
        doubled = self._failed - after - 1
        seconds = min(_FIRST_PAUSE * 2 ** min(doubled, 16), _LONGEST_PAUSE) if doubled >= 0 else 0.0
        self._until = self._clock() + seconds
        return seconds

    def end(self) -> None:
        self._failed = 0
