"""Calls keep to a part of what AWS grants, for each account, region and operation on its own."""

from openvna.plugins.aws.pace import Pace


class Clock:
    """Time that passes only while somebody waits."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waited: list[float] = []

    def __call__(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.now += seconds


def test_a_burst_is_free_and_then_the_rate_holds() -> None:
    clock = Clock()
    pace = Pace(clock, clock.pause, burst=3, per_second=2)
    for _ in range(7):
        pace.wait("111122223333", "eu-west-1", "DescribeVpcs")
    assert clock.waited == [0.5, 0.5, 0.5, 0.5]


def test_what_is_not_used_comes_back_up_to_the_burst() -> None:
    clock = Clock()
    pace = Pace(clock, clock.pause, burst=2, per_second=1)
    for _ in range(2):
        pace.wait("111122223333", "eu-west-1", "DescribeVpcs")
    clock.now += 100
    for _ in range(3):
        pace.wait("111122223333", "eu-west-1", "DescribeVpcs")
    assert clock.waited == [1.0]


def test_accounts_regions_and_operations_have_budgets_of_their_own() -> None:
    clock = Clock()
    pace = Pace(clock, clock.pause, burst=1, per_second=1)
    for account in ("111122223333", "444455556666"):
        for region in ("eu-west-1", "us-east-1"):
            for operation in ("DescribeVpcs", "DescribeSubnets"):
                pace.wait(account, region, operation)
    assert clock.waited == []


def test_the_reads_of_elastic_load_balancing_share_one_budget() -> None:
    """40 at once and 10 a second for all of them, of which 4 in 5 are ours: 32, then 8 a second."""
    clock = Clock()
    pace = Pace(clock, clock.pause)
    for number in range(34):
        operation = ("DescribeTargetHealth", "DescribeRules")[number % 2]
        pace.wait("111122223333", "eu-west-1", operation, "elbv2")
    assert clock.waited == [0.125, 0.125]
    pace.wait("111122223333", "eu-west-1", "DescribeLoadBalancers", "elb")
    assert len(clock.waited) == 2, "the classic ones have a budget of their own"
