"""The listings of a run on their way into the memory: what is as it was, and what is to be written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from sqlalchemy.engine import Connection

from openvna.model import Calls, Failure, Outcome
from openvna.store import statements
from openvna.store.apply import CHUNK, Tally
from openvna.store.canonical import Entry, Form, entries
from openvna.store.dictionaries import Packer
from openvna.store.key_set import Fingerprints, KeySet, Recorded, Reprints
from openvna.store.pages import Pages


@dataclass(slots=True)
class Listing:
    """A type that is being listed: what is not compared yet, what needs no writing (any more), what is to be written.

    `held` tells how many of the type the scope saw when the listing began. `reprinted` are those of the unchanged
    whose fingerprint is another one. `recorded` are the last pieces of which all is in the memory now, or will be when
    the listing is written. `written` is what came of those that were written already, None before the first.
    """

    held: int
    pending: list[Form] = field(default_factory=list)
    fresh: list[Entry] = field(default_factory=list)
    written: Tally | None = None
    unchanged: KeySet = field(default_factory=KeySet)
    reprinted: Reprints = field(default_factory=Reprints)
    recorded: Recorded = field(default_factory=Recorded)
    fingerprints: Fingerprints | None = None
    pages: Pages | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing of the type was seen so far."""
        return not (self.pending or self.fresh or len(self.unchanged))


@dataclass(slots=True)
class Due:
    """A type whose listing ended, to be written."""

    type: str
    outcome: Outcome
    failure: Failure | None
    calls: Calls
    listing: Listing
    reason: str = ""
    only: str = ""


def compare(
    connected: Callable[[], AbstractContextManager[Connection]],
    source_id: str,
    scope_id: int,
    listings: Sequence[Listing],
    packer: Packer,
) -> None:
    """Sort the pending records into those that are as they were and those that need writing. `connected` gives the
    connection on which is looked up what there was before, where there was anything: it is not kept longer than that,
    since another one that is wanted meanwhile has a cache of pages of its own."""
    pending = [form for listing in listings for form in listing.pending]
    if not pending:
        return
    known: dict[str, Any] = {}
    sighted: dict[tuple[int, str], Any] = {}
    types = {form.type for listing in listings if listing.held for form in listing.pending}
    if types:
        asked = {"source": source_id, "ids": [form.id for form in pending if form.type in types]}
        with connected() as connection:
            known = {row.id: row for row in statements.KNOWN.rows(connection, asked)}
            keys = [row.key for row in known.values()]
            ours = {"scope": scope_id, "types": sorted(types), "keys": keys}
            found = statements.OURS.rows(connection, ours) if keys else ()
        sighted = {(row.resource_key, row.type): row for row in found}
    for listing in listings:
        changed = [] if known else listing.pending
        for form in listing.pending if known else ():
            row = known.get(form.id)
            sight = sighted.get((row.key, form.type)) if row is not None else None
            # Where no scope's view counts any more, this one's shall from now on: that is written.
            if (
                row is not None
                and sight is not None
                and row.hash == form.hash
                and row.scope_id is not None
                and not _renews(form, row.scope_id == scope_id, sight.fingerprint)
            ):
                listing.unchanged.add(row.key)
                listing.recorded.add(form.fingerprint, row.key)
                if sight.fingerprint != form.fingerprint:
                    listing.reprinted.add(row.key, form.fingerprint)
            else:
                changed.append(form)
        if changed:
            listing.fresh.extend(entries(changed, *packer.of(changed[0].type)))
        listing.pending = []


def _renews(form: Form, ours: bool, fingerprint: bytes | None) -> bool:
    """Whether a volatile attribute may have another value now, which is shown though it makes no version."""
    return ours and form.volatile and (form.fingerprint is None or form.fingerprint != fingerprint)


_id = attrgetter("id")


def chunks(some: Iterable[Listing]) -> Iterator[list[Entry]]:
    """What all of them have to write, in pieces about as large as those of one."""
    chunk: list[Entry] = []
    for listing in some:
        # In the order of the indexes over ids, which a vendor gives in none: they fill in a row then.
        listing.fresh.sort(key=_id)
        for start in range(0, len(listing.fresh), CHUNK):
            chunk += listing.fresh[start : start + CHUNK]
            if len(chunk) >= CHUNK:
                yield chunk
                chunk = []
    if chunk:
        yield chunk
