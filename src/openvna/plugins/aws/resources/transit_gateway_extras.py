"""Rarer parts of transit gateways: which account pays for which traffic, and concentrators of many VPNs."""

from openvna.model import Kind
from openvna.plugins.aws import features
from openvna.plugins.aws.declaration import Each, Link, ResourceType, ec2, text, texts, time

FEATURE = features.TRANSIT_GATEWAYS

metering_policy = ResourceType(
    "aws.ec2.transit-gateway-metering-policy",
    Kind.POLICY,
    "Transit gateway metering policy",
    "Says which account pays for traffic through a transit gateway.",
    call=ec2("DescribeTransitGatewayMeteringPolicies", "TransitGatewayMeteringPolicies[]"),
    needs="aws.ec2.transit-gateway",
    id="transit-gateway-metering-policy/{TransitGatewayMeteringPolicyId}",
    alias="TransitGatewayMeteringPolicyId",
    fields=(
        text("transit_gateway", "TransitGatewayId", "The transit gateway."),
        text("state", "State", "available, pending, modifying, deleting or deleted."),
        texts("middleboxes", "MiddleboxAttachmentIds[]", "Attachments of appliances that traffic passes in between."),
        time("effective", "UpdateEffectiveAt", "Since when its last change counts."),
    ),
    columns=("transit_gateway", "state"),
    relations=(Link("applies-to", "TransitGatewayId"), Link("refers-to", "MiddleboxAttachmentIds[]")),
)

metering_entry = ResourceType(
    "aws.ec2.transit-gateway-metering-policy-entry",
    Kind.POLICY,
    "Transit gateway metering entry",
    "One rule of a metering policy. Its id is the policy's with `/entry/NUMBER`.",
    call=ec2(
        "GetTransitGatewayMeteringPolicyEntries",
        "TransitGatewayMeteringPolicyEntries[]",
        per=Each("aws.ec2.transit-gateway-metering-policy", "TransitGatewayMeteringPolicyId", "alias"),
    ),
    id="{@parent.id}/entry/{PolicyRuleNumber}",
    name="PolicyRuleNumber",
    drops=("UpdatedAt",),
    fields=(
        text("policy", "@parent.alias", "The policy."),
        text("number", "PolicyRuleNumber", "Its place: the lowest comes first."),
        text("payer", "MeteredAccount", "source-attachment-owner, destination-attachment-owner, ..."),
        text("state", "State", "available or deleted."),
        text("source", "MeteringPolicyRule.SourceCidrBlock", "Where traffic comes from."),
        text("source_attachment", "MeteringPolicyRule.SourceTransitGatewayAttachmentId", "The attachment it comes by."),
        text("source_ports", "MeteringPolicyRule.SourcePortRange", "From which ports."),
        text("destination", "MeteringPolicyRule.DestinationCidrBlock", "Where it goes."),
        text(
            "destination_attachment",
            "MeteringPolicyRule.DestinationTransitGatewayAttachmentId",
            "The attachment it leaves by.",
        ),
        text("destination_ports", "MeteringPolicyRule.DestinationPortRange", "To which ports."),
        text("protocol", "MeteringPolicyRule.Protocol", "Its protocol."),
    ),
    columns=("policy", "number", "payer", "source", "destination"),
    relations=(
        Link("part-of", "@parent.id"),
        Link("refers-to", "MeteringPolicyRule.SourceTransitGatewayAttachmentId"),
        Link("refers-to", "MeteringPolicyRule.DestinationTransitGatewayAttachmentId"),
    ),
)

vpn_concentrator = ResourceType(
    "aws.ec2.vpn-concentrator",
    Kind.GATEWAY,
    "VPN concentrator",
    "Takes the VPN connections of many sites to a transit gateway.",
    call=ec2("DescribeVpnConcentrators", "VpnConcentrators[]"),
    needs="aws.ec2.transit-gateway",
    id="vpn-concentrator/{VpnConcentratorId}",
    alias="VpnConcentratorId",
    fields=(
        text("state", "State", "pending, available, deleting or deleted."),
        text("transit_gateway", "TransitGatewayId", "The transit gateway."),
        text("attachment", "TransitGatewayAttachmentId", "Its attachment there."),
        text("concentrator_type", "Type", "Its type, ipsec.1."),
    ),
    columns=("state", "transit_gateway", "attachment"),
    relations=(Link("attached-to", "TransitGatewayId"), Link("uses", "TransitGatewayAttachmentId")),
)
