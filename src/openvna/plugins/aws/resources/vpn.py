"""Site-to-site VPN: the gateways of both sides, and the connections between them with their tunnels."""

from typing import Any

from openvna.model import Kind
from openvna.plugin import Feature
from openvna.plugins.aws.declaration import Link, ResourceType, ec2, flag, number, records, text, texts
from openvna.plugins.aws.paths import Raw, Records, getter, utc

FEATURE = Feature("vpn", "VPN", "Site-to-site VPN connections with their gateways on both ends.", optional=True)

vpn_gateway = ResourceType(
    "aws.ec2.vpn-gateway",
    Kind.GATEWAY,
    "VPN gateway",
    "The VPC's side of VPN connections and Direct Connect (virtual private gateway).",
    call=ec2("DescribeVpnGateways", "VpnGateways[]", page=0),
    id="vpn-gateway/{VpnGatewayId}",
    alias="VpnGatewayId",
    fields=(
        text("state", "State", "pending, available, deleting or deleted."),
        number("asn", "AmazonSideAsn", "Its BGP autonomous system number."),
        texts("vpcs", lambda raw: _attached(raw), "The VPC that it is attached to."),
        texts("attachment_states", "VpcAttachments[].State", "attaching, attached, detaching or detached."),
    ),
    columns=("state", "vpcs", "asn"),
    relations=(Link("attached-to", lambda raw: _attached(raw)),),
)

customer_gateway = ResourceType(
    "aws.ec2.customer-gateway",
    Kind.GATEWAY,
    "Customer gateway",
    "The device on our side of a VPN connection, as AWS knows it.",
    call=ec2("DescribeCustomerGateways", "CustomerGateways[]", page=0),
    id="customer-gateway/{CustomerGatewayId}",
    alias="CustomerGatewayId",
    name="DeviceName",
    fields=(
        text("ip", "IpAddress", "Its outside address."),
        text("asn", "BgpAsn|BgpAsnExtended", "Its BGP autonomous system number."),
        text("device", "DeviceName", "Its name."),
        text("state", "State", "pending, available, deleting or deleted."),
        text("certificate", "CertificateArn", "The certificate that it proves itself with."),
    ),
    columns=("ip", "asn", "device", "state"),
)

vpn_connection = ResourceType(
    "aws.ec2.vpn-connection",
    Kind.TUNNEL,
    "VPN connection",
    "A site-to-site VPN and its tunnels. Pre-shared keys and the device configuration that holds them are not kept.",
    call=ec2("DescribeVpnConnections", "VpnConnections[]", page=0),
    needs="aws.ec2.customer-gateway",
    id="vpn-connection/{VpnConnectionId}",
    alias="VpnConnectionId",
    drops=("CustomerGatewayConfiguration", "PreSharedKey"),
    fields=(
        text("state", "State", "pending, available, deleting or deleted."),
        text("customer_gateway", "CustomerGatewayId", "The other side."),
        text("vpn_gateway", "VpnGatewayId", "Our side, if it ends at a VPC."),
        text("transit_gateway", "TransitGatewayId", "Our side, if it ends at a transit gateway."),
        flag("static_routes_only", "Options.StaticRoutesOnly", "Whether there is no BGP."),
        texts("static_routes", "Routes[].DestinationCidrBlock", "Blocks behind the other side, without BGP."),
        text("local_cidr", "Options.LocalIpv4NetworkCidr", "What the other side may speak for (phase 2)."),
        text("remote_cidr", "Options.RemoteIpv4NetworkCidr", "What AWS may speak for (phase 2)."),
        number("tunnels_up", lambda raw: _up(raw), "How many of the tunnels are up."),
        records(
            "tunnels",
            lambda raw: _tunnels(raw),
            "Tunnels: outside_ip, inside_cidr, status (UP, DOWN), message, accepted_routes, changed, ike_versions.",
        ),
    ),
    columns=("state", "customer_gateway", "vpn_gateway", "transit_gateway", "tunnels_up"),
    relations=(
        Link("connects", "CustomerGatewayId"),
        Link("attached-to", "VpnGatewayId"),
        Link("attached-to", "TransitGatewayId"),
    ),
)


def _attached(raw: Raw) -> list[Any]:
    return [item.get("VpcId") for item in getter("VpcAttachments[]")(raw) if item.get("State") != "detached"]


def _up(raw: Raw) -> int:
    return sum(tunnel.get("Status") == "UP" for tunnel in getter("VgwTelemetry[]")(raw))


def _tunnels(raw: Raw) -> Records:
    """Telemetry and options of each tunnel, joined by the outside address, which is what both have."""
    options = {each.get("OutsideIpAddress"): each for each in getter("Options.TunnelOptions[]")(raw)}
    telemetry = {each.get("OutsideIpAddress"): each for each in getter("VgwTelemetry[]")(raw)}
    tunnels: Records = []
    for outside in sorted({*options, *telemetry} - {None}):
        option, seen = options.get(outside, {}), telemetry.get(outside, {})
        tunnels.append(
            {
                "outside_ip": outside,
                "inside_cidr": option.get("TunnelInsideCidr"),
                "inside_ipv6_cidr": option.get("TunnelInsideIpv6Cidr"),
                "status": seen.get("Status"),
                "message": seen.get("StatusMessage"),
                "accepted_routes": seen.get("AcceptedRouteCount"),
                "changed": utc(seen.get("LastStatusChange")),
                "ike_versions": sorted(getter("IkeVersions[].Value")(option)),
            }
        )
    return tunnels
