"""Outposts themselves, and the sites that they stand at."""

from openvna.model import Kind
from openvna.plugins.aws.declaration import Call, Link, ResourceType, text
from openvna.plugins.aws.resources import outposts

FEATURE = outposts.FEATURE

outpost = ResourceType(
    "aws.outposts.outpost",
    Kind.DEVICE,
    "Outpost",
    "A rack or server of AWS's at a site of the customer's.",
    call=Call("outposts", "ListOutposts", "Outposts[]", 100),
    id="{OutpostArn}",
    alias="OutpostId",
    name="Name",
    fields=(
        text("state", "LifeCycleStatus", "ACTIVE, PENDING, ..."),
        text("site", "SiteId", "The site."),
        text("zone", "AvailabilityZone", "The zone that it belongs to."),
        text("zone_id", "AvailabilityZoneId", "The physical zone, the same in every account."),
        text("hardware", "SupportedHardwareType", "RACK or SERVER."),
        text("description", "Description", "What its owner said of it."),
    ),
    columns=("state", "site", "zone", "hardware"),
    relations=(Link("located-at", "SiteArn|SiteId"),),
)

site = ResourceType(
    "aws.outposts.site",
    Kind.SITE,
    "Outpost site",
    "A place where Outposts stand, with what its network offers.",
    call=Call("outposts", "ListSites", "Sites[]", 100),
    id="{SiteArn}",
    alias="SiteId",
    name="Name",
    owner="AccountId",
    fields=(
        text("country", "OperatingAddressCountryCode", "Its country."),
        text("area", "OperatingAddressStateOrRegion", "Its state or region."),
        text("city", "OperatingAddressCity", "Its city."),
        text("uplink", "RackPhysicalProperties.UplinkGbps", "Speed of an uplink, UPLINK_10G."),
        text("uplinks", "RackPhysicalProperties.UplinkCount", "How many uplinks there are, UPLINK_COUNT_4."),
        text("fiber", "RackPhysicalProperties.FiberOpticCableType", "SINGLE_MODE or MULTI_MODE."),
        text("optics", "RackPhysicalProperties.OpticalStandard", "OPTIC_10GBASE_LR, ..."),
        text("description", "Description", "What its owner said of it."),
    ),
    columns=("country", "city", "uplink", "uplinks"),
)
