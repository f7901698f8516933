"""What a collection writes into the log: trouble once when it begins, and once when it is over."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from openvna.log import logger
from openvna.model import Failure, Outcome, Scope
from openvna.store import RunRow, Source

if TYPE_CHECKING:
    from structlog.stdlib import BoundLogger


class Journal:
    """Remembers what it has said, so that a source that stays broken is not told again at every interval."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._troubles: dict[tuple[str, ...], tuple[str, ...]] = {}

    def opened(self, source: Source, failure: Failure | None) -> None:
        """The source could be opened, or not."""
        self._tell((source.id,), lambda: _log(source), "source lost", "source back", failure)

    def entered(self, source: Source, scope: Scope, failure: Failure | None) -> None:
        """The scope could be read, or not."""
        log = partial(_log, source, scope)
        self._tell((source.id, scope.key), log, "scope failed", "scope works again", failure)

    def left(self, source: Source, scope: Scope, reason: str) -> None:
        """The scope was collected before, and the source no longer has it."""
        _log(source, scope).info("scope left", reason=reason)

    def listed(self, source: Source, scope: Scope, type: str, failure: Failure | None) -> None:
        """The type was listed completely, or not."""
        log = partial(_log, source, scope, type=type)
        self._tell((source.id, scope.key, type), log, "listing failed", "listing works again", failure)

    def breach(self, source: Source, scope: Scope, what: str) -> None:
        """The plugin did what its contract forbids, in a way that could be mended."""
        log = partial(_log, source, scope)
        self._tell((source.id, scope.key, "", what), log, "plugin breaks its contract", "", None, what)

    def collected(self, source: Source, runs: tuple[RunRow, ...], seconds: float) -> None:
        _log(source).info(
            "collected",
            scopes=len(runs),
            seen=sum(run.seen for run in runs),
            created=sum(run.created for run in runs),
            updated=sum(run.updated for run in runs),
            deleted=sum(run.deleted for run in runs),
            problems=sum(run.problems for run in runs),
            seconds=round(seconds, 1),
        )

    def forget(self, source_id: str) -> None:
        with self._lock:
            for key in [key for key in self._troubles if key[0] == source_id]:
                del self._troubles[key]

    def _tell(
        self,
        key: tuple[str, ...],
        log: Callable[[], BoundLogger],
        lost: str,
        back: str,
        failure: Failure | None,
        why: str = "",
    ) -> None:
        trouble = (failure.outcome.value, failure.code, failure.cause) if failure else (why,) if why else None
        with self._lock:
            before = self._troubles.pop(key, None)
            if trouble is not None:
                self._troubles[key] = trouble
        if trouble is not None and trouble != before:
            # That a folder was saved without some answer is how it is, not a fault that someone should see to.
            quiet = failure is not None and failure.outcome is Outcome.UNKNOWN
            write = log().debug if quiet else log().warning
            write(lost, **(told(failure) if failure else {"reason": why}))
        elif trouble is None and before is not None:
            log().info(back)


def told(failure: Failure) -> dict[str, str]:
    """A failure as the fields of one log line; what is empty is left out."""
    fields = {
        "outcome": failure.outcome.value,
        "cause": failure.cause,
        "code": failure.code,
        "action": failure.action,
        "request_id": failure.request_id,
        "reason": failure.message,
        "remedy": failure.remedy,
    }
    return {name: value for name, value in fields.items() if value}


def _log(source: Source, scope: Scope | None = None, **more: str) -> BoundLogger:
    place = {"account": scope.account, "region": scope.region} if scope else {}
    log: BoundLogger = logger("openvna.collect").bind(plugin=source.plugin, source=source.name, **place, **more)
    return log
