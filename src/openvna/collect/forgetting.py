"""How long what runs in the background is remembered after its end, so that it can still be asked for."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol, TypeVar


class Ends(Protocol):
    """What has an id, and an end once it is over."""

    id: str
    ended_at: datetime | None


T = TypeVar("T", bound=Ends)


def under_way(known: dict[str, T]) -> int:
    return sum(one.ended_at is None for one in known.values())


def forget_old(known: dict[str, T], before: datetime) -> None:
    """Drop what ended before a moment."""
    for one in [one for one in known.values() if one.ended_at is not None and one.ended_at < before]:
        del known[one.id]


def forget_surplus(known: dict[str, T], most: int) -> None:
    """Drop what ended first, as long as there are more than `most`. What still runs stays."""
    ended = [one.id for one in known.values() if one.ended_at is not None]
    for id in ended[: max(0, len(known) - most)]:
        del known[id]
