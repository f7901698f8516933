"""The texts that are handed out, put to use in an AWS that enforces IAM: the access then works, and for us alone."""

from __future__ import annotations

import json
from collections.abc import Generator
from typing import Any

import pytest

from openvna.plugin import Verdict
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.diagnosis import verify
from openvna.plugins.aws.onboarding.identity import completed
from openvna.plugins.aws.onboarding.options import AwsOnboarding
from openvna.plugins.aws.onboarding.plan import plan, settings
from support.emulators import Emulator, Key, ministack_server, user_with_policy
from support.sources import access_key

EXTERNAL_ID = "6f1d9c1e-2f63-4c0b-9d0a-0d7c0c1b9a55"


@pytest.fixture(scope="module")
def ministack() -> Generator[Emulator, None, None]:
    with ministack_server(auth=True) as emulator:
        yield emulator


@pytest.fixture(scope="module")
def gateway(ministack: Emulator) -> Key:
    """Who OpenVNA is: a user that may do nothing at all but ask for roles."""
    may = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
    return user_with_policy(ministack, "gateway", [may])


def source(ministack: Emulator, key: Key, **more: Any) -> AwsConfig:
    given = {"credential": access_key(key.access_key_id, key.secret_access_key), "endpoint_url": ministack.url}
    return AwsConfig.model_validate({**given, "regions": ("us-east-1",), **more})


def role_of_the_texts(ministack: Emulator, key: Key, name: str) -> tuple[str, dict[str, Any]]:
    """Set up what the plan says, with its files; the role's ARN, and the settings that come of it."""
    options = completed(AwsOnboarding(tool="json", role_name=name), source(ministack, key), {})
    files = {each.name: each.text for each in plan(options, EXTERNAL_ID).files}
    iam = ministack.client("iam")
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=files["trust-policy.json"])["Role"]["Arn"]
    permissions = [each for each in files if each.startswith("permissions")]
    assert permissions
    for each in permissions:
        iam.put_role_policy(RoleName=name, PolicyName=f"{name}-{each}", PolicyDocument=files[each])
    return arn, settings(options, EXTERNAL_ID, arn)


def verdict(config: AwsConfig) -> Verdict:
    *_, last = verify(config, {})
    assert isinstance(last, Verdict)
    return last


def test_a_role_made_by_the_texts_works_for_us(ministack: Emulator, gateway: Key) -> None:
    _, given = role_of_the_texts(ministack, gateway, "ByTheTexts")
    found = verdict(source(ministack, gateway, **given))
    assert (found.verdict, found.cause) == ("ok", None), found.summary


@pytest.mark.parametrize("external_id", [None, "another-one"])
def test_without_our_external_id_it_lets_nobody_in(ministack: Emulator, gateway: Key, external_id: str | None) -> None:
    name = f"Guarded{len(external_id or '')}"
    arn, _ = role_of_the_texts(ministack, gateway, name)
    found = verdict(source(ministack, gateway, assume_role={"role_arn": arn, "external_id": external_id}))
    assert (found.verdict, found.cause) == ("failed", "H-TRUST")


def test_somebody_else_is_not_let_in_with_it_either(ministack: Emulator, gateway: Key) -> None:
    may = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
    stranger = user_with_policy(ministack, "stranger", [may])
    _, given = role_of_the_texts(ministack, gateway, "Ours")
    found = verdict(source(ministack, stranger, **given))
    assert (found.verdict, found.cause) == ("failed", "H-TRUST")


def test_the_role_may_read_and_nothing_else(ministack: Emulator, gateway: Key) -> None:
    arn, _ = role_of_the_texts(ministack, gateway, "ReadOnly")
    keys = {"aws_access_key_id": gateway.access_key_id, "aws_secret_access_key": gateway.secret_access_key}
    made = ministack.client("sts", **keys).assume_role(RoleArn=arn, RoleSessionName="tests", ExternalId=EXTERNAL_ID)
    session = {
        "aws_access_key_id": made["Credentials"]["AccessKeyId"],
        "aws_secret_access_key": made["Credentials"]["SecretAccessKey"],
        "aws_session_token": made["Credentials"]["SessionToken"],
    }
    ec2 = ministack.client("ec2", **session)
    assert "Vpcs" in ec2.describe_vpcs()
    with pytest.raises(Exception, match="UnauthorizedOperation"):
        ec2.create_vpc(CidrBlock="10.0.0.0/16")


def test_what_our_own_side_is_told_to_allow_is_enough(ministack: Emulator) -> None:
    """A user without any right, allowed what `our-policy.json` says, takes the role."""
    newcomer = user_with_policy(ministack, "newcomer", [])
    options = completed(AwsOnboarding(tool="json", role_name="ForNewcomer"), source(ministack, newcomer), {})
    files = {each.name: each.text for each in plan(options, EXTERNAL_ID).files}
    _, given = role_of_the_texts(ministack, newcomer, "ForNewcomer")
    ministack.client("iam").put_user_policy(
        UserName="newcomer", PolicyName="OpenVNA-roles", PolicyDocument=files["our-policy.json"]
    )
    assert json.loads(files["our-policy.json"])["Statement"][0]["Resource"] == "arn:aws:iam::*:role/ForNewcomer"
    assert verdict(source(ministack, newcomer, **given)).verdict == "ok"
