"""Asking for one resource by its id, where the operation that lists its type takes ids.

Which parameter takes them is read off botocore's model: `DescribeVpcs` gives items with a `VpcId` and has a parameter
`VpcIds`. AWS answers an id that does not exist with an error of its own (`InvalidVpcID.NotFound`), or with an empty
list; page sizes are not sent, since several operations refuse them beside ids (EC2 API reference, DescribeInstances).
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

from openvna.plugins.aws.declaration import ResourceType
from openvna.plugins.aws.types import TYPES
from openvna.plugins.aws.wire.models import UnknownOperation, load

_MEMBER = re.compile(r"[A-Za-z]\w*")
_WHOLE_ID = re.compile(r"\{([A-Za-z]\w*)\}")


def asking_for(type: str, id: str, alias: str) -> ResourceType | None:
    """The declaration of a type whose call asks for this one resource; None where its operation takes no ids."""
    declared = TYPES.get(type)
    found = _parameter(type) if declared is not None else None
    value = "" if found is None else alias if found[1] else id
    if declared is None or found is None or not value:
        return None
    call = replace(declared.call, params={found[0]: [value]}, page=0, absent=True)
    return replace(declared, call=call)


def asks_by(type: str) -> str:
    """The parameter by which one resource of a type is asked for; empty where its operation takes no ids."""
    found = _parameter(type)
    return found[0] if found is not None else ""


@cache
def _parameter(type: str) -> tuple[str, bool] | None:
    """The parameter that takes ids of this type, and whether they are short ids."""
    declared = TYPES[type]
    call = declared.call
    if call.per is not None or call.by or call.params or call.of_texts or "[]" not in call.items:
        return None
    for path, short in ((declared.alias, True), (_whole(declared), False)):
        if isinstance(path, str) and _MEMBER.fullmatch(path):
            name = _list_of(call.service, call.operation, path)
            if name:
                return name, short
    return None


def _whole(declared: ResourceType) -> str:
    """The member of an item that is the resource's id as it stands."""
    found = _WHOLE_ID.fullmatch(declared.id) if isinstance(declared.id, str) else None
    return found[1] if found else ""


def _list_of(service: str, operation: str, member: str) -> str:
    """The parameter of an operation that takes a list of what its items have as `member`; empty where there is none."""
    try:
        model = load(service)
        given = model.shapes[model.operations[operation]["input"]["shape"]]["members"]
    except (UnknownOperation, KeyError):
        return ""
    for name in (f"{member}s", member if member.endswith("s") else ""):
        shape = model.shapes[given[name]["shape"]] if name in given else {}
        if shape.get("type") == "list" and model.shapes[shape["member"]["shape"]]["type"] == "string":
            return name
    return ""
