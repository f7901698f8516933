"""XML answers (EC2, query, REST-XML) into the dicts that botocore would give, by tables compiled from the shapes.

Differs from botocore in one thing: a time stays the text that AWS wrote.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from lxml import etree

from openvna.plugins.aws.wire.models import Model

Element: TypeAlias = Any
Read: TypeAlias = Callable[[Element], Any]


def parser() -> etree.XMLParser:
    """Neither document types nor entities nor anything from elsewhere; a new one for each answer (they keep state)."""
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True, huge_tree=False
    )


class Readers:
    """The functions that read the shapes of one service; each is made once, when it is first wanted."""

    def __init__(self, model: Model) -> None:
        self._shapes = model.shapes
        self._made: dict[str, Read] = {}

    def of(self, name: str) -> Read:
        """The reader of a shape by its name. Shapes may hold themselves."""
        made = self._made.get(name)
        if made is None:
            shape = self._shapes[name]
            if shape["type"] in ("structure", "list", "map"):
                # Known before it is made, for a shape inside itself.
                self._made[name] = lambda node: self._made[name](node)
            made = self._made[name] = self._reader(shape)
        return made

    def _reader(self, shape: Mapping[str, Any]) -> Read:
        match shape["type"]:
            case "structure":
                return self._structure(shape)
            case "list":
                read = self.of(shape["member"]["shape"])
                if read is _string:
                    return lambda node: [item.text or "" for item in node]
                return lambda node: [read(item) for item in node]
            case "map":
                return self._map(shape)
            case "boolean":
                return lambda node: node.text == "true"
            case "integer" | "long":
                return lambda node: int(node.text) if node.text else ""
            case "float" | "double":
                return lambda node: float(node.text) if node.text else ""
            case "blob":
                return lambda node: base64.b64decode(node.text) if node.text else ""
            case _:
                return _string

    def _structure(self, shape: Mapping[str, Any]) -> Read:
        single: dict[str, tuple[str, Read | None]] = {}
        repeated: dict[str, tuple[str, Read]] = {}
        attributes: dict[str, str] = {}
        for name, member in shape.get("members", {}).items():
            if member.get("location"):
                continue
            target = self._shapes[member["shape"]]
            written = member.get("locationName", name)
            if member.get("xmlAttribute"):
                attributes[written] = name
            elif target["type"] == "list" and (member.get("flattened") or target.get("flattened")):
                inner = target["member"]
                repeated[inner.get("locationName") or written] = (name, self.of(inner["shape"]))
            else:
                read = self.of(member["shape"])
                single[written] = (name, None if read is _string else read)
        if repeated or attributes:
            return _mixed(single, repeated, attributes)

        def read_structure(node: Element) -> dict[str, Any]:
            found: dict[str, Any] = {}
            for child in node:
                known = single.get(child.tag)
                if known is not None:
                    name, read = known
                    found[name] = (child.text or "") if read is None else read(child)
            return found

        return read_structure

    def _map(self, shape: Mapping[str, Any]) -> Read:
        key_tag = shape["key"].get("locationName", "key")
        value_tag = shape["value"].get("locationName", "value")
        read_key, read_value = self.of(shape["key"]["shape"]), self.of(shape["value"]["shape"])

        def read_map(node: Element) -> dict[str, Any]:
            entries = [node] if shape.get("flattened") else node
            return {read_key(entry.find(key_tag)): read_value(entry.find(value_tag)) for entry in entries}

        return read_map


def _string(node: Element) -> str:
    return node.text or ""


def _mixed(
    single: Mapping[str, tuple[str, Read | None]],
    repeated: Mapping[str, tuple[str, Read]],
    attributes: Mapping[str, str],
) -> Read:
    """The reader of a structure that holds flattened lists (an element for each item) or attributes."""

    def read_structure(node: Element) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for child in node:
            known = single.get(child.tag)
            if known is not None:
                name, read = known
                found[name] = (child.text or "") if read is None else read(child)
            elif (many := repeated.get(child.tag)) is not None:
                found.setdefault(many[0], []).append(many[1](child))
        for key, value in node.attrib.items():
            local = key.rpartition("}")[2]
            name = attributes.get(local) or next(
                (each for written, each in attributes.items() if written.rpartition(":")[2] == local), ""
            )
            if name:
                found[name] = value
        return found

    return read_structure
