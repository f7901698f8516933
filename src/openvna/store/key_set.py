"""Sets of resource keys and tables of fingerprints that stay small for millions: no object for each."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator

_BITS = 10
_MASK = (1 << _BITS) - 1
_PRINT = 8
RECENT = 16_000
"""Pieces whose resources are kept in mind: all that waits to be written of a long listing, and a few pages more. A page
whose pieces are forgotten before all of them are written is read once more by the next run."""


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
        """`rows` hold fingerprint and key, in any order. A fingerprint that is longer than 8 bytes ends with how many
        resources the piece holds; else it is one."""
        # In parts by their first byte: one after the other is put in order, so that they are never there twice.
        self._parts: dict[bytes, tuple[array[int], array[int]]] = {}
        self._many: dict[int, int] = {}
        for fingerprint, key in rows:
            print_ = int.from_bytes(fingerprint[:_PRINT])
            if len(fingerprint) > _PRINT:
                self._many[print_] = int.from_bytes(fingerprint[_PRINT:])
            part = self._parts.get(fingerprint[:1])
            if part is None:
                part = self._parts[fingerprint[:1]] = array("Q"), array("q")
            part[0].append(print_)
            part[1].append(key)
        for first, part in self._parts.items():
            ordered = sorted(zip(*part, strict=True))
            self._parts[first] = array("Q", [each[0] for each in ordered]), array("q", [each[1] for each in ordered])

    def __iter__(self) -> Iterator[bytes]:
        """Those of which all that came from the piece still have it."""
        for first in sorted(self._parts):
            for print_ in dict.fromkeys(self._parts[first][0]):
                fingerprint = print_.to_bytes(_PRINT)
                if self.keys(fingerprint):
                    yield fingerprint

    def keys(self, fingerprint: bytes) -> array[int]:
        """The keys under a fingerprint. None where it is unknown, or not all that came from the piece still have it:
        whoever took it for known would lose the others."""
        part = self._parts.get(fingerprint[:1])
        if part is None:
            return array("q")
        prints, keys = part
        wanted = int.from_bytes(fingerprint)
        start = end = bisect_left(prints, wanted)
        while end < len(prints) and prints[end] == wanted:
            end += 1
        whole = end - start == self._many.get(wanted, 1)
        return keys[start:end] if whole else array("q")


class Recorded:
    """Which resources came from the pieces of answers that were recorded last.

    A piece is as `Fingerprints` takes it. At least `RECENT` of them are known, and no more than twice as many.
    """

    def __init__(self) -> None:
        self._recent: dict[bytes, int | tuple[int, set[int]]] = {}
        self._before: dict[bytes, int | tuple[int, set[int]]] = {}

    def add(self, fingerprint: bytes | None, key: int) -> None:
        """A resource, and the fingerprint of the piece that it came from, where it has one."""
        if fingerprint is None:
            return
        piece = fingerprint[:_PRINT]
        known = self._recent.get(piece) or self._before.get(piece)
        if len(fingerprint) == _PRINT and (known is None or known == key):
            self._recent[piece] = key
        elif isinstance(known, tuple):
            known[1].add(key)
            self._recent[piece] = known
        else:
            self._recent[piece] = int.from_bytes(fingerprint[_PRINT:]) or 1, {known or key, key}
        if len(self._recent) > RECENT:
            self._recent, self._before = {}, self._recent

    def whole(self, piece: bytes, keys: Collection[int]) -> None:
        """All that came from a piece that is as it was."""
        if len(keys) > 1:
            self._recent[piece] = len(keys), set(keys)
        for key in keys:
            self.add(piece, key)

    def clear(self) -> None:
        self._recent, self._before = {}, {}

    def keys(self, pieces: Iterable[bytes]) -> list[int] | None:
        """The keys under fingerprints of 8 bytes, in order. None where one is unknown, or not all that the piece holds
        were recorded."""
        found: list[int] = []
        for piece in pieces:
            known = self._recent.get(piece) or self._before.get(piece)
            if isinstance(known, int):
                found.append(known)
            elif known is not None and len(known[1]) == known[0]:
                found += known[1]
            else:
                return None
        found.sort()  # neighbours, which pack well
        return found


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
