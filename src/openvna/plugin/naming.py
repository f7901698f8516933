"""A plugin that can tell from the name of a thing alone what it is: of links to what nobody has collected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Stub:
    """What the name of a thing says of it. `type` is a resource type; what the name does not say is empty."""

    type: str = ""
    account: str = ""
    region: str = ""


@runtime_checkable
class KnowsNames(Protocol):
    def named(self, name: str) -> Stub:
        """What an id or alias says of the thing that it names. Pure: no network; never raises."""
        ...
