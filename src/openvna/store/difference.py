"""What differs between two versions of a resource, field by field. Pure.

Lists are compared as sets: vendors hand out the items of a list in any order, and where an order means something
the item says so itself (a rule number, a priority). So a change of order alone is no difference.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from openvna.model import JSON, FieldChange

MOST = 500
"""More differences than this in one version are summed up: what is left stands as one change of its section."""

_SECTIONS = ("type", "kind", "alias", "name", "account", "region", "tags", "attributes", "relations", "document")
_NATURAL = (
    "Id",
    "id",
    "Arn",
    "arn",
    "Key",
    "key",
    "Name",
    "name",
    "Cidr",
    "cidr",
    "CidrBlock",
    "destination",
    "Number",
)


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[FieldChange, ...]:
    """The fields that differ between two bodies, in the order of sections and then of paths.

    A path is dotted (`attributes.state`, `tags.Name`); an item of a list stands in brackets behind it, by its natural
    key where all items have one (`attributes.routes[10.0.0.0/8].target`), else by its place.
    Volatile attributes are left out. Empty when nothing differs.
    """
    volatile = {*before.get("volatile", ()), *after.get("volatile", ())}
    found: list[FieldChange] = []
    for section in _SECTIONS:
        old, new = before.get(section), after.get(section)
        if section == "attributes" and volatile:
            old = {key: value for key, value in (old or {}).items() if key not in volatile}
            new = {key: value for key, value in (new or {}).items() if key not in volatile}
        if section == "relations":
            old, new = _links(old or ()), _links(new or ())
        changes = list(_walk(section, old, new))
        if len(found) + len(changes) > MOST:
            changes = [FieldChange(section, old, new)]
        found += changes
    return tuple(found)


def _links(relations: Any) -> dict[str, list[JSON]]:
    links: dict[str, list[JSON]] = {}
    for name, to in relations:
        links.setdefault(name, []).append(to)
    return links


def _walk(path: str, before: Any, after: Any) -> Iterator[FieldChange]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted({*before, *after}):
            yield from _walk(f"{path}.{key}", before.get(key), after.get(key))
    elif isinstance(before, list) and isinstance(after, list):
        yield from _walk_lists(path, before, after)
    elif before != after or isinstance(before, bool) is not isinstance(after, bool):
        # To Python True is 1; to a reader of JSON it is not.
        yield FieldChange(path, before, after)


def _walk_lists(path: str, before: list[Any], after: list[Any]) -> Iterator[FieldChange]:
    old, new = Counter(map(_token, before)), Counter(map(_token, after))
    if old == new:
        return
    if not all(isinstance(item, dict) for item in (*before, *after)):
        yield FieldChange(path, before, after)
        return
    key = _natural_key(before, after)
    if key is not None:
        old_items = {str(item[key]): item for item in before}
        new_items = {str(item[key]): item for item in after}
        for name in dict.fromkeys((*old_items, *new_items)):
            yield from _walk(f"{path}[{name}]", old_items.get(name), new_items.get(name))
        return
    # What both lists hold is no difference, wherever it stands; the rest is paired in its order.
    gone = [(place, item) for place, item in enumerate(before) if _left(old, new, item)]
    come = [(place, item) for place, item in enumerate(after) if _left(new, old, item)]
    for (place, old_item), (_, new_item) in zip(gone, come, strict=False):
        yield from _walk(f"{path}[{place}]", old_item, new_item)
    paired = min(len(gone), len(come))
    for place, item in gone[paired:]:
        yield FieldChange(f"{path}[{place}]", item, None)
    for place, item in come[paired:]:
        yield FieldChange(f"{path}[{place}]", None, item)


def _left(here: Counter[bytes], there: Counter[bytes], item: Any) -> bool:
    return here[_token(item)] > there[_token(item)]


def _token(item: Any) -> bytes:
    """Equal for items that are equal but for the order inside them."""
    return orjson.dumps(_ordered(item), option=orjson.OPT_SORT_KEYS)


def _ordered(item: Any) -> Any:
    if isinstance(item, dict):
        return {key: _ordered(value) for key, value in item.items()}
    if isinstance(item, list):
        return [orjson.Fragment(token) for token in sorted(map(_token, item))]
    return item


def _natural_key(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> str | None:
    """A field that names each item of both lists: a text or a number, another one in every item of a list."""
    every = [*before, *after]
    for key in every[0]:
        if not key.endswith(_NATURAL):
            continue
        if all(isinstance(item.get(key), str | int) for item in every) and all(
            len({str(item[key]) for item in items}) == len(items) for items in (before, after)
        ):
            return str(key)
    return None
