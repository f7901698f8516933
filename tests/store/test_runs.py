"""Runs: one a scope at a time, and none that a dead process can block."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from openvna.model import Calls, Conflict, Failure, InvalidInput, NotFound, Outcome, RunState, Scope, StoreUnusable
from openvna.store import CallRow, KnownScope, Source, Store, tables
from openvna.store.owner import Owner, this_process

from .conftest import HERE, SUBNET, THERE, VPC, Clock, aliases, collect, vpc

DENIED = Failure(Outcome.DENIED, "no", code="UnauthorizedOperation", cause="H-CALLER-DENIED", action="ec2:DescribeVpcs")


def test_a_run_shows_what_it_did(store: Store, source: Source, clock: Clock) -> None:
    started = clock.now
    writer = store.runs.begin(source.id, HERE)
    assert store.runs.get(writer.run_id).state is RunState.RUNNING
    writer.record(vpc("vpc-1"))
    writer.complete(VPC, Calls(3, 1, 1, 0.5, 2.0))
    writer.problem(SUBNET, DENIED, Calls(1, 0, 0, 0.25, 1.5))
    ended = clock.forward(minutes=2)
    run = writer.finish()
    assert run == store.runs.get(writer.run_id)
    assert (run.state, run.started_at, run.finished_at) == (RunState.PARTIAL, started, ended)
    assert (run.seen, run.created, run.updated, run.deleted, run.problems) == (1, 1, 0, 0, 1)
    assert run.calls == Calls(4, 1, 1, 0.75, 3.5)
    assert (run.source, run.scope, run.account, run.region) == ("lab", HERE.key, HERE.account, HERE.region)
    denied, complete = store.runs.ledger(run.id)
    assert (denied.type, denied.outcome, denied.failure) == (SUBNET, Outcome.DENIED, DENIED)
    assert (complete.type, complete.outcome, complete.failure) == (VPC, Outcome.OK, None)
    assert store.sources.get("lab").last_run_at == started


def test_a_run_tells_what_each_of_its_calls_cost(store: Store, source: Source) -> None:
    first, second = (
        {"ec2:DescribeVpcs": Calls(3, 2, 1, 0.125, 4.5), "ec2:DescribeSubnets": Calls(1, 0, 0, 0.03)},
        {
            "ec2:DescribeVpcs": Calls(1, 0, 0, 0.025),
            "elb:DescribeTags": Calls(7, 0, 0, 0.7),
        },
    )
    runs = []
    for by_call in (first, second):
        runs.append(store.runs.begin(source.id, HERE).finish(None, by_call).id)
    assert {row.name: row.calls for row in store.runs.by_call(runs[:1])} == first
    assert store.runs.by_call(runs) == (
        CallRow("ec2:DescribeVpcs", Calls(4, 2, 1, 0.15, 4.5)),  # throttled: first
        CallRow("elb:DescribeTags", Calls(7, 0, 0, 0.7)),
        CallRow("ec2:DescribeSubnets", Calls(1, 0, 0, 0.03)),
    )


def test_a_run_whose_calls_have_no_names_tells_none(store: Store, source: Source) -> None:
    run = store.runs.begin(source.id, HERE).finish()
    assert store.runs.by_call([run.id]) == ()


def test_what_the_last_run_of_a_scope_found_and_did(store: Store, source: Source, clock: Clock) -> None:
    """The newest run of all of it, its retries not counted: not one that read a part, and not one that told nothing."""
    for calls in (Calls(9), Calls(5, 2, 2)):
        clock.forward(minutes=15)
        writer = store.runs.begin(source.id, HERE)
        writer.record(vpc("vpc-1"))
        writer.record(vpc("vpc-2"))
        writer.complete(VPC)
        writer.finish(None, {"ec2:DescribeVpcs": calls})
    clock.forward(minutes=1)
    store.runs.begin(source.id, HERE, SUBNET).finish(None, {"ec2:DescribeSubnets": Calls(1)})
    store.runs.begin(source.id, HERE).finish()
    (here, there) = store.runs.last_known(source.id, [HERE.key, THERE.key])
    assert here == (HERE.key, KnownScope({VPC: 2}, {"ec2:DescribeVpcs": 3}))
    assert there == (THERE.key, None)


def test_what_300_calls_of_a_run_cost_is_kept_in_a_kilobyte(store: Store, source: Source) -> None:
    """17,000 scopes of 300 calls come to 17 MB, and not to five million rows."""
    by_call = {f"ec2:DescribeThing{n}": Calls(1, 0, 0, 0.03 + (n * 7919 % 40) / 1000) for n in range(300)}
    run = store.runs.begin(source.id, HERE).finish(None, by_call)
    with store._database.read() as connection:
        kept = connection.execute(sa.select(tables.run.c.by_call).where(tables.run.c.id == run.id)).scalar_one()
    assert len(kept) < 1024
    assert len(store.runs.by_call([run.id])) == 300


@pytest.mark.parametrize(
    ("good", "bad", "failure", "state"),
    [
        (1, 0, None, RunState.OK),
        (0, 0, None, RunState.OK),
        (1, 1, None, RunState.PARTIAL),
        (0, 2, None, RunState.FAILED),
        (1, 0, DENIED, RunState.FAILED),
    ],
)
def test_the_state_of_a_run_follows_from_its_listings(
    store: Store, source: Source, good: int, bad: int, failure: Failure | None, state: RunState
) -> None:
    writer = store.runs.begin(source.id, HERE)
    for number in range(good):
        writer.complete(f"good-{number}")
    for number in range(bad):
        writer.problem(f"bad-{number}", DENIED)
    run = writer.finish(failure)
    assert (run.state, run.failure) == (state, failure)
    assert run == store.runs.get(run.id)


def test_what_is_not_to_be_had_is_no_problem(store: Store, source: Source) -> None:
    writer = store.runs.begin(source.id, HERE)
    writer.complete(VPC)
    writer.problem(SUBNET, Failure(Outcome.UNSUPPORTED, "Not offered here."))
    run = writer.finish()
    assert (run.state, run.problems) == (RunState.OK, 0)
    assert [line.outcome for line in store.runs.ledger(run.id)] == [Outcome.UNSUPPORTED, Outcome.OK]


def test_runs_are_listed_newest_first(store: Store, source: Source, clock: Clock) -> None:
    other = store.sources.add("other", "aws", {}, {}, None, None)
    ids = []
    for number in range(5):
        writer = store.runs.begin((source if number % 2 else other).id, HERE)
        ids.append(writer.run_id)
        writer.finish(DENIED if number == 3 else None)
        clock.forward(seconds=1)
    first = store.runs.list(limit=2)
    second = store.runs.list(limit=2, cursor=first.cursor)
    third = store.runs.list(limit=2, cursor=second.cursor)
    assert [run.id for run in (*first.items, *second.items, *third.items)] == ids[::-1]
    assert third.cursor is None
    assert [run.id for run in store.runs.list(source_id=source.id).items] == [ids[3], ids[1]]
    assert [run.id for run in store.runs.list(state=RunState.FAILED).items] == [ids[3]]
    with pytest.raises(InvalidInput):
        store.runs.list(state=RunState.FAILED, cursor=first.cursor)


def test_an_unknown_run_is_not_found(store: Store) -> None:
    for read in (store.runs.get, store.runs.ledger):
        with pytest.raises(NotFound, match="run_x"):
            read("run_x")


def test_a_scope_is_collected_by_one_at_a_time(opened: Callable[[], Store], store: Store, source: Source) -> None:
    writer = store.runs.begin(source.id, HERE)
    for door in (store, opened()):
        with pytest.raises(Conflict, match="being collected already") as error:
            door.runs.begin(source.id, HERE)
        assert writer.run_id in error.value.why
    store.runs.begin(source.id, THERE).finish()
    writer.finish()
    store.runs.begin(source.id, HERE).finish()


def test_of_many_threads_one_begins(store: Store, source: Source) -> None:
    start = threading.Barrier(8)
    outcomes: list[str] = []
    writers = []

    def begin() -> None:
        start.wait()
        try:
            writers.append(store.runs.begin(source.id, HERE))
            outcomes.append("begun")
        except Conflict:
            outcomes.append("refused")

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["begun"] + ["refused"] * 7


def test_scopes_are_written_side_by_side(store: Store, source: Source) -> None:
    from openvna.model import Scope

    scopes = [Scope(f"aws/{n}/r", "aws", str(n), "r") for n in range(8)]
    shared = vpc("tgw-1", scope=scopes[3], state="available")

    def work(scope: Scope) -> None:
        collect(store, source, *(vpc(f"vpc-{scope.account}-{n}", scope=scope) for n in range(50)), shared, scope=scope)

    threads = [threading.Thread(target=work, args=(scope,)) for scope in scopes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.resources.counts() == {VPC: 401}
    sequences = [change.sequence for change in store.changes.list(limit=1000).items]
    assert sequences == list(range(401, 0, -1))


def test_nothing_can_be_added_to_a_run_that_is_over(store: Store, source: Source) -> None:
    writer = store.runs.begin(source.id, HERE)
    writer.finish()
    for late in (lambda: writer.record(vpc("vpc-1")), lambda: writer.complete(VPC), writer.finish):
        with pytest.raises(Conflict, match="is over"):
            late()


def test_a_run_without_a_sign_of_life_is_taken_for_dead(
    opened: Callable[[], Store], store: Store, source: Source, clock: Clock
) -> None:
    silent = store.runs.begin(source.id, HERE)
    silent.record(vpc("vpc-1"))
    with store._database.write() as connection:
        connection.execute(sa.update(tables.run).values(host="another", pid=1, pid_started="1"))
    last = clock.now
    clock.forward(minutes=3)
    run = opened().runs.get(silent.run_id)
    assert (run.state, run.finished_at) == (RunState.INTERRUPTED, last)
    other = store.runs.begin(source.id, HERE)
    with pytest.raises(Conflict, match="is interrupted"):
        silent.complete(VPC)
    assert store.resources.counts() == {}
    other.finish()


def test_a_clock_that_jumps_kills_no_run_of_a_process_that_lives(
    opened: Callable[[], Store], store: Store, source: Source, clock: Clock
) -> None:
    """As on a machine that slept: for all that the clock says, nobody gave a sign of life for hours."""
    writer = store.runs.begin(source.id, HERE)
    for hours in (5, -9):
        clock.forward(hours=hours)
        assert opened().runs.get(writer.run_id).state is RunState.RUNNING
        with pytest.raises(Conflict, match="being collected already"):
            opened().runs.begin(source.id, HERE)
    writer.record(vpc("vpc-1"))
    writer.complete(VPC)
    assert writer.finish().state is RunState.OK


def test_a_run_whose_writer_is_gone_is_interrupted_at_once(
    opened: Callable[[], Store], store: Store, source: Source
) -> None:
    run_id = store.runs.begin(source.id, HERE).run_id
    gc.collect()
    assert opened().runs.get(run_id).state is RunState.INTERRUPTED


def test_a_heartbeat_keeps_a_long_run_alive(
    opened: Callable[[], Store], store: Store, source: Source, clock: Clock
) -> None:
    writer = store.runs.begin(source.id, HERE)
    for _ in range(5):
        clock.forward(minutes=1)
        store.runs.heartbeat()
    with pytest.raises(Conflict):
        opened().runs.begin(source.id, HERE)
    assert writer.finish().state is RunState.OK


def test_a_run_on_another_machine_is_given_its_time(
    opened: Callable[[], Store], store: Store, source: Source, clock: Clock
) -> None:
    writer = store.runs.begin(source.id, HERE)
    with store._database.write() as connection:
        connection.execute(sa.update(tables.run).values(host="another", pid=1, pid_started="1"))
    clock.forward(seconds=100)
    with pytest.raises(Conflict):
        store.runs.begin(source.id, HERE)
    clock.forward(seconds=100)
    store.runs.begin(source.id, HERE).finish()
    assert opened().runs.get(writer.run_id).state is RunState.INTERRUPTED


def test_a_process_number_that_was_given_out_again_is_another_process() -> None:
    us = this_process()
    assert us.lives() is True
    assert Owner(us.host, us.pid, "1").lives() is False
    assert Owner("another", us.pid, us.started).lives() is None


def test_coverage_shows_each_type_of_each_scope(store: Store, source: Source, clock: Clock) -> None:
    other = store.sources.add("another", "aws", {}, {}, None, None)
    collect(store, source, vpc("vpc-1"), vpc("vpc-2"))
    collect(store, source, type=SUBNET)
    collect(store, other, vpc("vpc-3", scope=THERE), scope=THERE)
    assert [(row.source, row.scope, row.type, row.resources) for row in store.runs.coverage()] == [
        ("another", THERE.key, VPC, 1),
        ("lab", HERE.key, SUBNET, 0),
        ("lab", HERE.key, VPC, 2),
    ]
    assert [row.type for row in store.runs.coverage(source.id)] == [SUBNET, VPC]


def test_a_run_of_an_unknown_source_is_not_begun(store: Store) -> None:
    with pytest.raises(NotFound, match="There is no source src_no"):
        store.runs.begin("src_no", HERE)


def test_the_writer_of_a_deleted_source_is_told(store: Store, source: Source) -> None:
    writer = store.runs.begin(source.id, HERE)
    writer.record(vpc("vpc-1"))
    store.sources.delete(source.id)
    with pytest.raises(Conflict, match="deleted"):
        writer.complete(VPC)


def test_the_coverage_of_many_accounts_is_added_up_by_region(store: Store, source: Source) -> None:
    """vpc in two accounts of a region, refused in one of them; a third account in another region."""
    denied = Failure(Outcome.DENIED, "no", action="ec2:DescribeVpcs")
    for account, region, failure in (
        ("111111111111", "eu-west-1", None),
        ("222222222222", "eu-west-1", denied),
        ("333333333333", "us-east-1", None),
    ):
        writer = store.runs.begin(source.id, Scope(f"aws/{account}/{region}", "aws", account, region))
        if failure is None:
            writer.complete("aws.ec2.vpc")
        else:
            writer.problem("aws.ec2.vpc", failure)
        writer.finish()
    ireland, virginia = store.runs.coverage_by_region(source.id)
    assert (ireland.region, ireland.type, ireland.places, ireland.troubled) == ("eu-west-1", "aws.ec2.vpc", 2, 1)
    assert ireland.example is not None
    assert (ireland.example.account, ireland.example.failure) == ("222222222222", denied)
    assert (virginia.region, virginia.places, virginia.troubled, virginia.example) == ("us-east-1", 1, 0, None)
    assert store.scopes.places(source.id) == 3
    assert [line.account for line in store.runs.coverage(region="us-east-1")] == ["333333333333"]
    assert store.runs.listed_types(account="111111111111") == {"aws.ec2.vpc"}
    assert store.runs.listed_types(account="222222222222") == frozenset()


def test_what_is_doubted_stays_as_it_was_last_seen(store: Store, source: Source) -> None:
    scope = Scope("aws/111111111111/eu-west-1", "aws", "111111111111", "eu-west-1")
    writer = store.runs.begin(source.id, scope)
    writer.complete("aws.ec2.vpc")
    writer.finish()
    (before,) = store.runs.coverage(source.id)
    gone = Failure(Outcome.DENIED, "The role does not trust us.", cause="H-TRUST")
    store.runs.doubt(source.id, [scope.key, "aws/999999999999/eu-west-1"], gone)
    (after,) = store.runs.coverage(source.id)
    assert (after.outcome, after.failure, after.complete_at) == (Outcome.DENIED, gone, before.complete_at)
    assert store.runs.scopes(source.id) == (scope,)


def test_a_run_that_is_broken_off_writes_nothing_more_and_says_why(store: Store, source: Source) -> None:
    why = Failure(Outcome.FAILED, "There is no room.", remedy="Make room.")
    writer = store.runs.begin(source.id, HERE)
    writer.complete(SUBNET)
    writer.record(vpc("vpc-1"))
    run = store.runs.break_off(writer, why)
    assert (run.state, run.failure) == (RunState.FAILED, why)
    assert store.resources.counts() == {}
    with pytest.raises(Conflict, match="is over"):
        writer.complete(VPC)
    store.runs.begin(source.id, HERE).finish()  # nobody stands in the way


def test_a_run_that_had_ended_is_not_broken_off(store: Store, source: Source) -> None:
    writer = store.runs.begin(source.id, HERE)
    ended = writer.finish()
    assert store.runs.break_off(writer, Failure(Outcome.FAILED, "Too late.")) == ended


def test_a_listing_that_could_not_be_written_never_comes_to_a_good_end(
    store: Store, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = store.runs.begin(source.id, HERE)
    writer.record(vpc("vpc-1"))
    writer.end(VPC, None)
    with monkeypatch.context() as broken:

        def refuse(*_: object) -> None:
            raise StoreUnusable("The disk is full.")

        broken.setattr("openvna.store.noting.sum_up", refuse)
        writer.record(vpc("subnet-1", type=SUBNET))
        with pytest.raises(StoreUnusable):
            writer.complete(SUBNET)
    with pytest.raises(StoreUnusable):
        writer.finish()
    row = store.runs.break_off(writer, Failure(Outcome.FAILED, "The disk is full."))
    assert row is not None
    assert (row.state, row.created, store.runs.ledger(row.id)) == (RunState.FAILED, 0, ())
    assert aliases(store) == []


def test_what_is_complete_does_not_wait_for_a_listing_that_takes_long(
    store: Store, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr("openvna.store.writer.time.monotonic", lambda: now[0])
    writer = store.runs.begin(source.id, HERE)
    writer.record(vpc("vpc-1"))
    writer.end(VPC, None)
    assert aliases(store) == []
    now[0] += 1.5
    writer.record(vpc("subnet-1", type=SUBNET))
    assert aliases(store) == ["vpc-1"]
