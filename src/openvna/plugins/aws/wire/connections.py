"""HTTP/1.1 over kept-open connections: one pool a host, shared by all accounts.

Written on sockets, because `http.client` spends more time on a small answer's headers than the answer is worth. How a
connection comes to be (proxy, TLS, time limits, causes) is `Transport`'s; only what goes over it is here.
"""

from __future__ import annotations

import re
import socket
import threading
import time
import zlib
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from openvna.plugins.aws.transport import Line
from openvna.plugins.aws.wire.operations import Received

LARGEST_ANSWER = 256 * 1024 * 1024
"""Bytes of an answer, unpacked. AWS's largest pages have a few megabytes."""
_LARGEST_HEAD = 256 * 1024
_CHUNK = 1 << 16
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
        self, dial: Callable[[str, str], Line], seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`dial` opens a connection, for the operation of a name, to an address (`https://host:port`). `seconds` is
        the longest that an answer may take from its request to its last byte."""
        self._dial = dial
        self._seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._idle: dict[str, deque[Line]] = {}
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
        return self._over(self._dial(operation, base), base, method, target, headers, body)

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
        with self._lock:
            idle = self._idle.get(base)
            return idle.pop() if idle else None

    def _over(
        self, line: Line, base: str, method: str, target: str, headers: list[tuple[str, str]], body: bytes
    ) -> Received:
        try:
            with self._lock:
                if self._cut:
                    raise Cut("the collection was stopped", begun=True)
                self._busy[id(line)] = line
            head = [f"{method} {line.origin}{target} HTTP/1.1"]
            head += [f"{name}: {value}" for name, value in (*headers, *line.headers)]
            head.append(f"Content-Length: {len(body)}")
            if any(_CONTROL.search(each) for each in head):
                # A name that AWS gave, or a key as somebody pasted it: it would begin a line of its own.
                raise NotHttp("nothing, for a control character in the request cannot be sent")
            deadline = self._clock() + self._seconds
            line.sock.settimeout(self._seconds)
            line.sock.sendall("\r\n".join((*head, "", "")).encode("latin-1") + body)
            received, reusable = _Reader(line.sock, deadline, self._clock).answer()
        except BaseException:
            line.sock.close()
            raise
        finally:
            with self._lock:
                self._busy.pop(id(line), None)
        self._keep(line, base, reusable)
        return received

    def _keep(self, line: Line, base: str, reusable: bool) -> None:
        with self._lock:
            if reusable and not self._closed:
                self._idle.setdefault(base, deque()).append(line)
                return
        line.sock.close()


class _Reader:
    """Reads one answer from a socket."""

    def __init__(self, sock: Any, deadline: float, clock: Callable[[], float]) -> None:
        self._sock = sock
        self._deadline = deadline
        self._clock = clock
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
        left = self._deadline - self._clock()
        if left <= 0:
            raise TimeoutError("timed out")
        self._sock.settimeout(left)
        part = self._sock.recv(max(wanted, _CHUNK))
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
