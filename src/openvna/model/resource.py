"""What exists: scopes, resources and the links between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, make_dataclass
from enum import StrEnum
from typing import Any, NamedTuple, TypeAlias

JSON: TypeAlias = "None | bool | int | float | str | list[JSON] | dict[str, JSON]"


class Kind(StrEnum):
    """The vendor-neutral kinds of a resource: a closed list, after RFC 8345 where it has a word for it."""

    ACCOUNT = "account"
    REGION = "region"
    ZONE = "zone"
    NETWORK = "network"
    SUBNET = "subnet"
    INTERFACE = "interface"
    ADDRESS = "address"
    ROUTE_TABLE = "route-table"
    ROUTE = "route"
    GATEWAY = "gateway"
    ROUTER = "router"
    ATTACHMENT = "attachment"
    PEERING = "peering"
    TUNNEL = "tunnel"
    ENDPOINT = "endpoint"
    SERVICE = "service"
    ACCESS_LIST = "access-list"
    PREFIX_LIST = "prefix-list"
    OPTIONS = "options"
    COMPUTE = "compute"
    LOAD_BALANCER = "load-balancer"
    LISTENER = "listener"
    TARGET_GROUP = "target-group"
    TARGET = "target"
    FLOW_LOG = "flow-log"
    ADDRESS_POOL = "address-pool"
    ANALYSIS = "analysis"
    API = "api"
    CONNECTION = "connection"
    DEVICE = "device"
    DISTRIBUTION = "distribution"
    DNS_RECORD = "dns-record"
    DNS_ZONE = "dns-zone"
    FIREWALL = "firewall"
    LINK = "link"
    MIRROR = "mirror"
    MONITOR = "monitor"
    NAMESPACE = "namespace"
    POLICY = "policy"
    QUOTA = "quota"
    RESOLVER = "resolver"
    SEGMENT = "segment"
    SHARE = "share"
    SITE = "site"


@dataclass(frozen=True, slots=True)
class Scope:
    """A part of a source that is collected on its own.

    `key` is unique within the source and stable between runs, for example `aws/111122223333/eu-west-1`.
    """

    key: str
    partition: str
    account: str
    region: str


class Relation(NamedTuple):
    """A named, directed link from the resource that holds it to another one.

    `to` is the other resource's global id or its alias; it need not have been collected.
    """

    name: str
    to: str


@dataclass(frozen=True, slots=True)
class Resource:
    """A thing that exists, in the vendor's words and in neutral ones.

    `id` is global (the ARN in AWS), `alias` the vendor's short id (`vpc-0a1b...`), empty where there is none.
    `account` and `region` say where the thing itself lives, which may differ from the scope it was seen in
    (a shared transit gateway). `attributes` are normalised, `document` is the vendor's own answer without
    secrets; `volatile` names attributes whose change alone makes no new version (a last-seen time).
    """

    id: str
    type: str
    kind: Kind
    account: str
    region: str
    alias: str = ""
    name: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, JSON] = field(default_factory=dict)
    relations: tuple[Relation, ...] = ()
    document: Mapping[str, JSON] = field(default_factory=dict)
    volatile: tuple[str, ...] = ()

    @staticmethod
    def made(
        id: str,
        type: str,
        kind: Kind,
        account: str,
        region: str,
        alias: str,
        name: str,
        tags: Mapping[str, str],
        attributes: Mapping[str, JSON],
        relations: tuple[Relation, ...],
        document: Mapping[str, JSON],
        volatile: tuple[str, ...],
    ) -> Resource:
        """The same as `Resource(...)` in a fourth of the time, for who makes a hundred thousand of them."""
        made: Any = _Open(id, type, kind, account, region, alias, name, tags, attributes, relations, document, volatile)
        made.__class__ = Resource
        return made  # type: ignore[no-any-return]  # it is one from now on


class _Open(Resource):
    """A resource while it is made: what is frozen sets each of its fields by a call, as no other way is open to it."""

    __slots__ = ()
    __setattr__ = object.__setattr__
    __delattr__ = object.__delattr__  # both are Python's own, or each attribute is set by a call here as well
    __init__ = vars(make_dataclass("_Open", [each.name for each in fields(Resource)]))["__init__"]
