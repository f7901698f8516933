"""What a pre-flight finds out: for each feature in each region, whether all that it needs is allowed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from openvna.plugin.confidence import Confidence


class PermissionState(StrEnum):
    """Allowed: nothing that was tried is denied, and nothing is open. Not conclusive: something is open."""

    ALLOWED = "allowed"
    DENIED = "denied"
    REGION_OFF = "region-off"
    INCONCLUSIVE = "not-conclusive"


@dataclass(frozen=True, slots=True)
class ActionResult:
    """One action in one region. `how` it was tried is a word for people (call, dry run, simulation, ...); `layer` the
    kind of policy that denies it, in the vendor's words, empty where none is named."""

    action: str
    state: PermissionState
    confidence: Confidence
    how: str
    cause: str | None = None
    layer: str = ""
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PermissionResult:
    """One cell of the matrix: a feature in one region of an account.

    `region` is empty for what belongs to the account as a whole. `actions` are those that were tried there, or that
    are not as the cell says; `note` tells what the cell rests on besides them. `cause`, `layer` and `remedy` are of
    the action that decides the cell; `remedy` allows all that is denied in the cell by that cause.
    """

    account: str
    region: str
    feature: str
    state: PermissionState
    confidence: Confidence
    note: str = ""
    cause: str | None = None
    layer: str = ""
    remedy: str | None = None
    actions: tuple[ActionResult, ...] = ()


@dataclass(frozen=True, slots=True)
class Missing:
    """All that is denied by one cause, wherever, with the one thing to do about it (a statement to paste)."""

    cause: str
    layer: str
    confidence: Confidence
    features: tuple[str, ...]
    actions: tuple[str, ...]
    accounts: tuple[str, ...]
    regions: tuple[str, ...]
    evidence: tuple[str, ...]
    remedy: str


@dataclass(frozen=True, slots=True, order=True)
class Denied:
    """An action that was denied before: the next verification tries it there, whatever else it leaves out."""

    account: str
    region: str
    action: str


def denied_before(results: Iterable[PermissionResult]) -> Collection[Denied]:
    """What of a matrix a later verification has to try again."""
    return tuple(
        sorted(
            {
                Denied(cell.account, cell.region, each.action)
                for cell in results
                for each in cell.actions
                if each.state == PermissionState.DENIED
            }
        )
    )


def results_of(cells: Iterable[Mapping[str, Any]]) -> tuple[PermissionResult, ...]:
    """The cells of a matrix that was kept as JSON (`Verdict.as_json`)."""
    return tuple(
        PermissionResult(
            **{
                **cell,
                "state": PermissionState(cell["state"]),
                "confidence": Confidence(cell["confidence"]),
                "actions": tuple(_action(each) for each in cell["actions"]),
            }
        )
        for cell in cells
    )


def missing_of(groups: Iterable[Mapping[str, Any]]) -> tuple[Missing, ...]:
    """What a verdict that was kept as JSON says is missing."""
    texts = ("features", "actions", "accounts", "regions", "evidence")
    return tuple(
        Missing(
            **{**group, **{name: tuple(group[name]) for name in texts}, "confidence": Confidence(group["confidence"])}
        )
        for group in groups
    )


def _action(kept: Mapping[str, Any]) -> ActionResult:
    state, confidence = PermissionState(kept["state"]), Confidence(kept["confidence"])
    return ActionResult(**{**kept, "state": state, "confidence": confidence, "evidence": tuple(kept["evidence"])})
