"""Statements that run below SQLAlchemy: they say the same, on both databases, and fail in the same words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import psycopg
import pytest
import sqlalchemy as sa

from openvna.model import InvalidInput, StoreUnusable
from openvna.store import Source, Store, Vault, open_store, tables
from openvna.store.prepared import Among, Prepared

from .conftest import PostgreSQL

AT = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
_loss = tables.loss.c
INSERT = Prepared(sa.insert(tables.loss))
FOUND = Prepared(sa.select(tables.loss).where(_loss.account == sa.bindparam("account")).order_by(_loss.type))
FIRST_TWO = Prepared(sa.select(_loss.type).where(_loss.account == "1%s").order_by(_loss.type).limit(2))
BACK = Prepared(
    sa.update(tables.loss)
    .where(_loss.type == sa.bindparam("name"))
    .values(back_at=sa.bindparam("at", type_=_loss.back_at.type))
)

AMONG = Prepared(
    sa.select(_loss.type).where(Among(_loss.type, "names") & (_loss.account == "1%s")).order_by(_loss.type)
)


def losses(source: Source, *types: str) -> list[dict[str, object]]:
    place = {"source_id": source.id, "account": "1%s", "region": ""}
    return [{**place, "type": type, "since": AT, "back_at": None, "failure": {"é": [1, None]}} for type in types]


def test_values_come_back_as_they_went_in(store: Store, source: Source) -> None:
    """Moments, JSON, what is not there, and a per cent sign, which PostgreSQL's driver takes for its own."""
    with store._database.write() as connection:
        INSERT.run(connection)
        INSERT.run(connection, *losses(source, "a"))
        INSERT.run(connection, *losses(source, "b", "c"))
        BACK.run(connection, {"name": "b", "at": AT}, {"name": "no", "at": AT})
        rows = FOUND.rows(connection, {"account": "1%s"})
        assert [(row.type, row.since, row.back_at, row.failure) for row in rows] == [
            ("a", AT, None, {"é": [1, None]}),
            ("b", AT, AT, {"é": [1, None]}),
            ("c", AT, None, {"é": [1, None]}),
        ]
        assert rows == [tuple(row) for row in connection.execute(sa.select(tables.loss).order_by(_loss.type))]
        assert [row.type for row in FIRST_TWO.rows(connection, {})] == ["a", "b"]
        assert FOUND.first(connection, {"account": "1%s"}).type == "a"
        assert FOUND.first(connection, {"account": "2"}) is None


def test_what_no_database_takes_is_told_as_such(store: Store) -> None:
    with pytest.raises(InvalidInput, match="cannot be looked up"), store._database.read() as connection:
        FOUND.rows(connection, {"account": "\ud800"})


def test_a_value_that_is_missing_is_a_defect(store: Store) -> None:
    with pytest.raises(KeyError, match="account"), store._database.read() as connection:
        FOUND.rows(connection, {})


@pytest.mark.parametrize(
    "run",
    [lambda it: FOUND.rows(it, {"account": "1"}), lambda it: it.execute(sa.text("SELECT 1"))],
    ids=["prepared", "core"],
)
def test_a_connection_that_was_cut_is_told_and_not_used_again(
    postgresql: PostgreSQL, vault: Vault, run: Callable[[sa.Connection], object]
) -> None:
    with open_store(postgresql.cleared(), vault) as store:
        with (
            pytest.raises(StoreUnusable, match="shutting down or cancelled"),
            store._database.read() as connection,
            psycopg.connect(postgresql.url("postgres").replace("+psycopg", ""), autocommit=True) as admin,
        ):
            pid = connection.execute(sa.text("SELECT pg_backend_pid()")).scalar_one()
            admin.execute("SELECT pg_terminate_backend(%s, 10000)", [pid])
            run(connection)
        assert store.sources.list() == ()


def test_many_values_are_given_as_one(store: Store, source: Source) -> None:
    odd = ["it's", 'a "b"', "\\", "1%s", "é", "{a,b}", "NULL", ""]
    with store._database.write() as connection:
        INSERT.run(connection, *losses(source, *odd, "other"))
        wanted = [*odd, "not there", *(f"none-{number}" for number in range(40_000))]
        assert [row.type for row in AMONG.rows(connection, {"names": wanted})] == sorted(odd)
        assert AMONG.rows(connection, {"names": []}) == []
