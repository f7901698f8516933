"""The shapes of what goes out, where they are not rows of the store as they stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from openvna.collect.sign_ins import SignInWord
from openvna.model import JSON, Failure, Kind
from openvna.northbound.rest.auth import Scope
from openvna.plugin import Feature, Step, Stub, TypeSpec, Verdict
from openvna.plugin.onboarding import OnboardingPlan, Way
from openvna.store import Onboarding, RelationRow, ResourceRow, Token, User


@dataclass(frozen=True, slots=True)
class Health:
    """The server answers. `version` is the product's."""

    status: Literal["ok"]
    version: str


@dataclass(frozen=True, slots=True)
class Session:
    """Who is signed in: a `user` with a browser session, or a `token`. `csrf` is what every change with the session's
    cookie must carry in X-CSRF-Token."""

    user: User | None
    token: Token | None
    scopes: tuple[Scope, ...]
    csrf: str | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class PluginSummary:
    """An installed plugin. `repeats` is false when its sources only change when someone brings a newer state; `types`
    counts its resource types."""

    name: str
    title: str
    version: str
    description: str
    repeats: bool
    types: int


@dataclass(frozen=True, slots=True)
class PluginDescription:
    """A plugin: `config` is the JSON Schema of its settings (secrets are `writeOnly` there), `features` are what
    permissions are given for, `permissions` all that its types need."""

    name: str
    title: str
    version: str
    description: str
    repeats: bool
    config: Mapping[str, JSON]
    types: tuple[TypeSpec, ...]
    features: tuple[Feature, ...]
    permissions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OnboardingWays:
    """The ways to set up a source of a plugin, the best first, and the JSON Schema of their options."""

    plugin: str
    ways: tuple[Way, ...]
    options: Mapping[str, JSON]


@dataclass(frozen=True, slots=True)
class OnboardingState(Onboarding):
    """A source that is being set up, with all that is to be done for it on the other side."""

    way: Way
    plan: OnboardingPlan


@dataclass(frozen=True, slots=True)
class OnboardingSettings:
    """The settings of a source whose other side is set up, without the secrets of its credential."""

    name: str
    plugin: str
    config: Mapping[str, JSON]


@dataclass(frozen=True, slots=True)
class VerificationState:
    """A verification: each step as it stands, and the verdict once it is `finished`."""

    id: str
    plugin: str
    source_id: str | None
    started_at: datetime
    state: Literal["running", "finished"]
    steps: tuple[Step, ...]
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class StartedSignIn:
    """A sign-in with the vendor. The person confirms `code` at `url`, or opens `complete_url`, which has it already.
    `value` stands for its secret in the settings of a source. `cause`, `reason`, `evidence` and `remedy` say why it is
    `failed`, and are empty else."""

    id: str
    value: str
    plugin: str
    source_id: str | None
    started_at: datetime
    url: str
    complete_url: str
    code: str
    code_ends_at: datetime
    state: SignInWord
    cause: str | None
    reason: str
    evidence: tuple[str, ...]
    remedy: str


@dataclass(frozen=True, slots=True)
class SignInRole:
    """A role that the person who signed in may choose."""

    name: str


@dataclass(frozen=True, slots=True)
class CollectionState:
    """How far a collection is. `seen` counts resources: in scopes that are finished all of them, in others those that
    were read so far, without what is as it was. `problems` counts types that could not be listed completely. `failure`
    is why the collection as a whole came to nothing."""

    id: str
    source_id: str
    source: str
    state: Literal["running", "finished"]
    started_at: datetime
    finished_at: datetime | None
    scopes: int
    scopes_finished: int
    seen: int
    problems: int
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Deleted:
    """How many of each noun went with a source."""

    deleted: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Relation(RelationRow):
    """One link of a resource. Where nobody has collected the other end (`other` is null), `stub` says what its name
    tells: its type, account and region, each empty where it does not."""

    stub: Stub | None = None


@dataclass(frozen=True, slots=True)
class WholeResource(ResourceRow):
    """A resource with its relations both ways and the vendor's own document. `incoming` counts the links to it by
    their name, also those that `most_incoming` leaves out of `relations`."""

    document: Mapping[str, JSON] = field(default_factory=dict)
    relations: tuple[Relation, ...] = ()
    incoming: Mapping[str, int] = field(default_factory=dict)


TypeState = Literal["complete", "partial", "unknown", "not-tried"]


@dataclass(frozen=True, slots=True)
class ResourceType:
    """How many resources of a type there are, and how complete that is.

    `state` is `complete` when the last listing was complete in every scope, `partial` when some were once listed
    completely, `unknown` when none ever was (denied everywhere, say), `not-tried` when nobody has asked yet.
    `outcomes` counts scopes by how their last listing ended; `complete_at` is the moment since which everything is
    known, null when some scope was never listed completely. `kind` is null for a type that no installed plugin
    declares.
    """

    type: str
    kind: Kind | None
    title: str
    columns: tuple[str, ...]
    resources: int
    state: TypeState
    scopes: int
    outcomes: Mapping[str, int]
    complete_at: datetime | None


@dataclass(frozen=True, slots=True)
class Facets:
    """The distinct values that the inventory holds."""

    account: tuple[str, ...]
    region: tuple[str, ...]
    type: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NewTokenValue(Token):
    """A token as it is made: `value` is shown this once."""

    value: str = ""
