"""The application against its own document: requests made from it, answers checked against it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig

from openvna.northbound.rest import create_api, end_streams
from openvna.northbound.rest.gives import ANSWERS
from rest.served import GOOD, make_gateway
from support.toy_plugin import ToyPlugin, network

CONFIG = SchemathesisConfig.from_dict(
    {
        "checks": {
            # What fits the schema may still be refused for what it means: a token that the vendor does not know, a
            # cursor of another listing, a time that has passed.
            "positive_data_acceptance": {"expected-statuses": ["2xx", "401", "403", "404", "409", "422", "429"]},
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
    for item in app.openapi()["paths"].values():
        for operation in item.values():
            # The requests are made with a token, and then a CSRF token of any kind is as good as none.
            operation["security"] = [way for way in operation["security"] if "token" in way]
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", app, config=CONFIG)
    schema.config.update(headers={"Authorization": f"Bearer {token}"})
    yield schema
    gateway.close()


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("operation", sorted(ANSWERS))
def test_it_does_as_its_document_says(
    api_schema: schemathesis.BaseSchema, operation: str, mode: GenerationMode
) -> None:
    described = api_schema.find_operation_by_id(operation)
    cases = described.as_strategy(generation_mode=mode)

    @given(case=cases)
    @settings(max_examples=15, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    def conforms(case: schemathesis.Case) -> None:
        case.call_and_validate()

    try:
        conforms()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE
        assert operation in any_text_will_do(api_schema)


def any_text_will_do(schema: schemathesis.BaseSchema) -> set[str]:
    """The operations whose input is at most a text in the path: there is nothing that could not be one."""
    document: dict[str, Any] = schema.raw_schema
    return {
        operation["operationId"]
        for item in document["paths"].values()
        for operation in item.values()
        if "requestBody" not in operation
        and all(parameter["in"] == "path" for parameter in operation.get("parameters", ()))
    }


def test_what_one_answer_gives_the_next_request_takes(api_schema: schemathesis.BaseSchema) -> None:
    """Chains of requests: made, then shown, changed, deleted, and gone after that."""
    quick = settings(max_examples=10, stateful_step_count=5, deadline=None, derandomize=True, database=None)
    api_schema.as_state_machine().run(settings=settings(quick, suppress_health_check=list(HealthCheck)))
