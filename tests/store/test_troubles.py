"""What is in trouble, told once for each way of failing with all of its places."""

from __future__ import annotations

from openvna.model import Failure, Outcome, Scope
from openvna.store import Source, Store, Trouble

from .conftest import HERE, SUBNET, THERE, VPC, collect, vpc

DENIED = Failure(Outcome.DENIED, "You may not.", code="UnauthorizedOperation", action="ec2:DescribeVpcs")
SLOW = Failure(Outcome.THROTTLED, "Rate exceeded.")
MANY = [f"aws.ec2.type-{number:02}" for number in range(10)]
ELSEWHERE = Scope("aws/444455556666/us-east-1", "aws", "444455556666", "us-east-1")
WHOLE = Scope("aws/organization", "aws", "", "")


def end(store: Store, source: Source, scope: Scope, endings: dict[str, Failure | None]) -> None:
    writer = store.runs.begin(source.id, scope)
    for type, failure in endings.items():
        writer.end(type, failure)
    writer.finish()


def told(found: tuple[Trouble, ...]) -> list[tuple[str, Outcome, list[str]]]:
    return [(each.type, each.outcome, sorted(" ".join(place) for place in each.places)) for each in found]


def test_each_way_of_failing_is_told_once_with_its_places(store: Store, source: Source) -> None:
    collect(store, source, vpc("vpc-1"))
    end(store, source, HERE, {VPC: DENIED, SUBNET: None})
    end(store, source, THERE, {VPC: DENIED, SUBNET: SLOW})
    end(store, source, ELSEWHERE, {VPC: SLOW})
    found = store.runs.troubles()
    assert told(found) == [
        (SUBNET, Outcome.THROTTLED, ["444455556666 eu-west-1"]),
        (VPC, Outcome.DENIED, ["111122223333 eu-west-1", "444455556666 eu-west-1"]),
        (VPC, Outcome.THROTTLED, ["444455556666 us-east-1"]),
    ]
    assert [each.failure for each in found] == [SLOW, DENIED, SLOW]
    assert [each.resources for each in found] == [0, 1, 0], "the VPC that was seen before is known all the same"
    assert {(each.source_id, each.source) for each in found} == {(source.id, "lab")}


def test_types_that_failed_together_are_told_type_by_type(store: Store, source: Source) -> None:
    for scope in (HERE, THERE):
        end(store, source, scope, dict.fromkeys(MANY, DENIED))
    end(store, source, ELSEWHERE, {MANY[3]: DENIED})
    places = ["111122223333 eu-west-1", "444455556666 eu-west-1"]
    assert told(store.runs.troubles()) == [
        (type, Outcome.DENIED, [*places, "444455556666 us-east-1"] if type == MANY[3] else places) for type in MANY
    ]


def test_they_are_filtered_by_source_type_account_and_region(store: Store, source: Source) -> None:
    other = store.sources.add("other", "aws", {}, {}, None, None)
    end(store, other, HERE, {VPC: DENIED})
    for scope in (HERE, ELSEWHERE):
        end(store, source, scope, dict.fromkeys(MANY, DENIED))
    assert [each.source for each in store.runs.troubles(other.id)] == ["other"]
    assert told(store.runs.troubles(type=MANY[0], account=HERE.account)) == [
        (MANY[0], Outcome.DENIED, ["111122223333 eu-west-1"])
    ]
    assert {each.type for each in store.runs.troubles(source.id, region="us-east-1")} == set(MANY)
    assert store.runs.troubles(region="eu-north-1") == ()


def test_a_scope_without_a_region_is_named_by_its_key(store: Store, source: Source) -> None:
    end(store, source, WHOLE, {"aws.organizations.account": DENIED})
    (found,) = store.runs.troubles()
    assert found.places == {("", "aws/organization")}


def test_what_there_is_not_or_is_listed_again_is_no_trouble(store: Store, source: Source) -> None:
    end(store, source, HERE, {VPC: Failure(Outcome.UNSUPPORTED, "Not in this region."), SUBNET: DENIED})
    end(store, source, HERE, {SUBNET: None})
    assert store.runs.troubles() == ()
