"""The scopes of a source, and which of them rest because there is nothing of anyone's in them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from openvna.model import JSON, Outcome
from openvna.store import coverage, tables
from openvna.store.engine import Database
from openvna.store.prepared import Prepared
from openvna.store.rows import ScopeRow

LOOK = "look"
"""What a run is about that only looks whether a scope is still empty."""

MOST_GIVEN = 200
"""Resources of one type that are looked at one by one: where there are more, somebody made them."""

_scope, _coverage, _sighting, _resource = tables.scope.c, tables.coverage.c, tables.sighting.c, tables.resource.c
_quiet = tables.quiet.c
_LINES = sa.union_all(
    sa.select(_coverage.scope_id, _coverage.outcome, _coverage.tried_at, _coverage.complete_at, _coverage.resources),
    sa.select(_quiet.scope_id, _quiet.outcome, _quiet.tried_at, _quiet.complete_at, sa.literal(0).label("resources")),
).subquery("lines")
"""All that is known of the types of each scope: a line each, or for many that hold nothing."""

_here: sa.BindParameter[int] = sa.bindparam("scope")
_named = (_scope.source_id == sa.bindparam("source")) & (_scope.key == sa.bindparam("scope_key"))
_ID = Prepared(sa.select(_scope.id, _scope.empty_runs, _scope.rests_until).where(_named))
_LOCKED = Prepared(sa.select(_scope.id, _scope.empty_runs, _scope.rests_until).where(_named).with_for_update())
_OUTCOMES = Prepared(sa.select(_LINES.c.outcome).where(_LINES.c.scope_id == _here).distinct())
_HELD = Prepared(
    sa.select(_coverage.type, _coverage.resources).where(_coverage.scope_id == _here, _coverage.resources > 0)
)
_REST = Prepared(
    sa.update(tables.scope)
    .where(_scope.id == _here)
    .values(empty_runs=sa.bindparam("runs"), rests_until=sa.bindparam("until", type_=_scope.rests_until.type))
)


class Scopes:
    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self, source_id: str) -> tuple[ScopeRow, ...]:
        """Those of which anything is known, by their keys: one that has left is none any more."""
        known = _LINES.c
        # What is not to be had there is known, though it was never listed completely.
        missing = sa.and_(known.complete_at.is_(None), known.outcome != Outcome.UNSUPPORTED.value)
        query = (
            sa.select(
                tables.scope,
                sa.func.sum(known.resources).label("resources"),
                sa.func.max(known.tried_at).label("looked_at"),
                sa.func.min(known.complete_at).label("complete_at"),
                sa.func.sum(sa.case((missing, 1), else_=0)).label("missing"),
            )
            .join(_LINES, known.scope_id == _scope.id)
            .where(_scope.source_id == source_id)
            .group_by(*tables.scope.c)
            .order_by(_scope.key)
        )
        with self._database.read() as connection:
            return tuple(
                ScopeRow(
                    row.key,
                    row.account,
                    row.region,
                    int(row.resources),
                    row.looked_at,
                    None if row.missing else row.complete_at,
                    row.rests_until,
                    row.empty_runs,
                )
                for row in connection.execute(query)
            )

    def places(self, source_id: str) -> int:
        """How many there have been that are a region of an account."""
        query = sa.select(sa.func.count()).where(_scope.source_id == source_id, _scope.region != "")
        with self._database.read() as connection:
            return int(connection.execute(query.select_from(tables.scope)).scalar_one())

    def resting(self, source_id: str, most: timedelta | None = None) -> dict[str, datetime]:
        """The keys of the scopes that rest now, and until when. One that would rest for longer than `most` does not:
        the clock was set back since, or the bound lowered."""
        now = self._database.clock()
        query = sa.select(_scope.key, _scope.rests_until).where(_scope.source_id == source_id, _scope.rests_until > now)
        if most is not None:
            query = query.where(_scope.rests_until <= now + most)
        with self._database.read() as connection:
            return {row.key: row.rests_until for row in connection.execute(query)}

    def is_empty(self, source_id: str, key: str, given: Mapping[str, Mapping[str, JSON]]) -> bool:
        """Whether a scope holds nothing but what `given` says, type by type: all of it where no attributes are named.
        One of which anything is not known, because it was denied or failed, is not empty."""
        with self._database.read() as connection:
            scope = _ID.first(connection, {"source": source_id, "scope_key": key})
            if scope is None:
                return False
            here = {"scope": scope.id}
            outcomes = {line.outcome for line in _OUTCOMES.rows(connection, here)}
            if not outcomes or not outcomes.issubset(coverage.FINE):
                return False
            held = {line.type: line.resources for line in _HELD.rows(connection, here)}
            if not held.keys() <= given.keys():
                return False
            some = {type: given[type] for type in held if given[type]}
            return all(held[type] <= MOST_GIVEN for type in some) and _only(connection, scope.id, some)

    def rest(self, source_id: str, key: str, empty: bool, interval: timedelta, most: timedelta) -> datetime | None:
        """Note that a complete collection found a scope empty, or not; until when it rests. The time doubles with
        each time in a row, from twice the interval up to `most`."""
        now, named = self._database.clock(), {"source": source_id, "scope_key": key}
        if not empty:  # as nearly all are that are read whole: nothing is to be written for most of them
            with self._database.read() as connection:
                scope = _ID.first(connection, named)
            if scope is None or (scope.empty_runs, scope.rests_until) == (0, None):
                return None
        with self._database.write(durable=False) as connection:
            scope = _LOCKED.first(connection, named)
            if scope is None:
                return None
            runs = scope.empty_runs + 1 if empty else 0
            until = now + min(most, interval * 2 ** min(runs, 20)) if empty and most > interval else None
            if runs != scope.empty_runs or until is not None:
                _REST.run(connection, {"scope": scope.id, "runs": runs, "until": until})
        return until


def _only(connection: Connection, scope_id: int, like: Mapping[str, Mapping[str, JSON]]) -> bool:
    """Whether all resources of these types that a scope sees have these attributes (or name, or account)."""
    if not like:
        return True
    rows = connection.execute(
        sa.select(_sighting.type, _resource.name, _resource.account, _resource.attributes)
        .join(tables.sighting, _sighting.resource_key == _resource.key)
        .where(_sighting.scope_id == scope_id, _sighting.type.in_(sorted(like)))
    )
    return all(
        {"name": row.name, "account": row.account, **row.attributes}.get(name) == value
        for row in rows
        for name, value in like[row.type].items()
    )
