"""What a collection says of itself while it runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from openvna.model import Failure, Outcome


class Phase(StrEnum):
    DISCOVERED = "discovered"
    SCOPE_STARTED = "scope-started"
    LISTING = "listing"
    LISTED = "listed"
    SCOPE_FINISHED = "scope-finished"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class Progress:
    """One thing that happened in a collection.

    `listing` comes at most a few times a second while a type is being read (`seen` so far), `listed` once a type
    (`outcome`, `failure`) with what was read of it. What is as it was is not read, and counts in `scope-finished` only,
    where `seen` are all resources of the scope. `done` and `total` count scopes in `discovered`, `scope-*` and
    `finished`, and types of the scope in `listing` and `listed`. `failure` in `finished` is why nothing came of it.
    """

    collection: str
    source_id: str
    source: str
    phase: Phase
    at: datetime
    scope: str = ""
    account: str = ""
    region: str = ""
    run_id: str = ""
    type: str = ""
    outcome: Outcome | None = None
    seen: int = 0
    done: int = 0
    total: int = 0
    failure: Failure | None = None
