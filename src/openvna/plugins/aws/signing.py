"""AWS Signature Version 4 for the query protocol (IAM user guide, "Create a signed AWS API request").

Signs as few headers as AWS asks for (content-type, host, x-amz-date, x-amz-security-token), so that a proxy that
touches any other header does no harm.

Signed is with this machine's clock, also where that is known to be wrong: other SDKs correct it by the Date of AWS's
answers, but then an access would be proven that ends whenever a part without such a correction is reached, and
sessions would end at a time that nobody expects. A wrong clock is said instead (K-CLOCK, K-CLOCK-5MIN).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote, urlsplit

from openvna.plugins.aws.api import Credentials

ALGORITHM = "AWS4-HMAC-SHA256"


def signed_headers(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    credentials: Credentials,
    service: str,
    region: str,
    now: datetime,
) -> dict[str, str]:
    """`headers` and what the signature adds: X-Amz-Date, X-Amz-Security-Token, Authorization.

    `url` has no query part; `headers` are all signed; `now` is in UTC. Host is signed but not among the result:
    the HTTP client sends it.
    """
    stamp = now.strftime("%Y%m%dT%H%M%SZ")
    sent = {**headers, "X-Amz-Date": stamp}
    if credentials.token:
        sent["X-Amz-Security-Token"] = credentials.token
    canonical = canonical_request(method, url, sent, body)
    names = canonical.split("\n")[-2]
    scope = f"{stamp[:8]}/{region}/{service}/aws4_request"
    key = signing_key(credentials.secret_access_key, stamp[:8], region, service)
    signature = hmac.digest(key, string_to_sign(ALGORITHM, stamp, scope, canonical), "sha256")
    sent["Authorization"] = authorization(ALGORITHM, credentials.access_key_id, scope, names, signature)
    return sent


def string_to_sign(algorithm: str, stamp: str, scope: str, canonical: str) -> bytes:
    """`stamp` is the value of X-Amz-Date, `scope` is DAY/REGION/SERVICE/aws4_request."""
    return "\n".join((algorithm, stamp, scope, hashlib.sha256(canonical.encode()).hexdigest())).encode()


def signing_key(secret: str, day: str, region: str, service: str) -> bytes:
    """The key of a secret access key for a day (YYYYMMDD) of a service in a region."""
    key = f"AWS4{secret}".encode()
    for part in (day, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def authorization(algorithm: str, credential: str, scope: str, names: str, signature: bytes) -> str:
    """The value of the header Authorization. `names` are the signed headers, in order, joined by semicolons."""
    return f"{algorithm} Credential={credential}/{scope}, SignedHeaders={names}, Signature={signature.hex()}"


def canonical_request(method: str, url: str, headers: Mapping[str, str], body: bytes) -> str:
    """What is signed, in the one form that both sides must come to. `headers` are those that are signed."""
    signed = {name.lower(): " ".join(value.split()) for name, value in headers.items()}
    signed["host"] = host_header(url)
    return "\n".join(
        (
            method,
            quote(urlsplit(url).path or "/", safe="/-_.~"),
            "",
            *(f"{name}:{signed[name]}" for name in sorted(signed)),
            "",
            ";".join(sorted(signed)),
            hashlib.sha256(body).hexdigest(),
        )
    )


def host_header(url: str) -> str:
    """The Host header of a URL: with the port unless it is the scheme's own."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    return host if parts.port in (None, 443 if parts.scheme == "https" else 80) else f"{host}:{parts.port}"
