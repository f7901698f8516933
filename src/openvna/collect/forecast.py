"""What a collection will ask, and at what rate, told before it is made: a dry run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from heapq import merge
from itertools import groupby

from pydantic import BaseModel

from openvna.collect.extent import Extent, no_such_scope
from openvna.collect.redacted import redacted
from openvna.collect.resting import Resting
from openvna.log import redact
from openvna.model import Failure, InvalidInput, Scope
from openvna.plugin import Plugin, ScopeProblem, Session
from openvna.plugin.forecast import Demand, Foretells, Known
from openvna.store import Source, Store

MOST_WORKERS = 256
"""Scopes side by side, at most (`OPENVNA_WORKERS`)."""
DETAILED = 100
"""Places of which each API is told. Of more, the APIs are added up over all places."""


@dataclass(frozen=True, slots=True)
class ApiForecast:
    """What will be asked of one API, in one place or in all together (`places`).

    `fixed` of the `calls` are made whatever there is; the others are estimated. `at_once` and `per_second` are what
    the source may use (None: nothing bounds it) in the place where it takes longest, `seconds` how long it takes there
    at least. `said_by` is who says what the vendor grants.
    """

    api: str
    calls: int
    fixed: int
    places: int
    at_once: float | None
    per_second: float | None
    seconds: float
    said_by: str


@dataclass(frozen=True, slots=True)
class PlaceForecast:
    """What will be asked in one region of an account (empty: of what is global). `slowest` is the API that takes
    longest there; `apis` are told where the places are few."""

    account: str
    region: str
    calls: int
    fixed: int
    seconds: float
    slowest: str
    apis: tuple[ApiForecast, ...] = ()


@dataclass(frozen=True, slots=True)
class ScopeRefusal:
    """A scope that could not be found or entered, and why: nothing is counted for it."""

    account: str
    region: str
    failure: Failure


@dataclass(frozen=True, slots=True)
class ScheduleForecast:
    """What the schedule asks each time: `resting` of the scopes are only looked at. The least `seconds` as in
    `Forecast`."""

    resting: int
    calls: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a collection of a source on demand will ask, and what one by the schedule (`scheduled`: None where there is
    none of the whole source). `discovered`: its scopes were asked for now, else they are those of the last collections.
    `new_scopes` of them were never collected. `seconds` is the least that it takes, by the rates alone and with so many
    `workers`. `notes` say what is estimated, and what is not counted."""

    source_id: str
    source: str
    discovered: bool
    scopes: int
    new_scopes: int
    calls: int
    fixed: int
    seconds: float
    workers: int
    notes: tuple[str, ...]
    apis: tuple[ApiForecast, ...]
    places: tuple[PlaceForecast, ...]
    refused: tuple[ScopeRefusal, ...] = ()
    scheduled: ScheduleForecast | None = None


def forecast(
    store: Store,
    source: Source,
    plugin: Plugin,
    config: BaseModel,
    extent: Extent,
    workers: int,
    rest: timedelta,
    session: Session | None,
) -> Forecast:
    """What collecting this much of a source will ask. With a `session` its scopes are asked for; else they are those
    of the last collections, and nobody is asked anything. One resource is counted as the list that it is in. `rest` is
    how long an empty scope rests at most. Raises `InvalidInput` where the plugin cannot tell, or no scope is called as
    was asked for."""
    if not isinstance(plugin, Foretells):
        raise InvalidInput(
            f"Nobody knows what collecting {source.name!r} will ask.",
            f"The plugin {source.plugin} does not tell it beforehand.",
            "Collect it, and look at what its runs cost.",
        )
    scopes, refused = _discovered(session) if session is not None else (_last_known(store, source), [])
    named = {scope.key for scope in extent.scopes} if extent.scopes is not None else None
    known = scopes
    scopes = [scope for scope in known if (extent.fits(scope) if named is None else scope.key in named)]
    if extent.asked and known and not scopes:
        raise no_such_scope(source, extent.asked, known)
    scopes.sort(key=lambda scope: (scope.account, scope.region, scope.key))
    never: list[Scope] = []
    apis: dict[str, _Sum] = {}
    places: list[PlaceForecast] = []
    demands = plugin.foretell(config, _known(store, source, scopes, never.append), extent.types)
    for account, of_account in groupby(demands, key=lambda each: each.account):
        by_region: dict[str, list[Demand]] = {}
        for demand in of_account:
            by_region.setdefault(demand.region, []).append(demand)
            apis.setdefault(demand.api, _Sum()).add(demand)
        if len(places) <= DETAILED < len(places) + len(by_region):
            places = [replace(place, apis=()) for place in places]
        few = len(places) + len(by_region) <= DETAILED
        places += [_place(account, region, by_region[region], few) for region in sorted(by_region)]
    calls, fixed = sum(each.calls for each in apis.values()), sum(each.fixed for each in apis.values())
    longest, together = max((place.seconds for place in places), default=0.0), sum(place.seconds for place in places)
    seconds, new = max(longest, together / workers), len(never)
    resting = Resting(store, source, plugin.spec(), rest, scheduled=True)
    looked_at = [scope for scope in scopes if resting.spares(scope)]
    scheduled: ScheduleForecast | None = None
    if extent.whole and source.interval is not None and not source.paused:
        scheduled = ScheduleForecast(0, calls, seconds)
        if looked_at:
            read = [scope for scope in scopes if not resting.spares(scope)]
            scheduled = _by_schedule(store, source, plugin, config, read, looked_at, resting.look, workers)
    return Forecast(
        source.id,
        source.name,
        session is not None,
        len(scopes),
        new,
        calls,
        fixed,
        seconds,
        workers,
        (
            *_notes(session is not None, len(scopes), new, calls, fixed, len(refused)),
            *_on_rest(len(looked_at) if scheduled is not None else 0),
            *_on_time(longest, together, workers),
        ),
        tuple(sorted((each.api() for each in apis.values()), key=_longest_first)),
        tuple(places),
        tuple(refused),
        scheduled,
    )


def _known(
    store: Store, source: Source, scopes: Sequence[Scope], never: Callable[[Scope], None] = lambda _: None
) -> Iterator[tuple[Scope, Known]]:
    """What is known of each scope. `never` is told of those that were not collected yet."""
    found = store.runs.last_known(source.id, [scope.key for scope in scopes])
    for scope, (_, row) in zip(scopes, found, strict=True):
        if row is None:
            never(scope)
        yield scope, Known() if row is None else Known(row.resources, row.calls)


def _by_schedule(
    store: Store,
    source: Source,
    plugin: Foretells,
    config: BaseModel,
    read: Sequence[Scope],
    looked_at: Sequence[Scope],
    look: frozenset[str],
    workers: int,
) -> ScheduleForecast:
    """Scopes, which come account by account: some are read whole, of those that rest `look` is asked for."""
    demands = merge(
        plugin.foretell(config, _known(store, source, read)),
        plugin.foretell(config, _known(store, source, looked_at), look),
        key=lambda each: each.account,
    )
    calls, longest, together = 0, 0.0, 0.0
    for _, of_account in groupby(demands, key=lambda each: each.account):
        places: dict[str, dict[str, Demand]] = {}
        for each in of_account:
            apis = places.setdefault(each.region, {})
            same = apis.get(each.api)
            apis[each.api] = each if same is None else replace(each, calls=each.calls + same.calls)
        for apis in places.values():
            seconds = max(each.seconds for each in apis.values())
            calls += sum(each.calls for each in apis.values())
            longest, together = max(longest, seconds), together + seconds
    return ScheduleForecast(len(looked_at), calls, max(longest, together / workers))


def _discovered(session: Session) -> tuple[list[Scope], list[ScopeRefusal]]:
    scopes: list[Scope] = []
    refused: list[ScopeRefusal] = []
    for found in session.discover():
        if isinstance(found, ScopeProblem):
            refused.append(ScopeRefusal(found.scope.account, found.scope.region, redacted(found.failure)))
        elif _is_place(found):
            scopes.append(found)
    return scopes, refused


def _last_known(store: Store, source: Source) -> list[Scope]:
    """The scopes that anything is known of: those that surely left are none of them."""
    known = store.runs.known(source.id)
    return [scope for scope in store.runs.scopes(source.id) if scope.key in known and _is_place(scope)]


def _is_place(scope: Scope) -> bool:
    """Whether anything is asked there: what tells of the accounts themselves is read while they are looked for."""
    return bool(scope.account or scope.region)


@dataclass(slots=True)
class _Sum:
    """What is asked of one API in all places."""

    calls: int = 0
    fixed: int = 0
    places: int = 0
    tightest: Demand | None = None
    """Where it is held back most, or takes longest."""

    def add(self, demand: Demand) -> None:
        self.calls += demand.calls
        self.fixed += demand.fixed
        self.places += 1
        if self.tightest is None or _tightness(demand) > _tightness(self.tightest):
            self.tightest = demand

    def api(self) -> ApiForecast:
        assert self.tightest is not None
        return replace(_api(self.tightest), calls=self.calls, fixed=self.fixed, places=self.places)


def _tightness(demand: Demand) -> tuple[float, float]:
    return demand.seconds, -(demand.per_second if demand.per_second is not None else float("inf"))


def _api(demand: Demand) -> ApiForecast:
    return ApiForecast(
        demand.api,
        demand.calls,
        demand.fixed,
        1,
        demand.at_once,
        demand.per_second,
        demand.seconds,
        redact(demand.said_by),
    )


def _longest_first(api: ApiForecast) -> tuple[float, int, str]:
    return -api.seconds, -api.calls, api.api


def _place(account: str, region: str, demands: Sequence[Demand], detailed: bool) -> PlaceForecast:
    slowest = max(demands, key=lambda each: (each.seconds, each.calls))
    return PlaceForecast(
        account,
        region,
        sum(each.calls for each in demands),
        sum(each.fixed for each in demands),
        slowest.seconds,
        slowest.api if slowest.seconds else "",
        tuple(sorted(map(_api, demands), key=_longest_first)) if detailed else (),
    )


def _notes(discovered: bool, scopes: int, new: int, calls: int, fixed: int, refused: int) -> Iterable[str]:
    if discovered:
        yield "The scopes were asked for now; nothing else was asked."
    elif scopes:
        yield "The scopes are those of the collections before; nobody was asked anything."
    else:
        yield (
            "No scope is known: nothing was collected yet, and nobody was asked anything. Ask for the scopes, or "
            "collect first."
        )
    if calls == fixed == 1:
        yield "The one call is made whatever there is."
    elif calls and calls == fixed:
        yield f"All {calls:,} calls are made whatever there is: one for each list."
    elif calls:
        why = (
            "belong to lists that are read only where there is something to read them for. Whether there is, nobody "
            "knows yet: they are counted as if there were"
            if new == scopes
            else "are estimated from what the last collections found and did"
        )
        yield (
            f"{fixed:,} of the {calls:,} calls are made whatever there is: one for each list. The other "
            f"{calls - fixed:,} {why}."
        )
    if new:
        some = f"{new:,} of the {scopes:,} scopes {'was' if new == 1 else 'were'}" if scopes > 1 else "The scope was"
        yield (
            f"{some} never collected: only the first call of each list is counted there. Further pages, and what is "
            "asked of each thing that is found, come on top."
        )
    if refused:
        some, them = ("1 scope", "it") if refused == 1 else (f"{refused:,} scopes", "them")
        yield f"{some} could not be found or entered: nothing is counted for {them}."
    yield (
        "Not counted: calls that are tried again, signing in, finding the scopes, and the time of the calls themselves."
    )


def _on_rest(rest: int) -> Iterable[str]:
    if rest:
        yield (
            f"{rest:,} of the scopes rest, because there is nothing in them: the schedule only looks at those, and so "
            "they are counted in what it asks. All else that is told is a collection on demand, which reads them whole."
        )


def _on_time(longest: float, together: float, workers: int) -> Iterable[str]:
    """What the least time depends on, where it is more than the slowest place takes."""
    if together / workers > longest and workers < MOST_WORKERS:
        yield (
            f"The time is that of {workers} scopes side by side, which wait for their budgets most of it. With "
            f"{MOST_WORKERS} (OPENVNA_WORKERS) it is {max(longest, together / MOST_WORKERS):,.1f} s at least."
        )
