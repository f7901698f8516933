"""Throttling storms and bursts of 5xx: waited out while there is hope, and else a type that is as last seen."""

from __future__ import annotations

import pytest

from openvna.model import Outcome, RunState
from support.fault_server import Answer, ec2_error, json_error
from support.sky import FIREWALL, HERE, HOME, SUBNET, VPC, Watch

THROTTLED = ec2_error("RequestLimitExceeded", "Request limit exceeded.", 503)
SLOW = json_error("ThrottlingException", "Rate exceeded")
BURST = ec2_error("InternalError", "An internal error has occurred", 500)
PLAIN_503 = Answer(
    503, "<html><title>503 Service Temporarily Unavailable</title></html>", {"Content-Type": "text/html"}
)


def test_a_storm_that_passes_is_waited_out(watch: Watch, client: str) -> None:
    sky = watch.sky
    sky.aws.on("DescribeVpcs", THROTTLED, THROTTLED, sky.describe_vpcs, THROTTLED, sky.describe_vpcs)
    sky.aws.on("ListFirewalls", SLOW, sky.list_firewalls)
    run = watch.collect()[HERE]
    assert run.state is RunState.OK
    assert (run.calls.throttles, run.calls.retries) == (4, 4)
    watch.shows_the_truth()


def test_a_storm_that_stays_leaves_what_it_hits_as_last_seen(watch: Watch, client: str) -> None:
    """The first page came, the others never did: what is on them must not read as gone."""
    sky = watch.sky
    sky.vpcs[HOME].remove("vpc-1")  # really gone, but no listing can say so yet
    sky.aws.on("DescribeVpcs", sky.describe_vpcs, THROTTLED)
    run = watch.collect()[HERE]
    line = watch.lines(run)[VPC]
    assert (run.state, line.outcome) == (RunState.PARTIAL, Outcome.THROTTLED)
    assert line.failure.cause == "T-THROTTLED"
    assert line.failure.remedy
    held = watch.resources()
    assert {row.stale for row in held.values() if row.type == VPC} == {True}
    assert {row.stale for row in held.values() if row.type != VPC} == {False}
    watch.clears()


@pytest.mark.parametrize("burst", [BURST, PLAIN_503], ids=["an error of EC2", "a page of a load balancer"])
def test_a_burst_of_5xx_that_passes_is_not_noticed(watch: Watch, client: str, burst: Answer) -> None:
    sky = watch.sky
    sky.aws.on("DescribeSubnets", burst, burst, sky.describe_subnets)
    run = watch.collect()[HERE]
    assert run.state is RunState.OK
    watch.shows_the_truth()


@pytest.mark.parametrize(
    ("burst", "cause"),
    [(BURST, "T-UNAVAILABLE"), (PLAIN_503, "N-INTERCEPT")],
    ids=["an error of EC2", "a page of a load balancer"],
)
def test_a_burst_of_5xx_that_stays_is_the_trouble_of_one_type(
    watch: Watch, client: str, burst: Answer, cause: str
) -> None:
    sky = watch.sky
    sky.aws.on("DescribeSubnets", burst)
    run = watch.collect()[HERE]
    lines = watch.lines(run)
    assert (run.state, lines[SUBNET].outcome) == (RunState.PARTIAL, Outcome.FAILED)
    assert lines[SUBNET].failure.cause == cause
    assert lines[VPC].outcome is lines[FIREWALL].outcome is Outcome.OK
    watch.clears()
