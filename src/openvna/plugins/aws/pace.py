"""A rate budget for each account, region and operation, so that a collection throttles nobody, not even itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

BURST = 100.0
PER_SECOND = 20.0
"""What EC2 grants for paginated reads (EC2 developer guide, "Request throttling"); other services grant no less."""

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

    def wait(self, account: str, region: str, operation: str) -> None:
        """Return when the next call of this operation is due. Callers are served in turn."""
        with self._lock:
            now = self._clock()
            left, since = self._left.get((account, region, operation), (self._burst, now))
            left = min(self._burst, left + (now - since) * self._per_second) - 1
            self._left[account, region, operation] = (left, now)
        if left < 0:
            self._pause(-left / self._per_second)
