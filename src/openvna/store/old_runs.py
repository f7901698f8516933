"""Forgetting old runs, with their ledgers: a large organization adds some ten thousand a day."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from openvna.store import tables
from openvna.store.alive import RUNNING
from openvna.store.engine import Database

_run, _listing = tables.run.c, tables.listing.c
_newer = tables.run.alias("newer")
_OLD = (
    sa.select(_run.id)
    .where(
        _run.started_at < sa.bindparam("before", type_=_run.started_at.type),
        _run.state != RUNNING,
        sa.exists().where(
            _newer.c.scope_id == _run.scope_id,
            _newer.c.started_at >= _run.started_at,
            sa.tuple_(_newer.c.started_at, _newer.c.id) > sa.tuple_(_run.started_at, _run.id),
        ),
    )
    .order_by(_run.started_at, _run.id)
    .limit(sa.bindparam("most", type_=sa.Integer))
)


def forget(database: Database, before: datetime, most: int) -> int:
    """As `Runs.forget` says."""
    with database.read() as connection:
        ids = connection.execute(_OLD, {"before": before, "most": most}).scalars().all()
    if ids:
        with database.write(durable=False) as connection:
            connection.execute(sa.delete(tables.listing).where(_listing.run_id.in_(ids)))
            connection.execute(sa.delete(tables.run).where(_run.id.in_(ids)))
    return len(ids)
