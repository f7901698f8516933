"""Rows by the thousand: each goes in once, however many there are and however few values a statement may have."""

from __future__ import annotations

import re
import sqlite3
from typing import Any

import pytest
import sqlalchemy as sa

from openvna.store import Store, bulk, tables
from openvna.store.bulk import insert_keys, insert_rows
from openvna.store.engine import connect

from .conftest import VPC, Clock

COLUMNS = ("scope_id", "type", "resource_key", "since", "fingerprint")


@pytest.mark.parametrize("most_values", [None, 999], ids=["as it is", "as an old SQLite"])
@pytest.mark.parametrize("count", [0, 1, 24, 25, 250, 777])
@pytest.mark.parametrize("same", [(), ("scope_id",), ("type", "since", "scope_id")], ids=len)
def test_every_row_goes_in_once(
    store: Store, url: str, clock: Clock, same: tuple[str, ...], count: int, most_values: int | None
) -> None:
    rows = [(1, VPC, key, 10, None if key % 2 else b"print") for key in range(count)]
    alike = {name: value for name, value in zip(COLUMNS, (1, VPC, 0, 10, b""), strict=True) if name in same}
    rest = tuple(name for name in COLUMNS if name not in same)
    database = connect(url, clock)
    try:
        with database.write() as connection:
            driver = connection.connection.driver_connection
            if most_values and isinstance(driver, sqlite3.Connection):
                driver.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, most_values)
            given = [tuple(value for name, value in zip(COLUMNS, row, strict=True) if name in rest) for row in rows]
            insert_rows(connection, tables.sighting, rest, given, {name: alike[name] for name in same})
            assert _sightings(connection) == rows
    finally:
        database.close()


@pytest.mark.parametrize("same", [(), ("scope_id", "type")], ids=len)
def test_a_place_for_a_value_has_neither_number_nor_name(same: tuple[str, ...]) -> None:
    """Python 3.12.0 to 3.12.3 take a number for a name, and warn (CPython issue 117995): these tests, and whoever wants
    warnings as errors, could write nothing there."""
    for rows in (1, 25):
        assert set(re.findall(r"[?:@$]\w*", bulk._insert("sighting", ("since",), rows, same))) == {"?"}
    assert set(re.findall(r"[?:@$]\w*", bulk._insert_keys("sighting", "resource_key", same))) == {"?"}


@pytest.mark.parametrize("count", [1, 2_000])
def test_rows_that_differ_in_a_number(store: Store, url: str, clock: Clock, count: int) -> None:
    keys = [2**40 + 3 * each for each in range(count)]
    database = connect(url, clock)
    try:
        with database.write() as connection:
            same = {"type": VPC, "scope_id": 1, "since": 10, "fingerprint": b"print"}
            insert_keys(connection, tables.sighting, "resource_key", keys, same)
            assert _sightings(connection) == [(1, VPC, key, 10, b"print") for key in keys]
    finally:
        database.close()


def _sightings(connection: sa.Connection) -> list[tuple[Any, ...]]:
    raw = sa.table("sighting", *(sa.column(name) for name in COLUMNS))
    return [tuple(row) for row in connection.execute(sa.select(raw).order_by(raw.c.resource_key))]


@pytest.mark.parametrize("twice", [3, 300])
def test_of_a_write_that_fails_no_row_stays(store: Store, url: str, clock: Clock, twice: int) -> None:
    rows = [(1, VPC, key, 10 + key, None) for key in range(400)]
    database = connect(url, clock)
    try:
        with pytest.raises(Exception, match=r"(?i)unique"), database.write() as connection:
            insert_rows(connection, tables.sighting, COLUMNS, [*rows, rows[twice]])
        with database.read() as connection:
            assert connection.execute(sa.select(sa.func.count()).select_from(tables.sighting)).scalar_one() == 0
    finally:
        database.close()
