"""How a plugin reports that an access works, or why it does not: a stream of steps, then one verdict."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Literal

from openvna.model import JSON
from openvna.plugin.confidence import Confidence
from openvna.plugin.permissions import Missing, PermissionResult


class StepOutcome(StrEnum):
    RUNNING = "running"
    OK = "ok"
    REPAIRED = "repaired"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


VerdictWord = Literal["ok", "degraded", "failed"]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a verification. It is sent once as `running` and once more, under the same `id`, when done.

    `evidence` is a list of short facts a person can check (codes, request ids, offsets, hosts); `cause` an id
    of the plugin's catalogue of causes, empty when nothing is wrong; `remedy` the exact thing to do.
    """

    id: str
    title: str
    outcome: StepOutcome
    evidence: tuple[str, ...] = ()
    cause: str | None = None
    remedy: str | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the credential is. `kind` is in the vendor's words (iam-user, assumed-role, root, ...)."""

    account: str
    arn: str
    kind: str
    partition: str


@dataclass(frozen=True, slots=True)
class RegionResult:
    """Whether one region of one account answers."""

    account: str
    region: str
    outcome: StepOutcome
    cause: str | None = None
    evidence: tuple[str, ...] = ()
    remedy: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The end of a verification. `calls` counts the requests that were sent.

    `permissions` is the matrix of what is allowed (empty where the access did not get so far), `missing` all that is
    denied in it, by cause.
    """

    verdict: VerdictWord
    cause: str | None
    confidence: Confidence
    summary: str
    identity: Identity | None = None
    steps: tuple[Step, ...] = ()
    regions: tuple[RegionResult, ...] = ()
    calls: int = 0
    remedy: str | None = None
    endpoint: str | None = None
    permissions: tuple[PermissionResult, ...] = ()
    missing: tuple[Missing, ...] = ()
    expires_at: str | None = None
    """When the credential ends and must be entered again (ISO 8601, UTC); None where it does not, where the plugin
    renews it, or where nobody knows."""
    end_unknown: bool = False
    """The credential ends and must be entered again, and nobody has said when."""

    def as_json(self) -> dict[str, JSON]:
        """The verdict as plain JSON data, the shape that CLI, REST and UI share."""
        return asdict(self)
