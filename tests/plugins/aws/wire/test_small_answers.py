"""Answers that say nothing, which are remembered but for their request ids: never taken for another one."""

from __future__ import annotations

import pytest

from openvna.plugins.aws.api import CallError
from openvna.plugins.aws.wire.models import load
from openvna.plugins.aws.wire.operations import Damaged, NotAws, Operation, Received, operation

NAMESPACE = 'xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"'
EMPTY = f"<DescribeVpcsResponse {NAMESPACE}><requestId>%s</requestId><vpcSet/></DescribeVpcsResponse>"
OPENED = EMPTY.replace("<vpcSet/>", "<vpcSet>\n</vpcSet>")


@pytest.fixture
def describe_vpcs() -> Operation:
    """It has read an empty answer of both forms often enough to remember them."""
    made = operation(load("ec2"), "DescribeVpcs")
    for number in range(3):
        for form in (EMPTY, OPENED):
            assert made.read(of(form % f"id-{number}"))["Vpcs"] == []
    return made


def of(body: str, status: int = 200, **headers: str) -> Received:
    return Received(status, headers, body.encode())


@pytest.mark.parametrize("form", [EMPTY, OPENED])
def test_each_has_the_request_id_that_came_with_it(form: str, describe_vpcs: Operation) -> None:
    for way in (describe_vpcs.read, lambda received: describe_vpcs.apart(received, "Vpcs")):
        found = [way(of(form % each)) for each in ("one", "two-2")]
        assert [each["ResponseMetadata"]["RequestId"] for each in found] == ["one", "two-2"]
        assert [each["Vpcs"] for each in found] == [[], []]
        found[0]["Vpcs"].append("somebody's own")
        assert way(of(form % "three"))["Vpcs"] == []


def test_the_id_of_the_header_comes_first(describe_vpcs: Operation) -> None:
    received = Received(200, {"x-amzn-requestid": "in-the-header"}, (EMPTY % "in-the-body").encode())
    assert describe_vpcs.read(received)["ResponseMetadata"]["RequestId"] == "in-the-header"


def test_one_that_says_something_is_read(describe_vpcs: Operation) -> None:
    more = EMPTY.replace("<vpcSet/>", "<vpcSet/><nextToken>%s</nextToken>")
    for token in ("a", "b", "b"):
        assert describe_vpcs.apart(of(more % ("id", token)), "Vpcs")["NextToken"] == token
    one = EMPTY.replace("<vpcSet/>", "<vpcSet><item><vpcId>%s</vpcId></item></vpcSet>")
    for id in ("vpc-1", "vpc-2"):
        assert describe_vpcs.read(of(one % ("id", id)))["Vpcs"] == [{"VpcId": id}]


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        (of(EMPTY % "id", 503), NotAws),
        (of((EMPTY % "id")[:-1]), NotAws),
        (of(EMPTY.replace("Vpcs", "Subnets") % "id"), NotAws),
        (of(EMPTY % ""), NotAws),
        (of("<html><title>Guest login</title></html>"), NotAws),
        (
            of(
                "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>No</Message></Error></Errors>"
                "<RequestID>id</RequestID></Response>",
                403,
            ),
            CallError,
        ),
        (Received(200, {"x-amzn-requestid": "id"}, (EMPTY % "id").encode()[:-1]), Damaged),
    ],
    ids=["fault", "cut short", "of another operation", "without an id", "portal", "refusal", "cut short, with an id"],
)
def test_what_is_none_is_never_taken_for_one(
    received: Received, expected: type[Exception], describe_vpcs: Operation
) -> None:
    for _ in range(2):
        with pytest.raises(expected):
            describe_vpcs.read(received)
        with pytest.raises(expected):
            describe_vpcs.apart(received, "Vpcs")
