"""Sign-ins that wait for their person, and those that are done: what they gave never leaves the gateway.

Whoever adds, tries or edits a source names a finished sign-in where its secret belongs (`sign-in:ID`); the secret is
put in here, and only where it goes to the same place that the sign-in was begun for.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, SecretStr

from openvna.collect import configuration, destinations
from openvna.collect.feed import Feed
from openvna.collect.forgetting import forget_old, forget_surplus, under_way
from openvna.collect.references import Resolver
from openvna.log import logger, redact
from openvna.model import JSON, Conflict, InvalidInput, NotFound, OpenVNAError, SourceUnusable
from openvna.plugin import SIGN_IN, Plugin
from openvna.plugin.sign_in import Prompt, SignIn, SignInAccount, signing_in
from openvna.store import Source, Store

KEPT = timedelta(minutes=15)
MOST = 50
"""Sign-ins that may wait at once: each has a thread of its own."""
MOST_KEPT = 200
"""Those that are remembered; of more, the ones that began first and have ended are forgotten."""
NAMED = "sign-in:"

SignInWord = Literal["waiting", "signed-in", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class SignInState:
    """How a sign-in stands. `cause`, `reason`, `evidence` and `remedy` say why it failed, and are empty else."""

    state: SignInWord
    cause: str | None = None
    reason: str = ""
    evidence: tuple[str, ...] = ()
    remedy: str = ""


class RunningSignIn:
    """A sign-in that waits in the background for its person; kept for 15 minutes after its end, in this process only.

    Safe to use from several threads.
    """

    def __init__(
        self,
        plugin: str,
        source_id: str | None,
        begun: SignIn,
        config: BaseModel,
        clock: Callable[[], datetime],
    ) -> None:
        self.id = secrets.token_urlsafe(12)
        self.plugin = plugin
        self.source_id = source_id
        self.started_at = clock()
        self.ended_at: datetime | None = None
        """When it ended, or was last used after that."""
        self._clock = clock
        self.prompt: Prompt = begun.prompt
        self.config = config
        """The settings that it began with: where its secret may go."""
        self._begun = begun
        self._secrets: dict[str, str] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._feed: Feed[SignInState] = Feed()
        self._state = SignInState("waiting")
        self._feed.put(self._state)

    @property
    def value(self) -> str:
        """What stands for the secret in the settings of a source."""
        return f"{NAMED}{self.id}"

    @property
    def state(self) -> SignInState:
        return self._state

    def events(self, timeout: float | None = None) -> Iterator[SignInState | None]:
        """From `waiting` on; ends after the last. None as in `Verification.events`."""
        return self._feed.read(timeout)

    def accounts(self) -> tuple[SignInAccount, ...]:
        """Raises `Conflict` while nobody has signed in, `SourceUnusable` where the vendor does not say."""
        with self._asking() as begun:
            return begun.accounts()

    def roles(self, account: str) -> tuple[str, ...]:
        """The same for the roles in an account."""
        with self._asking() as begun:
            return begun.roles(account)

    def secret(self, path: str) -> str | None:
        """What it gave for the setting at this dotted path; None while there is nothing. It is kept anew from then."""
        with self._lock:
            if self._secrets:
                self.ended_at = self._clock()
            return self._secrets.get(path)

    def renewed(self, settings: BaseModel) -> None:
        """What a verification renewed: from now on that is what it gives."""
        with self._lock:
            if self._secrets:
                self._secrets = _secrets(settings)

    def cancel(self) -> None:
        """Nobody waits any more, and what it gave is forgotten. Safe to repeat."""
        self._stop.set()
        if self._state.state == "waiting":
            self._end(SignInState("cancelled"))
        with self._lock:
            self._secrets = {}

    def hang_up(self) -> None:
        self._stop.set()
        self._feed.close()

    def run(self) -> None:
        """Ask until there is an answer, the code is over, or somebody cancels."""
        try:
            wait: float | None = self._begun.interval
            while wait is not None:
                if self._stop.wait(wait):
                    self._end(SignInState("cancelled"))
                    return
                with self._lock:
                    wait = self._begun.ask()
                    if wait is None:
                        self._secrets = _secrets(self._begun.settings())
            self._end(SignInState("signed-in"))
        except SourceUnusable as error:
            self._end(failed(error))
        except Exception as error:  # noqa: BLE001 - a foreign plugin may raise anything; whoever waits must hear of it
            logger("openvna.collect").error("plugin raised", plugin=self.plugin, exc_info=True)
            reason = redact(f"The plugin broke while somebody signed in: {type(error).__name__}.")
            self._end(SignInState("failed", None, reason, (), "Report this to the plugin's makers."))
        finally:
            self._begun.close()

    def _end(self, state: SignInState) -> None:
        if self._state.state != "waiting":
            return
        self._state, self.ended_at = state, self._clock()
        self._feed.put(state)
        self._feed.close()
        log = logger("openvna.collect").bind(plugin=self.plugin)
        if state.state == "failed":
            log.warning("sign-in failed", cause=state.cause, reason=state.reason, remedy=state.remedy)
        else:
            log.info("signed in" if state.state == "signed-in" else "sign-in cancelled")

    @contextmanager
    def _asking(self) -> Iterator[SignIn]:
        """The vendor's side of it, once somebody has signed in; nobody knows how long it is kept, so no connection."""
        with self._lock:
            self._demand_signed_in()
            try:
                yield self._begun
            finally:
                self._begun.close()

    def _demand_signed_in(self) -> None:
        if self._state.state != "signed-in" or not self._secrets:
            raise Conflict(
                "There are no accounts to choose from yet.",
                "Nobody has signed in, or the sign-in has ended without it.",
                "Follow the sign-in until its state is signed-in.",
            )


class SignIns:
    """Those that wait, and those that ended not long ago."""

    def __init__(
        self,
        store: Store,
        load_plugin: Callable[[str], Plugin],
        clock: Callable[[], datetime],
        resolver: Resolver | None = None,
    ) -> None:
        self._resolver = resolver
        self._store = store
        self._load = load_plugin
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[str, RunningSignIn] = {}

    def begin(
        self, plugin: str | None = None, config: Mapping[str, JSON] | None = None, *, source: str | None = None
    ) -> RunningSignIn:
        """Begin a sign-in for new settings (`plugin`, `config`), or for a source with changes to its settings. It goes
        on in the background; the settings of `Gateway.add_source` and the like then name it by its `value`.

        Raises `InvalidInput` with fields, `SourceUnusable` where the vendor gives no code, `Conflict` where too many
        sign-ins wait.
        """
        loaded, settings = self.prepared(plugin, config, source=source)
        source_id = None if source is None else self._store.sources.get(source).id
        return self._start(loaded, settings, source_id)

    def prepared(
        self, plugin: str | None = None, config: Mapping[str, JSON] | None = None, *, source: str | None = None
    ) -> tuple[Plugin, BaseModel]:
        """The plugin, and the settings to begin a sign-in with: as in `begin`, without beginning it."""
        if source is not None:
            found, secrets = self._store.sources.opened(source)
            loaded = self._load(found.plugin)
            return loaded, configuration.repaired(loaded, self._to_renew(found, secrets, config or {}))
        if plugin is None:
            raise InvalidInput(
                "There is nothing to sign in for.", "Neither a plugin nor a source is named.", "Name one of the two."
            )
        loaded = self._load(plugin)
        given = configuration.validate(loaded.spec(), config or {}, self._resolver)
        return loaded, configuration.repaired(loaded, given)

    def _to_renew(self, source: Source, secrets: Mapping[str, str], patch: Mapping[str, JSON]) -> BaseModel:
        """The settings of a source with a change, for a sign-in that gives it a new secret in place of its old one."""
        spec = self._load(source.plugin).spec()
        before = configuration.validate(spec, configuration.merge(source.config, secrets), self._resolver)
        whole = configuration.merge(*configuration.split(_filled(before, "", lambda *_: "", every=True)))
        model = configuration.validate(spec, configuration.patched(spec, whole, patch), self._resolver)
        destinations.hold(source.name, before, model, patch)
        return model

    def _start(self, loaded: Plugin, config: BaseModel, source_id: str | None) -> RunningSignIn:
        begin = signing_in(loaded).begin_sign_in
        with self._lock:
            self._forget()
            if under_way(self._known) >= MOST:
                raise Conflict(
                    "Too many sign-ins wait for their person.",
                    f"At most {MOST} may.",
                    "Finish or cancel one, or wait until their codes are over.",
                )
        running = RunningSignIn(loaded.spec().name, source_id, begin(config), config, self._clock)
        with self._lock:
            forget_surplus(self._known, MOST_KEPT)
            self._known[running.id] = running
        threading.Thread(target=running.run, name=f"sign-in-{running.id}", daemon=True).start()
        return running

    def get(self, sign_in_id: str) -> RunningSignIn:
        with self._lock:
            self._forget()
            found = self._known.get(sign_in_id)
        if found is None:
            raise NotFound(
                f"There is no sign-in {sign_in_id!r}.",
                "It is unknown, it was used for a source, or it ended more than 15 minutes ago.",
                "Start a new one.",
            )
        return found

    def filled(self, model: BaseModel) -> BaseModel:
        """The settings with the secrets of the sign-ins that they name. Raises `InvalidInput` at their fields."""
        return _filled(model, "", lambda path, id: self._secret(model, path, id))

    def told(self, config: Mapping[str, JSON]) -> Callable[[BaseModel], None]:
        """Lets the sign-ins that these settings name know what was renewed of them."""
        ids = tuple(_named(config))

        def tell(settings: BaseModel) -> None:
            for id in ids:
                if (found := self._find(id)) is not None:
                    found.renewed(settings)

        return tell

    def used(self, config: Mapping[str, JSON]) -> None:
        """A source has them now: two sources with one sign-in would take its renewals from each other."""
        for id in _named(config):
            with self._lock:
                self._known.pop(id, None)

    def hang_up(self) -> None:
        with self._lock:
            known = tuple(self._known.values())
        for one in known:
            one.hang_up()

    def _find(self, id: str) -> RunningSignIn | None:
        with self._lock:
            self._forget()
            return self._known.get(id)

    def _secret(self, model: BaseModel, path: str, id: str) -> str:
        found = self._find(id)
        secret = found.secret(path) if found is not None else None
        if found is None or secret is None:
            why = "It is unknown or over." if found is None else f"It is {found.state.state}."
            raise InvalidInput("The sign-in cannot be used.", why, "Sign in again.", ((path, f"{why} Sign in again."),))
        elsewhere = destinations.changed(found.config, model)
        if elsewhere:
            raise InvalidInput(
                "The sign-in cannot be used.",
                f"It was begun for another place: {', '.join(elsewhere)} changed since.",
                "Sign in again.",
                tuple((each, "Sign in again, because this changes.") for each in elsewhere),
            )
        return secret

    def _forget(self) -> None:
        forget_old(self._known, self._clock() - KEPT)


def failed(error: OpenVNAError) -> SignInState:
    """Why a sign-in failed, without a secret in it."""
    evidence = tuple(redact(str(each)) for each in getattr(error, "evidence", ()))
    reason = error.why or error.what if evidence else f"{error.what} {error.why}".strip()
    cause = getattr(error, "cause", "") or None
    return SignInState("failed", cause, redact(reason), evidence, redact(error.remedy))


def _marked(model: BaseModel) -> Iterator[tuple[str, SecretStr]]:
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if isinstance(value, SecretStr):
            if isinstance(field.json_schema_extra, dict) and field.json_schema_extra.get(SIGN_IN) is True:
                yield name, value
        elif isinstance(value, BaseModel):
            yield from ((f"{name}.{path}", secret) for path, secret in _marked(value))


def _secrets(settings: BaseModel) -> dict[str, str]:
    return {path: secret.get_secret_value() for path, secret in _marked(settings) if secret.get_secret_value()}


def _filled(model: BaseModel, above: str, secret: Callable[[str, str], str], every: bool = False) -> BaseModel:
    changes: dict[str, object] = {}
    for path, given in _marked(model):
        name, _, below = path.partition(".")
        if below or not (every or given.get_secret_value().startswith(NAMED)):
            continue
        id = given.get_secret_value().removeprefix(NAMED)
        changes[name] = SecretStr(secret(f"{above}{name}", id))
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            inner = _filled(value, f"{above}{name}.", secret, every)
            if inner is not value:
                changes[name] = inner
    return model.model_copy(update=changes) if changes else model


def _named(value: object) -> Iterator[str]:
    """The ids of the sign-ins that settings name, wherever they stand."""
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _named(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _named(item)
    elif isinstance(value, str) and value.startswith(NAMED):
        yield value.removeprefix(NAMED)
