"""What could not be listed completely, each way of failing told once with all of its places.

A refusal at the door of an account is the same for hundreds of types in each of its regions. Whoever only sums it up
needs no line of each of them: the words of a failure are read once, and the places of types that failed together are
put together once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from openvna.model import Outcome
from openvna.store import coverage, tables, type_sets
from openvna.store.prepared import pieces
from openvna.store.rows import Trouble

_coverage, _quiet, _scope, _source = tables.coverage.c, tables.quiet.c, tables.scope.c, tables.source.c
_Place = tuple[str, str]


class _Way(NamedTuple):
    """How something of a source failed: a type, or a set of them, and the failure as it is stored."""

    source_id: str
    what: str | int
    outcome: str
    failure: str | None


def read(
    connection: Connection, source_id: str | None, type: str | None, account: str | None, region: str | None
) -> tuple[Trouble, ...]:
    """By the names of their sources and types; of one type, the way that has most places first. None means any."""
    rows = _failed(_coverage, _coverage.type, _coverage.resources)
    groups = _failed(_quiet, _quiet.set_id, sa.literal(0))
    if type is not None:
        rows = rows.where(_coverage.type == type)
    lines: list[Any] = [*connection.execute(rows), *connection.execute(groups)]
    scopes = _scopes(connection, sorted({line[0] for line in lines}), source_id, account, region)
    places: dict[_Way, set[_Place]] = defaultdict(set)
    resources: dict[_Way, int] = defaultdict(int)
    for scope_id, what, outcome, failure, number in lines:
        if (scope := scopes.get(scope_id)) is not None:
            way = _Way(scope[0], what, outcome, failure)
            places[way].add(scope[1])
            resources[way] += number
    names = {row.id: row.name for row in connection.execute(sa.select(_source.id, _source.name))}
    found = [
        Trouble(
            way.source_id,
            names.get(way.source_id, ""),
            str(way.what),
            Outcome(way.outcome),
            coverage.failure_of(None if way.failure is None else orjson.loads(way.failure)),
            where,
            resources[way],
        )
        for way, where in _of_types(connection, places, type).items()
    ]
    return tuple(sorted(found, key=lambda each: (each.source, each.type, -len(each.places), each.outcome)))


def _failed(columns: Any, what: Any, resources: Any) -> sa.Select[Any]:
    failure = sa.cast(sa.type_coerce(columns.failure, sa.Text), sa.Text)
    return sa.select(columns.scope_id, what, columns.outcome, failure, resources).where(
        columns.outcome.not_in(coverage.FINE)
    )


def _scopes(
    connection: Connection, ids: Sequence[int], source_id: str | None, account: str | None, region: str | None
) -> dict[int, tuple[str, _Place]]:
    """The source and the place of those of these scopes that are meant."""
    query = sa.select(_scope.id, _scope.source_id, _scope.key, _scope.account, _scope.region)
    for column, value in ((_scope.source_id, source_id), (_scope.account, account), (_scope.region, region)):
        if value is not None:
            query = query.where(column == value)
    found = {}
    for some in pieces(ids):
        for row in connection.execute(query.where(_scope.id.in_(some))):
            found[row.id] = (row.source_id, (row.account, row.region or row.key))
    return found


def _of_types(
    connection: Connection, places: dict[_Way, set[_Place]], type: str | None
) -> dict[_Way, frozenset[_Place]]:
    """The same with each set in its types, or in the one that is meant."""
    sets = type_sets.read(connection, {way.what for way in places if isinstance(way.what, int)})
    found: dict[_Way, frozenset[_Place]] = {}
    for way, where in places.items():
        whole = frozenset(where)
        types: Iterable[str] = sets[way.what] if isinstance(way.what, int) else (way.what,)
        for each in types:
            if type in (None, each):
                alike = way._replace(what=each)
                found[alike] = found[alike] | whole if alike in found else whole
    return found
