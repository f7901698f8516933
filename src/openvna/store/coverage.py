"""What is known of each type in each scope: read line by line, page by page, or added up.

A line is a row of `coverage`, or one type of a row of `quiet`: whoever reads here sees no difference.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from openvna.model import Failure, Outcome
from openvna.store import quiet, tables, type_sets
from openvna.store.rows import Coverage, RegionCoverage, TypeCoverage

_coverage, _quiet, _scope, _source = tables.coverage.c, tables.quiet.c, tables.scope.c, tables.source.c
_PLACE = (_scope.source_id, _source.name.label("source"), _scope.key, _scope.account, _scope.region)
_LINES = 200
"""Lines that a scope has, about: so many scopes are looked at first for a page."""
_ORDER = attrgetter("source", "scope", "type")
_FINE = tuple(each.value for each in Outcome if each.settled)


@dataclass(frozen=True, slots=True)
class CoverageQuery:
    """Which lines are meant; None means any."""

    source_id: str | None = None
    type: str | None = None
    account: str | None = None
    region: str | None = None
    outcome: Outcome | None = None


def lines(
    connection: Connection, source_id: str | None, *, troubled: bool, account: str | None, region: str | None
) -> tuple[Coverage, ...]:
    rows = _within(_joined(tables.coverage), source_id, account, region)
    groups = _within(_joined(tables.quiet), source_id, account, region)
    return tuple(sorted(_read(connection, rows, groups, troubled=troubled), key=_ORDER))


def page(
    connection: Connection, sources: Sequence[str], which: CoverageQuery, after: tuple[str, str, str] | None, limit: int
) -> list[Coverage]:
    """At most `limit` lines of these sources (ids), in their order, then by scope and type; those after one that is
    named by its source, scope and type."""
    found: list[Coverage] = []
    holding = _holding(connection, which.type)
    if after is not None:
        sources = sources[sources.index(after[0]) :] if after[0] in sources else ()
    for source_id in sources:
        begun = after[1:] if after is not None and after[0] == source_id else ("", "")
        place: tuple[str, str] | None = begun
        scopes = limit + 1 if which.type is not None else limit // _LINES + 2
        while place is not None and len(found) < limit:
            some, place = _next_scopes(connection, source_id, which, holding, place, scopes)
            lines = _lines_in(connection, [row.id for row in some], which, holding)
            found += [line for line in lines if (line.scope, line.type) > begun]
            scopes *= 2
    return found[:limit]


def total(connection: Connection, which: CoverageQuery) -> int:
    """How many lines there are."""
    rows = sa.select(sa.func.count()).select_from(tables.coverage)
    groups = sa.select(_quiet.set_id, sa.func.count().label("scopes")).group_by(_quiet.set_id)
    if (which.source_id, which.account, which.region) != (None, None, None):
        rows = rows.join(tables.scope, _scope.id == _coverage.scope_id)
        groups = groups.join(tables.scope, _scope.id == _quiet.scope_id)
    holding = _holding(connection, which.type)
    rows, groups = _matching(rows, groups, which, holding)
    place = (which.source_id, which.account, which.region)
    counted = connection.execute(_within(groups, *place)).all()
    sets = type_sets.read(connection, [row.set_id for row in counted]) if holding is None else {}
    of_groups: int = sum(row.scopes * (1 if holding is not None else len(sets[row.set_id])) for row in counted)
    return int(connection.execute(_within(rows, *place)).scalar_one()) + of_groups


def by_type(connection: Connection, source_id: str | None) -> dict[str, TypeCoverage]:
    """The coverage of each type, its scopes added up."""
    outcomes: dict[str, Counter[Outcome]] = defaultdict(Counter)
    complete: Counter[str] = Counter()
    oldest: dict[str, datetime] = {}

    def enter(type: str, row: Any) -> None:
        outcomes[type][Outcome(row.outcome)] += row.scopes
        complete[type] += row.complete
        if row.oldest is not None:
            oldest[type] = min(oldest.get(type, row.oldest), row.oldest)

    for row in connection.execute(_sums(tables.coverage, _coverage.type, source_id)):
        enter(row.type, row)
    groups = connection.execute(_sums(tables.quiet, _quiet.set_id, source_id)).all()
    for type, row in quiet.of_types(groups, type_sets.read(connection, [row.set_id for row in groups])):
        enter(type, row)
    return {
        type: TypeCoverage(type, counts.total(), dict(counts), complete[type], oldest.get(type))
        for type, counts in outcomes.items()
    }


def listed_types(
    connection: Connection, source_id: str | None, account: str | None, region: str | None
) -> frozenset[str]:
    names = sa.select(_coverage.type).distinct()
    sets = sa.select(_quiet.set_id).distinct()
    if (source_id, account, region) != (None, None, None):
        names = _within(names.join(tables.scope, _scope.id == _coverage.scope_id), source_id, account, region)
        sets = _within(sets.join(tables.scope, _scope.id == _quiet.scope_id), source_id, account, region)
    names = names.where(sa.or_(_coverage.outcome.in_(_FINE), _coverage.complete_at.is_not(None)))
    sets = sets.where(sa.or_(_quiet.outcome.in_(_FINE), _quiet.complete_at.is_not(None)))
    read = type_sets.read(connection, connection.execute(sets).scalars().all())
    return frozenset(connection.execute(names).scalars()).union(*read.values())


def of_types(
    connection: Connection, scopes: Collection[int], types: Collection[str]
) -> dict[tuple[int, str], tuple[Outcome, bool]]:
    """How the last listing of each of these types ended in each of these scopes, where there was one, and whether it
    was complete at any time, or there is none to be had."""
    found: dict[tuple[int, str], tuple[Outcome, bool]] = {}
    chosen, ordered = sorted(types), sorted(scopes)

    def enter(scope_id: int, type: str, row: Any) -> None:
        outcome = Outcome(row.outcome)
        found[scope_id, type] = outcome, outcome.settled or row.complete_at is not None

    for start in range(0, len(ordered), 500):
        some = ordered[start : start + 500]
        rows = sa.select(_coverage.scope_id, _coverage.type, _coverage.outcome, _coverage.complete_at)
        for row in connection.execute(rows.where(_coverage.scope_id.in_(some), _coverage.type.in_(chosen))):
            enter(row.scope_id, row.type, row)
        quiet_rows = sa.select(_quiet.scope_id, _quiet.set_id, _quiet.outcome, _quiet.complete_at)
        groups = connection.execute(quiet_rows.where(_quiet.scope_id.in_(some))).all()
        sets = type_sets.read(connection, {row.set_id for row in groups})
        wanted = {id: [type for type in chosen if type in set(names)] for id, names in sets.items()}
        for row in groups:
            for type in wanted[row.set_id]:
                enter(row.scope_id, type, row)
    return found


def by_region(connection: Connection, source_id: str) -> tuple[RegionCoverage, ...]:
    sums: dict[tuple[str, str], tuple[int, int, int, int | None]] = {}

    def enter(type: str, row: Any) -> None:
        places, troubled, resources, example = sums.get((row.region, type), (0, 0, 0, None))
        worst = row.example if example is None else example if row.example is None else min(example, row.example)
        sums[row.region, type] = (places + row.places, troubled + row.troubled, resources + int(row.resources), worst)

    for row in connection.execute(_regions(tables.coverage, _coverage.type, source_id)):
        enter(row.type, row)
    groups = connection.execute(_regions(tables.quiet, _quiet.set_id, source_id)).all()
    for type, row in quiet.of_types(groups, type_sets.read(connection, [row.set_id for row in groups])):
        enter(type, row)
    scopes = sorted({example for *_, example in sums.values() if example is not None})
    keys = {
        row.id: row.key for row in connection.execute(sa.select(_scope.id, _scope.key).where(_scope.id.in_(scopes)))
    }
    lines = _lines_in(connection, scopes, CoverageQuery(), None, troubled=True)
    examples = {(each.scope, each.type): each for each in lines}
    return tuple(
        RegionCoverage(region, type, places, troubled, resources, examples.get((keys.get(example or 0, ""), type)))
        for (region, type), (places, troubled, resources, example) in sorted(sums.items())
    )


def failure_of(value: dict[str, Any] | None) -> Failure | None:
    """A failure as it is stored."""
    return None if value is None else Failure(**{**value, "outcome": Outcome(value["outcome"])})


def _sums(table: sa.Table, what: Any, source_id: str | None) -> sa.Select[Any]:
    """By `what` and outcome: the scopes, those where it was complete at some time, and the oldest of these times."""
    columns = table.c
    query = sa.select(
        what,
        columns.outcome,
        sa.func.count().label("scopes"),
        sa.func.count(columns.complete_at).label("complete"),
        sa.func.min(columns.complete_at).label("oldest"),
    ).group_by(what, columns.outcome)
    if source_id is None:
        return query
    return query.join(tables.scope, _scope.id == columns.scope_id).where(_scope.source_id == source_id)


def _regions(table: sa.Table, what: Any, source_id: str) -> sa.Select[Any]:
    """By region and `what`: the places, those in trouble, their resources, and one in trouble."""
    columns = table.c
    trouble = sa.case((columns.outcome.not_in(_FINE), columns.scope_id))
    return (
        sa.select(
            _scope.region,
            what,
            sa.func.count().label("places"),
            sa.func.count(trouble).label("troubled"),
            (sa.func.sum(columns.resources) if "resources" in columns else sa.literal(0)).label("resources"),
            sa.func.min(trouble).label("example"),
        )
        .join(tables.scope, _scope.id == columns.scope_id)
        .where(_scope.source_id == source_id)
        .group_by(_scope.region, what)
    )


def _joined(table: sa.Table) -> sa.Select[Any]:
    query = sa.select(table, *_PLACE).join(tables.scope, _scope.id == table.c.scope_id)
    return query.join(tables.source, _source.id == _scope.source_id)


def _within(query: Any, source_id: str | None, account: str | None, region: str | None) -> Any:
    for column, value in ((_scope.source_id, source_id), (_scope.account, account), (_scope.region, region)):
        if value is not None:
            query = query.where(column == value)
    return query


def _holding(connection: Connection, type: str | None) -> list[int] | None:
    """The sets that hold a type; None where any will do."""
    if type is None:
        return None
    every = connection.execute(sa.select(tables.type_set.c.id)).scalars().all()
    return [id for id, types in type_sets.read(connection, every).items() if type in types]


def _matching(rows: Any, groups: Any, which: CoverageQuery, holding: Collection[int] | None) -> tuple[Any, Any]:
    """Both questions, for the type and the outcome that are meant."""
    if which.type is not None:
        rows, groups = rows.where(_coverage.type == which.type), groups.where(_quiet.set_id.in_(holding or ()))
    if which.outcome is not None:
        outcome = which.outcome.value
        rows, groups = rows.where(_coverage.outcome == outcome), groups.where(_quiet.outcome == outcome)
    return rows, groups


def _next_scopes(
    connection: Connection,
    source_id: str,
    which: CoverageQuery,
    holding: Collection[int] | None,
    place: tuple[str, str],
    most: int,
) -> tuple[Sequence[Any], tuple[str, str] | None]:
    """The next scopes of a source with such lines, and where those after them begin. A place is the key of a
    scope and the type that was the last one there; without a type nothing of the scope is to come any more, and the
    very first one is empty."""
    key, last = place
    beginning = _scope.key >= key if last else _scope.key > key
    query = _within(sa.select(_scope.id, _scope.key).where(beginning), source_id, which.account, which.region)
    if (which.type, which.outcome) != (None, None):
        rows, groups = _matching(sa.select(_coverage.scope_id), sa.select(_quiet.scope_id), which, holding)
        here = rows.where(_coverage.scope_id == _scope.id), groups.where(_quiet.scope_id == _scope.id)
        query = query.where(sa.or_(*(each.exists() for each in here)))
    found = connection.execute(query.order_by(_scope.key).limit(most)).all()
    return found, (found[-1].key, "") if len(found) == most else None


def _lines_in(
    connection: Connection,
    scopes: Sequence[int],
    which: CoverageQuery,
    holding: Collection[int] | None,
    *,
    troubled: bool = False,
) -> list[Coverage]:
    """The lines of these scopes in their order; `troubled` as in `lines`."""
    found: list[Coverage] = []
    for start in range(0, len(scopes), 500):
        some = scopes[start : start + 500]
        rows, groups = _matching(_joined(tables.coverage), _joined(tables.quiet), which, holding)
        rows, groups = rows.where(_coverage.scope_id.in_(some)), groups.where(_quiet.scope_id.in_(some))
        found += _read(connection, rows, groups, which.type, troubled=troubled)
    found.sort(key=_ORDER)
    return found


def _read(
    connection: Connection, rows: Any, groups: Any, type: str | None = None, *, troubled: bool
) -> Iterator[Coverage]:
    """The lines of both questions, in no order; `troubled` as in `lines`, `type` as in `_of_groups`."""
    if troubled:
        rows, groups = rows.where(_coverage.outcome.not_in(_FINE)), groups.where(_quiet.outcome.not_in(_FINE))
    for row in connection.execute(rows):
        yield _line(row, row.type, row.resources)
    yield from _of_groups(connection, connection.execute(groups).all(), type)


def _of_groups(connection: Connection, groups: Sequence[Any], type: str | None = None) -> list[Coverage]:
    """The lines of these rows of `quiet`; of one type, where one is named that all of their sets hold."""
    if type is not None:
        return [_line(row, type, 0) for row in groups]
    sets = type_sets.read(connection, [row.set_id for row in groups])
    return [_line(row, each, 0) for each, row in quiet.of_types(groups, sets)]


def _line(row: Any, type: str, resources: int) -> Coverage:
    return Coverage(
        row.source_id,
        row.source,
        row.key,
        row.account,
        row.region,
        type,
        Outcome(row.outcome),
        row.tried_at,
        row.complete_at,
        resources,
        failure_of(row.failure),
    )
