"""Runs: beginning them, and what they came to."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from openvna.model import Calls, Conflict, Failure, NotFound, Outcome, RunState, Scope, StoreUnusable
from openvna.store import alive, call_costs, coverage, last_runs, noting, old_runs, quiet, tables, troubles
from openvna.store.alive import RUNNING, Pulse, dead, is_dead, reap, under_way
from openvna.store.columns import Moment, microseconds, moment_of
from openvna.store.coverage import CoverageQuery
from openvna.store.cursor import Cursor, clamp
from openvna.store.dictionaries import Dictionaries, Packer
from openvna.store.engine import Database
from openvna.store.ids import new_id
from openvna.store.owner import this_process
from openvna.store.prepared import Prepared
from openvna.store.quiet import Standing
from openvna.store.rows import (
    CallRow,
    Coverage,
    KnownScope,
    LedgerRow,
    Page,
    RegionCoverage,
    RunRow,
    Trouble,
    TypeCoverage,
)
from openvna.store.secrets import Vault
from openvna.store.sources import find_source
from openvna.store.writer import Writer

_run, _scope, _source = tables.run.c, tables.scope.c, tables.source.c
_SELECT = (
    # All of a run but what its calls cost one by one, which is read where it is shown.
    sa.select(
        *(each for each in _run if each.name != "by_call"),
        _source.name.label("source"),
        _scope.key.label("scope"),
        _scope.account,
        _scope.region,
    )
    .join(tables.source, _source.id == _run.source_id)
    .join(tables.scope, _scope.id == _run.scope_id)
)
_ONE = _SELECT.where(_run.id == sa.bindparam("run"))
_LOCKED_SOURCE = Prepared(sa.select(_source.name).where(_source.id == sa.bindparam("source")).with_for_update())
# A scope, and the run of it that is under way, if any. Asked behind the lock on the source: what another process began
# meanwhile is seen.
_SCOPE = Prepared(
    sa.select(
        _scope.id.label("scope_id"),
        *(_scope.partition, _scope.account, _scope.region),
        *(_run.id, _run.started_at, _run.heartbeat_at, _run.host, _run.pid, _run.pid_started),
    )
    .select_from(tables.scope)
    .outerjoin(tables.run, sa.and_(_run.scope_id == _scope.id, _run.state == RUNNING))
    .where(_scope.source_id == sa.bindparam("source"), _scope.key == sa.bindparam("scope_key"))
)
_NEW_SCOPE = sa.insert(tables.scope)
_NOTHING_YET = {column.name: None for column in _run if column.nullable} | dict.fromkeys(noting.COUNTS, 0)
_BEGIN = Prepared(sa.insert(tables.run))


class Runs:
    def __init__(self, database: Database, dictionaries: Dictionaries, vault: Vault) -> None:
        self._database, self._dictionaries, self._vault = database, dictionaries, vault
        self._pulse = Pulse(database)

    def begin(self, source_id: str, scope: Scope, extent: str = "") -> Writer:
        """Start a run of a scope; `extent` says what it is about where that is not a part of collecting all of it.

        Raises `Conflict` while another live process or thread collects that scope; a run left behind by a dead
        process is marked `interrupted` and does not stand in the way."""
        database = self._database
        self._dictionaries.read()
        now, owner = database.clock(), this_process()
        run_id = new_id("run", now)
        with under_way(run_id), database.write(durable=False) as connection:
            source = _LOCKED_SOURCE.first(connection, {"source": source_id})
            if source is None:  # it was named by its name, or there is none
                source = find_source(connection, source_id, lock=True)
                source_id = source.id
            name = source.name
            row = _SCOPE.first(connection, {"source": source_id, "scope_key": scope.key})
            if row is not None and row.id is not None:
                self._free(connection, name, scope, row)
            scope_id, known = _known(connection, source_id, scope, row)
            _BEGIN.run(
                connection,
                {
                    **_NOTHING_YET,
                    "id": run_id,
                    "source_id": source_id,
                    "scope_id": scope_id,
                    "state": RunState.RUNNING.value,
                    "started_at": now,
                    "heartbeat_at": now,
                    "host": owner.host,
                    "pid": owner.pid,
                    "pid_started": owner.started,
                    "extent": extent or None,
                },
            )
        place = source_id, name, scope.key, scope.account, scope.region
        begun = RunRow(run_id, *place, RunState.RUNNING, now, None, 0, 0, 0, 0, 0, Calls(), extent=extent)
        key, packer = self._vault.derived("fingerprints", source_id), Packer(self._dictionaries, source_id)
        writer = Writer(database, begun, scope_id, scope, known, packer, key)
        alive.until_gone(writer)
        self._pulse.keep(writer)
        return writer

    def _free(self, connection: Connection, source: str, scope: Scope, holder: Any) -> None:
        """Take a scope from the run that holds it. Raises `Conflict` where somebody works on that."""
        if not is_dead(holder, self._database):
            raise Conflict(
                f"{scope.key} of the source {source} is being collected already.",
                f"The run {holder.id} is under way since {holder.started_at:%Y-%m-%d %H:%M:%S} UTC "
                f"(process {holder.pid} on {holder.host.partition('/')[0]}).",
                "Wait for it to end.",
            )
        reap(connection, self._database, holder.scope_id)

    def list(
        self,
        *,
        source_id: str | None = None,
        state: RunState | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[RunRow]:
        """Newest first. At most 1,000 a page. Raises `InvalidInput` for a cursor that is not of this listing."""
        limit = clamp(limit)
        place = Cursor.of("runs", source_id, state)
        self.reap()
        query = _SELECT.order_by(_run.started_at.desc(), _run.id.desc()).limit(limit + 1)
        if source_id is not None:
            query = query.where(_run.source_id == source_id)
        if state is not None:
            query = query.where(_run.state == state.value)
        if cursor is not None:
            started, id = place.read(cursor, (int, str))
            last_start = sa.literal(moment_of(started), Moment)
            query = query.where(sa.tuple_(_run.started_at, _run.id) < sa.tuple_(last_start, sa.literal(id)))
        with self._database.read() as connection:
            rows = [_run_row(row) for row in connection.execute(query)]
        following = None
        if len(rows) > limit:
            last = rows[limit - 1]
            following = place.write((microseconds(last.started_at), last.id))
        return Page(tuple(rows[:limit]), following)

    def get(self, run_id: str) -> RunRow:
        """Raises `NotFound`."""
        self.reap()
        with self._database.read() as connection:
            return read_run(connection, run_id)

    def ledger(self, run_id: str) -> tuple[LedgerRow, ...]:
        """Ordered with problems first, then by type. Raises `NotFound` for a run that is not there."""
        with self._database.read() as connection:
            read_run(connection, run_id)
            rows = connection.execute(sa.select(tables.listing).where(tables.listing.c.run_id == run_id))
            lines = [_ledger_row(row) for row in rows]
            packed = connection.execute(sa.select(_run.quiet).where(_run.id == run_id)).scalar_one()
            lines += [
                LedgerRow(run_id, type, outcome, 0, 0, 0, 0, calls, coverage.failure_of(failure))
                for type, outcome, failure, calls in quiet.ledger(connection, packed)
            ]
        return tuple(sorted(lines, key=lambda line: (line.outcome is Outcome.OK, line.type)))

    def by_call(self, run_ids: Collection[str]) -> tuple[CallRow, ...]:
        """What the calls of these runs cost, added up by their names: first what was throttled, then what took longest.
        Empty where no run tells: those under way, interrupted, or of a plugin that names no calls."""
        ids = list(run_ids)
        with self._database.read() as connection:
            values = [
                value
                for start in range(0, len(ids), 500)
                for value in connection.execute(
                    sa.select(_run.by_call).where(_run.id.in_(ids[start : start + 500]))
                ).scalars()
            ]
            found = call_costs.unpacked(connection, values)
        rows = (CallRow(name, calls) for name, calls in found.items())
        return tuple(sorted(rows, key=lambda row: (-row.calls.throttles, -row.calls.seconds, row.name)))

    def last_known(self, source_id: str, keys: Sequence[str]) -> Iterator[tuple[str, KnownScope | None]]:
        """What the last run left of each of these scopes, in their order; None where there was none."""
        with self._database.read() as connection:
            newest = last_runs.newest(connection, source_id)
        for start in range(0, len(keys), 200):
            chunk = keys[start : start + 200]
            with self._database.read() as connection:
                found = last_runs.of_scopes(connection, source_id, {key: newest.get(key) for key in chunk})
            yield from ((key, found.get(key)) for key in chunk)

    def coverage(
        self,
        source_id: str | None = None,
        *,
        account: str | None = None,
        region: str | None = None,
    ) -> tuple[Coverage, ...]:
        """What is known of each type in each scope, ordered by source, scope and type."""
        with self._database.read() as connection:
            return coverage.lines(connection, source_id, account=account, region=region)

    def troubles(
        self,
        source_id: str | None = None,
        *,
        type: str | None = None,
        account: str | None = None,
        region: str | None = None,
    ) -> tuple[Trouble, ...]:
        """What could not be listed completely, though the vendor has it, each way of failing once with its places."""
        with self._database.read() as connection:
            return troubles.read(connection, source_id, type, account, region)

    def coverage_page(self, which: CoverageQuery, *, cursor: str | None = None, limit: int = 1000) -> Page[Coverage]:
        """The same page by page, counted. Raises `InvalidInput` for a cursor that is not of this listing."""
        limit = clamp(limit)
        place = Cursor.of("coverage", which)
        after = None if cursor is None else place.read(cursor, (str, str, str))
        with self._database.read() as connection:
            sources = sa.select(_source.id).order_by(_source.name)
            if which.source_id is not None:
                sources = sources.where(_source.id == which.source_id)
            ids = connection.execute(sources).scalars().all()
            found = coverage.page(connection, ids, which, after, limit + 1)
            total = coverage.total(connection, which)
        last = found[limit - 1] if len(found) > limit else None
        following = None if last is None else place.write((last.source_id, last.scope, last.type))
        return Page(tuple(found[:limit]), following, total)

    def coverage_by_type(self, source_id: str | None = None) -> dict[str, TypeCoverage]:
        """The coverage of each type that was asked for anywhere, its scopes added up."""
        with self._database.read() as connection:
            return coverage.by_type(connection, source_id)

    def listed_types(
        self, *, source_id: str | None = None, account: str | None = None, region: str | None = None, now: bool = False
    ) -> frozenset[str]:
        """The types that were listed completely at least once somewhere, or that there are not; `now`: at the last."""
        with self._database.read() as connection:
            return coverage.listed_types(connection, source_id, account, region, now=now)

    def coverage_by_region(self, source_id: str, *, empty: bool = True) -> tuple[RegionCoverage, ...]:
        """The coverage of a source, its accounts added up: for sources with too many places to show each. Without
        `empty`, of the types alone that hold something in a region, or are in trouble in one."""
        with self._database.read() as connection:
            return coverage.by_region(connection, source_id, empty=empty)

    def scopes(self, source_id: str) -> tuple[Scope, ...]:
        """Every scope that a source has had, whether it still has it or not."""
        query = sa.select(tables.scope).where(_scope.source_id == source_id).order_by(_scope.key)
        with self._database.read() as connection:
            return tuple(Scope(row.key, row.partition, row.account, row.region) for row in connection.execute(query))

    def known(self, source_id: str) -> dict[str, bool]:
        """The keys of the scopes of which anything is known, each with whether it is known of resources there that
        they are, and not merely that they were seen at some time."""
        lines, groups = tables.coverage.c, tables.quiet.c
        surely = sa.and_(lines.resources > 0, lines.outcome != Outcome.UNKNOWN.value)
        held = (
            sa.select(_scope.key, sa.func.max(sa.case((surely, 1), else_=0)).label("held"))
            .join(tables.coverage, lines.scope_id == _scope.id)
            .where(_scope.source_id == source_id)
            .group_by(_scope.key)
        )
        silent = (
            sa.select(_scope.key)
            .distinct()
            .join(tables.quiet, groups.scope_id == _scope.id)
            .where(_scope.source_id == source_id)
        )
        # A long first listing is written in part before anything is said of how well it went, and may never end.
        sights = sa.exists().where(tables.sighting.c.scope_id == _scope.id)
        seen = sa.select(_scope.key).where(_scope.source_id == source_id, sights)
        with self._database.read() as connection:
            found = dict.fromkeys(connection.execute(sa.union(silent, seen)).scalars(), False)
            return found | {row.key: bool(row.held) for row in connection.execute(held)}

    def doubt(self, source_id: str, keys: Collection[str], failure: Failure) -> None:
        """Note that nothing of these scopes could be listed now, and why: what is known of them is as last seen."""
        changed = {"outcome": failure.outcome.value, "tried_at": self._database.clock(), "failure": asdict(failure)}
        every = list(keys)
        with self._database.write() as connection:
            for start in range(0, len(every), 500):  # PostgreSQL and SQLite both bound the parameters of a statement
                scopes = sa.select(_scope.id).where(
                    _scope.source_id == source_id, _scope.key.in_(every[start : start + 500])
                )
                for table in (tables.coverage, tables.quiet):
                    connection.execute(sa.update(table).where(table.c.scope_id.in_(scopes)).values(**changed))

    def heartbeat(self) -> None:
        """Give a sign of life for every run of this store that is under way. Done by itself every 15 seconds."""
        self._pulse.beat()

    def reap(self) -> None:
        """Mark the runs of dead processes as interrupted. Writes only when there are any."""
        with self._database.read() as connection:
            any_dead = dead(connection, self._database)
        if any_dead:
            # What can be read is read, also while nothing can be written.
            with suppress(StoreUnusable), self._database.write() as connection:
                reap(connection, self._database)

    def forget(self, before: datetime, most: int) -> int:
        """Delete at most so many runs that began before a moment, with their ledgers, the oldest first; how many there
        were. The newest run of each scope stays, and what is under way; what a run changed stays too, and names it."""
        return old_runs.forget(self._database, before, most)

    def break_off(self, writer: Writer, failure: Failure) -> RunRow:
        """End a run whose findings the store could not take; one that had ended stays as it ended. Raises `NotFound`
        where its source was deleted meanwhile.

        Where not even that can be written, `StoreUnusable` is raised, and it is written when the store takes something
        again.
        """
        try:
            return writer.break_off(failure)
        except StoreUnusable:
            self._database.unwritten[writer.run_id] = failure
            raise
        finally:
            alive.let_go(writer.run_id)

    def close(self) -> None:
        self._pulse.stop()


def read_run(connection: Connection, run_id: str) -> RunRow:
    row = connection.execute(_ONE, {"run": run_id}).one_or_none()
    if row is None:
        why = "There was none, or it is too old: runs are kept as long as OPENVNA_RUN_DAYS says."
        raise NotFound(f"There is no run {run_id}.", why, "`openvna runs` lists the runs.")
    return _run_row(row)


def _known(connection: Connection, source_id: str, scope: Scope, row: Any) -> tuple[int, Standing | None]:
    """The id of a scope, which is noted where it is new (`row` None), and what is known of it, as `Writer` takes it."""
    values = {"partition": scope.partition, "account": scope.account, "region": scope.region}
    if row is None:
        inserted = connection.execute(_NEW_SCOPE, {"source_id": source_id, "key": scope.key, **values})
        assert inserted.inserted_primary_key is not None
        scope_id = int(inserted.inserted_primary_key[0])
        return scope_id, Standing(scope_id)
    if (row.partition, row.account, row.region) != (scope.partition, scope.account, scope.region):
        connection.execute(sa.update(tables.scope).where(_scope.id == row.scope_id).values(**values))
    return row.scope_id, Standing.of_few(connection, row.scope_id)


def _run_row(row: Any) -> RunRow:
    return RunRow(
        row.id,
        row.source_id,
        row.source,
        row.scope,
        row.account,
        row.region,
        RunState(row.state),
        row.started_at,
        row.finished_at,
        row.seen,
        row.created,
        row.updated,
        row.deleted,
        row.problems,
        _calls(row),
        coverage.failure_of(row.failure),
        row.extent or "",
    )


def _ledger_row(row: Any) -> LedgerRow:
    return LedgerRow(
        row.run_id,
        row.type,
        Outcome(row.outcome),
        row.seen,
        row.created,
        row.updated,
        row.deleted,
        _calls(row),
        coverage.failure_of(row.failure),
    )


def _calls(row: Any) -> Calls:
    return Calls(row.calls, row.retries, row.throttles, row.seconds, row.waited)
