"""The outermost layer: request ids, the Host check, the size limit, security headers, the access log."""

from __future__ import annotations

import ipaddress
import secrets
import time
from collections.abc import Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from openvna.log import logger, redact
from openvna.northbound.rest.problems import problem, unexpected

LARGEST_BODY = 1024 * 1024
LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
_log = logger("openvna.access")

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_PAGE_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_API_POLICY = "default-src 'none'; frame-ancestors 'none'"


def is_loopback(host: str) -> bool:
    """Whether a name or address of a listening socket is this machine alone."""
    bare = host.strip("[]").lower()
    if bare == "localhost":
        return True
    try:
        return ipaddress.ip_address(bare).is_loopback
    except ValueError:
        return False


def _host(header: str) -> str:
    """The host of a Host header without its port."""
    name = header.strip().lower()
    return name[: name.index("]") + 1] if name.startswith("[") and "]" in name else name.partition(":")[0]


class Edge:
    """ASGI middleware around the whole application.

    `hosts` are the names that a Host header may have (a page of another site that rebinds its name to 127.0.0.1
    still sends its own name); None lets any pass.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str] | None = LOOPBACK) -> None:
        self.app = app
        self.hosts = None if hosts is None else frozenset(name.lower() for name in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = secrets.token_hex(8)
        method, path = scope["method"], scope["path"]
        inner = dict(scope)
        inner["openvna.request_id"] = request_id
        if method == "HEAD" and not path.endswith("/events"):
            # Every GET has its HEAD; the server under us leaves the body away. A stream would have no end.
            inner["method"] = "GET"
        started = time.perf_counter()
        status = 0
        ended = False

        async def send_on(message: Message) -> None:
            nonlocal status, ended
            if message["type"] == "http.response.start":
                status = message["status"]
                _secure(MutableHeaders(scope=message), path, request_id)
            elif message["type"] == "http.response.body":
                ended = not message.get("more_body", False)
            await send(message)

        try:
            await self._admit(inner, receive, send_on, request_id)
        except Exception as error:
            # The last net: what falls through becomes an answer and a log line.
            refusal = unexpected(request_id, error)
            if not status:
                await refusal(inner, receive, send_on)
            elif not ended:
                raise
        finally:
            client = scope.get("client")
            # Without the query: a value in it may be private.
            _log.info(
                "request",
                method=method,
                path=redact(path),
                status=status,
                milliseconds=round((time.perf_counter() - started) * 1000, 1),
                client=client[0] if client else "",
                caller=inner.get("openvna.caller", ""),
                request_id=request_id,
            )

    async def _admit(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if self.hosts is not None and _host(host) not in self.hosts:
            refusal = problem(
                request_id,
                421,
                "unknown-host",
                f"This server is not known as {_host(host)!r}.",
                "Use the address that the server was started with.",
            )
            await refusal(scope, receive, send)
            return
        too_large = f"The body is larger than {LARGEST_BODY // 1024} KiB."
        length = headers.get("content-length", "0")
        if length.isdecimal() and int(length) > LARGEST_BODY:
            refusal = problem(
                request_id,
                413,
                "content-too-large",
                too_large,
                "Send less at once.",
                # What is still to come will not be read.
                headers={"Connection": "close"},
            )
            await refusal(scope, receive, send)
            return
        read = 0

        async def receive_within() -> Message:
            nonlocal read
            message = await receive()
            if message["type"] == "http.request":
                read += len(message.get("body", b""))
                if read > LARGEST_BODY:
                    raise HTTPException(413, too_large)
            return message

        await self.app(scope, receive_within, send)


def _secure(headers: MutableHeaders, path: str, request_id: str) -> None:
    """Add what every answer carries; a page may have set a policy of its own."""
    for name, value in _ALWAYS.items():
        headers.setdefault(name, value)
    api = path.startswith("/api/")
    headers.setdefault("Content-Security-Policy", _API_POLICY if api else _PAGE_POLICY)
    if api:
        headers.setdefault("Cache-Control", "no-store")
    headers["X-Request-ID"] = request_id
