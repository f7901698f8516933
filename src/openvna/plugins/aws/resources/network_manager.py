"""AWS Network Manager and Cloud WAN: global networks with their sites, devices and links; core networks with segments,
edges, attachments, peerings, policies and routes."""

from collections.abc import Iterator
from typing import Any

from openvna.model import Kind, Resource
from openvna.plugin import Feature
from openvna.plugins.aws.declaration import (
    Call,
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

FEATURE = Feature(
    "cloud-wan",
    "Cloud WAN and Network Manager",
    "Global networks with sites, devices and links; core networks with segments, attachments, policies and routes.",
    optional=True,
)

_ARN = "arn:{@scope.partition}:networkmanager::{@owner}:"
_STATES = "PENDING, AVAILABLE, DELETING or UPDATING."
_NETWORK = Each("aws.networkmanager.global-network", "GlobalNetworkId", "alias")


def _call(operation: str, items: str, per: Each | None = None, page: int = 500) -> Call:
    return Call("networkmanager", operation, items, page, per=per)


global_network = ResourceType(
    "aws.networkmanager.global-network",
    Kind.NETWORK,
    "Global network",
    "Holds core networks, transit gateways and what the customer has at sites of its own.",
    call=_call("DescribeGlobalNetworks", "GlobalNetworks[]"),
    id="{GlobalNetworkArn}",
    once=True,
    alias="GlobalNetworkId",
    name="Description",
    region="@none",
    fields=(
        text("state", "State", _STATES),
        text("description", "Description", "What its owner said of it."),
        time("created", "CreatedAt", "When it was created."),
    ),
    columns=("state", "description"),
)

site = ResourceType(
    "aws.networkmanager.site",
    Kind.SITE,
    "Site",
    "A place where the customer has devices.",
    call=_call("GetSites", "Sites[]", _NETWORK),
    id="{SiteArn}",
    once=True,
    alias="SiteId",
    region="@none",
    fields=(
        text("global_network", "GlobalNetworkId", "The global network."),
        text("address", "Location.Address", "Where it is."),
        text("latitude", "Location.Latitude", "Its latitude."),
        text("longitude", "Location.Longitude", "Its longitude."),
        text("state", "State", _STATES),
        text("description", "Description", "What its owner said of it."),
    ),
    columns=("address", "state", "description"),
    relations=(Link("part-of", "@parent.id"),),
)

device = ResourceType(
    "aws.networkmanager.device",
    Kind.DEVICE,
    "Device",
    "A router or appliance of the customer.",
    call=_call("GetDevices", "Devices[]", _NETWORK),
    id="{DeviceArn}",
    once=True,
    alias="DeviceId",
    region="@none",
    fields=(
        text("global_network", "GlobalNetworkId", "The global network."),
        text("site", "SiteId", "Its site."),
        text("device_type", "Type", "What it is."),
        text("vendor", "Vendor", "Who made it."),
        text("model", "Model", "Its model."),
        text("serial", "SerialNumber", "Its serial number."),
        text("subnet", "AWSLocation.SubnetArn", "The subnet that it is in, where it runs in AWS."),
        text("address", "Location.Address", "Where it is."),
        text("state", "State", _STATES),
        text("description", "Description", "What its owner said of it."),
    ),
    columns=("site", "vendor", "model", "state"),
    relations=(Link("part-of", "@parent.id"), Link("located-at", "SiteId"), Link("in-subnet", "AWSLocation.SubnetArn")),
)

link = ResourceType(
    "aws.networkmanager.link",
    Kind.LINK,
    "Link",
    "A line of a site to the outside.",
    call=_call("GetLinks", "Links[]", _NETWORK),
    id="{LinkArn}",
    once=True,
    alias="LinkId",
    region="@none",
    fields=(
        text("global_network", "GlobalNetworkId", "The global network."),
        text("site", "SiteId", "Its site."),
        text("link_type", "Type", "What it is, like broadband."),
        text("provider", "Provider", "Who provides it."),
        number("upload", "Bandwidth.UploadSpeed", "Mbit/s to the outside."),
        number("download", "Bandwidth.DownloadSpeed", "Mbit/s to the site."),
        text("state", "State", _STATES),
        text("description", "Description", "What its owner said of it."),
    ),
    columns=("site", "link_type", "provider", "state"),
    relations=(Link("part-of", "@parent.id"), Link("located-at", "SiteId")),
)

link_association = ResourceType(
    "aws.networkmanager.link-association",
    Kind.ATTACHMENT,
    "Link association",
    "A device that uses a link. Its id is the global network's with `/link-association/DEVICE/LINK`.",
    call=_call("GetLinkAssociations", "LinkAssociations[]", _NETWORK),
    id="{@parent.id}/link-association/{DeviceId}/{LinkId}",
    once=True,
    region="@none",
    fields=(
        text("device", "DeviceId", "The device."),
        text("link", "LinkId", "The link."),
        text("state", "LinkAssociationState", "PENDING, AVAILABLE, DELETING or DELETED."),
    ),
    columns=("device", "link", "state"),
    relations=(Link("part-of", "DeviceId"), Link("associated-with", "LinkId")),
)

connection = ResourceType(
    "aws.networkmanager.connection",
    Kind.LINK,
    "Device connection",
    "Joins two devices.",
    call=_call("GetConnections", "Connections[]", _NETWORK),
    id="{ConnectionArn}",
    once=True,
    alias="ConnectionId",
    region="@none",
    fields=(
        text("device", "DeviceId", "The one device."),
        text("connected_device", "ConnectedDeviceId", "The other device."),
        text("link", "LinkId", "The one's link."),
        text("connected_link", "ConnectedLinkId", "The other's link."),
        text("state", "State", _STATES),
        text("description", "Description", "What its owner said of it."),
    ),
    columns=("device", "connected_device", "state"),
    relations=(Link("part-of", "@parent.id"), Link("connects", "DeviceId"), Link("connects", "ConnectedDeviceId")),
)

transit_gateway_registration = ResourceType(
    "aws.networkmanager.transit-gateway-registration",
    Kind.ATTACHMENT,
    "Transit gateway registration",
    "A transit gateway of a global network. Its id is the global network's with `/transit-gateway/ARN`.",
    call=_call("GetTransitGatewayRegistrations", "TransitGatewayRegistrations[]", _NETWORK),
    id="{@parent.id}/transit-gateway/{TransitGatewayArn}",
    once=True,
    region="@none",
    fields=(
        text("transit_gateway", "TransitGatewayArn", "The transit gateway."),
        text("state", "State.Code", "PENDING, AVAILABLE, DELETING, DELETED or FAILED."),
        text("message", "State.Message", "Why it is in that state."),
    ),
    columns=("transit_gateway", "state"),
    relations=(Link("part-of", "@parent.id"), Link("associated-with", "TransitGatewayArn")),
)

customer_gateway_association = ResourceType(
    "aws.networkmanager.customer-gateway-association",
    Kind.ATTACHMENT,
    "Customer gateway association",
    "The device that a customer gateway stands for. Its id is the global network's with `/customer-gateway/ARN`.",
    call=_call("GetCustomerGatewayAssociations", "CustomerGatewayAssociations[]", _NETWORK),
    id="{@parent.id}/customer-gateway/{CustomerGatewayArn}",
    once=True,
    region="@none",
    fields=(
        text("customer_gateway", "CustomerGatewayArn", "The customer gateway."),
        text("device", "DeviceId", "The device."),
        text("link", "LinkId", "The link."),
        text("state", "State", "PENDING, AVAILABLE, DELETING or DELETED."),
    ),
    columns=("customer_gateway", "device", "link", "state"),
    relations=(Link("part-of", "CustomerGatewayArn"), Link("associated-with", "DeviceId")),
)

connect_peer_association = ResourceType(
    "aws.networkmanager.connect-peer-association",
    Kind.ATTACHMENT,
    "Connect peer association",
    "The device that a Connect peer stands for. Its id is the global network's with `/connect-peer/ID`.",
    call=_call("GetConnectPeerAssociations", "ConnectPeerAssociations[]", _NETWORK),
    id="{@parent.id}/connect-peer/{ConnectPeerId}",
    once=True,
    region="@none",
    fields=(
        text("connect_peer", "ConnectPeerId", "The Connect peer."),
        text("device", "DeviceId", "The device."),
        text("link", "LinkId", "The link."),
        text("state", "State", "PENDING, AVAILABLE, DELETING or DELETED."),
    ),
    columns=("connect_peer", "device", "link", "state"),
    relations=(Link("part-of", "ConnectPeerId"), Link("associated-with", "DeviceId")),
)

telemetry = ResourceType(
    "aws.networkmanager.telemetry",
    Kind.MONITOR,
    "Network telemetry",
    "Whether a BGP or IPsec session is up. Its id is the global network's with `/telemetry/RESOURCE/ADDRESS`.",
    call=_call("GetNetworkTelemetry", "NetworkTelemetry[]", _NETWORK),
    id=lambda raw: f"{raw['@parent']['id']}/telemetry/{raw.get('ResourceId')}/{raw.get('Address') or 'all'}",
    once=True,
    region="AwsRegion",
    owner="AccountId",
    drops=("Timestamp",),
    fields=(
        text("resource", "ResourceId", "What it is of."),
        text("resource_type", "ResourceType", "vpn, connect-peer, ..."),
        text("gateway", "RegisteredGatewayArn|CoreNetworkId", "The transit gateway or core network."),
        text("address", "Address", "The other side's address."),
        text("health_type", "Health.Type", "BGP or IPSEC."),
        text("health", "Health.Status", "UP or DOWN."),
    ),
    columns=("resource", "address", "health_type", "health"),
    relations=(Link("part-of", "ResourceArn|ResourceId"),),
)

core_network = ResourceType(
    "aws.networkmanager.core-network",
    Kind.NETWORK,
    "Core network",
    "A wide area network of Cloud WAN: segments that reach over edges in many regions.",
    call=_call("ListCoreNetworks", "CoreNetworks[]"),
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
    call=_call(
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
    call=_call("ListAttachments", "Attachments[]"),
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
    call=_call("ListPeerings", "Peerings[]"),
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
    call=_call("ListConnectPeers", "ConnectPeers[]"),
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
    call=_call(
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
    call=_call(
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
    call=_call(
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
