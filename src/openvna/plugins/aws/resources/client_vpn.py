"""Client VPN: the endpoints that people dial in to, the subnets behind them, their routes and who may go where."""

from openvna.model import Kind
from openvna.plugin import Feature
from openvna.plugins.aws.declaration import Each, Link, ResourceType, ec2, flag, number, text, texts

FEATURE = Feature(
    "client-vpn",
    "Client VPN",
    "Endpoints for people who dial in, with target networks, routes and authorization rules.",
    optional=True,
)

_ENDPOINT = Each("aws.ec2.client-vpn-endpoint", "ClientVpnEndpointId", "alias")

endpoint = ResourceType(
    "aws.ec2.client-vpn-endpoint",
    Kind.GATEWAY,
    "Client VPN endpoint",
    "Where clients of people dial in.",
    call=ec2("DescribeClientVpnEndpoints", "ClientVpnEndpoints[]"),
    id="client-vpn-endpoint/{ClientVpnEndpointId}",
    alias="ClientVpnEndpointId",
    ordered=("DnsServers",),
    fields=(
        text("state", "Status.Code", "pending-associate, available, deleting or deleted."),
        text("dns_name", "DnsName", "The name that clients connect to."),
        text("client_cidr", "ClientCidrBlock", "Addresses that clients get."),
        texts("dns_servers", "DnsServers[]", "DNS servers that clients are told, in order.", ordered=True),
        flag("split_tunnel", "SplitTunnel", "Whether only traffic for its routes comes through it."),
        text("transport", "TransportProtocol", "tcp or udp."),
        number("port", "VpnPort", "The port."),
        texts("authentication", "AuthenticationOptions[].Type", "How people sign in."),
        text("certificate", "ServerCertificateArn", "Its certificate."),
        text("vpc", "VpcId", "The VPC behind it."),
        texts("security_groups", "SecurityGroupIds[]", "Groups that judge what leaves it."),
        text("transit_gateway", "TransitGatewayConfiguration.TransitGatewayId", "The transit gateway behind it."),
        flag("connection_log", "ConnectionLogOptions.Enabled", "Whether connections are logged."),
        number("session_hours", "SessionTimeoutHours", "How long a session may last, in hours."),
        text("description", "Description", "What its owner said of it."),
    ),
    columns=("state", "client_cidr", "vpc", "split_tunnel", "transport"),
    relations=(
        Link("in-network", "VpcId"),
        Link("protected-by", "SecurityGroupIds[]"),
        Link("attached-to", "TransitGatewayConfiguration.TransitGatewayId"),
    ),
)

target_network = ResourceType(
    "aws.ec2.client-vpn-target-network",
    Kind.ATTACHMENT,
    "Client VPN target network",
    "A subnet behind a Client VPN endpoint. Its id is the endpoint's ARN with `/target-network/ASSOCIATION`.",
    call=ec2("DescribeClientVpnTargetNetworks", "ClientVpnTargetNetworks[]", per=_ENDPOINT),
    id="{@parent.id}/target-network/{AssociationId}",
    alias="AssociationId",
    fields=(
        text("endpoint", "ClientVpnEndpointId", "The endpoint."),
        text("subnet", "TargetNetworkId", "The subnet."),
        text("vpc", "VpcId", "Its VPC."),
        text("state", "Status.Code", "associating, associated, association-failed, disassociating, disassociated."),
        texts("security_groups", "SecurityGroups[]", "Groups that judge what leaves there."),
    ),
    columns=("endpoint", "subnet", "vpc", "state"),
    relations=(Link("part-of", "@parent.id"), Link("in-subnet", "TargetNetworkId"), Link("in-network", "VpcId")),
)

route = ResourceType(
    "aws.ec2.client-vpn-route",
    Kind.ROUTE,
    "Client VPN route",
    "A route of a Client VPN endpoint. Its id is the endpoint's ARN with `/route/DESTINATION/SUBNET`.",
    call=ec2("DescribeClientVpnRoutes", "Routes[]", per=_ENDPOINT),
    id="{@parent.id}/route/{DestinationCidr}/{TargetSubnet|TransitGatewayAttachmentId}",
    name="DestinationCidr",
    fields=(
        text("endpoint", "ClientVpnEndpointId", "The endpoint."),
        text("destination", "DestinationCidr", "The destination."),
        text("target", "TargetSubnet|TransitGatewayAttachmentId", "The subnet or attachment that it leads through."),
        text("origin", "Origin", "associate or add-route."),
        text("state", "Status.Code", "creating, active, failed or deleting."),
        text("description", "Description", "What its author said of it."),
    ),
    columns=("endpoint", "destination", "target", "origin", "state"),
    relations=(Link("part-of", "@parent.id"), Link("routes-to", "TargetSubnet|TransitGatewayAttachmentId")),
)

authorization = ResourceType(
    "aws.ec2.client-vpn-authorization-rule",
    Kind.ACCESS_LIST,
    "Client VPN authorization rule",
    "Who may reach a network. Its id is the endpoint's ARN with `/authorization/DESTINATION/GROUP`.",
    call=ec2("DescribeClientVpnAuthorizationRules", "AuthorizationRules[]", per=_ENDPOINT),
    id=lambda raw: f"{raw['@parent']['id']}/authorization/{raw['DestinationCidr']}/{raw.get('GroupId') or 'all'}",
    name="DestinationCidr",
    fields=(
        text("endpoint", "ClientVpnEndpointId", "The endpoint."),
        text("destination", "DestinationCidr", "The network."),
        flag("everybody", "AccessAll", "Whether everybody who is signed in may."),
        text("group", "GroupId", "The group that may."),
        text("state", "Status.Code", "authorizing, active, failed or revoking."),
        text("description", "Description", "What its author said of it."),
    ),
    columns=("endpoint", "destination", "everybody", "group", "state"),
    relations=(Link("part-of", "@parent.id"),),
)
