"""Credentials that end while a collection is under way: renewed where that can be, else asked for again. Never a
deletion."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from openvna.model import Outcome, RunState
from support.fault_server import (
    ACCOUNT,
    ASIA,
    SECRET,
    TOKEN,
    Answer,
    Request,
    ec2_error,
    json_error,
    role_session,
    sts_error,
)
from support.sky import FIREWALL, HERE, HOME, SUBNET, VPC, Watch, watching

ROLE = f"arn:aws:iam::{ACCOUNT}:role/OpenVNA"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/OpenVNA/openvna"
EXPIRED = "The security token included in the request is expired"


def over(request: Request) -> Answer:
    """What each protocol says of a session that has ended (EC2: "Request has expired", by its error codes page)."""
    if request.service == "ec2":
        return ec2_error("RequestExpired", "Request has expired.", 400)
    if request.service == "sts":
        return sts_error("ExpiredToken", EXPIRED, 403)
    return json_error("ExpiredTokenException", EXPIRED)


def session(token: str) -> Answer:
    """What AssumeRole gives: a session of an hour with this token."""
    given = role_session(SESSION)
    return replace(given, body=given.body.replace(TOKEN, token))


def ends(watch: Watch, token: str, after: int) -> None:
    """After so many more calls with it, the session of that token is over."""
    left = [after]

    def unless_over(answer: Callable[[Request], Answer]) -> Callable[[Request], Answer]:
        def answered(request: Request) -> Answer:
            if request.token == token:
                left[0] -= 1
                if left[0] < 0:
                    return over(request)
            return answer(request)

        return answered

    sky = watch.sky
    sky.aws.on("DescribeVpcs", unless_over(sky.describe_vpcs))
    sky.aws.on("DescribeSubnets", unless_over(sky.describe_subnets))
    sky.aws.on("ListFirewalls", unless_over(sky.list_firewalls))
    sky.aws.on("DescribeFirewall", unless_over(sky.describe_firewall))


# Renewed


@pytest.fixture
def by_role(tmp_path: Path) -> Iterator[Watch]:
    with watching(tmp_path, assume_role={"role_arn": ROLE}) as watch:
        watch.sky.aws.on("AssumeRole", session("first"))
        watch.clears()
        yield watch


@pytest.mark.parametrize("after", [0, 1, 3])
def test_a_session_of_a_role_that_ends_before_its_time_is_renewed(by_role: Watch, after: int) -> None:
    aws = by_role.sky.aws
    aws.on("AssumeRole", session("first"), session("second"))
    ends(by_role, "first", after)
    before = aws.asked("AssumeRole")
    run = by_role.collect()[HERE]
    assert run.state is RunState.OK
    assert aws.asked("AssumeRole") - before == 2, "one at the start, and one when it was over"
    by_role.shows_the_truth()


def test_a_role_that_is_refused_when_it_is_to_be_renewed_says_so(by_role: Watch) -> None:
    refused = sts_error("AccessDenied", f"User: x is not authorized to perform: sts:AssumeRole on resource: {ROLE}")
    by_role.sky.aws.on("AssumeRole", session("first"), refused)
    ends(by_role, "first", 1)
    run = by_role.collect()[HERE]
    lines = by_role.lines(run)
    assert run.state in (RunState.PARTIAL, RunState.FAILED)
    lost = [line for line in lines.values() if line.outcome is not Outcome.OK]
    assert {line.failure.cause for line in lost} == {"H-TRUST"}
    by_role.sky.aws.on("AssumeRole", session("third"))
    by_role.clears()


# Pasted


@pytest.fixture
def pasted(tmp_path: Path) -> Iterator[Watch]:
    secrets = {"credential.secret_access_key": SECRET, "credential.session_token": "pasted"}
    with watching(tmp_path, secrets, credential={"kind": "access-key", "access_key_id": ASIA}) as watch:
        watch.clears()
        yield watch


def test_a_pasted_session_that_ends_leaves_the_rest_as_last_seen_and_asks_for_another(
    pasted: Watch, client: str
) -> None:
    """Three pages of VPCs are read, and then it is over: the run is partial, and says what to do."""
    sky = pasted.sky
    ends(pasted, "pasted", 3)
    sky.aws.on("ListFirewalls", over)
    sky.aws.on("DescribeSubnets", over)
    sky.vpcs[HOME].remove("vpc-5")
    run = pasted.collect()[HERE]
    lines = pasted.lines(run)
    assert {line.failure.cause for line in lines.values() if line.failure} == {"K-EXPIRED"}
    assert lines[FIREWALL].outcome is lines[SUBNET].outcome is Outcome.FAILED
    assert "openvna source reenter" in lines[SUBNET].failure.remedy
    held = pasted.resources()
    assert {row.type for row in held.values() if row.stale} >= {FIREWALL, SUBNET}


def test_a_session_that_is_over_is_not_tried_for_every_type(pasted: Watch) -> None:
    """Of 200 types, those under way find out; the others are told."""
    sky = pasted.sky
    sky.aws.on("DescribeVpcs", over)
    sky.aws.otherwise = over
    before = len(sky.aws.requests)
    run = pasted.collect(None)[HERE]
    lines = pasted.store.runs.ledger(run.id)
    assert len(lines) > 150
    assert sum(line.failure is not None and line.failure.cause == "K-EXPIRED" for line in lines) > 150
    assert len(sky.aws.requests) - before < 30
    pasted.clears()


def test_after_its_end_nothing_can_be_entered_and_what_is_known_stays(pasted: Watch) -> None:
    sky = pasted.sky
    for action in ("GetCallerIdentity", "DescribeRegions", "DescribeVpcs", "DescribeSubnets", "ListFirewalls"):
        sky.aws.on(action, over)
    (run,) = pasted.collect().values()
    assert run.state is RunState.FAILED
    assert run.failure is not None
    assert run.failure.cause == "K-EXPIRED"
    assert "openvna source reenter" in run.failure.remedy
    held = pasted.resources()
    assert set(held) == sky.ids()
    assert {row.stale for row in held.values()} == {True}
    verdict = pasted.store.sources.get("sky").verdict
    assert verdict is not None, "it was verified anew, so that the source itself asks for another one"
    assert (verdict["verdict"], verdict["cause"]) == ("failed", "K-EXPIRED")
    sky.clear()
    again = {"access_key_id": ASIA, "secret_access_key": SECRET, "session_token": "fresh"}
    pasted.gateway.edit_source("sky", config={"credential": again}, save_anyway=True)
    sky.vpcs[HOME].append("vpc-6")
    pasted.clears()
    assert {request.token for request in sky.aws.requests if request.action == "DescribeVpcs"} >= {"fresh"}
    assert [row.type for row in pasted.resources().values()].count(VPC) == 6
