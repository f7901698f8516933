"""The small protocol behind which every AWS call of the collection is made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol, TypeAlias, cast, runtime_checkable

from openvna.plugin.confidence import Confidence


@dataclass(frozen=True, slots=True)
class Credentials:
    """A usable key, good for the next minutes. `token` is empty for a permanent key."""

    access_key_id: str
    secret_access_key: str
    token: str = ""

    def __repr__(self) -> str:
        return f"Credentials({self.access_key_id[:4]}…{self.access_key_id[-4:]})"


@dataclass(frozen=True, slots=True)
class Learned:
    """What was found out about a refusal after it came (`inquiry.py`): facts for people, and what follows from them.

    `cause` and `confidence` stand in the place of what the refusal alone says; empty and None: they do not. `policy`
    names the policy that decided.
    """

    facts: tuple[str, ...]
    cause: str = ""
    confidence: Confidence | None = None
    policy: str = ""


class CallError(Exception):
    """A call that AWS refused or that never got an answer.

    `code` and `message` are AWS's words (`code` is empty when no AWS answer came), `status` the HTTP status
    (0 without an answer), `skew` the seconds by which our clock is ahead of the answering server's, where known.
    `cause` is set where the transport already knows it (N-DNS, N-TIMEOUT, N-INTERCEPT, ...). `retries` and
    `throttles` say how often the call was tried again, and how often of that because AWS was asked too fast; `waited`
    are the seconds between the tries and for its turn. `retry_after` are those that AWS asks to wait, where it does.
    `learned` is what was found out about the refusal afterwards. `nameless`: that the name service says that there is
    no such host (and not merely gives no answer).
    """

    learned: Learned | None = None
    nameless: bool = False

    def __init__(
        self,
        operation: str,
        code: str,
        message: str,
        status: int = 0,
        request_id: str = "",
        skew: float | None = None,
        cause: str = "",
        retries: int = 0,
        throttles: int = 0,
        waited: float = 0.0,
        retry_after: float = 0.0,
    ) -> None:
        super().__init__(f"{operation}: {code or cause}: {message}")
        self.operation = operation
        self.code = code
        self.message = message
        self.status = status
        self.request_id = request_id
        self.skew = skew
        self.cause = cause
        self.retries = retries
        self.throttles = throttles
        self.waited = waited
        self.retry_after = retry_after


def damaged(operation: str, host: str, why: str) -> CallError:
    """What it means that AWS answered and a part of the answer was lost on the way: as if the connection had been cut
    a little sooner. Read as it is, it would say that less is there than is."""
    return CallError(operation, "", f"The answer of {host} to {operation} is not whole: {why}.", cause="N-RESET")


@dataclass(frozen=True, slots=True)
class Keeping:
    """What of an item is kept as its document, as `paths.cleaned` says: all but the members `dropped`, every list in a
    stable order but those under the members `ordered`."""

    dropped: frozenset[str]
    ordered: frozenset[str]


ReadItems: TypeAlias = Callable[[Iterable[bytes]], list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Unread:
    """The items of a list as the bytes that AWS sent.

    `inside` is all that is in the list, `cut` gives the items in it, None where they cannot be told apart; then `read`
    reads them all. `reader` gives the function that reads some. Told what is kept, it may put the document into each
    item, as the member `@document`, for less than `paths.cleaned` takes. Both raise `CallError` for what is no answer
    of AWS; `reader` also for the first piece that is no item because it was cut in the wrong place, which `read`, who
    does not cut, reads all the same.
    """

    inside: bytes | memoryview
    cut: Callable[[], Sequence[bytes] | None]
    read: Callable[[], list[dict[str, Any]]]
    reader: Callable[[Keeping | None], ReadItems]


class Api(Protocol):
    """Calls of one account. Safe to use from several threads."""

    def call(self, service: str, operation: str, region: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        """One request, one parsed answer in botocore's shape; throttling is retried inside. Raises `CallError`.

        Times may be text as AWS wrote it. `ResponseMetadata`, where present, counts `RetryAttempts` and `Throttles`,
        and gives the seconds `Waited`.
        """
        ...


@runtime_checkable
class Apart(Api, Protocol):
    """An `Api` that can leave the items of a list unread."""

    def call_apart(
        self, service: str, operation: str, region: str, params: Mapping[str, Any], member: str
    ) -> Mapping[str, Any]:
        """As `call`, but the list `member` of the answer may be an `Unread`."""
        ...


@dataclass(frozen=True, slots=True)
class Begun:
    """A call that was begun. One of the two is called, once: `answer` is as `Apart.call_apart`, `drop` is for an answer
    that nobody wants any more."""

    answer: Callable[[], Mapping[str, Any]]
    drop: Callable[[], None]


@runtime_checkable
class Early(Apart, Protocol):
    """An `Api` that can send a request before anybody waits for its answer."""

    def begin(self, service: str, operation: str, region: str, params: Mapping[str, Any], member: str) -> Begun | None:
        """As `call_apart`, with the answer left for later; None where the call would have to wait for its turn."""
        ...


def apart(api: Api) -> Apart | None:
    """The same calls, where they can leave items unread."""
    return cast(Apart, api) if _is(type(api), Apart) else None


def early(api: Api) -> Early | None:
    """The same calls, where they can be begun early."""
    return cast(Early, api) if _is(type(api), Early) else None


@cache
def _is(kind: type, protocol: type) -> bool:
    """Kept, for what `isinstance` asks of a protocol takes as long as signing a request (in Python 3.11)."""
    return issubclass(kind, protocol)
