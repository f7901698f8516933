"""Reading resources: now or as of a past moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from openvna.model import Conflict, NotFound, Outcome, Scope
from openvna.store import filters, tables
from openvna.store.columns import microseconds
from openvna.store.cursor import Cursor, clamp
from openvna.store.dictionaries import Dictionaries
from openvna.store.difference import difference
from openvna.store.engine import Database
from openvna.store.links import incoming, relations
from openvna.store.prepared import pieces
from openvna.store.rows import Page, Query, ResourceDetail, ResourceRow, VersionRow

_EACH = 1_000
_resource, _version = tables.resource.c, tables.version.c
_coverage, _sighting = tables.coverage.c, tables.sighting.c


class Resources:
    def __init__(self, database: Database, dictionaries: Dictionaries) -> None:
        self._database = database
        self._dictionaries = dictionaries

    def list(
        self,
        query: Query = Query(),
        *,
        sort: str = "type",
        descending: bool = False,
        cursor: str | None = None,
        limit: int = 100,
        count: bool = False,
    ) -> Page[ResourceRow]:
        """Keyset-paginated; `sort` is one of type, name, id, account, region, changed_at. At most 1,000 a page. Those
        of one type come in the order in which they were first seen.

        `Query.deleted` lists the deleted ones as well. Of a past moment (`Query.at`) it is not told how well it was
        known: `confirmed_at` is None and `stale` False.
        Raises `InvalidInput` for a cursor that is not ours or a sort that is not in the list."""
        limit = clamp(limit)
        view, selection = filters.select(query, self._database.dialect)
        page = selection.order_by(*filters.order(view, sort, descending))
        parts: Sequence[sa.ColumnElement[bool]] = (sa.true(),)
        place = Cursor.of("resources", filters.fingerprint(query), filters.SORTS.get(sort), descending)
        if cursor is not None:
            types = tuple(filters.SORT_TYPES.get(name, str) for name in filters.SORTS[sort])
            values = place.read(cursor, types)
            parts = filters.behind(view, sort, descending, values)
            if query.at is not None or query.deleted or query.text:  # each part would look through all there is
                parts = (filters.after(view, sort, descending, values),)
        rows: list[Any] = []
        with self._database.read() as connection:
            for part in parts:
                if len(rows) <= limit:
                    rows += connection.execute(page.where(part).limit(limit + 1 - len(rows)))
            items = tuple(_rows(connection, rows[:limit], query.at))
            total = _count(connection, selection) if count else None
        following = None
        if len(rows) > limit:
            last = rows[limit - 1]
            following = place.write(
                tuple(
                    microseconds(value) if isinstance(value, datetime) else value
                    for value in (getattr(last, name) for name in filters.SORTS[sort])
                )
            )
        return Page(items, following, total)

    def each(self, query: Query = Query()) -> Iterator[ResourceRow]:
        """All that match, type by type in the order in which they were first seen, without holding them in memory. Each
        that is there all the while comes once, whatever changes of it meanwhile but its type."""
        cursor = None
        while True:
            page = self.list(query, cursor=cursor, limit=_EACH)
            yield from page.items
            if (cursor := page.cursor) is None:
                return

    def of_keys(self, keys: Sequence[int]) -> tuple[ResourceRow, ...]:
        """The living resources with these row keys, at most a page of them, in this order."""
        _, selection = filters.faces(Query())
        with self._database.read() as connection:
            rows = [
                row for some in pieces(keys) for row in connection.execute(selection.where(_resource.key.in_(some)))
            ]
            found = {row.key: row for row in _rows(connection, rows, None)}
        return tuple(found[key] for key in keys if key in found)

    def counts(self, query: Query = Query()) -> dict[str, int]:
        """Resources by type."""
        view, selection = filters.select(query, self._database.dialect)
        counted = selection.with_only_columns(view.c.type, sa.func.count()).group_by(view.c.type).order_by(view.c.type)
        with self._database.read() as connection:
            return {row[0]: row[1] for row in connection.execute(counted)}

    def total(self, query: Query = Query()) -> int:
        """How many there are."""
        _, selection = filters.select(query, self._database.dialect)
        with self._database.read() as connection:
            return _count(connection, selection)

    def facets(self) -> dict[str, tuple[str, ...]]:
        """The distinct values of `account`, `region` and `type`, sorted, for filters."""
        with self._database.read() as connection:
            return {
                name: tuple(
                    connection.execute(
                        sa.select(_resource[name])
                        .where(_resource.deleted_at.is_(None), _resource[name] != "")
                        .distinct()
                        .order_by(_resource[name])
                    ).scalars()
                )
                for name in ("account", "region", "type")
            }

    def find(self, id_or_alias: str, *, source_id: str | None = None) -> tuple[ResourceRow, ...]:
        """All resources with this id or alias (there can be one a source). Deleted ones only when there is no other."""
        with self._database.read() as connection:
            return tuple(_rows(connection, _find(connection, id_or_alias, source_id, None), None))

    def get(
        self,
        id_or_alias: str,
        *,
        source_id: str | None = None,
        at: datetime | None = None,
        most_incoming: int | None = None,
    ) -> ResourceDetail:
        """One resource. Raises `NotFound` (with near matches by name or prefix) or `Conflict` when several match.

        A hub has as many links to it as the network has resources: `most_incoming` bounds those of each name.
        """
        with self._database.read() as connection:
            found = _find(connection, id_or_alias, source_id, at)
            if not found:
                raise _not_found(connection, id_or_alias, at, self._database.dialect)
            if len(found) > 1:
                names = _source_names(connection)
                raise Conflict(
                    f"{len(found)} resources are called {id_or_alias}.",
                    "They are: " + ", ".join(f"{row.id} (source {names.get(row.source_id, '?')})" for row in found[:5]),
                    "Name one by its full id, and its source where that is not enough.",
                )
            row = found[0]
            body = self._body(connection, row.key, row.version)
            links = relations(
                connection, row, at, body["relations"], lambda rows: _rows(connection, rows, at), most_incoming
            )
            return ResourceDetail(
                _rows(connection, [row], at)[0],
                body["document"],
                links,
                incoming(connection, row, at),
            )

    def scopes(self, key: int) -> tuple[Scope, ...]:
        """The scopes that see the resource with this row key, first the one whose view counts. Of one that is gone,
        the last of these."""
        scope = tables.scope.c
        holds = sa.select(_resource.scope_id).where(_resource.key == key).scalar_subquery()
        seeing = sa.select(_sighting.scope_id).where(_sighting.resource_key == key)
        with self._database.read() as connection:
            rows = connection.execute(
                sa.select(tables.scope)
                .where(scope.id.in_(seeing) | (scope.id == holds))
                .order_by(sa.case((scope.id == holds, 0), else_=1), scope.key)
            )
            return tuple(Scope(row.key, row.partition, row.account, row.region) for row in rows)

    def versions(self, key: int) -> tuple[VersionRow, ...]:
        """All versions of the resource with this row key, newest first, each with its difference to the one before."""
        with self._database.read() as connection:
            rows = connection.execute(
                sa.select(tables.version).where(_version.resource_key == key).order_by(_version.number)
            ).all()
            bodies = [self._dictionaries.unpack(connection, row.body, row.dictionary) for row in rows]
            deleted_at = connection.execute(
                sa.select(_resource.deleted_at).where(_resource.key == key)
            ).scalar_one_or_none()
        if not rows:
            raise NotFound(f"There is no resource with the key {key}.", "", "`openvna resources` lists the resources.")
        versions: list[VersionRow] = []
        before: dict[str, Any] | None = None
        for row, body in zip(rows, bodies, strict=True):
            versions.append(
                VersionRow(
                    row.number,
                    row.valid_from,
                    row.valid_to or deleted_at,
                    row.run_id,
                    body["name"],
                    body["tags"],
                    body["attributes"],
                    body["document"],
                    () if before is None else difference(before, body),
                )
            )
            before = body
        return tuple(reversed(versions))

    def _body(self, connection: Connection, key: int, number: int) -> dict[str, Any]:
        version = connection.execute(
            sa.select(_version.body, _version.dictionary).where(_version.resource_key == key, _version.number == number)
        ).one()
        body: dict[str, Any] = self._dictionaries.unpack(connection, version.body, version.dictionary)
        return body


def _count(connection: Connection, selection: sa.Select[Any]) -> int:
    return int(
        connection.execute(selection.with_only_columns(sa.func.count(), maintain_column_froms=True)).scalar_one()
    )


def _source_names(connection: Connection) -> dict[str, str]:
    return {row.id: row.name for row in connection.execute(sa.select(tables.source.c.id, tables.source.c.name))}


def _rows(connection: Connection, rows: Iterable[Any], at: datetime | None) -> list[ResourceRow]:
    """The rows as they stand in a listing, with how well each is known."""
    rows = [*rows]
    names = _source_names(connection)
    known = _known(connection, [row.key for row in rows]) if at is None else {}
    shown = []
    for row in rows:
        confirmed_at, stale = known.get(row.key, (row.confirmed_at, False))
        shown.append(
            ResourceRow(
                key=row.key,
                id=row.id,
                alias=row.alias,
                type=row.type,
                kind=row.kind,
                name=row.name,
                account=row.account,
                region=row.region,
                source_id=row.source_id,
                source=names.get(row.source_id, ""),
                tags=row.tags,
                attributes=row.attributes,
                version=row.version,
                first_seen=row.first_seen,
                changed_at=row.valid_from,
                confirmed_at=confirmed_at,
                stale=stale,
                deleted_at=row.deleted_at,
            )
        )
    return shown


def _known(connection: Connection, keys: list[int]) -> dict[int, tuple[datetime | None, bool]]:
    """When each resource was last confirmed, and whether the last try of its type failed in all scopes that see it."""
    known: dict[int, tuple[datetime | None, bool]] = {}
    for some in pieces(keys):
        for key, since, itself, outcome, complete_at, tried_at in connection.execute(
            sa.select(
                _sighting.resource_key,
                _sighting.since,
                _sighting.confirmed_at,
                _coverage.outcome,
                _coverage.complete_at,
                _coverage.tried_at,
            )
            .join(tables.coverage, (_coverage.scope_id == _sighting.scope_id) & (_coverage.type == _sighting.type))
            .where(_sighting.resource_key.in_(some))
        ):
            # A sighting that is younger than the last complete listing came from one that was not complete.
            confirmed = complete_at if complete_at is not None and complete_at >= since else None
            if itself is not None and (confirmed is None or confirmed < itself):
                confirmed = itself
            sure = outcome == Outcome.OK.value or (itself is not None and itself >= tried_at)
            before, stale = known.get(key, (None, True))
            if before is not None and (confirmed is None or confirmed < before):
                confirmed = before
            known[key] = (confirmed, stale and not sure)
    return known


def _find(connection: Connection, id_or_alias: str, source_id: str | None, at: datetime | None) -> list[Any]:
    if not id_or_alias or "\x00" in id_or_alias:
        return []
    view, selection = filters.faces(Query(at=at, deleted=True))
    if source_id is not None:
        selection = selection.where(view.c.source_id == source_id)
    found: dict[int, Any] = {}
    for column in (view.c.id, view.c.alias):
        for row in connection.execute(selection.where(column == id_or_alias).order_by(view.c.key)):
            found[row.key] = row
    living = [row for row in found.values() if row.deleted_at is None]
    return living or list(found.values())


def _not_found(connection: Connection, id_or_alias: str, at: datetime | None, dialect: str) -> NotFound:
    near: dict[str, None] = {}
    for text in (id_or_alias, id_or_alias[: max(4, len(id_or_alias) // 2)]):
        if near or not text.strip() or "\x00" in text:
            break
        view, selection = filters.select(Query(text=text, at=at), dialect)
        for row in connection.execute(selection.order_by(view.c.id).limit(5)):
            near[f"{row.alias or row.id}{f' ({row.name})' if row.name else ''}"] = None
    when = "" if at is None else f" at {at:%Y-%m-%d %H:%M:%S %Z}"
    return NotFound(
        f"There is no resource {_shown(id_or_alias)}{when}.",
        f"Near to it: {', '.join(near)}." if near else "",
        "`openvna resources` lists the resources.",
    )


def _shown(id: str) -> str:
    """An id as a message may hold it: an empty one, or one with odd characters, in quotes."""
    return id if id and id.isprintable() else repr(id)
