"""EC2 in the regions, permissions, and roles: what is refused, by whom, and what mends it. Canned answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from openvna.plugin import Confidence, StepOutcome
from support import fault_server as faults
from support.fault_server import (
    AKIA,
    ASIA,
    SECRET,
    TOKEN,
    FaultServer,
    ec2_error,
    regions,
    role_session,
    sts_error,
)
from support.sources import access_key

REFUSED = ec2_error("AuthFailure", "AWS was not able to validate the provided access credentials", 401)
ROLE = "arn:aws:iam::444455556666:role/OpenVNA"


def denied(action: str, reason: str = "because no identity-based policy allows the {} action") -> faults.Answer:
    who = f"User: {faults.USER} is not authorized to perform: {action} {reason.format(action)}"
    return ec2_error("UnauthorizedOperation", f"You are not authorized to perform this operation. {who}")


# Regions and permissions


@pytest.mark.parametrize(
    ("state", "key", "cause"),
    [
        ("not-opted-in", (AKIA, SECRET), "R-NOT-OPTED-IN"),
        ("opted-in", (ASIA, SECRET, TOKEN), "R-V1-TOKEN"),
        ("opt-in-not-required", (AKIA, SECRET), "R-AUTHFAILURE"),
    ],
)
def test_a_region_that_refuses_the_key(
    aws: FaultServer, run: Any, state: str, key: tuple[str, ...], cause: str
) -> None:
    aws.good(us_east_1="opt-in-not-required", eu_south_1=state)
    aws.on("DescribeVpcs", REFUSED, region="eu-south-1")
    verdict = run(
        access_key(*key), endpoint_url=aws.url, regions=("us-east-1", "eu-south-1"), home_region="us-east-1"
    ).verdict
    assert (verdict.verdict, verdict.cause) == ("degraded", cause)
    assert [(each.region, each.cause) for each in verdict.regions] == [("us-east-1", None), ("eu-south-1", cause)]


@pytest.mark.parametrize(
    ("code", "cause"),
    [("OptInRequired", "A-NOT-SUBSCRIBED"), ("PendingVerification", "A-PENDINGVERIFICATION"), ("Blocked", "A-BLOCKED")],
)
def test_the_accounts_state(aws: FaultServer, run: Any, code: str, cause: str) -> None:
    aws.on("DescribeRegions", ec2_error(code, "no", 401)).on("DescribeVpcs", ec2_error(code, "no", 401))
    verdict = run(endpoint_url=aws.url).verdict
    assert (verdict.verdict, verdict.cause) == ("failed", cause)


def test_one_missing_permission(aws: FaultServer, run: Any) -> None:
    aws.on("DescribeInstances", denied("ec2:DescribeInstances"))
    verdict = run(endpoint_url=aws.url).verdict
    assert (verdict.verdict, verdict.cause) == ("degraded", "P-IDENTITY-IMPLICIT")
    assert verdict.confidence == Confidence.REPORTED
    remedy = verdict.remedy or ""
    assert json.loads(remedy[remedy.index("{") :])["Action"] == ["ec2:DescribeInstances"]


def test_all_missing_permissions_in_one_statement(aws: FaultServer, run: Any) -> None:
    for action in ("DescribeRegions", "DescribeVpcs", "DescribeInstances"):
        aws.on(action, denied(f"ec2:{action}"))
    verdict = run(endpoint_url=aws.url).verdict
    assert (verdict.verdict, verdict.cause) == ("failed", "P-IDENTITY-IMPLICIT")
    remedy = verdict.remedy or ""
    assert json.loads(remedy[remedy.index("{") :]) == {
        "Sid": "OpenVNA",
        "Effect": "Allow",
        "Action": ["ec2:DescribeInstances", "ec2:DescribeRegions", "ec2:DescribeVpcs"],
        "Resource": "*",
    }


@pytest.mark.parametrize(
    ("reason", "cause"),
    [
        ("because no identity-based policy allows the {} action", "P-IDENTITY-IMPLICIT"),
        ("with an explicit deny in an identity-based policy", "P-IDENTITY-EXPLICIT"),
        ("because no permissions boundary allows the {} action", "P-BOUNDARY-IMPLICIT"),
        ("with an explicit deny in a permissions boundary: arn:aws:iam::1:policy/B", "P-BOUNDARY-EXPLICIT"),
        ("because no session policy allows the {} action", "P-SESSION-IMPLICIT"),
        ("with an explicit deny in a session policy", "P-SESSION-EXPLICIT"),
        ("because no service control policy allows the {} action", "P-SCP-IMPLICIT"),
        ("with an explicit deny in a service control policy: arn:aws:organizations::1:policy/o/p-1", "P-SCP-EXPLICIT"),
        ("because no resource control policy allows the {} action", "P-RCP-IMPLICIT"),
        ("with an explicit deny in a resource control policy", "P-RCP-EXPLICIT"),
        ("because no resource-based policy allows the {} action", "P-RESOURCE-IMPLICIT"),
        ("with an explicit deny in a resource-based policy", "P-RESOURCE-EXPLICIT"),
        ("because no VPC endpoint policy allows the {} action", "P-VPCE-IMPLICIT"),
        ("with an explicit deny in a VPC endpoint policy", "P-VPCE-EXPLICIT"),
    ],
)
def test_who_denies(aws: FaultServer, run: Any, reason: str, cause: str) -> None:
    aws.on("DescribeVpcs", denied("ec2:DescribeVpcs", reason))
    aws.on("DescribeInstances", denied("ec2:DescribeInstances", reason))
    verdict = run(endpoint_url=aws.url, regions=("us-east-1",)).verdict
    assert (verdict.verdict, verdict.cause) == ("failed", cause)


def test_allowed_here_and_denied_there(aws: FaultServer, run: Any) -> None:
    aws.good(us_east_1="opt-in-not-required", eu_west_1="opt-in-not-required")
    aws.on("DescribeVpcs", denied("ec2:DescribeVpcs"), region="eu-west-1")
    verdict = run(endpoint_url=aws.url, regions=("us-east-1", "eu-west-1")).verdict
    assert (verdict.verdict, verdict.cause, verdict.confidence) == ("degraded", "P-REGION", Confidence.INFERRED)
    assert "eu-west-1" in (verdict.remedy or "")


def test_who_may_not_ask_ec2_for_the_regions_asks_account_management(aws: FaultServer, run: Any) -> None:
    aws.on("DescribeRegions", denied("ec2:DescribeRegions"))
    states = {"us-east-1": "ENABLED_BY_DEFAULT", "eu-south-1": "ENABLED", "me-south-1": "DISABLED"}
    listed = [{"RegionName": name, "RegionOptStatus": state} for name, state in states.items()]
    aws.on(
        "ListRegions",
        faults.json_answer({"Regions": listed[:2], "NextToken": "more"}),
        faults.json_answer({"Regions": listed[2:]}),
    )
    verified = run(endpoint_url=aws.url)
    assert [each.region for each in verified.verdict.regions] == ["eu-south-1", "us-east-1"]
    assert (verified.verdict.verdict, verified.verdict.cause) == ("degraded", "P-IDENTITY-IMPLICIT")
    assert verified.step(f"regions of {faults.ACCOUNT}").outcome == StepOutcome.WARNING


def test_without_the_right_to_list_regions_those_wanted_are_tried(aws: FaultServer, run: Any) -> None:
    aws.on("DescribeRegions", denied("ec2:DescribeRegions"))
    verdict = run(endpoint_url=aws.url, regions=("us-east-1", "eu-west-1")).verdict
    assert (verdict.verdict, verdict.cause) == ("degraded", "P-IDENTITY-IMPLICIT")
    assert [each.outcome for each in verdict.regions] == [StepOutcome.OK, StepOutcome.OK]


# Roles


def assume(**role: Any) -> dict[str, Any]:
    return {"assume_role": {"role_arn": ROLE, **role}}


def refusal(reason: str = "") -> faults.Answer:
    who = f"User: {faults.USER} is not authorized to perform: sts:AssumeRole on resource: {ROLE}"
    return sts_error("AccessDenied", f"{who}{reason}")


def test_a_role_is_taken_and_used(aws: FaultServer, run: Any) -> None:
    aws.on("AssumeRole", role_session(ROLE))
    verified = run(endpoint_url=aws.url, **assume())
    assert verified.verdict.verdict == "ok"
    assert verified.verdict.identity.arn == faults.USER
    assert {each.key for each in aws.requests if each.action.startswith("Describe")} == {ASIA}
    assert {each.account for each in verified.verdict.regions} == {"444455556666"}


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (refusal(" because no identity-based policy allows the sts:AssumeRole action"), "H-CALLER-DENIED"),
        (refusal(), "H-TRUST"),
        (refusal(" with an explicit deny in a service control policy"), "P-SCP-EXPLICIT"),
        (
            sts_error("ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration", 400),
            "H-DURATION",
        ),
        (sts_error("ValidationError", "Value at 'externalId' failed to satisfy constraint", 400), "H-INVALID"),
    ],
)
def test_a_role_that_refuses_us(aws: FaultServer, run: Any, answer: faults.Answer, cause: str) -> None:
    aws.on("AssumeRole", answer)
    verified = run(endpoint_url=aws.url, **assume(external_id="vna-7f3a"))
    assert (verified.verdict.verdict, verified.verdict.cause) == ("failed", cause)
    assert verified.step("role in 444455556666").cause == cause
    if cause == "H-CALLER-DENIED":
        assert f'"Resource": "{ROLE}"' in (verified.verdict.remedy or "")
    if cause == "H-TRUST":
        assert '"sts:ExternalId": "vna-7f3a"' in (verified.verdict.remedy or "")
        assert faults.USER in (verified.verdict.remedy or "")


def test_a_session_that_would_be_too_long_is_taken_for_an_hour(aws: FaultServer, run: Any) -> None:
    too_long = sts_error("ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration", 400)
    aws.on("AssumeRole", too_long, role_session(ROLE))
    verified = run(endpoint_url=aws.url, **assume(duration=43200))
    assert verified.verdict.verdict == "ok"
    step = verified.step("role in 444455556666")
    assert (step.outcome, step.cause) == (StepOutcome.REPAIRED, "H-DURATION")
    assert [each.params["DurationSeconds"] for each in aws.requests if each.action == "AssumeRole"] == ["43200", "3600"]


def test_a_role_that_does_not_insist_on_the_external_id_is_warned_of(aws: FaultServer, run: Any) -> None:
    aws.on("AssumeRole", role_session(ROLE))
    verified = run(endpoint_url=aws.url, **assume(external_id="vna-7f3a"))
    assert verified.step("role in 444455556666").cause == "H-NO-EXTID"
    aws.on("AssumeRole", role_session(ROLE), refusal())
    verified = run(endpoint_url=aws.url, **assume(external_id="vna-7f3a"))
    assert verified.step("role in 444455556666").outcome == StepOutcome.OK


def test_one_account_that_refuses_does_not_end_the_others(aws: FaultServer, run: Any) -> None:
    aws.on("AssumeRole", role_session(ROLE), refusal())
    settings = {"assume_role": {"role_arn": "arn:aws:iam::{account}:role/OpenVNA"}}
    verdict = run(endpoint_url=aws.url, accounts=("444455556666", "777788889999"), **settings).verdict
    assert (verdict.verdict, verdict.cause) == ("degraded", "H-TRUST")
    assert {each.account for each in verdict.regions} == {"444455556666"}
    asked = [each.params["RoleArn"] for each in aws.requests if each.action == "AssumeRole"]
    assert asked == ["arn:aws:iam::444455556666:role/OpenVNA", "arn:aws:iam::777788889999:role/OpenVNA"]


def test_a_role_of_another_account_than_the_one_meant_is_not_taken(aws: FaultServer, run: Any) -> None:
    """Else one account would be verified under the name of another, and the collection would refuse it later."""
    verdict = run(endpoint_url=aws.url, accounts=("777788889999",), assume_role={"role_arn": ROLE}).verdict
    assert (verdict.verdict, verdict.cause) == ("failed", "C-ACCOUNT-MISMATCH")
    assert "777788889999" in verdict.remedy
    assert aws.asked("AssumeRole") == 0


def test_a_profile_whose_roles_lead_to_another_account_than_the_one_meant(
    aws: FaultServer, run: Any, tmp_path: Path
) -> None:
    (tmp_path / "config").write_text(
        f"[profile hop]\nrole_arn = {ROLE}\nsource_profile = base\n"
        f"[profile base]\naws_access_key_id = {AKIA}\naws_secret_access_key = {SECRET}\n"
    )
    session = "arn:aws:sts::444455556666:assumed-role/OpenVNA/openvna"
    aws.on("GetCallerIdentity", faults.identity(), faults.identity(session)).on("AssumeRole", role_session(ROLE))
    files = {"AWS_CONFIG_FILE": str(tmp_path / "config"), "AWS_SHARED_CREDENTIALS_FILE": "/nowhere"}
    verdict = run(
        {"kind": "profile", "profile": "hop"}, files, endpoint_url=aws.url, accounts=("777788889999",)
    ).verdict
    assert (verdict.verdict, verdict.cause) == ("failed", "C-ACCOUNT-MISMATCH")
    assert aws.asked("DescribeVpcs") == 0


def test_no_region_is_enabled(aws: FaultServer, run: Any) -> None:
    aws.on("DescribeRegions", regions())
    assert run(endpoint_url=aws.url).verdict.verdict == "ok"
