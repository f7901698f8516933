"""A session that can ask for one resource by its id, where the vendor takes ids."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from openvna.model import Scope
    from openvna.plugin.contract import Complete, Problem, Record


@runtime_checkable
class AsksForOne(Protocol):
    """Without it, all of a type is listed when one resource of it is to be refreshed."""

    def collect_one(self, scope: Scope, type: str, id: str, alias: str) -> Iterator[Record | Complete | Problem] | None:
        """Ask for the one resource of this id (`alias` is its short id). None where that is not possible.

        As `Session.collect` for this one type, but complete means: asked for by its id, this resource is all there
        is, or is not there. Nothing is said of the others of the type.
        """
        ...
