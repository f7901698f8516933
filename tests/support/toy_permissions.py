"""The matrix that the toy vendor's verification gives, from what its world denies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from openvna.model import Failure, Outcome, Scope
from openvna.plugin import (
    ActionResult,
    Confidence,
    Feature,
    Missing,
    PermissionResult,
    PermissionState,
    TypeSpec,
)

LAYER = "house rule"


def cells(
    scopes: Sequence[Scope],
    problems: Mapping[tuple[str, str], Failure],
    features: Sequence[Feature],
    types: Sequence[TypeSpec],
) -> tuple[PermissionResult, ...]:
    """One cell for each feature in each scope."""
    return tuple(_cell(scope, feature, problems, types) for feature in features for scope in scopes)


def missing(found: Sequence[PermissionResult]) -> tuple[Missing, ...]:
    """All that is denied in them, by its one cause."""
    denied = [cell for cell in found if cell.state == PermissionState.DENIED]
    if not denied:
        return ()
    actions = {each.action for cell in denied for each in cell.actions if each.state == PermissionState.DENIED}
    return (
        Missing(
            "TOY-DENIED",
            LAYER,
            Confidence.REPORTED,
            tuple(dict.fromkeys(cell.feature for cell in denied)),
            tuple(sorted(actions)),
            tuple(dict.fromkeys(cell.account for cell in denied)),
            tuple(dict.fromkeys(cell.region for cell in denied)),
            ("NotAllowed You are not allowed to list gateways.",),
            f"Let the house allow this:\n{{\n  {', '.join(sorted(actions))}\n}}",
        ),
    )


def _cell(
    scope: Scope, feature: Feature, problems: Mapping[tuple[str, str], Failure], types: Sequence[TypeSpec]
) -> PermissionResult:
    actions = []
    for each in types:
        if each.type in feature.types:
            failure = problems.get((scope.key, each.type))
            denied = failure is not None and failure.outcome is Outcome.DENIED
            state = PermissionState.DENIED if denied else PermissionState.ALLOWED
            said = (f"{failure.code} {failure.message}",) if failure and denied else ()
            cause = "TOY-DENIED" if denied else None
            how = Confidence.REPORTED if denied else Confidence.PROVEN
            actions.append(ActionResult(each.permissions[0], state, how, "call", cause, LAYER if denied else "", said))
    lost = [each for each in actions if each.state == PermissionState.DENIED]
    return PermissionResult(
        account=scope.account,
        region=scope.region,
        feature=feature.id,
        state=PermissionState.DENIED if lost else PermissionState.ALLOWED,
        confidence=Confidence.REPORTED if lost else Confidence.PROVEN,
        note=f"{len(actions)} of {len(actions)} actions tried by a call.",
        cause="TOY-DENIED" if lost else None,
        layer=LAYER if lost else "",
        remedy=f"Allow {', '.join(each.action for each in lost)}." if lost else None,
        actions=tuple(actions),
    )
