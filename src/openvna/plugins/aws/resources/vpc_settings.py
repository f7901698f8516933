"""Settings of a VPC that calls of their own tell: DNS, enforced encryption, secondary networks, names of addresses."""

from openvna.model import Kind, Resource
from openvna.plugins.aws import features
from openvna.plugins.aws.declaration import REGION, Detail, Each, Link, ResourceType, ec2, flag, number, text, texts
from openvna.plugins.aws.paths import Raw, template

FEATURE = features.VPC

_EIP = "arn:{@scope.partition}:ec2:{@scope.region}:{@owner}:elastic-ip/"

vpc_attributes = ResourceType(
    "aws.ec2.vpc-attributes",
    Kind.OPTIONS,
    "VPC attributes",
    "Whether a VPC answers questions for names, and gives them. Their id is the VPC's ARN with `/attributes`.",
    call=ec2(
        "DescribeVpcAttribute",
        "",
        page=0,
        params={"Attribute": "enableDnsSupport"},
        per=Each("aws.ec2.vpc", "VpcId", "alias"),
    ),
    details=tuple(
        Detail("ec2", "DescribeVpcAttribute", {"VpcId": "VpcId"}, fixed={"Attribute": attribute})
        for attribute in ("enableDnsHostnames", "enableNetworkAddressUsageMetrics")
    ),
    id="{@parent.id}/attributes",
    name="@parent.name",
    fields=(
        text("vpc", "VpcId", "The VPC."),
        flag("dns_support", "EnableDnsSupport.Value", "Whether it has a resolver."),
        flag("dns_hostnames", "EnableDnsHostnames.Value", "Whether instances with public addresses have public names."),
        flag("usage_metrics", "EnableNetworkAddressUsageMetrics.Value", "Whether its use of addresses is measured."),
    ),
    columns=("vpc", "dns_support", "dns_hostnames"),
    relations=(Link("part-of", "@parent.id"),),
    given={},
)

encryption_control = ResourceType(
    "aws.ec2.vpc-encryption-control",
    Kind.POLICY,
    "VPC encryption control",
    "Watches, or enforces, that traffic inside a VPC is encrypted.",
    call=ec2("DescribeVpcEncryptionControls", "VpcEncryptionControls[]"),
    needs="aws.ec2.vpc",
    id="vpc-encryption-control/{VpcEncryptionControlId}",
    alias="VpcEncryptionControlId",
    fields=(
        text("vpc", "VpcId", "The VPC."),
        text("mode", "Mode", "monitor or enforce."),
        text("state", "State", "available, creating, monitor-in-progress, enforce-in-progress, enforce-failed, ..."),
        text("message", "StateMessage", "Why it is in that state."),
        texts("excluded", lambda raw: _excluded(raw), "What may be unencrypted: InternetGateway, NatGateway, ..."),
    ),
    columns=("vpc", "mode", "state", "excluded"),
    relations=(Link("applies-to", "VpcId"),),
)

account_encryption_control = ResourceType(
    "aws.ec2.account-vpc-encryption-control",
    Kind.POLICY,
    "Encryption control of all VPCs",
    "What is asked of all VPCs of a region. Its id is the region's with `/vpc-encryption-control`.",
    call=ec2("DescribeAccountVpcEncryptionControl", "AccountVpcEncryptionControl", page=0),
    id=template(REGION + "/vpc-encryption-control"),
    drops=("LastUpdateTimestamp",),
    fields=(
        text("mode", "Mode", "unmanaged, attempt-monitor or attempt-enforce."),
        text("state", "State", "default-state, transitions-in-progress, transitions-successful, ..."),
        text("managed_by", "ManagedBy", "account or declarative-policy."),
    ),
    columns=("mode", "state", "managed_by"),
    relations=(Link("applies-to", "@scope.region", REGION),),
    given={},
)

secondary_network = ResourceType(
    "aws.ec2.secondary-network",
    Kind.NETWORK,
    "Secondary network",
    "A network beside VPCs for traffic between accelerators (RDMA).",
    call=ec2("DescribeSecondaryNetworks", "SecondaryNetworks[]"),
    id="{SecondaryNetworkArn}",
    alias="SecondaryNetworkId",
    fields=(
        text("network_type", "Type", "rdma."),
        text("state", "State", "create-complete, create-in-progress, create-failed, delete-in-progress, ..."),
        text("message", "StateReason", "Why it is in that state."),
        texts("cidrs", "Ipv4CidrBlockAssociations[].CidrBlock", "Its address ranges."),
    ),
    columns=("network_type", "state", "cidrs"),
)

secondary_subnet = ResourceType(
    "aws.ec2.secondary-subnet",
    Kind.SUBNET,
    "Secondary subnet",
    "A part of a secondary network in a zone.",
    call=ec2("DescribeSecondarySubnets", "SecondarySubnets[]"),
    needs="aws.ec2.secondary-network",
    id="{SecondarySubnetArn}",
    alias="SecondarySubnetId",
    fields=(
        text("network", "SecondaryNetworkId", "The secondary network."),
        text("zone", "AvailabilityZone", "The zone."),
        text("zone_id", "AvailabilityZoneId", "The physical zone, the same in every account."),
        text("state", "State", "create-complete, create-in-progress, create-failed, delete-in-progress, ..."),
        texts("cidrs", "Ipv4CidrBlockAssociations[].CidrBlock", "Its address ranges."),
    ),
    columns=("network", "zone", "cidrs", "state"),
    relations=(Link("in-network", "SecondaryNetworkId"),),
)

secondary_interface = ResourceType(
    "aws.ec2.secondary-interface",
    Kind.INTERFACE,
    "Secondary interface",
    "An instance's interface in a secondary subnet.",
    call=ec2("DescribeSecondaryInterfaces", "SecondaryInterfaces[]"),
    needs="aws.ec2.secondary-subnet",
    id="{SecondaryInterfaceArn}",
    alias="SecondaryInterfaceId",
    fields=(
        text("network", "SecondaryNetworkId", "The secondary network."),
        text("subnet", "SecondarySubnetId", "The secondary subnet."),
        text("state", "Status", "available or in-use."),
        texts("addresses", "PrivateIpv4Addresses[].PrivateIpAddress", "Its addresses."),
        text("mac", "MacAddress", "Its hardware address."),
        text("instance", "Attachment.InstanceId", "The instance that has it."),
        number("network_card", "Attachment.NetworkCardIndex", "The instance's network card."),
    ),
    columns=("network", "subnet", "addresses", "instance"),
    relations=(
        Link("in-network", "SecondaryNetworkId"),
        Link("in-subnet", "SecondarySubnetId"),
        Link("attached-to", "Attachment.InstanceId"),
    ),
)

address_name = ResourceType(
    "aws.ec2.elastic-ip-name",
    Kind.DNS_RECORD,
    "Name of an Elastic IP address",
    "The name that an address is looked up as (PTR). Its id is the address's ARN with `/name`.",
    call=ec2("DescribeAddressesAttribute", "Addresses[]", params={"Attribute": "domain-name"}),
    needs="aws.ec2.elastic-ip",
    id=_EIP + "{AllocationId}/name",
    name="PtrRecord",
    fields=(
        text("allocation", "AllocationId", "The address's allocation."),
        text("address", "PublicIp", "The address."),
        text("record", "PtrRecord", "The name."),
        text("pending", "PtrRecordUpdate.Value", "The name that it will have."),
        text("pending_state", "PtrRecordUpdate.Status", "PENDING, or how the change went."),
    ),
    columns=("address", "record"),
    relations=(Link("part-of", "AllocationId"),),
)


def _of_own_lists(listed: Resource) -> list[dict[str, str]]:
    """Of AWS's own lists it does not tell who uses them."""
    return [] if listed.account.lower() == "aws" else [{"PrefixListId": listed.alias}]


prefix_list_use = ResourceType(
    "aws.ec2.managed-prefix-list-association",
    Kind.ATTACHMENT,
    "Use of a managed prefix list",
    "A route table or security group that names a prefix list. Its id is the list's ARN with `/association/ID`.",
    call=ec2(
        "GetManagedPrefixListAssociations",
        "PrefixListAssociations[]",
        page=255,
        per=Each("aws.ec2.managed-prefix-list", requests=_of_own_lists),
    ),
    id="{@parent.id}/association/{ResourceId}",
    owner="ResourceOwner",
    fields=(
        text("prefix_list", "@parent.id", "The prefix list."),
        text("resource", "ResourceId", "What names it."),
        text("resource_owner", "ResourceOwner", "The account that has that."),
    ),
    columns=("prefix_list", "resource", "resource_owner"),
    relations=(Link("part-of", "@parent.id"), Link("associated-with", "ResourceId")),
)

encryption_blocker = ResourceType(
    "aws.ec2.vpc-encryption-blocker",
    Kind.ANALYSIS,
    "Hindrance of VPC encryption",
    "What keeps a VPC from enforcing that traffic is encrypted. Its id is the control's with `/hindrance/ID`.",
    call=ec2(
        "GetVpcResourcesBlockingEncryptionEnforcement",
        "NonCompliantResources[]",
        per=Each("aws.ec2.vpc-encryption-control", requests=lambda control: [{"VpcId": control.attributes.get("vpc")}]),
    ),
    id="{@parent.id}/hindrance/{Id}",
    fields=(
        text("vpc", "@asked.VpcId", "The VPC."),
        text("resource", "Id", "What is in the way."),
        text("resource_type", "Type", "What that is."),
        flag("excludable", "IsExcludable", "Whether it may be left out of the enforcement."),
        text("description", "Description", "What AWS says of it."),
    ),
    columns=("vpc", "resource", "resource_type"),
    relations=(Link("part-of", "@parent.id"), Link("refers-to", "Id")),
)

account_attribute = ResourceType(
    "aws.ec2.account-attribute",
    Kind.OPTIONS,
    "Account attribute",
    "A default, or a bound, of the account in a region. Its id is the region's with `/attribute/NAME`.",
    call=ec2("DescribeAccountAttributes", "AccountAttributes[]", page=0),
    id=template(REGION + "/attribute/{AttributeName}"),
    name="AttributeName",
    fields=(
        text("attribute", "AttributeName", "default-vpc, max-elastic-ips, vpc-max-security-groups-per-interface, ..."),
        texts("values", "AttributeValues[].AttributeValue", "Its value."),
    ),
    columns=("attribute", "values"),
    relations=(Link("applies-to", "@scope.region", REGION),),
    given={},
)


def _excluded(raw: Raw) -> list[str]:
    return sorted(
        name for name, each in (raw.get("ResourceExclusions") or {}).items() if (each or {}).get("State") == "enabled"
    )
