"""A dry run tells what a collection will ask, and asks nothing itself but for the scopes."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest

from openvna.collect import Gateway, ScheduleForecast
from openvna.collect.forecast import DETAILED
from openvna.model import InvalidInput, Scope
from openvna.plugin import ScopeProblem
from support.toy_plugin import ACCOUNT, DENIED, GOOD_TOKEN, NORTH, SOUTH, ToyPlugin, network

TOKEN = {"credential": {"kind": "token", "token": GOOD_TOKEN}}


@pytest.fixture
def lab(gateway: Gateway, toys: ToyPlugin) -> Gateway:
    toys.world.scopes = [NORTH, SOUTH]
    toys.world.add(network("n-1", NORTH), network("n-2", NORTH), network("n-3", NORTH), network("n-4", SOUTH))
    gateway.add_source("lab", "toy", TOKEN, interval=None)
    return gateway


def test_before_the_first_collection_only_discovery_tells(lab: Gateway) -> None:
    nothing = lab.forecast("lab")
    assert (nothing.scopes, nothing.calls, nothing.apis) == (0, 0, ())
    assert "No scope is known" in nothing.notes[0]
    found = lab.forecast("lab", discover=True)
    # Three lists in each of two regions; what hangs on what is found is not known yet.
    assert (found.discovered, found.scopes, found.new_scopes, found.calls, found.fixed) == (True, 2, 2, 6, 6)
    assert any("never collected" in note for note in found.notes)
    assert lab.store.runs.list().items == (), "nothing was collected"


def test_afterwards_what_was_found_counts(lab: Gateway) -> None:
    """In the north a list and one call for each of three networks: 4, of which 2 go at once and 2 at one a second."""
    lab.collect("lab")
    told = lab.forecast("lab")
    assert (told.discovered, told.scopes, told.new_scopes, told.calls, told.fixed) == (False, 2, 0, 10, 6)
    north, south = told.places
    assert (north.account, north.region, north.calls, north.seconds, north.slowest) == (
        *(ACCOUNT, "north", 6, 2.0),
        "toy:ListNetworks",
    )
    assert (south.region, south.calls, south.seconds, south.slowest) == ("south", 4, 0.0, "")
    networks = told.apis[0]
    assert (networks.api, networks.calls, networks.fixed, networks.places) == ("toy:ListNetworks", 6, 2, 2)
    assert (networks.at_once, networks.per_second, networks.said_by) == (2.0, 1.0, "the makers of toys")
    assert told.seconds == 2.0
    assert any("6 of the 10 calls" in note for note in told.notes)


@pytest.mark.parametrize("discover", [True, False])
def test_a_scope_that_does_not_exist_is_refused_with_a_near_one(lab: Gateway, discover: bool) -> None:
    lab.collect("lab")
    with pytest.raises(InvalidInput, match="has no scope soth") as refused:
        lab.forecast("lab", scopes=["soth"], discover=discover)
    assert refused.value.remedy == "Did you mean south or north?"


def test_what_is_sure_is_said_to_be(lab: Gateway) -> None:
    found = lab.forecast("lab", discover=True)
    assert "All 6 calls are made whatever there is: one for each list." in found.notes
    found = lab.forecast("lab", discover=True, types=["toy.subnet"], scopes=["south"])
    assert "The one call is made whatever there is." in found.notes


def test_what_is_read_while_the_scopes_are_looked_for_is_none_of_them(lab: Gateway, toys: ToyPlugin) -> None:
    toys.world.scopes = [NORTH, SOUTH, Scope("toy/organization", "toy", "", "")]
    asked = lab.forecast("lab", discover=True)
    lab.collect("lab")
    assert (asked.scopes, lab.forecast("lab").scopes) == (2, 2)


def test_a_part_of_it(lab: Gateway) -> None:
    lab.collect("lab")
    assert lab.forecast("lab", types=["toy.subnet"]).calls == 2
    assert lab.forecast("lab", scopes=["south"]).calls == 4
    assert lab.forecast("lab", scopes=["south"], discover=True).calls == 4
    assert [api.api for api in lab.forecast("lab", resource="n-1").apis] == ["toy:ListNetworks"]


def test_a_scope_that_cannot_be_entered_is_told(lab: Gateway, toys: ToyPlugin) -> None:
    toys.world.scopes = [SOUTH]
    toys.world.closed = [ScopeProblem(NORTH, DENIED)]
    told = lab.forecast("lab", discover=True)
    assert told.scopes == 1
    assert [(one.region, one.failure.cause) for one in told.refused] == [("north", "TOY-DENIED")]


def test_of_many_places_the_apis_are_told_together(lab: Gateway, toys: ToyPlugin) -> None:
    few = lab.forecast("lab", discover=True)
    assert all(len(place.apis) == 3 for place in few.places)
    toys.world.scopes = [Scope(f"toy/{n:012}/north", "toy", f"{n:012}", "north") for n in range(DETAILED + 1)]
    many = lab.forecast("lab", discover=True)
    assert len(many.places) == DETAILED + 1
    assert all(place.apis == () for place in many.places)
    assert [api.places for api in many.apis] == [DETAILED + 1] * 3


def test_many_places_that_wait_are_faster_side_by_side(gateway: Gateway, toys: ToyPlugin) -> None:
    """Twelve networks in each of six places: 13 calls, 2 at once and 11 at one a second. Four side by side take 16.5 s,
    all six 11 s."""
    toys.world.scopes = [Scope(f"toy/{n:012}/north", "toy", f"{n:012}", "north") for n in range(6)]
    toys.world.add(*(network(f"n-{n}-{scope.account}", scope) for scope in toys.world.scopes for n in range(12)))
    gateway.add_source("many", "toy", TOKEN, interval=None)
    gateway.collect("many")
    told = gateway.forecast("many")
    assert told.workers == 4
    assert told.seconds == 16.5
    assert "11.0 s at least" in told.notes[-1]


def test_a_plugin_that_cannot_tell_is_said_to(lab: Gateway, toys: ToyPlugin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lab._settings, "_load", lambda _name: SimpleNamespace(spec=toys.spec, open=toys.open))
    with pytest.raises(InvalidInput, match="Nobody knows"):
        lab.forecast("lab")


class TestOfTheSchedule:
    def test_what_rests_is_counted_as_a_look(self, lab: Gateway, toys: ToyPlugin) -> None:
        """On demand 10 calls, as above. The south rests: of its 4 only the list of networks and the one for its network
        are asked there, for which 2 calls go at once."""
        toys.world.lets_rest = True
        source = lab.edit_source("lab", interval=900)
        lab.collect("lab")
        nothing_rests = lab.forecast("lab")
        assert nothing_rests.scheduled == ScheduleForecast(resting=0, calls=10, seconds=2.0)
        lab.store.scopes.rest(source.id, SOUTH.key, True, timedelta(minutes=15), timedelta(hours=24))
        told = lab.forecast("lab")
        assert (told.calls, told.seconds) == (10, 2.0)
        assert told.scheduled == ScheduleForecast(resting=1, calls=8, seconds=2.0)
        (said,) = [note for note in told.notes if "rest," in note]
        assert said.startswith("1 of the scopes rest")
        part = lab.forecast("lab", types=["toy.network"])
        assert not [note for note in part.notes if "rest," in note], "the schedule does not collect parts"

    def test_where_all_rest_there_are_looks_alone(self, lab: Gateway, toys: ToyPlugin) -> None:
        """North: a list and three networks, 2 at once and 2 at one a second. South: 2."""
        toys.world.lets_rest = True
        source = lab.edit_source("lab", interval=900)
        lab.collect("lab")
        for scope in (NORTH, SOUTH):
            lab.store.scopes.rest(source.id, scope.key, True, timedelta(minutes=15), timedelta(hours=24))
        assert lab.forecast("lab").scheduled == ScheduleForecast(resting=2, calls=6, seconds=2.0)

    def test_there_is_nothing_to_tell_where_it_does_not_collect_the_source(self, lab: Gateway) -> None:
        lab.collect("lab")
        assert lab.forecast("lab").scheduled is None
        lab.edit_source("lab", interval=900)
        assert lab.forecast("lab").scheduled is not None
        assert lab.forecast("lab", types=["toy.subnet"]).scheduled is None
        lab.pause_source("lab", True)
        assert lab.forecast("lab").scheduled is None
