"""Amazon Route 53: hosted zones with their records, health checks, query logs, signing, address collections."""

from typing import Any

from openvna.model import Kind, Resource
from openvna.plugin import Feature
from openvna.plugins.aws.declaration import (
    Call,
    Detail,
    Each,
    Link,
    ResourceType,
    TagCall,
    flag,
    number,
    records,
    text,
    texts,
)
from openvna.plugins.aws.paging import Paging
from openvna.plugins.aws.paths import Raw, Records, getter

FEATURE = Feature(
    "dns",
    "DNS",
    "Hosted zones with their records, Resolver endpoints and rules, DNS firewall, profiles.",
    optional=True,
)

_ARN = "arn:{@scope.partition}:route53:::"


def bare(id: str) -> str:
    """`Z123` of `/hostedzone/Z123`: the form in which other answers, and requests, have it."""
    return id.rpartition("/")[2]


def _of_zone(zone: Resource) -> list[dict[str, Any]]:
    return [{"HostedZoneId": zone.alias}]


def _tags(kind: str) -> TagCall:
    return TagCall(
        "route53",
        "ListTagsForResources",
        "ResourceIds",
        lambda raw: bare(raw["Id"]),
        "ResourceId",
        batch=10,
        answer="ResourceTagSets",
        fixed={"ResourceType": kind},
    )


_ZONE = Each("aws.route53.hosted-zone", requests=_of_zone)

hosted_zone = ResourceType(
    "aws.route53.hosted-zone",
    Kind.DNS_ZONE,
    "Hosted zone",
    "The names below a domain: public, or private to some VPCs.",
    call=Call("route53", "ListHostedZones", "HostedZones[]", 100),
    tag_call=_tags("hostedzone"),
    details=(Detail("route53", "GetHostedZone", {"Id": lambda raw: bare(raw["Id"])}, under="Details"),),
    id=lambda raw: f"arn:{raw['@scope']['partition']}:route53:::hostedzone/{bare(raw['Id'])}",
    once=True,
    alias=lambda raw: bare(raw["Id"]),
    name="Name",
    region="@none",
    fields=(
        text("zone", "Name", "The domain."),
        flag("private", "Config.PrivateZone", "Whether only VPCs see it."),
        number("records", "ResourceRecordSetCount", "How many records it has."),
        texts("name_servers", "Details.DelegationSet.NameServers[]", "Its name servers."),
        texts("vpcs", "Details.VPCs[].VPCId", "VPCs that see it."),
        text("comment", "Config.Comment", "What its owner said of it."),
        text("managed_by", "LinkedService.ServicePrincipal", "The service that made it."),
    ),
    columns=("zone", "private", "records", "vpcs"),
    relations=(Link("serves", "Details.VPCs[].VPCId"),),
)

record = ResourceType(
    "aws.route53.record",
    Kind.DNS_RECORD,
    "DNS record",
    "A record of a hosted zone. Its id is the zone's with `/record/NAME/TYPE`, and the set's name where it has one.",
    call=Call("route53", "ListResourceRecordSets", "ResourceRecordSets[]", 300, per=_ZONE),
    id=lambda raw: "/".join(
        part
        for part in (raw["@parent"]["id"], "record", raw["Name"], raw["Type"], raw.get("SetIdentifier"))
        if part is not None
    ),
    once=True,
    name="Name",
    region="@none",
    fields=(
        text("zone", "@parent.alias", "The hosted zone."),
        text("record", "Name", "The name."),
        text("record_type", "Type", "A, AAAA, CNAME, NS, SOA, TXT, ..."),
        number("ttl", "TTL", "How long it may be remembered, in seconds."),
        texts("values", "ResourceRecords[].Value", "What it says."),
        text("alias_of", "AliasTarget.DNSName", "The name that it stands for."),
        flag("alias_health", "AliasTarget.EvaluateTargetHealth", "Whether that must be healthy."),
        text("set", "SetIdentifier", "Which of several records of the name it is."),
        number("weight", "Weight", "Its weight among them."),
        text("failover", "Failover", "PRIMARY or SECONDARY."),
        text("for_region", "Region", "The region whose askers get it (latency)."),
        text("health_check", "HealthCheckId", "Its health check."),
    ),
    columns=("record", "record_type", "values", "alias_of", "zone"),
    relations=(Link("part-of", "@parent.id"), Link("uses", "HealthCheckId")),
)

health_check = ResourceType(
    "aws.route53.health-check",
    Kind.MONITOR,
    "Health check",
    "Asks an endpoint whether it is well, for records that depend on it.",
    call=Call("route53", "ListHealthChecks", "HealthChecks[]", 100),
    tag_call=_tags("healthcheck"),
    id=_ARN + "healthcheck/{Id}",
    once=True,
    alias="Id",
    region="@none",
    fields=(
        text("check_type", "HealthCheckConfig.Type", "HTTP, HTTPS, TCP, CALCULATED, CLOUDWATCH_METRIC, ..."),
        text("target", "HealthCheckConfig.FullyQualifiedDomainName|HealthCheckConfig.IPAddress", "What it asks."),
        number("port", "HealthCheckConfig.Port", "The port."),
        text("path", "HealthCheckConfig.ResourcePath", "The path."),
        number("interval", "HealthCheckConfig.RequestInterval", "Seconds between two questions."),
        number("threshold", "HealthCheckConfig.FailureThreshold", "Answers in a row that change its mind."),
        flag("inverted", "HealthCheckConfig.Inverted", "Whether well counts as unwell."),
        flag("disabled", "HealthCheckConfig.Disabled", "Whether it asks nobody."),
        texts("children", "HealthCheckConfig.ChildHealthChecks[]", "Health checks that it sums up."),
    ),
    columns=("check_type", "target", "port", "interval"),
    relations=(Link("contains", "HealthCheckConfig.ChildHealthChecks[]"),),
)

query_log = ResourceType(
    "aws.route53.query-log",
    Kind.FLOW_LOG,
    "DNS query log",
    "Where questions to a public hosted zone are written down.",
    call=Call("route53", "ListQueryLoggingConfigs", "QueryLoggingConfigs[]", 100),
    id=_ARN + "queryloggingconfig/{Id}",
    once=True,
    alias="Id",
    region="@none",
    fields=(
        text("zone", "HostedZoneId", "The hosted zone."),
        text("destination", "CloudWatchLogsLogGroupArn", "The log group."),
    ),
    columns=("zone", "destination"),
    relations=(Link("part-of", "HostedZoneId"), Link("sends-to", "CloudWatchLogsLogGroupArn")),
)

vpc_authorization = ResourceType(
    "aws.route53.vpc-association-authorization",
    Kind.POLICY,
    "VPC association authorization",
    "A VPC of another account that may see a private zone. Its id is the zone's with `/authorization/VPC`.",
    call=Call(
        "route53",
        "ListVPCAssociationAuthorizations",
        "VPCs[]",
        50,
        per=Each(
            "aws.route53.hosted-zone",
            requests=lambda zone: _of_zone(zone) if zone.attributes.get("private") else [],
        ),
        pages=Paging("MaxResults", ("NextToken",), ("NextToken",)),
    ),
    id="{@parent.id}/authorization/{VPCId}",
    once=True,
    region="VPCRegion",
    fields=(
        text("zone", "@parent.alias", "The hosted zone."),
        text("vpc", "VPCId", "The VPC."),
        text("vpc_region", "VPCRegion", "Where it is."),
    ),
    columns=("zone", "vpc", "vpc_region"),
    relations=(Link("part-of", "@parent.id"), Link("associated-with", "VPCId")),
)

dnssec = ResourceType(
    "aws.route53.dnssec",
    Kind.POLICY,
    "DNSSEC signing",
    "Whether a public zone is signed. Its id is the zone's with `/dnssec`.",
    call=Call(
        "route53",
        "GetDNSSEC",
        "",
        per=Each(
            "aws.route53.hosted-zone",
            requests=lambda zone: [] if zone.attributes.get("private") else _of_zone(zone),
        ),
    ),
    id="{@parent.id}/dnssec",
    once=True,
    region="@none",
    fields=(
        text("zone", "@parent.alias", "The hosted zone."),
        text("status", "Status.ServeSignature", "SIGNING, NOT_SIGNING, DELETING, ACTION_NEEDED or INTERNAL_FAILURE."),
        text("message", "Status.StatusMessage", "Why it is in that state."),
        records("keys", lambda raw: _keys(raw), "Key signing keys: name, kms_key, status, key_tag."),
    ),
    columns=("zone", "status"),
    relations=(Link("part-of", "@parent.id"),),
)

cidr_collection = ResourceType(
    "aws.route53.cidr-collection",
    Kind.PREFIX_LIST,
    "CIDR collection",
    "Addresses of askers by which records are chosen.",
    call=Call("route53", "ListCidrCollections", "CidrCollections[]", 100),
    id="{Arn}",
    once=True,
    alias="Id",
    name="Name",
    region="@none",
    fields=(number("version", "Version", "Its version."),),
    columns=("version",),
)


def _keys(raw: Raw) -> Records:
    found: Records = [
        {
            "name": key.get("Name"),
            "kms_key": key.get("KmsArn"),
            "status": key.get("Status"),
            "key_tag": key.get("KeyTag"),
        }
        for key in getter("KeySigningKeys[]")(raw)
    ]
    return sorted(found, key=lambda key: key["name"] or "")
