"""Whether instances are well, and what AWS means to do with them."""

from openvna.model import Kind
from openvna.plugins.aws.declaration import Link, ResourceType, ec2, records, text
from openvna.plugins.aws.paths import Raw, Records, getter, utc
from openvna.plugins.aws.resources import instances

FEATURE = instances.FEATURE

_OK = "ok, impaired, initializing, insufficient-data or not-applicable."

status = ResourceType(
    "aws.ec2.instance-status",
    Kind.MONITOR,
    "Status of an instance",
    "What AWS's checks say of a running instance. Its id is the instance's ARN with `/status`.",
    call=ec2("DescribeInstanceStatus", "InstanceStatuses[]"),
    needs="aws.ec2.instance",
    id="instance/{InstanceId}/status",
    drops=("ImpairedSince",),
    fields=(
        text("instance", "InstanceId", "The instance."),
        text("state", "InstanceState.Name", "pending, running, shutting-down, ..."),
        text("system", "SystemStatus.Status", "Whether what it runs on is well, its network among it: " + _OK),
        text("itself", "InstanceStatus.Status", "Whether it answers: " + _OK),
        text("volumes", "AttachedEbsStatus.Status", "Whether its volumes are reached: " + _OK),
        records("events", lambda raw: _events(raw), "What AWS means to do: code, description, from, to, deadline."),
    ),
    columns=("instance", "state", "system", "itself"),
    relations=(Link("part-of", "InstanceId"),),
)


def _events(raw: Raw) -> Records:
    found: Records = [
        {
            "code": each.get("Code"),
            "description": each.get("Description"),
            "from": utc(each.get("NotBefore")),
            "to": utc(each.get("NotAfter")),
            "deadline": utc(each.get("NotBeforeDeadline")),
        }
        for each in getter("Events[]")(raw)
    ]
    return sorted(found, key=lambda each: (each["from"] or "", each["code"] or ""))
