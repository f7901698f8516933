"""Target groups of load balancers, and how their targets are."""

from openvna.model import Kind
from openvna.plugins.aws import features
from openvna.plugins.aws.declaration import Call, Each, Link, ResourceType, TagCall, flag, number, text, texts
from openvna.plugins.aws.paths import Raw, getter, template
from openvna.plugins.aws.resources.elbv2 import PAGE, setting

FEATURE = features.LOAD_BALANCERS

_GROUP = Each("aws.elbv2.target-group", "TargetGroupArn")

target_group = ResourceType(
    "aws.elbv2.target-group",
    Kind.TARGET_GROUP,
    "Target group",
    "The targets that listeners forward to, and how their health is checked.",
    call=Call("elbv2", "DescribeTargetGroups", "TargetGroups[]", PAGE),
    tag_call=TagCall("elbv2", "DescribeTags", "ResourceArns", "TargetGroupArn", "ResourceArn"),
    id="{TargetGroupArn}",
    name="TargetGroupName",
    fields=(
        text("protocol", "Protocol", "HTTP, HTTPS, TCP, UDP, TCP_UDP, TLS, GENEVE, QUIC or TCP_QUIC."),
        number("port", "Port", "The port of targets that name none."),
        text("target_type", "TargetType", "instance, ip, lambda or alb."),
        text("vpc", "VpcId", "The VPC of its targets."),
        text("ip_address_type", "IpAddressType", "ipv4 or ipv6."),
        flag("health_checked", "HealthCheckEnabled", "Whether targets are checked."),
        text("health_protocol", "HealthCheckProtocol", "How targets are checked."),
        text("health_port", "HealthCheckPort", "Where targets are checked; traffic-port: where they serve."),
        text("health_path", "HealthCheckPath", "The path that is asked for."),
        number("health_interval", "HealthCheckIntervalSeconds", "Seconds between checks."),
        texts("load_balancers", "LoadBalancerArns[]", "Load balancers that use it."),
    ),
    columns=("protocol", "port", "target_type", "vpc"),
    relations=(Link("in-network", "VpcId"), Link("used-by", "LoadBalancerArns[]")),
)

target_group_attributes = ResourceType(
    "aws.elbv2.target-group-attributes",
    Kind.OPTIONS,
    "Target group attributes",
    "The settings of a target group. Their id is the target group's ARN with `/attributes`.",
    call=Call(
        "elbv2",
        "DescribeTargetGroupAttributes",
        "",
        per=_GROUP,
    ),
    id="{@parent.id}/attributes",
    name="@parent.name",
    fields=(
        text("target_group", "@parent.id", "The target group."),
        text(
            "preserve_client_ip",
            lambda raw: setting(raw, "preserve_client_ip.enabled"),
            "true: targets see the client's address.",
        ),
        text("cross_zone", lambda raw: setting(raw, "load_balancing.cross_zone.enabled"), "true, false or inherited."),
        text("stickiness", lambda raw: setting(raw, "stickiness.enabled"), "true: a client stays with its target."),
        text("proxy_protocol", lambda raw: setting(raw, "proxy_protocol_v2.enabled"), "true: the header is sent."),
    ),
    columns=("preserve_client_ip", "cross_zone", "stickiness"),
    relations=(Link("part-of", "@parent.id"),),
)

target = ResourceType(
    "aws.elbv2.target",
    Kind.TARGET,
    "Target",
    "One target of a target group and its health. Its id is the group's ARN with `/target/ID:PORT`.",
    call=Call(
        "elbv2",
        "DescribeTargetHealth",
        "TargetHealthDescriptions[]",
        per=_GROUP,
    ),
    id=lambda raw: _id(raw),
    name="Target.Id",
    fields=(
        text("target", "Target.Id", "An instance, an address, a function or a load balancer."),
        number("port", "Target.Port", "The port that it serves at."),
        text("zone", "Target.AvailabilityZone", "The zone, or `all`, of an address outside the VPC."),
        text("health", "TargetHealth.State", "initial, healthy, unhealthy, unused, draining or unavailable."),
        text("reason", "TargetHealth.Reason", "AWS's code for why it is not healthy."),
        text("message", "TargetHealth.Description", "The same in words."),
        text("health_port", "HealthCheckPort", "Where it is checked."),
        text("target_group", "@parent.id", "The target group."),
    ),
    columns=("target", "port", "health", "reason"),
    relations=(Link("part-of", "@parent.id"), Link("targets", lambda raw: _known(raw))),
)


def _id(raw: Raw) -> str:
    """A function has no port."""
    port = getter("Target.Port")(raw)
    return template("{@parent.id}/target/{Target.Id}")(raw) + (f":{port}" if port else "")


def _known(raw: Raw) -> list[str]:
    """The target where it has an id: an address is not one."""
    found = str(getter("Target.Id")(raw) or "")
    return [found] if found.startswith(("i-", "arn:")) else []
