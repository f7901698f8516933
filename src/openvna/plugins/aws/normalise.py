"""From an item of AWS's answer to a resource: what a declaration says, compiled once for a listing.

The same few functions run for every item of an account, often a hundred thousand times: whatever depends on the
declaration, the scope or the parent alone is done beforehand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from openvna.model import JSON, Relation, Resource, Scope
from openvna.plugins.aws.arn import partition_of
from openvna.plugins.aws.paths import Malformed, Raw, cleaned, getter, template

if TYPE_CHECKING:
    from openvna.plugins.aws.declaration import ResourceType

_DEFAULT_OWNER = getter("@parent.account|@scope.account")


class Normaliser:
    """Makes resources of the items of one listing: one type, one scope, one parent where it is listed by parents."""

    def __init__(
        self,
        declared: ResourceType,
        scope: Scope,
        parent: Resource | None = None,
        asked: Mapping[str, Any] | None = None,
    ) -> None:
        """`asked`: the parameters of the call, which declarations read as `@asked`."""
        partition = scope.partition or partition_of(scope.region)
        self._declared = declared
        self._around: dict[str, Any] = {
            "@scope": {"account": scope.account, "region": scope.region, "partition": partition}
        }
        if parent is not None:
            self._around["@parent"] = {
                "id": parent.id,
                "alias": parent.alias,
                "account": parent.account,
                "name": parent.name,
            }
        if asked is not None:
            self._around["@asked"] = asked
        self._owner: Callable[[Raw], Any] = declared.owner if callable(declared.owner) else getter(declared.owner)
        self._fields = tuple((each.name, each.reader()) for each in declared.fields)
        self._links = tuple(link.reader() for link in declared.relations)
        self._tags = getter(declared.tags)
        alias = declared.alias
        self._alias: Callable[[Raw], Any] = alias if callable(alias) else getter(alias) if alias else _nothing
        name = declared.name
        self._name: Callable[[Raw], Any] = name if callable(name) else getter(name) if name else _nothing
        self._region = getter(declared.region)
        self._id: Callable[[Raw], str] = declared.id if callable(declared.id) else template(_whole(declared.id))
        self._volatile = tuple(each.name for each in declared.fields if each.volatile)
        self._dropped = declared.dropped
        self._ordered = frozenset(declared.ordered)

    def resource(self, item: Raw) -> Resource:
        """One item of an answer as a resource, without its secrets. Raises `Malformed` where its id is missing."""
        raw: dict[str, Any] = {**item, **self._around}
        account = str(self._owner(raw) or _DEFAULT_OWNER(raw))
        raw["@owner"] = account
        attributes: dict[str, JSON] = {}
        for name, read in self._fields:
            value = read(raw)
            if value is not None and value != "":
                attributes[name] = value
        tags = _tags(self._tags(raw))
        relations: list[Relation] = []
        for link in self._links:
            relations += link(raw)
        document = item.get("@document") or cleaned(item, self._dropped, self._ordered)
        if type(document) is not dict:
            raise Malformed(f"an object was expected, not {type(item).__name__}")
        declared = self._declared
        return Resource(
            self._id(raw),
            declared.type,
            declared.kind,
            account,
            str(self._region(raw) or ""),
            str(self._alias(raw) or ""),
            tags.get("Name") or str(self._name(raw) or ""),
            tags,
            attributes,
            _in_order(relations),
            document,
            self._volatile,
        )


def _whole(id: str) -> str:
    """The template of an ARN: whole, or the part behind `arn:partition:ec2:region:owner:`."""
    if id.startswith(("arn:", "{")):
        return id
    return "arn:{@scope.partition}:ec2:{@scope.region}:{@owner}:" + id


def _nothing(_raw: Raw) -> None:
    return None


def _in_order(relations: list[Relation]) -> tuple[Relation, ...]:
    if len(relations) < 2:
        return tuple(relations)
    return tuple(sorted(set(relations)))


def _tags(found: Any) -> dict[str, str]:
    """Tags in any of the forms in which AWS's services write them: a map, or pairs of key and value."""
    if not found:
        return {}
    if isinstance(found, Mapping):
        pairs = [(str(key), str(value or "")) for key, value in found.items()]
    elif isinstance(found, list):
        pairs = [pair for tag in found if isinstance(tag, Mapping) and (pair := _pair(tag)) is not None]
    else:
        return {}
    return dict(sorted(pairs, key=lambda pair: pair[0]))


def _pair(tag: Mapping[str, Any]) -> tuple[str, str] | None:
    for key, value in _PAIRS:
        if key in tag:
            return str(tag[key]), str(tag.get(value) or "")
    return None


_PAIRS = (("Key", "Value"), ("key", "value"), ("TagKey", "TagValue"))
