"""The listing of one type as it goes."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from openvna.model import Calls, Failure, Outcome, Resource
from openvna.plugin import Before
from openvna.plugins.aws.calls import Call
from openvna.plugins.aws.declaration import ResourceType

if TYPE_CHECKING:
    from openvna.plugins.aws.sent_early import SentEarly

REPORT = "Report this with the name of the type: its declaration needs a repair."


@dataclass(slots=True)
class Listing:
    """The listing of one type as it goes: what it cost, what it found that others depend on, how it failed.

    `ahead` asks for a page while the one before it is read. `before` knows what was recorded; where `every` resource
    is needed, what is known is read all the same.
    """

    declared: ResourceType
    ahead: ThreadPoolExecutor | None = None
    before: Before | None = None
    every: bool = False
    by_call: dict[str, Calls] = field(default_factory=dict)
    found: list[Resource] = field(default_factory=list)
    failure: Failure | None = None
    sent_early: SentEarly | None = None
    """The first calls of this list and of those that are read after it."""
    coming: Future[Mapping[str, Any]] | None = None
    """The page that was asked for last, ahead of its reader."""
    seen: bool = False
    """Whether AWS listed anything, read or not."""

    @property
    def none(self) -> bool:
        """Whether the list is whole, and empty."""
        return self.failure is None and not self.seen

    @property
    def calls(self) -> Calls:
        return sum(self.by_call.values(), Calls())

    def count(self, name: str, seconds: float, retries: int, throttles: int, waited: float) -> None:
        """Enter one call: `seconds` in all, `waited` of them for its turn."""
        self.add({name: Calls(1 + retries, retries, throttles, max(0.0, seconds - waited), waited)})

    def add(self, by_call: Mapping[str, Calls]) -> None:
        """Enter calls that were made for it elsewhere."""
        for name, cost in by_call.items():
            before = self.by_call.get(name)
            self.by_call[name] = cost if before is None else before + cost

    def settle(self) -> None:
        """Wait for a page that is still under way though nobody will read it: what it costs belongs to this listing."""
        if self.coming is not None and not self.coming.cancel():
            wait((self.coming,))
        self.coming = None

    def note(self, failure: Failure, parent: Resource | None) -> None:
        """Keep the first failure: the later ones nearly always repeat it."""
        if self.failure is None:
            where = f"For {parent.alias or parent.name or parent.id}: " if parent else ""
            self.failure = dataclasses.replace(failure, message=where + failure.message)


def broken(call: Call, message: str, remedy: str) -> Failure:
    """The failure of a call whose answer cannot be read, or does not add up."""
    return Failure(Outcome.FAILED, message, action=call.action or "", remedy=remedy)
