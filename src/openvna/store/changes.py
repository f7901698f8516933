"""Reading changes."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from openvna.model import FieldChange
from openvna.store import tables
from openvna.store.columns import microseconds, unpack
from openvna.store.cursor import Cursor, clamp
from openvna.store.engine import Database
from openvna.store.rows import ChangeRow, Page

_change, _resource = tables.change.c, tables.resource.c


class Changes:
    def __init__(self, database: Database) -> None:
        self._database = database

    def list(
        self,
        *,
        source_id: str | None = None,
        resource_id: str | None = None,
        type: str | None = None,
        kind: str | None = None,
        account: str | None = None,
        region: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        run_id: str | None = None,
        cursor: str | None = None,
        limit: int = 100,
    ) -> Page[ChangeRow]:
        """Newest first. `resource_id` is an id or an alias, `since` is included, `until` is not.

        At most 1,000 a page. Raises `InvalidInput` for a cursor that is not of this listing."""
        limit = clamp(limit)
        wanted = {
            "source_id": source_id, "type": type, "kind": kind, "account": account, "region": region, "run_id": run_id,
        }  # fmt: skip
        moments = [None if moment is None else microseconds(moment) for moment in (since, until)]
        place = Cursor.of("changes", wanted, resource_id, moments)
        query = (
            sa.select(tables.change, _resource.id, _resource.alias, tables.source.c.name.label("source"))
            .join(tables.resource, _resource.key == _change.resource_key)
            .join(tables.source, tables.source.c.id == _change.source_id)
            .order_by(_change.sequence.desc())
            .limit(limit + 1)
        )
        for name, value in wanted.items():
            if value is not None:
                query = query.where(_change[name] == value)
        if resource_id is not None:
            meant = sa.select(_resource.key).where((_resource.id == resource_id) | (_resource.alias == resource_id))
            query = query.where(_change.resource_key.in_(meant))
        if since is not None:
            query = query.where(_change.at >= since)
        if until is not None:
            query = query.where(_change.at < until)
        if cursor is not None:
            query = query.where(_change.sequence < place.read(cursor, (int,))[0])
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        items = tuple(
            ChangeRow(
                row.sequence,
                row.kind,
                row.at,
                row.run_id,
                row.id,
                row.alias,
                row.type,
                row.name,
                row.account,
                row.region,
                row.source_id,
                row.source,
                () if row.fields is None else tuple(FieldChange(*each) for each in unpack(row.fields)),
                row.reason or "",
            )
            for row in rows[:limit]
        )
        return Page(items, place.write((items[-1].sequence,)) if len(rows) > limit else None)
