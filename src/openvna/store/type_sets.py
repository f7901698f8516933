"""Sets of resource types, kept once each and named by their hash: thousands of scopes share a few of them."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from openvna.store import tables
from openvna.store.prepared import Prepared, pieces

_KEEP = {
    "postgresql": Prepared(postgresql.insert(tables.type_set).on_conflict_do_nothing()),
    "sqlite": Prepared(sqlite.insert(tables.type_set).on_conflict_do_nothing()),
}
_MOST_KEPT = 4096
_known: dict[int, tuple[str, ...]] = {}
"""Sets that were read, of any database: what an id names never changes."""


def named(types: Iterable[str]) -> tuple[int, tuple[str, ...]]:
    """The id of a set, and its types in their order."""
    ordered = tuple(sorted(types))
    digest = hashlib.blake2b("\n".join(ordered).encode(), digest_size=8).digest()
    return int.from_bytes(digest) >> 1, ordered  # 63 bits: the databases' integers have a sign


def keep(connection: Connection, sets: Mapping[int, tuple[str, ...]]) -> None:
    """Write the sets that are not there yet."""
    rows = ({"id": id, "types": list(types)} for id, types in sets.items())
    _KEEP[connection.dialect.name].run(connection, *rows)


def read(connection: Connection, ids: Collection[int]) -> dict[int, tuple[str, ...]]:
    """The types of each set."""
    wanted = set(ids)
    found = {id: _known[id] for id in wanted if id in _known}
    missing = sorted(wanted - found.keys())
    if len(_known) + len(missing) > _MOST_KEPT:
        _known.clear()
    for some in pieces(missing):
        rows = connection.execute(sa.select(tables.type_set).where(tables.type_set.c.id.in_(some)))
        found |= {row.id: tuple(row.types) for row in rows}
    _known.update({id: found[id] for id in missing})
    return found
