"""A gateway over the toy vendor and a real store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from openvna.collect import Gateway
from openvna.store import Store, load_vault, open_store
from support import reader_threads
from support.toy_plugin import ToyPlugin


@pytest.fixture
def toys() -> ToyPlugin:
    return ToyPlugin()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(f"sqlite:///{tmp_path / 'openvna.db'}", load_vault(tmp_path / "key", None))


@pytest.fixture(params=["here", "elsewhere"])
def gateway(store: Store, toys: ToyPlugin, request: pytest.FixtureRequest) -> Iterator[Gateway]:
    """A collection reads in this process, or others read for it: nothing else may differ."""
    opened = Gateway(store, load_plugin=toys.load, plugin_names=toys.names, workers=4)
    if request.param == "elsewhere":
        reader_threads.start(opened)
    yield opened
    if toys.world.gate is not None:
        toys.world.gate.set()
    opened.close()
