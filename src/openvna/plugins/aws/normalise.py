"""From an item of AWS's answer to a resource: what a declaration says, compiled once for a listing.

The same few functions run for every item of an account, often a hundred thousand times: whatever depends on the
declaration, the scope or the parent alone is done beforehand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

from openvna.model import JSON, Relation, Resource, Scope
from openvna.plugins.aws.arn import partition_of
from openvna.plugins.aws.paths import Malformed, Raw, cleaned, filled, getter, steps

if TYPE_CHECKING:
    from openvna.plugins.aws.declaration import Link, ResourceType

_made = tuple.__new__
"""Makes a named tuple in half of the time that its class takes."""


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
        self._account = parent.account if parent is not None and parent.account else scope.account
        self._by_owner: dict[str, _Owned] = {}

    def resource(self, item: Raw) -> Resource:
        """One item of an answer as a resource, without its secrets. Raises `Malformed` where its id is missing."""
        raw: dict[str, Any] = {**item, **self._around}
        read = self._read
        account = str(read.owner(raw) or self._account)
        raw["@owner"] = account
        owned = self._by_owner.get(account) or self._owned(account)
        member = raw.get
        attributes: dict[str, JSON] = {}
        for name, outer, inner, plain, read_field in read.members:
            found: Any = member(outer)
            if inner and found is not None:
                found = found.get(inner) if type(found) is dict else read_field(raw)
            if found is None:
                continue
            if type(found) is not plain:
                found = read_field(raw)
            if found or not (found is None or isinstance(found, str)):  # an empty text says nothing either
                attributes[name] = found
        for name, read_field in read.fields:
            found = read_field(raw)
            if found or not (found is None or isinstance(found, str)):
                attributes[name] = found
        tags = _tags(read.tags(raw))
        relations: list[Relation] = []
        for name, attribute, start, end, read_link in owned.links:
            found = attributes.get(attribute) if attribute else raw
            if type(found) is str:
                relations.append(_made(Relation, (name, start + found + end)))
            elif type(found) is list:
                for each in dict.fromkeys(found):  # they are in their order
                    if each:
                        relations.append(_made(Relation, (name, start + each + end)))
            elif found is not None:
                relations += read_link(raw)
        document = item.get("@document") or cleaned(item, read.dropped, read.ordered)
        if type(document) is not dict:
            raise Malformed(f"an object was expected, not {type(item).__name__}")
        declared = self._declared
        return Resource.made(
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
        owned = self._by_owner[account] = _Owned(id, tuple(self._linked(link, around) for link in links), mixed)
        return owned

    def _linked(self, link: Link, around: Raw) -> _Linked:
        """What an attribute reads as well, as one does with most links, is not read again."""
        ends = link.ends(around)
        if ends is not None:
            for each in self._declared.fields:
                # Texts of several lengths may change places when something is put behind them.
                if each.source == link.path and (each.is_text or (each.are_texts and not ends[1])):
                    return link.name, each.name, *ends, link.reader(around)
        return link.name, "", "", "", link.reader(around)


@dataclass(frozen=True, slots=True)
class _Readers:
    """The functions that read what depends on the declaration alone, and what else is taken of that."""

    members: tuple[_Member, ...]
    """Most attributes: they are read without a call each."""
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
    members: list[_Member] = []
    fields: list[tuple[str, Callable[[Raw], JSON]]] = []
    for each in declared.fields:
        names = () if callable(each.source) else steps(each.source)
        if len(names) in (1, 2):
            outer, inner = (*names, "")[:2]
            members.append((each.name, outer, inner, _PLAIN.get(each.type), each.reader()))
        else:
            fields.append((each.name, each.reader()))
    return _Readers(
        members=tuple(members),
        fields=tuple(fields),
        owner=_reader(declared.owner),
        region=_reader(declared.region),
        alias=_reader(declared.alias),
        name=_reader(declared.name),
        tags=_reader(declared.tags),
        volatile=tuple(each.name for each in declared.fields if each.volatile),
        dropped=declared.dropped,
        ordered=frozenset(declared.ordered),
    )


_PLAIN: Mapping[str, type] = {"string": str, "integer": int, "boolean": bool}
"""The class that a value has, by the type of its attribute, where it is the attribute as it is. So are nearly all."""
_Member: TypeAlias = tuple[str, str, str, type | None, Callable[[Raw], JSON]]
"""An attribute that is a member of the item, or a member of one: its name, the member's, that of the one in it, if any,
the class of a value that is the attribute as it is, and the function that reads it whatever it is."""


def _reader(source: str | Callable[[Raw], Any]) -> Callable[[Raw], Any]:
    if callable(source):
        return source
    return getter(source) if source else _nothing


@dataclass(frozen=True, slots=True)
class _Owned:
    """The functions that read the id and the relations of the items of one owner."""

    id: Callable[[Raw], str]
    links: tuple[_Linked, ...]
    """By the names of the relations."""
    mixed: bool
    """Whether several of them have one name, so that what they give is to be put in order."""


_Linked: TypeAlias = tuple[str, str, str, str, Callable[[Raw], Sequence[Relation]]]
"""What makes relations: their name; the attribute that names the other ends, if one does, and what is put before and
behind that; the function that reads them from an item."""


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
    if len(tags) < 2:
        return tags
    in_order: dict[str, str] = {}
    for key in sorted(tags):
        in_order[key] = tags[key]
    return in_order


_PAIRS = (("Key", "Value"), ("key", "value"), ("TagKey", "TagValue"))
