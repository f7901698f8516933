"""Service Quotas: how much of each network service the account may have in a region."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from openvna.model import Kind
from openvna.plugin import Feature
from openvna.plugins.aws.declaration import Call, Field, ResourceType, flag, text
from openvna.plugins.aws.paths import Raw

FEATURE = Feature(
    "quotas", "Quotas", "How much of each network service the account may have in a region.", optional=True
)

SERVICES = (
    "apigateway",
    "cloudfront",
    "directconnect",
    "ec2",
    "ec2-ipam",
    "elasticloadbalancing",
    "globalaccelerator",
    "network-firewall",
    "networkmanager",
    "ram",
    "route53",
    "route53resolver",
    "vpc",
    "vpc-lattice",
    "wafv2",
)
"""Services whose quotas bound a network, by their codes. One that is not in a region has no quotas there."""


class Bound(NamedTuple):
    """What a quota bounds: resources of a type, those of each value of the attribute `by` apart, or only those where
    `where` (ATTRIBUTE=VALUE) holds."""

    counts: str
    by: str = ""
    where: str = ""


BOUNDS: Mapping[str, Bound] = {
    "ec2/L-0263D0A3": Bound("aws.ec2.elastic-ip"),
    "ec2/L-3E6EC3A3": Bound("aws.ec2.vpn-connection"),
    "ec2/L-4FB7FF5D": Bound("aws.ec2.customer-gateway"),
    "ec2/L-7029FAB6": Bound("aws.ec2.vpn-gateway"),
    "ec2/L-8EA77D34": Bound("aws.ec2.client-vpn-endpoint"),
    "ec2/L-A2478D36": Bound("aws.ec2.transit-gateway"),
    "elasticloadbalancing/L-53DA6B97": Bound("aws.elbv2.load-balancer", where="balancer_type=application"),
    "elasticloadbalancing/L-69A177A2": Bound("aws.elbv2.load-balancer", where="balancer_type=network"),
    "elasticloadbalancing/L-B22855CB": Bound("aws.elbv2.target-group"),
    "elasticloadbalancing/L-E9E9831D": Bound("aws.elb.load-balancer"),
    "vpc/L-1B52E74A": Bound("aws.ec2.vpc-endpoint", where="endpoint_type=Gateway"),
    "vpc/L-29B6F2EB": Bound("aws.ec2.vpc-endpoint", by="vpc", where="endpoint_type=Interface"),
    "vpc/L-407747CB": Bound("aws.ec2.subnet", by="vpc"),
    "vpc/L-45FE3B85": Bound("aws.ec2.egress-only-internet-gateway"),
    "vpc/L-589F43AA": Bound("aws.ec2.route-table", by="vpc"),
    "vpc/L-A4707A72": Bound("aws.ec2.internet-gateway"),
    "vpc/L-B4A6D682": Bound("aws.ec2.network-acl", by="vpc"),
    "vpc/L-DF5E4CA3": Bound("aws.ec2.network-interface"),
    "vpc/L-E79EC296": Bound("aws.ec2.security-group"),
    "vpc/L-F678F1CE": Bound("aws.ec2.vpc"),
}
"""By service and code, for quotas of a region whose resources are read one by one: so their use is known without the
measurements of CloudWatch, which AWS bills by the metric. (`store/quotas.py` counts.)"""
LIMITS: Mapping[str, Bound] = {
    "application-load-balancers": Bound("aws.elbv2.load-balancer", where="balancer_type=application"),
    "classic-load-balancers": Bound("aws.elb.load-balancer"),
    "gateway-load-balancers": Bound("aws.elbv2.load-balancer", where="balancer_type=gateway"),
    "network-load-balancers": Bound("aws.elbv2.load-balancer", where="balancer_type=network"),
    "target-groups": Bound("aws.elbv2.target-group"),
}
"""The same of load balancers, by the names that DescribeAccountLimits has for them."""


def counted(bound: Callable[[Raw], Bound]) -> tuple[Field, ...]:
    """The attributes that say what a quota bounds."""
    return (
        text("counts", lambda raw: bound(raw).counts, "The resource type that it bounds, where all of it is read."),
        text("counts_by", lambda raw: bound(raw).by, "The attribute for each value of which it is the bound."),
        text("counts_where", lambda raw: bound(raw).where, "Which of them count, as ATTRIBUTE=VALUE."),
    )


def limit(raw: Raw) -> Bound:
    """What a limit of DescribeAccountLimits bounds."""
    return LIMITS.get(str(raw.get("Name")), Bound(""))


def _bound(raw: Raw) -> Bound:
    return BOUNDS.get(f"{raw.get('ServiceCode')}/{raw.get('QuotaCode')}", Bound(""))


quota = ResourceType(
    "aws.service-quotas.quota",
    Kind.QUOTA,
    "Service quota",
    "How many of something the account may have: the default, or what was asked for and granted.",
    call=Call("service-quotas", "ListServiceQuotas", "Quotas[]", 100, by="ServiceCode", values=SERVICES, absent=True),
    id="{QuotaArn}",
    alias="QuotaCode",
    name="QuotaName",
    drops=("ErrorReason",),
    fields=(
        text("service", "ServiceCode", "Of which service."),
        text("quota", "QuotaName", "Of what."),
        Field("maximum", "Value", "How many.", "number"),
        text("unit", "Unit", "In which unit; None for a count."),
        flag("adjustable", "Adjustable", "Whether AWS gives more to those who ask."),
        flag("global", "GlobalQuota", "Whether it is for all regions together."),
        text("metric", "UsageMetric.MetricName", "The CloudWatch metric that says how much is used."),
        *counted(_bound),
    ),
    columns=("service", "quota", "maximum", "adjustable"),
    given={},
)
