"""The calls of AWS that a declaration names: what is asked, how often, and which permission it takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from openvna.model import Resource
from openvna.plugins.aws.paging import Paging, paging
from openvna.plugins.aws.paths import Raw, getter

Requests: TypeAlias = Callable[[Resource], Iterable[Mapping[str, Any]]]
"""The parameters of each call for one parent."""

IAM_PREFIX = {
    "apigatewayv2": "apigateway",
    "elb": "elasticloadbalancing",
    "elbv2": "elasticloadbalancing",
    "resourcegroupstaggingapi": "tag",
    "service-quotas": "servicequotas",
}
"""Services whose IAM prefix is not their own name. (`cloudwatch` only *signs* as `monitoring`.)"""

IAM_ACTION: Mapping[str, str | None] = {"sts:GetCallerIdentity": None, "s3:ListBuckets": "s3:ListAllMyBuckets"}
"""Operations whose action is not `prefix:Operation`; None where AWS asks for no permission."""

IAM_BY_METHOD = frozenset({"apigateway"})
"""Prefixes whose actions are HTTP methods: every read is `apigateway:GET`."""


@dataclass(frozen=True, slots=True)
class Each:
    """A call is made once for each resource of `type`; `parameter` takes that resource's `value`.

    `only` is a regular expression that the resource's id has to contain, where AWS knows the call for some alone.
    With `own` it is made for resources of the scope's account alone: of shared ones AWS tells their owner only.
    Where one parameter is not enough, or a parent takes several calls, `requests` gives the parameters of each from
    the parent (with its attributes).
    """

    type: str
    parameter: str = ""
    value: Literal["id", "alias", "name"] = "id"
    only: str = ""
    own: bool = False
    requests: Requests | None = None

    def asked(self, parent: Resource) -> Iterator[Mapping[str, Any]]:
        """The parameters of the calls for one parent."""
        if self.requests is not None:
            yield from self.requests(parent)
        else:
            yield {self.parameter: getattr(parent, self.value)}


@dataclass(frozen=True, slots=True)
class Call:
    """The API call that lists a type. `operation` is AWS's own name, `items` the path of the items in the answer
    (without `[]`: there is one; empty: it is the answer). With `of_texts` the items are texts, and each stands as
    `@item` in an object. `page` is the page size to ask for; 0 where the operation takes none. `region` is the one
    region of the partition `aws` where a service is that is global. `pages` is said only where neither botocore's
    paginators nor what is usual say it. Where `by` names a parameter, there is a list for each of `values`. `absent`:
    that AWS knows nothing of the kind (the account has not subscribed) means that there is none; `absent_where` is a
    regular expression of the messages by which AWS says the same under a code that means something else."""

    service: str
    operation: str
    items: str
    page: int = 0
    params: Mapping[str, Any] = field(default_factory=dict)
    per: Each | None = None
    region: str = ""
    pages: Paging | None = None
    of_texts: bool = False
    by: str = ""
    values: tuple[str, ...] = ()
    absent: bool = False
    absent_where: str = ""

    def lists(self) -> Iterator[Mapping[str, Any]]:
        """The parameters of each list, where it has no parent."""
        if not self.by:
            yield self.params
        for value in self.values:
            yield {**self.params, self.by: value}

    def request(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters of the first page of a list."""
        return {**params, self.paging.size: self.page} if self.page else dict(params)

    @property
    def paging(self) -> Paging:
        """How the operation is read page by page."""
        return self.pages or paging(self.service, self.operation)

    @property
    def member(self) -> str:
        """The list at the top of the answer in which the items are, or what holds them; empty where there is none."""
        name, several, _ = self.items.partition("[]")
        return name if several and name.isidentifier() and not self.of_texts else ""

    @property
    def action(self) -> str | None:
        """The IAM action that allows the call, None when none is needed."""
        return iam_action(self.service, self.operation)

    def place(self, partition: str, region: str) -> str:
        """The region to ask when a scope's own is `region`."""
        return self.region if self.region and partition == "aws" else region

    def answer_id(self, params: Mapping[str, Any]) -> str:
        """What tells the answers of calls with several parameters apart: the name of the file of a saved one."""
        if self.by:
            return str(params[self.by])
        if self.per is None:
            return ""
        if self.per.parameter:
            return str(params[self.per.parameter])
        page = self.paging
        return ",".join(_leaves({k: v for k, v in params.items() if k != page.size and k not in self.params}))


@dataclass(frozen=True, slots=True)
class TagCall:
    """Tags that need a call of their own, for up to `batch` items at a time. `key` finds an item's id (a member or a
    function), which stands at `answer_key` in each part of the list `answer`. `fixed` are parameters that are always
    the same."""

    service: str
    operation: str
    parameter: str
    key: str | Callable[[Raw], Any]
    answer_key: str
    batch: int = 20
    answer: str = "TagDescriptions"
    fixed: Mapping[str, Any] = field(default_factory=dict)

    def id(self, raw: Raw) -> Any:
        """What an item is asked for by."""
        return self.key(raw) if callable(self.key) else raw[self.key]

    @property
    def action(self) -> str | None:
        return iam_action(self.service, self.operation)


@dataclass(frozen=True, slots=True)
class Detail:
    """A call that tells more of each item. `params` are paths of the item, or functions of it, by the parameter that
    takes their value (`@asked` are the parameters of the call that listed the item for a parent); what the answer
    holds at `answer` (empty: all of it) goes into the item as its member `under` (empty: its members become the
    item's). `when`, where given, says of which items it is asked; `fixed` are parameters that are always the same.

    Where AWS will not tell, the item goes on without. An item that is gone meanwhile is left out.
    """

    service: str
    operation: str
    params: Mapping[str, str | Callable[[Raw], Any]]
    answer: str = ""
    under: str = ""
    region: str = ""
    when: Callable[[Raw], bool] | None = None
    fixed: Mapping[str, Any] = field(default_factory=dict)

    @property
    def action(self) -> str | None:
        return iam_action(self.service, self.operation)

    def place(self, partition: str, region: str) -> str:
        """The region to ask when a scope's own is `region`."""
        return self.region if self.region and partition == "aws" else region

    def request(self, raw: Raw) -> dict[str, Any]:
        """The parameters for one item."""
        found = {name: (path if callable(path) else getter(path))(raw) for name, path in self.params.items()}
        return {**found, **self.fixed}

    def answer_id(self, params: Mapping[str, Any]) -> str:
        """See `Call.answer_id`."""
        return ",".join(str(params[name]) for name in (*self.params, *self.fixed))

    def merged(self, raw: Raw, answer: Mapping[str, Any]) -> Raw:
        """The item with what the answer says of it."""
        found = getter(self.answer)(answer) if self.answer else {k: v for k, v in answer.items() if k != _METADATA}
        if self.under:
            return {**raw, self.under: found}
        return {**raw, **found} if isinstance(found, Mapping) else raw


_METADATA = "ResponseMetadata"


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for each in value.values():
            yield from _leaves(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _leaves(each)
    else:
        yield str(value)


def iam_action(service: str, operation: str) -> str | None:
    """The IAM action of an operation: `prefix:Operation` but for the few in the tables above."""
    prefix = IAM_PREFIX.get(service, service)
    if prefix in IAM_BY_METHOD:
        return f"{prefix}:GET"
    action = f"{prefix}:{operation}"
    return IAM_ACTION.get(action, action)


def ec2(operation: str, items: str, page: int = 1000, **more: Any) -> Call:
    """A call of EC2; `page` 0 for the few operations that know no paging."""
    return Call("ec2", operation, items, page, **more)
