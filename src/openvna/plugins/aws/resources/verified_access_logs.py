"""Where Verified Access writes down who came, and the addresses behind its endpoints."""

from openvna.model import Kind, Resource
from openvna.plugins.aws.declaration import Each, Link, ResourceType, ec2, flag, text, texts
from openvna.plugins.aws.paths import Raw
from openvna.plugins.aws.resources import verified_access

FEATURE = verified_access.FEATURE

_LOGS = "AccessLogs."


def _of_networks(endpoint: Resource) -> list[dict[str, object]]:
    """AWS tells the targets of endpoints for a network alone."""
    network = endpoint.attributes.get("endpoint_type") == "cidr"
    return [{"VerifiedAccessEndpointId": endpoint.alias}] if network else []


logging = ResourceType(
    "aws.ec2.verified-access-logging",
    Kind.FLOW_LOG,
    "Verified Access log",
    "Where an instance writes down who came. Its id is the instance's ARN with `/logging`.",
    call=ec2("DescribeVerifiedAccessInstanceLoggingConfigurations", "LoggingConfigurations[]", 10),
    needs="aws.ec2.verified-access-instance",
    id="verified-access-instance/{VerifiedAccessInstanceId}/logging",
    fields=(
        text("instance", "VerifiedAccessInstanceId", "The instance."),
        text("bucket", _LOGS + "S3.BucketName", "The bucket that is written to."),
        text("prefix", _LOGS + "S3.Prefix", "The place in it."),
        text("log_group", _LOGS + "CloudWatchLogs.LogGroup", "The log group that is written to."),
        text("stream", _LOGS + "KinesisDataFirehose.DeliveryStream", "The delivery stream that is written to."),
        texts("failures", lambda raw: _failures(raw), "Where writing fails, and why."),
        text("version", _LOGS + "LogVersion", "The form of the log."),
        flag("trust_context", _LOGS + "IncludeTrustContext", "Whether what trust providers say is written, too."),
    ),
    columns=("instance", "bucket", "log_group", "failures"),
    relations=(Link("part-of", "VerifiedAccessInstanceId"),),
)

target = ResourceType(
    "aws.ec2.verified-access-endpoint-target",
    Kind.TARGET,
    "Verified Access target",
    "An address behind an endpoint for a network, and its name. Its id is the endpoint's with `/target/ADDRESS`.",
    call=ec2(
        "GetVerifiedAccessEndpointTargets",
        "VerifiedAccessEndpointTargets[]",
        per=Each("aws.ec2.verified-access-endpoint", requests=_of_networks),
    ),
    id="{@parent.id}/target/{VerifiedAccessEndpointTargetIpAddress}",
    name="VerifiedAccessEndpointTargetDns",
    fields=(
        text("endpoint", "VerifiedAccessEndpointId", "The endpoint."),
        text("address", "VerifiedAccessEndpointTargetIpAddress", "The address."),
        text("dns_name", "VerifiedAccessEndpointTargetDns", "The name that people use."),
    ),
    columns=("endpoint", "address", "dns_name"),
    relations=(Link("part-of", "@parent.id"),),
)


def _failures(raw: Raw) -> list[str]:
    found = []
    for place, said in (raw.get("AccessLogs") or {}).items():
        status = said.get("DeliveryStatus") if isinstance(said, dict) else None
        if status and status.get("Code") == "failed":
            found.append(f"{place}: {status.get('Message') or 'failed'}")
    return sorted(found)
