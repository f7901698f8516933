"""What a collection will ask of AWS: the calls that the declarations name, counted by what is known from before."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from math import ceil

from openvna.model import Scope
from openvna.plugin.forecast import Demand, Known
from openvna.plugins.aws.budgets import Budget, budget
from openvna.plugins.aws.calls import Call, Detail, TagCall
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.declaration import ResourceType
from openvna.plugins.aws.endpoints import emulators
from openvna.plugins.aws.pace import PACE, Pace
from openvna.plugins.aws.session import primary_region
from openvna.plugins.aws.types import FEATURES, needed_types

_EMULATOR = "an emulator, which is not held back before it throttles"


@dataclass(slots=True)
class _Asked:
    """What is asked of one bucket."""

    size: Budget
    fixed: int = 0
    more: int = 0
    services: set[str] = field(default_factory=set)


def demands(
    config: AwsConfig,
    scopes: Iterable[tuple[Scope, Known]],
    types: Collection[str] | None = None,
    pace: Pace = PACE,
) -> Iterator[Demand]:
    """As `Foretells` says. The rates are what they are now in this process: less where throttling taught so."""
    _, asked = needed_types(types)
    declared, _ = needed_types(asked - {name for id in config.left_out for name in FEATURES[id].types})
    whole = types is None
    primary = primary_region(config)
    emulator = emulators(config)
    for account, those in groupby(scopes, key=lambda each: each[0].account):
        found: dict[tuple[str, str], _Asked] = {}
        for scope, known in those:
            here = [each for each in declared if not each.once or scope.region == primary]
            for (service, operation, region), (fixed, more) in _counted(here, scope, known, whole).items():
                name, size = budget(service, operation)
                place = "" if size.everywhere else region
                line = found.setdefault((place, name), _Asked(size))
                line.fixed += fixed
                line.more += more
                line.services.add(service)
        for (place, name), line in found.items():
            if not line.fixed + line.more:
                continue
            if any(emulator(service, place or primary) for service in line.services):
                yield Demand(account, place, name, line.fixed + line.more, line.fixed, said_by=_EMULATOR)
                continue
            bounds = pace.rate((account, place, name), line.size, config.rate_share)
            yield Demand(account, place, name, line.fixed + line.more, line.fixed, *bounds, line.size.said_by)


def _counted(
    declared: Sequence[ResourceType], scope: Scope, known: Known, whole: bool
) -> Mapping[tuple[str, str, str], tuple[int, int]]:
    """The calls in one scope by service, operation and region: those that are made in any case, and the others.

    Where the last collection made a call, it is taken to be made as often again: that counts what no declaration can
    tell (of which items details are asked, how many parameters a parent takes). `whole`: all types are collected.
    """
    counts: dict[tuple[str, str, str], tuple[int, int]] = defaultdict(lambda: (0, 0))
    places: Counter[str] = Counter()
    for each in declared:
        for call, fixed, more in _calls(each, known.resources):
            region = call.place(scope.partition, scope.region) if not isinstance(call, TagCall) else scope.region
            key = (call.service, call.operation, region)
            if key not in counts:
                places[f"{call.service}:{call.operation}"] += 1
            before = counts[key]
            counts[key] = (before[0] + fixed, before[1] + more)
    for key, (fixed, _) in counts.items():
        name = f"{key[0]}:{key[1]}"
        made = known.calls.get(name)
        if made is not None and places[name] == 1 and (whole or _only_of(name, frozenset(e.type for e in declared))):
            counts[key] = (min(fixed, made), max(0, made - fixed))
    return counts


def _calls(declared: ResourceType, resources: Mapping[str, int]) -> Iterator[tuple[Call | TagCall | Detail, int, int]]:
    """Each call of a type, how often it is made in any case, and how often besides by the number of resources."""
    call, held = declared.call, resources.get(declared.type, 0)
    pages = ceil(held / call.page) if call.page else 0
    if call.per is None:
        lists = sum(1 for _ in call.lists())
        yield call, lists, max(0, pages - lists)
    else:
        yield call, 0, max(resources.get(call.per.type, 0), pages)
    if declared.tag_call is not None:
        yield declared.tag_call, 0, ceil(held / declared.tag_call.batch)
    for detail in declared.details:
        yield detail, 0, held


@cache
def _only_of(name: str, types: frozenset[str]) -> bool:
    """Whether a call is made for these types alone."""
    from openvna.plugins.aws.types import TYPES

    return all(
        each.type in types
        for each in TYPES.values()
        for call in each.calls
        if f"{call.service}:{call.operation}" == name
    )
