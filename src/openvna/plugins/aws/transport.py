"""One HTTP request in, the raw answer out. Bounded in time, and every way not to get an answer has its cause id.

Built on `http.client`: it starts in a tenth of the time that a botocore client takes, and it keeps the facts that
a diagnosis needs (the proxy's own status, the certificate's issuer, the Date of every answer).
"""

from __future__ import annotations

import http.client
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any, TypeVar
from urllib.parse import SplitResult

from openvna.plugins.aws.api import CallError
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.dialing import Dialing, Stage
from openvna.plugins.aws.routes import OWN_PROXY, Route, route
from openvna.plugins.aws.trust import tls_context

CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0
_LARGEST_ANSWER = 16 * 1024 * 1024

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to connect (name, TCP, TLS and a proxy's tunnel together), and to have the whole answer after that."""

    connect: float = CONNECT_SECONDS
    read: float = READ_SECONDS

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Timeouts:
        """`OPENVNA_AWS_CONNECT_SECONDS` and `OPENVNA_AWS_READ_SECONDS`, where set to positive numbers."""

        def seconds(name: str, default: float) -> float:
            try:
                value = float(environment.get(name, ""))
            except ValueError:
                return default
            return value if value > 0 else default

        return cls(
            seconds("OPENVNA_AWS_CONNECT_SECONDS", CONNECT_SECONDS), seconds("OPENVNA_AWS_READ_SECONDS", READ_SECONDS)
        )


@dataclass(frozen=True, slots=True)
class Line:
    """An open connection, and what stands before the path of each request on it (a plain proxy wants the whole
    address) and among its headers (a plain proxy's sign-in)."""

    sock: Any
    origin: str = ""
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """A raw answer. Header names are in lower case; `skew` is our clock minus the server's, in seconds, where its
    Date was readable (to about a second)."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    skew: float | None


class Transport:
    """Sends requests over kept-open connections. Safe to use from several threads. `sent` counts the requests."""

    def __init__(
        self,
        config: AwsConfig,
        timeouts: Timeouts | None = None,
        environment: Mapping[str, str] = os.environ,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._config = config
        self._timeouts = timeouts or Timeouts.from_environment(environment)
        self._environment = environment
        self._clock = clock
        self._lock = threading.Lock()
        self._idle: dict[str, list[http.client.HTTPConnection]] = {}
        self.sent = 0

    def send(self, operation: str, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """One request; a kept connection that the server had closed meanwhile is replaced once.

        Raises `CallError` with a network cause when no HTTP answer came. `operation` names the call in it.
        """
        with self._lock:
            self.sent += 1
        way = self._route(url)
        kept = self._take(way)
        if kept is not None:
            used = Dialing(way, self._timeouts.connect)
            used.stage, used.line = Stage.ANSWER, kept.sock
            try:
                return self._bounded(operation, used, lambda: self._exchange(kept, way, method, headers, body))
            except CallError as error:
                if error.cause != "N-RESET":
                    raise
        dialing = Dialing(way, self._timeouts.connect)
        return self._bounded(operation, dialing, lambda: self._fresh(dialing, method, headers, body))

    def close(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, {}
        for connections in idle.values():
            for connection in connections:
                connection.close()

    def has_address(self, host: str) -> bool:
        """Whether the name service knows a host, as far as it answers in the time that there is to connect."""
        found: list[bool] = []

        def look_up() -> None:
            try:
                found.append(bool(socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)))
            except (OSError, UnicodeError):  # a label may be longer than names allow
                found.append(False)

        thread = threading.Thread(target=look_up, daemon=True, name="aws-name")
        thread.start()
        thread.join(self._timeouts.connect)
        return bool(found and found[0])

    def proxy_in_force(self, url: str) -> str | None:
        """`host:port (where it was set)` of the proxy that requests to `url` take; None: they go straight."""
        return self._route(url).proxy_place

    def shown_to_own_proxy(self, url: str) -> bool:
        """Whether a proxy that the source's settings name reads what is sent to `url`: without TLS it reads all."""
        way = self._route(url)
        return way.proxy is not None and way.proxy_origin == OWN_PROXY and not way.secure

    def dial(self, operation: str, url: str) -> Line:
        """An open connection to the host of `url`, for whoever speaks over it. Raises `CallError`."""
        dialing = Dialing(self._route(url), self._timeouts.connect)
        connection = self._bounded(operation, dialing, lambda: self._connected(dialing))
        way = dialing.route
        origin = "" if way.proxy is None or way.tunnelled else f"http://{way.target.netloc.rpartition('@')[2]}"
        return Line(connection.sock, origin, tuple(way.request_headers.items()))

    def unreached(self, operation: str, url: str, error: OSError) -> CallError:
        """What it means that a connection of `dial` gave no answer."""
        dialing = Dialing(self._route(url), self._timeouts.connect)
        dialing.stage = Stage.ANSWER
        return self._unreached(operation, dialing, error)

    def _route(self, url: str) -> Route:
        return route(self._config, url, self._environment)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return tls_context(self._config, self._environment)

    def _take(self, way: Route) -> http.client.HTTPConnection | None:
        with self._lock:
            idle = self._idle.get(way.key)
            return idle.pop() if idle else None

    def _fresh(self, dialing: Dialing, method: str, headers: Mapping[str, str], body: bytes) -> Answer:
        return self._exchange(self._connected(dialing), dialing.route, method, headers, body)

    def _connected(self, dialing: Dialing) -> http.client.HTTPConnection:
        way = dialing.route
        secure_proxy = way.proxy is not None and way.proxy.scheme == "https"
        return dialing.connected(self._tls if way.secure else None, self._tls if secure_proxy else None)

    def _exchange(
        self,
        connection: http.client.HTTPConnection,
        way: Route,
        method: str,
        headers: Mapping[str, str],
        body: bytes,
    ) -> Answer:
        try:
            connection.sock.settimeout(self._timeouts.read)
            connection.request(method, way.request_target, body=body, headers={**headers, **way.request_headers})
            before = self._clock()
            response = connection.getresponse()
            # The connection lets go of an answer that ends with it, so the answer is closed by itself.
            with closing(response):
                skew = _skew((before + self._clock()) / 2, response.getheader("Date"))
                content = response.read(_LARGEST_ANSWER)
                if response.length:
                    raise http.client.IncompleteRead(content, response.length)
                received = {name.lower(): value for name, value in response.getheaders()}
                over = response.will_close or not response.isclosed()
        except BaseException:
            connection.close()
            raise
        if over:
            connection.close()
        else:
            with self._lock:
                self._idle.setdefault(way.key, []).append(connection)
        return Answer(response.status, received, content, skew)

    def _bounded(self, operation: str, dialing: Dialing, work: Callable[[], _Result]) -> _Result:
        """`work` within the time there is for it: the name service and a dripping server know no socket timeout."""
        outcome: list[_Result | BaseException] = []

        def run() -> None:
            try:
                outcome.append(work())
            except (OSError, http.client.HTTPException, UnicodeError) as error:
                outcome.append(self._unreached(operation, dialing, error))
            except BaseException as error:  # noqa: BLE001 - handed over to the waiting thread, which raises it
                outcome.append(error)

        thread = threading.Thread(target=run, daemon=True, name=f"aws-{operation}")
        thread.start()
        thread.join(self._timeouts.connect + self._timeouts.read)
        result: _Result | BaseException
        if outcome:
            result = outcome[0]
        else:
            result = self._unreached(operation, dialing, TimeoutError("timed out"))
            dialing.abandon()
        if isinstance(result, CallError):
            result.operation = operation
        if isinstance(result, BaseException):
            raise result
        return result

    def _unreached(self, operation: str, dialing: Dialing, error: BaseException) -> CallError:
        from openvna.plugins.aws import reachability

        issuer = self._presented_issuer(dialing) if isinstance(error, ssl.SSLCertVerificationError) else ""
        cause, message = reachability.classify(error, dialing.route, dialing.stage, issuer, self._timeouts)
        unreached = CallError(operation, "", message, cause=cause)
        unreached.nameless = cause == "N-DNS" and reachability.no_such_name(error)
        return unreached

    def _presented_issuer(self, failed: Dialing) -> str:
        """Who issued the certificate that was not trusted: the interceptor's name, most of the time."""
        unchecked = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        unchecked.check_hostname = False
        unchecked.verify_mode = ssl.CERT_NONE  # nothing is sent over it: only the certificate is read
        way = failed.route
        secure_proxy = way.proxy is not None and way.proxy.scheme == "https"
        of_proxy = failed.stage is Stage.PROXY_TLS
        # To look at the proxy's own certificate, the way ends at the proxy; past it, the proxy has been checked.
        looked_at = Route(SplitResult("https", way.proxy.netloc, "", "", "")) if of_proxy and way.proxy else way
        dialing = Dialing(looked_at, self._timeouts.connect)
        try:
            connection = dialing.connected(unchecked, self._tls if secure_proxy and not of_proxy else None)
        except (OSError, http.client.HTTPException):
            return ""
        try:
            line: Any = connection.sock
            presented = line.getpeercert(binary_form=True)
        finally:
            connection.close()
        if not presented:
            return ""
        from cryptography import x509

        try:
            return x509.load_der_x509_certificate(presented).issuer.rfc4514_string()
        except ValueError:
            return ""


def _skew(ours: float, date: str | None) -> float | None:
    if not date:
        return None
    try:
        return ours - parsedate_to_datetime(date).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
