"""From tried actions to the matrix: what one answer means, what a cell says, and one remedy for each cause. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from openvna.plugin import (
    ActionResult,
    Confidence,
    Feature,
    Missing,
    PermissionResult,
    PermissionState,
)
from openvna.plugins.aws import denials, policies
from openvna.plugins.aws.api import CallError
from openvna.plugins.aws.causes import remedy
from openvna.plugins.aws.faults import WRONG_SIGNATURE, Context, Explanation, explain, only_here
from openvna.plugins.aws.simulation import Decision

LAYERS: Mapping[str, str] = {
    "IDENTITY": "identity-based policy",
    "BOUNDARY": "permissions boundary",
    "SESSION": "session policy",
    "SCP": "service control policy",
    "RCP": "resource control policy",
    "RESOURCE": "resource-based policy",
    "VPCE": "VPC endpoint policy",
}
LAYERLESS = ("P-IDENTITY-IMPLICIT", "P-IDENTITY-EXPLICIT", "P-UNSTATED", "P-ENCODED", "P-EXPLICIT")
"""Denials that a condition on the region may explain; those of an organization's policies say more themselves."""

_REASONLESS = ("P-UNSTATED", "P-ENCODED")
_NO_SUCH_THING = re.compile(r"NotFound|NoSuchEntity|NoSuch[A-Z]|Malformed|NotExist|InvalidAuthorizationMessage")
"""AWS's codes for asking about a thing that is not there, or that cannot be: it did look, then. That the right is
checked before is not documented for every operation, so what follows from it is `inferred`."""

_UNKNOWN_TO_EMULATORS = frozenset({"InvalidAction", "InternalFailure", "NotImplemented", "UnknownOperationException"})
_SURENESS = (Confidence.PROVEN, Confidence.REPORTED, Confidence.INFERRED, Confidence.INCOMPLETE)


@dataclass(frozen=True, slots=True)
class Tried:
    """One action in one region of an account, and what came of it. `error` and `context` are of the call that was
    refused, where one was made."""

    account: str
    region: str
    action: str
    state: PermissionState
    confidence: Confidence
    how: str
    told: Explanation | None = None
    error: CallError | None = None
    context: Context = Context()
    evidence: tuple[str, ...] = ()

    @property
    def result(self) -> ActionResult:
        denied = self.state == PermissionState.DENIED
        return ActionResult(
            self.action,
            self.state,
            self.confidence,
            self.how,
            self.told.cause if self.told else None,
            layer_of(self.told.cause) if self.told and denied else "",
            self.told.evidence if self.told else self.evidence,
        )


def layer_of(cause: str) -> str:
    """The kind of policy that a cause names, empty where it names none."""
    return next((word for part, word in LAYERS.items() if cause.startswith(f"P-{part}")), "")


def answered(
    account: str, region: str, action: str, how: str, made_up: bool, error: CallError | None, context: Context
) -> Tried:
    """What the answer to a trial means. `made_up`: something was asked for that does not exist."""
    if error is None:
        return Tried(account, region, action, PermissionState.ALLOWED, Confidence.PROVEN, how)
    if error.code == "DryRunOperation":
        said = ("DryRunOperation: the request would have succeeded.",)
        return Tried(account, region, action, PermissionState.ALLOWED, Confidence.PROVEN, "dry run", evidence=said)
    told = explain(error, context)
    if error.code in denials.CODES:
        return Tried(account, region, action, PermissionState.DENIED, told.confidence, how, told, error, context)
    if made_up and _NO_SUCH_THING.search(error.code):
        said = (f"{error.code} for a made-up id: AWS looked for it, so it was allowed to ask.",)
        return Tried(account, region, action, PermissionState.ALLOWED, Confidence.INFERRED, how, evidence=said)
    # The key has been proven by now: a signature that an emulator does not accept is a limit of the emulator.
    if context.emulated and (error.cause == "N-INTERCEPT" or error.code in _UNKNOWN_TO_EMULATORS | WRONG_SIGNATURE):
        return open_(account, region, action, "An emulator answers, and it does not know this call.", how)
    state = PermissionState.REGION_OFF if told.cause == "R-NOT-OPTED-IN" else PermissionState.INCONCLUSIVE
    return Tried(account, region, action, state, Confidence.INCOMPLETE, how, told, error, context)


def none_there(account: str, region: str, action: str, how: str, error: CallError) -> Tried:
    """AWS says that the account has nothing of the kind: it does so after it has looked at the permission."""
    said = (f"{error.code}: {error.message}: said to those who may ask.",)
    return Tried(account, region, action, PermissionState.ALLOWED, Confidence.INFERRED, how, evidence=said)


def by_simulation(account: str, region: str, action: str, decision: Decision) -> Tried:
    """What a simulation says of an action that was not tried."""
    if decision.allowed and decision.settled:
        state, confidence = PermissionState.ALLOWED, Confidence.INFERRED
    elif decision.settled:
        state, confidence = PermissionState.DENIED, Confidence.INFERRED
    else:
        state, confidence = PermissionState.INCONCLUSIVE, Confidence.INCOMPLETE
    told = None
    if state == PermissionState.DENIED and decision.cause:
        told = Explanation(decision.cause, confidence, (decision.evidence,), "")
    return Tried(
        account, region, action, state, confidence, "simulation", told,
        context=Context(action=action, region=region, account=account), evidence=(decision.evidence,),
    )  # fmt: skip


def again(tried: Tried) -> Tried:
    """A denial, explained with what was learned about it since."""
    if tried.error is None:
        return tried
    told = explain(tried.error, tried.context)
    return replace(tried, told=told, confidence=told.confidence)


def settled(tried: Tried, decision: Decision | None) -> Tried:
    """What a call left open, settled by the simulation of the same action: who denies where AWS gave no reason, and
    whether it is allowed where the call got no answer to that. What cannot be reached stays open."""
    if decision is None or not decision.settled:
        return tried
    told = tried.told
    if told is not None and told.cause in _REASONLESS and decision.cause is not None:
        reason = Explanation(decision.cause, Confidence.INFERRED, (*told.evidence, decision.evidence), told.remedy)
        return replace(tried, told=reason, confidence=Confidence.INFERRED)
    if tried.state == PermissionState.INCONCLUSIVE and (told is None or not told.cause.startswith("N-")):
        said = by_simulation(tried.account, tried.region, tried.action, decision)
        return replace(said, context=tried.context, evidence=(*tried.result.evidence, decision.evidence))
    return tried


def with_policy(tried: Tried, identity: str) -> Tried:
    """The try with the identity whose policies were simulated, for the remedy."""
    return replace(tried, context=replace(tried.context, identity=identity))


def open_(account: str, region: str, action: str, why: str, how: str = "not tried") -> Tried:
    """An action of which nothing is known."""
    return Tried(account, region, action, PermissionState.INCONCLUSIVE, Confidence.INCOMPLETE, how, evidence=(why,))


def compared(tries: Iterable[Tried]) -> list[Tried]:
    """The tries of one account, each denial seen beside a region where the same action is allowed.

    Where some of a region's denials are so explained, the others are too, unless the same is denied elsewhere.
    """
    every = list(tries)
    allowed = {each.action: each.region for each in every if _is(each, PermissionState.ALLOWED)}
    denied = {(each.action, each.region) for each in every if _is(each, PermissionState.DENIED)}
    kept_out = {region for action, region in denied if allowed.get(action, region) != region}
    found = []
    for each in every:
        elsewhere = allowed.get(each.action, "")
        also = any(action == each.action and region != each.region for action, region in denied)
        if (
            each.told is None
            or each.state != PermissionState.DENIED
            or each.told.cause not in LAYERLESS
            or each.region not in kept_out
            or (not elsewhere and also)
        ):
            found.append(each)
            continue
        said = (
            f"The same action is allowed in {elsewhere}." if elsewhere else "So are actions that are allowed elsewhere."
        )
        told = only_here(each.told, each.error, each.region, said)
        found.append(replace(each, told=told, confidence=Confidence.INFERRED))
    return found


def _is(tried: Tried, state: PermissionState) -> bool:
    """Whether an action was found so in its own region."""
    return tried.state == state and tried.how != "canary"


def cell(account: str, region: str, feature: Feature, tries: Sequence[Tried], note: str) -> PermissionResult:
    """The cell of a feature: denied where anything is, else open where anything is, else allowed."""
    states = {each.state for each in tries}
    order = (PermissionState.REGION_OFF, PermissionState.DENIED, PermissionState.INCONCLUSIVE)
    state = next((each for each in order if each in states), PermissionState.ALLOWED)
    deciding = [each for each in tries if each.state == state]
    first = next((each for each in deciding if each.told), None)
    weakest = max((each.confidence for each in deciding), key=_SURENESS.index, default=Confidence.INCOMPLETE)
    cause = first.told.cause if first and first.told else None
    same = [each for each in deciding if each.told and each.told.cause == cause]
    advice = None
    if state == PermissionState.DENIED and cause:
        advice = together(cause, same)
        weakest = next((each.confidence for each in same if each.how != "canary"), Confidence.INFERRED)
    elif first and first.told:
        advice = first.told.remedy
    return PermissionResult(
        account=account,
        region=region,
        feature=feature.id,
        state=state,
        confidence=weakest,
        note=note,
        cause=cause,
        layer=layer_of(cause) if cause and state == PermissionState.DENIED else "",
        remedy=advice,
        actions=tuple(each.result for each in tries if _worth_telling(each, state)),
    )


def _worth_telling(tried: Tried, cell: PermissionState) -> bool:
    """Whether an action is told on its own: not where it only was taken for, or simulated, what the cell says."""
    if tried.how == "canary":
        return tried.state != cell
    return tried.how != "simulation" or tried.state != PermissionState.ALLOWED


def closed(account: str, region: str, feature: Feature, told: Explanation) -> PermissionResult:
    """The cell of a feature in a region that does not answer us at all."""
    off = told.cause in ("R-NOT-OPTED-IN", "C-REGION")
    state = PermissionState.REGION_OFF if off else PermissionState.INCONCLUSIVE
    note = "Nothing was tried: " + " ".join(told.evidence)
    return PermissionResult(
        account, region, feature.id, state, told.confidence, note, told.cause, remedy=told.remedy or None
    )


def missing(tries: Iterable[Tried], features: Mapping[str, Sequence[Feature]]) -> tuple[Missing, ...]:
    """All that is denied, by cause, with one remedy for each; the causes with most actions first.

    `features` are those that need an action.
    """
    groups: dict[str, list[Tried]] = {}
    for each in tries:
        if each.state == PermissionState.DENIED and each.told:
            groups.setdefault(each.told.cause, []).append(each)
    found = []
    for cause, same in groups.items():
        actions = tuple(sorted({each.action for each in same}))
        lost = {feature.id: None for action in actions for feature in features.get(action, ())}
        first = next(each.told for each in same if each.told)
        found.append(
            Missing(
                cause=cause,
                layer=layer_of(cause),
                confidence=min((each.confidence for each in same), key=_SURENESS.index),
                features=tuple(lost),
                actions=actions,
                accounts=tuple(sorted({each.account for each in same})),
                regions=tuple(sorted({each.region for each in same if each.region})),
                evidence=first.evidence,
                remedy=together(cause, same),
            )
        )
    return tuple(sorted(found, key=lambda each: (-len(each.actions), each.cause)))


def together(cause: str, same: Sequence[Tried]) -> str:
    """The one thing to do about all that is denied by one cause: a statement with every action in it."""
    actions = sorted({each.action for each in same})
    regions = ", ".join(sorted({each.region for each in same if each.region}))
    accounts = ", ".join(sorted({each.account for each in same}))
    # What AWS was asked about is known best.
    refused = sorted((each for each in same if each.error), key=lambda each: not (each.error and each.error.learned))
    for each in refused:
        context = replace(each.context, region=regions, account=accounts, also=tuple(actions))
        if each.error and (told := explain(each.error, context)).cause == cause:
            return told.remedy
    read = [denials.read(each.error.message) for each in refused if each.error]
    who = next((each.user for each in read if each.user), "") or next(
        (each.context.identity for each in same if each.context.identity), ""
    )
    return remedy(
        cause,
        action=", ".join(actions),
        region=regions,
        account=accounts,
        identity=policies.principal_of(who) or who,
        policy=", ".join(sorted({each.policy for each in read if each.policy})),
        statement=policies.allow(actions),
    )
