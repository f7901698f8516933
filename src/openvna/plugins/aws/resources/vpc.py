"""VPCs, their subnets, DHCP options, and the peerings between them."""

from typing import Any

from openvna.model import Kind
from openvna.plugins.aws import features
from openvna.plugins.aws.declaration import ZONE, Link, ResourceType, ec2, flag, number, records, text, texts
from openvna.plugins.aws.paths import Raw, Records, getter

FEATURE = features.VPC

vpc = ResourceType(
    "aws.ec2.vpc",
    Kind.NETWORK,
    "VPC",
    "A virtual private cloud: an isolated network of one account in one region.",
    call=ec2("DescribeVpcs", "Vpcs[]"),
    id="vpc/{VpcId}",
    alias="VpcId",
    fields=(
        text("cidr", "CidrBlock", "The primary IPv4 block."),
        texts("cidrs", lambda raw: _associated(raw, "CidrBlockAssociationSet", "CidrBlock"), "IPv4 blocks in use."),
        texts(
            "ipv6_cidrs",
            lambda raw: _associated(raw, "Ipv6CidrBlockAssociationSet", "Ipv6CidrBlock"),
            "IPv6 blocks in use.",
        ),
        text("state", "State", "pending, available or deleting."),
        flag("is_default", "IsDefault", "Whether it is the region's default VPC."),
        text("tenancy", "InstanceTenancy", "default, dedicated or host."),
        text("block_public_access", "BlockPublicAccessStates.InternetGatewayBlockMode", "Mode of VPC BPA."),
    ),
    columns=("cidr", "state", "is_default"),
    relations=(Link("uses", lambda raw: _options(raw)),),
    given={"is_default": True},
)

subnet = ResourceType(
    "aws.ec2.subnet",
    Kind.SUBNET,
    "Subnet",
    "A range of addresses of a VPC in one zone.",
    call=ec2("DescribeSubnets", "Subnets[]"),
    needs="aws.ec2.vpc",
    id="subnet/{SubnetId}",
    alias="SubnetId",
    fields=(
        text("cidr", "CidrBlock", "The IPv4 block."),
        texts(
            "ipv6_cidrs",
            lambda raw: _associated(raw, "Ipv6CidrBlockAssociationSet", "Ipv6CidrBlock"),
            "IPv6 blocks in use.",
        ),
        text("vpc", "VpcId", "The VPC that it belongs to."),
        text("zone", "AvailabilityZone", "The zone's name in this account."),
        text("zone_id", "AvailabilityZoneId", "The zone's id, the same in every account."),
        text("state", "State", "pending, available, unavailable or failed."),
        number("free_addresses", "AvailableIpAddressCount", "IPv4 addresses that are not in use.", volatile=True),
        flag("public_on_launch", "MapPublicIpOnLaunch", "Whether new interfaces get a public IPv4 address."),
        flag("ipv6_on_launch", "AssignIpv6AddressOnCreation", "Whether new interfaces get an IPv6 address."),
        flag("ipv6_only", "Ipv6Native", "Whether the subnet has IPv6 alone."),
        flag("is_default", "DefaultForAz", "Whether it is the zone's default subnet."),
        text("block_public_access", "BlockPublicAccessStates.InternetGatewayBlockMode", "Mode of VPC BPA."),
    ),
    columns=("cidr", "vpc", "zone", "free_addresses"),
    relations=(Link("in-network", "VpcId"), Link("in-zone", "AvailabilityZone", ZONE)),
    given={"is_default": True},
)

dhcp_options = ResourceType(
    "aws.ec2.dhcp-options",
    Kind.OPTIONS,
    "DHCP option set",
    "What DHCP tells the machines of a VPC: name servers, domain, time servers.",
    call=ec2("DescribeDhcpOptions", "DhcpOptions[]"),
    id="dhcp-options/{DhcpOptionsId}",
    alias="DhcpOptionsId",
    ordered=("Values",),
    fields=(
        texts("name_servers", lambda raw: _option(raw, "domain-name-servers"), "In the order asked.", ordered=True),
        texts("domain_names", lambda raw: _option(raw, "domain-name"), "Search domains.", ordered=True),
        texts("ntp_servers", lambda raw: _option(raw, "ntp-servers"), "Time servers, in order.", ordered=True),
    ),
    columns=("domain_names", "name_servers"),
    given={},
)

peering = ResourceType(
    "aws.ec2.vpc-peering-connection",
    Kind.PEERING,
    "VPC peering connection",
    "A direct link between two VPCs, also across accounts and regions. Its id names the requester's account and "
    "region, so that both sides see one and the same.",
    call=ec2("DescribeVpcPeeringConnections", "VpcPeeringConnections[]"),
    needs="aws.ec2.vpc",
    id="arn:{@scope.partition}:ec2:{RequesterVpcInfo.Region|@scope.region}:{@owner}:"
    "vpc-peering-connection/{VpcPeeringConnectionId}",
    alias="VpcPeeringConnectionId",
    owner="RequesterVpcInfo.OwnerId",
    region="RequesterVpcInfo.Region|@scope.region",
    fields=(
        text("state", "Status.Code", "active, pending-acceptance, rejected, expired, failed, deleted, ..."),
        text("requester_vpc", "RequesterVpcInfo.VpcId", "The VPC that asked."),
        text("accepter_vpc", "AccepterVpcInfo.VpcId", "The VPC that was asked."),
        text("accepter_account", "AccepterVpcInfo.OwnerId", "The account of the VPC that was asked."),
        text("accepter_region", "AccepterVpcInfo.Region", "The region of the VPC that was asked."),
        records("sides", lambda raw: _sides(raw), "Both sides: role, vpc, account, region, cidrs, ipv6_cidrs, dns."),
    ),
    columns=("requester_vpc", "accepter_vpc", "state"),
    relations=(Link("connects", "RequesterVpcInfo.VpcId"), Link("connects", "AccepterVpcInfo.VpcId")),
)


def _associated(raw: Raw, members: str, block: str) -> list[str]:
    """The blocks of an association set that are, or are about to be, associated."""
    gone = ("disassociating", "disassociated", "failing", "failed")
    found = getter(f"{members}[]")(raw)
    return [item[block] for item in found if item.get(f"{block}State", {}).get("State") not in gone]


def _options(raw: Raw) -> list[str]:
    """The DHCP option set; `default` stands for none."""
    found = raw.get("DhcpOptionsId")
    return [found] if found and found != "default" else []


def _option(raw: Raw, key: str) -> list[str]:
    return [
        value["Value"]
        for option in getter("DhcpConfigurations[]")(raw)
        if option.get("Key") == key
        for value in option.get("Values", ())
    ]


def _sides(raw: Raw) -> Records:
    sides: Records = []
    for role, member in (("accepter", "AccepterVpcInfo"), ("requester", "RequesterVpcInfo")):
        side: dict[str, Any] = raw.get(member) or {}
        cidrs = getter("CidrBlockSet[].CidrBlock")(side) or ([side["CidrBlock"]] if side.get("CidrBlock") else [])
        sides.append(
            {
                "role": role,
                "vpc": side.get("VpcId"),
                "account": side.get("OwnerId"),
                "region": side.get("Region"),
                "cidrs": sorted(cidrs),
                "ipv6_cidrs": sorted(getter("Ipv6CidrBlockSet[].Ipv6CidrBlock")(side)),
                "resolves_remote_dns": getter("PeeringOptions.AllowDnsResolutionFromRemoteVpc")(side),
            }
        )
    return sides
