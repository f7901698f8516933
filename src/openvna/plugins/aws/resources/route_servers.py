"""VPC Route Server: appliances tell the routes of a VPC by BGP."""

from openvna.model import Kind
from openvna.plugin import Feature
from openvna.plugins.aws.declaration import Each, Link, ResourceType, ec2, flag, number, records, text, texts
from openvna.plugins.aws.paths import Raw, Records, getter

FEATURE = Feature(
    "route-servers", "Route servers", "VPC route servers with endpoints, BGP peers and learnt routes.", optional=True
)

_SERVER = Each("aws.ec2.route-server", "RouteServerId", "alias")

server = ResourceType(
    "aws.ec2.route-server",
    Kind.ROUTER,
    "Route server",
    "Learns routes by BGP and puts them into route tables of VPCs.",
    call=ec2("DescribeRouteServers", "RouteServers[]"),
    needs="aws.ec2.vpc",
    id="route-server/{RouteServerId}",
    alias="RouteServerId",
    fields=(
        text("state", "State", "pending, available, modifying, deleting or deleted."),
        number("amazon_asn", "AmazonSideAsn", "AWS's BGP autonomous system."),
        text("persist_routes", "PersistRoutesState", "enabled, disabled, enabling, ...: keep routes when BGP is down."),
        number("persist_minutes", "PersistRoutesDuration", "For how many minutes they are kept."),
        flag("notifications", "SnsNotificationsEnabled", "Whether a topic is told of BGP changes."),
        text("topic", "SnsTopicArn", "That topic."),
    ),
    columns=("state", "amazon_asn", "persist_routes"),
)

server_endpoint = ResourceType(
    "aws.ec2.route-server-endpoint",
    Kind.INTERFACE,
    "Route server endpoint",
    "The interface of a route server in a subnet, which appliances speak BGP to.",
    call=ec2("DescribeRouteServerEndpoints", "RouteServerEndpoints[]"),
    needs="aws.ec2.route-server",
    id="route-server-endpoint/{RouteServerEndpointId}",
    alias="RouteServerEndpointId",
    fields=(
        text("route_server", "RouteServerId", "The route server."),
        text("vpc", "VpcId", "Its VPC."),
        text("subnet", "SubnetId", "Its subnet."),
        text("interface", "EniId", "Its network interface."),
        text("address", "EniAddress", "Its address."),
        text("state", "State", "pending, available, deleting, deleted, failing, failed or delete-failed."),
        text("failure", "FailureReason", "Why it failed."),
    ),
    columns=("route_server", "subnet", "address", "state"),
    relations=(
        Link("part-of", "RouteServerId"),
        Link("in-network", "VpcId"),
        Link("in-subnet", "SubnetId"),
        Link("uses", "EniId"),
    ),
)

peer = ResourceType(
    "aws.ec2.route-server-peer",
    Kind.PEERING,
    "Route server peer",
    "An appliance that tells a route server its routes, with the state of the BGP session.",
    call=ec2("DescribeRouteServerPeers", "RouteServerPeers[]"),
    needs="aws.ec2.route-server-endpoint",
    id="route-server-peer/{RouteServerPeerId}",
    alias="RouteServerPeerId",
    fields=(
        text("route_server", "RouteServerId", "The route server."),
        text("endpoint", "RouteServerEndpointId", "The endpoint that it speaks to."),
        text("vpc", "VpcId", "Its VPC."),
        text("peer_address", "PeerAddress", "The appliance's address."),
        number("peer_asn", "BgpOptions.PeerAsn", "The appliance's BGP autonomous system."),
        text("liveness", "BgpOptions.PeerLivenessDetection", "bfd or bgp-keepalive."),
        text("state", "State", "pending, available, deleting, deleted, failing or failed."),
        text("bgp_status", "BgpStatus.Status", "up or down."),
        text("bfd_status", "BfdStatus.Status", "up or down."),
        text("failure", "FailureReason", "Why it failed."),
    ),
    columns=("route_server", "peer_address", "peer_asn", "bgp_status", "state"),
    relations=(Link("part-of", "RouteServerId"), Link("attached-to", "RouteServerEndpointId")),
)

association = ResourceType(
    "aws.ec2.route-server-association",
    Kind.ATTACHMENT,
    "Route server association",
    "The VPC that a route server works in. Its id is the route server's ARN with `/association/VPC`.",
    call=ec2("GetRouteServerAssociations", "RouteServerAssociations[]", 0, per=_SERVER),
    id="{@parent.id}/association/{VpcId}",
    fields=(
        text("route_server", "RouteServerId", "The route server."),
        text("vpc", "VpcId", "The VPC."),
        text("state", "State", "associating, associated or disassociating."),
    ),
    columns=("route_server", "vpc", "state"),
    relations=(Link("part-of", "@parent.id"), Link("associated-with", "VpcId")),
)

propagation = ResourceType(
    "aws.ec2.route-server-propagation",
    Kind.ATTACHMENT,
    "Route server propagation",
    "A route table that gets the learnt routes. Its id is the route server's ARN with `/propagation/TABLE`.",
    call=ec2("GetRouteServerPropagations", "RouteServerPropagations[]", 0, per=_SERVER),
    id="{@parent.id}/propagation/{RouteTableId}",
    fields=(
        text("route_server", "RouteServerId", "The route server."),
        text("route_table", "RouteTableId", "The route table."),
        text("state", "State", "pending, available or deleting."),
    ),
    columns=("route_server", "route_table", "state"),
    relations=(Link("part-of", "@parent.id"), Link("propagates-to", "RouteTableId")),
)

route = ResourceType(
    "aws.ec2.route-server-route",
    Kind.ROUTE,
    "Route server route",
    "A route that a peer told. Its id is the route server's ARN with `/route/PREFIX/PEER`.",
    call=ec2("GetRouteServerRoutingDatabase", "Routes[]", per=_SERVER),
    id="{@parent.id}/route/{Prefix}/{RouteServerPeerId}",
    name="Prefix",
    ordered=("AsPaths",),
    fields=(
        text("route_server", "@parent.alias", "The route server."),
        text("prefix", "Prefix", "The destination."),
        text("peer", "RouteServerPeerId", "Who told it."),
        text("endpoint", "RouteServerEndpointId", "The endpoint that heard it."),
        text("next_hop", "NextHopIp", "Where it leads."),
        text("state", "RouteStatus", "in-rib (known) or in-fib (chosen)."),
        texts("as_path", "AsPaths[]", "The autonomous systems on the way, in order.", ordered=True),
        number("med", "Med", "Multi-exit discriminator."),
        records("installed", lambda raw: _installed(raw), "Route tables: route_table, status, reason."),
    ),
    columns=("route_server", "prefix", "next_hop", "peer", "state"),
    relations=(Link("part-of", "@parent.id"), Link("told-by", "RouteServerPeerId")),
)


def _installed(raw: Raw) -> Records:
    found: Records = [
        {
            "route_table": each.get("RouteTableId"),
            "status": each.get("RouteInstallationStatus"),
            "reason": each.get("RouteInstallationStatusReason"),
        }
        for each in getter("RouteInstallationDetails[]")(raw)
    ]
    return sorted(found, key=lambda each: each["route_table"] or "")
