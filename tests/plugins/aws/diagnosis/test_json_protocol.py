"""Calls of services that speak JSON: what is sent, and what counts as an answer of AWS."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from openvna.plugins.aws.api import CallError, Credentials
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.organization import Directory
from openvna.plugins.aws.query import Query
from openvna.plugins.aws.transport import Transport
from support import fault_server as faults
from support.fault_server import AKIA, SECRET, FaultServer, json_answer, json_error, page

KEY = Credentials(AKIA, SECRET)


def query(endpoint_url: str | None, partition: str = "aws") -> Query:
    config = AwsConfig.model_validate({"endpoint_url": endpoint_url, "partition": partition})
    return Query(config, Transport(config, environment={}), {})


def call(aws: FaultServer, params: Mapping[str, Any] = {}) -> Any:
    asking = query(aws.url)
    try:
        return asking.call_json("organizations", "ListRoots", "us-east-1", params, KEY)
    finally:
        asking.transport.close()


def test_what_is_sent_and_what_comes_back(aws: FaultServer) -> None:
    aws.on("ListRoots", json_answer({"Roots": [{"Id": "r-ab12"}]}))
    reply = call(aws, {"NextToken": "é"})
    assert reply.members == {"Roots": [{"Id": "r-ab12"}]}
    assert reply.request_id
    assert reply.skew is not None
    (request,) = aws.requests
    assert (request.action, request.region, request.key) == ("ListRoots", "us-east-1", AKIA)
    assert request.params["NextToken"] == "é"


@pytest.mark.parametrize(
    ("named", "code"),
    [
        ("AccessDeniedException", "AccessDeniedException"),
        ("com.amazonaws.organizations#AccessDeniedException", "AccessDeniedException"),
        ("AccessDeniedException:http://internal.amazon.com/coral/", "AccessDeniedException"),
    ],
)
@pytest.mark.parametrize("member", ["message", "Message"])
@pytest.mark.parametrize("in_header", [True, False])
def test_an_error_is_read_wherever_its_code_stands(
    aws: FaultServer, named: str, code: str, member: str, in_header: bool
) -> None:
    answer = json_answer({member: "You  don't have\npermissions."} | ({} if in_header else {"__type": named}), 400)
    headers = {**answer.headers, **({"x-amzn-ErrorType": named} if in_header else {})}
    aws.on("ListRoots", faults.Answer(400, answer.body, headers))
    with pytest.raises(CallError) as refused:
        call(aws)
    assert (refused.value.code, refused.value.message) == (code, "You don't have permissions.")
    assert refused.value.status == 400
    assert refused.value.request_id


@pytest.mark.parametrize(
    "answer",
    [
        page(200),
        page(403, "Blocked by the filter"),
        faults.Answer(200, json.dumps(["Roots"]), {"x-amzn-RequestId": "1"}),
        faults.Answer(200, "[" * 100_000, {"x-amzn-RequestId": "1"}),
        faults.Answer(500, json.dumps({"message": "no code"}), {"x-amzn-RequestId": "1"}),
    ],
    ids=["page", "filter", "list", "bottomless", "no code"],
)
def test_what_is_not_of_aws_is_told_as_such(aws: FaultServer, answer: faults.Answer) -> None:
    aws.on("ListRoots", answer)
    with pytest.raises(CallError) as refused:
        call(aws)
    assert refused.value.cause == "N-INTERCEPT"


def test_a_proxy_that_asks_for_a_password_is_not_taken_for_aws(aws: FaultServer) -> None:
    aws.on("ListRoots", json_error("anything", "no", 407))
    with pytest.raises(CallError) as refused:
        call(aws)
    assert refused.value.cause == "N-PROXY-AUTH"


@pytest.mark.parametrize(
    ("partition", "region", "host"),
    [  # AWS General Reference, "AWS Organizations endpoints and quotas"; botocore/data/endpoints.json
        ("aws", "us-east-1", "organizations.us-east-1.amazonaws.com"),
        ("aws-cn", "cn-northwest-1", "organizations.cn-northwest-1.amazonaws.com.cn"),
        ("aws-us-gov", "us-gov-west-1", "organizations.us-gov-west-1.amazonaws.com"),
        ("aws-iso", "us-iso-east-1", "organizations.us-iso-east-1.c2s.ic.gov"),
    ],
)
def test_organizations_has_one_place_in_each_partition(partition: str, region: str, host: str) -> None:
    asked = query(None, partition)
    directory = Directory(asked, partition, lambda: KEY)
    assert directory.region == region
    where = asked.endpoint("organizations", directory.region)
    assert (where.host, where.signing_region or region) == (host, region)
