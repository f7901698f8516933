"""Prints listings: as a table to read, or as JSON, NDJSON or CSV to work on. Streams; holds a bounded part."""

from __future__ import annotations

import csv
import shlex
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import chain, islice
from typing import Any, TypeVar

import orjson

from openvna.cli.terminal import note, printable

T = TypeVar("T")
Column = tuple[str, Callable[[T], object]]
"""The heading, and what stands below it."""

_MEASURED = 500
"""Rows that are looked at to find the width of the columns; later ones that are wider push out."""
_NARROWEST, _DATE, _ID, _LONG = 8, 11, 24, 48
"""How narrow a column gets: at all, where a date can still be told, where an id of ours is whole, and where nearly all
types are."""
_TYPED = frozenset({"id", "type", "scope", "account", "api", "call"})
"""The columns whose texts one gives to the next command."""


class Format(StrEnum):
    TABLE = "table"
    JSON = "json"
    NDJSON = "ndjson"
    CSV = "csv"


class ShortFormat(StrEnum):
    TABLE = "table"
    JSON = "json"


def listing(
    rows: Iterable[T],
    columns: Sequence[Column[T]],
    format: Format | ShortFormat,
    *,
    empty: Callable[[], str] | str,
    as_json: Callable[[T], object] | None = None,
) -> int:
    """Print the rows as they come; how many there were. `empty` is said on stderr where a table would have none."""
    encode = as_json or plain
    count = _Count()
    counted = count.of(rows)
    if format == "json":
        _json(counted, encode)
    elif format == "ndjson":
        for row in counted:
            _write(dumps(encode(row)) + "\n")
    elif format == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow([heading for heading, _ in columns])
        writer.writerows([_cell(get(row)) for _, get in columns] for row in counted)
    else:
        table(([_visible(get(row)) for _, get in columns] for row in counted), [heading for heading, _ in columns])
    if not count.count and format == "table":
        note(empty if isinstance(empty, str) else empty())
    return count.count


def table(rows: Iterable[Sequence[str]], headings: Sequence[str]) -> None:
    """Columns side by side; cut to the width of the terminal, whole where the output goes elsewhere."""
    iterator = iter(rows)
    first = list(islice(iterator, _MEASURED))
    if not first:
        return
    widths = [max(len(heading), *(len(row[n]) for row in first)) for n, heading in enumerate(headings)]
    room = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    if room is not None:
        fit(widths, headings, room)
    for row in chain([[heading.upper() for heading in headings]], first, iterator):
        cells = [(_cut(cell, width) if room else cell).ljust(width) for cell, width in zip(row, widths, strict=True)]
        _write("  ".join(cells).rstrip() + "\n")


def details(pairs: Iterable[tuple[str, object]]) -> None:
    """Names and values below each other; what is empty is left out."""
    shown = [(name, _visible(value)) for name, value in pairs if value not in (None, "", (), [], {})]
    width = max((len(name) for name, _ in shown), default=0)
    for name, value in shown:
        _write(f"{name.ljust(width)}  {value}\n")


def json_document(value: object) -> None:
    _write(dumps(plain(value), indent=True) + "\n")


def say(text: str = "") -> None:
    _write(text + "\n")


def plain(value: Any) -> Any:
    """Rows, enums and mappings as JSON data. Keys of the store's own rows (`key`) are left out."""
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value) if one.name != "key"}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return value


def dumps(value: object, *, indent: bool = False) -> str:
    options = orjson.OPT_UTC_Z | (orjson.OPT_INDENT_2 if indent else 0)
    return orjson.dumps(value, default=str, option=options).decode()


def when(value: datetime | None) -> str:
    """A time to read: local, to the second."""
    return value.astimezone().strftime("%Y-%m-%d %H:%M:%S") if value else ""


def ago(value: datetime | None, now: datetime | None = None) -> str:
    if value is None:
        return "never"
    passed = int(((now or datetime.now(UTC)) - value).total_seconds())
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if passed >= size:
            return f"{passed // size}{unit} ago"
    return "just now"


def clean(text: str) -> str:
    """On one line, without what a terminal would act on: names and tags come from outside."""
    return printable(" ".join(text.splitlines()))


def quoted(name: str) -> str:
    """A name as a command that is shown to be pasted takes it, whatever is in it."""
    return shlex.quote(name)


class _Count:
    def __init__(self) -> None:
        self.count = 0

    def of(self, rows: Iterable[T]) -> Iterator[T]:
        for row in rows:
            self.count += 1
            yield row


def _json(rows: Iterable[T], encode: Callable[[T], object]) -> None:
    before = "[\n"
    for row in rows:
        _write(before + dumps(encode(row)))
        before = ",\n"
    _write("[]\n" if before == "[\n" else "\n]\n")


def _cell(value: object) -> str:
    """A value in CSV: whole, with everything that is not a plain value as JSON."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, Mapping | list | tuple):
        return dumps(plain(value)) if value else ""
    return str(value)


def _visible(value: object) -> str:
    """A value in a table, on one line."""
    if isinstance(value, datetime):
        return when(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple) and all(isinstance(item, str | int | float) for item in value):
        return clean(", ".join(str(item) for item in value))
    return clean(_cell(value))


def fit(widths: list[int], headings: Sequence[str], room: int) -> None:
    """Take from the widest column until a line fits. What is typed again gives way after what is only read, once it is
    not longer than nearly all types; the id, or what stands for it, never so far that it is of no use: then lines are
    broken instead."""
    columns = set(range(len(widths)))
    typed = {n for n in columns if headings[n] in _TYPED}
    kept = {n for n in typed if headings[n] == "id"} or set(sorted(typed)[:1])
    read = columns - typed
    for some, least in ((typed, _LONG), (read, _ID), (read, _DATE), (typed, _ID), (columns - kept, _NARROWEST)):
        while sum(widths) + 2 * (len(widths) - 1) > room:
            widest = max((n for n in some if widths[n] > least), key=lambda n: widths[n], default=None)
            if widest is None:
                break
            widths[widest] -= 1


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "\u2026"


def _write(text: str) -> None:
    sys.stdout.write(text)
