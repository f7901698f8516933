"""The account Network: the hubs, the shared services, the transit gateways and the ways to the sites."""

from __future__ import annotations

from collections.abc import Iterator

from openvna.demo import patterns as p
from openvna.demo.entries import Entry
from openvna.demo.places import CENTRAL, HUB, HUB_CENTRAL, HUB_WEST, NETWORK_ACCOUNT, SHARED, WEST, WORKLOADS_ACCOUNT

SITES = ("10.200.0.0/16", "10.201.0.0/16", "192.168.100.0/24")
"""Headquarters, plant, and the old office network."""

_TO_ALL = ("10.0.0.0/8", "TransitGatewayId", "@tgw-central")

HUB_TIERS = (
    p.Tier(
        "public",
        ("10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24"),
        (
            (p.ANYWHERE, "GatewayId", "@hub-igw"),
            _TO_ALL,
            ("10.64.0.0/16", "VpcPeeringConnectionId", "@hub-to-hub-west"),
        ),
        public=True,
    ),
    p.Tier("transit-a", ("10.0.16.0/28",), ((p.ANYWHERE, "NatGatewayId", "@hub-nat-a"), _TO_ALL)),
    p.Tier("transit-b", ("", "10.0.16.16/28"), ((p.ANYWHERE, "NatGatewayId", "@hub-nat-b"), _TO_ALL)),
    p.Tier("inspection", ("10.0.32.0/24", "10.0.33.0/24"), (_TO_ALL,)),
)

SHARED_TIERS = (
    p.Tier(
        "private",
        ("10.1.0.0/20", "10.1.16.0/20"),
        (
            (p.ANYWHERE, "TransitGatewayId", "@tgw-central"),
            ("10.74.0.0/16", "VpcPeeringConnectionId", "@shared-to-shop-dr"),
        ),
    ),
    p.Tier("transit", ("10.1.240.0/28", "10.1.240.16/28")),
)

WEST_TIERS = (
    p.Tier(
        "public",
        ("10.64.0.0/24", "10.64.1.0/24"),
        ((p.ANYWHERE, "GatewayId", "@hub-west-igw"), ("10.0.0.0/16", "VpcPeeringConnectionId", "@hub-to-hub-west")),
        public=True,
    ),
    p.Tier(
        "private",
        ("10.64.16.0/24", "10.64.17.0/24"),
        (
            (p.ANYWHERE, "NatGatewayId", "@hub-west-nat"),
            ("10.201.0.0/16", "GatewayId", "@hub-west-vgw"),
            ("10.0.0.0/16", "VpcPeeringConnectionId", "@hub-to-hub-west"),
            ("10.74.0.0/16", "TransitGatewayId", "@tgw-west"),
        ),
    ),
)


def transit_gateway(place_asn: int, name: str) -> dict[str, object]:
    return {
        "Description": f"{name}: routes between the VPCs and the sites",
        "Options": {
            "AmazonSideAsn": place_asn,
            "AutoAcceptSharedAttachments": "enable",
            "DefaultRouteTableAssociation": "disable",
            "DefaultRouteTablePropagation": "disable",
        },
    }


def central() -> Iterator[Entry]:
    """The central region."""
    here = HUB_CENTRAL
    yield Entry(here, "transit-gateway", transit_gateway(64512, "tgw-central"), "tgw-central", HUB)
    yield from _share("tgw-central")
    for table in ("tgw-spokes", "tgw-core"):
        yield Entry(here, "transit-gateway-route-table", {"TransitGatewayId": "@tgw-central"}, table, HUB)
    sites = dict(zip(SITES, ("headquarters", "plant", "old office"), strict=True))
    yield from p.prefix_list(here, "company-sites", sites, HUB)
    yield from p.vpc(here, "hub", "10.0.0.0/16", HUB, HUB_TIERS)
    yield from p.internet_gateway(here, "hub", HUB)
    yield from p.nat_gateway(here, "hub-nat-a", "hub-public-a", HUB)
    yield from p.nat_gateway(here, "hub-nat-b", "hub-public-b", HUB)
    yield from p.vpc(here, "shared-services", "10.1.0.0/16", SHARED, SHARED_TIERS)
    yield from _shared_services()
    yield from _inspection()
    yield from _attach("hub", ("hub-transit-a", "hub-transit-b"))
    yield from _attach("shared-services", ("shared-services-transit-a", "shared-services-transit-b"))
    yield from _headquarters()
    yield Entry(
        here,
        "peering",
        {"VpcId": "@hub", "PeerVpcId": "@hub-west", "PeerRegion": WEST},
        "hub-to-hub-west",
        HUB,
    )
    yield Entry(
        here,
        "peering",
        {
            "VpcId": "@shared-services",
            "PeerVpcId": "@shop-dr",
            "PeerOwnerId": WORKLOADS_ACCOUNT,
            "PeerRegion": WEST,
        },
        "shared-to-shop-dr",
        SHARED,
    )
    yield from p.routes(here, "hub", HUB_TIERS)
    yield from p.routes(here, "shared-services", SHARED_TIERS)
    yield from p.flow_log(here, "hub", "hub-rejects", "REJECT", HUB)
    yield Entry(
        here,
        "transit-gateway-peering",
        {
            "TransitGatewayId": "@tgw-central",
            "PeerTransitGatewayId": "@tgw-west",
            "PeerAccountId": NETWORK_ACCOUNT,
            "PeerRegion": WEST,
        },
        "tgw-central-to-west",
        HUB,
    )
    yield from _transit_routing()


def _share(gateway: str) -> Iterator[Entry]:
    """Share a transit gateway with the account Workloads, as AWS Resource Access Manager does."""
    place = HUB_CENTRAL if gateway == "tgw-central" else HUB_WEST
    yield Entry(
        place,
        "resource-share",
        {
            "name": f"{gateway}-share",
            "resourceArns": [f"@{gateway}.TransitGatewayArn"],
            "principals": [WORKLOADS_ACCOUNT],
        },
        f"{gateway}-share",
    )


def _attach(vpc: str, subnets: tuple[str, ...]) -> Iterator[Entry]:
    yield Entry(
        HUB_CENTRAL,
        "transit-gateway-attachment",
        {"TransitGatewayId": "@tgw-central", "VpcId": f"@{vpc}", "SubnetIds": [f"@{subnet}" for subnet in subnets]},
        f"{vpc}-attachment",
        HUB,
    )


def _shared_services() -> Iterator[Entry]:
    """Name service, endpoints of AWS services for everybody, and a service offered over PrivateLink."""
    here, vpc = HUB_CENTRAL, "shared-services"
    private = ("shared-services-private-a", "shared-services-private-b")
    yield Entry(
        here,
        "dhcp-options",
        {
            "DhcpConfigurations": [
                {"Key": "domain-name", "Values": ["corp.example.com"]},
                {"Key": "domain-name-servers", "Values": ["10.1.0.10", "10.1.16.10"]},
                {"Key": "ntp-servers", "Values": ["169.254.169.123"]},
            ]
        },
        "corporate-dns",
        SHARED,
    )
    yield Entry(here, "ec2.associate_dhcp_options", {"DhcpOptionsId": "@corporate-dns", "VpcId": f"@{vpc}"})
    yield from p.security_group(
        here,
        vpc,
        "sg-endpoints",
        "HTTPS to the interface endpoints",
        (("tcp", 443, 443, "10.0.0.0/8"), ("tcp", 443, 443, "@pl-company-sites")),
        SHARED,
    )
    yield from p.security_group(
        here,
        vpc,
        "sg-dns",
        "Name service for the VPCs and the sites",
        (("udp", 53, 53, "10.0.0.0/8"), ("tcp", 53, 53, "10.0.0.0/8"), ("udp", 53, 53, "@pl-company-sites")),
        SHARED,
    )
    for service in ("ssm", "ec2", "logs"):
        yield from p.interface_endpoint(
            here, vpc, f"{service}-endpoint", f"com.amazonaws.{CENTRAL}.{service}", private, ("sg-endpoints",), SHARED
        )
    yield from p.gateway_endpoint(
        here, vpc, "shared-s3-endpoint", f"com.amazonaws.{CENTRAL}.s3", ("shared-services-private-rt",), SHARED
    )
    for number, subnet in enumerate(private, 1):
        yield from p.instance(here, f"dns-{number}", subnet, ("sg-dns",), "t3.small", SHARED)
    yield from p.load_balancer(here, "dns-internal", "network", "internal", private, SHARED)
    yield from p.target_group(here, vpc, "dns-servers", "TCP_UDP", 53, ("dns-1", "dns-2"), SHARED)
    yield from p.listener(here, "dns-internal", "TCP_UDP", 53, "dns-servers")
    yield Entry(
        here,
        "endpoint-service",
        {"NetworkLoadBalancerArns": ["@dns-internal"], "AcceptanceRequired": False},
        "dns-service",
        SHARED,
    )


def _inspection() -> Iterator[Entry]:
    """Firewalls behind a gateway load balancer."""
    here, subnets = HUB_CENTRAL, ("hub-inspection-a", "hub-inspection-b")
    yield from p.security_group(
        here, "hub", "sg-firewall", "GENEVE from the gateway load balancer", (("udp", 6081, 6081, "10.0.32.0/23"),), HUB
    )
    for number, subnet in enumerate(subnets, 1):
        yield from p.instance(here, f"firewall-{number}", subnet, ("sg-firewall",), "c6i.large", HUB)
    yield from p.load_balancer(here, "inspection", "gateway", "internal", subnets, HUB)
    yield from p.target_group(here, "hub", "firewalls", "GENEVE", 6081, ("firewall-1", "firewall-2"), HUB)
    yield from p.listener(here, "inspection", "GENEVE", 6081, "firewalls")


def _headquarters() -> Iterator[Entry]:
    """The VPN to headquarters, on the transit gateway, routed by BGP."""
    here = HUB_CENTRAL
    yield Entry(
        here,
        "customer-gateway",
        {"Type": "ipsec.1", "PublicIp": "203.0.113.10", "BgpAsn": 65010},
        "headquarters-router",
        HUB,
    )
    yield Entry(
        here,
        "vpn-connection",
        {"Type": "ipsec.1", "CustomerGatewayId": "@headquarters-router", "TransitGatewayId": "@tgw-central"},
        "vpn-headquarters",
        HUB,
    )
    yield Entry(
        here,
        "transit-gateway-vpn-attachment",
        {"Filters": [{"Name": "resource-id", "Values": ["@vpn-headquarters"]}]},
        "vpn-headquarters-attachment",
        HUB,
    )


def _transit_routing() -> Iterator[Entry]:
    """Spokes see the core and nothing of each other; the core sees everybody."""
    here = HUB_CENTRAL
    core = ("hub-attachment", "shared-services-attachment", "vpn-headquarters-attachment", "tgw-central-to-west")
    spokes = ("shop-prod-attachment", "shop-dev-attachment")
    for table, attachments in (("tgw-core", core), ("tgw-spokes", spokes)):
        for attachment in attachments:
            yield Entry(
                here,
                "ec2.associate_transit_gateway_route_table",
                {"TransitGatewayRouteTableId": f"@{table}", "TransitGatewayAttachmentId": f"@{attachment}"},
                brings={"aws.ec2.transit-gateway-route-table-association": 1},
            )
    learned: dict[str, tuple[str, ...]] = {
        "tgw-core": (*core[:2], *spokes),
        "tgw-spokes": ("shared-services-attachment",),
    }
    for table, sources in learned.items():
        for attachment in sources:
            yield Entry(
                here,
                "ec2.enable_transit_gateway_route_table_propagation",
                {"TransitGatewayRouteTableId": f"@{table}", "TransitGatewayAttachmentId": f"@{attachment}"},
                brings={
                    "aws.ec2.transit-gateway-route-table-propagation": 1,
                    "aws.ec2.transit-gateway-route": 1,
                },
            )
    static: tuple[tuple[str, str, str], ...] = (
        ("tgw-spokes", p.ANYWHERE, "hub-attachment"),
        ("tgw-spokes", SITES[0], "vpn-headquarters-attachment"),
        ("tgw-spokes", "10.10.0.0/16", ""),
        ("tgw-spokes", "10.20.0.0/16", ""),
        ("tgw-core", SITES[0], "vpn-headquarters-attachment"),
        ("tgw-core", SITES[2], "vpn-headquarters-attachment"),
        ("tgw-core", "10.74.0.0/16", "tgw-central-to-west"),
        ("tgw-core", "192.0.2.0/24", ""),
    )
    for table, destination, attachment in static:
        target = {"TransitGatewayAttachmentId": f"@{attachment}"} if attachment else {"Blackhole": True}
        yield Entry(
            here,
            "ec2.create_transit_gateway_route",
            {"TransitGatewayRouteTableId": f"@{table}", "DestinationCidrBlock": destination, **target},
            brings={"aws.ec2.transit-gateway-route": 1},
        )


def west() -> Iterator[Entry]:
    """The western region: a small hub of its own, the plant's VPN, and the way to the central region."""
    here = HUB_WEST
    yield Entry(here, "transit-gateway", transit_gateway(64513, "tgw-west"), "tgw-west", HUB)
    yield from _share("tgw-west")
    yield Entry(here, "transit-gateway-route-table", {"TransitGatewayId": "@tgw-west"}, "tgw-west-all", HUB)
    yield from p.vpc(here, "hub-west", "10.64.0.0/16", HUB, WEST_TIERS)
    yield from p.internet_gateway(here, "hub-west", HUB)
    yield from p.nat_gateway(here, "hub-west-nat", "hub-west-public-a", HUB)
    yield Entry(here, "vpn-gateway", {"Type": "ipsec.1", "AmazonSideAsn": 64514}, "hub-west-vgw", HUB)
    yield Entry(here, "ec2.attach_vpn_gateway", {"VpnGatewayId": "@hub-west-vgw", "VpcId": "@hub-west"})
    yield Entry(
        here,
        "customer-gateway",
        {"Type": "ipsec.1", "PublicIp": "198.51.100.20", "BgpAsn": 65020},
        "plant-router",
        HUB,
    )
    yield Entry(
        here,
        "vpn-connection",
        {
            "Type": "ipsec.1",
            "CustomerGatewayId": "@plant-router",
            "VpnGatewayId": "@hub-west-vgw",
            "Options": {"StaticRoutesOnly": True},
        },
        "vpn-plant",
        HUB,
    )
    yield Entry(
        here,
        "transit-gateway-attachment",
        {
            "TransitGatewayId": "@tgw-west",
            "VpcId": "@hub-west",
            "SubnetIds": ["@hub-west-private-a", "@hub-west-private-b"],
        },
        "hub-west-attachment",
        HUB,
    )
    yield Entry(
        here,
        "ec2.accept_vpc_peering_connection",
        {"VpcPeeringConnectionId": "@hub-to-hub-west"},
    )
    yield from p.routes(here, "hub-west", WEST_TIERS)
    yield Entry(
        here,
        "ec2.accept_transit_gateway_peering_attachment",
        {"TransitGatewayAttachmentId": "@tgw-central-to-west"},
    )
    for attachment in ("hub-west-attachment", "shop-dr-attachment"):
        for operation, result in (
            ("associate_transit_gateway_route_table", {"aws.ec2.transit-gateway-route-table-association": 1}),
            (
                "enable_transit_gateway_route_table_propagation",
                {"aws.ec2.transit-gateway-route-table-propagation": 1, "aws.ec2.transit-gateway-route": 1},
            ),
        ):
            yield Entry(
                here,
                f"ec2.{operation}",
                {"TransitGatewayRouteTableId": "@tgw-west-all", "TransitGatewayAttachmentId": f"@{attachment}"},
                brings=result,
            )
