"""What AWS tells of networks and no resource type is read from, with the reason: `docs/resource-types.md` says so.

An operation of which a new type is declared is taken out here; a test holds the two to each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unread:
    """Operations that are not read, by service (botocore's name of it), for one reason."""

    reason: str
    operations: Mapping[str, tuple[str, ...]]


UNREAD = (
    Unread(
        "They repeat, item by item, what another operation tells that is read.",
        {
            "ec2": (
                "DescribeIpamPoolAllocations",
                "DescribeNetworkInterfaceAttribute",
                "DescribeTrafficMirrorFilterRules",
                "GetSecurityGroupsForVpc",
                "GetTransitGatewayAttachmentPropagations",
            ),
            "directconnect": ("DescribeConnectionsOnInterconnect",),
            "networkmanager": ("GetNetworkResourceCounts", "GetNetworkResourceRelationships", "GetNetworkResources"),
            "network-firewall": ("DescribeFirewallMetadata", "DescribeRuleGroupMetadata", "DescribeRuleGroupSummary"),
            "networkmonitor": ("GetProbe",),
            "route53": ("ListCidrLocations",),
            "service-quotas": ("GetServiceQuota",),
            "servicediscovery": ("GetNamespace",),
        },
    ),
    Unread(
        "Tags come with the resources themselves, or with the operations that list them.",
        {
            "ec2": ("DescribeTags",),
            "directconnect": ("DescribeTags",),
            "networkmanager": ("ListTagsForResource",),
            "resourcegroupstaggingapi": ("GetResources",),
        },
    ),
    Unread(
        "They tell what happened, not what is there: events, sessions, histories.",
        {
            "cloudtrail": ("LookupEvents",),
            "cloudwatch": ("DescribeAlarmHistory",),
            "config": ("GetResourceConfigHistory",),
            "ec2": ("DescribeClientVpnConnections", "GetIpamAddressHistory"),
            "health": ("DescribeAffectedEntities", "DescribeEvents"),
            "internetmonitor": ("ListInternetEvents",),
            "logs": ("FilterLogEvents", "GetQueryResults", "StartQuery"),
            "networkmanager": ("GetCoreNetworkChangeEvents",),
        },
    ),
    Unread(
        "They are measurements, which AWS bills by the call or the metric, or (health checks) wants asked seldom.",
        {
            "cloudwatch": ("GetMetricData", "ListMetrics"),
            "ec2": ("GetAwsNetworkPerformanceData",),
            "route53": ("GetHealthCheckStatus",),
        },
    ),
    Unread(
        "They belong to entering accounts and proving access, which calls them where it needs them; an account of an "
        "organization is told them by its management account alone.",
        {
            "account": ("GetRegionOptStatus", "ListRegions"),
            "iam": (
                "GetAccountAuthorizationDetails",
                "GetContextKeysForPrincipalPolicy",
                "ListAccountAliases",
                "SimulatePrincipalPolicy",
            ),
            "organizations": (
                "DescribeEffectivePolicy",
                "DescribeOrganization",
                "ListDelegatedAdministrators",
                "ListOrganizationalUnitsForParent",
                "ListParents",
                "ListPolicies",
                "ListRoots",
            ),
            "sts": ("AssumeRole", "DecodeAuthorizationMessage"),
        },
    ),
    Unread(
        "They are inventories of AWS's own, which know less of networks, and are on only where somebody pays for them "
        "or set them up.",
        {
            "config": ("ListDiscoveredResources", "SelectAggregateResourceConfig", "SelectResourceConfig"),
            "resource-explorer-2": ("ListIndexes", "ListViews", "Search"),
        },
    ),
    Unread(
        "They are the same for every account: catalogues and defaults.",
        {"ec2": ("DescribeInstanceTypes",), "service-quotas": ("ListAWSDefaultServiceQuotas",)},
    ),
    Unread(
        "One call for each security group, for what its rules and those of peered VPCs say.",
        {"ec2": ("DescribeSecurityGroupReferences",)},
    ),
    Unread(
        "AWS has ended it: EC2-Classic (2023), App Mesh (2026).",
        {
            "appmesh": ("ListMeshes", "ListVirtualGateways", "ListVirtualNodes", "ListVirtualServices"),
            "ec2": ("DescribeMovingAddresses",),
        },
    ),
    Unread(
        "IAM's list of actions has no permission for it yet.",
        {"route53globalresolver": ("ListSharedDNSViews",)},
    ),
    Unread(
        "They are newer than botocore 1.43, by which the types are declared.",
        {
            "ec2": (
                "DescribeTransitGatewayNetworkFunctionAttachments",
                "GetTransitGatewayAttachmentNatConfiguration",
            ),
            "networkflowmonitor": ("ListPerformanceMonitors",),
            "networkmanager": ("ListAttachmentNatConfigurations",),
            "route53globalresolver": ("ListCoreNetworkEndpoints",),
        },
    ),
)
