"""Packing of what a long listing holds, where it is read: the process that keeps the store has enough to do, and what
is packed is sent in half the bytes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import zstandard

from openvna.collect.reading import Batch
from openvna.store import Dictionary, compressor, entries

_MUCH = 1_250
"""Resources of one type after which is asked what to pack them with: it is trained with the first thousand."""


class Packing:
    """Packs what one stream reads of a scope. Used by one thread."""

    def __init__(self, dictionary: Callable[[str], Dictionary | None]) -> None:
        """`dictionary` gives that of a type; None where it is not worth it. It is asked once for each type."""
        self._dictionary = dictionary
        self._read: Counter[str] = Counter()
        self._found: dict[str, tuple[int, zstandard.ZstdCompressor] | None] = {}

    def packed(self, batch: Batch) -> Batch:
        """The batch, packed where much of its type comes and is to be written; else as it is."""
        type = batch.type
        self._read[type] += len(batch.forms)
        if self._read[type] <= _MUCH:
            return batch
        if type not in self._found:
            found = self._dictionary(type)
            self._found[type] = None if found is None else (found.id, compressor(found))
        packs = self._found[type]
        return batch if packs is None else Batch(type, list(entries(batch.forms, *packs)))
