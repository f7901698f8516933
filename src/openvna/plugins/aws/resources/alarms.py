"""Amazon CloudWatch: alarms with what they watch, streams of measurements, rules that find who is behind them."""

from openvna.model import Kind
from openvna.plugin import Feature
from openvna.plugins.aws.declaration import (
    Call,
    Detail,
    Field,
    Link,
    ResourceType,
    flag,
    number,
    records,
    text,
    texts,
    time,
)
from openvna.plugins.aws.paths import Raw, Records, getter

FEATURE = Feature(
    "alarms",
    "CloudWatch alarms",
    "Alarms with what they watch, and where measurements are streamed to.",
    optional=True,
)

_S = "cloudwatch"
_MOVES = ("StateReason", "StateReasonData", "StateUpdatedTimestamp", "AlarmConfigurationUpdatedTimestamp")
"""What changes with each measurement, or says again what the others say."""
_IDS = frozenset(
    {
        "AutoScalingGroupName",
        "ConnectionId",
        "DistributionId",
        "EndpointId",
        "HealthCheckId",
        "HostedZoneId",
        "InstanceId",
        "NatGatewayId",
        "NetworkInterfaceId",
        "Subnet Id",
        "TransitGateway",
        "TransitGatewayAttachment",
        "VPC Endpoint Id",
        "VPC Id",
        "VirtualInterfaceId",
        "VpnId",
    }
)
"""Dimensions whose value is the short id of what is measured."""

alarm = ResourceType(
    "aws.cloudwatch.alarm",
    Kind.MONITOR,
    "CloudWatch alarm",
    "Says that a measurement is beyond what it should be.",
    call=Call(_S, "DescribeAlarms", "MetricAlarms[]", 100, params={"AlarmTypes": ["MetricAlarm"]}),
    id="{AlarmArn}",
    name="AlarmName",
    drops=_MOVES,
    fields=(
        text("state", "StateValue", "OK, ALARM or INSUFFICIENT_DATA."),
        time("since", "StateTransitionedTimestamp", "Since when."),
        texts("namespaces", lambda raw: _named(raw, "Namespace"), "Whose measurements they are, like AWS/VPN."),
        texts("metrics", lambda raw: _named(raw, "MetricName"), "The measurements."),
        texts("expressions", "Metrics[].Expression", "How several are reckoned together."),
        records("dimensions", lambda raw: _dimensions(raw), "Of what it is measured: name, value."),
        text("statistic", "Statistic|ExtendedStatistic", "Average, Sum, Minimum, Maximum, p99, ..."),
        text("comparison", "ComparisonOperator", "How it is compared."),
        Field("threshold", "Threshold", "With what.", "number"),
        number("period", "Period", "Seconds that one value sums up."),
        number("periods", "EvaluationPeriods", "How many of them are looked at."),
        number("beyond", "DatapointsToAlarm", "How many of those must be beyond it."),
        text("missing", "TreatMissingData", "What a missing value counts as."),
        flag("acts", "ActionsEnabled", "Whether it does anything."),
        texts("actions", "AlarmActions[]", "What it does or tells."),
        text("description", "AlarmDescription", "What its author said of it."),
    ),
    columns=("state", "namespaces", "metrics", "comparison", "threshold"),
    relations=(Link("applies-to", lambda raw: _watched(raw)), Link("sends-to", "AlarmActions[]")),
)

composite_alarm = ResourceType(
    "aws.cloudwatch.composite-alarm",
    Kind.MONITOR,
    "Composite alarm",
    "Sums up the states of other alarms.",
    call=Call(_S, "DescribeAlarms", "CompositeAlarms[]", 100, params={"AlarmTypes": ["CompositeAlarm"]}),
    id="{AlarmArn}",
    name="AlarmName",
    drops=(*_MOVES, "ActionsSuppressedReason"),
    fields=(
        text("state", "StateValue", "OK, ALARM or INSUFFICIENT_DATA."),
        time("since", "StateTransitionedTimestamp", "Since when."),
        text("rule", "AlarmRule", "Which states of others make it one."),
        flag("acts", "ActionsEnabled", "Whether it does anything."),
        texts("actions", "AlarmActions[]", "What it does or tells."),
        text("suppressed_by", "ActionsSuppressedBy", "What keeps it from acting now."),
        text("suppressor", "ActionsSuppressor", "The alarm that may keep it from acting."),
        text("description", "AlarmDescription", "What its author said of it."),
    ),
    columns=("state", "rule", "acts"),
    relations=(Link("sends-to", "AlarmActions[]"),),
)

metric_stream = ResourceType(
    "aws.cloudwatch.metric-stream",
    Kind.MONITOR,
    "Metric stream",
    "Sends measurements on as they come.",
    call=Call(_S, "ListMetricStreams", "Entries[]", 500),
    details=(Detail(_S, "GetMetricStream", {"Name": "Name"}),),
    id="{Arn}",
    name="Name",
    drops=("LastUpdateDate",),
    fields=(
        text("state", "State", "running or stopped."),
        text("destination", "FirehoseArn", "The delivery stream that they go to."),
        text("form", "OutputFormat", "json, opentelemetry0.7 or opentelemetry1.0."),
        texts("included", "IncludeFilters[].Namespace", "Whose measurements are sent, if not all."),
        texts("excluded", "ExcludeFilters[].Namespace", "Whose measurements are not."),
        flag("linked_accounts", "IncludeLinkedAccountsMetrics", "Whether those of linked accounts are sent, too."),
        time("created", "CreationDate", "When it was created."),
    ),
    columns=("state", "destination", "included", "excluded"),
    relations=(Link("sends-to", "FirehoseArn"),),
)

insight_rule = ResourceType(
    "aws.cloudwatch.insight-rule",
    Kind.MONITOR,
    "Contributor Insights rule",
    "Finds who is behind most of the traffic, or of the errors, in logs: such as those of VPC endpoints.",
    call=Call(_S, "DescribeInsightRules", "InsightRules[]", 500),
    id="arn:{@scope.partition}:cloudwatch:{@scope.region}:{@owner}:insight-rule/{Name}",
    name="Name",
    fields=(
        text("state", "State", "ENABLED or DISABLED."),
        flag("managed", "ManagedRule", "Whether a service of AWS keeps it."),
        text("definition", "Definition", "The rule, as JSON text."),
    ),
    columns=("state", "managed"),
)


def _named(raw: Raw, member: str) -> list[str]:
    several = getter(f"Metrics[].MetricStat.Metric.{member}")(raw)
    return sorted({str(each) for each in (raw.get(member), *several) if each})


def _all_dimensions(raw: Raw) -> list[Raw]:
    of_metrics: list[Raw] = getter("Metrics[].MetricStat.Metric.Dimensions[]")(raw)
    return [*getter("Dimensions[]")(raw), *of_metrics]


def _dimensions(raw: Raw) -> Records:
    pairs = {(str(each.get("Name")), str(each.get("Value"))) for each in _all_dimensions(raw)}
    return [{"name": name, "value": value} for name, value in sorted(pairs)]


def _watched(raw: Raw) -> list[str]:
    """What an alarm is about, by what its dimensions say: short ids, and the ends of ARNs of load balancing."""
    scope = raw["@scope"]
    balancing = f"arn:{scope['partition']}:elasticloadbalancing:{scope['region']}:{scope['account']}:"
    found = []
    for each in _all_dimensions(raw):
        name, value = each.get("Name"), str(each.get("Value") or "")
        if name in _IDS:
            found.append(value)
        elif name == "TargetGroup" and value.startswith("targetgroup/"):
            found.append(balancing + value)
        elif name == "LoadBalancer" and "/" in value:
            found.append(f"{balancing}loadbalancer/{value}")
    return found
