"""One HTTP request in, the raw answer out. Bounded in time, and every way not to get an answer has its cause id.

Built on `http.client`: it starts in a tenth of the time that a botocore client takes, and it keeps the facts that
a diagnosis needs (the proxy's own status, the certificate's issuer, the Date of every answer).
"""

from __future__ import annotations

import base64
import http.client
import os
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cached_property
from pathlib import Path
from urllib.parse import SplitResult, unquote

from openvna.plugins.aws.api import CallError
from openvna.plugins.aws.config import AwsConfig, split_url
from openvna.plugins.aws.endpoints import without_user

CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0
_ENCODE = "In a user name or password the characters / ? # @ : are written as %2F %3F %23 %40 %3A."
_LARGEST_ANSWER = 16 * 1024 * 1024


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
        route = self._route(url)
        try:
            kept = self._take(route)
            if kept is not None:
                try:
                    return self._bounded(operation, route, lambda: self._exchange(kept, route, method, headers, body))
                except CallError as error:
                    if error.cause != "N-RESET":
                        raise
            return self._bounded(operation, route, lambda: self._fresh(route, method, headers, body))
        except (OSError, http.client.HTTPException, UnicodeError) as error:
            raise self._unreached(operation, route, error) from error

    def close(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, {}
        for connections in idle.values():
            for connection in connections:
                connection.close()

    def proxy_in_force(self, url: str) -> str | None:
        """`host:port (where it was set)` of the proxy that requests to `url` take; None: they go straight."""
        route = self._route(url)
        return route.proxy_place

    def _route(self, url: str) -> _Route:
        target = split_url(url)
        if target is None or target.scheme not in ("http", "https"):
            shown = without_user(url)
            raise CallError(
                "connect", "", f"{shown!r} is not an http:// or https:// address of a host.", cause="C-ENDPOINT"
            )
        proxy, origin = _proxy(self._config, target, self._environment)
        return _Route(target, proxy, origin)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        path, origin = ca_bundle(self._config, self._environment)
        try:
            return ssl.create_default_context(
                cafile=None if Path(path).is_dir() else path, capath=path if Path(path).is_dir() else None
            )
        except (OSError, ssl.SSLError) as error:
            why = "there is no such file" if isinstance(error, FileNotFoundError) else "it holds no PEM certificate"
            if isinstance(error, PermissionError):
                why = "it may not be read"
            what = f"The CA bundle {path} ({origin}) cannot be used: {why}."
            raise CallError("connect", "", what, cause="C-CABUNDLE") from error

    def _take(self, route: _Route) -> http.client.HTTPConnection | None:
        with self._lock:
            idle = self._idle.get(route.key)
            return idle.pop() if idle else None

    def _fresh(self, route: _Route, method: str, headers: Mapping[str, str], body: bytes) -> Answer:
        connection = self._connected(route, self._tls if route.target.scheme == "https" else None)
        return self._exchange(connection, route, method, headers, body)

    def _connected(self, route: _Route, context: ssl.SSLContext | None) -> http.client.HTTPConnection:
        host, port = route.first_hop
        connection: http.client.HTTPConnection
        if context is not None:
            connection = http.client.HTTPSConnection(host, port, timeout=self._timeouts.connect, context=context)
        else:
            connection = http.client.HTTPConnection(host, port, timeout=self._timeouts.connect)
        if route.tunnelled:
            connection.set_tunnel(route.host, route.port, headers=route.proxy_headers)
        try:
            connection.connect()
        except BaseException:
            connection.close()
            raise
        return connection

    def _exchange(
        self,
        connection: http.client.HTTPConnection,
        route: _Route,
        method: str,
        headers: Mapping[str, str],
        body: bytes,
    ) -> Answer:
        try:
            connection.sock.settimeout(self._timeouts.read)
            connection.request(method, route.request_target, body=body, headers={**headers, **route.request_headers})
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
                self._idle.setdefault(route.key, []).append(connection)
        return Answer(response.status, received, content, skew)

    def _bounded(self, operation: str, route: _Route, work: Callable[[], Answer]) -> Answer:
        """`work` within the time there is for it: the name service and a dripping server know no socket timeout."""
        outcome: list[Answer | BaseException] = []

        def run() -> None:
            try:
                outcome.append(work())
            except BaseException as error:  # noqa: BLE001 - handed over to the waiting thread, which raises it
                outcome.append(error)

        thread = threading.Thread(target=run, daemon=True, name=f"aws-{operation}")
        thread.start()
        thread.join(self._timeouts.connect + self._timeouts.read)
        if not outcome:
            raise self._unreached(operation, route, TimeoutError("timed out"))
        result = outcome[0]
        if isinstance(result, CallError):
            result.operation = operation
            raise result
        if isinstance(result, OSError | http.client.HTTPException | UnicodeError):
            raise self._unreached(operation, route, result) from result
        if isinstance(result, BaseException):
            raise result
        return result

    def _unreached(self, operation: str, route: _Route, error: BaseException) -> CallError:
        from openvna.plugins.aws import reachability

        issuer = ""
        if isinstance(error, ssl.SSLCertVerificationError):
            issuer = self._presented_issuer(route)
        cause, message = reachability.classify(error, route.where, route.proxy_place, issuer, self._timeouts.connect)
        return CallError(operation, "", message, cause=cause)

    def _presented_issuer(self, route: _Route) -> str:
        """Who issued the certificate that was not trusted: the interceptor's name, most of the time."""
        unchecked = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        unchecked.check_hostname = False
        unchecked.verify_mode = ssl.CERT_NONE  # nothing is sent over it: only the certificate is read
        try:
            connection = self._connected(route, unchecked)
        except (OSError, http.client.HTTPException):
            return ""
        try:
            tls = connection.sock
            presented = tls.getpeercert(binary_form=True) if isinstance(tls, ssl.SSLSocket) else None
        finally:
            connection.close()
        if not presented:
            return ""
        from cryptography import x509

        try:
            return x509.load_der_x509_certificate(presented).issuer.rfc4514_string()
        except ValueError:
            return ""


@dataclass(frozen=True, slots=True)
class _Route:
    """The way to a host: straight or through a proxy."""

    target: SplitResult
    proxy: SplitResult | None
    proxy_origin: str

    @property
    def host(self) -> str:
        return self.target.hostname or ""

    @property
    def port(self) -> int:
        return self.target.port or (443 if self.target.scheme == "https" else 80)

    @property
    def where(self) -> str:
        return f"{self.host}:{self.port}"

    @property
    def tunnelled(self) -> bool:
        return self.proxy is not None and self.target.scheme == "https"

    @property
    def first_hop(self) -> tuple[str, int]:
        if self.proxy is None:
            return self.host, self.port
        return self.proxy.hostname or "", self.proxy.port or (443 if self.proxy.scheme == "https" else 80)

    @property
    def proxy_place(self) -> str | None:
        if self.proxy is None:
            return None
        host, port = self.first_hop
        return f"{host}:{port} ({self.proxy_origin})"

    @property
    def key(self) -> str:
        return f"{self.target.scheme}://{self.where}"

    @property
    def request_target(self) -> str:
        path = self.target.path or "/"
        return path if self.proxy is None or self.tunnelled else f"http://{self.target.netloc.rpartition('@')[2]}{path}"

    @property
    def proxy_headers(self) -> dict[str, str]:
        if self.proxy is None or self.proxy.username is None:
            return {}
        pair = f"{unquote(self.proxy.username)}:{unquote(self.proxy.password or '')}"
        return {"Proxy-Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}

    @property
    def request_headers(self) -> dict[str, str]:
        return {} if self.tunnelled else self.proxy_headers


def ca_bundle(config: AwsConfig, environment: Mapping[str, str] = os.environ) -> tuple[str, str]:
    """The certificates that are trusted, and who said so. The same choice as botocore's, which the collection uses."""
    if config.ca_bundle:
        return config.ca_bundle, "the source's setting ca_bundle"
    for variable in ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"):
        if environment.get(variable):
            return environment[variable], f"the environment variable {variable}"
    from importlib.util import find_spec

    from openvna.plugins.aws.endpoints import botocore_directory

    certifi = find_spec("certifi")
    if certifi is not None and certifi.origin:
        return str(Path(certifi.origin).with_name("cacert.pem")), "certifi's"
    return str(botocore_directory() / "cacert.pem"), "botocore's"


def _proxy(config: AwsConfig, target: SplitResult, environment: Mapping[str, str]) -> tuple[SplitResult | None, str]:
    url, origin = (config.proxy_url.get_secret_value(), "the source's setting") if config.proxy_url else ("", "")
    if not url:
        # Not ALL_PROXY: the AWS SDKs do not know it, and the collection must go the way that was verified.
        for name in (f"{target.scheme}_proxy", f"{target.scheme}_proxy".upper()):
            if environment.get(name):
                url, origin = environment[name], f"the environment variable {name}"
                break
        if not url or _exempt(target.hostname or "", environment):
            return None, ""
    proxy = split_url(url if "://" in url else f"http://{url}")
    if proxy is None:
        what = f"The proxy of {origin} has no host and port that can be read. {_ENCODE}"
        raise CallError("connect", "", what, cause="N-PROXY-DOWN")
    if proxy.scheme != "http":
        what = f"The proxy of {origin} is one of {proxy.scheme}://; it takes one that is spoken to by http://."
        raise CallError("connect", "", what, cause="N-PROXY-DOWN")
    if proxy.password:
        from openvna.log import hide

        hide(proxy.password, unquote(proxy.password))
    return proxy, origin


def _exempt(host: str, environment: Mapping[str, str]) -> bool:
    """Whether NO_PROXY names the host or a domain it is in, or everything."""
    names = (environment.get("no_proxy") or environment.get("NO_PROXY") or "").split(",")
    exempt = [name.strip().lower().lstrip("*").lstrip(".") for name in names if name.strip()]
    lower = host.lower()
    return any(name.strip() == "*" for name in names) or any(
        lower == name or lower.endswith(f".{name}") for name in exempt if name
    )


def _skew(ours: float, date: str | None) -> float | None:
    if not date:
        return None
    try:
        return ours - parsedate_to_datetime(date).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
