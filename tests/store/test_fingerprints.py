"""What a plugin need not read again: pieces of an answer that were recorded before."""

from __future__ import annotations

from random import Random

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from openvna.model import Failure, Outcome, Resource, Scope
from openvna.store import LedgerRow, RunRow, Source, Store, Vault, open_for_reading, sighted, tables
from openvna.store.apply import CHUNK
from openvna.store.key_set import RECENT, Fingerprints, KeySet, Recorded, Reprints
from openvna.store.writer import _LONG

from .conftest import HERE, SUBNET, THERE, VPC, aliases, collect, vpc

ONE, TWO = b"print-01", b"print-02"
ONE_OF_TWO = ONE + b"\0\2"
PRINTS = st.binary(min_size=8, max_size=8) | st.builds(
    lambda print_, count: print_ + count.to_bytes(2), st.binary(min_size=8, max_size=8), st.integers(2, (1 << 16) - 1)
)


def listed(store: Store, source: Source, *prints: bytes, **read: bytes) -> tuple[list[bool], LedgerRow]:
    """A complete listing: pieces that are asked about, then what was read, by name."""
    writer = store.runs.begin(source.id, HERE)
    same = writer.unchanged(VPC, prints)
    for name, fingerprint in read.items():
        writer.record(vpc(name), fingerprint)
    line = writer.complete(VPC)
    writer.finish()
    return list(same), line


def test_a_piece_that_is_as_it_was_counts_as_seen(store: Store, source: Source) -> None:
    same, line = listed(store, source, ONE, TWO, one=ONE, two=TWO)
    assert (same, line.created) == ([False, False], 2)
    same, line = listed(store, source, ONE, TWO)
    assert same == [True, True]
    assert (line.seen, line.created, line.updated, line.deleted) == (2, 0, 0, 0)
    assert aliases(store) == ["one", "two"]


def test_a_piece_that_is_gone_takes_its_resources_with_it(store: Store, source: Source) -> None:
    listed(store, source, one=ONE_OF_TWO, two=ONE_OF_TWO, three=TWO)
    same, line = listed(store, source, TWO)
    assert (same, line.seen, line.deleted) == ([True], 1, 2)
    assert listed(store, source, ONE)[0] == [False]


def test_a_piece_that_reads_the_same_under_another_print_is_known_by_the_new_one(store: Store, source: Source) -> None:
    listed(store, source, one=ONE)
    assert listed(store, source, one=TWO)[1].updated == 0
    assert listed(store, source, ONE, one=TWO)[0] == [False]
    assert listed(store, source, TWO)[0] == [True]


def test_a_scope_of_many_knows_its_pieces_like_one_of_few(store: Store, source: Source) -> None:
    """More than are read at once: their prints are read type by type, when they are asked for."""
    many = {f"vpc-{number}": number.to_bytes(8) for number in range(sighted.FEW + 1)}
    listed(store, source, **many)
    some = [many["vpc-7"], ONE, many["vpc-1000"]]
    same, line = listed(store, source, *some)
    assert same == [True, False, True]
    assert (line.seen, line.deleted) == (2, sighted.FEW - 1)
    assert listed(store, source, *some)[0] == [True, False, True]


def test_what_was_recorded_without_a_print_is_read_again(store: Store, source: Source) -> None:
    listed(store, source, one=ONE)
    collect(store, source, vpc("one"))
    assert listed(store, source, ONE, one=ONE)[0] == [False]


def test_a_changed_resource_has_the_print_of_its_change(store: Store, source: Source) -> None:
    listed(store, source, one=ONE)
    writer = store.runs.begin(source.id, HERE)
    writer.record(vpc("one", state="pending"), TWO)
    assert writer.complete(VPC).updated == 1
    writer.finish()
    assert listed(store, source, ONE, one=ONE)[1].updated == 1
    assert listed(store, source, TWO, one=TWO)[0] == [False]


def test_it_is_read_again_when_the_scope_whose_view_counted_no_longer_sees_it(store: Store, source: Source) -> None:
    at_home, from_afar = vpc("tgw", scope=THERE, owner="me"), vpc("tgw", scope=THERE, owner="another")
    collect(store, source, at_home, scope=THERE)
    writer = store.runs.begin(source.id, HERE)
    writer.record(from_afar, ONE)
    writer.complete(VPC)
    writer.finish()
    assert listed(store, source, ONE)[0] == [True]
    collect(store, source, scope=THERE)  # it is not shared any more
    writer = store.runs.begin(source.id, HERE)
    assert writer.unchanged(VPC, [ONE]) == [False]
    writer.record(from_afar, ONE)
    assert writer.complete(VPC).updated == 1
    writer.finish()
    assert store.resources.get("tgw").resource.attributes == {"owner": "another"}


def test_a_piece_is_known_only_while_all_that_came_from_it_is(store: Store, source: Source) -> None:
    listed(store, source, one=ONE_OF_TWO, two=ONE_OF_TWO)
    assert listed(store, source, ONE)[0] == [True]
    writer = store.runs.begin(source.id, HERE)
    writer.record(vpc("two"))  # asked for by itself, which says nothing of the piece
    writer.complete(VPC, only=vpc("two").id)
    writer.finish()
    same, line = listed(store, source, ONE, one=ONE_OF_TWO, two=ONE_OF_TWO)
    assert (same, line.seen, line.deleted) == ([False], 2, 0)
    assert listed(store, source, ONE)[0] == [True]


def test_a_piece_shared_by_two_scopes_in_part_is_read_again_whole(store: Store, source: Source) -> None:
    collect(store, source, vpc("one"), scope=THERE)
    listed(store, source, one=ONE_OF_TWO, two=ONE_OF_TWO)
    collect(store, source, scope=THERE)
    same, line = listed(store, source, ONE, one=ONE_OF_TWO, two=ONE_OF_TWO)
    assert (same, line.deleted) == ([False], 0)
    assert aliases(store) == ["one", "two"]


def test_where_no_view_counts_any_more_the_next_one_that_reads_alike_does(store: Store, source: Source) -> None:
    home = Scope("aws/777788889999/eu-west-1", "aws", "777788889999", "eu-west-1")
    collect(store, source, vpc("tgw", scope=home), scope=THERE)
    collect(store, source, vpc("tgw", scope=home))
    collect(store, source, scope=THERE)
    collect(store, source, vpc("tgw", scope=home))
    collect(store, source, vpc("tgw", scope=home, state="as another sees it"), scope=THERE)
    assert store.resources.get("tgw").resource.attributes == {}


def test_a_volatile_attribute_has_its_newest_value_and_only_of_the_view_that_counts(
    store: Store, source: Source
) -> None:
    def seen(free: int) -> Resource:
        return vpc("subnet-1", scope=HERE, volatile=("free",), free=free)

    for free, fingerprint in ((1, ONE), (2, TWO)):
        writer = store.runs.begin(source.id, HERE)
        writer.record(seen(free), fingerprint)
        writer.complete(VPC)
        writer.finish()
        assert store.resources.get("subnet-1").resource.attributes == {"free": free}
    for _ in range(2):
        collect(store, source, seen(9), scope=THERE)
        assert store.resources.get("subnet-1").resource.attributes == {"free": 2}
    assert listed(store, source, TWO)[0] == [True]


class TestOneIdOfTwoTypes:
    """What a scope lists as two types is neither lost nor made twice, and nothing else suffers."""

    def run(self, store: Store, source: Source, *resources: Resource, ended: tuple[str, ...] = (VPC, SUBNET)) -> RunRow:
        writer = store.runs.begin(source.id, HERE)
        for resource in resources:
            writer.record(resource)
        for type in ended:
            writer.end(type, None)
        return writer.finish()

    def test_it_may_change_while_it_is_listed_as_both(self, store: Store, source: Source) -> None:
        for state in ("on", "off"):
            self.run(store, source, vpc("one", state=state), vpc("one", type=SUBNET, state=state), vpc("two"))
            assert aliases(store) == ["one", "two"]

    def test_it_may_come_back_as_both(self, store: Store, source: Source) -> None:
        self.run(store, source, vpc("one"))
        self.run(store, source)
        self.run(store, source, vpc("one"), vpc("one", type=SUBNET))
        assert aliases(store) == ["one"]

    def test_a_page_does_not_keep_it_as_what_it_is_no_more(self, store: Store, source: Source) -> None:
        page = b"page-001"

        def listed(*, as_subnet: bool, two: bool = True) -> None:
            writer = store.runs.begin(source.id, HERE)
            if not writer.whole_page(VPC, page):
                if not all(writer.unchanged(VPC, [ONE])):
                    writer.record(vpc("one"), ONE)
                writer.page_read(VPC, page, [ONE])
            if two:
                writer.record(vpc("two"))
            writer.end(VPC, None)
            if as_subnet:
                writer.record(vpc("one", type=SUBNET))
            writer.end(SUBNET, None)
            writer.finish()

        listed(as_subnet=False)
        listed(as_subnet=True)
        listed(as_subnet=True, two=False)
        assert aliases(store) == ["one"]
        for _ in range(2):
            listed(as_subnet=False, two=False)
            assert aliases(store) == ["one"]

    def test_a_page_does_not_come_to_keep_it_once_it_is_another(
        self, store: Store, source: Source, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It is listed as one thing, then as another, and then the page that it came in is at its end."""
        page = b"page-001"
        with monkeypatch.context() as patched:
            patched.setattr("openvna.store.writer.CHUNK", 1)
            patched.setattr("openvna.store.writer._LONG", 1)
            writer = store.runs.begin(source.id, HERE)
            writer.record(vpc("one"), ONE)
            writer.record(vpc("one", type=SUBNET), TWO)
            writer.page_read(VPC, page, [ONE])
            writer.end(VPC, None)
            writer.end(SUBNET, None)
            writer.finish()
        assert not store.runs.begin(source.id, HERE).whole_page(VPC, page)

    def test_a_page_that_comes_once_it_is_another_does_not_keep_it_either(self, store: Store, source: Source) -> None:
        """Its piece is known from before the run. Were the page known, it would be lost once it is what it was."""
        page = b"page-001"

        def listed(*, as_subnet: bool) -> RunRow:
            writer = store.runs.begin(source.id, HERE)
            if as_subnet:
                writer.record(vpc("one", type=SUBNET))
            writer.complete(SUBNET)
            if not writer.whole_page(VPC, page):
                if not all(writer.unchanged(VPC, [ONE])):
                    writer.record(vpc("one"), ONE)
                writer.page_read(VPC, page, [ONE])
            writer.complete(VPC)
            return writer.finish()

        collect(store, source, vpc("two"))
        writer = store.runs.begin(source.id, HERE)
        writer.record(vpc("one"), ONE)
        writer.complete(VPC)
        writer.finish()
        listed(as_subnet=True)
        for _ in range(2):
            listed(as_subnet=False)
            assert aliases(store) == ["one"]
        writer = store.runs.begin(source.id, HERE)
        assert writer.whole_page(VPC, page), "now that it is a VPC alone"


def test_a_page_that_another_scope_forgot_meanwhile_stays_forgotten(store: Store, source: Source) -> None:
    page, at_home = b"page-001", vpc("tgw", scope=THERE, owner="me")
    from_afar = vpc("tgw", scope=THERE, owner="another")
    collect(store, source, at_home, scope=THERE)
    writer = store.runs.begin(source.id, HERE)
    assert not writer.whole_page(VPC, page)
    writer.record(from_afar, ONE)
    writer.page_read(VPC, page, [ONE])
    writer.complete(VPC)
    writer.finish()
    writer = store.runs.begin(source.id, HERE)
    assert writer.whole_page(VPC, page)
    collect(store, source, scope=THERE)  # it is not shared any more, as is found while it is listed here
    writer.record(vpc("new"))
    writer.complete(VPC)
    writer.finish()
    writer = store.runs.begin(source.id, HERE)
    assert not writer.whole_page(VPC, page)
    assert writer.unchanged(VPC, [ONE]) == [False]


def test_the_key_is_that_of_the_source(store: Store, source: Source) -> None:
    writer, again = store.runs.begin(source.id, HERE), store.runs.begin(source.id, THERE)
    assert writer.key == again.key
    other = store.sources.add("other", "aws", {}, {}, None, None)
    assert store.runs.begin(other.id, HERE).key != writer.key
    assert 16 <= len(writer.key) <= 64


def test_the_key_cannot_be_told_from_what_anybody_may_see_of_a_source(store: Store, source: Source, url: str) -> None:
    writer = store.runs.begin(source.id, HERE)
    writer.finish()
    with open_for_reading(url, Vault(bytes(32))) as with_another_key:
        assert with_another_key.runs.begin(source.id, HERE).key != writer.key


class TestPages:
    """A page of two pieces, which hold three resources."""

    PAGE = b"page-001"

    def read(
        self, store: Store, source: Source, *, state: str = "on", pieces: tuple[bytes, ...] = (ONE, TWO)
    ) -> LedgerRow:
        writer = store.runs.begin(source.id, HERE)
        assert not writer.whole_page(VPC, self.PAGE)
        for name, fingerprint in (("one", ONE_OF_TWO), ("two", ONE_OF_TWO), ("three", TWO)):
            writer.record(vpc(name, state=state), fingerprint)
        writer.page_read(VPC, self.PAGE, pieces)
        line = writer.complete(VPC)
        writer.finish()
        return line

    def again(self, store: Store, source: Source) -> tuple[bool, LedgerRow]:
        writer = store.runs.begin(source.id, HERE)
        known = writer.whole_page(VPC, self.PAGE)
        line = writer.complete(VPC) if known else writer.problem(VPC, Failure(Outcome.FAILED, "Not read."))
        writer.finish()
        return known, line

    def test_one_that_is_as_it_was_is_not_looked_into(self, store: Store, source: Source) -> None:
        self.read(store, source)
        for _ in range(2):
            known, line = self.again(store, source)
            assert known
            assert (line.seen, line.created, line.updated, line.deleted) == (3, 0, 0, 0)

    def test_one_with_a_piece_of_which_nothing_was_recorded_is_looked_into(self, store: Store, source: Source) -> None:
        self.read(store, source, pieces=(ONE, TWO, b"print-03"))
        assert not self.again(store, source)[0]

    def test_one_is_looked_into_once_something_in_it_changed_otherwise(self, store: Store, source: Source) -> None:
        self.read(store, source)
        writer = store.runs.begin(source.id, HERE)
        writer.record(vpc("two", state="off"))
        writer.complete(VPC, only=vpc("two").id)
        writer.finish()
        assert not self.again(store, source)[0]

    @pytest.mark.parametrize("comes", [False, True])
    def test_one_is_looked_into_once_something_in_it_changed_in_a_long_listing_that_never_ended(
        self, store: Store, source: Source, monkeypatch: pytest.MonkeyPatch, comes: bool
    ) -> None:
        """What is back as it was when the page was read is not so in the memory. Within that listing it `comes`."""
        self.read(store, source)
        with monkeypatch.context() as patched:
            patched.setattr("openvna.store.writer.CHUNK", 1)
            patched.setattr("openvna.store.writer._LONG", 1)
            writer = store.runs.begin(source.id, HERE)
            writer.record(vpc("two", state="off"), b"print-03")
            assert not comes or writer.whole_page(VPC, self.PAGE)
            writer.finish(Failure(Outcome.FAILED, "Stopped."))
        assert not self.again(store, source)[0]
        assert store.resources.get(vpc("two").id).resource.attributes["state"] == "off"

    def written_as_it_comes(self, patched: pytest.MonkeyPatch) -> None:
        patched.setattr("openvna.store.writer.CHUNK", 1)
        patched.setattr("openvna.store.writer._LONG", 2)

    def test_one_is_known_however_its_resources_are_written(
        self, store: Store, source: Source, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """In two pieces, and after it is said that the page was read."""
        with monkeypatch.context() as patched:
            self.written_as_it_comes(patched)
            writer = store.runs.begin(source.id, HERE)
            writer.record(vpc("zero"), b"print-00")
            writer.record(vpc("one"), ONE_OF_TWO)
            writer.page_read(VPC, self.PAGE, [ONE, TWO])
            writer.record(vpc("two"), ONE_OF_TWO)
            writer.record(vpc("three"), TWO)
            writer.complete(VPC)
            writer.finish()
        writer = store.runs.begin(source.id, HERE)
        assert writer.whole_page(VPC, self.PAGE)
        line = writer.complete(VPC)
        writer.finish()
        assert (line.seen, line.deleted) == (3, 1)

    def test_they_are_kept_in_mind_until_all_of_them_is_written(self) -> None:
        most_of_a_page = 1_000
        assert _LONG + CHUNK + 4 * most_of_a_page <= RECENT

    def test_one_is_known_whose_pieces_came_in_another_page_before(self, store: Store, source: Source) -> None:
        self.read(store, source)
        writer = store.runs.begin(source.id, HERE)
        assert writer.unchanged(VPC, [TWO, ONE]) == [True, True]
        writer.page_read(VPC, b"page-002", [TWO, ONE])
        writer.complete(VPC)
        writer.finish()
        writer = store.runs.begin(source.id, HERE)
        assert writer.whole_page(VPC, b"page-002")
        assert writer.complete(VPC).seen == 3
        writer.finish()

    def test_those_that_hold_what_cannot_be_read_keep_nothing_from_the_others(
        self, store: Store, source: Source, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("openvna.store.pages.RECENT", 4)
        monkeypatch.setattr("openvna.store.key_set.RECENT", 4)
        pages = {number.to_bytes(8): [(10 * number + each).to_bytes(8) for each in range(3)] for number in range(9)}
        unread = {pages[number.to_bytes(8)][2] for number in (1, 2, 3, 6)}
        writer = store.runs.begin(source.id, HERE)
        self.written_as_it_comes(monkeypatch)
        for page, pieces in pages.items():
            for piece in pieces:
                if piece not in unread:
                    writer.record(vpc(f"of-{piece.hex()}"), piece)
            writer.page_read(VPC, page, pieces)
        writer.complete(VPC)
        writer.finish()
        writer = store.runs.begin(source.id, HERE)
        known = [number for number in range(9) if writer.whole_page(VPC, number.to_bytes(8))]
        writer.finish(Failure(Outcome.FAILED, "Stopped."))
        assert known == [0, 4, 5, 7, 8]

    def test_one_is_looked_into_when_another_scope_left_what_is_in_it_before_the_listing_ended(
        self, store: Store, source: Source, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        collect(store, source, vpc("one", state="on"), scope=THERE)
        with monkeypatch.context() as patched:
            self.written_as_it_comes(patched)
            writer = store.runs.begin(source.id, HERE)
            for name in ("one", "two"):
                writer.record(vpc(name, state="on"), ONE_OF_TWO)
            for number in (2, 3):
                writer.record(vpc(f"vpc-{number}"), b"print-%02d" % number)
            writer.page_read(VPC, self.PAGE, [ONE])
            writer.page_read(VPC, b"page-002", [b"print-02", b"print-03"])
            collect(store, source, scope=THERE)
            writer.complete(VPC)
            writer.finish()
        writer = store.runs.begin(source.id, HERE)
        assert not writer.whole_page(VPC, self.PAGE)
        assert writer.whole_page(VPC, b"page-002")
        writer.finish(Failure(Outcome.FAILED, "Stopped."))

    def test_one_is_looked_into_once_something_in_it_went(self, store: Store, source: Source) -> None:
        self.read(store, source)
        collect(store, source, vpc("one", state="on"))
        assert not self.again(store, source)[0]

    def test_one_is_forgotten_when_it_comes_no_more(self, store: Store, source: Source) -> None:
        self.read(store, source)
        listed(store, source, ONE, TWO)
        assert self.again(store, source)[0]  # nobody asked for pages
        writer = store.runs.begin(source.id, HERE)
        writer.whole_page(VPC, b"page-002")
        writer.unchanged(VPC, [ONE, TWO])
        writer.page_read(VPC, b"page-002", [ONE, TWO])
        writer.complete(VPC)
        writer.finish()
        assert not self.again(store, source)[0]

    def test_one_is_looked_into_when_another_scope_no_longer_sees_what_is_in_it(
        self, store: Store, source: Source
    ) -> None:
        collect(store, source, vpc("one", state="on"), scope=THERE)
        self.read(store, source)
        assert self.again(store, source)[0]
        collect(store, source, scope=THERE)
        assert not self.again(store, source)[0]

    def test_it_goes_with_its_source(self, store: Store, source: Source) -> None:
        self.read(store, source)
        store.sources.delete(source.id)
        with store._database.read() as connection:
            assert connection.execute(sa.select(sa.func.count()).select_from(tables.page)).scalar_one() == 0


@given(st.sets(st.integers(0, 5_000)), st.sets(st.integers(0, 5_000)))
def test_a_set_of_keys_is_a_set(first: set[int], second: set[int]) -> None:
    keys = KeySet([*first, *first])
    assert len(keys) == len(first)
    assert list(keys) == sorted(first)
    assert {key for key in second if key in keys} == first & second


@given(
    st.dictionaries(
        st.binary(min_size=8, max_size=8), st.tuples(st.sets(st.integers(1, 1 << 60), min_size=1), st.integers(0, 1))
    ),
    st.randoms(),
)
def test_what_was_recorded_last_is_known_by_the_pieces_that_are_whole(
    pieces: dict[bytes, tuple[set[int], int]], random: Random
) -> None:
    """Of some pieces one resource is missing."""
    recorded, rows = Recorded(), []
    for fingerprint, (keys, missing) in pieces.items():
        told = len(keys) + missing
        rows += [(fingerprint + told.to_bytes(2) if told > 1 else fingerprint, key) for key in keys]
    random.shuffle(rows)
    for row in [*rows, *rows]:
        recorded.add(*row)
    for fingerprint, (keys, missing) in pieces.items():
        assert recorded.keys([fingerprint]) == (None if missing else sorted(keys))
    whole = {fingerprint: keys for fingerprint, (keys, missing) in pieces.items() if not missing}
    assert recorded.keys(whole) == sorted(key for keys in whole.values() for key in keys)
    again = Recorded()
    for fingerprint, keys in whole.items():
        again.whole(fingerprint, sorted(keys))
    assert again.keys(whole) == recorded.keys(whole)


def test_a_piece_under_which_two_are_recorded_that_says_it_is_one_is_none() -> None:
    recorded = Recorded()
    recorded.add(ONE, 1)
    recorded.add(ONE, 2)
    recorded.add(None, 3)
    assert recorded.keys([ONE]) is None


@given(st.lists(st.tuples(st.integers(1, 1 << 60), st.none() | PRINTS)))
def test_new_prints_come_back_in_their_order(rows: list[tuple[int, bytes | None]]) -> None:
    reprints = Reprints()
    for key, fingerprint in rows:
        reprints.add(key, fingerprint)
    assert list(reprints) == rows
    assert len(reprints) == len(rows)


@given(st.dictionaries(st.binary(min_size=8, max_size=8), st.sets(st.integers(1, 1 << 60), min_size=1)))
def test_prints_give_back_their_keys(pieces: dict[bytes, set[int]]) -> None:
    rows = []
    for fingerprint, keys in pieces.items():
        count = len(keys).to_bytes(2) if len(keys) > 1 else b""
        rows += [(fingerprint + count, key) for key in keys]
    known = Fingerprints(rows)
    assert list(known) == sorted(pieces)
    for fingerprint, keys in pieces.items():
        assert list(known.keys(fingerprint)) == sorted(keys)
    assert list(known.keys(b"notthere")) == sorted(pieces.get(b"notthere", ()))
