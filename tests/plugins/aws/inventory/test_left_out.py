"""Features that are left out on purpose are neither asked for nor missed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pydantic import ValidationError

from openvna.model import Outcome
from openvna.plugin import Problem, StepOutcome, Verdict
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.diagnosis import verify
from openvna.plugins.aws.session import AwsSession
from openvna.plugins.aws.types import FEATURES
from support.fake_aws import SCOPE
from support.fault_server import FaultServer, done, ec2_error, fault_server, identity
from support.sources import access_key

VPN = FEATURES["vpn"].types


@pytest.fixture
def aws() -> Iterator[FaultServer]:
    with fault_server() as server:
        yield server.good(eu_west_1="opt-in-not-required").on("DescribeSubnets", done("DescribeSubnets"))


def config(aws: FaultServer, *left_out: str) -> AwsConfig:
    return AwsConfig(credential=access_key(), endpoint_url=aws.url, regions=("eu-west-1",), left_out=left_out)


def test_their_types_are_not_listed_and_what_was_known_of_them_stays(aws: FaultServer) -> None:
    aws.on("GetCallerIdentity", identity(f"arn:aws:iam::{SCOPE.account}:user/reader"))
    with AwsSession(config(aws, "vpn")) as session:
        seen = list(session.collect(SCOPE, [*VPN, "aws.ec2.subnet"]))
    left = [each for each in seen if isinstance(each, Problem)]
    assert {each.type for each in left} == set(VPN), "each ends once, and none is Complete: nothing is retired"
    assert {each.failure.outcome for each in left} == {Outcome.UNSUPPORTED}
    assert "left out" in left[0].failure.message
    assert aws.asked("DescribeVpnConnections") == 0
    assert aws.asked("DescribeSubnets") == 1


def test_their_permissions_are_not_tried(aws: FaultServer) -> None:
    aws.on("DescribeVpnConnections", ec2_error("UnauthorizedOperation", "You are not authorized."))
    tried = {each.feature for each in _verdict(config(aws)).permissions}
    assert "vpn" in tried
    kept = {each.feature for each in _verdict(config(aws, "vpn", "diagnosis")).permissions}
    assert kept == tried - {"vpn", "diagnosis"}


def test_instances_that_nobody_wants_are_not_what_an_access_is_measured_by(aws: FaultServer) -> None:
    aws.on("DescribeInstances", ec2_error("UnauthorizedOperation", "You are not authorized."))
    optional = [each.id for each in FEATURES.values() if each.optional]
    _verdict(config(aws, *optional))
    assert aws.asked("DescribeInstances") == 0


def _verdict(settings: AwsConfig) -> Verdict:
    *steps, last = verify(settings, {}, pause=lambda _: None)
    assert isinstance(last, Verdict)
    assert all(each.outcome != StepOutcome.RUNNING for each in last.steps)
    assert steps
    return last


@pytest.mark.parametrize("feature", ["vpc", "account", "nonsense"])
def test_what_is_always_needed_or_does_not_exist_cannot_be_left_out(aws: FaultServer, feature: str) -> None:
    with pytest.raises(ValidationError, match="no feature that can be left out"):
        config(aws, feature)
