"""A reader from inside: it opens accesses and reads scopes for the process that it belongs to, and ends with it."""

from __future__ import annotations

import contextlib
import itertools
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from queue import SimpleQueue
from typing import Any

from pydantic import BaseModel

from openvna.collect import configuration, references
from openvna.collect.readers.messages import (
    Asked,
    Close,
    Discover,
    Gone,
    HangUp,
    Kind,
    Left,
    Line,
    Open,
    Read,
    Tell,
    raised,
    thin,
)
from openvna.collect.readers.packing import Packing
from openvna.collect.reading import Batch, OpenedHere
from openvna.log import context, hide, logger
from openvna.model import OpenVNAError
from openvna.plugin import Plugin

_AHEAD = 32
"""Messages of a stream that nobody has taken yet, at most: then it waits."""
_IN_ALL = 48
"""The same of all streams together, so that many long ones take no more memory than a few."""
_MANY = 250
"""Resources in one message, about."""
_OFTEN = 0.25
"""Seconds that events wait for others, at most."""
_THREADS = 256


class ReaderProcess:
    """What a reader does. `serve` returns when the other side is gone."""

    def __init__(self, line: Line, load_plugin: Callable[[str], Plugin]) -> None:
        self._line = line
        self._load = load_plugin
        self._accesses: dict[int, tuple[OpenedHere, Mapping[str, str]]] = {}
        self._streams: dict[int, _Stream] = {}
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="reading")
        self._room = threading.Semaphore(_IN_ALL)
        self._begun = threading.Event()
        self._ended = False

    def serve(self) -> None:
        threading.Thread(target=self._send_in_time, name="send in time", daemon=True).start()
        while (message := self._line.receive()) is not None:
            if message.kind == Kind.TAKEN:
                self._room.release()
            if message.kind == Kind.REQUEST:
                stream = self._streams[message.stream] = _Stream(message.stream, self._line, self._room)
                self._begun.set()
                self._threads.submit(self._answer, stream, message.read())
            elif (under_way := self._streams.get(message.stream)) is not None:
                under_way.hear(message.kind, message.read())
        self._ended = True
        self._begun.set()
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._line.cut()

    def _send_in_time(self) -> None:
        """What is complete does not wait for a listing that takes long."""
        while self._begun.wait() and not self._ended:
            self._begun.clear()
            while under_way := [each for each in tuple(self._streams.values()) if not each.sent]:
                time.sleep(_OFTEN / 2)
                for each in under_way:
                    with contextlib.suppress(Gone):
                        each.send_in_time()

    def _answer(self, stream: _Stream, request: Any) -> None:
        try:
            with context(**self._tags(request)):
                self._stream(stream, request)
        except Gone:
            return
        finally:
            if stream.number not in self._accesses:  # else it is where the access keeps what it renews
                self._leave(stream.number)

    def _leave(self, number: int) -> None:
        """A stream is over. Nobody answers what is asked in it from now on."""
        stream = self._streams.pop(number, None)
        if stream is not None:
            stream.leave()

    def _stream(self, stream: _Stream, request: Any) -> None:
        try:
            for event in self._events(stream, request):
                stream.add(event)
            stream.end()
        except Gone:
            raise
        except Exception as error:  # noqa: BLE001 - it goes on where it is waited for
            if not isinstance(error, OpenVNAError):
                logger("openvna.collect").error("plugin raised", exc_info=True)
            stream.fail(raised(error))

    def _tags(self, request: Any) -> dict[str, str]:
        if isinstance(request, Open):
            return dict(request.tags)
        tags = dict(self._accesses[request.access][1]) if request.access in self._accesses else {}
        if isinstance(request, Read):
            tags |= {"account": request.wanted.scope.account, "region": request.wanted.scope.region}
        return tags

    def _events(self, stream: _Stream, request: Any) -> Iterator[Any]:
        if isinstance(request, Open):
            _hide_secrets(request.config)
            session = self._load(request.plugin).open(request.config, stream.keep)
            opened = OpenedHere(session)
            opened.__enter__()
            self._accesses[stream.number] = (opened, request.tags)
            return
        if isinstance(request, Close):
            found = self._accesses.pop(request.access, None)
            try:
                if found is not None:
                    found[0].__exit__(None, None, None)
            finally:
                self._leave(request.access)  # not before: it may have something to keep in the end
            return
        if isinstance(request, HangUp) and request.access not in self._accesses:
            return  # closed meanwhile
        opened = self._accesses[request.access][0]
        if isinstance(request, Discover):
            yield from opened.discover()
            if account := opened.asked_account():
                yield Asked(account)
        elif isinstance(request, Left):
            yield opened.left(request.scope)
        elif isinstance(request, HangUp):
            for each in tuple(self._streams.values()):
                if each.access == request.access:
                    each.over.set()
            opened.hang_up()
        elif isinstance(request, Read):
            stream.access = request.access
            packing = Packing(partial(stream.ask, "dictionary"))
            for event in opened.read(request.wanted, _Before(stream, request.key, request.known), stream.over.is_set):
                yield packing.packed(event) if isinstance(event, Batch) else event


class _Stream:
    """One stream of events on its way to whoever asked for it."""

    def __init__(self, number: int, line: Line, room: threading.Semaphore) -> None:
        """`room` is what all streams share."""
        self.number = number
        self.access = -1
        """The access in which a scope is read."""
        self.over = threading.Event()
        self.sent = False
        self._line = line
        self._lock = threading.Lock()
        self._waiting: list[Any] = []
        self._held = 0
        self._since = 0.0
        self._may_send = threading.Semaphore(_AHEAD)
        self._room = room
        self._questions = itertools.count()
        self._answers: dict[int, SimpleQueue[Any]] = {}

    def hear(self, kind: int, content: Any) -> None:
        """What the other side says of this stream."""
        if kind == Kind.TAKEN:
            self._may_send.release()
        elif kind == Kind.LEAVE:
            self.leave()
        elif kind == Kind.ANSWER:
            number, answer = content
            if (asked := self._answers.get(number)) is not None:
                asked.put(answer)

    def leave(self) -> None:
        """Nobody listens any more: let go whoever waits for an answer, or to send."""
        self.over.set()
        self._may_send.release(_AHEAD)
        for each in tuple(self._answers.values()):
            each.put(None)

    def add(self, event: Any) -> None:
        """Send an event, with some others. Used by one thread."""
        with self._lock:
            self._wait(thin(event))
            self._held += len(event.forms) if isinstance(event, Batch) else 0
            ready = self._held >= _MANY
        if ready:
            self._may_send.acquire()
            self._room.acquire()
            self._send(Kind.EVENTS)

    def tell(self, name: str, *told: Any) -> None:
        """Send a word among the events. From any thread of a listing that has not ended."""
        with self._lock:
            self._wait(Tell(name, told))

    def send_in_time(self) -> None:
        """Send what has waited long enough, unless much is under way."""
        with self._lock:
            late = bool(self._waiting) and time.monotonic() - self._since >= _OFTEN
        if late and self._may_send.acquire(blocking=False):
            if self._room.acquire(blocking=False):
                self._send(Kind.EVENTS)
            else:
                self._may_send.release()

    def end(self) -> None:
        self._send(Kind.LAST)

    def fail(self, error: Any) -> None:
        """End the stream by an error, as `raised` gives it. What came before it is sent as well."""
        self._room.acquire()
        self._send(Kind.EVENTS)
        with self._lock:
            self.sent = True
            self._line.send(self.number, Kind.RAISED, error)

    def _wait(self, event: Any) -> None:
        if not self._waiting:
            self._since = time.monotonic()
        self._waiting.append(event)

    def _send(self, kind: Kind) -> None:
        with self._lock:  # until it is sent: what was taken later must not arrive before it
            if self.sent:
                if kind is Kind.EVENTS:
                    self._room.release()
                return
            taken, self._waiting, self._held = self._waiting, [], 0
            self._line.send(self.number, kind, taken)
            self.sent = kind is Kind.LAST

    def ask(self, name: str, *told: Any) -> Any:
        """Wait for an answer; None when nobody listens any more."""
        number, answer = next(self._questions), SimpleQueue[Any]()
        self._answers[number] = answer
        try:
            if self.over.is_set():
                return None
            self._line.send(self.number, Kind.ASK, (number, name, told))
            return answer.get()
        finally:
            del self._answers[number]

    def keep(self, renewed: BaseModel) -> BaseModel | None:
        """The `openvna.plugin.Keep` of the access that this stream opened."""
        _hide_secrets(renewed)
        try:
            kept = self.ask("keep", renewed)
        except Gone:
            return None
        if isinstance(kept, BaseModel):
            _hide_secrets(kept)
            return kept
        return None


def _hide_secrets(settings: BaseModel) -> None:
    """Those that are kept elsewhere as well: they were read in another process."""
    referred = (secret.get_secret_value() for _, secret in references.referred(settings))
    hide(*configuration.split(settings)[1].values(), *referred)


class _Before:
    """What was recorded of a scope before, as `openvna.plugin.Before`: where that is little it was sent along, else it
    is asked for."""

    def __init__(self, stream: _Stream, key: bytes, known: Mapping[str, Sequence[bytes]] | None) -> None:
        self.key = key
        self._stream = stream
        self._known = None if known is None else {type: frozenset(prints) for type, prints in known.items()}

    def unchanged(self, type: str, fingerprints: Sequence[bytes]) -> Sequence[bool]:
        if self._known is None:
            return self._stream.ask("unchanged", type, fingerprints) or [False] * len(fingerprints)
        known = self._known.get(type, frozenset())
        same = [each in known for each in fingerprints]
        if any(same):
            self._stream.tell("unchanged", type, [each for each in fingerprints if each in known])
        return same

    def whole_page(self, type: str, fingerprint: bytes) -> bool:
        return self._known is None and bool(self._stream.ask("whole_page", type, fingerprint))

    def page_read(self, type: str, fingerprint: bytes, pieces: Sequence[bytes]) -> None:
        self._stream.tell("page_read", type, fingerprint, pieces)
