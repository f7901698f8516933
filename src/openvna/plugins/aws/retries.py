"""How often a call is tried again, whoever makes it: throttling up to 8 times (or as told), a fault of AWS or of the
way there up to 3 times, anything else not at all. This is the only layer that does so: botocore's own retries are off.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any, Protocol, TypeAlias

from openvna.plugins.aws.api import CallError
from openvna.plugins.aws.faults import THROTTLED

_PASSING = frozenset({"InternalError", "InternalFailure", "InternalServerError", "ServiceUnavailable", "Unavailable"})
PASSING_STATUS = frozenset({502, 503, 504})
THROTTLE_TRIES = 8
_PASSING_TRIES = 3
_LONGEST_PAUSE = 20.0
_LONGEST_ASKED = 120.0
"""Seconds that an answer may ask us to wait at most: more would be a fault of whoever answered."""
_SECONDS = re.compile(r"\d{1,9}(\.\d{1,9})?")


class Turn(Protocol):
    """The tries of one call."""

    def wait(self) -> float:
        """Return when the next try may be made: the seconds waited for that. Raises `CallError` where everything is to
        end meanwhile."""
        ...

    def take(self) -> bool:
        """Whether the first try may be made now. Then its turn is taken, and `wait` returns at once for it."""
        ...

    def throttled(self, retry_after: float) -> None:
        """The try was throttled; AWS may have said for how many seconds it wants to be left alone (0: it did not)."""
        ...

    def pause(self, seconds: float) -> None:
        """Wait between two tries. Raises as `wait` does."""
        ...


Turns: TypeAlias = Callable[[str, str, str, Mapping[str, Any]], Turn]
"""The turn of a call, by its service, region, operation and parameters."""


class _AtOnce:
    def __init__(self, pause: Callable[[float], None]) -> None:
        self.pause = pause

    def wait(self) -> float:
        return 0.0

    def take(self) -> bool:
        return True

    def throttled(self, retry_after: float) -> None:
        """Nobody else draws from the same budget."""


def at_once(pause: Callable[[float], None] = time.sleep) -> Turns:
    """Turns of calls that are too few to be paced: those of a verification."""
    turn = _AtOnce(pause)
    return lambda *_: turn


AT_ONCE = at_once()


def persistent(once: Callable[[], dict[str, Any]], turn: Turn, throttle_tries: int = THROTTLE_TRIES) -> dict[str, Any]:
    """The answer of `once`, with `RetryAttempts`, `Throttles` and the seconds `Waited` in its `ResponseMetadata`. Each
    try waits for its `turn` first. Raises the last `CallError`, with the same three numbers."""
    retries = throttles = 0
    waited = 0.0
    while True:
        waited += turn.wait()
        try:
            answer = once()
        except CallError as error:
            throttled = error.code in THROTTLED or error.status == 429
            throttles += throttled
            if throttled:
                turn.throttled(error.retry_after)
            passing = error.code in _PASSING or error.status in PASSING_STATUS or error.cause == "N-RESET"
            tries = throttle_tries if throttled else _PASSING_TRIES if passing else 1
            if retries + 1 >= tries:
                error.retries, error.throttles, error.waited = retries, throttles, waited
                raise
            pause = random.uniform(0.1, min(_LONGEST_PAUSE, 0.5 * 2**retries))  # noqa: S311 - spreads load
            turn.pause(pause)
            waited += pause
            retries += 1
        else:
            metadata = answer.setdefault("ResponseMetadata", {})
            metadata["RetryAttempts"], metadata["Throttles"], metadata["Waited"] = retries, throttles, waited
            return answer


def retry_after(headers: Mapping[str, str]) -> float:
    """The seconds that an answer asks us to wait (RFC 9110, Retry-After), 0 where it does not say. The names of
    `headers` are in lower case."""
    said = headers.get("retry-after", "").strip()
    try:
        seconds = float(said) if _SECONDS.fullmatch(said) else parsedate_to_datetime(said).timestamp() - time.time()
    except (ValueError, TypeError, OverflowError):
        return 0.0
    return min(_LONGEST_ASKED, max(0.0, seconds))
