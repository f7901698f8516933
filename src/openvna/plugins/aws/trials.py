"""How an action is tried without doing anything: the smallest request, made of the declarations and botocore's models.

A dry run where the operation has one, else the smallest page. What an operation cannot do without is made up in the
right form: the answer that there is no such thing then says that we might have asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

from openvna.plugin import Feature
from openvna.plugins.aws.calls import IAM_PREFIX, Call, Detail, TagCall
from openvna.plugins.aws.paging import paging
from openvna.plugins.aws.types import TYPES
from openvna.plugins.aws.wire.models import Model, UnknownOperation, load

SERVICES = {"iam:GetRequestAuthorizationDetails": "iam-toolbox"}
"""The SDK's service of an action that no type declares, where it is not the action's prefix."""

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_SIZES = ("MaxResults", "maxResults")
_SMALLEST = 5
"""The page to ask for where the model says nothing: EC2 takes no smaller one."""

_ELB = "arn:{partition}:elasticloadbalancing:{region}:{account}:"

FORMS: Mapping[str, str] = {
    # The form of an id is checked before the right to ask for it, and its prefix is in no model.
    "TransitGatewayRouteTableId": "tgw-rtb-0123456789abcdef0",
    "PrefixListId": "pl-0123456789abcdef0",
    "LoadBalancerArn": _ELB + "loadbalancer/app/openvna/0123456789abcdef",
    "ResourceArns": _ELB + "loadbalancer/app/openvna/0123456789abcdef",
    "TargetGroupArn": _ELB + "targetgroup/openvna/0123456789abcdef",
    "ListenerArn": _ELB + "listener/app/openvna/0123456789abcdef/0123456789abcdef",
    "ParentId": "r-0000",
    "authorizationId": "0123456789abcdef",
    # These exist: what is asked about is ourselves.
    "ResourceId": "{account}",
    "RoleName": "{role}",
    "PolicySourceArn": "{principal}",
    "AccessKeyId": "{key}",
    "ActionNames": "ec2:DescribeVpcs",
}
"""Values of parameters, by their name, where the model alone does not lead to one in the right form."""

_OURSELVES = frozenset({"ResourceId", "RoleName", "PolicySourceArn", "AccessKeyId", "ActionNames"})


@dataclass(frozen=True, slots=True)
class Trial:
    """The operation by which an action is tried. `stands_in` are the parameters that another listing gives when we
    collect; `regional` is false for what is asked once for an account, `place` the one region where that is asked
    (empty: the home region). `absent_where` is that of its `Call`."""

    action: str
    service: str
    operation: str
    params: Mapping[str, Any] = field(default_factory=dict)
    stands_in: tuple[str, ...] = ()
    regional: bool = True
    place: str = ""
    absent_where: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a trial is made and by whom: what can be put into a made-up value."""

    partition: str
    region: str
    account: str
    principal: str
    role: str
    key: str

    def put_into(self, form: str) -> str:
        return form.format(
            partition=self.partition,
            region=self.region,
            account=self.account,
            principal=self.principal or f"arn:{self.partition}:iam::{self.account}:role/openvna",
            role=self.role or "openvna",
            key=self.key,
        )


@dataclass(frozen=True, slots=True)
class Request:
    """The parameters of a trial. `made_up`: something in them does not exist. `dry`: it is a dry run."""

    params: Mapping[str, Any]
    made_up: bool
    dry: bool


@cache
def trials_of(feature: Feature) -> tuple[Trial, ...]:
    """One trial for each action that a feature needs: of several operations with one action, the one that needs the
    least made up."""
    found: dict[str, Trial] = {}
    for name in feature.types:
        for call in TYPES[name].calls:
            if call.action is None:
                continue
            place = call.place("aws", "") if not isinstance(call, TagCall) else ""
            regional = not TYPES[name].once and not place
            params = _given(call)
            absent = call.absent_where if isinstance(call, Call) else ""
            stands_in = tuple(_open(call))
            trial = Trial(call.action, call.service, call.operation, params, stands_in, regional, place, absent)
            before = found.get(trial.action)
            if before is None or len(trial.stands_in) < len(before.stands_in):
                found[trial.action] = trial
    known = {prefix: name for name, prefix in IAM_PREFIX.items()}
    for action in feature.permissions:
        if action not in found:
            prefix, _, operation = action.partition(":")
            service = SERVICES.get(action, known.get(prefix, prefix))
            found[action] = Trial(action, service, operation, regional=False)
    return tuple(found[action] for action in sorted(found))


@cache
def model_of(service: str) -> Model | None:
    """The SDK's model of a service, None where botocore's data has none that we can speak."""
    try:
        return load(service)
    except UnknownOperation:
        return None


def request(trial: Trial, stage: Stage) -> Request | None:
    """The smallest request of a trial, by botocore's model of the operation; None where it has none."""
    model = model_of(trial.service)
    declared = model.operations.get(trial.operation) if model else None
    if model is None or declared is None:
        return None
    shape = model.shapes[declared["input"]["shape"]] if "input" in declared else {}
    members: Mapping[str, Any] = shape.get("members", {})
    params = dict(trial.params)
    made_up = False
    for name in (*shape.get("required", ()), *trial.stands_in):
        if name not in params and name in members:
            params[name] = _value(name, members[name]["shape"], model, stage)
            made_up = made_up or name not in _OURSELVES or (name == "RoleName" and not stage.role)
    dry = "DryRun" in members
    if dry:
        params["DryRun"] = True
    for name in (*_SIZES, paging(trial.service, trial.operation).size):
        limits = model.shapes[members[name]["shape"]] if name in members else {}
        if name not in params and limits.get("type") in ("integer", "long"):
            params[name] = limits.get("min") or min(_SMALLEST, limits.get("max", _SMALLEST))
            break
    return Request(params, made_up, dry)


def _given(call: Call | TagCall | Detail) -> Mapping[str, Any]:
    """The parameters that a declaration fixes."""
    if isinstance(call, Call):
        return next(call.lists())
    return call.fixed


def _open(call: Call | TagCall | Detail) -> Iterator[str]:
    """The parameters that take what another answer holds."""
    if isinstance(call, TagCall):
        yield call.parameter
    elif isinstance(call, Detail):
        yield from call.params
    elif call.per is not None:
        # Where a function of the parent gives the parameters, those that the operation requires are made up.
        yield call.per.parameter


def _value(name: str, shape_name: str, model: Model, stage: Stage) -> Any:
    """A value in the right form for a parameter that the operation cannot do without."""
    shape = model.shapes[shape_name]
    kind = shape["type"]
    if kind == "list":
        return [_value(name, shape["member"]["shape"], model, stage)]
    if kind == "structure":
        members = shape.get("members", {})
        return {each: _value(each, members[each]["shape"], model, stage) for each in shape.get("required", ())}
    if kind == "map":
        return {}
    if kind == "boolean":
        return False
    if kind in ("integer", "long", "float", "double"):
        return shape.get("min", 1)
    if kind == "timestamp":
        return datetime(2020, 1, 1, tzinfo=UTC)
    if kind == "blob":
        return b"openvna"
    return _text(name, shape, stage)


def _text(name: str, shape: Mapping[str, Any], stage: Stage) -> str:
    if name in FORMS:
        return stage.put_into(FORMS[name])
    if shape.get("enum"):
        return str(shape["enum"][0])
    words = "-".join(part.lower() for part in _WORD.findall(name) if part not in ("Id", "Ids", "Arn", "Arns"))
    if name.lower().endswith(("arn", "arns")):
        return f"arn:{stage.partition}:openvna:{stage.region}:{stage.account}:{words}/0123456789abcdef0"
    if name.lower().endswith(("id", "ids")):
        return f"{words}-0123456789abcdef0"
    return "openvna".ljust(shape.get("min", 1), "0")
