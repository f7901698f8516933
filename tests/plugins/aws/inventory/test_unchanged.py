"""What is as it was is not read again, and whatever might have changed is."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson
import pytest

from openvna.model import Conflict, Resource
from openvna.plugin import Complete, Problem, Record
from openvna.plugins.aws.api import Api, CallError, Unread
from openvna.plugins.aws.fetch import collect, listed
from openvna.plugins.aws.listing import Listing
from openvna.plugins.aws.types import needed_types
from support.fake_aws import SCOPE, FakeApi, explain, paged

VPC = "aws.ec2.vpc"
TABLE = "aws.ec2.transit-gateway-route-table"
ROUTE = "aws.ec2.transit-gateway-route"
INSTANCE = "aws.ec2.instance"
BALANCER = "aws.elbv2.load-balancer"


class Remembers:
    """`Before` in memory: what a run recorded is known in the next one."""

    key = b"k" * 32

    def __init__(self) -> None:
        self.known: dict[str, set[bytes]] = {}
        self.pages: dict[bytes, Sequence[bytes]] = {}
        self.same: list[str] = []

    def unchanged(self, type: str, fingerprints: Sequence[bytes]) -> list[bool]:
        found = [each in self.known.get(type, ()) for each in fingerprints]
        self.same += [type] * sum(found)
        return found

    def whole_page(self, type: str, fingerprint: bytes) -> bool:
        known = self.pages.get(fingerprint)
        self.same += [type] * len(known or ())
        return known is not None

    def page_read(self, type: str, fingerprint: bytes, pieces: Sequence[bytes]) -> None:
        self.pages[fingerprint] = pieces

    def run(self, api: Api, types: Collection[str]) -> list[Record | Complete | Problem]:
        self.same = []
        declared, wanted = needed_types(types)
        seen = list(collect(api, SCOPE, declared, wanted, explain, before=self))
        for each in seen:
            if isinstance(each, Record) and each.fingerprint is not None:
                self.known.setdefault(each.resource.type, set()).add(each.fingerprint[:8])
        return seen


class Cutting(FakeApi):
    """A client that leaves the items of a list unread, and counts how often one is cut."""

    cuts = 0

    def call_apart(
        self, service: str, operation: str, region: str, params: Mapping[str, Any], member: str
    ) -> Mapping[str, Any]:
        answer = dict(self.call(service, operation, region, params))
        items = list(answer[member])

        def cut() -> list[bytes]:
            self.cuts += 1
            return [orjson.dumps(each) for each in items]

        return {**answer, member: Unread(orjson.dumps(items), cut, lambda: items, lambda _: _loaded)}


def _loaded(items: Iterable[bytes]) -> list[dict[str, Any]]:
    return [orjson.loads(each) for each in items]


def resources(seen: list[Record | Complete | Problem]) -> list[Resource]:
    return [each.resource for each in seen if isinstance(each, Record)]


def ends(seen: list[Record | Complete | Problem]) -> dict[str, Complete | Problem]:
    return {each.type: each for each in seen if not isinstance(each, Record)}


def vpcs(count: int) -> list[dict[str, str]]:
    return [{"VpcId": f"vpc-{index}", "OwnerId": "111122223333"} for index in range(count)]


def routes(*tables: str) -> FakeApi:
    """Route tables with one route each."""
    return FakeApi(
        DescribeTransitGatewayRouteTables={
            "TransitGatewayRouteTables": [{"TransitGatewayRouteTableId": name} for name in tables]
        },
        SearchTransitGatewayRoutes={
            "Routes": [{"DestinationCidrBlock": "10.0.0.0/8", "Type": "static", "State": "active"}]
        },
    )


def test_what_is_as_it_was_is_not_sent_again() -> None:
    before, api = Remembers(), FakeApi(DescribeVpcs=paged("Vpcs", vpcs(3), 2))
    assert len(resources(before.run(api, [VPC]))) == 3
    again = before.run(api, [VPC])
    assert resources(again) == []
    assert isinstance(ends(again)[VPC], Complete)
    assert before.same == [VPC] * 3


def test_only_what_changed_is_sent() -> None:
    before = Remembers()
    before.run(FakeApi(DescribeVpcs={"Vpcs": vpcs(3)}), [VPC])
    changed = [*vpcs(2), {**vpcs(3)[2], "State": "pending"}]
    found = resources(before.run(FakeApi(DescribeVpcs={"Vpcs": changed}), [VPC]))
    assert [each.alias for each in found] == ["vpc-2"]


def test_what_others_are_listed_by_is_read_all_the_same() -> None:
    before = Remembers()
    before.run(routes("tgw-rtb-1"), [TABLE, ROUTE])
    again = before.run(routes("tgw-rtb-1"), [TABLE, ROUTE])
    assert {each.type for each in resources(again)} == {TABLE}
    assert before.same == [ROUTE]


def test_the_same_item_of_another_parent_is_another() -> None:
    before = Remembers()
    before.run(routes("tgw-rtb-1"), [ROUTE])
    assert len(resources(before.run(routes("tgw-rtb-1", "tgw-rtb-2"), [ROUTE]))) == 1


def test_what_more_calls_tell_of_is_always_read() -> None:
    """Its tags may have changed."""
    balancer = {"LoadBalancerArn": "arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/net/n/1"}
    api = FakeApi(DescribeLoadBalancers={"LoadBalancers": [balancer]}, DescribeTags={"TagDescriptions": []})
    before = Remembers()
    for _ in range(2):
        assert len(resources(before.run(api, [BALANCER]))) == 1


def test_an_item_is_read_as_long_as_a_neighbour_in_its_piece_cannot_be() -> None:
    broken = {"Instances": [{"InstanceId": "i-1"}, {"State": {"Name": "running"}}]}
    whole = {"Instances": [{"InstanceId": "i-2"}, {"InstanceId": "i-3"}]}
    api, before = Cutting(DescribeInstances={"Reservations": [broken, whole]}), Remembers()
    assert [each.alias for each in resources(before.run(api, [INSTANCE]))] == ["i-1", "i-2", "i-3"]
    again = before.run(api, [INSTANCE])
    assert [each.alias for each in resources(again)] == ["i-1"]
    assert isinstance(ends(again)[INSTANCE], Problem)


def test_a_long_page_that_is_as_it_was_is_not_even_cut() -> None:
    long = [{"VpcId": f"vpc-{number}", "CidrBlock": "x" * 1000} for number in range(120)]
    before, api = Remembers(), Cutting(DescribeVpcs={"Vpcs": long})
    assert len(resources(before.run(api, [VPC]))) == 120
    assert resources(before.run(api, [VPC])) == []
    assert (before.same, api.cuts) == ([VPC] * 120, 1)
    other = Cutting(DescribeVpcs={"Vpcs": [*long[1:], {"VpcId": "vpc-new"}]})
    assert [each.alias for each in resources(before.run(other, [VPC]))] == ["vpc-new"]
    assert other.cuts == 1


def test_a_long_page_of_what_other_types_are_listed_by_is_not_remembered_for_nothing() -> None:
    tables = [{"TransitGatewayRouteTableId": f"tgw-rtb-{number}", "Note": "x" * 1000} for number in range(120)]
    api, before = Cutting(DescribeTransitGatewayRouteTables={"TransitGatewayRouteTables": tables}), Remembers()
    before.run(api, [TABLE, ROUTE])
    assert before.pages == {}


def test_what_is_no_text_for_json_has_a_print_too() -> None:
    odd = [{"VpcId": "vpc-1", "CidrBlock": "\ud800"}, {"VpcId": "vpc-2", "CidrBlock": "\ud801"}]
    before = Remembers()
    assert len(resources(before.run(FakeApi(DescribeVpcs={"Vpcs": odd}), [VPC]))) == 2
    odd[1]["CidrBlock"] = "\ud802"
    again = resources(before.run(FakeApi(DescribeVpcs={"Vpcs": odd}), [VPC]))
    assert [each.alias for each in again] == ["vpc-2"]


def test_a_list_whose_items_cannot_be_told_apart_is_read_whole() -> None:
    class Uncut(Cutting):
        def call_apart(
            self, service: str, operation: str, region: str, params: Mapping[str, Any], member: str
        ) -> Mapping[str, Any]:
            answer = super().call_apart(service, operation, region, params, member)
            found: Unread = answer[member]
            return {**answer, member: Unread(found.inside, lambda: None, found.read, found.reader)}

    before, api = Remembers(), Uncut(DescribeVpcs={"Vpcs": vpcs(2)})
    assert [each.alias for each in resources(before.run(api, [VPC]))] == ["vpc-0", "vpc-1"]
    assert resources(before.run(api, [VPC])) == []


@pytest.mark.parametrize("wrong", [0, 49, 130, 299])
def test_of_a_list_that_was_cut_in_a_wrong_place_each_thing_is_read_once(wrong: int) -> None:
    class Miscut(Cutting):
        def call_apart(
            self, service: str, operation: str, region: str, params: Mapping[str, Any], member: str
        ) -> Mapping[str, Any]:
            answer = super().call_apart(service, operation, region, params, member)
            found: Unread = answer[member]
            items = found.cut() or []
            items[wrong] = b"no item"
            return {**answer, member: Unread(found.inside, lambda: items, found.read, lambda _: read)}

    def read(items: Iterable[bytes]) -> list[dict[str, Any]]:
        if b"no item" in items:
            raise CallError("DescribeVpcs", "Broken", "no item")
        return _loaded(items)

    before, api = Remembers(), Miscut(DescribeVpcs={"Vpcs": vpcs(300)})
    assert [each.alias for each in resources(before.run(api, [VPC]))] == [f"vpc-{number}" for number in range(300)]


def test_the_next_page_is_asked_for_while_one_is_read() -> None:
    asked = threading.Event()

    def pages(request: Mapping[str, Any]) -> Mapping[str, Any]:
        if request.get("NextToken"):
            asked.set()
            return {"Vpcs": vpcs(1)}
        return {"Vpcs": vpcs(1), "NextToken": "2"}

    declared, _ = needed_types([VPC])
    with ThreadPoolExecutor(1) as ahead:
        stream = listed(FakeApi(DescribeVpcs=pages), SCOPE, Listing(declared[0], ahead), None, explain)
        next(stream)  # the reader has the first page in its hands
        assert asked.wait(5)
        assert len(list(stream)) == 1


def test_a_page_that_nobody_reads_any_more_counts_with_its_listing() -> None:
    asked, let_go = threading.Event(), threading.Event()

    def pages(request: Mapping[str, Any]) -> Mapping[str, Any]:
        if request.get("NextToken"):
            asked.set()
            assert let_go.wait(5)
            return {"Vpcs": vpcs(1)}
        return {"Vpcs": "no list", "NextToken": "2"}

    class Late(FakeApi):
        def call(self, service: str, operation: str, region: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
            if params.get("NextToken"):
                threading.Timer(0.05, let_go.set).start()
            return super().call(service, operation, region, params)

    end = ends(Remembers().run(Late(DescribeVpcs=pages), [VPC]))[VPC]
    assert asked.is_set()
    assert isinstance(end, Problem)
    assert (end.calls.calls, end.by_call["ec2:DescribeVpcs"].calls) == (2, 2)


def test_a_listing_that_is_left_half_way_is_no_defect(caplog: pytest.LogCaptureFixture) -> None:
    reading, left, done = threading.Event(), threading.Event(), threading.Event()

    class Slow(Remembers):
        def unchanged(self, type: str, fingerprints: Sequence[bytes]) -> list[bool]:
            reading.set()
            assert left.wait(5)
            done.set()
            raise Conflict("The run is over.")  # as the store says then

    declared, wanted = needed_types([VPC, "aws.ec2.customer-gateway"])
    api = FakeApi(DescribeVpcs=paged("Vpcs", vpcs(6), 2), DescribeCustomerGateways={"CustomerGateways": []})
    stream = collect(api, SCOPE, declared, wanted, explain, 2, Slow())
    assert isinstance(next(stream), Complete)  # of the customer gateways
    assert reading.wait(5)
    before = threading.enumerate()
    stream.close()  # type: ignore[attr-defined]  # it is a generator
    left.set()
    assert done.wait(5)
    for thread in before:
        if thread.name.startswith(("collect-", "ahead-")):
            thread.join(5)
            assert not thread.is_alive()
    assert not caplog.records


def test_pages_come_in_their_order() -> None:
    api = FakeApi(DescribeVpcs=paged("Vpcs", vpcs(7), 2))
    found = resources(list(Remembers().run(api, [VPC])))
    assert [each.alias for each in found] == [f"vpc-{number}" for number in range(7)]
    tokens = [request.get("NextToken") for request in api.requests("DescribeVpcs")]
    assert all(one != other for one, other in itertools.pairwise(tokens))
