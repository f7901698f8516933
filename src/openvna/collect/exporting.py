"""Sources as the TOML text that `openvna apply` reads. Stored secrets are left out; a comment marks their place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from openvna.collect import toml_text
from openvna.collect.applying import telling
from openvna.model import JSON
from openvna.store import Source

if TYPE_CHECKING:
    from openvna.collect.gateway import Gateway

_STORED = "Stored, and not exported. Left out it stays as it is; for another installation name where it is:"
_UNITS = (("d", 86400), ("h", 3600), ("m", 60))


def exported(gateway: Gateway, sources: Iterable[Source]) -> str:
    """The sources as one file. Applied again, it changes nothing."""
    return "\n\n".join("\n".join(_lines(gateway, one)) for one in sources) + "\n"


def _lines(gateway: Gateway, source: Source) -> list[str]:
    head = {"name": source.name, "plugin": source.plugin}
    lines = ["[[source]]", *(f"{name} = {toml_text.value(item)}" for name, item in head.items())]
    if gateway.spec(source.plugin).repeats:
        lines.append(f"interval = {toml_text.value(duration(source.interval))}")
    if source.paused:
        lines.append("paused = true")
    model = gateway.stored(source)
    # Settings that cannot be read right now (a reference that leads nowhere) are told whole, defaults and all.
    config = telling(model) if model is not None else _said(source.config)
    path = ("source", "config")
    notes: dict[tuple[str, ...], list[str]] = {}
    for secret in source.secrets:
        *way, name = secret.split(".")
        suggested = toml_text.value(f"env:{_variable(source.name, name)}")
        notes.setdefault((*path, *way), [_STORED]).append(f"{toml_text.key(name)} = {suggested}")
        _made(config, way)
    if config or notes:
        lines += ["", *toml_text.table(path, config, notes)]
    return lines


def _made(config: dict[str, JSON], way: list[str]) -> None:
    """Makes the tables on the way to a secret, so that its comment has a place."""
    for part in way:
        inner = config.setdefault(part, {})
        if not isinstance(inner, dict):
            return
        config = inner


def _said(config: Mapping[str, JSON]) -> dict[str, JSON]:
    """Without what TOML has no word for."""
    found = {name: _said(item) if isinstance(item, dict) else item for name, item in config.items()}
    return {name: item for name, item in found.items() if item not in (None, {})}


def duration(seconds: int | None) -> str:
    """An interval as a file says it: `15m`, `never`."""
    if seconds is None:
        return "never"
    return next((f"{seconds // size}{unit}" for unit, size in _UNITS if seconds % size == 0), f"{seconds}s")


def _variable(*names: str) -> str:
    """A name for an environment variable."""
    return re.sub(r"[^A-Z0-9]+", "_", "_".join(("OPENVNA", *names)).upper()).strip("_")
