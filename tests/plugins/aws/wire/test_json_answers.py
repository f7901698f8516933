"""What JSON answers and refusals read as, where a service or an answer is unlike most."""

from __future__ import annotations

import orjson
import pytest

from openvna.plugins.aws.api import CallError
from openvna.plugins.aws.wire.models import load
from openvna.plugins.aws.wire.operations import Received, operation

RESULT = {"Id": "m1", "Label": "BytesOut", "StatusCode": "Complete", "Timestamps": [1_790_000_000], "Values": [7.5]}


def read(content: object, status: int = 200, **headers: str) -> dict[str, object]:
    received = Received(status, {"x-amzn-requestid": "r-1", **headers}, orjson.dumps(content))
    found = operation(load("cloudwatch"), "GetMetricData").read(received)
    del found["ResponseMetadata"]
    return found


def test_cloudwatch_is_spoken_to_in_json() -> None:
    request = operation(load("cloudwatch"), "GetMetricData").prepare({"MetricDataQueries": [], "StartTime": 0})
    assert request.headers["X-Amz-Target"] == "GraniteServiceVersion20100801.GetMetricData"


def test_an_item_that_is_as_the_model_says_is_passed_on() -> None:
    assert read({"MetricDataResults": [RESULT]}) == {"MetricDataResults": [RESULT]}


def test_what_the_model_does_not_know_and_what_is_null_is_left_out() -> None:
    odd = {**RESULT, "Label": None, "Colour": "red"}
    assert read({"MetricDataResults": [odd], "Messages": None}) == {
        "MetricDataResults": [{name: value for name, value in RESULT.items() if name != "Label"}]
    }


def test_a_refusal_has_the_code_of_the_query_protocol_where_the_service_tells_it() -> None:
    with pytest.raises(CallError) as refused:
        read(
            {"__type": "com.amazonaws.cloudwatch#ResourceNotFoundException", "message": "No such alarm"},
            400,
            **{"x-amzn-query-error": "ResourceNotFound;Sender"},
        )
    assert refused.value.code == "ResourceNotFound"
