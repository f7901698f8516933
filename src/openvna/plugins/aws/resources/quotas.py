"""Service Quotas: how much of each network service the account may have in a region."""

from openvna.model import Kind
from openvna.plugin import Feature
from openvna.plugins.aws.declaration import Call, Field, ResourceType, flag, text

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
    ),
    columns=("service", "quota", "maximum", "adjustable"),
    given={},
)
