"""The account that is asked for the accounts of an organization."""

from __future__ import annotations

from collections.abc import Callable

from openvna.plugin import AsksAnAccount
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.session import AwsSession
from support.fake_organization import FakeOrganization
from support.fault_server import ACCOUNT

Settings = Callable[..., AwsConfig]


def asked(config: AwsConfig) -> list[str]:
    """Before and after the scopes were asked for."""
    with AwsSession(config) as session:
        assert isinstance(session, AsksAnAccount)
        before = session.asked_account()
        list(session.discover())
        return [before, session.asked_account()]


def test_is_that_of_the_credential(organization: FakeOrganization, settings: Settings) -> None:
    assert asked(settings()) == ["", ACCOUNT]


def test_is_none_where_there_is_no_organization(organization: FakeOrganization, settings: Settings) -> None:
    assert asked(settings().model_copy(update={"organization": None})) == ["", ""]
