"""Local gateways of AWS Outposts: how a rack joins the network that it stands in."""

from openvna.model import Kind
from openvna.plugin import Feature
from openvna.plugins.aws.declaration import Each, Link, ResourceType, ec2, number, text, texts

FEATURE = Feature(
    "outposts",
    "Outposts networking",
    "Local gateways of Outposts: route tables, virtual interfaces, address pools and service links.",
    optional=True,
)

local_gateway = ResourceType(
    "aws.ec2.local-gateway",
    Kind.GATEWAY,
    "Local gateway",
    "Joins the VPCs of an Outpost to the network around it.",
    call=ec2("DescribeLocalGateways", "LocalGateways[]"),
    id="local-gateway/{LocalGatewayId}",
    alias="LocalGatewayId",
    fields=(
        text("outpost", "OutpostArn", "The Outpost."),
        text("state", "State", "Its state."),
    ),
    columns=("outpost", "state"),
    relations=(Link("part-of", "OutpostArn"),),
)

route_table = ResourceType(
    "aws.ec2.local-gateway-route-table",
    Kind.ROUTE_TABLE,
    "Local gateway route table",
    "The routes of a local gateway.",
    call=ec2("DescribeLocalGatewayRouteTables", "LocalGatewayRouteTables[]"),
    needs="aws.ec2.local-gateway",
    id="local-gateway-route-table/{LocalGatewayRouteTableId}",
    alias="LocalGatewayRouteTableId",
    fields=(
        text("local_gateway", "LocalGatewayId", "The local gateway."),
        text("outpost", "OutpostArn", "The Outpost."),
        text("mode", "Mode", "direct-vpc-routing or coip."),
        text("state", "State", "Its state."),
        text("reason", "StateReason.Message", "Why it is in that state."),
    ),
    columns=("local_gateway", "mode", "state"),
    relations=(Link("part-of", "LocalGatewayId"),),
)

route = ResourceType(
    "aws.ec2.local-gateway-route",
    Kind.ROUTE,
    "Local gateway route",
    "One route of a local gateway. Its id is the table's ARN with `/route/DESTINATION`.",
    call=ec2(
        "SearchLocalGatewayRoutes",
        "Routes[]",
        per=Each("aws.ec2.local-gateway-route-table", "LocalGatewayRouteTableId", "alias"),
    ),
    id="{@parent.id}/route/{DestinationCidrBlock|DestinationPrefixListId}",
    name="DestinationCidrBlock|DestinationPrefixListId",
    fields=(
        text("route_table", "LocalGatewayRouteTableId", "The table."),
        text("destination", "DestinationCidrBlock|DestinationPrefixListId", "The destination."),
        text("target", "LocalGatewayVirtualInterfaceGroupId|NetworkInterfaceId", "Where it leads."),
        text("origin", "Type", "static or propagated."),
        text("state", "State", "pending, active, blackhole, deleting or deleted."),
        text("subnet", "SubnetId", "The subnet that it leads to."),
        text("pool", "CoipPoolId", "The pool of customer-owned addresses."),
    ),
    columns=("route_table", "destination", "target", "state"),
    relations=(
        Link("part-of", "@parent.id"),
        Link("routes-to", "LocalGatewayVirtualInterfaceGroupId|NetworkInterfaceId"),
    ),
)

vpc_association = ResourceType(
    "aws.ec2.local-gateway-route-table-vpc-association",
    Kind.ATTACHMENT,
    "Local gateway VPC association",
    "A VPC that uses a local gateway's route table.",
    call=ec2("DescribeLocalGatewayRouteTableVpcAssociations", "LocalGatewayRouteTableVpcAssociations[]"),
    needs="aws.ec2.local-gateway",
    id="local-gateway-route-table-vpc-association/{LocalGatewayRouteTableVpcAssociationId}",
    alias="LocalGatewayRouteTableVpcAssociationId",
    fields=(
        text("route_table", "LocalGatewayRouteTableId", "The table."),
        text("local_gateway", "LocalGatewayId", "The local gateway."),
        text("vpc", "VpcId", "The VPC."),
        text("state", "State", "Its state."),
    ),
    columns=("route_table", "vpc", "state"),
    relations=(Link("part-of", "LocalGatewayRouteTableId"), Link("associated-with", "VpcId")),
)

group_association = ResourceType(
    "aws.ec2.local-gateway-route-table-interface-group-association",
    Kind.ATTACHMENT,
    "Local gateway interface group association",
    "Virtual interfaces that use a local gateway's route table.",
    call=ec2(
        "DescribeLocalGatewayRouteTableVirtualInterfaceGroupAssociations",
        "LocalGatewayRouteTableVirtualInterfaceGroupAssociations[]",
    ),
    needs="aws.ec2.local-gateway",
    id="local-gateway-route-table-virtual-interface-group-association/"
    "{LocalGatewayRouteTableVirtualInterfaceGroupAssociationId}",
    alias="LocalGatewayRouteTableVirtualInterfaceGroupAssociationId",
    fields=(
        text("route_table", "LocalGatewayRouteTableId", "The table."),
        text("local_gateway", "LocalGatewayId", "The local gateway."),
        text("interface_group", "LocalGatewayVirtualInterfaceGroupId", "The group of virtual interfaces."),
        text("state", "State", "Its state."),
    ),
    columns=("route_table", "interface_group", "state"),
    relations=(
        Link("part-of", "LocalGatewayRouteTableId"),
        Link("associated-with", "LocalGatewayVirtualInterfaceGroupId"),
    ),
)

virtual_interface = ResourceType(
    "aws.ec2.local-gateway-virtual-interface",
    Kind.INTERFACE,
    "Local gateway virtual interface",
    "A VLAN between an Outpost and a device of the network around it, with its BGP session.",
    call=ec2("DescribeLocalGatewayVirtualInterfaces", "LocalGatewayVirtualInterfaces[]"),
    needs="aws.ec2.local-gateway",
    id="local-gateway-virtual-interface/{LocalGatewayVirtualInterfaceId}",
    alias="LocalGatewayVirtualInterfaceId",
    fields=(
        text("local_gateway", "LocalGatewayId", "The local gateway."),
        text("interface_group", "LocalGatewayVirtualInterfaceGroupId", "Its group."),
        text("lag", "OutpostLagId", "The link aggregation group that it runs on."),
        number("vlan", "Vlan", "Its VLAN."),
        text("local_address", "LocalAddress", "The Outpost's address."),
        text("peer_address", "PeerAddress", "The device's address."),
        number("local_asn", "LocalBgpAsn", "The Outpost's BGP autonomous system."),
        number("peer_asn", "PeerBgpAsnExtended|PeerBgpAsn", "The device's BGP autonomous system."),
        text("state", "ConfigurationState", "pending, available, deleting or deleted."),
    ),
    columns=("local_gateway", "vlan", "peer_address", "state"),
    relations=(Link("part-of", "LocalGatewayVirtualInterfaceGroupId"), Link("runs-on", "OutpostLagId")),
)

interface_group = ResourceType(
    "aws.ec2.local-gateway-virtual-interface-group",
    Kind.LINK,
    "Local gateway virtual interface group",
    "Virtual interfaces that routes lead to together.",
    call=ec2("DescribeLocalGatewayVirtualInterfaceGroups", "LocalGatewayVirtualInterfaceGroups[]"),
    needs="aws.ec2.local-gateway",
    id="local-gateway-virtual-interface-group/{LocalGatewayVirtualInterfaceGroupId}",
    alias="LocalGatewayVirtualInterfaceGroupId",
    fields=(
        text("local_gateway", "LocalGatewayId", "The local gateway."),
        texts("interfaces", "LocalGatewayVirtualInterfaceIds[]", "Its virtual interfaces."),
        number("local_asn", "LocalBgpAsnExtended|LocalBgpAsn", "The Outpost's BGP autonomous system."),
        text("state", "ConfigurationState", "pending, incomplete, available, deleting or deleted."),
    ),
    columns=("local_gateway", "interfaces", "state"),
    relations=(Link("part-of", "LocalGatewayId"), Link("contains", "LocalGatewayVirtualInterfaceIds[]")),
)

coip_pool = ResourceType(
    "aws.ec2.coip-pool",
    Kind.ADDRESS_POOL,
    "Customer-owned address pool",
    "Addresses of the network around an Outpost that instances on it can have.",
    call=ec2("DescribeCoipPools", "CoipPools[]"),
    needs="aws.ec2.local-gateway",
    id="coip-pool/{PoolId}",
    alias="PoolId",
    fields=(
        texts("cidr_blocks", "PoolCidrs[]", "Its prefixes."),
        text("route_table", "LocalGatewayRouteTableId", "The local gateway's route table."),
    ),
    columns=("cidr_blocks", "route_table"),
    relations=(Link("part-of", "LocalGatewayRouteTableId"),),
)

lag = ResourceType(
    "aws.ec2.outpost-lag",
    Kind.LINK,
    "Outpost link aggregation group",
    "The lines between an Outpost and a device of the network around it.",
    call=ec2("DescribeOutpostLags", "OutpostLags[]"),
    needs="aws.outposts.outpost",
    id="outpost-lag/{OutpostLagId}",
    alias="OutpostLagId",
    fields=(
        text("outpost", "OutpostArn", "The Outpost."),
        text("state", "State", "Its state."),
        texts("local_interfaces", "LocalGatewayVirtualInterfaceIds[]", "Virtual interfaces of the local gateway."),
        texts("service_links", "ServiceLinkVirtualInterfaceIds[]", "Virtual interfaces of the service link."),
    ),
    columns=("outpost", "state"),
    relations=(Link("part-of", "OutpostArn"),),
)

service_link = ResourceType(
    "aws.ec2.service-link-virtual-interface",
    Kind.INTERFACE,
    "Service link virtual interface",
    "The VLAN by which an Outpost reaches its region.",
    call=ec2("DescribeServiceLinkVirtualInterfaces", "ServiceLinkVirtualInterfaces[]"),
    needs="aws.outposts.outpost",
    id="{ServiceLinkVirtualInterfaceArn}",
    alias="ServiceLinkVirtualInterfaceId",
    fields=(
        text("outpost", "OutpostArn", "The Outpost."),
        text("lag", "OutpostLagId", "The link aggregation group that it runs on."),
        number("vlan", "Vlan", "Its VLAN."),
        text("local_address", "LocalAddress", "The Outpost's address."),
        text("peer_address", "PeerAddress", "The device's address."),
        number("peer_asn", "PeerBgpAsn", "The device's BGP autonomous system."),
        text("state", "ConfigurationState", "pending, available, deleting or deleted."),
    ),
    columns=("outpost", "vlan", "peer_address", "state"),
    relations=(Link("part-of", "OutpostArn"), Link("runs-on", "OutpostLagId")),
)

coip = ResourceType(
    "aws.ec2.coip-address",
    Kind.ADDRESS,
    "Customer-owned address",
    "An address of a customer-owned pool that is in use. Its id is the pool's with `/address/ADDRESS`.",
    call=ec2("GetCoipPoolUsage", "CoipAddressUsages[]", per=Each("aws.ec2.coip-pool", "PoolId", "alias")),
    id="{@parent.id}/address/{CoIp}",
    name="CoIp",
    fields=(
        text("pool", "@parent.alias", "The pool."),
        text("address", "CoIp", "The address."),
        text("allocation", "AllocationId", "Its allocation."),
        text("used_by_account", "AwsAccountId", "The account that uses it."),
        text("used_by_service", "AwsService", "The service that uses it."),
    ),
    columns=("pool", "address", "used_by_account", "used_by_service"),
    relations=(Link("part-of", "@parent.id"), Link("refers-to", "AllocationId")),
)
