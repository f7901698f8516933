"""A resource type is one declaration. Everything else about a type is derived from it.

From a `ResourceType` come the paginated fetch (`fetch.py`), the IAM actions (`permissions`), the attribute schema
and the columns (`spec`), the reference page (`docs/resource-types.md`), the reader for saved answers
(`openvna.plugins.aws_files`), and the test that demands a case folder. Paths are described in `paths.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from openvna.model import JSON, Kind, Relation, Resource, Scope
from openvna.plugin import Attribute, TypeSpec
from openvna.plugins.aws.normalise import Normaliser
from openvna.plugins.aws.paths import Raw, getter, stable, template, utc

SECRETS = frozenset({"CustomerGatewayConfiguration", "PreSharedKey", "ClientSecret", "SecretAccessKey", "UserData"})
"""Members that never leave the plugin, of whatever type and at whatever depth."""

ACCOUNT = "arn:{@scope.partition}:account::{@scope.account}:account"
REGION = ACCOUNT + "/region/{@scope.region}"
ZONE = REGION + "/zone/{}"
"""Id of the zone whose name is the relation's value."""

IAM_PREFIX = {"elb": "elasticloadbalancing", "elbv2": "elasticloadbalancing", "resourcegroupstaggingapi": "tag"}
"""Services whose IAM prefix is not their own name. (`cloudwatch` only *signs* as `monitoring`.)"""

IAM_ACTION: Mapping[str, str | None] = {"sts:GetCallerIdentity": None, "s3:ListBuckets": "s3:ListAllMyBuckets"}
"""Operations whose action is not `prefix:Operation`; None where AWS asks for no permission."""

_PAGING = {
    "ec2": ("MaxResults", "NextToken", "NextToken"),
    "elb": ("PageSize", "Marker", "NextMarker"),
    "elbv2": ("PageSize", "Marker", "NextMarker"),
}


@dataclass(frozen=True, slots=True)
class Each:
    """A call is made once for each resource of `type`; `parameter` takes that resource's `value`.

    `only` is a regular expression that the resource's id has to contain, where AWS knows the call for some alone.
    """

    type: str
    parameter: str
    value: Literal["id", "alias"] = "id"
    only: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """The API call that lists a type. `operation` is AWS's own name, `items` the path of the items in the answer
    (empty: the answer is the item). `page` is the page size to ask for; 0 where the operation has no paging.
    `more` is a flag of the answer that says that it is cut short even where no token follows."""

    service: str
    operation: str
    items: str
    page: int = 0
    params: Mapping[str, Any] = field(default_factory=dict)
    per: Each | None = None
    more: str = ""

    @property
    def paging(self) -> tuple[str, str, str]:
        """The names of the page size and the token in the request, and of the token in the answer."""
        return _PAGING.get(self.service, ("MaxResults", "NextToken", "NextToken"))

    @property
    def action(self) -> str | None:
        """The IAM action that allows the call, None when none is needed."""
        return iam_action(self.service, self.operation)


@dataclass(frozen=True, slots=True)
class TagCall:
    """Tags that need a call of their own, for up to `batch` items at a time (`key` finds an item's id)."""

    service: str
    operation: str
    parameter: str
    key: str
    answer_key: str
    batch: int = 20

    @property
    def action(self) -> str | None:
        return iam_action(self.service, self.operation)


def iam_action(service: str, operation: str) -> str | None:
    """The IAM action of an operation: `prefix:Operation` but for the few in the tables above."""
    action = f"{IAM_PREFIX.get(service, service)}:{operation}"
    return IAM_ACTION.get(action, action)


def ec2(operation: str, items: str, page: int = 1000, **more: Any) -> Call:
    """A call of EC2; `page` 0 for the few operations that know no paging."""
    return Call("ec2", operation, items, page, **more)


@dataclass(frozen=True, slots=True)
class Field:
    """One normalised attribute: where it comes from (a path, or a function of the raw item) and what it means."""

    name: str
    source: str | Callable[[Raw], Any]
    description: str
    type: str = "string"
    volatile: bool = False
    ordered: bool = False

    def reader(self) -> Callable[[Raw], JSON]:
        """The function that reads the attribute from a raw item."""
        read = self.source if callable(self.source) else getter(self.source)
        match self.type:
            case "date-time":
                return lambda raw: utc(read(raw))
            case "string":
                return lambda raw: value if type(value := read(raw)) is str else _as_text(value, self)
            case "boolean":
                return read
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

    def reader(self) -> Callable[[Raw], list[Relation]]:
        """The function that reads the relations from a raw item."""
        read = self.path if callable(self.path) else getter(self.path)
        name, plain = self.name, self.form == "{}"

        def relations(raw: Raw) -> list[Relation]:
            found: Any = read(raw)
            if found is None:
                return []
            values = found if isinstance(found, list) else [found]
            return [
                Relation(name, str(value) if plain else self._end(raw, str(value)))
                for value in values
                if value is not None and value != ""
            ]

        return relations

    def _end(self, raw: Raw, value: str) -> str:
        return template(self.form.replace("{}", "{@value}"))({**raw, "@value": value})


@dataclass(frozen=True, slots=True)
class ResourceType:
    """One resource type.

    `id` is the ARN: a template that is complete (`arn:...` or beginning with a place), or the part behind
    `arn:partition:ec2:region:owner:`, or a function. `alias` is the path of the short id, `name` of the name where no
    tag `Name` says it, `owner` of the account that owns the thing (the scope's account where absent). `once` is set
    for what belongs to the account and not to a region. Members in `drops` are left out of the document, those in
    `ordered` keep the order of their list. What no path can say, a field's function says.
    """

    type: str
    kind: Kind
    title: str
    description: str
    call: Call
    id: str | Callable[[Raw], str]
    fields: tuple[Field, ...]
    columns: tuple[str, ...]
    alias: str = ""
    name: str = ""
    tags: str = "Tags"
    tag_call: TagCall | None = None
    owner: str | Callable[[Raw], str | None] = "OwnerId"
    region: str = "@scope.region"
    relations: tuple[Link, ...] = ()
    once: bool = False
    drops: tuple[str, ...] = ()
    ordered: tuple[str, ...] = ()

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
    def permissions(self) -> tuple[str, ...]:
        calls = (self.call, self.tag_call) if self.tag_call else (self.call,)
        return tuple(action for call in calls if (action := call.action))

    def spec(self) -> TypeSpec:
        """The type as the rest of the product sees it."""
        calls = [f"{self.call.service}:{self.call.operation}"]
        if self.tag_call:
            calls.append(f"{self.tag_call.service}:{self.tag_call.operation}")
        return TypeSpec(
            type=self.type,
            kind=self.kind,
            title=self.title,
            description=self.description,
            attributes=tuple(each.attribute for each in self.fields),
            columns=self.columns,
            relations=tuple(dict.fromkeys(link.name for link in self.relations)),
            calls=tuple(calls),
            permissions=self.permissions,
            depends_on=(self.parent,) if self.parent else (),
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


def _as_text(value: Any, field: Field) -> JSON:
    return cast(JSON, value) if value is None else _typed(value, field)


def _typed(value: Any, field: Field) -> JSON:
    """A value as the attribute's type says, lists in a stable order unless theirs means something."""
    if value is None:
        return None
    if field.type == "string":
        return value if isinstance(value, str) else str(value)
    if isinstance(value, list):
        if field.type == "string[]":
            items = [str(item) for item in value]
            return cast(JSON, items if field.ordered else sorted(items))
        if not callable(field.source) and not field.ordered:
            return cast(JSON, stable(value))
    if field.type == "integer" and isinstance(value, str) and value.lstrip("-").isdigit():
        return int(value)
    return cast(JSON, value)
