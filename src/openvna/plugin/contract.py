"""The contract between a plugin and the rest, on one screen.

A plugin is an object with a `Spec` that can prove an access and open it. An opened access is a session: it holds
connections and renewed credentials for as long as it is open, so that a plugin keeps no state between calls.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol, Self, TypeAlias, runtime_checkable

from pydantic import BaseModel

from openvna.model import Calls, Failure, Resource, Scope
from openvna.plugin.cause import Cause
from openvna.plugin.declaration import TypeSpec
from openvna.plugin.feature import Feature
from openvna.plugin.permissions import Denied
from openvna.plugin.verification import Step, Verdict

DESTINATION = "x-openvna-destination"
"""The mark of a setting that says where secrets are sent, such as an address or a proxy:
`Field(..., json_schema_extra={DESTINATION: True})`. Whoever sets it anew must enter the secrets again."""


SIGN_IN = "x-openvna-sign-in"
"""The mark of a secret setting that a person does not type but gets by signing in (`openvna.plugin.SignsIn`):
`Field(..., json_schema_extra={SIGN_IN: True})`."""

ENTERED_ANEW = "x-openvna-entered-anew"
"""The mark of a setting that belongs to the secrets beside it, such as the end of a session:
`Field(..., json_schema_extra={ENTERED_ANEW: True})`. New secrets without it drop it."""

Keep: TypeAlias = Callable[[BaseModel], BaseModel | None]
"""Keeps renewed settings (secrets included) with the source: a plugin calls it whenever a credential that it renewed
must outlive the session, with the whole settings. It may be called from any thread, and never raises.

Nothing is kept where somebody changed that credential meanwhile, or another process renewed it first. Then it returns
the settings that the source has now: go on with those, or do not call it again. Otherwise it returns None. Called with
settings in which nothing is new, it keeps nothing and tells in the same way whether the source has others by now.
"""


@dataclass(frozen=True, slots=True)
class Spec:
    """What a plugin is. `config` is the model of its settings: its JSON Schema draws the form and the OpenAPI.

    Secret settings are `pydantic.SecretStr` there (`writeOnly` in the schema), and only those.
    """

    name: str
    title: str
    version: str
    description: str
    config: type[BaseModel]
    types: tuple[TypeSpec, ...]
    repeats: bool = True
    """False for a source that only changes when someone brings a newer state (a folder of files)."""
    features: tuple[Feature, ...] = ()
    """What permissions are given for. Empty: the plugin knows no permissions."""
    look: tuple[str, ...] = ()
    """The few types that show when somebody begins to use a scope. While a scope rests, because nothing is in it but
    what the vendor gives (`TypeSpec.given`), the schedule lists these alone. Empty: no scope rests."""


@dataclass(frozen=True, slots=True)
class Record:
    """One resource, seen now. `fingerprint` is that of the piece of the vendor's answer that it was read from (see
    `Before`), with 2 bytes more where the piece holds several: how many, the most significant first. None where there
    is none."""

    resource: Resource
    fingerprint: bytes | None = None


@dataclass(frozen=True, slots=True)
class Complete:
    """Everything of this type in this scope has been sent: what was not among it is gone. `by_call` is what `calls`
    sums up, by the vendor's name of each call."""

    type: str
    calls: Calls = Calls()
    by_call: Mapping[str, Calls] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Problem:
    """This type could not be listed completely in this scope. Nothing may be retired for it."""

    type: str
    failure: Failure
    calls: Calls = Calls()
    by_call: Mapping[str, Calls] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ScopeProblem:
    """A part of the source that could not be found or entered (an account whose role refuses us)."""

    scope: Scope
    failure: Failure


class Before(Protocol):
    """What was recorded of a scope before. Safe to use from several threads.

    A plugin that can tell the pieces of an answer apart without reading them gives each a fingerprint of 8 bytes, and
    need not read those that are known. A fingerprint covers whatever the resources are made of: the piece itself, and
    the version of what reads it. It is keyed with `key`, so that nobody can make two pieces with the same one.
    """

    @property
    def key(self) -> bytes:
        """At most 32 bytes; the same for all collections of a source."""
        ...

    def unchanged(self, type: str, fingerprints: Sequence[bytes]) -> Sequence[bool]:
        """Which pieces are known: what was in them counts as recorded now."""
        ...

    def whole_page(self, type: str, fingerprint: bytes) -> bool:
        """Whether a page, which is many pieces, is known: what was in it counts as recorded now."""
        ...

    def page_read(self, type: str, fingerprint: bytes, pieces: Sequence[bytes]) -> None:
        """A page was read: all pieces that are in it, by their fingerprints. They are asked about or sent as well."""
        ...


class Session(Protocol):
    """An opened access. Safe to use from several threads at once; used as a context manager."""

    def discover(self) -> Iterator[Scope | ScopeProblem]:
        """The scopes of this access, found by itself. Safe to repeat.

        A scope that was there before and is not any more may have left, unless a `ScopeProblem` stands for it or for
        what it is in (by the parts of the keys): then nobody knows. `KnowsLeft` is how a session says that it has.
        """
        ...

    def collect(
        self, scope: Scope, types: Collection[str] | None = None, before: Before | None = None
    ) -> Iterator[Record | Complete | Problem]:
        """Stream what is in a scope. What `before` says is unchanged is not sent again.

        For each wanted type (all when None): any number of `Record`, then exactly one `Complete` or `Problem`.
        Records of different types may be mixed. Never raises for a refused, throttled or broken call: that is a
        `Problem`, and the other types go on. Reads only; safe to repeat and safe to abandon half-way.
        """
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...


@runtime_checkable
class HangsUp(Protocol):
    """A session that can be told to end. One that cannot is left at its next record."""

    def hang_up(self) -> None:
        """End every wait, and every listing soon. Called from any thread, at any time; safe to repeat. What was not
        read completely by then is a `Problem`."""
        ...


class Plugin(Protocol):
    def spec(self) -> Spec:
        """What this plugin is. No network, no files, no credentials."""
        ...

    def verify(
        self, config: BaseModel, keep: Keep | None = None, again: Collection[Denied] = ()
    ) -> Iterator[Step | Verdict]:
        """Try the access: a stream of steps as they happen, then exactly one `Verdict`, last.

        No side effects but a credential renewed, which goes to `keep`; never raises for a bad credential; never shows
        a secret. Bounded in time. Without `keep` there is nothing to keep it with. What was denied before (`again`)
        is tried, so that a right that was given since is seen.
        """
        ...

    def open(self, config: BaseModel, keep: Keep | None = None) -> Session:
        """Open the access; what is renewed while it is open goes to `keep`. Raises `SourceUnusable` when there is
        nothing to try with."""
        ...

    def causes(self) -> tuple[Cause, ...]:
        """The catalogue of causes: all that `verify` and a session may name. No network, no files."""
        ...

    def explain(self, cause: str) -> Cause | None:
        """The entry of a cause's id; None for one that is not in the catalogue."""
        ...

    def repair(self, config: BaseModel) -> BaseModel:
        """The settings with what can be undone with certainty undone (a percent-encoded secret). No network."""
        ...
