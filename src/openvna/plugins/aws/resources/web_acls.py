"""AWS WAF and Shield: web ACLs with what they guard and where they log, sets of addresses, protections."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from openvna.model import Kind, Resource
from openvna.plugin import Feature
from openvna.plugins.aws.declaration import (
    Call,
    Detail,
    Each,
    Link,
    ResourceType,
    flag,
    number,
    records,
    text,
    texts,
    time,
)
from openvna.plugins.aws.paging import Paging
from openvna.plugins.aws.paths import Raw, Records, getter

FEATURE = Feature(
    "web-acls",
    "WAF and Shield",
    "Web ACLs with what they guard, sets of addresses, and what Shield Advanced protects.",
    optional=True,
)

_S, _HOME = "wafv2", "us-east-1"
_PAGES = Paging("Limit", ("NextMarker",), ("NextMarker",))
_CLOUDFRONT = "CLOUDFRONT"
_SECRETS = ("SearchString", "InsertHeaders")
"""What a rule looks for, and the headers that it adds: where a distribution proves itself to a load balancer, a
password is in both."""
_GUARDED = (
    "APPLICATION_LOAD_BALANCER",
    "API_GATEWAY",
    "APPSYNC",
    "COGNITO_USER_POOL",
    "APP_RUNNER_SERVICE",
    "VERIFIED_ACCESS_INSTANCE",
)


def _at_the_edge(account: Resource) -> list[dict[str, Any]]:
    """CloudFront's own are in one region, and only where there is CloudFront: in the partition `aws`."""
    return [{"Scope": _CLOUDFRONT}] if account.id.startswith("arn:aws:") else []


def _list(operation: str, items: str, edge: bool = False) -> Call:
    if edge:
        per = Each("aws.account", requests=_at_the_edge)
        return Call(_S, operation, items, 100, per=per, region=_HOME, pages=_PAGES)
    return Call(_S, operation, items, 100, by="Scope", values=("REGIONAL",), pages=_PAGES)


def _get(operation: str, answer: str, edge: bool = False) -> Detail:
    fixed = {"Scope": _CLOUDFRONT if edge else "REGIONAL"}
    return Detail(_S, operation, {"Name": "Name", "Id": "Id"}, answer, region=_HOME if edge else "", fixed=fixed)


web_acl = ResourceType(
    "aws.wafv2.web-acl",
    Kind.ACCESS_LIST,
    "Web ACL",
    "Judges the requests to load balancers, APIs and the like of a region.",
    call=_list("ListWebACLs", "WebACLs[]"),
    details=(_get("GetWebACL", "WebACL"),),
    id="{ARN}",
    alias="Id",
    name="Name",
    drops=("LockToken", *_SECRETS),
    fields=(
        text("default", lambda raw: _action(raw.get("DefaultAction")), "Allow or Block: what else happens."),
        records("rules", lambda raw: _rules(raw), "Rules in order: priority, name, action, looks_at."),
        number("capacity", "Capacity", "Capacity units that it takes."),
        flag("managed", "ManagedByFirewallManager", "Whether Firewall Manager keeps it."),
        texts("uses", lambda raw: _used(raw), "Sets and rule groups that its rules name."),
        text("description", "Description", "What its owner said of it."),
    ),
    columns=("default", "capacity", "managed", "description"),
    relations=(Link("refers-to", lambda raw: _used(raw)),),
)

edge_web_acl = ResourceType(
    "aws.wafv2.cloudfront-web-acl",
    Kind.ACCESS_LIST,
    "Web ACL of CloudFront",
    "Judges the requests to distributions.",
    call=_list("ListWebACLs", "WebACLs[]", edge=True),
    details=(_get("GetWebACL", "WebACL", edge=True),),
    id="{ARN}",
    once=True,
    alias="Id",
    name="Name",
    region="@none",
    drops=web_acl.drops,
    fields=web_acl.fields,
    columns=web_acl.columns,
    relations=web_acl.relations,
)


def _of_each_kind(acl: Resource) -> Iterator[dict[str, Any]]:
    """AWS tells one kind of resource at a time."""
    for kind in _GUARDED:
        yield {"WebACLArn": acl.id, "ResourceType": kind}


association = ResourceType(
    "aws.wafv2.web-acl-association",
    Kind.ATTACHMENT,
    "Web ACL association",
    "What a web ACL guards. Its id is the web ACL's with `/association/ARN`.",
    call=Call(
        _S,
        "ListResourcesForWebACL",
        "ResourceArns[]",
        per=Each("aws.wafv2.web-acl", requests=_of_each_kind),
        of_texts=True,
    ),
    id="{@parent.id}/association/{@item}",
    fields=(
        text("web_acl", "@parent.id", "The web ACL."),
        text("resource", "@item", "What it guards."),
        text("resource_type", "@asked.ResourceType", "APPLICATION_LOAD_BALANCER, API_GATEWAY, ..."),
    ),
    columns=("web_acl", "resource_type", "resource"),
    relations=(Link("part-of", "@parent.id"), Link("associated-with", "@item")),
)

logging = ResourceType(
    "aws.wafv2.logging",
    Kind.FLOW_LOG,
    "Web ACL log",
    "Where requests that a web ACL judged are written down. Its id is the web ACL's with `/logging`.",
    call=Call(_S, "GetLoggingConfiguration", "LoggingConfiguration", per=Each("aws.wafv2.web-acl", "ResourceArn")),
    id="{@parent.id}/logging",
    fields=(
        text("web_acl", "@parent.id", "The web ACL."),
        texts("destinations", "LogDestinationConfigs[]", "A bucket, a log group or a delivery stream."),
        text("filter_default", "LoggingFilter.DefaultBehavior", "KEEP or DROP: what happens to what no filter names."),
        flag("managed", "ManagedByFirewallManager", "Whether Firewall Manager keeps it."),
    ),
    columns=("web_acl", "destinations"),
    relations=(Link("part-of", "@parent.id"), Link("sends-to", "LogDestinationConfigs[]")),
)

edge_logging = ResourceType(
    "aws.wafv2.cloudfront-logging",
    Kind.FLOW_LOG,
    "Web ACL log of CloudFront",
    "Where requests that a web ACL of CloudFront judged are written down. Its id is the web ACL's with `/logging`.",
    call=Call(
        _S,
        "GetLoggingConfiguration",
        "LoggingConfiguration",
        per=Each("aws.wafv2.cloudfront-web-acl", "ResourceArn"),
        region=_HOME,
    ),
    id="{@parent.id}/logging",
    once=True,
    region="@none",
    fields=logging.fields,
    columns=logging.columns,
    relations=logging.relations,
)

ip_set = ResourceType(
    "aws.wafv2.ip-set",
    Kind.PREFIX_LIST,
    "IP set",
    "Addresses that rules of web ACLs name.",
    call=_list("ListIPSets", "IPSets[]"),
    details=(_get("GetIPSet", "IPSet"),),
    id="{ARN}",
    alias="Id",
    name="Name",
    drops=("LockToken",),
    fields=(
        text("version", "IPAddressVersion", "IPV4 or IPV6."),
        texts("addresses", "Addresses[]", "The addresses, as CIDR blocks."),
        text("description", "Description", "What its owner said of it."),
    ),
    columns=("version", "addresses", "description"),
)

edge_ip_set = ResourceType(
    "aws.wafv2.cloudfront-ip-set",
    Kind.PREFIX_LIST,
    "IP set of CloudFront",
    "Addresses that rules of CloudFront's web ACLs name.",
    call=_list("ListIPSets", "IPSets[]", edge=True),
    details=(_get("GetIPSet", "IPSet", edge=True),),
    id="{ARN}",
    once=True,
    alias="Id",
    name="Name",
    region="@none",
    drops=ip_set.drops,
    fields=ip_set.fields,
    columns=ip_set.columns,
)

shield_subscription = ResourceType(
    "aws.shield.subscription",
    Kind.POLICY,
    "Shield Advanced",
    "The account's subscription to Shield Advanced. Its id is the account's with `/shield`.",
    call=Call("shield", "DescribeSubscription", "Subscription", region=_HOME, absent=True),
    id=lambda raw: f"arn:{raw['@scope']['partition']}:account::{raw['@scope']['account']}:account/shield",
    once=True,
    region="@none",
    drops=("SubscriptionLimits", "Limits"),
    fields=(
        text("renewal", "AutoRenew", "ENABLED or DISABLED."),
        text("engagement", "ProactiveEngagementStatus", "ENABLED, DISABLED or PENDING: whether AWS calls."),
        time("start", "StartTime", "Since when."),
        time("end", "EndTime", "Until when."),
    ),
    columns=("renewal", "engagement", "end"),
)

shield_protection = ResourceType(
    "aws.shield.protection",
    Kind.POLICY,
    "Shield protection",
    "A resource that Shield Advanced protects from floods.",
    call=Call("shield", "ListProtections", "Protections[]", 1000, region=_HOME, absent=True),
    id="{ProtectionArn}",
    once=True,
    alias="Id",
    name="Name",
    region="@none",
    fields=(
        text("resource", "ResourceArn", "What is protected."),
        texts("health_checks", "HealthCheckIds[]", "Health checks that say how it is."),
        text("automatic", "ApplicationLayerAutomaticResponseConfiguration.Status", "ENABLED or DISABLED."),
    ),
    columns=("resource", "automatic"),
    relations=(Link("associated-with", "ResourceArn"), Link("uses", "HealthCheckIds[]")),
)


def _action(found: Any) -> str | None:
    """Block, Allow, Count, ...: the one member that says what is done."""
    return next(iter(found), None) if isinstance(found, dict) else None


def _rules(raw: Raw) -> Records:
    found: Records = [
        {
            "priority": rule.get("Priority"),
            "name": rule.get("Name"),
            "action": _action(rule.get("Action")) or f"as its group says, or {_action(rule.get('OverrideAction'))}",
            "looks_at": _action(rule.get("Statement")),
        }
        for rule in getter("Rules[]")(raw)
    ]
    return sorted(found, key=lambda rule: (rule["priority"] or 0, rule["name"] or ""))


def _used(raw: Raw) -> list[str]:
    """The ARNs in the statements of rules, at whatever depth."""
    return sorted(set(_arns(getter("Rules[].Statement")(raw))))


def _arns(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, member in value.items():
            if name == "ARN" and isinstance(member, str):
                yield member
            else:
                yield from _arns(member)
    elif isinstance(value, list):
        for each in value:
            yield from _arns(each)
