"""AWS Network Manager: global networks with their sites, devices and links, and what they are associated with."""

from openvna.model import Kind
from openvna.plugin import Feature
from openvna.plugins.aws.declaration import (
    ACCOUNT,
    Call,
    Each,
    Link,
    ResourceType,
    number,
    text,
    time,
)
from openvna.plugins.aws.paths import template

FEATURE = Feature(
    "cloud-wan",
    "Cloud WAN and Network Manager",
    "Global networks with sites, devices and links; core networks with segments, attachments, policies and routes.",
    optional=True,
)

_STATES = "PENDING, AVAILABLE, DELETING or UPDATING."
_NETWORK = Each("aws.networkmanager.global-network", "GlobalNetworkId", "alias")


def call(operation: str, items: str, per: Each | None = None, page: int = 500, of_texts: bool = False) -> Call:
    return Call("networkmanager", operation, items, page, per=per, of_texts=of_texts)


global_network = ResourceType(
    "aws.networkmanager.global-network",
    Kind.NETWORK,
    "Global network",
    "Holds core networks, transit gateways and what the customer has at sites of its own.",
    call=call("DescribeGlobalNetworks", "GlobalNetworks[]"),
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
    call=call("GetSites", "Sites[]", _NETWORK),
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
    call=call("GetDevices", "Devices[]", _NETWORK),
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
    call=call("GetLinks", "Links[]", _NETWORK),
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
    call=call("GetLinkAssociations", "LinkAssociations[]", _NETWORK),
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
    call=call("GetConnections", "Connections[]", _NETWORK),
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
    call=call("GetTransitGatewayRegistrations", "TransitGatewayRegistrations[]", _NETWORK),
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
    call=call("GetCustomerGatewayAssociations", "CustomerGatewayAssociations[]", _NETWORK),
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
    call=call("GetConnectPeerAssociations", "ConnectPeerAssociations[]", _NETWORK),
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
    call=call("GetNetworkTelemetry", "NetworkTelemetry[]", _NETWORK),
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

transit_connect_peer_association = ResourceType(
    "aws.networkmanager.transit-gateway-connect-peer-association",
    Kind.ATTACHMENT,
    "Transit gateway Connect peer association",
    "The device that a Connect peer of a transit gateway stands for. Its id is the global network's with "
    "`/transit-gateway-connect-peer/ARN`.",
    call=call("GetTransitGatewayConnectPeerAssociations", "TransitGatewayConnectPeerAssociations[]", _NETWORK),
    id="{@parent.id}/transit-gateway-connect-peer/{TransitGatewayConnectPeerArn}",
    once=True,
    region="@none",
    fields=(
        text("connect_peer", "TransitGatewayConnectPeerArn", "The Connect peer."),
        text("device", "DeviceId", "The device."),
        text("link", "LinkId", "The link."),
        text("state", "State", "PENDING, AVAILABLE, DELETING or DELETED."),
    ),
    columns=("connect_peer", "device", "link", "state"),
    relations=(Link("part-of", "TransitGatewayConnectPeerArn"), Link("associated-with", "DeviceId")),
)

organization_access = ResourceType(
    "aws.networkmanager.organization-access",
    Kind.OPTIONS,
    "Network Manager access to an account",
    "An account of the organization whose network Network Manager may show. Its id is the account's with "
    "`/network-manager/ACCOUNT`.",
    call=call("ListOrganizationServiceAccessStatus", "OrganizationStatus.AccountStatusList[]"),
    needs="aws.networkmanager.global-network",
    id=template(ACCOUNT + "/network-manager/{AccountId}"),
    once=True,
    name="AccountId",
    region="@none",
    fields=(
        text("account", "AccountId", "The account."),
        text("role", "SLRDeploymentStatus", "How far the role is that lets Network Manager in."),
    ),
    columns=("account", "role"),
)
