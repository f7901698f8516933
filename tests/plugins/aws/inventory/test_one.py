"""One resource is asked for by its id, where AWS takes ids."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from openvna.model import Outcome
from openvna.plugin import AsksForOne, Complete, Problem, Record
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.one import asking_for
from openvna.plugins.aws.session import AwsSession
from openvna.plugins.aws.types import TYPES
from support.fake_aws import SCOPE
from support.fault_server import Answer, FaultServer, Request, done, ec2_error, fault_server, identity
from support.sources import access_key

VPC = "vpc-0a1b2c3d4e5f60718"
ARN = f"arn:aws:ec2:{SCOPE.region}:{SCOPE.account}:vpc/{VPC}"
ITEM = (
    f"<vpcSet><item><vpcId>{VPC}</vpcId><ownerId>{SCOPE.account}</ownerId><cidrBlock>10.0.0.0/16</cidrBlock></item>"
    "</vpcSet>"
)


@pytest.fixture
def aws() -> Iterator[FaultServer]:
    with fault_server() as server:
        arn = f"arn:aws:iam::{SCOPE.account}:user/reader"
        yield server.good(eu_west_1="opt-in-not-required").on("GetCallerIdentity", identity(arn))


def asked(aws: FaultServer, type: str, id: str, alias: str, **more: object) -> list[Record | Complete | Problem] | None:
    settings = {"credential": access_key(), "endpoint_url": aws.url, "regions": ("eu-west-1",), **more}
    with AwsSession(AwsConfig.model_validate(settings)) as session:
        assert isinstance(session, AsksForOne)
        stream = session.collect_one(SCOPE, type, id, alias)
        return None if stream is None else list(stream)


def test_the_one_that_is_there_comes_with_all_that_a_listing_says_of_it(aws: FaultServer) -> None:
    seen: list[dict[str, str]] = []

    def answer(request: Request) -> Answer:
        seen.append(dict(request.params))
        return done("DescribeVpcs", ITEM)

    aws.on("DescribeVpcs", answer)
    record, complete = asked(aws, "aws.ec2.vpc", ARN, VPC) or []
    assert isinstance(record, Record)
    assert (record.resource.id, record.resource.attributes["cidr"]) == (ARN, "10.0.0.0/16")
    assert isinstance(complete, Complete)
    (params,) = seen
    assert params["VpcId.1"] == VPC
    assert "MaxResults" not in params, "EC2 refuses a page size beside ids"


@pytest.mark.parametrize(
    "gone",
    [
        ec2_error("InvalidVpcID.NotFound", f"The vpc ID '{VPC}' does not exist", status=400),
        done("DescribeVpcs", "<vpcSet/>"),
    ],
)
def test_one_that_does_not_exist_is_gone(aws: FaultServer, gone: Answer) -> None:
    aws.on("DescribeVpcs", gone)
    (complete,) = asked(aws, "aws.ec2.vpc", ARN, VPC) or []
    assert isinstance(complete, Complete)


def test_one_that_we_may_not_ask_for_is_not_gone(aws: FaultServer) -> None:
    aws.on("DescribeVpcs", ec2_error("UnauthorizedOperation", "You are not authorized."))
    (problem,) = asked(aws, "aws.ec2.vpc", ARN, VPC) or []
    assert isinstance(problem, Problem)
    assert problem.failure.outcome is Outcome.DENIED


@pytest.mark.parametrize(
    ("type", "parameter"),
    [
        ("aws.ec2.network-interface", "NetworkInterfaceIds"),
        ("aws.ec2.security-group", "GroupIds"),
        ("aws.ec2.dhcp-options", "DhcpOptionsIds"),
        ("aws.ec2.elastic-ip", "AllocationIds"),
        ("aws.elbv2.load-balancer", "LoadBalancerArns"),
    ],
)
def test_the_parameter_is_that_of_the_api(type: str, parameter: str) -> None:
    declared = asking_for(type, "the-arn", "the-id")
    assert declared is not None
    value = "the-arn" if parameter.endswith("Arns") else "the-id"
    assert dict(declared.call.params) == {parameter: [value]}


@pytest.mark.parametrize(
    "type",
    [
        "aws.ec2.transit-gateway-route",  # listed for each table
        "aws.directconnect.connection",  # DescribeConnections takes one id, and has an error of its own for all faults
        "aws.route53.hosted-zone",  # ListHostedZones takes none
        "aws.account",
    ],
)
def test_where_ids_are_not_taken_the_type_is_listed(aws: FaultServer, type: str) -> None:
    assert type in TYPES
    assert asked(aws, type, "id", "alias") is None


def test_what_is_left_out_is_not_asked_for(aws: FaultServer) -> None:
    assert asked(aws, "aws.ec2.vpn-gateway", "id", "vgw-1", left_out=("vpn",)) is None
