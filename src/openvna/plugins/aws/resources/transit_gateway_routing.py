"""Route tables of transit gateways: routes, and which attachment follows or feeds which table."""

from openvna.model import Kind
from openvna.plugins.aws import features
from openvna.plugins.aws.declaration import Each, Link, ResourceType, ec2, flag, records, text, texts, time
from openvna.plugins.aws.paths import Raw, Records, getter

FEATURE = features.TRANSIT_GATEWAYS

_TABLE = Each("aws.ec2.transit-gateway-route-table", "TransitGatewayRouteTableId", "alias")

route_table = ResourceType(
    "aws.ec2.transit-gateway-route-table",
    Kind.ROUTE_TABLE,
    "Transit gateway route table",
    "The routes that attachments of a transit gateway follow.",
    call=ec2("DescribeTransitGatewayRouteTables", "TransitGatewayRouteTables[]"),
    needs="aws.ec2.transit-gateway",
    id="transit-gateway-route-table/{TransitGatewayRouteTableId}",
    alias="TransitGatewayRouteTableId",
    fields=(
        text("transit_gateway", "TransitGatewayId", "The transit gateway."),
        text("state", "State", "pending, available, deleting or deleted."),
        flag("default_association", "DefaultAssociationRouteTable", "Whether new attachments follow it."),
        flag("default_propagation", "DefaultPropagationRouteTable", "Whether new attachments propagate to it."),
        time("created", "CreationTime", "When it was created."),
    ),
    columns=("transit_gateway", "state", "default_association", "default_propagation"),
    relations=(Link("part-of", "TransitGatewayId"),),
)

route = ResourceType(
    "aws.ec2.transit-gateway-route",
    Kind.ROUTE,
    "Transit gateway route",
    "One route of a transit gateway route table. Its id is the table's ARN with `/route/DESTINATION`.",
    call=ec2(
        "SearchTransitGatewayRoutes",
        "Routes[]",
        params={"Filters": [{"Name": "state", "Values": ["active", "blackhole"]}]},
        per=_TABLE,
    ),
    id="{@parent.id}/route/{DestinationCidrBlock|PrefixListId}",
    name="DestinationCidrBlock|PrefixListId",
    fields=(
        text("route_table", "@parent.alias", "The table that it belongs to."),
        text("destination", "DestinationCidrBlock|PrefixListId", "A CIDR block or a prefix list."),
        text("prefix_list", "PrefixListId", "The prefix list that it stems from."),
        text("origin", "Type", "static or propagated."),
        text("state", "State", "active or blackhole."),
        texts(
            "attachments", "TransitGatewayAttachments[].TransitGatewayAttachmentId", "Where it leads; several: ECMP."
        ),
        records("targets", lambda raw: _targets(raw), "Where it leads: attachment, resource_type, resource."),
    ),
    columns=("route_table", "destination", "attachments", "origin", "state"),
    relations=(
        Link("part-of", "@parent.id"),
        Link("routes-to", "TransitGatewayAttachments[].TransitGatewayAttachmentId"),
        Link("refers-to", "PrefixListId"),
    ),
)

association = ResourceType(
    "aws.ec2.transit-gateway-route-table-association",
    Kind.ATTACHMENT,
    "Transit gateway route table association",
    "The attachment's traffic follows the table. Its id is the table's ARN with `/association/ATTACHMENT`.",
    call=ec2("GetTransitGatewayRouteTableAssociations", "Associations[]", per=_TABLE),
    id="{@parent.id}/association/{TransitGatewayAttachmentId}",
    fields=(
        text("route_table", "@parent.alias", "The table."),
        text("attachment", "TransitGatewayAttachmentId", "The attachment."),
        text("resource_type", "ResourceType", "vpc, vpn, direct-connect-gateway, connect, peering, ..."),
        text("resource", "ResourceId", "What is attached."),
        text("state", "State", "associating, associated, disassociating or disassociated."),
    ),
    columns=("route_table", "attachment", "resource", "state"),
    relations=(Link("part-of", "@parent.id"), Link("associated-with", "TransitGatewayAttachmentId")),
)

propagation = ResourceType(
    "aws.ec2.transit-gateway-route-table-propagation",
    Kind.ATTACHMENT,
    "Transit gateway route table propagation",
    "The attachment's routes enter the table. Its id is the table's ARN with `/propagation/ATTACHMENT`.",
    call=ec2("GetTransitGatewayRouteTablePropagations", "TransitGatewayRouteTablePropagations[]", per=_TABLE),
    id="{@parent.id}/propagation/{TransitGatewayAttachmentId|TransitGatewayRouteTableAnnouncementId}",
    fields=(
        text("route_table", "@parent.alias", "The table."),
        text("attachment", "TransitGatewayAttachmentId", "The attachment."),
        text("resource_type", "ResourceType", "vpc, vpn, direct-connect-gateway, connect, peering, ..."),
        text("resource", "ResourceId", "What is attached."),
        text("state", "State", "enabling, enabled, disabling or disabled."),
    ),
    columns=("route_table", "attachment", "resource", "state"),
    relations=(Link("part-of", "@parent.id"), Link("propagated-by", "TransitGatewayAttachmentId")),
)


def _targets(raw: Raw) -> Records:
    found: Records = [
        {
            "attachment": target.get("TransitGatewayAttachmentId"),
            "resource_type": target.get("ResourceType"),
            "resource": target.get("ResourceId"),
        }
        for target in getter("TransitGatewayAttachments[]")(raw)
    ]
    return sorted(found, key=lambda target: (target["attachment"] or "", target["resource"] or ""))
