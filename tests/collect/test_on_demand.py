"""One scope, one type, one resource: read now, and nothing else touched."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from openvna.collect import Gateway
from openvna.model import Conflict, InvalidInput, NotFound, Outcome, RunState, Scope
from openvna.store import Store, load_vault, open_store
from support.toy_plugin import DENIED, GOOD_TOKEN, NORTH, SOUTH, ToyPlugin, network, toy_gateway

TOKEN = {"credential": {"kind": "token", "token": GOOD_TOKEN}}


@pytest.fixture
def lab(gateway: Gateway, toys: ToyPlugin) -> Gateway:
    """A source `lab`, collected: two networks and a gateway in the north, one network in the south."""
    toys.world.scopes = [NORTH, SOUTH]
    toys.world.add(network("n-1"), network("n-2"), toy_gateway("g-1", network("n-1")), network("n-3", SOUTH))
    gateway.add_source("lab", "toy", TOKEN, interval=None)
    gateway.collect("lab")
    return gateway


def living(gateway: Gateway) -> set[str]:
    return {row.alias for row in gateway.store.resources.each()}


@pytest.mark.parametrize("name", [SOUTH.key, "south", "111122223333/south"])
def test_a_scope_is_collected_alone_by_its_key_or_parts_of_it(lab: Gateway, toys: ToyPlugin, name: str) -> None:
    toys.world.remove("n-1", "n-3")
    (run,) = lab.collect("lab", scopes=[name])
    assert (run.scope, run.state, run.deleted, run.extent) == (SOUTH.key, RunState.OK, 1, "this scope")
    assert living(lab) == {"n-1", "n-2", "g-1"}, "what is gone elsewhere was not looked at"


def test_an_account_is_all_its_scopes(lab: Gateway) -> None:
    assert {run.scope for run in lab.collect("lab", scopes=["111122223333"])} == {NORTH.key, SOUTH.key}


def test_a_scope_that_was_never_collected_is_found_first(lab: Gateway, toys: ToyPlugin) -> None:
    east = Scope("toy/111122223333/east", "toy", "111122223333", "east")
    toys.world.scopes.append(east)
    toys.world.add(network("n-9", east))
    (run,) = lab.collect("lab", scopes=["east"])
    assert (run.scope, run.created) == (east.key, 1)


def test_a_scope_that_there_is_not_is_refused_with_what_there_is(lab: Gateway) -> None:
    with pytest.raises(InvalidInput, match=r"no scope soth") as refused:
        lab.collect("lab", scopes=["soth"])
    assert refused.value.remedy.startswith("Did you mean south")
    assert {run.state for run in lab.store.runs.list().items} == {RunState.OK}, "the source is not at fault"


def test_a_resource_that_was_not_collected_yet_is_told_how_to_find(lab: Gateway) -> None:
    with pytest.raises(NotFound, match="There is no resource n-new") as refused:
        lab.collect("lab", resource="n-new")
    assert refused.value.remedy == "What was not collected yet is found by collecting its type or its scope."


def test_one_type_in_one_scope(lab: Gateway, toys: ToyPlugin) -> None:
    toys.world.remove("n-1", "g-1")
    (run,) = lab.collect("lab", scopes=["north"], types=["toy.gateway"])
    assert (run.deleted, run.extent) == (1, "toy.gateway")
    assert living(lab) == {"n-1", "n-2", "n-3"}


@pytest.mark.parametrize("by_id", [True, False])
def test_a_resource_is_refreshed(lab: Gateway, toys: ToyPlugin, by_id: bool) -> None:
    toys.world.by_id = by_id
    toys.world.remove("n-1")
    toys.world.add(network("n-1", cidr="10.7.0.0/16"))
    (run,) = lab.collect("lab", resource="n-1")
    assert (run.scope, run.updated, run.deleted, run.extent) == (NORTH.key, 1, 0, "n-1")
    assert lab.store.resources.get("n-1").resource.attributes["cidr"] == "10.7.0.0/16"


def test_refreshing_one_never_retires_another(lab: Gateway, toys: ToyPlugin) -> None:
    """`n-2` is gone, too: that is for the next listing to find."""
    toys.world.by_id = True
    toys.world.remove("n-1", "n-2")
    (run,) = lab.collect("lab", resource="n-1")
    assert (run.state, run.deleted) == (RunState.OK, 1)
    assert living(lab) == {"n-2", "g-1", "n-3"}


def test_what_could_not_be_asked_for_is_not_gone(lab: Gateway, toys: ToyPlugin) -> None:
    toys.world.by_id = True
    toys.world.remove("n-1")
    toys.world.problems[NORTH.key, "toy.network"] = DENIED
    (run,) = lab.collect("lab", resource="n-1")
    assert (run.state, run.deleted) == (RunState.FAILED, 0)
    assert living(lab) == {"n-1", "n-2", "g-1", "n-3"}
    lines = {line.outcome for line in lab.store.runs.coverage() if line.type == "toy.network"}
    assert lines == {Outcome.OK}, "nothing is said of how well the type is known"


def test_a_refreshed_resource_is_confirmed_and_the_others_are_as_they_were(lab: Gateway, toys: ToyPlugin) -> None:
    before = {alias: lab.store.resources.get(alias).resource.confirmed_at for alias in ("n-1", "n-2")}
    toys.world.by_id = True
    (run,) = lab.collect("lab", resource="n-1")
    after = lab.store.resources.get("n-1").resource.confirmed_at
    assert before["n-1"] is not None and after is not None
    assert after > before["n-1"]
    assert after >= run.started_at
    assert lab.store.resources.get("n-2").resource.confirmed_at == before["n-2"]


def test_a_refreshed_resource_is_known_though_its_type_could_not_be_listed(lab: Gateway, toys: ToyPlugin) -> None:
    toys.world.problems[NORTH.key, "toy.network"] = DENIED
    lab.collect("lab")
    assert lab.store.resources.get("n-1").resource.stale
    toys.world.problems.clear()
    toys.world.by_id = True
    lab.collect("lab", resource="n-1")
    assert not lab.store.resources.get("n-1").resource.stale
    assert lab.store.resources.get("n-2").resource.stale


def test_what_is_gone_can_be_asked_for_again(lab: Gateway, toys: ToyPlugin) -> None:
    toys.world.by_id = True
    toys.world.remove("n-1")
    lab.collect("lab", resource="n-1")
    toys.world.add(network("n-1"))
    (run,) = lab.collect("lab", resource="n-1")
    assert (run.created, lab.store.resources.get("n-1").resource.deleted_at) == (1, None)


def test_a_plugin_that_sends_others_than_the_one_is_not_believed(lab: Gateway, toys: ToyPlugin) -> None:
    toys.world.by_id, toys.world.answers_with = True, ("n-1", "n-2")
    toys.world.remove("n-2")
    toys.world.add(network("n-2", cidr="10.99.0.0/16"))
    lab.collect("lab", resource="n-1")
    assert lab.store.resources.get("n-2").resource.attributes["cidr"] != "10.99.0.0/16"


def test_a_resource_is_named_alone(lab: Gateway) -> None:
    with pytest.raises(InvalidInput, match="Types or scopes and a resource"):
        lab.collect("lab", resource="n-1", types=["toy.network"])
    with pytest.raises(NotFound):
        lab.collect("lab", resource="n-77")


def test_a_refresh_is_no_collection_for_the_schedule(lab: Gateway) -> None:
    before = lab.store.sources.get("lab").last_run_at
    lab.collect("lab", resource="n-1")
    lab.collect("lab", scopes=["south"])
    lab.collect("lab", types=["toy.network"])
    assert lab.store.sources.get("lab").last_run_at == before


def test_a_resource_is_refreshed_while_its_source_is_collected(lab: Gateway, toys: ToyPlugin) -> None:
    """Unless its own scope is being read: then it is refused, and says why."""
    elsewhere = lab.store.runs.begin(lab.store.sources.get("lab").id, SOUTH)
    (run,) = lab.collect("lab", resource="n-1")
    assert run.state is RunState.OK
    with pytest.raises(Conflict, match="being collected already"):
        lab.collect("lab", resource="n-3")
    elsewhere.finish()


def test_a_collection_comes_back_to_a_scope_that_was_busy(
    lab: Gateway, store: Store, toys: ToyPlugin, tmp_path: Path
) -> None:
    """Another process refreshes something in the north when the collection comes to it, and is done a moment later."""
    lab = Gateway(store, load_plugin=toys.load, plugin_names=toys.names, workers=1)
    other = open_store(f"sqlite:///{tmp_path / 'openvna.db'}", load_vault(tmp_path / "key", None))
    held = [other.runs.begin(other.sources.get("lab").id, NORTH, "n-1")]
    begin = lab.store.runs.begin

    def begun(source_id: str, scope: Scope, extent: str = "") -> object:
        try:
            return begin(source_id, scope, extent)
        finally:
            if scope == SOUTH and held:
                held.pop().finish()

    lab.store.runs.begin = begun  # type: ignore[method-assign,assignment]  # a moment that only a test can choose
    runs = {run.region: run.state for run in lab.collect("lab")}
    other.close()
    assert runs == {"north": RunState.OK, "south": RunState.OK}


def test_of_two_collections_of_one_scope_asked_for_at_once_one_runs(lab: Gateway, toys: ToyPlugin) -> None:
    import threading

    toys.world.gate = threading.Event()
    first = lab.start_collection("lab", scopes=["south"])
    assert toys.world.waiting.acquire(timeout=30), "the first one reads"
    second = lab.start_collection("lab", scopes=["south"])
    assert second.wait(10)
    assert isinstance(second.error, Conflict)
    toys.world.gate.set()
    assert first.wait(10)
    assert [run.state for run in first.runs] == [RunState.OK]


def test_a_shared_resource_is_asked_for_wherever_it_is_seen(lab: Gateway, toys: ToyPlugin) -> None:
    shared = replace(network("n-5", SOUTH), id=f"{NORTH.key}/shared/n-5")
    toys.world.scopes.append(Scope(f"{NORTH.key}/shared", "toy", NORTH.account, "shared"))
    toys.world.add(shared)
    lab.collect("lab")
    toys.world.by_id = True
    toys.world.remove("n-5")
    assert {run.region for run in lab.collect("lab", resource="n-5")} == {"north", "shared"}
    assert "n-5" not in living(lab)
