"""Records on their way to the store: the first in memory, the rest in a file that has no name."""

from __future__ import annotations

import marshal
import struct
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

from openvna.store.canonical import Entry
from openvna.store.room import unwritable

IN_MEMORY = 2_000
_TOGETHER = 100
_SIZE = struct.Struct(">I")


class Spill:
    """Takes any number of records and gives them back in order, holding at most `in_memory` of them in memory.

    The file is unlinked from the start: a killed process leaves nothing behind.
    """

    def __init__(self, directory: Path | None, in_memory: int = IN_MEMORY) -> None:
        self._directory = directory
        self._in_memory = in_memory
        self._held: list[Entry] = []
        self._file: IO[bytes] | None = None
        self.count = 0

    def extend(self, entries: Iterable[Entry]) -> None:
        """Raises `StoreUnusable` where the disk takes no more."""
        before = len(self._held)
        self._held.extend(entries)
        self.count += len(self._held) - before
        if len(self._held) >= self._in_memory:
            self._write()

    def chunks(self, size: int) -> Iterator[list[Entry]]:
        """All records, in lists of at most `size`."""
        chunk: list[Entry] = []
        for some in self._pieces():
            chunk.extend(some)
            while len(chunk) >= size:
                yield chunk[:size]
                del chunk[:size]
        if chunk:
            yield chunk

    def close(self) -> None:
        self._held.clear()
        if self._file is not None:
            with suppress(OSError):  # what is still to be written on a full disk is not wanted any more
                self._file.close()
            self._file = None

    def _pieces(self) -> Iterator[Iterable[Entry]]:
        if self._file is not None:
            self._file.seek(0)
            while size := self._file.read(_SIZE.size):
                yield map(Entry._make, marshal.loads(self._file.read(*_SIZE.unpack(size))))  # noqa: S302 - our own file, which nobody else can open
        yield self._held

    def _write(self) -> None:
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(dir=self._directory, prefix="openvna-")  # noqa: SIM115 - closed by `close`
            self._file.seek(0, 2)
            for start in range(0, len(self._held), _TOGETHER):
                packed = marshal.dumps([tuple(each) for each in self._held[start : start + _TOGETHER]])
                self._file.write(_SIZE.pack(len(packed)) + packed)
            self._file.flush()
        except OSError as error:
            place = self._directory or Path(tempfile.gettempdir())
            raise unwritable(f"What a long listing holds cannot be put aside in {place}.", place, error) from error
        self._held.clear()
