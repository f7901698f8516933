"""Fixtures: a served REST interface, and a client for it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from openvna.log import setup
from rest.served import Served, running


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with running(tmp_path) as one:
        yield one


@pytest.fixture
def api(served: Served) -> Iterator[httpx.Client]:
    """A client with an admin token."""
    with served.client() as client:
        yield client


@pytest.fixture
def log_lines(tmp_path: Path) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """Everything that the log file holds by now, at its most talkative."""
    file = tmp_path / "openvna.log"
    setup("debug", file, None)
    yield lambda: [json.loads(line) for line in file.read_text().splitlines()]
    setup("info", None, None)
