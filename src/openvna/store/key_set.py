"""Sets of resource keys and tables of fingerprints that stay small for millions: no object for each."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator

_BITS = 10
_MASK = (1 << _BITS) - 1
_PRINT = 8


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
        """`rows` hold fingerprint and key, in the order of the fingerprints. One that is longer than 8 bytes ends with
        how many resources the piece holds; else it is one."""
        self._prints = array("Q")
        self._keys = array("q")
        self._many: dict[int, int] = {}
        for fingerprint, key in rows:
            print_ = int.from_bytes(fingerprint[:_PRINT])
            if len(fingerprint) > _PRINT:
                self._many[print_] = int.from_bytes(fingerprint[_PRINT:])
            self._prints.append(print_)
            self._keys.append(key)

    def __iter__(self) -> Iterator[bytes]:
        """Those of which all that came from the piece still have it."""
        for print_ in dict.fromkeys(self._prints):
            fingerprint = print_.to_bytes(_PRINT)
            if self.keys(fingerprint):
                yield fingerprint

    def keys(self, fingerprint: bytes) -> array[int]:
        """The keys under a fingerprint. None where it is unknown, or not all that came from the piece still have it:
        whoever took it for known would lose the others."""
        wanted = int.from_bytes(fingerprint)
        start = end = bisect_left(self._prints, wanted)
        while end < len(self._prints) and self._prints[end] == wanted:
            end += 1
        whole = end - start == self._many.get(wanted, 1)
        return self._keys[start:end] if whole else array("q")


def in_order(rows: Iterable[tuple[bytes, int]]) -> Iterator[tuple[bytes, int]]:
    """Millions of fingerprints with their keys, as `Fingerprints` takes them, in little more memory than that does: a
    database sorts them by the hundred bytes each."""
    prints, keys = ([array(code) for _ in range(256)] for code in "Qq")
    counts: dict[int, bytes] = {}
    for fingerprint, key in rows:
        number = int.from_bytes(fingerprint[:_PRINT])
        prints[fingerprint[0]].append(number)
        keys[fingerprint[0]].append(key)
        if len(fingerprint) > _PRINT:
            counts[number] = fingerprint[_PRINT:]
    for first in range(256):
        for number, key in sorted(zip(prints[first], keys[first], strict=True)):
            yield number.to_bytes(_PRINT) + counts.get(number, b""), key
        prints[first], keys[first] = array("Q"), array("q")


class Reprints:
    """Fingerprints by the keys of resources, in the order in which they came."""

    def __init__(self) -> None:
        self._keys = array("q")
        self._prints = array("Q")
        self._counts = array("H")

    def add(self, key: int, fingerprint: bytes | None) -> None:
        self._keys.append(key)
        self._prints.append(int.from_bytes(fingerprint[:_PRINT]) if fingerprint else 0)
        self._counts.append(0 if fingerprint is None else int.from_bytes(fingerprint[_PRINT:]) or 1)

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[tuple[int, bytes | None]]:
        for key, value, count in zip(self._keys, self._prints, self._counts, strict=True):
            yield key, value.to_bytes(_PRINT) + (count.to_bytes(2) if count > 1 else b"") if count else None
