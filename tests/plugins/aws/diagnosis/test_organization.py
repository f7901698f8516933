"""The verification of a whole organization: listed, filtered, entered, and what is wrong told by cause."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from openvna.plugin import Confidence, Denied, StepOutcome, Verdict
from openvna.plugins.aws import organization_steps
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.diagnosis import verify
from support.fake_organization import (
    PROD,
    ROOT,
    SANDBOX,
    SUSPENDED,
    TEST,
    FakeOrganization,
    not_trusted,
    small_organization,
)
from support.fault_server import (
    ACCOUNT,
    USER,
    FaultServer,
    identity,
    json_answer,
    json_error,
    regions,
    result,
    sts_error,
)
from support.sources import access_key

DENIED = "You don't have permissions to access this resource."
"""What Organizations says to an account that is neither the management account nor a delegated administrator."""


@pytest.fixture
def organization(aws: FaultServer) -> FakeOrganization:
    return small_organization().serve(aws)


def of(aws: FaultServer, **organization: Any) -> dict[str, Any]:
    return {"endpoint_url": aws.url, "organization": {"role_name": "OpenVNA", **organization}}


def test_a_whole_organization_works(aws: FaultServer, organization: FakeOrganization, run: Any) -> None:
    verified = run(**of(aws))
    verdict = verified.verdict
    assert (verdict.verdict, verdict.cause) == ("ok", None)
    assert verdict.summary == (
        "The access works: 6 accounts can be entered, and EC2 answers in 5 regions of 5 accounts."
    )
    assert verified.step("organization").evidence == (
        f"Organization o-exampleorgid of management account {ACCOUNT}.",
        "6 of 7 accounts are chosen.",
        f"Left out, not active (1 SUSPENDED): {SUSPENDED}.",
    )
    assert f"Account {ACCOUNT} is that of the credential itself" in verified.told


def test_the_account_of_the_credential_is_read_without_the_role(
    aws: FaultServer, organization: FakeOrganization, run: Any
) -> None:
    run(**of(aws))
    assert ACCOUNT not in {each.params["RoleArn"].split(":")[4] for each in taken(aws)}


def test_the_account_of_the_credential_can_be_read_with_the_role(
    aws: FaultServer, organization: FakeOrganization, run: Any
) -> None:
    run(**of(aws, own_account="role"))
    assert f"arn:aws:iam::{ACCOUNT}:role/OpenVNA" in {each.params["RoleArn"] for each in taken(aws)}


def taken(aws: FaultServer) -> list[Any]:
    return [each for each in aws.requests if each.action == "AssumeRole"]


def test_external_id_and_path_are_those_of_the_settings(
    aws: FaultServer, organization: FakeOrganization, run: Any
) -> None:
    run(**of(aws, role_name="network/OpenVNA", external_id="vna-7f3a", include={"accounts": [PROD]}))
    request, *_ = [each for each in taken(aws) if "ExternalId" in each.params]
    assert request.params["RoleArn"] == f"arn:aws:iam::{PROD}:role/network/OpenVNA"
    assert request.params["ExternalId"] == "vna-7f3a"


def test_a_role_leads_into_the_account_that_may_list_the_others(
    aws: FaultServer, organization: FakeOrganization, run: Any
) -> None:
    """First the role there, then the list, then the members' roles; that account itself with the first role."""
    role = f"arn:aws:iam::{ACCOUNT}:role/Reader"
    there = identity(f"arn:aws:sts::{ACCOUNT}:assumed-role/Reader/openvna")
    aws.on("GetCallerIdentity", identity("arn:aws:iam::555566667777:user/bastion"), there)
    verified = run(**of(aws), assume_role={"role_arn": role})
    assert verified.verdict.verdict == "ok"
    order = [each.id for each in verified.verdict.steps]
    assert order.index(f"role {role}") < order.index("identity after roles") < order.index("organization")
    assert f"arn:aws:iam::{PROD}:role/OpenVNA" in {each.params["RoleArn"] for each in taken(aws)}
    assert [each.params["RoleArn"] for each in taken(aws)].count(role) == 1


# What is wrong with the organization, or with us in it


def test_no_organization(aws: FaultServer, run: Any) -> None:
    aws.on("DescribeOrganization", json_error("AWSOrganizationsNotInUseException", "Your account is not a member."))
    verdict = run(**of(aws)).verdict
    assert (verdict.verdict, verdict.cause, verdict.confidence) == ("failed", "O-NOT-IN-USE", Confidence.REPORTED)


def test_neither_management_nor_delegated_account(aws: FaultServer, organization: FakeOrganization, run: Any) -> None:
    organization.management = "999988887777"
    organization.serve(aws)
    aws.on("ListAccounts", json_error("AccessDeniedException", DENIED))
    verified = run(**of(aws, include={"tags": ["stage"]}))
    verdict = verified.verdict
    assert (verdict.verdict, verdict.cause, verdict.confidence) == ("failed", "O-NOT-ADMIN", Confidence.INFERRED)
    assert f"Account {ACCOUNT} is not the management account 999988887777." in verified.told
    remedy = verdict.remedy or ""
    assert "Use a credential of 999988887777" in remedy
    assert json.loads(remedy[remedy.index("{") :]) == {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": [
            "organizations:DescribeOrganization",
            "organizations:ListAccounts",
            "organizations:ListTagsForResource",
        ],
        "Resource": "*",
    }


def test_a_policy_that_does_not_allow_to_list(aws: FaultServer, organization: FakeOrganization, run: Any) -> None:
    """All that the filters need, in one statement."""
    said = (
        f"User: {USER} is not authorized to perform: organizations:ListRoots on resource: * because no identity-based "
        "policy allows the organizations:ListRoots action"
    )
    aws.on("ListRoots", json_error("AccessDeniedException", said))
    verdict = run(**of(aws, include={"ous": ["Workloads"]})).verdict
    assert (verdict.verdict, verdict.cause) == ("failed", "P-IDENTITY-IMPLICIT")
    remedy = verdict.remedy or ""
    assert json.loads(remedy[remedy.index("{") :])["Action"] == [
        "organizations:DescribeOrganization",
        "organizations:ListAccounts",
        "organizations:ListAccountsForParent",
        "organizations:ListOrganizationalUnitsForParent",
        "organizations:ListRoots",
    ]


def test_to_describe_the_organization_need_not_be_allowed(
    aws: FaultServer, organization: FakeOrganization, run: Any
) -> None:
    aws.on("DescribeOrganization", json_error("AccessDeniedException", DENIED))
    assert run(**of(aws)).verdict.verdict == "ok"


def test_an_answer_that_is_no_json_is_not_aws(aws: FaultServer, organization: FakeOrganization, run: Any) -> None:
    from support.fault_server import page

    aws.on("ListAccounts", page(200))
    verdict = run(**of(aws)).verdict
    assert (verdict.verdict, verdict.cause) == ("failed", "N-INTERCEPT")


# What is wrong with the filters


def test_no_account_is_left(aws: FaultServer, organization: FakeOrganization, run: Any) -> None:
    verified = run(**of(aws, include={"accounts": [PROD]}, exclude={"accounts": [PROD]}))
    assert (verified.verdict.verdict, verified.verdict.cause) == ("failed", "O-EMPTY")
    assert f"Left out, excluded by its id: {PROD}." in verified.told


@pytest.mark.parametrize(
    ("filters", "cause", "verdict", "words"),
    [
        ({"include": {"ous": ["Worklods"]}}, "O-OU-UNKNOWN", "failed", "Did you mean Workloads?"),
        ({"include": {"ous": ["Worklods", "Sandbox"]}}, "O-OU-UNKNOWN", "degraded", "Did you mean Workloads?"),
        ({"include": {"ous": ["Prod"]}}, "O-OU-AMBIGUOUS", "failed", "by its path or by its id"),
        ({"include": {"accounts": [PROD, "999999999999"]}}, "O-NOT-IN-ORG", "degraded", "'999999999999'"),
        ({"include": {"accounts": [PROD, SUSPENDED]}}, "O-NOT-ACTIVE", "degraded", f"'{SUSPENDED}'"),
        ({"exclude": {"tags": ["Stage=test"]}}, "O-NO-MATCH", None, "Did you mean stage=test?"),
    ],
)
def test_a_filter_that_does_not_fit(
    aws: FaultServer,
    organization: FakeOrganization,
    run: Any,
    filters: dict[str, Any],
    cause: str,
    verdict: str | None,
    words: str,
) -> None:
    verified = run(**of(aws, **filters))
    step = verified.step("organization")
    assert step.cause == cause
    assert words in (step.remedy or "")
    if verdict is None:  # worth a word, and no reason to call the access broken
        assert (step.outcome, verified.verdict.verdict) == (StepOutcome.WARNING, "ok")
    else:
        assert (verified.verdict.verdict, verified.verdict.cause) == (verdict, cause)


# The role in the accounts


def test_accounts_without_the_role_are_told_together(
    aws: FaultServer, organization: FakeOrganization, run: Any
) -> None:
    organization.without_role = {TEST, SANDBOX}
    verified = run(**of(aws))
    verdict = verified.verdict
    assert (verdict.verdict, verdict.cause) == ("degraded", "H-TRUST")
    assert "(4 of 6 accounts can be entered)" in verdict.summary
    step = verified.step("roles H-TRUST")
    assert step.evidence[0] == f"In 2 of 6 accounts: {TEST}, {SANDBOX}."
    assert "StackSet" in (step.remedy or "")
    assert f"arn:aws:iam::{TEST}:role/OpenVNA" in (step.remedy or "")
    assert {each.account for each in verdict.regions} & {TEST, SANDBOX} == set()


def test_a_caller_that_may_not_assume_roles_is_told_once_for_all_accounts(
    aws: FaultServer, organization: FakeOrganization, run: Any
) -> None:
    aws.on(
        "AssumeRole",
        sts_error(
            "AccessDenied",
            f"User: {USER} is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::{PROD}:role/OpenVNA "
            "because no identity-based policy allows the sts:AssumeRole action",
        ),
    )
    verdict = run(**of(aws, own_account="role")).verdict
    assert (verdict.verdict, verdict.cause) == ("failed", "H-CALLER-DENIED")
    remedy = verdict.remedy or ""
    assert json.loads(remedy[remedy.index("{") :])["Resource"] == "arn:aws:iam::*:role/OpenVNA"


def test_several_causes_are_told_each_with_its_accounts(
    aws: FaultServer, organization: FakeOrganization, run: Any
) -> None:
    organization.without_role = {TEST, SANDBOX}
    organization.refusals = {PROD: sts_error("RegionDisabledException", "STS is not activated in this region")}
    verified = run(**of(aws))
    assert verified.step("roles H-TRUST").evidence[0] == f"In 2 of 6 accounts: {TEST}, {SANDBOX}."
    assert verified.step("roles K-STS-REGION-OFF").evidence[0] == f"In 1 of 6 accounts: {PROD}."


def test_three_hundred_accounts_take_little_time_and_few_lines(
    aws: FaultServer, organization: FakeOrganization, run: Any
) -> None:
    """All roles are taken; EC2 is tried in five accounts, so that regions do not multiply with accounts."""
    aws.on("DescribeRegions", regions(us_east_1="opt-in-not-required", eu_west_1="opt-in-not-required"))
    ids = [f"3333{number:08d}" for number in range(300)]
    organization.accounts = dict.fromkeys([ACCOUNT, *ids], ROOT)
    organization.without_role = set(ids[::30])
    began = time.monotonic()
    verified = run(**of(aws))
    assert time.monotonic() - began < 60
    verdict = verified.verdict
    assert "(291 of 301 accounts can be entered)" in verdict.summary
    assert len(taken(aws)) == 300
    assert len({each.account for each in verdict.regions}) == 5
    assert len(verdict.regions) == 10
    assert ACCOUNT in {each.account for each in verdict.regions}
    assert "EC2 is tried in 5 of them" in verified.told
    assert len(verdict.steps) < 30
    assert all(len(fact) < 600 for step in verdict.steps for fact in step.evidence)


def test_a_verification_ends_though_accounts_are_left(
    aws: FaultServer, organization: FakeOrganization, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(organization_steps, "SECONDS", -1.0)
    monkeypatch.setattr(organization_steps, "WIDTH", 1)
    verified = run(**of(aws))
    assert verified.step("roles").outcome == StepOutcome.WARNING
    assert "no more were tried: 5 are left" in verified.told
    assert "1 of 6 accounts can be entered" in verified.verdict.summary


def test_listing_ends_though_organizations_stays_busy(
    aws: FaultServer, organization: FakeOrganization, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(organization_steps, "LISTING_SECONDS", -1.0)
    verdict = run(**of(aws)).verdict
    assert (verdict.verdict, verdict.cause) == ("failed", "T-THROTTLED")


def test_organizations_that_stays_busy_is_no_question_of_permissions(
    aws: FaultServer, organization: FakeOrganization, run: Any
) -> None:
    aws.on("ListAccounts", json_error("TooManyRequestsException", "Rate exceeded"))
    verified = run(**of(aws))
    assert (verified.verdict.verdict, verified.verdict.cause) == ("failed", "T-THROTTLED")
    assert sum(verified.pauses) > 20


def test_what_names_no_role_in_the_settings_is_not_asked(
    aws: FaultServer, organization: FakeOrganization, run: Any
) -> None:
    aws.on("AssumeRole", not_trusted(f"arn:aws:iam::{PROD}:role/OpenVNA"))
    aws.on("ListAccounts", json_answer({"Accounts": [{"Id": ACCOUNT, "Name": "management", "State": "ACTIVE"}]}))
    assert run(**of(aws)).verdict.verdict == "ok"
    assert taken(aws) == []


def test_a_role_that_does_not_insist_on_its_external_id_is_told_once(
    aws: FaultServer, organization: FakeOrganization, run: Any
) -> None:
    verified = run(**of(aws, external_id="vna-7f3a"))
    step = verified.step("roles H-NO-EXTID")
    assert step.outcome == StepOutcome.WARNING
    assert step.evidence[0].startswith("In 4 of the 5 accounts that were looked at: ")
    assert "vna-7f3a" in (step.remedy or "")
    assert verified.verdict.verdict == "ok"


def test_a_simulation_tells_that_the_right_is_there_and_so_the_roles_are_not(
    aws: FaultServer, organization: FakeOrganization, run: Any
) -> None:
    organization.without_role = {TEST, SANDBOX}
    allowed = (
        "<IsTruncated>false</IsTruncated><EvaluationResults><member><EvalActionName>sts:AssumeRole</EvalActionName>"
        "<EvalDecision>allowed</EvalDecision></member></EvaluationResults>"
    )
    aws.on("SimulatePrincipalPolicy", result("SimulatePrincipalPolicy", allowed))
    verified = run(**of(aws))
    told = "\n".join(verified.step("roles H-TRUST").evidence)
    assert f"In 2 of 6 accounts: {TEST}, {SANDBOX}." in told
    assert "iam:SimulatePrincipalPolicy" in told
    about_roles = [each for each in aws.requests if "sts:AssumeRole" in each.params.values()]
    assert [each.action for each in about_roles] == ["SimulatePrincipalPolicy"]  # one account stands for all


def test_where_something_was_denied_before_it_is_tried_again(aws: FaultServer, organization: FakeOrganization) -> None:
    ids = [f"3333{number:08d}" for number in range(40)]
    organization.accounts = dict.fromkeys([ACCOUNT, *ids], ROOT)
    config = AwsConfig.model_validate({"credential": access_key(), **of(aws)})
    again = [Denied(account, "us-east-1", "ec2:DescribeVpcs") for account in (ids[7], ids[23])]
    *_, verdict = verify(config, {}, again=again)
    assert isinstance(verdict, Verdict)
    accounts = {each.account for each in verdict.regions}
    assert accounts >= {ACCOUNT, ids[7], ids[23]}
    assert len(accounts) == 5
