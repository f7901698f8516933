"""From an item of AWS's answer to a resource: what a declaration says, compiled once for a listing.

The same few functions run for every item of an account, often a hundred thousand times: whatever depends on the
declaration, the scope or the parent alone is done beforehand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from openvna.model import JSON, Relation, Resource, Scope
from openvna.plugins.aws.arn import partition_of
from openvna.plugins.aws.paths import Malformed, Raw, cleaned, filled, getter

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
        self._read = _readers(declared)
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
        self._by_owner: dict[str, _Owned] = {}

    def resource(self, item: Raw) -> Resource:
        """One item of an answer as a resource, without its secrets. Raises `Malformed` where its id is missing."""
        raw: dict[str, Any] = {**item, **self._around}
        read = self._read
        account = str(read.owner(raw) or _DEFAULT_OWNER(raw))
        raw["@owner"] = account
        owned = self._by_owner.get(account) or self._owned(account)
        member = raw.get
        attributes: dict[str, JSON] = {}
        for name, source in read.texts:
            found = member(source)
            if type(found) is str:
                if found:
                    attributes[name] = found
            elif found is not None:
                attributes[name] = str(found)
        for name, read_field in read.fields:
            found = read_field(raw)
            if found or (found is not None and found != ""):
                attributes[name] = found
        tags = _tags(read.tags(raw))
        relations: list[Relation] = []
        for link in owned.links:
            relations += link(raw)
        document = item.get("@document") or cleaned(item, read.dropped, read.ordered)
        if type(document) is not dict:
            raise Malformed(f"an object was expected, not {type(item).__name__}")
        declared = self._declared
        return Resource(
            owned.id(raw),
            declared.type,
            declared.kind,
            account,
            str(read.region(raw) or ""),
            str(read.alias(raw) or ""),
            tags.get("Name") or str(read.name(raw) or ""),
            tags,
            attributes,
            tuple(sorted(set(relations)) if owned.mixed else relations),
            document,
            read.volatile,
        )

    def _owned(self, account: str) -> _Owned:
        """What names something of that owner: few have the items of a list."""
        declared, around = self._declared, {**self._around, "@owner": account}
        id = declared.id if callable(declared.id) else filled(_whole(declared.id), around)
        links = sorted(declared.relations, key=lambda link: link.name)
        mixed = len({link.name for link in links}) < len(links)
        owned = self._by_owner[account] = _Owned(id, tuple(link.reader(around) for link in links), mixed)
        return owned


@dataclass(frozen=True, slots=True)
class _Readers:
    """The functions that read what depends on the declaration alone, and what else is taken of that."""

    texts: tuple[tuple[str, str], ...]
    """The attributes that are the text of a member, most of them: the name of each, and the member's."""
    fields: tuple[tuple[str, Callable[[Raw], JSON]], ...]
    """The other attributes."""
    owner: Callable[[Raw], Any]
    region: Callable[[Raw], Any]
    alias: Callable[[Raw], Any]
    name: Callable[[Raw], Any]
    tags: Callable[[Raw], Any]
    volatile: tuple[str, ...]
    dropped: frozenset[str]
    ordered: frozenset[str]


@cache
def _readers(declared: ResourceType) -> _Readers:
    return _Readers(
        texts=tuple((each.name, each.member) for each in declared.fields if each.member is not None),
        fields=tuple((each.name, each.reader()) for each in declared.fields if each.member is None),
        owner=_reader(declared.owner),
        region=_reader(declared.region),
        alias=_reader(declared.alias),
        name=_reader(declared.name),
        tags=_reader(declared.tags),
        volatile=tuple(each.name for each in declared.fields if each.volatile),
        dropped=declared.dropped,
        ordered=frozenset(declared.ordered),
    )


def _reader(source: str | Callable[[Raw], Any]) -> Callable[[Raw], Any]:
    if callable(source):
        return source
    return getter(source) if source else _nothing


@dataclass(frozen=True, slots=True)
class _Owned:
    """The functions that read the id and the relations of the items of one owner."""

    id: Callable[[Raw], str]
    links: tuple[Callable[[Raw], Sequence[Relation]], ...]
    """By the names of the relations."""
    mixed: bool
    """Whether several of them have one name, so that what they give is to be put in order."""


def _whole(id: str) -> str:
    """The template of an ARN: whole, or the part behind `arn:partition:ec2:region:owner:`."""
    if id.startswith(("arn:", "{")):
        return id
    return "arn:{@scope.partition}:ec2:{@scope.region}:{@owner}:" + id


def _nothing(_raw: Raw) -> None:
    return None


def _tags(found: Any) -> dict[str, str]:
    """Tags in any of the forms in which AWS's services write them: a map, or pairs of key and value."""
    if not found:
        return {}
    tags: dict[str, str] = {}
    if isinstance(found, list):
        for tag in found:
            if type(tag) is dict and type(key := tag.get("Key")) is str and type(value := tag.get("Value")) is str:
                tags[key] = value  # as nearly all are
            elif isinstance(tag, Mapping):
                for key, value in _PAIRS:
                    if key in tag:
                        tags[str(tag[key])] = str(tag.get(value) or "")
                        break
    elif isinstance(found, Mapping):
        tags = {str(key): str(value or "") for key, value in found.items()}
    return {key: tags[key] for key in sorted(tags)}


_PAIRS = (("Key", "Value"), ("key", "value"), ("TagKey", "TagValue"))
