"""Long pages of answers that are as they were: one row for a page, not one for each resource in it."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence

import sqlalchemy as sa
import zstandard
from sqlalchemy.engine import Connection

from openvna.store import statements, tables
from openvna.store.columns import LEVEL, fitted
from openvna.store.engine import Database
from openvna.store.key_set import RECENT, KeySet, Recorded

_page, _sighting = tables.page.c, tables.sighting.c
_DROP = sa.delete(tables.page).where(
    _page.scope_id == sa.bindparam("scope_id"),
    _page.type == sa.bindparam("type"),
    _page.fingerprint == sa.bindparam("print"),
)


class Pages:
    """The pages of one listing: those that are as they were, and those that were read. Used under the writer's lock."""

    def __init__(self, database: Database, scope_id: int, type: str, recorded: Recorded) -> None:
        """`recorded` are the pieces of which all is in the memory, or will be when `save` is called."""
        self._database = database
        self._here = (_page.scope_id == scope_id) & (_page.type == type)
        self._scope_id = scope_id
        self._type = type
        self._stored: dict[bytes, bytes] | None = None
        self._kept: set[bytes] = set()
        self._recorded = recorded
        self._waiting: dict[bytes, Sequence[bytes]] = {}
        self._read: dict[bytes, bytes] = {}

    def keys(self, fingerprint: bytes) -> array[int] | None:
        """The resources of a page that is as it was; None for one that is not known."""
        packed = self._known().get(fingerprint)
        if packed is None:
            return None
        self._kept.add(fingerprint)
        return _unpacked(packed)

    def add(self, fingerprint: bytes, pieces: Sequence[bytes]) -> None:
        """A page that was read, with the fingerprints of all that is in it, which is recorded by now, or soon."""
        self._waiting[fingerprint] = pieces
        self._resolve()
        held = sum(map(len, self._waiting.values()))
        while held > RECENT:  # the oldest holds what was not recorded, and never will be
            held -= len(self._waiting.pop(next(iter(self._waiting))))

    def doubt(self, connection: Connection) -> None:
        """Something of the type is written before its listing ends, which it may never do: a page that did not come yet
        may be as it was in a later run while what is recorded of it is not. In this listing it is known still."""
        self._known()
        self._drop(connection)

    def save(self, connection: Connection, *, changed: bool) -> None:
        """Keep the pages of this listing in the place of those before it. `changed`: something of the type was
        written. To be called in the transaction that writes it, behind it."""
        self._resolve()
        if not changed and not self._read and (self._stored is None or self._stored.keys() == self._kept):
            return
        # Nobody else writes resources now. What another scope forgot since the pages were read stays forgotten.
        statements.COUNTERS.rows(connection)
        self._drop(connection)
        place = {"scope_id": self._scope_id, "type": self._type}
        doubted = self._doubted(connection)
        values = [
            {**place, "fingerprint": fingerprint, "resource_keys": keys}
            for fingerprint, keys in self._read.items()
            if fingerprint not in doubted
        ]
        if values:
            connection.execute(sa.insert(tables.page), values)

    def forget(self) -> None:
        """None of them is to be known in a later run."""
        self._stored = {}
        self._kept.clear()
        self._waiting.clear()
        self._read.clear()

    def _known(self) -> dict[bytes, bytes]:
        if self._stored is None:
            with self._database.read() as connection:
                rows = connection.execute(sa.select(_page.fingerprint, _page.resource_keys).where(self._here))
                self._stored = {row.fingerprint: row.resource_keys for row in rows}
        return self._stored

    def _drop(self, connection: Connection) -> None:
        """Those that did not come."""
        there = set(connection.execute(sa.select(_page.fingerprint).where(self._here)).scalars())
        place = {"scope_id": self._scope_id, "type": self._type}
        gone = [{**place, "print": fingerprint} for fingerprint in there - self._kept]
        if gone:
            connection.execute(_DROP, gone)

    def _resolve(self) -> None:
        """The keys of the pages of which all is recorded."""
        for fingerprint, pieces in tuple(self._waiting.items()):
            keys = self._recorded.keys(pieces)
            if keys is not None:
                del self._waiting[fingerprint]
                self._read[fingerprint] = _packed(keys)

    def _doubted(self, connection: Connection) -> set[bytes]:
        """The pages that were read and hold what is to be read again, as another scope left it since."""
        if not self._read:
            return set()
        here = (_sighting.scope_id == self._scope_id) & (_sighting.type == self._type)
        unprinted = sa.select(_sighting.resource_key).where(here, _sighting.fingerprint.is_(None))
        again = KeySet(connection.execute(unprinted.execution_options(yield_per=5_000)).scalars())
        if not len(again):
            return set()
        return {print_ for print_, packed in self._read.items() if any(key in again for key in _unpacked(packed))}


def _packed(keys: Iterable[int]) -> bytes:
    return fitted(zstandard.ZstdCompressor(level=LEVEL).compress(array("q", keys).tobytes()))


def _unpacked(packed: bytes) -> array[int]:
    return array("q", zstandard.ZstdDecompressor().decompress(packed))


def forget_pages(connection: Connection, keys: Sequence[int]) -> None:
    """No page is as it was any more that holds one of these resources: each is to be looked at again."""
    sighted = sa.select(_sighting.scope_id, _sighting.type).where(_sighting.resource_key.in_(keys)).distinct()
    for row in connection.execute(sighted).all():
        connection.execute(sa.delete(tables.page).where(_page.scope_id == row.scope_id, _page.type == row.type))
