"""Places in a listing, handed to the client as an opaque text."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import Any

import orjson

from openvna.model import InvalidInput

MOST = 1_000
_PRINT_BYTES = 9


def clamp(limit: int) -> int:
    """The number of items of a page: 1 to 1,000. Raises `InvalidInput` outside of that."""
    if not 1 <= limit <= MOST:
        raise InvalidInput(
            f"A page of {limit} cannot be had.", f"A page has 1 to {MOST:,} items.", "", (("limit", f"1 to {MOST:,}"),)
        )
    return limit


@dataclass(frozen=True, slots=True)
class Cursor:
    """The cursors of one listing. The fingerprint of its filters and its order makes that a cursor is of no use for
    another listing, where it would skip or repeat items without a word."""

    fingerprint: str

    @classmethod
    def of(cls, *listing: Any) -> Cursor:
        """For the listing that these filters and this order make."""
        raw = repr(listing).encode("utf-8", "surrogatepass")
        return cls(base64.urlsafe_b64encode(hashlib.sha256(raw).digest()[:_PRINT_BYTES]).decode())

    def write(self, values: tuple[Any, ...]) -> str:
        return base64.urlsafe_b64encode(orjson.dumps([self.fingerprint, *values])).decode().rstrip("=")

    def read(self, cursor: str, types: tuple[type, ...]) -> tuple[Any, ...]:
        """The values that were written. Raises `InvalidInput` for anything else."""
        try:
            raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
            fingerprint, *values = orjson.loads(raw)
        except (binascii.Error, ValueError, TypeError):
            raise _invalid("It is not one that was handed out here.") from None
        fits = len(values) == len(types) and all(
            type(value) is wanted for value, wanted in zip(values, types, strict=True)
        )
        if fingerprint != self.fingerprint or not fits:
            raise _invalid("It belongs to another listing: another filter or another order.")
        if any(type(value) is int and abs(value) >= 2**63 for value in values):
            raise _invalid("It is not one that was handed out here.")
        return tuple(values)


def _invalid(why: str) -> InvalidInput:
    return InvalidInput("The cursor cannot be used.", why, "Start again without a cursor.", (("cursor", why),))
