"""Which scopes are empty, and until when they rest."""

from __future__ import annotations

from datetime import timedelta

import pytest

from openvna.model import JSON
from openvna.store import Source, Store

from .conftest import HERE, SUBNET, THERE, VPC, Clock, collect, fail, vpc

QUARTER, DAY = timedelta(minutes=15), timedelta(days=1)


@pytest.mark.parametrize(
    ("given", "empty"),
    [
        ({VPC: {}}, True),
        ({VPC: {"is_default": True}}, True),
        ({VPC: {"is_default": True, "name": "default"}}, True),
        ({VPC: {"account": HERE.account}}, True),
        ({VPC: {"account": "AWS"}}, False),
        ({VPC: {"is_default": False}}, False),
        ({VPC: {"unheard": True}}, False),
        ({SUBNET: {}}, False),
        ({}, False),
    ],
)
def test_a_scope_is_empty_that_holds_nothing_but_what_is_given(
    store: Store, source: Source, given: dict[str, dict[str, JSON]], empty: bool
) -> None:
    collect(store, source, vpc("vpc-1", title="default", is_default=True))
    collect(store, source, type=SUBNET)
    collect(store, source, vpc("vpc-2", scope=THERE), scope=THERE)
    assert store.scopes.is_empty(source.id, HERE.key, given) is empty


def test_a_scope_of_which_nothing_or_not_all_is_known_is_not_empty(store: Store, source: Source) -> None:
    assert not store.scopes.is_empty(source.id, HERE.key, {})
    collect(store, source)
    assert store.scopes.is_empty(source.id, HERE.key, {})
    fail(store, source, type=SUBNET)
    assert not store.scopes.is_empty(source.id, HERE.key, {SUBNET: {}})


def test_a_rest_doubles_and_ends_when_something_is_found(store: Store, source: Source, clock: Clock) -> None:
    collect(store, source)
    rests = [store.scopes.rest(source.id, HERE.key, True, QUARTER, DAY) for _ in range(3)]
    assert rests == [clock.now + 2 * QUARTER, clock.now + 4 * QUARTER, clock.now + 8 * QUARTER]
    assert store.scopes.resting(source.id) == {HERE.key: rests[-1]}
    clock.forward(hours=2)
    assert store.scopes.resting(source.id) == {}, "it is over"
    clock.forward(days=-30)
    assert store.scopes.resting(source.id, DAY) == {}, "a clock that is set back makes nobody rest for a month"
    assert store.scopes.rest(source.id, HERE.key, False, QUARTER, DAY) is None
    assert store.scopes.rest(source.id, HERE.key, True, QUARTER, DAY) == clock.now + 2 * QUARTER


def test_a_source_that_is_collected_seldom_gives_no_rest(store: Store, source: Source) -> None:
    collect(store, source)
    assert store.scopes.rest(source.id, HERE.key, True, DAY, DAY) is None


def test_a_scope_that_left_is_none_any_more(store: Store, source: Source) -> None:
    collect(store, source, vpc("vpc-1"))
    collect(store, source, scope=THERE)
    writer = store.runs.begin(source.id, HERE)
    writer.leave("The account is closed.")
    writer.finish()
    assert [scope.key for scope in store.scopes.list(source.id)] == [THERE.key]
