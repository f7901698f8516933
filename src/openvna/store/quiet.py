"""The quiet types of a scope: those that it holds nothing of, and whose listings ended alike.

A large organisation has thousands of scopes of some hundred types each, nearly all of them empty. A row for each would
be more than all that is there, written anew at every collection. So all that ended alike is one row, in the coverage of
a scope as in the ledger of a run, and names its types by their set.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa
import zstandard
from sqlalchemy.engine import Connection

from openvna.model import Calls, Failure, Outcome
from openvna.store import sighted, tables, type_sets
from openvna.store.columns import Moment, pack, unpack
from openvna.store.key_set import Fingerprints
from openvna.store.prepared import Prepared

ALIKE = 8
"""So many refused listings with the same words are told as one; fewer have a row each."""

_coverage, _quiet = tables.coverage.c, tables.quiet.c
_here: sa.BindParameter[int] = sa.bindparam("scope")
_ROWS = Prepared(sa.select(_coverage.type, _coverage.complete_at).where(_coverage.scope_id == _here))
_GROUPS = Prepared(sa.select(tables.quiet).where(_quiet.scope_id == _here))
_RENEW = Prepared(
    sa.update(tables.quiet)
    .where(_quiet.scope_id == _here, _quiet.set_id == sa.bindparam("set"))
    .values(
        outcome=sa.bindparam("new_outcome"),
        tried_at=sa.bindparam("new_tried_at", type_=Moment),
        complete_at=sa.bindparam("new_complete_at", type_=Moment),
        failure=sa.bindparam("new_failure", type_=_quiet.failure.type),
    )
)
_INSERT = Prepared(sa.insert(tables.quiet))
_DROP = sa.delete(tables.quiet).where(_quiet.scope_id == _here, _quiet.set_id == sa.bindparam("set"))
_DROP_ROW = sa.delete(tables.coverage).where(_coverage.scope_id == _here, _coverage.type == sa.bindparam("name"))


@dataclass(frozen=True, slots=True)
class Ending:
    """How the listing of a type ended that found nothing of what was not known before."""

    type: str
    outcome: Outcome
    calls: Calls
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Types that ended alike. `complete_at` is the last time that they were listed completely."""

    outcome: Outcome
    tried_at: datetime
    complete_at: datetime | None
    failure: dict[str, Any] | None
    types: tuple[str, ...]


class Standing:
    """What is known of a scope while a run of it is under way: one run of a scope writes it at a time."""

    def __init__(self, scope_id: int) -> None:
        """Of a scope that nothing is known of."""
        self._scope_id = scope_id
        self._groups: dict[int, Group] = {}
        self.rows: dict[str, datetime | None] = {}
        """The types whose coverage has a row of its own, and when they were complete."""
        self.held: dict[str, int] = {}
        """How many resources of each type the scope sees."""
        self.prints: dict[str, Fingerprints] | None = {}
        """Their fingerprints, by type; None where these are too many to be read all at once."""

    @classmethod
    def of_few(cls, connection: Connection, scope_id: int) -> Standing | None:
        """Of a scope that sees few resources, if it does: quickly read."""
        found = sighted.few(connection, scope_id)
        return None if found is None else cls._read(connection, scope_id, *found)

    @classmethod
    def of_many(cls, connection: Connection, scope_id: int) -> Standing:
        return cls._read(connection, scope_id, sighted.counted(connection, scope_id), None)

    @classmethod
    def _read(
        cls, connection: Connection, scope_id: int, held: dict[str, int], prints: dict[str, Fingerprints] | None
    ) -> Standing:
        found, here = cls(scope_id), {"scope": scope_id}
        found.held, found.prints = held, prints
        found.rows = {row.type: row.complete_at for row in _ROWS.rows(connection, here)}
        groups = _GROUPS.rows(connection, here)
        sets = type_sets.read(connection, [row.set_id for row in groups])
        found._groups = {
            row.set_id: Group(Outcome(row.outcome), row.tried_at, row.complete_at, row.failure, sets[row.set_id])
            for row in groups
        }
        return found

    def complete_at(self, type: str) -> datetime | None:
        """When it was listed completely last."""
        if type in self.rows:
            return self.rows[type]
        group = self.group_of(type)
        return group.complete_at if group is not None else None

    def group_of(self, type: str) -> Group | None:
        """The quiet types that it is one of."""
        return next((group for group in self._groups.values() if type in group.types), None)

    def settle(self, connection: Connection, groups: Sequence[Group], ended: Iterable[str]) -> None:
        """Write the groups, and take the types that `ended` besides out of those that there are: they have rows of
        their own from now on."""
        over = {type for group in groups for type in group.types}.union(ended)
        wanted: dict[int, Group] = {}
        for id, group in self._groups.items():
            left = [type for type in group.types if type not in over]
            if len(left) == len(group.types):
                wanted[id] = group
            elif left:
                set_id, types = type_sets.named(left)
                wanted[set_id] = Group(group.outcome, group.tried_at, group.complete_at, group.failure, types)
        for group in groups:
            set_id, types = type_sets.named(group.types)
            wanted[set_id] = group
        self._write(connection, wanted)
        quiet = [type for group in groups for type in group.types if type in self.rows]
        if quiet:
            connection.execute(_DROP_ROW, [{"scope": self._scope_id, "name": type} for type in quiet])
            for type in quiet:
                del self.rows[type]

    def _write(self, connection: Connection, wanted: dict[int, Group]) -> None:
        here, before = self._scope_id, self._groups
        type_sets.keep(connection, {id: wanted[id].types for id in sorted(wanted.keys() - before.keys())})
        gone = [{"scope": here, "set": id} for id in before.keys() - wanted.keys()]
        if gone:
            connection.execute(_DROP, gone)
        renewed = [
            {"scope": here, "set": id, **{f"new_{name}": value for name, value in _values(group).items()}}
            for id, group in wanted.items()
            if id in before and before[id] is not group
        ]
        if renewed:
            _RENEW.run(connection, *renewed)
        new = [{"scope_id": here, "set_id": id, **_values(wanted[id])} for id in wanted if id not in before]
        if new:
            _INSERT.run(connection, *new)
        self._groups = wanted


def _values(group: Group) -> dict[str, Any]:
    return {
        "outcome": group.outcome.value,
        "tried_at": group.tried_at,
        "complete_at": group.complete_at,
        "failure": group.failure,
    }


def grouped(
    endings: Iterable[Ending], standing: Standing, at: datetime
) -> tuple[list[tuple[Group, list[Ending]]], list[Ending]]:
    """The endings that are alike, in groups with the order of their types, and those that are to have rows."""
    kin: dict[tuple[Outcome, datetime | None, bytes], list[Ending]] = {}
    for ending in endings:
        complete = at if ending.outcome is Outcome.OK else standing.complete_at(ending.type)
        words = b"" if ending.failure is None else orjson.dumps(asdict(ending.failure))
        kin.setdefault((ending.outcome, complete, words), []).append(ending)
    groups: list[tuple[Group, list[Ending]]] = []
    alone: list[Ending] = []
    for (outcome, complete, _), alike in kin.items():
        if outcome is not Outcome.OK and len(alike) < ALIKE:
            alone += alike
            continue
        alike.sort(key=lambda ending: ending.type)
        failure = None if alike[0].failure is None else asdict(alike[0].failure)
        groups.append((Group(outcome, at, complete, failure, tuple(each.type for each in alike)), alike))
    return groups, alone


def packed(
    groups: Sequence[tuple[Group, Sequence[Ending]]], compressor: zstandard.ZstdCompressor | None = None
) -> bytes | None:
    """The ledger lines of the groups as a run keeps them; None where there are none."""
    if not groups:
        return None
    return pack(
        [
            [
                type_sets.named(group.types)[0],
                group.outcome.value,
                group.failure,
                [each.calls.calls for each in endings],
                [each.calls.retries for each in endings],
                [each.calls.throttles for each in endings],
                [round(each.calls.seconds * 1000) for each in endings],
                [round(each.calls.waited * 1000) for each in endings],
            ]
            for group, endings in groups
        ],
        compressor,
    )


def ledger(connection: Connection, value: bytes | None) -> Iterator[tuple[str, Outcome, dict[str, Any] | None, Calls]]:
    """What `packed` kept: type, outcome, failure and cost of each line. Seconds to the millisecond."""
    groups = unpack(value) if value is not None else []
    sets = type_sets.read(connection, [id for id, *_ in groups])
    for id, outcome, failure, *columns in groups:
        for type, calls, retries, throttles, seconds, waited in zip(sets[id], *columns, strict=True):
            yield type, Outcome(outcome), failure, Calls(calls, retries, throttles, seconds / 1000, waited / 1000)


def of_types(rows: Iterable[Any], sets: Mapping[int, tuple[str, ...]]) -> Iterator[tuple[str, Any]]:
    """Each type of the set of each row, with its row."""
    for row in rows:
        for type in sets[row.set_id]:
            yield type, row
