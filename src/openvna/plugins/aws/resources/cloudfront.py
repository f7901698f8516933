"""CloudFront: distributions with their origins, and the ways by which they reach VPCs and are reached themselves."""

from openvna.model import Kind
from openvna.plugin import Feature
from openvna.plugins.aws.declaration import Call, Detail, Link, ResourceType, flag, number, records, text, texts, time
from openvna.plugins.aws.paging import Paging
from openvna.plugins.aws.paths import Raw, Records, getter

FEATURE = Feature(
    "cloudfront",
    "CloudFront",
    "Distributions with their origins, VPC origins and fixed addresses.",
    optional=True,
)

_S, _HOME, _PAGE = "cloudfront", "us-east-1", 100
_MOVES = ("LastModifiedTime", "ETag")


def _pages(list_: str) -> Paging:
    return Paging("MaxItems", ("Marker",), (f"{list_}.NextMarker",), f"{list_}.IsTruncated")


distribution = ResourceType(
    "aws.cloudfront.distribution",
    Kind.DISTRIBUTION,
    "Distribution",
    "Serves the answers of origins from the edge of AWS's network. Without the headers that it adds for origins.",
    call=Call(_S, "ListDistributions", "DistributionList.Items[]", _PAGE, region=_HOME),
    id="{ARN}",
    once=True,
    alias="Id",
    name="DomainName",
    region="@none",
    drops=("CustomHeaders", *_MOVES),  # by such a header a distribution proves itself: it is a password
    fields=(
        text("state", "Status", "Deployed or InProgress."),
        flag("enabled", "Enabled", "Whether it answers."),
        text("domain", "DomainName", "The name that AWS gave it."),
        texts("aliases", "Aliases.Items[]", "Names that its owner gave it."),
        records("origins", lambda raw: _origins(raw), "Origins: id, domain, vpc_origin, protocol, shield."),
        text("web_acl", "WebACLId", "The web ACL that guards it."),
        text("certificate", "ViewerCertificate.ACMCertificateArn", "The certificate of its names."),
        text("tls_minimum", "ViewerCertificate.MinimumProtocolVersion", "The oldest TLS that it takes."),
        text("http_version", "HttpVersion", "http1.1, http2, http3 or http2and3."),
        flag("ipv6", "IsIPV6Enabled", "Whether it is reached by IPv6."),
        text("anycast_list", "AnycastIpListId", "Its fixed addresses."),
        text("price_class", "PriceClass", "How much of the edge it uses."),
        text("mode", "ConnectionMode", "direct or tenant-only."),
        text("comment", "Comment", "What its owner said of it."),
    ),
    columns=("state", "enabled", "domain", "aliases"),
    relations=(
        Link("leads-to", "Origins.Items[].VpcOriginConfig.VpcOriginId"),
        Link("protected-by", "WebACLId"),
        Link("uses", "ViewerCertificate.ACMCertificateArn"),
        Link("uses", "AnycastIpListId"),
    ),
)

vpc_origin = ResourceType(
    "aws.cloudfront.vpc-origin",
    Kind.ENDPOINT,
    "VPC origin",
    "A load balancer or instance without a public address that distributions reach.",
    call=Call(_S, "ListVpcOrigins", "VpcOriginList.Items[]", _PAGE, region=_HOME, pages=_pages("VpcOriginList")),
    details=(Detail(_S, "GetVpcOrigin", {"Id": "Id"}, "VpcOrigin.VpcOriginEndpointConfig", "Endpoint", region=_HOME),),
    id="{Arn}",
    once=True,
    alias="Id",
    name="Name",
    owner="AccountId",
    region="@none",
    drops=_MOVES,
    fields=(
        text("state", "Status", "Deployed, Deploying, Failed, ..."),
        text("origin", "OriginEndpointArn", "The load balancer or instance."),
        number("http_port", "Endpoint.HTTPPort", "Its port for HTTP."),
        number("https_port", "Endpoint.HTTPSPort", "Its port for HTTPS."),
        text("protocol", "Endpoint.OriginProtocolPolicy", "http-only, match-viewer or https-only."),
        texts("tls_versions", "Endpoint.OriginSslProtocols.Items[]", "TLS versions that are offered to it."),
        time("created", "CreatedTime", "When it was created."),
    ),
    columns=("state", "origin", "protocol"),
    relations=(Link("leads-to", "OriginEndpointArn"),),
)

anycast_list = ResourceType(
    "aws.cloudfront.anycast-ip-list",
    Kind.ADDRESS_POOL,
    "Anycast IP list",
    "Fixed addresses at which distributions are reached all over the world.",
    call=Call(_S, "ListAnycastIpLists", "AnycastIpLists.Items[]", _PAGE, region=_HOME, pages=_pages("AnycastIpLists")),
    details=(Detail(_S, "GetAnycastIpList", {"Id": "Id"}, "AnycastIpList", region=_HOME),),
    id="{Arn}",
    once=True,
    alias="Id",
    name="Name",
    region="@none",
    drops=_MOVES,
    fields=(
        text("state", "Status", "Deployed, Deploying or Failed."),
        number("count", "IpCount", "How many addresses it has."),
        texts("addresses", "AnycastIps[]", "The addresses."),
        text("ip_address_type", "IpAddressType", "ipv4, ipv6 or dualstack."),
        texts("pools", "IpamConfig.IpamCidrConfigs[].IpamPoolArn", "IPAM pools that brought addresses come from."),
    ),
    columns=("state", "count", "addresses"),
    relations=(Link("taken-from", "IpamConfig.IpamCidrConfigs[].IpamPoolArn"),),
)

connection_group = ResourceType(
    "aws.cloudfront.connection-group",
    Kind.DISTRIBUTION,
    "Connection group",
    "How the viewers of distribution tenants reach them: by which name, addresses and protocol.",
    call=Call(_S, "ListConnectionGroups", "ConnectionGroups[]", _PAGE, region=_HOME),
    id="{Arn}",
    once=True,
    alias="Id",
    name="Name",
    region="@none",
    drops=_MOVES,
    fields=(
        text("state", "Status", "Deployed or InProgress."),
        flag("enabled", "Enabled", "Whether it answers."),
        text("routing_endpoint", "RoutingEndpoint", "The name that domains of tenants lead to."),
        text("anycast_list", "AnycastIpListId", "Its fixed addresses."),
        flag("is_default", "IsDefault", "Whether tenants are in it that name none."),
        time("created", "CreatedTime", "When it was created."),
    ),
    columns=("state", "enabled", "routing_endpoint"),
    relations=(Link("uses", "AnycastIpListId"),),
)

tenant = ResourceType(
    "aws.cloudfront.distribution-tenant",
    Kind.DISTRIBUTION,
    "Distribution tenant",
    "Domains that are served by a distribution shared with others, with what is theirs alone.",
    call=Call(_S, "ListDistributionTenants", "DistributionTenantList[]", _PAGE, region=_HOME),
    id="{Arn}",
    once=True,
    alias="Id",
    name="Name",
    region="@none",
    drops=_MOVES,
    fields=(
        text("state", "Status", "Deployed or InProgress."),
        flag("enabled", "Enabled", "Whether it answers."),
        text("distribution", "DistributionId", "The distribution."),
        text("connection_group", "ConnectionGroupId", "The connection group."),
        texts("domains", "Domains[].Domain", "Its names."),
        texts("inactive_domains", lambda raw: _inactive(raw), "Those of them that are not served."),
        text("web_acl", "Customizations.WebAcl.Arn", "The web ACL of its own that guards it."),
        text("web_acl_action", "Customizations.WebAcl.Action", "override or disable: what becomes of the shared one."),
        text("certificate", "Customizations.Certificate.Arn", "The certificate of its names."),
        time("created", "CreatedTime", "When it was created."),
    ),
    columns=("state", "domains", "distribution", "connection_group"),
    relations=(
        Link("part-of", "DistributionId"),
        Link("uses", "ConnectionGroupId"),
        Link("uses", "Customizations.Certificate.Arn"),
        Link("protected-by", "Customizations.WebAcl.Arn"),
    ),
)


def _inactive(raw: Raw) -> list[str]:
    return sorted(str(each.get("Domain")) for each in getter("Domains[]")(raw) if each.get("Status") == "inactive")


def _origins(raw: Raw) -> Records:
    found: Records = [
        {
            "id": origin.get("Id"),
            "domain": origin.get("DomainName"),
            "vpc_origin": getter("VpcOriginConfig.VpcOriginId")(origin),
            "protocol": getter("CustomOriginConfig.OriginProtocolPolicy")(origin),
            "shield": getter("OriginShield.OriginShieldRegion")(origin),
        }
        for origin in getter("Origins.Items[]")(raw)
    ]
    return sorted(found, key=lambda origin: origin["id"] or "")
