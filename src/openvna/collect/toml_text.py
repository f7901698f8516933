"""Writes TOML (https://toml.io/en/v1.0.0): what `tomllib` reads back as the same values."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def key(name: str) -> str:
    """A key, quoted where it must be."""
    return name if _BARE.fullmatch(name) else _text(name)


def value(given: Any) -> str:
    """A value on one line. TOML has no null: leave such members out."""
    if isinstance(given, bool):
        return "true" if given else "false"
    if isinstance(given, int | float):
        return repr(given)
    if isinstance(given, str):
        return _text(given)
    if isinstance(given, Mapping):
        inside = ", ".join(f"{key(str(name))} = {value(item)}" for name, item in given.items() if item is not None)
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(given, Sequence):
        return f"[{', '.join(value(item) for item in given)}]"
    raise TypeError(f"TOML has no {type(given).__name__}")


def table(
    path: Sequence[str], members: Mapping[str, Any], notes: Mapping[tuple[str, ...], Sequence[str]] | None = None
) -> list[str]:
    """The lines of a table with its tables below it, empty lines between them. `notes` are comments that stand in the
    table of their path."""
    said = [f"# {line}" for line in (notes or {}).get(tuple(path), ())]
    plain = {name: item for name, item in members.items() if not isinstance(item, Mapping) and item is not None}
    tables = {name: item for name, item in members.items() if isinstance(item, Mapping)}
    lines = [f"[{'.'.join(key(part) for part in path)}]"] if plain or said or not tables else []
    lines += [*(f"{key(name)} = {value(item)}" for name, item in plain.items()), *said]
    for name, item in tables.items():
        lines += [*([""] if lines else ()), *table((*path, name), item, notes)]
    return lines


def _text(given: str) -> str:
    """A basic string. JSON escapes what TOML does, but for DEL; a lone surrogate has no place in either."""
    return json.dumps(given.encode("utf-8", "replace").decode(), ensure_ascii=False).replace("\x7f", "\\u007f")
