"""VPC Lattice: resources (databases, addresses, names) that are offered to other VPCs, and the gateways before them."""

from openvna.model import Kind
from openvna.plugins.aws.declaration import Detail, Each, Link, ResourceType, flag, number, text, texts, time
from openvna.plugins.aws.resources import vpc_lattice
from openvna.plugins.aws.resources.vpc_lattice import call, owner_of

FEATURE = vpc_lattice.FEATURE

_S, _MOVES = "vpc-lattice", ("lastUpdatedAt",)
_STATES = "ACTIVE, CREATE_IN_PROGRESS, UPDATE_IN_PROGRESS, DELETE_IN_PROGRESS, CREATE_FAILED, ..."

resource_configuration = ResourceType(
    "aws.vpc-lattice.resource-configuration",
    Kind.SERVICE,
    "Resource configuration",
    "A resource of a VPC, or a group of them, that others may reach.",
    call=call("ListResourceConfigurations"),
    details=(Detail(_S, "GetResourceConfiguration", {"resourceConfigurationIdentifier": "id"}),),
    id="{arn}",
    alias="id",
    name="name",
    owner=owner_of,
    drops=_MOVES,
    fields=(
        text("state", "status", _STATES),
        text("configuration_type", "type", "GROUP, CHILD, SINGLE, ARN or CIDR."),
        text("group", "resourceConfigurationGroupId", "The group that it is a child of."),
        text("gateway", "resourceGatewayId", "The gateway by which it is reached."),
        text("domain", "resourceConfigurationDefinition.dnsResource.domainName", "The name behind it."),
        text("address", "resourceConfigurationDefinition.ipResource.ipAddress", "The address behind it."),
        text("arn", "resourceConfigurationDefinition.arnResource.arn", "The resource behind it."),
        texts("cidrs", "resourceConfigurationDefinition.cidrResource.cidrRanges[]", "The addresses behind it."),
        texts("ports", "portRanges[]", "Its ports."),
        text("protocol", "protocol", "TCP or TCP_UDP."),
        text("custom_name", "customDomainName", "The name that its owner gave it."),
        flag("amazon_managed", "amazonManaged", "Whether an AWS service keeps it."),
        flag(
            "shareable",
            "allowAssociationToShareableServiceNetwork",
            "Whether it may be in a service network that is shared.",
        ),
        text("failure", "failureReason", "Why it failed."),
    ),
    columns=("state", "configuration_type", "gateway", "ports"),
    relations=(
        Link("part-of", "resourceConfigurationGroupId"),
        Link("uses", "resourceGatewayId"),
        Link("leads-to", "resourceConfigurationDefinition.arnResource.arn"),
    ),
)

resource_gateway = ResourceType(
    "aws.vpc-lattice.resource-gateway",
    Kind.GATEWAY,
    "Resource gateway",
    "The way into a VPC for those who reach its resources from elsewhere.",
    call=call("ListResourceGateways"),
    id="{arn}",
    alias="id",
    name="name",
    owner=owner_of,
    drops=_MOVES,
    fields=(
        text("state", "status", _STATES),
        text("vpc", "vpcIdentifier", "The VPC."),
        texts("subnets", "subnetIds[]", "Subnets with an interface of it."),
        texts("security_groups", "securityGroupIds[]", "Its security groups."),
        text("ip_address_type", "ipAddressType", "IPV4, IPV6 or DUALSTACK."),
        number("addresses", "ipv4AddressesPerEni", "IPv4 addresses on each interface."),
        text("names_from", "resourceConfigDnsResolution", "IN_VPC or PUBLIC: who is asked for names."),
        time("created", "createdAt", "When it was created."),
    ),
    columns=("state", "vpc", "subnets", "security_groups"),
    relations=(
        Link("in-network", "vpcIdentifier"),
        Link("in-subnet", "subnetIds[]"),
        Link("protected-by", "securityGroupIds[]"),
    ),
)

resource_endpoint = ResourceType(
    "aws.vpc-lattice.resource-endpoint-association",
    Kind.ATTACHMENT,
    "Resource endpoint association",
    "A VPC endpoint that leads to a resource.",
    call=call(
        "ListResourceEndpointAssociations",
        per=Each("aws.vpc-lattice.resource-configuration", "resourceConfigurationIdentifier"),
    ),
    id="{arn}",
    alias="id",
    fields=(
        text("resource", "resourceConfigurationArn", "The resource configuration."),
        text("endpoint", "vpcEndpointId", "The endpoint."),
        text("endpoint_owner", "vpcEndpointOwner", "The account that has it."),
        text("created_by", "createdBy", "The account that made it."),
        time("created", "createdAt", "When it was created."),
    ),
    columns=("resource", "endpoint", "endpoint_owner"),
    relations=(Link("part-of", "resourceConfigurationArn"), Link("associated-with", "vpcEndpointId")),
)

domain_verification = ResourceType(
    "aws.vpc-lattice.domain-verification",
    Kind.DNS_RECORD,
    "Domain verification",
    "Shows that a domain belongs to who names resources by it.",
    call=call("ListDomainVerifications"),
    id="{arn}",
    alias="id",
    name="domainName",
    tags="tags",
    drops=("lastVerifiedTime",),
    fields=(
        text("state", "status", "VERIFIED, PENDING or VERIFICATION_TIMED_OUT."),
        text("domain", "domainName", "The domain."),
        text("record", "txtMethodConfig.name", "The TXT record that must be there."),
        text("value", "txtMethodConfig.value", "What it must say."),
        time("created", "createdAt", "When it was created."),
    ),
    columns=("domain", "state"),
)
