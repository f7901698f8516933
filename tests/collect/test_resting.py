"""Scopes with nothing of anyone's in them rest, and wake when something is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeAlias

import pytest

from openvna.collect import Gateway
from openvna.model import Resource, RunState
from openvna.store import RunRow, load_vault, open_store
from support.toy_plugin import DENIED, GOOD_TOKEN, NORTH, SOUTH, ToyPlugin, network, subnet, toy_gateway

TOKEN = {"credential": {"kind": "token", "token": GOOD_TOKEN}}
Due: TypeAlias = Callable[..., dict[str, list[RunRow]]]
"""A collection by the schedule: the runs by region."""

QUARTER = timedelta(minutes=15)


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 5, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, time: timedelta) -> None:
        self.now += time


def given(alias: str) -> Resource:
    """A network that the vendor puts there by itself."""
    return replace(network(alias, SOUTH), attributes={"cidr": "172.31.0.0/16", "state": "given"})


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def lab(tmp_path: Path, toys: ToyPlugin, clock: Clock) -> Iterator[Gateway]:
    """A source that is collected every 15 minutes: a network in the north, in the south only what the vendor gives."""
    store = open_store(f"sqlite:///{tmp_path / 'openvna.db'}", load_vault(tmp_path / "key", None), clock=clock)
    toys.world.lets_rest = True
    toys.world.scopes = [NORTH, SOUTH]
    toys.world.add(network("n-1"), given("n-0"))
    gateway = Gateway(store, load_plugin=toys.load, plugin_names=toys.names, workers=2, clock=clock)
    gateway.add_source("lab", "toy", TOKEN, interval=int(QUARTER.total_seconds()))
    yield gateway
    gateway.close()


@pytest.fixture
def due(lab: Gateway, clock: Clock) -> Due:
    """The source is collected by the schedule: now, or so long after. The runs by region, in their order."""

    def collected(after: timedelta = timedelta(0)) -> dict[str, list[RunRow]]:
        clock.forward(after)
        source = lab.store.sources.get("lab")
        collection = lab._dispatch.start(source, lab.spec("toy"), scheduled=True)
        assert collection.wait(30)
        runs: dict[str, list[RunRow]] = {}
        for run in collection.runs:
            runs.setdefault(run.region, []).append(run)
        return runs

    return collected


def types(lab: Gateway, run: RunRow) -> set[str]:
    return {line.type for line in lab.store.runs.ledger(run.id)}


EVERY = {"toy.network", "toy.subnet", "toy.gateway"}


def test_a_scope_that_was_found_empty_is_only_looked_at(lab: Gateway, due: Due) -> None:
    first = due()
    assert {region: types(lab, run) for region, (run,) in first.items()} == {"north": EVERY, "south": EVERY}
    second = due(QUARTER)
    assert types(lab, second["north"][0]) == EVERY
    (look,) = second["south"]
    assert (types(lab, look), look.extent, look.state) == ({"toy.network"}, "look", RunState.OK)


def test_it_rests_twice_as_long_each_time_up_to_the_bound(lab: Gateway, clock: Clock, due: Due) -> None:
    rests = []
    for _ in range(9):
        due()
        _, south = lab.store.scopes.list(lab.store.sources.get("lab").id)
        assert south.rests_until is not None
        rests.append(south.rests_until - clock.now)
        clock.now = south.rests_until
    # 15 minutes doubled, and doubled again; seven doublings are 32 hours, more than a day.
    hours = [0.5, 1, 2, 4, 8, 16, 24, 24, 24]
    assert [each.total_seconds() / 3600 for each in rests] == hours


def test_something_new_is_found_by_the_next_look_and_all_of_it_is_read_at_once(
    lab: Gateway, toys: ToyPlugin, due: Due
) -> None:
    due()
    mine = network("n-2", SOUTH)
    toys.world.add(mine, subnet("s-2", mine, SOUTH))
    look, whole = due(QUARTER)["south"]
    assert (look.extent, look.created) == ("look", 1)
    assert (types(lab, whole), whole.created) == (EVERY, 1)
    assert lab.store.resources.get("s-2").resource.deleted_at is None
    assert types(lab, due(QUARTER)["south"][0]) == EVERY, "it does not rest any more"


def test_what_no_look_shows_is_found_when_the_rest_is_over(lab: Gateway, toys: ToyPlugin, due: Due) -> None:
    due()
    toys.world.add(toy_gateway("g-9", given("n-0"), SOUTH))
    (look,) = due(QUARTER)["south"]
    assert look.extent == "look"
    (whole,) = due(QUARTER)["south"]
    assert (whole.extent, whole.created) == ("", 1)


@pytest.mark.parametrize("trouble", ["whole", "look"])
def test_a_scope_of_which_not_all_is_known_does_not_rest(lab: Gateway, toys: ToyPlugin, due: Due, trouble: str) -> None:
    if trouble == "look":
        due()
    toys.world.problems[SOUTH.key, "toy.network"] = DENIED
    due(QUARTER)
    toys.world.problems.clear()
    assert types(lab, due(QUARTER)["south"][-1]) == EVERY


def test_on_demand_a_scope_is_read_though_it_rests(lab: Gateway, due: Due) -> None:
    due()
    runs = {run.region: run for run in lab.collect("lab")}
    assert types(lab, runs["south"]) == EVERY
    (run,) = lab.collect("lab", scopes=["south"])
    assert types(lab, run) == EVERY


def test_without_an_interval_or_a_bound_nothing_rests(lab: Gateway, toys: ToyPlugin, tmp_path: Path) -> None:
    lab.edit_source("lab", interval="never")
    lab.collect("lab")
    source = lab.store.sources.get("lab").id
    assert [scope.rests_until for scope in lab.store.scopes.list(source)] == [None, None]
    lab.edit_source("lab", interval=900)
    awake = Gateway(lab.store, load_plugin=toys.load, plugin_names=toys.names, rest=timedelta(0))
    awake.collect("lab")
    assert [scope.rests_until for scope in lab.store.scopes.list(source)] == [None, None]


def test_a_look_is_a_collection_for_the_schedule(lab: Gateway, toys: ToyPlugin, clock: Clock, due: Due) -> None:
    """Else a source of which every scope rests were due again at once."""
    toys.world.scopes = [SOUTH]
    due()
    due(QUARTER)
    assert lab.store.sources.get("lab").last_run_at == clock.now


def test_one_knows_when_a_resting_scope_was_looked_at_and_when_it_is_read_again(
    lab: Gateway, clock: Clock, due: Due
) -> None:
    due()
    whole = clock.now
    due(QUARTER)
    north, south = lab.store.scopes.list(lab.store.sources.get("lab").id)
    assert (north.resources, north.looked_at, north.complete_at, north.rests_until) == (1, clock.now, clock.now, None)
    assert (south.resources, south.looked_at, south.complete_at) == (1, clock.now, whole)
    assert south.rests_until == whole + 2 * QUARTER
