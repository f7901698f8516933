"""What AWS says of a denial when it is asked: by its authorization id, and by its encoded message."""

from __future__ import annotations

import json
from typing import Any

import pytest

from openvna.plugin import Confidence
from support import fault_server as faults
from support.fault_server import DETAILS, FaultServer, ec2_error, json_answer

ID = "d3xbfwcsdoam45n7ms6nv5pl0"
SCP = "arn:aws:organizations::999900001111:policy/o-a/service_control_policy/p-regions"
WHO = f"You are not authorized to perform this operation. User: {faults.USER} is not authorized to perform: {{}}"
IDENTIFIED = (
    ". Go to https://us-east-1.console.aws.amazon.com/iam/home?region=us-east-1#/authorization-details/{0} for "
    "complete details, or call the GetRequestAuthorizationDetails API with the following authorization id: {0}"
)
ENCODED = " Encoded authorization failure message: qM8QPrew-J_"


def denied(aws: FaultServer, rest: str, **answers: faults.Answer) -> None:
    for name in ("DescribeVpcs", "DescribeInstances"):
        aws.on(name, ec2_error("UnauthorizedOperation", WHO.format(f"ec2:{name}") + rest))
    for name, answer in answers.items():
        aws.on(name, answer)


def questions(aws: FaultServer, action: str) -> list[faults.Request]:
    """What AWS was asked about a denial: the pre-flight tries the same actions, with something made up."""
    return [
        each
        for each in aws.requests
        if each.action == action and "0123456789abcdef" not in each.target and "openvna" not in each.params.values()
    ]


def asked(aws: FaultServer, action: str) -> int:
    """How often that was."""
    return len(questions(aws, action))


def evaluation(effect: str, *matched: tuple[str, str], action: str = "ec2:DescribeVpcs") -> dict[str, Any]:
    return {
        "action": action,
        "resource": "*",
        "evaluatedEffect": effect,
        "matchedPolicies": [
            {"uri": uri, "matchedStatements": [{"sid": sid, "evaluatedEffect": "DENY"}]} for uri, sid in matched
        ],
    }


def policy(uri: str, kind: str, attached: str = faults.USER) -> dict[str, Any]:
    return {"uri": uri, "type": kind, "inline": not uri.startswith("arn:"), "attachedTo": [{"arn": attached}]}


def details(*evaluations: dict[str, Any], policies: tuple[dict[str, Any], ...] = (), **more: str) -> faults.Answer:
    return json_answer({"requestContext": {}, "evaluations": list(evaluations), "policies": list(policies), **more})


def test_an_authorization_id_names_policy_and_statement(aws: FaultServer, run: Any) -> None:
    root = "arn:aws:organizations::999900001111:root/o-a/r-1"
    answer = details(
        evaluation("EXPLICIT_DENY", (SCP, "OnlyEurope")), policies=(policy(SCP, "SERVICE_CONTROL_POLICY", root),)
    )
    denied(aws, " with an explicit deny in a service control policy" + IDENTIFIED.format(ID), **{DETAILS: answer})
    verified = run(endpoint_url=aws.url)
    assert (verified.verdict.cause, verified.verdict.confidence) == ("P-SCP-EXPLICIT", Confidence.REPORTED)
    assert f"Denied by statement 'OnlyEurope' of service control policy {SCP} of {root}." in verified.told
    assert f"{SCP}, statement 'OnlyEurope'" in verified.verdict.remedy
    sent = questions(aws, DETAILS)
    assert {each.target for each in sent} == {f"/authorization-details/{ID}"}
    assert {each.region for each in sent} == {"us-east-1"}, "details are kept in the region of the denial"


def test_it_settles_what_the_text_leaves_open(aws: FaultServer, run: Any) -> None:
    answer = details(
        evaluation("EXPLICIT_DENY", ("inline-1", "NoMfa")), policies=(policy("inline-1", "PERMISSIONS_BOUNDARY"),)
    )
    denied(aws, IDENTIFIED.format(ID), **{DETAILS: answer})
    verified = run(endpoint_url=aws.url)
    assert (verified.verdict.cause, verified.verdict.confidence) == ("P-BOUNDARY-EXPLICIT", Confidence.REPORTED)
    assert "statement 'NoMfa' of permissions boundary (inline)" in verified.told


def test_of_an_implicit_denial_it_names_what_was_looked_at(aws: FaultServer, run: Any) -> None:
    own = "arn:aws:iam::111122223333:policy/Reader"
    answer = details(evaluation("IMPLICIT_DENY"), policies=(policy(own, "IDENTITY_BASED_POLICY"),))
    rest = " because no identity-based policy allows the ec2:DescribeVpcs action" + IDENTIFIED.format(ID)
    denied(aws, rest, **{DETAILS: answer})
    verified = run(endpoint_url=aws.url)
    assert verified.verdict.cause == "P-IDENTITY-IMPLICIT"
    assert f"None of these allows it: identity based policy {own} of {faults.USER}." in verified.told
    statement = verified.verdict.remedy[verified.verdict.remedy.index("{") :]
    assert json.loads(statement)["Action"] == ["ec2:DescribeInstances", "ec2:DescribeVpcs"]


def test_several_pages_are_read(aws: FaultServer, run: Any) -> None:
    first = details(evaluation("ALLOW"), nextToken="more")
    second = details(evaluation("EXPLICIT_DENY", (SCP, "S")), policies=(policy(SCP, "SERVICE_CONTROL_POLICY"),))
    denied(aws, IDENTIFIED.format(ID))
    aws.on(DETAILS, first, second)
    assert run(endpoint_url=aws.url, regions=("us-east-1",)).verdict.cause == "P-SCP-EXPLICIT"
    assert f"/authorization-details/{ID}?nextToken=more" in {each.target for each in aws.requests}


REFUSALS = {
    "denied": json_answer({"message": "no"}, 403, **{"x-amzn-ErrorType": "AccessDeniedException"}),
    "gone": json_answer({"message": "no"}, 404, **{"x-amzn-ErrorType": "ResourceNotFoundException"}),
    "cut": faults.RESET,
    "page": faults.page(403),
}


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=list(REFUSALS))
def test_a_question_that_is_refused_is_told_as_such_and_is_no_cause(
    aws: FaultServer, run: Any, refusal: faults.Answer
) -> None:
    rest = " because no identity-based policy allows the ec2:DescribeVpcs action" + IDENTIFIED.format(ID)
    denied(aws, rest, **{DETAILS: refusal})
    verified = run(endpoint_url=aws.url)
    assert (verified.verdict.cause, verified.verdict.confidence) == ("P-IDENTITY-IMPLICIT", Confidence.REPORTED)
    assert "iam:GetRequestAuthorizationDetails" in verified.told
    assert "not allowed either" in verified.told or "did not say" in verified.told


def decoded(**said: object) -> faults.Answer:
    text = json.dumps({"allowed": False, "matchedStatements": {"items": []}, "failures": {"items": []}, **said})
    return faults.result("DecodeAuthorizationMessage", f"<DecodedMessage>{text}</DecodedMessage>")


def test_an_encoded_message_is_decoded(aws: FaultServer, run: Any) -> None:
    answer = decoded(explicitDeny=True, matchedStatements={"items": [{"statementId": "DenyEast", "effect": "DENY"}]})
    denied(aws, ENCODED, DecodeAuthorizationMessage=answer)
    verified = run(endpoint_url=aws.url)
    assert verified.verdict.cause == "P-EXPLICIT"
    assert "sts:DecodeAuthorizationMessage: ec2:DescribeVpcs is denied explicitly." in verified.told
    assert "statement 'DenyEast'" in verified.verdict.remedy
    sent = [each.params["EncodedMessage"] for each in questions(aws, "DecodeAuthorizationMessage")]
    assert set(sent) == {"qM8QPrew-J_"}


def test_a_decoded_message_without_a_deny_leaves_the_layer_open(aws: FaultServer, run: Any) -> None:
    denied(aws, ENCODED, DecodeAuthorizationMessage=decoded(explicitDeny=False))
    verified = run(endpoint_url=aws.url)
    assert (verified.verdict.cause, verified.verdict.confidence) == ("P-UNSTATED", Confidence.INCOMPLETE)
    assert "allowed by no policy" in verified.told


def test_who_may_not_decode_is_given_the_whole_command(aws: FaultServer, run: Any) -> None:
    denied(aws, ENCODED, DecodeAuthorizationMessage=faults.sts_error("AccessDenied", "no"))
    verified = run(endpoint_url=aws.url)
    assert verified.verdict.cause == "P-ENCODED"
    assert "sts:DecodeAuthorizationMessage is not allowed either" in verified.told
    assert "aws sts decode-authorization-message --encoded-message qM8QPrew-J_" in verified.verdict.remedy


def test_the_better_evidence_is_asked_for_first_and_the_weaker_only_without_it(aws: FaultServer, run: Any) -> None:
    answer = details(evaluation("EXPLICIT_DENY", (SCP, "S")), policies=(policy(SCP, "SERVICE_CONTROL_POLICY"),))
    denied(aws, f"{ENCODED}{IDENTIFIED.format(ID)}", **{DETAILS: answer})
    assert run(endpoint_url=aws.url).verdict.cause == "P-SCP-EXPLICIT"
    assert asked(aws, "DecodeAuthorizationMessage") == 0


def test_nothing_is_asked_without_a_denial(aws: FaultServer, run: Any) -> None:
    aws.on("DescribeVpcs", ec2_error("AuthFailure", "AWS was not able to validate", 401))
    run(endpoint_url=aws.url)
    assert asked(aws, DETAILS) == asked(aws, "DecodeAuthorizationMessage") == 0


def test_the_same_denial_in_many_regions_is_asked_about_once(aws: FaultServer, run: Any) -> None:
    regions = {f"eu_west_{number}": "opt-in-not-required" for number in range(1, 4)}
    aws.good(us_east_1="opt-in-not-required", **regions)
    answer = details(evaluation("EXPLICIT_DENY", (SCP, "S")), policies=(policy(SCP, "SERVICE_CONTROL_POLICY"),))
    aws.on(DETAILS, answer)
    for number, region in enumerate(("us-east-1", "eu-west-1", "eu-west-2", "eu-west-3")):
        rest = WHO.format("ec2:DescribeVpcs") + IDENTIFIED.format(f"{ID}{number}")
        aws.on("DescribeVpcs", ec2_error("UnauthorizedOperation", rest), region=region)
    verified = run(endpoint_url=aws.url)
    assert asked(aws, DETAILS) == 1
    assert {each.cause for each in verified.verdict.regions} == {"P-SCP-EXPLICIT"}
    assert "Of the same denial in " in verified.told


def simulated(decision: str, inside: str = "") -> faults.Answer:
    return faults.result(
        "SimulatePrincipalPolicy",
        f"<EvaluationResults><member><EvalActionName>ec2:DescribeVpcs</EvalActionName>{inside}"
        f"<EvalDecision>{decision}</EvalDecision></member></EvaluationResults>",
    )


ORGANIZATION = (
    "<OrganizationsDecisionDetail><AllowedByOrganizations>false</AllowedByOrganizations></OrganizationsDecisionDetail>"
)
BOUNDARY = (
    "<PermissionsBoundaryDecisionDetail><AllowedByPermissionsBoundary>false</AllowedByPermissionsBoundary>"
    "</PermissionsBoundaryDecisionDetail>"
)
MATCHED = "<MatchedStatements><member><SourcePolicyId>DenyAll</SourcePolicyId></member></MatchedStatements>"


@pytest.mark.parametrize(
    ("answer", "cause", "confidence", "words"),
    [
        (simulated("implicitDeny"), "P-IDENTITY-IMPLICIT", Confidence.INFERRED, "us-east-1: implicitDeny"),
        (simulated("explicitDeny", MATCHED), "P-IDENTITY-EXPLICIT", Confidence.INFERRED, "by DenyAll"),
        (simulated("implicitDeny", BOUNDARY), "P-BOUNDARY-IMPLICIT", Confidence.INFERRED, "us-east-1: implicitDeny"),
        (simulated("explicitDeny", ORGANIZATION), "P-SCP-EXPLICIT", Confidence.INFERRED, "us-east-1: explicitDeny"),
        (simulated("allowed"), "P-UNSTATED", Confidence.INCOMPLETE, "A simulation does not see session policies"),
        (faults.sts_error("AccessDenied", "no"), "P-UNSTATED", Confidence.INCOMPLETE, "not allowed either"),
    ],
    ids=["identity", "deny", "boundary", "scp", "allowed", "refused"],
)
def test_a_denial_without_a_reason_is_simulated(
    aws: FaultServer, run: Any, answer: faults.Answer, cause: str, confidence: Confidence, words: str
) -> None:
    denied(aws, "", SimulatePrincipalPolicy=answer)
    verified = run(endpoint_url=aws.url)
    assert (verified.verdict.cause, verified.verdict.confidence) == (cause, confidence)
    assert words in verified.told
    asked = next(each.params for each in aws.requests if each.action == "SimulatePrincipalPolicy")
    assert asked["PolicySourceArn"] == faults.USER
    assert asked["ContextEntries.member.1.ContextKeyName"] == "aws:RequestedRegion"
    assert asked["ContextEntries.member.1.ContextKeyValues.member.1"] == "us-east-1"


def test_a_roles_path_is_asked_for_before_it_is_simulated(aws: FaultServer, run: Any) -> None:
    """An ARN of a session leaves it out; roles of Identity Center have one."""
    name = "AWSReservedSSO_Net_0123456789abcdef"
    session = f"arn:aws:sts::{faults.ACCOUNT}:assumed-role/{name}/jo"
    whole = f"arn:aws:iam::{faults.ACCOUNT}:role/aws-reserved/sso.amazonaws.com/eu-west-1/{name}"
    aws.on("GetCallerIdentity", faults.identity(session))
    inside = f"<Role><RoleName>{name}</RoleName><Arn>{whole}</Arn></Role>"
    denied(aws, "", GetRole=faults.result("GetRole", inside), SimulatePrincipalPolicy=simulated("implicitDeny"))
    run(endpoint_url=aws.url, regions=("us-east-1",))
    asked = next(each.params for each in aws.requests if each.action == "SimulatePrincipalPolicy")
    assert asked["PolicySourceArn"] == whole


def test_what_the_text_says_is_not_simulated(aws: FaultServer, run: Any) -> None:
    denied(aws, " because no identity-based policy allows the ec2:DescribeVpcs action")
    run(endpoint_url=aws.url)
    asked = [each.params for each in aws.requests if each.action == "SimulatePrincipalPolicy"]
    assert all("ActionNames.member.2" in each for each in asked), "only the pre-flight asks, for all at once"
