"""In which order the lists of a scope are read: so that nobody waits for a narrow budget while wide ones are idle.

Route 53 Resolver grants five calls a second for all of its dozen lists. Read one after the other, as their names
follow, they hold a scope up for seconds; spread among the hundreds of other lists they cost no time at all.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from openvna.plugins.aws.budgets import budget
from openvna.plugins.aws.declaration import ResourceType
from openvna.plugins.aws.types import TYPES

CALL_SECONDS = 0.04
"""How long a call takes, about, with the way there and back."""


@dataclass(slots=True)
class _Narrow:
    """A budget that the lists to be read do not fit into at once."""

    size: float
    rate: float
    types: deque[str] = field(default_factory=deque)
    tokens: float = 0.0

    def due(self) -> float:
        """Seconds until the next of its lists may be read."""
        return max(0.0, (1 - self.tokens) / self.rate)

    def left(self) -> float:
        """Seconds that all of its lists take."""
        return (len(self.types) - self.tokens) / self.rate


def spread(declared: Sequence[ResourceType], share: float) -> list[ResourceType]:
    """The declarations in the order in which their lists are best begun. What needs others comes after them, and what
    is listed by others last: it begins when those have ended."""
    by_name = {each.type: each for each in declared}
    return [by_name[name] for name in _order(tuple(by_name), share)]


@lru_cache(maxsize=64)
def _order(names: tuple[str, ...], share: float) -> tuple[str, ...]:
    children = [name for name in names if TYPES[name].parent]
    roots = [name for name in names if not TYPES[name].parent]
    later = [name for name in roots if TYPES[name].needs in names]
    buckets: dict[str, _Narrow] = {}
    first = _spread([name for name in roots if TYPES[name].needs not in names], buckets, share)
    return (*first, *_spread(later, buckets, share), *children)


def _spread(names: Sequence[str], buckets: dict[str, _Narrow], share: float) -> list[str]:
    """The lists that can be begun at the same time, in their best order. `buckets` are left as they are then."""
    for one in buckets.values():
        one.types.clear()
    for name in names:
        call = TYPES[name].call
        group, size = budget(call.service, call.operation)
        if group not in buckets:
            whole = max(1.0, size.burst * share)
            buckets[group] = _Narrow(whole, size.per_second * share, tokens=whole)
        buckets[group].types.append(name)
    narrow = [one for one in buckets.values() if len(one.types) > one.tokens]
    apart = {name for one in narrow for name in one.types}
    wide = deque(name for name in names if name not in apart)
    order: list[str] = []
    while wide or narrow:
        ready = [one for one in narrow if one.due() <= 0]
        passed = CALL_SECONDS
        if ready or not wide:
            chosen = max(ready, key=_Narrow.left) if ready else min(narrow, key=_Narrow.due)
            passed += chosen.due()
            chosen.tokens -= 1
            order.append(chosen.types.popleft())
            narrow = [one for one in narrow if one.types]
        else:
            order.append(wide.popleft())
        for one in buckets.values():
            one.tokens = min(one.size, one.tokens + passed * one.rate)
    return order
