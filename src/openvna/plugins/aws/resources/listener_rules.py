"""Rules of listeners: which requests go to which target group."""

from openvna.model import Kind
from openvna.plugins.aws import features
from openvna.plugins.aws.declaration import Call, Each, Link, ResourceType, flag, records, text
from openvna.plugins.aws.paths import Raw, Records, getter
from openvna.plugins.aws.resources.elbv2 import PAGE, actions, groups

FEATURE = features.LOAD_BALANCERS

_LISTENER = Each("aws.elbv2.listener", "ListenerArn", only=":listener/(app|net)/")
"""Listeners of Gateway Load Balancers have no rules (Service Authorization Reference, Elastic Load Balancing V2)."""

rule = ResourceType(
    "aws.elbv2.listener-rule",
    Kind.LISTENER,
    "Listener rule",
    "A condition of a listener, and what is done with requests that meet it.",
    call=Call("elbv2", "DescribeRules", "Rules[]", PAGE, per=_LISTENER),
    id="{RuleArn}",
    name="Priority",
    fields=(
        text("listener", "@parent.id", "The listener."),
        text("priority", "Priority", "1 is tried first, `default` last."),
        flag("is_default", "IsDefault", "Whether it takes what no other rule takes."),
        records("conditions", lambda raw: _conditions(raw), "All of them must be met: field, values."),
        records("actions", lambda raw: actions(raw, "Actions"), "Actions in order: type, target_groups with weights."),
    ),
    columns=("priority", "conditions", "listener"),
    relations=(Link("part-of", "@parent.id"), Link("forwards-to", lambda raw: groups(raw, "Actions"))),
)

_CONFIGS = (
    "HostHeaderConfig",
    "PathPatternConfig",
    "HttpHeaderConfig",
    "QueryStringConfig",
    "HttpRequestMethodConfig",
    "SourceIpConfig",
)


def _conditions(raw: Raw) -> Records:
    """Field and values of each condition; those of a query string as `key=value`."""
    found: Records = []
    for condition in getter("Conditions[]")(raw):
        values = list(condition.get("Values") or ())
        for config in _CONFIGS:
            for value in getter(f"{config}.Values[]")(condition):
                values.append(f"{value.get('Key') or '*'}={value.get('Value')}" if isinstance(value, dict) else value)
        found.append({"field": condition.get("Field"), "values": sorted(set(values))})
    return sorted(found, key=lambda condition: (condition["field"] or "", condition["values"]))
