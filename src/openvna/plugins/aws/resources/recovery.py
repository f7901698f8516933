"""Application Recovery Controller: switches that lead traffic elsewhere, and shifts away from a zone."""

from openvna.model import Kind
from openvna.plugin import Feature
from openvna.plugins.aws.declaration import (
    REGION,
    Call,
    Each,
    Link,
    ResourceType,
    flag,
    number,
    records,
    text,
    texts,
    time,
)
from openvna.plugins.aws.paging import LOWER
from openvna.plugins.aws.paths import Raw, Records, getter, template

FEATURE = Feature(
    "recovery",
    "Recovery control",
    "Switches that lead traffic elsewhere with their safety rules, and shifts away from a zone.",
    optional=True,
)

_S, _HOME, _PAGE = "route53-recovery-control-config", "us-west-2", 100
_STATES = "PENDING, DEPLOYED or PENDING_DELETION."

cluster = ResourceType(
    "aws.route53-recovery-control.cluster",
    Kind.SERVICE,
    "Recovery cluster",
    "Five endpoints in five regions at which switches are thrown.",
    call=Call(_S, "ListClusters", "Clusters[]", _PAGE, region=_HOME),
    id="{ClusterArn}",
    once=True,
    name="Name",
    owner="Owner",
    region="@none",
    fields=(
        text("state", "Status", _STATES),
        texts("endpoints", "ClusterEndpoints[].Endpoint", "Where its switches are thrown."),
        text("network_type", "NetworkType", "IPV4 or DUALSTACK."),
    ),
    columns=("state", "endpoints"),
)

control_panel = ResourceType(
    "aws.route53-recovery-control.control-panel",
    Kind.OPTIONS,
    "Recovery control panel",
    "Switches that belong together.",
    call=Call(
        _S,
        "ListControlPanels",
        "ControlPanels[]",
        _PAGE,
        per=Each("aws.route53-recovery-control.cluster", "ClusterArn"),
        region=_HOME,
    ),
    id="{ControlPanelArn}",
    once=True,
    name="Name",
    owner="Owner",
    region="@none",
    fields=(
        text("cluster", "ClusterArn", "The cluster."),
        text("state", "Status", _STATES),
        number("switches", "RoutingControlCount", "How many switches it has."),
        flag("is_default", "DefaultControlPanel", "Whether it is the cluster's default."),
    ),
    columns=("cluster", "state", "switches"),
    relations=(Link("part-of", "ClusterArn"),),
)

_PANEL = Each("aws.route53-recovery-control.control-panel", "ControlPanelArn")

routing_control = ResourceType(
    "aws.route53-recovery-control.routing-control",
    Kind.POLICY,
    "Routing control",
    "A switch that health checks follow. Whether it is on, only the cluster's own endpoints tell.",
    call=Call(_S, "ListRoutingControls", "RoutingControls[]", _PAGE, per=_PANEL, region=_HOME),
    id="{RoutingControlArn}",
    once=True,
    name="Name",
    owner="Owner",
    region="@none",
    fields=(
        text("panel", "ControlPanelArn", "The control panel."),
        text("switch", "Name", "Its name."),
        text("state", "Status", _STATES),
    ),
    columns=("panel", "switch", "state"),
    relations=(Link("part-of", "ControlPanelArn"),),
)

safety_rule = ResourceType(
    "aws.route53-recovery-control.safety-rule",
    Kind.POLICY,
    "Safety rule",
    "Which switches may not be off together, or only if others are on.",
    call=Call(_S, "ListSafetyRules", "SafetyRules[]", _PAGE, per=_PANEL, region=_HOME),
    id="{ASSERTION.SafetyRuleArn|GATING.SafetyRuleArn}",
    once=True,
    name="ASSERTION.Name|GATING.Name",
    owner="ASSERTION.Owner|GATING.Owner",
    region="@none",
    fields=(
        text("panel", "@parent.id", "The control panel."),
        text("rule_type", lambda raw: "assertion" if raw.get("ASSERTION") else "gating", "assertion or gating."),
        text("how", "ASSERTION.RuleConfig.Type|GATING.RuleConfig.Type", "ATLEAST, AND or OR."),
        number("threshold", "ASSERTION.RuleConfig.Threshold|GATING.RuleConfig.Threshold", "How many must be on."),
        texts("switches", "ASSERTION.AssertedControls[]|GATING.TargetControls[]", "Switches that it is about."),
        texts("gates", "GATING.GatingControls[]", "Switches that allow it."),
        text("state", "ASSERTION.Status|GATING.Status", _STATES),
    ),
    columns=("panel", "rule_type", "how", "threshold"),
    relations=(
        Link("part-of", "@parent.id"),
        Link("refers-to", "ASSERTION.AssertedControls[]|GATING.TargetControls[]"),
        Link("refers-to", "GATING.GatingControls[]"),
    ),
)

zonal_resource = ResourceType(
    "aws.arc-zonal-shift.managed-resource",
    Kind.OPTIONS,
    "Zonal shift",
    "What can be shifted away from a zone, and what is at present. Its id is the resource's with `/zonal-shift`.",
    call=Call("arc-zonal-shift", "ListManagedResources", "items[]", _PAGE, pages=LOWER),
    id="{arn}/zonal-shift",
    name="name",
    fields=(
        text("resource", "arn", "The load balancer, group or cluster."),
        texts("zones", "availabilityZones[]", "Zones that it is in."),
        records("shifts", lambda raw: _shifts(raw), "Shifts: away_from, kind, applied."),
        text("automatic", "zonalAutoshiftStatus", "ENABLED or DISABLED: whether AWS shifts it by itself."),
        text("practice", "practiceRunStatus", "ENABLED or DISABLED: whether shifts are practised."),
    ),
    columns=("resource", "zones", "automatic", "practice"),
    relations=(Link("part-of", "arn"),),
)

zonal_shift = ResourceType(
    "aws.arc-zonal-shift.shift",
    Kind.OPTIONS,
    "Shift away from a zone",
    "A shift of one resource away from a zone, now or formerly. Its id is the resource's with `/zonal-shift/ID`.",
    call=Call("arc-zonal-shift", "ListZonalShifts", "items[]", _PAGE, pages=LOWER),
    id="{resourceIdentifier}/zonal-shift/{zonalShiftId}",
    alias="zonalShiftId",
    fields=(
        text("resource", "resourceIdentifier", "What is shifted."),
        text("away_from", "awayFrom", "The zone."),
        text("state", "status", "ACTIVE, EXPIRED or CANCELED."),
        text("shift_type", "shiftType", "ZONAL_SHIFT, PRACTICE_RUN, FIS_EXPERIMENT or ZONAL_AUTOSHIFT."),
        text("outcome", "practiceRunOutcome", "How a practice went: SUCCEEDED, FAILED, INTERRUPTED, PENDING, ..."),
        time("start", "startTime", "When it began."),
        time("end", "expiryTime", "When it ends."),
        text("comment", "comment", "What its author said of it."),
    ),
    columns=("resource", "away_from", "state", "start", "end"),
    relations=(Link("part-of", "resourceIdentifier"),),
)

autoshift = ResourceType(
    "aws.arc-zonal-shift.autoshift",
    Kind.OPTIONS,
    "Autoshift",
    "AWS leads traffic away from a zone that is unwell. Its id is the region's with `/autoshift/ZONE`.",
    call=Call("arc-zonal-shift", "ListAutoshifts", "items[]", _PAGE, pages=LOWER, params={"status": "ACTIVE"}),
    id=template(REGION + "/autoshift/{awayFrom}"),
    name="awayFrom",
    fields=(
        text("away_from", "awayFrom", "The zone."),
        text("state", "status", "ACTIVE."),
        time("start", "startTime", "When it began."),
    ),
    columns=("away_from", "state", "start"),
    relations=(Link("applies-to", "@scope.region", REGION),),
    given={},
)


def _shifts(raw: Raw) -> Records:
    found: Records = [
        {
            "away_from": shift.get("awayFrom"),
            "kind": shift.get("shiftType") or "AUTOSHIFT",
            "applied": shift.get("appliedStatus"),
        }
        for member in ("zonalShifts", "autoshifts")
        for shift in getter(f"{member}[]")(raw)
    ]
    return sorted(found, key=lambda shift: (shift["away_from"] or "", shift["kind"]))
