"""What an opened access gives of one scope, as the store takes it: in batches, and in a form that any process can send.

`Opened` is what a collection reads with. The plugin's session is in this process (`OpenedHere`), or in others that
read for it (`openvna.collect.readers`).
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import NamedTuple, Protocol, Self, TypeAlias

from openvna.collect.redacted import redacted
from openvna.collect.references import ReferenceUnusable
from openvna.log import logger, redact
from openvna.model import Failure, OpenVNAError, Outcome, Scope, SourceUnusable
from openvna.plugin import (
    AsksAnAccount,
    AsksForOne,
    Before,
    Complete,
    HangsUp,
    KnowsLeft,
    Problem,
    Record,
    ScopeProblem,
    Session,
)
from openvna.store import Dictionary, Form, Seen, seen

MANY = 50
"""Resources in one batch, at most: what a few were read from is still close to the processor."""
_LONG = 0.25
"""Seconds after which a batch goes on as it is when the next resource comes."""


class Batch(NamedTuple):
    """Some resources of one type, seen now."""

    type: str
    forms: Sequence[Form]


class One(NamedTuple):
    """A resource that is to be refreshed by itself. As an event: nothing but this one is asked for."""

    type: str
    id: str
    alias: str


Event: TypeAlias = Batch | Complete | Problem | One | Failure
"""`Failure`, once and last, is that of the scope as a whole: the plugin broke."""


class Known(Before, Protocol):
    """What was recorded of a scope before, for a reader that is elsewhere as well."""

    def known(self) -> Mapping[str, Sequence[bytes]] | None:
        """By type all fingerprints that `unchanged` knows; None where they are many, and are to be asked about."""
        ...

    def dictionary(self, type: str) -> Dictionary | None:
        """As `openvna.store.Writer.dictionary`."""
        ...


class PluginBroke(Exception):
    """A plugin raised what it must not, in another process, which wrote the details into the log."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be read of a scope: these types (None: all), or this one resource where it can be asked for by itself,
    else its type."""

    scope: Scope
    types: Collection[str] | None = None
    one: One | None = None


class Opened(Protocol):
    """An opened access to a source, used as a context manager. Safe to use from several threads."""

    def discover(self) -> Iterator[Scope | ScopeProblem]:
        """As `Session.discover`."""
        ...

    def left(self, scope: Scope) -> str:
        """As `KnowsLeft.left`; empty where the plugin cannot tell."""
        ...

    def read(self, wanted: Wanted, before: Known, over: Callable[[], bool]) -> Generator[Event, None, None]:
        """What is in a scope. Ends at the next resource once it is `over`. Raises nothing that the plugin raises."""
        ...

    def hang_up(self) -> None:
        """As `HangsUp.hang_up`, as far as the plugin can do that."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...


class OpenedHere:
    """A session of a plugin in this process."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def discover(self) -> Iterator[Scope | ScopeProblem]:
        for found in self._session.discover():
            yield redacted(found) if isinstance(found, ScopeProblem) else found

    def asked_account(self) -> str:
        """As `AsksAnAccount.asked_account`; empty where the plugin cannot tell."""
        return self._session.asked_account() if isinstance(self._session, AsksAnAccount) else ""

    def left(self, scope: Scope) -> str:
        return redact(self._session.left(scope)) if isinstance(self._session, KnowsLeft) else ""

    def read(self, wanted: Wanted, before: Before, over: Callable[[], bool]) -> Generator[Event, None, None]:
        return _batched(self._begun(wanted, before), wanted.scope, over)

    def hang_up(self) -> None:
        if isinstance(self._session, HangsUp):
            self._session.hang_up()

    def _begun(self, wanted: Wanted, before: Before) -> Iterator[Record | Complete | Problem | One]:
        one = wanted.one
        if one is not None and isinstance(self._session, AsksForOne):
            stream = self._session.collect_one(wanted.scope, *one)
            if stream is not None:
                yield one
                yield from stream
                return
        yield from self._session.collect(wanted.scope, wanted.types, before)

    def __enter__(self) -> Self:
        self._session.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self._session.__exit__(kind, error, trace)


def failure_of(error: Exception) -> Failure:
    """An exception as the failure that it is for a run."""
    if isinstance(error, PluginBroke):
        return error.failure
    if isinstance(error, OpenVNAError):
        cause = error.cause if isinstance(error, SourceUnusable | ReferenceUnusable) else ""
        text = redact(f"{error.what} {error.why}".strip())
        return Failure(Outcome.FAILED, text, cause=cause, remedy=redact(error.remedy))
    return Failure(
        Outcome.FAILED,
        redact(f"The plugin broke: {type(error).__name__}: {error}"),
        remedy="Report this to the plugin's makers; the log has the details.",
    )


def _batched(
    stream: Iterator[Record | Complete | Problem | One], scope: Scope, over: Callable[[], bool]
) -> Generator[Event, None, None]:
    """The plugin's stream; where the plugin raises, one `Failure`, and then the end."""
    type, forms, since = "", list[Seen](), 0.0
    try:
        while not over():
            event: Record | Event | None
            try:
                event = next(stream, None)
            except Exception as error:  # noqa: BLE001 - a foreign plugin may raise anything; the other scopes go on
                logger("openvna.collect").error("plugin raised", scope=scope.key, exc_info=True)
                event = failure_of(error)
            if isinstance(event, Record):
                now, resource = time.monotonic(), event.resource
                if forms and (resource.type != type or len(forms) >= MANY or now - since >= _LONG):
                    yield Batch(type, forms)
                    forms = []
                if not forms:
                    type, since = resource.type, now
                forms.append(seen(resource, event.fingerprint))
                continue
            if forms:
                yield Batch(type, forms)
                forms = []
            if event is None:
                return
            yield redacted(event) if isinstance(event, Problem) else event
            if isinstance(event, Failure):
                return
    finally:
        close = getattr(stream, "close", None)
        if close is not None:
            with contextlib.suppress(Exception):  # the run has ended; how the plugin tidies up is its own affair
                close()
