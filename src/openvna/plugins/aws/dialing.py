"""Makes the connection that a request goes over: name, TCP, TLS, a proxy's tunnel, each within the time that is left.

What goes wrong is told with the stage at which it did: the same exception means another thing at another stage.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from enum import StrEnum
from typing import Any

from openvna.plugins.aws.routes import Route, place


class Stage(StrEnum):
    """How far a connection has come, in the order of things."""

    NAME = "name"
    TCP = "tcp"
    PROXY_TLS = "proxy-tls"
    TUNNEL = "tunnel"
    TLS = "tls"
    ANSWER = "answer"


class TunnelRefused(OSError):
    """A proxy's answer to CONNECT that is not 200. `schemes`: how it wants to be signed in to (407)."""

    def __init__(self, status: int, reason: str, schemes: tuple[str, ...]) -> None:
        super().__init__(f"{status} {reason}")
        self.status = status
        self.reason = reason
        self.schemes = schemes


class Dialing:
    """One attempt to connect. `stage` is where it is, for whoever waits for it, and `line` what it has got so far."""

    def __init__(self, route: Route, seconds: float) -> None:
        self.route = route
        self.seconds = seconds
        self.stage = Stage.NAME
        self.line: Any = None
        self._until = 0.0

    def connected(
        self, context: ssl.SSLContext | None, proxy_context: ssl.SSLContext | None
    ) -> http.client.HTTPConnection:
        """A connection to the route's host that is ready for a request. Raises `OSError`, `HTTPException` or
        `UnicodeError`; `context` is for the host where it is spoken to by TLS, `proxy_context` for such a proxy."""
        self._until = time.monotonic() + self.seconds
        host, port = self.route.first_hop
        connection = http.client.HTTPConnection(host, port)
        connection.auto_open = 0  # it would dial by itself, and straight
        line: Any = self._dialled(host, port)
        try:
            if proxy_context is not None:
                self.stage = Stage.PROXY_TLS
                line = self._wrapped(line, proxy_context, host)
            if self.route.tunnelled:
                self.stage = Stage.TUNNEL
                self._tunnel(line)
            if context is not None:
                self.stage = Stage.TLS
                line = self._wrapped(line, context, self.route.host)
        except BaseException:
            line.close()
            raise
        self.stage = Stage.ANSWER
        connection.sock = line
        return connection

    def abandon(self) -> None:
        """Nobody waits any more: whoever still reads or writes stops."""
        try:
            if self.line is not None:
                self.line.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # it is closed already

    def _left(self) -> float:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        return left

    def _dialled(self, host: str, port: int) -> socket.socket:
        """The first address that answers. Each gets its share of the time: one without a way back must not use up
        that of the others (a host that has IPv6 addresses, on a machine that does not reach them)."""
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        self.stage = Stage.TCP
        failed: OSError | None = None
        for number, (family, kind, protocol, _, address) in enumerate(addresses):
            self.line = line = socket.socket(family, kind, protocol)
            try:
                line.settimeout(self._left() / (len(addresses) - number))
                line.connect(address)
                line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except OSError as error:
                line.close()
                failed = error
            else:
                return line
        raise failed or OSError("there is no address")

    def _wrapped(self, line: Any, context: ssl.SSLContext, host: str) -> Any:
        line.settimeout(self._left())
        if isinstance(line, ssl.SSLSocket):
            from urllib3.util.ssltransport import SSLTransport  # Python's own does no TLS inside of TLS

            return SSLTransport(line, context, server_hostname=host)
        return context.wrap_socket(line, server_hostname=host)

    def _tunnel(self, line: Any) -> None:
        line.settimeout(self._left())
        to = place(self.route.host, self.route.port)
        headers = {"Host": to, "User-Agent": "openvna", **self.route.proxy_headers}
        lines = [f"CONNECT {to} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        line.sendall("\r\n".join(lines).encode("ascii"))
        answer = http.client.HTTPResponse(line, method="CONNECT")
        try:
            answer.begin()
            if answer.status != http.HTTPStatus.OK:
                asked = answer.headers.get_all("Proxy-Authenticate") or ()
                schemes = tuple(dict.fromkeys(each.split()[0] for each in asked if each.split()))
                raise TunnelRefused(answer.status, answer.reason, schemes)
        finally:
            answer.close()
