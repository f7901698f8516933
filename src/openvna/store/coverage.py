"""What is known of each type in each scope: read line by line, or added up where there are too many."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from openvna.model import Failure, Outcome
from openvna.store import tables
from openvna.store.rows import Coverage, RegionCoverage

_coverage, _scope, _source = tables.coverage.c, tables.scope.c, tables.source.c
_SELECT = (
    sa.select(tables.coverage, tables.scope, _source.name.label("source"))
    .join(tables.scope, _scope.id == _coverage.scope_id)
    .join(tables.source, _source.id == _scope.source_id)
)
_FINE = tuple(each.value for each in Outcome if each.settled)


def lines(
    connection: Connection, source_id: str | None, *, troubled: bool, account: str | None, region: str | None
) -> tuple[Coverage, ...]:
    query = _within(_SELECT, source_id, account, region).order_by(_source.name, _scope.key, _coverage.type)
    if troubled:
        query = query.where(_coverage.outcome.not_in(_FINE))
    return tuple(_line(row) for row in connection.execute(query))


def listed_types(
    connection: Connection, source_id: str | None, account: str | None, region: str | None
) -> frozenset[str]:
    query = sa.select(_coverage.type).distinct().join(tables.scope, _scope.id == _coverage.scope_id)
    query = _within(query, source_id, account, region)
    fine = sa.or_(_coverage.outcome.in_(_FINE), _coverage.complete_at.is_not(None))
    return frozenset(connection.execute(query.where(fine)).scalars())


def by_region(connection: Connection, source_id: str) -> tuple[RegionCoverage, ...]:
    trouble = sa.case((_coverage.outcome.not_in(_FINE), _coverage.scope_id))
    sums = (
        sa.select(
            _scope.region,
            _coverage.type,
            sa.func.count().label("places"),
            sa.func.count(trouble).label("troubled"),
            sa.func.sum(_coverage.resources).label("resources"),
            sa.func.min(trouble).label("example"),
        )
        .join(tables.scope, _scope.id == _coverage.scope_id)
        .where(_scope.source_id == source_id)
        .group_by(_scope.region, _coverage.type)
        .subquery()
    )
    examples = _SELECT.join(sums, sa.and_(sums.c.example == _coverage.scope_id, sums.c.type == _coverage.type))
    found = {(row.region, row.type): _line(row) for row in connection.execute(examples)}
    rows = connection.execute(sa.select(sums).order_by(sums.c.region, sums.c.type))
    return tuple(
        RegionCoverage(
            row.region, row.type, row.places, row.troubled, int(row.resources), found.get((row.region, row.type))
        )
        for row in rows
    )


def failure_of(value: dict[str, Any] | None) -> Failure | None:
    """A failure as it is stored."""
    return None if value is None else Failure(**{**value, "outcome": Outcome(value["outcome"])})


def _within(query: Any, source_id: str | None, account: str | None, region: str | None) -> Any:
    for column, value in ((_scope.source_id, source_id), (_scope.account, account), (_scope.region, region)):
        if value is not None:
            query = query.where(column == value)
    return query


def _line(row: Any) -> Coverage:
    return Coverage(
        row.source_id,
        row.source,
        row.key,
        row.account,
        row.region,
        row.type,
        Outcome(row.outcome),
        row.tried_at,
        row.complete_at,
        row.resources,
        failure_of(row.failure),
    )
