"""Why no answer came: what Python's network exceptions mean, as a cause id of the catalogue and a sentence."""

from __future__ import annotations

import http.client
import socket
import ssl
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from openvna.plugins.aws.dialing import Stage, TunnelRefused
from openvna.plugins.aws.routes import Route

if TYPE_CHECKING:
    from openvna.plugins.aws.transport import Timeouts

_NAME_MISMATCH = (62, 64)
"""X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH (openssl/x509_vfy.h)."""

_DATES = (9, 10)
"""X509_V_ERR_CERT_NOT_YET_VALID, X509_V_ERR_CERT_HAS_EXPIRED."""

_NOT_TLS = (
    "WRONG_VERSION_NUMBER",
    "HTTP_REQUEST",
    "UNKNOWN_PROTOCOL",
    "RECORD_LAYER_FAILURE",
    "PACKET_LENGTH_TOO_LONG",
)
_WAITED = {
    Stage.NAME: "the name service gave no answer within {connect:g} s",
    Stage.TCP: "no connection came about within {connect:g} s",
    Stage.PROXY_TLS: "the TLS handshake did not end within {connect:g} s",
    Stage.TUNNEL: "it gave no answer to CONNECT within {connect:g} s",
    Stage.TLS: "the TLS handshake did not end within {connect:g} s",
    Stage.ANSWER: "the answer was not there within {read:g} s",
}


_NO_SUCH_NAME = frozenset(
    code for name in ("EAI_NONAME", "EAI_NODATA") if (code := getattr(socket, name, None)) is not None
)
"""What says that a name does not exist, and not that the name service gives no answer (getaddrinfo(3))."""


def no_such_name(error: BaseException) -> bool:
    """Whether an exception, or one that it stands for, says that there is no such name."""
    at: BaseException | None = error
    for _ in range(8):
        if at is None:
            return False
        if isinstance(at, socket.gaierror):
            return at.errno in _NO_SUCH_NAME
        at = at.__cause__ or at.__context__
    return False


def classify(error: BaseException, route: Route, stage: Stage, issuer: str, timeouts: Timeouts) -> tuple[str, str]:
    """The cause id and what happened. `stage` is how far the connection had come, `issuer` that of an untrusted
    certificate."""
    cause, said = _classified(error, route, stage, issuer, timeouts)
    return cause, f"{said} {route.remark}".strip() if route.proxy is not None else said


def _classified(error: BaseException, route: Route, stage: Stage, issuer: str, timeouts: Timeouts) -> tuple[str, str]:
    where, proxy = route.where, route.proxy_place
    at_proxy = route.proxy is not None and stage in (Stage.NAME, Stage.TCP, Stage.PROXY_TLS, Stage.TUNNEL)
    via = f" through the proxy {proxy}" if proxy else ""
    if isinstance(error, TunnelRefused):
        return _refused_tunnel(error, where, proxy or "")
    if isinstance(error, ssl.SSLError):
        return _tls(error, where, via, issuer) if stage is not Stage.PROXY_TLS else _proxy_tls(error, proxy, issuer)
    if isinstance(error, socket.gaierror):
        if proxy:
            return "N-PROXY-DOWN", f"The name of the proxy {proxy} cannot be resolved: {error.strerror}."
        return "N-DNS", f"The name {route.host} cannot be resolved: {error.strerror}."
    if isinstance(error, UnicodeError):
        name = route.first_hop[0] if at_proxy else route.host
        return "N-PROXY-DOWN" if at_proxy else "N-DNS", f"{name!r} is not a valid host name."
    if isinstance(error, TimeoutError):
        waited = _WAITED[stage].format(connect=timeouts.connect, read=timeouts.read)
        if at_proxy:
            cause = "N-PROXY-TIMEOUT" if stage is Stage.TUNNEL else "N-PROXY-DOWN"
            return cause, f"The proxy {proxy} did not answer in time: {waited}."
        return "N-DNS" if stage is Stage.NAME else "N-TIMEOUT", f"{where} did not answer in time{via}: {waited}."
    if isinstance(error, ConnectionRefusedError):
        if proxy:
            return "N-PROXY-DOWN", f"The proxy {proxy} refuses connections."
        return "N-REFUSED", f"{where} refuses connections."
    if isinstance(error, ConnectionError | http.client.IncompleteRead):
        if stage is Stage.TUNNEL:
            return "N-PROXY-DENY", f"The proxy {proxy} cut the connection instead of letting us through to {where}."
        return "N-RESET", f"The connection to {where} was cut{via}: {type(error).__name__}."
    if isinstance(error, http.client.HTTPException):
        if at_proxy:
            return "N-PROXY-DOWN", f"What answers at the proxy {proxy} does not speak HTTP: {type(error).__name__}."
        return "N-INTERCEPT", f"What answers at {where}{via} does not speak HTTP: {type(error).__name__}."
    why = getattr(error, "strerror", None) or error
    if at_proxy:
        return "N-PROXY-DOWN", f"The proxy {proxy} cannot be reached: {why}."
    return "N-REFUSED", f"{where} cannot be reached{via}: {why}."


def _refused_tunnel(error: TunnelRefused, where: str, proxy: str) -> tuple[str, str]:
    if error.status != http.HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        return "N-PROXY-DENY", f"The proxy {proxy} does not let us through to {where}: {error}"
    return "N-PROXY-AUTH", f"The proxy {proxy} asks for a user name and password (407) to reach {where}.{_ways(error)}"


def _ways(error: TunnelRefused) -> str:
    if not error.schemes or any(each.lower() == "basic" for each in error.schemes):
        return ""
    return f" It takes {', '.join(error.schemes)} only; OpenVNA and the AWS SDKs sign in to a proxy by Basic."


def _tls(error: ssl.SSLError, where: str, via: str, issuer: str) -> tuple[str, str]:
    if isinstance(error, ssl.SSLCertVerificationError):
        why = error.verify_message.rstrip(".")
        if error.verify_code in _NAME_MISMATCH:
            return "N-TLS-NAME", f"{where} shows a certificate of another host{via}: {why}.{_issued(issuer)}"
        if error.verify_code in _DATES:
            now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M")
            said = f"The certificate of {where} is not in force{via}: {why}. This machine's clock says {now} UTC."
            return "N-TLS-DATE", f"{said}{_issued(issuer)}"
        return "N-TLS-CA", f"The certificate of {where} is not trusted{via}: {why}.{_issued(issuer)}"
    if any(word in (error.reason or "") for word in _NOT_TLS):
        return "N-TLS-PLAIN", f"{where} does not speak TLS{via}, though the address says https."
    return "N-RESET", f"The TLS connection to {where} was cut{via}: {error.reason or error}."


def _proxy_tls(error: ssl.SSLError, proxy: str | None, issuer: str) -> tuple[str, str]:
    if isinstance(error, ssl.SSLCertVerificationError):
        why = error.verify_message.rstrip(".")
        return "N-PROXY-TLS", f"The certificate of the proxy {proxy} is not trusted: {why}.{_issued(issuer)}"
    if any(word in (error.reason or "") for word in _NOT_TLS):
        return "N-PROXY-TLS", f"The proxy {proxy} does not speak TLS, though its address says https."
    return "N-PROXY-TLS", f"The TLS connection to the proxy {proxy} was cut: {error.reason or error}."


def _issued(issuer: str) -> str:
    return f" Its issuer is: {issuer}." if issuer else ""
