"""A small organization, served on loopback, and what is found in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.organization import Membership, members
from openvna.plugins.aws.session import AwsSession
from support.fake_organization import FakeOrganization, small_organization
from support.fault_server import FaultServer, fault_server
from support.sources import access_key


@pytest.fixture
def aws() -> Iterator[FaultServer]:
    with fault_server() as server:
        yield server.good()


@pytest.fixture
def organization(aws: FaultServer) -> FakeOrganization:
    return small_organization().serve(aws)


Settings = Callable[..., AwsConfig]


@pytest.fixture
def settings(aws: FaultServer) -> Settings:
    """A source of the whole organization; keyword arguments are settings of `organization`."""

    def made(source: dict[str, Any] | None = None, **organization: Any) -> AwsConfig:
        whole = {"role_name": "OpenVNA", **organization}
        return AwsConfig.model_validate(
            {"credential": access_key(), "endpoint_url": aws.url, "organization": whole, **(source or {})}
        )

    return made


@pytest.fixture
def find(settings: Settings) -> Callable[..., Membership]:
    """The accounts that the filters of `organization` choose."""

    def found(**organization: Any) -> Membership:
        config = settings(**organization)
        assert config.organization is not None
        with AwsSession(config) as session:
            access = session.access
            return members(access.directory(lambda _: None), config.organization, access.who().identity.account)

    return found
