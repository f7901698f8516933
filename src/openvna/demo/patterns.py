"""Parts that recur in the demo's network, each as the entries that make it up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openvna.demo.entries import Entry, Place

ANYWHERE = "0.0.0.0/0"
ANYWHERE6 = "::/0"


@dataclass(frozen=True, slots=True)
class Tier:
    """A row of subnets that share one route table: `cidrs` in the order of the zones a, b, c, empty for none there.

    `routes` are (destination, the name of the target's parameter, target); a destination may be a prefix list
    (`@name`).
    """

    name: str
    cidrs: tuple[str, ...]
    routes: tuple[tuple[str, str, str], ...] = ()
    public: bool = False


def vpc(
    place: Place, name: str, cidr: str, tags: Mapping[str, str], tiers: Iterable[Tier], six: bool = False
) -> Iterator[Entry]:
    """A VPC with its subnets and route tables; the routes follow later (`routes`), when their targets exist."""
    parameters: dict[str, Any] = {"CidrBlock": cidr}
    if six:
        parameters["AmazonProvidedIpv6CidrBlock"] = True
    yield Entry(place, "vpc", parameters, name, tags)
    for attribute in ("EnableDnsSupport", "EnableDnsHostnames"):
        yield Entry(place, "ec2.modify_vpc_attribute", {"VpcId": f"@{name}", attribute: {"Value": True}})
    for tier in tiers:
        table = f"{name}-{tier.name}-rt"
        yield Entry(place, "route-table", {"VpcId": f"@{name}"}, table, tags)
        for letter, block in zip("abc", tier.cidrs, strict=False):
            if not block:
                continue
            subnet = f"{name}-{tier.name.removesuffix(f'-{letter}')}-{letter}"
            where = {"VpcId": f"@{name}", "CidrBlock": block, "AvailabilityZone": place.zone(letter)}
            yield Entry(place, "subnet", where, subnet, {**tags, "Tier": tier.name})
            yield Entry(place, "ec2.associate_route_table", {"RouteTableId": f"@{table}", "SubnetId": f"@{subnet}"})
            if tier.public:
                yield Entry(
                    place,
                    "ec2.modify_subnet_attribute",
                    {"SubnetId": f"@{subnet}", "MapPublicIpOnLaunch": {"Value": True}},
                )


def routes(place: Place, vpc_name: str, tiers: Iterable[Tier]) -> Iterator[Entry]:
    """The routes of a VPC's tiers."""
    for tier in tiers:
        for destination, parameter, target in tier.routes:
            where = "DestinationCidrBlock"
            if destination.startswith("@"):
                where = "DestinationPrefixListId"
            elif ":" in destination:
                where = "DestinationIpv6CidrBlock"
            yield Entry(
                place,
                "ec2.create_route",
                {"RouteTableId": f"@{vpc_name}-{tier.name}-rt", where: destination, parameter: target},
            )


def internet_gateway(place: Place, vpc_name: str, tags: Mapping[str, str]) -> Iterator[Entry]:
    name = f"{vpc_name}-igw"
    yield Entry(place, "internet-gateway", {}, name, tags)
    yield Entry(place, "ec2.attach_internet_gateway", {"InternetGatewayId": f"@{name}", "VpcId": f"@{vpc_name}"})


def nat_gateway(place: Place, name: str, subnet: str, tags: Mapping[str, str]) -> Iterator[Entry]:
    """A public NAT gateway with its elastic IP."""
    yield Entry(place, "elastic-ip", {"Domain": "vpc"}, f"{name}-eip", tags)
    yield Entry(place, "nat-gateway", {"SubnetId": f"@{subnet}", "AllocationId": f"@{name}-eip"}, name, tags)


def security_group(
    place: Place,
    vpc_name: str,
    name: str,
    description: str,
    allow: Sequence[tuple[str, int, int, str]],
    tags: Mapping[str, str],
) -> Iterator[Entry]:
    """A security group; `allow` holds (protocol, first port, last port, from whom).

    From whom is a CIDR, a prefix list (`@pl-...`) or another security group (`@sg-...`).
    """
    yield Entry(
        place, "security-group", {"GroupName": name, "Description": description, "VpcId": f"@{vpc_name}"}, name, tags
    )
    for protocol, first, last, peer in allow:
        rule: dict[str, Any] = {"IpProtocol": protocol}
        if protocol != "-1":
            rule |= {"FromPort": first, "ToPort": last}
        if peer.startswith("@pl-"):
            rule["PrefixListIds"] = [{"PrefixListId": peer, "Description": f"from {peer[1:]}"}]
        elif peer.startswith("@"):
            rule["UserIdGroupPairs"] = [{"GroupId": peer, "Description": f"from {peer[1:]}"}]
        elif ":" in peer:
            rule["Ipv6Ranges"] = [{"CidrIpv6": peer, "Description": "IPv6"}]
        else:
            rule["IpRanges"] = [{"CidrIp": peer, "Description": "IPv4"}]
        yield Entry(
            place,
            "ec2.authorize_security_group_ingress",
            {"GroupId": f"@{name}", "IpPermissions": [rule]},
        )


def network_acl(
    place: Place,
    vpc_name: str,
    name: str,
    subnets: Sequence[str],
    rules: Sequence[tuple[int, str, str, str, int, int]],
    tags: Mapping[str, str],
) -> Iterator[Entry]:
    """A network ACL for `subnets`; `rules` hold (number, `in` or `out`, action, CIDR, first and last TCP port)."""
    yield Entry(place, "network-acl", {"VpcId": f"@{vpc_name}"}, name, tags)
    for number, direction, action, block, first, last in rules:
        yield Entry(
            place,
            "ec2.create_network_acl_entry",
            {
                "NetworkAclId": f"@{name}",
                "RuleNumber": number,
                "Protocol": "6",
                "RuleAction": action,
                "Egress": direction == "out",
                "CidrBlock": block,
                "PortRange": {"From": first, "To": last},
            },
        )
    for subnet in subnets:
        yield Entry(place, "network-acl-association", {"NetworkAclId": f"@{name}", "SubnetId": f"@{subnet}"})


def instance(
    place: Place, name: str, subnet: str, groups: Sequence[str], size: str, tags: Mapping[str, str]
) -> Iterator[Entry]:
    yield Entry(
        place,
        "instance",
        {
            "ImageId": "ami-0a1b2c3d4e5f60718",
            "InstanceType": size,
            "MinCount": 1,
            "MaxCount": 1,
            "SubnetId": f"@{subnet}",
            "SecurityGroupIds": [f"@{group}" for group in groups],
        },
        name,
        tags,
    )


def interface_endpoint(
    place: Place,
    vpc_name: str,
    name: str,
    service: str,
    subnets: Sequence[str],
    groups: Sequence[str],
    tags: Mapping[str, str],
) -> Iterator[Entry]:
    """An interface endpoint: one interface in each of its subnets."""
    yield Entry(
        place,
        "endpoint",
        {
            "VpcEndpointType": "Interface",
            "VpcId": f"@{vpc_name}",
            "ServiceName": service,
            "SubnetIds": [f"@{subnet}" for subnet in subnets],
            "SecurityGroupIds": [f"@{group}" for group in groups],
            "PrivateDnsEnabled": True,
        },
        name,
        tags,
        {"aws.ec2.network-interface": len(subnets)},
    )


def gateway_endpoint(
    place: Place, vpc_name: str, name: str, service: str, tables: Sequence[str], tags: Mapping[str, str]
) -> Iterator[Entry]:
    yield Entry(
        place,
        "endpoint",
        {
            "VpcEndpointType": "Gateway",
            "VpcId": f"@{vpc_name}",
            "ServiceName": service,
            "RouteTableIds": [f"@{table}" for table in tables],
        },
        name,
        tags,
    )


def load_balancer(
    place: Place,
    name: str,
    kind: str,
    scheme: str,
    subnets: Sequence[str],
    tags: Mapping[str, str],
    groups: Sequence[str] = (),
) -> Iterator[Entry]:
    """A load balancer of the second generation: `application`, `network` or `gateway`."""
    parameters: dict[str, Any] = {"Name": name, "Type": kind, "Subnets": [f"@{subnet}" for subnet in subnets]}
    if kind != "gateway":
        parameters["Scheme"] = scheme
    if groups:
        parameters["SecurityGroups"] = [f"@{group}" for group in groups]
    yield Entry(place, "load-balancer", parameters, name, tags)


def target_group(
    place: Place, vpc_name: str, name: str, protocol: str, port: int, targets: Sequence[str], tags: Mapping[str, str]
) -> Iterator[Entry]:
    """A target group of instances, with its targets registered."""
    parameters = {"Name": name, "Protocol": protocol, "Port": port, "VpcId": f"@{vpc_name}", "TargetType": "instance"}
    yield Entry(place, "target-group", parameters, name, tags)
    if targets:
        yield Entry(
            place,
            "elbv2.register_targets",
            {"TargetGroupArn": f"@{name}", "Targets": [{"Id": f"@{target}", "Port": port} for target in targets]},
            brings={"aws.elbv2.target": len(targets)},
        )


def prefix_list(place: Place, name: str, entries: Mapping[str, str], tags: Mapping[str, str]) -> Iterator[Entry]:
    """A customer-managed prefix list, known as `pl-` and its name; `entries` are CIDRs and what is there."""
    yield Entry(
        place,
        "prefix-list",
        {
            "PrefixListName": name,
            "AddressFamily": "IPv4",
            "MaxEntries": 10,
            "Entries": [{"Cidr": cidr, "Description": what} for cidr, what in entries.items()],
        },
        f"pl-{name}",
        tags,
        {"aws.ec2.managed-prefix-list-entry": len(entries)},
    )


def flow_log(
    place: Place, vpc_name: str, name: str, traffic: str, tags: Mapping[str, str], seconds: int = 600
) -> Iterator[Entry]:
    """A flow log of a VPC into a log group of its own."""
    group = f"/network/{vpc_name}/flow"
    yield Entry(place, "logs.create_log_group", {"logGroupName": group})
    yield Entry(
        place,
        "flow-log",
        {
            "ResourceType": "VPC",
            "ResourceIds": [f"@{vpc_name}"],
            "TrafficType": traffic,
            "LogGroupName": group,
            "DeliverLogsPermissionArn": f"arn:aws:iam::{place.account}:role/flow-logs",
            "MaxAggregationInterval": seconds,
        },
        name,
        tags,
    )


def listener(
    place: Place, balancer: str, protocol: str, port: int, group: str, certificate: str = ""
) -> Iterator[Entry]:
    parameters: dict[str, Any] = {
        "LoadBalancerArn": f"@{balancer}",
        "DefaultActions": [{"Type": "forward", "TargetGroupArn": f"@{group}"}],
    }
    if protocol != "GENEVE":
        parameters |= {"Protocol": protocol, "Port": port}
    if certificate:
        parameters["Certificates"] = [{"CertificateArn": f"@{certificate}"}]
    yield Entry(place, "listener", parameters, f"{balancer}:{port}")
