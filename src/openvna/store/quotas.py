"""Quotas with their use: the bounds that were read, beside how many there are of what they bound.

A resource of the kind `quota` says in its attributes what it bounds: `maximum`, and `counts`, a resource type. With
`counts_by` the bound is for each value of that attribute (subnets of one VPC), and the one that has most counts; with
`counts_where` (ATTRIBUTE=VALUE) only those count. What is counted are the resources of the same source, account and
region: nobody is asked for it. That there are none is known only where their type was listed to its end; else nobody
knows what is used.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from openvna.model import Kind, Outcome
from openvna.store import coverage, filters, tables
from openvna.store.cursor import Cursor, clamp
from openvna.store.engine import Database
from openvna.store.prepared import pieces
from openvna.store.resources import Resources
from openvna.store.rows import Page, Query, QuotaUse, ResourceRow

_resource = tables.resource.c
_PAGE = 1_000
_PART = 500
"""Quotas that are looked at together: SQLite takes no more than 999 values in a statement before 3.32."""
_PLACE = (_resource.source_id, _resource.account, _resource.region)
_Place = tuple[str, str, str]
_Rank = tuple[int, float, str, int]
"""Where a quota stands among all: what is known of it, the negative of how full it is, its type and its key."""
_RANK = (int, float, str, int)
_KNOWN, _NOT_COUNTED, _NOT_BOUND = 0, 1, 2


class _Counted(NamedTuple):
    """What a quota bounds. Like all here a bare tuple: an organization has hundreds of thousands."""

    type: str
    by: str = ""
    where: str = ""


class _Bound(NamedTuple):
    """A quota that says what it bounds, and where that is looked for."""

    key: int
    type: str
    place: _Place
    scope_id: int | None
    what: _Counted
    maximum: float | None


class _Use(NamedTuple):
    """How many there are (None: nobody knows), of what value of `by`, and how the listing that says so ended (None:
    there was none)."""

    used: int | None
    most: str
    outcome: Outcome | None

    def of(self, maximum: float | None) -> int | None:
        """How many percent of so many; None where that is not known. Where none may be had, each that there is counts
        as a whole."""
        return None if self.used is None or maximum is None else int(100 * self.used / (maximum or 1))


_NO_USE = _Use(None, "", None)


class Quotas:
    def __init__(self, database: Database, resources: Resources) -> None:
        self._database = database
        self._resources = resources

    def list(
        self, query: Query = Query(), *, least_percent: int = 0, cursor: str | None = None, limit: int = 100
    ) -> Page[QuotaUse]:
        """The quotas of a query whose use is known, of which `least_percent` is used at least, in the order of
        `Resources.list`. A page may hold fewer than `limit`: it is made of so many quotas, whether known or not."""
        page = self._resources.list(replace(query, kind=Kind.QUOTA), cursor=cursor, limit=limit)
        with self._database.read() as connection:
            uses = self._of_keys(connection, [row.key for row in page.items])
        found = [_shown(row, uses.get(row.key, _NO_USE)) for row in page.items]
        return Page(tuple(each for each in found if _at_least(each.percent, least_percent)), page.cursor)

    def each(self, query: Query = Query(), *, least_percent: int = 0) -> Iterator[QuotaUse]:
        """All of them, without holding them in memory."""
        cursor = None
        while True:
            page = self.list(query, least_percent=least_percent, cursor=cursor, limit=_PAGE)
            yield from page.items
            if (cursor := page.cursor) is None:
                return

    def fullest(
        self, query: Query = Query(), *, least_percent: int = 0, cursor: str | None = None, limit: int = 100
    ) -> Page[QuotaUse]:
        """The same, the fullest first, and after them, where no least is asked for, those whose use is not known: of
        what was not listed, then of what is not counted. Every page counts all that the query bounds."""
        limit = clamp(limit)
        place = Cursor.of("quotas", filters.fingerprint(query), least_percent)
        after = None if cursor is None else place.read(cursor, _RANK)
        with self._database.read() as connection:
            ranks: Iterable[_Rank] = (
                _rank(bound, use)
                for bound, use in self._used(connection, query)
                if not least_percent or _at_least(use.of(bound.maximum), least_percent)
            )
            found = heapq.nsmallest(limit + 1, ranks if after is None else (rank for rank in ranks if rank > after))
            if len(found) <= limit and not least_percent:
                found += self._not_bound(connection, query, after, limit + 1 - len(found))
            shown = [key for *_, key in found[:limit]]
            uses = self._of_keys(connection, shown)
        rows = self._resources.of_keys(shown)
        items = tuple(_shown(row, uses.get(row.key, _NO_USE)) for row in rows)
        return Page(items, place.write(found[limit - 1]) if len(found) > limit else None)

    def by_service(self, query: Query = Query()) -> dict[str, int]:
        """How many quotas there are of each service, those of a vendor that names none under an empty name."""
        view, selection = self._select(query)
        service = sa.func.coalesce(_text(view.c.attributes, "service", self._database.dialect), "")
        with self._database.read() as connection:
            rows = connection.execute(selection.with_only_columns(service, sa.func.count()).group_by(service))
            return dict(sorted((name, number) for name, number in rows))

    def _select(self, query: Query) -> tuple[sa.FromClause, sa.Select[Any]]:
        return filters.select(replace(query, kind=Kind.QUOTA), self._database.dialect)

    def _bounds(
        self, connection: Connection, query: Query, keys: Collection[int] | None = None
    ) -> Iterator[Sequence[_Bound]]:
        """The quotas of a query, or of these keys, that say what they bound: so many at a time."""
        view, selection = self._select(query)
        chosen = (view.c.key, view.c.type, *_PLACE, _resource.scope_id, view.c.attributes)
        selection = selection.where(_bounds_something(view, self._database.dialect))
        if keys is not None:
            selection = selection.where(view.c.key.in_(keys))
        selection = selection.with_only_columns(*chosen).execution_options(yield_per=_PART)
        parts: Iterable[Any] = connection.execute(selection).partitions()
        for rows in parts:
            yield [
                _Bound(key, type, (source_id, account, region), scope_id, _counted(attributes), _maximum(attributes))
                for key, type, source_id, account, region, scope_id, attributes in rows
            ]

    def _not_bound(self, connection: Connection, query: Query, after: _Rank | None, most: int) -> Iterator[_Rank]:
        """The next quotas that do not say what they bound."""
        view, selection = self._select(query)
        selection = selection.where(sa.not_(_bounds_something(view, self._database.dialect)))
        if after is not None and after[0] == _NOT_BOUND:
            selection = selection.where(filters.after(view, "type", False, after[2:]))
        selection = selection.order_by(*filters.order(view, "type", False)).limit(most)
        rows: Iterable[Any] = connection.execute(selection.with_only_columns(view.c.type, view.c.key))
        for type, key in rows:
            yield _NOT_BOUND, 0.0, type, key

    def _of_keys(self, connection: Connection, keys: Sequence[int]) -> dict[int, _Use]:
        """What is used of those of these quotas that say what they bound."""
        return {bound.key: use for some in pieces(keys, _PART) for bound, use in self._used(connection, Query(), some)}

    def _used(
        self, connection: Connection, query: Query, keys: Collection[int] | None = None
    ) -> Iterator[tuple[_Bound, _Use]]:
        """What is used of each quota of a query, or of these keys. No more of them are held than a part: an
        organization has hundreds of thousands."""
        counted: dict[_Counted, Mapping[_Place, tuple[int, str]]] = {}
        for bounds in self._bounds(connection, query, keys):
            # Where these are all that there are, nothing is counted elsewhere.
            places = None if counted or len(bounds) >= _PART else {bound.place for bound in bounds}
            scopes = {bound.scope_id for bound in bounds if bound.scope_id is not None}
            listed = coverage.of_types(connection, scopes, {bound.what.type for bound in bounds})
            for what in {bound.what for bound in bounds} - counted.keys():
                counted[what] = self._most(connection, what, query, places)
            for bound in bounds:
                outcome, whole = listed.get((bound.scope_id or 0, bound.what.type), (None, False))
                number, of = counted[bound.what].get(bound.place, (0, ""))
                yield bound, _Use(number if number or whole else None, of, outcome)

    def _most(
        self, connection: Connection, what: _Counted, within: Query, places: Collection[_Place] | None
    ) -> Mapping[_Place, tuple[int, str]]:
        """By source, account and region how many there are, of these places or of all that `within` names; of the one
        that has most, where they are counted apart."""
        query = Query(
            type=what.type,
            source_id=within.source_id,
            account=within.account,
            region=within.region,
            where=dict([what.where.split("=", 1)]) if what.where else {},
        )
        _, selection = filters.select(query, self._database.dialect)
        if places:
            for column, values in zip(_PLACE, zip(*places, strict=True), strict=True):
                selection = selection.where(column.in_(set(values)))
        apart = _text(_resource.attributes, what.by, self._database.dialect) if what.by else sa.literal("")
        rows = connection.execute(selection.with_only_columns(*_PLACE, apart, sa.func.count()).group_by(*_PLACE, apart))
        most: dict[_Place, tuple[int, str]] = defaultdict(lambda: (0, ""))
        for source_id, account, region, value, number in rows:
            place = (source_id, account, region)
            if not what.by or value is not None:
                most[place] = max(most[place], (number, str(value or "")))
        return most


def _rank(bound: _Bound, use: _Use) -> _Rank:
    if use.used is None or bound.maximum is None:
        return _NOT_COUNTED, 0.0, bound.type, bound.key
    return _KNOWN, -use.used / (bound.maximum or 1), bound.type, bound.key


def _shown(row: ResourceRow, use: _Use) -> QuotaUse:
    what, maximum = _counted(row.attributes), _maximum(row.attributes)
    return QuotaUse(
        row.id,
        row.alias,
        row.name,
        row.account,
        row.region,
        row.source,
        what.type,
        maximum,
        use.used,
        use.of(maximum),
        use.most,
        row.stale or (use.used is not None and use.outcome not in (None, Outcome.OK)),
        row.source_id,
        str(row.attributes.get("service") or ""),
        what.by,
        what.where,
        use.outcome,
    )


def _at_least(percent: int | None, least: int) -> bool:
    return percent is not None and percent >= least


def _counted(attributes: Mapping[str, Any]) -> _Counted:
    said = attributes.get("counts")
    if not isinstance(said, str):
        return _Counted("")
    return _Counted(said, str(attributes.get("counts_by") or ""), str(attributes.get("counts_where") or ""))


def _maximum(attributes: Mapping[str, Any]) -> float | None:
    value = attributes.get("maximum")
    return float(value) if isinstance(value, int | float) and value >= 0 else None


def _bounds_something(view: sa.FromClause, dialect: str) -> sa.ColumnElement[bool]:
    """Whether `counts` is a text that is not empty: what else a plugin may write there names no type."""
    if dialect == "postgresql":
        is_text = sa.func.jsonb_typeof(sa.func.jsonb_extract_path(view.c.attributes, "counts")) == "string"
    else:
        is_text = sa.func.json_type(view.c.attributes, "$.counts") == "text"
    return sa.case((is_text, _text(view.c.attributes, "counts", dialect)), else_="") != ""


def _text(attributes: Any, name: str, dialect: str) -> sa.ColumnElement[Any]:
    if dialect == "postgresql":
        return sa.func.jsonb_extract_path_text(attributes, name)
    return sa.func.json_extract(attributes, f'$."{name}"')
