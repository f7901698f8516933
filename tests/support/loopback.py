"""The HTTP server under all of the tests' own: on loopback, ready for many at once, at peace with who hangs up."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from typing import Any


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
