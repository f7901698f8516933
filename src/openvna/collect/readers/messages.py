"""What a process and its reader say to each other: messages over a pair of sockets, each for one stream of answers."""

from __future__ import annotations

import contextlib
import marshal
import os
import pickle
import socket
import struct
import threading
from collections.abc import Mapping, Sequence
from enum import IntEnum
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

from openvna.collect.reading import Batch, PluginBroke, failure_of
from openvna.log import redact
from openvna.model import Failure, InvalidInput, OpenVNAError, Scope, SourceUnusable
from openvna.store import Entry, Seen

_HEAD = struct.Struct("<IB")
_BUFFER = 1 << 20
"""Bytes that wait in the socket, so that a long batch goes in one piece."""


class Kind(IntEnum):
    """What a message is. The first ones go to the reader, the others come from it."""

    REQUEST = 1
    """Begin a stream."""
    ANSWER = 2
    """To an ASK of that stream."""
    TAKEN = 3
    """An EVENTS of that stream is no longer on its way: another one may come."""
    LEAVE = 4
    """Nobody listens to that stream any more."""
    EVENTS = 5
    LAST = 6
    """Events, and no more after them."""
    ASK = 7
    """A question that the stream waits for."""
    RAISED = 8
    """The stream ended by an error."""


class Message(NamedTuple):
    stream: int
    kind: int
    content: memoryview

    def read(self) -> Any:
        return pickle.loads(self.content)  # noqa: S301 - it comes from a copy of this process, and from nobody else


class Gone(OSError):
    """The other side is not there any more."""


class Line:
    """One end of a pair of sockets. Safe to send on from several threads; one receives."""

    def __init__(self, end: socket.socket) -> None:
        self._connection = Connection(end.detach())
        self._lock = threading.Lock()

    @property
    def number(self) -> int:
        """That of the file, by which it can be handed on to another process."""
        return self._connection.fileno()

    def send(self, stream: int, kind: Kind, content: Any = None) -> None:
        """Raises `Gone`."""
        message = _HEAD.pack(stream, kind) + pickle.dumps(content, pickle.HIGHEST_PROTOCOL)
        try:
            with self._lock:
                self._connection.send_bytes(message)
        except OSError as error:
            raise Gone from error

    def receive(self) -> Message | None:
        """The next message; None when the other side is gone."""
        try:
            raw = self._connection.recv_bytes()
        except (EOFError, OSError):
            return None
        stream, kind = _HEAD.unpack_from(raw)
        return Message(stream, kind, memoryview(raw)[_HEAD.size :])

    def cut(self) -> None:
        """End it for both sides; whoever receives on it is told."""
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(self._connection.fileno())) as end:
            end.shutdown(socket.SHUT_RDWR)  # unless the other side was first

    def close(self) -> None:
        """Let go of it, without a word to the other side where another process holds it too."""
        with self._lock:  # whoever sends does not write to whatever has its number next
            self._connection.close()


def line() -> tuple[Line, Line]:
    """Both ends."""
    ends = socket.socketpair()
    for end in ends:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
    return Line(ends[0]), Line(ends[1])


# --- what requests are made of


class Open(NamedTuple):
    """Open an access, whose number is that of this stream, until it is closed."""

    plugin: str
    config: Any
    tags: Mapping[str, str]
    """What the lines of the log say that come from it."""


class Discover(NamedTuple):
    access: int


class Left(NamedTuple):
    access: int
    scope: Scope


class Read(NamedTuple):
    access: int
    wanted: Any
    key: bytes
    known: Mapping[str, Sequence[bytes]] | None


class HangUp(NamedTuple):
    access: int


class Close(NamedTuple):
    access: int


# --- and what the events


class Asked(NamedTuple):
    """The account that was asked for the scopes, after these."""

    account: str


class Tell(NamedTuple):
    """Of a scope: a word to `Before` that needs no answer: the name of the method, and what it is told."""

    name: str
    told: tuple[Any, ...]


def thin(event: Any) -> Any:
    """An event as it is sent: plain tuples are a third of the work, and half of that again where they hold nothing that
    is a kind of its own."""
    if not isinstance(event, Batch):
        return event
    forms: Any = [tuple(form) for form in event.forms]
    with contextlib.suppress(ValueError):  # a plugin may have its own kind of text
        forms = marshal.dumps(forms)
    return event.type, isinstance(event.forms[0], Entry), forms


def whole(event: Any) -> Any:
    """What `thin` made thin."""
    if event.__class__ is not tuple:
        return event
    type, packed, forms = event
    if isinstance(forms, bytes):
        forms = marshal.loads(forms)  # noqa: S302 - as above, from a copy of this process
    return Batch(type, list(map(Entry._make if packed else Seen._make, forms)))


_ERRORS: dict[str, type[OpenVNAError]] = {each.__name__: each for each in (SourceUnusable, InvalidInput)}


def raised(error: Exception) -> tuple[str, tuple[Any, ...], str] | Failure:
    """An error as it is sent: without the secrets that this process alone knows."""
    kind = next((each.__name__ for each in type(error).__mro__ if each.__name__ in _ERRORS), "")
    if not isinstance(error, OpenVNAError) or not kind:
        return failure_of(error)
    told: list[Any] = [redact(each) for each in (error.what, error.why, error.remedy)]
    if isinstance(error, InvalidInput):
        told.append(tuple((path, redact(text)) for path, text in error.fields))
    return kind, tuple(told), getattr(error, "cause", "")


def raising(sent: tuple[str, tuple[Any, ...], str] | Failure) -> Exception:
    """The error that `raised` sent."""
    if isinstance(sent, Failure):
        return PluginBroke(sent)
    kind, told, cause = sent
    error = _ERRORS[kind](*told)
    if isinstance(error, SourceUnusable):
        error.cause = cause
    return error
