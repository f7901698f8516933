"""Traffic mirroring and Reachability Analyzer: copies of packets, and paths that AWS has been asked about."""

from openvna.model import Kind
from openvna.plugin import Feature
from openvna.plugins.aws.declaration import Link, ResourceType, ec2, flag, number, records, text, texts, time
from openvna.plugins.aws.paths import Raw, Records, getter

FEATURE = Feature(
    "mirrors-and-analysis",
    "Mirrors and path analysis",
    "Traffic mirror sessions with their filters and targets, and the paths of Reachability Analyzer.",
    optional=True,
)

mirror_filter = ResourceType(
    "aws.ec2.traffic-mirror-filter",
    Kind.ACCESS_LIST,
    "Traffic mirror filter",
    "Which packets are mirrored.",
    call=ec2("DescribeTrafficMirrorFilters", "TrafficMirrorFilters[]"),
    id="traffic-mirror-filter/{TrafficMirrorFilterId}",
    alias="TrafficMirrorFilterId",
    fields=(
        records("rules", lambda raw: _rules(raw), "Rules: direction, number, action, protocol, source, destination."),
        texts("services", "NetworkServices[]", "amazon-dns where DNS is mirrored too."),
        text("description", "Description", "What its owner said of it."),
    ),
    columns=("services", "description"),
)

session = ResourceType(
    "aws.ec2.traffic-mirror-session",
    Kind.MIRROR,
    "Traffic mirror session",
    "Copies packets of a network interface to a target.",
    call=ec2("DescribeTrafficMirrorSessions", "TrafficMirrorSessions[]"),
    needs="aws.ec2.traffic-mirror-filter",
    id="traffic-mirror-session/{TrafficMirrorSessionId}",
    alias="TrafficMirrorSessionId",
    fields=(
        text("interface", "NetworkInterfaceId", "The interface whose packets are copied."),
        text("target", "TrafficMirrorTargetId", "Where they go."),
        text("filter", "TrafficMirrorFilterId", "Which of them."),
        number("number", "SessionNumber", "Its place among the sessions of the interface."),
        number("packet_length", "PacketLength", "How many bytes of a packet are copied; all when absent."),
        number("vni", "VirtualNetworkId", "The VXLAN network id of the copies."),
        text("description", "Description", "What its owner said of it."),
    ),
    columns=("interface", "target", "filter", "number"),
    relations=(
        Link("mirrors", "NetworkInterfaceId"),
        Link("sends-to", "TrafficMirrorTargetId"),
        Link("uses", "TrafficMirrorFilterId"),
    ),
)

target = ResourceType(
    "aws.ec2.traffic-mirror-target",
    Kind.MIRROR,
    "Traffic mirror target",
    "What receives mirrored packets.",
    call=ec2("DescribeTrafficMirrorTargets", "TrafficMirrorTargets[]"),
    id="traffic-mirror-target/{TrafficMirrorTargetId}",
    alias="TrafficMirrorTargetId",
    fields=(
        text("target_type", "Type", "network-interface, network-load-balancer or gateway-load-balancer-endpoint."),
        text(
            "receiver",
            "NetworkInterfaceId|NetworkLoadBalancerArn|GatewayLoadBalancerEndpointId",
            "The interface, load balancer or endpoint.",
        ),
        text("description", "Description", "What its owner said of it."),
    ),
    columns=("target_type", "receiver"),
    relations=(Link("uses", "NetworkInterfaceId|NetworkLoadBalancerArn|GatewayLoadBalancerEndpointId"),),
)

path = ResourceType(
    "aws.ec2.network-insights-path",
    Kind.ANALYSIS,
    "Reachability path",
    "A way that Reachability Analyzer can be asked about.",
    call=ec2("DescribeNetworkInsightsPaths", "NetworkInsightsPaths[]", 100),
    id="network-insights-path/{NetworkInsightsPathId}",
    alias="NetworkInsightsPathId",
    fields=(
        text("source", "Source", "Where it begins."),
        text("destination", "Destination", "Where it ends."),
        text("source_ip", "SourceIp", "The source's address."),
        text("destination_ip", "DestinationIp", "The destination's address."),
        text("protocol", "Protocol", "tcp or udp."),
        number("destination_port", "DestinationPort", "The destination's port."),
        time("created", "CreatedDate", "When it was created."),
    ),
    columns=("source", "destination", "protocol", "destination_port"),
    relations=(Link("from", "SourceArn|Source"), Link("to", "DestinationArn|Destination")),
)

analysis = ResourceType(
    "aws.ec2.network-insights-analysis",
    Kind.ANALYSIS,
    "Reachability analysis",
    "What Reachability Analyzer found about a path.",
    call=ec2("DescribeNetworkInsightsAnalyses", "NetworkInsightsAnalyses[]", 100),
    needs="aws.ec2.network-insights-path",
    id="network-insights-analysis/{NetworkInsightsAnalysisId}",
    alias="NetworkInsightsAnalysisId",
    ordered=("ForwardPathComponents", "ReturnPathComponents", "Explanations"),
    fields=(
        text("path", "NetworkInsightsPathId", "The path."),
        text("state", "Status", "running, succeeded or failed."),
        flag("reachable", "NetworkPathFound", "Whether there is a way."),
        texts("explanations", "Explanations[].ExplanationCode", "What stands in the way."),
        text("message", "StatusMessage|WarningMessage", "What AWS says of it."),
        time("started", "StartDate", "When it was begun."),
    ),
    columns=("path", "state", "reachable", "explanations"),
    relations=(Link("part-of", "NetworkInsightsPathId"),),
)


def _rules(raw: Raw) -> Records:
    found: Records = [
        {
            "direction": each.get("TrafficDirection"),
            "number": each.get("RuleNumber"),
            "action": each.get("RuleAction"),
            "protocol": each.get("Protocol"),
            "source": each.get("SourceCidrBlock"),
            "destination": each.get("DestinationCidrBlock"),
            "source_ports": _ports(each, "SourcePortRange"),
            "destination_ports": _ports(each, "DestinationPortRange"),
        }
        for member in ("IngressFilterRules[]", "EgressFilterRules[]")
        for each in getter(member)(raw)
    ]
    return sorted(found, key=lambda rule: (rule["direction"] or "", rule["number"] or 0))


def _ports(rule: Raw, member: str) -> str | None:
    ports = rule.get(member)
    return f"{ports.get('FromPort')}-{ports.get('ToPort')}" if ports else None
