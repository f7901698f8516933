"""AWS Firewall Manager and Network Security Manager: policies by which the firewalls of an organization are kept."""

from openvna.model import Kind
from openvna.plugin import Feature
from openvna.plugins.aws.declaration import Call, Each, Link, ResourceType, flag, number, records, text
from openvna.plugins.aws.paths import Raw, Records, getter

FEATURE = Feature(
    "firewall-manager",
    "Firewall Manager",
    "Policies by which the firewalls of an organization are kept, and the accounts that do not follow them.",
    optional=True,
)

_NSM = "network-security-manager"
_NO_ADMINISTRATOR = "No default admin|not currently delegated|only available to Administration account"
"""What an account hears that administers no Firewall Manager, as nearly all: not a lack of permissions."""
_STATES = "DRAFT, ACTIVE or DISABLED."

policy = ResourceType(
    "aws.fms.policy",
    Kind.POLICY,
    "Firewall Manager policy",
    "What the accounts of an organization must have: web ACLs, security groups, firewalls.",
    call=Call("fms", "ListPolicies", "PolicyList[]", 100, absent=True, absent_where=_NO_ADMINISTRATOR),
    id="{PolicyArn}",
    alias="PolicyId",
    name="PolicyName",
    fields=(
        text("state", "PolicyStatus", "ACTIVE or OUT_OF_ADMIN_SCOPE."),
        text("protection", "SecurityServiceType", "WAFV2, NETWORK_FIREWALL, SECURITY_GROUPS_COMMON, DNS_FIREWALL, ..."),
        text("resource_type", "ResourceType", "What it is about."),
        flag("remediation", "RemediationEnabled", "Whether what does not follow it is put right."),
        flag("cleans_up", "DeleteUnusedFMManagedResources", "Whether what it made is deleted when out of use."),
    ),
    columns=("state", "protection", "resource_type", "remediation"),
)

compliance = ResourceType(
    "aws.fms.compliance",
    Kind.ANALYSIS,
    "Compliance of an account",
    "How an account follows a Firewall Manager policy. Its id is the policy's with `/compliance/ACCOUNT`.",
    call=Call(
        "fms",
        "ListComplianceStatus",
        "PolicyComplianceStatusList[]",
        100,
        per=Each("aws.fms.policy", "PolicyId", "alias"),
        absent_where=_NO_ADMINISTRATOR,
    ),
    id="{@parent.id}/compliance/{MemberAccount}",
    name="MemberAccount",
    drops=("LastUpdated",),
    fields=(
        text("policy", "PolicyName", "The policy."),
        text("account", "MemberAccount", "The account."),
        records("results", lambda raw: _results(raw), "What was found: status, violators, more."),
        number("violators", lambda raw: sum(each["violators"] for each in _results(raw)), "What does not follow it."),
        records("issues", lambda raw: _issues(raw), "What keeps it from being followed: service, issue."),
    ),
    columns=("policy", "account", "violators"),
    relations=(Link("part-of", "@parent.id"),),
)

security_policy = ResourceType(
    "aws.network-security-manager.policy",
    Kind.POLICY,
    "Network security policy",
    "Rules for the firewalls of several accounts.",
    call=Call(_NSM, "ListPolicies", "policies[]", 100),
    id="{policyArn}",
    alias="policyId",
    name="policyName",
    drops=("updatedAt",),
    fields=(
        text("state", "status", _STATES),
        text("firewall_type", "firewallType", "WAF or SHIELD_ADVANCED."),
        number("priority", "priority", "Its place among others."),
        text("version", "version", "Its version."),
        flag("published", "hasPublishedVersion", "Whether a version of it is in force."),
    ),
    columns=("state", "firewall_type", "priority", "version"),
)

security_scope = ResourceType(
    "aws.network-security-manager.scope",
    Kind.POLICY,
    "Network security scope",
    "The accounts and resources that network security policies are for.",
    call=Call(_NSM, "ListScopes", "scopes[]", 100),
    id="{scopeArn}",
    alias="scopeId",
    name="scopeName",
    drops=("updatedAt",),
    fields=(
        text("state", "status", _STATES),
        text("version", "version", "Its version."),
        flag("published", "hasPublishedVersion", "Whether a version of it is in force."),
    ),
    columns=("state", "version", "published"),
)

security_deployment = ResourceType(
    "aws.network-security-manager.deployment",
    Kind.POLICY,
    "Network security deployment",
    "Network security policies put into force in a scope.",
    call=Call(_NSM, "ListDeployments", "deployments[]", 100),
    id="{deploymentArn}",
    alias="deploymentId",
    name="deploymentName",
    drops=("updatedAt",),
    fields=security_scope.fields,
    columns=security_scope.columns,
)


def _results(raw: Raw) -> Records:
    found: Records = [
        {
            "status": each.get("ComplianceStatus"),
            "violators": int(each.get("ViolatorCount") or 0),
            "more": each.get("EvaluationLimitExceeded"),
        }
        for each in getter("EvaluationResults[]")(raw)
    ]
    return sorted(found, key=lambda each: each["status"] or "")


def _issues(raw: Raw) -> Records:
    return [{"service": service, "issue": issue} for service, issue in sorted((raw.get("IssueInfoMap") or {}).items())]
