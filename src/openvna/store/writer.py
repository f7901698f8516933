"""Writing what one run of one scope sees."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from openvna.model import Calls, Conflict, Failure, Outcome, Resource, RunState, Scope, StoreUnusable
from openvna.store import call_costs, listings, noting, permissions, sighted, statements, tables
from openvna.store.additions import Place
from openvna.store.apply import CHUNK, Application, Tally
from openvna.store.canonical import Form, Seen, seen
from openvna.store.columns import microseconds
from openvna.store.dictionaries import SAMPLES, Dictionary, Packer
from openvna.store.engine import Database
from openvna.store.key_set import Fingerprints
from openvna.store.listings import Due, Listing
from openvna.store.noting import Sums
from openvna.store.pages import Pages
from openvna.store.quiet import Ending, Standing, grouped, packed
from openvna.store.rows import LedgerRow, RunRow

_TOGETHER = 1.0
"""Seconds for which listings that ended are kept, to be written together."""
_LONG = 8_000
"""Resources to write that a listing collects at most: then they are written, and it goes on. The ids of a vendor are
in no order, so that each piece writes most pages of the indexes over them anew, however large it is: with pieces of
1,000 a new resource costs a quarter more."""
_COMPARED = 8
"""Listings whose last records are compared at once."""


class Writer:
    """Writes what one run of one scope sees. One writer a run; its types may be interleaved."""

    run_id: str

    def __init__(
        self,
        database: Database,
        begun: RunRow,
        scope_id: int,
        scope: Scope,
        known: Standing | None,
        packer: Packer,
        key: bytes,
    ) -> None:
        """`begun` is the run as it was begun, `known` what is known of its scope; None where that was too much to be
        read beforehand."""
        self.run_id = begun.id
        self.key = key
        """What a plugin keys its fingerprints with: the same for all runs of the source, and known to nobody who could
        make up a resource that reads like another one. The id of the source is, from the address of its page."""
        self.lost: frozenset[str] = frozenset()
        """The types that were denied before, and not read again since, as of the end of the run."""
        self._begun = begun
        self._database = database
        self._source_id = begun.source_id
        self._scope_id = scope_id
        self._scope = scope
        self._listings: dict[str, Listing] = {}
        self._ended: dict[str, Outcome] = {}
        self._due: list[Due] = []
        self._due_since = 0.0
        self._silent: list[Ending] = []
        self._sums = Sums()
        self._known = known
        self._moved: set[str] = set()
        self._broken: tuple[str, str, str] | None = None
        self._finished = False
        self._lock = threading.RLock()
        self._packer = packer

    @property
    def finished(self) -> bool:
        """Whether the run is over for this writer."""
        return self._finished

    def known(self) -> Mapping[str, Sequence[bytes]] | None:
        """The fingerprints that `unchanged` knows, by type; None where they are many."""
        with self._lock:
            prints = self._standing().prints
            return None if prints is None else {type: tuple(each) for type, each in prints.items()}

    def unchanged(self, type: str, fingerprints: Sequence[bytes]) -> list[bool]:
        """Which pieces of an answer are as they were when the resources in them were recorded last. Those resources
        count as recorded now."""
        with self._lock:
            self._check_open(type)
            self._write_in_time()
            listing = self._listing(type)
            if listing.fingerprints is None:
                listing.fingerprints = self._fingerprints(type)
            same = []
            for fingerprint in fingerprints:
                keys = listing.fingerprints.keys(fingerprint)
                listing.unchanged.update(keys)
                listing.recorded.whole(fingerprint, keys)
                same.append(bool(keys))
            return same

    def whole_page(self, type: str, fingerprint: bytes) -> bool:
        """Whether a page is as it was: then all that was in it counts as recorded now."""
        with self._lock:
            self._check_open(type)
            self._write_in_time()
            listing = self._listing(type)
            keys = self._pages(listing, type).keys(fingerprint)
            listing.unchanged.update(keys or ())
            return keys is not None

    def page_read(self, type: str, fingerprint: bytes, pieces: Sequence[bytes]) -> None:
        """A page was read, and all pieces in it recorded, or asked about, with these fingerprints."""
        with self._lock:
            self._check_open(type)
            self._pages(self._listing(type), type).add(fingerprint, pieces)

    def record(self, resource: Resource, fingerprint: bytes | None = None) -> None:
        """Take one seen resource. Of a short listing nothing is visible to readers before its type is complete (or has
        failed); a long one is written in pieces as it comes. Nothing is retired before the type is complete.

        `fingerprint` is that of the piece of an answer that it came from, for `unchanged` in a later run: 8 bytes, and
        2 more with the number of resources in the piece where it is not one.
        An id that comes twice in a listing counts once. Raises `InvalidInput` for a resource without id or type.
        """
        form = seen(resource, fingerprint)
        self.record_all(form.type, (form,))

    def record_all(self, type: str, forms: Sequence[Form]) -> None:
        """Take some resources of one type, as `canonical.seen` and `canonical.entries` give them."""
        with self._lock:
            self._check_open(type)
            self._write_in_time()
            listing = self._listing(type)
            listing.pending.extend(forms)
            if len(listing.pending) >= CHUNK:
                self._compare(listing)
            if len(listing.fresh) >= _LONG:
                self._write_ahead(type, listing)

    def dictionary(self, type: str) -> Dictionary | None:
        """What the resources of a type are packed with, for whoever does that in another process. None where there is
        none, where little of this listing was to be written so far, or where it is over: what still comes of it is
        refused where it comes, with a word for its plugin."""
        with self._lock:
            self._check_open()
            if type in self._ended:
                return None
            listing = self._listing(type)
            self._compare(listing)
            much = listing.written is not None or len(listing.fresh) >= CHUNK
            return self._packer.dictionaries.of(self._source_id, type) if much else None

    def complete(self, type: str, calls: Calls = Calls(), only: str = "") -> LedgerRow:
        """In one transaction: write what is new or changed, retire what was not seen, note the ledger line.

        With `only`, nothing but the resource of this id was asked for, and nothing is said of the others.
        """
        return self._end(type, Outcome.OK, None, calls, only=only)

    def problem(self, type: str, failure: Failure, calls: Calls = Calls(), only: str = "") -> LedgerRow:
        """In one transaction: write what was seen all the same, retire nothing, note the ledger line. `only` as in
        `complete`."""
        if failure.outcome is Outcome.OK:
            raise ValueError(f"a problem with {type} cannot have the outcome ok")
        return self._end(type, failure.outcome, failure, calls, only=only)

    def end(self, type: str, failure: Failure | None, calls: Calls = Calls(), only: str = "") -> None:
        """The end of a type as `complete` and `problem` write it, but together with others: a second or so later, and
        what holds nothing when the run ends."""
        with self._lock:
            self._check_open(type)
            listing = self._listings.pop(type, None)
            outcome = Outcome.OK if failure is None else failure.outcome
            self._ended[type] = outcome
            if not only and (listing is None or listing.empty) and not self._standing().held.get(type):
                self._silent.append(Ending(type, outcome, calls, failure))
                return
            if not self._due:
                self._due_since = time.monotonic()
            self._due.append(Due(type, outcome, failure, calls, listing or self._new(type), only=only))
            waiting = sum(len(due.listing.fresh) + len(due.listing.pending) for due in self._due)
            if waiting >= CHUNK:
                self._write_due()
            self._write_in_time()

    def leave(self, reason: str) -> None:
        """The scope has left its source: retire all that is known of it, type by type, with `reason` in each change.

        What is known of how well it was listed, and of what was denied in it, goes too. Coming back, it begins anew.
        """
        sighting, loss = tables.sighting.c, tables.loss.c
        here = sighting.scope_id == self._scope_id
        with self._database.read() as connection:
            types = list(connection.execute(sa.select(sighting.type).where(here).distinct().order_by(sighting.type)))
        for (type,) in types:
            self._end(type, Outcome.OK, None, Calls(), reason)
        with self._database.write(durable=False) as connection:
            self._check_ours(connection)
            for table in (tables.coverage, tables.quiet):
                connection.execute(sa.delete(table).where(table.c.scope_id == self._scope_id))
            self._known = None
            connection.execute(
                sa.delete(tables.loss).where(
                    loss.source_id == self._source_id,
                    loss.account == self._scope.account,
                    loss.region == self._scope.region,
                )
            )
            connection.execute(
                sa.update(tables.scope)
                .where(tables.scope.c.id == self._scope_id)
                .values(empty_runs=0, rests_until=None)
            )

    def finish(self, failure: Failure | None = None, by_call: Mapping[str, Calls] | None = None) -> RunRow:
        """End the run: `ok`, `partial` when a type had a problem, `failed` with a failure or when every type had.

        `by_call` is what its calls cost, by their names. A type that is not to be had in the scope, or not wanted, is
        no problem. What was recorded of a type that never came to an end is dropped, but for what was written of it.
        Raises `Conflict` when the run was ended already, or taken for dead and given to another process.
        """
        with self._lock:
            self._check_open()
            problems = [outcome for outcome in self._ended.values() if not outcome.settled]
            if failure is not None or (problems and len(problems) == len(self._ended)):
                state = RunState.FAILED
            else:
                state = RunState.PARTIAL if problems else RunState.OK
            for listing in self._listings.values():
                if listing.written is not None:
                    self._sums.wrote(listing.written)
            costs = call_costs.packed(self._database, by_call or {}, self._packer.plain)
            self._standing()
            with self._writing() as connection:
                now = self._database.clock()
                self._apply_due(connection, now)
                quiet = self._settle_silent(connection, now)
                noting.finish(
                    connection,
                    self.run_id,
                    self._sums,
                    now,
                    state=state.value,
                    by_call=costs,
                    quiet=quiet,
                    failure=None if failure is None else asdict(failure),
                )
                place = self._source_id, self._scope.account, self._scope.region
                self.lost = permissions.lost(connection, *place)
            self._close()
            came_to: dict[str, Any] = {**self._sums.counts, "calls": self._sums.calls}
            return replace(self._begun, state=state, finished_at=now, failure=failure, **came_to)

    def break_off(self, failure: Failure) -> RunRow:
        """End the run as failed, because what it saw could not be written. Nothing more of it is written but that; one
        that had ended stays as it ended."""
        from openvna.store.runs import read_run

        with self._lock:
            if self._finished:
                with self._database.read() as connection:
                    return read_run(connection, self.run_id)
            self._close()
            run, now = tables.run.c, self._database.clock()
            ended = {"state": RunState.FAILED.value, "finished_at": now, "heartbeat_at": now}
            with self._database.write(durable=False) as connection:
                connection.execute(
                    sa.update(tables.run)
                    .where(run.id == self.run_id, run.state == RunState.RUNNING.value)
                    .values(failure=asdict(failure), **ended)
                )
                return read_run(connection, self.run_id)

    def _listing(self, type: str) -> Listing:
        listing = self._listings.get(type)
        if listing is None:
            listing = self._listings[type] = self._new(type)
        return listing

    def _new(self, type: str) -> Listing:
        return Listing(self._standing().held.get(type, 0))

    def _pages(self, listing: Listing, type: str) -> Pages:
        if listing.pages is None:
            listing.pages = Pages(self._database, self._scope_id, type, listing.recorded)
        return listing.pages

    def _fingerprints(self, type: str) -> Fingerprints:
        """Those of what this scope saw of a type."""
        standing = self._standing()
        if standing.prints is not None:
            return standing.prints.pop(type, None) or Fingerprints(())
        if not standing.held.get(type):
            return Fingerprints(())
        with self._database.read() as connection:
            return sighted.fingerprints(connection, self._scope_id, type)

    def _check_open(self, type: str | None = None) -> None:
        if self._finished:
            raise Conflict(f"The run {self.run_id} is over.", "Nothing can be added to it.", "Begin another run.")
        if self._broken is not None:
            raise StoreUnusable(*self._broken)
        if type in self._ended:
            raise Conflict(
                f"The listing of {type} in the run {self.run_id} is over.",
                "Its end was already reported.",
                "This is an error of the plugin: report it.",
            )

    def _check_ours(self, connection: Connection) -> None:
        run = statements.RUN_STATE.first(connection, {"k": self.run_id})
        state = None if run is None else run.state
        if state != RunState.RUNNING:
            self._close()
            raise Conflict(
                f"The run {self.run_id} of {self._scope.key} is {state or 'deleted'}; nothing more is written for it.",
                "It gave no sign of life for too long and was taken for dead."
                if state
                else "Its source was deleted while it was collected.",
                "Collect the scope again." if state else "",
            )

    def _compare(self, listing: Listing) -> None:
        """Sort the pending records into those that are as they were and those that need writing."""
        if listing.pending:
            if len(listing.fresh) >= CHUNK or listing.written is not None:
                self._train(listing.pending)
            listings.compare(self._database.read, self._source_id, self._scope_id, [listing], self._packer)

    def _train(self, forms: Sequence[Form]) -> None:
        """See to it that there is a dictionary for the type of these, of which much is to be written. It is written
        before anything that is packed with it."""
        type, dictionaries = forms[0].type, self._packer.dictionaries
        bodies = [form.body for form in forms if isinstance(form, Seen)]
        # Of fewer it would be a poor one, or none, and for good: more may come.
        if len(bodies) < SAMPLES or not dictionaries.wants(self._source_id, type):
            return
        trained = dictionaries.train(self._source_id, type, bodies)
        if trained is not None:
            with self._writing() as connection:
                kept = dictionaries.keep(connection, trained)
            dictionaries.add(kept)

    def _write_ahead(self, type: str, listing: Listing) -> None:
        """Write what a long listing holds so far: each of it was seen, whatever becomes of the rest. So a listing takes
        little memory however long it is, is written while it is read, and keeps others from writing for moments only.
        """
        with self._writing() as connection:
            application = self._application(connection, self._database.clock(), {type: listing})
            application.write(listings.chunks([listing]))
            if listing.written is None and listing.held:
                self._pages(listing, type).doubt(connection)
            self._applied(application)
        listing.fresh = []
        listing.written = listing.written or Tally()
        listing.written.add(application.tallies[type])

    def _end(
        self, type: str, outcome: Outcome, failure: Failure | None, calls: Calls, reason: str = "", only: str = ""
    ) -> LedgerRow:
        with self._lock:
            self._check_open(type)
            listing = self._listings.pop(type, None) or self._new(type)
            self._ended[type] = outcome
            self._due.append(Due(type, outcome, failure, calls, listing, reason, only))
            return self._write_due()[-1]

    def _standing(self) -> Standing:
        """What is known of the scope."""
        if self._known is None:
            with self._database.read() as connection:
                self._known = Standing.of_many(connection, self._scope_id)
        return self._known

    def _write_due(self) -> list[LedgerRow]:
        """Write the listings that ended, in one transaction."""
        self._standing()
        with self._writing() as connection:
            now = self._database.clock()
            lines = self._apply_due(connection, now)
            noting.sum_up(connection, self.run_id, self._sums, now)
        return lines

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """One transaction. Where it fails, what this writer keeps in mind tells of what was not written: it takes
        nothing more then, and cannot come to a good end."""
        try:
            with self._database.write(durable=False) as connection:
                self._check_ours(connection)
                yield connection
        except StoreUnusable as error:
            self._broken = (error.what, error.why, error.remedy)
            raise
        except Exception as error:
            self._broken = (f"What was seen in {self._scope.key} could not be written.", f"{type(error).__name__}.", "")
            raise

    def _write_in_time(self) -> None:
        """Write what ended a while ago: another listing may take long, and what is complete is not to wait for it."""
        if self._due and time.monotonic() - self._due_since >= _TOGETHER:
            self._write_due()

    def _apply_due(self, connection: Connection, now: datetime) -> list[LedgerRow]:
        due = self._due
        for start in range(0, len(due), _COMPARED):
            some = [each.listing for each in due[start : start + _COMPARED]]
            listings.compare(lambda: nullcontext(connection), self._source_id, self._scope_id, some, self._packer)
        lines = self._ledger(connection, due, now)
        if lines:
            partial = {each.type for each in due if each.only}
            noting.note(connection, self._scope_id, self._standing(), lines, (), now, partial)
        for line in lines:
            self._sums.add(line)
        self._due = []
        return lines

    def _application(self, connection: Connection, now: datetime, listings: Mapping[str, Listing]) -> Application:
        scope = self._scope
        place = Place(self._source_id, self._scope_id, scope.account, scope.region, self.run_id, microseconds(now))
        unchanged = {type: listing.unchanged for type, listing in listings.items()}
        recorded = {type: listing.recorded for type, listing in listings.items()}
        return Application(connection, place, self._packer, unchanged, recorded)

    def _applied(self, application: Application, due: Sequence[Due] = ()) -> None:
        """An application is through: note what that means for what this writer keeps in mind."""
        application.finish()
        self._forget(application.moved_from, due)
        held = self._standing().held
        for type, tally in application.tallies.items():
            held[type] = held.get(type, 0) + tally.sighted

    def _ledger(self, connection: Connection, due: Sequence[Due], now: datetime) -> list[LedgerRow]:
        """What the listings hold becomes part of the memory; the lines of the ledger about them."""
        work = [each for each in due if not self._steady(each)]
        before = {each.type for each in work if each.listing.held}
        tallies: Mapping[str, Tally] = {}
        if work:
            application = self._application(connection, now, {each.type: each.listing for each in work})
            for each in work:
                application.reprint(each.type, each.listing.reprinted)
            application.write(listings.chunks(each.listing for each in work))
            for each in work:
                if each.outcome is Outcome.OK and each.type in before:
                    application.retire(each.type, each.reason, each.only)
                if each.outcome is Outcome.OK and each.only:
                    application.confirm(each.type, each.only)
            self._applied(application, due)
            tallies = application.tallies
        found = []
        for each in due:
            listing, tally = each.listing, tallies.get(each.type, Tally())
            if each.type in self._moved and listing.pages is not None:
                listing.pages.forget()  # also those that came later: what is known of their pieces may be older
            if each.type in before or listing.pages is not None:
                self._pages(listing, each.type).save(connection, changed=each.type in before)
            if listing.written is not None:
                tally.add(listing.written)
            counts = (len(listing.unchanged), tally.created, tally.updated, tally.deleted)
            found.append(LedgerRow(self.run_id, each.type, each.outcome, *counts, each.calls, each.failure))
        return found

    def _forget(self, types: Collection[str], due: Sequence[Due]) -> None:
        """Of these types something is listed as another one now, in this run: what counted as recorded may not be."""
        self._moved.update(types)
        under_way = {**{each.type: each.listing for each in due}, **self._listings}
        for type in types:
            listing = under_way.get(type)
            if listing is not None:
                listing.recorded.clear()
                if listing.pages is not None:
                    listing.pages.forget()

    def _steady(self, due: Due) -> bool:
        """Whether there is nothing to write of a listing: what it held is a part of what the scope saw before, and as
        much as that, or is not known to be all."""
        listing = due.listing
        if listing.fresh or listing.written is not None or listing.reprinted or due.only or due.type in self._moved:
            return False
        return due.outcome is not Outcome.OK or len(listing.unchanged) == self._standing().held.get(due.type, 0)

    def _settle_silent(self, connection: Connection, now: datetime) -> bytes | None:
        """Note the listings that found nothing; those that ended alike as the run keeps them."""
        standing = self._standing()
        groups, alone = grouped(self._silent, standing, now)
        lines = [
            LedgerRow(self.run_id, each.type, each.outcome, 0, 0, 0, 0, each.calls, each.failure) for each in alone
        ]
        noting.note(connection, self._scope_id, standing, lines, [group for group, _ in groups], now)
        for each in self._silent:
            self._sums.ended(each.outcome, each.calls)
        return packed(groups, self._packer.plain)

    def _close(self) -> None:
        self._finished = True
        self._listings.clear()
        self._due.clear()
