"""AWS Direct Connect: the lines into AWS, what is spoken over them, and the gateways that they end at."""

from openvna.model import Kind
from openvna.plugin import Feature
from openvna.plugins.aws.declaration import Call, Each, Link, ResourceType, flag, number, records, text, texts
from openvna.plugins.aws.paging import LOWER, Paging
from openvna.plugins.aws.paths import Raw, Records, getter

FEATURE = Feature(
    "direct-connect",
    "Direct Connect",
    "Direct Connect lines, link aggregation groups, virtual interfaces with their BGP peers, and gateways.",
    optional=True,
)

_PAGE = 100
_ARN = "arn:{@scope.partition}:directconnect:{@scope.region}:{@owner}:"
_GATEWAY_ARN = "arn:{@scope.partition}:directconnect::{@owner}:dx-gateway/"
_GATEWAY = Each("aws.directconnect.gateway", "directConnectGatewayId", "alias")


def _call(operation: str, items: str, page: int = _PAGE, per: Each | None = None, pages: Paging = LOWER) -> Call:
    return Call("directconnect", operation, items, page, per=per, pages=pages)


connection = ResourceType(
    "aws.directconnect.connection",
    Kind.CONNECTION,
    "Direct Connect connection",
    "A line, dedicated or hosted, between a Direct Connect location and a network outside of AWS.",
    call=_call("DescribeConnections", "connections[]"),
    id=_ARN + "dxcon/{connectionId}",
    alias="connectionId",
    name="connectionName",
    owner="ownerAccount",
    tags="tags",
    fields=(
        text("state", "connectionState", "ordering, requested, pending, available, down, deleting, deleted, rejected."),
        text("bandwidth", "bandwidth", "As ordered, like 10Gbps."),
        text("location", "location", "Code of the Direct Connect location."),
        text("lag", "lagId", "The link aggregation group that it belongs to."),
        number("vlan", "vlan", "VLAN of a hosted connection."),
        text("partner", "partnerName", "The partner that provides it."),
        text("provider", "providerName", "The provider of the line."),
        text("device", "awsDeviceV2", "The device of AWS that it ends at."),
        text("redundancy", "hasLogicalRedundancy", "Whether a second BGP peer of one address family is possible."),
        flag("jumbo_frames", "jumboFrameCapable", "Whether jumbo frames are supported."),
        flag("macsec_capable", "macSecCapable", "Whether MACsec is supported."),
        text("encryption", "encryptionMode", "MACsec: no_encrypt, should_encrypt or must_encrypt."),
        text("port_encryption", "portEncryptionStatus", "Encryption Up or Encryption Down."),
    ),
    columns=("state", "bandwidth", "location", "lag", "device"),
    relations=(Link("part-of", "lagId"),),
)

lag = ResourceType(
    "aws.directconnect.lag",
    Kind.LINK,
    "Link aggregation group",
    "Several Direct Connect connections that are used as one (LACP).",
    call=_call("DescribeLags", "lags[]"),
    id=_ARN + "dxlag/{lagId}",
    alias="lagId",
    name="lagName",
    owner="ownerAccount",
    tags="tags",
    fields=(
        text("state", "lagState", "requested, pending, available, down, deleting, deleted or unknown."),
        text("bandwidth", "connectionsBandwidth", "Bandwidth of each connection."),
        number("connections", "numberOfConnections", "How many connections it has."),
        number("minimum_links", "minimumLinks", "How many must be up for it to be up."),
        text("location", "location", "Code of the Direct Connect location."),
        text("device", "awsDeviceV2", "The device of AWS that it ends at."),
        flag("hosted_connections", "allowsHostedConnections", "Whether it can hold hosted connections."),
        flag("jumbo_frames", "jumboFrameCapable", "Whether jumbo frames are supported."),
        flag("macsec_capable", "macSecCapable", "Whether MACsec is supported."),
        text("encryption", "encryptionMode", "MACsec: no_encrypt, should_encrypt or must_encrypt."),
    ),
    columns=("state", "bandwidth", "connections", "minimum_links", "location"),
    relations=(Link("contains", "connections[].connectionId"),),
)

interconnect = ResourceType(
    "aws.directconnect.interconnect",
    Kind.CONNECTION,
    "Interconnect",
    "A partner's line to AWS, on which it provides hosted connections.",
    call=_call("DescribeInterconnects", "interconnects[]"),
    id=_ARN + "dxcon/{interconnectId}",
    alias="interconnectId",
    name="interconnectName",
    tags="tags",
    fields=(
        text("state", "interconnectState", "requested, pending, available, down, deleting, deleted or unknown."),
        text("bandwidth", "bandwidth", "As ordered, like 10Gbps."),
        text("location", "location", "Code of the Direct Connect location."),
        text("lag", "lagId", "The link aggregation group that it belongs to."),
        text("device", "awsDeviceV2", "The device of AWS that it ends at."),
        text("provider", "providerName", "The provider of the line."),
        flag("jumbo_frames", "jumboFrameCapable", "Whether jumbo frames are supported."),
    ),
    columns=("state", "bandwidth", "location", "lag"),
    relations=(Link("part-of", "lagId"),),
)

virtual_interface = ResourceType(
    "aws.directconnect.virtual-interface",
    Kind.INTERFACE,
    "Virtual interface",
    "A VLAN on a connection with its BGP peers: private, transit or public.",
    call=_call("DescribeVirtualInterfaces", "virtualInterfaces[]"),
    id=_ARN + "dxvif/{virtualInterfaceId}",
    alias="virtualInterfaceId",
    name="virtualInterfaceName",
    owner="ownerAccount",
    tags="tags",
    fields=(
        text("state", "virtualInterfaceState", "confirming, verifying, pending, available, down, deleting, ..."),
        text("interface_type", "virtualInterfaceType", "private, transit or public."),
        text("connection", "connectionId", "The connection or link aggregation group that it runs on."),
        number("vlan", "vlan", "Its VLAN."),
        number("mtu", "mtu", "Largest frame, 1500, 8500 or 9001."),
        number("asn", "asnLong|asn", "The customer's BGP autonomous system."),
        number("amazon_asn", "amazonSideAsn", "AWS's BGP autonomous system."),
        text("amazon_address", "amazonAddress", "AWS's address, with its prefix length."),
        text("customer_address", "customerAddress", "The customer's address, with its prefix length."),
        text("gateway", "directConnectGatewayId|virtualGatewayId", "The gateway that it ends at."),
        texts("advertised", "routeFilterPrefixes[].cidr", "Prefixes that a public one advertises to AWS."),
        records("peers", lambda raw: _peers(raw), "BGP peers: id, asn, state, bgp_status, amazon, customer, device."),
        flag("site_link", "siteLinkEnabled", "Whether SiteLink carries traffic between locations."),
        flag("jumbo_frames", "jumboFrameCapable", "Whether jumbo frames are supported."),
    ),
    columns=("state", "interface_type", "connection", "vlan", "gateway"),
    relations=(
        Link("runs-on", "connectionId"),
        Link("attached-to", "directConnectGatewayId", _GATEWAY_ARN + "{}"),
        Link("attached-to", "virtualGatewayId"),
    ),
)

gateway = ResourceType(
    "aws.directconnect.gateway",
    Kind.GATEWAY,
    "Direct Connect gateway",
    "Joins virtual interfaces to virtual private gateways, transit gateways and core networks of any region.",
    call=_call("DescribeDirectConnectGateways", "directConnectGateways[]"),
    id=_GATEWAY_ARN + "{directConnectGatewayId}",
    once=True,
    alias="directConnectGatewayId",
    name="directConnectGatewayName",
    owner="ownerAccount",
    region="@none",
    tags="tags",
    fields=(
        text("state", "directConnectGatewayState", "pending, available, deleting or deleted."),
        number("amazon_asn", "amazonSideAsn", "AWS's BGP autonomous system."),
        text("error", "stateChangeError", "Why its state could not be changed."),
    ),
    columns=("state", "amazon_asn"),
)

gateway_association = ResourceType(
    "aws.directconnect.gateway-association",
    Kind.ATTACHMENT,
    "Direct Connect gateway association",
    "Joins a Direct Connect gateway to a gateway in a region or a core network, with the prefixes that are told.",
    call=_call("DescribeDirectConnectGatewayAssociations", "directConnectGatewayAssociations[]", per=_GATEWAY),
    id="{@parent.id}/association/{associationId}",
    once=True,
    alias="associationId",
    owner="directConnectGatewayOwnerAccount",
    region="@none",
    fields=(
        text("state", "associationState", "associating, associated, disassociating, disassociated or updating."),
        text("gateway", "directConnectGatewayId", "The Direct Connect gateway."),
        text("associated", "associatedGateway.id|associatedCoreNetwork.id", "What it is joined to."),
        text("associated_type", "associatedGateway.type", "virtualPrivateGateway or transitGateway."),
        text("associated_region", "associatedGateway.region", "Where that is."),
        text("associated_owner", "associatedGateway.ownerAccount|associatedCoreNetwork.ownerAccount", "Whose that is."),
        texts("allowed_prefixes", "allowedPrefixesToDirectConnectGateway[].cidr", "Prefixes that the other side gets."),
        text("error", "stateChangeError", "Why its state could not be changed."),
    ),
    columns=("gateway", "associated", "associated_region", "state"),
    relations=(
        Link("part-of", "@parent.id"),
        Link("associated-with", "associatedGateway.id|associatedCoreNetwork.id"),
    ),
)

gateway_attachment = ResourceType(
    "aws.directconnect.gateway-attachment",
    Kind.ATTACHMENT,
    "Direct Connect gateway attachment",
    "A virtual interface, of this account or another, that ends at a Direct Connect gateway.",
    call=_call("DescribeDirectConnectGatewayAttachments", "directConnectGatewayAttachments[]", per=_GATEWAY),
    id="{@parent.id}/attachment/{virtualInterfaceId}",
    once=True,
    region="@none",
    fields=(
        text("state", "attachmentState", "attaching, attached, detaching or detached."),
        text("gateway", "directConnectGatewayId", "The Direct Connect gateway."),
        text("virtual_interface", "virtualInterfaceId", "The virtual interface."),
        text("interface_region", "virtualInterfaceRegion", "Where it is."),
        text("interface_owner", "virtualInterfaceOwnerAccount", "Whose it is."),
        text("attachment_type", "attachmentType", "TransitVirtualInterface or PrivateVirtualInterface."),
        text("error", "stateChangeError", "Why its state could not be changed."),
    ),
    columns=("gateway", "virtual_interface", "interface_region", "state"),
    relations=(Link("part-of", "@parent.id"), Link("attached-to", "virtualInterfaceId")),
)


def _peers(raw: Raw) -> Records:
    found: Records = [
        {
            "id": peer.get("bgpPeerId"),
            "asn": peer.get("asnLong") or peer.get("asn"),
            "address_family": peer.get("addressFamily"),
            "state": peer.get("bgpPeerState"),
            "bgp_status": peer.get("bgpStatus"),
            "amazon_address": peer.get("amazonAddress"),
            "customer_address": peer.get("customerAddress"),
            "device": peer.get("awsDeviceV2"),
        }
        for peer in getter("bgpPeers[]")(raw)
    ]
    return sorted(found, key=lambda peer: (peer["id"] or "", peer["address_family"] or ""))
