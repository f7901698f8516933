"""Quotas with their use: what was read says how full they are."""

from __future__ import annotations

import dataclasses
import sqlite3
from collections.abc import Iterable

import pytest
import sqlalchemy as sa

from openvna.model import JSON, InvalidInput, Kind, Outcome, Resource, Scope
from openvna.store import Query, QuotaUse, Source, Store, quotas

from .conftest import HERE, SUBNET, THERE, collect, fail, vpc

QUOTA, GATEWAY = "aws.service-quotas.quota", "aws.ec2.gateway"


def quota(code: str, scope: Scope = HERE, **attributes: JSON) -> Resource:
    made = vpc(code, scope=scope, type=QUOTA, title=f"Quota {code}", **attributes)
    return dataclasses.replace(made, kind=Kind.QUOTA)


@pytest.fixture
def filled(store: Store, source: Source) -> Store:
    """Three VPCs of five; of one of them four subnets of five, of which two are private."""
    bounds = (
        quota("L-1", maximum=5.0, counts="aws.ec2.vpc"),
        quota("L-2", maximum=5, counts=SUBNET, counts_by="vpc"),
        quota("L-3", maximum=8.0, counts=SUBNET, counts_where="kind=private"),
        quota("L-4", maximum=100.0),
        quota("L-5", maximum=0.0, counts="aws.ec2.vpc"),
        quota("L-6", maximum=2.0, counts=GATEWAY),
    )
    collect(store, source, *bounds, type=QUOTA)
    collect(store, source, *[vpc(f"vpc-{number}") for number in (1, 2, 3)])
    kinds = ("private", "private", "public", "public")
    subnets = [vpc(f"subnet-{number}", type=SUBNET, vpc="vpc-1", kind=kind) for number, kind in enumerate(kinds)]
    collect(store, source, *subnets, vpc("subnet-9", type=SUBNET, vpc="vpc-2", kind="public"), type=SUBNET)
    collect(store, source, quota("L-1", THERE, maximum=5.0, counts="aws.ec2.vpc"), scope=THERE, type=QUOTA)
    collect(store, source, vpc("vpc-7", scope=THERE), scope=THERE)
    collect(store, source, type=GATEWAY)
    return store


def told(found: QuotaUse) -> tuple[str, int, int, str]:
    assert found.used is not None and found.percent is not None
    return found.alias, found.used, found.percent, found.most


def test_use_is_counted_by_account_and_region_and_where_it_is_for_each_of_something_by_the_one_that_has_most(
    filled: Store,
) -> None:
    here = [told(each) for each in filled.quotas.each(Query(account=HERE.account))]
    assert here == [
        *(("L-1", 3, 60, ""), ("L-2", 4, 80, "vpc-1"), ("L-3", 2, 25, "")),
        *(("L-5", 3, 300, ""), ("L-6", 0, 0, "")),
    ]
    there = [told(each) for each in filled.quotas.each(Query(account=THERE.account))]
    assert there == [("L-1", 1, 20, "")]


def test_only_full_ones_are_listed_where_that_is_asked_for(filled: Store) -> None:
    assert [each.alias for each in filled.quotas.each(least_percent=60)] == ["L-1", "L-2", "L-5"]
    whole = next(filled.quotas.each(least_percent=80))
    assert (whole.name, whole.counts, whole.maximum, whole.source, whole.stale) == (
        "Quota L-2",
        SUBNET,
        5.0,
        "lab",
        False,
    )


def test_what_is_gone_does_not_count(filled: Store, source: Source) -> None:
    collect(filled, source, vpc("vpc-1"))
    assert told(next(filled.quotas.each(Query(account=HERE.account)))) == ("L-1", 1, 20, "")


def test_pages_follow_each_other(filled: Store) -> None:
    first = filled.quotas.list(Query(account=HERE.account), limit=2)
    assert [each.alias for each in first.items] == ["L-1", "L-2"]
    second = filled.quotas.list(Query(account=HERE.account), limit=2, cursor=first.cursor)
    assert [each.alias for each in second.items] == ["L-3"], "of the other the use is not known"


def test_a_quota_that_is_last_seen_is_said_to_be(filled: Store, source: Source) -> None:
    fail(filled, source, type=QUOTA)
    assert all(each.stale for each in filled.quotas.each(Query(account=HERE.account)))


def test_there_may_be_none(store: Store) -> None:
    assert list(store.quotas.each()) == []


def standing(found: Iterable[QuotaUse]) -> list[tuple[str, str, int | None]]:
    return [(each.account, each.alias, each.used) for each in found]


def test_what_was_never_listed_to_its_end_is_not_known_and_not_none(store: Store, source: Source) -> None:
    bounds = [quota("L-1", maximum=5, counts="aws.ec2.vpc"), quota("L-6", maximum=2, counts=GATEWAY)]
    collect(store, source, *bounds, type=QUOTA)
    fail(store, source, type=GATEWAY)
    assert list(store.quotas.each()) == []
    refused, never = sorted(store.quotas.fullest().items, key=lambda each: each.alias, reverse=True)
    assert (refused.used, refused.percent, refused.outcome) == (None, None, Outcome.DENIED)
    assert (never.used, never.percent, never.outcome) == (None, None, None)


def test_what_nobody_wants_read_is_not_known_and_what_was_known_of_it_is_last_seen(
    store: Store, source: Source
) -> None:
    """So ends, too, the listing of a type that the settings leave out: nobody asked whether there is any."""
    bounds = [quota("L-1", maximum=5, counts="aws.ec2.vpc"), quota("L-6", maximum=2, counts=GATEWAY)]
    collect(store, source, *bounds, type=QUOTA)
    collect(store, source, vpc("vpc-1"))
    for type in ("aws.ec2.vpc", GATEWAY):
        fail(store, source, type=type, outcome=Outcome.UNSUPPORTED)
    seen, never = store.quotas.fullest().items
    assert (seen.alias, seen.used, seen.stale, seen.outcome) == ("L-1", 1, True, Outcome.UNSUPPORTED)
    assert (never.alias, never.used, never.percent) == ("L-6", None, None)


def test_what_was_seen_before_a_listing_broke_off_counts_and_is_said_to_be_last_seen(
    store: Store, source: Source
) -> None:
    collect(store, source, quota("L-1", maximum=5, counts="aws.ec2.vpc"), type=QUOTA)
    fail(store, source, vpc("vpc-1"), vpc("vpc-2"), outcome=Outcome.THROTTLED)
    (found,) = store.quotas.fullest().items
    assert (found.used, found.percent, found.stale, found.outcome) == (2, 40, True, Outcome.THROTTLED)
    collect(store, source, vpc("vpc-1"))
    (found,) = store.quotas.fullest().items
    assert (found.used, found.percent, found.stale, found.outcome) == (1, 20, False, Outcome.OK)


def test_the_fullest_come_first_and_what_is_not_known_last(filled: Store) -> None:
    here, there = HERE.account, THERE.account
    assert standing(filled.quotas.fullest().items) == [
        *((here, "L-5", 3), (here, "L-2", 4), (here, "L-1", 3), (here, "L-3", 2), (there, "L-1", 1)),
        *((here, "L-6", 0), (here, "L-4", None)),
    ]


def test_where_none_may_be_had_each_that_there_is_counts_as_a_whole(store: Store, source: Source) -> None:
    bounds = [quota("L-1", maximum=0, counts="aws.ec2.vpc"), quota("L-2", maximum=0.0, counts=GATEWAY)]
    collect(store, source, *bounds, type=QUOTA)
    collect(store, source, vpc("vpc-1"), vpc("vpc-2"))
    collect(store, source, type=GATEWAY)
    assert [told(each) for each in store.quotas.fullest().items] == [("L-1", 2, 200, ""), ("L-2", 0, 0, "")]
    assert [told(each) for each in store.quotas.each(least_percent=100)] == [("L-1", 2, 200, "")]


@pytest.mark.parametrize("odd", [7, ["aws.ec2.vpc"], ""], ids=repr)
def test_what_names_no_type_counts_nothing_and_hides_nothing(
    store: Store, source: Source, monkeypatch: pytest.MonkeyPatch, odd: JSON
) -> None:
    """Whatever a plugin writes there: the quota is listed, and the others are counted wherever they come."""
    monkeypatch.setattr(quotas, "_PART", 2)
    collect(store, source, quota("L-1", maximum=1, counts="aws.ec2.vpc"), quota("L-2", counts=odd), type=QUOTA)
    collect(store, source, quota("L-3", THERE, maximum=1, counts="aws.ec2.vpc"), scope=THERE, type=QUOTA)
    collect(store, source, vpc("vpc-1"))
    collect(store, source, vpc("vpc-7", scope=THERE), vpc("vpc-8", scope=THERE), scope=THERE)
    found = store.quotas.fullest().items
    assert [(each.alias, each.counts, each.used) for each in found] == [
        *(("L-3", "aws.ec2.vpc", 2), ("L-1", "aws.ec2.vpc", 1), ("L-2", "", None)),
    ]


def test_pages_of_the_fullest_follow_each_other_without_a_gap(filled: Store) -> None:
    whole, cursor = [], None
    for _ in range(4):
        page = filled.quotas.fullest(cursor=cursor, limit=2)
        whole += page.items
        cursor = page.cursor
    assert cursor is None
    assert standing(whole) == standing(filled.quotas.fullest().items)
    with pytest.raises(InvalidInput):
        filled.quotas.fullest(Query(account=HERE.account), cursor=filled.quotas.fullest(limit=2).cursor)


def test_the_fullest_are_the_same_however_many_are_looked_at_at_a_time(
    filled: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, here = filled.quotas.fullest(), filled.quotas.fullest(Query(account=HERE.account))
    monkeypatch.setattr(quotas, "_PART", 2)
    assert filled.quotas.fullest() == whole
    assert filled.quotas.fullest(Query(account=HERE.account)) == here


def test_the_fullest_are_filtered_like_resources_and_by_what_is_used(filled: Store) -> None:
    assert standing(filled.quotas.fullest(least_percent=60).items) == [
        (HERE.account, "L-5", 3),
        (HERE.account, "L-2", 4),
        (HERE.account, "L-1", 3),
    ]
    there = Query(account=THERE.account, region=THERE.region, text="quota l-1")
    assert standing(filled.quotas.fullest(there).items) == [(THERE.account, "L-1", 1)]
    assert filled.quotas.fullest(Query(region="us-east-1")).items == ()


def test_a_page_fits_into_a_statement_of_an_old_sqlite(store: Store, source: Source) -> None:
    """Before 3.32 one takes 999 values, and a page has up to 1,000 quotas."""
    count = 1_000
    bounds = (quota(f"L-{number:04}", maximum=5, counts="aws.ec2.vpc") for number in range(count))
    collect(store, source, *bounds, type=QUOTA)
    collect(store, source, vpc("vpc-1"))

    def limit(driver: object, *_: object) -> None:
        if isinstance(driver, sqlite3.Connection):
            driver.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 999)

    sa.event.listen(sa.Pool, "checkout", limit)
    try:
        assert len(store.resources.list(limit=count).items) == count
        for page in (store.quotas.list(limit=count), store.quotas.fullest(limit=count)):
            assert [each.percent for each in page.items] == [20] * count
    finally:
        sa.event.remove(sa.Pool, "checkout", limit)


def test_quotas_are_counted_by_their_service(store: Store, source: Source) -> None:
    bounds = [quota("L-1", service="vpc"), quota("L-2", service="vpc"), quota("L-3", service="ec2"), quota("L-4")]
    collect(store, source, *bounds, type=QUOTA)
    assert store.quotas.by_service() == {"": 1, "ec2": 1, "vpc": 2}
    assert standing(store.quotas.fullest(Query(where={"service": "ec2"})).items) == [(HERE.account, "L-3", None)]
