"""What happened, in order, for any number of listeners."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from typing import Generic, TypeVar
from weakref import WeakSet

T = TypeVar("T")


class Feed(Generic[T]):
    """Events that everyone can read from the first one on, whenever they come. Ends when it is closed.

    Of very many only the newest are kept, `kept` of them at least: who comes late, or reads slowly, misses the others.
    """

    def __init__(self, kept: int = 10_000) -> None:
        self._kept = kept
        self._events: list[T] = []
        self._forgotten = 0
        self._closed = False
        self._news = threading.Condition()

    def put(self, event: T) -> None:
        with self._news:
            if self._closed:
                return
            self._events.append(event)
            if len(self._events) >= 2 * self._kept:
                del self._events[: self._kept]
                self._forgotten += self._kept
            self._news.notify_all()

    def close(self) -> None:
        with self._news:
            self._closed = True
            self._news.notify_all()

    def read(self, timeout: float | None = None) -> Iterator[T | None]:
        """All events that are kept, and those to come; None when `timeout` seconds passed without one."""
        position = 0
        while True:
            with self._news:
                heard = self._news.wait_for(lambda: self._closed or self._after(position), timeout)  # noqa: B023 - called at once
                position = max(position, self._forgotten)
                fresh = self._events[position - self._forgotten :]
                closed = self._closed
            position += len(fresh)
            yield from fresh
            if closed and not self._more(position):
                return
            if not heard:
                yield None

    def _more(self, position: int) -> bool:
        with self._news:
            return self._after(position)

    def _after(self, position: int) -> bool:
        """Whether there are events from this position on. Asked while `_news` is held."""
        return self._forgotten + len(self._events) > position


class Broadcast(Generic[T]):
    """Events for those who listen now. A listener that falls far behind loses the oldest."""

    def __init__(self, kept: int = 10_000) -> None:
        self._kept = kept
        self._listeners: WeakSet[_Listener[T]] = WeakSet()  # a reader that was dropped unread goes by itself
        self._lock = threading.Lock()
        self._closed = False

    def put(self, event: T) -> None:
        if not self._listeners:  # as it is for most of a night's collections
            return
        with self._lock:
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener.put(event)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener.close()

    def listen(self, timeout: float | None = None) -> Iterator[T | None]:
        """Everything from this call on (not from the first `next`), until it is closed from either side."""
        listener: _Listener[T] = _Listener(self._kept)
        with self._lock:
            self._listeners.add(listener)
            if self._closed:
                listener.close()
        return listener.read(timeout)


class _Listener(Generic[T]):
    def __init__(self, kept: int) -> None:
        self._events: deque[T] = deque(maxlen=kept)
        self._closed = False
        self._news = threading.Condition()

    def put(self, event: T) -> None:
        with self._news:
            self._events.append(event)
            self._news.notify_all()

    def close(self) -> None:
        with self._news:
            self._closed = True
            self._news.notify_all()

    def read(self, timeout: float | None) -> Iterator[T | None]:
        while True:
            with self._news:
                self._news.wait_for(lambda: self._closed or bool(self._events), timeout)
                event = self._events.popleft() if self._events else None
                ended = event is None and self._closed
            if ended:
                return
            yield event
