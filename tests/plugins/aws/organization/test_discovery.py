"""A collection finds the accounts of an organization anew each time; one's trouble does not stop the others."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from openvna.model import Outcome, Scope
from openvna.plugin import ScopeProblem
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.session import AwsSession
from support.emulators import moto_server
from support.fake_organization import PROD, ROOT, SANDBOX, SUSPENDED, TEST, FakeOrganization, not_trusted
from support.fault_server import ACCOUNT, FaultServer, json_error, sts_error
from support.sources import access_key

Settings = Callable[..., AwsConfig]


def discovered(config: AwsConfig) -> tuple[set[str], dict[str, ScopeProblem]]:
    """The accounts that there are scopes for, and the problems by the key of their scope."""
    with AwsSession(config) as session:
        found = list(session.discover())
    problems = {each.scope.key: each for each in found if isinstance(each, ScopeProblem)}
    return {each.account for each in found if isinstance(each, Scope) and each.account}, problems


def test_accounts_join_and_leave_between_two_collections(organization: FakeOrganization, settings: Settings) -> None:
    config = settings(exclude={"ous": ["Workloads"]})
    before, _ = discovered(config)
    organization.accounts["444400000001"] = ROOT
    organization.states[SANDBOX] = "PENDING_CLOSURE"
    after, problems = discovered(config)
    assert after - before == {"444400000001"}
    assert before - after == {SANDBOX}
    assert problems == {}


def test_an_account_without_the_role_does_not_hold_up_the_others(
    organization: FakeOrganization, settings: Settings
) -> None:
    organization.without_role = {TEST}
    accounts, problems = discovered(settings(include={"ous": ["Workloads"]}, external_id="vna-7f3a"))
    assert accounts == {PROD, "222200000004"}
    (problem,) = problems.values()
    assert problem.scope.key == f"aws/{TEST}"
    assert (problem.failure.cause, problem.failure.outcome) == ("H-TRUST", Outcome.DENIED)
    assert "StackSet" in problem.failure.remedy
    trust = problem.failure.remedy[problem.failure.remedy.index("{") : problem.failure.remedy.rindex("}") + 1]
    assert json.loads(trust)["Statement"][0]["Condition"] == {"StringEquals": {"sts:ExternalId": "vna-7f3a"}}


@pytest.mark.parametrize(
    ("filters", "key", "cause", "others"),
    [
        ({"include": {"accounts": [PROD, "999999999999"]}}, "aws/999999999999", "O-NOT-IN-ORG", {PROD}),
        ({"include": {"accounts": [PROD, SUSPENDED]}}, f"aws/{SUSPENDED}", "O-NOT-ACTIVE", {PROD}),
        ({"include": {"ous": ["Workloads/Prod", "Gone"]}}, "aws", "O-OU-UNKNOWN", {PROD}),
        ({"include": {"ous": ["Prod"]}}, "aws", "O-OU-AMBIGUOUS", set()),
    ],
)
def test_a_filter_that_fits_no_longer_is_told_and_the_others_are_collected(
    organization: FakeOrganization,
    settings: Settings,
    filters: dict[str, Any],
    key: str,
    cause: str,
    others: set[str],
) -> None:
    accounts, problems = discovered(settings(**filters))
    assert accounts == others
    assert {place: each.failure.cause for place, each in problems.items()} == {key: cause}


def test_a_tag_that_no_account_has_today_is_no_problem_of_a_collection(
    organization: FakeOrganization, settings: Settings
) -> None:
    accounts, problems = discovered(settings(exclude={"tags": ["network=off"]}, include={"accounts": [PROD]}))
    assert (accounts, problems) == ({PROD}, {})


@pytest.mark.parametrize(
    ("code", "words", "cause"),
    [
        ("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.", "O-NOT-IN-USE"),
        ("AccessDeniedException", "You don't have permissions to access this resource.", "O-NOT-ADMIN"),
    ],
)
def test_an_organization_that_cannot_be_listed_is_one_problem_of_the_source(
    aws: FaultServer, organization: FakeOrganization, settings: Settings, code: str, words: str, cause: str
) -> None:
    aws.on("ListAccounts", json_error(code, words))
    accounts, problems = discovered(settings())
    assert accounts == set()
    (problem,) = problems.values()
    assert (problem.scope.key, problem.failure.cause) == ("aws", cause)
    if cause == "O-NOT-ADMIN":
        assert f"arn:aws:iam::{ACCOUNT}:root" in problem.failure.remedy


def test_the_role_into_the_listing_account_refuses(
    aws: FaultServer, organization: FakeOrganization, settings: Settings
) -> None:
    role = "arn:aws:iam::111122223333:role/Reader"
    aws.on("AssumeRole", not_trusted(role))
    _, problems = discovered(settings({"assume_role": {"role_arn": role, "external_id": "vna-7f3a"}}))
    (problem,) = problems.values()
    assert (problem.scope.key, problem.failure.cause) == ("aws", "H-TRUST")
    assert role in problem.failure.remedy
    assert "vna-7f3a" in problem.failure.remedy


def test_a_key_that_is_gone_is_told_as_such(
    aws: FaultServer, organization: FakeOrganization, settings: Settings
) -> None:
    aws.on("GetCallerIdentity", sts_error("InvalidClientTokenId", "The security token is invalid."))
    _, problems = discovered(settings())
    assert [(each.scope.key, each.failure.cause) for each in problems.values()] == [("aws", "K-KEY-UNKNOWN")]


def test_moto_s_organization() -> None:
    """Against an implementation of Organizations that is not ours: units by path, tags, a closed account."""
    with moto_server() as moto:
        organizations = moto.client("organizations")
        organizations.create_organization(FeatureSet="ALL")
        (root,) = organizations.list_roots()["Roots"]
        workloads = organizations.create_organizational_unit(ParentId=root["Id"], Name="Workloads")
        unit = workloads["OrganizationalUnit"]["Id"]

        def account(name: str, stage: str) -> str:
            made = organizations.create_account(
                Email=f"{name}@example.net", AccountName=name, Tags=[{"Key": "stage", "Value": stage}]
            )
            id = made["CreateAccountStatus"]["AccountId"]
            organizations.move_account(AccountId=id, SourceParentId=root["Id"], DestinationParentId=unit)
            return str(id)

        prod, test, closed = account("one", "prod"), account("two", "test"), account("three", "prod")
        organizations.close_account(AccountId=closed)
        config = AwsConfig.model_validate(
            {
                "credential": access_key(),
                "endpoint_url": moto.url,
                "regions": ["eu-west-1"],
                "organization": {"role_name": "OpenVNA", "include": {"ous": ["Workloads"], "tags": ["stage=prod"]}},
            }
        )
        accounts, problems = discovered(config)
    assert (accounts, problems) == ({prod}, {})
    assert test not in accounts
