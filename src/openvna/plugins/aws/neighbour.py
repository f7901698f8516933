"""HTTP to a service beside us: the metadata service of an instance, the credential agent of a container.

Never through a proxy, never after a redirect, and within a few seconds: such a service is near or it is not there.
"""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from openvna.log import hide, redact
from openvna.plugins.aws.api import Credentials
from openvna.plugins.aws.sts import Timed

_LARGEST_ANSWER = 256 * 1024


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to connect, and to have the whole answer after that."""

    connect: float
    read: float

    @property
    def all(self) -> float:
        return self.connect + self.read


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes

    @property
    def said(self) -> str:
        """Its beginning, as it may be shown: without secrets, in one line."""
        text = redact(" ".join(self.body[:2000].decode("utf-8", "replace").split()))
        return "".join(char for char in text if char.isprintable())[:300]

    def json(self) -> Mapping[str, Any] | None:
        """The JSON object in it, None where there is none."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) else None


class Silent(Exception):
    """No answer came. `connected`: it was reached, and then said nothing; `why` is for people."""

    def __init__(self, why: str, *, connected: bool) -> None:
        super().__init__(why)
        self.why = why
        self.connected = connected


def ask(method: str, url: str, headers: Mapping[str, str], patience: Patience) -> Answer:
    """One request. Raises `Silent`. The URL's form has been checked by the caller."""
    outcome: list[Answer | BaseException] = []
    connected = threading.Event()

    def run() -> None:
        try:
            outcome.append(_exchange(method, url, headers, patience, connected))
        except BaseException as error:  # noqa: BLE001 - handed over to the waiting thread, which looks at it
            outcome.append(error)

    thread = threading.Thread(target=run, daemon=True, name="aws-neighbour")
    thread.start()
    thread.join(patience.all)  # a name that is looked up and an answer that drips know no socket timeout
    found = outcome[0] if outcome else TimeoutError()
    if isinstance(found, Answer):
        return found
    if not isinstance(found, OSError | http.client.HTTPException | UnicodeError | ValueError):
        raise found
    raise Silent(_why(found, patience, connected.is_set()), connected=connected.is_set()) from found


def _exchange(
    method: str, url: str, headers: Mapping[str, str], patience: Patience, connected: threading.Event
) -> Answer:
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=patience.connect)
    try:
        connection.connect()
        connected.set()
        connection.sock.settimeout(patience.read)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, headers={**headers, "User-Agent": "openvna", "Connection": "close"})
        response = connection.getresponse()
        with response:
            return Answer(response.status, response.read(_LARGEST_ANSWER))
    finally:
        connection.close()


def _why(error: BaseException, patience: Patience, connected: bool) -> str:
    if isinstance(error, TimeoutError):
        doing = f"no answer within {patience.read:g} s" if connected else f"no connection within {patience.connect:g} s"
        return f"{doing}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return "the connection broke off" if connected else type(error).__name__


def credential(found: Mapping[str, Any]) -> Timed | None:
    """The credential in the shape that these services share; None where a part of it is missing."""
    key, secret, token = (found.get(name) for name in ("AccessKeyId", "SecretAccessKey", "Token"))
    if not (isinstance(key, str) and isinstance(secret, str) and key and secret):
        return None
    given = Credentials(key, secret, token if isinstance(token, str) else "")
    hide(given.secret_access_key, given.token)
    try:
        end = datetime.fromisoformat(str(found.get("Expiration")))
    except ValueError:
        return Timed(given)
    return Timed(given, (end if end.tzinfo else end.replace(tzinfo=UTC)).timestamp())
