"""A key with its session token: when it ends, said with the time left, and honest where nobody knows."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from openvna.plugin import ScopeProblem
from openvna.plugins.aws import ending
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.session import AwsSession
from support.fault_server import AKIA, ASIA, SECRET, TOKEN, FaultServer, sts_error
from support.sources import access_key


def at(seconds: float) -> str:
    return datetime.fromtimestamp(time.time() + seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def temporary(end: str | None) -> Any:
    return access_key(ASIA, SECRET, TOKEN).model_copy(
        update={"expires_at": datetime.fromisoformat(end) if end else None}
    )


def test_the_end_is_said_with_the_time_left(aws: FaultServer, run: Any) -> None:
    end = at(5 * 3600 + 90)
    verified = run(temporary(end), endpoint_url=aws.url)
    assert (verified.verdict.verdict, verified.verdict.expires_at, verified.verdict.end_unknown) == ("ok", end, False)
    assert f"The session ends at {end}, in 5 h 1 min. It cannot be renewed by OpenVNA." in verified.told


def test_an_end_that_is_near_is_warned_about(aws: FaultServer, run: Any) -> None:
    verified = run(temporary(at(1800)), endpoint_url=aws.url)
    assert verified.verdict.verdict == "ok"
    assert (verified.step("static").outcome, verified.step("static").cause) == ("warning", "K-ENDING")
    assert "openvna source reenter" in verified.step("static").remedy


def test_an_end_that_nobody_entered_is_unknown(aws: FaultServer, run: Any) -> None:
    verdict = run(temporary(None), endpoint_url=aws.url).verdict
    assert (verdict.verdict, verdict.expires_at, verdict.end_unknown) == ("ok", None, True)
    assert "When this session ends is not known" in "".join(verdict.steps[1].evidence)


@pytest.mark.parametrize("end", [None, "2100-01-01T00:00:00Z"])
def test_a_permanent_key_has_no_end(aws: FaultServer, run: Any, end: str | None) -> None:
    given = access_key(AKIA).model_copy(update={"expires_at": datetime.fromisoformat(end) if end else None})
    verdict = run(given, endpoint_url=aws.url).verdict
    assert (verdict.expires_at, verdict.end_unknown) == (None, False)


def test_aws_has_the_last_word_on_an_end_that_is_past(aws: FaultServer, run: Any) -> None:
    """This machine's clock, or what was entered, may be wrong."""
    end = at(-120)
    verified = run(temporary(end), endpoint_url=aws.url)
    assert verified.verdict.verdict == "ok"
    assert verified.step("static").cause == "K-EXPIRED"
    aws.on("GetCallerIdentity", sts_error("ExpiredToken", "The security token included in the request is expired"))
    verdict = run(temporary(end), endpoint_url=aws.url).verdict
    assert (verdict.verdict, verdict.cause, verdict.expires_at) == ("failed", "K-EXPIRED", end)
    assert "Re-enter credential" in verdict.remedy
    assert "openvna source reenter NAME --stdin" in verdict.remedy


def test_a_collection_that_meets_the_end_says_how_to_go_on(aws: FaultServer) -> None:
    aws.on("GetCallerIdentity", sts_error("ExpiredToken", "The security token included in the request is expired"))
    config = AwsConfig.model_validate({"credential": temporary(at(-60)), "endpoint_url": aws.url})
    with AwsSession(config) as session:
        (problem,) = session.discover()
    assert isinstance(problem, ScopeProblem)
    assert problem.failure.cause == "K-EXPIRED"
    assert "Re-enter credential" in problem.failure.remedy


def test_the_environment_and_profiles_name_their_end(aws: FaultServer, run: Any, tmp_path: Path) -> None:
    environment = {
        "AWS_ACCESS_KEY_ID": ASIA,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_SESSION_TOKEN": TOKEN,
        "AWS_CREDENTIAL_EXPIRATION": "2100-01-02T03:04:05+00:00",
    }
    verdict = run({"kind": "ambient"}, environment=environment, endpoint_url=aws.url).verdict
    assert verdict.expires_at == "2100-01-02T03:04:05Z"
    (tmp_path / "credentials").write_text(
        f"[saml]\naws_access_key_id = {ASIA}\naws_secret_access_key = {SECRET}\naws_session_token = {TOKEN}\n"
        "x_security_token_expires = 2100-01-02T05:04:05+02:00\n"
    )
    files = {"AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"), "AWS_CONFIG_FILE": "/nowhere"}
    verdict = run({"kind": "profile", "profile": "saml"}, environment=files, endpoint_url=aws.url).verdict
    assert verdict.expires_at == "2100-01-02T03:04:05Z"


@pytest.mark.parametrize("text", ["", "soon", "1700000000", "2026-13-01T00:00:00Z"])
def test_what_is_no_time_is_no_end(text: str) -> None:
    assert ending.read(text) is None


def test_an_end_out_of_reach_is_still_one() -> None:
    assert ending.Ending(1e18).expires_at == "a time out of reach"
