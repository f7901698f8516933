"""Who takes the role is asked of STS, and a role is named by its real ARN where IAM tells it."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from openvna.model import InvalidInput, VerificationFailed
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.onboarding.identity import completed, who
from openvna.plugins.aws.onboarding.options import AwsOnboarding
from support.fault_server import (
    ACCOUNT,
    AKIA,
    ASIA,
    SECRET,
    TOKEN,
    USER,
    FaultServer,
    fault_server,
    identity,
    result,
    sts_error,
)

SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/gateway/i-0a1b2c3d4e5f60718"
DENIED = sts_error("AccessDenied", f"User: {SESSION} is not authorized to perform: iam:GetRole")


@pytest.fixture
def aws() -> Generator[FaultServer, None, None]:
    with fault_server() as server:
        yield server.good()


def config(aws: FaultServer, **more: object) -> AwsConfig:
    key = {"kind": "access-key", "access_key_id": ASIA, "secret_access_key": SECRET, "session_token": TOKEN}
    return AwsConfig.model_validate({"credential": key, "endpoint_url": aws.url, **more})


def test_a_user_is_who_it_is_and_iam_is_not_asked(aws: FaultServer) -> None:
    assert who(config(aws), {}).arn == USER
    assert aws.asked("GetRole") == 0


def test_a_session_is_named_by_its_role_with_the_path_that_iam_tells(aws: FaultServer) -> None:
    real = f"arn:aws:iam::{ACCOUNT}:role/network/gateway"
    aws.on("GetCallerIdentity", identity(SESSION)).on("GetRole", result("GetRole", f"<Role><Arn>{real}</Arn></Role>"))
    assert who(config(aws), {}).arn == real


@pytest.mark.parametrize(
    "answer", [DENIED, result("GetRole", "<Role><Arn>arn:aws:iam::999988887777:role/gateway</Arn></Role>")]
)
def test_where_iam_tells_nothing_of_use_the_role_is_taken_to_have_no_path(aws: FaultServer, answer: object) -> None:
    aws.on("GetCallerIdentity", identity(SESSION)).on("GetRole", answer)  # type: ignore[arg-type]  # an answer of the server
    found = who(config(aws), {})
    assert (found.arn, found.account) == (f"arn:aws:iam::{ACCOUNT}:role/gateway", ACCOUNT)


def test_the_session_of_a_permission_set_stays_what_it_is_because_its_role_is_made_anew(aws: FaultServer) -> None:
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/AWSReservedSSO_Net_0123456789abcdef/alice"
    aws.on("GetCallerIdentity", identity(arn))
    assert who(config(aws), {}).arn == arn
    assert aws.asked("GetRole") == 0


def test_it_is_asked_without_the_roles_that_are_still_to_be_made(aws: FaultServer) -> None:
    role = {"role_arn": "arn:aws:iam::444455556666:role/OpenVNA"}
    assert who(config(aws, assume_role=role), {}).arn == USER
    assert aws.asked("AssumeRole") == 0


@pytest.mark.parametrize(
    ("arn", "why"),
    [(f"arn:aws:iam::{ACCOUNT}:root", "root user"), (f"arn:aws:sts::{ACCOUNT}:federated-user/bob", "federated user")],
)
def test_who_can_take_no_role_is_refused_before_anything_is_set_up(aws: FaultServer, arn: str, why: str) -> None:
    aws.on("GetCallerIdentity", identity(arn))
    with pytest.raises(VerificationFailed, match="cannot take a role") as refused:
        who(config(aws), {})
    assert why in refused.value.why
    assert refused.value.verdict["verdict"] == "failed"


def test_a_credential_that_does_not_work_is_told_with_its_cause(aws: FaultServer) -> None:
    aws.on(
        "GetCallerIdentity", sts_error("SignatureDoesNotMatch", "The request signature we calculated does not match")
    )
    key = {"kind": "access-key", "access_key_id": AKIA, "secret_access_key": SECRET}
    with pytest.raises(VerificationFailed, match="who we are") as refused:
        who(config(aws, credential=key), {})
    assert refused.value.verdict["cause"] == "K-SECRET-WRONG"
    assert refused.value.remedy
    assert SECRET not in str(refused.value)


def test_a_machine_without_a_credential_says_where_it_looked(aws: FaultServer) -> None:
    with pytest.raises(VerificationFailed) as refused:
        who(AwsConfig.model_validate({"credential": {"kind": "ambient"}, "endpoint_url": aws.url}), NOTHING)
    assert refused.value.verdict["cause"] == "C-EMPTY"


NOTHING = {
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": "/nonexistent/config",
    "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent/credentials",
}


def test_the_options_are_completed_with_who_takes_the_role_and_where(aws: FaultServer) -> None:
    found = completed(AwsOnboarding(features=("vpn",)), config(aws), {})
    assert (found.caller, found.partition, found.features) == (USER, "aws", ("account", "vpc", "vpn"))


def test_who_is_named_is_not_asked_for(aws: FaultServer) -> None:
    named = "arn:aws:iam::999988887777:role/other"
    assert completed(AwsOnboarding(caller=named), config(aws), {}).caller == named
    assert completed(AwsOnboarding(way="machine"), config(aws), {}).caller == ""
    assert aws.requests == []


def test_somebody_of_another_partition_cannot_be_trusted(aws: FaultServer) -> None:
    named = "arn:aws-cn:iam::999988887777:role/other"
    with pytest.raises(InvalidInput, match="another partition") as refused:
        completed(AwsOnboarding(caller=named), config(aws), {})
    assert refused.value.fields[0][0] == "caller"
