"""The body of a request in XML: what the protocol rest-xml sends besides path, query string and headers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias
from xml.sax.saxutils import escape, quoteattr

from openvna.plugins.aws.wire.models import Model, UnknownOperation

Shape: TypeAlias = Mapping[str, Any]
Text: TypeAlias = Callable[[Shape, Any], str]

_HEAD = "<?xml version='1.0' encoding='utf-8'?>\n"


def written(model: Model, reference: Shape, value: Any, text: Text) -> bytes:
    """`value` as a document. `reference` is how an operation or a member refers to the shape: it names the root.
    `text` writes scalars. Raises `UnknownOperation` for what no read sends."""
    return (_HEAD + _element(model, reference, value, reference["locationName"], text)).encode()


def _element(model: Model, reference: Shape, value: Any, name: str, text: Text) -> str:
    shape = {**model.shapes[reference["shape"]], **reference}  # what the reference says goes before
    space = _namespace(shape)
    match shape["type"]:
        case "structure":
            inside, attributes = "", ""
            for member, each in value.items():
                if each is None:
                    continue
                declared = shape["members"].get(member)
                if declared is None:
                    raise UnknownOperation(f"there is no parameter {member!r}")
                called = declared.get("locationName", member)
                if declared.get("xmlAttribute"):
                    attributes += f" {called}={quoteattr(str(each))}"
                else:
                    inside += _element(model, declared, each, called, text)
            return _tag(name, space + attributes, inside)
        case "list":
            item = shape["member"]
            flat = shape.get("flattened")
            called = name if flat else item.get("locationName", "member")
            inside = "".join(_element(model, item, each, called, text) for each in value)
            return inside if flat else _tag(name, space, inside)
        case "map":
            raise UnknownOperation(f"{name} of {model.service} is a map, which is sent to nobody from here")
        case _:
            return _tag(name, space, escape(text(shape, value)))


def _tag(name: str, attributes: str, inside: str) -> str:
    return f"<{name}{attributes}>{inside}</{name}>" if inside else f"<{name}{attributes} />"


def _namespace(shape: Shape) -> str:
    space = shape.get("xmlNamespace")
    if not space:
        return ""
    if isinstance(space, str):
        return f" xmlns={quoteattr(space)}"
    prefix = f":{space['prefix']}" if space.get("prefix") else ""
    return f" xmlns{prefix}={quoteattr(space['uri'])}"
