"""AWS Signature Version 4 with its keys kept: a key is the same for a whole day of a service in a region.

IAM user guide, "Create a signed AWS API request". Signs as few headers as AWS asks for.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections import OrderedDict
from datetime import UTC, datetime
from urllib.parse import quote

from openvna.plugins.aws.api import Credentials
from openvna.plugins.aws.signing import ALGORITHM, authorization, signing_key, string_to_sign

_KEPT = 4096
_EMPTY = hashlib.sha256(b"").hexdigest()


class Signer:
    """Signs requests. Safe to use from several threads. Keeps the newest keys, each a few dozen bytes."""

    def __init__(self, kept: int = _KEPT) -> None:
        self._kept = kept
        self._lock = threading.Lock()
        self._keys: OrderedDict[tuple[str, str, str, str], bytes] = OrderedDict()

    def headers(
        self,
        method: str,
        host: str,
        path: str,
        query: str,
        headers: dict[str, str],
        body: bytes,
        credentials: Credentials,
        service: str,
        region: str,
        now: datetime,
    ) -> list[tuple[str, str]]:
        """`headers` and what a signed request has besides: Host, X-Amz-Date, X-Amz-Security-Token, Authorization.

        `path` and `query` are as they are sent, the query sorted; `now` is in UTC. All of `headers` are signed.
        """
        stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
        sent = {"Host": host, **headers, "X-Amz-Date": stamp}
        if credentials.token:
            sent["X-Amz-Security-Token"] = credentials.token
        lower = sorted((name.lower(), " ".join(value.split())) for name, value in sent.items())
        names = ";".join(name for name, _ in lower)
        digest = hashlib.sha256(body).hexdigest() if body else _EMPTY
        lines = "".join(f"{name}:{value}\n" for name, value in lower)
        canonical = f"{method}\n{quote(path, safe='/~')}\n{query}\n{lines}\n{names}\n{digest}"
        day = stamp[:8]
        scope = f"{day}/{region}/{service}/aws4_request"
        key = self._key(credentials.secret_access_key, day, region, service)
        signature = hmac.digest(key, string_to_sign(ALGORITHM, stamp, scope, canonical), "sha256")
        sent["Authorization"] = authorization(ALGORITHM, credentials.access_key_id, scope, names, signature)
        return list(sent.items())

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
