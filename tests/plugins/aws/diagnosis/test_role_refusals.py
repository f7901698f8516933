"""A role that refuses us: whose side it is, found out where AWS does not say."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from openvna.plugin import Confidence
from openvna.plugins.aws.role_refusals import trust_facts
from support import fault_server as faults
from support.fault_server import ACCOUNT, FaultServer, result, role_session, sts_error

OTHER = "arn:aws:iam::444455556666:role/OpenVNA"
OWN = f"arn:aws:iam::{ACCOUNT}:role/net/OpenVNA"


def refused(role: str) -> faults.Answer:
    return sts_error(
        "AccessDenied", f"User: {faults.USER} is not authorized to perform: sts:AssumeRole on resource: {role}"
    )


def simulation(decision: str, inside: str = "") -> faults.Answer:
    return result(
        "SimulatePrincipalPolicy",
        f"<EvaluationResults><member><EvalActionName>sts:AssumeRole</EvalActionName><EvalDecision>{decision}"
        f"</EvalDecision>{inside}</member></EvaluationResults>",
    )


def role(arn: str, trust: object) -> faults.Answer:
    document = quote(json.dumps(trust))
    return result(
        "GetRole",
        f"<Role><Path>/</Path><RoleName>OpenVNA</RoleName><RoleId>AROA</RoleId><Arn>{arn}</Arn>"
        f"<CreateDate>2026-01-01T00:00:00Z</CreateDate><AssumeRolePolicyDocument>{document}</AssumeRolePolicyDocument></Role>",
    )


def trusting(*principals: str, external_id: str = "") -> dict[str, Any]:
    statement: dict[str, Any] = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": list(principals)}}
    if external_id:
        statement["Condition"] = {"StringEquals": {"sts:ExternalId": external_id}}
    return {"Version": "2012-10-17", "Statement": [statement]}


def assume(arn: str, **more: Any) -> dict[str, Any]:
    return {"assume_role": {"role_arn": arn, **more}}


@pytest.mark.parametrize(
    ("decision", "cause", "confidence", "words"),
    [
        ("allowed", "H-TRUST", Confidence.REPORTED, "surely the role's side"),
        ("implicitDeny", "H-CALLER-DENIED", Confidence.REPORTED, "us-east-1: implicitDeny"),
        ("explicitDeny", "P-IDENTITY-EXPLICIT", Confidence.INFERRED, "us-east-1: explicitDeny"),
    ],
)
def test_a_simulation_tells_whose_side_it_is(
    aws: FaultServer, run: Any, decision: str, cause: str, confidence: Confidence, words: str
) -> None:
    aws.on("AssumeRole", refused(OTHER)).on("SimulatePrincipalPolicy", simulation(decision))
    verified = run(endpoint_url=aws.url, **assume(OTHER))
    assert (verified.verdict.cause, verified.verdict.confidence) == (cause, confidence)
    assert words in verified.told
    (asked,) = [each.params for each in aws.requests if each.action == "SimulatePrincipalPolicy"]
    assert (asked["PolicySourceArn"], asked["ResourceArns.member.1"]) == (faults.USER, OTHER)
    assert aws.asked("GetRole") == 0, "IAM of another account does not answer us"


def test_without_the_right_to_simulate_it_stays_open_and_that_is_told(aws: FaultServer, run: Any) -> None:
    aws.on("AssumeRole", refused(OTHER)).on("SimulatePrincipalPolicy", sts_error("AccessDenied", "no"))
    verified = run(endpoint_url=aws.url, **assume(OTHER))
    assert (verified.verdict.cause, verified.verdict.confidence) == ("H-TRUST", Confidence.INFERRED)
    assert "iam:SimulatePrincipalPolicy is not allowed either" in verified.told


def test_a_simulation_that_lacks_a_fact_settles_nothing(aws: FaultServer, run: Any) -> None:
    unknown = "<MissingContextValues><member>aws:PrincipalOrgID</member></MissingContextValues>"
    aws.on("AssumeRole", refused(OTHER)).on("SimulatePrincipalPolicy", simulation("implicitDeny", unknown))
    verified = run(endpoint_url=aws.url, **assume(OTHER))
    assert (verified.verdict.cause, verified.verdict.confidence) == ("H-TRUST", Confidence.INFERRED)
    assert "without knowing aws:PrincipalOrgID" in verified.told


def test_a_reason_in_the_text_needs_no_questions(aws: FaultServer, run: Any) -> None:
    reason = "because no role trust policy allows the sts:AssumeRole action"
    said = f"User: {faults.USER} is not authorized to perform: sts:AssumeRole {reason}"
    aws.on("AssumeRole", sts_error("AccessDenied", said))
    verdict = run(endpoint_url=aws.url, **assume(OTHER)).verdict
    assert (verdict.cause, verdict.confidence) == ("H-TRUST", Confidence.REPORTED)
    assert aws.asked("SimulatePrincipalPolicy") == 0


# A role of our own account


def test_a_role_of_our_account_that_does_not_exist_is_proven_not_to(aws: FaultServer, run: Any) -> None:
    aws.on("AssumeRole", refused(OWN)).on("GetRole", sts_error("NoSuchEntity", "The role cannot be found.", 404))
    verdict = run(endpoint_url=aws.url, **assume(OWN)).verdict
    assert (verdict.cause, verdict.confidence) == ("H-NO-ROLE", Confidence.PROVEN)
    assert OWN in (verdict.remedy or "")


def test_a_role_with_another_path_is_another_role(aws: FaultServer, run: Any) -> None:
    actual = f"arn:aws:iam::{ACCOUNT}:role/OpenVNA"
    aws.on("AssumeRole", refused(OWN)).on("GetRole", role(actual, trusting("*")))
    verified = run(endpoint_url=aws.url, **assume(OWN))
    assert verified.verdict.cause == "H-NO-ROLE"
    assert f"is {actual}, not {OWN}" in verified.told


def test_the_trust_policy_of_a_role_of_our_account_is_read(aws: FaultServer, run: Any) -> None:
    stranger = f"arn:aws:iam::{ACCOUNT}:user/stranger"
    aws.on("AssumeRole", refused(OWN)).on("GetRole", role(OWN, trusting(stranger, external_id="theirs-1")))
    aws.on("SimulatePrincipalPolicy", simulation("allowed"))
    verified = run(endpoint_url=aws.url, **assume(OWN, external_id="ours-1"))
    assert verified.verdict.cause == "H-TRUST"
    assert f"Its trust policy names {stranger}, and not {faults.USER}." in verified.told
    assert "asks for another external ID" in verified.told
    assert "theirs-1" not in verified.told


SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/Gate/i-0abc"


@pytest.mark.parametrize(
    ("document", "caller", "external_id", "expected"),
    [
        (trusting(faults.USER), faults.USER, None, []),
        (trusting("*"), faults.USER, None, []),
        (trusting(ACCOUNT), faults.USER, None, []),
        (trusting(f"arn:aws:iam::{ACCOUNT}:root"), SESSION, None, []),
        (trusting(f"arn:aws:iam::{ACCOUNT}:role/with/path/Gate"), SESSION, None, []),
        (trusting(faults.USER, external_id="a-*"), faults.USER, "a-1", []),
        (trusting(faults.USER, external_id="a-1"), faults.USER, None, ["asks for an external ID; none is set"]),
        (trusting("arn:aws:iam::999988887777:root"), faults.USER, None, ["names arn:aws:iam::999988887777:root"]),
        (
            {"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2"}}},
            SESSION,
            None,
            ["no AWS principal"],
        ),
        ("not json", SESSION, None, []),
        (None, SESSION, None, ["no AWS principal"]),
    ],
)
def test_what_a_trust_policy_has_to_do_with_us(
    document: object, caller: str, external_id: str | None, expected: list[str]
) -> None:
    said = list(trust_facts(document, caller, external_id))
    assert len(said) == len(expected)
    assert all(words in fact for words, fact in zip(expected, said, strict=True))


# Several roles


def test_the_role_before_is_the_one_to_be_trusted(aws: FaultServer, run: Any) -> None:
    """The remedy names the caller of the very role that refuses, and not whom the way began with."""
    first = "arn:aws:iam::222233334444:role/Jump"
    aws.on("AssumeRole", role_session(first), sts_error("AccessDenied", "Not authorized"))
    aws.on(
        "GetCallerIdentity", faults.identity(), faults.identity("arn:aws:sts::222233334444:assumed-role/Jump/openvna")
    )
    verdict = run(endpoint_url=aws.url, via=[{"role_arn": first}], **assume(OTHER)).verdict
    assert verdict.cause == "H-TRUST"
    assert f'"AWS": "{first}"' in (verdict.remedy or "")


def test_a_role_on_the_way_that_does_not_insist_on_its_external_id_is_warned_of(aws: FaultServer, run: Any) -> None:
    first = "arn:aws:iam::222233334444:role/Jump"
    aws.on("AssumeRole", role_session(first))
    verified = run(endpoint_url=aws.url, via=[{"role_arn": first, "external_id": "jump-1"}])
    assert verified.step(f"role {first}").cause == "H-NO-EXTID"
