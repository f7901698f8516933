"""Collecting: what fails stays in the runs, what works goes on, and everything can be watched."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from openvna.collect import Gateway, Phase, Progress
from openvna.collect.source_collection import Stop
from openvna.model import Conflict, InvalidInput, Outcome, RunState, Scope, SourceUnusable
from openvna.plugin import ScopeProblem
from openvna.store import load_vault, open_store
from support.toy_plugin import DENIED, GOOD_TOKEN, NORTH, SOUTH, ToyPlugin, network, subnet, toy_gateway

TOKEN = {"credential": {"kind": "token", "token": GOOD_TOKEN}}


@pytest.fixture
def lab(gateway: Gateway, toys: ToyPlugin) -> Gateway:
    """A source `lab` with two scopes: a network with a subnet and a gateway in the north, a network in the south."""
    north = network("n-1")
    toys.world.scopes = [NORTH, SOUTH]
    toys.world.add(north, subnet("s-1", north), toy_gateway("g-1", north), network("n-2", SOUTH))
    gateway.add_source("lab", "toy", TOKEN, interval=None)
    return gateway


def test_every_scope_is_collected_with_its_own_run(lab: Gateway) -> None:
    runs = {run.region: run for run in lab.collect("lab")}
    assert {region: (run.state, run.seen, run.created) for region, run in runs.items()} == {
        "north": (RunState.OK, 3, 3),
        "south": (RunState.OK, 1, 1),
    }
    assert lab.store.resources.counts() == {"toy.gateway": 1, "toy.network": 2, "toy.subnet": 1}


def test_what_is_gone_is_retired_and_what_changed_is_a_change(lab: Gateway, toys: ToyPlugin) -> None:
    lab.collect("lab")
    toys.world.remove("s-1", "n-2")
    toys.world.add(network("n-2", SOUTH, cidr="10.9.0.0/16"))
    runs = {run.region: run for run in lab.collect("lab")}
    assert (runs["north"].deleted, runs["south"].updated) == (1, 1)


def test_a_denied_type_stays_in_the_ledger_and_deletes_nothing(lab: Gateway, toys: ToyPlugin) -> None:
    lab.collect("lab")
    toys.world.problems[(NORTH.key, "toy.gateway")] = DENIED
    toys.world.remove("g-1")
    runs = {run.region: run for run in lab.collect("lab")}
    assert (runs["north"].state, runs["south"].state) == (RunState.PARTIAL, RunState.OK)
    (row,) = [row for row in lab.store.runs.ledger(runs["north"].id) if row.type == "toy.gateway"]
    assert (row.outcome, row.failure) == (Outcome.DENIED, DENIED)
    assert lab.store.resources.get("g-1").resource.stale


def test_a_closed_scope_is_a_failed_run_and_the_others_go_on(lab: Gateway, toys: ToyPlugin) -> None:
    toys.world.scopes = [SOUTH]
    toys.world.closed = [ScopeProblem(NORTH, DENIED)]
    runs = {run.region: run for run in lab.collect("lab")}
    assert (runs["north"].state, runs["north"].failure) == (RunState.FAILED, DENIED)
    assert runs["south"].state is RunState.OK


def test_a_plugin_that_raises_fails_its_scope_alone(lab: Gateway, toys: ToyPlugin) -> None:
    toys.world.broken[NORTH.key] = ValueError(f"no such thing: {GOOD_TOKEN}")
    runs = {run.region: run for run in lab.collect("lab")}
    north = runs["north"]
    assert (north.state, runs["south"].state) == (RunState.FAILED, RunState.OK)
    assert north.failure is not None
    assert north.failure.message == "The plugin broke: ValueError: no such thing: ***"
    outcomes = {row.type: row.outcome for row in lab.store.runs.ledger(north.id)}
    # The first type had been completed before; nothing may be concluded for the others.
    assert outcomes == {"toy.network": Outcome.OK, "toy.subnet": Outcome.FAILED, "toy.gateway": Outcome.FAILED}


def test_a_type_without_an_end_is_a_problem(lab: Gateway, toys: ToyPlugin) -> None:
    lab.collect("lab")
    toys.world.silent.add((NORTH.key, "toy.subnet"))
    toys.world.remove("s-1")
    runs = {run.region: run for run in lab.collect("lab")}
    assert runs["north"].state is RunState.PARTIAL
    assert lab.store.resources.get("s-1").resource.deleted_at is None


def test_a_second_completion_does_not_retire_what_the_first_one_kept(lab: Gateway, toys: ToyPlugin) -> None:
    original = toys.open

    def open_twice(config: object, keep: object = None) -> object:
        session = original(config)  # type: ignore[arg-type]
        once = session.collect

        def collect(scope: object, types: object = None, before: object = None) -> object:
            yield from (events := list(once(scope, types)))  # type: ignore[arg-type]
            yield from [event for event in events if type(event).__name__ == "Complete"]

        session.collect = collect  # type: ignore[method-assign,assignment]
        return session

    toys.open = open_twice  # type: ignore[method-assign,assignment]
    assert {run.deleted for run in lab.collect("lab")} == {0}
    assert lab.store.resources.counts()["toy.network"] == 2


def test_only_the_wanted_types(lab: Gateway) -> None:
    runs = lab.collect("lab", types=["toy.network"])
    assert {row.type for run in runs for row in lab.store.runs.ledger(run.id)} == {"toy.network"}


def test_an_unknown_type_is_refused_with_a_near_one(lab: Gateway) -> None:
    with pytest.raises(InvalidInput, match=r"Did you mean toy\.network\b"):
        lab.collect("lab", types=["toy.netwrok"])


def test_a_source_that_cannot_be_opened_is_said_and_kept(lab: Gateway, toys: ToyPlugin) -> None:
    toys.world.accepts = set()
    with pytest.raises(SourceUnusable, match="refused the token"):
        lab.collect("lab")
    (run,) = lab.store.runs.list().items
    assert (run.state, run.scope) == (RunState.FAILED, "*")
    assert run.failure is not None
    assert run.failure.remedy == "Copy the token again."


def test_a_source_that_cannot_be_opened_is_said_with_its_cause(lab: Gateway, toys: ToyPlugin) -> None:
    toys.world.unusable = SourceUnusable("The token ran out.", "It was made last year.", "Make a new one.")
    toys.world.unusable.cause = "TOY-WRONG-TOKEN"
    with pytest.raises(SourceUnusable):
        lab.collect("lab")
    (run,) = lab.store.runs.list(limit=1).items
    assert run.failure is not None
    assert run.failure.cause == "TOY-WRONG-TOKEN"


def test_no_plugin_gets_a_secret_into_a_run(lab: Gateway, toys: ToyPlugin) -> None:
    told = replace(DENIED, message=f"not with {GOOD_TOKEN}")
    toys.world.problems[NORTH.key, "toy.gateway"] = told
    toys.world.closed = [ScopeProblem(Scope("toy/east", "toy", "1", "east"), told)]
    runs = {run.scope: run for run in lab.collect("lab")}
    assert runs["toy/east"].failure == replace(DENIED, message="not with ***")
    (row,) = [row for row in lab.store.runs.ledger(runs[NORTH.key].id) if row.failure]
    assert row.failure == replace(DENIED, message="not with ***")


def test_progress_tells_the_whole_story(lab: Gateway, toys: ToyPlugin) -> None:
    toys.world.scopes = [NORTH]
    events: list[Progress] = []
    lab.collect("lab", on_progress=events.append)
    assert [(event.phase, event.type, event.seen, event.done, event.total) for event in events] == [
        (Phase.DISCOVERED, "", 0, 0, 1),
        (Phase.SCOPE_STARTED, "", 0, 0, 1),
        (Phase.LISTED, "toy.network", 1, 1, 3),
        (Phase.LISTED, "toy.subnet", 1, 2, 3),
        (Phase.LISTED, "toy.gateway", 1, 3, 3),
        (Phase.SCOPE_FINISHED, "", 3, 1, 1),
        (Phase.FINISHED, "", 0, 1, 1),
    ]


def test_a_late_listener_hears_everything_from_the_start(lab: Gateway) -> None:
    collection = lab.start_collection("lab")
    assert collection.wait(30)
    phases = [event.phase for event in collection.events() if event]
    assert phases[0] is Phase.DISCOVERED
    assert phases[-1] is Phase.FINISHED
    assert collection in lab.collections()


def test_a_listener_to_everything_hears_from_its_call_on(lab: Gateway) -> None:
    heard = lab.progress()
    collection = lab.start_collection("lab")
    phases = []
    for event in heard:
        assert event is not None
        phases.append(event.phase)
        if event.phase is Phase.FINISHED:
            break
    assert collection.wait(30)
    assert phases[0] is Phase.DISCOVERED


def test_silence_is_told_to_who_asks_for_it(lab: Gateway, toys: ToyPlugin) -> None:
    toys.world.gate = threading.Event()
    collection = lab.start_collection("lab")
    toys.world.waiting.acquire()
    toys.world.waiting.acquire()
    events = collection.events(timeout=0.01)
    assert next(event for event in events if event is None or event.phase is Phase.LISTED) is None
    assert next(lab.progress(timeout=0.01)) is None


def test_scopes_are_collected_side_by_side(lab: Gateway, toys: ToyPlugin) -> None:
    toys.world.gate = threading.Event()
    collection = lab.start_collection("lab")
    # Both scopes wait for the gate at once: none waits for the other's end.
    assert toys.world.waiting.acquire(timeout=30)
    assert toys.world.waiting.acquire(timeout=30)
    toys.world.gate.set()
    assert collection.wait(30)


def test_no_more_scopes_than_workers_run_at_once(tmp_path: Path, toys: ToyPlugin) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'other.db'}", load_vault(tmp_path / "key", None))
    gateway = Gateway(store, load_plugin=toys.load, plugin_names=toys.names, workers=1)
    toys.world.scopes = [NORTH, SOUTH]
    toys.world.add(network("n-1"), network("n-2", SOUTH))
    gateway.add_source("lab", "toy", TOKEN, interval=None)
    toys.world.gate = threading.Event()
    collection = gateway.start_collection("lab")
    assert toys.world.waiting.acquire(timeout=30)
    assert not toys.world.waiting.acquire(timeout=0.3)
    toys.world.gate.set()
    assert collection.wait(30)
    assert len(collection.runs) == 2
    gateway.close()


def test_a_source_is_collected_once_at_a_time(lab: Gateway, toys: ToyPlugin) -> None:
    toys.world.gate = threading.Event()
    collection = lab.start_collection("lab")
    assert toys.world.waiting.acquire(timeout=30)
    with pytest.raises(Conflict, match="is being collected"):
        lab.start_collection("lab")
    with pytest.raises(Conflict, match="is being collected"):
        lab.delete_source("lab", confirm="lab")
    toys.world.gate.set()
    assert collection.wait(30)
    assert len(lab.collect("lab")) == 2


def test_a_scope_that_another_process_collects_is_left_to_it(lab: Gateway, toys: ToyPlugin, tmp_path: Path) -> None:
    toys.world.gate = threading.Event()
    collection = lab.start_collection("lab")
    assert toys.world.waiting.acquire(timeout=30)
    assert toys.world.waiting.acquire(timeout=30)
    other = Gateway(
        open_store(f"sqlite:///{tmp_path / 'openvna.db'}", load_vault(tmp_path / "key", None)),
        load_plugin=toys.load,
        plugin_names=toys.names,
    )
    with pytest.raises(Conflict):
        other.collect("lab")
    other.close()
    toys.world.gate.set()
    assert collection.wait(30)
    assert {run.state for run in collection.runs} == {RunState.OK}


def test_closing_lets_listings_end_at_their_next_record(lab: Gateway, toys: ToyPlugin) -> None:
    toys.world.gate = threading.Event()
    collection = lab.start_collection("lab")
    listener = lab.progress()
    assert toys.world.waiting.acquire(timeout=30)
    assert toys.world.waiting.acquire(timeout=30)
    lab.hang_up()
    assert [event for event in listener if event is None] == []  # it ended, without anyone waiting for a record
    toys.world.gate.set()
    assert collection.wait(30)
    assert {run.state for run in collection.runs} == {RunState.FAILED}
    assert lab.store.resources.counts() == {}
    with pytest.raises(Conflict, match="stopping"):
        lab.start_collection("lab")


def test_a_session_that_waits_is_told_to_end(lab: Gateway, toys: ToyPlugin) -> None:
    toys.world.gate = threading.Event()
    original = toys.open

    def open_hanging_up(config: object, keep: object = None) -> object:
        session = original(config)  # type: ignore[arg-type]
        session.hang_up = toys.world.gate.set  # type: ignore[attr-defined]
        return session

    toys.open = open_hanging_up  # type: ignore[method-assign,assignment]
    collection = lab.start_collection("lab")
    assert toys.world.waiting.acquire(timeout=30)
    began = time.monotonic()
    collection.stop.set()
    assert collection.wait(5)
    assert time.monotonic() - began < 1
    assert {run.state for run in collection.runs} == {RunState.FAILED}


def test_whoever_comes_after_the_stop_is_told_at_once_and_nobody_twice() -> None:
    stop, told = Stop(), []
    with stop.telling(lambda: told.append("early")):
        stop.set()
    with stop.telling(lambda: told.append("late")):
        assert told == ["early", "late"]
    stop.set()
    assert told == ["early", "late"], "both have gone"


def test_closing_does_not_wait_for_a_listing_that_hangs(lab: Gateway, toys: ToyPlugin) -> None:
    """It hangs for a minute and is given four seconds; on a busy machine they take a little longer."""
    toys.world.gate = threading.Event()
    lab.start_collection("lab")
    assert toys.world.waiting.acquire(timeout=30)
    began = time.monotonic()
    lab.close()
    assert time.monotonic() - began < 20


def test_listing_is_reported_a_few_times_a_second_at_most(
    lab: Gateway, toys: ToyPlugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clock that moves by 125 ms a batch of 50: of every three batches one is told."""
    from openvna.collect import scope_run

    ticks = iter(range(10**9))
    monkeypatch.setattr(scope_run, "time", SimpleNamespace(monotonic=lambda: next(ticks) * 0.125))
    toys.world.scopes = [SOUTH]
    toys.world.add(*(network(f"x-{number}", SOUTH) for number in range(599)))
    events: list[Progress] = []
    lab.collect("lab", on_progress=events.append)
    listing = [event for event in events if event.phase is Phase.LISTING]
    assert [event.seen for event in listing] == [150, 300, 450, 600]
    assert all(event.type == "toy.network" for event in listing)


def test_a_scope_that_is_not_found_any_more_is_told_once_and_what_it_held_stays_as_last_seen(
    lab: Gateway, toys: ToyPlugin
) -> None:
    lab.collect("lab")
    toys.world.scopes = [NORTH]
    runs = {run.region: run for run in lab.collect("lab")}
    assert runs["north"].state is RunState.OK
    failure = runs["south"].failure
    assert failure is not None
    assert failure.outcome is Outcome.UNKNOWN
    assert "as last seen" in failure.message
    assert not lab.store.changes.list(kind="deleted").items
    assert lab.store.resources.get("n-2").resource.stale
    assert not lab.store.resources.get("n-1").resource.stale
    assert [run.region for run in lab.collect("lab")] == ["north"]
    toys.world.scopes = [NORTH, SOUTH]
    assert {run.region: run.state for run in lab.collect("lab")} == {"north": RunState.OK, "south": RunState.OK}
    assert not lab.store.resources.get("n-2").resource.stale


GONE = "The account 111122223333 is closed."


def test_what_a_scope_held_that_surely_left_is_retired_with_the_reason(lab: Gateway, toys: ToyPlugin) -> None:
    lab.collect("lab")
    toys.world.scopes, toys.world.left = [NORTH], {SOUTH.key: GONE}
    runs = {run.region: run for run in lab.collect("lab")}
    assert (runs["south"].state, runs["south"].deleted, runs["north"].deleted) == (RunState.OK, 1, 0)
    (change,) = lab.store.changes.list(run_id=runs["south"].id).items
    assert (change.kind, change.alias, change.reason) == ("deleted", "n-2", GONE)
    assert lab.store.resources.get("n-2").resource.deleted_at == change.at
    assert {line.region for line in lab.store.runs.coverage()} == {"north"}, "nothing is expected there any more"
    assert [run.region for run in lab.collect("lab")] == ["north"], "it is said once"


def test_a_scope_that_comes_back_is_there_again_with_its_history(lab: Gateway, toys: ToyPlugin) -> None:
    lab.collect("lab")
    toys.world.scopes, toys.world.left = [NORTH], {SOUTH.key: GONE}
    lab.collect("lab")
    toys.world.scopes = [NORTH, SOUTH]
    lab.collect("lab")
    changes = lab.store.changes.list(resource_id="n-2").items
    assert [(change.kind, change.reason) for change in changes] == [("created", ""), ("deleted", GONE), ("created", "")]
    assert lab.store.resources.get("n-2").resource.deleted_at is None


def test_a_scope_that_was_not_found_for_a_while_is_retired_once_it_surely_left(lab: Gateway, toys: ToyPlugin) -> None:
    lab.collect("lab")
    toys.world.scopes = [NORTH]
    lab.collect("lab")
    toys.world.left = {SOUTH.key: GONE}
    runs = {run.region: run for run in lab.collect("lab")}
    assert runs["south"].deleted == 1


def test_what_another_scope_still_sees_does_not_leave_with_the_one_that_left(lab: Gateway, toys: ToyPlugin) -> None:
    """A network that is shared from the south: seen from both, it is there for as long as one of them sees it."""
    shared = replace(network("n-9", SOUTH), id=f"{NORTH.key}/shared/n-9")
    toys.world.add(shared)
    both = [NORTH, Scope(f"{NORTH.key}/shared", "toy", NORTH.account, "shared")]
    toys.world.scopes = both
    lab.collect("lab")
    toys.world.scopes, toys.world.left = both[:1], {both[1].key: GONE}
    lab.collect("lab")
    assert lab.store.resources.get("n-9").resource.deleted_at is None


@pytest.mark.parametrize("doubt", ["*", "what it is in", "nothing found"])
def test_nothing_leaves_where_the_finding_itself_is_in_doubt(lab: Gateway, toys: ToyPlugin, doubt: str) -> None:
    lab.collect("lab")
    toys.world.left = {SOUTH.key: GONE}
    toys.world.scopes = [] if doubt == "nothing found" else [NORTH]
    if doubt == "*":
        toys.world.unusable = SourceUnusable("The organization could not be read.", "", "Try again.")
        with pytest.raises(SourceUnusable):
            lab.collect("lab")
    else:
        toys.world.closed = [ScopeProblem(Scope("toy", "toy", "", ""), DENIED)] if doubt == "what it is in" else []
        lab.collect("lab")
    assert lab.store.resources.get("n-2").resource.deleted_at is None


def test_a_scope_has_not_left_while_what_it_is_in_could_not_be_entered(lab: Gateway, toys: ToyPlugin) -> None:
    """An account whose role refuses us for once is still there, with all its regions."""
    lab.collect("lab")
    toys.world.scopes = []
    whole = Scope(NORTH.key.rpartition("/")[0], "toy", NORTH.account, "")
    toys.world.closed = [ScopeProblem(whole, DENIED)]
    (run,) = lab.collect("lab")
    assert (run.scope, run.failure) == (whole.key, DENIED)
    # Nobody knows what is there now, and why is told where the resources are.
    assert lab.store.resources.get("n-2").resource.stale
    assert {line.outcome for line in lab.store.runs.coverage() if line.region == "south"} == {Outcome.DENIED}


def test_what_is_in_something_that_left_has_left_though_that_is_told_as_a_problem(
    lab: Gateway, toys: ToyPlugin
) -> None:
    """A closed account that the settings still name."""
    lab.collect("lab")
    whole = Scope(NORTH.key.rpartition("/")[0], "toy", NORTH.account, "")
    toys.world.scopes, toys.world.closed = [], [ScopeProblem(whole, DENIED)]
    toys.world.left = {whole.key: GONE, NORTH.key: GONE, SOUTH.key: GONE}
    runs = {run.scope: run for run in lab.collect("lab")}
    assert (runs[whole.key].state, runs[SOUTH.key].deleted) == (RunState.FAILED, 1)


def test_a_scope_has_not_left_when_only_some_types_are_collected(lab: Gateway, toys: ToyPlugin) -> None:
    lab.collect("lab")
    toys.world.scopes = [NORTH]
    assert [run.region for run in lab.collect("lab", types=["toy.network"])] == ["north"]
