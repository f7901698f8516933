"""The settings of sources as their plugins take them: new, stored, changed, renewed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pydantic import BaseModel

from openvna.collect import configuration, destinations
from openvna.collect.keeping import Kept, KeptAside
from openvna.collect.references import Resolver
from openvna.collect.sign_ins import SignIns
from openvna.model import JSON, InvalidInput
from openvna.plugin import Plugin, Spec
from openvna.store import Source, Store


class SourceSettings:
    """Safe to use from several threads. What raises `InvalidInput` names the fields."""

    def __init__(
        self, store: Store, load_plugin: Callable[[str], Plugin], resolver: Resolver, sign_ins: SignIns
    ) -> None:
        """`resolver` reads the secrets that settings name instead of holding them."""
        self._store = store
        self._load = load_plugin
        self._resolver = resolver
        self._sign_ins = sign_ins

    def given(self, spec: Spec, config: Mapping[str, JSON]) -> BaseModel:
        """New ones, with all their secrets in clear. Raises `InvalidInput`."""
        return configuration.validate(spec, config, self._resolver)

    def entered(self, spec: Spec, config: Mapping[str, JSON]) -> BaseModel:
        """The same, with what a person got by signing in. Raises `InvalidInput`."""
        return self._sign_ins.filled(self.given(spec, config))

    def of(self, source: Source) -> tuple[Plugin, BaseModel]:
        """Those that the source has now, and its plugin. Raises `InvalidInput` when they are no longer what that
        takes."""
        return self._read(*self._store.sources.opened(source.id))

    def edited(self, source: Source, secrets: Mapping[str, str], spec: Spec, patch: Mapping[str, JSON]) -> BaseModel:
        """Those of the source after a change. Raises `InvalidInput`, also for secrets that the change would send to
        another place."""
        changed = configuration.patched(spec, configuration.merge(source.config, secrets), patch)
        model = self.entered(spec, changed)
        try:
            before = self._read(source, secrets)[1]
        except InvalidInput:
            before = None
        destinations.hold(source.name, before, model, patch)
        return model

    def checked(self, plugin: Plugin, config: Mapping[str, JSON], source: str | None) -> BaseModel:
        """As they would be saved: new ones, or those of a source after the change `config`. Raises as `edited`."""
        if source is None:
            return configuration.repaired(plugin, self.given(plugin.spec(), config))
        return configuration.repaired(plugin, self.edited(*self._store.sources.opened(source), plugin.spec(), config))

    def same(self, source: Source, model: BaseModel) -> bool:
        """Whether these are the settings that the source has, its secrets included."""
        before = self.stored(source)
        return before is not None and configuration.fingerprint(source.plugin, before) == configuration.fingerprint(
            source.plugin, model
        )

    def stored(self, source: Source) -> BaseModel | None:
        """The settings that the source has, None where they are no longer what the plugin takes."""
        try:
            return self.of(source)[1]
        except InvalidInput:
            return None

    def keep(self, source: Source, used: BaseModel) -> Kept:
        """Keeps with the source what is renewed while `used` are."""
        return Kept(self._load(source.plugin).spec(), used, self._store, source, resolver=self._resolver)

    def keep_new(self, plugin: Plugin, entered: BaseModel, config: Mapping[str, JSON]) -> Kept:
        """Keeps it for a source that is not saved yet."""
        tell = self._sign_ins.told(config)
        return Kept(plugin.spec(), configuration.repaired(plugin, entered), tell=tell)

    def keep_aside(self, plugin: Plugin, changed: BaseModel, source: Source, change: Mapping[str, JSON]) -> Kept:
        """Keeps it for a change of the source that is not saved yet."""
        used, tell = configuration.repaired(plugin, changed), self._sign_ins.told(change)
        return KeptAside(plugin.spec(), used, self._store, source, tell, self._resolver)

    def _read(self, source: Source, secrets: Mapping[str, str]) -> tuple[Plugin, BaseModel]:
        plugin = self._load(source.plugin)
        whole = configuration.merge(source.config, secrets)
        return plugin, self.given(plugin.spec(), whole)
