"""AWS Verified Access: applications that people reach without a VPN, and who vouches for them."""

from openvna.model import Kind
from openvna.plugin import Feature
from openvna.plugins.aws.declaration import Detail, Link, ResourceType, ec2, flag, number, text, texts

FEATURE = Feature(
    "verified-access",
    "Verified Access",
    "Verified Access instances, groups with their policies, endpoints and trust providers.",
    optional=True,
)

instance = ResourceType(
    "aws.ec2.verified-access-instance",
    Kind.SERVICE,
    "Verified Access instance",
    "Judges requests to applications by what trust providers say.",
    call=ec2("DescribeVerifiedAccessInstances", "VerifiedAccessInstances[]", 200),
    id="verified-access-instance/{VerifiedAccessInstanceId}",
    alias="VerifiedAccessInstanceId",
    fields=(
        texts("trust_providers", "VerifiedAccessTrustProviders[].VerifiedAccessTrustProviderId", "Who vouches."),
        flag("fips", "FipsEnabled", "Whether only FIPS 140 ciphers are used."),
        text("sub_domain", "CidrEndpointsCustomSubDomain.SubDomain", "Domain of its network endpoints."),
        text("description", "Description", "What its owner said of it."),
    ),
    columns=("trust_providers", "fips", "description"),
    relations=(Link("uses", "VerifiedAccessTrustProviders[].VerifiedAccessTrustProviderId"),),
)

group = ResourceType(
    "aws.ec2.verified-access-group",
    Kind.POLICY,
    "Verified Access group",
    "Endpoints that share a policy.",
    call=ec2("DescribeVerifiedAccessGroups", "VerifiedAccessGroups[]"),
    details=(Detail("ec2", "GetVerifiedAccessGroupPolicy", {"VerifiedAccessGroupId": "VerifiedAccessGroupId"}),),
    id="verified-access-group/{VerifiedAccessGroupId}",
    alias="VerifiedAccessGroupId",
    owner="Owner",
    fields=(
        text("instance", "VerifiedAccessInstanceId", "The instance."),
        flag("policy_enabled", "PolicyEnabled", "Whether its policy is in force."),
        text("policy", "PolicyDocument", "The policy, in Cedar."),
        text("description", "Description", "What its owner said of it."),
    ),
    columns=("instance", "policy_enabled", "description"),
    relations=(Link("part-of", "VerifiedAccessInstanceId"),),
)

endpoint = ResourceType(
    "aws.ec2.verified-access-endpoint",
    Kind.ENDPOINT,
    "Verified Access endpoint",
    "An application, or a network, that people reach by Verified Access.",
    call=ec2("DescribeVerifiedAccessEndpoints", "VerifiedAccessEndpoints[]"),
    details=(
        Detail("ec2", "GetVerifiedAccessEndpointPolicy", {"VerifiedAccessEndpointId": "VerifiedAccessEndpointId"}),
    ),
    needs="aws.ec2.verified-access-group",
    id="verified-access-endpoint/{VerifiedAccessEndpointId}",
    alias="VerifiedAccessEndpointId",
    fields=(
        text("state", "Status.Code", "pending, active, updating, deleting or deleted."),
        text("endpoint_type", "EndpointType", "load-balancer, network-interface, rds or cidr."),
        text("domain", "ApplicationDomain", "The name that people use."),
        text("endpoint_domain", "EndpointDomain", "The name that it leads to."),
        text(
            "target",
            "LoadBalancerOptions.LoadBalancerArn|NetworkInterfaceOptions.NetworkInterfaceId|CidrOptions.Cidr|"
            "RdsOptions.RdsDbInstanceArn|RdsOptions.RdsDbClusterArn|RdsOptions.RdsDbProxyArn",
            "What is behind it.",
        ),
        number("port", "LoadBalancerOptions.Port|NetworkInterfaceOptions.Port|RdsOptions.Port", "Its port."),
        text("instance", "VerifiedAccessInstanceId", "The instance."),
        text("group", "VerifiedAccessGroupId", "The group."),
        texts("security_groups", "SecurityGroupIds[]", "Its security groups."),
        flag("policy_enabled", "PolicyEnabled", "Whether a policy of its own is in force."),
        text("policy", "PolicyDocument", "That policy, in Cedar."),
        text("description", "Description", "What its owner said of it."),
    ),
    columns=("domain", "endpoint_type", "target", "state"),
    relations=(
        Link("part-of", "VerifiedAccessGroupId"),
        Link("leads-to", "LoadBalancerOptions.LoadBalancerArn|NetworkInterfaceOptions.NetworkInterfaceId"),
        Link("protected-by", "SecurityGroupIds[]"),
    ),
)

trust_provider = ResourceType(
    "aws.ec2.verified-access-trust-provider",
    Kind.SERVICE,
    "Verified Access trust provider",
    "Vouches for people or devices.",
    call=ec2("DescribeVerifiedAccessTrustProviders", "VerifiedAccessTrustProviders[]", 200),
    id="verified-access-trust-provider/{VerifiedAccessTrustProviderId}",
    alias="VerifiedAccessTrustProviderId",
    fields=(
        text("provider_type", "TrustProviderType", "user or device."),
        text("product", "UserTrustProviderType|DeviceTrustProviderType", "iam-identity-center, oidc, jamf, ..."),
        text("issuer", "OidcOptions.Issuer", "Issuer of its tokens."),
        text("reference", "PolicyReferenceName", "Its name in policies."),
        text("description", "Description", "What its owner said of it."),
    ),
    columns=("provider_type", "product", "reference"),
)
