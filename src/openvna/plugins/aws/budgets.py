"""What AWS grants: the token buckets of its APIs, one line each, with who says so.

A bucket holds `burst` calls and gets `per_second` back; where AWS documents a rate alone, we infer that as many may be
made at once. It belongs to an account in a region (to the account alone where a service is global), and to one
operation or to several together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

_EC2 = "EC2 developer guide, Request throttling"
_ELB = "Elastic Load Balancing user guide, Request throttling for the ELB API"
_ROUTE53 = "Route 53 developer guide, Quotas: Maximums on API requests"
_GATEWAY = "API Gateway developer guide, Quotas: Total operations"
_WAF = "WAF developer guide, Quotas: calls per account per Region"
_CLOUDWATCH = "CloudWatch user guide, Service quotas"
_QUOTAS = "Service Quotas user guide, API request rates"
_ACCOUNT = "Account Management reference, Quotas"
_STS = "IAM user guide, IAM and STS quotas: STS requests"
OURS = "our own choice: AWS documents none"
"""The word beside a number that is a guess of ours. It is meant to be low, and a throttling answer makes it lower."""


@dataclass(frozen=True, slots=True)
class Budget:
    """A bucket of `service`: of the `operations` named, else of all that have no line of their own.

    `each`: every one of them has such a bucket for itself; else they share one, with the service in `shared_with` too.
    `everywhere`: there is one for the account, whatever region is asked.
    """

    service: str
    burst: float
    per_second: float
    said_by: str
    operations: tuple[str, ...] = ()
    each: bool = True
    everywhere: bool = False
    shared_with: str = ""


BUDGETS: tuple[Budget, ...] = (
    Budget("ec2", 100, 20, _EC2),
    Budget("ec2", 20, 5, _EC2, ("DescribeStaleSecurityGroups",)),
    Budget("ec2", 1, 1, _EC2, ("DescribeMovingAddresses",)),
    Budget("ec2", 1, 0.5, OURS, ("DescribeByoipCidrs",)),
    Budget("elb", 40, 10, _ELB, each=False),
    Budget("elbv2", 40, 10, _ELB, each=False),
    Budget("route53", 5, 5, _ROUTE53, each=False, everywhere=True),
    Budget("route53resolver", 5, 5, _ROUTE53, each=False),
    Budget("apigateway", 40, 10, _GATEWAY, each=False),
    Budget("apigatewayv2", 40, 10, _GATEWAY, each=False, shared_with="apigateway"),
    Budget("wafv2", 5, 5, _WAF),
    Budget("wafv2", 1, 1, _WAF, ("ListResourcesForWebACL", "GetWebACLForResource")),
    Budget("cloudwatch", 9, 9, _CLOUDWATCH, ("DescribeAlarms", "DescribeAlarmsForMetric")),
    Budget("cloudwatch", 3, 3, _CLOUDWATCH, ("DescribeAlarmHistory",)),
    Budget("cloudwatch", 25, 25, _CLOUDWATCH, ("ListMetrics",)),
    Budget("cloudwatch", 50, 50, _CLOUDWATCH, ("GetMetricData",)),
    Budget("cloudwatch", 1, 1, OURS, ("DescribeInsightRules",)),
    Budget("logs", 5, 5, OURS),
    Budget("service-quotas", 20, 10, _QUOTAS, ("ListServiceQuotas", "ListAWSDefaultServiceQuotas")),
    Budget("service-quotas", 10, 5, _QUOTAS),
    Budget("account", 5, 5, _ACCOUNT, everywhere=True),
    Budget("sts", 600, 600, _STS, each=False),
    Budget("organizations", 10, 5, OURS, everywhere=True),
    Budget("iam", 10, 5, OURS, everywhere=True),
    Budget("cloudfront", 10, 5, OURS, everywhere=True),
    Budget("networkmanager", 20, 10, OURS, everywhere=True),
    Budget("shield", 10, 5, OURS, everywhere=True),
    Budget("route53-recovery-control-config", 10, 5, OURS, everywhere=True),
)

ANY_OTHER = Budget("", 20, 10, OURS)
"""For each operation of a service that has no line (Direct Connect, VPC Lattice, Network Firewall, RAM, ...)."""

UNPAGED = frozenset(
    {
        "DescribeInstances",
        "DescribeInstanceStatus",
        "DescribeNetworkInterfaces",
        "DescribeSecurityGroups",
        "DescribeSnapshots",
        "DescribeSpotInstanceRequests",
        "DescribeVolumes",
    }
)
"""EC2's reads that have a smaller bucket besides for whoever asks for everything at once."""
_UNPAGED = Budget("ec2", 50, 10, _EC2)


def budget(service: str, operation: str, params: Mapping[str, Any] | None = None) -> tuple[str, Budget]:
    """The bucket that a call draws from: its name (which stands for it in lists), and how large it is."""
    if service == "ec2" and operation in UNPAGED and params is not None and not _part(params):
        return f"ec2:{operation} (all at once)", _UNPAGED
    return _usual(service, operation)


@cache
def _usual(service: str, operation: str) -> tuple[str, Budget]:
    lines = [each for each in BUDGETS if each.service == service]
    line = next((each for each in lines if operation in each.operations), None)
    line = line or next((each for each in lines if not each.operations), ANY_OTHER)
    return (f"{service}:{operation}" if line.each else line.shared_with or service), line


def _part(params: Mapping[str, Any]) -> bool:
    """Whether a page or a filter is asked for."""
    return any(name in params for name in ("MaxResults", "NextToken", "Filters"))
