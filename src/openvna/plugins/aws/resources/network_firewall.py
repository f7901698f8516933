"""AWS Network Firewall: firewalls with their endpoints, policies, rule groups, TLS inspection."""

from openvna.model import Kind
from openvna.plugin import Feature
from openvna.plugins.aws.declaration import Call, Detail, Link, ResourceType, flag, number, records, text, texts
from openvna.plugins.aws.paths import Raw, Records, getter

FEATURE = Feature(
    "network-firewall",
    "Network Firewall",
    "Network Firewall: firewalls, endpoints, policies, rule groups and TLS inspection.",
    optional=True,
)

_PAGE = 100
_S = "network-firewall"

firewall = ResourceType(
    "aws.network-firewall.firewall",
    Kind.FIREWALL,
    "Firewall",
    "Judges the traffic that routes lead to its endpoints.",
    call=Call(_S, "ListFirewalls", "Firewalls[]", _PAGE),
    details=(
        Detail(_S, "DescribeFirewall", {"FirewallArn": "FirewallArn"}),
        Detail(_S, "DescribeLoggingConfiguration", {"FirewallArn": "FirewallArn"}, "LoggingConfiguration", "Logging"),
    ),
    id="{FirewallArn}",
    name="FirewallName",
    tags="Firewall.Tags",
    drops=("UpdateToken", "CapacityUsageSummary"),
    fields=(
        text("state", "FirewallStatus.Status", "PROVISIONING, READY, DELETING or FAILED."),
        text("sync", "FirewallStatus.ConfigurationSyncStateSummary", "PENDING, IN_SYNC or CAPACITY_CONSTRAINED."),
        text("policy", "Firewall.FirewallPolicyArn", "Its policy."),
        text("vpc", "Firewall.VpcId", "Its VPC."),
        texts("subnets", "Firewall.SubnetMappings[].SubnetId", "Subnets with an endpoint of it."),
        records("endpoints", lambda raw: _endpoints(raw), "Endpoints: zone, subnet, endpoint, status."),
        text("transit_gateway", "Firewall.TransitGatewayId", "The transit gateway that it is attached to."),
        text("attachment", "TransitGatewayAttachmentId", "Its attachment there."),
        texts("logs", lambda raw: _logs(raw), "What is logged: ALERT, FLOW, TLS."),
        flag("delete_protection", "Firewall.DeleteProtection", "Whether it cannot be deleted."),
        text("description", "Firewall.Description", "What its owner said of it."),
    ),
    columns=("state", "sync", "vpc", "policy"),
    relations=(
        Link("in-network", "Firewall.VpcId"),
        Link("in-subnet", "Firewall.SubnetMappings[].SubnetId"),
        Link("uses", "Firewall.FirewallPolicyArn"),
        Link("uses", lambda raw: [each["endpoint"] for each in _endpoints(raw) if each["endpoint"]]),
        Link("attached-to", "Firewall.TransitGatewayId"),
    ),
)

policy = ResourceType(
    "aws.network-firewall.policy",
    Kind.POLICY,
    "Firewall policy",
    "The rule groups of firewalls, and what happens to what matches none of them.",
    call=Call(_S, "ListFirewallPolicies", "FirewallPolicies[]", _PAGE),
    details=(Detail(_S, "DescribeFirewallPolicy", {"FirewallPolicyArn": "Arn"}),),
    id="{Arn}",
    name="Name",
    tags="FirewallPolicyResponse.Tags",
    drops=("UpdateToken", "LastModifiedTime"),
    fields=(
        text("state", "FirewallPolicyResponse.FirewallPolicyStatus", "ACTIVE, DELETING or ERROR."),
        records("stateless_groups", lambda raw: _groups(raw, "Stateless"), "Stateless rule groups: group, priority."),
        records("stateful_groups", lambda raw: _groups(raw, "Stateful"), "Stateful rule groups: group, priority."),
        texts("stateless_default", "FirewallPolicy.StatelessDefaultActions[]", "What happens to other packets."),
        texts("fragment_default", "FirewallPolicy.StatelessFragmentDefaultActions[]", "And to other fragments."),
        texts("stateful_default", "FirewallPolicy.StatefulDefaultActions[]", "What happens to other flows."),
        text("rule_order", "FirewallPolicy.StatefulEngineOptions.RuleOrder", "DEFAULT_ACTION_ORDER or STRICT_ORDER."),
        text("on_exception", "FirewallPolicy.StatefulEngineOptions.StreamExceptionPolicy", "DROP, CONTINUE, REJECT."),
        text("tls_inspection", "FirewallPolicy.TLSInspectionConfigurationArn", "How TLS is opened."),
        number("firewalls", "FirewallPolicyResponse.NumberOfAssociations", "How many firewalls use it."),
        text("description", "FirewallPolicyResponse.Description", "What its owner said of it."),
    ),
    columns=("state", "rule_order", "stateful_default", "firewalls"),
    relations=(
        Link("uses", "FirewallPolicy.StatelessRuleGroupReferences[].ResourceArn"),
        Link("uses", "FirewallPolicy.StatefulRuleGroupReferences[].ResourceArn"),
        Link("uses", "FirewallPolicy.TLSInspectionConfigurationArn"),
    ),
)

rule_group = ResourceType(
    "aws.network-firewall.rule-group",
    Kind.ACCESS_LIST,
    "Firewall rule group",
    "Rules of firewalls, with the addresses and ports that they name.",
    call=Call(_S, "ListRuleGroups", "RuleGroups[]", _PAGE),
    details=(Detail(_S, "DescribeRuleGroup", {"RuleGroupArn": "Arn"}),),
    id="{Arn}",
    name="Name",
    tags="RuleGroupResponse.Tags",
    drops=("UpdateToken", "LastModifiedTime", "AnalysisResults"),
    fields=(
        text("rule_type", "RuleGroupResponse.Type", "STATELESS, STATEFUL or STATEFUL_DOMAIN."),
        text("state", "RuleGroupResponse.RuleGroupStatus", "ACTIVE, DELETING or ERROR."),
        number("capacity", "RuleGroupResponse.Capacity", "How much room it has."),
        number("used", "RuleGroupResponse.ConsumedCapacity", "How much of it is taken."),
        text("rule_order", "RuleGroup.StatefulRuleOptions.RuleOrder", "DEFAULT_ACTION_ORDER or STRICT_ORDER."),
        text("rules", "RuleGroup.RulesSource.RulesString", "Its rules, in Suricata's language."),
        texts("domains", "RuleGroup.RulesSource.RulesSourceList.Targets[]", "Domains that it is about."),
        text("domains_are", "RuleGroup.RulesSource.RulesSourceList.GeneratedRulesType", "ALLOWLIST, DENYLIST, ..."),
        number("policies", "RuleGroupResponse.NumberOfAssociations", "How many policies use it."),
        text("vendor", "VendorName", "Who sells it."),
        text("description", "RuleGroupResponse.Description", "What its owner said of it."),
    ),
    columns=("rule_type", "state", "capacity", "policies"),
)

tls_inspection = ResourceType(
    "aws.network-firewall.tls-inspection",
    Kind.POLICY,
    "TLS inspection configuration",
    "Which TLS connections firewalls open, and with which certificates.",
    call=Call(_S, "ListTLSInspectionConfigurations", "TLSInspectionConfigurations[]", _PAGE),
    details=(Detail(_S, "DescribeTLSInspectionConfiguration", {"TLSInspectionConfigurationArn": "Arn"}),),
    id="{Arn}",
    name="Name",
    tags="TLSInspectionConfigurationResponse.Tags",
    drops=("UpdateToken", "LastModifiedTime"),
    fields=(
        text("state", "TLSInspectionConfigurationResponse.TLSInspectionConfigurationStatus", "ACTIVE, ..."),
        text("authority", "TLSInspectionConfigurationResponse.CertificateAuthority.CertificateArn", "For outbound."),
        texts("certificates", "TLSInspectionConfigurationResponse.Certificates[].CertificateArn", "For inbound."),
        number("policies", "TLSInspectionConfigurationResponse.NumberOfAssociations", "How many policies use it."),
        text("description", "TLSInspectionConfigurationResponse.Description", "What its owner said of it."),
    ),
    columns=("state", "authority", "policies"),
)

endpoint_association = ResourceType(
    "aws.network-firewall.vpc-endpoint-association",
    Kind.ATTACHMENT,
    "Firewall endpoint association",
    "An endpoint of a firewall in another VPC.",
    call=Call(_S, "ListVpcEndpointAssociations", "VpcEndpointAssociations[]", _PAGE),
    details=(Detail(_S, "DescribeVpcEndpointAssociation", {"VpcEndpointAssociationArn": "VpcEndpointAssociationArn"}),),
    needs="aws.network-firewall.firewall",
    id="{VpcEndpointAssociationArn}",
    alias="VpcEndpointAssociation.VpcEndpointAssociationId",
    tags="VpcEndpointAssociation.Tags",
    fields=(
        text("firewall", "VpcEndpointAssociation.FirewallArn", "The firewall."),
        text("vpc", "VpcEndpointAssociation.VpcId", "The VPC."),
        text("subnet", "VpcEndpointAssociation.SubnetMapping.SubnetId", "The subnet."),
        text("state", "VpcEndpointAssociationStatus.Status", "PROVISIONING, READY, DELETING or FAILED."),
        text("description", "VpcEndpointAssociation.Description", "What its owner said of it."),
    ),
    columns=("firewall", "vpc", "subnet", "state"),
    relations=(
        Link("part-of", "VpcEndpointAssociation.FirewallArn"),
        Link("in-network", "VpcEndpointAssociation.VpcId"),
        Link("in-subnet", "VpcEndpointAssociation.SubnetMapping.SubnetId"),
    ),
)


def _endpoints(raw: Raw) -> Records:
    states = getter("FirewallStatus.SyncStates")(raw) or {}
    found: Records = [
        {
            "zone": zone,
            "subnet": getter("Attachment.SubnetId")(state),
            "endpoint": getter("Attachment.EndpointId")(state),
            "status": getter("Attachment.Status")(state),
        }
        for zone, state in states.items()
    ]
    return sorted(found, key=lambda each: each["zone"])


def _groups(raw: Raw, kind: str) -> Records:
    found: Records = [
        {"group": each.get("ResourceArn"), "priority": each.get("Priority")}
        for each in getter(f"FirewallPolicy.{kind}RuleGroupReferences[]")(raw)
    ]
    return sorted(found, key=lambda each: (each["priority"] or 0, each["group"] or ""))


def _logs(raw: Raw) -> list[str]:
    return sorted({str(each.get("LogType")) for each in getter("Logging.LogDestinationConfigs[]")(raw)})
