"""Reading values out of AWS's answers by path, and cleaning an answer for keeping. Pure functions.

A path names members by `.`, goes through every item of a list by `[]` (the result is then a flat list), and offers
alternatives by `|` (the first that has a value counts): `Reservations[].Instances[]`, `PrefixListId|Cidr`.
Members that begin with `@` are what the fetch loop adds: `@scope.account`, `@scope.region`, `@scope.partition`,
`@owner`, `@parent.id`, `@parent.alias`, `@parent.account`, and `@asked`, the parameters of the call.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeAlias, cast

import orjson

from openvna.model import JSON

Raw: TypeAlias = Mapping[str, Any]
Records: TypeAlias = list[dict[str, Any]]
Getter: TypeAlias = Callable[[Any], Any]

_IN_FORM = re.compile(
    r"[12]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?Z", re.ASCII
)
"""The form of nearly every time in an answer, of days that every month has."""
_PLAIN = frozenset({str, int, bool, float, type(None)})
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


class Malformed(ValueError):
    """An answer does not have the shape that AWS documents."""


def steps(path: str) -> tuple[str, ...]:
    """The members that a path goes through; none where it has a list or alternatives on its way."""
    return () if "|" in path or "[" in path else tuple(name for name in path.split(".") if name)


@cache
def getter(path: str) -> Getter:
    """A function that reads `path` from an answer: None, or an empty list on a path with `[]`, where it is absent."""
    if "|" in path:
        return _first_of([getter(part) for part in path.split("|")])
    first, _, rest = path.partition("[]")
    names = [name for name in first.split(".") if name]
    if not _:
        if len(names) == 1:
            (only,) = names
            return lambda raw: raw.get(only) if type(raw) is dict else _descend(raw, names)
        if len(names) == 2:
            return _inner(*names)
        return lambda raw: _descend(raw, names)
    if rest and not rest.startswith("."):
        raise ValueError(f"Path {path!r}: only '.' may follow '[]'.")
    inner = getter(rest[1:]) if rest else None
    if len(names) == 1:
        (only,) = names
        if inner is not None and re.fullmatch(r"\.[^.|[]+", rest):
            return _of_each(only, rest[1:], inner)
        return lambda raw: _flatten(raw.get(only) if type(raw) is dict else _descend(raw, names), inner)
    return lambda raw: _flatten(_descend(raw, names), inner)


def _first_of(choices: Sequence[Getter]) -> Getter:
    def read(raw: Any) -> Any:
        for choice in choices:
            found = choice(raw)
            if found is not None and found != "" and found != []:
                return found
        return None

    return read


def _inner(outer: str, inner: str) -> Getter:
    """The member of a member, which most paths are, without a loop."""

    def read(raw: Any) -> Any:
        held = raw.get(outer) if type(raw) is dict else _descend(raw, [outer])
        return held.get(inner) if type(held) is dict else _descend(held, [inner])

    return read


def _of_each(outer: str, name: str, inner: Getter) -> Getter:
    """The member, which `inner` reads, of each item in a member: most paths with `[]`, where it is one text."""

    def read(raw: Any) -> list[Any]:
        held = raw.get(outer) if type(raw) is dict else _descend(raw, [outer])
        if held is None:
            return []
        if type(held) is not list:
            return _flatten(held, inner)
        found: list[Any] = []
        for item in held:
            if type(item) is not dict or type(part := item.get(name)) is not str:
                return _flatten(held, inner)
            found.append(part)
        return found

    return read


def _descend(raw: Any, names: list[str]) -> Any:
    for name in names:
        if raw is None or (type(raw) is not dict and not isinstance(raw, Mapping)):  # the last is slow, and rare
            return None
        raw = raw.get(name)
    return raw


def _flatten(value: Any, inner: Getter | None) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise Malformed(f"a list was expected, not {type(value).__name__}")
    if inner is None:
        return value
    found: list[Any] = []
    for item in value:
        part = inner(item)
        if type(part) is str:
            found.append(part)
        elif isinstance(part, list):
            found.extend(part)
        elif part is not None:
            found.append(part)
    return found


@cache
def template(text: str) -> Callable[[Raw], str]:
    """A function that fills the `{path}` places of `text`; it raises `Malformed` where a value is absent."""
    return filled(text, {})


def filled(text: str, around: Raw) -> Callable[[Raw], str]:
    """The same, for answers that all have the members that begin with `@` as they are `around`: their places are
    filled beforehand."""
    start, *rest = _PLACEHOLDER.split(text)
    places: list[tuple[str, Getter, str]] = []
    for path, after in zip(rest[::2], rest[1::2], strict=True):
        value = getter(path)(around) if path.startswith("@") and "|" not in path else None
        if value is None or value == "":
            places.append((path, getter(path), after))
        elif places:
            places[-1] = (*places[-1][:2], f"{places[-1][2]}{value}{after}")
        else:
            start = f"{start}{value}{after}"

    if not places:
        return lambda _raw: start

    def fill(raw: Raw) -> str:
        text = start
        for path, read, after in places:
            value = read(raw)
            if value is None or value == "":
                raise Malformed(f"{path} is missing")
            text = f"{text}{value}{after}"
        return text

    return fill


def fixed(text: str, around: Raw) -> str | None:
    """What `filled` gives, where that does not depend on the answer."""
    try:
        return filled(text, around)({})
    except Malformed:
        return None


def utc(value: Any) -> str | None:
    """A time as AWS writes it (several ISO 8601 forms) in one form: `2024-05-01T12:00:00Z`. Unread text stays."""
    if value is None or value == "":
        return None
    if isinstance(value, int | float):
        moment = datetime.fromtimestamp(value, UTC)
    elif type(value) is str and _IN_FORM.fullmatch(value):
        return f"{value[:19]}Z"  # as AWS nearly always writes it
    else:
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            return str(value)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def cleaned(value: Any, dropped: frozenset[str], ordered: frozenset[str]) -> JSON:
    """A copy fit for keeping: without the members `dropped` at any depth, and with every list in a stable order.

    AWS returns most lists in no particular order; those under a member named in `ordered` keep theirs.
    """
    return _clean(value, dropped, ordered, keep_order=False)


def _clean(value: Any, dropped: frozenset[str], ordered: frozenset[str], keep_order: bool) -> JSON:
    kind = type(value)
    if kind in _PLAIN:
        return cast(JSON, value)
    if kind is dict or isinstance(value, Mapping):
        return {
            name: member if type(member) in _PLAIN else _clean(member, dropped, ordered, name in ordered)
            for name, member in value.items()
            if name not in dropped and name[:1] != "@"
        }
    if kind is list or isinstance(value, list | tuple):
        items = [_clean(item, dropped, ordered, keep_order) for item in value]
        return items if keep_order or len(items) < 2 else stable(items)
    if isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, datetime):
        return utc(value.isoformat())
    return str(value)


def stable(items: list[Any]) -> list[Any]:
    """JSON values in an order that depends on nothing but themselves."""
    if all(isinstance(item, str) for item in items):
        return sorted(items)
    return sorted(items, key=lambda item: orjson.dumps(item, option=orjson.OPT_SORT_KEYS))
