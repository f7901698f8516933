"""The items of a long list in an XML answer, cut out of its bytes and read one by one.

A page of EC2 is two megabytes of the same few forms over and over. Cut into items, those that are as they were need
not be read at all; and of the others, each form (its tags, without the texts between them) is compiled once into a
function that builds the result of the texts alone. It gives what `xml_answers.Readers` gives; whatever it does not
know for certain is left to that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any, TypeAlias

from lxml import etree

from openvna.plugins.aws.api import Keeping
from openvna.plugins.aws.paths import stable
from openvna.plugins.aws.wire import xml_answers
from openvna.plugins.aws.wire.models import Model

Build: TypeAlias = Callable[[list[str]], dict[str, Any]]
_LONGEST_FORM = 16_000
_ALL_FORMS = 2_000_000
"""Characters, of one form and of all that a reader keeps: a compiled form takes about six times as much memory, and as
long as twenty items of it take without. Security groups and route tables have as many forms as there are of them."""
_OTHER_ENCODING = re.compile(rb"<\?xml[^>]*encoding=[\"'](?!utf-8)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Opened:
    """An answer whose list is empty now, and what was in it."""

    rest: bytes
    inside: bytes


def opened(body: bytes, list_tag: str) -> Opened | None:
    """Take out what is in the first list of that tag; None where that is not certain to be right."""
    opening, closing = b"<%s>" % list_tag.encode(), b"</%s>" % list_tag.encode()
    start, end = body.find(opening) + len(opening), body.rfind(closing)
    # A comment could hold anything. One byte is looked for ten times as fast as two.
    commented = b"!" in body and b"<!" in body
    if start < len(opening) or end < start or commented or _OTHER_ENCODING.match(body):
        return None
    return Opened(body[:start] + body[end:], body[start:end])


def cut(inside: bytes, item_tag: str) -> list[bytes] | None:
    """The insides of the items of a list; None where that is not certain to be right."""
    tag = item_tag.encode()
    opening, closing = b"<%s>" % tag, b"</%s>" % tag
    kept = inside.strip()
    if not kept:
        return []
    if not (kept.startswith(opening) and kept.endswith(closing)):
        return None
    indent = inside[: len(inside) - len(inside.lstrip())]
    if indent:
        # Lists in lists are indented further, so that only the items of this one have just this between them.
        found = kept[len(opening) : -len(closing)].split(closing + indent + opening)
        among = kept.count(closing + indent + b"<") != len(found) - 1  # something that is no item of this form
        if not among and all(each.count(opening) == each.count(closing) for each in found):
            return found
    return _by_depth(kept, tag)


def _by_depth(inside: bytes, tag: bytes) -> list[bytes] | None:
    """The items by counting their tags; None where there is something else between them."""
    found: list[bytes] = []
    depth = start = end = 0
    for mark in re.finditer(rb"<(/?)%s>" % re.escape(tag), inside):
        if not mark[1]:
            if depth == 0:
                if inside[end : mark.start()].strip():
                    return None
                start = mark.end()
            depth += 1
        else:
            depth -= 1
            if depth == 0:
                found.append(inside[start : mark.start()])
                end = mark.end()
            elif depth < 0:
                return None
    return None if depth or inside[end:].strip() else found


class ItemReader:
    """Reads the insides of items of one shape. Safe to use from several threads."""

    def __init__(self, model: Model, shape: str) -> None:
        self._shapes = _reached(model.shapes, shape)  # and not the whole model, which is large
        self._shape = shape
        self._read = xml_answers.Readers(model).of(shape)
        self._kept: Keeping | None = None
        self._built: dict[str, Build | None] = {}
        self._room = _ALL_FORMS
        self._others: dict[Keeping, ItemReader] = {}

    def keeping(self, kept: Keeping | None) -> ItemReader:
        """The reader that makes the document too, for as long as it is read by a compiled form."""
        if kept is None:
            return self
        found = self._others.get(kept)
        if found is None:
            found = copy(self)
            found._kept, found._built, found._room = kept, {}, _ALL_FORMS
            found = self._others.setdefault(kept, found)
        return found

    def __call__(self, item: bytes) -> dict[str, Any]:
        """Raises `etree.XMLSyntaxError`, and `UnicodeDecodeError` for what is not UTF-8."""
        text = item.decode()
        if "&" in text or "\r" in text or text.count("<") != text.count(">"):
            return self._slowly(item)
        parts = text.replace(">", "<").split("<")
        form = "<".join(parts[1::2])
        if form not in self._built:
            # The first of its form is read slowly: many forms come only once.
            if len(form) <= _LONGEST_FORM and self._room >= len(form):
                self._room -= len(form)
                self._built[form] = _once
            return self._slowly(item)
        build = self._built[form]
        if build is _once:
            build = self._built[form] = self._compiled(form)
        return self._slowly(item) if build is None else build(parts)

    def _slowly(self, item: bytes) -> dict[str, Any]:
        found: dict[str, Any] = self._read(etree.fromstring(b"<item>%s</item>" % item, xml_answers.parser()))
        return found

    def _compiled(self, form: str) -> Build | None:
        """The function for a form; None where the reader must do it."""
        try:
            elements = _tree(form.split("<") if form else [])
            source = self._structure(self._shape, elements, None)
            if self._kept is not None:
                document = self._structure(self._shape, elements, self._kept)
                source = f"{{**{source}, '@document': {document}}}"
        except (_Unsure, RecursionError):
            return None
        # Made of the names in botocore's model and of numbers, nothing of the answer.
        known = {"__builtins__": {}, "int": int, "float": float, "stable": stable}
        try:
            built: Build = eval(f"lambda t: {source}", known)  # noqa: S307
        except (SyntaxError, RecursionError, MemoryError):  # in which Python says that it is nested too deeply
            return None
        return built

    def _value(self, shape: str, node: _Node, kept: Keeping | None, keep_order: bool = False) -> str:
        kind = self._shapes[shape]["type"]
        match kind:
            case "structure":
                return self._structure(shape, node.children, kept)
            case "list":
                member = self._shapes[shape]["member"]["shape"]
                items = f"[{', '.join(self._value(member, each, kept, keep_order) for each in node.children)}]"
                return items if kept is None or keep_order or len(node.children) < 2 else f"stable({items})"
            case "boolean":
                return f"{node.text} == 'true'"
            case "integer" | "long":
                return f"(int({node.text}) if {node.text} else '')"
            case "float" | "double":
                return f"(float({node.text}) if {node.text} else '')"
            case "map" | "blob":
                raise _Unsure
            case _:
                return node.text

    def _structure(self, shape: str, children: list[_Node], kept: Keeping | None) -> str:
        known: dict[str, tuple[str, str]] = {}
        for name, member in self._shapes[shape].get("members", {}).items():
            target = self._shapes[member["shape"]]
            if member.get("xmlAttribute") or (
                target["type"] == "list" and (member.get("flattened") or target.get("flattened"))
            ):
                raise _Unsure
            if not member.get("location"):
                known[member.get("locationName", name)] = (name, member["shape"])
        pairs = []
        for each in children:
            name, inner = known.get(each.tag, ("", ""))
            if name and (kept is None or name not in kept.dropped):
                ordered = kept is not None and name in kept.ordered
                pairs.append(f"{name!r}: {self._value(inner, each, kept, ordered)}")
        return f"{{{', '.join(pairs)}}}"


class _Unsure(Exception):
    """A form, or a shape, that the reader must do."""


@dataclass(slots=True)
class _Node:
    """An element of a form. `text` is the expression for the text behind its opening tag."""

    tag: str
    text: str
    children: list[_Node]


def _tree(tags: list[str]) -> list[_Node]:
    """The elements of a form. Raises `_Unsure` for what is more than tags."""
    root = _Node("", "", [])
    open_nodes = [root]
    for number, tag in enumerate(tags):
        if not _TAG.fullmatch(tag):
            raise _Unsure
        if tag.startswith("/"):
            if len(open_nodes) < 2 or open_nodes.pop().tag != tag[1:]:
                raise _Unsure
            continue
        if tag.endswith("/"):
            open_nodes[-1].children.append(_Node(tag[:-1], "''", []))
            continue
        node = _Node(tag, f"t[{2 * number + 2}]", [])
        open_nodes[-1].children.append(node)
        open_nodes.append(node)
    if len(open_nodes) != 1:
        raise _Unsure
    return root.children


_TAG = re.compile(r"/?[A-Za-z_][\w.-]*|[A-Za-z_][\w.-]*/")


def _reached(shapes: Mapping[str, Any], start: str) -> dict[str, Any]:
    """The shapes that a shape is made of, itself included."""
    found: dict[str, Any] = {}
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name not in found:
            shape = found[name] = shapes[name]
            parts = (*shape.get("members", {}).values(), shape.get("member"), shape.get("key"), shape.get("value"))
            waiting.extend(each["shape"] for each in parts if each)
    return found


def _once(_parts: list[str]) -> dict[str, Any]:
    """The mark of a form that came once so far."""
    raise AssertionError("a mark, not a function")
