"""The demo's simulated AWS, seeded once a worker."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from openvna.demo.seed import Seeded, seed
from openvna.demo.simulation import simulated_aws


@pytest.fixture(scope="session")
def seeded() -> Iterator[Seeded]:
    with simulated_aws() as endpoint:
        yield seed(endpoint)
