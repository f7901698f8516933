"""Old runs are forgotten; what is known by them is not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from openvna.model import Calls, NotFound
from openvna.store import Source, Store, tables

from .conftest import HERE, THERE, VPC, Clock, aliases, collect, vpc


def ids(store: Store) -> list[str]:
    return [run.id for run in store.runs.list().items]


def test_the_oldest_go_and_the_newest_of_each_scope_stays(store: Store, source: Source, clock: Clock) -> None:
    collect(store, source, vpc("vpc-9", scope=THERE), scope=THERE)
    there = ids(store)
    for name in ("vpc-1", "vpc-2", "vpc-3"):
        clock.forward(days=1)
        collect(store, source, vpc(name))
    third, second, first = ids(store)[:3]
    assert store.runs.forget(clock.now, most=1) == 1
    assert ids(store) == [third, second, *there]
    assert store.runs.forget(clock.now.replace(day=3), most=9) == 0  # the second began then: it is not older
    assert store.runs.forget(clock.forward(days=400), most=9) == 1
    assert ids(store) == [third, *there]
    assert store.runs.forget(clock.now, most=9) == 0
    for gone in (first, second):
        with pytest.raises(NotFound, match="too old"):
            store.runs.get(gone)


def test_their_ledgers_go_and_what_they_changed_stays(store: Store, source: Source, clock: Clock) -> None:
    collect(store, source, vpc("vpc-1"))
    (old,) = ids(store)
    clock.forward(days=100)
    collect(store, source, vpc("vpc-1"))
    before = store.runs.coverage(source.id)
    assert store.runs.forget(clock.now, most=9) == 1
    with store._database.read() as connection:
        assert old not in connection.execute(sa.select(tables.listing.c.run_id)).scalars().all()
    assert [change.run_id for change in store.changes.list(run_id=old).items] == [old]
    (row,) = store.resources.list().items
    assert [each.run_id for each in store.resources.versions(row.key)] == [old]
    assert store.runs.coverage(source.id) == before
    assert aliases(store) == ["vpc-1"]
    assert store.sources.get("lab").last_run_at == clock.now


def test_what_is_under_way_stays(store: Store, source: Source, clock: Clock) -> None:
    writer = store.runs.begin(source.id, HERE)
    store.runs.begin(source.id, THERE).finish()
    assert store.runs.forget(clock.forward(days=400), most=9) == 0
    writer.complete(VPC, Calls(1))
    assert writer.finish().calls.calls == 1


def test_two_processes_forget_the_same(opened: Callable[[], Store], store: Store, source: Source, clock: Clock) -> None:
    for _ in range(3):
        store.runs.begin(source.id, HERE).finish()
        clock.forward(days=1)
    assert [each.runs.forget(clock.now, most=1) for each in (store, opened(), store)] == [1, 1, 0]
