"""Network interfaces and the public addresses that they carry."""

from openvna.model import Kind
from openvna.plugins.aws import features
from openvna.plugins.aws.declaration import ZONE, Link, ResourceType, ec2, flag, number, records, text, texts
from openvna.plugins.aws.interface_owners import INSTANCE, owner
from openvna.plugins.aws.paths import Raw, Records, getter

FEATURE = features.VPC

_ADDRESSES = getter("PrivateIpAddresses[]")

network_interface = ResourceType(
    "aws.ec2.network-interface",
    Kind.INTERFACE,
    "Network interface",
    "An elastic network interface: where anything at all is attached to a subnet.",
    call=ec2("DescribeNetworkInterfaces", "NetworkInterfaces[]"),
    needs="aws.ec2.vpc",
    id="network-interface/{NetworkInterfaceId}",
    alias="NetworkInterfaceId",
    name=lambda raw: _named(raw),
    tags="TagSet",
    fields=(
        text("interface_type", "InterfaceType", "interface, nat_gateway, network_load_balancer, vpc_endpoint, ..."),
        text("state", "Status", "available, associated, attaching, in-use or detaching."),
        text("description", "Description", "What its creator says of it."),
        text("private_ip", "PrivateIpAddress", "The primary private IPv4 address."),
        text("public_ip", "Association.PublicIp", "The public address of the primary private one."),
        records(
            "addresses", lambda raw: _addresses(raw), "IPv4 addresses: private_ip, public_ip, allocation, primary."
        ),
        texts("ipv6_addresses", "Ipv6Addresses[].Ipv6Address", "IPv6 addresses."),
        texts("ipv4_prefixes", "Ipv4Prefixes[].Ipv4Prefix", "Delegated IPv4 prefixes (/28)."),
        texts("ipv6_prefixes", "Ipv6Prefixes[].Ipv6Prefix", "Delegated IPv6 prefixes (/80)."),
        text("mac", "MacAddress", "The hardware address."),
        flag("source_dest_check", "SourceDestCheck", "Whether only its own traffic passes."),
        texts("security_groups", "Groups[].GroupId", "Security groups that it is in."),
        text("vpc", "VpcId", "The VPC that it is in."),
        text("subnet", "SubnetId", "The subnet that it is in."),
        text("zone", "AvailabilityZone", "The zone that it is in."),
        text("instance", "Attachment.InstanceId", "The instance that it is attached to."),
        number("device_index", "Attachment.DeviceIndex", "Its position at the instance; 0 is the first."),
        text("attachment_state", "Attachment.Status", "attaching, attached, detaching or detached."),
        text("used_by", lambda raw: _used_by(raw), "Whose it is, by type, requester, description and tags (inferred)."),
        text("requester", "RequesterId", "The account or service that created it for its owner."),
        flag("requester_managed", "RequesterManaged", "Whether a service manages it."),
    ),
    columns=("used_by", "private_ip", "public_ip", "subnet", "state"),
    relations=(
        Link("in-network", "VpcId"),
        Link("in-subnet", "SubnetId"),
        Link("in-zone", "AvailabilityZone", ZONE),
        Link("protected-by", "Groups[].GroupId"),
        Link("attached-to", "Attachment.InstanceId"),
        Link("part-of", lambda raw: _part_of(raw)),
    ),
)

elastic_ip = ResourceType(
    "aws.ec2.elastic-ip",
    Kind.ADDRESS,
    "Elastic IP address",
    "A public IPv4 address that the account holds.",
    call=ec2("DescribeAddresses", "Addresses[]", page=0),
    id="elastic-ip/{AllocationId|PublicIp}",
    alias="AllocationId",
    fields=(
        text("public_ip", "PublicIp|CarrierIp|CustomerOwnedIp", "The address."),
        text("private_ip", "PrivateIpAddress", "The private address that it stands for."),
        text("interface", "NetworkInterfaceId", "The interface that carries it."),
        text("instance", "InstanceId", "The instance of that interface."),
        text("pool", "PublicIpv4Pool", "The pool that it comes from."),
        text("border_group", "NetworkBorderGroup", "Where it is advertised from."),
        text("managed_by", "ServiceManaged", "The service that manages it: alb, nlb, rnat or rds."),
    ),
    columns=("public_ip", "private_ip", "interface"),
    relations=(Link("attached-to", "NetworkInterfaceId"),),
)


def _used_by(raw: Raw) -> str | None:
    found = owner(raw)
    return str(found) if found else None


def _named(raw: Raw) -> str | None:
    """An interface of an instance, of which there may be several, is called by its tag or not at all."""
    return None if INSTANCE(raw) else _used_by(raw)


def _part_of(raw: Raw) -> list[str]:
    found = None if INSTANCE(raw) else owner(raw)
    if found is None:
        return []
    if found.balancer:
        scope = raw["@scope"]
        arn = f"arn:{scope['partition']}:elasticloadbalancing:{scope['region']}:{raw['@owner']}:loadbalancer/"
        return [arn + found.balancer]
    return [found.id] if found.id else []


def _addresses(raw: Raw) -> Records:
    found: Records = []
    for address in _ADDRESSES(raw):
        association = address.get("Association") or {}
        found.append(
            {
                "private_ip": address.get("PrivateIpAddress"),
                "public_ip": association.get("PublicIp"),
                "allocation": association.get("AllocationId"),
                "primary": address.get("Primary"),
            }
        )
    if len(found) < 2:
        return found
    return sorted(found, key=lambda address: (not address["primary"], address["private_ip"] or ""))
