"""AWS Signature Version 4 with its keys kept: a key is the same for a whole day of a service in a region.

IAM user guide, "Create a signed AWS API request". Signs as few headers as AWS asks for. What is signed is the same for
every account and region but for four things: it is written down once, with gaps for those.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from openvna.plugins.aws.api import Credentials
from openvna.plugins.aws.signing import ALGORITHM, authorization, signing_key, string_to_sign

_KEPT = 4096
_GAPS = ("host", "x-amz-date", "x-amz-security-token")
"""In the order in which they stand in what is signed, which is that of their names."""


class Signer:
    """Signs requests. Safe to use from several threads. Keeps the newest keys, each a few dozen bytes."""

    def __init__(self, kept: int = _KEPT) -> None:
        self._kept = kept
        self._lock = threading.Lock()
        self._keys: OrderedDict[tuple[str, str, str, str], bytes] = OrderedDict()

    def headers(
        self,
        unsigned: Unsigned,
        host: str,
        path: str,
        credentials: Credentials,
        service: str,
        region: str,
        now: datetime,
    ) -> list[tuple[str, str]]:
        """The headers of a signed request: its own, Host, X-Amz-Date, X-Amz-Security-Token, Authorization.

        `path` is as it is sent; `now` is in UTC.
        """
        stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
        sent = [("Host", host), *unsigned.headers, ("X-Amz-Date", stamp)]
        filled = [host, stamp]
        if credentials.token:
            sent.append(("X-Amz-Security-Token", credentials.token))
            filled.append(" ".join(credentials.token.split()))
        canonical, names = unsigned.canonical(path, filled)
        day = stamp[:8]
        scope = f"{day}/{region}/{service}/aws4_request"
        key = self._key(credentials.secret_access_key, day, region, service)
        signature = hmac.digest(key, string_to_sign(ALGORITHM, stamp, scope, canonical), "sha256")
        sent.append(("Authorization", authorization(ALGORITHM, credentials.access_key_id, scope, names, signature)))
        return sent

    def _key(self, secret: str, day: str, region: str, service: str) -> bytes:
        place = (secret, day, region, service)
        with self._lock:
            key = self._keys.get(place)
            if key is not None:
                self._keys.move_to_end(place)
                return key
        key = signing_key(secret, day, region, service)
        with self._lock:
            self._keys[place] = key
            while len(self._keys) > self._kept:
                self._keys.popitem(last=False)
        return key


class Unsigned:
    """What of a signed request depends neither on where it goes, nor on who sends it, nor on when."""

    __slots__ = ("_forms", "_method", "headers")

    def __init__(self, method: str, query: str, headers: Mapping[str, str], body: bytes) -> None:
        """`query` is as it is sent, and sorted. All of `headers` are signed."""
        self.headers = tuple(headers.items())
        self._method = method
        said = {name.lower(): " ".join(value.split()) for name, value in headers.items()}
        digest = hashlib.sha256(body).hexdigest()
        self._forms = {count: _form(query, said, digest, _GAPS[:count]) for count in (2, 3)}

    def canonical(self, path: str, filled: list[str]) -> tuple[str, str]:
        """The canonical request, and the names of the headers in it. `filled` is what goes into the gaps: the host,
        the date, and the session's token where there is one."""
        form = self._forms[len(filled)]
        parts = [f"{self._method}\n{path if path == '/' else quote(path, safe='/~')}"]
        for text, value in zip(form.texts, filled, strict=False):  # there is one text more, behind the last gap
            parts += (text, value)
        parts.append(form.texts[-1])
        return "".join(parts), form.names


@dataclass(frozen=True, slots=True)
class _Form:
    """The texts before, between and behind the gaps, and the names of the headers."""

    texts: tuple[str, ...]
    names: str


def _form(query: str, said: Mapping[str, str], digest: str, gaps: tuple[str, ...]) -> _Form:
    names = sorted((*said, *gaps))
    texts: list[str] = []
    text = f"\n{query}\n"
    for name in names:
        text += f"{name}:"
        if name in gaps:
            texts.append(text)
            text = ""
        text += f"{said.get(name, '')}\n"
    joined = ";".join(names)
    return _Form((*texts, f"{text}\n{joined}\n{digest}"), joined)
