"""The accounts of an organization are resources: that one joins, changes its state or leaves is a change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from openvna.collect import Gateway
from openvna.model import RunState, Scope
from openvna.plugin import Complete, Problem, Record, load_plugin, plugin_names
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.organization_scope import organization_scope
from openvna.plugins.aws.session import AwsSession
from openvna.store import load_vault, open_store
from support.fake_organization import ORGANIZATION, PROD, ROOT, SANDBOX, TEST, FakeOrganization
from support.fault_server import ACCOUNT, FaultServer, json_error
from support.sources import access_key

Settings = Callable[..., AwsConfig]
TYPE = "aws.organizations.account"
WHOLE = organization_scope("aws")
NEW = "444400000001"


def arn(account: str) -> str:
    return f"arn:aws:organizations::{ACCOUNT}:account/{ORGANIZATION}/{account}"


def told(config: AwsConfig, discovered: bool = True) -> list[Record | Complete | Problem]:
    with AwsSession(config) as session:
        if discovered:
            assert WHOLE in list(session.discover())
        return list(session.collect(WHOLE, [TYPE]))


@pytest.mark.parametrize("discovered", [True, False], ids=["after finding them", "on demand"])
def test_every_account_is_there_whether_it_may_be_entered_or_not(
    organization: FakeOrganization, settings: Settings, discovered: bool
) -> None:
    organization.without_role = {TEST}
    *records, end = told(settings(), discovered)
    found = {each.resource.id: each.resource for each in records if isinstance(each, Record)}
    assert found.keys() == {arn(account) for account in organization.accounts}
    test = found[arn(TEST)]
    assert (test.account, test.name, test.attributes["state"]) == (TEST, f"account-{TEST[-4:]}", "ACTIVE")
    assert "Email" not in test.document
    assert isinstance(end, Complete)


def test_they_cost_no_call_besides_those_that_find_them(
    organization: FakeOrganization, settings: Settings, aws: FaultServer
) -> None:
    told(settings())
    assert aws.asked("ListAccounts") == 1


def test_accounts_of_a_unit_that_was_not_found_are_not_gone(organization: FakeOrganization, settings: Settings) -> None:
    *_, end = told(settings(include={"ous": ["Sandbox", "Wrokloads"]}))
    assert isinstance(end, Problem)
    assert end.failure.cause == "O-OU-UNKNOWN"


def test_an_organization_that_cannot_be_read_is_a_problem(
    organization: FakeOrganization, settings: Settings, aws: FaultServer
) -> None:
    aws.on("ListAccounts", json_error("AccessDeniedException", "You don't have permissions."))
    with AwsSession(settings()) as session:
        (problem,) = session.collect(WHOLE, [TYPE])
    assert isinstance(problem, Problem)
    assert problem.failure.cause


def test_nothing_else_is_of_the_organization_and_no_account_has_it(
    organization: FakeOrganization, settings: Settings
) -> None:
    in_prod = Scope(f"aws/{PROD}/eu-west-1", "aws", PROD, "eu-west-1")
    with AwsSession(settings()) as session:
        assert list(session.collect(WHOLE, ["aws.ec2.vpc"])) == [Complete("aws.ec2.vpc")]
        assert list(session.collect(in_prod, [TYPE])) == [Complete(TYPE)]


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    store = open_store(f"sqlite:///{tmp_path / 'openvna.db'}", load_vault(tmp_path / "key", None))
    opened = Gateway(store, load_plugin=load_plugin, plugin_names=plugin_names)
    yield opened
    opened.close()


def test_joining_and_leaving_are_changes(gateway: Gateway, organization: FakeOrganization, aws: FaultServer) -> None:
    """Of an account, too, that nobody let us into yet."""
    credential = access_key()
    settings = {
        "credential": {
            "kind": "access-key",
            "access_key_id": credential.access_key_id,
            "secret_access_key": credential.secret_access_key.get_secret_value(),
        },
        "endpoint_url": aws.url,
        "organization": {"role_name": "OpenVNA"},
        "regions": ["eu-west-1"],
    }
    organization.without_role = {*organization.accounts, NEW}
    gateway.add_source("corp", "aws", settings, interval=None, save_anyway=True)
    gateway.collect("corp", scopes=["organization"])
    organization.accounts[NEW] = ROOT
    organization.states[SANDBOX] = "PENDING_CLOSURE"
    del organization.accounts[PROD]
    (run,) = gateway.collect("corp", scopes=["organization"], types=[TYPE])
    assert (run.state, run.created, run.updated, run.deleted) == (RunState.OK, 1, 1, 1)
    changes = {
        (change.kind, change.account): [(each.path, each.before, each.after) for each in change.fields]
        for change in gateway.store.changes.list(run_id=run.id).items
    }
    assert changes.keys() == {("created", NEW), ("updated", SANDBOX), ("deleted", PROD)}
    assert ("attributes.state", "ACTIVE", "PENDING_CLOSURE") in changes["updated", SANDBOX]
