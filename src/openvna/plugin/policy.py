"""A plugin that can write down the rights it needs, as text that somebody pastes where rights are given."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from openvna.model import InvalidInput

if TYPE_CHECKING:
    from openvna.plugin.contract import Plugin


@dataclass(frozen=True, slots=True)
class PolicyText:
    """One document to paste. `characters` is its size as the vendor counts it, `limit` the most that he takes."""

    name: str
    text: str
    characters: int
    limit: int


@dataclass(frozen=True, slots=True)
class Policy:
    """The rights of some features, in one format. `notes` are sentences on where the texts go and what they fit."""

    format: str
    features: tuple[str, ...]
    texts: tuple[PolicyText, ...]
    notes: tuple[str, ...] = ()


@runtime_checkable
class GivesPolicy(Protocol):
    """A plugin whose permissions can be given by pasting a text. All of it is pure: no network, no credentials."""

    def policy_formats(self) -> tuple[str, ...]:
        """The formats, the plainest first."""
        ...

    def policy(
        self,
        features: Collection[str] | None = None,
        without: Collection[str] = (),
        format: str = "json",
        short: bool = False,
        identity: str = "",
        partition: str = "",
    ) -> Policy:
        """What these features need (None: all that a source usually has), without those in `without`.

        `short` allows groups of reading actions instead of naming each one. `identity` is who gets the rights, where
        that is known: a right over oneself is then given for oneself alone. `partition` is the part of the vendor's
        world where all that is; empty: the usual one. Raises `InvalidInput` for a feature or format that does not
        exist, and for one that cannot be left out.
        """
        ...


def giving_policy(plugin: Plugin) -> GivesPolicy:
    """The plugin as one that gives policies. Raises `InvalidInput` where it is none."""
    if isinstance(plugin, GivesPolicy):
        return plugin
    title = plugin.spec().title
    raise InvalidInput(
        f"The plugin {plugin.spec().name!r} gives no policy.",
        f"{title} needs no permissions.",
        "Ask for the policy of another plugin (see `openvna plugin list`).",
    )
