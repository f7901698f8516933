"""Records on their way to the store: the first in memory, the rest in a file that has no name."""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import zstandard

from openvna.store.canonical import Seen
from openvna.store.columns import LEVEL

IN_MEMORY = 2_000
_HEADER = struct.Struct(">III")


class Spill:
    """Takes any number of records and gives them back in order, holding at most `in_memory` of them in memory.

    The file is unlinked from the start: a killed process leaves nothing behind.
    """

    def __init__(self, directory: Path | None, in_memory: int = IN_MEMORY) -> None:
        self._directory = directory
        self._in_memory = in_memory
        self._held: list[Seen] = []
        self._file: IO[bytes] | None = None
        self._compressor = zstandard.ZstdCompressor(level=LEVEL)
        self.count = 0

    def add(self, seen: Seen) -> None:
        self.count += 1
        self._held.append(seen)
        if len(self._held) >= self._in_memory:
            self._write()

    def chunks(self, size: int) -> Iterator[list[Seen]]:
        """All records, in lists of at most `size`."""
        chunk: list[Seen] = []
        for seen in self._each():
            chunk.append(seen)
            if len(chunk) == size:
                yield chunk
                chunk = []
        if chunk:
            yield chunk

    def close(self) -> None:
        self._held.clear()
        if self._file is not None:
            self._file.close()
            self._file = None

    def _each(self) -> Iterator[Seen]:
        if self._file is not None:
            decompressor = zstandard.ZstdDecompressor()
            self._file.seek(0)
            while header := self._file.read(_HEADER.size):
                id_size, type_size, body_size = _HEADER.unpack(header)
                id = self._file.read(id_size).decode()
                type = self._file.read(type_size).decode()
                digest = self._file.read(16)
                packed = self._file.read(body_size)
                yield Seen(id, type, digest, decompressor.decompress(packed), packed)
        yield from self._held

    def _write(self) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile(dir=self._directory, prefix="openvna-")  # noqa: SIM115 - closed by `close`
        self._file.seek(0, 2)
        for seen in self._held:
            id, type = seen.id.encode(), seen.type.encode()
            body = self._compressor.compress(seen.body)
            self._file.write(_HEADER.pack(len(id), len(type), len(body)) + id + type + seen.hash + body)
        self._held.clear()
