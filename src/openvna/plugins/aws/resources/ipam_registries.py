"""Internet registries that IPAM speaks to, and how well brought prefixes are protected on the internet (RPKI)."""

from openvna.model import Kind
from openvna.plugins.aws.declaration import Each, Link, ResourceType, ec2, flag, number, records, text, texts
from openvna.plugins.aws.paths import Raw, Records, getter
from openvna.plugins.aws.resources import ipam

FEATURE = ipam.FEATURE

_REGISTRY = Each("aws.ec2.ipam-internet-registry-association", "IpamInternetRegistryAssociationId", "alias")

registry = ResourceType(
    "aws.ec2.ipam-internet-registry-association",
    Kind.SERVICE,
    "IPAM internet registry association",
    "An internet registry that IPAM publishes route origins at.",
    call=ec2("DescribeIpamInternetRegistryAssociations", "IpamInternetRegistryAssociations[]"),
    needs="aws.ec2.ipam",
    id="{IpamInternetRegistryAssociationArn}",
    alias="IpamInternetRegistryAssociationId",
    region="IpamRegion",
    drops=("ChildRequestXml",),  # half of a delegation of trust: nobody needs it once it is set up
    fields=(
        text("ipam", "IpamId", "The IPAM."),
        text("registry", "Rir", "ripe, apnic, arin, lacnic or nicbr."),
        text("organization", "OrganizationHandle", "What the registry calls the customer."),
        text("state", "State", "enable-complete, pending-enable, enable-failed, disable-complete, ..."),
        text("message", "StateMessage", "Why it is in that state."),
        text("description", "Description", "What its owner said of it."),
    ),
    columns=("ipam", "registry", "organization", "state"),
    relations=(Link("part-of", "IpamId"),),
)

origin = ResourceType(
    "aws.ec2.ipam-route-origin-authorization",
    Kind.POLICY,
    "Route origin authorization",
    "Which autonomous system may announce a prefix (ROA). Its id is the registry's with `/roa/CIDR/ASN/LENGTH`.",
    call=ec2("GetIpamRouteOriginAuthorizations", "IpamRouteOriginAuthorizations[]", per=_REGISTRY),
    id="{@parent.id}/roa/{Cidr}/{Asn}/{MaxLength}",
    name="Cidr",
    fields=(
        text("registry", "@parent.alias", "The registry's association."),
        text("cidr", "Cidr", "The prefix."),
        text("asn", "Asn", "The autonomous system."),
        number("longest", "MaxLength", "The longest prefix in it that may be announced."),
    ),
    columns=("cidr", "asn", "longest"),
    relations=(Link("part-of", "@parent.id"),),
)

registration = ResourceType(
    "aws.ec2.ipam-routing-policy-registration",
    Kind.POLICY,
    "Routing policy registration",
    "What IPAM publishes of a prefix at a registry. Its id is the registry's with `/registration/CIDR`.",
    call=ec2("GetIpamRoutingPolicyRegistrations", "IpamRoutingPolicyRegistrations[]", per=_REGISTRY),
    id="{@parent.id}/registration/{Cidr}",
    name="Cidr",
    fields=(
        text("registry", "@parent.alias", "The registry's association."),
        text("cidr", "Cidr", "The prefix."),
        texts("asns", "Asns[]", "Autonomous systems that may announce it."),
        flag("more_specific", "PermitMoreSpecificAnnouncements", "Whether parts of it may be announced."),
        number("longest", "MaxLength", "The longest prefix in it that may be announced."),
        text("state", "State", "create-complete, update-in-progress, activate-failed, delete-complete, ..."),
        text("description", "Description", "What its author said of it."),
    ),
    columns=("cidr", "asns", "longest", "state"),
    relations=(Link("part-of", "@parent.id"),),
)

finding = ResourceType(
    "aws.ec2.ipam-route-protection-finding",
    Kind.ANALYSIS,
    "Route protection finding",
    "Whether a brought prefix is protected against others who announce it. Its id is the IPAM's with "
    "`/route-protection/REGION/CIDR`, and the network border group where one is named.",
    call=ec2(
        "GetIpamRouteProtectionFindings", "RouteProtectionFindings[]", per=Each("aws.ec2.ipam", "IpamId", "alias")
    ),
    id=lambda raw: "/".join(
        part
        for part in (
            raw["@parent"]["id"],
            "route-protection",
            raw["ResourceRegion"],
            raw["Cidr"],
            raw.get("NetworkBorderGroup"),
        )
        if part
    ),
    name="Cidr",
    region="ResourceRegion",
    drops=("SampleTime", "RoaSampleTime", "Expiration"),
    fields=(
        text("cidr", "Cidr", "The prefix."),
        text("asn", "Asn", "The autonomous system that it is announced from."),
        text("state", "State", "advertised, provisioned, pending-advertising, ..."),
        text("status", "RpkiStatus", "valid, invalid or unknown: what the registries' data say of it."),
        text("strength", "RpkiStrength", "strict, or permissive: longer prefixes are allowed, too."),
        records("overlaps", lambda raw: _overlaps(raw), "Others who announce it: prefix, asn."),
        text("resource_owner", "ResourceOwnerId", "The account that brought it."),
        text("pool", "IpamPoolId|PoolId", "The pool that it is in."),
    ),
    columns=("cidr", "asn", "status", "strength"),
    relations=(Link("part-of", "@parent.id"), Link("taken-from", "IpamPoolId|PoolId")),
)


def _overlaps(raw: Raw) -> Records:
    found: Records = [{"prefix": each.get("Prefix"), "asn": each.get("Asn")} for each in getter("RouteOverlaps[]")(raw)]
    return sorted(found, key=lambda each: (each["prefix"] or "", each["asn"] or ""))
