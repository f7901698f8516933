"""Carries one scope's stream from the plugin into the store, and holds the plugin to its contract."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Generator, Iterator, Mapping
from typing import Protocol

from openvna.collect.progress import Phase
from openvna.collect.redacted import redacted
from openvna.collect.references import ReferenceUnusable
from openvna.log import logger, redact
from openvna.model import Calls, Failure, OpenVNAError, Outcome, Scope, SourceUnusable
from openvna.plugin import AsksForOne, Complete, Problem, Record, Session
from openvna.store import ResourceRow, Writer

LISTING_EVERY = 0.3
"""Seconds between two `listing` events of a scope."""

STOPPED = Failure(
    Outcome.FAILED,
    "OpenVNA was stopped while this was being collected.",
    remedy="Nothing to do: the next collection reads it whole.",
)

_Event = Record | Complete | Problem


class Say(Protocol):
    """Reports progress of this scope."""

    def __call__(
        self,
        phase: Phase,
        *,
        type: str = "",
        outcome: Outcome | None = None,
        seen: int = 0,
        done: int = 0,
        total: int = 0,
        failure: Failure | None = None,
    ) -> None: ...


class ScopeRun:
    """One run of one scope. Used once, by one thread."""

    def __init__(
        self,
        writer: Writer,
        wanted: Collection[str],
        *,
        stop: threading.Event,
        say: Say,
        listed: Callable[[str, Failure | None], None],
        breach: Callable[[str], None],
        one: ResourceRow | None = None,
    ) -> None:
        """`one` is the resource that is to be refreshed, where it is not all of the wanted types: it is asked for by
        its id where the plugin can do that, else its type is listed."""
        self._one = one
        self._only = ""
        self._writer = writer
        self._wanted = frozenset(wanted)
        self._stop = stop
        self._say = say
        self._listed = listed
        self._breach = breach
        self._seen: Counter[str] = Counter()
        self.by_call: dict[str, Calls] = {}
        """What the calls of this run cost, by their names."""
        self.ended: dict[str, Failure | None] = {}
        """How each type ended: with a failure, or listed completely (None)."""
        self._last_said = time.monotonic()

    def read(self, session: Session, scope: Scope, types: Collection[str] | None) -> Failure | None:
        """Read the scope to its end. The failure of the scope as a whole, None when only types failed, or nothing.

        Raises what the store raises; nothing that the plugin raises.
        """
        failure = None
        stream = _guarded(self._opened(session, scope, types), scope)
        try:
            for event in stream:
                if self._stop.is_set():
                    return STOPPED
                if isinstance(event, Failure):
                    failure = event
                    break
                self._take(event)
        finally:
            stream.close()
        for type in sorted(self._wanted - self.ended.keys()):
            self._end(type, failure or _SILENT)
        return failure

    def _opened(self, session: Session, scope: Scope, types: Collection[str] | None) -> Callable[[], Iterator[_Event]]:
        def begin() -> Iterator[_Event]:
            one = self._one
            if one is not None and isinstance(session, AsksForOne):
                stream = session.collect_one(scope, one.type, one.id, one.alias)
                if stream is not None:
                    self._only = one.id
                    return stream
            return session.collect(scope, types, self._writer)

        return begin

    def _take(self, event: _Event) -> None:
        type = event.resource.type if isinstance(event, Record) else event.type
        if type not in self._wanted or type in self.ended:
            why = "after it said how that type ended" if type in self.ended else "though nobody asked for that type"
            self._breach(f"It sent a {_NAMES[event.__class__]} of {type} {why}.")
        elif isinstance(event, Record) and self._only and event.resource.id != self._only:
            self._breach(f"It sent {event.resource.id} of {type} though only {self._only} was asked for.")
        elif isinstance(event, Record):
            self._writer.record(event.resource, event.fingerprint)
            self._seen[type] += 1
            if time.monotonic() - self._last_said >= LISTING_EVERY:
                self._last_said = time.monotonic()
                self._report(Phase.LISTING, type)
        elif isinstance(event, Complete):
            self._count(event.by_call)
            self._end(type, None, event.calls)
        else:
            self._count(event.by_call)
            self._end(type, redacted(event.failure), event.calls)

    def _count(self, by_call: Mapping[str, Calls]) -> None:
        for name, calls in by_call.items():
            self.by_call[name] = self.by_call.get(name, _NOTHING) + calls

    def _end(self, type: str, failure: Failure | None, calls: Calls = Calls()) -> None:
        self.ended[type] = failure
        self._writer.end(type, failure, calls, self._only)
        if not self._only:
            self._listed(type, failure)
        self._report(Phase.LISTED, type, Outcome.OK if failure is None else failure.outcome, failure)

    def _report(self, phase: Phase, type: str, outcome: Outcome | None = None, failure: Failure | None = None) -> None:
        self._say(
            phase,
            type=type,
            outcome=outcome,
            seen=self._seen[type],
            done=len(self.ended),
            total=len(self._wanted),
            failure=failure,
        )


_NOTHING = Calls()
_NAMES: dict[type, str] = {Record: "record", Complete: "completion", Problem: "problem"}

_SILENT = Failure(
    Outcome.FAILED,
    "The plugin ended without saying how the listing of this type went.",
    remedy="Report this to the plugin's makers.",
)


def failure_of(error: Exception) -> Failure:
    """An exception as the failure that it is for a run."""
    if isinstance(error, OpenVNAError):
        cause = error.cause if isinstance(error, SourceUnusable | ReferenceUnusable) else ""
        text = redact(f"{error.what} {error.why}".strip())
        return Failure(Outcome.FAILED, text, cause=cause, remedy=redact(error.remedy))
    return Failure(
        Outcome.FAILED,
        redact(f"The plugin broke: {type(error).__name__}: {error}"),
        remedy="Report this to the plugin's makers; the log has the details.",
    )


def _guarded(begin: Callable[[], Iterator[_Event]], scope: Scope) -> Generator[_Event | Failure, None, None]:
    """The plugin's stream; where the plugin raises, one `Failure`, and then the end."""
    stream: Iterator[_Event] | None = None
    try:
        stream = begin()
        while True:
            try:
                event = next(stream)
            except StopIteration:
                return
            yield event
    except Exception as error:  # noqa: BLE001 - a foreign plugin may raise anything; the other scopes go on
        logger("openvna.collect").error("plugin raised", scope=scope.key, exc_info=True)
        yield failure_of(error)
    finally:
        close = getattr(stream, "close", None)
        if close is not None:
            with contextlib.suppress(Exception):  # the run has ended; how the plugin tidies up is its own affair
                close()
