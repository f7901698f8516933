"""A plugin that leads from nothing to an access: what to set up on the other side, as text, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from pydantic import BaseModel

from openvna.model import JSON, InvalidInput
from openvna.plugin.verification import Identity

if TYPE_CHECKING:
    from openvna.plugin.contract import Plugin

WHEN = "x-openvna-when"
"""The mark of an option that only matters where another one has a value:
`Field(..., json_schema_extra={WHEN: {"scope": "organization"}})`."""


WORDS = "x-openvna-words"
"""What people call the values of an option: `Field(..., json_schema_extra={WORDS: {"json": "Plain policies"}})`."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to connect. `when` says in a sentence for whom it is; `options` are the names of the options that matter
    for it, in their order; `credential` is the kind of credential that its source begins with, unless somebody chooses
    another. `trusts_us` tells that the other side has to know who we are before anything can be set up there."""

    id: str
    title: str
    when: str
    options: tuple[str, ...] = ()
    credential: str = ""
    trusts_us: bool = False


@dataclass(frozen=True, slots=True)
class OnboardingFile:
    """One text to save under `name` and to use where the steps say so."""

    name: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class OnboardingStep:
    """One thing to do on the other side: in words, as a command to paste, as a page to open; any of them."""

    title: str
    text: str = ""
    command: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class OnboardingAnswer:
    """What the other side gives back once all is set up, and where it is found. `value` is it, where we know it."""

    title: str
    description: str
    placeholder: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class OnboardingPlan:
    """All that is to be done for one source. Without an `answer` there is nothing to bring back."""

    summary: str
    files: tuple[OnboardingFile, ...]
    steps: tuple[OnboardingStep, ...]
    answer: OnboardingAnswer | None = None
    notes: tuple[str, ...] = ()


@runtime_checkable
class Onboards(Protocol):
    """A plugin whose access can be set up by following its texts."""

    def onboarding_ways(self) -> tuple[Way, ...]:
        """The ways to connect, in the order in which to offer them: the best first. Pure."""
        ...

    def onboarding_options(self) -> type[BaseModel]:
        """The model of the options; its member `way` is the id of a way. Its JSON Schema draws the form. Pure."""
        ...

    def onboarding_identity(self, config: BaseModel) -> Identity:
        """Who we are on the other side with these settings, before any role of theirs.

        Bounded in time. Raises `VerificationFailed` with the verdict where that cannot be found out.
        """
        ...

    def onboarding_options_for(self, options: BaseModel, config: BaseModel) -> BaseModel:
        """The options with what is still open found out with these settings, above all who we are. Safe to repeat.

        Raises `InvalidInput` for options that do not go together, `VerificationFailed` as `onboarding_identity`.
        """
        ...

    def onboarding_plan(self, options: BaseModel, external_id: str) -> OnboardingPlan:
        """What is to be done. `external_id` is what the other side shall ask us for: ours, and of one source alone.

        Pure: the same for the same arguments. Raises `InvalidInput` for options that do not go together.
        """
        ...

    def onboarding_settings(self, options: BaseModel, external_id: str, answer: str) -> dict[str, JSON]:
        """The settings that come of it, to be laid over those that say who we are: a JSON merge patch (RFC 7396).

        Pure. Raises `InvalidInput` with the field `answer` for one that cannot be used.
        """
        ...


def onboarding(plugin: Plugin) -> Onboards:
    """The plugin as one that can be set up by its texts. Raises `InvalidInput` where it is none."""
    if isinstance(plugin, Onboards):
        return plugin
    spec = plugin.spec()
    raise InvalidInput(
        f"The plugin {spec.name!r} needs nothing to be set up.",
        f"For {spec.title} the settings of the source are enough.",
        f"Add the source with them: openvna source add {spec.name} NAME.",
    )
