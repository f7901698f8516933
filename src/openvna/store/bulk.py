"""Writing rows by the thousand: below SQLAlchemy's own executemany, which costs more than the database does."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection


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
        raw.cursor().executemany(_insert(table.name, columns), rows)


@lru_cache
def _insert(table: str, columns: tuple[str, ...]) -> str:
    return f'INSERT INTO "{table}" ({_names(columns)}) VALUES ({", ".join("?" * len(columns))})'  # noqa: S608 - names from our own schema


@lru_cache
def _copy(table: str, columns: tuple[str, ...]) -> str:
    return f'COPY "{table}" ({_names(columns)}) FROM STDIN'


def _names(columns: tuple[str, ...]) -> str:
    return ", ".join(f'"{column}"' for column in columns)
