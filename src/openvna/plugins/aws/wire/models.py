"""botocore's service models, read as data. botocore itself is not imported.

Format: botocore/data/<service>/<version>/service-2.json.gz, the same JSON as in AWS's public API models.
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

import orjson

from openvna.plugins.aws.endpoint_rules import newest_data

PROTOCOLS = ("ec2", "json", "query", "rest-json", "rest-xml")
"""What is spoken here, in the order of preference where a service speaks several."""


class UnknownOperation(LookupError):
    """botocore's data of this release has no such service or operation, or it speaks a protocol that we do not."""


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Model:
    """The model of a service: its metadata, operations and shapes as they stand in the file."""

    service: str
    protocol: str
    metadata: Mapping[str, Any]
    operations: Mapping[str, Mapping[str, Any]]
    shapes: Mapping[str, Mapping[str, Any]]

    @property
    def signing_name(self) -> str:
        return str(self.metadata.get("signingName") or self.metadata["endpointPrefix"])

    def of(self, operation: str) -> Model:
        """The part that says how this operation is called and answered, without the rest, which is large."""
        declared = self.operations[operation]
        waiting = [declared[each]["shape"] for each in ("input", "output") if each in declared]
        reached: dict[str, Mapping[str, Any]] = {}
        while waiting:
            name = waiting.pop()
            if name not in reached:
                shape = reached[name] = self.shapes[name]
                parts = (*shape.get("members", {}).values(), shape.get("member"), shape.get("key"), shape.get("value"))
                waiting.extend(each["shape"] for each in parts if each)
        return replace(self, operations={operation: declared}, shapes=reached)


_LOADED: WeakValueDictionary[str, Model] = WeakValueDictionary()
"""The models that somebody holds: whoever wants one meanwhile shares it."""


def load(service: str) -> Model:
    """The newest model of a service, which botocore calls `service`. Raises `UnknownOperation`."""
    found = _LOADED.get(service)
    if found is None:
        found = _LOADED[service] = _read(service)
    return found


def _read(service: str) -> Model:
    folder = newest_data(service)
    if folder is None:
        raise UnknownOperation(f"botocore's data has no service {service!r}")
    raw = orjson.loads(_content(folder / "service-2.json"))
    metadata = raw["metadata"]
    spoken = metadata.get("protocols") or [metadata["protocol"]]
    protocol = next((each for each in PROTOCOLS if each in spoken), "")
    if not protocol:
        raise UnknownOperation(f"{service} speaks {', '.join(spoken)}, none of which is spoken here")
    return Model(service, protocol, metadata, raw["operations"], raw["shapes"])


def _content(path: Path) -> bytes:
    packed = path.with_name(path.name + ".gz")
    return gzip.decompress(packed.read_bytes()) if packed.exists() else path.read_bytes()
