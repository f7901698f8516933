"""JSON Schemas of what goes out, taken from the rows themselves, so that the document cannot differ from them."""

from __future__ import annotations

import inspect
import types
from collections.abc import Collection, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal, Union, cast, get_args, get_origin, get_type_hints

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Schema = dict[str, Any]
_SIMPLE: dict[object, Schema] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    type(None): {"type": "null"},
    datetime: {"type": "string", "format": "date-time"},
}


class Schemas:
    """Collects the schemas of dataclasses under `components`. `without` names fields that are not sent, by class."""

    def __init__(self, without: Mapping[type, Collection[str]]) -> None:
        self.components: dict[str, Schema] = {}
        self.without = without

    def of(self, hint: Any) -> Schema:
        """The schema of a type annotation; a reference for a dataclass or an enumeration."""
        if hint in _SIMPLE:
            return dict(_SIMPLE[hint])
        origin, arguments = get_origin(hint), get_args(hint)
        if origin is Literal:
            return {"enum": list(arguments)}
        if origin in (Union, types.UnionType):
            return {"anyOf": [self.of(one) for one in arguments]}
        if origin in (tuple, list):
            return {"type": "array", "items": self.of(arguments[0])}
        if isinstance(origin, type) and issubclass(origin, Mapping):
            return {"type": "object", "additionalProperties": self.of(arguments[1])}
        if isinstance(hint, type) and (is_dataclass(hint) or issubclass(hint, Enum)):
            return self._named(hint)
        # What is left is the alias of any JSON value.
        return {}

    def _named(self, hint: type) -> Schema:
        name = hint.__name__.removesuffix("Row")
        reference = {"$ref": f"#/components/schemas/{name}"}
        if name in self.components:
            return reference
        if issubclass(hint, Enum):
            self.components[name] = {"type": "string", "enum": [one.value for one in hint]}
            return reference
        self.components[name] = {}
        hints = get_type_hints(hint)
        sent = [
            field.name
            for field in fields(cast("type[DataclassInstance]", hint))
            if field.name not in self.without.get(hint, ())
        ]
        self.components[name] = {
            "type": "object",
            "description": inspect.cleandoc(hint.__doc__ or ""),
            "properties": {field: self.of(hints[field]) for field in sent},
            "required": sent,
            "additionalProperties": False,
        }
        return reference
