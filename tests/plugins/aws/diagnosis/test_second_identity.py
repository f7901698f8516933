"""A second identity looks up what became of a key that STS refuses; it is asked then only, and may fail."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from openvna.plugin import Confidence, StepOutcome
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.endpoints import endpoint
from support.fault_server import (
    ACCOUNT,
    AKIA,
    ASIA,
    SECRET,
    TOKEN,
    USER,
    FaultServer,
    identity,
    result,
    sts_error,
)
from support.sources import access_key

OTHER = "AKIARZPUZDIKH7QXW2MN"
OTHER_SECRET = "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"
UNKNOWN = sts_error("InvalidClientTokenId", "The security token included in the request is invalid.")
MISSING = sts_error("NoSuchEntity", f"The Access Key with id {AKIA} cannot be found.", 404)
CLERK = f"arn:aws:iam::{ACCOUNT}:user/clerk"

Ask = Callable[..., Any]


@pytest.fixture
def ask(aws: FaultServer, run: Any, tmp_path: Path) -> Ask:
    """Verify a key that STS does not know, with a second profile of an IAM user of the same account."""
    (tmp_path / "credentials").write_text(
        f"[clerk]\naws_access_key_id = {OTHER}\naws_secret_access_key = {OTHER_SECRET}\n"
        f"[session]\naws_access_key_id = {ASIA}\naws_secret_access_key = {OTHER_SECRET}\naws_session_token = {TOKEN}\n"
    )
    files = {"AWS_CONFIG_FILE": "/nowhere", "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials")}
    aws.on("GetCallerIdentity", UNKNOWN, identity(CLERK))
    aws.on("GetAccessKeyInfo", result("GetAccessKeyInfo", f"<Account>{ACCOUNT}</Account>"))
    aws.on("GetAccessKeyLastUsed", result("GetAccessKeyLastUsed", "<UserName>reader</UserName>"))

    def asked(second_profile: str | None = "clerk", **settings: Any) -> Any:
        return run(access_key(), files, endpoint_url=aws.url, second_profile=second_profile, **settings)

    return asked


def keys(*states: tuple[str, str], marker: str = "") -> Any:
    """ListAccessKeys' answer."""
    members = "".join(
        f"<member><UserName>reader</UserName><AccessKeyId>{key}</AccessKeyId><Status>{state}</Status></member>"
        for key, state in states
    )
    more = f"<IsTruncated>true</IsTruncated><Marker>{marker}</Marker>" if marker else "<IsTruncated>false</IsTruncated>"
    return result("ListAccessKeys", f"<AccessKeyMetadata>{members}</AccessKeyMetadata>{more}")


def test_a_key_that_was_switched_off(aws: FaultServer, ask: Ask) -> None:
    aws.on("ListAccessKeys", keys((OTHER, "Active"), (AKIA, "Inactive")))
    verified = ask()
    verdict = verified.verdict
    assert (verdict.verdict, verdict.cause, verdict.confidence) == ("failed", "K-KEY-INACTIVE", Confidence.PROVEN)
    assert f"aws iam update-access-key --access-key-id {AKIA} --status Active --user-name reader" in verdict.remedy
    assert ACCOUNT in verdict.remedy
    step = verified.step("second identity")
    assert (step.outcome, step.cause) == (StepOutcome.FAILED, "K-KEY-INACTIVE")
    assert "user reader" in verified.told
    assert verified.told.count("Request id") == 4  # of each of the second identity's calls
    looked = [each for each in aws.requests if each.action in ("GetAccessKeyInfo", "GetAccessKeyLastUsed")]
    assert {(each.key, each.params["AccessKeyId"]) for each in looked} == {(OTHER, AKIA)}
    assert next(each for each in aws.requests if each.action == "ListAccessKeys").params["UserName"] == "reader"


def test_a_key_that_its_user_does_not_have_any_more(aws: FaultServer, ask: Ask) -> None:
    aws.on("ListAccessKeys", keys((OTHER, "Active"), marker="m1"), keys())
    verdict = ask().verdict
    assert (verdict.cause, verdict.confidence) == ("K-KEY-DELETED", Confidence.PROVEN)
    assert "aws iam create-access-key --user-name reader" in verdict.remedy
    pages = [each.params.get("Marker") for each in aws.requests if each.action == "ListAccessKeys"]
    assert pages == [None, "m1"]


def test_pages_without_end_prove_no_absence(aws: FaultServer, ask: Ask) -> None:
    aws.on("ListAccessKeys", keys((OTHER, "Active"), marker="m1"))
    assert ask().verdict.cause == "K-KEY-UNKNOWN"
    assert aws.asked("ListAccessKeys") == 5


def test_a_key_whose_user_was_deleted_meanwhile(aws: FaultServer, ask: Ask) -> None:
    aws.on("ListAccessKeys", sts_error("NoSuchEntity", "The user with name reader cannot be found.", 404))
    assert ask().verdict.cause == "K-KEY-DELETED"


def test_a_key_that_its_account_does_not_have(aws: FaultServer, ask: Ask) -> None:
    """Its id leads to the account, but that may be a mistyped id's too: not proven."""
    aws.on("GetAccessKeyLastUsed", MISSING)
    verdict = ask().verdict
    assert (verdict.cause, verdict.confidence) == ("K-KEY-DELETED", Confidence.INFERRED)
    assert aws.asked("ListAccessKeys") == 0


def test_an_active_key_stays_unknown_and_is_said_to_be_active(aws: FaultServer, ask: Ask) -> None:
    aws.on("ListAccessKeys", keys((AKIA, "Active")))
    verdict = ask().verdict
    assert verdict.cause == "K-KEY-UNKNOWN"
    assert "is Active" in verdict.remedy
    assert "--second-profile" not in verdict.remedy


def test_a_key_of_another_account_is_not_looked_for(aws: FaultServer, ask: Ask) -> None:
    aws.on("GetAccessKeyInfo", result("GetAccessKeyInfo", "<Account>444455556666</Account>"))
    verified = ask()
    assert verified.verdict.cause == "K-KEY-UNKNOWN"
    assert verified.step("second identity").outcome == StepOutcome.OK
    assert "take a profile of account 444455556666" in verified.verdict.remedy
    assert aws.asked("GetAccessKeyLastUsed") == 0


def test_a_key_of_no_account(aws: FaultServer, ask: Ask) -> None:
    aws.on("GetAccessKeyInfo", sts_error("ValidationError", "Access key ID is not valid.", 400))
    verified = ask()
    assert verified.verdict.cause == "K-KEY-UNKNOWN"
    assert "Inactive it is not" in verified.told
    assert aws.asked("GetAccessKeyLastUsed") == 0


@pytest.mark.parametrize("action", ["GetAccessKeyInfo", "GetAccessKeyLastUsed", "ListAccessKeys"])
def test_a_second_identity_that_is_denied_leaves_the_key_unknown(aws: FaultServer, ask: Ask, action: str) -> None:
    service = "sts" if action == "GetAccessKeyInfo" else "iam"
    said = (
        f"User: {CLERK} is not authorized to perform: {service}:{action} because no identity-based policy allows "
        f"the {service}:{action} action"
    )
    aws.on("ListAccessKeys", keys((AKIA, "Inactive"))).on(action, sts_error("AccessDenied", said))
    verified = ask()
    assert (verified.verdict.verdict, verified.verdict.cause) == ("failed", "K-KEY-UNKNOWN")
    assert "P-IDENTITY-IMPLICIT" in verified.verdict.remedy
    step = verified.step("second identity")
    assert (step.outcome, step.cause) == (StepOutcome.WARNING, "P-IDENTITY-IMPLICIT")
    assert f"{service}:{action}" in (step.remedy or "")


def test_a_second_identity_that_is_a_session_without_mfa(aws: FaultServer, ask: Ask) -> None:
    """STS knows it; IAM alone refuses it (STS API reference, GetSessionToken)."""
    aws.on("GetAccessKeyLastUsed", UNKNOWN)
    verified = ask("session")
    assert verified.verdict.cause == "K-KEY-UNKNOWN"
    step = verified.step("second identity")
    assert (step.outcome, step.cause) == (StepOutcome.WARNING, "K-IAM-NO-MFA")
    assert "get-session-token" in (step.remedy or "")
    assert {each.token for each in aws.requests if each.action == "GetAccessKeyLastUsed"} == {TOKEN}


def test_a_second_identity_that_is_not_known_either(aws: FaultServer, ask: Ask) -> None:
    aws.on("GetCallerIdentity", UNKNOWN)
    verified = ask()
    assert verified.verdict.cause == "K-KEY-UNKNOWN"
    assert verified.step("second identity").cause == "K-KEY-UNKNOWN"
    assert aws.asked("GetAccessKeyInfo") == 0


def test_a_second_identity_that_is_root_is_not_used(aws: FaultServer, ask: Ask) -> None:
    aws.on("GetCallerIdentity", UNKNOWN, identity(f"arn:aws:iam::{ACCOUNT}:root"))
    assert ask().step("second identity").cause == "C-ROOT"
    assert aws.asked("GetAccessKeyInfo") == 0


def test_a_second_profile_that_does_not_exist(aws: FaultServer, ask: Ask) -> None:
    verified = ask("nobody")
    assert verified.verdict.cause == "K-KEY-UNKNOWN"
    assert verified.step("second identity").cause == "C-PROFILE-NOTFOUND"
    assert "C-PROFILE-NOTFOUND" in verified.verdict.remedy


def test_without_a_second_profile_the_remedy_names_it(aws: FaultServer, ask: Ask) -> None:
    verified = ask(None)
    assert verified.verdict.cause == "K-KEY-UNKNOWN"
    assert "--second-profile" in verified.verdict.remedy
    assert aws.asked("GetAccessKeyInfo") == 0


def test_a_good_key_never_asks_the_second_identity(aws: FaultServer, ask: Ask) -> None:
    aws.on("GetCallerIdentity", identity(USER))
    assert ask().verdict.verdict == "ok"
    assert {each.key for each in aws.requests if each.key} == {AKIA}


def test_a_wrong_secret_never_asks_the_second_identity(aws: FaultServer, ask: Ask) -> None:
    wrong = sts_error("SignatureDoesNotMatch", "The request signature we calculated does not match.")
    aws.on("GetCallerIdentity", wrong, identity(CLERK))
    assert ask().verdict.cause == "K-SECRET-WRONG"
    assert {each.key for each in aws.requests if each.key} == {AKIA}


def test_its_secrets_stay_its_own(aws: FaultServer, ask: Ask) -> None:
    shown = str(ask("session").events)
    assert OTHER_SECRET not in shown
    assert TOKEN not in shown
    assert SECRET not in shown


@pytest.mark.parametrize(
    ("partition", "url", "region"),
    [
        ("aws", "https://iam.amazonaws.com", "us-east-1"),
        ("aws-cn", "https://iam.cn-north-1.amazonaws.com.cn", "cn-north-1"),
        ("aws-us-gov", "https://iam.us-gov.amazonaws.com", "us-gov-west-1"),
        ("aws-iso", "https://iam.us-iso-east-1.c2s.ic.gov", "us-iso-east-1"),
        ("aws-iso-b", "https://iam.us-isob-east-1.sc2s.sgov.gov", "us-isob-east-1"),
    ],
)
def test_iam_has_one_host_in_a_partition(partition: str, url: str, region: str) -> None:
    """The hosts and the regions to sign for of "IAM endpoints and quotas", AWS General Reference."""
    config = AwsConfig.model_validate({"partition": partition})
    found = endpoint(config, "iam", "eu-west-3", {})
    assert (found.url, found.signing_region) == (url, region)
