"""What a plugin renews while it is used goes back to the source: all of it, in one transaction, or nothing.

Only what the plugin changed is written, and only where the source still has what the plugin began with. So an
operator's edit wins over a renewal, and of two processes that renew the same credential the first one wins.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from pydantic import BaseModel

from openvna.collect import configuration, references
from openvna.collect.references import Remembering, Resolver
from openvna.log import hide, logger
from openvna.model import JSON, InvalidInput, OpenVNAError
from openvna.plugin import Spec
from openvna.store import Source, Store

_Leaf = tuple[str, ...]
Parts = tuple[dict[str, JSON], dict[str, str]]
"""Settings without their secrets, and the secrets by dotted path."""


class Kept:
    """The `openvna.plugin.Keep` of one verification or one opened access. Safe to use from several threads.

    `renewed` are the settings as the plugin last gave them, None while it has renewed nothing: what is to be saved of
    a source that is not saved yet.
    """

    def __init__(
        self,
        spec: Spec,
        used: BaseModel,
        store: Store | None = None,
        source: Source | None = None,
        tell: Callable[[BaseModel], None] | None = None,
        resolver: Resolver | None = None,
    ) -> None:
        """`used` are the settings that the plugin is given; without a source the renewed ones are only held. `tell`
        hears of them too."""
        self._resolver = resolver or Resolver()
        self._spec = spec
        self._used = used
        self._store = store
        self._source = source
        self._tell = tell
        self._lock = threading.Lock()
        self.renewed: BaseModel | None = None

    def __call__(self, settings: BaseModel) -> BaseModel | None:
        hide(*configuration.split(settings)[1].values())
        with self._lock:
            # A secret that is kept elsewhere is not ours to replace.
            settings = references.kept(self._used, settings)
            if leaves(settings) != leaves(self._used):
                self.renewed = settings
                if self._tell is not None:
                    self._tell(settings)
            if self._store is None or self._source is None:
                return None
            try:
                return self._keep(self._store, self._source, settings)
            except OpenVNAError as error:
                logger("openvna.collect").error(
                    "renewed credential not stored", source=self._source.name, reason=error.what, remedy=error.remedy
                )
                return None

    def _keep(self, store: Store, source: Source, settings: BaseModel) -> BaseModel | None:
        found: list[BaseModel] = []

        def fresh(config: Mapping[str, JSON], secrets: Mapping[str, str]) -> Parts | None:
            there = self._there(config, secrets)
            found.append(there)
            return carried(self._used, settings, there)

        if leaves(settings) == leaves(self._used):
            there, secrets = store.sources.opened(source.id)
            fresh(there.config, secrets)
        elif store.sources.renew(source.id, fresh):
            logger("openvna.collect").info("renewed credential stored", source=source.name)
            self._used = settings
            return None
        if leaves(found[0]) == leaves(self._used):
            return None
        self._used = found[0]
        return found[0]

    def _there(self, config: Mapping[str, JSON], secrets: Mapping[str, str]) -> BaseModel:
        """What the source has now. Inside a transaction: a reference that is known already is not read again."""
        known = Remembering(self._resolver, self._used)
        return configuration.validate(self._spec, configuration.merge(config, secrets), known)


class KeptAside(Kept):
    """The same while a change to a source is tried: what the plugin goes on with is the change, never the source's."""

    def __call__(self, settings: BaseModel) -> BaseModel | None:
        super().__call__(settings)
        return None

    def _keep(self, store: Store, source: Source, settings: BaseModel) -> BaseModel | None:
        def fresh(config: Mapping[str, JSON], secrets: Mapping[str, str]) -> Parts | None:
            try:
                there = self._there(config, secrets)
            except InvalidInput:
                return None  # the change may be what mends it
            return carried(self._used, settings, there)

        if leaves(settings) != leaves(self._used):
            store.sources.renew(source.id, fresh)
            self._used = settings
        return None


def carried(before: BaseModel, after: BaseModel, there: BaseModel) -> Parts | None:
    """`there` with everything in which `after` differs from `before`; None where it differs in nothing, or where
    `there` is no longer as `before` in that."""
    was, becomes, present = leaves(before), leaves(after), leaves(there)
    changed = [path for path in was.keys() | becomes.keys() if was.get(path) != becomes.get(path)]
    if not changed or any(was.get(path) != present.get(path) for path in changed):
        return None
    config, secrets = configuration.split(there)
    for path in changed:
        value = becomes.get(path)
        if path[0] == _SECRET:
            if value is None:
                secrets.pop(path[1], None)
            else:
                secrets[path[1]] = cast(str, value)
        else:
            _set(config, path[1:], value)
    return config, secrets


_SECRET, _PLAIN = "secret", "plain"


def leaves(model: BaseModel) -> dict[_Leaf, Any]:
    """Every setting by its way down from the top, lists in one piece, secrets apart."""
    config, secrets = configuration.split(model)
    return dict(_down((_PLAIN,), config)) | {(_SECRET, path): value for path, value in secrets.items()}


def _down(path: _Leaf, value: JSON) -> Iterator[tuple[_Leaf, Any]]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _down((*path, key), item)
    else:
        yield path, value


def _set(config: dict[str, JSON], path: _Leaf, value: Any) -> None:
    *way, last = path
    place = config
    for part in way:
        inner = place.get(part)
        if not isinstance(inner, dict):
            inner = place[part] = {}
        place = inner
    if value is None:
        place.pop(last, None)
    else:
        place[last] = value
