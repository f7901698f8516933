"""Sources as they stand in TOML files, read and checked for their form.

    [[source]]
    name = "production"
    plugin = "aws"
    interval = "15m"

    [source.config]
    regions = ["eu-west-1"]

What is wrong is collected and told all together, with the file, the source and the setting. No message repeats a
value of the settings: somebody may have written a secret there.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Literal

from openvna.collect import naming
from openvna.model import JSON, InvalidInput

SUFFIX = ".toml"
_KEYS = ("name", "plugin", "interval", "paused", "config")


@dataclass(frozen=True, slots=True)
class Declared:
    """One source of a file. `place` is where it stands, for people: `sources.toml: source "production"`; `origin` the
    file or folder that was named. What is None was not said."""

    name: str
    plugin: str
    config: Mapping[str, JSON]
    interval: int | Literal["never"] | None
    paused: bool | None
    place: str
    origin: str


class Problems:
    """What is wrong with files, with its place, until all of it is known."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str]] = []

    def add(self, place: str, message: str) -> None:
        self.found.append((place, message))

    def take(self, place: str, error: InvalidInput) -> None:
        """What another check refused, one problem for each of its fields."""
        for path, message in error.fields or (("", f"{error.what} {error.why}".strip()),):
            self.add(f"{place}: {path}" if path else place, message)

    def check(self) -> None:
        """Raises `InvalidInput` with everything that was found."""
        if not self.found:
            return
        count = len(self.found)
        raise InvalidInput(
            "Nothing was changed: the files cannot be applied as they are.",
            "\n".join(f"{place}: {message}" for place, message in self.found),
            f"Correct {'this' if count == 1 else f'these {count} places'} and apply again.",
            tuple(self.found),
        )


def read(paths: Sequence[Path], seconds: Callable[[str, str], int], problems: Problems) -> tuple[Declared, ...]:
    """The sources of files, and of the `.toml` files right in folders. `seconds` reads a duration like `15m`, raising
    `InvalidInput`. What is wrong goes to `problems`; a source that is whole nevertheless is among the result."""
    found: list[Declared] = []
    for path in paths:
        origin = path.resolve().name
        for file in _files(path, problems):
            shown = file.name if path.is_dir() else str(path)
            found += _sources(file, shown, origin, problems, seconds)
    return _unique(found, problems)


def _files(path: Path, problems: Problems) -> list[Path]:
    if not path.is_dir():
        return [path]
    files = sorted(each for each in path.iterdir() if each.suffix == SUFFIX and each.is_file())
    if not files:
        problems.add(str(path), f"The folder has no file that ends in {SUFFIX}.")
    return files


def _sources(
    file: Path, shown: str, origin: str, problems: Problems, seconds: Callable[[str, str], int]
) -> list[Declared]:
    document = _parsed(file, shown, problems)
    for key in document:
        if key != "source":
            problems.add(shown, f"There is no table {key!r} here; a source begins with [[source]].")
    tables = document.get("source", [])
    if not isinstance(tables, list) or not all(isinstance(each, dict) for each in tables):
        problems.add(shown, "A source begins with [[source]], in two brackets: there may be several.")
        return []
    found = []
    for number, table in enumerate(tables, 1):
        one = _source(table, number, shown, origin, problems, seconds)
        if one is not None:
            found.append(one)
    return found


def _parsed(file: Path, shown: str, problems: Problems) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        problems.add(shown, f"The file cannot be read: {error.strerror or error}.")
    except UnicodeDecodeError:
        problems.add(shown, "The file is not TOML: it is not text in UTF-8.")
    except tomllib.TOMLDecodeError as error:
        problems.add(shown, f"The file is not TOML: {error}.")
    except RecursionError:
        problems.add(shown, "The file is nested too deeply.")
    return {}


def _source(
    table: Mapping[str, Any],
    number: int,
    shown: str,
    origin: str,
    problems: Problems,
    seconds: Callable[[str, str], int],
) -> Declared | None:
    name = table.get("name")
    place = f'{shown}: source "{name}"' if isinstance(name, str) and name.strip() else f"{shown}: source {number}"
    for key in table:
        if key not in _KEYS:
            near = difflib.get_close_matches(key, _KEYS, 1, 0.6)
            hint = f"Did you mean {near[0]}?" if near else "Settings of the plugin stand below config."
            problems.add(f"{place}: {key}", f"A source has no such key. {hint}")
    kept = ""
    try:
        kept = naming.source_name(name) if isinstance(name, str) else ""
        if not isinstance(name, str):
            problems.add(f"{place}: name", "A source needs a name, which is a text.")
    except InvalidInput as error:
        problems.take(place, error)
    plugin = table.get("plugin")
    if not isinstance(plugin, str) or not plugin:
        problems.add(f"{place}: plugin", 'Name the plugin, like plugin = "aws".')
    config = table.get("config", {})
    if not isinstance(config, dict):
        problems.add(f"{place}: config", "The settings are a table: [source.config].")
        config = {}
    paused = table.get("paused")
    if paused is not None and not isinstance(paused, bool):
        problems.add(f"{place}: paused", "It is true or false.")
    interval = _interval(table.get("interval"), place, problems, seconds)
    if not kept or not isinstance(plugin, str) or not plugin:
        return None
    return Declared(kept, plugin, _plain(config), interval, paused if isinstance(paused, bool) else None, place, origin)


def _interval(
    value: object, place: str, problems: Problems, seconds: Callable[[str, str], int]
) -> int | Literal["never"] | None:
    if value is None:
        return None
    if isinstance(value, str) and value.strip().lower() == "never":
        return "never"
    try:
        if isinstance(value, str):
            value = seconds(value, "interval")
        if isinstance(value, int) and not isinstance(value, bool):
            naming.interval(value)
            return value
        problems.add(f"{place}: interval", 'It is a duration like "15m", a number of seconds, or "never".')
    except InvalidInput as error:
        problems.take(place, error)
    return None


def _unique(found: Iterable[Declared], problems: Problems) -> tuple[Declared, ...]:
    seen: dict[str, Declared] = {}
    for one in found:
        other = seen.setdefault(one.name.casefold(), one)
        if other is not one:
            problems.add(f"{one.place}: name", f"There is another source of that name: {other.place}.")
    return tuple(seen.values())


def _plain(value: Any) -> Any:
    """TOML's values as JSON's: dates and times become text."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return value
