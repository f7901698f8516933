"""A thread that reads several lists sends the first calls of the next ones before it comes to them."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import Any

import pytest

from openvna.model import Outcome
from openvna.plugin import Complete, Problem
from openvna.plugins.aws.api import Begun, CallError, Credentials, Early
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.fetch import collect
from openvna.plugins.aws.pace import Pace, Turns
from openvna.plugins.aws.renewing import RenewingApi
from openvna.plugins.aws.retries import at_once
from openvna.plugins.aws.sent_early import AHEAD, Sent, SentEarly
from openvna.plugins.aws.types import needed_types
from openvna.plugins.aws.wire.api import Wire, WireApi
from support.fake_aws import SCOPE, explain
from support.page_server import Answer, Asked, PageServer, Reply, error, vpcs

KEY = Credentials("AKIAIOSFODNN7EXAMPLE", "x" * 40)
OTHER = Credentials("AKIAI44QH8DHBEXAMPLE", "y" * 40)
NAMES = [
    "aws.ec2.dhcp-options",
    "aws.ec2.flow-log",
    "aws.ec2.internet-gateway",
    "aws.ec2.transit-gateway",
    "aws.ec2.vpc",
]
"""None of them needs another one."""
ALL = {"MaxResults": 1000}


def nothing(asked: Asked) -> Reply:
    action = asked.params["Action"]
    namespace = "http://ec2.amazonaws.com/doc/2016-11-15/"
    return Reply(f'<{action}Response xmlns="{namespace}"><requestId>r</requestId></{action}Response>')


class Together:
    """Answers when so many requests are there, and then so many again."""

    def __init__(self, count: int) -> None:
        self._met = threading.Barrier(count, timeout=10)

    def __call__(self, asked: Asked) -> Reply:
        self._met.wait()
        return nothing(asked)


@contextmanager
def connected(answer: Answer) -> Iterator[tuple[Wire, PageServer]]:
    """A client with as many open connections as are used at once, to a server that answers like that from then on."""
    answers = [Together(AHEAD)]
    with PageServer(lambda asked: (answers[0] if answers else answer)(asked)).running() as server:
        wire = Wire(AwsConfig(endpoint_url=server.url), environment={})
        with closing(wire), ThreadPoolExecutor(AHEAD) as several:
            api = WireApi(wire, lambda: KEY, at_once(lambda _: None))
            list(several.map(lambda _: api.call("ec2", "DescribeVpcs", "eu-west-1", ALL), range(AHEAD)))
            answers.clear()
            server.asked.clear()
            yield wire, server


def of(wire: Wire, **more: Any) -> WireApi:
    return WireApi(wire, lambda: KEY, more.get("turns", at_once(lambda _: None)))


def listed(api: Any, names: list[str] = NAMES) -> list[Any]:
    declared, wanted = needed_types(names)
    return list(collect(api, SCOPE, declared, wanted, explain))


def begun(api: Early) -> Begun:
    found = api.begin("ec2", "DescribeVpcs", "eu-west-1", ALL, "Vpcs")
    assert found is not None
    return found


def actions(server: PageServer) -> list[str]:
    return [each.params["Action"] for each in server.asked]


def test_the_first_calls_of_several_lists_are_under_way_at_once() -> None:
    """The server answers none of them before it has them all."""
    with connected(Together(AHEAD)) as (wire, server):
        found = listed(of(wire), NAMES[:AHEAD])
    assert [(type(each), each.calls.calls) for each in found] == [(Complete, 1)] * AHEAD
    assert len(server.asked) == AHEAD


def test_each_list_is_asked_for_once() -> None:
    with connected(nothing) as (wire, server):
        found = listed(of(wire))
    assert {type(each) for each in found} == {Complete}
    assert len(server.asked) == len(NAMES)
    assert len(set(actions(server))) == len(NAMES)


def test_one_that_is_throttled_is_made_again_and_counted() -> None:
    refused: set[str] = set()

    def once(asked: Asked) -> Reply:
        if asked.params["Action"] in refused:
            return nothing(asked)
        refused.add(asked.params["Action"])
        return error("RequestLimitExceeded", "Request limit exceeded.", 503)

    with connected(once) as (wire, _):
        found = listed(of(wire))
    assert [(each.calls.calls, each.calls.retries, each.calls.throttles) for each in found] == [(2, 1, 1)] * len(NAMES)


def test_one_that_is_refused_is_a_problem_of_its_own_list() -> None:
    def denied(asked: Asked) -> Reply:
        if asked.params["Action"] == "DescribeFlowLogs":
            return error("UnauthorizedOperation", "You are not authorized.", 403)
        return nothing(asked)

    with connected(denied) as (wire, _):
        found = {each.type: each for each in listed(of(wire))}
    problem = found.pop("aws.ec2.flow-log")
    assert isinstance(problem, Problem)
    assert problem.failure.outcome is Outcome.DENIED
    assert {type(each) for each in found.values()} == {Complete}


def test_one_that_would_have_to_wait_for_its_turn_is_not_sent_early() -> None:
    """A budget of one call for the moving addresses: the second has to wait, and the bucket is not overdrawn."""
    now = 0.0
    turns = Turns("111122223333", 1.0, pace=Pace(lambda: now))
    with connected(nothing) as (wire, server):
        api = of(wire, turns=turns)
        asked = ("ec2", "DescribeMovingAddresses", "eu-west-1", {}, "MovingAddressStatuses")
        first = api.begin(*asked)
        assert first is not None
        assert api.begin(*asked) is None
        first.answer()
        assert len(server.asked) == 1
        now = 1.0
        second = api.begin(*asked)
        assert second is not None
        second.drop()


def test_one_whose_connection_was_closed_meanwhile_is_made_again() -> None:
    cut = iter([Reply(status=0)])
    with connected(lambda asked: next(cut, None) or vpcs("vpc-1")) as (wire, server):
        answer = begun(of(wire)).answer()
    assert answer["ResponseMetadata"]["RetryAttempts"] == 0
    assert len(server.asked) == 2


def test_an_answer_that_is_dropped_is_nobody_elses() -> None:
    with connected(lambda asked: vpcs("vpc-1") if asked.params["Action"] == "DescribeVpcs" else nothing(asked)) as (
        wire,
        server,
    ):
        api = of(wire)
        for _ in range(AHEAD):
            begun(api).drop()
        assert api.call("ec2", "DescribeFlowLogs", "eu-west-1", ALL)["ResponseMetadata"]["RequestId"] == "r"
    assert actions(server)[-1] == "DescribeFlowLogs"


def test_what_nobody_reads_to_its_end_leaves_no_answer_behind() -> None:
    with connected(nothing) as (wire, _):
        declared, wanted = needed_types(NAMES)
        stream = collect(of(wire), SCOPE, declared, wanted, explain)
        next(iter(stream))
        stream.close()  # type: ignore[attr-defined]  # it is a generator, and so it is said to be in the contract
        assert not wire.lines._busy
        assert {type(each) for each in listed(of(wire))} == {Complete}


def test_who_waits_for_one_is_let_go_when_everything_is_to_end() -> None:
    silent = threading.Event()

    def never(asked: Asked) -> Reply:
        silent.wait(30)
        return nothing(asked)

    with connected(never) as (wire, _):
        try:
            one = begun(WireApi(wire, lambda: KEY, Turns("111122223333", sleep=lambda _: True, pace=Pace())))
            wire.hang_up()
            with pytest.raises(CallError):
                one.answer()
        finally:
            silent.set()


def test_one_whose_session_is_over_is_made_once_more_with_a_new_one() -> None:
    held = [KEY]

    def renew(used: Credentials) -> bool:
        assert used == KEY
        held[0] = OTHER
        return True

    def answer(asked: Asked) -> Reply:
        return vpcs("vpc-1") if asked.access_key_id == OTHER.access_key_id else error("RequestExpired", status=400)

    with connected(answer) as (wire, server):
        api = RenewingApi(WireApi(wire, lambda: held[0], at_once(lambda _: None)), lambda: held[0], renew, {})
        begun(api).answer()
    assert [each.access_key_id for each in server.asked] == [KEY.access_key_id, OTHER.access_key_id]


def test_a_session_that_ended_for_good_is_not_used_early() -> None:
    with connected(nothing) as (wire, server):
        api = RenewingApi(of(wire), lambda: KEY, lambda _: False, {KEY: CallError("X", "ExpiredToken", "over")})
        assert api.begin("ec2", "DescribeVpcs", "eu-west-1", ALL, "Vpcs") is None
    assert not server.asked


class Defective:
    """Breaks where calls are begun, and answers those that are not."""

    def call(self, service: str, operation: str, region: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        return {}

    def call_apart(
        self, service: str, operation: str, region: str, params: Mapping[str, Any], member: str
    ) -> Mapping[str, Any]:
        return {}

    def begin(self, service: str, operation: str, region: str, params: Mapping[str, Any], member: str) -> Begun | None:
        raise LookupError(operation)


def test_a_defect_in_one_does_not_take_the_others_with_it() -> None:
    assert {type(each) for each in listed(Defective())} == {Complete}


def test_the_time_of_a_call_is_that_in_which_nothing_but_waiting_was_done() -> None:
    """Three calls are sent together at 0. For the first 30 ms are waited, the others are there then; what is done with
    the answers in between is no time of a call."""
    early = SentEarly(Defective(), SCOPE)
    sent = [Sent(Begun(dict, lambda: None), 0.0) for _ in range(3)]
    assert early.seconds(0.030, sent[0]) == pytest.approx(0.030)
    assert early.seconds(0.001, sent[1]) == pytest.approx(0.031)
    assert early.seconds(0.000, sent[2]) == pytest.approx(0.031)
    assert early.seconds(0.020, None) == pytest.approx(0.020)
