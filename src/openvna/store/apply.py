"""One listing of one type becomes part of the memory: the work of one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby, islice
from operator import attrgetter
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from openvna.model import ChangeKind
from openvna.store import statements, tables
from openvna.store.additions import FACE, Additions, Place
from openvna.store.canonical import Entry
from openvna.store.columns import microseconds, moment_of, pack
from openvna.store.dictionaries import Packer
from openvna.store.difference import difference
from openvna.store.key_set import KeySet, Recorded, Reprints
from openvna.store.pages import forget_pages
from openvna.store.prepared import pieces

CHUNK = 500
_resource, _sighting, _version = tables.resource.c, tables.sighting.c, tables.version.c
_type_of = attrgetter("type")
_ATTRIBUTES = FACE.index("attributes")


@dataclass(slots=True)
class Tally:
    """What became of the listing of one type. `sighted` is by how many more resources the scope sees than before."""

    created: int = 0
    updated: int = 0
    deleted: int = 0
    sighted: int = 0

    def add(self, other: Tally) -> None:
        self.created += other.created
        self.updated += other.updated
        self.deleted += other.deleted
        self.sighted += other.sighted


@dataclass(slots=True)
class _Rows:
    """What a chunk changes of what there was before."""

    updates: list[dict[str, Any]] = field(default_factory=list)
    closed: list[dict[str, Any]] = field(default_factory=list)
    ended: list[dict[str, Any]] = field(default_factory=list)
    moved: list[tuple[int, str]] = field(default_factory=list)
    taken_over: list[int] = field(default_factory=list)
    reprinted: list[dict[str, Any]] = field(default_factory=list)
    renewed: list[dict[str, Any]] = field(default_factory=list)


class Application:
    """Applies the records of some listings, each of a type of its own. Used within one write transaction, and only
    there."""

    def __init__(
        self,
        connection: Connection,
        place: Place,
        packer: Packer,
        unchanged: Mapping[str, KeySet],
        recorded: Mapping[str, Recorded],
    ) -> None:
        """`unchanged` are the keys that each of the listings holds and that need no writing, `recorded` the pieces
        that it showed last."""
        self._connection = connection
        self._place = place
        self._packer = packer
        self._touched = unchanged
        self._recorded = recorded
        self.tallies: dict[str, Tally] = defaultdict(Tally)
        self.moved_from: set[str] = set()
        """The types as which this scope no longer sees something, because it was listed as another one."""
        # The row stays locked to the end of the transaction: one at a time writes resources.
        last = {row.name: row.last for row in statements.COUNTERS.rows(connection)}
        self._key, self._sequence = last["resource"], last["change"]
        self._before = (self._key, self._sequence)
        self._added = Additions(connection, place)

    def reprint(self, type: str, fingerprints: Reprints) -> None:
        """Note the fingerprints of resources that are as they were."""
        place = {"s": self._place.scope_id, "y": type}
        each = iter(fingerprints)
        while some := [{**place, "k": key, "f": fingerprint} for key, fingerprint in islice(each, CHUNK)]:
            self._connection.execute(statements.REPRINT, some)

    def write(self, chunks: Iterable[Sequence[Entry]]) -> None:
        """Write what is new or changed."""
        for chunk in chunks:
            for part in _apart(chunk):
                self._write_chunk(part)
        self._added.write_relations()

    def retire(self, type: str, reason: str = "", only: str = "") -> None:
        """End the sightings of a type in this scope that the listing no longer held, and delete the resources that
        no scope sees any more. `reason` says why, where it is not that listing; `only` is the id of the one resource
        that was asked for, where it was not all of the type."""
        place, connection = self._place, self._connection
        here = (_sighting.scope_id == place.scope_id) & (_sighting.type == type)
        if only:
            here &= _sighting.resource_key.in_(self._called(only))
        known = sa.select(_sighting.resource_key).where(here).execution_options(yield_per=5_000)
        seen = self._touched[type]
        gone = [key for key in connection.execute(known).scalars() if key not in seen]
        if not gone:
            return
        self.tallies[type].sighted -= len(gone)
        confirmed = connection.execute(
            sa.select(tables.coverage.c.complete_at).where(
                tables.coverage.c.scope_id == place.scope_id, tables.coverage.c.type == type
            )
        ).scalar_one_or_none()
        for keys in pieces(gone):
            connection.execute(sa.delete(tables.sighting).where(here, _sighting.resource_key.in_(keys)))
            elsewhere = set(
                connection.execute(
                    sa.select(_sighting.resource_key).where(_sighting.resource_key.in_(keys)).distinct()
                ).scalars()
            )
            left = sorted(elsewhere)
            if left:
                # Another scope still sees it: its view may take the place of ours from now on.
                connection.execute(
                    sa.update(tables.resource)
                    .where(_resource.key.in_(left), _resource.scope_id == place.scope_id)
                    .values(scope_id=None)
                )
                forget_pages(connection, left)
                connection.execute(
                    sa.update(tables.sighting).where(_sighting.resource_key.in_(left)).values(fingerprint=None)
                )
            self._delete(type, [key for key in keys if key not in elsewhere], confirmed, reason)

    def confirm(self, type: str, only: str) -> None:
        """Note of the one resource that was asked for by itself that it is there now."""
        here = (_sighting.scope_id == self._place.scope_id) & (_sighting.type == type)
        self._connection.execute(
            sa.update(tables.sighting)
            .where(here, _sighting.resource_key.in_(self._called(only)))
            .values(confirmed_at=moment_of(self._place.at))
        )

    def _called(self, id: str) -> sa.Select[Any]:
        """The key of the resource of this id."""
        return sa.select(_resource.key).where(_resource.source_id == self._place.source_id, _resource.id == id)

    def finish(self) -> None:
        """Note how far keys and sequence have come."""
        if (self._key, self._sequence) != self._before:
            last = {"k": "resource", "n": self._key}, {"k": "change", "n": self._sequence}
            statements.COUNT.run(self._connection, *last)

    def _write_chunk(self, chunk: Sequence[Entry]) -> None:
        place = self._place
        asked = {"source": place.source_id, "ids": [seen.id for seen in chunk]}
        present = {row.id: row for row in statements.PRESENT.rows(self._connection, asked)}
        keys = [row.key for row in present.values()]
        sighted: dict[int, set[int]] = {}
        types: dict[int, str] = {}
        for sight in statements.SIGHTED.rows(self._connection, {"keys": keys}) if keys else ():
            sighted.setdefault(sight.resource_key, set()).add(sight.scope_id)
            if sight.scope_id == place.scope_id:
                types[sight.resource_key] = sight.type
        rows = _Rows()
        changed: list[tuple[Entry, Any]] = []
        fresh: dict[str, Entry] = {}
        for seen in chunk:
            row = present.get(seen.id)
            if row is None:
                fresh.setdefault(seen.id, seen)
                continue
            if row.key in self._touched[seen.type]:
                continue
            self._touched[seen.type].add(row.key)
            scopes = sighted.get(row.key, set())
            if types.get(row.key) != seen.type:
                if row.key in types:
                    rows.moved.append((row.key, types[row.key]))
                    self.tallies[types[row.key]].sighted -= 1
                self.tallies[seen.type].sighted += 1
                self._added.sightings.append((seen.type, row.key, seen.fingerprint))
            else:
                rows.reprinted.append({"s": place.scope_id, "y": seen.type, "k": row.key, "f": seen.fingerprint})
            if row.deleted_at is not None:
                self._recreate(rows, seen, row)
            elif self._decides(row, scopes):
                if row.scope_id != place.scope_id:
                    rows.taken_over.append(row.key)
                if row.hash != seen.hash:
                    changed.append((seen, row))
                else:
                    rows.renewed.append({"k": row.key, "new_attributes": orjson.loads(seen.face[_ATTRIBUTES])})
        self._create(fresh.values())
        self._update(rows, changed)
        self._flush(rows)

    def _decides(self, row: Any, scopes: set[int]) -> bool:
        """Whether this scope's view is the one that counts for a resource that is there.

        The scope where the resource lives wins; else the view stays with the scope that has it, for as long as that
        one sees the resource, so that two scopes with different views do not make it change to and fro.
        """
        holder = row.scope_id
        if holder == self._place.scope_id or holder is None or holder not in scopes:
            return True
        here = (self._place.account, self._place.region) == (row.account, row.region)
        return here and not self._is_home(holder, row)

    def _is_home(self, scope_id: int, row: Any) -> bool:
        scope = self._connection.execute(
            sa.select(tables.scope.c.account, tables.scope.c.region).where(tables.scope.c.id == scope_id)
        ).one()
        return (scope.account, scope.region) == (row.account, row.region)

    def _create(self, fresh: Iterable[Entry]) -> None:
        for type, some in groupby(fresh, key=_type_of):
            entries, first = list(some), self._key + 1
            self._added.create(type, entries, first, self._sequence + 1)
            self._key += len(entries)
            self._sequence += len(entries)
            self._touched[type].update(range(first, self._key + 1))
            tally = self.tallies[type]
            tally.created += len(entries)
            tally.sighted += len(entries)

    def _recreate(self, rows: _Rows, seen: Entry, row: Any) -> None:
        """A deleted resource is seen again: its next version, after a gap."""
        at = max(self._place.at, microseconds(row.deleted_at) + 1)
        self._next_version(rows, seen, row, at)
        self._added.relate(row.key, seen.relations, at)
        self._note(ChangeKind.CREATED, at, row.key, seen.type, seen.face[2:5])
        self.tallies[seen.type].created += 1

    def _update(self, rows: _Rows, changed: Sequence[tuple[Entry, Any]]) -> None:
        if not changed:
            return
        bodies = self._bodies([row.key for _, row in changed])
        for seen, row in changed:
            before, after = bodies[row.key], self._unpack(seen.packed, seen.dictionary)
            fields = difference(before, after)
            if not fields:
                continue
            at = max(self._place.at, microseconds(row.valid_from) + 1)
            self._next_version(rows, seen, row, at)
            rows.closed.append({"k": row.key, "n": row.version, "t": moment_of(at)})
            old = {(name, to) for name, to in before["relations"]}
            new = set(seen.relations)
            rows.ended.extend(_ended(row.key, sorted(old - new), moment_of(at)))
            self._added.relate(row.key, new - old, at)
            packed = pack([[each.path, each.before, each.after] for each in fields], self._packer.plain)
            self._note(ChangeKind.UPDATED, at, row.key, seen.type, seen.face[2:5], packed)
            self.tallies[seen.type].updated += 1

    def _bodies(self, keys: Sequence[int]) -> dict[int, Any]:
        """What the newest versions of these resources hold."""
        found = self._connection.execute(
            sa.select(_version.resource_key, _version.body, _version.dictionary)
            .join(tables.resource, _resource.key == _version.resource_key)
            .where(_resource.version == _version.number, _resource.key.in_(keys))
        )
        return {row.resource_key: self._unpack(row.body, row.dictionary) for row in found}

    def _unpack(self, packed: bytes, dictionary: int | None) -> Any:
        return self._packer.dictionaries.unpack(self._connection, packed, dictionary)

    def _next_version(self, rows: _Rows, seen: Entry, row: Any, at: int) -> None:
        number = row.version + 1
        face: dict[str, Any] = dict(zip(FACE, seen.face, strict=True))
        face |= {"version": number, "valid_from": moment_of(at)}
        face |= {name: orjson.loads(face[name]) for name in ("tags", "attributes")}
        values = {f"new_{name}": value for name, value in face.items()}
        rows.updates.append(
            values | {"k": row.key, "new_type": seen.type, "new_scope_id": self._place.scope_id, "new_hash": seen.hash}
        )
        self._added.version(row.key, number, at, seen)

    def _note(
        self, kind: ChangeKind, at: int, key: int, type: str, facts: Sequence[str], fields: bytes | None = None
    ) -> None:
        self._sequence += 1
        self._added.tell(self._sequence, kind, at, key, type, facts, fields)

    def _flush(self, rows: _Rows) -> None:
        connection = self._connection
        if rows.updates:
            keys = [update["k"] for update in rows.updates]
            connection.execute(statements.KEEP_PAST, {"keys": keys, "t": moment_of(self._place.at)})
            if rows.closed:
                connection.execute(statements.CLOSE_PAST, rows.closed)
                connection.execute(statements.CLOSE_VERSION, rows.closed)
            connection.execute(statements.RENEW, rows.updates)
        if rows.renewed:
            connection.execute(statements.RENEW_ATTRIBUTES, rows.renewed)
        if rows.ended:
            self._added.write_relations()  # one that is to end may be among them
            connection.execute(statements.END_RELATION, rows.ended)
        if rows.reprinted:
            connection.execute(statements.REPRINT, rows.reprinted)
        if rows.taken_over:
            connection.execute(
                sa.update(tables.resource)
                .where(_resource.key.in_(rows.taken_over))
                .values(scope_id=self._place.scope_id)
            )
        for key, type in rows.moved:
            self.moved_from.add(type)
            connection.execute(
                sa.delete(tables.page).where(tables.page.c.scope_id == self._place.scope_id, tables.page.c.type == type)
            )
            connection.execute(
                sa.delete(tables.sighting).where(
                    _sighting.scope_id == self._place.scope_id, _sighting.type == type, _sighting.resource_key == key
                )
            )
        for each in rows.reprinted:
            self._recorded[each["y"]].add(each["f"], each["k"])
        for type, key, fingerprint in self._added.sightings:
            self._recorded[type].add(fingerprint, key)
        self._added.write()

    def _delete(self, type: str, keys: Sequence[int], confirmed: Any, reason: str) -> None:
        if not keys:
            return
        place, connection = self._place, self._connection
        doomed = connection.execute(
            sa.select(
                _resource.key, _resource.type, _resource.name, _resource.account, _resource.region, _resource.valid_from
            ).where(_resource.key.in_(keys), _resource.deleted_at.is_(None))
        ).all()
        deaths = []
        for row in doomed:
            at = max(place.at, microseconds(row.valid_from) + 1)
            deaths.append({"k": row.key, "t": moment_of(at), "c": confirmed})
            self._note(ChangeKind.DELETED, at, row.key, row.type, (row.name, row.account, row.region))
        if not deaths:
            return
        connection.execute(statements.DELETE, deaths)
        connection.execute(statements.END_VERSION, deaths)
        bodies = self._bodies([death["k"] for death in deaths])
        ended = [each for death in deaths for each in _ended(death["k"], bodies[death["k"]]["relations"], death["t"])]
        if ended:
            connection.execute(statements.END_RELATION, ended)
        self._added.write(reason)
        self.tallies[type].deleted += len(deaths)


def _ended(key: int, relations: Iterable[tuple[str, str]], at: datetime) -> Iterator[dict[str, Any]]:
    """What `statements.END_RELATION` needs of each."""
    return ({"k": key, "m": name, "o": to, "t": at} for name, to in relations)


def _apart(chunk: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    """The chunk; type by type where it holds an id more than once: where that was listed as two types, each has to see
    what became of the other."""
    if len({seen.id for seen in chunk}) != len(chunk):
        for _, part in groupby(chunk, key=_type_of):
            yield list(part)
    else:
        yield chunk
