"""When a credential ends that nobody can renew but the person who entered it: a key with its session token."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from openvna.plugins.aws.api import Credentials
from openvna.plugins.aws.keys import Finding

SOON = 3600.0
"""Seconds before its end from which a session is warned about."""


@dataclass(frozen=True, slots=True)
class Ending:
    """`until`: when the credential ends, in seconds since the epoch; None where it ends and nobody has said when."""

    until: float | None

    @property
    def expires_at(self) -> str | None:
        return _moment(self.until) if self.until is not None else None

    def facts(self, now: float) -> tuple[str, ...]:
        """The end in words, with the time that is left."""
        if self.until is None:
            return ("When this session ends is not known: AWS does not say, and no end was entered with it.",)
        left = self.until - now
        if left <= 0:
            return (f"By what was entered with it, the session ended at {_moment(self.until)}, {_span(-left)} ago.",)
        return (f"The session ends at {_moment(self.until)}, in {_span(left)}. It cannot be renewed by OpenVNA.",)

    def finding(self, now: float) -> Finding | None:
        """What is to be warned of: an end that is near, or past (which AWS has the last word on)."""
        if self.until is None or self.until - now > SOON:
            return None
        return Finding("K-ENDING" if self.until > now else "K-EXPIRED", self.facts(now))


def of(credentials: Credentials | None, until: float | None) -> Ending | None:
    """The end of a credential that was entered or lies in a file; None where it is permanent, or renewed."""
    return Ending(until) if credentials is not None and credentials.token else None


def read(text: str) -> float | None:
    """A time as AWS and the tools around it write it (ISO 8601), in seconds since the epoch; None for anything else."""
    try:
        end = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return (end if end.tzinfo else end.replace(tzinfo=UTC)).timestamp()


def _moment(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    except (OverflowError, ValueError, OSError):
        return "a time out of reach"


def _span(seconds: float) -> str:
    minutes = int(seconds // 60)
    if minutes < 1:
        return f"{int(seconds)} s"
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [
        f"{days} d" if days else "",
        f"{hours} h" if hours else "",
        f"{minutes} min" if minutes and not days else "",
    ]
    return " ".join(part for part in parts if part)
