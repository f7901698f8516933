"""What the calls of a run cost, by their names: one small packed value a run, whatever the number of its calls.

A large organisation has thousands of runs of some hundred calls each: a row for every one of them would be more than
all that the runs found. Most calls of most runs are alike (one call, no retry), so that columns pack well; the names
are kept once for all runs.
"""

from __future__ import annotations

import weakref
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import accumulate

import sqlalchemy as sa
import zstandard
from sqlalchemy.engine import Connection

from openvna.model import JSON, Calls
from openvna.store import tables
from openvna.store.columns import pack, unpack
from openvna.store.engine import Database

_name = tables.call_name.c
_known: weakref.WeakKeyDictionary[Database, dict[str, int]] = weakref.WeakKeyDictionary()


def packed(
    database: Database, by_call: Mapping[str, Calls], compressor: zstandard.ZstdCompressor | None = None
) -> bytes | None:
    """The costs as they are kept, None where there are none. New names are noted in a transaction of their own:
    not to be called inside of one."""
    if not by_call:
        return None
    ids = _ids(database, by_call)
    lines = sorted((ids[name], calls) for name, calls in by_call.items())
    columns: list[JSON] = [
        [id - before for before, (id, _) in zip([0, *(id for id, _ in lines)], lines, strict=False)],
        [calls.calls for _, calls in lines],
        [calls.retries for _, calls in lines],
        [calls.throttles for _, calls in lines],
        [round(calls.seconds * 1000) for _, calls in lines],
        [round(calls.waited * 1000) for _, calls in lines],
    ]
    return pack(columns, compressor)


def unpacked(connection: Connection, values: Iterable[bytes | None]) -> dict[str, Calls]:
    """The costs of some runs, added up, by name. Seconds to the millisecond."""
    found: dict[int, Calls] = {}
    for value in values:
        for id, cost in read(value):
            before = found.get(id)
            found[id] = cost if before is None else before + cost
    known = names(connection) if found else {}
    return {known[id]: calls for id, calls in found.items()}


def read(value: bytes | None) -> Iterator[tuple[int, Calls]]:
    """The costs of one run, by the ids of their names."""
    if value is None:
        return
    steps, *columns = unpack(value)
    for id, calls, retries, throttles, seconds, waited in zip(accumulate(steps), *columns, strict=True):
        yield id, Calls(calls, retries, throttles, seconds / 1000, waited / 1000)


def names(connection: Connection) -> Mapping[int, str]:
    """The names by their ids."""
    return {row.id: row.name for row in connection.execute(sa.select(tables.call_name))}


def _ids(database: Database, names: Collection[str]) -> Mapping[str, int]:
    known = _known.get(database) or {}
    missing = [name for name in names if name not in known]
    if not missing:
        return known
    with database.write(durable=False, alone="call names") as connection:
        there = set(connection.execute(sa.select(_name.name)).scalars())
        new = [{"name": name} for name in sorted(missing) if name not in there]
        if new:
            connection.execute(sa.insert(tables.call_name), new)
        known = {row.name: row.id for row in connection.execute(sa.select(tables.call_name))}
    _known[database] = known
    return known
