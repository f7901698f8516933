"""Route 53 Resolver: DNS between VPCs and other networks, its logs, its firewall, and profiles that gather them."""

from openvna.model import Kind
from openvna.plugins.aws.declaration import Call, Detail, Each, Link, ResourceType, number, records, text, texts
from openvna.plugins.aws.paths import Raw, Records, getter
from openvna.plugins.aws.resources import route53

FEATURE = route53.FEATURE

_ARN = "arn:{@scope.partition}:route53resolver:{@scope.region}:{@owner}:"
_SHARE = "NOT_SHARED, SHARED_WITH_ME or SHARED_BY_ME."
_TAGS = Detail("route53resolver", "ListTagsForResource", {"ResourceArn": "Arn"}, answer="Tags", under="Tags")


def _call(operation: str, items: str, page: int = 100, per: Each | None = None) -> Call:
    return Call("route53resolver", operation, items, page, per=per)


endpoint = ResourceType(
    "aws.route53resolver.endpoint",
    Kind.RESOLVER,
    "Resolver endpoint",
    "Where DNS questions enter a VPC, or leave it for other networks.",
    call=_call("ListResolverEndpoints", "ResolverEndpoints[]"),
    details=(_TAGS,),
    needs="aws.ec2.vpc",
    id="{Arn}",
    alias="Id",
    name="Name",
    drops=("ModificationTime",),
    fields=(
        text("direction", "Direction", "INBOUND, OUTBOUND or INBOUND_DELEGATION."),
        text("state", "Status", "OPERATIONAL, CREATING, UPDATING, AUTO_RECOVERING, ACTION_NEEDED or DELETING."),
        text("message", "StatusMessage", "Why it is in that state."),
        text("vpc", "HostVPCId", "Its VPC."),
        number("addresses", "IpAddressCount", "How many addresses it has."),
        texts("security_groups", "SecurityGroupIds[]", "Its security groups."),
        text("address_type", "ResolverEndpointType", "IPV4, IPV6 or DUALSTACK."),
        texts("protocols", "Protocols[]", "Do53, DoH, DoH-FIPS."),
    ),
    columns=("direction", "state", "vpc", "addresses"),
    relations=(Link("in-network", "HostVPCId"), Link("protected-by", "SecurityGroupIds[]")),
)

endpoint_address = ResourceType(
    "aws.route53resolver.endpoint-address",
    Kind.INTERFACE,
    "Resolver endpoint address",
    "An address of a Resolver endpoint. Its id is the endpoint's with `/address/ID`.",
    call=_call(
        "ListResolverEndpointIpAddresses",
        "IpAddresses[]",
        per=Each("aws.route53resolver.endpoint", "ResolverEndpointId", "alias"),
    ),
    id="{@parent.id}/address/{IpId}",
    alias="IpId",
    name="Ip|Ipv6",
    drops=("ModificationTime",),
    fields=(
        text("endpoint", "@parent.alias", "The endpoint."),
        text("address", "Ip|Ipv6", "The address."),
        text("subnet", "SubnetId", "Its subnet."),
        text("state", "Status", "ATTACHED, CREATING, FAILED_CREATION, DETACHING, ..."),
        text("message", "StatusMessage", "Why it is in that state."),
    ),
    columns=("endpoint", "address", "subnet", "state"),
    relations=(Link("part-of", "@parent.id"), Link("in-subnet", "SubnetId")),
)

rule = ResourceType(
    "aws.route53resolver.rule",
    Kind.RESOLVER,
    "Resolver rule",
    "Where questions for a domain go.",
    call=_call("ListResolverRules", "ResolverRules[]"),
    id="{Arn}",
    alias="Id",
    name="Name",
    drops=("ModificationTime",),
    fields=(
        text("domain", "DomainName", "The domain."),
        text("rule_type", "RuleType", "FORWARD, SYSTEM, RECURSIVE or DELEGATE."),
        records("targets", lambda raw: _targets(raw), "Name servers: ip, port, protocol."),
        text("endpoint", "ResolverEndpointId", "The endpoint that the questions leave by."),
        text("share", "ShareStatus", _SHARE),
        text("state", "Status", "COMPLETE, DELETING, UPDATING or FAILED."),
        text("message", "StatusMessage", "Why it is in that state."),
    ),
    columns=("domain", "rule_type", "endpoint", "state"),
    relations=(Link("uses", "ResolverEndpointId"),),
    given={"rule_type": "RECURSIVE"},
)

rule_association = ResourceType(
    "aws.route53resolver.rule-association",
    Kind.ATTACHMENT,
    "Resolver rule association",
    "A VPC that a Resolver rule holds for.",
    call=_call("ListResolverRuleAssociations", "ResolverRuleAssociations[]"),
    needs="aws.ec2.vpc",
    id=_ARN + "resolver-rule/{ResolverRuleId}/association/{Id}",
    alias="Id",
    name="Name",
    fields=(
        text("rule", "ResolverRuleId", "The rule."),
        text("vpc", "VPCId", "The VPC."),
        text("state", "Status", "CREATING, COMPLETE, DELETING, FAILED or OVERRIDDEN."),
        text("message", "StatusMessage", "Why it is in that state."),
    ),
    columns=("rule", "vpc", "state"),
    relations=(Link("part-of", "ResolverRuleId"), Link("associated-with", "VPCId")),
    given={"name": "System Rule Association"},
)

vpc_config = ResourceType(
    "aws.route53resolver.config",
    Kind.OPTIONS,
    "Resolver configuration",
    "Whether a VPC answers for its own addresses backwards.",
    call=_call("ListResolverConfigs", "ResolverConfigs[]"),
    needs="aws.ec2.vpc",
    id=_ARN + "resolver-config/{Id}",
    alias="Id",
    fields=(
        text("vpc", "ResourceId", "The VPC."),
        text("reverse", "AutodefinedReverse", "ENABLED, DISABLED, ENABLING, DISABLING, USE_LOCAL_RESOURCE_SETTING."),
    ),
    columns=("vpc", "reverse"),
    relations=(Link("part-of", "ResourceId"),),
    given={},
)

dnssec_config = ResourceType(
    "aws.route53resolver.dnssec-config",
    Kind.OPTIONS,
    "Resolver DNSSEC validation",
    "Whether a VPC's resolver checks signatures.",
    call=_call("ListResolverDnssecConfigs", "ResolverDnssecConfigs[]"),
    needs="aws.ec2.vpc",
    id=_ARN + "resolver-dnssec-config/{Id}",
    alias="Id",
    fields=(
        text("vpc", "ResourceId", "The VPC."),
        text("validation", "ValidationStatus", "ENABLED, DISABLED, ENABLING, DISABLING, ..."),
    ),
    columns=("vpc", "validation"),
    relations=(Link("part-of", "ResourceId"),),
    given={},
)

query_log = ResourceType(
    "aws.route53resolver.query-log-config",
    Kind.FLOW_LOG,
    "Resolver query log",
    "Where the DNS questions of VPCs are written down.",
    call=_call("ListResolverQueryLogConfigs", "ResolverQueryLogConfigs[]"),
    id="{Arn}",
    alias="Id",
    name="Name",
    fields=(
        text("destination", "DestinationArn", "The bucket, log group or stream."),
        text("state", "Status", "CREATING, CREATED, DELETING or FAILED."),
        number("associations", "AssociationCount", "How many VPCs it is of."),
        text("share", "ShareStatus", _SHARE),
    ),
    columns=("destination", "state", "associations"),
    relations=(Link("sends-to", "DestinationArn"),),
)

query_log_association = ResourceType(
    "aws.route53resolver.query-log-config-association",
    Kind.ATTACHMENT,
    "Resolver query log association",
    "A VPC whose DNS questions are written down.",
    call=_call("ListResolverQueryLogConfigAssociations", "ResolverQueryLogConfigAssociations[]"),
    needs="aws.route53resolver.query-log-config",
    id=_ARN + "resolver-query-log-config/{ResolverQueryLogConfigId}/association/{Id}",
    alias="Id",
    fields=(
        text("config", "ResolverQueryLogConfigId", "The query log."),
        text("vpc", "ResourceId", "The VPC."),
        text("state", "Status", "CREATING, ACTIVE, ACTION_NEEDED, DELETING or FAILED."),
        text("error", "ErrorMessage", "Why nothing is written."),
    ),
    columns=("config", "vpc", "state"),
    relations=(Link("part-of", "ResolverQueryLogConfigId"), Link("associated-with", "ResourceId")),
)

firewall_config = ResourceType(
    "aws.route53resolver.firewall-config",
    Kind.OPTIONS,
    "DNS firewall configuration",
    "What a VPC does with questions while the DNS firewall does not answer.",
    call=_call("ListFirewallConfigs", "FirewallConfigs[]", 10),
    needs="aws.ec2.vpc",
    id=_ARN + "firewall-config/{Id}",
    alias="Id",
    fields=(
        text("vpc", "ResourceId", "The VPC."),
        text("fail_open", "FirewallFailOpen", "ENABLED (let them through), DISABLED or USE_LOCAL_RESOURCE_SETTING."),
    ),
    columns=("vpc", "fail_open"),
    relations=(Link("part-of", "ResourceId"),),
    given={},
)

firewall_rule_group = ResourceType(
    "aws.route53resolver.firewall-rule-group",
    Kind.FIREWALL,
    "DNS firewall rule group",
    "Rules about which domains may be asked for.",
    call=_call("ListFirewallRuleGroups", "FirewallRuleGroups[]"),
    details=(_TAGS,),
    id="{Arn}",
    alias="Id",
    name="Name",
    fields=(text("share", "ShareStatus", _SHARE),),
    columns=("share",),
)

firewall_rule = ResourceType(
    "aws.route53resolver.firewall-rule",
    Kind.ACCESS_LIST,
    "DNS firewall rule",
    "One rule of a DNS firewall rule group. Its id is the group's with `/rule/LIST`.",
    call=_call(
        "ListFirewallRules",
        "FirewallRules[]",
        per=Each("aws.route53resolver.firewall-rule-group", "FirewallRuleGroupId", "alias"),
    ),
    id="{@parent.id}/rule/{FirewallDomainListId|FirewallThreatProtectionId|Name}/{Priority}",
    name="Name",
    drops=("ModificationTime",),
    fields=(
        text("rule_group", "FirewallRuleGroupId", "The rule group."),
        number("priority", "Priority", "Its place: the lowest comes first."),
        text("action", "Action", "ALLOW, BLOCK or ALERT."),
        text("domain_list", "FirewallDomainListId", "The domains that it is about."),
        text("threat", "DnsThreatProtection", "DGA, DNS_TUNNELING or DICTIONARY_DGA."),
        text("query_type", "Qtype", "The type of record that it is about."),
        text("block_response", "BlockResponse", "NODATA, NXDOMAIN or OVERRIDE."),
        text("override", "BlockOverrideDomain", "The name that is answered instead."),
    ),
    columns=("rule_group", "priority", "action", "domain_list"),
    relations=(Link("part-of", "@parent.id"), Link("refers-to", "FirewallDomainListId")),
)

firewall_rule_group_association = ResourceType(
    "aws.route53resolver.firewall-rule-group-association",
    Kind.ATTACHMENT,
    "DNS firewall rule group association",
    "A VPC that a DNS firewall rule group guards.",
    call=_call("ListFirewallRuleGroupAssociations", "FirewallRuleGroupAssociations[]"),
    needs="aws.ec2.vpc",
    id="{Arn}",
    alias="Id",
    name="Name",
    drops=("ModificationTime",),
    fields=(
        text("rule_group", "FirewallRuleGroupId", "The rule group."),
        text("vpc", "VpcId", "The VPC."),
        number("priority", "Priority", "Its place: the lowest comes first."),
        text("protection", "MutationProtection", "ENABLED or DISABLED."),
        text("managed_by", "ManagedOwnerName", "Who manages it, if it is another service."),
        text("state", "Status", "COMPLETE, DELETING or UPDATING."),
    ),
    columns=("rule_group", "vpc", "priority", "state"),
    relations=(Link("part-of", "FirewallRuleGroupId"), Link("associated-with", "VpcId")),
)

firewall_domain_list = ResourceType(
    "aws.route53resolver.firewall-domain-list",
    Kind.PREFIX_LIST,
    "DNS firewall domain list",
    "Domains that DNS firewall rules name.",
    call=_call("ListFirewallDomainLists", "FirewallDomainLists[]"),
    id="{Arn}",
    alias="Id",
    name="Name",
    fields=(
        text("managed_by", "ManagedOwnerName", "Who keeps it, if that is AWS."),
        text("list_type", "ManagedListType", "THREAT or CONTENT."),
        text("category", "Category", "What its domains have in common."),
    ),
    columns=("managed_by", "list_type"),
    given={"managed_by": "Route 53 Resolver DNS Firewall"},
)

profile = ResourceType(
    "aws.route53profiles.profile",
    Kind.POLICY,
    "Route 53 profile",
    "Zones, rules and rule groups that are given to VPCs together.",
    call=Call("route53profiles", "ListProfiles", "ProfileSummaries[]", 100),
    id="{Arn}",
    alias="Id",
    name="Name",
    fields=(text("share", "ShareStatus", _SHARE),),
    columns=("share",),
)

profile_association = ResourceType(
    "aws.route53profiles.profile-association",
    Kind.ATTACHMENT,
    "Route 53 profile association",
    "A VPC that has a profile.",
    call=Call("route53profiles", "ListProfileAssociations", "ProfileAssociations[]", 100),
    id="arn:{@scope.partition}:route53profiles:{@scope.region}:{@owner}:profile-association/{Id}",
    alias="Id",
    name="Name",
    drops=("ModificationTime",),
    fields=(
        text("profile", "ProfileId", "The profile."),
        text("vpc", "ResourceId", "The VPC."),
        text("state", "Status", "COMPLETE, CREATING, UPDATING, DELETING, DELETED or FAILED."),
        text("message", "StatusMessage", "Why it is in that state."),
    ),
    columns=("profile", "vpc", "state"),
    relations=(Link("part-of", "ProfileId"), Link("associated-with", "ResourceId")),
)

profile_resource = ResourceType(
    "aws.route53profiles.profile-resource-association",
    Kind.ATTACHMENT,
    "Route 53 profile resource",
    "A zone, rule or rule group of a profile. Its id is the profile's with `/resource/ID`.",
    call=Call(
        "route53profiles",
        "ListProfileResourceAssociations",
        "ProfileResourceAssociations[]",
        100,
        per=Each("aws.route53profiles.profile", "ProfileId", "alias"),
    ),
    id="{@parent.id}/resource/{Id}",
    alias="Id",
    name="Name",
    drops=("ModificationTime",),
    fields=(
        text("profile", "ProfileId", "The profile."),
        text("resource", "ResourceArn", "The zone, rule or rule group."),
        text("resource_type", "ResourceType", "What it is."),
        text("properties", "ResourceProperties", "Its settings there, as JSON text."),
        text("state", "Status", "COMPLETE, CREATING, UPDATING, DELETING, DELETED or FAILED."),
    ),
    columns=("profile", "resource_type", "resource", "state"),
    relations=(Link("part-of", "@parent.id"), Link("associated-with", "ResourceArn")),
)


def _targets(raw: Raw) -> Records:
    found: Records = [
        {"ip": each.get("Ip") or each.get("Ipv6"), "port": each.get("Port"), "protocol": each.get("Protocol")}
        for each in getter("TargetIps[]")(raw)
    ]
    return sorted(found, key=lambda each: (each["ip"] or "", each["port"] or 0))
