"""Why no answer came: what Python's network exceptions mean, as a cause id of the catalogue and a sentence."""

from __future__ import annotations

import http.client
import re
import socket
import ssl

_NAME_MISMATCH = (62, 64)
"""X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH (openssl/x509_vfy.h)."""

_NOT_TLS = (
    "WRONG_VERSION_NUMBER",
    "HTTP_REQUEST",
    "UNKNOWN_PROTOCOL",
    "RECORD_LAYER_FAILURE",
    "PACKET_LENGTH_TOO_LONG",
)
_TUNNEL = re.compile(r"Tunnel connection failed: (\d{3})\s*(.*)")


def classify(error: BaseException, where: str, proxy: str | None, issuer: str, seconds: float) -> tuple[str, str]:
    """The cause id and what happened. `where` is the wanted host:port, `proxy` the proxy in force (with its origin),
    `issuer` that of an untrusted certificate, `seconds` the time there was to connect."""
    via = f" through the proxy {proxy}" if proxy else ""
    tunnel = _TUNNEL.search(str(error))
    if tunnel:
        status = tunnel[1]
        if status == "407":
            return "N-PROXY-AUTH", f"The proxy {proxy} asks for a user name and password (407) to reach {where}."
        return "N-PROXY-DENY", f"The proxy {proxy} does not let us through to {where}: {status} {tunnel[2].strip()}"
    if isinstance(error, ssl.SSLCertVerificationError):
        why = error.verify_message.rstrip(".")
        if error.verify_code in _NAME_MISMATCH:
            return "N-TLS-NAME", f"{where} shows a certificate of another host{via}: {why}.{_issued(issuer)}"
        return "N-TLS-CA", f"The certificate of {where} is not trusted{via}: {why}.{_issued(issuer)}"
    if isinstance(error, ssl.SSLError):
        if any(word in (error.reason or "") for word in _NOT_TLS):
            return "N-TLS-PLAIN", f"{where} does not speak TLS{via}, though the address says https."
        return "N-RESET", f"The TLS connection to {where} was cut{via}: {error.reason or error}."
    if isinstance(error, socket.gaierror):
        if proxy:
            return "N-PROXY-DOWN", f"The name of the proxy {proxy} cannot be resolved: {error.strerror}."
        return "N-DNS", f"The name {where.rsplit(':', 1)[0]} cannot be resolved: {error.strerror}."
    if isinstance(error, UnicodeError):
        return "N-DNS", f"{where.rsplit(':', 1)[0]!r} is not a valid host name."
    if isinstance(error, TimeoutError):
        return "N-TIMEOUT", f"{where} did not answer in time{via} (connecting is given {seconds:g} s)."
    if isinstance(error, ConnectionRefusedError):
        if proxy:
            return "N-PROXY-DOWN", f"The proxy {proxy} refuses connections."
        return "N-REFUSED", f"{where} refuses connections."
    if isinstance(error, ConnectionError | http.client.IncompleteRead):
        return "N-RESET", f"The connection to {where} was cut{via}: {type(error).__name__}."
    if isinstance(error, http.client.HTTPException):
        return "N-INTERCEPT", f"What answers at {where}{via} does not speak HTTP: {type(error).__name__}."
    if isinstance(error, OSError) and proxy:
        return "N-PROXY-DOWN", f"The proxy {proxy} cannot be reached: {error.strerror or error}."
    return "N-REFUSED", f"{where} cannot be reached: {getattr(error, 'strerror', None) or error}."


def _issued(issuer: str) -> str:
    return f" Its issuer is: {issuer}." if issuer else ""
