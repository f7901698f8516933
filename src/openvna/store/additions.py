"""Rows that a transaction adds, table by table: collected, and written by the thousand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from operator import itemgetter
from typing import Any

from sqlalchemy.engine import Connection

from openvna.model import ChangeKind
from openvna.store import tables
from openvna.store.bulk import insert_keys, insert_rows
from openvna.store.canonical import Entry

FACE = ("kind", "alias", "name", "account", "region", "tags", "attributes", "search")
"""The columns of a resource whose raw values are in `Entry.face`, in their order."""
# What is written of a resource that is new, beside what is the same for all of them (see `Additions.write`).
_RESOURCE = ("key", "id", "type", "hash", *FACE)
_FIRST_VERSION = ("resource_key", "dictionary", "body")
_FIRST_RELATION = ("to", "name", "resource_key")
_CREATED = ("sequence", "resource_key", "type", "name", "account", "region")
# And of what becomes of one later.
_VERSION = ("resource_key", "number", "valid_from", "dictionary", "body")
_RELATION = ("to", "name", "resource_key", "valid_from")
_CHANGE = ("sequence", "kind", "at", "resource_key", "type", "name", "account", "region", "fields")
_SIGHTING = ("type", "resource_key", "fingerprint")
_HUB = 8
"""Relations to one resource from which on they are written as one value: nearly all lead to some few, a network or a
subnet."""
_END = itemgetter(1, 0)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a listing comes from. `at` is the moment of the transaction in microseconds."""

    source_id: str
    scope_id: int
    account: str
    region: str
    run_id: str
    at: int


class Additions:
    """What the listings of one place add. Used within one write transaction, and only there."""

    def __init__(self, connection: Connection, place: Place) -> None:
        self._connection = connection
        self._place = place
        self.sightings: list[tuple[str, int, bytes | None]] = []
        """Type, key and fingerprint of what this scope sees newly."""
        self._resources: list[tuple[Any, ...]] = []
        self._first_versions: list[tuple[Any, ...]] = []
        self._created: list[tuple[Any, ...]] = []
        self._linked: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._versions: list[tuple[Any, ...]] = []
        self._relations: list[tuple[Any, ...]] = []
        self._changes: list[tuple[Any, ...]] = []

    def create(self, type: str, entries: Iterable[Entry], first_key: int, first_change: int) -> None:
        """Resources that are new, seen now, with their keys and the numbers of the changes that tell of them: the first
        one gets these, the others those that follow."""
        linked, sightings = self._linked, self.sightings
        for key, change, entry in zip(count(first_key), count(first_change), entries, strict=False):
            id, _, hash, packed, dictionary, face, relations, _, fingerprint = entry
            self._resources.append((key, id, type, hash, *face))
            self._first_versions.append((key, dictionary, packed))
            for relation in relations:
                linked[relation].append(key)
            sightings.append((type, key, fingerprint))
            self._created.append((change, key, type, *face[2:5]))

    def version(self, key: int, number: int, at: int, entry: Entry) -> None:
        """Another version of a resource that there was before, from this moment on."""
        self._versions.append((key, number, at, entry.dictionary, entry.packed))

    def relate(self, key: int, relations: Iterable[tuple[str, str]], at: int) -> None:
        """The names of relations that a resource has from this moment on, each with what it leads to."""
        self._relations += [(to, name, key, at) for name, to in relations]

    def tell(
        self,
        sequence: int,
        kind: ChangeKind,
        at: int,
        key: int,
        type: str,
        facts: Sequence[str],
        fields: bytes | None = None,
    ) -> None:
        """A change. `facts`: name, account and region of the resource."""
        self._changes.append((sequence, str(kind), at, key, type, *facts, fields))

    def write(self, reason: str = "") -> None:
        """All of it but the relations. `reason` says why, where it is not what was listed."""
        connection, place = self._connection, self._place
        source, run, here = {"source_id": place.source_id}, {"run_id": place.run_id}, {"scope_id": place.scope_id}
        first = {"version": 1, "valid_from": place.at, "first_seen": place.at}
        insert_rows(connection, tables.resource, _RESOURCE, self._resources, {**source, **here, **first})
        first = {"number": 1, "valid_from": place.at}
        insert_rows(connection, tables.version, _FIRST_VERSION, self._first_versions, {**run, **first})
        insert_rows(connection, tables.version, _VERSION, self._versions, run)
        insert_rows(connection, tables.sighting, _SIGHTING, self.sightings, {**here, "since": place.at})
        created = {"kind": str(ChangeKind.CREATED), "at": place.at}
        insert_rows(connection, tables.change, _CREATED, self._created, {**run, **source, **created})
        insert_rows(connection, tables.change, _CHANGE, self._changes, {**run, **source, "reason": reason or None})
        for written in (
            self._resources, self._first_versions, self._versions, self.sightings, self._created, self._changes,
        ):  # fmt: skip
            written.clear()

    def write_relations(self) -> None:
        """Those of all that was added so far, in the order of their table, which is not that of the resources: each of
        its pages is looked for once then."""
        connection, since, rows = self._connection, {"valid_from": self._place.at}, []
        for name, to in sorted(self._linked, key=_END):
            keys = self._linked[name, to]
            if len(keys) < _HUB:
                rows += [(to, name, key) for key in keys]
            else:
                insert_keys(connection, tables.relation, "resource_key", keys, {"to": to, "name": name, **since})
        insert_rows(connection, tables.relation, _FIRST_RELATION, rows, since)
        insert_rows(connection, tables.relation, _RELATION, sorted(self._relations))
        self._linked.clear()
        self._relations.clear()
