"""The links of a resource, both ways, with what stands at the other end."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from openvna.store import filters, tables
from openvna.store.rows import Query, RelationRow, ResourceRow

_relation = tables.relation.c
_MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class _Link:
    """A named end, and where the resource that names it stands: what the name means depends on that."""

    source_id: str
    account: str
    region: str
    to: str


def relations(
    connection: Connection,
    row: Any,
    at: datetime | None,
    own: Iterable[tuple[str, str]],
    as_rows: Callable[[Iterable[Any]], list[ResourceRow]],
    most: int | None = None,
) -> tuple[RelationRow, ...]:
    """The links from and to the resource of this row, first those out, ordered by name and end.

    `own` are those from it, as the body of its version has them. Of those to it at most so many of each name, when
    `most` is given.
    """
    query = Query(at=at)
    out = [(name, _Link(row.source_id, row.account, row.region, to)) for name, to in own]
    view, selection = filters.faces(query)
    names = [row.id, row.alias] if row.alias else [row.id]
    to_here = (
        selection.add_columns(_relation.name.label("link_name"), _relation.to.label("link_to"))
        .join_from(view, tables.relation, _relation.resource_key == view.c.key)
        .where(_relation.to.in_(names), _open(at))
    )
    if most is None:
        pointing = list(connection.execute(to_here))
    else:
        pointing = [
            each
            for name in incoming(connection, row, at)
            for each in connection.execute(
                to_here.where(_relation.name == name).order_by(_relation.resource_key).limit(most)
            )
        ]
    back = [(each, _Link(each.source_id, each.account, each.region, each.link_to)) for each in pointing]
    ends = _resolve(connection, query, {link for _, link in (*out, *back)})
    others = {each.key: each for each in (*ends.values(), *pointing)}
    shown = {each.key: each for each in as_rows(others.values())}
    result = [
        RelationRow(name, "out", link.to, shown[ends[link].key] if link in ends else None)
        for name, link in sorted(out, key=lambda item: (item[0], item[1].to))
    ]
    result += [
        RelationRow(each.link_name, "in", each.link_to, shown[each.key])
        for each, link in sorted(back, key=lambda item: (item[0].link_name, item[0].id))
        if link in ends and ends[link].key == row.key
    ]
    return tuple(result)


def incoming(connection: Connection, row: Any, at: datetime | None) -> dict[str, int]:
    """How many links of each name point to the resource of this row, by its id or its alias."""
    names = [row.id, row.alias] if row.alias else [row.id]
    counted = sa.select(_relation.name, sa.func.count()).where(_relation.to.in_(names), _open(at))
    rows = connection.execute(counted.group_by(_relation.name).order_by(_relation.name))
    return {row.name: row[1] for row in rows}


def _open(at: datetime | None) -> sa.ColumnElement[bool]:
    if at is None:
        return _relation.valid_to.is_(None)
    return (_relation.valid_from <= at) & (_relation.valid_to.is_(None) | (_relation.valid_to > at))


def _resolve(connection: Connection, query: Query, links: set[_Link]) -> dict[_Link, Any]:
    """What each link leads to, where that is known.

    The own source comes first, an id before an alias, the own account and region before others (an alias like
    `eu-west-1a` is not unique). In another source an alias counts only when it means one thing there.
    """
    view, selection = filters.faces(query)
    names = sorted({link.to for link in links})
    named: dict[str, dict[int, Any]] = {}
    for start in range(0, len(names), _MOST_AT_ONCE):
        some = names[start : start + _MOST_AT_ONCE]
        wanted = set(some)
        for column in (view.c.id, view.c.alias):
            for row in connection.execute(selection.where(column.in_(some))):
                for name in {row.id, row.alias} & wanted:
                    named.setdefault(name, {})[row.key] = row
    found: dict[_Link, Any] = {}
    for link in links:
        candidates = list(named.get(link.to, {}).values())
        near = [row for row in candidates if row.source_id == link.source_id]
        if not near:
            exact = [row for row in candidates if row.id == link.to]
            near = exact or (candidates if len({row.id for row in candidates}) == 1 else [])
        if near:
            found[link] = min(near, key=lambda row: _distance(link, row))
    return found


def _distance(link: _Link, row: Any) -> tuple[bool, bool, bool, int]:
    return (row.id != link.to, row.account != link.account, row.region != link.region, row.key)
