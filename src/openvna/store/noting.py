"""What a run notes of the listings that ended: its ledger, its sums, and the coverage of its scope."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from openvna.model import Calls, Outcome
from openvna.store import tables
from openvna.store.apply import Tally
from openvna.store.columns import Json, Moment
from openvna.store.prepared import Prepared
from openvna.store.quiet import Group, Standing
from openvna.store.rows import LedgerRow

_run, _coverage = tables.run.c, tables.coverage.c
COUNTS = ("seen", "created", "updated", "deleted", "problems", "calls", "retries", "throttles", "seconds", "waited")
_LINE = Prepared(sa.insert(tables.listing))
_NEW_COVERAGE = Prepared(sa.insert(tables.coverage))


def _coverage_update(*columns: str) -> Prepared:
    values = {name: sa.bindparam(f"new_{name}", type_=_coverage[name].type) for name in columns}
    key = _coverage.scope_id == sa.bindparam("scope"), _coverage.type == sa.bindparam("name")
    return Prepared(sa.update(tables.coverage).where(*key).values(**values))


_TRIED = ("outcome", "tried_at", "resources", "failure")
_COVERAGE = {True: _coverage_update(*_TRIED, "complete_at"), False: _coverage_update(*_TRIED)}
_RESOURCES = _coverage_update("resources")
_SUMS = Prepared(
    sa.update(tables.run)
    .where(_run.id == sa.bindparam("run"))
    .values(
        heartbeat_at=sa.bindparam("at", type_=Moment),
        **{name: sa.bindparam(f"new_{name}", type_=_run[name].type) for name in COUNTS},
    )
)
_FINISHED = Prepared(
    sa.update(tables.run)
    .where(_run.id == sa.bindparam("run"))
    .values(
        state=sa.bindparam("new_state"),
        finished_at=sa.bindparam("at", type_=Moment),
        heartbeat_at=sa.bindparam("at", type_=Moment),
        by_call=sa.bindparam("new_by_call", type_=_run.by_call.type),
        quiet=sa.bindparam("new_quiet", type_=_run.quiet.type),
        failure=sa.bindparam("new_failure", type_=Json),
        **{name: sa.bindparam(f"new_{name}", type_=_run[name].type) for name in COUNTS},
    )
)


@dataclass(slots=True)
class Sums:
    """What a run came to so far."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTS[:5], 0))
    calls: Calls = Calls()

    def add(self, line: LedgerRow) -> None:
        for name in ("seen", "created", "updated", "deleted"):
            self.counts[name] += getattr(line, name)
        self.ended(line.outcome, line.calls)

    def wrote(self, tally: Tally) -> None:
        """Of a listing that did not come to an end."""
        self.counts["created"] += tally.created
        self.counts["updated"] += tally.updated

    def ended(self, outcome: Outcome, calls: Calls) -> None:
        self.counts["problems"] += not outcome.settled
        self.calls += calls

    def values(self) -> dict[str, Any]:
        return {f"new_{name}": value for name, value in (self.counts | _costs(self.calls)).items()}


def note(
    connection: Connection,
    scope_id: int,
    standing: Standing,
    lines: Sequence[LedgerRow],
    groups: Sequence[Group],
    at: datetime,
    partial: Collection[str] = (),
) -> None:
    """Write lines of the ledger with the coverage that follows from them, and the coverage of quiet groups.

    `partial` are the types of which one resource alone was asked for: how well they are covered stays as it was.
    """
    for line in lines:
        if line.type in partial:
            _recount(connection, scope_id, standing, line.type)
    whole = [line for line in lines if line.type not in partial]
    last = {line.type: standing.complete_at(line.type) for line in whole}
    standing.settle(connection, groups, [line.type for line in whole])
    if not lines:
        return
    failures = [None if line.failure is None else asdict(line.failure) for line in lines]
    _LINE.run(connection, *(_of_line(line, failure, at) for line, failure in zip(lines, failures, strict=True)))
    updates: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
    new: list[dict[str, Any]] = []
    for line, failure in zip(lines, failures, strict=True):
        if line.type in partial:
            continue
        complete = line.outcome is Outcome.OK
        completed = at if complete else last[line.type]
        values = {
            "outcome": line.outcome.value,
            "tried_at": at,
            "resources": standing.held.get(line.type, 0),
            "failure": failure,
        }
        if line.type not in standing.rows:
            new.append({"scope_id": scope_id, "type": line.type, "complete_at": completed, **values})
        else:
            renewed = {f"new_{name}": value for name, value in values.items()}
            updates[complete].append({"scope": scope_id, "name": line.type, "new_complete_at": at, **renewed})
        standing.rows[line.type] = completed
    for complete, rows in updates.items():
        if rows:
            _COVERAGE[complete].run(connection, *rows)
    if new:
        _NEW_COVERAGE.run(connection, *new)


def _recount(connection: Connection, scope_id: int, standing: Standing, type: str) -> None:
    """Write how many resources of a type the scope sees, where it is covered at all."""
    held = standing.held.get(type, 0)
    if type in standing.rows:
        _RESOURCES.run(connection, {"scope": scope_id, "name": type, "new_resources": held})
    elif held and (group := standing.group_of(type)) is not None:
        standing.settle(connection, (), [type])
        known = {"outcome": group.outcome.value, "tried_at": group.tried_at, "complete_at": group.complete_at}
        row = {"scope_id": scope_id, "type": type, "resources": held, "failure": group.failure, **known}
        _NEW_COVERAGE.run(connection, row)
        standing.rows[type] = group.complete_at


def sum_up(connection: Connection, run_id: str, sums: Sums, at: datetime) -> None:
    """Write what the run came to so far, with a sign of life."""
    _SUMS.run(connection, {"run": run_id, "at": at, **sums.values()})


def finish(
    connection: Connection,
    run_id: str,
    sums: Sums,
    at: datetime,
    *,
    state: str,
    by_call: bytes | None,
    quiet: bytes | None,
    failure: Mapping[str, Any] | None,
) -> None:
    """Write what the run came to, and that it is over."""
    ended = {"new_state": state, "new_by_call": by_call, "new_quiet": quiet, "new_failure": failure}
    _FINISHED.run(connection, {"run": run_id, "at": at, **ended, **sums.values()})


def _of_line(line: LedgerRow, failure: Mapping[str, Any] | None, at: datetime) -> dict[str, Any]:
    return {
        "run_id": line.run_id,
        "type": line.type,
        "outcome": line.outcome.value,
        "at": at,
        "seen": line.seen,
        "created": line.created,
        "updated": line.updated,
        "deleted": line.deleted,
        "failure": failure,
        **_costs(line.calls),
    }


def _costs(calls: Calls) -> dict[str, Any]:
    """What `dataclasses.asdict` says, which looks into each value and takes ten times as long."""
    return {
        "calls": calls.calls,
        "retries": calls.retries,
        "throttles": calls.throttles,
        "seconds": calls.seconds,
        "waited": calls.waited,
    }
