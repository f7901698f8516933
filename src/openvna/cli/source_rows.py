"""How a source reads on the terminal: its interval, its state, its settings, the end of its credential."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from openvna.cli.output import clean, dumps, plain
from openvna.collect.endings import ending as end_of

if TYPE_CHECKING:
    from openvna.store import Source


def duration(seconds: int | None) -> str:
    if seconds is None:
        return "on demand"
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def state(source: Source) -> str:
    word = str(source.verdict.get("verdict")) if source.verdict else "not verified"
    cause = f" ({source.verdict['cause']})" if source.verdict and source.verdict.get("cause") else ""
    return f"{'paused, ' if source.paused else ''}{word}{cause}"


def ending(source: Source) -> str:
    """When the credential ends, where it does and is not renewed."""
    now = datetime.now(UTC)
    end = end_of(source.verdict, now)
    if end is None:
        return ""
    return f"{end.words(now)} ({end.at:%Y-%m-%d %H:%M} UTC)" if end.at else end.words(now)


def flat(config: object, path: str = "") -> list[tuple[str, object]]:
    if isinstance(config, dict):
        return [one for key, value in config.items() for one in flat(value, f"{path}.{key}" if path else str(key))]
    if isinstance(config, list | tuple):
        return [(path, ", ".join(clean(one if isinstance(one, str) else dumps(plain(one))) for one in config))]
    return [(path, config)]
