"""Which runs are worked on: signs of life, and the runs of the dead."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from openvna.model import Failure, RunState, StoreUnusable
from openvna.store import tables
from openvna.store.engine import Database
from openvna.store.owner import Owner, this_process
from openvna.store.writer import Writer

LEASE = timedelta(seconds=120)
"""A run on another machine without a sign of life for so long is taken for dead. On this one it is seen whether its
process lives, and no clock that jumps can hide that."""
HEARTBEAT = timedelta(seconds=15)

_run = tables.run.c
# Written into the statement and not handed to it: only so is the index of the runs under way of use.
RUNNING: sa.ColumnClause[str] = sa.literal_column(f"'{RunState.RUNNING.value}'")

_UNDER_WAY: set[str] = set()
"""The runs that this process works on. One of its own that is not among them is dead."""


def until_gone(writer: Writer) -> None:
    """A run is worked on for as long as there is its writer."""
    weakref.finalize(writer, _UNDER_WAY.discard, writer.run_id).atexit = False


def let_go(run_id: str) -> None:
    """Nobody works on a run of ours any more."""
    _UNDER_WAY.discard(run_id)


class Pulse:
    """A thread that gives signs of life for the runs under way; it starts with the first of them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._writers: weakref.WeakSet[Writer] = weakref.WeakSet()
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def keep(self, writer: Writer) -> None:
        with self._lock:
            self._writers.add(writer)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="openvna-heartbeat", daemon=True)
                self._thread.start()

    def beat(self) -> None:
        with self._lock:
            ids = [writer.run_id for writer in self._writers if not writer.finished]
        if ids:
            with self._database.write(durable=False) as connection:
                connection.execute(
                    sa.update(tables.run)
                    .where(_run.id.in_(ids), _run.state == RunState.RUNNING.value)
                    .values(heartbeat_at=self._database.clock())
                )

    def stop(self) -> None:
        self._over.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(HEARTBEAT.total_seconds()):
            try:
                self.beat()
            except StoreUnusable:
                # The writer itself meets the same trouble and reports it; a later beat may get through.
                continue


@contextmanager
def under_way(run_id: str) -> Iterator[None]:
    """Whoever sees the run that is begun inside must not take it for dead, not even before it has a writer."""
    _UNDER_WAY.add(run_id)
    try:
        yield
    except BaseException:
        _UNDER_WAY.discard(run_id)
        raise


def reap(connection: Connection, database: Database, scope_id: int | None = None) -> None:
    """Mark the runs of dead processes as interrupted, with their last sign of life as their end; and as failed those
    of which that could not be written at the time."""
    for id, heartbeat_at in dead(connection, database, scope_id):
        failure = database.unwritten.get(id)
        ended = {"state": RunState.INTERRUPTED.value} if failure is None else _failed(failure)
        connection.execute(
            sa.update(tables.run)
            .where(_run.id == id, _run.state == RunState.RUNNING.value, _run.heartbeat_at == heartbeat_at)
            .values(finished_at=heartbeat_at, **ended)
        )


def _failed(failure: Failure) -> dict[str, Any]:
    return {"state": RunState.FAILED.value, "failure": asdict(failure)}


def dead(connection: Connection, database: Database, scope_id: int | None = None) -> Iterable[tuple[str, Any]]:
    """The runs, of one scope or of all, on which nobody works any more, with their last signs of life."""
    query = sa.select(_run.id, _run.heartbeat_at, _run.host, _run.pid, _run.pid_started).where(_run.state == RUNNING)
    if scope_id is not None:
        query = query.where(_run.scope_id == scope_id)
    return [(row.id, row.heartbeat_at) for row in connection.execute(query) if is_dead(row, database)]


def is_dead(run: Any, database: Database) -> bool:
    """Whether nobody works on a run that is under way any more. One on a machine that we cannot look at is dead when it
    gave no sign of life for too long."""
    owner = Owner(run.host, run.pid, run.pid_started)
    if owner == this_process():
        return run.id not in _UNDER_WAY
    lives = owner.lives()
    return run.heartbeat_at < database.clock() - LEASE if lives is None else not lives
