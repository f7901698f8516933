"""Short ids that sort by the time they were made: `run_01k3w9v2c4-7h2m9qp`, without the dash."""

from __future__ import annotations

import secrets
from datetime import datetime

from openvna.store.columns import microseconds

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_TIME, _RANDOM = 9, 7


def new_id(prefix: str, moment: datetime) -> str:
    """`prefix`, an underscore, 9 characters of milliseconds, 7 of chance (35 bits)."""
    return f"{prefix}_{_base32(microseconds(moment) // 1000, _TIME)}{_base32(secrets.randbits(5 * _RANDOM), _RANDOM)}"


def _base32(number: int, width: int) -> str:
    digits = []
    for _ in range(width):
        number, digit = divmod(number, 32)
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))
