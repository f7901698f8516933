"""The server under the application: uvicorn, so set up that it stops when told to and logs nothing private."""

from __future__ import annotations

import socket
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from openvna.northbound.rest.streams import end_streams


class Server(uvicorn.Server):
    """Serves an application of `create_api`.

    `run(sockets=[...])` blocks until a signal, or `should_exit` set by another thread. Open streams end first, other
    requests get `grace` seconds. There is no access log but our own: uvicorn's would have the queries in it.
    """

    def __init__(
        self, app: FastAPI, *, tls_certificate: Path | None = None, tls_key: Path | None = None, grace: int = 5
    ) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                lifespan="off",
                timeout_graceful_shutdown=grace,
                ssl_certfile=tls_certificate,
                ssl_keyfile=tls_key,
            )
        )
        self.app = app

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        end_streams(self.app)
        await super().shutdown(sockets)
