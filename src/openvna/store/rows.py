"""What the store gives back: plain, frozen rows. Times are timezone-aware UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Literal, TypeVar

from openvna.model import JSON, Calls, Failure, FieldChange, Outcome, RunState

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a listing. `cursor` continues it, None on the last page; `total` counts all that match,
    None where counting was not asked for."""

    items: tuple[T, ...]
    cursor: str | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A configured plugin. `config` never holds a secret; `secrets` names the secret settings that are stored,
    by their dotted path (`credential.secret_access_key`). `interval` is in seconds, None: only on demand.
    `applied_from` is the file or folder that it was applied from last, empty where nobody applied it."""

    id: str
    name: str
    plugin: str
    config: Mapping[str, JSON]
    secrets: tuple[str, ...]
    paused: bool
    interval: int | None
    created_at: datetime
    updated_at: datetime
    verdict: Mapping[str, JSON] | None = None
    verified_at: datetime | None = None
    last_run_at: datetime | None = None
    applied_from: str = ""


@dataclass(frozen=True, slots=True)
class Onboarding:
    """A source that is being set up. `external_id` is what its other side is asked to trust: ours alone, and the same
    until the source is saved. `options` say how it is set up, `config` are the settings so far, without secrets."""

    id: str
    name: str
    plugin: str
    external_id: str
    options: Mapping[str, JSON]
    config: Mapping[str, JSON]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class AccountPermissions:
    """What a verification found to be allowed in one account: the cells of its matrix as JSON, in their order."""

    account: str
    tried_at: datetime
    cells: tuple[Mapping[str, JSON], ...]


@dataclass(frozen=True, slots=True)
class Loss:
    """A type that collections were denied in one scope, since when, and since when it can be read again (None: it
    cannot). `type` is empty where nothing of the scope could be read."""

    account: str
    region: str
    type: str
    since: datetime
    back_at: datetime | None
    failure: Failure


@dataclass(frozen=True, slots=True)
class RunRow:
    """One collection of one scope. The counts are of resources; `problems` counts types not listed completely.
    `extent` says what it was about, empty for the whole scope."""

    id: str
    source_id: str
    source: str
    scope: str
    account: str
    region: str
    state: RunState
    started_at: datetime
    finished_at: datetime | None
    seen: int
    created: int
    updated: int
    deleted: int
    problems: int
    calls: Calls
    failure: Failure | None = None
    extent: str = ""


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """How the listing of one type ended in one run."""

    run_id: str
    type: str
    outcome: Outcome
    seen: int
    created: int
    updated: int
    deleted: int
    calls: Calls
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class CallRow:
    """What one kind of call cost in one run, or in several together. `name` is the vendor's, such as
    `ec2:DescribeVpcs`."""

    name: str
    calls: Calls


@dataclass(frozen=True, slots=True)
class KnownScope:
    """What the last run of a scope left: resources by type, and how often each call was made, retries not counted."""

    resources: Mapping[str, int]
    calls: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Coverage:
    """What is known of one type in one scope: the last try, and the last time the listing was complete."""

    source_id: str
    source: str
    scope: str
    account: str
    region: str
    type: str
    outcome: Outcome
    tried_at: datetime
    complete_at: datetime | None
    resources: int
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Trouble:
    """One way in which a type of a source could not be listed completely, though the vendor has it, and its places:
    account and region, or the key of the scope where that has no region. `resources` are those that are known of it
    there all the same."""

    source_id: str
    source: str
    type: str
    outcome: Outcome
    failure: Failure | None
    places: frozenset[tuple[str, str]]
    resources: int


@dataclass(frozen=True, slots=True)
class TypeCoverage:
    """What is known of one type in all scopes: how many there are, how many ended how, in how many it was complete at
    some time, and the oldest of these times."""

    type: str
    scopes: int
    outcomes: Mapping[Outcome, int]
    complete: int
    complete_at: datetime | None


@dataclass(frozen=True, slots=True)
class ScopeRow:
    """A scope of a source. `looked_at` is when anything of it was last asked for, `complete_at` since when all that is
    listed of it has been listed completely (None: never). Until `rests_until` the schedule only looks whether it is
    still as empty as it was `empty_runs` times in a row; None: it does not rest."""

    key: str
    account: str
    region: str
    resources: int
    looked_at: datetime | None
    complete_at: datetime | None
    rests_until: datetime | None
    empty_runs: int


@dataclass(frozen=True, slots=True)
class RegionCoverage:
    """What is known of one type in one region of all accounts of a source: in how many places it was asked for, in
    how many of them it could not be listed completely, and one of those."""

    region: str
    type: str
    places: int
    troubled: int
    resources: int
    example: Coverage | None = None


@dataclass(frozen=True, slots=True)
class ResourceRow:
    """A resource as it stands in a listing.

    `confirmed_at` is the last complete listing of its type in its scope that held it; `stale` is true when a
    later try did not list the type completely: the resource is then "unknown, last seen", not gone.
    `deleted_at` is set for a resource that a complete listing no longer held.
    """

    key: int
    id: str
    alias: str
    type: str
    kind: str
    name: str
    account: str
    region: str
    source_id: str
    source: str
    tags: Mapping[str, str]
    attributes: Mapping[str, JSON]
    version: int
    first_seen: datetime
    changed_at: datetime
    confirmed_at: datetime | None
    stale: bool
    deleted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RelationRow:
    """One link of a resource. `other` is None when the other end has not been collected: then `to` alone names it.

    `direction` is seen from the resource that was asked about.
    """

    name: str
    direction: Literal["out", "in"]
    to: str
    other: ResourceRow | None = None


@dataclass(frozen=True, slots=True)
class QuotaUse:
    """A bound, and how many there are of what it bounds: resources of the type `counts`, of which only those count that
    `counts_where` (ATTRIBUTE=VALUE) names. `percent` of `maximum` are `used`, each a whole 100 of a maximum of 0; where
    the bound is one for each value of the attribute `counts_by`, `used` and `most` are those of the one that has most.

    `used` is None where nobody knows it: `counts` is empty then, or the type was never listed to its end. `outcome` is
    how its last listing ended (None: there was none). `stale` is true when the bound, or what is counted, could not be
    listed completely at the last try: then it is what was last seen. `maximum` is None where the vendor names none."""

    id: str
    alias: str
    name: str
    account: str
    region: str
    source: str
    counts: str
    maximum: float | None
    used: int | None
    percent: int | None
    most: str
    stale: bool
    source_id: str
    service: str
    counts_by: str = ""
    counts_where: str = ""
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version of a resource: what it was from `valid_from` until `valid_to` (None: still)."""

    number: int
    valid_from: datetime
    valid_to: datetime | None
    run_id: str
    name: str
    tags: Mapping[str, str]
    attributes: Mapping[str, JSON]
    document: Mapping[str, JSON]
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class ResourceDetail:
    """A resource with its document and its links both ways. `incoming` counts the links to it by their name, also
    those that were not asked for."""

    resource: ResourceRow
    document: Mapping[str, JSON]
    relations: tuple[RelationRow, ...]
    incoming: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A change with what it was about, before and after. `sequence` grows with every change. `reason` says why it is
    gone where no listing said so (its account left); empty else."""

    sequence: int
    kind: str
    at: datetime
    run_id: str
    resource_id: str
    alias: str
    type: str
    name: str
    account: str
    region: str
    source_id: str
    source: str
    fields: tuple[FieldChange, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """What to list. Empty means any. `where` compares an attribute (dotted path allowed) with a text; `tags` a tag
    (None: has the tag at all); `text` searches ids, names, addresses and tags; `at` asks for a past moment."""

    type: str | None = None
    kind: str | None = None
    source_id: str | None = None
    account: str | None = None
    region: str | None = None
    where: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str | None] = field(default_factory=dict)
    text: str = ""
    deleted: bool = False
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class User:
    id: str
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SignIn:
    """A signed-in browser. `csrf` is the token that every unsafe request of this session must carry."""

    user: User
    csrf: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Token:
    """An API token, without its value: that is shown once, when it is made. `scopes`: read, write, admin."""

    id: str
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
