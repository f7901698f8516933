"""Transit gateways and what is attached to them."""

from openvna.model import Kind
from openvna.plugins.aws import features
from openvna.plugins.aws.declaration import Link, ResourceType, ec2, number, text, texts, time
from openvna.plugins.aws.paths import Raw

FEATURE = features.TRANSIT_GATEWAYS

transit_gateway = ResourceType(
    "aws.ec2.transit-gateway",
    Kind.ROUTER,
    "Transit gateway",
    "A regional router between VPCs, VPNs, Direct Connect and other transit gateways; it may be another account's.",
    call=ec2("DescribeTransitGateways", "TransitGateways[]"),
    id="transit-gateway/{TransitGatewayId}",
    alias="TransitGatewayId",
    fields=(
        text("state", "State", "pending, available, modifying, deleting or deleted."),
        text("description", "Description", "What its author says of it."),
        number("asn", "Options.AmazonSideAsn", "Its BGP autonomous system number."),
        texts("cidrs", "Options.TransitGatewayCidrBlocks[]", "Blocks of its own, for Connect attachments."),
        text("default_association", "Options.DefaultRouteTableAssociation", "enable: new attachments get a table."),
        text("association_table", "Options.AssociationDefaultRouteTableId", "The table that they get."),
        text("default_propagation", "Options.DefaultRouteTablePropagation", "enable: new attachments propagate."),
        text("propagation_table", "Options.PropagationDefaultRouteTableId", "The table that they propagate to."),
        text("auto_accept", "Options.AutoAcceptSharedAttachments", "enable: attachments of others need no consent."),
        text("vpn_ecmp", "Options.VpnEcmpSupport", "enable: equal paths over several tunnels."),
        text("dns", "Options.DnsSupport", "enable: public names of the other VPC resolve to private addresses."),
        text("group_references", "Options.SecurityGroupReferencingSupport", "enable: rules may name remote groups."),
        text("multicast", "Options.MulticastSupport", "enable: multicast."),
        time("created", "CreationTime", "When it was created."),
    ),
    columns=("state", "asn", "description"),
)

attachment = ResourceType(
    "aws.ec2.transit-gateway-attachment",
    Kind.ATTACHMENT,
    "Transit gateway attachment",
    "What joins a VPC, a VPN, Direct Connect, Connect or another transit gateway to a transit gateway.",
    call=ec2("DescribeTransitGatewayAttachments", "TransitGatewayAttachments[]"),
    id="transit-gateway-attachment/{TransitGatewayAttachmentId}",
    alias="TransitGatewayAttachmentId",
    owner=lambda raw: _owner(raw),
    fields=(
        text("transit_gateway", "TransitGatewayId", "The transit gateway."),
        text("transit_gateway_account", "TransitGatewayOwnerId", "The transit gateway's account."),
        text("resource_type", "ResourceType", "vpc, vpn, direct-connect-gateway, connect, peering, ..."),
        text("resource", "ResourceId", "What is attached."),
        text("resource_account", "ResourceOwnerId", "The account of what is attached."),
        text("state", "State", "available, pendingAcceptance, modifying, deleted, failed, ..."),
        text("route_table", "Association.TransitGatewayRouteTableId", "The table that its traffic follows."),
        text("association_state", "Association.State", "associating, associated or disassociating."),
        time("created", "CreationTime", "When it was created."),
    ),
    columns=("transit_gateway", "resource_type", "resource", "state"),
    relations=(
        Link("attached-to", "TransitGatewayId"),
        Link("connects", lambda raw: _attached(raw)),
        Link("associated-with", "Association.TransitGatewayRouteTableId"),
    ),
)

vpc_attachment = ResourceType(
    "aws.ec2.transit-gateway-vpc-attachment",
    Kind.ATTACHMENT,
    "Transit gateway VPC attachment",
    "The subnets and options of an attachment of a VPC. Its id is the attachment's ARN with `/vpc`.",
    call=ec2("DescribeTransitGatewayVpcAttachments", "TransitGatewayVpcAttachments[]"),
    needs="aws.ec2.transit-gateway-attachment",
    id="transit-gateway-attachment/{TransitGatewayAttachmentId}/vpc",
    owner="VpcOwnerId",
    fields=(
        text("attachment", "TransitGatewayAttachmentId", "The attachment."),
        text("transit_gateway", "TransitGatewayId", "The transit gateway."),
        text("vpc", "VpcId", "The VPC."),
        texts("subnets", "SubnetIds[]", "One subnet in each zone that can reach the transit gateway."),
        text("state", "State", "available, pendingAcceptance, modifying, deleted, failed, ..."),
        text("appliance_mode", "Options.ApplianceModeSupport", "enable: both ways of a flow use one zone."),
        text("dns", "Options.DnsSupport", "enable: public names of the other VPC resolve to private addresses."),
        text("ipv6", "Options.Ipv6Support", "enable: IPv6 too."),
        text("group_references", "Options.SecurityGroupReferencingSupport", "enable: rules may name remote groups."),
        time("created", "CreationTime", "When it was created."),
    ),
    columns=("transit_gateway", "vpc", "subnets", "state"),
    relations=(
        Link("part-of", "TransitGatewayAttachmentId"),
        Link("attached-to", "TransitGatewayId"),
        Link("connects", "VpcId"),
        Link("in-subnet", "SubnetIds[]"),
    ),
)

peering_attachment = ResourceType(
    "aws.ec2.transit-gateway-peering-attachment",
    Kind.PEERING,
    "Transit gateway peering attachment",
    "Joins two transit gateways. Each side has an attachment of its own; its id is that one's ARN with `/peering`.",
    call=ec2("DescribeTransitGatewayPeeringAttachments", "TransitGatewayPeeringAttachments[]"),
    needs="aws.ec2.transit-gateway-attachment",
    id="transit-gateway-attachment/{TransitGatewayAttachmentId}/peering",
    owner="@scope.account",
    fields=(
        text("attachment", "TransitGatewayAttachmentId", "The attachment, in the requester's words."),
        text("requester", "RequesterTgwInfo.TransitGatewayId|RequesterTgwInfo.CoreNetworkId", "Who asked."),
        text("requester_account", "RequesterTgwInfo.OwnerId", "Account of the transit gateway that asked."),
        text("requester_region", "RequesterTgwInfo.Region", "Region of the transit gateway that asked."),
        text("accepter", "AccepterTgwInfo.TransitGatewayId|AccepterTgwInfo.CoreNetworkId", "Who was asked."),
        text("accepter_account", "AccepterTgwInfo.OwnerId", "Account of the transit gateway that was asked."),
        text("accepter_region", "AccepterTgwInfo.Region", "Region of the transit gateway that was asked."),
        text("state", "State", "available, pendingAcceptance, rejected, deleted, failed, ..."),
        text("dynamic_routing", "Options.DynamicRouting", "enable: routes are exchanged; else they are static."),
        time("created", "CreationTime", "When it was created."),
    ),
    columns=("requester", "accepter", "state"),
    relations=(
        Link("part-of", "TransitGatewayAttachmentId"),
        Link("connects", "RequesterTgwInfo.TransitGatewayId"),
        Link("connects", "AccepterTgwInfo.TransitGatewayId"),
    ),
)


def _owner(raw: Raw) -> str | None:
    """Whose the attachment is: the owner of what is attached; of a peering, which each side has one of, our own."""
    return raw.get("TransitGatewayOwnerId" if raw.get("ResourceType") == "peering" else "ResourceOwnerId")


def _attached(raw: Raw) -> list[str]:
    """What is attached, by its short id; a Direct Connect gateway, whose id is a plain UUID, by its ARN."""
    resource, owner = str(raw.get("ResourceId") or ""), raw.get("ResourceOwnerId")
    if raw.get("ResourceType") == "direct-connect-gateway" and owner:
        resource = f"arn:{raw['@scope']['partition']}:directconnect::{owner}:dx-gateway/{resource}"
    return [resource] if resource else []
