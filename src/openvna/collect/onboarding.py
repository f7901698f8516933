"""Leading from nothing to a source: what is to be set up on the other side, kept until the source is saved."""

from __future__ import annotations

import json
import secrets
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydantic import BaseModel, ValidationError

from openvna.collect import configuration, naming
from openvna.collect.references import Resolver
from openvna.log import logger
from openvna.model import JSON, InvalidInput
from openvna.plugin import Identity, Plugin
from openvna.plugin.onboarding import OnboardingPlan, Onboards, Way, onboarding
from openvna.plugin.policy import GivesPolicy
from openvna.store import Onboarding, Store


@dataclass(frozen=True, slots=True)
class SettingUp:
    """A source that is being set up, with all that is to be done for it."""

    row: Onboarding
    way: Way
    plan: OnboardingPlan


class SetUp:
    """What leads to a source. Safe to use from several threads."""

    def __init__(
        self,
        store: Store,
        load_plugin: Callable[[str], Plugin],
        resolver: Resolver | None = None,
        filled: Callable[[BaseModel], BaseModel] = lambda settings: settings,
    ) -> None:
        """`filled` puts what people signed in for into the settings that name their sign-in."""
        self._resolver = resolver
        self._store = store
        self._load = load_plugin
        self._filled = filled

    def leads(self, plugin: str) -> bool:
        """Whether sources of this plugin can be set up here."""
        return isinstance(self._load(plugin), Onboards)

    def ways(self, plugin: str) -> tuple[Way, ...]:
        """The ways to connect, the best first. Raises `InvalidInput` where the plugin knows none."""
        return self._plugin(plugin).onboarding_ways()

    def options(self, plugin: str) -> type[BaseModel]:
        """The model of the options."""
        return self._plugin(plugin).onboarding_options()

    def usual_features(self, plugin: str) -> tuple[str, ...]:
        """The features that are asked for where nobody chooses."""
        loaded = self._load(plugin)
        return loaded.policy().features if isinstance(loaded, GivesPolicy) else ()

    def identity(self, plugin: str, config: Mapping[str, JSON]) -> Identity:
        """Who we are with these settings. Raises `InvalidInput` with fields, `VerificationFailed`."""
        loaded = self._plugin(plugin)
        settings = configuration.validate(self._load(plugin).spec(), config, self._resolver)
        return loaded.onboarding_identity(self._filled(settings))

    def begin(
        self, name: str, plugin: str, options: Mapping[str, JSON], config: Mapping[str, JSON] | None = None
    ) -> SettingUp:
        """Begin to set up a source of this name, or go on with it, by other options too: the external id stays.

        `config` are the settings that say who we are; its secrets are used and not kept. Raises `InvalidInput` with
        fields (`options.role_name`), `Conflict` for a name that a source has, `VerificationFailed`.
        """
        name = naming.source_name(name)
        naming.free(name, self._store.sources.list())
        loaded = self._plugin(plugin)
        settings = configuration.validate(self._load(plugin).spec(), config or {}, self._resolver)
        chosen = loaded.onboarding_options_for(self._validated(loaded, options), self._filled(settings))
        kept = self._store.onboardings.keep(
            name, plugin, new_external_id(), _plain(chosen), configuration.split(settings)[0]
        )
        logger("openvna.collect").info("source being set up", plugin=plugin, source=name)
        return self._with_plan(kept)

    def list(self, plugin: str | None = None) -> tuple[Onboarding, ...]:
        """Those that are being set up, by name."""
        return tuple(each for each in self._store.onboardings.list() if plugin in (None, each.plugin))

    def get(self, id_or_name: str) -> SettingUp:
        """Raises `NotFound`."""
        return self._with_plan(self._store.onboardings.get(id_or_name))

    def settings(self, id_or_name: str, answer: str = "") -> dict[str, JSON]:
        """The settings of the source, without the secrets of its credential, once the other side is set up and gave
        this `answer`. Raises `InvalidInput` with the field `answer`."""
        row = self._store.onboardings.get(id_or_name)
        loaded = self._plugin(row.plugin)
        patch = loaded.onboarding_settings(self._validated(loaded, row.options), row.external_id, answer)
        return configuration.patched(self._load(row.plugin).spec(), row.config, patch)

    def give_up(self, id_or_name: str) -> None:
        """Forget one. Its external id is never used again."""
        self._store.onboardings.delete(self._store.onboardings.get(id_or_name).id)

    def _plugin(self, plugin: str) -> Onboards:
        return onboarding(self._load(plugin))

    def _with_plan(self, row: Onboarding) -> SettingUp:
        loaded = self._plugin(row.plugin)
        options = self._validated(loaded, row.options)
        (way,) = [each for each in loaded.onboarding_ways() if each.id == row.options["way"]]
        return SettingUp(row, way, loaded.onboarding_plan(options, row.external_id))

    def _validated(self, plugin: Onboards, options: Mapping[str, JSON]) -> BaseModel:
        try:
            return plugin.onboarding_options().model_validate(options)
        except ValidationError as error:
            wrong = configuration.wrong_fields(plugin.onboarding_options(), error)
            fields = tuple((f"options.{path}", message) for path, message in wrong)
            raise InvalidInput(
                "It cannot be set up like this.",
                " ".join(f"{path.removeprefix('options.')}: {message}" for path, message in fields),
                "Correct these options.",
                fields,
            ) from None


def new_external_id() -> str:
    """What the other side asks us for, before it lets us in: nobody can guess it, nobody has to hide it."""
    return str(uuid.UUID(bytes=secrets.token_bytes(16), version=4))


def _plain(options: BaseModel) -> dict[str, JSON]:
    found: dict[str, JSON] = json.loads(options.model_dump_json())
    return found
