"""EC2 instances."""

from openvna.model import Kind
from openvna.plugin import Feature
from openvna.plugins.aws.declaration import ZONE, Link, ResourceType, ec2, flag, text, texts, time

FEATURE = Feature("instances", "Instances", "The virtual machines behind the interfaces.", optional=True)

instance = ResourceType(
    "aws.ec2.instance",
    Kind.COMPUTE,
    "EC2 instance",
    "A virtual machine.",
    call=ec2("DescribeInstances", "Reservations[].Instances[]"),
    needs="aws.ec2.vpc",
    id="instance/{InstanceId}",
    alias="InstanceId",
    fields=(
        text("state", "State.Name", "pending, running, shutting-down, terminated, stopping or stopped."),
        text("instance_type", "InstanceType", "Its size (m5.large)."),
        text("private_ip", "PrivateIpAddress", "The primary private IPv4 address."),
        text("public_ip", "PublicIpAddress", "The public IPv4 address."),
        text("ipv6", "Ipv6Address", "The primary IPv6 address."),
        text("vpc", "VpcId", "The VPC of its first interface."),
        text("subnet", "SubnetId", "The subnet of its first interface."),
        text("zone", "Placement.AvailabilityZone", "The zone that it runs in."),
        text("image", "ImageId", "The machine image."),
        text("platform", "PlatformDetails|Platform", "Operating system, as AWS bills it."),
        text("profile", "IamInstanceProfile.Arn", "The instance profile, and so the role that it acts as."),
        flag("source_dest_check", "SourceDestCheck", "Whether only its own traffic passes its first interface."),
        texts("security_groups", "SecurityGroups[].GroupId", "Security groups of its first interface."),
        texts("interfaces", "NetworkInterfaces[].NetworkInterfaceId", "Its network interfaces."),
        time("launched", "LaunchTime", "When it was last started."),
    ),
    columns=("state", "instance_type", "private_ip", "public_ip", "subnet"),
    relations=(
        Link("in-network", "VpcId"),
        Link("in-subnet", "SubnetId"),
        Link("in-zone", "Placement.AvailabilityZone", ZONE),
        Link("protected-by", "SecurityGroups[].GroupId"),
        Link("uses", "NetworkInterfaces[].NetworkInterfaceId"),
    ),
)
