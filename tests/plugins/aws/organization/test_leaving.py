"""An account has left when Organizations or the settings say so, and not when it merely cannot be seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from openvna.model import Scope
from openvna.plugin import KnowsLeft
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.session import AwsSession
from support.fake_organization import PLAY, PROD, SANDBOX, TEST, FakeOrganization
from support.fault_server import ACCOUNT, FaultServer, json_error
from support.sources import access_key

Settings = Callable[..., AwsConfig]


def at(account: str, region: str = "eu-west-1") -> Scope:
    return Scope(f"aws/{account}/{region}", "aws", account, region)


def why(config: AwsConfig, scope: Scope) -> str:
    with AwsSession(config) as session:
        assert isinstance(session, KnowsLeft)
        list(session.discover())
        return session.left(scope)


def test_a_closed_account_has_left(organization: FakeOrganization, settings: Settings) -> None:
    organization.states[SANDBOX] = "CLOSED"
    assert why(settings(), at(SANDBOX)) == f"AWS Organizations says that the account {SANDBOX} is closed."


@pytest.mark.parametrize("state", ["SUSPENDED", "PENDING_CLOSURE", "PENDING_ACTIVATION"])
def test_an_account_that_is_not_closed_has_not_left(
    organization: FakeOrganization, settings: Settings, state: str
) -> None:
    """In SUSPENDED all that it has is there, though nobody gets in; PENDING_CLOSURE may end in ACTIVE again."""
    organization.states[SANDBOX] = state
    assert why(settings(), at(SANDBOX)) == ""


def test_an_account_that_is_named_and_closed_has_left_all_the_same(
    organization: FakeOrganization, settings: Settings
) -> None:
    """That it is named is told as a problem each time (O-NOT-ACTIVE)."""
    organization.states[SANDBOX] = "CLOSED"
    assert "is closed" in why(settings(include={"accounts": [PROD, SANDBOX]}), at(SANDBOX))


def test_an_account_that_is_not_in_the_organization_any_more_has_left(
    organization: FakeOrganization, settings: Settings
) -> None:
    del organization.accounts[SANDBOX]
    assert why(settings(), at(SANDBOX)) == f"The account {SANDBOX} is no longer in the organization."


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        ({"exclude": {"accounts": [TEST]}}, f"The settings leave the account {TEST} out: excluded by its id."),
        ({"exclude": {"ous": ["Workloads"]}}, f"The settings leave the account {TEST} out: in an excluded unit."),
        ({"include": {"accounts": [PROD]}}, f"The settings leave the account {TEST} out: not among the account ids."),
        (
            {"include": {"ous": ["Sandbox"]}},
            f"The account {TEST} is in none of the organizational units that the settings name.",
        ),
    ],
)
def test_an_account_that_the_settings_leave_out_now_has_left(
    organization: FakeOrganization, settings: Settings, filters: dict[str, Any], said: str
) -> None:
    assert why(settings(**filters), at(TEST)) == said


def test_an_account_that_is_there_has_not_left_when_its_role_refuses_us(
    organization: FakeOrganization, settings: Settings
) -> None:
    organization.without_role = {TEST}
    assert why(settings(), at(TEST)) == ""


def test_nothing_has_left_when_organizations_does_not_answer(
    organization: FakeOrganization, settings: Settings, aws: FaultServer
) -> None:
    aws.on("ListAccounts", json_error("AccessDeniedException", "You don't have permissions."))
    assert why(settings(), at(PLAY)) == ""


def test_nothing_has_left_when_a_filter_leaves_nothing_over(organization: FakeOrganization, settings: Settings) -> None:
    assert why(settings(include={"tags": ["Environment=prdo"]}), at(PROD)) == ""


def test_of_a_list_of_accounts_those_have_left_that_it_no_longer_names() -> None:
    config = AwsConfig.model_validate(
        {
            "credential": access_key(),
            "accounts": [PROD],
            "regions": ["eu-west-1"],
            "assume_role": {"role_arn": "arn:aws:iam::{account}:role/read"},
        }
    )
    with AwsSession(config) as session:
        assert session.left(at(TEST)) == f"The settings no longer name the account {TEST}."
        assert session.left(at(PROD)) == ""
        assert session.left(at(PROD, "eu-north-1")) == "The settings no longer name the region eu-north-1."


def test_another_account_of_the_credential_is_no_proof_that_the_one_before_left() -> None:
    with AwsSession(AwsConfig(credential=access_key())) as session:
        assert session.left(at(ACCOUNT)) == ""
