"""A plugin some of whose credentials a person gets by signing in with the vendor, on another page or device.

The plugin shows a code and an address, the person enters the one at the other, and meanwhile the plugin asks the
vendor now and then whether that is done (RFC 8628). What comes of it is a secret setting marked with `SIGN_IN`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from pydantic import BaseModel

from openvna.model import InvalidInput

if TYPE_CHECKING:
    from openvna.plugin.contract import Plugin


CHOICE = "x-openvna-sign-in-choice"
"""The mark of a setting that is chosen after the sign-in from what it gives: `Field(..., json_schema_extra={CHOICE:
"account"})` or `"role"`, beside the secret."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the person is shown. `complete_url` has the code in it already; at `ends_at` (UTC) the code is over.

    Both addresses are http or https ones.
    """

    url: str
    complete_url: str
    code: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class SignInAccount:
    """An account that the person who signed in may use."""

    id: str
    name: str
    email: str = ""


class SignIn(Protocol):
    """One sign-in, from its prompt to its settings. Used by one thread at a time."""

    prompt: Prompt

    def ask(self) -> float | None:
        """Whether the person has signed in: None when they have, else the seconds to wait before asking again.

        Raises `SourceUnusable` with its cause when it cannot come to that any more. One question to the vendor.
        """
        ...

    @property
    def interval(self) -> float:
        """Seconds to wait before the first question."""
        ...

    def accounts(self) -> tuple[SignInAccount, ...]:
        """The accounts to choose from, by name. Raises `SourceUnusable`; only once signed in."""
        ...

    def roles(self, account: str) -> tuple[str, ...]:
        """The roles to choose from in an account, by name. Raises `SourceUnusable`; only once signed in."""
        ...

    def settings(self, account: str | None = None, role: str | None = None) -> BaseModel:
        """The settings that the sign-in began with, and the secret that it gave; with an account and a role, where
        they are given."""
        ...

    def close(self) -> None:
        """Let go of connections; it stays usable. Safe to repeat."""
        ...


@runtime_checkable
class SignsIn(Protocol):
    """A plugin that can begin a sign-in."""

    def begin_sign_in(self, config: BaseModel) -> SignIn:
        """Ask the vendor for a code. `config` are settings whose account, role and secret may be empty.

        Raises `InvalidInput` with fields for settings that no sign-in can begin with, `SourceUnusable` with its cause
        where the vendor gives no code.
        """
        ...


def signing_in(plugin: Plugin) -> SignsIn:
    """The plugin as one that signs in. Raises `InvalidInput` where it is none."""
    if isinstance(plugin, SignsIn):
        return plugin
    raise InvalidInput(
        f"The plugin {plugin.spec().name!r} has no sign-in.",
        f"{plugin.spec().title} has no credential that a person signs in for.",
        "Enter a credential instead.",
    )
