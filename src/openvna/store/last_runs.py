"""What the last runs of scopes found and did, for whoever wants to know what the next ones will."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from openvna.model import Outcome
from openvna.store import call_costs, tables
from openvna.store.rows import KnownScope

_run, _scope, _coverage = tables.run.c, tables.scope.c, tables.coverage.c
_LOOKED_AT = timedelta(days=2)
"""How long before the last run of its source a run may have begun to count: rows of a busy source are many."""


def newest(connection: Connection, source_id: str) -> dict[str, str]:
    """The newest run of all of each scope that tells its calls, by the scope's key."""
    last = connection.execute(
        sa.select(sa.func.max(_run.started_at)).where(_run.source_id == source_id)
    ).scalar_one_or_none()
    if last is None:
        return {}
    query = (
        sa.select(_scope.key, _run.id)
        .join(tables.scope, _scope.id == _run.scope_id)
        .where(
            _run.source_id == source_id,
            _run.started_at >= last - _LOOKED_AT,
            _run.by_call.is_not(None),
            sa.or_(_run.extent.is_(None), _run.extent == ""),
        )
        .order_by(_run.started_at)
    )
    return {row.key: row.id for row in connection.execute(query)}


def of_scopes(connection: Connection, source_id: str, runs: Mapping[str, str | None]) -> dict[str, KnownScope]:
    """What is known of some hundred scopes, by their keys; `runs` are those of `newest`."""
    resources: dict[str, dict[str, int]] = defaultdict(dict)
    query = (
        sa.select(_scope.key, _coverage.type, _coverage.resources)
        .join(tables.scope, _scope.id == _coverage.scope_id)
        .where(_scope.source_id == source_id, _scope.key.in_(list(runs)), _coverage.outcome != Outcome.UNKNOWN.value)
    )
    for row in connection.execute(query):
        resources[row.key][row.type] = row.resources
    calls = _calls(connection, [id for id in runs.values() if id is not None])
    return {
        key: KnownScope(resources[key], calls.get(id or "", {}))
        for key, id in runs.items()
        if key in resources or (id or "") in calls
    }


def _calls(connection: Connection, run_ids: Collection[str]) -> dict[str, dict[str, int]]:
    """The calls of each of these runs by their names, retries not counted."""
    rows = connection.execute(sa.select(_run.id, _run.by_call).where(_run.id.in_(list(run_ids))))
    names = call_costs.names(connection)
    return {
        row.id: {names[id]: cost.calls - cost.retries for id, cost in call_costs.read(row.by_call)}
        for row in rows
        if row.by_call is not None
    }
