"""Monitors of AWS's: probes from subnets, flows between them, the internet's way to them, and what they share."""

from openvna.model import Kind
from openvna.plugin import Feature
from openvna.plugins.aws.declaration import (
    REGION,
    Call,
    Detail,
    Each,
    Link,
    ResourceType,
    ec2,
    number,
    records,
    text,
    texts,
    time,
)
from openvna.plugins.aws.paging import LOWER
from openvna.plugins.aws.paths import Raw, Records, getter, template

FEATURE = Feature(
    "monitors",
    "Network monitors",
    "Network, flow and internet monitors, and the accounts that measurements are shared with.",
    optional=True,
)

_PAGE = 25
_STATES = "PENDING, ACTIVE, INACTIVE, ERROR or DELETING."

network_monitor = ResourceType(
    "aws.networkmonitor.monitor",
    Kind.MONITOR,
    "Network monitor",
    "Measures loss and delay from subnets to addresses elsewhere.",
    call=Call("networkmonitor", "ListMonitors", "monitors[]", _PAGE, pages=LOWER),
    id="{monitorArn}",
    alias="monitorName",
    name="monitorName",
    tags="tags",
    fields=(
        text("state", "state", _STATES),
        number("period", "aggregationPeriod", "Seconds that a measurement sums up."),
    ),
    columns=("state", "period"),
)

probe = ResourceType(
    "aws.networkmonitor.probe",
    Kind.MONITOR,
    "Network probe",
    "One way that a network monitor measures.",
    call=Call(
        "networkmonitor", "GetMonitor", "probes[]", per=Each("aws.networkmonitor.monitor", "monitorName", "alias")
    ),
    id="{probeArn}",
    alias="probeId",
    tags="tags",
    drops=("modifiedAt",),
    fields=(
        text("monitor", "@parent.id", "The monitor."),
        text("state", "state", _STATES),
        text("source", "sourceArn", "The subnet that it starts in."),
        text("destination", "destination", "The address that it goes to."),
        number("port", "destinationPort", "The port there."),
        text("protocol", "protocol", "TCP or ICMP."),
        number("packet_size", "packetSize", "Bytes of a packet."),
        text("vpc", "vpcId", "The VPC that it starts in."),
        time("created", "createdAt", "When it was created."),
    ),
    columns=("monitor", "source", "destination", "protocol", "state"),
    relations=(Link("part-of", "@parent.id"), Link("in-subnet", "sourceArn"), Link("in-network", "vpcId")),
)

flow_monitor = ResourceType(
    "aws.networkflowmonitor.monitor",
    Kind.MONITOR,
    "Flow monitor",
    "Measures what agents on instances see of the flows between parts of the network.",
    call=Call("networkflowmonitor", "ListMonitors", "monitors[]", _PAGE, pages=LOWER),
    details=(Detail("networkflowmonitor", "GetMonitor", {"monitorName": "monitorName"}),),
    id="{monitorArn}",
    alias="monitorName",
    name="monitorName",
    tags="tags",
    drops=("modifiedAt",),
    fields=(
        text("state", "monitorStatus", _STATES),
        texts("local", "localResources[].identifier", "Where flows start: VPCs, subnets, zones, clusters."),
        texts("remote", "remoteResources[].identifier", "Where they go."),
        time("created", "createdAt", "When it was created."),
    ),
    columns=("state", "local", "remote"),
    relations=(
        Link("refers-to", "localResources[].identifier"),
        Link("refers-to", "remoteResources[].identifier"),
    ),
)

flow_scope = ResourceType(
    "aws.networkflowmonitor.scope",
    Kind.MONITOR,
    "Flow monitor scope",
    "The accounts whose flows are looked at together.",
    call=Call("networkflowmonitor", "ListScopes", "scopes[]", _PAGE, pages=LOWER),
    details=(Detail("networkflowmonitor", "GetScope", {"scopeId": "scopeId"}),),
    id="{scopeArn}",
    alias="scopeId",
    tags="tags",
    fields=(
        text("state", "status", "SUCCEEDED, IN_PROGRESS, FAILED, DEACTIVATING or DEACTIVATED."),
        records("targets", lambda raw: _targets(raw), "Accounts: account, region."),
    ),
    columns=("state",),
)

internet_monitor = ResourceType(
    "aws.internetmonitor.monitor",
    Kind.MONITOR,
    "Internet monitor",
    "Watches how well clients reach VPCs, load balancers and distributions over the internet.",
    call=Call("internetmonitor", "ListMonitors", "Monitors[]", _PAGE),
    details=(Detail("internetmonitor", "GetMonitor", {"MonitorName": "MonitorName"}),),
    id="{MonitorArn}",
    alias="MonitorName",
    name="MonitorName",
    drops=("ModifiedAt",),
    fields=(
        text("state", "Status", "PENDING, ACTIVE, INACTIVE or ERROR."),
        text("processing", "ProcessingStatus", "OK, COLLECTING_DATA, INSUFFICIENT_DATA, FAULT_SERVICE, ..."),
        texts("watches", "Resources[]", "What it watches."),
        number("percentage", "TrafficPercentageToMonitor", "Part of the traffic that is watched, in percent."),
        number("city_networks", "MaxCityNetworksToMonitor", "How many places with their networks it watches at most."),
        time("created", "CreatedAt", "When it was created."),
    ),
    columns=("state", "processing", "watches"),
    relations=(Link("refers-to", "Resources[]"),),
)

health_event = ResourceType(
    "aws.internetmonitor.health-event",
    Kind.ANALYSIS,
    "Internet health event",
    "What is wrong at present on the way to what an internet monitor watches.",
    call=Call(
        "internetmonitor",
        "ListHealthEvents",
        "HealthEvents[]",
        _PAGE,
        params={"EventStatus": "ACTIVE"},
        per=Each("aws.internetmonitor.monitor", "MonitorName", "alias"),
    ),
    id="{EventArn}",
    alias="EventId",
    drops=("LastUpdatedAt", "ImpactedLocations", "PercentOfTotalTrafficImpacted"),
    fields=(
        text("monitor", "@parent.id", "The monitor."),
        text("impact", "ImpactType", "AVAILABILITY, PERFORMANCE, LOCAL_AVAILABILITY or LOCAL_PERFORMANCE."),
        texts("places", lambda raw: _places(raw), "Countries and networks that are concerned."),
        text("state", "Status", "ACTIVE or RESOLVED."),
        time("start", "StartedAt", "Since when."),
    ),
    columns=("monitor", "impact", "places", "start"),
    relations=(Link("part-of", "@parent.id"),),
)

sink = ResourceType(
    "aws.oam.sink",
    Kind.SHARE,
    "Observability sink",
    "Where other accounts send their measurements and logs to be seen.",
    call=Call("oam", "ListSinks", "Items[]", 100),
    id="{Arn}",
    alias="Id",
    name="Name",
    fields=(text("sink", "Name", "Its name."),),
    columns=("sink",),
)

link = ResourceType(
    "aws.oam.link",
    Kind.SHARE,
    "Observability link",
    "Shows measurements and logs of the account to another one.",
    call=Call("oam", "ListLinks", "Items[]", 5),
    id="{Arn}",
    alias="Id",
    name="Label",
    fields=(
        text("sink", "SinkArn", "The sink of the other account."),
        text("label", "Label", "What the account is called there."),
        texts("shows", "ResourceTypes[]", "What is shown: AWS::CloudWatch::Metric, AWS::Logs::LogGroup, ..."),
    ),
    columns=("sink", "label", "shows"),
    relations=(Link("sends-to", "SinkArn"),),
)

attached_link = ResourceType(
    "aws.oam.attached-link",
    Kind.SHARE,
    "Attached observability link",
    "A link of another account to a sink. Its id is the sink's with `/link/ARN`.",
    call=Call("oam", "ListAttachedLinks", "Items[]", 1000, per=Each("aws.oam.sink", "SinkIdentifier")),
    id="{@parent.id}/link/{LinkArn}",
    name="Label",
    fields=(
        text("sink", "@parent.id", "The sink."),
        text("link", "LinkArn", "The link."),
        text("label", "Label", "What the other account is called."),
        texts("shows", "ResourceTypes[]", "What is shown."),
    ),
    columns=("sink", "label", "shows"),
    relations=(Link("part-of", "@parent.id"), Link("associated-with", "LinkArn")),
)

performance_subscription = ResourceType(
    "aws.ec2.network-performance-subscription",
    Kind.MONITOR,
    "Network performance subscription",
    "A delay between two places of AWS that is measured for the account. Its id is the region's with "
    "`/network-performance/SOURCE/DESTINATION/METRIC/STATISTIC`.",
    call=ec2("DescribeAwsNetworkPerformanceMetricSubscriptions", "Subscriptions[]", 100),
    id=template(REGION + "/network-performance/{Source}/{Destination}/{Metric}/{Statistic}"),
    fields=(
        text("source", "Source", "A region or zone."),
        text("destination", "Destination", "The other."),
        text("metric", "Metric", "aggregate-latency."),
        text("statistic", "Statistic", "p50."),
        text("period", "Period", "five-minutes, fifteen-minutes, one-hour, ..."),
    ),
    columns=("source", "destination", "metric", "period"),
)


def _targets(raw: Raw) -> Records:
    found: Records = [
        {"account": getter("targetIdentifier.targetId.accountId")(each), "region": each.get("region")}
        for each in getter("targets[]")(raw)
    ]
    return sorted(found, key=lambda each: (each["account"] or "", each["region"] or ""))


def _places(raw: Raw) -> list[str]:
    where = getter("ImpactedLocations[]")(raw)
    return sorted({f"{each.get('Country')}, AS{each.get('ASNumber')} ({each.get('ASName')})" for each in where})
