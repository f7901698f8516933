"""Fingerprints of the pieces of an answer, so that what is as it was need not be read again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import botocore
import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

import openvna
from openvna.model import Resource
from openvna.plugin import Before

SIZE = 8
"""Bytes. Nobody can look for two pieces with the same print without the key, and by chance a million pieces have a
pair with a probability of 1 in 37 million."""
_NONCE = bytes(12)


class Prints:
    """The prints of the pieces of one listing: one type, one scope, one parent where it is listed by parents."""

    def __init__(self, before: Before, type: str, parent: Resource | None, asked: Mapping[str, Any]) -> None:
        self._before = before
        self._type = type
        self._parent = parent
        self._asked = asked

    @cached_property
    def _tag(self) -> Callable[[bytes, bytes, bytes | memoryview], bytes]:
        """The tag of AES-GCM over what is not encrypted, a quarter of the work of a hash (a twentieth for a page).

        Always under one nonce, which a message authentication code must not be: who knew tags could forge others. But
        these tell no stranger that anything is genuine. For two pieces that were made without knowing the key the
        first 64 bits are the same with a probability of their length in blocks of 16 bytes over 2**64 (NIST SP
        800-38D, GHASH), whoever chose them. Made when something is found: most lists of most scopes are empty.
        """
        parent = self._parent
        around = (parent and (parent.id, parent.alias, parent.account, parent.name), sorted(self._asked.items()))
        seed = "\0".join((reader_version(), self._type, repr(around)))
        return AESGCM(hashlib.blake2b(seed.encode(), digest_size=32, key=self._before.key).digest()).encrypt

    def of(self, pieces: Iterable[bytes | memoryview]) -> list[bytes]:
        tag = self._tag
        return [tag(_NONCE, b"", piece)[:SIZE] for piece in pieces]

    def of_values(self, pieces: Iterable[Mapping[str, Any]]) -> list[bytes]:
        """The prints of pieces that are read already."""
        return self.of(_written(piece) for piece in pieces)

    def whole_page(self, page: bytes) -> bool:
        """Whether a page of that print need not be looked into: what was in it counts as recorded now."""
        return self._before.whole_page(self._type, page)

    def page_read(self, page: bytes, prints: Sequence[bytes]) -> None:
        """A page of that print was read to its end, and held the pieces of those."""
        self._before.page_read(self._type, page, prints)

    def unchanged(self, prints: Sequence[bytes]) -> Sequence[bool]:
        """Which of the pieces need not be read: what was in them counts as recorded now."""
        return self._before.unchanged(self._type, prints)


def _written(piece: Mapping[str, Any]) -> bytes:
    try:
        return orjson.dumps(piece, option=orjson.OPT_NON_STR_KEYS, default=str)
    except TypeError:  # half of a surrogate pair, or a number that is no JSON of today
        return repr(piece).encode("utf-8", "surrogatepass")


@cache
def reader_version() -> str:
    """Of all that turns an answer into resources: another version may read the same piece differently."""
    folder = Path(__file__).parent
    digest = hashlib.blake2b(f"{openvna.__version__} {botocore.__version__}".encode(), digest_size=16)
    for file in sorted(folder.rglob("*.py")):
        state = file.stat()
        digest.update(f"{file.relative_to(folder)} {state.st_size} {state.st_mtime_ns}\n".encode())
    return digest.hexdigest()
