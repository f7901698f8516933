"""A collection against an AWS that has token buckets, smaller than we take them for: it learns their size, ends whole,
and both clients keep the same pace. Time is a number that passes when somebody waits or is answered."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from openvna.plugin import Complete, Problem, Record
from openvna.plugins.aws.api import Api, CallError, Credentials
from openvna.plugins.aws.botocore_api import Clients
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.fetch import collect
from openvna.plugins.aws.pace import Pace, Stopped, Turns
from openvna.plugins.aws.retries import retry_after
from openvna.plugins.aws.types import needed_types
from openvna.plugins.aws.wire.api import Wire
from support.fake_aws import SCOPE, explain
from support.page_server import Answer, Asked, PageServer, Reply, error, in_turn, vpcs

KEY = Credentials("AKIAIOSFODNN7EXAMPLE", "x" * 40)
WAYS: dict[str, Callable[[AwsConfig], Any]] = {"thin": Wire, "botocore": Clients}
THROTTLED = error("RequestLimitExceeded", "Request limit exceeded.", 503)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> bool:
        self.now += seconds
        return False


@dataclass
class Granting:
    """EC2 with one bucket for DescribeVpcs: so many calls at once, so many a second. An answer takes 50 ms."""

    clock: Clock
    burst: float
    per_second: float
    pages: int
    throttled: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._tokens = self.burst
        self._at = 0.0
        self._lock = threading.Lock()

    def __call__(self, asked: Asked) -> Reply:
        with self._lock:
            self.clock.now += 0.05
            since = self.clock.now - self._at
            self._tokens, self._at = min(self.burst, self._tokens + since * self.per_second), self.clock.now
            if self._tokens < 1:
                self.throttled.append(self.clock.now)
                return THROTTLED
            self._tokens -= 1
        page = int(asked.params.get("NextToken", "0"))
        return vpcs(f"vpc-{page}", token=str(page + 1) if page + 1 < self.pages else "")


@contextmanager
def calls_to(answer: Answer, turns: Turns, *ways: str) -> Iterator[tuple[list[Api], PageServer]]:
    with PageServer(answer).running() as server:
        opened = [WAYS[way](AwsConfig(endpoint_url=server.url)) for way in ways]
        try:
            yield [clients.api(lambda: KEY, turns) for clients in opened], server
        finally:
            for clients in opened:
                clients.close()


def paced(clock: Clock, share: float = 0.5) -> Turns:
    """As against AWS itself: by default half of 100 calls at once and 20 a second."""
    return Turns(SCOPE.account, share, sleep=clock.sleep, pace=Pace(clock))


@pytest.mark.parametrize("way", WAYS)
def test_a_collection_ends_whole_against_a_bucket_that_is_smaller_than_documented(way: str) -> None:
    """A bucket of 8 and 4 a second, taken for 50 and 10: a few throttles, and none once it is learned."""
    clock = Clock()
    aws = Granting(clock, 8, 4, pages=80)
    with calls_to(aws, paced(clock), way) as ((api,), server):
        declared, wanted = needed_types(["aws.ec2.vpc"])
        *records, end = collect(api, SCOPE, declared, wanted, explain)
    assert isinstance(end, Complete)
    assert len([each for each in records if isinstance(each, Record)]) == 80
    assert 1 <= len(aws.throttled) <= 8
    assert end.calls.throttles == end.calls.retries == len(aws.throttled)
    assert len(server.asked) == end.calls.calls == 80 + len(aws.throttled)
    assert max(aws.throttled) < clock.now / 2, "the second half runs through"
    assert end.calls.waited == pytest.approx(clock.now - 0.05 * len(server.asked), abs=0.5)
    assert end.calls.seconds < 10, "waiting is no time of the calls"


def test_both_clients_draw_from_one_bucket() -> None:
    clock = Clock()
    aws = Granting(clock, 100, 20, pages=1)
    with calls_to(aws, paced(clock, 0.1), "thin", "botocore") as (apis, _):
        for api in itertools.islice(itertools.cycle(apis), 30):
            api.call("ec2", "DescribeVpcs", "eu-west-1", {"MaxResults": 1000})
    # A tenth of the budget: 10 at once and 2 a second make 30 calls in 10 s, whoever makes them.
    assert clock.now == pytest.approx(10.0, abs=0.2)
    assert aws.throttled == []


@pytest.mark.parametrize("way", WAYS)
def test_what_aws_asks_to_wait_is_waited_by_all(way: str) -> None:
    clock = Clock()
    asks = error("RequestLimitExceeded", "Request limit exceeded.", 503, **{"Retry-After": "30"})
    with calls_to(in_turn(asks, vpcs("vpc-1")), paced(clock), way, "thin") as ((api, other), _):
        answer = api.call("ec2", "DescribeVpcs", "eu-west-1", {"MaxResults": 1000})
        assert clock.now >= 30.0
        assert answer["ResponseMetadata"]["Waited"] >= 30.0
        before = clock.now
        other.call("ec2", "DescribeVpcs", "us-east-1", {"MaxResults": 1000})
        assert clock.now == before, "other regions have budgets of their own"


def test_how_long_aws_asks_to_wait() -> None:
    assert retry_after({"retry-after": "7"}) == 7.0
    assert retry_after({"retry-after": "0.5"}) == 0.5
    assert retry_after({"retry-after": "99999"}) == 120.0
    assert retry_after({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0.0
    assert retry_after({"retry-after": "soon"}) == retry_after({}) == 0.0


def test_botocore_tries_nothing_again_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the environment says: each try is one of ours, with its turn."""
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "10")
    monkeypatch.setenv("AWS_RETRY_MODE", "adaptive")
    clock = Clock()
    with calls_to(in_turn(THROTTLED), paced(clock), "botocore") as ((api,), server), pytest.raises(CallError) as raised:
        api.call("ec2", "DescribeVpcs", "eu-west-1", {"MaxResults": 1000})
    assert (raised.value.retries, raised.value.throttles) == (7, 8)
    assert len(server.asked) == 8
    assert raised.value.waited == pytest.approx(clock.now)


@pytest.mark.parametrize("way", WAYS)
def test_a_listing_that_waits_ends_when_everything_is_stopped(way: str) -> None:
    """By the real clock: AWS asks for half an hour of peace, and OpenVNA is stopped."""
    stop = threading.Event()
    asks = error("RequestLimitExceeded", "Request limit exceeded.", 503, **{"Retry-After": "1800"})

    def answer(asked: Asked) -> Reply:
        threading.Timer(0.1, stop.set).start()
        return asks

    with calls_to(answer, Turns(SCOPE.account, 0.5, sleep=stop.wait, pace=Pace()), way) as ((api,), server):
        declared, wanted = needed_types(["aws.ec2.vpc"])
        (end,) = collect(api, SCOPE, declared, wanted, explain)
        assert isinstance(end, Problem)
        assert "stopped" in end.failure.message
        with pytest.raises(Stopped):
            api.call("ec2", "DescribeVpcs", "eu-west-1", {"MaxResults": 1000})
        assert len(server.asked) == 1
