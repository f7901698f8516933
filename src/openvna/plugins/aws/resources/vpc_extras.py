"""Rarer parts of a VPC: gateways of Wavelength Zones, endpoints for connecting to instances, trunks, permissions."""

from openvna.model import Kind
from openvna.plugins.aws import features
from openvna.plugins.aws.declaration import Link, ResourceType, ec2, flag, number, text, texts, time

FEATURE = features.VPC

carrier_gateway = ResourceType(
    "aws.ec2.carrier-gateway",
    Kind.GATEWAY,
    "Carrier gateway",
    "Joins the subnets of a VPC in a Wavelength Zone to a carrier's network and the internet.",
    call=ec2("DescribeCarrierGateways", "CarrierGateways[]"),
    needs="aws.ec2.vpc",
    id="carrier-gateway/{CarrierGatewayId}",
    alias="CarrierGatewayId",
    fields=(
        text("vpc", "VpcId", "The VPC."),
        text("state", "State", "pending, available, deleting or deleted."),
    ),
    columns=("vpc", "state"),
    relations=(Link("attached-to", "VpcId"),),
)

connect_endpoint = ResourceType(
    "aws.ec2.instance-connect-endpoint",
    Kind.ENDPOINT,
    "EC2 Instance Connect Endpoint",
    "Lets people reach instances without public addresses, by SSH or RDP.",
    call=ec2("DescribeInstanceConnectEndpoints", "InstanceConnectEndpoints[]", 50),
    needs="aws.ec2.vpc",
    id="{InstanceConnectEndpointArn}",
    alias="InstanceConnectEndpointId",
    fields=(
        text("state", "State", "create-complete, create-failed, delete-in-progress, ..."),
        text("message", "StateMessage", "Why it is in that state."),
        text("vpc", "VpcId", "Its VPC."),
        text("subnet", "SubnetId", "Its subnet."),
        texts("interfaces", "NetworkInterfaceIds[]", "Its network interfaces."),
        texts("security_groups", "SecurityGroupIds[]", "Its security groups."),
        flag("preserves_client", "PreserveClientIp", "Whether instances see the client's address."),
        text("dns_name", "DnsName", "Its name."),
        text("ip_address_type", "IpAddressType", "ipv4, dualstack or ipv6."),
        time("created", "CreatedAt", "When it was created."),
    ),
    columns=("state", "vpc", "subnet", "preserves_client"),
    relations=(
        Link("in-network", "VpcId"),
        Link("in-subnet", "SubnetId"),
        Link("uses", "NetworkInterfaceIds[]"),
        Link("protected-by", "SecurityGroupIds[]"),
    ),
)

trunk_association = ResourceType(
    "aws.ec2.trunk-interface-association",
    Kind.ATTACHMENT,
    "Trunk interface association",
    "A branch interface that is carried over a trunk interface. Its id is the branch's ARN with `/trunk`.",
    call=ec2("DescribeTrunkInterfaceAssociations", "InterfaceAssociations[]", 255),
    needs="aws.ec2.network-interface",
    id="arn:{@scope.partition}:ec2:{@scope.region}:{@owner}:network-interface/{BranchInterfaceId}/trunk",
    alias="AssociationId",
    fields=(
        text("branch", "BranchInterfaceId", "The branch interface."),
        text("trunk", "TrunkInterfaceId", "The trunk interface."),
        text("protocol", "InterfaceProtocol", "VLAN or GRE."),
        number("vlan", "VlanId", "The VLAN."),
        number("gre_key", "GreKey", "The GRE key."),
    ),
    columns=("branch", "trunk", "protocol", "vlan"),
    relations=(Link("part-of", "BranchInterfaceId"), Link("runs-on", "TrunkInterfaceId")),
)

interface_permission = ResourceType(
    "aws.ec2.network-interface-permission",
    Kind.POLICY,
    "Network interface permission",
    "Lets another account, or a service, attach a network interface. Its id is the interface's with `/permission/ID`.",
    call=ec2("DescribeNetworkInterfacePermissions", "NetworkInterfacePermissions[]", 255),
    needs="aws.ec2.network-interface",
    id="arn:{@scope.partition}:ec2:{@scope.region}:{@owner}:network-interface/{NetworkInterfaceId}/permission/"
    "{NetworkInterfacePermissionId}",
    alias="NetworkInterfacePermissionId",
    fields=(
        text("interface", "NetworkInterfaceId", "The interface."),
        text("to_account", "AwsAccountId", "The account that may."),
        text("to_service", "AwsService", "The service that may."),
        text("permission", "Permission", "INSTANCE-ATTACH or EIP-ASSOCIATE."),
        text("state", "PermissionState.State", "pending, granted, revoking or revoked."),
    ),
    columns=("interface", "to_account", "permission", "state"),
    relations=(Link("part-of", "NetworkInterfaceId"),),
)

endpoint_association = ResourceType(
    "aws.ec2.vpc-endpoint-association",
    Kind.ATTACHMENT,
    "VPC endpoint association",
    "A resource or service network that an endpoint leads to. Its id is the endpoint's ARN with `/association/ID`.",
    call=ec2("DescribeVpcEndpointAssociations", "VpcEndpointAssociations[]", 100),
    needs="aws.ec2.vpc-endpoint",
    id="arn:{@scope.partition}:ec2:{@scope.region}:{@owner}:vpc-endpoint/{VpcEndpointId}/association/{Id}",
    alias="Id",
    fields=(
        text("endpoint", "VpcEndpointId", "The endpoint."),
        text("resource", "AssociatedResourceArn|ServiceNetworkArn", "What it leads to."),
        text("service_network", "ServiceNetworkName", "The service network."),
        text("accessible", "AssociatedResourceAccessibility", "Whether that can be reached."),
        text("dns_name", "DnsEntry.DnsName", "The name by which it is reached."),
        text("private_dns_name", "PrivateDnsEntry.DnsName", "Its private name."),
        text("failure", "FailureReason", "Why it failed."),
    ),
    columns=("endpoint", "resource", "accessible"),
    relations=(Link("part-of", "VpcEndpointId"), Link("associated-with", "AssociatedResourceArn|ServiceNetworkArn")),
)
