"""Application, Network and Gateway Load Balancers with their listeners."""

from typing import Any

from openvna.model import Kind
from openvna.plugins.aws import features
from openvna.plugins.aws.declaration import Call, Each, Link, ResourceType, TagCall, flag, number, records, text, texts
from openvna.plugins.aws.declaration import time as moment
from openvna.plugins.aws.paths import Raw, Records, getter

FEATURE = features.LOAD_BALANCERS

PAGE = 400
_BALANCER = Each("aws.elbv2.load-balancer", "LoadBalancerArn")

load_balancer = ResourceType(
    "aws.elbv2.load-balancer",
    Kind.LOAD_BALANCER,
    "Load balancer",
    "An Application, Network or Gateway Load Balancer.",
    call=Call("elbv2", "DescribeLoadBalancers", "LoadBalancers[]", PAGE),
    tag_call=TagCall("elbv2", "DescribeTags", "ResourceArns", "LoadBalancerArn", "ResourceArn"),
    needs="aws.ec2.vpc",
    id="{LoadBalancerArn}",
    name="LoadBalancerName",
    fields=(
        text("balancer_type", "Type", "application, network or gateway."),
        text("scheme", "Scheme", "internet-facing or internal."),
        text("state", "State.Code", "active, provisioning, active_impaired or failed."),
        text("dns_name", "DNSName", "The name that clients use."),
        text("vpc", "VpcId", "The VPC that it serves."),
        texts("subnets", "AvailabilityZones[].SubnetId", "Subnets with a node of it."),
        texts("zones", "AvailabilityZones[].ZoneName", "Zones with a node of it."),
        records("addresses", lambda raw: _addresses(raw), "Fixed addresses: zone, subnet, ip, private_ip, allocation."),
        texts("security_groups", "SecurityGroups[]", "Its security groups; a Network Load Balancer may have none."),
        text("ip_address_type", "IpAddressType", "ipv4, dualstack or dualstack-without-public-ipv4."),
        text(
            "group_rules_on_private_link",
            "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic",
            "on or off: whether its security groups judge traffic that comes by PrivateLink.",
        ),
        moment("created", "CreatedTime", "When it was created."),
    ),
    columns=("balancer_type", "scheme", "state", "dns_name", "vpc"),
    relations=(
        Link("in-network", "VpcId"),
        Link("in-subnet", "AvailabilityZones[].SubnetId"),
        Link("protected-by", "SecurityGroups[]"),
        Link("uses", "AvailabilityZones[].LoadBalancerAddresses[].AllocationId"),
    ),
)

load_balancer_attributes = ResourceType(
    "aws.elbv2.load-balancer-attributes",
    Kind.OPTIONS,
    "Load balancer attributes",
    "The settings of a load balancer. Their id is the load balancer's ARN with `/attributes`.",
    call=Call(
        "elbv2",
        "DescribeLoadBalancerAttributes",
        "",
        per=_BALANCER,
    ),
    id="{@parent.id}/attributes",
    name="@parent.name",
    fields=(
        text("load_balancer", "@parent.id", "The load balancer."),
        flag("cross_zone", lambda raw: _switch(raw, "load_balancing.cross_zone.enabled"), "Targets in all zones."),
        flag("deletion_protection", lambda raw: _switch(raw, "deletion_protection.enabled"), "Deletion is refused."),
        flag("access_logs", lambda raw: _switch(raw, "access_logs.s3.enabled"), "Whether requests are logged."),
        text("zonal_affinity", lambda raw: setting(raw, "dns_record.client_routing_policy"), "How names resolve."),
    ),
    columns=("cross_zone", "deletion_protection", "access_logs"),
    relations=(Link("part-of", "@parent.id"),),
)

listener = ResourceType(
    "aws.elbv2.listener",
    Kind.LISTENER,
    "Listener",
    "A port of a load balancer, and what it does with what arrives there.",
    call=Call("elbv2", "DescribeListeners", "Listeners[]", PAGE, per=_BALANCER),
    id="{ListenerArn}",
    ordered=("AlpnPolicy",),
    fields=(
        text("load_balancer", "LoadBalancerArn", "The load balancer."),
        text("protocol", "Protocol", "HTTP, HTTPS, TCP, UDP, TCP_UDP, TLS, GENEVE, QUIC or TCP_QUIC."),
        number("port", "Port", "The port; a Gateway Load Balancer has none."),
        text("ssl_policy", "SslPolicy", "Which protocols and ciphers it accepts."),
        texts("certificates", "Certificates[].CertificateArn", "Its default certificate."),
        records(
            "actions",
            lambda raw: actions(raw, "DefaultActions"),
            "Default actions in order: type, target_groups.",
        ),
    ),
    columns=("protocol", "port", "load_balancer"),
    relations=(Link("part-of", "LoadBalancerArn"), Link("forwards-to", lambda raw: groups(raw, "DefaultActions"))),
)


def setting(raw: Raw, key: str) -> str | None:
    """One of the key and value pairs that ELB calls attributes."""
    return next((str(each.get("Value")) for each in getter("Attributes[]")(raw) if each.get("Key") == key), None)


def _switch(raw: Raw, key: str) -> bool | None:
    value = setting(raw, key)
    return None if value is None else value == "true"


def _addresses(raw: Raw) -> Records:
    found: Records = [
        {
            "zone": zone.get("ZoneName"),
            "subnet": zone.get("SubnetId"),
            "ip": address.get("IpAddress"),
            "private_ip": address.get("PrivateIPv4Address"),
            "ipv6": address.get("IPv6Address"),
            "allocation": address.get("AllocationId"),
        }
        for zone in getter("AvailabilityZones[]")(raw)
        for address in zone.get("LoadBalancerAddresses") or ()
    ]
    return sorted(found, key=lambda address: (address["zone"] or "", address["ip"] or address["private_ip"] or ""))


def actions(raw: Raw, member: str) -> Records:
    """The actions under `member`, in order: type, target_groups with weights."""
    found: list[tuple[int, dict[str, Any]]] = []
    for action in getter(f"{member}[]")(raw):
        groups = getter("ForwardConfig.TargetGroups[]")(action)
        if not groups and action.get("TargetGroupArn"):
            groups = [{"TargetGroupArn": action["TargetGroupArn"], "Weight": 1}]
        weights = sorted(
            ({"target_group": group.get("TargetGroupArn"), "weight": group.get("Weight")} for group in groups),
            key=lambda group: str(group["target_group"]),
        )
        found.append((int(action.get("Order") or 0), {"type": action.get("Type"), "target_groups": weights}))
    return [action for _, action in sorted(found, key=lambda pair: pair[0])]


def groups(raw: Raw, member: str) -> list[str]:
    """The target groups that the actions under `member` forward to."""
    one, many = f"{member}[].TargetGroupArn", f"{member}[].ForwardConfig.TargetGroups[].TargetGroupArn"
    return [*getter(one)(raw), *getter(many)(raw)]
