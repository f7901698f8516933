"""What the resources of a type have in common is kept once, in a dictionary, and every version is read as ever."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from openvna.model import Resource, RunState
from openvna.store import Source, Store, seen, tables
from openvna.store.dictionaries import Dictionaries
from openvna.store.engine import connect

from .conftest import HERE, SUBNET, THERE, VPC, Clock, collect, vpc

MANY = 1_200
"""More than the two chunks after which there is a dictionary."""


def one(number: int, state: str = "available", type: str = VPC) -> Resource:
    # Texts that no compressor makes small, so that samples are worth a dictionary.
    noise = hashlib.sha256(f"{number}".encode()).hexdigest()
    document = {"VpcId": f"vpc-{number}", "OwnerId": "111122223333", "Noise": noise, "InstanceTenancy": "default"}
    return vpc(f"vpc-{number}", type=type, state=state, document=document)


def packed_with(url: str, clock: Clock) -> list[tuple[str, int, int | None, int]]:
    """Alias, version, dictionary and length of the body of each version, in the order of their keys."""
    database = connect(url, clock)
    version, resource = tables.version.c, tables.resource.c
    try:
        with database.read() as connection:
            found = connection.execute(
                sa.select(resource.alias, version.number, version.dictionary, sa.func.length(version.body))
                .join(tables.resource, resource.key == version.resource_key)
                .order_by(version.resource_key, version.number)
            )
            return [(row[0], row[1], row[2], row[3]) for row in found]
    finally:
        database.close()


def test_a_long_listing_has_a_dictionary_and_reads_as_what_was_recorded(
    opened: Callable[[], Store], source: Source, url: str, clock: Clock
) -> None:
    store = opened()
    collect(store, source, *(one(number) for number in range(MANY)))
    found = sorted(packed_with(url, clock), key=lambda each: int(each[0].removeprefix("vpc-")))
    without, with_one = found[:500], found[500:]
    assert {dictionary for _, _, dictionary, _ in without} == {None}
    assert {dictionary for _, _, dictionary, _ in with_one} == {1}
    assert max(length for *_, length in with_one) < min(length for *_, length in without)
    for reader in (store, opened()):
        for number in (0, 499, 500, MANY - 1):
            detail = reader.resources.get(f"vpc-{number}")
            assert detail.document == one(number).document
            assert reader.resources.versions(detail.resource.key)[0].attributes == {"state": "available"}


def test_what_changes_later_is_compared_with_what_was_packed_with_it(
    opened: Callable[[], Store], source: Source, url: str, clock: Clock
) -> None:
    collect(opened(), source, *(one(number) for number in range(MANY)))
    clock.forward(minutes=15)
    states = {0: "pending", MANY - 1: "pending"}
    other = opened()
    line = collect(other, source, *(one(number, states.get(number, "available")) for number in range(MANY)))
    assert (line.created, line.updated, line.deleted) == (0, 2, 0)
    for number in states:
        newest, first = other.resources.versions(other.resources.get(f"vpc-{number}").resource.key)
        assert (newest.attributes, first.attributes) == ({"state": "pending"}, {"state": "available"})
        assert [(each.path, each.before, each.after) for each in newest.fields] == [
            ("attributes.state", "available", "pending")
        ]
    # Both are packed with it now, also the one whose first version came before it.
    assert {dictionary for _, version, dictionary, _ in packed_with(url, clock) if version == 2} == {1}


def test_a_scope_with_few_uses_the_dictionary_of_its_type_and_of_no_other(
    store: Store, source: Source, url: str, clock: Clock
) -> None:
    collect(store, source, *(one(number) for number in range(MANY)))
    collect(store, source, vpc("vpc-far", scope=THERE), scope=THERE)
    collect(store, source, vpc("subnet-far", scope=THERE, type=SUBNET), scope=THERE, type=SUBNET)
    found = {alias: dictionary for alias, _, dictionary, _ in packed_with(url, clock)}
    assert (found["vpc-far"], found["subnet-far"]) == (1, None)


def test_of_two_processes_both_use_the_one_that_was_there_first(
    opened: Callable[[], Store], source: Source, url: str, clock: Clock
) -> None:
    here, there = opened(), opened()
    for process in (here, there):
        collect(process, source, type=SUBNET)
        collect(process, source, vpc("subnet-1", type=SUBNET), type=SUBNET)  # both know now that there is none
    collect(here, source, *(one(number) for number in range(MANY)))
    far = (vpc(f"far-{number}", scope=THERE, note="x" * 50) for number in range(MANY))
    collect(there, source, *far, scope=THERE)
    assert {dictionary for alias, _, dictionary, _ in packed_with(url, clock) if alias > "far-"} == {None, 1}
    assert here.resources.get(f"far-{MANY - 1}").resource.attributes == {"note": "x" * 50}


def test_a_dictionary_goes_with_its_source_and_its_id_never_comes_back(
    store: Store, source: Source, url: str, clock: Clock
) -> None:
    collect(store, source, *(one(number) for number in range(MANY)))
    store.sources.delete(source.id)
    database = connect(url, clock)
    try:
        with database.read() as connection:
            assert connection.execute(sa.select(tables.dictionary)).all() == []
    finally:
        database.close()
    again = store.sources.add("again", "aws", {"partition": "aws"}, {}, None, None)
    collect(store, again, *(one(number) for number in range(MANY)))
    assert {dictionary for _, _, dictionary, _ in packed_with(url, clock)} == {None, 2}
    assert store.resources.get(f"vpc-{MANY - 1}").document == one(MANY - 1).document


def test_a_run_that_is_given_up_leaves_its_dictionary_to_the_next_one(
    store: Store, source: Source, url: str, clock: Clock
) -> None:
    writer = store.runs.begin(source.id, HERE)
    for number in range(MANY):
        writer.record(one(number))
    writer.finish()
    before = {alias for alias, *_ in packed_with(url, clock)}
    collect(store, source, one(MANY))
    assert [dictionary for alias, _, dictionary, _ in packed_with(url, clock) if alias not in before] == [1]


@pytest.mark.parametrize("bodies", [[b"{}"], [b""] * 300], ids=["one", "empty"])
def test_bodies_that_are_no_good_for_a_dictionary_are_not_tried_again(
    url: str, store: Store, clock: Clock, bodies: list[bytes]
) -> None:
    database = connect(url, clock)
    try:
        dictionaries = Dictionaries(database)
        assert dictionaries.wants("source", VPC)
        assert dictionaries.train("source", VPC, bodies) is None
        assert not dictionaries.wants("source", VPC)
    finally:
        database.close()


def test_a_question_that_comes_when_hardly_anything_waits_does_not_settle_that_there_is_none(
    store: Store, source: Source
) -> None:
    writer = store.runs.begin(source.id, HERE)
    writer.record_all(VPC, [seen(one(number)) for number in range(500)])
    writer.record_all(VPC, [seen(one(number)) for number in range(500, 505)])
    assert writer.dictionary(VPC) is None
    writer.record_all(VPC, [seen(one(number)) for number in range(505, 1_505)])
    assert writer.dictionary(VPC) is not None
    writer.complete(VPC)
    writer.finish()


def test_there_is_none_for_a_listing_that_is_over(store: Store, source: Source) -> None:
    """A plugin that goes on is told so where its resources come, and the other types of the run go on."""
    writer = store.runs.begin(source.id, HERE)
    writer.record_all(VPC, [seen(one(number)) for number in range(MANY)])
    writer.end(VPC, None)
    assert writer.dictionary(VPC) is None
    assert writer.finish().state is RunState.OK
