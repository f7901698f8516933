"""A session that asks one account which others there are."""

from __future__ import annotations

from typing import Protocol, runtime_checkable


@runtime_checkable
class AsksAnAccount(Protocol):
    """What `discover` asks there draws on the same rates as what is read there: both happen in one process. Without
    this word it is read as any other."""

    def asked_account(self) -> str:
        """The account that was asked; empty where none was. Asked once `discover` has ended. No network."""
        ...
