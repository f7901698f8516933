"""What needs something else is not asked for where there is none of that."""

from __future__ import annotations

from typing import Any

from openvna.plugin import Complete, Problem, Record
from openvna.plugins.aws.fetch import collect
from openvna.plugins.aws.types import TYPES, needed_types
from support.fake_aws import SCOPE, FakeApi, explain, refused

VPC, INTERFACE, PERMISSION = "aws.ec2.vpc", "aws.ec2.network-interface", "aws.ec2.network-interface-permission"
ONE = {"Vpcs": [{"VpcId": "vpc-1", "OwnerId": "111122223333"}]}
EMPTY: dict[str, dict[str, Any]] = {
    "DescribeNetworkInterfaces": {"NetworkInterfaces": []},
    "DescribeNetworkInterfacePermissions": {"NetworkInterfacePermissions": []},
}


def run(api: FakeApi, *types: str) -> dict[str, Complete | Problem]:
    declared, wanted = needed_types(types)
    seen = collect(api, SCOPE, declared, wanted, explain)
    return {each.type: each for each in seen if not isinstance(each, Record)}


def test_without_a_vpc_nothing_that_is_in_one_is_asked_for_and_all_of_it_is_known_to_be_none() -> None:
    api = FakeApi(DescribeVpcs={"Vpcs": []})
    ends = run(api, VPC, INTERFACE, PERMISSION)
    assert [type(ends[name]) for name in (VPC, INTERFACE, PERMISSION)] == [Complete] * 3
    assert [ends[name].calls.calls for name in (VPC, INTERFACE, PERMISSION)] == [1, 0, 0]
    assert api.requests("DescribeNetworkInterfaces") == []


def test_with_one_it_is() -> None:
    api = FakeApi(DescribeVpcs=ONE, **EMPTY)
    ends = run(api, VPC, INTERFACE, PERMISSION)
    assert [ends[name].calls.calls for name in (VPC, INTERFACE, PERMISSION)] == [1, 1, 0]


def test_where_it_cannot_be_known_it_is_asked_for() -> None:
    api = FakeApi(DescribeVpcs=refused("UnauthorizedOperation"), **EMPTY)
    ends = run(api, VPC, INTERFACE)
    assert isinstance(ends[VPC], Problem)
    assert isinstance(ends[INTERFACE], Complete)
    assert ends[INTERFACE].calls.calls == 1


def test_a_type_alone_is_asked_for_without_what_it_needs() -> None:
    api = FakeApi(**EMPTY)
    assert run(api, INTERFACE)[INTERFACE].calls.calls == 1


def test_needs_lead_to_no_circle_and_stay_in_the_region() -> None:
    for declared in TYPES.values():
        way = [declared]
        while way[-1].needs:
            assert not TYPES[way[-1].needs].once or way[-1].once, "what is listed once does not tell of other regions"
            way.append(TYPES[way[-1].needs])
            assert len(way) < 6, [each.type for each in way]
