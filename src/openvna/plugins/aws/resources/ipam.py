"""Amazon VPC IP Address Manager: scopes, pools, what they hold and gave out, and what it found in use."""

from openvna.model import Kind
from openvna.plugin import Feature
from openvna.plugins.aws.declaration import Each, Field, Link, ResourceType, ec2, flag, number, text, texts

FEATURE = Feature(
    "ipam",
    "IP address management",
    "IPAM scopes, pools, allocations, and the addresses that it found in use.",
    optional=True,
)

_POOL = Each("aws.ec2.ipam-pool", "IpamPoolId", "alias")
_STATES = "create-complete, modify-complete, delete-in-progress, ..."

ipam = ResourceType(
    "aws.ec2.ipam",
    Kind.ADDRESS_POOL,
    "IPAM",
    "An IP address manager.",
    call=ec2("DescribeIpams", "Ipams[]"),
    id="{IpamArn}",
    alias="IpamId",
    region="IpamRegion",
    fields=(
        text("state", "State", _STATES),
        text("tier", "Tier", "free or advanced."),
        texts("operating_regions", "OperatingRegions[].RegionName", "Regions that it manages."),
        number("scopes", "ScopeCount", "How many scopes it has."),
        text("public_scope", "PublicDefaultScopeId", "Its default public scope."),
        text("private_scope", "PrivateDefaultScopeId", "Its default private scope."),
        text("metered_account", "MeteredAccount", "ipam-owner or resource-owner: who pays."),
        text("message", "StateMessage", "Why it is in that state."),
        text("description", "Description", "What its owner said of it."),
    ),
    columns=("state", "tier", "operating_regions", "scopes"),
)

ipam_scope = ResourceType(
    "aws.ec2.ipam-scope",
    Kind.ADDRESS_POOL,
    "IPAM scope",
    "Addresses that must not overlap: the public ones, or those of one private network.",
    call=ec2("DescribeIpamScopes", "IpamScopes[]"),
    needs="aws.ec2.ipam",
    id="{IpamScopeArn}",
    alias="IpamScopeId",
    region="IpamRegion",
    fields=(
        text("scope_type", "IpamScopeType", "public or private."),
        flag("default", "IsDefault", "Whether it came with the IPAM."),
        number("pools", "PoolCount", "How many pools it has."),
        text("state", "State", _STATES),
        text("ipam", "IpamArn", "The IPAM."),
        text("external", "ExternalAuthorityConfiguration.Type", "The other system that manages it."),
        text("description", "Description", "What its owner said of it."),
    ),
    columns=("scope_type", "default", "pools", "state"),
    relations=(Link("part-of", "IpamArn"),),
)

pool = ResourceType(
    "aws.ec2.ipam-pool",
    Kind.ADDRESS_POOL,
    "IPAM pool",
    "Prefixes that addresses are given out of.",
    call=ec2("DescribeIpamPools", "IpamPools[]"),
    id="{IpamPoolArn}",
    alias="IpamPoolId",
    region="IpamRegion",
    fields=(
        text("address_family", "AddressFamily", "ipv4 or ipv6."),
        text("locale", "Locale", "The region or zone that it serves; None for no particular one."),
        text("state", "State", _STATES),
        text("scope", "IpamScopeArn", "Its scope."),
        text("source_pool", "SourceIpamPoolId", "The pool that its prefixes come out of."),
        number("depth", "PoolDepth", "How many pools are above it."),
        flag("auto_import", "AutoImport", "Whether it takes in what is in use already."),
        flag("advertisable", "PubliclyAdvertisable", "Whether its IPv6 prefixes can be advertised."),
        number("shortest", "AllocationMinNetmaskLength", "Shortest prefix that it gives out."),
        number("longest", "AllocationMaxNetmaskLength", "Longest prefix that it gives out."),
        text("service", "AwsService", "The service that may use it."),
        text("message", "StateMessage", "Why it is in that state."),
        text("description", "Description", "What its owner said of it."),
    ),
    columns=("address_family", "locale", "source_pool", "state"),
    relations=(Link("part-of", "IpamScopeArn"), Link("taken-from", "SourceIpamPoolId")),
)

pool_cidr = ResourceType(
    "aws.ec2.ipam-pool-cidr",
    Kind.ADDRESS_POOL,
    "IPAM pool CIDR",
    "A prefix of a pool. Its id is the pool's ARN with `/cidr/CIDR`.",
    call=ec2("GetIpamPoolCidrs", "IpamPoolCidrs[]", per=_POOL),
    id="{@parent.id}/cidr/{Cidr|IpamPoolCidrId}",
    name="Cidr",
    fields=(
        text("pool", "@parent.alias", "The pool."),
        text("cidr", "Cidr", "The prefix."),
        text("state", "State", "provisioned, pending-provision, failed-provision, deprovisioned, ..."),
        text("failure", "FailureReason.Message", "Why it failed."),
    ),
    columns=("pool", "cidr", "state"),
    relations=(Link("part-of", "@parent.id"),),
)

pool_allocation = ResourceType(
    "aws.ec2.ipam-pool-allocation",
    Kind.ADDRESS_POOL,
    "IPAM pool allocation",
    "A prefix that a pool gave out, and to what.",
    call=ec2("GetIpamPoolAllocations", "IpamPoolAllocations[]", per=_POOL),
    id="{@parent.id}/allocation/{IpamPoolAllocationId}",
    alias="IpamPoolAllocationId",
    name="Cidr",
    fields=(
        text("pool", "@parent.alias", "The pool."),
        text("cidr", "Cidr", "The prefix."),
        text("resource", "ResourceId", "What it was given to."),
        text("resource_type", "ResourceType", "vpc, subnet, ipam-pool, ec2-public-ipv4-pool, eip, custom, ..."),
        text("resource_region", "ResourceRegion", "Where that is."),
        text("resource_owner", "ResourceOwner", "Whose that is."),
        text("description", "Description", "What its author said of it."),
    ),
    columns=("pool", "cidr", "resource", "resource_type", "resource_owner"),
    relations=(Link("part-of", "@parent.id"), Link("given-to", "ResourceId")),
)

resource_cidr = ResourceType(
    "aws.ec2.ipam-resource-cidr",
    Kind.ADDRESS_POOL,
    "IPAM resource CIDR",
    "Addresses in use as IPAM found them. Its id is the scope's ARN with `/resource/ID/CIDR`.",
    call=ec2("GetIpamResourceCidrs", "IpamResourceCidrs[]", per=Each("aws.ec2.ipam-scope", "IpamScopeId", "alias")),
    id="{@parent.id}/resource/{ResourceId}/{ResourceCidr}",
    name="ResourceName",
    tags="ResourceTags",
    fields=(
        text("scope", "@parent.alias", "The scope."),
        text("resource", "ResourceId", "What uses them."),
        text("resource_type", "ResourceType", "vpc, subnet, eip, public-ipv4-pool, ipv6-pool, eni, ..."),
        text("cidr", "ResourceCidr", "The addresses."),
        text("resource_region", "ResourceRegion", "Where that is."),
        text("resource_owner", "ResourceOwnerId", "Whose that is."),
        text("pool", "IpamPoolId", "The pool that they come from."),
        text("overlap", "OverlapStatus", "overlapping, nonoverlapping or ignored."),
        text("compliance", "ComplianceStatus", "compliant, noncompliant, unmanaged or ignored."),
        text("management", "ManagementState", "managed, unmanaged or ignored."),
        Field("usage", "IpUsage", "Part of them that is in use, from 0 to 1.", "number", volatile=True),
    ),
    columns=("resource", "cidr", "resource_owner", "overlap", "compliance"),
    relations=(Link("part-of", "@parent.id"), Link("given-to", "ResourceId"), Link("taken-from", "IpamPoolId")),
)

discovery = ResourceType(
    "aws.ec2.ipam-resource-discovery",
    Kind.MONITOR,
    "IPAM resource discovery",
    "Looks for addresses in use in an account, for one IPAM or several.",
    call=ec2("DescribeIpamResourceDiscoveries", "IpamResourceDiscoveries[]"),
    id="{IpamResourceDiscoveryArn}",
    alias="IpamResourceDiscoveryId",
    region="IpamResourceDiscoveryRegion",
    fields=(
        text("state", "State", _STATES),
        flag("default", "IsDefault", "Whether it came with the IPAM."),
        texts("operating_regions", "OperatingRegions[].RegionName", "Regions that it looks in."),
        text("description", "Description", "What its owner said of it."),
    ),
    columns=("state", "default", "operating_regions"),
)

discovery_association = ResourceType(
    "aws.ec2.ipam-resource-discovery-association",
    Kind.ATTACHMENT,
    "IPAM resource discovery association",
    "An IPAM that is told what a resource discovery finds.",
    call=ec2("DescribeIpamResourceDiscoveryAssociations", "IpamResourceDiscoveryAssociations[]"),
    id="{IpamResourceDiscoveryAssociationArn}",
    alias="IpamResourceDiscoveryAssociationId",
    region="IpamRegion",
    fields=(
        text("ipam", "IpamId", "The IPAM."),
        text("discovery", "IpamResourceDiscoveryId", "The resource discovery."),
        text("state", "State", "associate-complete, disassociate-in-progress, isolate-complete, ..."),
        text("discovery_status", "ResourceDiscoveryStatus", "active or not-found."),
        flag("default", "IsDefault", "Whether it came with the IPAM."),
    ),
    columns=("ipam", "discovery", "state"),
    relations=(Link("part-of", "IpamArn"), Link("associated-with", "IpamResourceDiscoveryId")),
)

asn = ResourceType(
    "aws.ec2.ipam-byoasn",
    Kind.ADDRESS_POOL,
    "Brought autonomous system",
    "A BGP autonomous system that the customer brought to AWS (BYOASN).",
    call=ec2("DescribeIpamByoasn", "Byoasns[]", 100),
    needs="aws.ec2.ipam",
    id="arn:{@scope.partition}:ec2::{@owner}:ipam/{IpamId}/asn/{Asn}",
    name="Asn",
    fields=(
        text("asn", "Asn", "Its number."),
        text("ipam", "IpamId", "The IPAM."),
        text("state", "State", "provisioned, pending-provision, failed-provision, ..."),
        text("message", "StatusMessage", "Why it is in that state."),
    ),
    columns=("asn", "ipam", "state"),
    relations=(Link("part-of", "IpamId"),),
)

policy = ResourceType(
    "aws.ec2.ipam-policy",
    Kind.POLICY,
    "IPAM policy",
    "Which pools public addresses of services are taken from.",
    call=ec2("DescribeIpamPolicies", "IpamPolicies[]"),
    needs="aws.ec2.ipam",
    id="{IpamPolicyArn}",
    alias="IpamPolicyId",
    region="IpamPolicyRegion",
    fields=(
        text("ipam", "IpamId", "The IPAM."),
        text("state", "State", _STATES),
        text("message", "StateMessage", "Why it is in that state."),
    ),
    columns=("ipam", "state"),
    relations=(Link("part-of", "IpamId"),),
)

resolver = ResourceType(
    "aws.ec2.ipam-prefix-list-resolver",
    Kind.PREFIX_LIST,
    "IPAM prefix list resolver",
    "Keeps prefix lists in step with what IPAM knows.",
    call=ec2("DescribeIpamPrefixListResolvers", "IpamPrefixListResolvers[]"),
    needs="aws.ec2.ipam",
    id="{IpamPrefixListResolverArn}",
    alias="IpamPrefixListResolverId",
    region="IpamRegion",
    fields=(
        text("address_family", "AddressFamily", "ipv4 or ipv6."),
        text("state", "State", _STATES),
        text("last_version", "LastVersionCreationStatus", "pending, success or failure."),
        text("message", "LastVersionCreationStatusMessage", "Why the last version failed."),
        text("description", "Description", "What its owner said of it."),
    ),
    columns=("address_family", "state", "last_version"),
    relations=(Link("part-of", "IpamArn"),),
)

resolver_target = ResourceType(
    "aws.ec2.ipam-prefix-list-resolver-target",
    Kind.PREFIX_LIST,
    "IPAM prefix list resolver target",
    "A prefix list that a resolver keeps.",
    call=ec2("DescribeIpamPrefixListResolverTargets", "IpamPrefixListResolverTargets[]"),
    needs="aws.ec2.ipam-prefix-list-resolver",
    id="{IpamPrefixListResolverTargetArn}",
    alias="IpamPrefixListResolverTargetId",
    fields=(
        text("resolver", "IpamPrefixListResolverId", "The resolver."),
        text("prefix_list", "PrefixListId", "The prefix list."),
        text("prefix_list_region", "PrefixListRegion", "Where that is."),
        text("state", "State", "sync-complete, sync-failed, sync-in-progress, ..."),
        number("synced_version", "LastSyncedVersion", "The version that it holds."),
        number("wanted_version", "DesiredVersion", "The version that it should hold."),
        flag("tracks_latest", "TrackLatestVersion", "Whether it follows the newest version."),
        text("message", "StateMessage", "Why it is in that state."),
    ),
    columns=("resolver", "prefix_list", "prefix_list_region", "state"),
    relations=(Link("part-of", "IpamPrefixListResolverId"), Link("associated-with", "PrefixListId")),
)
