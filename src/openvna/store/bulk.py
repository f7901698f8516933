"""Writing rows by the thousand: below SQLAlchemy's own executemany, which costs more than the database does.

What is the same in all rows is given once: each value that is bound costs as much as a column that is written.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

_NOTHING: Mapping[str, Any] = {}
_TOGETHER = (250, 25)
"""Rows of one statement on SQLite: it opens each index once a statement, which costs as much as a row in it."""


def insert_rows(
    connection: Connection,
    table: sa.Table,
    columns: tuple[str, ...],
    rows: Sequence[tuple[Any, ...]],
    same: Mapping[str, Any] = _NOTHING,
) -> None:
    """Insert rows of raw values: moments as microseconds, JSON as text. `same` are the columns that have one value in
    all of them. COPY on PostgreSQL."""
    if not rows:
        return
    raw = connection.connection.driver_connection
    assert raw is not None
    if connection.dialect.name == "postgresql":
        values = tuple(same.values())
        with raw.cursor() as cursor, cursor.copy(_copy(table.name, (*same, *columns))) as copy:
            for row in rows:
                copy.write_row((*values, *row))
    else:
        _insert_many(raw, table.name, columns, rows, same)


def insert_keys(
    connection: Connection, table: sa.Table, column: str, keys: Sequence[int], same: Mapping[str, Any]
) -> None:
    """Insert rows that differ in one number alone. They are given to SQLite as one value."""
    if connection.dialect.name == "postgresql":
        insert_rows(connection, table, (column,), [(key,) for key in keys], same)
        return
    raw = connection.connection.driver_connection
    assert raw is not None
    raw.cursor().execute(_insert_keys(table.name, column, tuple(same)), (*same.values(), orjson.dumps(keys).decode()))


def _insert_many(
    driver: sqlite3.Connection,
    table: str,
    columns: tuple[str, ...],
    rows: Sequence[tuple[Any, ...]],
    same: Mapping[str, Any],
) -> None:
    cursor, done, values, names = driver.cursor(), 0, tuple(same.values()), tuple(same)
    most = driver.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER) - len(values)  # 999 before SQLite 3.32
    for together in _TOGETHER:
        while together <= min(most // len(columns), len(rows) - done):
            given = [*values, *chain.from_iterable(rows[done : done + together])]
            cursor.execute(_insert(table, columns, together, names), given)
            done += together
    if done < len(rows):
        cursor.executemany(_insert(table, columns, 1, names), [(*values, *row) for row in rows[done:]])


@lru_cache
def _insert(table: str, columns: tuple[str, ...], rows: int, same: tuple[str, ...]) -> str:
    into, ahead, row = _into(table, (*same, *columns)), ", ".join("?" * len(same)), f"({', '.join('?' * len(columns))})"
    if not same:
        return f"{into} VALUES {', '.join([row] * rows)}"
    # Each place is a plain `?`: up to Python 3.12.3 a numbered one, which may stand in every row, counts as a name, and
    # a sequence of values for names is a warning (CPython issue 117995).
    return f"{into} SELECT {ahead}, * FROM (VALUES {', '.join([row] * rows)})"  # noqa: S608 - names from our own schema


@lru_cache
def _insert_keys(table: str, column: str, same: tuple[str, ...]) -> str:
    values = ", ".join([*"?" * len(same), "value"])
    return f"{_into(table, (*same, column))} SELECT {values} FROM json_each(?)"  # noqa: S608 - names from our own schema


def _into(table: str, columns: tuple[str, ...]) -> str:
    # What fails then leaves the rows before it to its transaction, which takes all back. SQLite's default is to take
    # them back at once, and for that it copies each page of each index that a statement is going to write to.
    return f'INSERT OR FAIL INTO "{table}" ({_names(columns)})'


@lru_cache
def _copy(table: str, columns: tuple[str, ...]) -> str:
    return f'COPY "{table}" ({_names(columns)}) FROM STDIN'


def _names(columns: tuple[str, ...]) -> str:
    return ", ".join(f'"{column}"' for column in columns)
