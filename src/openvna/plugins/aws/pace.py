"""When a call may be made: a rate budget for every account, region and group of calls, shared by the whole process.

All sources of an account draw from the same buckets, since AWS has but one of each for all of them. What one thread
learns of a bucket holds for all at once. Whoever waits is served in the order of coming.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from openvna.plugins.aws.api import CallError
from openvna.plugins.aws.buckets import Bucket
from openvna.plugins.aws.budgets import Budget, budget
from openvna.plugins.aws.retries import Turn

SHARE = 0.5
"""The part of what AWS grants that is ours where nobody says otherwise: the account's own tools live on the same."""

Key: TypeAlias = tuple[str, str, str]
"""Account, place (the region, or empty for what is global; behind an `@` an endpoint that is not AWS), bucket."""

_LONGEST_SLEEP = 1.0
_SHORTEST_SLEEP = 0.001
_SWEEP = 2048


class Pace:
    """All buckets. Safe to use from several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: dict[Key, Bucket] = {}
        self._made = 0

    def wait(
        self, key: Key, size: Budget, share: float, free: bool, sleep: Callable[[float], bool]
    ) -> tuple[int, float]:
        """Return when the next call of a bucket is due: the epoch that it belongs to, and the seconds waited.

        `sleep` returns True when it was woken because everything is to end; then this raises `Stopped`.
        """
        with self._lock:
            now = began = self._clock()
            bucket = self._bucket(key, size, share, free, now)
            if not bucket.waiting and bucket.due(now, share) <= 0:
                return bucket.take(), 0.0
            me = object()
            bucket.waiting.append(me)
        while True:
            with self._lock:
                now = self._clock()
                place = bucket.waiting.index(me)
                seconds = bucket.due(now, share, place)
                if place == 0 and seconds <= 0:
                    bucket.waiting.popleft()
                    return bucket.take(), now - began
            if sleep(min(max(seconds, _SHORTEST_SLEEP), _LONGEST_SLEEP)):
                with self._lock:
                    bucket.waiting.remove(me)
                raise Stopped

    def take(self, key: Key, size: Budget, share: float, free: bool) -> int | None:
        """Make the next call of a bucket if it is due now: the epoch that it belongs to; None where it is not."""
        with self._lock:
            now = self._clock()
            bucket = self._bucket(key, size, share, free, now)
            return None if bucket.waiting or bucket.due(now, share) > 0 else bucket.take()

    def throttled(self, key: Key, size: Budget, share: float, epoch: int, retry_after: float) -> None:
        """A call of that epoch was throttled: everybody goes slower."""
        with self._lock:
            now = self._clock()
            self._bucket(key, size, share, False, now).throttled(now, share, epoch, retry_after)

    def rate(self, key: Key, size: Budget, share: float) -> tuple[float, float]:
        """Calls at once and calls a second that a bucket allows now."""
        with self._lock:
            bucket = self._buckets.get(key)
            if bucket is None:
                return max(1.0, size.burst * share), size.per_second * share
            return bucket.size(share), bucket.rate(share)

    def _bucket(self, key: Key, size: Budget, share: float, free: bool, now: float) -> Bucket:
        bucket = self._buckets.get(key)
        if bucket is None:
            self._made += 1
            if self._made % _SWEEP == 0:
                self._sweep(now, share)
            bucket = self._buckets[key] = Bucket(size, share, now, free)
        return bucket

    def _sweep(self, now: float, share: float) -> None:
        """Forget the buckets that are as new: a large organisation has millions, of which few are in use at once."""
        self._buckets = {key: bucket for key, bucket in self._buckets.items() if not bucket.fresh(now, share)}


class Stopped(CallError):
    """The collection was stopped while a call waited for its turn: it was not made."""

    def __init__(self, operation: str = "") -> None:
        super().__init__(operation, "", "OpenVNA was stopped while this call waited for its turn.")


PACE = Pace()
"""The buckets of this process."""


_NEVER = threading.Event()


class Turns:
    """When calls of one account may be made, on behalf of one source."""

    def __init__(
        self,
        account: str,
        share: float = SHARE,
        emulator: Callable[[str, str], str] = lambda _service, _region: "",
        sleep: Callable[[float], bool] = _NEVER.wait,
        pace: Pace = PACE,
    ) -> None:
        """`share` is the part of each budget that may be used. `emulator` gives the host that stands for AWS in the
        calls of a service in a region, where one does: nobody else lives on its budget, so it is not bounded before it
        throttles. `sleep` is as in `Pace.wait`."""
        self.account = account
        self.share = share
        self.emulator = emulator
        self.sleep = sleep
        self.pace = pace

    def __call__(self, service: str, region: str, operation: str, params: Mapping[str, Any]) -> Turn:
        name, size = budget(service, operation, params)
        place = "" if size.everywhere else region
        emulator = self.emulator(service, region)
        if emulator:
            place = f"{place}@{emulator}"
        return _Turn(self, (self.account, place, name), size, bool(emulator), operation)


class _Turn:
    """The tries of one call."""

    __slots__ = ("_epoch", "_free", "_key", "_operation", "_size", "_taken", "_turns")

    def __init__(self, turns: Turns, key: Key, size: Budget, free: bool, operation: str) -> None:
        self._turns = turns
        self._key = key
        self._size = size
        self._free = free
        self._operation = operation
        self._epoch = 0
        self._taken = False

    def take(self) -> bool:
        turns = self._turns
        epoch = turns.pace.take(self._key, self._size, turns.share, self._free)
        if epoch is None:
            return False
        self._epoch, self._taken = epoch, True
        return True

    def wait(self) -> float:
        if self._taken:
            self._taken = False
            return 0.0
        turns = self._turns
        try:
            self._epoch, waited = turns.pace.wait(self._key, self._size, turns.share, self._free, turns.sleep)
        except Stopped:
            raise Stopped(self._operation) from None
        return waited

    def throttled(self, retry_after: float) -> None:
        turns = self._turns
        turns.pace.throttled(self._key, self._size, turns.share, self._epoch, retry_after)

    def pause(self, seconds: float) -> None:
        if self._turns.sleep(seconds):
            raise Stopped(self._operation)
