"""Answers made up from botocore's models, as AWS would write them: XML or JSON with a value in every member.

What is written is worked out from the model by the rules of the protocols (Smithy specification), independently of
what reads it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape, quoteattr

DEPTH = 4
_DEEP = ("structure", "list", "map")


@dataclass
class Written:
    """An answer on the wire. Header names as AWS writes them."""

    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200


class Maker:
    """Makes answers of one service. `shapes` and `operations` as in service-2.json. Values are counted up, so that
    no two of an answer are the same."""

    def __init__(self, shapes: Mapping[str, Any], operations: Mapping[str, Any], protocol: str, items: int = 2) -> None:
        self._shapes, self._operations, self._protocol, self._items = shapes, operations, protocol, items
        self._count = 0

    def params(self, operation: str) -> dict[str, Any]:
        """Parameters with a value in every member."""
        declared = self._operations[operation]
        value = self._value(declared["input"]["shape"], 0, ()) if "input" in declared else {}
        return dict(value)

    def answer(self, operation: str) -> Written:
        """A good answer to the operation."""
        declared = self._operations[operation]
        name = declared.get("output", {}).get("shape")
        shape = self._shapes[name] if name else {"type": "structure", "members": {}}
        value = self._value(name, 0, ()) if name else {}
        headers = {"x-amzn-RequestId": "7a62c49f-347e-4fc4-9331-6e8eEXAMPLE"}
        for member, declaration in shape.get("members", {}).items():
            if declaration.get("location") == "header" and member in value:
                headers[declaration.get("locationName", member)] = str(value.pop(member))
            elif declaration.get("location") in ("headers", "statusCode"):
                value.pop(member, None)
        payload = shape.get("payload")
        if "json" in self._protocol:
            written = value[payload] if payload else value
            inner = shape["members"][payload]["shape"] if payload else name
            if payload and isinstance(written, str | bytes):
                return Written(written if isinstance(written, bytes) else written.encode(), headers)
            body = json.dumps(self._json(inner, written) if inner else {}).encode()
            return Written(body, headers)
        wrapper = declared.get("output", {}).get("resultWrapper")
        root = f"{operation}Response" if self._protocol != "rest-xml" else (payload or name or "Response")
        if payload:
            inner = self._inside(shape["members"][payload]["shape"], value[payload])
            root = shape["members"][payload].get("locationName", payload)
        else:
            inner = self._inside(name, value) if name else ""
        if wrapper:
            inner = f"<{wrapper}>{inner}</{wrapper}>"
        request_id = "<requestId>59dbff89-35bd-4eac-99ed-be587EXAMPLE</requestId>" if self._protocol == "ec2" else ""
        opened = f'<{root} xmlns="http://made.up/doc/2026-01-01/">'
        text = f'<?xml version="1.0" encoding="UTF-8"?>\n{opened}{request_id}{inner}</{root}>'
        return Written(text.encode(), headers)

    def _value(self, name: str, depth: int, above: tuple[str, ...]) -> Any:
        shape = self._shapes[name]
        kind = shape["type"]
        self._count += 1
        if kind == "structure":
            if shape.get("document"):
                return {"free": [1, "two", {"three": None}]}
            members = list(shape.get("members", {}).items())
            if shape.get("union"):
                members = members[:1]
            elif depth > DEPTH or above.count(name) > 1:
                members = [(n, m) for n, m in members if self._shapes[m["shape"]]["type"] not in _DEEP]
            within = (*above, name)
            return {n: self._value(m["shape"], depth + 1, within) for n, m in members if not m.get("eventstream")}
        if kind == "list":
            count = self._items if depth < DEPTH else 1
            return [self._value(shape["member"]["shape"], depth + 1, (*above, name)) for _ in range(count)]
        if kind == "map":
            key, inner, within = shape["key"]["shape"], shape["value"]["shape"], (*above, name)
            return {
                str(self._value(key, depth, above)): self._value(inner, depth + 1, within) for _ in range(self._items)
            }
        return {
            "boolean": lambda: self._count % 2 == 0,
            "integer": lambda: self._count,
            "long": lambda: self._count * 1_000_000_007,
            "float": lambda: self._count + 0.5,
            "double": lambda: self._count + 0.25,
            "bigdecimal": lambda: self._count,
            "timestamp": lambda: "2026-05-01T12:00:00Z",
            "blob": lambda: f"blob {self._count}".encode(),
        }.get(kind, lambda: shape["enum"][0] if shape.get("enum") else f"a <text> & mörë {self._count}")()

    def _json(self, name: str, value: Any) -> Any:
        shape = self._shapes[name]
        match shape["type"]:
            case "structure" if not shape.get("document"):
                members = shape["members"]
                return {
                    members[n].get("locationName", n): self._json(members[n]["shape"], v)
                    for n, v in value.items()
                    if not members[n].get("location")
                } | ({} if shape.get("union") else {"memberOfTomorrow": {"x": 1}, "nothing": None})
            case "list":
                return [self._json(shape["member"]["shape"], each) for each in value]
            case "map":
                return {key: self._json(shape["value"]["shape"], each) for key, each in value.items()}
            case "blob":
                return base64.b64encode(value).decode()
            case _:
                return value

    def _inside(self, name: str, value: Any) -> str:
        """The XML within the element of a shape."""
        shape = self._shapes[name]
        match shape["type"]:
            case "structure":
                parts = []
                for member, each in value.items():
                    declared = shape["members"][member]
                    if declared.get("xmlAttribute"):
                        continue
                    parts.append(self._element(declared, member, each))
                more = "" if shape.get("union") else "<memberOfTomorrow><x>1</x></memberOfTomorrow><!-- a comment -->"
                return "".join(parts) + more
            case "list":
                tag = shape["member"].get("locationName", "item" if self._protocol == "ec2" else "member")
                return "".join(self._wrapped(shape["member"], tag, each) for each in value)
            case "map":
                key, inner = shape["key"].get("locationName", "key"), shape["value"].get("locationName", "value")
                of = shape["value"]["shape"]
                return "".join(
                    f"<entry><{key}>{escape(k)}</{key}><{inner}>{self._inside(of, v)}</{inner}></entry>"
                    for k, v in value.items()
                )
            case "boolean":
                return "true" if value else "false"
            case "blob":
                return base64.b64encode(value).decode()
            case _:
                return escape(str(value))

    def _element(self, declared: Mapping[str, Any], member: str, value: Any) -> str:
        shape = self._shapes[declared["shape"]]
        tag = declared.get("locationName", member)
        if shape["type"] == "list" and (shape.get("flattened") or declared.get("flattened")):
            tag = shape["member"].get("locationName") or tag
            return "".join(f"<{tag}>{self._inside(shape['member']['shape'], each)}</{tag}>" for each in value)
        return self._wrapped(declared, tag, value)

    def _wrapped(self, declared: Mapping[str, Any], tag: str, value: Any) -> str:
        shape = self._shapes[declared["shape"]]
        attributes = ""
        if shape["type"] == "structure":
            for member, inner in shape.get("members", {}).items():
                if inner.get("xmlAttribute") and member in value:
                    space = shape.get("xmlNamespace") or declared.get("xmlNamespace") or {}
                    attributes += f' xmlns:{space.get("prefix", "xsi")}="{space.get("uri", "http://x")}"'
                    attributes += f" {inner['locationName']}={quoteattr(str(value[member]))}"
        return f"<{tag}{attributes}>{self._inside(declared['shape'], value)}</{tag}>"
