"""Requests that are kept, and what must tell them apart. How they are written, `test_equal_to_botocore.py` tries."""

from __future__ import annotations

from typing import Any

import pytest

from openvna.plugins.aws.wire.models import load
from openvna.plugins.aws.wire.requests import Prepare, compiled

HEAD = b"Action=DescribeVpcs&Version=2016-11-15"


@pytest.fixture(scope="module")
def describe_vpcs() -> Prepare:
    return compiled(load("ec2"), "DescribeVpcs")


def test_the_same_parameters_are_the_same_request(describe_vpcs: Prepare) -> None:
    one = describe_vpcs({"MaxResults": 1000})
    assert describe_vpcs({"MaxResults": 1000}) is one
    assert one.body == HEAD + b"&MaxResults=1000"


@pytest.mark.parametrize(
    ("params", "sent"),
    [
        ({}, b""),
        ({"MaxResults": 5}, b"&MaxResults=5"),
        ({"MaxResults": 5, "NextToken": "a+b"}, b"&MaxResults=5&NextToken=a%2Bb"),
        ({"MaxResults": 5, "NextToken": "a b"}, b"&MaxResults=5&NextToken=a+b"),
        ({"NextToken": "1"}, b"&NextToken=1"),
        ({"VpcIds": ["vpc-1", "vpc-2"]}, b"&VpcId.1=vpc-1&VpcId.2=vpc-2"),
        ({"VpcIds": ["vpc-1"]}, b"&VpcId.1=vpc-1"),
        ({"DryRun": True}, b"&DryRun=true"),
        ({"MaxResults": 1, "DryRun": False}, b"&MaxResults=1&DryRun=false"),
        ({"MaxResults": None}, b""),
    ],
)
def test_others_are_another(params: dict[str, Any], sent: bytes, describe_vpcs: Prepare) -> None:
    assert [describe_vpcs(params).body for _ in range(2)] == [HEAD + sent] * 2
