"""The account itself, its regions and their zones. None of them but the account has an ARN of its own: a region's
id is the account's ARN with `/region/NAME`, a zone's that with `/zone/NAME` (names of zones differ by account)."""

from openvna.model import Kind
from openvna.plugin import Feature
from openvna.plugins.aws.declaration import ACCOUNT, ZONE, Call, Link, ResourceType, ec2, text, texts

FEATURE = Feature(
    "account", "Account and regions", "Which regions and zones the account has: without them nothing can be placed."
)

account = ResourceType(
    "aws.account",
    Kind.ACCOUNT,
    "Account",
    "The AWS account that the credential, or the role in it, belongs to.",
    call=Call("sts", "GetCallerIdentity", ""),
    id=ACCOUNT,
    once=True,
    alias="Account",
    owner="Account",
    region="@none",
    drops=("UserId", "Arn"),  # who asked, which differs by session and is no part of the network
    fields=(text("account", "Account", "The 12-digit account id."),),
    columns=("account",),
    given={},
)

region = ResourceType(
    "aws.region",
    Kind.REGION,
    "Region",
    "A region of the partition, and whether the account may use it.",
    call=ec2("DescribeRegions", "Regions[]", page=0, params={"AllRegions": True}),
    id=ACCOUNT + "/region/{RegionName}",
    once=True,
    alias="RegionName",
    name="RegionName",
    region="RegionName",
    fields=(
        text("state", "OptInStatus", "opt-in-not-required, opted-in or not-opted-in."),
        text("endpoint", "Endpoint", "Host name of the region's EC2 endpoint."),
    ),
    columns=("state", "endpoint"),
    relations=(Link("part-of", "RegionName", ACCOUNT),),
    given={},
)

zone = ResourceType(
    "aws.ec2.availability-zone",
    Kind.ZONE,
    "Availability Zone",
    "An Availability Zone, Local Zone or Wavelength Zone that the account can use.",
    call=ec2("DescribeAvailabilityZones", "AvailabilityZones[]", page=0),
    id=ZONE.replace("{}", "{ZoneName}"),
    alias="ZoneName",
    name="ZoneName",
    fields=(
        text("zone_id", "ZoneId", "The physical zone, the same in every account (euw1-az1)."),
        text("zone_type", "ZoneType", "availability-zone, local-zone or wavelength-zone."),
        text("state", "State", "available, information, impaired, unavailable or constrained."),
        text("group", "GroupName", "The zone group, which is the region for Availability Zones."),
        text("border_group", "NetworkBorderGroup", "Where addresses of the zone are advertised from."),
        text("parent_zone", "ParentZoneName", "The zone that handles the control plane of a Local Zone."),
        texts("messages", "Messages[].Message", "What AWS says about the zone at the moment."),
    ),
    columns=("zone_id", "zone_type", "state"),
    relations=(Link("part-of", "RegionName", ACCOUNT + "/region/{@value}"),),
    given={},
)
