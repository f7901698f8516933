"""AWS Network Firewall: proxies, containers that rules know by name, and who may use shared rule groups."""

from openvna.model import Kind
from openvna.plugins.aws.declaration import Call, Detail, Each, Link, ResourceType, number, records, text, texts, time
from openvna.plugins.aws.paths import Raw, Records, getter
from openvna.plugins.aws.resources import network_firewall

FEATURE = network_firewall.FEATURE

_S, _PAGE = "network-firewall", 100

proxy = ResourceType(
    "aws.network-firewall.proxy",
    Kind.FIREWALL,
    "Firewall proxy",
    "Judges the requests of clients that name it as their proxy.",
    call=Call(_S, "ListProxies", "Proxies[]", _PAGE),
    details=(Detail(_S, "DescribeProxy", {"ProxyArn": "Arn"}, "Proxy"),),
    id="{Arn}",
    name="Name",
    drops=("UpdateTime",),
    fields=(
        text("state", "ProxyState", "ATTACHING, ATTACHED, DETACHING, DETACHED, ATTACH_FAILED or DETACH_FAILED."),
        text("change", "ProxyModifyState", "MODIFYING, COMPLETED or FAILED."),
        text("configuration", "ProxyConfigurationArn", "What it judges by."),
        text("nat_gateway", "NatGatewayId", "The NAT gateway that it works at."),
        texts("listeners", lambda raw: _listeners(raw), "Its ports: HTTP:3128."),
        text("tls", "TlsInterceptProperties.TlsInterceptMode", "ENABLED or DISABLED: whether it opens TLS."),
        text("authority", "TlsInterceptProperties.PcaArn", "The authority of the certificates that it shows."),
        text("service", "VpcEndpointServiceName", "The endpoint service by which other VPCs reach it."),
        text("private_name", "PrivateDNSName", "Its name inside VPCs."),
        text("message", "FailureMessage", "Why it failed."),
        time("created", "CreateTime", "When it was created."),
    ),
    columns=("state", "nat_gateway", "listeners", "tls"),
    relations=(Link("attached-to", "NatGatewayId"), Link("uses", "ProxyConfigurationArn")),
)

containers = ResourceType(
    "aws.network-firewall.container-association",
    Kind.PREFIX_LIST,
    "Firewall container association",
    "Containers of clusters whose addresses the rules of firewalls follow.",
    call=Call(_S, "ListContainerAssociations", "ContainerAssociations[]", _PAGE),
    details=(Detail(_S, "DescribeContainerAssociation", {"ContainerAssociationArn": "Arn"}),),
    id="{Arn}",
    name="Name",
    drops=("UpdateToken", "LastUpdatedTime"),
    fields=(
        text("state", "Status", "ACTIVE, CREATING, UPDATING or DELETING."),
        text("platform", "Type", "ECS or EKS."),
        records("clusters", lambda raw: _clusters(raw), "Clusters and which of their containers: cluster, filters."),
        number("addresses", "ResolvedCidrCount", "How many addresses they have now.", volatile=True),
        text("description", "Description", "What its owner said of it."),
    ),
    columns=("state", "platform", "addresses"),
    relations=(Link("refers-to", "ContainerMonitoringConfigurations[].ClusterArn"),),
)

rule_group_policy = ResourceType(
    "aws.network-firewall.rule-group-policy",
    Kind.SHARE,
    "Firewall rule group policy",
    "Which accounts may use a rule group. Its id is the rule group's with `/policy`.",
    call=Call(
        _S,
        "DescribeResourcePolicy",
        "Policy",
        per=Each("aws.network-firewall.rule-group", "ResourceArn", own=True),
        of_texts=True,
    ),
    id="{@parent.id}/policy",
    fields=(
        text("rule_group", "@parent.id", "The rule group."),
        text("policy", "@item", "The policy, as JSON text."),
    ),
    columns=("rule_group",),
    relations=(Link("part-of", "@parent.id"),),
)


def _listeners(raw: Raw) -> list[str]:
    return sorted(f"{each.get('Type')}:{each.get('Port')}" for each in getter("ListenerProperties[]")(raw))


def _clusters(raw: Raw) -> Records:
    found: Records = [
        {
            "cluster": each.get("ClusterArn"),
            "filters": sorted(f"{one.get('Key')}={one.get('Value')}" for one in each.get("AttributeFilters") or ()),
        }
        for each in getter("ContainerMonitoringConfigurations[]")(raw)
    ]
    return sorted(found, key=lambda each: each["cluster"] or "")
