"""Writing rows by the thousand: below SQLAlchemy's own executemany, which costs more than the database does."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

_TOGETHER = (250, 25)
"""Rows of one statement on SQLite: it opens each index once a statement, which costs as much as a row in it."""


def insert_rows(
    connection: Connection, table: sa.Table, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Insert rows of raw values: moments as microseconds, JSON as text. COPY on PostgreSQL."""
    if not rows:
        return
    raw = connection.connection.driver_connection
    assert raw is not None
    if connection.dialect.name == "postgresql":
        with raw.cursor() as cursor, cursor.copy(_copy(table.name, columns)) as copy:
            for row in rows:
                copy.write_row(row)
    else:
        _insert_many(raw, table.name, columns, rows)


def _insert_many(
    driver: sqlite3.Connection, table: str, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]
) -> None:
    cursor, done = driver.cursor(), 0
    most = driver.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER) // len(columns)  # 999 values before SQLite 3.32
    for together in _TOGETHER:
        while together <= min(most, len(rows) - done):
            values = list(chain.from_iterable(rows[done : done + together]))
            cursor.execute(_insert(table, columns, together), values)
            done += together
    if done < len(rows):
        cursor.executemany(_insert(table, columns, 1), rows[done:])


@lru_cache
def _insert(table: str, columns: tuple[str, ...], rows: int) -> str:
    # What fails then leaves the rows before it to its transaction, which takes all back. SQLite's default is to take
    # them back at once, and for that it copies each page of each index that a statement is going to write to.
    row = f"({', '.join('?' * len(columns))})"
    return f'INSERT OR FAIL INTO "{table}" ({_names(columns)}) VALUES {", ".join([row] * rows)}'  # noqa: S608 - names from our own schema


@lru_cache
def _copy(table: str, columns: tuple[str, ...]) -> str:
    return f'COPY "{table}" ({_names(columns)}) FROM STDIN'


def _names(columns: tuple[str, ...]) -> str:
    return ", ".join(f'"{column}"' for column in columns)
