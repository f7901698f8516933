"""A token bucket that learns. Pure: the time comes in with every question.

It starts with our share of what AWS grants (`budgets.py`). Each throttling answer halves it, in rate and size alike,
and empties it, so that nobody runs into a bucket that has just been found empty; what is not throttled again comes
back slowly and evenly (additive increase, multiplicative decrease, as TCP does it and botocore's adaptive mode). It
does not come back to where it was throttled: that was too much, and stays out of reach for a quarter of an hour.
"""

from __future__ import annotations

from collections import deque

from openvna.plugins.aws.budgets import Budget

DECREASE = 0.5
"""What is left of the budget after a throttling answer."""
BELOW = 0.9
"""How near it comes again to where it was throttled."""
RECOVERY = 1 / 120
"""How much of the whole budget comes back a second: half of it in a minute."""
QUIET = 900.0
"""Seconds without throttling after which it may come nearer than that."""
SMALLEST = 1 / 64
"""The part of the budget that always stays: a source must come to an end."""
_NOTHING = 1e-6
"""The part of a call that is lost in adding up small ones."""


class Bucket:
    """The bucket of one account, region and group of calls. Not safe by itself: `pace.py` locks."""

    __slots__ = ("_at", "_ceiling", "_held", "_part", "_throttled_at", "_tokens", "budget", "epoch", "free", "waiting")

    def __init__(self, budget: Budget, share: float, now: float, free: bool = False) -> None:
        """`free`: it does not bound anything before it was throttled for the first time."""
        self.budget = budget
        self.free = free
        self.epoch = 0
        """Grows with everything that is learned: a call that was sent before has nothing new to tell."""
        self.waiting: deque[object] = deque()
        """Who waits, in the order of coming."""
        self._part = 1.0
        self._ceiling = 1.0
        self._tokens = self.size(share)
        self._at = now
        self._held = now
        self._throttled_at = now

    def rate(self, share: float) -> float:
        """Calls a second."""
        return self.budget.per_second * share * self._part

    def size(self, share: float) -> float:
        """Calls at once."""
        return max(1.0, self.budget.burst * share * self._part)

    def due(self, now: float, share: float, place: int = 0) -> float:
        """Seconds until the next call may be made, or the one after `place` others. Not above 0: now."""
        if self.free:
            return 0.0
        self._advance(now, share)
        missing = place + 1 - self._tokens
        return max(missing / self.rate(share) if missing > _NOTHING else 0.0, self._held - now)

    def take(self) -> int:
        """A call is made. Returns the epoch that it belongs to."""
        if not self.free:
            self._tokens -= 1
        return self.epoch

    def throttled(self, now: float, share: float, epoch: int, retry_after: float = 0.0) -> None:
        """A call of that epoch was throttled; AWS may have said for how many seconds it wants to be left alone."""
        self._advance(now, share)
        self._held = max(self._held, now + retry_after)
        self._tokens = min(self._tokens, 0.0)
        self._throttled_at = now
        if epoch != self.epoch:
            return
        self.epoch += 1
        self.free = False
        self._ceiling = max(SMALLEST, self._part * BELOW)
        self._part = max(SMALLEST, self._part * DECREASE)

    def fresh(self, now: float, share: float) -> bool:
        """Whether a new one would be the same."""
        if self.waiting or self._held > now:
            return False
        if self.free:
            return True
        self._advance(now, share)
        return self._part == 1.0 and self._tokens >= self.size(share)

    def _advance(self, now: float, share: float) -> None:
        passed = now - self._at
        if passed <= 0:
            return
        self._at = now
        self._tokens = min(self.size(share), self._tokens + passed * self.rate(share))
        if self._part < self._ceiling:
            self._part = min(self._ceiling, self._part + passed * RECOVERY)
        elif self._ceiling < 1.0:
            quiet = min(passed, now - self._throttled_at - QUIET)
            if quiet > 0:
                self._ceiling = self._part = min(1.0, self._ceiling + quiet * RECOVERY)
