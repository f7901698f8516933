"""How often a call is tried again, whoever makes it: throttling up to 8 times (or as told), a fault of AWS or of the
way there up to 3 times, anything else not at all."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from openvna.plugins.aws.api import CallError
from openvna.plugins.aws.faults import THROTTLED

_PASSING = frozenset({"InternalError", "InternalFailure", "InternalServerError", "ServiceUnavailable", "Unavailable"})
_PASSING_STATUS = frozenset({502, 503, 504})
THROTTLE_TRIES = 8
_PASSING_TRIES = 3
_LONGEST_PAUSE = 20.0


def persistent(
    once: Callable[[], dict[str, Any]],
    turn: Callable[[], None],
    pause: Callable[[float], None],
    throttle_tries: int = THROTTLE_TRIES,
) -> dict[str, Any]:
    """The answer of `once`, with `RetryAttempts` and `Throttles` in its `ResponseMetadata`. Each try waits for its
    `turn` first. Raises the last `CallError`, with the same two numbers."""
    retries = throttles = 0
    while True:
        turn()
        try:
            answer = once()
        except CallError as error:
            throttled = error.code in THROTTLED or error.status == 429
            throttles += throttled
            passing = error.code in _PASSING or error.status in _PASSING_STATUS or error.cause == "N-RESET"
            tries = throttle_tries if throttled else _PASSING_TRIES if passing else 1
            if retries + 1 >= tries:
                error.retries, error.throttles = retries, throttles
                raise
            pause(random.uniform(0.1, min(_LONGEST_PAUSE, 0.5 * 2**retries)))  # noqa: S311 - spreads load
            retries += 1
        else:
            metadata = answer.setdefault("ResponseMetadata", {})
            metadata["RetryAttempts"], metadata["Throttles"] = retries, throttles
            return answer
