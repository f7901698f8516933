"""HTTP/1.1 over kept-open connections: one pool a host, shared by all accounts.

Written on sockets, because `http.client` spends more time on a small answer's headers than the answer is worth. How a
connection comes to be (proxy, TLS, time limits, causes) is `Transport`'s; only what goes over it is here.
"""

from __future__ import annotations

import re
import resource
import socket
import threading
import time
import zlib
from collections import OrderedDict, deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from openvna.plugins.aws.transport import Line
from openvna.plugins.aws.wire.operations import Received
from openvna.plugins.aws.wire.streams import Stream

LARGEST_ANSWER = 256 * 1024 * 1024
"""Bytes of an answer, unpacked. AWS's largest pages have a few megabytes."""
_MOST_KEPT = 2048
"""Connections that are open and nobody uses, at most; half as many as the process may have files open where that is
less. 30 regions of 34 services are a thousand hosts."""
_LARGEST_HEAD = 256 * 1024
_CHUNK = 1 << 16
_STOPPED = "the collection was stopped"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_DIGITS = re.compile(r"[0-9]{1,15}")
_HEX_DIGITS = re.compile(rb"[0-9A-Fa-f]{1,12}")
"""What `int` takes besides (a sign, 0x, underscores, digits of other scripts) is no length: whoever reads it otherwise
sees another answer."""


class Cut(ConnectionError):
    """The other side closed the connection in the middle of an answer, or before one. `begun`: some of it came."""

    def __init__(self, what: str, begun: bool) -> None:
        super().__init__(what)
        self.begun = begun


class NotHttp(ValueError):
    """What came is not HTTP/1.1."""


class Lines:
    """The open connections, by host. Safe to use from several threads: a connection serves one request at a time."""

    def __init__(
        self,
        dial: Callable[[str, str], Line],
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
        kept: int | None = None,
    ) -> None:
        """`dial` opens a connection, for the operation of a name, to an address (`https://host:port`). `seconds` is
        the longest that an answer may take from its request to its last byte. Of connections that nobody uses so many
        are `kept`, the newest, by default as many as are no harm."""
        self._dial = dial
        self._seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._kept = _harmless() if kept is None else kept
        self._idle: dict[str, deque[Line]] = {}
        self._oldest_first: OrderedDict[int, str] = OrderedDict()
        """Where the idle ones go, by their ids."""
        self._busy: dict[int, Line] = {}
        self._closed = self._cut = False

    def exchange(
        self, operation: str, base: str, method: str, target: str, headers: list[tuple[str, str]], body: bytes
    ) -> Received:
        """One request to `base`, one answer. A kept connection that was closed meanwhile is replaced once.

        Raises `OSError` (`Cut` and `TimeoutError` among them), `NotHttp`, and whatever `dial` raises.
        """
        kept = self._take(base)
        if kept is not None:
            try:
                return self._over(kept, base, method, target, headers, body)
            except Cut as cut:
                if cut.begun:
                    raise
            except (BrokenPipeError, ConnectionResetError):
                pass  # it was closed while nobody looked
        line = self._dial(operation, base)
        if isinstance(line.sock, socket.socket):
            line.sock.setblocking(False)
        self._begin(line)
        return self._over(line, base, method, target, headers, body)

    def begin(
        self, base: str, method: str, target: str, headers: list[tuple[str, str]], body: bytes
    ) -> Underway | None:
        """One request over a kept connection, whose answer is fetched later; None where there is no such connection.

        Raises as `exchange` does.
        """
        line = self._take(base)
        if line is None:
            return None
        self._sent(line, base, method, target, headers, body)

        def answer() -> Received:
            return self._answer(line, base, self._stream(line, begun=True))

        return Underway(answer, lambda: self._end(line, base, reusable=False))

    def close(self) -> None:
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, {}
        for lines in idle.values():
            for line in lines:
                line.sock.close()

    def cut(self) -> None:
        """Break off what is under way: whoever waits for an answer gets `Cut` instead, at once. Nothing goes out after
        that."""
        with self._lock:
            self._closed = self._cut = True
            busy = list(self._busy.values())
        for line in busy:
            with suppress(OSError):  # it has ended by itself
                # Not `SSLSocket.shutdown`, which lets go of what the waiting thread reads with.
                socket.socket.shutdown(line.sock, socket.SHUT_RDWR)

    def _take(self, base: str) -> Line | None:
        """A kept connection, which is under way then."""
        with self._lock:
            if self._cut:
                raise Cut(_STOPPED, begun=True)
            idle = self._idle.get(base)
            if not idle:
                return None
            line = idle.pop()
            del self._oldest_first[id(line)]
            self._busy[id(line)] = line
            return line

    def _begin(self, line: Line) -> None:
        """A new connection is under way."""
        with self._lock:
            if not self._cut:
                self._busy[id(line)] = line
                return
        line.sock.close()
        raise Cut(_STOPPED, begun=True)

    def _over(
        self, line: Line, base: str, method: str, target: str, headers: list[tuple[str, str]], body: bytes
    ) -> Received:
        return self._answer(line, base, self._sent(line, base, method, target, headers, body))

    def _sent(
        self, line: Line, base: str, method: str, target: str, headers: list[tuple[str, str]], body: bytes
    ) -> Stream:
        try:
            head = [f"{method} {line.origin}{target} HTTP/1.1"]
            head += [f"{name}: {value}" for name, value in (*headers, *line.headers)]
            head.append(f"Content-Length: {len(body)}")
            if _CONTROL.search("".join(head)):
                # A name that AWS gave, or a key as somebody pasted it: it would begin a line of its own.
                raise NotHttp("nothing, for a control character in the request cannot be sent")
            stream = self._stream(line)
            stream.send("\r\n".join((*head, "", "")).encode("latin-1") + body)
        except BaseException:
            self._end(line, base, reusable=False)
            raise
        return stream

    def _stream(self, line: Line, begun: bool = False) -> Stream:
        return Stream(line.sock, self._clock() + self._seconds, self._clock, begun)

    def _answer(self, line: Line, base: str, stream: Stream) -> Received:
        reusable = False
        try:
            received, reusable = _Reader(stream.receive).answer()
            return received
        finally:
            self._end(line, base, reusable)

    def _end(self, line: Line, base: str, reusable: bool) -> None:
        with self._lock:
            self._busy.pop(id(line), None)
            if reusable and not self._closed:
                self._idle.setdefault(base, deque()).append(line)
                self._oldest_first[id(line)] = base
                if len(self._oldest_first) <= self._kept:
                    return
                _, base = self._oldest_first.popitem(last=False)
                line = self._idle[base].popleft()  # of those to one host the newest are used again, so it is the oldest
        line.sock.close()


@dataclass(frozen=True, slots=True)
class Underway:
    """A request that was sent. One of the two is called, once: `answer` waits for what came of it, and has as long for
    that as if it were sent only then; `drop` is for an answer that nobody wants any more."""

    answer: Callable[[], Received]
    drop: Callable[[], None]


def _harmless() -> int:
    """How many connections may be open without use."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _MOST_KEPT if files == resource.RLIM_INFINITY else min(_MOST_KEPT, files // 2)


class _Reader:
    """Reads one answer from what `receive` gives."""

    def __init__(self, receive: Callable[[int], bytes]) -> None:
        self._receive = receive
        self._held = bytearray()
        self._begun = False

    def answer(self) -> tuple[Received, bool]:
        """The answer, and whether the connection can be used again."""
        while True:
            status, headers, old = self._head()
            if status != 100:
                break
        reusable = headers.get("connection", "").lower() != "close" and not old
        if status in (204, 304):
            body = b""
        elif "chunked" in headers.get("transfer-encoding", "").lower():
            body = self._chunked()
        elif "content-length" in headers:
            body = self._exactly(_length(headers["content-length"]))
        else:
            body, reusable = self._rest(), False
        if headers.get("content-encoding", "").lower() == "gzip":
            body = _unpacked(body)
        return Received(status, headers, body), reusable and not self._held

    def _head(self) -> tuple[int, dict[str, str], bool]:
        while (end := self._held.find(b"\r\n\r\n")) < 0:
            if len(self._held) > _LARGEST_HEAD or (self._held[:5] and not b"HTTP/".startswith(self._held[:5])):
                raise NotHttp("what answers does not speak HTTP")
            self._more()
        first, *lines = self._held[:end].decode("latin-1").split("\r\n")
        del self._held[: end + 4]
        version, _, rest = first.partition(" ")
        if not version.startswith("HTTP/1.") or not _DIGITS.fullmatch(rest[:3]):
            raise NotHttp("what answers does not speak HTTP/1.1")
        headers: dict[str, str] = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        return int(rest[:3]), headers, version == "HTTP/1.0"

    def _exactly(self, size: int) -> bytes:
        if size > LARGEST_ANSWER:
            raise NotHttp(f"an answer of {size} bytes")
        while len(self._held) < size:
            self._more(min(size - len(self._held), 1 << 20))
        body = bytes(self._held[:size])
        del self._held[:size]
        return body

    def _chunked(self) -> bytes:
        parts: list[bytes] = []
        total = 0
        while True:
            size = _chunk_size(self._to_line_end())
            total += size
            if total > LARGEST_ANSWER:
                raise NotHttp(f"an answer of more than {LARGEST_ANSWER} bytes")
            if size == 0:
                break
            parts.append(self._exactly(size))
            if self._exactly(2) != b"\r\n":
                raise NotHttp("a chunk longer than its size")
        while self._to_line_end():
            continue
        return b"".join(parts)

    def _to_line_end(self) -> bytes:
        while (end := self._held.find(b"\r\n")) < 0:
            if len(self._held) > _LARGEST_HEAD:
                raise NotHttp("a line without an end")
            self._more()
        line = bytes(self._held[:end])
        del self._held[: end + 2]
        return line

    def _rest(self) -> bytes:
        while True:
            try:
                self._more()
            except Cut:
                return bytes(self._held)
            if len(self._held) > LARGEST_ANSWER:
                raise NotHttp(f"an answer of more than {LARGEST_ANSWER} bytes")

    def _more(self, wanted: int = _CHUNK) -> None:
        part = self._receive(max(wanted, _CHUNK))
        if not part:
            raise Cut("the connection was closed in the middle of an answer" if self._begun else "closed", self._begun)
        self._begun = True
        self._held += part


def _length(text: str) -> int:
    if not _DIGITS.fullmatch(text):
        raise NotHttp(f"a Content-Length of {text[:20]!r}")
    return int(text)


def _chunk_size(line: bytes) -> int:
    size = line.partition(b";")[0].strip(b" \t")
    if not _HEX_DIGITS.fullmatch(size):
        raise NotHttp("a chunk without a size")
    return int(size, 16)


def _unpacked(body: bytes) -> bytes:
    """gunzip, within the bound for an answer."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        whole = unpacker.decompress(body, LARGEST_ANSWER)
    except zlib.error as error:
        raise NotHttp("it says gzip and is not") from error
    if unpacker.unconsumed_tail or (not unpacker.eof and len(whole) >= LARGEST_ANSWER):
        raise NotHttp("an answer too large")
    if not unpacker.eof:
        raise Cut("the packed answer was cut short", begun=True)
    return whole
