"""An inventory address says everything, and says it again the same."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from starlette.datastructures import QueryParams

from openvna.plugin import load_plugin
from openvna.web import show
from openvna.web.listing import Listing, read_listing
from openvna.web.words import group_of

FULL = (
    "type=toy.subnet&kind=subnet&source=s1&account=111122223333&region=north&q=floor+3&where=cidr%3D10.0.0.0%2F24"
    "&where=state%3Dup&tag=env%3Dprod&tag=owner&deleted=1&at=2026-01-31T12%3A00%3A00Z&sort=id&desc=1"
)


def test_reading_and_writing_an_address_are_inverse() -> None:
    listing = read_listing(QueryParams(FULL))
    assert listing == Listing(
        type="toy.subnet",
        kind="subnet",
        source="s1",
        account="111122223333",
        region="north",
        text="floor 3",
        where=(("cidr", "10.0.0.0/24"), ("state", "up")),
        tags=(("env", "prod"), ("owner", None)),
        deleted=True,
        at=datetime(2026, 1, 31, 12, tzinfo=UTC),
        sort="id",
        descending=True,
    )
    assert listing.url() == f"/inventory?{FULL}"


def test_a_change_starts_the_list_from_its_top() -> None:
    listing = read_listing(QueryParams("type=toy.subnet&cursor=abc"))
    assert listing.url(account="1") == "/inventory?type=toy.subnet&account=1"
    assert listing.url(cursor="def") == "/inventory?type=toy.subnet&cursor=def"


def test_a_chip_drops_exactly_its_own_filter() -> None:
    listing = read_listing(QueryParams("tag=env%3Dprod&tag=owner&account=1"))
    urls = {chip.label: chip.url for chip in listing.chips({})}
    assert urls == {
        "Account": "/inventory?tag=env%3Dprod&tag=owner",
        "Tag env": "/inventory?account=1&tag=owner",
        "Tag owner": "/inventory?account=1&tag=env%3Dprod",
    }


def test_sorting_again_by_the_same_column_turns_the_order_round() -> None:
    listing = read_listing(QueryParams("type=toy.subnet"))
    assert listing.aria_sort("name") == "ascending"
    assert listing.sorted_by("name") == "/inventory?type=toy.subnet&desc=1"
    assert listing.sorted_by("id") == "/inventory?type=toy.subnet&sort=id"
    turned = read_listing(QueryParams("type=toy.subnet&desc=1"))
    assert turned.aria_sort("name") == "descending"
    assert turned.sorted_by("name") == "/inventory?type=toy.subnet"


def test_choosing_a_type_keeps_an_order_that_was_chosen_but_not_the_usual_one() -> None:
    assert read_listing(QueryParams("")).url(type="toy.subnet") == "/inventory?type=toy.subnet"
    assert read_listing(QueryParams("sort=id")).url(type="toy.subnet") == "/inventory?type=toy.subnet&sort=id"
    assert read_listing(QueryParams("type=toy.subnet")).url(type="") == "/inventory"


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("where=cidr", "attribute=value"),
        ("sort=colour", "cannot be sorted by"),
        ("at=yesterday", "not a time"),
    ],
)
def test_what_cannot_be_understood_is_left_out_and_named(query: str, says: str) -> None:
    listing = read_listing(QueryParams(query))
    assert len(listing.problems) == 1
    assert says in listing.problems[0]
    assert listing.url() == "/inventory"


def test_the_attributes_of_a_load_balancer_stand_beside_it() -> None:
    types = {spec.type: spec for spec in load_plugin("aws").spec().types}
    assert group_of(types["aws.elbv2.load-balancer-attributes"], types) == "Load balancing"
    assert group_of(types["aws.ec2.dhcp-options"], types) == "Networks"
    assert group_of(None, types) == "Other"


def test_of_an_id_without_a_name_all_is_shown_that_tells_it_from_others_of_its_account() -> None:
    status = "arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1/status"
    assert show.tail(status, "111122223333") == "instance/i-0a1/status"
    assert show.tail(status, "444455556666") == status
    assert show.tail("toy/111122223333/north/network/n-1", "111122223333") == "toy/111122223333/north/network/n-1"
    assert show.tail("arn:aws:iam::111122223333:", "111122223333") == "arn:aws:iam::111122223333:"
    assert show.tail("eu-west-1", "") == "eu-west-1"
