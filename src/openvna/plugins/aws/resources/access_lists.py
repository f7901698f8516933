"""Network ACLs and security groups, with their rules in one form."""

from collections.abc import Iterator
from typing import Any

from openvna.model import Kind
from openvna.plugins.aws import features
from openvna.plugins.aws.declaration import Link, ResourceType, ec2, flag, records, text, texts
from openvna.plugins.aws.paths import Raw, Records, getter

FEATURE = features.VPC

_PROTOCOLS = {"-1": "all", "1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6"}
_LOWEST_PORT, _HIGHEST_PORT = 0, 65535


def protocol(value: Any) -> str:
    """`tcp`, `udp`, `icmp`, `icmpv6`, `all`, else the IANA number as text."""
    return _PROTOCOLS.get(str(value), str(value))


def acl_rules(raw: Raw) -> Records:
    """Each rule: direction (ingress, egress), number, action (allow, deny), protocol, cidr, from_port and to_port
    (tcp and udp), icmp_type and icmp_code (-1: any). In the order in which they are tried."""
    found: Records = []
    for entry in getter("Entries[]")(raw):
        name = protocol(entry.get("Protocol"))
        ported = name in ("tcp", "udp")
        ports, icmp = entry.get("PortRange") or {}, entry.get("IcmpTypeCode") or {}
        found.append(
            {
                "direction": "egress" if entry.get("Egress") else "ingress",
                "number": int(entry["RuleNumber"]),
                "action": entry.get("RuleAction"),
                "protocol": name,
                "cidr": entry.get("CidrBlock") or entry.get("Ipv6CidrBlock"),
                "from_port": ports.get("From", _LOWEST_PORT) if ported else None,
                "to_port": ports.get("To", _HIGHEST_PORT) if ported else None,
                "icmp_type": icmp.get("Type") if name.startswith("icmp") else None,
                "icmp_code": icmp.get("Code") if name.startswith("icmp") else None,
            }
        )
    return sorted(found, key=lambda rule: (rule["direction"], rule["number"], rule["cidr"] or ""))


def group_rules(raw: Raw) -> Records:
    """Each rule: direction, protocol, from_port and to_port (tcp and udp), icmp_type and icmp_code (-1: any),
    peer_type (ipv4, ipv6, security-group, prefix-list), peer (a CIDR or an id), peer_account, peer_vpc, peering
    and peer_state of a group in another VPC, description. One rule for each peer."""
    found: Records = [*_rules(raw, "ingress", "IpPermissions"), *_rules(raw, "egress", "IpPermissionsEgress")]
    return sorted(
        found,
        key=lambda rule: (
            rule["direction"],
            rule["protocol"],
            -1 if rule["from_port"] is None else rule["from_port"],
            -1 if rule["to_port"] is None else rule["to_port"],
            -2 if rule["icmp_type"] is None else rule["icmp_type"],
            rule["peer_type"],
            rule["peer"],
            rule["description"] or "",
        ),
    )


def _rules(raw: Raw, direction: str, member: str) -> Iterator[dict[str, Any]]:
    for permission in getter(f"{member}[]")(raw):
        name = protocol(permission.get("IpProtocol"))
        first, last = permission.get("FromPort"), permission.get("ToPort")
        ported, icmp = name in ("tcp", "udp"), name.startswith("icmp")
        common = {
            "direction": direction,
            "protocol": name,
            "from_port": (_LOWEST_PORT if first is None else first) if ported else None,
            "to_port": (_HIGHEST_PORT if last is None else last) if ported else None,
            "icmp_type": first if icmp else None,
            "icmp_code": last if icmp else None,
        }
        for peer_type, peer, more in _peers(permission):
            yield {
                **common,
                "peer_type": peer_type,
                "peer": peer,
                "peer_account": more.get("UserId"),
                "peer_vpc": more.get("VpcId"),
                "peering": more.get("VpcPeeringConnectionId"),
                "peer_state": more.get("PeeringStatus"),
                "description": more.get("Description"),
            }


def _peers(permission: Raw) -> Iterator[tuple[str, str, Raw]]:
    for peer_type, member, value in (
        ("ipv4", "IpRanges", "CidrIp"),
        ("ipv6", "Ipv6Ranges", "CidrIpv6"),
        ("security-group", "UserIdGroupPairs", "GroupId"),
        ("prefix-list", "PrefixListIds", "PrefixListId"),
    ):
        for item in permission.get(member) or ():
            yield peer_type, str(item.get(value) or item.get("GroupName") or ""), item


def _referred(raw: Raw) -> list[str]:
    return [
        peer
        for member in ("IpPermissions", "IpPermissionsEgress")
        for permission in getter(f"{member}[]")(raw)
        for peer_type, peer, _ in _peers(permission)
        if peer_type in ("security-group", "prefix-list")
    ]


network_acl = ResourceType(
    "aws.ec2.network-acl",
    Kind.ACCESS_LIST,
    "Network ACL",
    "Stateless rules at the border of subnets, tried in the order of their numbers.",
    call=ec2("DescribeNetworkAcls", "NetworkAcls[]"),
    needs="aws.ec2.vpc",
    id="network-acl/{NetworkAclId}",
    alias="NetworkAclId",
    fields=(
        text("vpc", "VpcId", "The VPC that it belongs to."),
        flag("is_default", "IsDefault", "Whether subnets without another use it."),
        texts("subnets", "Associations[].SubnetId", "Subnets behind it."),
        records(
            "rules",
            acl_rules,
            "Rules: direction, number, action, protocol, cidr, from_port, to_port, icmp_type, icmp_code.",
        ),
    ),
    columns=("vpc", "is_default", "subnets"),
    relations=(Link("in-network", "VpcId"), Link("protects", "Associations[].SubnetId")),
    given={"is_default": True},
)

security_group = ResourceType(
    "aws.ec2.security-group",
    Kind.ACCESS_LIST,
    "Security group",
    "Stateful allow rules at network interfaces.",
    call=ec2("DescribeSecurityGroups", "SecurityGroups[]"),
    needs="aws.ec2.vpc",
    id="security-group/{GroupId}",
    alias="GroupId",
    name="GroupName",
    fields=(
        text("group_name", "GroupName", "The group's own name."),
        text("description", "Description", "What its author says of it."),
        text("vpc", "VpcId", "The VPC that it belongs to."),
        records(
            "rules",
            group_rules,
            "Rules, one for each peer: direction, protocol, from_port, to_port, icmp_type, icmp_code, "
            "peer_type (ipv4, ipv6, security-group, prefix-list), peer, peer_account, peer_vpc, peering, description.",
        ),
    ),
    columns=("group_name", "vpc", "description"),
    relations=(Link("in-network", "VpcId"), Link("refers-to", _referred)),
    given={"group_name": "default"},
)
