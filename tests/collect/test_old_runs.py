"""A collection forgets runs that are older than they are to be kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeAlias

import pytest

from openvna.collect import Gateway
from openvna.collect.old_runs import AT_ONCE, OldRuns
from openvna.model import RunState, StoreUnusable
from openvna.store import Store, load_vault, open_store
from support.toy_plugin import GOOD_TOKEN, NORTH, SOUTH, ToyPlugin

Opened: TypeAlias = Callable[..., Gateway]


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 5, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path / 'openvna.db'}", load_vault(tmp_path / "key", None), clock=clock) as opened:
        yield opened


@pytest.mark.parametrize(
    ("kept", "left"), [({}, 2), ({"runs_kept": timedelta(days=100)}, 4), ({"runs_kept": timedelta(0)}, 4)]
)
def test_after_91_days_they_are_gone(
    store: Store, toys: ToyPlugin, clock: Clock, kept: dict[str, timedelta], left: int
) -> None:
    """Two scopes, collected twice."""
    toys.world.scopes = [NORTH, SOUTH]
    gateway = Gateway(store, load_plugin=toys.load, plugin_names=toys.names, clock=clock, **kept)
    gateway.add_source("lab", "toy", {"credential": {"kind": "token", "token": GOOD_TOKEN}})
    gateway.collect("lab")
    clock.now += timedelta(days=91)
    now = gateway.collect("lab")
    found = [run.id for run in store.runs.list().items]
    assert len(found) == left
    assert {run.id for run in now} <= set(found)
    gateway.close()


@pytest.mark.parametrize("error", [StoreUnusable("Full.", "", ""), RuntimeError("a defect")], ids=["full", "defect"])
def test_that_they_cannot_be_forgotten_is_no_fault_of_the_collection(
    store: Store, toys: ToyPlugin, clock: Clock, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def broken(*_: object) -> int:
        raise error

    monkeypatch.setattr(store.runs, "forget", broken)
    gateway = Gateway(store, load_plugin=toys.load, plugin_names=toys.names, clock=clock)
    gateway.add_source("lab", "toy", {"credential": {"kind": "token", "token": GOOD_TOKEN}})
    assert [run.state for run in gateway.collect("lab")] == [RunState.OK]
    gateway.close()


def test_many_go_in_some_transactions_until_it_is_stopped(store: Store, clock: Clock) -> None:
    source = store.sources.add("lab", "toy", {}, {}, None, None)
    for _ in range(2 * AT_ONCE + 2):
        store.runs.begin(source.id, NORTH).finish()
        clock.now += timedelta(seconds=1)
    old = OldRuns(store, timedelta(seconds=1), clock)
    asked = iter([False, True])
    old.forget(lambda: next(asked))
    assert store.facts()["rows"]["run"] == AT_ONCE + 2  # type: ignore[index]  # the rows of each table
    old.forget(lambda: False)
    assert store.facts()["rows"]["run"] == 1  # type: ignore[index]  # the same
