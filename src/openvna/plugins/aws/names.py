"""What the name of a thing says of it: an ARN its type, account and region, a short id (`vpc-0a1b...`) its type.

The forms of ARNs are those of the declarations. The beginnings of short ids are EC2's (EC2 User Guide, "Resource IDs",
and the examples of each operation in the API reference).
"""

from __future__ import annotations

import re
from functools import cache

from openvna.plugin.naming import Stub
from openvna.plugins.aws.arn import parse_arn
from openvna.plugins.aws.types import TYPES

SHORT_IDS = {
    "acl": "aws.ec2.network-acl",
    "cagw": "aws.ec2.carrier-gateway",
    "cgw": "aws.ec2.customer-gateway",
    "cvpn-endpoint": "aws.ec2.client-vpn-endpoint",
    "dopt": "aws.ec2.dhcp-options",
    "dxlag": "aws.directconnect.lag",
    "dxvif": "aws.directconnect.virtual-interface",
    "eice": "aws.ec2.instance-connect-endpoint",
    "eigw": "aws.ec2.egress-only-internet-gateway",
    "eipalloc": "aws.ec2.elastic-ip",
    "eni": "aws.ec2.network-interface",
    "fl": "aws.ec2.flow-log",
    "i": "aws.ec2.instance",
    "igw": "aws.ec2.internet-gateway",
    "ipam": "aws.ec2.ipam",
    "ipam-pool": "aws.ec2.ipam-pool",
    "ipam-scope": "aws.ec2.ipam-scope",
    "lgw": "aws.ec2.local-gateway",
    "lgw-rtb": "aws.ec2.local-gateway-route-table",
    "nat": "aws.ec2.nat-gateway",
    "pcx": "aws.ec2.vpc-peering-connection",
    "pl": "aws.ec2.managed-prefix-list",
    "rtb": "aws.ec2.route-table",
    "sg": "aws.ec2.security-group",
    "sgr": "aws.ec2.security-group-rule",
    "subnet": "aws.ec2.subnet",
    "tgw": "aws.ec2.transit-gateway",
    "tgw-attach": "aws.ec2.transit-gateway-attachment",
    "tgw-connect-peer": "aws.ec2.transit-gateway-connect-peer",
    "tgw-mcast-domain": "aws.ec2.transit-gateway-multicast-domain",
    "tgw-rtb": "aws.ec2.transit-gateway-route-table",
    "tmf": "aws.ec2.traffic-mirror-filter",
    "tms": "aws.ec2.traffic-mirror-session",
    "tmt": "aws.ec2.traffic-mirror-target",
    "vgw": "aws.ec2.vpn-gateway",
    "vpc": "aws.ec2.vpc",
    "vpce": "aws.ec2.vpc-endpoint",
    "vpce-svc": "aws.ec2.vpc-endpoint-service",
    "vpn": "aws.ec2.vpn-connection",
    "core-network": "aws.networkmanager.core-network",
    "global-network": "aws.networkmanager.global-network",
}

_SHORT = re.compile(r"([a-z][a-z-]*[a-z]|i)-[0-9a-z]{3,}")
_FORM = re.compile(r"arn:[^:]*:([^:{]+):[^:]*:[^:]*:([\w-]+)([/:])\{[^/:]*\}")
_PLACE = re.compile(r"account/region/(?P<region>[\w-]+)(?P<zone>/zone/[\w-]+)?")
_WHOLE = tuple(
    (service, re.compile(form), type)
    for service, form, type in (
        ("elasticloadbalancing", r"loadbalancer/(?:app|gwy|net)/[^/]+/[^/]+", "aws.elbv2.load-balancer"),
        ("elasticloadbalancing", r"targetgroup/[^/]+/[^/]+", "aws.elbv2.target-group"),
        ("directconnect", r"dx-gateway/[^/]+", "aws.directconnect.gateway"),
        ("ec2", r"prefix-list/[^/]+", "aws.ec2.managed-prefix-list"),
        ("network-firewall", r"firewall/[^/]+", "aws.network-firewall.firewall"),
        ("ram", r"resource-share/[^/]+", "aws.ram.resource-share"),
        ("route53", r"hostedzone/[^/]+", "aws.route53.hosted-zone"),
        ("vpc-lattice", r"service/[^/]+", "aws.vpc-lattice.service"),
        ("vpc-lattice", r"servicenetwork/[^/]+", "aws.vpc-lattice.service-network"),
    )
)
"""Types whose declaration takes the ARN whole from AWS: service, form of the resource part, type."""


def named(name: str) -> Stub:
    """What an ARN or a short id says of the thing that it names."""
    arn = parse_arn(name)
    if arn is None:
        found = _SHORT.fullmatch(name)
        return Stub(SHORT_IDS.get(found[1], "") if found else "")
    account = arn.account if arn.account.isdigit() else ""
    if arn.service == "account":
        place = _PLACE.fullmatch(arn.resource)
        if place is None:
            return Stub("aws.account" if arn.resource == "account" else "", account)
        return Stub("aws.ec2.availability-zone" if place["zone"] else "aws.region", account, place["region"])
    for service, form, type in _WHOLE:
        if arn.service == service and form.fullmatch(arn.resource):
            return Stub(type, account, arn.region)
    kind, sign, rest = arn.resource.partition("/")
    plain = sign and "/" not in rest
    return Stub(_forms().get((arn.service, kind), "") if plain else "", account, arn.region)


@cache
def _forms() -> dict[tuple[str, str], str]:
    """The types by the service of their ARN and what stands before their id in it, where only one type is so."""
    found: dict[tuple[str, str], list[str]] = {}
    for name, declared in TYPES.items():
        if not isinstance(declared.id, str):
            continue
        whole = declared.id if declared.id.startswith(("arn:", "{")) else f"arn:p:ec2:r:a:{declared.id}"
        match = _FORM.fullmatch(re.sub(r"\{[^}]*\}", "{}", whole))
        if match is not None and match[3] == "/":
            found.setdefault((match[1], match[2]), []).append(name)
    return {form: types[0] for form, types in found.items() if len(types) == 1}
