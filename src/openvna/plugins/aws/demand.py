"""What a collection will ask of AWS: the calls that the declarations name, counted by what is known from before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
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
from openvna.plugins.aws.types import FEATURES, TYPES, needed_types

_EMULATOR = "an emulator, which is not held back before it throttles"


@dataclass(frozen=True, slots=True)
class _Use:
    """A call that a type needs, and how often by the number of resources."""

    held: str
    """The type whose resources are counted."""
    parent: str = ""
    """The type for each of which there is a list."""
    fixed: int = 0
    """Lists that are read whatever there is."""
    batch: int = 0
    """Resources for which one call suffices; 0: one for any number."""
    needs: str = ""
    """The type without which it is not made at all."""
    lists: int = 0
    """Lists that are read where there is any of that."""

    def more(self, known: Known) -> int:
        """How often it is made besides `fixed`. Where nothing is known, what is needed is taken to be there."""
        resources = known.resources
        if self.needs and not resources.get(self.needs) and (resources or known.calls):
            return 0
        pages = ceil(resources.get(self.held, 0) / self.batch) if self.batch else 0
        if self.parent:
            return max(resources.get(self.parent, 0), pages)
        return max(self.lists, pages - self.fixed)


@dataclass(slots=True)
class _Operation:
    """An operation that is called in a scope, in one region."""

    name: str
    emulated: bool
    region: str
    bucket: str
    size: Budget
    told: bool
    """Whether the last collection of the scope tells how often it was made for the wanted types."""
    fixed: int = 0
    uses: list[_Use] = field(default_factory=list)

    def count(self, known: Known) -> tuple[int, int]:
        """How often it is made in any case, and how often besides.

        As often as the last collection made it: that counts what no declaration can tell, such as of which items
        details are asked, and how many calls a parent takes. One that it did not make was not needed, but the lists
        that are read whatever there is: those may be newer than it.
        """
        if not (self.told and known.calls):
            return self.fixed, sum(use.more(known) for use in self.uses)
        made = known.calls.get(self.name)
        return (self.fixed, 0) if made is None else (min(self.fixed, made), max(0, made - self.fixed))


@dataclass(slots=True)
class _Asked:
    """What is asked of one bucket."""

    operation: _Operation
    fixed: int = 0
    more: int = 0


def demands(
    config: AwsConfig,
    scopes: Iterable[tuple[Scope, Known]],
    types: Collection[str] | None = None,
    pace: Pace = PACE,
) -> Iterator[Demand]:
    """As `Foretells` says. The rates are what they are now in this process: less where throttling taught so."""
    _, asked = needed_types(types)
    declared, _ = needed_types(asked - {name for id in config.left_out for name in FEATURES[id].types})
    declared = [each for each in declared if not each.organization]  # told while the accounts are looked for
    primary = primary_region(config)
    whole = _operations(config, declared, types is None)
    regional = _operations(config, [each for each in declared if not each.once], types is None)
    for account, those in groupby(scopes, key=lambda each: each[0].account):
        found: dict[tuple[str, str], _Asked] = {}
        if not account:
            continue  # the organization's own scope
        for scope, known in those:
            for operation in whole if scope.region == primary else regional:
                fixed, more = operation.count(known)
                if not fixed + more:
                    continue
                place = "" if operation.size.everywhere else operation.region or scope.region
                line = found.get((place, operation.bucket))
                if line is None:
                    line = found[place, operation.bucket] = _Asked(operation)
                line.fixed += fixed
                line.more += more
        for (place, name), line in found.items():
            size = line.operation.size
            if line.operation.emulated:
                yield Demand(account, place, name, line.fixed + line.more, line.fixed, said_by=_EMULATOR)
                continue
            bounds = pace.rate((account, place, name), size, config.rate_share)
            yield Demand(account, place, name, line.fixed + line.more, line.fixed, *bounds, size.said_by)


def _operations(config: AwsConfig, declared: Sequence[ResourceType], whole: bool) -> list[_Operation]:
    """The operations that these types need. `whole`: they are all types that there are."""
    emulator, primary = emulators(config), primary_region(config)
    found: dict[tuple[str, str], _Operation] = {}
    names = frozenset(each.type for each in declared)
    for each in declared:
        for call, use in _uses(each, names):
            name = f"{call.service}:{call.operation}"
            region = "" if isinstance(call, TagCall) else call.place(config.partition, "")
            operation = found.get((name, region))
            if operation is None:
                bucket, size = budget(call.service, call.operation)
                told = whole or _only_of(name, names)
                emulated = bool(emulator(call.service, region or primary))
                operation = found[name, region] = _Operation(name, emulated, region, bucket, size, told)
            operation.fixed += use.fixed
            operation.uses.append(use)
    places = Counter(name for name, _ in found)
    for (name, _), operation in found.items():
        operation.told = operation.told and places[name] == 1  # else nobody knows which calls were made where
    return list(found.values())


def _uses(declared: ResourceType, names: Collection[str]) -> Iterator[tuple[Call | TagCall | Detail, _Use]]:
    """Each call of a type, with how often it is made; `names` are the types that are collected."""
    call = declared.call
    needs = declared.needs if declared.needs in names else ""
    if call.per is None:
        lists = sum(1 for _ in call.lists())
        fixed, if_needed = (0, lists) if needs else (lists, 0)
        yield call, _Use(declared.type, fixed=fixed, batch=call.page, needs=needs, lists=if_needed)
    else:
        yield call, _Use(declared.type, call.per.type, batch=call.page, needs=needs)
    if declared.tag_call is not None:
        yield declared.tag_call, _Use(declared.type, batch=declared.tag_call.batch)
    for detail in declared.details:
        yield detail, _Use(declared.type, batch=1)


@cache
def _only_of(name: str, types: frozenset[str]) -> bool:
    """Whether a call is made for these types alone."""
    return all(
        each.type in types
        for each in TYPES.values()
        for call in each.calls
        if f"{call.service}:{call.operation}" == name
    )
