"""The HTTP server under all of the tests' own: on loopback, ready for many at once, at peace with who hangs up."""

from __future__ import annotations

import atexit
import itertools
import os
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from typing import Any

_held: list[socket.socket] = []
_tries = itertools.count()


def refusing_port() -> int:
    """A port of 127.0.0.1 where nobody listens, nor can begin to while this process lives."""
    held = socket.socket()
    held.bind(("127.0.0.1", 0))
    _held.append(held)
    return int(held.getsockname()[1])


@atexit.register
def _let_go() -> None:
    for held in _held:
        held.close()


def port_to_give_away() -> int:
    """A free port for another process to listen on. It is none of those that the system hands out by itself (on Linux
    from 32768 on), so that nobody gets it in between, and other workers try others."""
    while True:
        port = 12000 + (os.getpid() * 61 + next(_tries)) % 20000
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


class LoopbackServer(ThreadingHTTPServer):
    """A thread a connection. A client that gives up is part of the play; any other error is shown."""

    daemon_threads = True
    request_queue_size = 128  # a full queue costs a connection a second

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Its address. The server is gone at the end of the block."""
        thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{self.port}"
        finally:
            self.shutdown()
            thread.join()
            self.server_close()
