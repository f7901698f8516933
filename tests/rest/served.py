"""A REST interface as it is served: uvicorn on loopback, a real store, and the toy vendor."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from openvna.collect import Gateway
from openvna.northbound.rest import create_api, end_streams
from openvna.store import load_vault, open_store
from support.toy_plugin import GOOD_TOKEN, ToyPlugin

PASSWORD = "correct horse battery staple"
GOOD = {"credential": {"kind": "token", "user": "robot", "token": GOOD_TOKEN}}


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """The address of the application, served until the block ends."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    # asyncio does so by itself only for sockets that name their protocol.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        end_streams(app)
        server.should_exit = True
        thread.join(30)
        listener.close()
        assert not thread.is_alive(), "the server did not stop"


@dataclass
class Served:
    """What runs behind the address, and clients for it."""

    url: str
    app: FastAPI
    gateway: Gateway
    toys: ToyPlugin
    token: str

    def client(self, token: str | None = None, **more: Any) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.token if token is None else token}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30, **more)

    def anonymous(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=30)


def make_gateway(folder: Path, toys: ToyPlugin) -> Gateway:
    store = open_store(f"sqlite:///{folder / 'openvna.db'}", load_vault(folder / "key", None))
    gateway = Gateway(store, load_plugin=toys.load, plugin_names=toys.names, workers=2)
    store.accounts.add_user("admin", PASSWORD)
    return gateway


@contextmanager
def running(folder: Path) -> Iterator[Served]:
    """A new store with a user and a token, behind its address."""
    toys = ToyPlugin()
    gateway = make_gateway(folder, toys)
    token, _ = gateway.store.accounts.add_token("tests", ("admin",), None)
    app = create_api(gateway, secure_cookies=False)
    try:
        with serving(app) as url:
            yield Served(url, app, gateway, toys, token)
    finally:
        if toys.world.gate is not None:
            toys.world.gate.set()
        gateway.close()
