"""CloudWatch Logs, as far as networks write there: log groups of flow logs, and deliveries of the logs of services."""

from openvna.model import Kind, Resource
from openvna.plugin import Feature
from openvna.plugins.aws.declaration import Call, Each, Field, Link, ResourceType, flag, number, text, texts
from openvna.plugins.aws.paging import Paging

FEATURE = Feature(
    "log-deliveries",
    "Log deliveries",
    "How long flow logs are kept, and where services deliver their logs to.",
    optional=True,
)

_S = "logs"
_PAGES = Paging("limit", ("nextToken",), ("nextToken",))


def _group_of(flow_log: Resource) -> list[dict[str, object]]:
    """The group of a log that is written to one of its own account."""
    said = flow_log.attributes
    place = str(said.get("destination") or "")
    if said.get("destination_type") != "cloud-watch-logs" or not place:
        return []
    if place.startswith("arn:") and place.split(":")[4] != flow_log.account:
        return []
    return [{"logGroupIdentifiers": [place.rpartition(":log-group:")[2].removesuffix(":*")]}]


log_group = ResourceType(
    "aws.logs.flow-log-group",
    Kind.FLOW_LOG,
    "Log group of a flow log",
    "Where a flow log is written, and how long it is kept there. Its id is the flow log's with `/log-group`.",
    call=Call(
        _S, "DescribeLogGroups", "logGroups[]", 50, per=Each("aws.ec2.flow-log", requests=_group_of), pages=_PAGES
    ),
    id="{@parent.id}/log-group",
    name="logGroupName",
    fields=(
        text("flow_log", "@parent.alias", "The flow log."),
        text("log_group", "logGroupArn", "The log group."),
        number("days", "retentionInDays", "How long it is kept, in days; without it, for ever."),
        Field("bytes", "storedBytes", "How large it is.", "integer", volatile=True),
        text("group_class", "logGroupClass", "STANDARD, INFREQUENT_ACCESS or DELIVERY."),
        text("key", "kmsKeyId", "The key that it is encrypted with."),
        flag("delete_protection", "deletionProtectionEnabled", "Whether it cannot be deleted."),
    ),
    columns=("flow_log", "log_group", "days", "bytes"),
    relations=(Link("part-of", "@parent.id"),),
)

source = ResourceType(
    "aws.logs.delivery-source",
    Kind.FLOW_LOG,
    "Log delivery source",
    "A resource whose logs a service can deliver.",
    call=Call(_S, "DescribeDeliverySources", "deliverySources[]", 50, pages=_PAGES),
    id="{arn}",
    name="name",
    tags="tags",
    fields=(
        text("service", "service", "The service that the logs come from."),
        text("log_type", "logType", "What is logged."),
        texts("resources", "resourceArns[]", "What it is logged of."),
        text("state", "status", "ACTIVE or INACTIVE."),
        text("reason", "statusReason", "RESOURCE_DELETED."),
    ),
    columns=("service", "log_type", "resources", "state"),
    relations=(Link("applies-to", "resourceArns[]"),),
)

delivery = ResourceType(
    "aws.logs.delivery",
    Kind.FLOW_LOG,
    "Log delivery",
    "The way of the logs of a source to where they are kept.",
    call=Call(_S, "DescribeDeliveries", "deliveries[]", 50, pages=_PAGES),
    id="{arn}",
    alias="id",
    tags="tags",
    ordered=("recordFields",),
    fields=(
        text("source", "deliverySourceName", "The source."),
        text("destination", "deliveryDestinationArn", "Where they go."),
        text("destination_type", "deliveryDestinationType", "S3, CWL, FH or XRAY."),
        texts("columns", "recordFields[]", "What each line says.", ordered=True),
        text("path", "s3DeliveryConfiguration.suffixPath", "The place in a bucket."),
    ),
    columns=("source", "destination", "destination_type"),
    relations=(
        Link(
            "part-of",
            "deliverySourceName",
            "arn:{@scope.partition}:logs:{@scope.region}:{@owner}:delivery-source:{}",
        ),
        Link("sends-to", "deliveryDestinationArn"),
    ),
)
