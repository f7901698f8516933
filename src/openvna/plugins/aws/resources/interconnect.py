"""AWS Interconnect: managed lines between AWS and other clouds, or the last mile to a customer."""

from openvna.model import Kind
from openvna.plugins.aws.declaration import Call, Detail, Each, Link, ResourceType, number, text, texts
from openvna.plugins.aws.resources import direct_connect

FEATURE = direct_connect.FEATURE

_S, _PAGE = "interconnect", 100
_PROVIDER = "provider.cloudServiceProvider|provider.lastMileProvider"

connection = ResourceType(
    "aws.interconnect.connection",
    Kind.CONNECTION,
    "Interconnect connection",
    "A line to another cloud or provider. Without the key by which the other side accepts it.",
    call=Call(_S, "ListConnections", "connections[]", _PAGE),
    details=(Detail(_S, "GetConnection", {"identifier": "id"}, "connection"),),
    id="{arn}",
    alias="id",
    name="description",
    owner="ownerAccount",
    tags="tags",
    drops=("activationKey",),  # whoever has it can take the other end
    fields=(
        text("state", "state", "requested, pending, available, down, updating, deleting, deleted or failed."),
        text("bandwidth", "bandwidth", "As ordered, like 10Gbps."),
        text("provider", _PROVIDER, "Who is at the other side."),
        text("location", "location", "Where that is, in the provider's words."),
        text("environment", "environmentId", "The environment that it is made in."),
        text("attached", "attachPoint.directConnectGateway|attachPoint.arn", "What it ends at in AWS."),
        text("product", "type", "What kind of line it is."),
        text("shared_id", "sharedId", "What both sides call it."),
        number("billing_tier", "billingTier", "What it costs."),
    ),
    columns=("state", "bandwidth", "provider", "location", "attached"),
    relations=(
        Link("attached-to", "attachPoint.directConnectGateway|attachPoint.arn"),
        Link("part-of", "environmentId", "arn:{@scope.partition}:interconnect:{@scope.region}:{@owner}:environment/{}"),
    ),
)

environment = ResourceType(
    "aws.interconnect.environment",
    Kind.SITE,
    "Interconnect environment",
    "A place of another provider to which lines can be ordered.",
    call=Call(_S, "ListEnvironments", "environments[]", _PAGE),
    id="arn:{@scope.partition}:interconnect:{@scope.region}:{@owner}:environment/{environmentId}",
    alias="environmentId",
    name="location",
    fields=(
        text("provider", _PROVIDER, "Whose place it is."),
        text("location", "location", "Where it is, in the provider's words."),
        text("state", "state", "available, limited or unavailable."),
        texts("available", "bandwidths.available[]", "Bandwidths that can be had now."),
        texts("supported", "bandwidths.supported[]", "Bandwidths that there are."),
        text("product", "type", "What kind of line it is for."),
    ),
    columns=("provider", "location", "state", "available"),
    given={},
)

attach_point = ResourceType(
    "aws.interconnect.attach-point",
    Kind.GATEWAY,
    "Interconnect attach point",
    "What a line to an environment may end at. Its id is the environment's with `/attach-point/ID`.",
    call=Call(
        _S,
        "ListAttachPoints",
        "attachPoints[]",
        _PAGE,
        per=Each("aws.interconnect.environment", "environmentId", "alias"),
    ),
    id="{@parent.id}/attach-point/{identifier}",
    name="name",
    fields=(
        text("environment", "@parent.alias", "The environment."),
        text("identifier", "identifier", "The gateway."),
        text("point_type", "type", "DirectConnectGateway."),
    ),
    columns=("environment", "identifier", "point_type"),
    relations=(Link("part-of", "@parent.id"), Link("refers-to", "identifier")),
    given={},
)
