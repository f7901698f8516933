"""What a scope saw before a run of it: how many resources of each type, and from which pieces of answers."""

from __future__ import annotations

from collections import defaultdict

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from openvna.store import tables
from openvna.store.key_set import Fingerprints
from openvna.store.prepared import Prepared

FEW = 1_000
"""So many resources of a scope are read all at once."""

_sighting = tables.sighting.c
_here: sa.BindParameter[int] = sa.bindparam("scope")
_FEW = Prepared(
    sa.select(_sighting.type, _sighting.fingerprint, _sighting.resource_key)
    .where(_sighting.scope_id == _here)
    .limit(FEW + 1)
)
_COUNTED = (
    sa.select(_sighting.type, sa.func.count().label("held")).where(_sighting.scope_id == _here).group_by(_sighting.type)
)
_OF_TYPE = (
    sa.select(_sighting.fingerprint, _sighting.resource_key)
    .where(_sighting.scope_id == _here, _sighting.type == sa.bindparam("name"), _sighting.fingerprint.is_not(None))
    .execution_options(yield_per=5_000)
)


def few(connection: Connection, scope_id: int) -> tuple[dict[str, int], dict[str, Fingerprints]] | None:
    """How many resources there are of each type, and the fingerprints of each; None where there are more than `FEW`."""
    rows = _FEW.rows(connection, {"scope": scope_id})
    if len(rows) > FEW:
        return None
    held: dict[str, int] = defaultdict(int)
    prints: dict[str, list[tuple[bytes, int]]] = defaultdict(list)
    for type, fingerprint, key in rows:
        held[type] += 1
        if fingerprint is not None:
            prints[type].append((fingerprint, key))
    return dict(held), {type: Fingerprints(found) for type, found in prints.items()}


def counted(connection: Connection, scope_id: int) -> dict[str, int]:
    """How many resources there are of each type."""
    return {row.type: row.held for row in connection.execute(_COUNTED, {"scope": scope_id})}


def fingerprints(connection: Connection, scope_id: int, type: str) -> Fingerprints:
    """Those of the resources of one type."""
    found = connection.execute(_OF_TYPE, {"scope": scope_id, "name": type})
    return Fingerprints((print_, key) for print_, key in found)
