"""What an operator can do with sources, the same for CLI, REST and the admin UI."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import nullcontext, suppress
from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import BaseModel

from openvna.collect import configuration, naming, permissions, same_account
from openvna.collect.dispatch import Dispatch
from openvna.collect.extent import extent
from openvna.collect.forecast import Forecast, forecast
from openvna.collect.old_runs import RUNS_KEPT, OldRuns
from openvna.collect.onboarding import SettingUp, SetUp
from openvna.collect.progress import Phase, Progress
from openvna.collect.readers import Readers
from openvna.collect.reference_causes import CAUSES
from openvna.collect.references import Resolver
from openvna.collect.resting import MOST
from openvna.collect.sign_ins import RunningSignIn, SignIns
from openvna.collect.source_collection import SourceCollection
from openvna.collect.source_settings import SourceSettings
from openvna.collect.verification import Verification
from openvna.collect.verifying import Verifying
from openvna.log import logger
from openvna.model import JSON, InvalidInput, NotFound, OpenVNAError
from openvna.plugin import Cause, KnowsNames, Plugin, Spec, Step, Stub, Verdict
from openvna.plugin.policy import GivesPolicy, Policy, giving_policy
from openvna.store import RunRow, Source, Store

__all__ = ["Gateway", "Phase", "Progress", "RunningSignIn", "SetUp", "SettingUp", "SourceCollection", "Verification"]


class Gateway:
    """Joins the plugins and the store. Safe to use from several threads."""

    store: Store
    set_up: SetUp

    def __init__(
        self,
        store: Store,
        *,
        load_plugin: Callable[[str], Plugin],
        plugin_names: Callable[[], tuple[str, ...]],
        workers: int = 8,
        clock: Callable[[], datetime] | None = None,
        resolver: Resolver | None = None,
        rest: timedelta = MOST,
        runs_kept: timedelta = RUNS_KEPT,
        readers: int = 0,
    ) -> None:
        """`resolver` reads the secrets that settings name instead of holding them; without it there are none. `rest`
        is how long an empty scope rests at most (see `openvna.collect.resting`), `runs_kept` how old runs become
        (zero: any age). `readers` are the processes that read for this one, at most."""
        self.store = store
        self._load = load_plugin
        self._names = plugin_names
        self._workers = workers
        self._rest = rest
        self._clock = clock or _now
        resolver = resolver or Resolver()
        self.sign_ins = SignIns(store, load_plugin, self._clock, resolver)
        self.set_up = SetUp(store, load_plugin, resolver, self.sign_ins.filled)
        self._settings = SourceSettings(store, load_plugin, resolver, self.sign_ins)
        self._verifying = Verifying(store, load_plugin, self._settings, self._clock)
        self._readers = Readers(readers, load_plugin)
        self._dispatch = Dispatch(
            store,
            load_plugin=load_plugin,
            settings=lambda source: self._settings.of(source)[1],
            keep=self._settings.keep,
            workers=workers,
            clock=self._clock,
            after=self._verifying.look_into,
            rest=rest,
            old_runs=OldRuns(store, runs_kept, self._clock),
            readers=self._readers,
        )
        self._closed = threading.Lock()
        self._hung_up_at: float | None = None

    # --- plugins

    def specs(self) -> tuple[Spec, ...]:
        """The installed plugins. One that does not load is left out, and the log says why."""
        found = []
        for name in self._names():
            try:
                found.append(self._load(name).spec())
            except InvalidInput as error:
                logger("openvna.collect").error(
                    "plugin does not load", plugin=name, reason=error.why, remedy=error.remedy
                )
        return tuple(found)

    def spec(self, plugin: str) -> Spec:
        return self._load(plugin).spec()

    def causes(self, plugin: str) -> tuple[Cause, ...]:
        """The plugin's catalogue of causes."""
        return self._load(plugin).causes()

    def explain(self, plugin: str, cause: str) -> Cause | None:
        """The entry of a cause's id, None where neither the plugin nor we know one."""
        return self._load(plugin).explain(cause) or CAUSES.get(cause)

    def policy(
        self,
        plugin: str,
        features: Collection[str] | None = None,
        without: Collection[str] = (),
        format: str = "",
        short: bool = False,
        identity: str = "",
        partition: str = "",
    ) -> Policy:
        """The rights that features of a plugin need, to paste. Raises `InvalidInput`, `NotFound`."""
        giving = giving_policy(self._load(plugin))
        return giving.policy(features, without, format or giving.policy_formats()[0], short, identity, partition)

    def stub(self, plugin: str, name: str) -> Stub:
        """What the name of something that nobody has collected says of it, to the plugin whose resource names it."""
        try:
            loaded = self._load(plugin)
        except (NotFound, InvalidInput):
            return Stub()
        return loaded.named(name) if isinstance(loaded, KnowsNames) else Stub()

    def policy_formats(self, plugin: str) -> tuple[str, ...]:
        """The formats of `policy`, the plainest first; none where the plugin needs no permissions."""
        loaded = self._load(plugin)
        return loaded.policy_formats() if isinstance(loaded, GivesPolicy) else ()

    # --- verification

    def verify(self, plugin: str, config: Mapping[str, JSON]) -> Iterator[Step | Verdict]:
        """Validate the settings (secrets in clear among them), then try them. Raises `InvalidInput` with fields."""
        return self._verifying.new(plugin, config)

    def verify_source(self, source: str) -> Iterator[Step | Verdict]:
        """Try a stored source; its verdict is stored with it."""
        return self._verifying.stored(source)

    def start_verification(
        self, plugin: str | None = None, config: Mapping[str, JSON] | None = None, *, source: str | None = None
    ) -> Verification:
        """The same in the background: new settings (`plugin`, `config`), a stored source (`source`), or a change to
        one (`source` and `config`, merged as in `edit_source`). Raises `InvalidInput` with fields."""
        return self._verifying.start(plugin, config, source)

    def permissions(self, source: str, account: str | None = None) -> permissions.SourcePermissions:
        """What a source is allowed, as it was last tried, and what collections lost; the cells of one account where
        one is named. Raises `NotFound`."""
        found = self.store.sources.get(source)
        return permissions.of(found, self._load(found.plugin).spec(), self.store, account)

    def verification(self, verification_id: str) -> Verification:
        """Raises `NotFound` when it is unknown or forgotten."""
        return self._verifying.get(verification_id)

    # --- sources

    def add_source(
        self,
        name: str,
        plugin: str,
        config: Mapping[str, JSON],
        *,
        interval: int | None = 900,
        save_anyway: bool = False,
        verification: str | None = None,
        on_step: Callable[[Step | Verdict], None] | None = None,
    ) -> Source:
        """Verify, then save. `verification` names a finished one of these same settings, which is then not repeated.

        Raises `InvalidInput`, `Conflict` for a name used twice (before anything is tried), or `VerificationFailed`
        unless `save_anyway`. A `degraded` verdict saves; a `failed` one does not. Repairs are saved repaired.
        """
        name = naming.source_name(name)
        naming.interval(interval)
        naming.free(name, self.store.sources.list())
        loaded = self._load(plugin)
        spec = loaded.spec()
        model = self._settings.entered(spec, config)
        kept = self._settings.keep_new(loaded, model, config)
        verdict, repaired = self._verifying.passed(name, loaded, model, save_anyway, verification, on_step, kept)
        plain, secrets = configuration.split(repaired)
        source = self.store.sources.add(
            name, plugin, plain, secrets, interval if spec.repeats else None, verdict.as_json()
        )
        self.store.onboardings.done(name, plugin)
        self.sign_ins.used(config)
        logger("openvna.collect").info("source added", plugin=plugin, source=name, verdict=verdict.verdict)
        self._dispatch.schedule.wake()
        return source

    def edit_source(
        self,
        source: str,
        *,
        name: str | None = None,
        config: Mapping[str, JSON] | None = None,
        interval: int | Literal["never"] | None = None,
        save_anyway: bool = False,
        another_account: same_account.Confirmed = False,
        verification: str | None = None,
        on_step: Callable[[Step | Verdict], None] | None = None,
    ) -> Source:
        """Change what is given. `config` is merged as a JSON merge patch (RFC 7396): a secret that is left out stays,
        unless its credential changes kind; one that would be sent to another place must be given again (`InvalidInput`
        names it). Changed settings are verified first, as in `add_source`; re-entering a credential is an edit of
        `credential`. One of another account is refused (`AnotherAccount`) unless `another_account` confirms it."""
        found, secrets_before = self.store.sources.opened(source)
        if name is not None:
            name = naming.source_name(name)
            naming.free(name, (one for one in self.store.sources.list() if one.id != found.id))
        naming.interval(interval)
        plain, secrets, verdict = None, None, None
        if config:
            loaded = self._load(found.plugin)
            model = self._settings.edited(found, secrets_before, loaded.spec(), config)
            if not self.same(found, model):
                kept = self._settings.keep_aside(loaded, model, found, config)
                verdict, model = self._verifying.passed(
                    name or found.name, loaded, model, save_anyway, verification, on_step, kept
                )
                known, scopes = self.store.runs.known(found.id), self.store.runs.scopes(found.id)
                accounts = {scope.account for scope in scopes if scope.account and scope.key in known}
                same_account.hold(found, accounts, verdict, another_account)
                plain, secrets = configuration.split(model)
        saved = self.store.sources.update(
            found.id,
            name=name,
            config=plain,
            secrets=secrets,
            before=(found.config, secrets_before),
            interval=interval,
            verdict=verdict.as_json() if verdict else None,
        )
        self.sign_ins.used(config or {})
        logger("openvna.collect").info("source changed", plugin=found.plugin, source=saved.name)
        self._dispatch.schedule.wake()
        return saved

    def checked(self, plugin: str, config: Mapping[str, JSON], *, source: str | None = None) -> BaseModel:
        """The settings as they would be saved, with nothing tried: of a new source, or of `source` after the change
        `config`, as in `edit_source`. Raises `InvalidInput` with fields."""
        return self._settings.checked(self._load(plugin), config, source)

    def same(self, source: Source, model: BaseModel) -> bool:
        """Whether these are the settings that the source has, its secrets included."""
        return self._settings.same(source, model)

    def stored(self, source: Source) -> BaseModel | None:
        """The settings that the source has, None where they are no longer what the plugin takes."""
        return self._settings.stored(source)

    def pause_source(self, source: str, paused: bool) -> Source:
        """Paused, it is not collected by the schedule; on demand it still is."""
        found = self.store.sources.get(source)
        saved = self.store.sources.update(found.id, paused=paused)
        self._dispatch.schedule.wake()
        return saved

    def delete_source(self, source: str, *, confirm: str) -> dict[str, int]:
        """Delete with all its data. `confirm` must be the source's name. Raises `Conflict` while it is collected."""
        found = self.store.sources.get(source)
        if confirm != found.name:
            raise InvalidInput(
                f"The source {found.name!r} was not deleted.",
                "The confirmation is not its name.",
                f"Give {found.name!r} to confirm that it goes with all its data.",
                (("confirm", f"Type {found.name} exactly."),),
            )
        with self._dispatch.reserved(found):
            gone = self.store.sources.delete(found.id)
        logger("openvna.collect").info("source deleted", plugin=found.plugin, source=found.name, **gone)
        return gone

    # --- collection

    def collect(
        self,
        source: str,
        *,
        types: Collection[str] | None = None,
        scopes: Collection[str] | None = None,
        resource: str | None = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> tuple[RunRow, ...]:
        """Collect every scope of a source, several side by side, and return their runs; only some scopes, some types,
        or one resource, where they are given (see `openvna.collect.extent`). Never raises for a scope or a type that
        fails: that is in the runs. Raises `NotFound`, or `SourceUnusable` when it cannot be opened."""
        self.start_readers(source)
        collection = self.start_collection(source, types=types, scopes=scopes, resource=resource)
        try:
            for event in collection.events() if on_progress is not None else ():
                if event is not None and on_progress is not None:
                    on_progress(event)
            collection.wait()
        except BaseException:  # the caller is interrupted, or cannot go on: let the listings end at their next record
            collection.stop.set()
            collection.wait(4)
            raise
        if collection.error is not None:
            raise collection.error
        return collection.runs

    def start_collection(
        self,
        source: str,
        *,
        types: Collection[str] | None = None,
        scopes: Collection[str] | None = None,
        resource: str | None = None,
    ) -> SourceCollection:
        """The same in the background. Raises `Conflict` while this source is collected already; what is named by its
        scope or as a resource is read beside that, unless it is being read itself."""
        found = self.store.sources.get(source)
        spec = self._load(found.plugin).spec()
        wanted = extent(self.store, found, spec, types, scopes, resource)
        return self._dispatch.start(found, spec, wanted)

    def forecast(
        self,
        source: str,
        *,
        types: Collection[str] | None = None,
        scopes: Collection[str] | None = None,
        resource: str | None = None,
        discover: bool = False,
    ) -> Forecast:
        """What the same collection will ask, and at what rate; nothing is collected. `discover`: the scopes are asked
        for now, which takes a few calls; else they are those of the last collections, and nobody is asked anything.

        Raises `NotFound`, `InvalidInput` where the plugin cannot tell, and `SourceUnusable` where it cannot be opened.
        """
        found = self.store.sources.get(source)
        plugin, config = self._settings.of(found)
        wanted = extent(self.store, found, plugin.spec(), types, scopes, resource)
        with plugin.open(config, self._settings.keep(found, config)) if discover else nullcontext() as session:
            return forecast(self.store, found, plugin, config, wanted, self._workers, self._rest, session)

    def collections(self) -> tuple[SourceCollection, ...]:
        """Those that run now, and those that ended within the last 15 minutes."""
        return self._dispatch.collections()

    def progress(self, timeout: float | None = None) -> Iterator[Progress | None]:
        """Everything that happens in any collection from now on, until the consumer closes it."""
        return self._dispatch.progress.listen(timeout)

    # --- life

    def start_readers(self, source: str | None = None) -> None:
        """From now on let other processes read: a source, or whatever there is. To be called while this process has
        one thread; later nothing happens, and this one reads by itself."""
        try:
            there = self.store.sources.list() if source is None else [self.store.sources.get(source)]
        except OpenVNAError:
            return  # whoever uses it next will say so
        for plugin in {each.plugin for each in there}:
            with suppress(InvalidInput, NotFound):  # a source whose plugin does not load says so itself
                self._load(plugin).spec()
        self._readers.start()

    def start_schedule(self) -> None:
        """From now on, collect every source that is not paused when its interval has passed."""
        self._dispatch.schedule.begin()

    def hang_up(self) -> None:
        """Ask everything to end, and let every listener of an event stream go. Returns at once; `close` follows."""
        if self._hung_up_at is None:
            self._hung_up_at = time.monotonic()
        self._dispatch.hang_up()
        self._verifying.hang_up()
        self.sign_ins.hang_up()

    def close(self) -> None:
        """Stop the schedule, let running listings end at their next record, close the store. Takes at most 5 s,
        counted from `hang_up` where that came first. Safe to repeat."""
        if not self._closed.acquire(blocking=False):
            return
        self.hang_up()
        asked = self._hung_up_at or time.monotonic()
        self._dispatch.wait(asked + 4)
        self._readers.close(within=0.5)
        self.store.close()


def _now() -> datetime:
    return datetime.now(UTC)
