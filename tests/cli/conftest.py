"""Runs commands in this process, as the entry point runs them, over a data directory of the test."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import openvna.plugin
from openvna import log
from openvna.__main__ import run
from openvna.plugin import Plugin, load_plugin, plugin_names
from support.toy_plugin import NORTH, SOUTH, ToyPlugin, network, subnet, toy_gateway


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)

    def rows(self) -> list[list[str]]:
        """The cells of a table, its heading first."""
        return [line.split() for line in self.out.splitlines()]


Cli = Callable[..., Ended]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OPENVNA_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def toys(monkeypatch: pytest.MonkeyPatch) -> ToyPlugin:
    """The toy vendor, installed beside the plugins that come with OpenVNA."""
    installed = ToyPlugin()

    def load(name: str) -> Plugin:
        return installed if name == "toy" else load_plugin(name)

    monkeypatch.setattr(openvna.plugin, "load_plugin", load)
    monkeypatch.setattr(openvna.plugin, "plugin_names", lambda: (*plugin_names(), "toy"))
    return installed


@pytest.fixture
def cli(
    home: Path, toys: ToyPlugin, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Cli]:
    def call(*arguments: str, stdin: str = "") -> Ended:
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        capsys.readouterr()
        code = run(arguments)
        printed = capsys.readouterr()
        return Ended(code, printed.out, printed.err)

    yield call
    log.setup("warning", None, None)


@pytest.fixture
def lab(cli: Cli, toys: ToyPlugin, tmp_path: Path) -> Cli:
    """A source `lab` that was collected: n-1 (with s-1 and g-1) in the north, n-2 in the south."""
    north = network("n-1", name="core", env="prod")
    toys.world.scopes = [NORTH, SOUTH]
    toys.world.add(
        north,
        subnet("s-1", north, name="web", env="prod", tier="front"),
        toy_gateway("g-1", north),
        network("n-2", SOUTH, cidr="10.2.0.0/16"),
    )
    (tmp_path / "toy.json").write_text('{"credential": {"kind": "badge"}}')
    assert cli("source", "add", "toy", "lab", "--config", str(tmp_path / "toy.json")).code == 0
    assert cli("collect", "lab").code == 0
    return cli
