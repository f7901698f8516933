"""A plugin that can tell beforehand what a collection will ask, and how fast."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from pydantic import BaseModel

from openvna.model import Scope


@dataclass(frozen=True, slots=True)
class Known:
    """What the last collection of a scope found and did: resources by type, calls by the vendor's name of each. Empty
    for a scope that was never collected."""

    resources: Mapping[str, int] = field(default_factory=dict)
    calls: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Demand:
    """What a collection will ask of one API of one account in one place.

    `region` is empty for what is global. `api` is the vendor's name of the call, or of calls that are bounded
    together. `fixed` of the `calls` are made whatever there is (the first page of each list); the others follow from
    what was known before, and are estimated. `at_once` and `per_second` are what the source may use of what the vendor
    grants; None: nothing bounds it. `said_by` is who says what the vendor grants.
    """

    account: str
    region: str
    api: str
    calls: int
    fixed: int
    at_once: float | None = None
    per_second: float | None = None
    said_by: str = ""

    @property
    def seconds(self) -> float:
        """How long these calls take at least at that rate, the time of the calls themselves not counted."""
        if self.at_once is None or not self.per_second:
            return 0.0
        return max(0.0, (self.calls - self.at_once) / self.per_second)


@runtime_checkable
class Foretells(Protocol):
    """A plugin that can say what a collection will ask."""

    def foretell(
        self, config: BaseModel, scopes: Iterable[tuple[Scope, Known]], types: Collection[str] | None = None
    ) -> Iterator[Demand]:
        """What collecting `types` (all when None) of these scopes will ask: one `Demand` for each API of each account
        and place. The scopes come account by account, and so do the answers. No network, no credentials.

        Raises `InvalidInput` for a type that does not exist.
        """
        ...
