"""VPC Lattice: listeners with their rules, target groups with their targets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from openvna.model import Kind, Resource
from openvna.plugins.aws.declaration import Detail, Each, Link, ResourceType, flag, number, records, text, texts, time
from openvna.plugins.aws.paths import Raw, Records, getter
from openvna.plugins.aws.resources import vpc_lattice
from openvna.plugins.aws.resources.vpc_lattice import call

FEATURE = vpc_lattice.FEATURE

_S, _MOVES = "vpc-lattice", ("lastUpdatedAt",)

listener = ResourceType(
    "aws.vpc-lattice.listener",
    Kind.LISTENER,
    "Lattice listener",
    "A port of a service, and what it does with what no rule takes.",
    call=call("ListListeners", per=Each("aws.vpc-lattice.service", "serviceIdentifier")),
    details=(Detail(_S, "GetListener", {"serviceIdentifier": "@asked.serviceIdentifier", "listenerIdentifier": "id"}),),
    id="{arn}",
    alias="id",
    name="name",
    drops=_MOVES,
    fields=(
        text("service", "@parent.id", "The service."),
        text("protocol", "protocol", "HTTP, HTTPS or TLS_PASSTHROUGH."),
        number("port", "port", "The port."),
        records("target_groups", lambda raw: _weights(raw, "defaultAction"), "Target groups: target_group, weight."),
        number("status", "defaultAction.fixedResponse.statusCode", "The status that it answers by itself."),
        time("created", "createdAt", "When it was created."),
    ),
    columns=("service", "protocol", "port"),
    relations=(
        Link("part-of", "@parent.id"),
        Link("forwards-to", "defaultAction.forward.targetGroups[].targetGroupIdentifier"),
    ),
)


def _rules_of(listener: Resource) -> Iterator[dict[str, Any]]:
    yield {"serviceIdentifier": listener.attributes.get("service"), "listenerIdentifier": listener.id}


rule = ResourceType(
    "aws.vpc-lattice.rule",
    Kind.LISTENER,
    "Lattice rule",
    "A condition of a listener, and what is done with requests that meet it.",
    call=call("ListRules", per=Each("aws.vpc-lattice.listener", requests=_rules_of)),
    details=(
        Detail(
            _S,
            "GetRule",
            {
                "serviceIdentifier": "@asked.serviceIdentifier",
                "listenerIdentifier": "@asked.listenerIdentifier",
                "ruleIdentifier": "id",
            },
        ),
    ),
    id="{arn}",
    alias="id",
    name="name",
    drops=_MOVES,
    fields=(
        text("listener", "@parent.id", "The listener."),
        number("priority", "priority", "1 is tried first."),
        flag("is_default", "isDefault", "Whether it takes what no other rule takes."),
        text("method", "match.httpMatch.method", "The method that requests must have."),
        text("path", "match.httpMatch.pathMatch.match.exact", "The path that they must have."),
        text("path_prefix", "match.httpMatch.pathMatch.match.prefix", "How it must begin."),
        texts("headers", "match.httpMatch.headerMatches[].name", "Headers that are looked at."),
        records("target_groups", lambda raw: _weights(raw, "action"), "Target groups: target_group, weight."),
        number("status", "action.fixedResponse.statusCode", "The status that it answers by itself."),
    ),
    columns=("listener", "priority", "path_prefix"),
    relations=(
        Link("part-of", "@parent.id"),
        Link("forwards-to", "action.forward.targetGroups[].targetGroupIdentifier"),
    ),
)

target_group = ResourceType(
    "aws.vpc-lattice.target-group",
    Kind.TARGET_GROUP,
    "Lattice target group",
    "The targets that rules forward to, and how their health is checked.",
    call=call("ListTargetGroups"),
    details=(Detail(_S, "GetTargetGroup", {"targetGroupIdentifier": "id"}),),
    id="{arn}",
    alias="id",
    name="name",
    drops=_MOVES,
    fields=(
        text("state", "status", "ACTIVE, CREATE_IN_PROGRESS, DELETE_IN_PROGRESS, CREATE_FAILED or DELETE_FAILED."),
        text("target_type", "type", "IP, LAMBDA, INSTANCE or ALB."),
        text("vpc", "vpcIdentifier", "The VPC of its targets."),
        text("protocol", "protocol", "HTTP, HTTPS or TCP."),
        text("protocol_version", "config.protocolVersion", "HTTP1, HTTP2 or GRPC."),
        number("port", "port", "The port of targets that name none."),
        text("ip_address_type", "ipAddressType", "IPV4 or IPV6."),
        flag("health_checked", "config.healthCheck.enabled", "Whether targets are checked."),
        text("health_path", "config.healthCheck.path", "The path that is asked for."),
        number("health_interval", "config.healthCheck.healthCheckIntervalSeconds", "Seconds between checks."),
        texts("services", "serviceArns[]", "Services that use it."),
        text("failure", "failureMessage", "Why it failed."),
    ),
    columns=("state", "target_type", "protocol", "port", "vpc"),
    relations=(Link("in-network", "vpcIdentifier"), Link("used-by", "serviceArns[]")),
)

target = ResourceType(
    "aws.vpc-lattice.target",
    Kind.TARGET,
    "Lattice target",
    "One target of a target group and its health. Its id is the group's ARN with `/target/ID:PORT`.",
    call=call("ListTargets", per=Each("aws.vpc-lattice.target-group", "targetGroupIdentifier")),
    id=lambda raw: _id(raw),
    name="id",
    fields=(
        text("target", "id", "An instance, an address, a function or a load balancer."),
        number("port", "port", "The port that it serves at."),
        text("health", "status", "INITIAL, HEALTHY, UNHEALTHY, UNUSED, DRAINING or UNAVAILABLE."),
        text("reason", "reasonCode", "AWS's code for why it is not healthy."),
        text("target_group", "@parent.id", "The target group."),
    ),
    columns=("target", "port", "health", "reason"),
    relations=(Link("part-of", "@parent.id"), Link("targets", lambda raw: _known(raw))),
)


def _weights(raw: Raw, member: str) -> Records:
    found: Records = [
        {"target_group": each.get("targetGroupIdentifier"), "weight": each.get("weight")}
        for each in getter(f"{member}.forward.targetGroups[]")(raw)
    ]
    return sorted(found, key=lambda each: str(each["target_group"]))


def _id(raw: Raw) -> str:
    """A function has no port."""
    port = raw.get("port")
    return f"{raw['@parent']['id']}/target/{raw['id']}" + (f":{port}" if port else "")


def _known(raw: Raw) -> list[str]:
    """The target where it has an id: an address is not one."""
    found = str(raw.get("id") or "")
    return [found] if found.startswith(("i-", "arn:")) else []
