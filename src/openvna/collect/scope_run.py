"""Carries one scope's stream from the plugin into the store, and holds the plugin to its contract."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol

from openvna.collect.progress import Phase
from openvna.collect.reading import Batch, One, Opened, Wanted
from openvna.model import Calls, Failure, Outcome, Scope
from openvna.plugin import Complete, Problem
from openvna.store import Form, ResourceRow, Writer

LISTING_EVERY = 0.3
"""Seconds between two `listing` events of a scope."""

STOPPED = Failure(
    Outcome.FAILED,
    "OpenVNA was stopped while this was being collected.",
    remedy="Nothing to do: the next collection reads it whole.",
)


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

    def read(self, opened: Opened, scope: Scope, types: Collection[str] | None) -> Failure | None:
        """Read the scope to its end. The failure of the scope as a whole, None when only types failed, or nothing.

        Raises what the store raises; nothing that the plugin raises.
        """
        failure = None
        one = None if self._one is None else One(self._one.type, self._one.id, self._one.alias)
        stream = opened.read(Wanted(scope, types, one), self._writer, self._stop.is_set)
        with contextlib.closing(stream):
            for event in stream:
                if self._stop.is_set():
                    return STOPPED
                if isinstance(event, Failure):
                    failure = event
                    break
                self._take(event)
        if self._stop.is_set() and self._wanted - self.ended.keys():
            return STOPPED
        for type in sorted(self._wanted - self.ended.keys()):
            self._end(type, failure or _SILENT)
        return failure

    def _take(self, event: Batch | Complete | Problem | One) -> None:
        type = event.type
        if isinstance(event, One):
            self._only = event.id
        elif type not in self._wanted or type in self.ended:
            why = "after it said how that type ended" if type in self.ended else "though nobody asked for that type"
            for _ in event.forms if isinstance(event, Batch) else (event,):
                self._breach(f"It sent a {_NAMES[event.__class__]} of {type} {why}.")
        elif isinstance(event, Batch):
            self._record(type, event.forms)
        elif isinstance(event, Complete):
            self._count(event.by_call)
            self._end(type, None, event.calls)
        else:
            self._count(event.by_call)
            self._end(type, event.failure, event.calls)

    def _record(self, type: str, forms: Sequence[Form]) -> None:
        if self._only:
            for form in forms:
                if form.id != self._only:
                    self._breach(f"It sent {form.id} of {type} though only {self._only} was asked for.")
            forms = [form for form in forms if form.id == self._only]
        self._writer.record_all(type, forms)
        self._seen[type] += len(forms)
        if time.monotonic() - self._last_said >= LISTING_EVERY:
            self._last_said = time.monotonic()
            self._report(Phase.LISTING, type)

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
_NAMES: dict[type, str] = {Batch: "record", Complete: "completion", Problem: "problem"}

_SILENT = Failure(
    Outcome.FAILED,
    "The plugin ended without saying how the listing of this type went.",
    remedy="Report this to the plugin's makers.",
)
