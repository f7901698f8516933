"""Calls keep to our share of what AWS grants, learn from being throttled, and are served in the order of coming.

Time here is a number: nothing waits.
"""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from openvna.plugins.aws.buckets import QUIET, Bucket
from openvna.plugins.aws.budgets import ANY_OTHER, BUDGETS, OURS, UNPAGED, Budget, budget
from openvna.plugins.aws.config import AccessKey, AwsConfig
from openvna.plugins.aws.endpoint_rules import NoEndpoint, resolve
from openvna.plugins.aws.pace import PACE, Pace, Stopped, Turns
from openvna.plugins.aws.session import AwsSession
from openvna.plugins.aws.types import OPERATIONS, TYPES

ACCOUNT = "111122223333"
PAGE: Mapping[str, Any] = {"MaxResults": 1000}


class Clock:
    """Time that passes only while somebody waits."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waited: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> bool:
        self.waited.append(seconds)
        self.now += seconds
        return False


def waits(
    turns: Turns, service: str, operation: str, region: str = "eu-west-1", params: Mapping[str, Any] = PAGE
) -> float:
    return round(turns(service, region, operation, params).wait(), 3)


def paced(share: float = 0.5, account: str = ACCOUNT, clock: Clock | None = None, pace: Pace | None = None) -> Turns:
    clock = clock or Clock()
    return Turns(account, share, sleep=clock.sleep, pace=pace or Pace(clock))


# What is granted


@pytest.mark.parametrize(
    ("service", "operation", "share", "at_once", "then"),
    [
        ("ec2", "DescribeVpcs", 0.5, 50, 0.1),  # 100 and 20 a second
        ("ec2", "DescribeVpcs", 1.0, 100, 0.05),
        ("ec2", "DescribeStaleSecurityGroups", 0.5, 10, 0.4),  # 20 and 5
        ("ec2", "DescribeMovingAddresses", 0.5, 1, 2.0),  # 1 and 1: half of it is one every two seconds
        ("elbv2", "DescribeTargetHealth", 0.5, 20, 0.2),  # 40 and 10
        ("route53", "ListHostedZones", 0.4, 2, 0.5),  # 5 and 5
        ("wafv2", "ListResourcesForWebACL", 1.0, 1, 1.0),
        ("vpc-lattice", "ListServices", 0.5, 10, 0.2),
    ],
)
def test_our_share_of_a_burst_is_free_and_then_our_share_of_the_rate_holds(
    service: str, operation: str, share: float, at_once: int, then: float
) -> None:
    turns = paced(share)
    assert [waits(turns, service, operation) for _ in range(at_once + 3)] == [0.0] * at_once + [then] * 3


def test_what_is_not_used_comes_back_up_to_the_burst() -> None:
    clock = Clock()
    turns = paced(clock=clock)
    for _ in range(50):
        waits(turns, "ec2", "DescribeVpcs")
    clock.now += 1000
    assert [waits(turns, "ec2", "DescribeVpcs") for _ in range(51)] == [0.0] * 50 + [0.1]


def test_who_asks_for_everything_at_once_has_less() -> None:
    """EC2 grants 50 and 10 a second for its large lists without a page size and without a filter."""
    turns = paced()
    assert [waits(turns, "ec2", "DescribeInstances", params={}) for _ in range(26)] == [0.0] * 25 + [0.2]
    assert waits(turns, "ec2", "DescribeInstances") == 0.0
    assert waits(turns, "ec2", "DescribeInstances", params={"Filters": []}) == 0.0


def test_accounts_regions_and_operations_have_buckets_of_their_own() -> None:
    clock = Clock()
    pace = Pace(clock)
    for account in (ACCOUNT, "444455556666"):
        turns = paced(account=account, clock=clock, pace=pace)
        for region in ("eu-west-1", "us-east-1"):
            for operation in ("DescribeVpcs", "DescribeSubnets"):
                for _ in range(50):
                    assert waits(turns, "ec2", operation, region) == 0.0


def test_what_is_global_has_one_bucket_for_all_regions() -> None:
    turns = paced(1.0)
    regions = itertools.cycle(["eu-west-1", "us-east-1", "ap-south-1"])
    assert [waits(turns, "route53", "ListHostedZones", next(regions)) for _ in range(6)] == [0.0] * 5 + [0.2]


def test_calls_that_share_a_bucket_share_it() -> None:
    """The reads of Elastic Load Balancing do, by version; those of API Gateway whatever the version."""
    turns = paced()
    operations = itertools.cycle(["DescribeTargetHealth", "DescribeRules"])
    assert [waits(turns, "elbv2", next(operations)) for _ in range(21)] == [0.0] * 20 + [0.2]
    assert waits(turns, "elb", "DescribeLoadBalancers") == 0.0
    services = itertools.cycle(["apigateway", "apigatewayv2"])
    assert [waits(turns, next(services), "GetVpcLinks") for _ in range(21)] == [0.0] * 20 + [0.2]


def test_two_sources_of_an_account_draw_from_one_bucket() -> None:
    clock = Clock()
    pace = Pace(clock)
    first, second = (paced(clock=clock, pace=pace) for _ in range(2))
    assert [waits(turns, "ec2", "DescribeVpcs") for turns in (first, second) * 25] == [0.0] * 50
    assert waits(first, "ec2", "DescribeVpcs") == 0.1


def test_a_source_says_how_large_its_share_is() -> None:
    key = AccessKey(access_key_id="AKIAIOSFODNN7EXAMPLE", secret_access_key=SecretStr("x" * 40))
    shares = []
    for more in ({}, {"rate_share": 0.1}, {"rate_share": 1}):
        with AwsSession(AwsConfig(credential=key, **more)) as session:
            turns = session._turns(ACCOUNT)
            assert turns.pace is PACE, "all sources of the process draw from the same buckets"
            shares.append(turns.share)
    assert shares == [0.5, 0.1, 1.0]


@pytest.mark.parametrize("share", [0, -0.5, 1.01, float("nan"), "much"])
def test_a_share_is_above_nothing_and_at_most_all(share: object) -> None:
    with pytest.raises(ValidationError):
        AwsConfig.model_validate({"rate_share": share})


def test_an_emulator_has_no_other_users_until_it_throttles() -> None:
    clock = Clock()
    turns = Turns(ACCOUNT, 0.5, lambda *_: "127.0.0.1:5000", clock.sleep, Pace(clock))
    assert [waits(turns, "ec2", "DescribeVpcs") for _ in range(1000)] == [0.0] * 1000
    turn = turns("ec2", "eu-west-1", "DescribeVpcs", PAGE)
    turn.wait()
    turn.throttled(0.0)
    assert waits(turns, "ec2", "DescribeVpcs") == 0.2, "half of our half of 20 a second"


def test_every_number_says_where_it_is_from() -> None:
    assert all(each.said_by for each in (*BUDGETS, ANY_OTHER))
    assert ANY_OTHER.said_by == OURS
    assert all(each.burst >= 1 and each.per_second > 0 for each in BUDGETS)


def test_the_documentation_tells_every_number_with_its_source() -> None:
    page = (Path(__file__).parents[4] / "docs" / "gentle.md").read_text()
    told = {tuple(cell.strip(" `") for cell in line.split("|")[1:-1]) for line in page.splitlines() if line[:1] == "|"}
    numbers = {(cells[0], cells[2], cells[3], cells[5]) for cells in told}
    for each in (*BUDGETS, ANY_OTHER):
        assert (each.service or "any other", f"{each.burst:g}", f"{each.per_second:g}", each.said_by) in numbers
    assert len(told) == len(BUDGETS) + 3, "the head, the line below it, and those that have none"


def test_each_line_is_of_one_bucket() -> None:
    named = Counter((each.service, operation) for each in BUDGETS for operation in each.operations or ("",))
    assert max(named.values()) == 1


def test_a_service_that_all_regions_ask_in_one_place_has_one_bucket_and_no_other_has() -> None:
    """By AWS's own endpoint rules, for every service that we call."""
    for service in OPERATIONS:
        places = set()
        for region in ("us-east-1", "eu-west-1", "ap-south-1", "us-west-2"):
            try:
                places.add(resolve(service, region, "aws", False, False).url)
            except NoEndpoint:
                continue
        for operation in OPERATIONS[service]:
            assert budget(service, operation)[1].everywhere == (len(places) == 1), service


def test_no_declared_list_asks_for_everything_at_once() -> None:
    unpaged = [
        name for name, each in TYPES.items() if each.call.operation in UNPAGED and not (each.call.page or each.call.per)
    ]
    assert unpaged == []


# What is learned

SMALL = Budget("any", 10, 2, OURS)


def test_a_throttling_answer_halves_the_rate_and_empties_the_bucket() -> None:
    bucket = Bucket(SMALL, 1.0, 0.0)
    epoch = bucket.take()
    bucket.throttled(0.0, 1.0, epoch)
    assert bucket.rate(1.0) == 1.0
    assert bucket.size(1.0) == 5.0
    assert bucket.due(0.0, 1.0) == pytest.approx(1.0, abs=1e-3)
    assert bucket.due(0.0, 1.0, place=3) == pytest.approx(4.0, abs=1e-3)


def test_answers_to_calls_of_before_teach_nothing_new() -> None:
    """Ten calls are under way when the bucket runs empty, and all come back throttled: that is one lesson, not ten."""
    bucket = Bucket(SMALL, 1.0, 0.0)
    epochs = [bucket.take() for _ in range(10)]
    for epoch in epochs:
        bucket.throttled(0.5, 1.0, epoch)
    assert bucket.rate(1.0) == 1.0


def test_it_comes_back_evenly_but_not_to_where_it_was_throttled() -> None:
    bucket = Bucket(SMALL, 1.0, 0.0)
    bucket.throttled(0.0, 1.0, bucket.take())
    parts = []
    for second in range(0, 121, 12):
        bucket.due(float(second), 1.0)
        parts.append(round(bucket.rate(1.0) / 2.0, 3))
    # A tenth of the whole in twelve seconds, up to nine tenths of what it was.
    assert parts == [0.5, 0.6, 0.7, 0.8, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9]
    bucket.due(QUIET + 60, 1.0)
    bucket.due(QUIET + 61, 1.0)
    assert bucket.rate(1.0) == pytest.approx(2.0), "after a quarter of an hour it may try again"


def test_aws_is_left_alone_for_as_long_as_it_asks() -> None:
    bucket = Bucket(SMALL, 1.0, 0.0)
    bucket.throttled(0.0, 1.0, bucket.take(), retry_after=30.0)
    assert bucket.due(0.0, 1.0) == 30.0
    assert bucket.due(29.0, 1.0) == 1.0
    assert bucket.due(30.0, 1.0) <= 0.0


def test_some_of_the_budget_always_stays() -> None:
    bucket = Bucket(SMALL, 1.0, 0.0)
    for _ in range(100):
        bucket.throttled(0.0, 1.0, bucket.take())
    assert bucket.rate(1.0) == 2.0 / 64
    assert bucket.size(1.0) == 1.0


def test_a_bucket_is_forgotten_when_it_knows_nothing() -> None:
    bucket = Bucket(SMALL, 1.0, 0.0)
    epoch = bucket.take()
    assert not bucket.fresh(0.1, 1.0)
    assert bucket.fresh(0.5, 1.0)
    bucket.throttled(1.0, 1.0, epoch)
    assert not bucket.fresh(60.0, 1.0)
    assert bucket.fresh(QUIET + 120.0, 1.0) or bucket.fresh(QUIET + 121.0, 1.0)


def test_a_large_organisation_leaves_no_buckets_behind() -> None:
    clock = Clock()
    pace = Pace(clock)
    for account in range(200):
        turns = paced(account=f"{account:012}", clock=clock, pace=pace)
        for region in ("eu-west-1", "us-east-1"):
            for operation in range(40):
                waits(turns, "ec2", f"DescribeThing{operation}", region)
        clock.now += 1
    assert len(pace._buckets) < 3000  # of 16,000


# What that comes to, against a bucket of AWS that is smaller than we think, or that others draw from


@dataclass
class Aws:
    """A token bucket as AWS has it, with others who draw from it."""

    burst: float
    per_second: float
    others: float = 0.0
    tokens: float = field(init=False)
    at: float = 0.0
    throttled: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tokens = self.burst

    def grants(self, now: float) -> bool:
        self.tokens = min(self.burst, self.tokens + (now - self.at) * (self.per_second - self.others))
        self.at = now
        if self.tokens < 1:
            self.throttled.append(now)
            return False
        self.tokens -= 1
        return True


@dataclass
class Collection:
    """So many callers with so many calls each, that wait and try again as `retries.persistent` does."""

    aws: Aws
    bucket: Bucket
    share: float
    answer_after: float = 0.05
    done: list[tuple[float, int]] = field(default_factory=list)
    known: list[bool] = field(default_factory=list)
    """Of each call that was throttled: whether the bucket was below what AWS gives by then, and knew it."""

    def run(self, callers: int, calls: int, until: float) -> float:
        """Returns when the last call was answered."""
        events: list[tuple[float, int, str, int, int]] = []
        order = itertools.count()
        left = dict.fromkeys(range(callers), calls)
        waiting: list[int] = []
        wakes = now = 0.0

        def then(at: float, what: str, caller: int = 0, epoch: int = 0) -> None:
            heapq.heappush(events, (at, next(order), what, caller, epoch))

        for caller in range(callers):
            then(0.0, "comes", caller)
        while events and now < until:
            now, _, what, caller, epoch = heapq.heappop(events)
            if what == "comes":
                waiting.append(caller)
            elif what == "throttled":
                self.bucket.throttled(now, self.share, epoch)
                then(now + 0.3, "comes", caller)
            elif what == "answered":
                self.done.append((now, caller))
                left[caller] -= 1
                if left[caller]:
                    waiting.append(caller)
            while waiting and self.bucket.due(now, self.share) <= 0:
                sent = self.bucket.take()
                granted = self.aws.grants(now)
                if not granted:
                    self.known.append(self._knows())
                then(now + self.answer_after, "answered" if granted else "throttled", waiting.pop(0), sent)
            if waiting and wakes <= now:
                wakes = now + max(1e-4, self.bucket.due(now, self.share))
                then(wakes, "wakes")
        return now

    def _knows(self) -> bool:
        whole, most = self.bucket.budget, self.bucket._ceiling * self.share
        return most * whole.per_second <= self.aws.per_second and most * whole.burst <= self.aws.burst


@settings(max_examples=100, deadline=None)
@given(
    burst=st.integers(1, 40),
    per_second=st.floats(1.0, 10.0),
    callers=st.integers(1, 16),
    share=st.sampled_from([0.25, 0.5, 1.0]),
)
def test_against_a_bucket_of_any_size_it_learns_and_ends(
    burst: int, per_second: float, callers: int, share: float
) -> None:
    """We take it for 40 and 10 a second. It takes few lessons; once learned, the bucket is never found empty again."""
    aws = Aws(float(burst), per_second)
    collection = Collection(aws, Bucket(Budget("any", 40, 10, OURS), share, 0.0), share)
    collection.run(callers, 300 // callers, until=3600.0)
    assert len(collection.done) == callers * (300 // callers), "it ends, with every call answered"
    assert collection.bucket.epoch <= 24
    assert not any(collection.known)


def test_our_share_leaves_the_others_theirs() -> None:
    """Half of a bucket of 40 and 10 a second: others who take less than the other half never feel us."""
    aws = Aws(40, 10, others=4.9)
    Collection(aws, Bucket(Budget("any", 40, 10, OURS), 0.5, 0.0), 0.5).run(8, 100, until=3600.0)
    assert aws.throttled == []


def test_nobody_starves() -> None:
    aws = Aws(5, 2)
    collection = Collection(aws, Bucket(Budget("any", 40, 10, OURS), 1.0, 0.0), 1.0)
    collection.run(16, 20, until=3600.0)
    half = [caller for _, caller in collection.done[: len(collection.done) // 2]]
    served = Counter(half)
    assert len(served) == 16
    assert max(served.values()) - min(served.values()) <= 4


# Threads


def test_64_threads_are_served_in_the_order_of_coming_and_none_twice() -> None:
    """Real threads on a fast bucket: 2,000 a second, of which 40 at once."""
    pace = Pace()
    size = Budget("any", 40, 2000, OURS)
    served: list[float] = []

    def work() -> None:
        for _ in range(5):
            pace.wait((ACCOUNT, "eu-west-1", "any"), size, 1.0, False, threading.Event().wait)
            served.append(time.monotonic())

    began = time.monotonic()
    threads = [threading.Thread(target=work) for _ in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(served) == 320
    assert max(served) - began >= (320 - 40) / 2000


def test_a_wait_ends_at_once_when_everything_is_stopped() -> None:
    stop = threading.Event()
    pace = Pace()
    turns = Turns(ACCOUNT, 0.5, sleep=stop.wait, pace=pace)
    turns("ec2", "eu-west-1", "DescribeMovingAddresses", {}).wait()
    ended: list[float] = []

    def work() -> None:
        with pytest.raises(Stopped, match="stopped"):
            turns("ec2", "eu-west-1", "DescribeMovingAddresses", {}).wait()
        ended.append(time.monotonic())

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    asked = time.monotonic()
    stop.set()
    for thread in threads:
        thread.join(5)
    assert len(ended) == 8
    assert max(ended) - asked < 1.0
    assert not pace._buckets[ACCOUNT, "eu-west-1", "ec2:DescribeMovingAddresses"].waiting
