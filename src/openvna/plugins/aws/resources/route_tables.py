"""Route tables of VPCs, with their routes in one form whatever the target."""

from typing import Any

from openvna.model import Kind
from openvna.plugins.aws import features
from openvna.plugins.aws.declaration import Link, ResourceType, ec2, flag, records, text, texts
from openvna.plugins.aws.paths import Raw, Records, getter

FEATURE = features.VPC

_TARGETS = (
    ("EgressOnlyInternetGatewayId", "egress-only-internet-gateway"),
    ("NatGatewayId", "nat-gateway"),
    ("TransitGatewayId", "transit-gateway"),
    ("VpcPeeringConnectionId", "vpc-peering-connection"),
    ("NetworkInterfaceId", "network-interface"),
    ("InstanceId", "instance"),
    ("LocalGatewayId", "local-gateway"),
    ("CarrierGatewayId", "carrier-gateway"),
    ("CoreNetworkArn", "core-network"),
    ("OdbNetworkArn", "odb-network"),
    ("IpAddress", "ip-address"),
)
_GATEWAYS = {"igw": "internet-gateway", "vgw": "vpn-gateway", "vpce": "vpc-endpoint", "local": "local"}
_DESTINATIONS = (
    ("DestinationCidrBlock", "ipv4"),
    ("DestinationIpv6CidrBlock", "ipv6"),
    ("DestinationPrefixListId", "prefix-list"),
)
_ORIGINS = {
    "CreateRouteTable": "default",
    "CreateRoute": "static",
    "EnableVgwRoutePropagation": "propagated",
    "Advertisement": "advertised",
}


def routes(raw: Raw) -> Records:
    """Each route: destination, destination_type (ipv4, ipv6, prefix-list), target, target_type, state (active,
    blackhole, filtered), origin (default: of the VPC itself; static; propagated; advertised)."""
    found: Records = [_route(route) for route in getter("Routes[]")(raw)]
    return sorted(found, key=lambda route: (route["destination_type"], route["destination"], route["target"] or ""))


def _route(route: Raw) -> dict[str, Any]:
    destination, family = next(
        ((route[member], family) for member, family in _DESTINATIONS if route.get(member)), ("", "unknown")
    )
    target, target_type = _target(route)
    origin = route.get("Origin")
    return {
        "destination": destination,
        "destination_type": family,
        "target": target,
        "target_type": target_type,
        "state": route.get("State"),
        "origin": _ORIGINS.get(origin, origin) if origin else None,
    }


def _target(route: Raw) -> tuple[str | None, str]:
    """The target and its type. `GatewayId` holds four kinds of target; a route to an instance names its
    interface too, and the interface is what the packet goes to."""
    gateway = route.get("GatewayId")
    if gateway:
        return gateway, _GATEWAYS.get(gateway.split("-")[0], "gateway")
    for member, kind in _TARGETS:
        if route.get(member):
            return route[member], kind
    return None, "unknown"


def _reached(raw: Raw) -> list[str]:
    return [target for route in getter("Routes[]")(raw) if (target := _target(route)[0]) and target != "local"]


route_table = ResourceType(
    "aws.ec2.route-table",
    Kind.ROUTE_TABLE,
    "Route table",
    "The routes that subnets, or a gateway, of a VPC follow.",
    call=ec2("DescribeRouteTables", "RouteTables[]", page=100),
    needs="aws.ec2.vpc",
    id="route-table/{RouteTableId}",
    alias="RouteTableId",
    fields=(
        text("vpc", "VpcId", "The VPC that it belongs to."),
        flag("main", lambda raw: any(getter("Associations[].Main")(raw)), "Whether subnets without another use it."),
        texts("subnets", "Associations[].SubnetId", "Subnets that are associated explicitly."),
        texts("gateways", "Associations[].GatewayId", "Gateways whose incoming traffic follows it."),
        texts("propagating_gateways", "PropagatingVgws[].GatewayId", "VPN gateways that may add routes."),
        records(
            "routes",
            routes,
            "Routes: destination, destination_type (ipv4, ipv6, prefix-list), target, target_type, state, origin.",
        ),
    ),
    columns=("vpc", "main", "subnets"),
    relations=(
        Link("in-network", "VpcId"),
        Link("associated-with", "Associations[].SubnetId"),
        Link("associated-with", "Associations[].GatewayId"),
        Link("propagated-by", "PropagatingVgws[].GatewayId"),
        Link("routes-to", _reached),
        Link("refers-to", "Routes[].DestinationPrefixListId"),
    ),
    given={},
)
