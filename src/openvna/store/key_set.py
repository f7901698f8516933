"""Sets of resource keys and tables of fingerprints that stay small for millions: no object for each."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator

_BITS = 10
_MASK = (1 << _BITS) - 1


class KeySet:
    """A set of whole numbers, as bits in blocks of 1,024. Keys are given in a row, so blocks are well filled."""

    def __init__(self, keys: Iterable[int] = ()) -> None:
        self._blocks: dict[int, bytearray] = {}
        self._count = 0
        self.update(keys)

    def add(self, key: int) -> None:
        self.update((key,))

    def update(self, keys: Iterable[int]) -> None:
        blocks, added = self._blocks, 0
        for key in keys:
            block = blocks.get(key >> _BITS)
            if block is None:
                block = blocks[key >> _BITS] = bytearray(1 << _BITS - 3)
            place, bit = (key & _MASK) >> 3, 1 << (key & 7)
            if not block[place] & bit:
                block[place] |= bit
                added += 1
        self._count += added

    def __contains__(self, key: int) -> bool:
        block = self._blocks.get(key >> _BITS)
        return block is not None and bool(block[(key & _MASK) >> 3] & 1 << (key & 7))

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[int]:
        for number in sorted(self._blocks):
            for place, byte in enumerate(self._blocks[number]):
                for bit in range(8):
                    if byte & 1 << bit:
                        yield (number << _BITS) + (place << 3) + bit


class Fingerprints:
    """Which resources came from a piece of an answer with a fingerprint of 8 bytes."""

    def __init__(self, rows: Iterable[tuple[bytes, int]]) -> None:
        """`rows` hold fingerprint and key, in the order of the fingerprints."""
        self._prints = array("Q")
        self._keys = array("q")
        for fingerprint, key in rows:
            self._prints.append(int.from_bytes(fingerprint))
            self._keys.append(key)

    def keys(self, fingerprint: bytes) -> array[int]:
        """The keys under a fingerprint, none where it is unknown."""
        wanted = int.from_bytes(fingerprint)
        start = end = bisect_left(self._prints, wanted)
        while end < len(self._prints) and self._prints[end] == wanted:
            end += 1
        return self._keys[start:end]


class Reprints:
    """Fingerprints by the keys of resources, in the order in which they came."""

    def __init__(self) -> None:
        self._keys = array("q")
        self._prints = array("Q")
        self._known = bytearray()

    def add(self, key: int, fingerprint: bytes | None) -> None:
        self._keys.append(key)
        self._prints.append(int.from_bytes(fingerprint or b""))
        self._known.append(fingerprint is not None)

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[tuple[int, bytes | None]]:
        for key, value, known in zip(self._keys, self._prints, self._known, strict=True):
            yield key, value.to_bytes(8) if known else None
