"""The application against its own document: requests made from it, answers checked against it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig

from openvna.northbound.rest import create_api, end_streams
from rest.served import GOOD, make_gateway
from support.toy_plugin import ToyPlugin, network

CONFIG = SchemathesisConfig.from_dict(
    {
        "checks": {
            # What fits the schema may still be refused for what it means: a token that the vendor does not know, a
            # cursor of another listing, a time that has passed.
            "positive_data_acceptance": {"expected-statuses": ["2xx", "401", "403", "404", "409", "422"]},
        },
        "generation": {"allow-x00": False},
    }
)


@pytest.fixture(scope="module")
def api_schema(tmp_path_factory: pytest.TempPathFactory) -> Iterator[schemathesis.BaseSchema]:
    toys = ToyPlugin()
    toys.world.add(network("n-1", name="hub", Environment="prod"), network("n-2"))
    gateway = make_gateway(tmp_path_factory.mktemp("store"), toys)
    gateway.add_source("toys", "toy", GOOD, interval=None)
    gateway.collect("toys")
    token, _ = gateway.store.accounts.add_token("schemathesis", ("admin",), None)
    app = create_api(gateway, secure_cookies=False, hosts=("testserver",))
    # A stream that never ends cannot be checked from outside: from here on they answer 204.
    end_streams(app)
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", app, config=CONFIG)
    schema.config.update(headers={"Authorization": f"Bearer {token}"})
    yield schema
    gateway.close()


schema = schemathesis.pytest.from_fixture("api_schema")


@schema.parametrize()
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_it_does_as_its_document_says(case: schemathesis.Case) -> None:
    case.call_and_validate()
