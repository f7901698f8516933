"""A clock that jumps: this machine's own, while a collection runs, and against AWS's.

Signatures are made with this machine's clock, also where it is known to be wrong (`signing.py` says why): AWS refuses
them then, and the run says so.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path

import pytest

from openvna.model import Outcome, RunState
from support.fault_server import Answer, Request, ec2_error, json_error
from support.sky import FIREWALL, HERE, HOME, SUBNET, TYPES, VPC, Watch, watching

HOUR = 3600.0


class Jumping:
    """A wall clock that goes on, and jumps by what a test says."""

    def __init__(self) -> None:
        self.by = timedelta(0)
        self.jumps: Iterator[timedelta] = cycle([timedelta(0)])

    def __call__(self) -> datetime:
        self.by += next(self.jumps)
        return datetime.now(UTC) + self.by


@pytest.fixture
def clock() -> Jumping:
    return Jumping()


@pytest.fixture
def watch(tmp_path: Path, clock: Jumping) -> Iterator[Watch]:
    with watching(tmp_path, clock=clock) as watch:
        watch.clears()
        yield watch


def changed(watch: Watch, number: int) -> None:
    """Something is created, something changes, something goes, and something comes back."""
    watch.sky.state = f"state-{number}"
    watch.sky.vpcs[HOME] = [f"vpc-{each}" for each in range(1, 7) if each != number % 3 + 1]


def test_the_history_stays_in_order_whatever_the_clock_does(watch: Watch, clock: Jumping) -> None:
    """It jumps at every look: an hour ahead, two back, a day ahead, a day back."""
    clock.jumps = cycle([timedelta(hours=hours) for hours in (1, -2, 24, -24, 0)])
    for number in range(6):
        changed(watch, number)
        run = watch.collect()[HERE]
        assert run.state is RunState.OK
        for row in watch.resources().values():
            watch.in_order(row)
    clock.jumps = cycle([timedelta(0)])
    sequences = [change.sequence for change in watch.store.changes.list(limit=1000).items]
    assert sequences == sorted(sequences, reverse=True)
    watch.clears()


@pytest.mark.parametrize("hours", [5, -5])
def test_a_run_that_is_under_way_is_not_taken_for_dead(watch: Watch, clock: Jumping, hours: int) -> None:
    """A machine that slept, or whose clock was set: the run goes on, and nobody else may begin one."""
    sky, waits, go_on = watch.sky, threading.Event(), threading.Event()

    def held_up(request: Request) -> Answer:
        waits.set()
        go_on.wait(30)
        return sky.describe_vpcs(request)

    sky.aws.on("DescribeVpcs", held_up)
    collection = watch.gateway.start_collection("sky", types=TYPES)
    assert waits.wait(30)
    clock.by += timedelta(hours=hours)
    states = [run.state for run in watch.store.runs.list().items]
    go_on.set()
    assert collection.wait(30)
    assert states.count(RunState.RUNNING) == 1
    assert RunState.INTERRUPTED not in states
    assert [run.state for run in collection.runs] == [RunState.OK]
    watch.clears()


SKEWED = {
    "ahead": ("Signature not yet current: 20260501T140000Z is still later than 20260501T130500Z", -HOUR),
    "behind": ("Signature expired: 20260501T120000Z is now earlier than 20260501T125500Z", HOUR),
}


@pytest.mark.parametrize(("words", "ahead"), SKEWED.values(), ids=SKEWED)
def test_a_clock_that_aws_does_not_accept_is_said_and_takes_nothing_away(
    watch: Watch, words: str, ahead: float
) -> None:
    """The clock jumps after the first calls. `ahead` is AWS's against ours, as the Date of its answers shows it."""
    sky = watch.sky
    sky.aws.on("DescribeVpcs", sky.describe_vpcs, ec2_error("RequestExpired", "Request has expired.", 400, ahead))
    sky.aws.on("DescribeSubnets", ec2_error("AuthFailure", "AWS was not able to validate the credentials", 401, ahead))
    refused = json_error("InvalidSignatureException", words)
    sky.aws.on("ListFirewalls", Answer(refused.status, refused.body, refused.headers, ahead))
    run = watch.collect()[HERE]
    lines = watch.lines(run)
    assert run.state is RunState.FAILED
    assert {type: line.failure.cause for type, line in lines.items()} == dict.fromkeys(TYPES, "K-CLOCK")
    assert "timedatectl set-ntp true" in lines[VPC].failure.remedy
    assert {row.stale for row in watch.resources().values()} == {True}
    watch.clears()


def test_a_date_that_is_too_far_from_aws_is_said(watch: Watch) -> None:
    """In the words of the services that speak REST (S3, and the API gateway in front of others)."""
    skewed = json_error("RequestTimeTooSkewed", "The difference between the request time and the current time", 403)
    watch.sky.aws.on("ListFirewalls", skewed)
    run = watch.collect()[HERE]
    lines = watch.lines(run)
    assert (lines[FIREWALL].outcome, lines[FIREWALL].failure.cause) == (Outcome.FAILED, "K-CLOCK")
    assert lines[SUBNET].outcome is Outcome.OK
    watch.clears()
