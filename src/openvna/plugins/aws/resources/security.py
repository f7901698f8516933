"""Rules of security groups one by one, groups lent to other VPCs, and the account's block on public access."""

from openvna.model import Kind
from openvna.plugins.aws import features
from openvna.plugins.aws.declaration import REGION, Each, Link, ResourceType, ec2, flag, number, records, text, time
from openvna.plugins.aws.paths import Raw, Records, getter

FEATURE = features.VPC

rule = ResourceType(
    "aws.ec2.security-group-rule",
    Kind.ACCESS_LIST,
    "Security group rule",
    "One rule of a security group, with an id and tags of its own.",
    call=ec2("DescribeSecurityGroupRules", "SecurityGroupRules[]"),
    needs="aws.ec2.vpc",
    id="security-group-rule/{SecurityGroupRuleId}",
    alias="SecurityGroupRuleId",
    owner="GroupOwnerId",
    fields=(
        text("group", "GroupId", "The security group that it belongs to."),
        flag("egress", "IsEgress", "Whether it is about traffic that leaves."),
        text("protocol", "IpProtocol", "tcp, udp, icmp, icmpv6, a protocol number, or -1 for all."),
        number("from_port", "FromPort", "First port, or ICMP type; -1 for all."),
        number("to_port", "ToPort", "Last port, or ICMP code; -1 for all."),
        text("peer", "CidrIpv4|CidrIpv6|PrefixListId|ReferencedGroupInfo.GroupId", "Whom it lets in or out to."),
        text("peer_owner", "ReferencedGroupInfo.UserId", "The account of the group that it names."),
        text("peering", "ReferencedGroupInfo.VpcPeeringConnectionId", "The peering by which that group is reached."),
        text("description", "Description", "What its author said of it."),
    ),
    columns=("group", "egress", "protocol", "from_port", "to_port", "peer"),
    relations=(
        Link("part-of", "GroupId"),
        Link("refers-to", "ReferencedGroupInfo.GroupId"),
        Link("refers-to", "PrefixListId"),
    ),
    given={},
)

group_association = ResourceType(
    "aws.ec2.security-group-vpc-association",
    Kind.ATTACHMENT,
    "Security group VPC association",
    "A security group that may be used in another VPC than its own.",
    call=ec2("DescribeSecurityGroupVpcAssociations", "SecurityGroupVpcAssociations[]"),
    needs="aws.ec2.vpc",
    id="arn:{@scope.partition}:ec2:{@scope.region}:{@owner}:security-group/{GroupId}/vpc/{VpcId}",
    owner="GroupOwnerId",
    fields=(
        text("group", "GroupId", "The security group."),
        text("vpc", "VpcId", "The VPC in which it may be used."),
        text("vpc_owner", "VpcOwnerId", "Whose VPC that is."),
        text("state", "State", "associating, associated, association-failed, disassociating, ..."),
        text("reason", "StateReason", "Why it is in that state."),
    ),
    columns=("group", "vpc", "vpc_owner", "state"),
    relations=(Link("part-of", "GroupId"), Link("associated-with", "VpcId")),
)

stale_group = ResourceType(
    "aws.ec2.stale-security-group",
    Kind.ACCESS_LIST,
    "Stale security group rules",
    "Rules of a group that name a group of a peered VPC which is gone. Their id is the group's ARN with `/stale`.",
    call=ec2("DescribeStaleSecurityGroups", "StaleSecurityGroupSet[]", 255, per=Each("aws.ec2.vpc", "VpcId", "alias")),
    id="arn:{@scope.partition}:ec2:{@scope.region}:{@owner}:security-group/{GroupId}/stale",
    name="GroupName",
    fields=(
        text("group", "GroupId", "The security group."),
        text("vpc", "VpcId", "Its VPC."),
        records("rules", lambda raw: _stale(raw), "Stale rules: egress, protocol, ports, groups, peerings."),
    ),
    columns=("group", "vpc"),
    relations=(Link("part-of", "GroupId"), Link("in-network", "VpcId")),
)

public_access = ResourceType(
    "aws.ec2.vpc-block-public-access",
    Kind.POLICY,
    "VPC Block Public Access",
    "Whether internet gateways of the account in this region are blocked, and in which direction.",
    call=ec2("DescribeVpcBlockPublicAccessOptions", "VpcBlockPublicAccessOptions", 0),
    id=REGION + "/vpc-block-public-access",
    owner="AwsAccountId",
    fields=(
        text("mode", "InternetGatewayBlockMode", "off, block-bidirectional or block-ingress."),
        text("state", "State", "default-state, update-in-progress or update-complete."),
        text("managed_by", "ManagedBy", "account or declarative-policy."),
        text("exclusions", "ExclusionsAllowed", "allowed or not-allowed."),
        text("reason", "Reason", "Why it is in that state."),
        time("updated", "LastUpdateTimestamp", "When it was last changed."),
    ),
    columns=("mode", "state", "managed_by", "exclusions"),
    given={},
)

public_access_exclusion = ResourceType(
    "aws.ec2.vpc-block-public-access-exclusion",
    Kind.POLICY,
    "VPC Block Public Access exclusion",
    "A VPC or subnet that the block on public access leaves out.",
    call=ec2("DescribeVpcBlockPublicAccessExclusions", "VpcBlockPublicAccessExclusions[]"),
    needs="aws.ec2.vpc",
    id="vpc-block-public-access-exclusion/{ExclusionId}",
    alias="ExclusionId",
    fields=(
        text("mode", "InternetGatewayExclusionMode", "allow-bidirectional or allow-egress."),
        text("resource", "ResourceArn", "The VPC or subnet."),
        text("state", "State", "create-complete, update-complete, delete-in-progress, ..."),
        text("reason", "Reason", "Why it is in that state."),
        time("created", "CreationTimestamp", "When it was made."),
        time("updated", "LastUpdateTimestamp", "When it was last changed."),
    ),
    columns=("mode", "resource", "state"),
    relations=(Link("applies-to", "ResourceArn"),),
)


def _stale(raw: Raw) -> Records:
    found: Records = []
    for egress, member in ((False, "StaleIpPermissions[]"), (True, "StaleIpPermissionsEgress[]")):
        for each in getter(member)(raw):
            pairs = getter("UserIdGroupPairs[]")(each)
            found.append(
                {
                    "egress": egress,
                    "protocol": each.get("IpProtocol"),
                    "from_port": each.get("FromPort"),
                    "to_port": each.get("ToPort"),
                    "groups": sorted(pair["GroupId"] for pair in pairs if pair.get("GroupId")),
                    "peerings": sorted(p["VpcPeeringConnectionId"] for p in pairs if p.get("VpcPeeringConnectionId")),
                }
            )
    return sorted(found, key=lambda rule: (rule["egress"], rule["protocol"] or "", rule["from_port"] or 0))
