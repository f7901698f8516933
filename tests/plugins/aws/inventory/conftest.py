"""A simulated AWS with the demo's network, and the settings that reach it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from openvna.demo.seed import Seeded, seed
from openvna.demo.simulation import simulated_aws
from openvna.plugins.aws.config import AccessKey, AssumeRole, AwsConfig


@pytest.fixture(scope="session")
def seeded() -> Iterator[Seeded]:
    with simulated_aws() as endpoint:
        yield seed(endpoint)


@pytest.fixture(scope="session")
def settings(seeded: Seeded) -> AwsConfig:
    return AwsConfig(
        credential=AccessKey(access_key_id=seeded.access_key_id, secret_access_key=seeded.secret_access_key),
        assume_role=AssumeRole(role_arn=seeded.role_arn),
        accounts=seeded.accounts,
        regions=seeded.regions,
        endpoint_url=seeded.endpoint,
    )
