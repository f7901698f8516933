"""How many lists are read at once: in a scope by itself, and in all scopes of a source together.

A list of a small account is a wait for one answer. With many scopes under way each reads its lists one after the other
in its own thread, with the first calls of the next ones under way (`sent_early.py`), which costs next to nothing; the
fewer there are, the more lists of one scope are read side by side.
"""

from __future__ import annotations

import contextvars
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Generic, Protocol, TypeVar

AT_ONCE = 64
"""Lists of a source that are read at once, about. Each API of a region has a rate of its own, kept by `pace`."""
IN_A_SCOPE = 8
"""Lists of one scope that are read side by side, at most."""
_AHEAD = 2
"""Pages that a scope's lists may be ahead of their reader, in all: they bound the memory."""

_WORTH = 3
"""Lists side by side from which on threads of a scope's own are worth their cost."""
_HALF = 5.0
"""Seconds in which it is half forgotten how many scopes were under way."""

T = TypeVar("T")
_END = object()


class Shares:
    """Divides the calls that may be under way among the scopes. Safe to use from several threads."""

    def __init__(
        self,
        at_once: int = AT_ONCE,
        in_a_scope: int = IN_A_SCOPE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._at_once = at_once
        self._in_a_scope = in_a_scope
        self._clock = clock
        self._lock = threading.Lock()
        self._scopes = 0
        self._lately = 0.0
        self._since = clock()

    @contextmanager
    def one(self) -> Iterator[int]:
        """How many lists a scope may read side by side that begins now: one, where threads would not be worth it."""
        with self._lock:
            self._scopes += 1
            now = self._clock()
            # Of many scopes some are just being stored: what counts is how many there were lately.
            self._lately = max(self._scopes, self._lately * 0.5 ** ((now - self._since) / _HALF))
            self._since = now
            share = int(self._at_once / self._lately)
        try:
            yield min(self._in_a_scope, share) if share >= _WORTH else 1
        finally:
            with self._lock:
                self._scopes -= 1


class Readings(Protocol[T]):
    """Several streams as one. What they yield comes in their own order, mixed with that of the others."""

    def add(self, stream: Generator[T, None, None]) -> None: ...

    def next(self) -> T:
        """What comes next, of any stream. Only to be called while one of them has something to come."""
        ...

    def close(self) -> None:
        """End the streams soon; does not wait for them."""
        ...


def readings(width: int, name: str) -> Readings[Any]:
    """`width` streams side by side in threads of that name; one alone is read in the thread of its reader."""
    return _InTurn() if width == 1 else _Crew(width, name)


class _InTurn(Generic[T]):
    def __init__(self) -> None:
        self._streams: deque[Generator[T, None, None]] = deque()

    def add(self, stream: Generator[T, None, None]) -> None:
        self._streams.append(stream)

    def next(self) -> T:
        while True:
            found = next(self._streams[0], _END)
            if found is not _END:
                return found  # type: ignore[return-value]  # the mark of the end is no T
            self._streams.popleft()

    def close(self) -> None:
        for stream in self._streams:
            stream.close()


class _Crew(Generic[T]):
    def __init__(self, width: int, name: str) -> None:
        self._found: queue.Queue[T | BaseException] = queue.Queue(_AHEAD)
        self._stop = threading.Event()
        self._threads = ThreadPoolExecutor(width, thread_name_prefix=name)

    def add(self, stream: Generator[T, None, None]) -> None:
        self._threads.submit(contextvars.copy_context().run, self._read, stream)

    def next(self) -> T:
        found = self._found.get()
        if isinstance(found, BaseException):
            raise found
        return found

    def close(self) -> None:
        self._stop.set()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _read(self, stream: Generator[T, None, None]) -> None:
        try:
            for found in stream:
                if not self._sent(found):
                    return
        except BaseException as error:  # noqa: BLE001 - handed over to the reader, who raises it
            self._sent(error)
        finally:
            stream.close()

    def _sent(self, found: T | BaseException) -> bool:
        while not self._stop.is_set():
            try:
                self._found.put(found, timeout=0.2)
            except queue.Full:
                continue
            return True
        return False
