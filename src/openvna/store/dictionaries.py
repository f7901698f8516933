"""Dictionaries of zstd, trained with some resources of a type: what all of these have in common is kept once, and not
in the body of every version.

A dictionary is kept as long as its source, for what was packed with it is read with it alone. Each source has its own:
pieces of what was seen are in it, and go with the source.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson
import sqlalchemy as sa
import zstandard
from sqlalchemy.engine import Connection

from openvna.store import statements, tables
from openvna.store.columns import LEVEL, unpack
from openvna.store.engine import Database

SAMPLES = 250
"""Resources that one is trained with."""
_SAMPLED_BYTES = 1 << 20
"""A megabyte of samples is trained in some 15 ms."""
_BYTES = 16_384
_dictionary = tables.dictionary.c


class Dictionary(NamedTuple):
    """A dictionary as it is kept. No id is ever used twice."""

    id: int
    source_id: str
    type: str
    content: bytes


class Dictionaries:
    """Those of one database. Safe to use from several threads; each is read once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._read = False
        self._kept: dict[tuple[str, str], Dictionary] = {}
        self._packing: dict[int, zstandard.ZstdCompressionDict] = {}
        self._unpacking: dict[int, zstandard.ZstdCompressionDict] = {}
        self._useless: set[tuple[str, str]] = set()

    def read(self) -> None:
        """Read them, once. To be called outside of any transaction: many that wait for a second connection each would
        wait for each other."""
        if self._read:
            return
        with self._database.read() as connection:
            found = [Dictionary(*row) for row in connection.execute(sa.select(tables.dictionary))]
        with self._lock:
            self._kept = {(each.source_id, each.type): each for each in found} | self._kept
            self._read = True

    def of(self, source_id: str, type: str) -> Dictionary | None:
        """The one to pack resources of this type with."""
        return self._kept.get((source_id, type))

    def wants(self, source_id: str, type: str) -> bool:
        """Whether one is to be trained."""
        return self.of(source_id, type) is None and (source_id, type) not in self._useless

    def train(self, source_id: str, type: str, bodies: Sequence[bytes]) -> Dictionary | None:
        """A dictionary, to be kept; None where these bodies are too few or too odd for one."""
        samples: list[bytes | bytearray | memoryview] = []
        size = 0
        for body in bodies[:: max(1, len(bodies) // SAMPLES)]:
            samples.append(body)
            size += len(body)
            if size >= _SAMPLED_BYTES:
                break
        try:
            content = zstandard.train_dictionary(_BYTES, samples, level=LEVEL).as_bytes()
        except zstandard.ZstdError:
            self._useless.add((source_id, type))
            return None
        return Dictionary(0, source_id, type, content)

    def keep(self, connection: Connection, trained: Dictionary) -> Dictionary:
        """Write a trained one; where another process was faster, the one that it wrote. To be given to `add` once the
        transaction is through."""
        # Whoever holds these rows is the only one who adds a dictionary.
        last = {row.name: row.last for row in statements.COUNTERS.rows(connection)}
        place = (_dictionary.source_id == trained.source_id) & (_dictionary.type == trained.type)
        found = connection.execute(sa.select(tables.dictionary).where(place)).first()
        if found is not None:
            return Dictionary(*found)
        kept = trained._replace(id=last["dictionary"] + 1)
        statements.COUNT.run(connection, {"k": "dictionary", "n": kept.id})
        connection.execute(sa.insert(tables.dictionary).values(kept._asdict()))
        return kept

    def add(self, kept: Dictionary) -> None:
        """From now on resources are packed with this one."""
        with self._lock:
            self._kept = {**self._kept, (kept.source_id, kept.type): kept}

    def compressor(self, dictionary: Dictionary) -> zstandard.ZstdCompressor:
        """A compressor with a dictionary, for one thread."""
        with self._lock:
            found = self._packing.get(dictionary.id)
            if found is None:
                found = self._packing[dictionary.id] = _prepared(dictionary)
        return zstandard.ZstdCompressor(level=LEVEL, dict_data=found)

    def unpack(self, connection: Connection, packed: bytes, id: int | None) -> Any:
        """What was packed, as Python values. `id` names the dictionary, if any."""
        if id is None:
            return unpack(packed)
        found = self._unpacking.get(id)
        if found is None:
            content = connection.execute(sa.select(_dictionary.content).where(_dictionary.id == id)).scalar_one()
            found = self._unpacking.setdefault(id, zstandard.ZstdCompressionDict(content))
        return orjson.loads(zstandard.ZstdDecompressor(dict_data=found).decompress(packed))


def compressor(dictionary: Dictionary) -> zstandard.ZstdCompressor:
    """A compressor with a dictionary, for one thread of a process that has no database."""
    return zstandard.ZstdCompressor(level=LEVEL, dict_data=_prepared(dictionary))


def _prepared(dictionary: Dictionary) -> zstandard.ZstdCompressionDict:
    prepared = zstandard.ZstdCompressionDict(dictionary.content)
    prepared.precompute_compress(level=LEVEL)
    return prepared


class Packer:
    """Packs what one writer writes. To be used by one thread at a time."""

    def __init__(self, dictionaries: Dictionaries, source_id: str) -> None:
        self.dictionaries = dictionaries
        self.plain = zstandard.ZstdCompressor(level=LEVEL)
        self._source_id = source_id
        self._compressors: dict[int, zstandard.ZstdCompressor] = {}

    def of(self, type: str) -> tuple[int | None, zstandard.ZstdCompressor]:
        """What to pack the resources of a type with: a dictionary's id, if there is one, and the compressor."""
        dictionary = self.dictionaries.of(self._source_id, type)
        if dictionary is None:
            return None, self.plain
        found = self._compressors.get(dictionary.id)
        if found is None:
            found = self._compressors[dictionary.id] = self.dictionaries.compressor(dictionary)
        return dictionary.id, found
