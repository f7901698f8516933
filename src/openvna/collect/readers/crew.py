"""How many readers there are, and how they begin and end."""

from __future__ import annotations

import gc
import os
import signal
import threading
import time
import zlib
from collections.abc import Callable

from openvna.collect.readers.messages import Line, line
from openvna.collect.readers.process import ReaderProcess
from openvna.collect.readers.reader import Reader
from openvna.log import logger
from openvna.plugin import Plugin


class Readers:
    """The readers of this process. Safe to use from several threads, but for `start`."""

    def __init__(self, count: int, load_plugin: Callable[[str], Plugin]) -> None:
        """`count`: so many at most; none with 0."""
        self._count = count
        self._load = load_plugin
        self._readers: tuple[Reader, ...] = ()

    @property
    def there(self) -> bool:
        """Whether any of them reads."""
        return any(not each.gone for each in self._readers)

    def start(self) -> None:
        """Make the readers, unless they are there. They are copies of this process as it is, so that what is loaded
        now (plugins) takes neither time nor memory in them.

        A process can be copied only while it has one thread. Later, or on a system that cannot do it, nothing happens,
        and this process reads by itself; of one that does not let us have all of them, those read that there are.
        """
        if self._readers or not self._count or not hasattr(os, "fork") or threading.active_count() > 1:
            return
        gc.collect()
        gc.freeze()  # what is there stays, and looking it over would make copies of its memory
        lines: list[tuple[Line, int]] = []
        for _ in range(self._count):
            ours, theirs = line()
            try:
                pid = os.fork()
            except OSError as error:
                ours.close()
                theirs.close()
                logger("openvna.collect").warning(
                    "fewer readers",
                    readers=len(lines),
                    wanted=self._count,
                    reason=error.strerror or str(error),
                    remedy="Let it have more processes or more memory, or set OPENVNA_READERS to what it may have.",
                )
                break
            if not pid:
                _become_reader(theirs, [ours, *(each for each, _ in lines)], self._load)
            theirs.close()
            lines.append((ours, pid))
        # Not before all are there: each has a thread.
        self._readers = tuple(Reader(ours, pid) for ours, pid in lines)

    def of(self, account: str) -> Reader | None:
        """The reader of an account; None where this process is to read it. Always the same one as long as it lives."""
        there = self._readers
        if not there:
            return None
        chosen = zlib.crc32(account.encode()) % len(there) if account else 0
        return next((each for each in (*there[chosen:], *there[:chosen]) if not each.gone), None)

    def close(self, within: float) -> None:
        """End them, and wait so many seconds for it."""
        until = time.monotonic() + within
        for each in self._readers:
            each.close()
        for each in self._readers:
            each.wait(until - time.monotonic())


def _become_reader(theirs: Line, others: list[Line], load_plugin: Callable[[str], Plugin]) -> None:
    """Never returns. What this process had open stays as it is: the store is its parent's."""
    try:
        # Its parent is told to end, and then it does. Not SIG_IGN: programs that a plugin runs would inherit that.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: None)
        for other in others:
            other.close()
        # A long page is made into as many objects as this before any of them goes; hardly one is part of a cycle.
        gc.set_threshold(100_000, 20, 100)
        ReaderProcess(theirs, load_plugin).serve()
    except Exception:  # noqa: BLE001 - it ends here, and only the log can say why
        logger("openvna.collect").error("reader broke", exc_info=True)
    finally:
        os._exit(0)
