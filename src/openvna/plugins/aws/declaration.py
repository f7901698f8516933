"""A resource type is one declaration. Everything else about a type is derived from it.

From a `ResourceType` come the paginated fetch (`fetch.py`), the IAM actions (`permissions`), the attribute schema
and the columns (`spec`), the reference page (`type_pages.py`), the reader for saved answers
(`openvna.plugins.aws_files`), and the test that demands a case folder. Paths are described in `paths.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from openvna.model import JSON, Kind, Relation, Resource, Scope
from openvna.plugin import Attribute, TypeSpec
from openvna.plugins.aws.calls import Call, Detail, Each, TagCall, ec2, iam_action
from openvna.plugins.aws.normalise import Normaliser
from openvna.plugins.aws.paths import Raw, filled, fixed, getter, stable, utc

__all__ = [
    "ACCOUNT",
    "REGION",
    "SECRETS",
    "ZONE",
    "Call",
    "Detail",
    "Each",
    "Field",
    "Link",
    "ResourceType",
    "TagCall",
    "ec2",
    "flag",
    "iam_action",
    "number",
    "records",
    "text",
    "texts",
    "time",
]

SECRETS = frozenset(
    {
        "CustomerGatewayConfiguration",
        "PreSharedKey",
        "ClientSecret",
        "SecretAccessKey",
        "UserData",
        "authKey",  # of a BGP peer
        "customerRouterConfig",
    }
)
"""Members that never leave the plugin, of whatever type and at whatever depth."""

ACCOUNT = "arn:{@scope.partition}:account::{@scope.account}:account"
REGION = ACCOUNT + "/region/{@scope.region}"
ZONE = REGION + "/zone/{}"
"""Id of the zone whose name is the relation's value."""


@dataclass(frozen=True, slots=True)
class Field:
    """One normalised attribute: where it comes from (a path, or a function of the raw item) and what it means."""

    name: str
    source: str | Callable[[Raw], Any]
    description: str
    type: str = "string"
    volatile: bool = False
    ordered: bool = False

    @property
    def is_text(self) -> bool:
        """Whether the attribute is the one text at its path."""
        return self.type == "string" and isinstance(self.source, str) and "[" not in self.source

    @property
    def are_texts(self) -> bool:
        """Whether the attribute is all texts at its path, sorted. What ends in `[]` may lead to nulls too."""
        path = str(self.source)
        return self.type == "string[]" and not self.ordered and "[]." in path and "|" not in path and path[-1] != "]"

    def reader(self) -> Callable[[Raw], JSON]:
        """The function that reads the attribute from a raw item."""
        read = self.source if callable(self.source) else getter(self.source)
        match self.type:
            case "date-time":
                return lambda raw: utc(read(raw))
            case "string":
                return lambda raw: value if type(value := read(raw)) is str else _typed(value, self)
            case "integer":
                return lambda raw: value if type(value := read(raw)) is int else _typed(value, self)
            case "boolean":
                return read
            case "string[]":
                return lambda raw: _texts(found, self) if (found := read(raw)) else found
            case _:
                return lambda raw: _typed(read(raw), self)

    @property
    def attribute(self) -> Attribute:
        shape = {"date-time": "string"}.get(self.type, self.type)
        return Attribute(self.name, shape, self.description)


def text(name: str, source: str | Callable[[Raw], Any], description: str) -> Field:
    return Field(name, source, description)


def texts(name: str, source: str | Callable[[Raw], Any], description: str, ordered: bool = False) -> Field:
    """A list of strings, sorted unless its order means something."""
    return Field(name, source, description, "string[]", ordered=ordered)


def number(name: str, source: str | Callable[[Raw], Any], description: str, volatile: bool = False) -> Field:
    return Field(name, source, description, "integer", volatile=volatile)


def flag(name: str, source: str | Callable[[Raw], Any], description: str) -> Field:
    return Field(name, source, description, "boolean")


def time(name: str, source: str, description: str) -> Field:
    """A moment, as `2024-05-01T12:00:00Z`."""
    return Field(name, source, description, "date-time")


def records(name: str, source: Callable[[Raw], Any], description: str) -> Field:
    """A list of objects, in a stable order that the function gives."""
    return Field(name, source, description, "object[]")


@dataclass(frozen=True, slots=True)
class Link:
    """Relations of one name: the other ends are the values at `path` (or of a function), ids or aliases as they
    are, or put into the `{}` of `form`."""

    name: str
    path: str | Callable[[Raw], list[str]]
    form: str = "{}"

    def reader(self, around: Raw) -> Callable[[Raw], Sequence[Relation]]:
        """The function that reads the relations from raw items, which all have what is `around` (see `filled`): each
        once, in their order."""
        read = self.path if callable(self.path) else getter(self.path)
        name = self.name
        before, place, after = self._form
        start, end = filled(before, around), filled(after, around)
        plain = place and not before and not after
        relation = partial(Relation, name)

        def relations(raw: Raw) -> Sequence[Relation]:
            found: Any = read(raw)
            if found is None or found == "" or found == []:
                return ()
            if type(found) is str:
                whole = found if plain else f"{start(raw)}{found}{end(raw)}" if place else start(raw)
                return (Relation(name, whole),)
            there: list[str] = []
            for value in found if isinstance(found, list) else (found,):
                if value is not None and value != "":
                    there.append(str(value) if plain else f"{start(raw)}{value}{end(raw)}" if place else start(raw))
            return list(map(relation, sorted(set(there)) if len(there) > 1 else there))

        return relations

    def ends(self, around: Raw) -> tuple[str, str] | None:
        """What is put before and behind a value to name the other end; None where that is not the same for all raw
        items which have what is `around`."""
        before, place, after = self._form
        start, end = fixed(before, around), fixed(after, around)
        return None if not place or start is None or end is None else (start, end)

    @property
    def _form(self) -> tuple[str, str, str]:
        return self.form.replace("{@value}", "{}").partition("{}")


@dataclass(frozen=True, slots=True, eq=False)
class ResourceType:
    """One resource type.

    `id` is the ARN: a template that is complete (`arn:...` or beginning with a place), or the part behind
    `arn:partition:ec2:region:owner:`, or a function. `alias` is the path of the short id, `name` of the
    name where no tag `Name` says it, `owner` of the account that owns the thing (the scope's account where absent), or
    functions. `once` is set for what belongs to the account and not to a region. `needs` names a type without which
    there is none of this one: where a run found none of that, it does not ask for this. `details` are calls that
    tell more of each item. Members in `drops` are left out of the document, those in `ordered` keep the order of
    their list. `given` says which of them AWS puts into every region by itself (see `TypeSpec`);
    `organization` that it belongs to no account but to the organization that the source reads. What no path can
    say, a field's function says.
    """

    type: str
    kind: Kind
    title: str
    description: str
    call: Call
    id: str | Callable[[Raw], str]
    fields: tuple[Field, ...]
    columns: tuple[str, ...]
    alias: str | Callable[[Raw], Any] = ""
    name: str | Callable[[Raw], Any] = ""
    tags: str = "Tags"
    tag_call: TagCall | None = None
    details: tuple[Detail, ...] = ()
    owner: str | Callable[[Raw], str | None] = "OwnerId"
    region: str = "@scope.region"
    relations: tuple[Link, ...] = ()
    once: bool = False
    needs: str = ""
    drops: tuple[str, ...] = ()
    ordered: tuple[str, ...] = ()
    given: Mapping[str, JSON] | None = None
    organization: bool = False

    def __post_init__(self) -> None:
        names = [each.name for each in self.fields]
        if len(set(names)) != len(names):
            raise ValueError(f"{self.type}: two fields of one name")
        unknown = set(self.columns) - set(names)
        if unknown:
            raise ValueError(f"{self.type}: columns without a field: {', '.join(sorted(unknown))}")

    @property
    def parent(self) -> str | None:
        return self.call.per.type if self.call.per else None

    @property
    def calls(self) -> tuple[Call | TagCall | Detail, ...]:
        """Every call that is made for the type: the one that lists it, then those that tell more of each item."""
        return (self.call, *((self.tag_call,) if self.tag_call else ()), *self.details)

    @property
    def by_item(self) -> bool:
        """Whether an item of the answer is all that there is to a resource: no more calls tell of it."""
        return not self.details and self.tag_call is None

    @property
    def permissions(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(action for call in self.calls if (action := call.action)))

    def spec(self) -> TypeSpec:
        """The type as the rest of the product sees it."""
        return TypeSpec(
            type=self.type,
            kind=self.kind,
            title=self.title,
            description=self.description,
            attributes=tuple(each.attribute for each in self.fields),
            columns=self.columns,
            relations=tuple(dict.fromkeys(link.name for link in self.relations)),
            calls=tuple(dict.fromkeys(f"{call.service}:{call.operation}" for call in self.calls)),
            permissions=self.permissions,
            depends_on=(self.parent,) if self.parent else (),
            given=self.given,
        )

    def resource(self, item: Raw, scope: Scope, parent: Resource | None = None) -> Resource:
        """One item of an answer as a resource, without its secrets. Raises `Malformed` where its id is missing."""
        return Normaliser(self, scope, parent).resource(item)

    @property
    def dropped(self) -> frozenset[str]:
        """Members that are left out of the document: secrets, and volatile attributes. Those are not kept twice: were
        one in the document too, its change alone made a version."""
        volatile = {each.source for each in self.fields if each.volatile and isinstance(each.source, str)}
        return SECRETS.union(self.drops, volatile)


def _texts(value: Any, field: Field) -> JSON:
    if not isinstance(value, list):
        return _typed(value, field)
    items: list[Any] = list(map(str, value))
    if len(items) > 1 and not field.ordered:
        items.sort()
    return items


def _typed(value: Any, field: Field) -> JSON:
    """A value as the attribute's type says, lists in a stable order unless theirs means something."""
    if value is None:
        return None
    if field.type == "string":
        return value if isinstance(value, str) else str(value)
    if isinstance(value, list) and not callable(field.source) and not field.ordered:
        return stable(value)
    if field.type == "integer" and isinstance(value, str) and value.lstrip("-").isdigit():
        return int(value)
    found: JSON = value
    return found
