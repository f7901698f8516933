"""The accounts of an AWS organization, by a few calls of AWS Organizations: no more than the filters need.

The calls are those that the management account and every delegated administrator may make (Organizations API
reference). A page holds 20 at most, and an empty page may be followed by a full one, so that only the token ends a
listing. The filters are `openvna.plugins.aws.organization_settings`.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from openvna.plugins.aws.api import CallError, Credentials
from openvna.plugins.aws.endpoints import HOME_REGIONS
from openvna.plugins.aws.faults import THROTTLED
from openvna.plugins.aws.organization_settings import AccountFilter, Organization
from openvna.plugins.aws.organization_units import Unit, Units
from openvna.plugins.aws.query import Query
from openvna.plugins.aws.retries import AT_ONCE, Turns

ACTIONS = (
    "organizations:DescribeOrganization",
    "organizations:ListAccounts",
    "organizations:ListAccountsForParent",
    "organizations:ListOrganizationalUnitsForParent",
    "organizations:ListRoots",
    "organizations:ListTagsForResource",
)
"""What the credential that lists the accounts may need to do; the last four only for filters by unit and by tag."""

_FOR_UNITS = frozenset(ACTIONS[2:5])
_REGIONS: Mapping[str, str] = {"aws-cn": "cn-northwest-1"}
"""Where the one endpoint of a partition is, if not in its first region (botocore/data/endpoints.json)."""
_PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0, 8.0)
"""Seconds between tries while Organizations says that it is asked too fast: its limits are a few calls a second."""
_WIDTH = 4
"""Accounts whose tags are asked for side by side."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the organization. `state` is ACTIVE, SUSPENDED, PENDING_CLOSURE, ... as AWS says it; `raw`
    is all that it says."""

    id: str
    name: str
    state: str
    raw: Mapping[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A filter that does not fit the organization: the id of the cause, what was entered, and a sentence.

    `lasting`: it is no mistake that only shows while the settings are new, but something to be told each time.
    `near` is what was probably meant.
    """

    cause: str
    entry: str
    said: str
    near: str = ""
    lasting: bool = False


@dataclass(slots=True)
class Membership:
    """What an organization holds of the accounts that the filters ask for.

    `accounts` are those that were listed, `chosen` the ids of those that are meant, in order; `left_out` says why the
    others are not, with their ids.
    """

    accounts: tuple[Account, ...] = ()
    chosen: tuple[str, ...] = ()
    left_out: dict[str, list[str]] = field(default_factory=dict)
    mismatches: list[Mismatch] = field(default_factory=list)


class Directory:
    """Asks Organizations. `credentials` are those of the account that may list the others. Raises `CallError`."""

    def __init__(
        self,
        query: Query,
        partition: str,
        credentials: Callable[[], Credentials],
        pause: Callable[[float], None] = time.sleep,
        seconds: float | None = None,
        turns: Turns = AT_ONCE,
    ) -> None:
        """`seconds`: for how long it is asked, from now on; None: for as long as it takes. `turns` says when a call may
        be made."""
        self._query = query
        self._region = _REGIONS.get(partition, HOME_REGIONS[partition])
        self._credentials = credentials
        self._pause = pause
        self._turns = turns
        self._seconds = seconds
        self._until = None if seconds is None else time.monotonic() + seconds

    @property
    def region(self) -> str:
        """The region that Organizations of this partition is in."""
        return self._region

    def describe(self) -> tuple[str, str]:
        """The ids of the organization and of its management account. Every account of it may ask that."""
        found = self._call("DescribeOrganization", {}).get("Organization", {})
        return str(found.get("Id", "")), str(found.get("MasterAccountId", ""))

    def accounts(self, parent: str = "") -> Iterator[Account]:
        """All accounts; with `parent`, those that are in this unit or root itself."""
        if parent:
            pages = self._pages("ListAccountsForParent", "Accounts", ParentId=parent)
        else:
            pages = self._pages("ListAccounts", "Accounts")
        for each in pages:
            # `Status` is what `State` was called until September 2026 (botocore, shape Account).
            state = str(each.get("State") or each.get("Status") or "ACTIVE")
            yield Account(str(each["Id"]), str(each.get("Name", "")), state, each)

    def roots(self) -> tuple[str, ...]:
        """The ids of the roots: there is one."""
        return tuple(str(each["Id"]) for each in self._pages("ListRoots", "Roots"))

    def units(self, parent: str) -> tuple[tuple[str, str], ...]:
        """Ids and names of the units right below a unit or root."""
        found = self._pages("ListOrganizationalUnitsForParent", "OrganizationalUnits", ParentId=parent)
        return tuple((str(each["Id"]), str(each.get("Name", ""))) for each in found)

    def tags(self, account: str) -> dict[str, str]:
        """The tags of an account itself: those of the units above it are not its own."""
        found = self._pages("ListTagsForResource", "Tags", ResourceId=account)
        return {str(each["Key"]): str(each.get("Value", "")) for each in found}

    def _pages(self, operation: str, member: str, **params: str) -> Iterator[Mapping[str, Any]]:
        token, before = "", set[str]()
        while True:
            answer = self._call(operation, {**params, **({"NextToken": token} if token else {})})
            yield from answer.get(member) or ()
            token = str(answer.get("NextToken") or "")
            if not token:
                return
            if token in before:
                raise CallError(
                    operation, "", "The same page came twice: the list would never end.", cause="X-UNEXPECTED"
                )
            before.add(token)

    def _call(self, operation: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        if self._until is not None and time.monotonic() > self._until:
            what = f"The organization could not be listed within {self._seconds:.0f} s: it takes a few calls a second."
            raise CallError(operation, "", what, cause="T-THROTTLED")
        turn = self._turns("organizations", self._region, operation, params)
        for wait in (*_PAUSES, None):
            turn.wait()
            try:
                return self._query.call_json(
                    "organizations", operation, self._region, params, self._credentials()
                ).members
            except CallError as error:
                if wait is None or (error.code not in THROTTLED and error.status != 429):
                    raise
                turn.throttled(error.retry_after)
                self._pause(wait)
        raise AssertionError  # the last round returns or raises


def actions(settings: Organization) -> tuple[str, ...]:
    """What the credential must be allowed in order to list the accounts that the settings ask for."""
    needed = set(ACTIONS[:2])
    if settings.include.ous or settings.exclude.ous:
        needed |= _FOR_UNITS
    if settings.include.tags or settings.exclude.tags:
        needed.add(ACTIONS[5])
    return tuple(sorted(needed))


def members(directory: Directory, settings: Organization, own: str = "") -> Membership:
    """The accounts that the settings ask for. `own` is the account of the credential. Raises `CallError`."""
    found = Membership()
    units = Units(directory)
    included, excluded = settings.include, settings.exclude
    within = _within(units, included.ous, found)
    # A unit that cannot be told from another is no unit: to guess would read accounts that were not meant.
    without = _within(units, excluded.ous, found)
    if any(each.cause == "O-OU-AMBIGUOUS" for each in found.mismatches):
        return found
    if included.ous:
        found.accounts = tuple(units.accounts(within))
    else:
        found.accounts = tuple(sorted(directory.accounts(), key=lambda each: each.id))
    kept = _Sieve(found)
    kept.drop("not active", lambda each: each.state != "ACTIVE")
    if included.accounts:
        kept.drop("not among the account ids", lambda each: each.id not in included.accounts)
    kept.drop("excluded by its id", lambda each: each.id in excluded.accounts)
    if without:
        barred = {each.id for each in units.accounts(without)}
        kept.drop("in an excluded unit", lambda each: each.id in barred)
    if settings.own_account == "leave-out":
        kept.drop("the account of the credential itself", lambda each: each.id == own)
    _by_tags(directory, included, excluded, kept, found)
    found.chosen = tuple(each.id for each in kept.accounts)
    _unmatched_ids(settings, found)
    return found


class _Sieve:
    """The accounts that are left after each filter, and why the others are not."""

    def __init__(self, found: Membership) -> None:
        self.accounts = list(found.accounts)
        self._left_out = found.left_out

    def drop(self, why: str, test: Callable[[Account], bool]) -> None:
        dropped = [each.id for each in self.accounts if test(each)]
        if dropped:
            self._left_out[why] = dropped
            self.accounts = [each for each in self.accounts if each.id not in set(dropped)]


def _within(units: Units, entries: Sequence[str], found: Membership) -> list[Unit]:
    """The units that are meant; those that are none, or several, among the mismatches of `found`."""
    meant: list[Unit] = []
    for entry in entries:
        fitting = units.find(entry)
        if len(fitting) == 1:
            meant.append(fitting[0])
            if not any(True for _ in units.accounts(fitting)):
                found.mismatches.append(Mismatch("O-NO-MATCH", entry, f"No account is in the unit {entry!r}."))
        elif fitting:
            paths = ", ".join(f"{each.path} ({each.id})" for each in fitting)
            said = f"{len(fitting)} organizational units are called {entry!r}: {paths}."
            found.mismatches.append(Mismatch("O-OU-AMBIGUOUS", entry, said, lasting=True))
        else:
            near = units.near(entry)
            said = f"The organization has no organizational unit {entry!r}."
            found.mismatches.append(Mismatch("O-OU-UNKNOWN", entry, said, near, lasting=True))
    return meant


def _by_tags(
    directory: Directory, included: AccountFilter, excluded: AccountFilter, kept: _Sieve, found: Membership
) -> None:
    """Filter by tags, which are asked for account by account: last, when only few are left."""
    if not (included.tags or excluded.tags) or not kept.accounts:
        return
    with ThreadPoolExecutor(max_workers=_WIDTH, thread_name_prefix="tags") as pool:
        ids = [each.id for each in kept.accounts]
        tags = dict(zip(ids, pool.map(directory.tags, ids), strict=True))
    for entry in dict.fromkeys((*included.tags, *excluded.tags)):
        if not any(_has(each, (entry,)) for each in tags.values()):
            seen = {f"{key}={value}" if "=" in entry else key for each in tags.values() for key, value in each.items()}
            said = f"No account of the {len(tags)} that were left to look at has the tag {entry!r}."
            found.mismatches.append(Mismatch("O-NO-MATCH", entry, said, _nearest(entry, seen)))
    if included.tags:
        kept.drop("without the tag", lambda each: not _has(tags[each.id], included.tags))
    kept.drop("with an excluded tag", lambda each: _has(tags[each.id], excluded.tags))


def _has(tags: Mapping[str, str], wanted: Iterable[str]) -> bool:
    """Whether one of the wanted `key=value` or `key` is among the tags."""
    for each in wanted:
        key, sign, value = each.partition("=")
        if key in tags and (not sign or tags[key] == value):
            return True
    return False


def _unmatched_ids(settings: Organization, found: Membership) -> None:
    known = {each.id: each for each in found.accounts}
    place = "in none of the organizational units" if settings.include.ous else "not in the organization"
    for id in settings.include.accounts:
        if id not in known:
            said = f"Account {id} is {place}."
            found.mismatches.append(Mismatch("O-NOT-IN-ORG", id, said, _nearest(id, known, 0.9), lasting=True))
        elif known[id].state != "ACTIVE":
            said = f"Account {id} ({known[id].name}) is {known[id].state}."
            found.mismatches.append(Mismatch("O-NOT-ACTIVE", id, said, lasting=True))
    if not settings.include.ous:  # else most of the organization was not looked at
        for id in settings.exclude.accounts:
            if id not in known:
                said = f"The excluded account {id} is not in the organization."
                found.mismatches.append(Mismatch("O-NOT-IN-ORG", id, said, _nearest(id, known, 0.9)))


def _nearest(entry: str, among: Iterable[str], cutoff: float = 0.75) -> str:
    import difflib

    choices = {each.lower(): each for each in among}
    near = difflib.get_close_matches(entry.lower(), list(choices), 1, cutoff)
    return choices[near[0]] if near else ""


def described(found: Membership) -> tuple[str, ...]:
    """In short facts how many accounts are chosen, and why the others are not."""
    facts = [f"{len(found.chosen)} of {len(found.accounts)} accounts are chosen."]
    states = Counter(each.state for each in found.accounts if each.state != "ACTIVE")
    for why, ids in found.left_out.items():
        more = f" ({', '.join(f'{count} {state}' for state, count in sorted(states.items()))})"
        facts.append(f"Left out, {why}{more if why == 'not active' else ''}: {listed(ids)}.")
    return tuple(facts)


def listed(ids: Sequence[str], most: int = 10) -> str:
    """Account ids as a person reads them: a few, and how many more."""
    shown = ", ".join(ids[:most])
    return f"{shown} and {len(ids) - most} more" if len(ids) > most else shown
