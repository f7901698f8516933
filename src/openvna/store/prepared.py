"""Statements that every scope runs, compiled once and run on the driver itself: for a row or two SQLAlchemy's own
execution costs ten times what the database does."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

_Process = Callable[[Any], Any]
_NONE: Mapping[str, Any] = {}
_Value = TypeVar("_Value")
TOGETHER = 500
"""Values of one question, each a value of the statement: SQLite takes no more than 999 of these before 3.32."""


def pieces(values: Sequence[_Value], size: int = TOGETHER) -> Iterator[Sequence[_Value]]:
    """The values, so many at a time."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


class _Many(sa.types.UserDefinedType[Sequence[Any]]):
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> _Process | None:
        return None if dialect.name == "postgresql" else _as_json


def _as_json(values: Sequence[Any]) -> str:
    return orjson.dumps(values).decode()


class Among(sa.ColumnElement[Any]):
    """Whether a column has one of many values, which are given as one: the text of the statement stays the same."""

    inherit_cache = True
    type = sa.types.NULLTYPE  # of a Boolean SQLAlchemy asks SQLite whether it is 1, and no index is used then

    def __init__(self, column: sa.ColumnElement[Any], name: str) -> None:
        self.column = column
        self.values: sa.BindParameter[Sequence[Any]] = sa.bindparam(name, type_=_Many())


@compiles(Among)
def _among(element: Among, compiler: SQLCompiler, **options: Any) -> str:
    column, values = compiler.process(element.column, **options), compiler.process(element.values, **options)
    if compiler.dialect.name == "postgresql":
        return f"{column} = ANY ({values})"
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - a column and a placeholder


class Prepared:
    """A statement whose values are given by name. Errors are those of the driver, which `Database` knows as well."""

    def __init__(self, statement: sa.Select[Any] | sa.Insert | sa.Update | sa.Delete) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def rows(self, connection: Connection, values: Mapping[str, Any] = _NONE) -> list[Any]:
        """What a question finds; a row has its columns as attributes, as SQLAlchemy's rows have them."""
        compiled = self._for(connection)
        found = compiled.cursor(connection).execute(compiled.text, compiled.bound(values)).fetchall()
        return [compiled.row(row) for row in found]

    def first(self, connection: Connection, values: Mapping[str, Any]) -> Any:
        """The one row that there is; None where there is none."""
        found = self.rows(connection, values)
        return found[0] if found else None

    def run(self, connection: Connection, *values: Mapping[str, Any]) -> None:
        """Run it once for each of the values."""
        compiled = self._for(connection)
        if len(values) == 1:
            compiled.cursor(connection).execute(compiled.text, compiled.bound(values[0]))
        elif values:
            compiled.cursor(connection).executemany(compiled.text, [compiled.bound(each) for each in values])

    def _for(self, connection: Connection) -> _Compiled:
        dialect = connection.dialect
        found = self._compiled.get(dialect.name)
        if found is None:
            found = self._compiled[dialect.name] = _Compiled(self._statement, dialect)
        return found


class _Compiled:
    def __init__(self, statement: Any, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self.text: str = str(compiled)
        binds: dict[str, sa.BindParameter[Any]] = compiled.binds
        self._given = {name: bind.value for name, bind in binds.items() if not bind.required}
        order: Sequence[str] = compiled.positiontup or list(binds)
        self._binds = [(name, _bind(binds[name].type, dialect)) for name in order]
        self._positional = compiled.positiontup is not None
        self._columns: list[_Process | None] = []
        if isinstance(statement, sa.Select):
            columns = statement.selected_columns
            self._columns = [_result(column.type, dialect) for column in columns]
            names = columns.keys()
            row: Any = namedtuple("Row", names)  # type: ignore[misc]  # the names are known when it runs
            self._row = row._make

    def bound(self, values: Mapping[str, Any]) -> Any:
        if self._given:
            values = {**self._given, **values}
        if self._positional:
            return [values[name] if process is None else process(values[name]) for name, process in self._binds]
        return {name: values[name] if process is None else process(values[name]) for name, process in self._binds}

    def row(self, raw: Sequence[Any]) -> Any:
        return self._row(
            [value if process is None else process(value) for value, process in zip(raw, self._columns, strict=True)]
        )

    @staticmethod
    def cursor(connection: Connection) -> Any:
        driver = connection.connection.driver_connection
        assert driver is not None
        return driver.cursor()


def _bind(type: Any, dialect: Dialect) -> _Process | None:
    found: _Process | None = type.dialect_impl(dialect).bind_processor(dialect)
    return found


def _result(type: Any, dialect: Dialect) -> _Process | None:
    found: _Process | None = type.dialect_impl(dialect).result_processor(dialect, None)
    return found
