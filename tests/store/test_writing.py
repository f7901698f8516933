"""What a listing makes of the memory."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from openvna.model import Calls, Conflict, Failure, FieldChange, InvalidInput, Kind, Outcome, Resource, Scope
from openvna.store import Query, Source, Store

from .conftest import HERE, SUBNET, THERE, VPC, Clock, aliases, collect, fail, vpc

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def kinds(store: Store) -> list[tuple[str, str]]:
    """All changes, oldest first."""
    return [(change.kind, change.alias) for change in reversed(store.changes.list().items)]


def test_a_first_listing_creates_what_it_holds(store: Store, source: Source) -> None:
    line = collect(store, source, vpc("vpc-1", cidr="10.0.0.0/16"), vpc("vpc-2"), calls=Calls(2, 1, 0, 0.5))
    assert (line.seen, line.created, line.updated, line.deleted) == (2, 2, 0, 0)
    assert line.calls == Calls(2, 1, 0, 0.5)
    detail = store.resources.get("vpc-1")
    assert detail.resource.attributes == {"cidr": "10.0.0.0/16"}
    assert detail.document == {"VpcId": "vpc-1"}
    assert (detail.resource.version, detail.resource.first_seen, detail.resource.changed_at) == (1, NOON, NOON)
    assert kinds(store) == [("created", "vpc-1"), ("created", "vpc-2")]


def test_nothing_is_visible_before_its_type_is_complete(store: Store, source: Source) -> None:
    writer = store.runs.begin(source.id, HERE)
    for number in range(900):
        writer.record(vpc(f"vpc-{number}"))
    writer.record(vpc("subnet-1", type=SUBNET))
    assert store.resources.counts() == {}
    writer.complete(SUBNET)
    assert store.resources.counts() == {SUBNET: 1}
    writer.complete(VPC)
    assert store.resources.counts() == {SUBNET: 1, VPC: 900}
    writer.finish()


def test_what_was_recorded_of_a_type_that_never_ended_is_dropped(store: Store, source: Source) -> None:
    writer = store.runs.begin(source.id, HERE)
    writer.record(vpc("vpc-1"))
    writer.finish()
    assert aliases(store) == []


def test_the_same_again_makes_no_version_and_no_change(store: Store, source: Source, clock: Clock) -> None:
    collect(store, source, vpc("vpc-1", state="available"))
    clock.forward(hours=1)
    line = collect(store, source, vpc("vpc-1", state="available"))
    assert (line.seen, line.created, line.updated, line.deleted) == (1, 0, 0, 0)
    row = store.resources.get("vpc-1").resource
    assert (row.version, row.changed_at, row.confirmed_at) == (1, NOON, clock.now)
    assert kinds(store) == [("created", "vpc-1")]


def test_a_change_makes_a_version_with_before_and_after(store: Store, source: Source, clock: Clock) -> None:
    collect(store, source, vpc("vpc-1", tags={"env": "test"}, state="pending"))
    later = clock.forward(hours=1)
    line = collect(store, source, vpc("vpc-1", tags={"env": "live"}, state="available", title="core"))
    assert (line.created, line.updated) == (0, 1)
    change = store.changes.list().items[0]
    assert (change.kind, change.name, change.at) == ("updated", "core", later)
    assert change.fields == (
        FieldChange("name", "", "core"),
        FieldChange("tags.env", "test", "live"),
        FieldChange("attributes.state", "pending", "available"),
    )
    new, old = store.resources.versions(store.resources.get("vpc-1").resource.key)
    assert (old.number, old.valid_from, old.valid_to, old.tags) == (1, NOON, later, {"env": "test"})
    assert (new.number, new.valid_from, new.valid_to, new.tags) == (2, later, None, {"env": "live"})
    assert new.fields == change.fields
    assert old.fields == ()


def test_a_long_value_stays_whole_in_a_change(store: Store, source: Source) -> None:
    collect(store, source, vpc("vpc-1", policy="a" * 50_000))
    collect(store, source, vpc("vpc-1", policy="b" * 50_000))
    assert store.changes.list().items[0].fields == (FieldChange("attributes.policy", "a" * 50_000, "b" * 50_000),)


def test_a_volatile_attribute_alone_makes_no_version(store: Store, source: Source) -> None:
    collect(store, source, vpc("vpn-1", volatile=("last_change",), last_change="10:00", state="up"))
    assert collect(store, source, vpc("vpn-1", volatile=("last_change",), last_change="11:00", state="up")).updated == 0
    assert store.resources.get("vpn-1").resource.attributes == {"last_change": "11:00", "state": "up"}
    assert store.resources.get("vpn-1").resource.version == 1
    collect(store, source, vpc("vpn-1", volatile=("last_change",), last_change="12:00", state="down"))
    assert store.changes.list().items[0].fields == (FieldChange("attributes.state", "up", "down"),)
    assert store.resources.get("vpn-1").resource.attributes == {"last_change": "12:00", "state": "down"}


def test_another_order_of_a_list_is_no_change(store: Store, source: Source) -> None:
    collect(store, source, vpc("vpc-1", zones=["a", "b"], document={"Sets": [{"Id": "1"}, {"Id": "2"}]}))
    line = collect(store, source, vpc("vpc-1", zones=["b", "a"], document={"Sets": [{"Id": "2"}, {"Id": "1"}]}))
    assert line.updated == 0


def test_a_complete_listing_retires_what_it_does_not_hold(store: Store, source: Source, clock: Clock) -> None:
    collect(store, source, vpc("vpc-1"), vpc("vpc-2", relations=[("member-of", "net-1")]))
    confirmed = clock.forward(hours=1)
    collect(store, source, vpc("vpc-1"), vpc("vpc-2", relations=[("member-of", "net-1")]))
    gone = clock.forward(hours=1)
    assert collect(store, source, vpc("vpc-1")).deleted == 1
    assert aliases(store) == ["vpc-1"]
    detail = store.resources.get("vpc-2")
    assert (detail.resource.deleted_at, detail.resource.confirmed_at) == (gone, confirmed)
    assert [link.to for link in detail.relations] == ["net-1"]
    assert store.resources.versions(detail.resource.key)[0].valid_to == gone
    assert kinds(store)[-1] == ("deleted", "vpc-2")
    assert aliases(store, deleted=True) == ["vpc-1", "vpc-2"]


def test_a_listing_touches_no_other_type_and_no_other_scope(store: Store, source: Source) -> None:
    collect(store, source, vpc("vpc-1"))
    collect(store, source, vpc("subnet-1", type=SUBNET), type=SUBNET)
    collect(store, source, vpc("vpc-9", scope=THERE), scope=THERE)
    assert collect(store, source).deleted == 1
    assert aliases(store) == ["subnet-1", "vpc-9"]


def test_what_comes_back_is_the_same_resource_with_its_next_version(store: Store, source: Source, clock: Clock) -> None:
    collect(store, source, vpc("vpc-1", relations=[("member-of", "net-1")]))
    key = store.resources.get("vpc-1").resource.key
    gone = clock.forward(hours=1)
    collect(store, source)
    back = clock.forward(hours=1)
    assert collect(store, source, vpc("vpc-1", relations=[("member-of", "net-1")])).created == 1
    detail = store.resources.get("vpc-1")
    assert (detail.resource.key, detail.resource.version, detail.resource.deleted_at) == (key, 2, None)
    assert (detail.resource.first_seen, detail.resource.changed_at) == (NOON, back)
    assert [link.to for link in detail.relations] == ["net-1"]
    second, first = store.resources.versions(key)
    assert (first.valid_to, second.valid_from, second.valid_to) == (gone, back, None)
    assert kinds(store) == [("created", "vpc-1"), ("deleted", "vpc-1"), ("created", "vpc-1")]


def test_a_problem_writes_what_was_seen_and_retires_nothing(store: Store, source: Source, clock: Clock) -> None:
    collect(store, source, vpc("vpc-1"), vpc("vpc-2", state="a"))
    tried = clock.forward(hours=1)
    line = fail(store, source, vpc("vpc-2", state="b"), vpc("vpc-3"))
    assert (line.outcome, line.seen, line.created, line.updated, line.deleted) == (Outcome.DENIED, 2, 1, 1, 0)
    assert aliases(store) == ["vpc-1", "vpc-2", "vpc-3"]
    assert store.resources.get("vpc-2").resource.attributes == {"state": "b"}
    rows = {row.alias: row for row in store.resources.list().items}
    assert all(row.stale for row in rows.values())
    assert (rows["vpc-1"].confirmed_at, rows["vpc-3"].confirmed_at) == (NOON, None)
    (coverage,) = store.runs.coverage()
    assert (coverage.outcome, coverage.tried_at, coverage.complete_at, coverage.resources) == (
        Outcome.DENIED,
        tried,
        NOON,
        3,
    )
    assert coverage.failure is not None
    assert coverage.failure.code == "UnauthorizedOperation"


def test_the_next_complete_listing_ends_the_doubt(store: Store, source: Source, clock: Clock) -> None:
    collect(store, source, vpc("vpc-1"))
    fail(store, source, vpc("vpc-2"))
    sure = clock.forward(hours=1)
    collect(store, source, vpc("vpc-2"))
    (row,) = store.resources.list().items
    assert (row.alias, row.stale, row.confirmed_at) == ("vpc-2", False, sure)


def test_no_word_from_the_source_is_unknown_and_not_nothing(store: Store, source: Source) -> None:
    fail(store, source, outcome=Outcome.UNKNOWN)
    (coverage,) = store.runs.coverage()
    assert (coverage.outcome, coverage.resources, coverage.complete_at) == (Outcome.UNKNOWN, 0, None)


def test_a_problem_cannot_be_ok(store: Store, source: Source) -> None:
    writer = store.runs.begin(source.id, HERE)
    with pytest.raises(ValueError, match="cannot have the outcome ok"):
        writer.problem(VPC, Failure(Outcome.OK, ""))


def test_two_ends_of_one_listing_are_refused(store: Store, source: Source) -> None:
    writer = store.runs.begin(source.id, HERE)
    writer.complete(VPC)
    with pytest.raises(Conflict):
        writer.complete(VPC)
    with pytest.raises(Conflict):
        writer.record(vpc("vpc-1"))


def test_an_id_that_comes_twice_counts_once(store: Store, source: Source) -> None:
    assert collect(store, source, vpc("vpc-1"), vpc("vpc-1")).seen == 1
    line = collect(store, source, vpc("vpc-1"), vpc("vpc-1"))
    assert (line.seen, line.created, line.updated) == (1, 0, 0)


def test_a_resource_without_an_id_is_refused(store: Store, source: Source) -> None:
    writer = store.runs.begin(source.id, HERE)
    with pytest.raises(InvalidInput, match="without an id"):
        writer.record(Resource(id="", type=VPC, kind=Kind.NETWORK, account="1", region="r"))


def test_characters_that_no_database_takes_are_replaced(store: Store, source: Source) -> None:
    collect(store, source, vpc("vpc-1", tags={"note": "a\x00b"}, cut="\ud83d"), vpc("vpc-\x00"))
    row = store.resources.get("vpc-1").resource
    assert (row.tags, row.attributes) == ({"note": "a�b"}, {"cut": "?"})
    assert collect(store, source, vpc("vpc-1", tags={"note": "a\x00b"}, cut="\ud83d"), vpc("vpc-\x00")).updated == 0


def test_large_numbers_and_deep_documents_come_back_as_they_were(store: Store, source: Source) -> None:
    document = {"Asn": 4_294_967_294, "Deep": [[{"a": [None, True, 1.5, "ü€𝄞"]}]], "": ""}
    collect(store, source, vpc("vpc-1", document=document))
    assert store.resources.get("vpc-1").document == document


def test_the_type_of_an_id_may_change(store: Store, source: Source) -> None:
    collect(store, source, vpc("thing-1"))
    collect(store, source, vpc("thing-1", type=SUBNET), type=SUBNET)
    assert collect(store, source).deleted == 0
    row = store.resources.get("thing-1").resource
    assert (row.type, row.kind, row.version) == (SUBNET, "subnet", 2)


class TestALongListing:
    """It is written in pieces as it comes; here they are half as large as they are."""

    @pytest.fixture(autouse=True)
    def smaller(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("openvna.store.writer._LONG", 4_000)

    def test_counts_as_one(self, store: Store, source: Source) -> None:
        numbers = range(5_200)
        assert collect(store, source, *(vpc(f"vpc-{n:04}", n=n) for n in numbers)).created == 5_200
        line = collect(store, source, *(vpc(f"vpc-{n:04}", n=n + n % 2) for n in numbers if n != 7))
        assert (line.seen, line.created, line.updated, line.deleted) == (5_199, 0, 2_599, 1)
        assert store.resources.get("vpc-4999").resource.attributes == {"n": 5_000}

    def test_that_never_ends_leaves_what_was_seen_and_retires_nothing(self, store: Store, source: Source) -> None:
        collect(store, source, vpc("vpc-old"), vpc("vpc-0000", n=-1))
        writer = store.runs.begin(source.id, HERE)
        for number in range(4_600):
            writer.record(vpc(f"vpc-{number:04}", n=number))
        assert store.resources.counts() == {VPC: 4_001}
        run = writer.finish()
        assert (run.seen, run.created, run.updated, run.deleted) == (0, 3_999, 1, 0)
        assert store.resources.counts() == {VPC: 4_001}
        line = collect(store, source, *(vpc(f"vpc-{n:04}", n=n) for n in range(4_600)))
        assert (line.seen, line.created, line.updated, line.deleted) == (4_600, 600, 0, 1)

    def test_with_an_id_that_comes_twice_holds_it_once(self, store: Store, source: Source) -> None:
        line = collect(store, source, *(vpc(f"vpc-{n % 3_000:04}") for n in range(6_000)))
        assert (line.seen, line.created, line.updated) == (3_000, 3_000, 0)


class TestSeenFromTwoScopes:
    """A transit gateway of the account THERE, shared with HERE: both list it, each with its own view."""

    home = vpc("tgw-1", scope=THERE, state="available", owner="me")
    foreign = vpc("tgw-1", scope=THERE, state="available", owner="another")

    def test_is_one_resource(self, store: Store, source: Source) -> None:
        assert collect(store, source, self.home, scope=THERE).created == 1
        assert collect(store, source, self.home, scope=HERE).created == 0
        assert len(store.resources.list().items) == 1

    def test_goes_only_when_no_scope_sees_it_any_more(self, store: Store, source: Source) -> None:
        collect(store, source, self.home, scope=THERE)
        collect(store, source, self.home, scope=HERE)
        assert collect(store, source, scope=THERE).deleted == 0
        assert aliases(store) == ["tgw-1"]
        assert collect(store, source, scope=HERE).deleted == 1

    @pytest.mark.parametrize("first", ["home", "foreign"])
    def test_does_not_change_to_and_fro(self, store: Store, source: Source, first: str) -> None:
        order = [(self.home, THERE), (self.foreign, HERE)]
        if first == "foreign":
            order.reverse()
        for resource, scope in order * 3:
            collect(store, source, resource, scope=scope)
        row = store.resources.get("tgw-1").resource
        assert row.attributes["owner"] == "me"
        # Seen from afar first, the view from home then counts: that is the one change.
        assert row.version == (1 if first == "home" else 2)

    def test_shows_the_foreign_view_when_the_home_one_is_gone(self, store: Store, source: Source) -> None:
        collect(store, source, self.home, scope=THERE)
        collect(store, source, self.foreign, scope=HERE)
        collect(store, source, scope=THERE)
        assert store.resources.get("tgw-1").resource.attributes["owner"] == "me"
        assert collect(store, source, self.foreign, scope=HERE).updated == 1
        assert store.resources.get("tgw-1").resource.attributes["owner"] == "another"

    def test_of_two_foreign_views_the_first_one_stays(self, store: Store, source: Source) -> None:
        third = Scope("aws/777788889999/eu-west-1", "aws", "777788889999", "eu-west-1")
        for _ in range(2):
            collect(store, source, vpc("tgw-1", scope=third, seen_by="here"), scope=HERE)
            collect(store, source, vpc("tgw-1", scope=third, seen_by="there"), scope=THERE)
        row = store.resources.get("tgw-1").resource
        assert (row.version, row.attributes) == (1, {"seen_by": "here"})

    def test_is_in_doubt_only_when_no_scope_can_tell(self, store: Store, source: Source) -> None:
        collect(store, source, self.home, scope=THERE)
        collect(store, source, self.home, scope=HERE)
        fail(store, source, scope=THERE)
        assert not store.resources.get("tgw-1").resource.stale
        fail(store, source, scope=HERE)
        assert store.resources.get("tgw-1").resource.stale

    def test_the_two_sources_of_one_account_keep_their_own(self, store: Store, source: Source) -> None:
        other = store.sources.add("files", "aws-files", {}, {}, None, None)
        collect(store, source, self.home, scope=THERE)
        collect(store, other, self.home, scope=THERE)
        assert [row.source for row in store.resources.find("tgw-1")] == ["lab", "files"]
        with pytest.raises(Conflict, match="2 resources"):
            store.resources.get("tgw-1")
        assert store.resources.get("tgw-1", source_id=other.id).resource.source == "files"


def test_a_clock_that_goes_back_leaves_no_version_inside_out(store: Store, source: Source, clock: Clock) -> None:
    collect(store, source, vpc("vpc-1", n=1))
    clock.forward(hours=-2)
    collect(store, source, vpc("vpc-1", n=2))
    collect(store, source)
    new, old = store.resources.versions(store.resources.find("vpc-1")[0].key)
    assert old.valid_to is not None
    assert new.valid_to is not None
    assert old.valid_from < old.valid_to == new.valid_from < new.valid_to


def test_other_readers_see_a_listing_whole(opened: Callable[[], Store], store: Store, source: Source) -> None:
    other = opened()
    collect(store, source, vpc("vpc-1"))
    assert [row.alias for row in other.resources.list(Query(type=VPC)).items] == ["vpc-1"]


def test_what_has_left_is_deleted_with_the_reason_and_nothing_is_expected_there(
    store: Store, source: Source, clock: Clock
) -> None:
    collect(store, source, vpc("vpc-1"), vpc("vpc-2"))
    collect(store, source, vpc("vpc-3"), scope=THERE)
    clock.forward(hours=1)
    writer = store.runs.begin(source.id, HERE)
    writer.leave("The account is closed.")
    run = writer.finish()
    assert (run.state, run.deleted) == ("ok", 2)
    gone = store.changes.list(kind="deleted").items
    assert {(change.alias, change.reason) for change in gone} == {
        ("vpc-1", "The account is closed."),
        ("vpc-2", "The account is closed."),
    }
    assert aliases(store) == ["vpc-3"]
    assert [line.scope for line in store.runs.coverage()] == [THERE.key]


def test_what_a_listing_no_longer_holds_is_gone_without_a_reason(store: Store, source: Source) -> None:
    collect(store, source, vpc("vpc-1"))
    collect(store, source)
    (change,) = store.changes.list(kind="deleted").items
    assert change.reason == ""


def test_what_is_new_to_a_scope_is_compared_without_a_connection(
    store: Store, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is held while much is packed makes another thread open a second one, with a cache of its own."""
    writer = store.runs.begin(source.id, HERE)
    writer.record(vpc("first"))
    with monkeypatch.context() as patched:
        patched.setattr("openvna.store.writer.CHUNK", 10)
        patched.setattr(writer._database, "read", None)
        for number in range(20):
            writer.record(vpc(f"vpc-{number}"))
    assert writer.complete(VPC).created == 21
    writer.finish()
