"""JSON answers (JSON, REST-JSON) into the dicts that botocore would give, by tables compiled from the shapes.

Differs from botocore in one thing: a time stays what AWS wrote, text or seconds since the epoch.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from openvna.plugins.aws.wire.models import Model

Read: TypeAlias = Callable[[Any], Any]


def plain(value: Any) -> Any:
    """What needs no change. Told apart by identity, so that whole lists of it are passed on as they are."""
    return value


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
                self._made[name] = lambda value: self._made[name](value)
            made = self._made[name] = self._reader(shape)
        return made

    def _reader(self, shape: Mapping[str, Any]) -> Read:
        match shape["type"]:
            case "structure" if shape.get("document"):
                return plain
            case "structure":
                return self._structure(shape)
            case "list":
                read = self.of(shape["member"]["shape"])
                if read is plain:
                    return plain
                return lambda value: [None if item is None else read(item) for item in value]
            case "map":
                read = self.of(shape["value"]["shape"])
                if read is plain:
                    return plain
                return lambda value: {key: read(item) for key, item in value.items()}
            case "blob":
                return base64.b64decode
            case _:
                return plain

    def _structure(self, shape: Mapping[str, Any]) -> Read:
        members = {
            member.get("locationName", name): (name, self.of(member["shape"]))
            for name, member in shape.get("members", {}).items()
            if not member.get("location")
        }
        union = bool(shape.get("union"))
        # Where nothing is renamed or converted, what came is the answer already, unless it holds more than the model.
        as_written = frozenset(key for key, (name, read) in members.items() if key == name and read is plain)

        def read_structure(value: Any) -> Any:
            if value is None:
                return None
            if value.keys() <= as_written and None not in value.values():
                return value
            found: dict[str, Any] = {}
            for key, item in value.items():
                if item is None:
                    continue
                known = members.get(key)
                if known is not None:
                    name, read = known
                    found[name] = item if read is plain else read(item)
                elif union and key != "__type":
                    return {"SDK_UNKNOWN_MEMBER": {"name": key}}
            return found

        return read_structure
