"""The fetch loop: everything AWS has is read, and whatever cannot be read is said so and spares the rest."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Collection, Mapping
from typing import Any

import pytest

from openvna.model import Outcome, Resource
from openvna.plugin import Complete, Problem, Record
from openvna.plugins.aws.fetch import collect
from openvna.plugins.aws.types import needed_types
from support.fake_aws import SCOPE, FakeApi, explain, paged, refused

VPC = "aws.ec2.vpc"
SUBNET = "aws.ec2.subnet"
TABLE = "aws.ec2.transit-gateway-route-table"
ROUTE = "aws.ec2.transit-gateway-route"


def run(api: FakeApi, types: Collection[str]) -> list[Record | Complete | Problem]:
    declared, wanted = needed_types(types)
    return list(collect(api, SCOPE, declared, wanted, explain))


def resources(seen: list[Record | Complete | Problem]) -> list[Resource]:
    return [each.resource for each in seen if isinstance(each, Record)]


def ends(seen: list[Record | Complete | Problem]) -> dict[str, Complete | Problem]:
    return {each.type: each for each in seen if not isinstance(each, Record)}


def vpcs(count: int) -> list[dict[str, str]]:
    return [{"VpcId": f"vpc-{index}", "OwnerId": "111122223333"} for index in range(count)]


def tables(*names: str) -> dict[str, Any]:
    return {"TransitGatewayRouteTables": [{"TransitGatewayRouteTableId": name} for name in names]}


def route(cidr: str) -> dict[str, str]:
    return {"DestinationCidrBlock": cidr, "Type": "static", "State": "active"}


def test_all_pages_are_read_and_counted() -> None:
    api = FakeApi(DescribeVpcs=paged("Vpcs", vpcs(7), 3))
    seen = run(api, [VPC])
    assert [resource.alias for resource in resources(seen)] == [f"vpc-{index}" for index in range(7)]
    end = ends(seen)[VPC]
    assert isinstance(end, Complete)
    assert end.calls.calls == 3
    assert [request.get("NextToken") for request in api.requests("DescribeVpcs")] == [None, "3", "6"]
    assert {request["MaxResults"] for request in api.requests("DescribeVpcs")} == {1000}


def test_load_balancers_page_by_marker() -> None:
    arns = [f"arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/n/{index}" for index in range(5)]
    balancers = [{"LoadBalancerArn": arn, "LoadBalancerName": "n"} for arn in arns]
    api = FakeApi(DescribeLoadBalancers=paged("LoadBalancers", balancers, 2, token="NextMarker"))
    assert [resource.id for resource in resources(run(api, ["aws.elbv2.load-balancer"]))] == arns
    assert [request.get("Marker") for request in api.requests("DescribeLoadBalancers")] == [None, "2", "4"]


def test_a_repeated_page_token_ends_the_listing_as_failed() -> None:
    tokens = itertools.cycle(["a", "b"])

    def endless(request: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"Vpcs": vpcs(1), "NextToken": next(tokens)}

    end = ends(run(FakeApi(DescribeVpcs=endless), [VPC]))[VPC]
    assert isinstance(end, Problem)
    assert end.failure.outcome is Outcome.FAILED
    assert "twice" in end.failure.message
    assert end.calls.calls == 3


def test_a_refused_second_page_keeps_the_first_and_is_a_problem() -> None:
    def second_denied(request: Mapping[str, Any]) -> Mapping[str, Any]:
        if request.get("NextToken"):
            return refused("UnauthorizedOperation")(request)
        return {"Vpcs": vpcs(2), "NextToken": "2"}

    seen = run(FakeApi(DescribeVpcs=second_denied, DescribeSubnets={"Subnets": []}), [VPC, SUBNET])
    assert len(resources(seen)) == 2
    end = ends(seen)[VPC]
    assert isinstance(end, Problem)
    assert (end.failure.outcome, end.failure.code) == (Outcome.DENIED, "UnauthorizedOperation")
    assert (end.failure.action, end.failure.request_id) == ("ec2:DescribeVpcs", "req-1")
    assert isinstance(ends(seen)[SUBNET], Complete)


def test_what_a_throttled_call_cost_is_kept() -> None:
    api = FakeApi(DescribeVpcs=refused("RequestLimitExceeded", retries=7, throttles=8))
    end = ends(run(api, [VPC]))[VPC]
    assert isinstance(end, Problem)
    assert end.failure.outcome is Outcome.THROTTLED
    assert (end.calls.calls, end.calls.retries, end.calls.throttles) == (8, 7, 8)


def test_retries_inside_a_successful_call_are_counted() -> None:
    api = FakeApi(DescribeVpcs={"Vpcs": [], "ResponseMetadata": {"RetryAttempts": 2, "Throttles": 1}})
    end = ends(run(api, [VPC]))[VPC]
    assert (end.calls.calls, end.calls.retries, end.calls.throttles) == (3, 2, 1)


def test_what_was_waited_is_no_time_of_the_call() -> None:
    waited = {"RetryAttempts": 1, "Throttles": 1, "Waited": 30.0}
    end = ends(run(FakeApi(DescribeVpcs={"Vpcs": [], "ResponseMetadata": waited}), [VPC]))[VPC]
    assert end.calls.waited == 30.0
    assert end.calls.seconds < 5


def test_the_cost_is_told_call_by_call() -> None:
    """A load balancer's page, and the tags of what is on it, which are asked 20 at a time."""
    arns = [f"arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/n/{index}" for index in range(25)]
    balancers = [{"LoadBalancerArn": arn, "LoadBalancerName": "n"} for arn in arns]
    api = FakeApi(DescribeLoadBalancers=paged("LoadBalancers", balancers, 25, token="NextMarker"))
    end = ends(run(api, ["aws.elbv2.load-balancer"]))["aws.elbv2.load-balancer"]
    counts = {name: cost.calls for name, cost in end.by_call.items()}
    assert counts["elbv2:DescribeLoadBalancers"] == 1
    assert counts["elbv2:DescribeTags"] == 2
    assert end.calls.calls == sum(counts.values())


def test_every_wanted_type_ends_once_whatever_happens() -> None:
    api = FakeApi(
        DescribeVpcs=refused("UnauthorizedOperation"),
        DescribeTransitGatewayRouteTables=refused("InvalidAction"),
        DescribeLoadBalancers=refused("RequestLimitExceeded"),
    )
    declared, wanted = needed_types(None)
    seen = list(collect(api, SCOPE, declared, wanted, explain))
    ended = [each.type for each in seen if not isinstance(each, Record)]
    assert sorted(ended) == sorted(wanted)


def test_types_listed_per_parent_are_read_for_each_parent() -> None:
    def routes(request: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"Routes": [route(f"10.{request['TransitGatewayRouteTableId'][-1]}.0.0/16")]}

    api = FakeApi(DescribeTransitGatewayRouteTables=tables("tgw-rtb-1", "tgw-rtb-2"), SearchTransitGatewayRoutes=routes)
    seen = run(api, [ROUTE])
    base = "arn:aws:ec2:eu-west-1:111122223333:transit-gateway-route-table"
    assert [resource.id for resource in resources(seen)] == [
        f"{base}/tgw-rtb-1/route/10.1.0.0/16",
        f"{base}/tgw-rtb-2/route/10.2.0.0/16",
    ]
    assert set(ends(seen)) == {ROUTE}, "the parent was not asked for, so nothing is said of it"


def test_routes_that_aws_holds_back_make_the_list_incomplete() -> None:
    api = FakeApi(
        DescribeTransitGatewayRouteTables=tables("tgw-rtb-1"),
        SearchTransitGatewayRoutes={"Routes": [route("10.0.0.0/8")], "AdditionalRoutesAvailable": True},
    )
    seen = run(api, [ROUTE])
    assert len(resources(seen)) == 1
    end = ends(seen)[ROUTE]
    assert isinstance(end, Problem)
    assert end.failure.outcome is Outcome.FAILED
    assert "AdditionalRoutesAvailable" in end.failure.message


def test_routes_beyond_the_first_page_are_read_by_token() -> None:
    def routes(request: Mapping[str, Any]) -> Mapping[str, Any]:
        if request.get("NextToken") == "more":
            return {"Routes": [route("10.2.0.0/16")], "AdditionalRoutesAvailable": False}
        return {"Routes": [route("10.1.0.0/16")], "AdditionalRoutesAvailable": True, "NextToken": "more"}

    seen = run(
        FakeApi(DescribeTransitGatewayRouteTables=tables("tgw-rtb-1"), SearchTransitGatewayRoutes=routes), [ROUTE]
    )
    assert [resource.name for resource in resources(seen)] == ["10.1.0.0/16", "10.2.0.0/16"]
    assert isinstance(ends(seen)[ROUTE], Complete)


def test_one_parent_that_fails_does_not_hide_the_others() -> None:
    def routes(request: Mapping[str, Any]) -> Mapping[str, Any]:
        if request["TransitGatewayRouteTableId"] == "tgw-rtb-1":
            return refused("InternalError")(request)
        return {"Routes": [route("10.2.0.0/16")]}

    api = FakeApi(DescribeTransitGatewayRouteTables=tables("tgw-rtb-1", "tgw-rtb-2"), SearchTransitGatewayRoutes=routes)
    seen = run(api, [ROUTE])
    assert [resource.name for resource in resources(seen)] == ["10.2.0.0/16"]
    end = ends(seen)[ROUTE]
    assert isinstance(end, Problem)
    assert end.failure.message.startswith("For tgw-rtb-1:")


def test_a_denied_call_is_not_tried_for_every_parent() -> None:
    api = FakeApi(
        DescribeTransitGatewayRouteTables=tables(*(f"tgw-rtb-{index}" for index in range(50))),
        SearchTransitGatewayRoutes=refused("UnauthorizedOperation"),
    )
    end = ends(run(api, [ROUTE]))[ROUTE]
    assert isinstance(end, Problem)
    assert len(api.requests("SearchTransitGatewayRoutes")) == 1


def test_a_parent_deleted_meanwhile_is_no_problem() -> None:
    api = FakeApi(
        DescribeTransitGatewayRouteTables=tables("tgw-rtb-1"),
        SearchTransitGatewayRoutes=refused("InvalidRouteTableID.NotFound"),
    )
    assert isinstance(ends(run(api, [ROUTE]))[ROUTE], Complete)


def test_what_belongs_to_parents_that_were_not_all_listed_is_not_complete() -> None:
    def first_page_only(request: Mapping[str, Any]) -> Mapping[str, Any]:
        if request.get("NextToken"):
            return refused("UnauthorizedOperation")(request)
        return {**tables("tgw-rtb-1"), "NextToken": "2"}

    api = FakeApi(
        DescribeTransitGatewayRouteTables=first_page_only, SearchTransitGatewayRoutes={"Routes": [route("10.0.0.0/8")]}
    )
    seen = run(api, [ROUTE, TABLE])
    assert {resource.type for resource in resources(seen)} == {ROUTE, TABLE}
    end = ends(seen)[ROUTE]
    assert isinstance(end, Problem)
    assert end.failure.outcome is Outcome.DENIED
    assert "Transit gateway route table" in end.failure.message


def test_a_call_that_aws_knows_for_some_parents_only_is_not_made_for_the_others() -> None:
    arns = [f"arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/{kind}/n/1/2" for kind in ("app", "gwy")]
    api = FakeApi(
        DescribeLoadBalancers={"LoadBalancers": [{"LoadBalancerArn": BALANCER.format(0)}]},
        DescribeListeners={"Listeners": [{"ListenerArn": arn} for arn in arns]},
    )
    assert isinstance(ends(run(api, ["aws.elbv2.listener-rule"]))["aws.elbv2.listener-rule"], Complete)
    assert [request["ListenerArn"] for request in api.requests("DescribeRules")] == arns[:1]


def test_a_classic_load_balancer_is_asked_for_by_its_name_whatever_its_tags_say() -> None:
    """Asked for by its tag, it would not be found, and its instances would read as gone."""
    api = FakeApi(
        DescribeLoadBalancers={"LoadBalancerDescriptions": [{"LoadBalancerName": "old"}]},
        DescribeTags={"TagDescriptions": [{"LoadBalancerName": "old", "Tags": [{"Key": "Name", "Value": "Shop"}]}]},
        DescribeInstanceHealth={"InstanceStates": [{"InstanceId": "i-0a4", "State": "InService"}]},
    )
    seen = run(api, ["aws.elb.target", "aws.elb.load-balancer"])
    assert {each.name for each in resources(seen)} == {"Shop", "i-0a4"}
    assert api.requests("DescribeInstanceHealth") == [{"LoadBalancerName": "old"}]


def test_an_item_without_its_id_is_said_so_and_spares_the_others() -> None:
    api = FakeApi(DescribeVpcs={"Vpcs": [{"VpcId": "vpc-1"}, {"CidrBlock": "10.0.0.0/8"}, {"VpcId": "vpc-3"}]})
    seen = run(api, [VPC])
    assert [resource.alias for resource in resources(seen)] == ["vpc-1", "vpc-3"]
    end = ends(seen)[VPC]
    assert isinstance(end, Problem)
    assert "VpcId is missing" in end.failure.message


def test_a_member_of_another_type_than_documented_is_a_problem_not_a_crash() -> None:
    end = ends(run(FakeApi(DescribeVpcs={"Vpcs": "none"}), [VPC]))[VPC]
    assert isinstance(end, Problem)
    assert end.failure.outcome is Outcome.FAILED


BALANCER = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/n/{}"
BALANCERS = {"LoadBalancers": [{"LoadBalancerArn": BALANCER.format(index)} for index in range(45)]}


def test_tags_of_load_balancers_are_asked_for_twenty_at_a_time() -> None:
    def tags(request: Mapping[str, Any]) -> Mapping[str, Any]:
        return {
            "TagDescriptions": [
                {"ResourceArn": arn, "Tags": [{"Key": "Name", "Value": arn[-2:]}]} for arn in request["ResourceArns"]
            ]
        }

    api = FakeApi(DescribeLoadBalancers=BALANCERS, DescribeTags=tags)
    seen = run(api, ["aws.elbv2.load-balancer"])
    assert [len(request["ResourceArns"]) for request in api.requests("DescribeTags")] == [20, 20, 5]
    assert {resource.id[-2:]: resource.name for resource in resources(seen)}["44"] == "44"


def test_load_balancers_are_shown_without_tags_where_tags_are_denied_and_it_is_said() -> None:
    api = FakeApi(DescribeLoadBalancers=BALANCERS, DescribeTags=refused("UnauthorizedOperation"))
    seen = run(api, ["aws.elbv2.load-balancer"])
    assert len(resources(seen)) == 45
    end = ends(seen)["aws.elbv2.load-balancer"]
    assert isinstance(end, Problem)
    assert end.failure.action == "elasticloadbalancing:DescribeTags"


def test_tags_that_failed_in_passing_do_not_look_removed() -> None:
    api = FakeApi(DescribeLoadBalancers=BALANCERS, DescribeTags=refused("RequestLimitExceeded"))
    seen = run(api, ["aws.elbv2.load-balancer"])
    assert resources(seen) == []
    assert isinstance(ends(seen)["aws.elbv2.load-balancer"], Problem)


def test_pages_reach_the_reader_before_the_listing_ends() -> None:
    """And no more than a few are held: a listing of a million interfaces must not fill the memory."""
    second = threading.Event()

    def slow(request: Mapping[str, Any]) -> Mapping[str, Any]:
        if request.get("NextToken"):
            assert second.wait(10), "the first page was held back until the second was read"
            return {"Vpcs": [{"VpcId": "vpc-b"}]}
        return {"Vpcs": [{"VpcId": "vpc-a"}], "NextToken": "2"}

    declared, wanted = needed_types([VPC])
    stream = collect(FakeApi(DescribeVpcs=slow), SCOPE, declared, wanted, explain)
    first = next(stream)
    assert isinstance(first, Record)
    assert first.resource.alias == "vpc-a"
    second.set()
    assert [type(each).__name__ for each in stream] == ["Record", "Complete"]


def test_an_abandoned_listing_stops_asking() -> None:
    stopped = threading.Event()

    def endless(request: Mapping[str, Any]) -> Mapping[str, Any]:
        page = int(request.get("NextToken", 0))
        if page > 1000:
            stopped.set()
        return {"Vpcs": [{"VpcId": f"vpc-{page}"}], "NextToken": str(page + 1)}

    declared, wanted = needed_types([VPC])
    api = FakeApi(DescribeVpcs=endless)
    stream = collect(api, SCOPE, declared, wanted, explain)
    next(stream)
    stream.close()
    names = [thread for thread in threading.enumerate() if thread.name.startswith(f"collect-{SCOPE.key}")]
    for thread in names:
        thread.join(10)
        assert not thread.is_alive()
    assert not stopped.is_set()
    assert len(api.asked) < 50


def test_a_defect_of_ours_is_said_so_and_spares_the_other_types(caplog: pytest.LogCaptureFixture) -> None:
    def broken(request: Mapping[str, Any]) -> Mapping[str, Any]:
        raise ZeroDivisionError

    seen = run(FakeApi(DescribeVpcs=broken, DescribeSubnets={"Subnets": [{"SubnetId": "subnet-1"}]}), [VPC, SUBNET])
    end = ends(seen)[VPC]
    assert isinstance(end, Problem)
    assert "ZeroDivisionError" in end.failure.message
    assert [resource.alias for resource in resources(seen)] == ["subnet-1"]
    assert "ZeroDivisionError" in caplog.text


def test_what_ends_the_program_is_not_held_back() -> None:
    def interrupted(request: Mapping[str, Any]) -> Mapping[str, Any]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(FakeApi(DescribeVpcs=interrupted), [VPC])
