"""A session that can tell whether a scope which it no longer finds has left, or is merely not to be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from openvna.model import Scope


@runtime_checkable
class KnowsLeft(Protocol):
    """What was collected of a scope that surely left is retired; without this word it stays, as last seen."""

    def left(self, scope: Scope) -> str:
        """Why this scope is no longer part of the source, as a sentence for a person; empty: nobody knows for sure.

        Asked once `discover` has ended, for a scope that was there before and that it did not give. Only what the
        vendor said (the account is closed) or what the settings say (they name other accounts) is sure: what is
        denied, or could not be read, is not gone. No network.
        """
        ...
