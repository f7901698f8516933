"""HTTP/1.1 as servers speak it: lengths, chunks, gzip, kept and closed connections, and what is none of it."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from openvna.plugins.aws.api import Credentials
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.retries import AT_ONCE
from openvna.plugins.aws.transport import Line
from openvna.plugins.aws.wire import connections
from openvna.plugins.aws.wire.api import Wire
from openvna.plugins.aws.wire.connections import Cut, Lines, NotHttp
from openvna.plugins.aws.wire.operations import Received
from support.behind import behind
from support.fault_server import AKIA, SECRET, certificate, server_context

OK = b"HTTP/1.1 200 OK\r\n"
ANSWER: list[bytes | None] = [OK + b"Content-Length: 2\r\n\r\nok"]


class Scripted:
    """A server that answers each request with the next script: bytes sent in the given pieces. `None` closes."""

    def __init__(self, *scripts: list[bytes | None], tls: ssl.SSLContext | None = None) -> None:
        self._scripts = list(scripts)
        self._tls = tls
        self.requests: list[bytes] = []
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]

    def serve(self) -> None:
        while self._scripts:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            if self._tls is not None:
                line = self._tls.wrap_socket(line, server_side=True)
            with line, suppress(ConnectionError):  # who asked may hang up in the middle of an answer: that ends it
                line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                while self._scripts and self._answered(line):
                    continue

    def _answered(self, line: socket.socket) -> bool:
        held = b""
        while b"\r\n\r\n" not in held:
            part = line.recv(65536)
            if not part:
                return False
            held += part
        self.requests.append(held)
        for piece in self._scripts.pop(0):
            if piece is None:
                return False
            line.sendall(piece)
        return True

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # closing alone does not wake a thread that accepts
        self._listener.close()


@contextmanager
def scripted(*scripts: list[bytes | None], tls: ssl.SSLContext | None = None) -> Iterator[Scripted]:
    server = Scripted(*scripts, tls=tls)
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.close()
        thread.join(5)


def lines_to(server: Scripted, seconds: float = 10, clock: Callable[[], float] | None = None) -> Lines:
    def dial(operation: str, base: str) -> Line:
        assert (operation, base) == ("Ask", "http://toy")
        return Line(socket.create_connection(("127.0.0.1", server.port), 5))

    more: dict[str, Any] = {"clock": clock} if clock else {}
    return Lines(dial, seconds, **more)


def ask(lines: Lines) -> Received:
    return lines.exchange("Ask", "http://toy", "POST", "/path?a=b", [("Host", "toy"), ("X-One", "1")], b"body")


def answered(*pieces: bytes | None) -> Received:
    with scripted(list(pieces)) as server:
        lines = lines_to(server)
        try:
            return ask(lines)
        finally:
            lines.close()


def test_a_request_is_written_whole_and_an_answer_read_by_its_length() -> None:
    with scripted([OK + b"Content-Length: 5\r\nX-Two:  2 \r\n\r\nhello"]) as server:
        lines = lines_to(server)
        received = ask(lines)
        lines.close()
    assert received == Received(200, {"content-length": "5", "x-two": "2"}, b"hello")
    assert server.requests[0] == b"POST /path?a=b HTTP/1.1\r\nHost: toy\r\nX-One: 1\r\nContent-Length: 4\r\n\r\nbody"


@pytest.mark.parametrize(
    "pieces",
    [
        [b"HTTP/1.1 200 OK\r\nContent-Le", b"ngth: 11\r\n\r", b"\nhel", b"lo world"],
        [OK + b"Transfer-Encoding: chunked\r\n\r\n6\r\nhello \r\n5;x=y\r\nworld\r\n0\r\nTrailer: t\r\n\r\n"],
        [OK + b"Transfer-Encoding: chunked\r\n\r", b"\n6\r\nhel", b"lo \r\n5\r", b"\nworld\r\n0\r\n\r\n"],
        [OK + b"Content-Encoding: gzip\r\nContent-Length: 31\r\n\r\n" + gzip.compress(b"hello world", mtime=0)],
        [b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"Content-Length: 11\r\n\r\nhello world"],
        [OK + b"\r\nhello world", None],
        [b"HTTP/1.0 200 OK\r\n\r\nhello ", b"world", None],
    ],
    ids=["length, in pieces", "chunks", "chunks, in pieces", "gzip", "100 first", "to the end", "HTTP/1.0"],
)
def test_an_answer_in_every_form_that_http_has(pieces: list[bytes | None]) -> None:
    assert len(gzip.compress(b"hello world", mtime=0)) == 31
    assert answered(*pieces).body == b"hello world"


@pytest.mark.parametrize("break_", ["\r\nX-Evil: 1", "\n", "\r", "\0"])
def test_what_would_begin_a_line_of_its_own_is_not_sent(break_: str) -> None:
    with scripted(ANSWER) as server:
        lines = lines_to(server)
        with pytest.raises(NotHttp, match="control character"):
            lines.exchange("Ask", "http://toy", "POST", "/", [("Host", "toy"), ("X-Key", f"AKIA{break_}")], b"")
        with pytest.raises(NotHttp, match="control character"):
            lines.exchange("Ask", "http://toy", "POST", f"/{break_}", [("Host", "toy")], b"")
        ask(lines)  # and the next one finds its way
        lines.close()
    assert len(server.requests) == 1


def test_an_answer_without_a_body() -> None:
    assert answered(b"HTTP/1.1 204 No Content\r\n\r\n") == Received(204, {}, b"")


@pytest.mark.parametrize(
    "pieces",
    [
        [b"220 mail.example.net ESMTP\r\n"],
        [b"SSH-2.0-OpenSSH_9.2\r\n"],
        [b"HTTP/2 200\r\n\r\n"],
        [OK + b"Content-Length: many\r\n\r\n"],
        [OK + b"Transfer-Encoding: chunked\r\n\r\nfull\r\n"],
        [OK + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello"],
        [OK + b"Content-Length: 999999999999\r\n\r\n"],
        [OK + b"Content-Length: \xb2\r\n\r\nok"],
        [OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n-2\r\n\r\n0\r\n\r\n"],
        [OK + b"Transfer-Encoding: chunked\r\n\r\n0x2\r\nok\r\n0\r\n\r\n"],
        [OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nokay\r\n0\r\n\r\n"],
        [b"HTTP/1.1 \xb2\xb2\xb2 OK\r\n\r\n"],
    ],
)
def test_what_is_not_http_is_never_an_answer(pieces: list[bytes | None]) -> None:
    with pytest.raises(NotHttp):
        answered(*pieces, None)


@pytest.mark.parametrize(
    "pieces",
    [
        [OK + b"Content-Length: 50\r\n\r\nhello", None],
        [OK + b"Content-", None],
        [OK + b"Transfer-Encoding: chunked\r\n\r\n6\r\nhello \r\n", None],
        [OK + b"Content-Encoding: gzip\r\nContent-Length: 20\r\n\r\n" + gzip.compress(b"hello world", mtime=0)[:20]],
    ],
)
def test_an_answer_that_is_cut_short_is_never_one(pieces: list[bytes | None]) -> None:
    with pytest.raises(Cut) as caught:
        answered(*pieces)
    assert caught.value.begun


def test_an_answer_that_unpacks_to_more_than_the_bound_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "LARGEST_ANSWER", 1000)
    bomb = gzip.compress(b"\0" * 100_000, mtime=0)
    assert len(bomb) < 1000
    with pytest.raises(NotHttp, match="too large"):
        answered(OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb) + bomb)


def test_a_connection_is_used_again() -> None:
    with scripted(ANSWER, ANSWER, ANSWER) as server:
        lines = lines_to(server)
        assert [ask(lines).body for _ in range(3)] == [b"ok"] * 3
        lines.close()
    assert server.connections == 1


def test_a_connection_that_the_server_says_it_closes_is_not() -> None:
    closing: list[bytes | None] = [OK + b"Connection: close\r\nContent-Length: 2\r\n\r\nok", None]
    with scripted(closing, ANSWER) as server:
        lines = lines_to(server)
        assert [ask(lines).body for _ in range(2)] == [b"ok"] * 2
        lines.close()
    assert server.connections == 2


def test_a_kept_connection_that_was_closed_meanwhile_is_replaced() -> None:
    with scripted([*ANSWER, None], ANSWER) as server:
        lines = lines_to(server)
        assert [ask(lines).body for _ in range(2)] == [b"ok"] * 2
        lines.close()
    assert server.connections == 2


def test_a_request_whose_answer_was_begun_is_not_sent_twice() -> None:
    with scripted(ANSWER, [OK + b"Content-Length: 9\r\n\r\nhal", None], ANSWER) as server:
        lines = lines_to(server)
        ask(lines)
        with pytest.raises(Cut):
            ask(lines)
        lines.close()
    assert len(server.requests) == 2


def test_an_answer_that_drips_ends_at_its_time() -> None:
    """Each part comes in time, and the whole does not: the time that is left is what counts."""
    moments = iter([0.0, *[0.05 * step for step in range(100)]])
    dripping: list[bytes | None] = [OK + b"Content-Length: 100000\r\n\r\n", *[b"."] * 20]
    with scripted(dripping, ANSWER) as server:
        lines = lines_to(server, 0.2, lambda: next(moments))
        with pytest.raises(TimeoutError):
            ask(lines)
        lines.close()


def test_of_connections_that_nobody_uses_the_newest_are_kept() -> None:
    """Three hosts, and two connections that may be open without use."""
    with scripted(*[ANSWER] * 2) as one, scripted(*[ANSWER] * 2) as two, scripted(*[ANSWER] * 2) as three:
        servers = {"http://one": one, "http://two": two, "http://three": three}

        def dial(_operation: str, base: str) -> Line:
            return Line(socket.create_connection(("127.0.0.1", servers[base].port), 5))

        lines = Lines(dial, 10, kept=2)
        for host in ("one", "two", "three", "three", "two", "one"):
            assert lines.exchange("Ask", f"http://{host}", "POST", "/", [("Host", host)], b"").body == b"ok"
        lines.close()
    assert [each.connections for each in servers.values()] == [2, 1, 1]


def test_nothing_is_kept_after_the_end() -> None:
    with scripted(ANSWER, ANSWER) as server:
        lines = lines_to(server)
        lines.close()
        ask(lines)
        ask(lines)
    assert server.connections == 2


def test_who_waits_for_an_answer_is_let_go_when_all_is_cut() -> None:
    """And nothing goes out after that."""
    with scripted([OK], ANSWER) as server:  # the head of an answer, whose rest never comes
        lines = lines_to(server, 60)
        ended: list[BaseException] = []

        def wait() -> None:
            try:
                ask(lines)
            except OSError as error:
                ended.append(error)

        waiting = threading.Thread(target=wait)
        waiting.start()
        while not server.requests:
            waiting.join(0.01)
        lines.cut()
        waiting.join(30)
        assert [type(each) for each in ended] == [Cut]
        with pytest.raises(Cut):
            ask(lines)
    assert len(server.requests) == 1


def test_over_tls_as_without_it(tmp_path: Path) -> None:
    """An answer of many records, of which some are read from the socket together."""
    pem, body = certificate(tmp_path), b"0123456789" * 40_000
    whole: list[bytes | None] = [
        OK + b"Content-Length: 400000\r\n\r\n" + body[:70_000],
        body[70_000:70_001],
        body[70_001:],
    ]
    with scripted(whole, ANSWER, tls=server_context(pem)) as server:

        def dial(_operation: str, _base: str) -> Line:
            context = ssl.create_default_context(cafile=pem)
            line = socket.create_connection(("127.0.0.1", server.port), 5)
            return Line(context.wrap_socket(line, server_hostname="127.0.0.1"))

        lines = Lines(dial, 10)
        assert ask(lines).body == body
        assert ask(lines).body == b"ok"
        lines.close()
    assert server.connections == 1


def test_over_a_proxy_that_is_spoken_to_by_tls_itself(tmp_path: Path) -> None:
    """TLS inside of TLS."""
    with behind(tmp_path, secure=True) as world:
        wire = Wire(AwsConfig(proxy_url=world.proxy.url, ca_bundle=str(world.bundle)), environment={})
        api = wire.api(lambda: Credentials(AKIA, SECRET), AT_ONCE)
        found = [api.call("ec2", "DescribeRegions", "us-east-1", {"AllRegions": True})["Regions"] for _ in range(2)]
        wire.close()
    assert found == [[{"RegionName": "us-east-1", "OptInStatus": "opt-in-not-required"}]] * 2
    assert len(world.proxy.tunnels) == 1


def test_a_server_that_takes_nothing_is_waited_for_until_the_deadline() -> None:
    """What is sent is more than fits on the way to it."""
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        lines = Lines(lambda *_: Line(socket.create_connection(deaf.getsockname(), 5)), 0.2)
        with pytest.raises(TimeoutError):
            lines.exchange("Ask", "http://toy", "POST", "/", [("Host", "toy")], b"." * 16_000_000)
