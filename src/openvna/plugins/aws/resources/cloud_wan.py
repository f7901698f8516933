"""AWS Cloud WAN: core networks with segments, edges, attachments, peerings, policies and routes."""

from collections.abc import Iterator
from typing import Any

from openvna.model import Kind, Resource
from openvna.plugins.aws.declaration import (
    Detail,
    Each,
    Link,
    ResourceType,
    flag,
    number,
    records,
    text,
    texts,
    time,
)
from openvna.plugins.aws.paths import Raw, Records, getter
from openvna.plugins.aws.resources import network_manager

FEATURE = network_manager.FEATURE

_ARN = "arn:{@scope.partition}:networkmanager::{@owner}:"


core_network = ResourceType(
    "aws.networkmanager.core-network",
    Kind.NETWORK,
    "Core network",
    "A wide area network of Cloud WAN: segments that reach over edges in many regions.",
    call=network_manager.call("ListCoreNetworks", "CoreNetworks[]"),
    details=(Detail("networkmanager", "GetCoreNetwork", {"CoreNetworkId": "CoreNetworkId"}, answer="CoreNetwork"),),
    id="{CoreNetworkArn}",
    once=True,
    alias="CoreNetworkId",
    name="Description",
    owner="OwnerAccountId",
    region="@none",
    fields=(
        text("state", "State", "CREATING, UPDATING, AVAILABLE or DELETING."),
        text("global_network", "GlobalNetworkId", "The global network."),
        records("segments", lambda raw: _segments(raw), "Segments: name, edges, shared_with."),
        records("functions", lambda raw: _functions(raw), "Network function groups: name, edges, send_via, send_to."),
        records("edges", lambda raw: _edges(raw), "Edges: region, asn, inside_cidrs."),
        text("description", "Description", "What its owner said of it."),
        time("created", "CreatedAt", "When it was created."),
    ),
    columns=("state", "global_network", "description"),
    relations=(Link("part-of", "GlobalNetworkId"),),
)

core_policy = ResourceType(
    "aws.networkmanager.core-network-policy",
    Kind.POLICY,
    "Core network policy",
    "The policy that a core network lives by. Its id is the core network's with `/policy`.",
    call=network_manager.call(
        "GetCoreNetworkPolicy",
        "CoreNetworkPolicy",
        Each("aws.networkmanager.core-network", "CoreNetworkId", "alias"),
        page=0,
    ),
    id="{@parent.id}/policy",
    once=True,
    region="@none",
    fields=(
        text("core_network", "CoreNetworkId", "The core network."),
        number("version", "PolicyVersionId", "Its version."),
        text("alias", "Alias", "LIVE or LATEST."),
        text("state", "ChangeSetState", "READY_TO_EXECUTE, EXECUTING, EXECUTION_SUCCEEDED, OUT_OF_DATE, ..."),
        text("policy", "PolicyDocument", "The policy, as JSON text."),
        texts("errors", "PolicyErrors[].Message", "What is wrong with it."),
        text("description", "Description", "What its author said of it."),
    ),
    columns=("core_network", "version", "alias", "state"),
    relations=(Link("part-of", "@parent.id"),),
)

attachment = ResourceType(
    "aws.networkmanager.attachment",
    Kind.ATTACHMENT,
    "Core network attachment",
    "A VPC, VPN, Connect, Direct Connect gateway or transit gateway route table in a segment of a core network.",
    call=network_manager.call("ListAttachments", "Attachments[]"),
    details=tuple(
        Detail(
            "networkmanager",
            f"Get{name}",
            {"AttachmentId": "AttachmentId"},
            answer=name,
            when=lambda raw, kind=kind: raw.get("AttachmentType") == kind,  # type: ignore[misc]  # mypy knows no default
        )
        for kind, name in (
            ("VPC", "VpcAttachment"),
            ("CONNECT", "ConnectAttachment"),
            ("SITE_TO_SITE_VPN", "SiteToSiteVpnAttachment"),
            ("DIRECT_CONNECT_GATEWAY", "DirectConnectGatewayAttachment"),
            ("TRANSIT_GATEWAY_ROUTE_TABLE", "TransitGatewayRouteTableAttachment"),
        )
    ),
    id=_ARN + "attachment/{AttachmentId}",
    once=True,
    alias="AttachmentId",
    owner="OwnerAccountId",
    region="EdgeLocation",
    drops=("Attachment",),  # the details repeat the item
    fields=(
        text("state", "State", "AVAILABLE, PENDING_ATTACHMENT_ACCEPTANCE, CREATING, FAILED, REJECTED, ..."),
        text("attachment_type", "AttachmentType", "VPC, SITE_TO_SITE_VPN, CONNECT, DIRECT_CONNECT_GATEWAY, ..."),
        text("core_network", "CoreNetworkId", "The core network."),
        text("segment", "SegmentName", "The segment."),
        text("function_group", "NetworkFunctionGroupName", "The network function group."),
        texts("edges", lambda raw: raw.get("EdgeLocations") or [raw["EdgeLocation"]], "Regions of its edges."),
        text("resource", "ResourceArn", "What is attached."),
        number("rule", "AttachmentPolicyRuleNumber", "The rule of the policy that put it there."),
        texts("subnets", "SubnetArns[]", "Subnets of a VPC with an interface of it."),
        text("transport", "TransportAttachmentId", "The attachment that a Connect travels over."),
        flag("appliance_mode", "Options.ApplianceModeSupport", "Whether flows keep to one zone."),
        texts("errors", "LastModificationErrors[].Message", "Why the last change failed."),
        time("created", "CreatedAt", "When it was created."),
    ),
    columns=("attachment_type", "resource", "segment", "edges", "state"),
    relations=(
        Link("attached-to", "CoreNetworkArn|CoreNetworkId"),
        Link("associated-with", "ResourceArn"),
        Link("in-subnet", "SubnetArns[]"),
        Link("runs-on", "TransportAttachmentId"),
    ),
)

peering = ResourceType(
    "aws.networkmanager.peering",
    Kind.PEERING,
    "Core network peering",
    "Joins a core network to a transit gateway.",
    call=network_manager.call("ListPeerings", "Peerings[]"),
    details=(
        Detail(
            "networkmanager", "GetTransitGatewayPeering", {"PeeringId": "PeeringId"}, answer="TransitGatewayPeering"
        ),
    ),
    id=_ARN + "peering/{PeeringId}",
    once=True,
    alias="PeeringId",
    owner="OwnerAccountId",
    region="EdgeLocation",
    drops=("Peering",),
    fields=(
        text("state", "State", "CREATING, FAILED, AVAILABLE or DELETING."),
        text("core_network", "CoreNetworkId", "The core network."),
        text("transit_gateway", "TransitGatewayArn|ResourceArn", "The transit gateway."),
        text("attachment", "TransitGatewayPeeringAttachmentId", "The transit gateway's attachment."),
        texts("errors", "LastModificationErrors[].Message", "Why the last change failed."),
    ),
    columns=("core_network", "transit_gateway", "state"),
    relations=(
        Link("attached-to", "CoreNetworkArn|CoreNetworkId"),
        Link("associated-with", "TransitGatewayArn|ResourceArn"),
        Link("same-as", "TransitGatewayPeeringAttachmentId"),
    ),
)

connect_peer = ResourceType(
    "aws.networkmanager.connect-peer",
    Kind.TUNNEL,
    "Core network Connect peer",
    "A tunnel of a Connect attachment with its BGP sessions.",
    call=network_manager.call("ListConnectPeers", "ConnectPeers[]"),
    details=(Detail("networkmanager", "GetConnectPeer", {"ConnectPeerId": "ConnectPeerId"}, answer="ConnectPeer"),),
    id=_ARN + "connect-peer/{ConnectPeerId}",
    once=True,
    alias="ConnectPeerId",
    region="EdgeLocation",
    fields=(
        text("state", "ConnectPeerState", "CREATING, FAILED, AVAILABLE or DELETING."),
        text("attachment", "ConnectAttachmentId", "The Connect attachment."),
        text("core_address", "Configuration.CoreNetworkAddress", "Outer address of AWS's side."),
        text("peer_address", "Configuration.PeerAddress", "Outer address of the appliance."),
        texts("inside_cidrs", "Configuration.InsideCidrBlocks[]", "Addresses inside the tunnel."),
        text("protocol", "Configuration.Protocol", "GRE or NO_ENCAP."),
        records("sessions", lambda raw: _sessions(raw), "BGP: core_asn, peer_asn, core_address, peer_address."),
        text("subnet", "SubnetArn", "The subnet, where nothing is encapsulated."),
    ),
    columns=("attachment", "peer_address", "protocol", "state"),
    relations=(Link("part-of", "ConnectAttachmentId"), Link("in-subnet", "SubnetArn")),
)

prefix_list_association = ResourceType(
    "aws.networkmanager.core-network-prefix-list-association",
    Kind.PREFIX_LIST,
    "Core network prefix list",
    "A prefix list that policies of a core network name. Its id is the core network's with `/prefix-list/ALIAS`.",
    call=network_manager.call(
        "ListCoreNetworkPrefixListAssociations",
        "PrefixListAssociations[]",
        Each("aws.networkmanager.core-network", "CoreNetworkId", "alias"),
    ),
    id="{@parent.id}/prefix-list/{PrefixListAlias}",
    once=True,
    name="PrefixListAlias",
    region="@none",
    fields=(
        text("core_network", "CoreNetworkId", "The core network."),
        text("prefix_list", "PrefixListArn", "The prefix list."),
        text("alias", "PrefixListAlias", "Its name in policies."),
    ),
    columns=("core_network", "alias", "prefix_list"),
    relations=(Link("part-of", "@parent.id"), Link("refers-to", "PrefixListArn")),
)

routing_policy = ResourceType(
    "aws.networkmanager.attachment-routing-policy",
    Kind.POLICY,
    "Attachment routing policies",
    "Routing policies of an attachment. Their id is the core network's with `/routing-policy/ATTACHMENT`.",
    call=network_manager.call(
        "ListAttachmentRoutingPolicyAssociations",
        "AttachmentRoutingPolicyAssociations[]",
        Each("aws.networkmanager.core-network", "CoreNetworkId", "alias"),
    ),
    id="{@parent.id}/routing-policy/{AttachmentId}",
    once=True,
    region="@none",
    fields=(
        text("attachment", "AttachmentId", "The attachment."),
        text("label", "RoutingPolicyLabel", "The label that chooses them."),
        texts("policies", "AssociatedRoutingPolicies[]", "Policies in force."),
        texts("pending", "PendingRoutingPolicies[]", "Policies that will be."),
    ),
    columns=("attachment", "label", "policies"),
    relations=(Link("part-of", "AttachmentId"),),
)


def _edges_of_segments(core: Resource) -> Iterator[dict[str, Any]]:
    """A core network has a route table for each segment at each edge."""
    segments: Any = core.attributes.get("segments") or ()
    for segment in segments:
        for edge in segment["edges"]:
            yield {
                "GlobalNetworkId": core.attributes.get("global_network"),
                "RouteTableIdentifier": {
                    "CoreNetworkSegmentEdge": {
                        "CoreNetworkId": core.alias,
                        "SegmentName": segment["name"],
                        "EdgeLocation": edge,
                    }
                },
            }


route = ResourceType(
    "aws.networkmanager.core-network-route",
    Kind.ROUTE,
    "Core network route",
    "A route of a segment at an edge. Its id is the core network's with `/route/SEGMENT/EDGE/DESTINATION`.",
    call=network_manager.call(
        "GetNetworkRoutes",
        "NetworkRoutes[]",
        Each("aws.networkmanager.core-network", requests=_edges_of_segments),
        page=0,
    ),
    id=lambda raw: "/".join((raw["@parent"]["id"], "route", *_place(raw), _destination(raw))),
    once=True,
    name="DestinationCidrBlock|PrefixListId",
    region="@asked.RouteTableIdentifier.CoreNetworkSegmentEdge.EdgeLocation",
    fields=(
        text("segment", "@asked.RouteTableIdentifier.CoreNetworkSegmentEdge.SegmentName", "The segment."),
        text("edge", "@asked.RouteTableIdentifier.CoreNetworkSegmentEdge.EdgeLocation", "Region of the edge."),
        text("destination", "DestinationCidrBlock|PrefixListId", "A CIDR block or a prefix list."),
        text("origin", "Type", "PROPAGATED or STATIC."),
        text("state", "State", "ACTIVE or BLACKHOLE."),
        records("targets", lambda raw: _targets(raw), "Where it leads: attachment, segment, edge, resource."),
    ),
    columns=("segment", "edge", "destination", "origin", "state"),
    relations=(Link("part-of", "@parent.id"), Link("routes-to", "Destinations[].CoreNetworkAttachmentId")),
)


def _place(raw: Raw) -> tuple[str, str]:
    edge = raw["@asked"]["RouteTableIdentifier"]["CoreNetworkSegmentEdge"]
    return edge["SegmentName"], edge["EdgeLocation"]


def _destination(raw: Raw) -> str:
    return str(raw.get("DestinationCidrBlock") or raw["PrefixListId"])


def _segments(raw: Raw) -> Records:
    found: Records = [
        {
            "name": each.get("Name"),
            "edges": sorted(each.get("EdgeLocations") or ()),
            "shared_with": sorted(each.get("SharedSegments") or ()),
        }
        for each in getter("Segments[]")(raw)
    ]
    return sorted(found, key=lambda each: each["name"] or "")


def _functions(raw: Raw) -> Records:
    found: Records = [
        {
            "name": each.get("Name"),
            "edges": sorted(each.get("EdgeLocations") or ()),
            "send_via": sorted(getter("Segments.SendVia[]")(each)),
            "send_to": sorted(getter("Segments.SendTo[]")(each)),
        }
        for each in getter("NetworkFunctionGroups[]")(raw)
    ]
    return sorted(found, key=lambda each: each["name"] or "")


def _edges(raw: Raw) -> Records:
    found: Records = [
        {
            "region": each.get("EdgeLocation"),
            "asn": each.get("Asn"),
            "inside_cidrs": sorted(each.get("InsideCidrBlocks") or ()),
        }
        for each in getter("Edges[]")(raw)
    ]
    return sorted(found, key=lambda each: each["region"] or "")


def _sessions(raw: Raw) -> Records:
    found: Records = [
        {
            "core_asn": each.get("CoreNetworkAsn"),
            "peer_asn": each.get("PeerAsn"),
            "core_address": each.get("CoreNetworkAddress"),
            "peer_address": each.get("PeerAddress"),
        }
        for each in getter("Configuration.BgpConfigurations[]")(raw)
    ]
    return sorted(found, key=lambda each: (each["core_address"] or "", each["peer_address"] or ""))


def _targets(raw: Raw) -> Records:
    found: Records = [
        {
            "attachment": each.get("CoreNetworkAttachmentId"),
            "segment": each.get("SegmentName"),
            "edge": each.get("EdgeLocation"),
            "resource_type": each.get("ResourceType"),
            "resource": each.get("ResourceId"),
        }
        for each in getter("Destinations[]")(raw)
    ]
    return sorted(found, key=lambda each: (each["attachment"] or "", each["edge"] or ""))
