"""The account Workloads: the shop in production, in development, and its stand-by in the other region."""

from __future__ import annotations

from collections.abc import Iterator

from openvna.demo import patterns as p
from openvna.demo.entries import Entry
from openvna.demo.places import CENTRAL, DEV, PROD, SPOKE_CENTRAL, SPOKE_WEST

_TO_HUB = (p.ANYWHERE, "TransitGatewayId", "@tgw-central")

PROD_TIERS = (
    p.Tier(
        "public",
        ("10.10.0.0/24", "10.10.1.0/24", "10.10.2.0/24"),
        (
            (p.ANYWHERE, "GatewayId", "@shop-prod-igw"),
            (p.ANYWHERE6, "GatewayId", "@shop-prod-igw"),
            ("10.0.0.0/8", "TransitGatewayId", "@tgw-central"),
        ),
        public=True,
    ),
    p.Tier(
        "app",
        ("10.10.16.0/22", "10.10.20.0/22", "10.10.24.0/22"),
        (_TO_HUB, (p.ANYWHERE6, "EgressOnlyInternetGatewayId", "@shop-prod-eigw")),
    ),
    p.Tier(
        "db",
        ("10.10.32.0/24", "10.10.33.0/24", "10.10.34.0/24"),
        (("@pl-shared-services", "TransitGatewayId", "@tgw-central"),),
    ),
    p.Tier("transit", ("10.10.240.0/28", "10.10.240.16/28", "10.10.240.32/28")),
)

DEV_TIERS = (
    p.Tier("public", ("10.20.0.0/24",), ((p.ANYWHERE, "GatewayId", "@shop-dev-igw"),), public=True),
    p.Tier(
        "private",
        ("10.20.16.0/22", "10.20.20.0/22"),
        ((p.ANYWHERE, "NatGatewayId", "@shop-dev-nat"), ("10.0.0.0/8", "TransitGatewayId", "@tgw-central")),
    ),
    p.Tier("transit", ("10.20.240.0/28", "10.20.240.16/28")),
)

DR_TIERS = (
    p.Tier(
        "private",
        ("10.74.0.0/22", "10.74.4.0/22"),
        (
            (p.ANYWHERE, "TransitGatewayId", "@tgw-west"),
            ("10.1.0.0/16", "VpcPeeringConnectionId", "@shared-to-shop-dr"),
        ),
    ),
)


def shop() -> Iterator[Entry]:
    """The central region: production and development."""
    here = SPOKE_CENTRAL
    yield from p.prefix_list(here, "shared-services", {"10.1.0.0/16": "shared services"}, PROD)
    yield from p.vpc(here, "shop-prod", "10.10.0.0/16", PROD, PROD_TIERS, six=True)
    for number, subnet in enumerate(("public-a", "public-b", "app-a", "app-b")):
        yield Entry(here, "subnet-ipv6", {"VpcId": "@shop-prod", "SubnetId": f"@shop-prod-{subnet}", "Number": number})
    yield from p.vpc(here, "shop-dev", "10.20.0.0/16", DEV, DEV_TIERS)
    for name, tags in (("shop-prod", PROD), ("shop-dev", DEV)):
        yield Entry(
            here,
            "transit-gateway-attachment",
            {
                "TransitGatewayId": "@tgw-central",
                "VpcId": f"@{name}",
                "SubnetIds": [f"@{name}-transit-a", f"@{name}-transit-b"],
            },
            f"{name}-attachment",
            tags,
            after="tgw-central-share",
        )
    yield from p.internet_gateway(here, "shop-prod", PROD)
    yield Entry(here, "egress-only-internet-gateway", {"VpcId": "@shop-prod"}, "shop-prod-eigw", PROD)
    yield from p.routes(here, "shop-prod", PROD_TIERS)
    yield from _security()
    yield from _servers()
    yield from _data_tier()
    yield from _development()


def _security() -> Iterator[Entry]:
    """Each tier admits the one before it, by its security group."""
    here, vpc = SPOKE_CENTRAL, "shop-prod"
    web = (("tcp", 443, 443, p.ANYWHERE), ("tcp", 443, 443, p.ANYWHERE6), ("tcp", 80, 80, p.ANYWHERE))
    chain: tuple[tuple[str, str, tuple[tuple[str, int, int, str], ...]], ...] = (
        ("sg-shop-alb", "HTTP and HTTPS from everywhere", web),
        ("sg-bastion", "SSH from headquarters", (("tcp", 22, 22, "10.200.0.0/16"),)),
        (
            "sg-shop-web",
            "From the load balancer",
            (("tcp", 8080, 8080, "@sg-shop-alb"), ("tcp", 22, 22, "@sg-bastion")),
        ),
        ("sg-shop-app", "From the web tier", (("tcp", 9000, 9010, "@sg-shop-web"), ("tcp", 22, 22, "@sg-bastion"))),
        (
            "sg-shop-db",
            "PostgreSQL from the app tier",
            (("tcp", 5432, 5432, "@sg-shop-app"), ("tcp", 5432, 5432, "@pl-shared-services")),
        ),
    )
    for name, description, allow in chain:
        yield from p.security_group(here, vpc, name, description, allow, PROD)


def _servers() -> Iterator[Entry]:
    """The tiers of servers and what balances the load on them."""
    here, vpc = SPOKE_CENTRAL, "shop-prod"
    for letter in "abc":
        yield from p.instance(here, f"web-{letter}", f"{vpc}-app-{letter}", ("sg-shop-web",), "m6i.large", PROD)
        yield from p.instance(here, f"app-{letter}", f"{vpc}-app-{letter}", ("sg-shop-app",), "m6i.xlarge", PROD)
    for letter in "ab":
        yield from p.instance(here, f"db-{letter}", f"{vpc}-db-{letter}", ("sg-shop-db",), "r6i.xlarge", PROD)
    yield from p.instance(here, "bastion", f"{vpc}-public-a", ("sg-bastion",), "t3.micro", PROD)
    yield Entry(here, "elastic-ip", {"Domain": "vpc"}, "bastion-eip", PROD)
    yield Entry(here, "ec2.associate_address", {"AllocationId": "@bastion-eip", "InstanceId": "@bastion"})
    public = tuple(f"{vpc}-public-{letter}" for letter in "abc")
    apps = tuple(f"{vpc}-app-{letter}" for letter in "abc")
    yield from p.load_balancer(here, "shop-web", "application", "internet-facing", public, PROD, ("sg-shop-alb",))
    yield from p.target_group(here, vpc, "shop-web-servers", "HTTP", 8080, ("web-a", "web-b", "web-c"), PROD)
    yield Entry(here, "certificate", {"DomainName": "shop.example.com"}, "shop-certificate")
    yield from p.listener(here, "shop-web", "HTTPS", 443, "shop-web-servers", "shop-certificate")
    yield from p.listener(here, "shop-web", "HTTP", 80, "shop-web-servers")
    yield from p.load_balancer(here, "orders-api", "network", "internal", apps, PROD)
    yield from p.target_group(here, vpc, "orders-servers", "TCP", 9000, ("app-a", "app-b", "app-c"), PROD)
    yield from p.listener(here, "orders-api", "TCP", 9000, "orders-servers")
    yield from p.flow_log(here, vpc, "shop-prod-flows", "ALL", PROD, seconds=60)
    yield from p.gateway_endpoint(
        here, vpc, "shop-s3-endpoint", f"com.amazonaws.{CENTRAL}.s3", (f"{vpc}-app-rt", f"{vpc}-db-rt"), PROD
    )
    yield from p.interface_endpoint(
        here, vpc, "shop-dns-endpoint", "@dns-service.ServiceName", apps[:2], ("sg-shop-app",), PROD
    )


def _data_tier() -> Iterator[Entry]:
    """The databases' subnets answer the app tier and nobody else."""
    app, every = "10.10.16.0/20", p.ANYWHERE
    rules = (
        (100, "in", "allow", app, 5432, 5432),
        (110, "in", "allow", "10.1.0.0/16", 5432, 5432),
        (120, "in", "allow", "10.0.0.0/8", 1024, 65535),
        (130, "in", "deny", every, 0, 65535),
        (100, "out", "allow", "10.0.0.0/8", 1024, 65535),
        (110, "out", "allow", "10.1.0.0/16", 443, 443),
    )
    subnets = tuple(f"shop-prod-db-{letter}" for letter in "abc")
    yield from p.network_acl(SPOKE_CENTRAL, "shop-prod", "nacl-shop-db", subnets, rules, PROD)


def _development() -> Iterator[Entry]:
    """Development: its own way out, and an old load balancer that nobody dared to replace."""
    here, vpc = SPOKE_CENTRAL, "shop-dev"
    yield from p.internet_gateway(here, vpc, DEV)
    yield from p.nat_gateway(here, "shop-dev-nat", f"{vpc}-public-a", DEV)
    yield from p.routes(here, vpc, DEV_TIERS)
    yield from p.security_group(
        here, vpc, "sg-dev", "Everything inside development", (("-1", 0, 0, "10.20.0.0/16"),), DEV
    )
    for letter in "ab":
        yield from p.instance(here, f"dev-{letter}", f"{vpc}-private-{letter}", ("sg-dev",), "t3.medium", DEV)
    yield Entry(
        here,
        "classic-load-balancer",
        {
            "LoadBalancerName": "dev-intranet",
            "Scheme": "internal",
            "Subnets": [f"@{vpc}-private-a", f"@{vpc}-private-b"],
            "SecurityGroups": ["@sg-dev"],
            "Listeners": [
                {"Protocol": "HTTP", "LoadBalancerPort": 80, "InstanceProtocol": "HTTP", "InstancePort": 8080}
            ],
        },
        "dev-intranet",
        DEV,
    )
    yield Entry(
        here,
        "elb.register_instances_with_load_balancer",
        {"LoadBalancerName": "dev-intranet", "Instances": [{"InstanceId": "@dev-a"}, {"InstanceId": "@dev-b"}]},
        brings={"aws.elb.target": 2},
    )


def disaster_recovery() -> Iterator[Entry]:
    """The western region: the shop's stand-by."""
    here, vpc = SPOKE_WEST, "shop-dr"
    yield from p.vpc(here, vpc, "10.74.0.0/16", PROD, DR_TIERS)
    yield Entry(
        here,
        "transit-gateway-attachment",
        {
            "TransitGatewayId": "@tgw-west",
            "VpcId": f"@{vpc}",
            "SubnetIds": [f"@{vpc}-private-a", f"@{vpc}-private-b"],
        },
        f"{vpc}-attachment",
        PROD,
        after="tgw-west-share",
    )
    yield from p.security_group(
        here, vpc, "sg-dr-db", "PostgreSQL from the shared services", (("tcp", 5432, 5432, "10.1.0.0/16"),), PROD
    )
    yield from p.instance(here, "dr-db", f"{vpc}-private-a", ("sg-dr-db",), "r6i.xlarge", PROD)
    yield Entry(here, "ec2.accept_vpc_peering_connection", {"VpcPeeringConnectionId": "@shared-to-shop-dr"})
    yield from p.routes(here, vpc, DR_TIERS)
