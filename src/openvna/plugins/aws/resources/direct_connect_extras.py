"""AWS Direct Connect: locations, offers between accounts, routes and tests of virtual interfaces, resiliency groups."""

from openvna.model import Kind
from openvna.plugins.aws.declaration import REGION, Call, Detail, Each, Link, ResourceType, number, text, texts, time
from openvna.plugins.aws.paging import LOWER
from openvna.plugins.aws.paths import template
from openvna.plugins.aws.resources import direct_connect

FEATURE = direct_connect.FEATURE

_S, _PAGE = "directconnect", 100
_INTERFACE = Each("aws.directconnect.virtual-interface", "virtualInterfaceId", "alias")


def _call(operation: str, items: str, per: Each | None = None) -> Call:
    return Call(_S, operation, items, _PAGE, per=per, pages=LOWER)


location = ResourceType(
    "aws.directconnect.location",
    Kind.SITE,
    "Direct Connect location",
    "A place where lines to a region begin. Its id is the region's with `/direct-connect-location/CODE`.",
    call=Call(_S, "DescribeLocations", "locations[]"),
    id=template(REGION + "/direct-connect-location/{locationCode}"),
    alias="locationCode",
    name="locationName",
    drops=("availableBillingModes",),
    fields=(
        text("location", "locationCode", "Its code."),
        texts("speeds", "availablePortSpeeds[]", "Speeds of ports there."),
        texts("macsec_speeds", "availableMacSecPortSpeeds[]", "Speeds of ports with MACsec."),
        texts("providers", "availableProviders[]", "Who brings lines there."),
    ),
    columns=("location", "speeds", "providers"),
    relations=(Link("part-of", "@scope.region", REGION),),
    given={},
)

proposal = ResourceType(
    "aws.directconnect.gateway-association-proposal",
    Kind.ATTACHMENT,
    "Direct Connect gateway association proposal",
    "An account's wish to join its gateway to another's Direct Connect gateway.",
    call=_call("DescribeDirectConnectGatewayAssociationProposals", "directConnectGatewayAssociationProposals[]"),
    id="arn:{@scope.partition}:directconnect::{@owner}:dx-gateway/{directConnectGatewayId}/proposal/{proposalId}",
    once=True,
    alias="proposalId",
    owner="directConnectGatewayOwnerAccount",
    region="@none",
    fields=(
        text("state", "proposalState", "requested, accepted or deleted."),
        text("gateway", "directConnectGatewayId", "The Direct Connect gateway."),
        text("gateway_owner", "directConnectGatewayOwnerAccount", "Whose that is."),
        text("associated", "associatedGateway.id", "What is to be joined to it."),
        text("associated_type", "associatedGateway.type", "virtualPrivateGateway or transitGateway."),
        text("associated_region", "associatedGateway.region", "Where that is."),
        text("associated_owner", "associatedGateway.ownerAccount", "Whose that is."),
        texts("allowed_prefixes", "existingAllowedPrefixesToDirectConnectGateway[].cidr", "Prefixes allowed so far."),
        texts("requested_prefixes", "requestedAllowedPrefixesToDirectConnectGateway[].cidr", "Prefixes asked for."),
    ),
    columns=("gateway", "associated", "associated_owner", "state"),
    relations=(
        Link("part-of", "directConnectGatewayId"),
        Link("associated-with", "associatedGateway.id"),
    ),
)

route = ResourceType(
    "aws.directconnect.virtual-interface-route",
    Kind.ROUTE,
    "Route of a virtual interface",
    "A prefix learned from, or told to, the other side. Its id is the interface's with `/route/DIRECTION/CIDR/DEVICE`.",
    call=_call("ListVirtualInterfaceRoutes", "routes[]", _INTERFACE),
    id=lambda raw: "/".join(
        part
        for part in (
            raw["@parent"]["id"],
            "route",
            raw["routeDirection"],
            raw["cidr"],
            raw.get("awsLogicalDeviceId"),
        )
        if part
    ),
    name="cidr",
    fields=(
        text("virtual_interface", "@parent.alias", "The virtual interface."),
        text("destination", "cidr", "The prefix."),
        text("direction", "routeDirection", "accepted (learned from the other side) or advertised (told to it)."),
        texts("as_path", "asPath[].path[]", "The autonomous systems on its way.", ordered=True),
        texts("communities", "communities[]", "Its BGP communities."),
        text("device", "awsLogicalDeviceId", "The device of AWS that has it."),
        time("installed", "routeInstalledAt", "Since when it is there."),
    ),
    columns=("virtual_interface", "direction", "destination", "as_path"),
    relations=(Link("part-of", "@parent.id"),),
    ordered=("asPath", "path"),
)

test = ResourceType(
    "aws.directconnect.virtual-interface-test",
    Kind.ANALYSIS,
    "Failover test",
    "BGP sessions of a virtual interface that were taken down to try what happens. Its id is the interface's with "
    "`/test/ID`.",
    call=_call("ListVirtualInterfaceTestHistory", "virtualInterfaceTestHistory[]", _INTERFACE),
    id="{@parent.id}/test/{testId}",
    alias="testId",
    owner="ownerAccount",
    fields=(
        text("virtual_interface", "virtualInterfaceId", "The virtual interface."),
        text("state", "status", "Whether it goes on."),
        texts("peers", "bgpPeers[]", "BGP peers that were taken down."),
        number("minutes", "testDurationInMinutes", "How long it takes."),
        time("start", "startTime", "When it began."),
        time("end", "endTime", "When it ended."),
    ),
    columns=("virtual_interface", "state", "start", "end"),
    relations=(Link("part-of", "@parent.id"),),
)

resiliency_group = ResourceType(
    "aws.directconnect.resiliency-group",
    Kind.LINK,
    "Resiliency group",
    "Lines that stand in for each other.",
    call=_call("ListResiliencyGroups", "items[]"),
    details=(Detail(_S, "GetResiliencyGroup", {"resiliencyGroupId": "resiliencyGroupId"}, "resiliencyGroup"),),
    id="{resiliencyGroupArn}",
    alias="resiliencyGroupId",
    name="resiliencyGroupName",
    owner="ownerAccount",
    tags="tags",
    fields=(
        text("state", "state", "pending, available, deleting or deleted."),
        text("group_type", "resiliencyGroupType", "Managed."),
    ),
    columns=("state", "group_type"),
)

resiliency_association = ResourceType(
    "aws.directconnect.resiliency-group-association",
    Kind.ATTACHMENT,
    "Line of a resiliency group",
    "A line that is in a resiliency group. Its id is the group's with `/association/LINE`.",
    call=_call(
        "ListResiliencyGroupAssociations",
        "items[]",
        Each("aws.directconnect.resiliency-group", "resiliencyGroupId", "alias"),
    ),
    id="{@parent.id}/association/{connectionArn}",
    fields=(
        text("group", "resiliencyGroupId", "The group."),
        text("connection", "connectionArn", "The line."),
        text("state", "state", "associating, associated, disassociating or disassociated."),
    ),
    columns=("group", "connection", "state"),
    relations=(Link("part-of", "@parent.id"), Link("associated-with", "connectionArn")),
)

hosted_connection = ResourceType(
    "aws.directconnect.hosted-connection",
    Kind.CONNECTION,
    "Hosted connection",
    "A line of another account on a partner's interconnect. Its id is the interconnect's with `/hosted/ID`.",
    call=_call(
        "DescribeHostedConnections",
        "connections[]",
        Each("aws.directconnect.interconnect", "connectionId", "alias"),
    ),
    id="{@parent.id}/hosted/{connectionId}",
    name="connectionName",
    owner="ownerAccount",
    tags="tags",
    fields=(
        text("interconnect", "@parent.alias", "The interconnect."),
        text("connection", "connectionId", "The line, as its owner sees it."),
        text("connection_owner", "ownerAccount", "The account that has it."),
        text("state", "connectionState", "ordering, requested, pending, available, down, deleting, deleted, rejected."),
        text("bandwidth", "bandwidth", "As ordered, like 500Mbps."),
        number("vlan", "vlan", "Its VLAN on the interconnect."),
        text("location", "location", "Code of the Direct Connect location."),
    ),
    columns=("interconnect", "connection", "connection_owner", "vlan", "state"),
    relations=(Link("part-of", "@parent.id"), Link("same-as", "connectionId")),
)

virtual_gateway = ResourceType(
    "aws.directconnect.virtual-gateway",
    Kind.GATEWAY,
    "Virtual private gateway of Direct Connect",
    "A VPN gateway as Direct Connect sees it. Its id is the gateway's ARN with `/direct-connect`.",
    call=Call(_S, "DescribeVirtualGateways", "virtualGateways[]"),
    needs="aws.ec2.vpn-gateway",
    id="vpn-gateway/{virtualGatewayId}/direct-connect",
    fields=(
        text("gateway", "virtualGatewayId", "The VPN gateway."),
        text("state", "virtualGatewayState", "pending, available, deleting or deleted."),
    ),
    columns=("gateway", "state"),
    relations=(Link("same-as", "virtualGatewayId"),),
)
