"""Bytes over one connection, sent and waited for with as few calls of the system as it takes."""

from __future__ import annotations

import math
import select
import socket
import ssl
from collections.abc import Callable
from functools import partial
from typing import Any


class Stream:
    """What goes over a connection and comes back, until a deadline.

    The socket does not wait. So a small answer takes three calls of the system: sent, waited for, read. With Python's
    own timeouts it takes six, and after each of them other threads come first.
    """

    def __init__(self, sock: Any, deadline: float, clock: Callable[[], float], begun: bool = False) -> None:
        """`begun`: something may be there to be read already."""
        self._sock = sock
        self._deadline = deadline
        self._clock = clock
        self._waits_itself = not isinstance(sock, socket.socket)  # TLS inside of TLS, which knows no other way
        self._begun = begun

    def send(self, data: bytes) -> None:
        """Raises `OSError`, `TimeoutError` among them."""
        if self._waits_itself:
            self._sock.settimeout(self._left())
            self._sock.sendall(data)
            return
        view = memoryview(data)
        while view:
            view = view[self._when_ready(partial(self._sock.send, view), select.POLLOUT) :]

    def receive(self, size: int) -> bytes:
        """The next bytes, at most so many; none at the end. Raises as `send` does."""
        left = self._left()
        if self._waits_itself:
            self._sock.settimeout(left)
        elif not self._begun:
            self._wait(select.POLLIN)
        part: bytes = self._when_ready(partial(self._sock.recv, size), select.POLLIN)
        self._begun = True
        return part

    def _when_ready(self, act: Callable[[], Any], event: int) -> Any:
        """The result of `act`, as soon as the socket lets it."""
        while True:
            try:
                return act()
            except BlockingIOError:
                self._wait(event)
            except ssl.SSLWantReadError:
                self._wait(select.POLLIN)
            except ssl.SSLWantWriteError:
                self._wait(select.POLLOUT)

    def _wait(self, event: int) -> None:
        waiting = select.poll()
        waiting.register(self._sock, event)
        if not waiting.poll(math.ceil(self._left() * 1000)):
            raise TimeoutError("timed out")

    def _left(self) -> float:
        left = self._deadline - self._clock()
        if left <= 0:
            raise TimeoutError("timed out")
        return left
