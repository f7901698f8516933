"""The canonical form of a resource: what is compared, kept and searched. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from openvna.model import InvalidInput, Resource

_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS
_HASH_BYTES = 16
_ADDRESS = re.compile(r"(?=.*[.:])[0-9A-Fa-f.:]*[0-9A-Fa-f:](?:/\d{1,3})?")


@dataclass(frozen=True, slots=True)
class Seen:
    """A resource as it was recorded, ready to be compared and written.

    `body` is the whole as sorted JSON, `hash` is over the same without the volatile attributes, `packed` the body
    compressed where that has been done already.
    """

    id: str
    type: str
    hash: bytes
    body: bytes
    packed: bytes | None = None


def seen(resource: Resource) -> Seen:
    """The canonical form of a resource.

    Raises `InvalidInput` for a resource without id or type, or with a value that JSON does not know.
    """
    if not resource.id or not resource.type:
        raise InvalidInput(
            f"A resource of type {resource.type or '?'} without an id cannot be stored."
            if not resource.id
            else f"The resource {resource.id} without a type cannot be stored."
        )
    whole: dict[str, Any] = {
        "id": resource.id,
        "type": resource.type,
        "kind": str(resource.kind),
        "alias": resource.alias,
        "name": resource.name,
        "account": resource.account,
        "region": resource.region,
        "tags": dict(resource.tags),
        "attributes": dict(resource.attributes),
        "relations": sorted({(link.name, link.to) for link in resource.relations}),
        "document": dict(resource.document),
    }
    if resource.volatile:
        lasting = {key: value for key, value in whole["attributes"].items() if key not in resource.volatile}
        compared = _json(whole | {"attributes": lasting}, resource.id)
        body = _json(whole | {"volatile": sorted(resource.volatile)}, resource.id)
    else:
        compared = body = _json(whole, resource.id)
    digest = hashlib.blake2b(compared, digest_size=_HASH_BYTES).digest()
    identifier = resource.id
    if b"\\u0000" in body or not identifier.isprintable():
        identifier = _clean(identifier)
    return Seen(identifier, resource.type, digest, body)


def _json(value: dict[str, Any], name: str) -> bytes:
    try:
        packed = orjson.dumps(value, option=_OPTIONS)
        if b"\\u0000" in packed:
            packed = orjson.dumps(_clean(value), option=_OPTIONS)
        return packed
    except (TypeError, UnicodeEncodeError):
        try:
            return orjson.dumps(_clean(value), option=_OPTIONS)
        except TypeError as error:
            raise InvalidInput(f"The resource {_clean(name)} cannot be stored.", f"{error}.") from error


def _clean(value: Any) -> Any:
    """The value without what no database takes in a text: NUL and halves of surrogate pairs become U+FFFD."""
    if isinstance(value, str):
        return value.replace("\x00", "�").encode("utf-8", "replace").decode() if _dirty(value) else value
    if isinstance(value, Mapping):
        return {_clean(key): _clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(item) for item in value]
    return value


def _dirty(text: str) -> bool:
    return "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text)


def search_text(id: str, whole: Mapping[str, Any]) -> str:
    """What a text search looks through, one thing a line, folded so that case does not count."""
    lines = dict.fromkeys(
        str(line).casefold()
        for line in (
            id,
            whole["alias"],
            whole["name"],
            whole["type"],
            *_addresses(whole["attributes"]),
            *whole["tags"].values(),
        )
        if line
    )
    return "\n".join(lines)


def _addresses(value: Any) -> Iterator[str]:
    """Every text in the attributes that has the shape of an address or a prefix."""
    if isinstance(value, str):
        if _ADDRESS.fullmatch(value):
            yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _addresses(item)
    elif isinstance(value, list):
        for item in value:
            yield from _addresses(item)
