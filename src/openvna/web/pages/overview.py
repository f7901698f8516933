"""The first page: what is connected, what is known, what changed, what is wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fastapi import APIRouter
from fastapi.responses import Response

from openvna.collect.remedies import merged
from openvna.model import Failure, Outcome
from openvna.plugin import TypeSpec
from openvna.store import Query, Source, Trouble
from openvna.web.site import CurrentSite, Site, Viewer
from openvna.web.words import GROUPS, OTHER, group_of

router = APIRouter()


@dataclass(slots=True)
class Problem:
    """The same thing gone wrong in several places, or with several types."""

    source_id: str
    source: str
    outcome: Outcome
    failure: Failure | None
    actions: dict[str, None] = field(default_factory=dict)
    remedies: dict[str, None] = field(default_factory=dict)
    types: set[str] = field(default_factory=set)
    places: set[tuple[str, str]] = field(default_factory=set)

    @property
    def about(self) -> str:
        """What it comes down to: the one permission that is missing, else the cause, else the vendor's code."""
        if len(self.actions) == 1:
            return next(iter(self.actions))
        return (self.failure.cause or self.failure.code if self.failure else "") or min(self.types)

    @property
    def remedy(self) -> str:
        """What to do about all of it."""
        return "\n\n".join(merged(self.remedies))


@router.get("/")
def overview(site: CurrentSite, viewer: Viewer) -> Response:
    store = site.gateway.store
    sources = store.sources.list()
    troubles = store.runs.troubles() if sources else ()
    counts = store.resources.counts() if sources else {}
    return site.page(
        "overview.html",
        viewer,
        nav="overview",
        sources=sources,
        next_runs={source.id: next_run(source) for source in sources},
        collecting=collecting(site),
        groups=by_group(counts, site.types),
        total=sum(counts.values()),
        resources_of={source.id: resources_of(site, source) for source in sources},
        problems=problems_in(troubles),
        changes=store.changes.list(limit=8).items if sources else (),
    )


def collecting(site: Site) -> dict[str, str]:
    """The sources that are collected right now, and not merely some scope of them: source id to collection id."""
    running = {}
    for collection in site.gateway.collections():
        if not collection.wait(0) and collection.extent.scopes is None:
            running[collection.source_id] = collection.id
    return running


def next_run(source: Source) -> datetime | None:
    """When the schedule comes round to this source again."""
    if source.paused or source.interval is None or source.last_run_at is None:
        return None
    return source.last_run_at + timedelta(seconds=source.interval)


def by_group(counts: Mapping[str, int], types: Mapping[str, TypeSpec]) -> list[tuple[str, int, list[tuple[str, int]]]]:
    """Resources by group of kinds, then by type: (group, total, [(type, count)]), without empty groups."""
    found: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for name, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
        if count:
            found[group_of(types.get(name), types)].append((name, count))
    return [(group, sum(n for _, n in found[group]), found[group]) for group in (*GROUPS, OTHER) if group in found]


def problems_in(troubles: Iterable[Trouble]) -> list[Problem]:
    """What was not listed completely, each cause told once a source, the widest first."""
    found: dict[tuple[str, ...], Problem] = {}
    for each in troubles:
        failure = each.failure
        kin = failure.cause or failure.remedy or failure.message if failure else each.type
        problem = found.setdefault(
            (each.source_id, each.outcome, kin), Problem(each.source_id, each.source, each.outcome, failure)
        )
        problem.types.add(each.type)
        problem.places |= each.places
        if failure is not None:
            problem.actions.update({failure.action: None} if failure.action else {})
            problem.remedies.update({failure.remedy: None} if failure.remedy else {})
    return sorted(found.values(), key=lambda problem: (-len(problem.places), problem.source, problem.about))


def resources_of(site: Site, source: Source) -> int:
    """How many resources a source has. Not the sum of its coverage: a shared resource is listed in several scopes."""
    return site.gateway.store.resources.total(Query(source_id=source.id))
