"""Credentials that end and must be entered again: how long they last, in words, and warned about before their end.

A plugin says in its verdict when a credential ends that it cannot renew (`Verdict.expires_at`, `Verdict.end_unknown`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from openvna.log import logger
from openvna.store import Source

SOON = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of a source's credential. `at` is None where it is `unknown`."""

    state: Literal["later", "soon", "over", "unknown"]
    at: datetime | None = None

    def words(self, now: datetime) -> str:
        """`ends in 5 h 12 min`, `ended 3 min ago`, `ends, nobody knows when`."""
        if self.at is None:
            return "ends, nobody knows when"
        left = int(abs((self.at - now).total_seconds()))
        days, rest = divmod(left, 86400)
        hours, rest = divmod(rest, 3600)
        minutes = rest // 60
        if days:
            size = f"{days} d {hours} h" if hours else f"{days} d"
        elif hours:
            size = f"{hours} h {minutes} min" if minutes else f"{hours} h"
        else:
            size = f"{minutes} min" if minutes else "less than a minute"
        return f"ended {size} ago" if self.state == "over" else f"ends in {size}"


def ending(verdict: Mapping[str, Any] | None, now: datetime) -> Ending | None:
    """The end that the last verification named; None where the credential does not end, or is renewed."""
    if not verdict:
        return None
    if verdict.get("end_unknown"):
        return Ending("unknown")
    try:
        at = datetime.fromisoformat(str(verdict.get("expires_at") or ""))
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    if at <= now:
        return Ending("over", at)
    return Ending("soon" if at - now <= SOON else "later", at)


class EndingWatch:
    """Says in the log, once for each, that a credential will end soon, and that it has ended."""

    def __init__(self) -> None:
        self._told: dict[str, tuple[object, str]] = {}

    def look(self, sources: Iterable[Source], now: datetime) -> None:
        for source in sources:
            end = ending(source.verdict, now)
            if end is None or end.state not in ("soon", "over") or source.paused:
                continue
            if self._told.get(source.id) == (end.at, end.state):
                continue
            self._told[source.id] = (end.at, end.state)
            say = logger("openvna.collect").bind(source=source.name, ends=end.at)
            remedy = (
                f"Enter a new one in its place: Re-enter credential in the UI, or openvna source reenter {source.id}"
            )
            if end.state == "soon":
                say.warning(
                    "credential ends soon", reason=f"It {end.words(now)}, and cannot be renewed.", remedy=remedy
                )
            else:
                say.error("credential has ended", reason=f"It {end.words(now)}.", remedy=remedy)
