"""What a collection says of a refusal rests on the credential that was refused, as the verification's word does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from openvna.plugin import ScopeProblem
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.session import AwsSession
from support.fault_server import FaultServer, ec2_error, fault_server, role_session, sts_error
from support.sources import access_key

ROLE = "arn:aws:iam::444455556666:role/OpenVNA"
UNKNOWN = "The security token included in the request is invalid."


@pytest.fixture
def aws() -> Iterator[FaultServer]:
    with fault_server() as server:
        yield server.good()


def problem(aws: FaultServer, **settings: Any) -> ScopeProblem:
    config = AwsConfig(credential=access_key(), endpoint_url=aws.url, **settings)
    with AwsSession(config) as session:
        (found,) = session.discover()
    assert isinstance(found, ScopeProblem)
    return found


def test_a_session_that_is_gone_is_not_taken_for_a_deleted_key(aws: FaultServer) -> None:
    """The key that is refused is the role's, and nobody finds that one in IAM."""
    aws.on("AssumeRole", role_session(ROLE)).on("DescribeRegions", ec2_error("InvalidClientTokenId", UNKNOWN))
    assert problem(aws, assume_role={"role_arn": ROLE}).failure.cause == "K-TOKEN-OR-TEMPKEY"


def test_a_permanent_key_that_is_gone_is_unknown(aws: FaultServer) -> None:
    aws.on("DescribeRegions", ec2_error("InvalidClientTokenId", UNKNOWN))
    assert problem(aws).failure.cause == "K-KEY-UNKNOWN"


def test_the_trust_policy_to_paste_asks_for_the_external_id(aws: FaultServer) -> None:
    """Without that condition, what we tell people to paste would open the role to the confused deputy."""
    said = (
        f"User: arn:aws:iam::111122223333:user/reader is not authorized to perform: sts:AssumeRole on resource: {ROLE}"
    )
    aws.on("AssumeRole", sts_error("AccessDenied", said))
    failure = problem(aws, assume_role={"role_arn": ROLE, "external_id": "vna-7f3a"}).failure
    assert failure.cause == "H-TRUST"
    (statement,) = json.loads(failure.remedy[failure.remedy.index("{") :])["Statement"]
    assert statement["Condition"] == {"StringEquals": {"sts:ExternalId": "vna-7f3a"}}
    assert statement["Principal"] == {"AWS": "arn:aws:iam::111122223333:user/reader"}
