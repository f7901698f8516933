"""What the memory answers."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import sqlite3
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from openvna.model import Conflict, InvalidInput, NotFound, Scope
from openvna.store import Query, Source, Store

from .conftest import HERE, SUBNET, THERE, VPC, Clock, aliases, collect, vpc

ELSEWHERE = Scope("aws/111122223333/us-east-1", "aws", "111122223333", "us-east-1")


@pytest.fixture
def inventory(store: Store, source: Source) -> Store:
    collect(
        store,
        source,
        vpc("vpc-1", cidr="10.0.0.0/16", title="Core", tags={"env": "live", "Owner": "Ann"}, default=True, size=16),
        vpc("vpc-2", cidr="10.1.0.0/16", title="core_lab", tags={"env": "test"}, default=False, size=8),
        vpc("vpc-3", cidr="192.168.0.0/24", title="100%", tags={"env": "Live"}, default=False, size=0.5),
    )
    collect(
        store,
        source,
        vpc("subnet-1", type=SUBNET, zones=["a", "b"], state={"code": "ok"}, relations=[("member-of", "vpc-1")]),
        vpc("subnet-2", type=SUBNET, routes=[{"to": "0.0.0.0/0", "via": "igw-1"}], relations=[("member-of", "vpc-9")]),
        type=SUBNET,
    )
    collect(store, source, vpc("vpc-4", scope=ELSEWHERE, cidr="2001:DB8::/56"), scope=ELSEWHERE)
    return store


QUERIES: list[tuple[Query, list[str]]] = [
    (Query(), ["subnet-1", "subnet-2", "vpc-1", "vpc-2", "vpc-3", "vpc-4"]),
    (Query(type=SUBNET), ["subnet-1", "subnet-2"]),
    (Query(kind="network", region="us-east-1"), ["vpc-4"]),
    (Query(account="444455556666"), []),
    (Query(where={"cidr": "10.1.0.0/16"}), ["vpc-2"]),
    (Query(where={"cidr": "10.1.0.0"}), []),
    (Query(where={"default": "true"}), ["vpc-1"]),
    (Query(where={"default": "1"}), []),
    (Query(where={"default": "True"}), []),
    (Query(where={"default": "false", "size": "8"}), ["vpc-2"]),
    (Query(where={"size": "0.5"}), ["vpc-3"]),
    (Query(where={"zones": "b"}), ["subnet-1"]),
    (Query(where={"zones": "B"}), []),
    (Query(where={"state.code": "ok"}), ["subnet-1"]),
    (Query(where={"state": "ok"}), []),
    (Query(where={"routes.via": "igw-1"}), ["subnet-2"]),
    (Query(where={"routes.to": "igw-1"}), []),
    (Query(where={"no": "thing"}), []),
    (Query(tags={"env": "live"}), ["vpc-1"]),
    (Query(tags={"env": None}), ["vpc-1", "vpc-2", "vpc-3"]),
    (Query(tags={"env": "live", "Owner": "Bob"}), []),
    (Query(tags={"owner": None}), []),
    (Query(text="CORE"), ["vpc-1", "vpc-2"]),
    (Query(text="core_"), ["vpc-2"]),
    (Query(text="0%"), ["vpc-3"]),
    (Query(text="%"), ["vpc-3"]),
    (Query(text="10.1."), ["vpc-2"]),
    (Query(text="2001:db8:"), ["vpc-4"]),
    (Query(text="LIVE"), ["vpc-1", "vpc-3"]),
    (Query(text="us-east-1"), ["vpc-4"]),
    (Query(text="igw-1"), []),
    (Query(text="' OR 1=1 --"), []),
]


def test_a_query_lists_what_fits(inventory: Store) -> None:
    for query, found in QUERIES:
        assert [row.alias for row in inventory.resources.each(query)] == found, query
        assert inventory.resources.list(query, count=True).total == len(found), query
        assert sum(inventory.resources.counts(query).values()) == len(found), query


def test_an_attribute_path_that_cannot_be_is_refused(store: Store) -> None:
    for path in ("", ".", "a.", 'a"b', "a\\b", ".".join("a" * 17)):
        with pytest.raises(InvalidInput):
            store.resources.list(Query(where={path: "x"}))
    with pytest.raises(InvalidInput, match="at most 32"):
        store.resources.list(Query(where={f"a{number}": "x" for number in range(33)}))


@pytest.mark.parametrize("text", ["\x00", "\ud800", "a\x00b\ud800"])
def test_what_no_database_takes_finds_nothing_or_is_refused(inventory: Store, text: str) -> None:
    questions: list[Callable[[], object]] = [
        lambda: inventory.resources.list(Query(text=text)).items,
        lambda: inventory.resources.list(Query(where={"cidr": text})).items,
        lambda: inventory.resources.list(Query(where={f"a{text}": "x"})).items,
        lambda: inventory.resources.list(Query(tags={text: text})).items,
        lambda: inventory.resources.list(Query(account=text)).items,
        lambda: inventory.resources.find(text),
        lambda: inventory.resources.get(text),
        lambda: inventory.changes.list(resource_id=text).items,
        lambda: inventory.runs.get(text),
        lambda: inventory.runs.list(source_id=text).items,
        lambda: inventory.sources.get(text),
        lambda: inventory.resources.versions(2**70),
    ]
    for question in questions:
        with contextlib.suppress(InvalidInput, NotFound):
            assert question() == ()


def test_attribute_names_are_taken_literally(store: Store, source: Source) -> None:
    collect(store, source, vpc("vpc-1", **{"a-b": "x", "ä b": "y", "$": "z", "[0]": "w"}))
    for path, value in (("a-b", "x"), ("ä b", "y"), ("$", "z"), ("[0]", "w")):
        assert aliases(store, where={path: value}) == ["vpc-1"]


ORDERS = {
    "type": ["subnet-1", "subnet-2", "vpc-1", "vpc-2", "vpc-3", "vpc-4"],
    "id": ["subnet-1", "subnet-2", "vpc-1", "vpc-2", "vpc-3", "vpc-4"],
    # No name before a name, then digits, capitals and small letters as in ASCII; equals in the order of creation.
    "name": ["subnet-1", "subnet-2", "vpc-4", "vpc-3", "vpc-1", "vpc-2"],
    "region": ["vpc-1", "vpc-2", "vpc-3", "subnet-1", "subnet-2", "vpc-4"],
    "account": ["vpc-1", "vpc-2", "vpc-3", "subnet-1", "subnet-2", "vpc-4"],
    "changed_at": ["vpc-1", "vpc-2", "vpc-3", "subnet-1", "subnet-2", "vpc-4"],
}


@pytest.mark.parametrize("descending", [False, True])
def test_pages_follow_one_another_in_every_order(inventory: Store, clock: Clock, descending: bool) -> None:
    for (sort, order), limit, query in itertools.product(
        ORDERS.items(), (1, 4, 1_000), (Query(), Query(at=clock.now), Query(deleted=True))
    ):
        seen: list[str] = []
        cursor = None
        while True:
            page = inventory.resources.list(query, sort=sort, descending=descending, limit=limit, cursor=cursor)
            seen += [row.alias for row in page.items]
            cursor = page.cursor
            if cursor is None:
                break
            assert len(page.items) == limit
        assert seen == (order[::-1] if descending else order), (sort, limit, query)


def test_a_walk_meets_each_once_whatever_changes_meanwhile(store: Store, source: Source) -> None:
    names = ["vpc-5", "vpc-3", "vpc-7"]
    for number in range(1, 4):  # one by one, so that the first seen is not the first by its id
        collect(store, source, *(vpc(name, title=f"name of {name}") for name in names[:number]))
    walked, cursor = [], None
    for changed in (vpc("vpc-3", title="a"), vpc("vpc-7", title="z"), vpc("vpc-1", title="new")):
        page = store.resources.list(limit=1, cursor=cursor)
        walked += [row.alias for row in page.items]
        cursor = page.cursor
        others = [vpc(name, title=f"name of {name}") for name in names if name not in changed.id]
        collect(store, source, changed, *others)
    assert walked == names
    assert aliases(store) == [*names, "vpc-1"]


@pytest.mark.parametrize(
    "query", [Query(), Query(type=VPC), Query(account=HERE.account)], ids=["all", "type", "account"]
)
@pytest.mark.parametrize("sort", ["type", "account", "changed_at"])
def test_a_page_far_behind_is_as_quick_as_the_first(store: Store, source: Source, query: Query, sort: str) -> None:
    """A walk through all of a large account takes as long as it has pages, and not that squared. Counted are the steps
    of SQLite; on PostgreSQL nothing is."""
    collect(store, source, *(vpc(f"vpc-{number:04}") for number in range(2_000)))
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1

    def count(driver: object, *_: object) -> None:
        if isinstance(driver, sqlite3.Connection):
            driver.set_progress_handler(step, 20)

    sa.event.listen(sa.Pool, "checkout", count)
    try:
        cost, cursor = [], None
        while cursor is not None or not cost:
            before = steps
            cursor = store.resources.list(query, sort=sort, limit=250, cursor=cursor).cursor
            cost.append(steps - before)
    finally:
        sa.event.remove(sa.Pool, "checkout", count)
    assert len(cost) == 8
    assert cost[6] <= cost[1] + 5


def test_a_cursor_of_another_listing_or_none_of_ours_is_refused(inventory: Store) -> None:
    cursor = inventory.resources.list(limit=1).cursor
    assert cursor is not None
    for bad in ("", "x", "ü", "!!!!", cursor[:-3], cursor + "AAAA", "W10", "bnVsbA", "e30"):
        with pytest.raises(InvalidInput, match="cursor"):
            inventory.resources.list(limit=1, cursor=bad)
    with pytest.raises(InvalidInput, match="another listing"):
        inventory.resources.list(limit=1, cursor=cursor, descending=True)
    with pytest.raises(InvalidInput, match="another listing"):
        inventory.resources.list(Query(text="x"), limit=1, cursor=cursor)
    with pytest.raises(InvalidInput, match="another listing"):
        inventory.changes.list(limit=1, cursor=cursor)


def test_an_order_or_a_page_size_that_is_not_offered_is_refused(store: Store) -> None:
    with pytest.raises(InvalidInput, match="sorted by"):
        store.resources.list(sort="tags")
    for limit in (0, -1, 1_001):
        with pytest.raises(InvalidInput, match="page"):
            store.resources.list(limit=limit)


def test_counts_and_facets(inventory: Store) -> None:
    assert inventory.resources.counts() == {SUBNET: 2, VPC: 4}
    assert inventory.resources.facets() == {
        "account": ("111122223333",),
        "region": ("eu-west-1", "us-east-1"),
        "type": (SUBNET, VPC),
    }


def test_links_are_seen_from_both_ends(inventory: Store) -> None:
    (out,) = inventory.resources.get("subnet-1").relations
    assert (out.name, out.direction, out.to) == ("member-of", "out", "vpc-1")
    assert out.other is not None
    assert (out.other.alias, out.other.attributes["cidr"]) == ("vpc-1", "10.0.0.0/16")
    (back,) = inventory.resources.get("vpc-1").relations
    assert (back.name, back.direction) == ("member-of", "in")
    assert back.other is not None
    assert back.other.alias == "subnet-1"


def test_of_the_links_to_a_hub_no_more_of_each_name_come_than_were_asked_for(store: Store, source: Source) -> None:
    spokes = [vpc(f"vpc-{number}", relations=[("routes-to", "vpc-0")]) for number in range(1, 6)]
    collect(store, source, vpc("vpc-0"), *spokes, vpc("vpc-9", relations=[("peers-with", "vpc-0")]))
    hub = store.resources.get("vpc-0", most_incoming=2)
    assert [link.name for link in hub.relations] == ["peers-with", "routes-to", "routes-to"]
    assert hub.incoming == {"peers-with": 1, "routes-to": 5}
    assert len(store.resources.get("vpc-0").relations) == 6


def test_links_begin_and_end_with_what_they_come_from(store: Store, source: Source, clock: Clock) -> None:
    """One spoke moves to another hub and back, one is deleted and comes back: what led to the hub at each moment."""
    hubs, steps = [vpc("vpc-0"), vpc("vpc-9")], [{"a": 0, "b": 0}, {"a": 9, "b": 0}, {"a": 0}, {"a": 0, "b": 0}]
    moments = []
    for spokes in steps:
        there = [vpc(name, relations=[("routes-to", f"vpc-{to}")], to=to) for name, to in spokes.items()]
        collect(store, source, *hubs, *there)
        moments.append(clock.now)
        clock.forward(minutes=1)
    for at, spokes in [*zip(moments, steps, strict=True), (None, steps[-1])]:
        for number in (0, 9):
            hub = store.resources.get(f"vpc-{number}", at=at)
            leads_here = sorted(name for name, to in spokes.items() if to == number)
            assert [link.other.alias for link in hub.relations if link.other] == leads_here
            assert hub.incoming == ({"routes-to": len(leads_here)} if leads_here else {})
    assert [link.to for link in store.resources.get("b", at=moments[2]).relations] == ["vpc-0"]  # as it last was


def test_a_link_to_what_was_not_collected_has_a_name_and_no_other_end(inventory: Store) -> None:
    (out,) = inventory.resources.get("subnet-2").relations
    assert (out.to, out.other) == ("vpc-9", None)


def test_an_alias_of_several_accounts_means_the_own_one(store: Store, source: Source) -> None:
    for scope in (HERE, THERE):
        zone = dataclasses.replace(vpc(f"zone-{scope.account}", scope=scope), alias="eu-west-1a")
        subnet = vpc(f"subnet-{scope.account}", scope=scope, relations=[("in-zone", "eu-west-1a")])
        collect(store, source, zone, subnet, scope=scope)
    for scope in (HERE, THERE):
        (link,) = store.resources.get(f"subnet-{scope.account}").relations
        assert link.other is not None
        assert link.other.account == scope.account
        (zone_row,) = [row for row in store.resources.find("eu-west-1a") if row.account == scope.account]
        (back,) = store.resources.get(zone_row.id).relations
        assert back.other is not None
        assert back.other.account == scope.account
    with pytest.raises(Conflict, match="2 resources"):
        store.resources.get("eu-west-1a")


def test_a_link_reaches_into_another_source(store: Store, source: Source) -> None:
    other = store.sources.add("partner", "aws", {}, {}, None, None)
    collect(store, source, vpc("pcx-1", relations=[("accepter", "vpc-7")]))
    collect(store, other, vpc("vpc-7", scope=THERE), scope=THERE)
    (link,) = store.resources.get("pcx-1").relations
    assert link.other is not None
    assert (link.other.alias, link.other.source) == ("vpc-7", "partner")
    (back,) = store.resources.get("vpc-7").relations
    assert back.other is not None
    assert (back.direction, back.other.source) == ("in", "lab")


def test_what_is_not_there_is_said_with_what_is_near(inventory: Store) -> None:
    with pytest.raises(NotFound) as error:
        inventory.resources.get("Core_la")
    assert "vpc-2 (core_lab)" in error.value.why
    with pytest.raises(NotFound) as error:
        inventory.resources.get("subnet-77")
    assert "subnet-1" in error.value.why
    with pytest.raises(NotFound):
        inventory.resources.get("")
    with pytest.raises(NotFound):
        inventory.resources.get("\x00")
    with pytest.raises(NotFound):
        inventory.resources.versions(4711)


class TestAPastMoment:
    def test_shows_what_stood_then(self, store: Store, source: Source, clock: Clock) -> None:
        start = clock.now
        collect(store, source, vpc("vpc-1", n=1, title="old"), vpc("vpc-2"))
        then = clock.forward(hours=1)
        collect(store, source, vpc("vpc-1", n=2, title="new"), vpc("vpc-3"))
        gone = clock.forward(hours=1)
        collect(store, source)
        back = clock.forward(hours=1)
        collect(store, source, vpc("vpc-1", n=3))
        second = timedelta(seconds=1)
        assert aliases(store, at=start - second) == []
        assert aliases(store, at=start) == ["vpc-1", "vpc-2"]
        assert aliases(store, at=then - second) == ["vpc-1", "vpc-2"]
        assert aliases(store, at=then) == ["vpc-1", "vpc-3"]
        assert aliases(store, at=gone) == []
        assert aliases(store, at=gone, deleted=True) == ["vpc-1", "vpc-2", "vpc-3"]
        assert aliases(store, at=start, deleted=True) == ["vpc-1", "vpc-2"]
        assert aliases(store, at=back) == ["vpc-1"]
        assert aliases(store, at=start, where={"n": "1"}, text="OLD") == ["vpc-1"]
        assert aliases(store, at=then, where={"n": "1"}) == []
        assert store.resources.counts(Query(at=then)) == {VPC: 2}
        row = store.resources.list(Query(at=start, text="vpc-1")).items[0]
        assert (row.name, row.version, row.changed_at, row.deleted_at) == ("old", 1, start, None)

    def test_shows_the_document_and_the_links_of_then(self, store: Store, source: Source, clock: Clock) -> None:
        start = clock.now
        first = vpc("vpc-1", document={"State": "pending"}, relations=[("uses", "vpc-2"), ("uses", "vpc-3")])
        collect(store, source, first, vpc("vpc-2", n=1))
        then = clock.forward(hours=1)
        second = vpc("vpc-1", document={"State": "available"}, relations=[("uses", "vpc-2")])
        collect(store, source, second, vpc("vpc-2", n=2))
        gone = clock.forward(hours=1)
        collect(store, source)
        before = store.resources.get("vpc-1", at=start)
        assert before.document == {"State": "pending"}
        assert [(link.to, link.other and link.other.attributes) for link in before.relations] == [
            ("vpc-2", {"n": 1}),
            ("vpc-3", None),
        ]
        after = store.resources.get("vpc-1", at=then)
        assert after.document == {"State": "available"}
        assert [(link.to, link.other and link.other.attributes) for link in after.relations] == [("vpc-2", {"n": 2})]
        assert [link.other and link.other.version for link in store.resources.get("vpc-2", at=start).relations] == [1]
        assert store.resources.get("vpc-1", at=gone).resource.deleted_at == gone
        with pytest.raises(NotFound):
            store.resources.get("vpc-1", at=start - timedelta(hours=1))

    def test_may_be_given_in_another_zone_of_time(self, store: Store, source: Source, clock: Clock) -> None:
        from datetime import timezone

        collect(store, source, vpc("vpc-1"))
        assert aliases(store, at=clock.now.astimezone(timezone(timedelta(hours=-8)))) == ["vpc-1"]


class TestChanges:
    def test_are_listed_newest_first_by_what_was_asked_for(self, store: Store, source: Source, clock: Clock) -> None:
        first = clock.now
        collect(store, source, vpc("vpc-1", n=1), vpc("vpc-2"))
        second = clock.forward(hours=1)
        collect(store, source, vpc("vpc-1", n=2))
        run = store.runs.list().items[0].id
        collect(store, source, vpc("vpc-9", scope=THERE), scope=THERE)

        def seen(**wanted: object) -> list[str]:
            rows = store.changes.list(**wanted).items  # type: ignore[arg-type]  # any filter of it
            return [f"{row.kind} {row.alias}" for row in rows]

        assert seen() == ["created vpc-9", "deleted vpc-2", "updated vpc-1", "created vpc-2", "created vpc-1"]
        assert seen(until=second) == ["created vpc-2", "created vpc-1"]
        assert seen(since=second, until=second) == []
        assert seen(since=first + timedelta(seconds=1), kind="created") == ["created vpc-9"]
        assert seen(resource_id="vpc-1") == ["updated vpc-1", "created vpc-1"]
        assert seen(run_id=run) == ["deleted vpc-2", "updated vpc-1"]
        assert seen(account="444455556666") == ["created vpc-9"]
        assert seen(region="us-east-1") == []
        assert seen(type=SUBNET) == []
        assert seen(source_id="src_no") == []

    def test_come_page_by_page(self, store: Store, source: Source) -> None:
        collect(store, source, *(vpc(f"vpc-{n}") for n in range(7)))
        sequences: list[int] = []
        cursor = None
        for _ in range(3):
            page = store.changes.list(limit=3, cursor=cursor)
            sequences += [change.sequence for change in page.items]
            cursor = page.cursor
        assert cursor is None
        assert sequences == [7, 6, 5, 4, 3, 2, 1]
