"""Lists of narrow budgets are spread among the others, so that nobody waits while something else could be read."""

from __future__ import annotations

from openvna.plugins.aws.order import CALL_SECONDS, spread
from openvna.plugins.aws.pace import Pace, Turns
from openvna.plugins.aws.types import TYPES, needed_types


class Clock:
    def __init__(self) -> None:
        self.now = 0.0
        self.waited = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> bool:
        self.now += seconds
        self.waited += seconds
        return False


def waited(names: list[str]) -> float:
    """Seconds that one caller waits who reads these lists one after the other, each with one call."""
    clock = Clock()
    turns = Turns("111122223333", 0.5, sleep=clock.sleep, pace=Pace(clock))
    for name in names:
        call = TYPES[name].call
        turns(call.service, "eu-west-1", call.operation, {"MaxResults": 1000}).wait()
        clock.now += CALL_SECONDS
    return clock.waited


def test_a_scope_is_read_without_waiting() -> None:
    roots = [name for name, each in TYPES.items() if each.parent is None]
    assert waited(roots) > 2.0, "as their names follow"
    assert waited([each.type for each in spread([TYPES[name] for name in roots], 0.5)]) == 0.0


def test_every_type_comes_once_and_what_is_listed_by_others_last() -> None:
    declared, _ = needed_types(None)
    ordered = spread(declared, 0.5)
    assert sorted(each.type for each in ordered) == sorted(TYPES)
    turns = [2 if each.parent else 1 if each.needs else 0 for each in ordered]
    assert turns == sorted(turns)


def test_lists_that_all_are_narrow_keep_their_order() -> None:
    found = [each for each in TYPES.values() if each.call.service == "route53resolver" and not each.parent]
    names = sorted(each.type for each in found if each.needs not in TYPES)
    assert len(names) > 3
    assert [each.type for each in spread([TYPES[name] for name in names], 0.5)] == names
