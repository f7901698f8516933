"""What the resource discoveries of IPAM found: accounts, addresses and routes, also of accounts that nobody reads."""

from openvna.model import Kind, Resource
from openvna.plugins.aws.declaration import Each, Field, Link, ResourceType, ec2, text, texts
from openvna.plugins.aws.resources import ipam

FEATURE = ipam.FEATURE


def _regions(parameter: str) -> Each:
    """A discovery is asked for each region that it looks in; the parameter has three names."""

    def requests(discovery: Resource) -> list[dict[str, object]]:
        regions = discovery.attributes.get("operating_regions")
        named = regions if isinstance(regions, list) else []
        return [{"IpamResourceDiscoveryId": discovery.alias, parameter: region} for region in named]

    return Each("aws.ec2.ipam-resource-discovery", requests=requests)


account = ResourceType(
    "aws.ec2.ipam-discovered-account",
    Kind.ACCOUNT,
    "IPAM discovered account",
    "An account that a discovery looks into. Its id is the discovery's with `/account/ACCOUNT/REGION`.",
    call=ec2("GetIpamDiscoveredAccounts", "IpamDiscoveredAccounts[]", per=_regions("DiscoveryRegion")),
    id="{@parent.id}/account/{AccountId}/{DiscoveryRegion}",
    name="AccountId",
    region="DiscoveryRegion",
    drops=("LastAttemptedDiscoveryTime", "LastSuccessfulDiscoveryTime"),
    fields=(
        text("discovery", "@parent.alias", "The resource discovery."),
        text("account", "AccountId", "The account."),
        text("unit", "OrganizationalUnitId", "The organizational unit that it is in."),
        text("failure", "FailureReason.Code", "assume-role-failure, throttling-failure or unauthorized-failure."),
        text("message", "FailureReason.Message", "Why it cannot be looked into."),
    ),
    columns=("discovery", "account", "failure"),
    relations=(Link("part-of", "@parent.id"),),
)

address = ResourceType(
    "aws.ec2.ipam-discovered-public-address",
    Kind.ADDRESS,
    "IPAM discovered public address",
    "A public IPv4 address in use, and what for. Its id is the discovery's with `/address/ADDRESS`.",
    call=ec2("GetIpamDiscoveredPublicAddresses", "IpamDiscoveredPublicAddresses[]", per=_regions("AddressRegion")),
    id="{@parent.id}/address/{Address}",
    name="Address",
    tags="Tags.EipTags",
    region="AddressRegion",
    drops=("SampleTime",),
    fields=(
        text("address", "Address", "The address."),
        text("address_owner", "AddressOwnerId", "The account that has it."),
        text("allocation", "AddressAllocationId", "Its allocation."),
        text("address_type", "AddressType", "amazon-owned-eip, ec2-public-ip, service-managed-ip, byoip, ..."),
        text("association", "AssociationStatus", "associated or disassociated."),
        text("service", "Service", "The service that uses it: nat-gateway, load-balancer, site-to-site-vpn, ..."),
        text("service_resource", "ServiceResource", "What of that service."),
        text("vpc", "VpcId", "The VPC."),
        text("subnet", "SubnetId", "The subnet."),
        text("interface", "NetworkInterfaceId", "The interface that carries it."),
        text("instance", "InstanceId", "The instance."),
        text("pool", "PublicIpv4PoolId", "The pool that it comes from."),
        texts("security_groups", "SecurityGroups[].GroupId", "Security groups of the interface."),
    ),
    columns=("address", "address_owner", "service", "interface"),
    relations=(Link("part-of", "@parent.id"), Link("attached-to", "NetworkInterfaceId")),
)

cidr = ResourceType(
    "aws.ec2.ipam-discovered-resource-cidr",
    Kind.ADDRESS_POOL,
    "IPAM discovered CIDR",
    "Addresses that a resource has. Its id is the discovery's with `/resource/REGION/ID/CIDR`.",
    call=ec2("GetIpamDiscoveredResourceCidrs", "IpamDiscoveredResourceCidrs[]", per=_regions("ResourceRegion")),
    id="{@parent.id}/resource/{ResourceRegion}/{ResourceId}/{ResourceCidr}",
    name="ResourceCidr",
    tags="ResourceTags",
    region="ResourceRegion",
    drops=("SampleTime",),
    fields=(
        text("resource", "ResourceId", "What has them."),
        text("resource_type", "ResourceType", "vpc, subnet, eip, public-ipv4-pool, ipv6-pool, eni, anycast-ip-list."),
        text("resource_owner", "ResourceOwnerId", "Whose that is."),
        text("cidr", "ResourceCidr", "The addresses."),
        text("source", "IpSource", "amazon, byoip or none: who brought them."),
        text("vpc", "VpcId", "The VPC that it is in."),
        text("zone_id", "AvailabilityZoneId", "The physical zone of a subnet."),
        Field("usage", "IpUsage", "Part of them that is in use, from 0 to 1.", "number", volatile=True),
    ),
    columns=("resource", "resource_type", "cidr", "resource_owner"),
    relations=(Link("part-of", "@parent.id"), Link("given-to", "ResourceId")),
)

route = ResourceType(
    "aws.ec2.ipam-discovered-route",
    Kind.ROUTE,
    "IPAM discovered route",
    "A brought prefix as it is announced. Its id is the discovery's with `/route/REGION/CIDR`, and the network border "
    "group where one is named.",
    call=ec2("GetIpamDiscoveredRoutes", "IpamDiscoveredRoutes[]", per=_regions("ResourceRegion")),
    id=lambda raw: "/".join(
        part
        for part in (raw["@parent"]["id"], "route", raw["ResourceRegion"], raw["Cidr"], raw.get("NetworkBorderGroup"))
        if part
    ),
    name="Cidr",
    region="ResourceRegion",
    drops=("SampleTime",),
    fields=(
        text("cidr", "Cidr", "The prefix."),
        text("asn", "Asn", "The autonomous system that it is announced from."),
        text("state", "State", "advertised, provisioned, pending-advertising, pending-withdrawal, ..."),
        text("advertisement", "AdvertisementType", "regional or global."),
        text("border_group", "NetworkBorderGroup", "Where it is announced from."),
        text("resource_owner", "ResourceOwnerId", "The account that brought it."),
        text("pool", "IpamPoolId|PoolId", "The pool that it is in."),
    ),
    columns=("cidr", "asn", "state", "advertisement"),
    relations=(Link("part-of", "@parent.id"), Link("taken-from", "IpamPoolId|PoolId")),
)
