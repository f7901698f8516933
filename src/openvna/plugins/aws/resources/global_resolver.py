"""Route 53 Global Resolver: resolvers on the internet with their views, who may ask them, and what they refuse."""

from openvna.model import Kind
from openvna.plugins.aws.declaration import Call, Each, Link, ResourceType, number, text, texts, time
from openvna.plugins.aws.resources import route53

FEATURE = route53.FEATURE

_S, _HOME, _PAGE = "route53globalresolver", "us-east-2", 100
_MOVES = ("updatedAt", "clientToken")
_STATES = "CREATING, OPERATIONAL, UPDATING, DELETING, ..."


def _call(operation: str, items: str, per: Each | None = None) -> Call:
    return Call(_S, operation, items, _PAGE, per=per, region=_HOME)


resolver = ResourceType(
    "aws.route53globalresolver.resolver",
    Kind.RESOLVER,
    "Global resolver",
    "Answers questions for names at fixed addresses all over the world.",
    call=_call("ListGlobalResolvers", "globalResolvers[]"),
    id="{arn}",
    once=True,
    alias="id",
    name="name",
    region="@none",
    drops=_MOVES,
    fields=(
        text("state", "status", _STATES),
        texts("addresses", "ipv4Addresses[]", "Its IPv4 addresses."),
        texts("ipv6_addresses", "ipv6Addresses[]", "Its IPv6 addresses."),
        text("dns_name", "dnsName", "Its name."),
        texts("regions", "regions[]", "Regions that it answers from."),
        text("description", "description", "What its owner said of it."),
        time("created", "createdAt", "When it was created."),
    ),
    columns=("state", "addresses", "regions"),
)

view = ResourceType(
    "aws.route53globalresolver.dns-view",
    Kind.RESOLVER,
    "DNS view",
    "What some askers of a global resolver see.",
    call=_call("ListDNSViews", "dnsViews[]", Each("aws.route53globalresolver.resolver", "globalResolverId", "alias")),
    id="{arn}",
    once=True,
    alias="id",
    name="name",
    region="@none",
    drops=_MOVES,
    fields=(
        text("state", "status", _STATES),
        text("resolver", "globalResolverId", "The resolver."),
        text("dnssec", "dnssecValidation", "ENABLED or DISABLED: whether signatures are checked."),
        text("client_subnet", "ednsClientSubnet", "ENABLED or DISABLED: whether the asker's network is passed on."),
        text("fail_open", "firewallRulesFailOpen", "ENABLED: what cannot be judged is answered."),
        text("description", "description", "What its owner said of it."),
    ),
    columns=("resolver", "state", "dnssec", "fail_open"),
    relations=(Link("part-of", "@parent.id"),),
)

access_source = ResourceType(
    "aws.route53globalresolver.access-source",
    Kind.ACCESS_LIST,
    "Access source",
    "Addresses that may ask a DNS view.",
    call=_call("ListAccessSources", "accessSources[]"),
    id="{arn}",
    once=True,
    alias="id",
    name="name",
    region="@none",
    drops=_MOVES,
    fields=(
        text("state", "status", _STATES),
        text("view", "dnsViewId", "The view."),
        text("cidr", "cidr", "The addresses."),
        text("protocol", "protocol", "DO53, DOH or DOT."),
    ),
    columns=("view", "cidr", "protocol", "state"),
    relations=(Link("part-of", "dnsViewId"),),
)

firewall_rule = ResourceType(
    "aws.route53globalresolver.firewall-rule",
    Kind.ACCESS_LIST,
    "Global resolver firewall rule",
    "What a DNS view does with questions for some domains. Its id is the view's with `/rule/ID`.",
    call=_call(
        "ListFirewallRules", "firewallRules[]", Each("aws.route53globalresolver.dns-view", "dnsViewId", "alias")
    ),
    id="{@parent.id}/rule/{id}",
    once=True,
    alias="id",
    name="name",
    region="@none",
    drops=_MOVES,
    fields=(
        text("view", "dnsViewId", "The view."),
        number("priority", "priority", "Its place: the lowest comes first."),
        text("action", "action", "ALLOW, BLOCK or ALERT."),
        text("domain_list", "firewallDomainListId", "The domains that it is about."),
        text("threat", "dnsAdvancedProtection", "DGA, DNS_TUNNELING or DICTIONARY_DGA."),
        text("block_response", "blockResponse", "NODATA, NXDOMAIN or OVERRIDE."),
        text("state", "status", _STATES),
    ),
    columns=("view", "priority", "action", "domain_list"),
    relations=(Link("part-of", "@parent.id"), Link("refers-to", "firewallDomainListId")),
)

domain_list = ResourceType(
    "aws.route53globalresolver.firewall-domain-list",
    Kind.PREFIX_LIST,
    "Global resolver domain list",
    "Domains that rules of a global resolver name.",
    call=_call("ListFirewallDomainLists", "firewallDomainLists[]"),
    id="{arn}",
    once=True,
    alias="id",
    name="name",
    region="@none",
    drops=_MOVES,
    fields=(
        text("resolver", "globalResolverId", "The resolver."),
        text("state", "status", _STATES),
        text("description", "description", "What its owner said of it."),
    ),
    columns=("resolver", "state"),
    relations=(Link("part-of", "globalResolverId"),),
)

zone_association = ResourceType(
    "aws.route53globalresolver.hosted-zone-association",
    Kind.ATTACHMENT,
    "Hosted zone of a DNS view",
    "A private zone that the askers of a DNS view see. Its id is the view's with `/hosted-zone/ID`.",
    call=_call("ListHostedZoneAssociations", "hostedZoneAssociations[]"),
    id="{resourceArn}/hosted-zone/{hostedZoneId}",
    once=True,
    alias="id",
    name="hostedZoneName",
    region="@none",
    drops=_MOVES,
    fields=(
        text("view", "resourceArn", "The view."),
        text("hosted_zone", "hostedZoneId", "The hosted zone."),
        text("zone", "hostedZoneName", "Its domain."),
        text("state", "status", "CREATING, OPERATIONAL or DELETING."),
    ),
    columns=("view", "zone", "state"),
    relations=(Link("part-of", "resourceArn"), Link("associated-with", "hostedZoneId")),
)
