"""How the demo's network is written down: entries, each of which is one AWS call.

A parameter `@name` stands for the id of the entry of that name, `@name.Member` for a member of AWS's answer to it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Place:
    """One region of one account."""

    account: str
    region: str

    def zone(self, letter: str) -> str:
        return f"{self.region}{letter}"


@dataclass(frozen=True, slots=True)
class Kind:
    """How a kind of thing is created: the call, where in the answer the thing is and which member is its id.

    `tag` is its name in EC2's tag specifications, `tagged_later` where the simulated AWS ignores those. `brings`
    counts what comes into being with one of it, itself among it, by resource type.
    """

    service: str
    operation: str
    item: str
    id: str
    tag: str
    brings: Mapping[str, int]
    tagged_later: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A thing to create, or, without a `kind`, a call that joins things.

    `brings` counts what this one brings beyond what every one of its kind does; `after` names an entry that must
    be there first though no parameter tells.
    """

    place: Place
    kind: str
    parameters: Mapping[str, Any]
    name: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    brings: Mapping[str, int] = field(default_factory=dict)
    after: str = ""


def _ec2(operation: str, item: str, id: str, tag: str, *brings: str, later: bool = False) -> Kind:
    counts = Counter(f"aws.ec2.{name}" for name in (brings or (tag,)))
    return Kind("ec2", operation, item, id, tag, counts, later)


KINDS: Mapping[str, Kind] = {
    "vpc": _ec2(
        "create_vpc",
        "Vpc",
        "VpcId",
        "vpc",
        *("vpc", "route-table", "network-acl", "security-group"),
    ),
    "dhcp-options": _ec2("create_dhcp_options", "DhcpOptions", "DhcpOptionsId", "dhcp-options", later=True),
    "prefix-list": _ec2(
        "create_managed_prefix_list", "PrefixList", "PrefixListId", "prefix-list", "managed-prefix-list"
    ),
    "subnet": _ec2("create_subnet", "Subnet", "SubnetId", "subnet"),
    "route-table": _ec2("create_route_table", "RouteTable", "RouteTableId", "route-table"),
    "internet-gateway": _ec2("create_internet_gateway", "InternetGateway", "InternetGatewayId", "internet-gateway"),
    "egress-only-internet-gateway": _ec2(
        "create_egress_only_internet_gateway",
        "EgressOnlyInternetGateway",
        "EgressOnlyInternetGatewayId",
        "egress-only-internet-gateway",
    ),
    "elastic-ip": _ec2("allocate_address", "", "AllocationId", "elastic-ip"),
    "nat-gateway": _ec2(
        "create_nat_gateway", "NatGateway", "NatGatewayId", "natgateway", "nat-gateway", "network-interface"
    ),
    "network-acl": _ec2("create_network_acl", "NetworkAcl", "NetworkAclId", "network-acl"),
    "security-group": _ec2("create_security_group", "", "GroupId", "security-group"),
    "instance": _ec2("run_instances", "Instances", "InstanceId", "instance", "instance", "network-interface"),
    "peering": _ec2(
        "create_vpc_peering_connection",
        "VpcPeeringConnection",
        "VpcPeeringConnectionId",
        "vpc-peering-connection",
    ),
    "endpoint": _ec2("create_vpc_endpoint", "VpcEndpoint", "VpcEndpointId", "vpc-endpoint"),
    "endpoint-service": _ec2(
        "create_vpc_endpoint_service_configuration", "ServiceConfiguration", "ServiceId", "vpc-endpoint-service"
    ),
    "flow-log": _ec2("create_flow_logs", "FlowLogIds", "", "vpc-flow-log", "flow-log"),
    "customer-gateway": _ec2("create_customer_gateway", "CustomerGateway", "CustomerGatewayId", "customer-gateway"),
    "vpn-gateway": _ec2("create_vpn_gateway", "VpnGateway", "VpnGatewayId", "vpn-gateway"),
    "vpn-connection": _ec2("create_vpn_connection", "VpnConnection", "VpnConnectionId", "vpn-connection"),
    "transit-gateway": _ec2(
        "create_transit_gateway",
        "TransitGateway",
        "TransitGatewayId",
        "transit-gateway",
    ),
    "transit-gateway-route-table": _ec2(
        "create_transit_gateway_route_table",
        "TransitGatewayRouteTable",
        "TransitGatewayRouteTableId",
        "transit-gateway-route-table",
    ),
    "transit-gateway-attachment": _ec2(
        "create_transit_gateway_vpc_attachment",
        "TransitGatewayVpcAttachment",
        "TransitGatewayAttachmentId",
        "transit-gateway-attachment",
        *("transit-gateway-attachment", "transit-gateway-vpc-attachment"),
        later=True,
    ),
    "transit-gateway-peering": _ec2(
        "create_transit_gateway_peering_attachment",
        "TransitGatewayPeeringAttachment",
        "TransitGatewayAttachmentId",
        "transit-gateway-attachment",
        *("transit-gateway-attachment", "transit-gateway-peering-attachment") * 2,  # seen in either region
    ),
    "transit-gateway-vpn-attachment": _ec2(
        "describe_transit_gateway_attachments",
        "TransitGatewayAttachments",
        "TransitGatewayAttachmentId",
        "",
        "transit-gateway-attachment",
        later=True,
    ),
    "load-balancer": Kind(
        "elbv2",
        "create_load_balancer",
        "LoadBalancers",
        "LoadBalancerArn",
        "",
        {"aws.elbv2.load-balancer": 1, "aws.elbv2.load-balancer-attributes": 1},
    ),
    "target-group": Kind(
        "elbv2",
        "create_target_group",
        "TargetGroups",
        "TargetGroupArn",
        "",
        {"aws.elbv2.target-group": 1, "aws.elbv2.target-group-attributes": 1},
    ),
    "listener": Kind(
        "elbv2",
        "create_listener",
        "Listeners",
        "ListenerArn",
        "",
        {"aws.elbv2.listener": 1, "aws.elbv2.listener-rule": 1},
    ),
    "classic-load-balancer": Kind("elb", "create_load_balancer", "", "DNSName", "", {"aws.elb.load-balancer": 1}),
    "certificate": Kind("acm", "request_certificate", "", "CertificateArn", "", {}),
    "resource-share": Kind("ram", "create_resource_share", "resourceShare", "resourceShareArn", "", {}),
}
"""Every kind of thing in the demo's network. Any other `Entry.kind` is a plain call, written `service.operation`."""


def counts(entries: Iterable[Entry]) -> Counter[str]:
    """How many resources of each type the entries bring about, worked out from the description alone."""
    total: Counter[str] = Counter()
    for entry in entries:
        if entry.kind in KINDS:
            total.update(KINDS[entry.kind].brings)
        total.update(entry.brings)
    return total
