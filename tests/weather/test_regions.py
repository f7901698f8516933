"""A region that does not know an operation, and one that is switched off while it is being collected."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from openvna.model import Outcome, RunState
from support.fault_server import Answer, Request, ec2_error, json_error, regions
from support.sky import AWAY, FIREWALL, HERE, SUBNET, THERE, VPC, Watch, watching

UNKNOWN = ec2_error("InvalidAction", "The action DescribeVpcs is not valid for this web service.", 400)
UNKNOWN_JSON = json_error("UnknownOperationException", "")


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    """Two regions."""
    with watching(tmp_path) as watch:
        watch.sky.regions.append(AWAY)
        watch.clears()
        yield watch


def test_an_operation_that_a_region_does_not_know_is_not_to_be_had_there(watch: Watch) -> None:
    """It was there before: what is known of it stays, as last seen, and the other region is as it is."""
    watch.sky.aws.on("DescribeVpcs", UNKNOWN, region=AWAY)
    watch.sky.aws.on("ListFirewalls", UNKNOWN_JSON, region=AWAY)
    runs = watch.collect()
    lines = watch.lines(runs[THERE])
    assert lines[VPC].outcome is lines[FIREWALL].outcome is Outcome.UNSUPPORTED
    assert (runs[THERE].state, runs[HERE].state) == (RunState.OK, RunState.OK)
    held = watch.resources().values()
    assert {(row.region, row.type) for row in held if row.stale} == {(AWAY, VPC), (AWAY, FIREWALL)}
    watch.sky.aws.off("DescribeVpcs", AWAY).off("ListFirewalls", AWAY)
    watch.clears()


def off(request: Request) -> Answer:
    """What a region says that is switched off: EC2 in its own words, the others that they do not know the token."""
    if request.service == "ec2":
        return ec2_error("AuthFailure", "AWS was not able to validate the provided access credentials", 401)
    return json_error("UnrecognizedClientException", "The security token included in the request is invalid.")


def test_a_region_that_is_switched_off_in_mid_run_is_told_as_that(watch: Watch) -> None:
    """After the first page: the rest is refused, in words that sound like a wrong key. The key is right."""
    sky = watch.sky

    def states(_: Request) -> Answer:
        return regions(us_east_1="opt-in-not-required", eu_west_1="not-opted-in" if switched else "opted-in")

    def then_off(request: Request) -> Answer:
        switched.append(request)
        for action in ("DescribeVpcs", "DescribeSubnets", "ListFirewalls", "DescribeFirewall"):
            sky.aws.on(action, off, region=AWAY)
        return sky.describe_vpcs(request)

    switched: list[Request] = []
    sky.aws.on("DescribeRegions", states)
    sky.aws.on("DescribeVpcs", then_off, region=AWAY)
    runs = watch.collect()
    lines = watch.lines(runs[THERE])
    assert (runs[HERE].state, lines[VPC].outcome) == (RunState.OK, Outcome.FAILED)
    assert {line.failure.cause for line in lines.values() if line.failure} == {"R-NOT-OPTED-IN"}
    assert AWAY in lines[VPC].failure.remedy
    stale = {(row.region, row.type) for row in watch.resources().values() if row.stale}
    assert (AWAY, VPC) in stale
    assert {region for region, _ in stale} == {AWAY}
    # The next one does not find the region any more, and says once that what is known of it is as last seen.
    runs = watch.collect(None)
    assert set(runs) == {HERE, THERE}
    watch.hold()
    assert {row.stale for row in watch.resources().values() if row.region == AWAY} == {True}
    assert set(watch.collect(None)) == {HERE}
    # Switched on again, all is as it was.
    switched.clear()
    for action in ("DescribeVpcs", "DescribeSubnets", "ListFirewalls", "DescribeFirewall"):
        sky.aws.off(action, AWAY)
    sky.subnets[AWAY].remove("subnet-2")
    runs = watch.clears()
    assert watch.lines(runs[THERE])[SUBNET].deleted == 1
