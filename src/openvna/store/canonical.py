"""The canonical form of a resource: what is compared, kept and searched. Pure."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from operator import ge
from typing import Any, NamedTuple, TypeAlias

import orjson
import zstandard

from openvna.model import InvalidInput, Relation, Resource
from openvna.store.columns import fitted

_SORTED = orjson.OPT_SORT_KEYS
_WITH_OTHER_KEYS = _SORTED | orjson.OPT_NON_STR_KEYS
"""Numbers as names, which hardly anything has, are half as much work again."""
_HASH_BYTES = 16
_PLAIN = frozenset({bool, int, float, type(None)})
_ADDRESS = re.compile(r"[0-9A-Fa-f.:]*[0-9A-Fa-f:](?:/\d{1,3})?")


class Seen(NamedTuple):
    """A resource as it was recorded, ready to be compared, and to be sent to another process.

    `body` is the whole as sorted JSON, `hash` is over the same without the volatile attributes. `face` holds the raw
    values of the columns from `kind` to `search`. `volatile` tells whether any of its attributes is. `fingerprint` is
    that of the piece of an answer that it came from.
    """

    id: str
    type: str
    hash: bytes
    body: bytes
    face: tuple[str, ...]
    relations: tuple[tuple[str, str], ...]
    volatile: bool
    fingerprint: bytes | None


class Entry(NamedTuple):
    """A resource as it was recorded, ready to be written. `packed` is the body, compressed with the dictionary of this
    id, if any; the rest as in `Seen`."""

    id: str
    type: str
    hash: bytes
    packed: bytes
    dictionary: int | None
    face: tuple[str, ...]
    relations: tuple[tuple[str, str], ...]
    volatile: bool
    fingerprint: bytes | None


Form: TypeAlias = Seen | Entry


def seen(resource: Resource, fingerprint: bytes | None = None) -> Seen:
    """The canonical form of a resource.

    Raises `InvalidInput` for a resource without id or type, or with a value that JSON does not know.
    """
    if not resource.id or not resource.type:
        raise InvalidInput(
            f"A resource of type {resource.type or '?'} without an id cannot be stored."
            if not resource.id
            else f"The resource {resource.id} without a type cannot be stored."
        )
    try:
        form = _form(resource, fingerprint, _SORTED)
        # One byte is looked for ten times as fast as six.
        clean = b"\\" not in form.body or b"\\u0000" not in form.body
        if clean and resource.id.isprintable():
            return form
    except (TypeError, UnicodeEncodeError):
        pass
    try:
        return _form(_presentable(resource), fingerprint, _WITH_OTHER_KEYS)
    except TypeError as error:
        raise InvalidInput(f"The resource {_clean(resource.id)} cannot be stored.", f"{error}.") from error


def entries(forms: Iterable[Form], dictionary: int | None, compressor: zstandard.ZstdCompressor) -> Iterator[Entry]:
    """What is written of resources that are new or changed. `compressor` packs with that dictionary what is not packed
    yet."""
    compress = compressor.compress
    for form in forms:
        if isinstance(form, Entry):
            yield form
            continue
        id, type, hash, body, face, relations, volatile, fingerprint = form
        yield Entry(id, type, hash, fitted(compress(body)), dictionary, face, relations, volatile, fingerprint)


def _form(resource: Resource, fingerprint: bytes | None, options: int) -> Seen:
    tags, attributes = orjson.dumps(resource.tags, option=options), orjson.dumps(resource.attributes, option=options)
    links, kind = _links(resource), str(resource.kind)
    whole: dict[str, Any] = {
        "account": resource.account,
        "alias": resource.alias,
        "attributes": orjson.Fragment(attributes),
        "document": resource.document,
        "id": resource.id,
        "kind": kind,
        "name": resource.name,
        "region": resource.region,
        "relations": links,
        "tags": orjson.Fragment(tags),
        "type": resource.type,
    }
    if resource.volatile:
        lasting = {key: value for key, value in resource.attributes.items() if key not in resource.volatile}
        compared = orjson.dumps(whole | {"attributes": lasting}, option=options)
        body = orjson.dumps(whole | {"volatile": sorted(resource.volatile)}, option=options)
    else:
        compared = body = fitted(orjson.dumps(whole, option=options))
    digest = hashlib.blake2b(compared, digest_size=_HASH_BYTES).digest()
    face = (
        kind,
        resource.alias,
        resource.name,
        resource.account,
        resource.region,
        tags.decode(),
        attributes.decode(),
        search_text(resource),
    )
    volatile = bool(resource.volatile)
    return Seen(resource.id, resource.type, digest, body, face, tuple(links), volatile, fingerprint)


def _links(resource: Resource) -> list[tuple[str, str]]:
    """Each relation once, in their order."""
    links = [(name, to) for name, to in resource.relations]
    return sorted(set(links)) if any(map(ge, links, links[1:])) else links


def _presentable(resource: Resource) -> Resource:
    """The resource without what no database takes in a text."""
    return dataclasses.replace(
        resource,
        **{
            name: _clean(getattr(resource, name))
            for name in ("id", "type", "alias", "name", "account", "region", "tags", "attributes", "document")
        },
        relations=tuple(Relation(_clean(link.name), _clean(link.to)) for link in resource.relations),
    )


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


def search_text(resource: Resource) -> str:
    """What a text search looks through, one thing a line, folded so that case does not count."""
    lines: dict[str, None] = dict.fromkeys((resource.id, resource.alias, resource.name, resource.type))
    _addresses(resource.attributes.values(), lines)
    for tag in resource.tags.values():
        if tag:
            lines[str(tag)] = None
    lines.pop("", None)
    text = "\n".join(lines)
    folded = text.casefold()
    if folded == text and text.count("\n") == len(lines) - 1:
        return text  # no two lines became one, as nearly always
    return "\n".join(dict.fromkeys(folded.split("\n")))


def _addresses(values: Iterable[Any], found: dict[str, None]) -> None:
    """Add every text among the values, at any depth, that has the shape of an address or a prefix."""
    groups = [values]
    for group in groups:  # those that are found in one are put behind it
        for value in group:
            kind = type(value)  # nearly always one of these; to ask whether it is a Mapping takes ten times as long
            if kind is str:
                if ("." in value or ":" in value) and value not in found and _ADDRESS.fullmatch(value):
                    found[value] = None
            elif not value or kind in _PLAIN:
                continue
            elif kind is list:
                groups.append(value)
            elif kind is dict:
                groups.append(value.values())
            elif isinstance(value, str):
                groups.append((str(value),))
            elif isinstance(value, Mapping):
                groups.append(value.values())
            elif isinstance(value, list | tuple):
                groups.append(value)
