"""A dry run counts the calls that a collection then makes."""

from __future__ import annotations

import pytest

from openvna.model import InvalidInput, Scope
from openvna.plugin import load_plugin
from openvna.plugin.forecast import Demand, Foretells, Known
from openvna.plugins.aws.budgets import OURS
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.demand import demands
from openvna.plugins.aws.pace import Pace, Turns

HERE = Scope("aws/111122223333/eu-west-1", "aws", "111122223333", "eu-west-1")
HOME = Scope("aws/111122223333/us-east-1", "aws", "111122223333", "us-east-1")
ALSO = Scope("aws/444455556666/eu-west-1", "aws", "444455556666", "eu-west-1")
NEW = Known()


def asked(
    *scopes: tuple[Scope, Known], types: list[str] | None = None, share: float = 0.5, pace: Pace | None = None
) -> dict[tuple[str, str, str], Demand]:
    found = demands(AwsConfig(rate_share=share), scopes, types, pace or Pace())
    return {(each.account, each.region, each.api): each for each in found}


def test_the_plugin_can_tell() -> None:
    assert isinstance(load_plugin("aws"), Foretells)


def test_of_a_scope_that_was_never_collected_the_first_call_of_each_list_is_counted() -> None:
    (one,) = asked((HERE, NEW), types=["aws.ec2.vpc"]).values()
    assert (one.account, one.region, one.api, one.calls, one.fixed) == (
        *("111122223333", "eu-west-1", "ec2:DescribeVpcs"),
        *(1, 1),
    )
    assert (one.at_once, one.per_second, one.seconds) == (50, 10, 0)  # half of 100 and 20
    assert "EC2" in one.said_by


def test_a_look_at_a_scope_that_rests_is_two_calls() -> None:
    """A VPC as AWS gives it, and no interface. The whole scope took many more calls the last time."""
    known = Known(
        {"aws.ec2.vpc": 1}, {"ec2:DescribeVpcs": 1, "ec2:DescribeNetworkInterfaces": 1, "ec2:DescribeSubnets": 1}
    )
    found = asked((HERE, known), types=list(load_plugin("aws").spec().look))
    assert {api: one.calls for (_, _, api), one in found.items()} == {
        "ec2:DescribeVpcs": 1,
        "ec2:DescribeNetworkInterfaces": 1,
    }


def test_pages_are_counted_by_what_was_there() -> None:
    """2,500 interfaces are three pages of 1,000: one in any case, two by what is known."""
    (one,) = asked((HERE, Known({"aws.ec2.network-interface": 2500})), types=["aws.ec2.network-interface"]).values()
    assert (one.calls, one.fixed) == (3, 1)


def test_lists_for_each_of_another_type_are_counted_by_those() -> None:
    """Routes are searched once for each of the 7 tables; the tables themselves are one page."""
    known = Known({"aws.ec2.transit-gateway-route-table": 7, "aws.ec2.transit-gateway-route": 30})
    found = asked((HERE, known), types=["aws.ec2.transit-gateway-route"])
    calls = {api: (one.calls, one.fixed) for (_, _, api), one in found.items()}
    assert calls == {
        "ec2:SearchTransitGatewayRoutes": (7, 0),
        "ec2:DescribeTransitGatewayRouteTables": (1, 1),
    }


def test_what_needs_something_else_is_asked_for_where_that_is() -> None:
    """Network ACLs are not asked for where there was no VPC; where nothing is known there may be one."""
    types = ["aws.ec2.vpc", "aws.ec2.network-acl"]
    acls = ("111122223333", "eu-west-1", "ec2:DescribeNetworkAcls")
    assert acls not in asked((HERE, Known(calls={"ec2:DescribeVpcs": 1})), types=types)
    for known in (NEW, Known({"aws.ec2.vpc": 1})):
        one = asked((HERE, known), types=types)[acls]
        assert (one.calls, one.fixed) == (1, 0)
    (alone,) = asked((HERE, Known(calls={"ec2:DescribeVpcs": 1})), types=["aws.ec2.network-acl"]).values()
    assert alone.fixed == 1, "nobody looks whether there is a VPC"


def test_what_the_last_collection_did_goes_before_what_declarations_can_tell() -> None:
    known = Known({"aws.ec2.vpc": 3}, {"ec2:DescribeVpcs": 4, "ec2:DescribeVpcAttribute": 9})
    found = asked((HERE, known))
    assert found["111122223333", "eu-west-1", "ec2:DescribeVpcs"].calls == 4
    assert found["111122223333", "eu-west-1", "ec2:DescribeVpcAttribute"].calls == 9


def test_what_the_last_collection_had_no_need_of_is_not_foretold() -> None:
    """Of the lists of AWS nobody asks where they are used, only of those that an account made itself: so there were
    twelve lists, and no such call. A list that it did not read at all may be newer than it, and is counted."""
    known = Known({"aws.ec2.managed-prefix-list": 12}, {"ec2:DescribeManagedPrefixLists": 1})
    found = {api: one.calls for (_, _, api), one in asked((HERE, known)).items()}
    assert found["ec2:DescribeManagedPrefixLists"] == 1
    assert "ec2:GetManagedPrefixListAssociations" not in found
    assert found["ec2:DescribeVpcs"] == 1


def test_time_follows_from_the_calls_the_burst_and_the_rate() -> None:
    """Of Elastic Load Balancing 40 at once and 10 a second are granted, all reads together; half is ours: 120 calls
    are 20 at once and 100 at 5 a second."""
    known = Known(calls={"elbv2:DescribeTargetHealth": 120})
    one = asked((HERE, known), types=["aws.elbv2.target"])["111122223333", "eu-west-1", "elbv2"]
    others = one.calls - 120
    assert (one.at_once, one.per_second) == (20, 5)
    assert one.seconds == (100 + others) / 5


def test_what_is_global_is_counted_once_for_the_account() -> None:
    found = asked((HERE, NEW), (HOME, NEW), types=["aws.route53.hosted-zone"])
    zones = [one for one in found.values() if one.api == "route53"]
    assert [(one.region, one.calls >= 1) for one in zones] == [("", True)]


def test_accounts_are_told_apart() -> None:
    found = asked((HERE, NEW), (ALSO, NEW), types=["aws.ec2.vpc"])
    assert sorted(account for account, _, _ in found) == ["111122223333", "444455556666"]


def test_what_throttling_taught_is_in_the_rate() -> None:
    pace = Pace()
    turn = Turns("111122223333", 0.5, pace=pace)("ec2", "eu-west-1", "DescribeVpcs", {"MaxResults": 1000})
    turn.wait()
    turn.throttled(0.0)
    (one,) = asked((HERE, NEW), types=["aws.ec2.vpc"], pace=pace).values()
    assert one.per_second == pytest.approx(5, abs=0.1)


def test_a_guess_of_ours_is_said_to_be_one() -> None:
    found = asked((HERE, NEW), types=["aws.vpc-lattice.service"])
    assert {one.said_by for one in found.values()} == {OURS}


def test_a_type_that_does_not_exist_is_refused() -> None:
    with pytest.raises(InvalidInput):
        asked((HERE, NEW), types=["aws.ec2.teapot"])
