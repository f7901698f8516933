"""What a plugin need not read again: pieces of an answer that were recorded before."""

from __future__ import annotations

import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from openvna.model import Failure, Outcome
from openvna.store import LedgerRow, Source, Store, tables
from openvna.store.key_set import Fingerprints, KeySet, Reprints

from .conftest import HERE, THERE, VPC, aliases, collect, vpc

ONE, TWO = b"print-01", b"print-02"


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
    listed(store, source, one=ONE, two=ONE, three=TWO)
    same, line = listed(store, source, TWO)
    assert (same, line.seen, line.deleted) == ([True], 1, 2)
    assert listed(store, source, ONE)[0] == [False]


def test_a_piece_that_reads_the_same_under_another_print_is_known_by_the_new_one(store: Store, source: Source) -> None:
    listed(store, source, one=ONE)
    assert listed(store, source, one=TWO)[1].updated == 0
    assert listed(store, source, ONE, one=TWO)[0] == [False]
    assert listed(store, source, TWO)[0] == [True]


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


def test_the_key_is_that_of_the_source(store: Store, source: Source) -> None:
    writer, again = store.runs.begin(source.id, HERE), store.runs.begin(source.id, THERE)
    assert writer.key == again.key
    other = store.sources.add("other", "aws", {}, {}, None, None)
    assert store.runs.begin(other.id, HERE).key != writer.key
    assert 16 <= len(writer.key) <= 64


class TestPages:
    """A page of two pieces, which hold three resources."""

    PAGE = b"page-001"

    def read(
        self, store: Store, source: Source, *, state: str = "on", pieces: tuple[bytes, ...] = (ONE, TWO)
    ) -> LedgerRow:
        writer = store.runs.begin(source.id, HERE)
        assert not writer.whole_page(VPC, self.PAGE)
        for name, fingerprint in (("one", ONE), ("two", ONE), ("three", TWO)):
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


@given(st.lists(st.tuples(st.integers(1, 1 << 60), st.none() | st.binary(min_size=8, max_size=8))))
def test_new_prints_come_back_in_their_order(rows: list[tuple[int, bytes | None]]) -> None:
    reprints = Reprints()
    for key, fingerprint in rows:
        reprints.add(key, fingerprint)
    assert list(reprints) == rows
    assert len(reprints) == len(rows)


@given(st.lists(st.tuples(st.binary(min_size=8, max_size=8), st.integers(1, 1 << 60))))
def test_prints_give_back_their_keys(rows: list[tuple[bytes, int]]) -> None:
    known = Fingerprints(sorted(rows))
    for fingerprint, _ in rows:
        assert list(known.keys(fingerprint)) == sorted(key for each, key in rows if each == fingerprint)
    assert list(known.keys(b"notthere")) == [key for each, key in rows if each == b"notthere"]
