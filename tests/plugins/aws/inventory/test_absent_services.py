"""A service that AWS does not have in a region is told so: no retries, nothing deleted, and no broken network."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from openvna.model import Failure, Outcome, Scope
from openvna.plugin import Complete, Confidence, Problem
from openvna.plugins.aws import absent_services
from openvna.plugins.aws.absent_services import Place, absent, judged, listed
from openvna.plugins.aws.api import CallError
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.faults import explain
from openvna.plugins.aws.reachability import no_such_name
from openvna.plugins.aws.session import AwsSession
from support.fault_server import FaultServer, done, fault_server, identity
from support.sources import access_key

ACCOUNT = "111122223333"
REGION = "il-central-1"
"""In botocore's data: VPC Lattice is not there. Of Network Monitor the data do not tell."""


@pytest.mark.parametrize(
    ("place", "there"),
    [
        (Place("ec2", "aws", REGION), True),
        (Place("cloudwatch", "aws", "eu-west-1"), True),
        (Place("route53", "aws", "eu-west-1"), True),
        (Place("vpc-lattice", "aws", "eu-west-1"), True),
        (Place("vpc-lattice", "aws", REGION), False),
        (Place("globalaccelerator", "aws-us-gov", "us-gov-west-1"), False),
        (Place("networkmonitor", "aws", "eu-west-1"), None),
        (Place("ec2", "aws", "xx-nowhere-1"), None),
    ],
)
def test_botocores_data_say_of_most_services_where_they_are(place: Place, there: bool | None) -> None:
    assert listed(place) is there


KNOWN_NAMES = {"networkmonitor.us-east-1.amazonaws.com", f"ec2.{REGION}.amazonaws.com"}


@pytest.mark.parametrize(
    ("place", "nameless", "known", "why"),
    [
        (Place("networkmonitor", "aws", REGION), True, KNOWN_NAMES, "knows networkmonitor.us-east-1.amazonaws.com"),
        (Place("networkmonitor", "aws", REGION), True, {f"ec2.{REGION}.amazonaws.com"}, f"knows ec2.{REGION}"),
        (Place("networkmonitor", "aws", REGION), True, set(), ""),
        (Place("networkmonitor", "aws", REGION), False, KNOWN_NAMES, ""),
        (Place("vpc-lattice", "aws", REGION), False, set(), "botocore's data"),
        (Place("vpc-lattice", "aws", "eu-west-1"), True, {"ec2.eu-west-1.amazonaws.com"}, ""),
        (Place("", "aws", REGION), True, KNOWN_NAMES, ""),
    ],
    ids=[
        "it is in another region",
        "it is nowhere, and EC2 is here",
        "the name service knows nothing",
        "the name service gives no answer",
        "the data do not have it",
        "the data have it: the name service is wrong",
        "no service",
    ],
)
def test_a_service_is_absent_by_the_data_or_by_names_that_exist(
    place: Place, nameless: bool, known: set[str], why: str
) -> None:
    found = absent(place, nameless, known.__contains__)
    assert why in found
    assert bool(why) == bool(found)


def test_other_causes_are_left_as_they_are() -> None:
    failure = Failure(Outcome.DENIED, "no", cause="P-UNSTATED")
    refused = CallError("ListServices", "AccessDeniedException", "no")
    assert judged(refused, failure, Place("vpc-lattice", "aws", REGION)) is failure


def test_a_permission_that_is_tried_there_is_told_so_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(absent_services, "resolves", KNOWN_NAMES.__contains__)
    unanswered = CallError("ListMonitors", "", "The name of the host cannot be resolved.", cause="N-DNS")
    unanswered.nameless = True
    told = absent_services.explained(unanswered, explain(unanswered), Place("networkmonitor", "aws", REGION))
    assert (told.cause, told.confidence) == ("R-NO-SERVICE", Confidence.INFERRED)
    assert told.evidence[-1].startswith("The name service knows networkmonitor.us-east-1")
    before = explain(unanswered)
    assert absent_services.explained(unanswered, before, Place("ec2", "aws", REGION)) is before


def test_a_name_that_does_not_exist_is_told_from_a_name_service_that_gives_no_answer() -> None:
    gone = OSError("unreachable")
    gone.__cause__ = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    assert no_such_name(gone)
    assert not no_such_name(socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"))
    assert not no_such_name(OSError("unreachable"))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """A name service that knows this machine, EC2 of the region and Network Monitor elsewhere; what it was asked."""
    real, seen = socket.getaddrinfo, Counter[str]()

    def getaddrinfo(host: Any, *rest: Any, **more: Any) -> Any:
        seen[str(host)] += 1
        if host in KNOWN_NAMES:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 443))]
        if str(host).endswith(".amazonaws.com") or str(host).endswith(".on.aws"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return real(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return seen


@pytest.fixture
def aws() -> Iterator[FaultServer]:
    with fault_server() as server:
        server.on("GetCallerIdentity", identity(f"arn:aws:iam::{ACCOUNT}:user/reader"))
        yield server.on("DescribeSubnets", done("DescribeSubnets"))


@pytest.mark.parametrize("client", ["thin", "botocore"])
def test_it_is_asked_once_for_each_type_and_what_was_known_stays(
    aws: FaultServer, asked: Counter[str], monkeypatch: pytest.MonkeyPatch, client: str
) -> None:
    monkeypatch.setenv("OPENVNA_AWS_CLIENT", client)
    wanted = ["aws.ec2.subnet", "aws.networkmonitor.monitor", "aws.networkmonitor.probe", "aws.vpc-lattice.service"]
    settings = AwsConfig(
        credential=access_key(), endpoint_urls={"sts": aws.url, "ec2": aws.url}, regions=(REGION,), home_region=REGION
    )
    with AwsSession(settings) as session:
        ends = list(session.collect(Scope(f"aws/{ACCOUNT}/{REGION}", "aws", ACCOUNT, REGION), wanted))
    problems = {each.type: each for each in ends if isinstance(each, Problem)}
    assert [each.type for each in ends if isinstance(each, Complete)] == ["aws.ec2.subnet"]
    assert set(problems) == set(wanted) - {"aws.ec2.subnet"}
    for problem in problems.values():
        assert (problem.failure.outcome, problem.failure.cause) == (Outcome.UNSUPPORTED, "R-NO-SERVICE")
        assert problem.calls.retries == 0
        assert REGION in problem.failure.remedy
    assert "the name service knows networkmonitor.us-east-1" in problems["aws.networkmonitor.monitor"].failure.message
    assert asked[f"networkmonitor.{REGION}.amazonaws.com"] == 1
    assert asked[f"vpc-lattice.{REGION}.amazonaws.com"] == 1
