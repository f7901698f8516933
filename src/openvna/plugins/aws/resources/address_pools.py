"""Addresses that the customer brought, pools of them, reservations in subnets, and addresses on the move."""

from openvna.model import Kind
from openvna.plugins.aws import features
from openvna.plugins.aws.declaration import REGION, Each, Link, ResourceType, ec2, number, records, text, texts, time
from openvna.plugins.aws.paths import Raw, Records, getter

FEATURE = features.ADDRESSES

_SUBNET = Each("aws.ec2.subnet", "SubnetId", "alias")

ipv4_pool = ResourceType(
    "aws.ec2.public-ipv4-pool",
    Kind.ADDRESS_POOL,
    "Public IPv4 pool",
    "Public IPv4 addresses that Elastic IPs are taken from.",
    call=ec2("DescribePublicIpv4Pools", "PublicIpv4Pools[]", 10),
    id="ipv4pool-ec2/{PoolId}",
    alias="PoolId",
    name="Description",
    fields=(
        number("addresses", "TotalAddressCount", "How many addresses it has."),
        number("free_addresses", "TotalAvailableAddressCount", "How many of them are free.", volatile=True),
        records("ranges", lambda raw: _ranges(raw), "Its ranges: first, last, addresses."),
        text("border_group", "NetworkBorderGroup", "Where its addresses are advertised from."),
    ),
    columns=("addresses", "free_addresses", "border_group"),
    drops=("AvailableAddressCount",),
)

ipv6_pool = ResourceType(
    "aws.ec2.ipv6-pool",
    Kind.ADDRESS_POOL,
    "IPv6 pool",
    "IPv6 prefixes that were brought to AWS, from which VPCs get theirs.",
    call=ec2("DescribeIpv6Pools", "Ipv6Pools[]"),
    id="ipv6pool-ec2/{PoolId}",
    alias="PoolId",
    name="Description",
    fields=(texts("cidr_blocks", "PoolCidrBlocks[].Cidr", "Its prefixes."),),
    columns=("cidr_blocks",),
)

byoip = ResourceType(
    "aws.ec2.byoip-cidr",
    Kind.ADDRESS_POOL,
    "Brought address range",
    "An address range that the customer brought to AWS (BYOIP). Its id is the region's with `/byoip/CIDR`.",
    call=ec2("DescribeByoipCidrs", "ByoipCidrs[]", 100),
    id=REGION + "/byoip/{Cidr}",
    name="Cidr",
    fields=(
        text("cidr", "Cidr", "The range."),
        text("state", "State", "advertised, provisioned, pending-provision, failed-provision, ..."),
        text("message", "StatusMessage", "What AWS says of its state."),
        text("advertisement", "AdvertisementType", "unicast, or anycast."),
        text("border_group", "NetworkBorderGroup", "Where it is advertised from."),
        text("pool", "PoolId|IpamPoolId", "The pool that it is in."),
        texts("asns", "AsnAssociations[].Asn", "Autonomous systems that it is advertised with."),
        text("description", "Description", "What its owner said of it."),
    ),
    columns=("cidr", "state", "pool", "border_group"),
    relations=(Link("part-of", "PoolId|IpamPoolId"),),
)

reservation = ResourceType(
    "aws.ec2.subnet-cidr-reservation",
    Kind.ADDRESS_POOL,
    "Subnet CIDR reservation",
    "A part of a subnet that AWS gives out to nobody, or only as prefixes.",
    call=ec2("GetSubnetCidrReservations", "SubnetIpv4CidrReservations[]", per=_SUBNET),
    id="subnet-cidr-reservation/{SubnetCidrReservationId}",
    alias="SubnetCidrReservationId",
    fields=(
        text("subnet", "SubnetId", "The subnet."),
        text("cidr", "Cidr", "The part of it."),
        text("reservation_type", "ReservationType", "prefix (given out as prefixes) or explicit (not given out)."),
        text("description", "Description", "What its author said of it."),
    ),
    columns=("subnet", "cidr", "reservation_type"),
    relations=(Link("in-subnet", "SubnetId"),),
)

ipv6_reservation = ResourceType(
    "aws.ec2.subnet-ipv6-cidr-reservation",
    Kind.ADDRESS_POOL,
    "Subnet IPv6 CIDR reservation",
    "A part of a subnet's IPv6 range that AWS gives out to nobody, or only as prefixes.",
    call=ec2("GetSubnetCidrReservations", "SubnetIpv6CidrReservations[]", per=_SUBNET),
    id="subnet-cidr-reservation/{SubnetCidrReservationId}",
    alias="SubnetCidrReservationId",
    fields=(
        text("subnet", "SubnetId", "The subnet."),
        text("cidr", "Cidr", "The part of it."),
        text("reservation_type", "ReservationType", "prefix (given out as prefixes) or explicit (not given out)."),
        text("description", "Description", "What its author said of it."),
    ),
    columns=("subnet", "cidr", "reservation_type"),
    relations=(Link("in-subnet", "SubnetId"),),
)

transfer = ResourceType(
    "aws.ec2.address-transfer",
    Kind.ADDRESS,
    "Elastic IP transfer",
    "An Elastic IP that is offered to another account. Its id is the address's ARN with `/transfer`.",
    call=ec2("DescribeAddressTransfers", "AddressTransfers[]"),
    id="arn:{@scope.partition}:ec2:{@scope.region}:{@owner}:elastic-ip/{AllocationId}/transfer",
    name="PublicIp",
    fields=(
        text("public_ip", "PublicIp", "The address."),
        text("allocation", "AllocationId", "Its allocation."),
        text("to_account", "TransferAccountId", "The account that it is offered to."),
        text("state", "AddressTransferStatus", "pending, disabled or accepted."),
        time("expires", "TransferOfferExpirationTimestamp", "When the offer ends."),
        time("accepted", "TransferOfferAcceptedTimestamp", "When it was accepted."),
    ),
    columns=("public_ip", "to_account", "state", "expires"),
    relations=(Link("part-of", "AllocationId"),),
)

ipv6_association = ResourceType(
    "aws.ec2.ipv6-pool-association",
    Kind.ADDRESS_POOL,
    "Use of an IPv6 pool",
    "A prefix of an IPv6 pool, and the VPC that has it. Its id is the pool's with `/association/CIDR`.",
    call=ec2("GetAssociatedIpv6PoolCidrs", "Ipv6CidrAssociations[]", per=Each("aws.ec2.ipv6-pool", "PoolId", "alias")),
    id="{@parent.id}/association/{Ipv6Cidr}",
    name="Ipv6Cidr",
    fields=(
        text("pool", "@parent.alias", "The pool."),
        text("cidr", "Ipv6Cidr", "The prefix."),
        text("resource", "AssociatedResource", "What has it."),
    ),
    columns=("pool", "cidr", "resource"),
    relations=(Link("part-of", "@parent.id"), Link("given-to", "AssociatedResource")),
)


def _ranges(raw: Raw) -> Records:
    found: Records = [
        {"first": each.get("FirstAddress"), "last": each.get("LastAddress"), "addresses": each.get("AddressCount")}
        for each in getter("PoolAddressRanges[]")(raw)
    ]
    return sorted(found, key=lambda each: each["first"] or "")
