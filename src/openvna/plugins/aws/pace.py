"""A rate budget for each account, region and operation, so that a collection throttles nobody, not even itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

BURST = 100.0
PER_SECOND = 20.0
"""What EC2 grants for paginated reads, each operation on its own (EC2 developer guide, "Request throttling")."""

SHARED = {"elb": (40.0, 10.0), "elbv2": (40.0, 10.0)}
"""Burst and rate of services that grant less, and all reads together (Elastic Load Balancing user guide, "Request
throttling for the ELB API"; each of its two versions has a budget of its own)."""

SHARE = 0.8
"""The part of it that is ours: the account's own tools live on the same budget."""


class Pace:
    """Token buckets. Safe to use from several threads."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
        burst: float = BURST * SHARE,
        per_second: float = PER_SECOND * SHARE,
    ) -> None:
        self._clock = clock
        self._pause = pause
        self._burst = burst
        self._per_second = per_second
        self._lock = threading.Lock()
        self._left: dict[tuple[str, str, str], tuple[float, float]] = {}

    def wait(self, account: str, region: str, operation: str, service: str = "ec2") -> None:
        """Return when the next call of this operation is due. Callers are served in turn."""
        burst, per_second, budget = self._burst, self._per_second, operation
        if service in SHARED:
            burst, per_second, budget = SHARED[service][0] * SHARE, SHARED[service][1] * SHARE, service
        with self._lock:
            now = self._clock()
            left, since = self._left.get((account, region, budget), (burst, now))
            left = min(burst, left + (now - since) * per_second) - 1
            self._left[account, region, budget] = (left, now)
        if left < 0:
            self._pause(-left / per_second)
