"""The ways out of a VPC: internet gateways, egress-only internet gateways, NAT gateways."""

from openvna.model import Kind
from openvna.plugins.aws import features
from openvna.plugins.aws.declaration import Link, ResourceType, ec2, records, text, texts, time
from openvna.plugins.aws.paths import Raw, Records, getter

FEATURE = features.VPC

internet_gateway = ResourceType(
    "aws.ec2.internet-gateway",
    Kind.GATEWAY,
    "Internet gateway",
    "Joins a VPC to the internet, both ways.",
    call=ec2("DescribeInternetGateways", "InternetGateways[]"),
    id="internet-gateway/{InternetGatewayId}",
    alias="InternetGatewayId",
    fields=(
        texts("vpcs", "Attachments[].VpcId", "The VPC that it is attached to."),
        texts("states", "Attachments[].State", "State of the attachment: available, attaching, detaching, ..."),
    ),
    columns=("vpcs", "states"),
    relations=(Link("attached-to", "Attachments[].VpcId"),),
    given={},
)

egress_only_internet_gateway = ResourceType(
    "aws.ec2.egress-only-internet-gateway",
    Kind.GATEWAY,
    "Egress-only internet gateway",
    "Lets IPv6 out of a VPC and only answers back in.",
    call=ec2("DescribeEgressOnlyInternetGateways", "EgressOnlyInternetGateways[]", page=255),
    needs="aws.ec2.vpc",
    id="egress-only-internet-gateway/{EgressOnlyInternetGatewayId}",
    alias="EgressOnlyInternetGatewayId",
    fields=(
        texts("vpcs", "Attachments[].VpcId", "The VPC that it is attached to."),
        texts("states", "Attachments[].State", "State of the attachment: attached, attaching, detaching, ..."),
    ),
    columns=("vpcs", "states"),
    relations=(Link("attached-to", "Attachments[].VpcId"),),
)

nat_gateway = ResourceType(
    "aws.ec2.nat-gateway",
    Kind.GATEWAY,
    "NAT gateway",
    "Translates the source of connections that leave private subnets.",
    call=ec2("DescribeNatGateways", "NatGateways[]"),
    needs="aws.ec2.vpc",
    id="natgateway/{NatGatewayId}",
    alias="NatGatewayId",
    fields=(
        text("state", "State", "pending, available, failed, deleting or deleted."),
        text("connectivity", "ConnectivityType", "public or private."),
        text("availability_mode", "AvailabilityMode", "zonal or regional."),
        text("vpc", "VpcId", "The VPC that it serves."),
        text("subnet", "SubnetId", "The subnet that it stands in."),
        texts("public_ips", "NatGatewayAddresses[].PublicIp", "Addresses that the internet sees."),
        texts("private_ips", "NatGatewayAddresses[].PrivateIp", "Addresses inside the subnet."),
        records(
            "addresses", lambda raw: _addresses(raw), "Addresses: private_ip, public_ip, interface, primary, zone."
        ),
        text("failure", "FailureMessage", "Why it failed."),
        time("created", "CreateTime", "When it was created."),
    ),
    columns=("state", "connectivity", "public_ips", "subnet"),
    relations=(
        Link("in-network", "VpcId"),
        Link("in-subnet", "SubnetId"),
        Link("uses", "NatGatewayAddresses[].NetworkInterfaceId"),
        Link("uses", "NatGatewayAddresses[].AllocationId"),
    ),
)


def _addresses(raw: Raw) -> Records:
    found: Records = [
        {
            "private_ip": address.get("PrivateIp"),
            "public_ip": address.get("PublicIp"),
            "allocation": address.get("AllocationId"),
            "interface": address.get("NetworkInterfaceId"),
            "primary": address.get("IsPrimary"),
            "zone": address.get("AvailabilityZone"),
            "state": address.get("Status"),
        }
        for address in getter("NatGatewayAddresses[]")(raw)
    ]
    return sorted(found, key=lambda address: (address["private_ip"] or "", address["public_ip"] or ""))
