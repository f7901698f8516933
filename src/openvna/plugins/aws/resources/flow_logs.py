"""Flow logs: what is recorded about traffic, and where it goes."""

from openvna.model import Kind
from openvna.plugin import Feature
from openvna.plugins.aws.declaration import Link, ResourceType, ec2, number, text, time

FEATURE = Feature("flow-logs", "Flow logs", "Where traffic is logged. The logs themselves are not read.", optional=True)

flow_log = ResourceType(
    "aws.ec2.flow-log",
    Kind.FLOW_LOG,
    "Flow log",
    "The recording of traffic of a VPC, subnet, interface or transit gateway.",
    call=ec2("DescribeFlowLogs", "FlowLogs[]"),
    id="vpc-flow-log/{FlowLogId}",
    alias="FlowLogId",
    fields=(
        text("resource", "ResourceId", "What is recorded."),
        text("traffic", "TrafficType", "ACCEPT, REJECT or ALL."),
        text("state", "FlowLogStatus", "ACTIVE while it records."),
        text("delivery", "DeliverLogsStatus", "SUCCESS or FAILED."),
        text("failure", "DeliverLogsErrorMessage", "Why the delivery failed."),
        text("destination_type", "LogDestinationType", "cloud-watch-logs, s3 or kinesis-data-firehose."),
        text("destination", "LogDestination|LogGroupName", "The log group, bucket or stream."),
        text("format", "LogFormat", "The fields of a line, in order."),
        number("aggregation", "MaxAggregationInterval", "Seconds that one line may span: 60 or 600."),
        time("created", "CreationTime", "When it was created."),
    ),
    columns=("resource", "traffic", "destination_type", "state", "delivery"),
    relations=(Link("records", "ResourceId"),),
)
