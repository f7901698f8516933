"""Amazon Route 53: private zones that a VPC sees, traffic policies, sets of name servers, addresses of askers."""

from openvna.model import Kind
from openvna.plugins.aws.declaration import Call, Detail, Each, Link, ResourceType, number, text, texts
from openvna.plugins.aws.paging import Paging
from openvna.plugins.aws.resources import route53

FEATURE = route53.FEATURE

_S = "route53"
_INSTANCES = ("HostedZoneIdMarker", "TrafficPolicyInstanceNameMarker", "TrafficPolicyInstanceTypeMarker")

vpc_zone = ResourceType(
    "aws.route53.vpc-hosted-zone",
    Kind.DNS_ZONE,
    "Private zone of a VPC",
    "A private zone that a VPC sees, whoever has it. Its id is the VPC's with `/hosted-zone/ID`.",
    call=Call(
        _S,
        "ListHostedZonesByVPC",
        "HostedZoneSummaries[]",
        100,
        per=Each("aws.ec2.vpc", own=True, requests=lambda vpc: [{"VPCId": vpc.alias, "VPCRegion": vpc.region}]),
        pages=Paging("MaxItems", ("NextToken",), ("NextToken",)),
    ),
    id="{@parent.id}/hosted-zone/{HostedZoneId}",
    name="Name",
    fields=(
        text("vpc", "@parent.alias", "The VPC."),
        text("zone", "Name", "The domain."),
        text("hosted_zone", "HostedZoneId", "The hosted zone."),
        text("zone_owner", "Owner.OwningAccount", "The account that has it."),
        text("managed_by", "Owner.OwningService", "The service that made it for itself."),
    ),
    columns=("vpc", "zone", "zone_owner", "managed_by"),
    relations=(Link("part-of", "@parent.id"), Link("associated-with", "HostedZoneId")),
)

traffic_policy = ResourceType(
    "aws.route53.traffic-policy",
    Kind.POLICY,
    "Traffic policy",
    "A tree of rules by which records are chosen: by place, delay, weight or health.",
    call=Call(
        _S,
        "ListTrafficPolicies",
        "TrafficPolicySummaries[]",
        100,
        pages=Paging("MaxItems", ("TrafficPolicyIdMarker",), ("TrafficPolicyIdMarker",), "IsTruncated"),
    ),
    details=(Detail(_S, "GetTrafficPolicy", {"Id": "Id", "Version": "LatestVersion"}, "TrafficPolicy", "Latest"),),
    id="arn:{@scope.partition}:route53:::trafficpolicy/{Id}",
    once=True,
    alias="Id",
    name="Name",
    region="@none",
    fields=(
        text("record_type", "Type", "A, AAAA, CNAME, ..."),
        number("version", "LatestVersion", "Its newest version."),
        number("versions", "TrafficPolicyCount", "How many versions it has."),
        text("policy", "Latest.Document", "The newest version, as JSON text."),
        text("comment", "Latest.Comment", "What its author said of that."),
    ),
    columns=("record_type", "version", "comment"),
)

traffic_policy_instance = ResourceType(
    "aws.route53.traffic-policy-instance",
    Kind.DNS_RECORD,
    "Traffic policy record",
    "A name of a hosted zone whose records a traffic policy makes.",
    call=Call(
        _S,
        "ListTrafficPolicyInstances",
        "TrafficPolicyInstances[]",
        100,
        pages=Paging("MaxItems", _INSTANCES, _INSTANCES, "IsTruncated"),
    ),
    id="arn:{@scope.partition}:route53:::trafficpolicyinstance/{Id}",
    once=True,
    alias="Id",
    name="Name",
    region="@none",
    fields=(
        text("record", "Name", "The name."),
        text("record_type", "TrafficPolicyType", "A, AAAA, CNAME, ..."),
        text("zone", "HostedZoneId", "The hosted zone."),
        text("policy", "TrafficPolicyId", "The traffic policy."),
        number("version", "TrafficPolicyVersion", "Its version."),
        number("ttl", "TTL", "How long an answer may be remembered, in seconds."),
        text("state", "State", "Applied, Creating or Failed."),
        text("message", "Message", "Why it failed."),
    ),
    columns=("record", "record_type", "policy", "version", "state"),
    relations=(Link("part-of", "HostedZoneId"), Link("uses", "TrafficPolicyId")),
)

delegation_set = ResourceType(
    "aws.route53.delegation-set",
    Kind.DNS_ZONE,
    "Reusable delegation set",
    "Four name servers that several hosted zones share.",
    call=Call(
        _S,
        "ListReusableDelegationSets",
        "DelegationSets[]",
        100,
        pages=Paging("MaxItems", ("Marker",), ("NextMarker",), "IsTruncated"),
    ),
    id=lambda raw: f"arn:{raw['@scope']['partition']}:route53:::delegationset/{route53.bare(raw['Id'])}",
    once=True,
    alias=lambda raw: route53.bare(raw["Id"]),
    name="CallerReference",
    region="@none",
    fields=(texts("name_servers", "NameServers[]", "The name servers."),),
    columns=("name_servers",),
)

cidr_block = ResourceType(
    "aws.route53.cidr-block",
    Kind.PREFIX_LIST,
    "CIDR block of askers",
    "Addresses of one place of a CIDR collection. Its id is the collection's with `/location/PLACE/CIDR`.",
    call=Call(
        _S,
        "ListCidrBlocks",
        "CidrBlocks[]",
        100,
        per=Each("aws.route53.cidr-collection", "CollectionId", "alias"),
        pages=Paging("MaxResults", ("NextToken",), ("NextToken",)),
    ),
    id="{@parent.id}/location/{LocationName}/{CidrBlock}",
    once=True,
    name="CidrBlock",
    region="@none",
    fields=(
        text("collection", "@parent.alias", "The collection."),
        text("location", "LocationName", "The place."),
        text("cidr", "CidrBlock", "The addresses."),
    ),
    columns=("collection", "location", "cidr"),
    relations=(Link("part-of", "@parent.id"),),
)
