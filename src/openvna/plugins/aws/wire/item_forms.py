"""One form of an item (its tags, without the texts between them), compiled into what builds the result of the texts.

The result has its members in the order of their names, so that what is written of it need not be sorted again, and so
that two of its parts can be put in order by what is written of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import Any, TypeAlias

import orjson

from openvna.plugins.aws.api import Keeping

Build: TypeAlias = Callable[..., dict[str, Any]]
"""Takes the texts of an item, each as an argument of its own."""


@dataclass(eq=False)
class Form:
    """A form that is known: its tags, divided by `<`. `texts` takes those that count out of what is between the angle
    brackets of an item and around them, at `places`; `build` makes the result of them. `times`: how often it came."""

    tags: str
    places: Sequence[int]
    build: Build
    texts: Callable[[Sequence[str]], Sequence[str]]
    times: int = 0

    @cached_property
    def match(self) -> Callable[[str], re.Match[str] | None]:
        """Matches an item of this form, with the texts that count as its groups, in half of the time that it takes to
        find out the form."""
        counts = set(self.places)
        parts = ["[^<]*+"]
        for number, tag in enumerate(_divided(self.tags)):
            parts += (f"<{re.escape(tag)}>", "([^<]*+)" if 2 * number + 2 in counts else "[^<]*+")
        return re.compile("".join(parts)).fullmatch


def compiled(tags: str, shapes: Mapping[str, Any], shape: str, kept: Keeping | None) -> Form | None:
    """The form of items of a shape; with their document, where it is said what is kept. None where the parser must
    read them."""
    try:
        root, places = _tree(_divided(tags))
        source = _Source(shapes, kept).item(shape, root)
        # Made of the names in botocore's model and of numbers, nothing of the answer.
        known = {"__builtins__": {}, "int": int, "float": float, "sorted": sorted, "json": orjson.dumps}
        texts = ", ".join(_text(number) for number in range(len(places)))
        build: Build = eval(f"lambda {texts}: {source}", known)  # noqa: S307
    except (_Unsure, SyntaxError, RecursionError, MemoryError):  # in which Python says that it is nested too deeply
        return None
    return Form(tags, places, build, _taking(places))


def _divided(tags: str) -> list[str]:
    return tags.split("<") if tags else []


def _taking(places: Sequence[int]) -> Callable[[Sequence[str]], Sequence[str]]:
    if len(places) > 1:
        return itemgetter(*places)
    return lambda parts: [parts[place] for place in places]


class _Unsure(Exception):
    """A form, or a shape, that the parser must read."""


@dataclass(slots=True)
class _Node:
    """An element of a form. `text` is the expression for the text in it, empty where there are elements in it."""

    tag: str
    text: str
    children: list[_Node]


def _tree(tags: Sequence[str]) -> tuple[list[_Node], list[int]]:
    """The elements of a form, and which of the parts between its angle brackets are the texts of elements. Raises
    `_Unsure` for what is more than tags."""
    root = _Node("", "", [])
    open_nodes = [root]
    places: list[int] = []
    for number, tag in enumerate(tags):
        if not _TAG.fullmatch(tag):
            raise _Unsure
        if tag.startswith("/"):
            node = open_nodes.pop()
            if not open_nodes or node.tag != tag[1:]:
                raise _Unsure
            if not node.children:
                node.text = _text(len(places))
                places.append(2 * number)
            continue
        node = _Node(tag.removesuffix("/"), "''", [])
        open_nodes[-1].children.append(node)
        if not tag.endswith("/"):
            open_nodes.append(node)
    if len(open_nodes) != 1:
        raise _Unsure
    return root.children, places


_TAG = re.compile(r"/?[A-Za-z_][\w.-]*|[A-Za-z_][\w.-]*/")


@dataclass(frozen=True, slots=True)
class _Expression:
    """What makes a value, and what makes the one that is kept of it; empty where that is the same."""

    value: str
    kept: str = ""


class _Source:
    """Writes the expression for a form. What an item and its document have in common is made once."""

    def __init__(self, shapes: Mapping[str, Any], kept: Keeping | None) -> None:
        self._shapes = shapes
        self._kept = kept
        self._dropped = kept.dropped if kept else frozenset()
        self._named = 0

    def item(self, shape: str, children: Sequence[_Node]) -> str:
        found = self._structure(shape, children, apart=self._kept is not None)
        if found.value == "{}" or not found.kept:
            return found.value
        return f"{found.value[:-1]}, '@document': {found.kept}}}"

    def _structure(self, shape: str, children: Sequence[_Node], apart: bool = False) -> _Expression:
        """`apart`: with something of its own to keep in any case."""
        known = self._members(shape)
        found: dict[str, _Expression] = {}
        for each in children:
            name, inner = known.get(each.tag, ("", ""))
            if name in found:
                raise _Unsure
            if name:
                found[name] = self._value(inner, each, self._kept is not None and name in self._kept.ordered)
        members = sorted(found.items())
        if not apart and not any(each.kept or name in self._dropped for name, each in members):
            return _Expression(f"{{{', '.join(f'{name!r}: {each.value}' for name, each in members)}}}")
        members = [(name, each if name in self._dropped else self._both(each)) for name, each in members]
        values = ", ".join(f"{name!r}: {each.value}" for name, each in members)
        kept = ", ".join(f"{name!r}: {each.kept}" for name, each in members if name not in self._dropped)
        return _Expression(f"{{{values}}}", f"{{{kept}}}")

    def _value(self, shape: str, node: _Node, keep_order: bool) -> _Expression:
        kind = self._shapes[shape]["type"]
        if kind == "structure":
            return self._structure(shape, node.children)
        if kind == "list":
            return self._list(self._shapes[shape]["member"]["shape"], node.children, keep_order)
        if node.children:
            raise _Unsure
        match kind:
            case "boolean":
                return _Expression(f"{node.text} == 'true'")
            case "integer" | "long":
                return _Expression(f"(int({node.text}) if {node.text} else '')")
            case "float" | "double":
                return _Expression(f"(float({node.text}) if {node.text} else '')")
            case "map" | "blob":
                raise _Unsure
            case _:
                return _Expression(node.text)

    def _list(self, shape: str, children: Sequence[_Node], keep_order: bool) -> _Expression:
        items = [self._value(shape, each, keep_order) for each in children]
        other = any(each.kept for each in items)
        if other:
            items = [self._both(each) for each in items]
        found = _Expression(
            f"[{', '.join(each.value for each in items)}]",
            f"[{', '.join(each.kept for each in items)}]" if other else "",
        )
        if keep_order or len(items) < 2 or self._kept is None:
            return found
        # As `paths.stable` does: what is written of items whose members are in order is sorted as it is.
        found = self._both(found)
        plain = all(each.value == child.text for each, child in zip(items, children, strict=True))
        return _Expression(found.value, f"sorted({found.kept})" if plain else f"sorted({found.kept}, key=json)")

    def _both(self, found: _Expression) -> _Expression:
        """The same with something to be kept: what was made once has a name from then on."""
        if found.kept:
            return found
        if _TEXT.fullmatch(found.value):
            return _Expression(found.value, found.value)
        self._named += 1
        return _Expression(f"(v{self._named} := {found.value})", f"v{self._named}")

    def _members(self, shape: str) -> dict[str, tuple[str, str]]:
        """The members of a structure and their shapes, by their tags."""
        known: dict[str, tuple[str, str]] = {}
        for name, member in self._shapes[shape].get("members", {}).items():
            target = self._shapes[member["shape"]]
            if member.get("xmlAttribute") or (
                target["type"] == "list" and (member.get("flattened") or target.get("flattened"))
            ):
                raise _Unsure
            if not member.get("location"):
                known[member.get("locationName", name)] = (name, member["shape"])
        return known


def _text(number: int) -> str:
    """What the text of that number is called in an expression."""
    return f"t{number}"


_TEXT = re.compile(r"t\d+|''")
