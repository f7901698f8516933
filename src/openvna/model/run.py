"""What a collection did, call by call, and what changed by it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from openvna.model.resource import JSON


class Outcome(StrEnum):
    """How the listing of one resource type in one scope ended: a closed list.

    Only `ok` says that the list is complete. `unknown` means that the source has no word on it at all
    (a folder of saved answers without that file).
    """

    OK = "ok"
    DENIED = "denied"
    THROTTLED = "throttled"
    UNSUPPORTED = "unsupported"
    FAILED = "failed"
    UNKNOWN = "unknown"

    @property
    def settled(self) -> bool:
        """Whether nothing is wrong: the list is complete, or there is none to be had here, or none is wanted."""
        return self in (Outcome.OK, Outcome.UNSUPPORTED)


class RunState(StrEnum):
    RUNNING = "running"
    OK = "ok"
    PARTIAL = "partial"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Calls:
    """What a listing cost. `seconds` is the time in the calls themselves, `waited` the time before them: for a place in
    the rate budget, and between one try and the next."""

    calls: int = 0
    retries: int = 0
    throttles: int = 0
    seconds: float = 0.0
    waited: float = 0.0

    def __add__(self, other: Calls) -> Calls:
        return Calls(
            self.calls + other.calls,
            self.retries + other.retries,
            self.throttles + other.throttles,
            self.seconds + other.seconds,
            self.waited + other.waited,
        )


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a call did not do its work. `code`, `request_id` and `message` are the vendor's own words.

    `cause` is an id of the plugin's catalogue of causes, `action` the permission that the call needs.
    """

    outcome: Outcome
    message: str
    code: str = ""
    cause: str = ""
    action: str = ""
    request_id: str = ""
    remedy: str = ""


class ChangeKind(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One path inside a resource with its value before and after (None where it was absent)."""

    path: str
    before: JSON
    after: JSON


@dataclass(frozen=True, slots=True)
class Change:
    """A resource was created, updated or deleted; `at` is when we saw it."""

    kind: ChangeKind
    resource_id: str
    type: str
    at: datetime
    fields: tuple[FieldChange, ...] = ()
