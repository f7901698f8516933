"""What goes on top of a transit gateway's attachments: Connect (GRE and BGP), prefix lists as routes, policy tables,
announcements between gateways, multicast."""

from openvna.model import Kind
from openvna.plugins.aws import features
from openvna.plugins.aws.declaration import Each, Link, ResourceType, ec2, flag, records, text, texts, time
from openvna.plugins.aws.paths import Raw, Records, getter

FEATURE = features.TRANSIT_GATEWAYS

_TABLE = Each("aws.ec2.transit-gateway-route-table", "TransitGatewayRouteTableId", "alias")
_POLICY_TABLE = Each("aws.ec2.transit-gateway-policy-table", "TransitGatewayPolicyTableId", "alias")
_DOMAIN = Each("aws.ec2.transit-gateway-multicast-domain", "TransitGatewayMulticastDomainId", "alias")
_KINDS = "vpc, vpn, direct-connect-gateway, connect, peering, ..."

connect = ResourceType(
    "aws.ec2.transit-gateway-connect",
    Kind.ATTACHMENT,
    "Transit gateway Connect attachment",
    "GRE tunnels to an appliance over another attachment. Its id is the attachment's ARN with `/connect`.",
    call=ec2("DescribeTransitGatewayConnects", "TransitGatewayConnects[]"),
    needs="aws.ec2.transit-gateway-attachment",
    id="transit-gateway-attachment/{TransitGatewayAttachmentId}/connect",
    fields=(
        text("attachment", "TransitGatewayAttachmentId", "The attachment."),
        text("transport", "TransportTransitGatewayAttachmentId", "The attachment that its packets travel over."),
        text("transit_gateway", "TransitGatewayId", "The transit gateway."),
        text("protocol", "Options.Protocol", "gre."),
        text("state", "State", "pending, available, modifying, deleting, deleted, failed, ..."),
        time("created", "CreationTime", "When it was created."),
    ),
    columns=("attachment", "transport", "protocol", "state"),
    relations=(
        Link("part-of", "TransitGatewayAttachmentId"),
        Link("runs-on", "TransportTransitGatewayAttachmentId"),
        Link("attached-to", "TransitGatewayId"),
    ),
)

connect_peer = ResourceType(
    "aws.ec2.transit-gateway-connect-peer",
    Kind.TUNNEL,
    "Transit gateway Connect peer",
    "One GRE tunnel of a Connect attachment with its BGP sessions.",
    call=ec2("DescribeTransitGatewayConnectPeers", "TransitGatewayConnectPeers[]"),
    needs="aws.ec2.transit-gateway-connect",
    id="transit-gateway-connect-peer/{TransitGatewayConnectPeerId}",
    alias="TransitGatewayConnectPeerId",
    fields=(
        text("attachment", "TransitGatewayAttachmentId", "The Connect attachment."),
        text("state", "State", "pending, available, deleting or deleted."),
        text("gateway_address", "ConnectPeerConfiguration.TransitGatewayAddress", "Outer address of AWS's side."),
        text("peer_address", "ConnectPeerConfiguration.PeerAddress", "Outer address of the appliance."),
        texts("inside_cidrs", "ConnectPeerConfiguration.InsideCidrBlocks[]", "Addresses inside the tunnel."),
        records("sessions", lambda raw: _sessions(raw), "BGP: gateway_asn, peer_asn, addresses, status."),
        time("created", "CreationTime", "When it was created."),
    ),
    columns=("attachment", "peer_address", "inside_cidrs", "state"),
    relations=(Link("part-of", "TransitGatewayAttachmentId"),),
)

prefix_list_reference = ResourceType(
    "aws.ec2.transit-gateway-prefix-list-reference",
    Kind.ROUTE,
    "Transit gateway prefix list reference",
    "A prefix list that stands as routes in a table. Its id is the table's ARN with `/prefix-list/ID`.",
    call=ec2("GetTransitGatewayPrefixListReferences", "TransitGatewayPrefixListReferences[]", per=_TABLE),
    id="{@parent.id}/prefix-list/{PrefixListId}",
    fields=(
        text("route_table", "TransitGatewayRouteTableId", "The route table."),
        text("prefix_list", "PrefixListId", "The prefix list."),
        text("owner", "PrefixListOwnerId", "Whose list that is."),
        text("attachment", "TransitGatewayAttachment.TransitGatewayAttachmentId", "Where its entries lead."),
        flag("blackhole", "Blackhole", "Whether what matches is dropped."),
        text("state", "State", "pending, available, modifying or deleting."),
    ),
    columns=("route_table", "prefix_list", "attachment", "blackhole", "state"),
    relations=(
        Link("part-of", "@parent.id"),
        Link("refers-to", "PrefixListId"),
        Link("routes-to", "TransitGatewayAttachment.TransitGatewayAttachmentId"),
    ),
)

announcement = ResourceType(
    "aws.ec2.transit-gateway-route-table-announcement",
    Kind.PEERING,
    "Transit gateway route table announcement",
    "The routes of a table, told to a peered gateway or core network, or told by it.",
    call=ec2("DescribeTransitGatewayRouteTableAnnouncements", "TransitGatewayRouteTableAnnouncements[]"),
    needs="aws.ec2.transit-gateway-route-table",
    id="transit-gateway-route-table-announcement/{TransitGatewayRouteTableAnnouncementId}",
    alias="TransitGatewayRouteTableAnnouncementId",
    fields=(
        text("direction", "AnnouncementDirection", "outgoing or incoming."),
        text("route_table", "TransitGatewayRouteTableId", "The route table."),
        text("transit_gateway", "TransitGatewayId", "The transit gateway."),
        text("peering", "PeeringAttachmentId", "The peering attachment that it goes over."),
        text("peer", "PeerTransitGatewayId|PeerCoreNetworkId", "The other side."),
        text("core_network", "CoreNetworkId", "The core network of this side."),
        text("state", "State", "available, pending, failing, failed, deleting or deleted."),
        time("created", "CreationTime", "When it was created."),
    ),
    columns=("direction", "route_table", "peer", "state"),
    relations=(
        Link("part-of", "TransitGatewayRouteTableId"),
        Link("runs-on", "PeeringAttachmentId"),
        Link("associated-with", "PeerTransitGatewayId|PeerCoreNetworkId"),
    ),
)

policy_table = ResourceType(
    "aws.ec2.transit-gateway-policy-table",
    Kind.ROUTE_TABLE,
    "Transit gateway policy table",
    "Chooses a route table by source, destination and metadata, for peerings with core networks.",
    call=ec2("DescribeTransitGatewayPolicyTables", "TransitGatewayPolicyTables[]"),
    needs="aws.ec2.transit-gateway",
    id="transit-gateway-policy-table/{TransitGatewayPolicyTableId}",
    alias="TransitGatewayPolicyTableId",
    fields=(
        text("transit_gateway", "TransitGatewayId", "The transit gateway."),
        text("state", "State", "pending, available, deleting or deleted."),
        time("created", "CreationTime", "When it was created."),
    ),
    columns=("transit_gateway", "state"),
    relations=(Link("part-of", "TransitGatewayId"),),
)

policy_entry = ResourceType(
    "aws.ec2.transit-gateway-policy-table-entry",
    Kind.ROUTE,
    "Transit gateway policy table entry",
    "One rule of a policy table. Its id is the table's ARN with `/entry/NUMBER`.",
    call=ec2("GetTransitGatewayPolicyTableEntries", "TransitGatewayPolicyTableEntries[]", per=_POLICY_TABLE),
    id="{@parent.id}/entry/{PolicyRuleNumber}",
    name="PolicyRuleNumber",
    fields=(
        text("policy_table", "@parent.alias", "The table."),
        text("number", "PolicyRuleNumber", "Its place among the rules."),
        text("source", "PolicyRule.SourceCidrBlock", "Source prefix."),
        text("source_ports", "PolicyRule.SourcePortRange", "Source ports."),
        text("destination", "PolicyRule.DestinationCidrBlock", "Destination prefix."),
        text("destination_ports", "PolicyRule.DestinationPortRange", "Destination ports."),
        text("protocol", "PolicyRule.Protocol", "Protocol."),
        text("metadata", lambda raw: _metadata(raw), "key=value that has to match."),
        text("route_table", "TargetRouteTableId", "The route table that is used."),
        text("state", "State", "active or deleted."),
    ),
    columns=("policy_table", "number", "destination", "route_table", "state"),
    relations=(Link("part-of", "@parent.id"), Link("routes-to", "TargetRouteTableId")),
)

policy_association = ResourceType(
    "aws.ec2.transit-gateway-policy-table-association",
    Kind.ATTACHMENT,
    "Transit gateway policy table association",
    "The attachment's traffic follows the table. Its id is the table's ARN with `/association/ATTACHMENT`.",
    call=ec2("GetTransitGatewayPolicyTableAssociations", "Associations[]", per=_POLICY_TABLE),
    id="{@parent.id}/association/{TransitGatewayAttachmentId}",
    fields=(
        text("policy_table", "@parent.alias", "The table."),
        text("attachment", "TransitGatewayAttachmentId", "The attachment."),
        text("resource_type", "ResourceType", _KINDS),
        text("resource", "ResourceId", "What is attached."),
        text("state", "State", "associating, associated, disassociating or disassociated."),
    ),
    columns=("policy_table", "attachment", "resource", "state"),
    relations=(Link("part-of", "@parent.id"), Link("associated-with", "TransitGatewayAttachmentId")),
)

multicast_domain = ResourceType(
    "aws.ec2.transit-gateway-multicast-domain",
    Kind.SEGMENT,
    "Transit gateway multicast domain",
    "Subnets between which a transit gateway carries multicast.",
    call=ec2("DescribeTransitGatewayMulticastDomains", "TransitGatewayMulticastDomains[]"),
    needs="aws.ec2.transit-gateway",
    id="transit-gateway-multicast-domain/{TransitGatewayMulticastDomainId}",
    alias="TransitGatewayMulticastDomainId",
    fields=(
        text("transit_gateway", "TransitGatewayId", "The transit gateway."),
        text("state", "State", "pending, available, deleting or deleted."),
        text("igmp", "Options.Igmpv2Support", "enable or disable."),
        text("static_sources", "Options.StaticSourcesSupport", "enable or disable."),
        text("auto_accept", "Options.AutoAcceptSharedAssociations", "enable or disable."),
        time("created", "CreationTime", "When it was created."),
    ),
    columns=("transit_gateway", "state", "igmp", "static_sources"),
    relations=(Link("part-of", "TransitGatewayId"),),
)

multicast_association = ResourceType(
    "aws.ec2.transit-gateway-multicast-domain-association",
    Kind.ATTACHMENT,
    "Transit gateway multicast domain association",
    "A subnet of a multicast domain. Its id is the domain's ARN with `/association/ATTACHMENT/SUBNET`.",
    call=ec2("GetTransitGatewayMulticastDomainAssociations", "MulticastDomainAssociations[]", per=_DOMAIN),
    id="{@parent.id}/association/{TransitGatewayAttachmentId}/{Subnet.SubnetId}",
    fields=(
        text("domain", "@parent.alias", "The domain."),
        text("attachment", "TransitGatewayAttachmentId", "The attachment."),
        text("subnet", "Subnet.SubnetId", "The subnet."),
        text("resource", "ResourceId", "What is attached."),
        text("resource_owner", "ResourceOwnerId", "Whose that is."),
        text("state", "Subnet.State", "associating, associated, disassociating, rejected, failed, ..."),
    ),
    columns=("domain", "subnet", "attachment", "state"),
    relations=(
        Link("part-of", "@parent.id"),
        Link("associated-with", "TransitGatewayAttachmentId"),
        Link("in-subnet", "Subnet.SubnetId"),
    ),
)

multicast_group = ResourceType(
    "aws.ec2.transit-gateway-multicast-group",
    Kind.ROUTE,
    "Transit gateway multicast group member",
    "A member or source of a multicast group. Its id is the domain's ARN with `/group/ADDRESS/INTERFACE`.",
    call=ec2("SearchTransitGatewayMulticastGroups", "MulticastGroups[]", per=_DOMAIN),
    id="{@parent.id}/group/{GroupIpAddress}/{NetworkInterfaceId|TransitGatewayAttachmentId}",
    name="GroupIpAddress",
    fields=(
        text("domain", "@parent.alias", "The domain."),
        text("group", "GroupIpAddress", "The group's address."),
        text("interface", "NetworkInterfaceId", "The network interface."),
        text("attachment", "TransitGatewayAttachmentId", "The attachment."),
        text("subnet", "SubnetId", "The subnet."),
        flag("member", "GroupMember", "Whether it receives."),
        flag("source", "GroupSource", "Whether it sends."),
        text("member_type", "MemberType", "static or igmp."),
        text("source_type", "SourceType", "static or igmp."),
    ),
    columns=("domain", "group", "interface", "member", "source"),
    relations=(Link("part-of", "@parent.id"), Link("associated-with", "NetworkInterfaceId")),
)


def _sessions(raw: Raw) -> Records:
    found: Records = [
        {
            "gateway_asn": each.get("TransitGatewayAsn"),
            "peer_asn": each.get("PeerAsn"),
            "gateway_address": each.get("TransitGatewayAddress"),
            "peer_address": each.get("PeerAddress"),
            "status": each.get("BgpStatus"),
        }
        for each in getter("ConnectPeerConfiguration.BgpConfigurations[]")(raw)
    ]
    return sorted(found, key=lambda each: (each["gateway_address"] or "", each["peer_address"] or ""))


def _metadata(raw: Raw) -> str | None:
    found = getter("PolicyRule.MetaData")(raw)
    return f"{found.get('MetaDataKey')}={found.get('MetaDataValue')}" if found else None
