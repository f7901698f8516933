"""What a person writes for a time, a duration, a pair."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from openvna.model import InvalidInput

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_LONGEST = 1000 * 366 * 86400
"""A thousand years: whatever is further away is a slip, and no date of ours can hold it."""
_DIGITS = len(str(_LONGEST))
_DURATION = re.compile(r"(?:\d+[smhdw])+")


def seconds(text: str, option: str) -> int:
    """`90`, `15m`, `1h30m`, `2d` in seconds."""
    text = text.strip().lower()
    parts = [(text, "s")] if text.isdecimal() else re.findall(r"(\d+)([smhdw])", text)
    if not text.isdecimal() and not _DURATION.fullmatch(text):
        raise _wrong(option, f"{clipped(text)!r} is not a duration.", "Write it like 15m, 1h30m or 2d.")
    if any(len(number) > _DIGITS for number, _ in parts):
        raise _too_long(option, text)
    found = sum(int(number) * _UNITS[unit] for number, unit in parts)
    if found > _LONGEST:
        raise _too_long(option, text)
    return found


def moment(text: str, option: str, now: datetime | None = None) -> datetime:
    """`24h` (that long ago), or a date with or without a time (ISO 8601; UTC when it has no offset)."""
    if _DURATION.fullmatch(text.strip().lower()):
        return (now or datetime.now(UTC)) - timedelta(seconds=seconds(text, option))
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise _wrong(
            option, f"{clipped(text)!r} is not a time.", "Write it like 24h, 2026-05-31 or 2026-05-31T14:00Z."
        ) from None
    try:
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:
        raise _wrong(
            option,
            f"{text!r} is outside of the years 1 to 9999.",
            "Write it like 24h, 2026-05-31 or 2026-05-31T14:00Z.",
        ) from None


def pairs(values: Iterable[str], option: str) -> dict[str, str]:
    """`name=value` each."""
    found = {}
    for value in values:
        name, sign, text = value.partition("=")
        if not sign or not name:
            why = f"{value!r} has no name before its '='." if sign else f"{value!r} has no '='."
            raise _wrong(option, why, f"Write it like {option} name=value.")
        found[name] = text
    return found


def tags(values: Iterable[str]) -> dict[str, str | None]:
    """`key=value`, or `key` for any value."""
    found: dict[str, str | None] = {}
    for value in values:
        name, sign, text = value.partition("=")
        if not name:
            raise _wrong("--tag", f"{clipped(value)!r} names no tag.", "Write it like --tag key=value or --tag key.")
        found[name] = text if sign else None
    return found


def clipped(text: str) -> str:
    """What was given, short enough to be repeated in a message."""
    return text if len(text) <= 60 else f"{text[:60]}\u2026"


def _too_long(option: str, text: str) -> InvalidInput:
    return _wrong(option, f"{clipped(text)!r} is more than a thousand years.", "Write it like 15m, 1h30m or 2d.")


def _wrong(option: str, why: str, remedy: str) -> InvalidInput:
    return InvalidInput(f"{option} cannot be used as it is.", why, remedy, ((option.lstrip("-"), why),))
