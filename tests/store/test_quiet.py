"""Types that a scope holds nothing of: told like all others, and kept together."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
import sqlalchemy as sa

from openvna.model import Calls, Failure, InvalidInput, Outcome, RunState, Scope
from openvna.store import Coverage, CoverageQuery, Source, Store, tables

from .conftest import HERE, THERE, VPC, Clock, aliases, vpc

EMPTY = [f"aws.ec2.empty-{letter}" for letter in "abcdefghij"]
REFUSED = Failure(Outcome.DENIED, "The role does not trust us.", cause="H-TRUST")


def collected(store: Store, source: Source, scope: Scope = HERE, failure: Failure | None = None) -> str:
    """A run that sees one VPC, and nothing of ten other types. Its id."""
    writer = store.runs.begin(source.id, scope)
    writer.record(vpc("vpc-1", scope=scope))
    writer.end(VPC, None, Calls(1, 0, 0, 0.03))
    for type in EMPTY:
        writer.end(type, failure, Calls(2, 1, 0, 0.5, 0.25))
    return writer.finish().id


def rows(store: Store, table: sa.Table) -> int:
    with store.runs._database.read() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def test_empty_types_are_told_each_and_kept_in_one_row(store: Store, source: Source, clock: Clock) -> None:
    run = store.runs.get(collected(store, source))
    lines = store.runs.coverage()
    assert [(line.type, line.outcome, line.resources) for line in lines] == [
        *((type, Outcome.OK, 0) for type in EMPTY),
        (VPC, Outcome.OK, 1),
    ]
    assert {line.complete_at for line in lines} == {clock.now}
    assert (rows(store, tables.coverage), rows(store, tables.quiet)) == (1, 1)
    ledger = store.runs.ledger(run.id)
    assert [(line.type, line.seen, line.created) for line in ledger] == [*((type, 0, 0) for type in EMPTY), (VPC, 1, 1)]
    assert ledger[0].calls == Calls(2, 1, 0, 0.5, 0.25)
    assert rows(store, tables.listing) == 1
    assert (run.state, run.seen, run.problems) == (RunState.OK, 1, 0)
    assert run.calls == Calls(21, 10, 0, pytest.approx(5.03), pytest.approx(2.5))


def test_scopes_that_lack_the_same_share_one_set(store: Store, source: Source) -> None:
    before = rows(store, tables.type_set)
    collected(store, source)
    collected(store, source, THERE)
    collected(store, source)
    assert rows(store, tables.type_set) == before + 1
    assert rows(store, tables.quiet) == 2


def test_a_type_that_fills_and_empties_moves_between_its_own_row_and_the_others(
    store: Store, source: Source, clock: Clock
) -> None:
    collected(store, source)
    clock.forward(minutes=15)
    writer = store.runs.begin(source.id, HERE)
    writer.record(replace(vpc("vpc-9"), type=EMPTY[0]))
    writer.end(EMPTY[0], None)
    writer.end(VPC, None)  # the VPC is gone
    run = writer.finish()
    assert (run.created, run.deleted) == (1, 1)
    found = {line.type: line for line in store.runs.coverage()}
    assert (found[EMPTY[0]].resources, found[EMPTY[0]].complete_at) == (1, clock.now)
    assert (found[VPC].resources, found[VPC].complete_at) == (0, clock.now)
    assert found[EMPTY[1]].complete_at != clock.now
    assert rows(store, tables.coverage) == 2
    clock.forward(minutes=15)
    writer = store.runs.begin(source.id, HERE)
    for type in (*EMPTY, VPC):
        writer.end(type, None)
    writer.finish()
    # The resource that had been there is noticed to be gone; the VPC's row is let go now that it is empty for good.
    found = {line.type: line for line in store.runs.coverage()}
    assert {line.resources for line in found.values()} == {0}
    assert {line.complete_at for line in found.values()} == {clock.now}
    assert (rows(store, tables.coverage), rows(store, tables.quiet)) == (1, 1)


def test_what_is_refused_in_the_same_words_is_kept_together_and_keeps_when_it_was_complete(
    store: Store, source: Source, clock: Clock
) -> None:
    collected(store, source)
    complete = clock.now
    clock.forward(minutes=15)
    run = collected(store, source, failure=REFUSED)
    found = [line for line in store.runs.coverage() if line.type in EMPTY]
    assert {(line.outcome, line.failure, line.complete_at, line.tried_at) for line in found} == {
        (Outcome.DENIED, REFUSED, complete, clock.now)
    }
    assert rows(store, tables.quiet) == 1
    assert [line.failure for line in store.runs.ledger(run)[:10]] == [REFUSED] * 10
    assert store.runs.get(run).problems == 10
    assert [each.type for each in store.runs.troubles()] == EMPTY


def test_few_refusals_have_rows_of_their_own(store: Store, source: Source) -> None:
    writer = store.runs.begin(source.id, HERE)
    writer.end(EMPTY[0], None)
    writer.end(EMPTY[1], REFUSED)
    run = writer.finish()
    assert run.state is RunState.PARTIAL
    assert (rows(store, tables.coverage), rows(store, tables.quiet)) == (1, 1)
    assert [(line.type, line.outcome) for line in store.runs.ledger(run.id)] == [
        (EMPTY[1], Outcome.DENIED),
        (EMPTY[0], Outcome.OK),
    ]


def test_what_a_whole_scope_is_doubted_for_is_said_of_its_empty_types_too(store: Store, source: Source) -> None:
    collected(store, source)
    store.runs.doubt(source.id, [HERE.key], REFUSED)
    assert {line.failure for line in store.runs.coverage()} == {REFUSED}


def test_a_scope_of_which_only_emptiness_is_known_is_known(store: Store, source: Source) -> None:
    collected(store, source)
    writer = store.runs.begin(source.id, THERE)
    writer.end(VPC, None)
    writer.finish()
    assert store.runs.known(source.id) == {HERE.key: True, THERE.key: False}


def test_a_scope_whose_first_listing_never_ended_is_known_by_what_it_showed(
    store: Store, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it could leave its source, and what was seen in it would stay."""
    monkeypatch.setattr("openvna.store.writer.CHUNK", 1)
    monkeypatch.setattr("openvna.store.writer._LONG", 1)
    writer = store.runs.begin(source.id, HERE)
    writer.record(vpc("vpc-1"))
    writer.finish(REFUSED)
    assert aliases(store) == ["vpc-1"]
    assert store.runs.known(source.id) == {HERE.key: False}


def test_nothing_of_a_scope_that_left_is_kept(store: Store, source: Source) -> None:
    collected(store, source)
    writer = store.runs.begin(source.id, HERE)
    writer.leave("The account was closed.")
    writer.finish()
    assert store.runs.coverage() == ()


def everything(store: Store, query: CoverageQuery, limit: int) -> list[Coverage]:
    found: list[Coverage] = []
    cursor: str | None = None
    while True:
        page = store.runs.coverage_page(query, cursor=cursor, limit=limit)
        found += page.items
        assert len(page.items) <= limit
        cursor = page.cursor
        if cursor is None:
            assert page.total == len(found)
            return found


@pytest.mark.parametrize("limit", [1, 7, 11, 1000])
def test_the_pages_of_the_coverage_are_all_of_its_lines_in_order(store: Store, source: Source, limit: int) -> None:
    other = store.sources.add("another", "aws", {}, {}, None, None)
    collected(store, source)
    collected(store, source, THERE, REFUSED)
    collected(store, other)
    lines = store.runs.coverage()
    assert len(lines) == 33
    for query, wanted in (
        (CoverageQuery(), lines),
        (CoverageQuery(source_id=source.id), [line for line in lines if line.source == "lab"]),
        (CoverageQuery(type=EMPTY[3]), [line for line in lines if line.type == EMPTY[3]]),
        (CoverageQuery(type=VPC), [line for line in lines if line.type == VPC]),
        (CoverageQuery(type="no.such"), []),
        (CoverageQuery(account=THERE.account), [line for line in lines if line.account == THERE.account]),
        (CoverageQuery(outcome=Outcome.DENIED), [line for line in lines if line.outcome is Outcome.DENIED]),
        (
            CoverageQuery(outcome=Outcome.OK, region=HERE.region),
            [line for line in lines if line.outcome is Outcome.OK],
        ),
    ):
        assert everything(store, query, limit) == list(wanted), query


def test_a_cursor_of_another_listing_is_refused(store: Store, source: Source) -> None:
    collected(store, source)
    cursor = store.runs.coverage_page(CoverageQuery(), limit=1).cursor
    with pytest.raises(InvalidInput):
        store.runs.coverage_page(CoverageQuery(type=VPC), cursor=cursor)


def test_the_coverage_of_a_type_is_added_up_over_all_scopes(store: Store, source: Source, clock: Clock) -> None:
    collected(store, source)
    first: datetime = clock.now
    clock.forward(minutes=1)
    collected(store, source, THERE, REFUSED)
    found = store.runs.coverage_by_type()
    assert found.keys() == {*EMPTY, VPC}
    assert (found[VPC].scopes, dict(found[VPC].outcomes), found[VPC].complete_at) == (2, {Outcome.OK: 2}, first)
    empty = found[EMPTY[0]]
    assert (empty.scopes, dict(empty.outcomes)) == (2, {Outcome.OK: 1, Outcome.DENIED: 1})
    assert (empty.complete, empty.complete_at) == (1, first)
    assert store.runs.listed_types() == {*EMPTY, VPC}
    assert store.runs.listed_types(account=THERE.account) == {VPC}
    by_place = {(line.region, line.type): line for line in store.runs.coverage_by_region(source.id)}
    troubled = by_place[THERE.region, EMPTY[0]]
    assert (troubled.places, troubled.troubled, troubled.resources) == (2, 1, 0)
    assert troubled.example is not None
    assert troubled.example.failure == REFUSED
    assert by_place[HERE.region, VPC].resources == 2
    assert {line.type for line in store.runs.coverage_by_region(source.id, empty=False)} == {*EMPTY, VPC}
    collected(store, source, THERE)
    (kept,) = store.runs.coverage_by_region(source.id, empty=False)
    assert kept == next(line for line in store.runs.coverage_by_region(source.id) if line.type == VPC)


def test_one_refused_listing_does_not_forget_when_it_was_complete(store: Store, source: Source, clock: Clock) -> None:
    collected(store, source)
    complete_at = clock.now
    clock.forward(minutes=15)
    writer = store.runs.begin(source.id, HERE)
    writer.end(EMPTY[0], REFUSED)
    writer.end(EMPTY[1], None)
    writer.finish()
    found = {line.type: line for line in store.runs.coverage()}
    assert (found[EMPTY[0]].outcome, found[EMPTY[0]].complete_at) == (Outcome.DENIED, complete_at)
