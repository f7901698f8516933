"""Quotas with their use: the bounds that were read, beside how many there are of what they bound.

A resource of the kind `quota` says in its attributes what it bounds: `maximum`, and `counts`, a resource type. With
`counts_by` the bound is for each value of that attribute (subnets of one VPC), and the one that has most counts; with
`counts_where` (ATTRIBUTE=VALUE) only those count. What is counted are the resources of the same source, account and
region: nobody is asked for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from openvna.model import Kind
from openvna.store import filters, tables
from openvna.store.engine import Database
from openvna.store.resources import Resources
from openvna.store.rows import Page, Query, QuotaUse, ResourceRow

_resource = tables.resource.c
_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class _Counted:
    """What a quota bounds."""

    type: str
    by: str = ""
    where: str = ""


_Most = tuple[int, str]
"""How many, and of what value of `by`."""


class Quotas:
    def __init__(self, database: Database, resources: Resources) -> None:
        self._database = database
        self._resources = resources

    def list(
        self, query: Query = Query(), *, least_percent: int = 0, cursor: str | None = None, limit: int = 100
    ) -> Page[QuotaUse]:
        """The quotas of a query whose use is known, in the order of their ids, of which `least_percent` is used at
        least. A page may hold fewer than `limit`: it is made of so many quotas, whether known or not."""
        page = self._resources.list(replace(query, kind=Kind.QUOTA), cursor=cursor, limit=limit)
        used = [each for each in self._used(page.items) if each.percent >= least_percent]
        return Page(tuple(used), page.cursor)

    def each(self, query: Query = Query(), *, least_percent: int = 0) -> Iterator[QuotaUse]:
        """All of them, without holding them in memory."""
        cursor = None
        while True:
            page = self.list(query, least_percent=least_percent, cursor=cursor, limit=_PAGE)
            yield from page.items
            if (cursor := page.cursor) is None:
                return

    def _used(self, rows: Iterable[ResourceRow]) -> Iterator[QuotaUse]:
        bounds = [(row, what, maximum) for row in rows if (what := _counted(row)) and (maximum := _maximum(row))]
        if not bounds:
            return
        places = {(row.source_id, row.account, row.region) for row, _, _ in bounds}
        with self._database.read() as connection:
            found = {what: self._most(connection, what, places) for what in {what for _, what, _ in bounds}}
        for row, what, maximum in bounds:
            number, of = found[what].get((row.source_id, row.account, row.region), (0, ""))
            yield QuotaUse(
                row.id, row.alias, row.name, row.account, row.region, row.source,
                what.type, maximum, number, int(100 * number / maximum), of, row.stale,
            )  # fmt: skip

    def _most(
        self, connection: Connection, what: _Counted, places: set[tuple[str, str, str]]
    ) -> dict[tuple[str, str, str], _Most]:
        """By source, account and region how many there are; of the one that has most, where they are counted apart."""
        query = Query(type=what.type, where=dict([what.where.split("=", 1)]) if what.where else {})
        _, selection = filters.select(query, self._database.dialect)
        where = (_resource.source_id, _resource.account, _resource.region)
        for column, values in zip(where, zip(*places, strict=True), strict=True):
            selection = selection.where(column.in_(set(values)))
        apart = _text(_resource.attributes, what.by, self._database.dialect) if what.by else sa.literal("")
        rows = connection.execute(selection.with_only_columns(*where, apart, sa.func.count()).group_by(*where, apart))
        most: dict[tuple[str, str, str], _Most] = defaultdict(lambda: (0, ""))
        for source_id, account, region, value, number in rows:
            place = (source_id, account, region)
            if not what.by or value is not None:
                most[place] = max(most[place], (number, str(value or "")))
        return most


def _counted(row: ResourceRow) -> _Counted | None:
    said = {name: row.attributes.get(name) for name in ("counts", "counts_by", "counts_where")}
    if not isinstance(said["counts"], str):
        return None
    return _Counted(said["counts"], str(said["counts_by"] or ""), str(said["counts_where"] or ""))


def _maximum(row: ResourceRow) -> float | None:
    value = row.attributes.get("maximum")
    return float(value) if isinstance(value, int | float) and value > 0 else None


def _text(attributes: Any, name: str, dialect: str) -> sa.ColumnElement[Any]:
    if dialect == "postgresql":
        return sa.func.jsonb_extract_path_text(attributes, name)
    return sa.func.json_extract(attributes, f'$."{name}"')
