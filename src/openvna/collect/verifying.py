"""What is verified: settings before they are saved, sources when somebody asks, and those that lost something."""

from __future__ import annotations

import secrets as random
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from pydantic import BaseModel

from openvna.collect import configuration, permissions
from openvna.collect.keeping import Kept
from openvna.collect.references import ReferenceUnusable
from openvna.collect.source_settings import SourceSettings
from openvna.collect.verification import Verification, Verifications, steps, without_secret
from openvna.log import logger
from openvna.model import JSON, InvalidInput, OpenVNAError, VerificationFailed
from openvna.plugin import Denied, Plugin, Step, Verdict
from openvna.store import RunRow, Source, Store


class Verifying:
    """Safe to use from several threads."""

    def __init__(
        self,
        store: Store,
        load_plugin: Callable[[str], Plugin],
        settings: SourceSettings,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._load = load_plugin
        self._settings = settings
        self._clock = clock
        self._known = Verifications(clock)
        self._retried: dict[str, datetime] = {}
        self._lost: set[str] = set()

    def new(self, plugin: str, config: Mapping[str, JSON]) -> Iterator[Step | Verdict]:
        """See `Gateway.verify`."""
        loaded = self._load(plugin)
        model = self._settings.given(loaded.spec(), config)
        return steps(loaded, model, Kept(loaded.spec(), model))

    def stored(self, source: str) -> Iterator[Step | Verdict]:
        """See `Gateway.verify_source`."""
        found = self._store.sources.get(source)
        try:
            plugin, config = self._settings.of(found)
        except ReferenceUnusable as error:
            return self._noted(found.id, without_secret(self._load(found.plugin), error, found.name))
        kept = self._settings.keep(found, config)
        return self._noted(found.id, steps(plugin, config, kept, found.name, self._again(found)))

    def start(self, plugin: str | None, config: Mapping[str, JSON] | None, source: str | None) -> Verification:
        """See `Gateway.start_verification`."""
        if source is not None:
            found, secrets = self._store.sources.opened(source)
            loaded = self._load(found.plugin)
            try:
                model = (
                    self._settings.edited(found, secrets, loaded.spec(), config)
                    if config
                    else self._settings.of(found)[1]
                )
            except ReferenceUnusable as error:
                if config:
                    raise
                return self._without_secret(loaded, found, error)
            kept = (
                self._settings.keep_aside(loaded, model, found, config) if config else self._settings.keep(found, model)
            )
            events = steps(loaded, model, kept, found.name, self._again(found))
            return self._start(loaded, model, kept, events if config else self._noted(found.id, events), found.id)
        if plugin is None:
            raise InvalidInput(
                "There is nothing to verify.", "Neither a plugin nor a source is named.", "Name one of the two."
            )
        loaded = self._load(plugin)
        model = self._settings.entered(loaded.spec(), config or {})
        kept = self._settings.keep_new(loaded, model, config or {})
        return self._start(loaded, model, kept, steps(loaded, model, kept))

    def get(self, verification_id: str) -> Verification:
        """Raises `NotFound` when it is unknown or forgotten."""
        return self._known.get(verification_id)

    def passed(
        self,
        name: str,
        plugin: Plugin,
        model: BaseModel,
        save_anyway: bool,
        verification: str | None,
        on_step: Callable[[Step | Verdict], None] | None,
        kept: Kept,
    ) -> tuple[Verdict, BaseModel]:
        """The verdict on settings that are to be saved, and those repaired and with what was renewed; that of the
        finished `verification` where it was of the same. Raises `VerificationFailed`."""
        repaired = configuration.repaired(plugin, model)
        fingerprint = configuration.fingerprint(plugin.spec().name, repaired)
        finished = self._known.finished(verification, fingerprint)
        verdict = finished.verdict if finished is not None else None
        kept = finished.kept if finished is not None else kept
        if verdict is None:
            for event in steps(plugin, model, kept, name):
                if on_step is not None:
                    on_step(event)
                if isinstance(event, Verdict):
                    verdict = event
        if verdict is None:
            raise AssertionError("`steps` ends in a verdict")
        if verdict.verdict == "failed" and not save_anyway:
            raise VerificationFailed(
                f"The source {name!r} was not saved: its verification failed.",
                verdict.summary,
                verdict.remedy or "Correct what failed, or save it anyway.",
                dict(verdict.as_json()),
            )
        return verdict, kept.renewed or repaired

    def look_into(self, source: Source, runs: Sequence[RunRow], error: OpenVNAError | None) -> None:
        """Verify a source once that was denied something since it was last verified, or that gave nothing at all and
        whose last verdict says that it works; and that one again when it is back."""
        try:
            found = self._store.sources.get(source.id)
            lost, was_lost = permissions.access_lost(runs, error), found.id in self._lost
            if lost and not was_lost and (found.verdict or {}).get("verdict") != "failed":
                self._lost.add(found.id)
            elif was_lost and not lost:
                self._lost.discard(found.id)
            elif not permissions.is_due(found, self._store, self._retried.get(found.id), self._clock()):
                return
            self._retried[found.id] = self._clock()
            for _ in self.stored(found.id):
                pass
        except OpenVNAError as error:
            logger("openvna.collect").warning("losses not looked into", source=source.name, reason=error.what)

    def hang_up(self) -> None:
        """Let every listener of an event stream go."""
        self._known.hang_up()

    def _start(
        self,
        loaded: Plugin,
        model: BaseModel,
        kept: Kept,
        events: Iterator[Step | Verdict],
        source_id: str | None = None,
    ) -> Verification:
        plugin = loaded.spec().name
        fingerprint = configuration.fingerprint(plugin, configuration.repaired(loaded, model))
        return self._known.start(Verification(plugin, source_id, fingerprint, self._clock(), kept), events)

    def _without_secret(self, plugin: Plugin, source: Source, error: ReferenceUnusable) -> Verification:
        """A verification that ended before it began."""
        spec = plugin.spec()
        kept = Kept(spec, spec.config.model_construct())
        verification = Verification(spec.name, source.id, random.token_bytes(32), self._clock(), kept)
        told = self._noted(source.id, without_secret(plugin, error, source.name))
        return self._known.start(verification, told)

    def _again(self, source: Source) -> tuple[Denied, ...]:
        return permissions.tried_again(source, self._store)

    def _noted(self, source_id: str, events: Iterator[Step | Verdict]) -> Iterator[Step | Verdict]:
        for event in events:
            if isinstance(event, Verdict):
                try:
                    self._store.sources.update(source_id, verdict=event.as_json())
                except OpenVNAError as error:
                    logger("openvna.collect").warning("verdict not stored", reason=error.what, remedy=error.remedy)
            yield event
