"""At the end of a collection, runs are forgotten that are older than they are to be kept."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from openvna.log import logger
from openvna.model import OpenVNAError
from openvna.store import Store

RUNS_KEPT = timedelta(days=90)
"""How long they are kept, unless a setting says otherwise."""

AT_ONCE = 500
"""Runs that go in one transaction: others wait for it no longer than a moment."""

_SECONDS = 2.0
"""How long a collection is held up by it at most. Many times what it added goes in that time."""


class OldRuns:
    """Those of all sources of a store."""

    def __init__(self, store: Store, kept: timedelta, clock: Callable[[], datetime]) -> None:
        """`kept` zero: for ever."""
        self._store = store
        self._kept = kept
        self._clock = clock

    def forget(self, stopped: Callable[[], bool]) -> None:
        """Forget those that are too old, the oldest first; what is left, after the next collection."""
        if not self._kept:
            return
        end, gone = time.monotonic() + _SECONDS, 0
        try:
            while not stopped() and time.monotonic() < end:
                some = self._store.runs.forget(self._clock() - self._kept, AT_ONCE)
                gone += some
                if some < AT_ONCE:
                    break
        except OpenVNAError as error:  # the store is full or busy: they go another time
            logger("openvna.collect").warning("old runs not forgotten", reason=error.what, remedy=error.remedy)
        except Exception:  # noqa: BLE001 - whatever it is, the collection has been made and must come to its end
            logger("openvna.collect").error("old runs not forgotten", exc_info=True)
        if gone:
            logger("openvna.collect").info("old runs forgotten", runs=gone)
