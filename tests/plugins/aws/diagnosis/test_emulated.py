"""The runbook's failures, and roles, against emulated AWS: moto, and ministack, which enforces IAM as AWS does."""

from __future__ import annotations

import json
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from openvna.plugin import StepOutcome
from openvna.plugins.aws.types import FEATURES
from support.emulators import (
    Emulator,
    Key,
    enforce_moto,
    ministack_server,
    moto_server,
    role_with_trust,
    session_of,
    user_with_policy,
)
from support.sources import access_key

READ = sorted({action for feature in FEATURES.values() if feature.types for action in feature.permissions})
ALMOST = [action for action in READ if action != "ec2:DescribeInstances"]
EXTERNAL_ID = "vna-7f3a"


@dataclass(frozen=True)
class Cast:
    """An emulator with the users and roles of the tests."""

    emulator: Emulator
    reader: Key
    narrow: Key
    keeper: Key
    session: Key
    role: str
    strangers: str


def cast(emulator: Emulator) -> Cast:
    reader = user_with_policy(emulator, "reader", [{"Effect": "Allow", "Action": [*READ, "sts:*"], "Resource": "*"}])
    narrow = user_with_policy(emulator, "narrow", [{"Effect": "Allow", "Action": ALMOST, "Resource": "*"}])
    keeper = user_with_policy(emulator, "keeper", [{"Effect": "Allow", "Action": READ, "Resource": "*"}])
    us = emulator.client("iam").get_user(UserName="reader")["User"]["Arn"]
    allowed = [{"Effect": "Allow", "Action": READ, "Resource": "*"}]
    opened = {"Effect": "Allow", "Principal": {"AWS": us}, "Action": "sts:AssumeRole"}
    guarded = opened | {"Condition": {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}}}
    role = role_with_trust(emulator, "guarded", {"Version": "2012-10-17", "Statement": [guarded]}, allowed)
    other = opened | {"Principal": {"AWS": us.replace("reader", "narrow")}}
    strangers = role_with_trust(emulator, "strangers", {"Version": "2012-10-17", "Statement": [other]}, allowed)
    plain = role_with_trust(emulator, "plain", {"Version": "2012-10-17", "Statement": [opened]}, allowed)
    return Cast(emulator, reader, narrow, keeper, session_of(emulator, plain, reader), role, strangers)


@pytest.fixture(scope="module")
def ministack() -> Generator[Cast, None, None]:
    with ministack_server(auth=True) as emulator:
        yield cast(emulator)


@pytest.fixture(scope="module")
def moto() -> Generator[Cast, None, None]:
    with moto_server(auth=True) as emulator:
        made = cast(emulator)
        enforce_moto(emulator)
        yield made


@pytest.fixture(params=["ministack", "moto"])
def emulated(request: pytest.FixtureRequest) -> Cast:
    found: Cast = request.getfixturevalue(request.param)
    return found


def credential(key: Key) -> Any:
    return access_key(key.access_key_id, key.secret_access_key, key.token or None)


def test_a_good_key(emulated: Cast, run: Any) -> None:
    verdict = run(credential(emulated.reader), endpoint_url=emulated.emulator.url).verdict
    assert (verdict.verdict, verdict.cause) == ("ok", None)
    assert verdict.identity.kind == "iam-user"
    assert len(verdict.regions) > 10


def test_a_session(emulated: Cast, run: Any) -> None:
    verdict = run(credential(emulated.session), endpoint_url=emulated.emulator.url, regions=("eu-west-1",)).verdict
    assert (verdict.verdict, verdict.identity.kind) == ("ok", "assumed-role")


def test_a_temporary_key_without_its_token(emulated: Cast, run: Any) -> None:
    half = access_key(emulated.session.access_key_id, emulated.session.secret_access_key)
    verdict = run(half, endpoint_url=emulated.emulator.url).verdict
    assert (verdict.verdict, verdict.cause, verdict.calls) == ("failed", "C-TEMP-NO-TOKEN", 0)


def test_a_temporary_key_with_a_token_of_another_session(emulated: Cast, run: Any) -> None:
    wrong = access_key(emulated.session.access_key_id, emulated.session.secret_access_key, "FwoGZXIvYXdzEXAMPLEx")
    verdict = run(wrong, endpoint_url=emulated.emulator.url).verdict
    assert (verdict.verdict, verdict.cause) == ("failed", "K-TOKEN-OR-TEMPKEY")


def test_a_wrong_secret(emulated: Cast, run: Any) -> None:
    wrong = access_key(emulated.reader.access_key_id, emulated.narrow.secret_access_key)
    verdict = run(wrong, endpoint_url=emulated.emulator.url).verdict
    assert (verdict.verdict, verdict.cause) == ("failed", "K-SECRET-WRONG")
    assert "new access key" in verdict.remedy


def test_a_key_that_does_not_exist(emulated: Cast, run: Any) -> None:
    verdict = run(access_key(), endpoint_url=emulated.emulator.url).verdict
    assert (verdict.verdict, verdict.cause) == ("failed", "K-KEY-UNKNOWN")


def test_a_secret_that_was_encoded_and_padded_works(emulated: Cast, run: Any) -> None:
    secret = "".join(f"%{ord(letter):02X}" for letter in emulated.reader.secret_access_key)
    verified = run(
        access_key(emulated.reader.access_key_id, f' "{secret}" '),
        endpoint_url=emulated.emulator.url,
        regions=("eu-west-1",),
    )
    assert verified.verdict.verdict == "ok"
    assert verified.step("static").outcome == StepOutcome.REPAIRED


def test_a_second_profile_tells_that_the_key_is_switched_off(ministack: Cast, run: Any, tmp_path: Path) -> None:
    """ministack refuses an inactive key as AWS does; moto accepts it."""
    emulator = ministack.emulator
    asleep = user_with_policy(emulator, "asleep", [{"Effect": "Allow", "Action": READ, "Resource": "*"}])
    asked = ["sts:GetAccessKeyInfo", "iam:GetAccessKeyLastUsed", "iam:ListAccessKeys"]
    admin = user_with_policy(emulator, "clerk", [{"Effect": "Allow", "Action": asked, "Resource": "*"}])
    narrow = ministack.narrow
    iam = emulator.client("iam")
    iam.update_access_key(UserName="asleep", AccessKeyId=asleep.access_key_id, Status="Inactive")
    (tmp_path / "credentials").write_text(
        f"[clerk]\naws_access_key_id={admin.access_key_id}\naws_secret_access_key={admin.secret_access_key}\n"
        f"[narrow]\naws_access_key_id={narrow.access_key_id}\naws_secret_access_key={narrow.secret_access_key}\n"
    )
    files = {"AWS_CONFIG_FILE": "/nowhere", "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials")}
    source = {"environment": files, "endpoint_url": emulator.url}

    verified = run(credential(asleep), second_profile="clerk", **source)
    assert (verified.verdict.verdict, verified.verdict.cause) == ("failed", "K-KEY-INACTIVE")
    assert f"--access-key-id {asleep.access_key_id} --status Active --user-name asleep" in verified.verdict.remedy
    assert admin.secret_access_key not in str(verified.verdict.as_json())

    denied = run(credential(asleep), second_profile="narrow", **source)
    assert denied.verdict.cause == "K-KEY-UNKNOWN"
    assert denied.step("second identity").cause == "P-IDENTITY-IMPLICIT"

    iam.delete_access_key(UserName="asleep", AccessKeyId=asleep.access_key_id)
    gone = run(credential(asleep), second_profile="clerk", **source)
    # ministack reads an account out of the ids it makes up, which may be any: what is known then is left to chance.
    assert gone.verdict.cause in ("K-KEY-UNKNOWN", "K-KEY-DELETED")
    assert gone.step("second identity").evidence


@pytest.mark.parametrize(("which", "cause"), [("ministack", "P-IDENTITY-IMPLICIT"), ("moto", "P-UNSTATED")])
def test_a_missing_ec2_permission(request: pytest.FixtureRequest, run: Any, which: str, cause: str) -> None:
    """moto gives no reason with its denials, as some of AWS's services do not."""
    emulated: Cast = request.getfixturevalue(which)
    verdict = run(credential(emulated.narrow), endpoint_url=emulated.emulator.url, regions=("eu-west-1",)).verdict
    assert (verdict.verdict, verdict.cause) == ("degraded", cause)
    assert "ec2:DescribeInstances" in verdict.regions[0].evidence[0]
    statement = json.loads(verdict.remedy[verdict.remedy.index("{") :])
    assert (statement["Action"], statement["Resource"]) == (["ec2:DescribeInstances"], "*")


def test_an_explicit_deny(ministack: Cast, run: Any) -> None:
    denied = user_with_policy(
        ministack.emulator,
        "denied",
        [
            {"Effect": "Allow", "Action": "ec2:*", "Resource": "*"},
            {"Effect": "Deny", "Action": ["ec2:DescribeVpcs", "ec2:DescribeInstances"], "Resource": "*"},
        ],
    )
    verdict = run(credential(denied), endpoint_url=ministack.emulator.url, regions=("eu-west-1",)).verdict
    assert (verdict.verdict, verdict.cause) == ("failed", "P-IDENTITY-EXPLICIT")


def test_a_policy_that_keeps_us_to_one_region(ministack: Cast, run: Any) -> None:
    condition = {"StringEquals": {"aws:RequestedRegion": ["us-east-1", "eu-west-1"]}}
    regional = user_with_policy(
        ministack.emulator,
        "regional",
        [{"Effect": "Allow", "Action": READ, "Resource": "*", "Condition": condition}],
    )
    verdict = run(
        credential(regional), endpoint_url=ministack.emulator.url, regions=("eu-west-1", "eu-central-1")
    ).verdict
    assert (verdict.verdict, verdict.cause) == ("degraded", "P-REGION")
    assert {each.region: each.cause for each in verdict.regions} == {"eu-west-1": None, "eu-central-1": "P-REGION"}


def role(arn: str, external_id: str | None = None) -> dict[str, Any]:
    return {"assume_role": {"role_arn": arn, "external_id": external_id}, "regions": ("eu-west-1",)}


def test_a_role_with_its_external_id(ministack: Cast, run: Any) -> None:
    settings = role(ministack.role, EXTERNAL_ID)
    verified = run(credential(ministack.reader), endpoint_url=ministack.emulator.url, **settings)
    assert verified.verdict.verdict == "ok"
    assert verified.step("role in 000000000000").outcome == StepOutcome.OK


@pytest.mark.parametrize("external_id", [None, "vna-other"])
def test_a_role_without_its_external_id_or_with_another(ministack: Cast, run: Any, external_id: str | None) -> None:
    settings = role(ministack.role, external_id)
    verdict = run(credential(ministack.reader), endpoint_url=ministack.emulator.url, **settings).verdict
    assert (verdict.verdict, verdict.cause) == ("failed", "H-TRUST")
    assert ministack.role in verdict.remedy
    assert "user/reader" in verdict.remedy


@pytest.mark.parametrize("name", ["strangers", "nowhere"])
def test_a_role_that_trusts_others_or_does_not_exist(ministack: Cast, run: Any, name: str) -> None:
    settings = role(ministack.strangers.replace("strangers", name))
    verdict = run(credential(ministack.reader), endpoint_url=ministack.emulator.url, **settings).verdict
    assert (verdict.verdict, verdict.cause) == ("failed", "H-TRUST")


def test_a_caller_without_the_right_to_assume(ministack: Cast, run: Any) -> None:
    settings = role(ministack.role, EXTERNAL_ID)
    verdict = run(credential(ministack.keeper), endpoint_url=ministack.emulator.url, **settings).verdict
    assert (verdict.verdict, verdict.cause) == ("failed", "H-CALLER-DENIED")
    statement = json.loads(verdict.remedy[verdict.remedy.index("{") :])
    assert (statement["Action"], statement["Resource"]) == (["sts:AssumeRole"], ministack.role)


def test_the_trust_policy_of_the_remedy_mends_it(ministack: Cast, run: Any) -> None:
    """What is told to paste, pasted."""
    settings = role(ministack.strangers, EXTERNAL_ID)
    source = {"endpoint_url": ministack.emulator.url, **settings}
    refused = run(credential(ministack.reader), **source).verdict
    assert refused.cause == "H-TRUST"
    policy = refused.remedy[refused.remedy.index("{") :]
    ministack.emulator.client("iam").update_assume_role_policy(RoleName="strangers", PolicyDocument=policy)
    assert run(credential(ministack.reader), **source).verdict.verdict == "ok"
