"""AWS Global Accelerator: fixed addresses at the edge of AWS's network, and where they lead."""

from openvna.model import Kind
from openvna.plugin import Feature
from openvna.plugins.aws.declaration import (
    Call,
    Detail,
    Each,
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
    "global-accelerator",
    "Global Accelerator",
    "Accelerators with their addresses, listeners and endpoint groups.",
    optional=True,
)

_S, _HOME, _PAGE = "globalaccelerator", "us-west-2", 100

accelerator = ResourceType(
    "aws.globalaccelerator.accelerator",
    Kind.LOAD_BALANCER,
    "Accelerator",
    "Two or four fixed addresses, announced all over the world.",
    call=Call(_S, "ListAccelerators", "Accelerators[]", _PAGE, region=_HOME),
    details=(
        Detail(
            _S,
            "DescribeAcceleratorAttributes",
            {"AcceleratorArn": "AcceleratorArn"},
            "AcceleratorAttributes",
            "Attributes",
            region=_HOME,
        ),
    ),
    id="{AcceleratorArn}",
    once=True,
    name="Name",
    region="@none",
    drops=("LastModifiedTime", "Events"),
    fields=(
        text("state", "Status", "DEPLOYED or IN_PROGRESS."),
        flag("enabled", "Enabled", "Whether it takes traffic."),
        texts("addresses", "IpSets[].IpAddresses[]", "Its addresses."),
        text("dns_name", "DnsName", "Its name."),
        text("ip_address_type", "IpAddressType", "IPV4 or DUAL_STACK."),
        flag("flow_logs", "Attributes.FlowLogsEnabled", "Whether its flows are logged."),
        time("created", "CreatedTime", "When it was created."),
    ),
    columns=("state", "enabled", "addresses", "dns_name"),
)

listener = ResourceType(
    "aws.globalaccelerator.listener",
    Kind.LISTENER,
    "Accelerator listener",
    "Ports of an accelerator.",
    call=Call(
        _S,
        "ListListeners",
        "Listeners[]",
        _PAGE,
        per=Each("aws.globalaccelerator.accelerator", "AcceleratorArn"),
        region=_HOME,
    ),
    id="{ListenerArn}",
    once=True,
    region="@none",
    fields=(
        text("accelerator", "@parent.id", "The accelerator."),
        text("protocol", "Protocol", "TCP or UDP."),
        texts("ports", lambda raw: _ports(raw), "Port ranges."),
        text("affinity", "ClientAffinity", "NONE or SOURCE_IP."),
    ),
    columns=("accelerator", "protocol", "ports"),
    relations=(Link("part-of", "@parent.id"),),
)

endpoint_group = ResourceType(
    "aws.globalaccelerator.endpoint-group",
    Kind.TARGET_GROUP,
    "Accelerator endpoint group",
    "What a listener leads to in one region, and how healthy that is.",
    call=Call(
        _S,
        "ListEndpointGroups",
        "EndpointGroups[]",
        _PAGE,
        per=Each("aws.globalaccelerator.listener", "ListenerArn"),
        region=_HOME,
    ),
    id="{EndpointGroupArn}",
    once=True,
    region="EndpointGroupRegion",
    fields=(
        text("listener", "@parent.id", "The listener."),
        records("endpoints", lambda raw: _endpoints(raw), "Endpoints: endpoint, weight, health, keeps_client."),
        Field("traffic", "TrafficDialPercentage", "Part of the region's traffic that it takes, in percent.", "number"),
        text("check_protocol", "HealthCheckProtocol", "TCP, HTTP or HTTPS."),
        number("check_port", "HealthCheckPort", "The port that is asked."),
        text("check_path", "HealthCheckPath", "The path that is asked."),
    ),
    columns=("listener", "traffic", "check_protocol"),
    relations=(Link("part-of", "@parent.id"), Link("leads-to", "EndpointDescriptions[].EndpointId")),
)

attachment = ResourceType(
    "aws.globalaccelerator.cross-account-attachment",
    Kind.SHARE,
    "Accelerator cross-account attachment",
    "Endpoints that accelerators of other accounts may lead to.",
    call=Call(_S, "ListCrossAccountAttachments", "CrossAccountAttachments[]", _PAGE, region=_HOME),
    id="{AttachmentArn}",
    once=True,
    name="Name",
    region="@none",
    drops=("LastModifiedTime",),
    fields=(
        texts("principals", "Principals[]", "Accounts or accelerators that may."),
        texts("resources", "Resources[].EndpointId", "The endpoints."),
        texts("cidrs", "Resources[].Cidr", "Address ranges."),
    ),
    columns=("principals", "resources"),
    relations=(Link("shares", "Resources[].EndpointId"),),
)


def _ports(raw: Raw) -> list[str]:
    return sorted(f"{each.get('FromPort')}-{each.get('ToPort')}" for each in getter("PortRanges[]")(raw))


def _endpoints(raw: Raw) -> Records:
    found: Records = [
        {
            "endpoint": each.get("EndpointId"),
            "weight": each.get("Weight"),
            "health": each.get("HealthState"),
            "keeps_client": each.get("ClientIPPreservationEnabled"),
        }
        for each in getter("EndpointDescriptions[]")(raw)
    ]
    return sorted(found, key=lambda each: each["endpoint"] or "")
