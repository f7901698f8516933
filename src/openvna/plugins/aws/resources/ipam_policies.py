"""What IPAM decides by itself: where services take public addresses from, and what prefix lists hold."""

from openvna.model import Kind, Resource
from openvna.plugins.aws.declaration import REGION, Each, Link, ResourceType, ec2, flag, number, records, text
from openvna.plugins.aws.paths import Raw, Records, getter, template
from openvna.plugins.aws.resources import ipam

FEATURE = ipam.FEATURE

_POLICY = Each("aws.ec2.ipam-policy", "IpamPolicyId", "alias")
_RESOLVER = Each("aws.ec2.ipam-prefix-list-resolver", "IpamPrefixListResolverId", "alias")

enabled = ResourceType(
    "aws.ec2.enabled-ipam-policy",
    Kind.POLICY,
    "IPAM policy in force",
    "The IPAM policy that holds for the account in a region. Its id is the region's with `/ipam-policy`.",
    call=ec2("GetEnabledIpamPolicy", "", page=0),
    id=template(REGION + "/ipam-policy"),
    fields=(
        flag("enabled", "IpamPolicyEnabled", "Whether there is one."),
        text("policy", "IpamPolicyId", "The policy."),
        text("managed_by", "ManagedBy", "account or delegated-administrator-for-ipam: who chose it."),
    ),
    columns=("enabled", "policy", "managed_by"),
    relations=(Link("applies-to", "@scope.region", REGION), Link("refers-to", "IpamPolicyId")),
    given={"enabled": False},
)

allocation_rule = ResourceType(
    "aws.ec2.ipam-policy-allocation-rule",
    Kind.POLICY,
    "IPAM policy allocation rule",
    "The pools that one kind of thing takes its addresses from. Its id is the policy's with `/rule/LOCALE/KIND`.",
    call=ec2("GetIpamPolicyAllocationRules", "IpamPolicyDocuments[]", per=_POLICY),
    id="{@parent.id}/rule/{Locale}/{ResourceType}",
    ordered=("AllocationRules",),
    fields=(
        text("policy", "IpamPolicyId", "The policy."),
        text("locale", "Locale", "The region or zone."),
        text("resource_type", "ResourceType", "alb, eip, rds or rnat."),
        records("pools", lambda raw: _pools(raw), "Pools in the order in which they are tried: pool."),
    ),
    columns=("policy", "locale", "resource_type"),
    relations=(Link("part-of", "@parent.id"), Link("taken-from", "AllocationRules[].SourceIpamPoolId")),
)

organization_target = ResourceType(
    "aws.ec2.ipam-policy-organization-target",
    Kind.POLICY,
    "IPAM policy target",
    "A part of the organization that an IPAM policy holds for. Its id is the policy's with `/target/ID`.",
    call=ec2("GetIpamPolicyOrganizationTargets", "OrganizationTargets[]", per=_POLICY),
    id="{@parent.id}/target/{OrganizationTargetId}",
    name="OrganizationTargetId",
    fields=(
        text("policy", "@parent.alias", "The policy."),
        text("target", "OrganizationTargetId", "An account, an organizational unit or the root."),
    ),
    columns=("policy", "target"),
    relations=(Link("part-of", "@parent.id"),),
)

resolver_rule = ResourceType(
    "aws.ec2.ipam-prefix-list-resolver-rule",
    Kind.PREFIX_LIST,
    "IPAM prefix list resolver rule",
    "Which prefixes a resolver gathers. Its id is the resolver's with `/rule/` and what the rule says.",
    call=ec2("GetIpamPrefixListResolverRules", "Rules[]", per=_RESOLVER),
    id=lambda raw: f"{raw['@parent']['id']}/rule/{_said(raw)}",
    fields=(
        text("resolver", "@parent.alias", "The resolver."),
        text("rule_type", "RuleType", "static-cidr, ipam-resource-cidr or ipam-pool-cidr."),
        text("cidr", "StaticCidr", "The prefix of a rule that names one."),
        text("scope", "IpamScopeId", "The scope that it looks in."),
        text("resource_type", "ResourceType", "What it looks for: vpc, subnet, eip, eni, ..."),
        records("conditions", lambda raw: _conditions(raw), "All of which must hold: operation, of, value."),
    ),
    columns=("resolver", "rule_type", "cidr", "resource_type"),
    relations=(Link("part-of", "@parent.id"), Link("refers-to", "IpamScopeId")),
)

resolver_version = ResourceType(
    "aws.ec2.ipam-prefix-list-resolver-version",
    Kind.PREFIX_LIST,
    "IPAM prefix list resolver version",
    "What a resolver gathered at one time. Its id is the resolver's with `/version/NUMBER`.",
    call=ec2("GetIpamPrefixListResolverVersions", "IpamPrefixListResolverVersions[]", per=_RESOLVER),
    id="{@parent.id}/version/{Version}",
    name="Version",
    fields=(
        text("resolver", "@parent.alias", "The resolver."),
        number("version", "Version", "Its number."),
    ),
    columns=("resolver", "version"),
    relations=(Link("part-of", "@parent.id"),),
)


def _of_version(version: Resource) -> list[dict[str, object]]:
    said = version.attributes
    return [
        {"IpamPrefixListResolverId": said.get("resolver"), "IpamPrefixListResolverVersion": said.get("version")},
    ]


resolver_entry = ResourceType(
    "aws.ec2.ipam-prefix-list-resolver-entry",
    Kind.PREFIX_LIST,
    "IPAM prefix list resolver entry",
    "A prefix that a resolver gathered. Its id is the version's with `/entry/CIDR`.",
    call=ec2(
        "GetIpamPrefixListResolverVersionEntries",
        "Entries[]",
        per=Each("aws.ec2.ipam-prefix-list-resolver-version", requests=_of_version),
    ),
    id="{@parent.id}/entry/{Cidr}",
    name="Cidr",
    fields=(
        text("resolver", "@asked.IpamPrefixListResolverId", "The resolver."),
        number("version", "@asked.IpamPrefixListResolverVersion", "The version."),
        text("cidr", "Cidr", "The prefix."),
    ),
    columns=("resolver", "version", "cidr"),
    relations=(Link("part-of", "@parent.id"),),
)


def _pools(raw: Raw) -> Records:
    return [{"pool": each.get("SourceIpamPoolId")} for each in getter("AllocationRules[]")(raw)]


def _conditions(raw: Raw) -> Records:
    """The one thing that a condition is about is the one member that it has besides its operation."""
    found: Records = []
    for each in getter("Conditions[]")(raw):
        for of, value in sorted(each.items()):
            if of != "Operation" and value not in (None, ""):
                tag = isinstance(value, dict)
                told = f"{value.get('Key')}={value.get('Value')}" if tag else str(value)
                found.append({"operation": each.get("Operation"), "of": of, "value": told})
    return sorted(found, key=lambda each: (each["of"], each["operation"] or "", each["value"]))


def _said(raw: Raw) -> str:
    """A rule has no id of its own: two rules that say the same are one."""
    conditions = [f"{each['of']} {each['operation']} {each['value']}" for each in _conditions(raw)]
    parts = (raw.get("RuleType"), raw.get("StaticCidr"), raw.get("IpamScopeId"), raw.get("ResourceType"), *conditions)
    return "/".join(str(part) for part in parts if part)
