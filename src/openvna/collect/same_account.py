"""A source keeps its account: a credential of another one would write that one's network into this one's history."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from openvna.model import AnotherAccount
from openvna.plugin import Verdict
from openvna.store import Source

Confirmed = bool | Callable[[str, str], bool]
"""Whether another account is meant: said already, or to be asked with the account before and the one now."""


def hold(source: Source, held: Collection[str], verdict: Verdict, confirmed: Confirmed) -> None:
    """Raises `AnotherAccount` where the verdict's identity is of another account than the source's, unbidden.

    `held` are the accounts whose data the source has: they stand in where its last verification came to no identity
    (a session that had ended), and may be any number where a role is taken in each.
    """
    if verdict.identity is None:
        return  # nothing was proven: whoever saves that anyway is not told a lie by its data
    now = verdict.identity.account
    before = _account(source.verdict)
    if before is None:
        reached = {now, *(each.account for each in verdict.regions)}
        if not held or reached & set(held):
            return
        before = ", ".join(sorted(held)[:3])
    if before == now or confirmed is True or (callable(confirmed) and confirmed(before, now)):
        return
    raise AnotherAccount(
        f"The source {source.name!r} was not changed: the new credential is of another account.",
        f"It is of account {now}; the source is of account {before}, and so is what was collected.",
        f"Give a credential of account {before}, or add another source for {now}. If {now} is meant, confirm it.",
        before,
        now,
    )


def _account(verdict: Mapping[str, Any] | None) -> str | None:
    identity = verdict.get("identity") if verdict else None
    account = identity.get("account") if isinstance(identity, Mapping) else None
    return account if isinstance(account, str) and account else None
