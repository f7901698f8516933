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
from openvna.store.prepared import pieces
from openvna.store.rows import Coverage, RegionCoverage, TypeCoverage

_coverage, _quiet, _scope, _source = tables.coverage.c, tables.quiet.c, tables.scope.c, tables.source.c
_PLACE = (_scope.source_id, _source.name.label("source"), _scope.key, _scope.account, _scope.region)
_LINES = 200
"""Lines that a scope has, about: so many scopes are looked at first for a page."""
_ORDER = attrgetter("source", "scope", "type")
FINE = tuple(each.value for each in Outcome if each.settled)
"""Outcomes, as they are stored, after which nothing is left to do."""


@dataclass(frozen=True, slots=True)
class CoverageQuery:
    """Which lines are meant; None means any."""

    source_id: str | None = None
    type: str | None = None
    account: str | None = None
    region: str | None = None
    outcome: Outcome | None = None


def lines(
    connection: Connection, source_id: str | None, *, account: str | None, region: str | None
) -> tuple[Coverage, ...]:
    rows = _within(_joined(tables.coverage), source_id, account, region)
    groups = _within(_joined(tables.quiet), source_id, account, region)
    return tuple(sorted(_read(connection, rows, groups), key=_ORDER))


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
    connection: Connection, source_id: str | None, account: str | None, region: str | None, *, now: bool = False
) -> frozenset[str]:
    names = sa.select(_coverage.type).distinct()
    sets = sa.select(_quiet.set_id).distinct()
    if (source_id, account, region) != (None, None, None):
        names = _within(names.join(tables.scope, _scope.id == _coverage.scope_id), source_id, account, region)
        sets = _within(sets.join(tables.scope, _scope.id == _quiet.scope_id), source_id, account, region)
    names, sets = (
        query.where(
            columns.outcome == Outcome.OK.value
            if now
            else sa.or_(columns.outcome.in_(FINE), columns.complete_at.is_not(None))
        )
        for query, columns in ((names, _coverage), (sets, _quiet))
    )
    read = type_sets.read(connection, connection.execute(sets).scalars().all())
    return frozenset(connection.execute(names).scalars()).union(*read.values())


def of_types(
    connection: Connection, scopes: Collection[int], types: Collection[str]
) -> dict[tuple[int, str], tuple[Outcome, bool]]:
    """How the last listing of each of these types ended in each of these scopes, where there was one, and whether it
    was complete at any time. That none is to be had, or none is wanted, is no listing: it says nothing of how many."""
    found: dict[tuple[int, str], tuple[Outcome, bool]] = {}
    chosen, ordered = sorted(types), sorted(scopes)

    def enter(scope_id: int, type: str, row: Any) -> None:
        outcome = Outcome(row.outcome)
        found[scope_id, type] = outcome, row.complete_at is not None

    for some in pieces(ordered):
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


def by_region(connection: Connection, source_id: str, *, empty: bool) -> tuple[RegionCoverage, ...]:
    """The coverage of each type in each region, its accounts added up; without `empty`, of the types alone that hold
    something in one of them, or are in trouble in one."""
    rows: list[Any] = []
    groups: list[Any] = []
    for fine in (True, False):
        rows += connection.execute(_regions(_coverage, _coverage.type, _coverage.resources, source_id, fine))
        groups += connection.execute(_regions(_quiet, _quiet.set_id, sa.literal(0), source_id, fine))
    sets = type_sets.read(connection, {set_id for _, set_id, *_ in groups})
    telling = {type for _, type, _, resources, worst in rows if resources or worst is not None}
    telling.update(type for _, set_id, _, _, worst in groups if worst is not None for type in sets[set_id])
    types = {id: names if empty else tuple(filter(telling.__contains__, names)) for id, names in sets.items()}
    rows += [(region, type, *rest) for region, set_id, *rest in groups for type in types[set_id]]
    sums: dict[tuple[str, str], tuple[int, int, int, int | None]] = {}
    for region, type, places, resources, worst in rows:
        if empty or type in telling:
            before, troubled, known, example = sums.get((region, type), (0, 0, 0, None))
            troubled += 0 if worst is None else places
            example = example if worst is None else worst if example is None else min(example, worst)
            sums[region, type] = (before + places, troubled, known + resources, example)
    scopes = sorted({example for *_, example in sums.values() if example is not None})
    names = sa.select(_scope.id, _scope.key)
    keys = {row.id: row.key for some in pieces(scopes) for row in connection.execute(names.where(_scope.id.in_(some)))}
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


def _regions(columns: Any, what: Any, resources: Any, source_id: str, fine: bool) -> sa.Select[Any]:
    """By region and `what`, of what is fine or is not: the places, their resources, and one that is not fine. The two
    apart, because databases sort what they group, and what is fine is nearly all of it and needs no place."""
    place = sa.null() if fine else sa.func.min(columns.scope_id)
    return (
        sa.select(_scope.region, what, sa.func.count(), sa.func.sum(resources), place)
        .select_from(columns.scope_id.table)
        .join(tables.scope, _scope.id == columns.scope_id)
        # Not by the index of the sources: to look up the lines of each scope takes longer than to read all in a row.
        .where(sa.func.coalesce(_scope.source_id, "") == source_id)
        .where(columns.outcome.in_(FINE) if fine else columns.outcome.not_in(FINE))
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
    """The lines of these scopes in their order; `troubled` as in `_read`."""
    found: list[Coverage] = []
    for some in pieces(scopes):
        rows, groups = _matching(_joined(tables.coverage), _joined(tables.quiet), which, holding)
        rows, groups = rows.where(_coverage.scope_id.in_(some)), groups.where(_quiet.scope_id.in_(some))
        found += _read(connection, rows, groups, which.type, troubled=troubled)
    found.sort(key=_ORDER)
    return found


def _read(
    connection: Connection, rows: Any, groups: Any, type: str | None = None, *, troubled: bool = False
) -> Iterator[Coverage]:
    """The lines of both questions, in no order, or those of what could not be listed completely, though the vendor has
    it (`troubled`); `type` as in `_of_groups`."""
    if troubled:
        rows, groups = rows.where(_coverage.outcome.not_in(FINE)), groups.where(_quiet.outcome.not_in(FINE))
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
