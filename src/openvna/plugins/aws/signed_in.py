"""A sign-in at IAM Identity Center in use: the sessions it gives, its renewal, and why it is of no use any more."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from openvna.log import hide
from openvna.plugins.aws.api import CallError
from openvna.plugins.aws.endpoints import close_match, partition_of_region, partitions
from openvna.plugins.aws.identity_center import Center, CenterError, Tokens
from openvna.plugins.aws.profiles import CredentialUnusable
from openvna.plugins.aws.sts import Timed

AHEAD = 600.0
"""Seconds before a token's end at which it is renewed."""
RACED_PAUSES = (0.1, 0.4, 1.0)
"""Seconds to wait for what another process renewed in the same moment to be stored."""
_SHOWN = 10
_OVER = frozenset({"InvalidGrantException", "ExpiredTokenException"})
_CLIENT = frozenset({"InvalidClientException", "UnauthorizedClientException"})


class Shelf(Protocol):
    """Where the tokens of a sign-in are kept, for us and for others who use the same one."""

    def newer(self) -> Tokens | None:
        """The tokens as they are kept now; None where there are none, or nobody else can have renewed them."""
        ...

    def put(self, fresh: Tokens) -> Tokens | None:
        """Keep renewed tokens. Gives others that were kept there first, to go on with; else None."""
        ...


@dataclass(frozen=True, slots=True)
class Assignment:
    """A permission set in an account, and how to sign in again, for people."""

    account: str
    role: str
    again: str = field(default="", repr=False)


class SignedIn:
    """The sessions of one permission set. Called again and again; safe to use from several threads.

    Raises `CredentialUnusable` with a cause of the catalogue.
    """

    def __init__(
        self,
        center: Center,
        assignment: Assignment,
        tokens: Tokens,
        shelf: Shelf,
        clock: Callable[[], float] = time.time,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        _hidden(tokens)
        self._center = center
        self._assignment = assignment
        self._tokens = tokens
        self._shelf = shelf
        self._clock = clock
        self._pause = pause
        self._lock = threading.Lock()

    def __call__(self) -> Timed:
        with self._lock:
            token = self._good()
        try:
            return self._session(token)
        except CenterError as error:
            if error.code != "UnauthorizedException":
                raise self._unusable(error) from error
            refused = error
        except CallError as error:
            raise self._unusable(error) from error
        # Not over, and not accepted: another process may have renewed it, or a renewal still helps. Else it is revoked.
        with self._lock:
            token = self._after_refusal(token, refused)
        try:
            return self._session(token)
        except CallError as error:
            raise self._unusable(error) from error

    def _session(self, token: str) -> Timed:
        return self._center.credentials(token, self._assignment.account, self._assignment.role)

    def _good(self) -> str:
        """An access token that lasts for a while, renewed if need be."""
        tokens, now = self._tokens, self._clock()
        if now < tokens.ends_at - AHEAD:
            return tokens.access_token
        try:
            return self._renew(tokens)
        except CredentialUnusable:
            # Renewing may fail in passing, or not be possible at all: what is still good is used to its end.
            if self._clock() < tokens.ends_at:
                return tokens.access_token
            raise

    def _after_refusal(self, token: str, refused: CenterError) -> str:
        tokens = self._tokens
        if tokens.access_token != token:
            return tokens.access_token  # another thread was here first
        try:
            return self._renew(tokens)
        except CredentialUnusable as problem:
            if problem.cause in ("S-EXPIRED", "S-CLIENT"):
                raise self._unusable(refused) from problem
            raise

    def _renew(self, tokens: Tokens) -> str:
        """The access token that follows these tokens: the one that somebody else got meanwhile, or a new one."""
        with _alone(tokens):
            other = self._shelf.newer()
            if other is not None and other.access_token != tokens.access_token:
                self._take(other)
                if self._clock() < other.ends_at - AHEAD:
                    return other.access_token
                tokens = other
            registration = tokens.registration
            if registration is None or not tokens.refresh_token:
                raise self._over("It cannot be renewed: there is no refresh token.")
            if registration.ends_at and registration.ends_at <= self._clock():
                raise CredentialUnusable(
                    "S-CLIENT",
                    f"The registration ended {_when(registration.ends_at)}, and the sign-in with it.",
                    **self._again,
                )
            try:
                fresh = self._center.renewed(tokens)
            except CallError as error:
                if isinstance(error, CenterError) and error.code in _OVER:
                    raced = self._raced(tokens)
                    if raced is not None:
                        return raced
                    raise self._over(_said(error)) from error
                raise self._unusable(error) from error
            self._take(fresh)
            first = self._shelf.put(fresh)
            if first is not None:
                self._take(first)
            return self._tokens.access_token

    def _raced(self, tokens: Tokens) -> str | None:
        """The access token of another process, which used the refresh token in the same moment."""
        for wait in (*RACED_PAUSES, None):
            other = self._shelf.newer()
            if other is not None and other.refresh_token != tokens.refresh_token and self._clock() < other.ends_at:
                self._take(other)
                return other.access_token
            if wait is None or other is None:
                return None
            self._pause(wait)
        return None

    def _take(self, tokens: Tokens) -> None:
        _hidden(tokens)
        self._tokens = tokens

    @property
    def _again(self) -> dict[str, str]:
        return {"sign_in": self._assignment.again}

    def _over(self, said: str) -> CredentialUnusable:
        ends_at = self._tokens.ends_at
        ended = "ended" if ends_at <= self._clock() else "ends"
        return CredentialUnusable("S-EXPIRED", f"The sign-in {ended} {_when(ends_at)}.", said, **self._again)

    def _unusable(self, error: CallError) -> CredentialUnusable:
        if isinstance(error, CenterError) and error.operation == "GetRoleCredentials":
            if error.code == "UnauthorizedException":
                cause = "S-REVOKED" if self._clock() < self._tokens.ends_at else "S-EXPIRED"
                return CredentialUnusable(cause, *_facts(error), **self._again)
            if error.code in ("ForbiddenException", "ResourceNotFoundException", "InvalidRequestException"):
                return self._no_access(error)
        return unusable(error, self._center, self._assignment.again)

    def _no_access(self, error: CenterError) -> CredentialUnusable:
        """Why this permission set is refused, with those that there are."""
        account, token = self._assignment.account, self._tokens.access_token
        wanted = f"Asked for permission set {self._assignment.role!r} in account {account}."
        try:
            accounts = self._center.accounts(token)
            if not accounts:
                return CredentialUnusable("S-NOTHING", wanted, *_facts(error))
            if account not in {each.id for each in accounts}:
                there = ", ".join(f"{each.id} ({each.name})" if each.name else each.id for each in accounts[:_SHOWN])
                more = f" and {len(accounts) - _SHOWN} more" if len(accounts) > _SHOWN else ""
                choices = f"The person who signed in has these accounts: {there}{more}. "
            else:
                roles = self._center.roles(token, account)
                there = ", ".join(roles) or "none"
                choices = f"The permission sets in account {account} are: {there}. "
        except CallError:
            choices = ""  # what was refused is known; what there is instead is not
        shown = (choices.strip(),) if choices else ()
        return CredentialUnusable("S-NOACCESS", wanted, *_facts(error), *shown, choices=choices)


def unusable(error: CallError, center: Center, again: str = "") -> CredentialUnusable:
    """What a refusal of Identity Center, or its silence, means."""
    facts = {"sign_in": again}
    if isinstance(error, CenterError):
        reason, named = str(error.said.get("reason") or ""), str(error.said.get("region") or "")
        cause = "S-UNKNOWN"
        if reason.startswith("KMS_"):
            return CredentialUnusable("S-KMS", *_facts(error), f"Its reason: {reason}.")
        if error.code == "InvalidRequestRegionException":
            return CredentialUnusable("S-REGION", *_facts(error), center_region=named)
        if error.code in _CLIENT:
            cause = "S-CLIENT"
        elif error.code == "UnauthorizedException":
            cause = "S-REVOKED"
        elif error.operation == "StartDeviceAuthorization" and error.code == "InvalidRequestException":
            cause = "S-STARTURL"
        elif error.operation == "CreateToken" and error.code in _OVER:
            cause = "S-CODE-EXPIRED"
        elif error.operation == "CreateToken" and error.code == "AccessDeniedException":
            cause = "S-DENIED"
        elif error.code in ("TooManyRequestsException", "SlowDownException"):
            cause = "T-THROTTLED"
        elif error.status >= 500:
            cause = "T-UNAVAILABLE"
        return CredentialUnusable(cause, *_facts(error), **facts)
    service = "sso-oidc" if error.operation in _OIDC else "sso"
    if error.cause == "N-DNS" and (elsewhere := _no_such_place(center)):
        return CredentialUnusable("S-REGION", error.message, elsewhere)
    try:
        host, proxy = center.endpoint(service).host, center.proxy(service)
    except CallError:
        host, proxy = "", ""  # what is wrong is the endpoint or the proxy itself: the message says it
    return CredentialUnusable(error.cause or "S-UNKNOWN", error.message, host=host, proxy=proxy)


_OIDC = ("RegisterClient", "StartDeviceAuthorization", "CreateToken")


def _no_such_place(center: Center) -> str:
    """That the region has no Identity Center, as far as its name tells; empty where it is a region of AWS."""
    partition = partition_of_region(center.region)
    if partition is not None and center.region in partitions()[partition].regions:
        return ""
    near = close_match(center.region)
    return f"AWS's SDK knows no region {center.region!r}." + (f" Did you mean {near}?" if near else "")


def _hidden(tokens: Tokens) -> None:
    hide(tokens.access_token, tokens.refresh_token)
    if tokens.registration is not None:
        hide(tokens.registration.client_secret)


@dataclass(slots=True)
class _Turn:
    lock: threading.Lock = field(default_factory=threading.Lock)
    users: int = 0


_turns: dict[str, _Turn] = {}
_turns_lock = threading.Lock()


@contextmanager
def _alone(tokens: Tokens) -> Iterator[None]:
    """Only one thread of this process renews what belongs to one registration: its refresh token is good once."""
    key = tokens.registration.client_id if tokens.registration else tokens.access_token
    with _turns_lock:
        turn = _turns.setdefault(key, _Turn())
        turn.users += 1
    try:
        with turn.lock:
            yield
    finally:
        with _turns_lock:
            turn.users -= 1
            if not turn.users:
                del _turns[key]


def _facts(error: CenterError) -> tuple[str, ...]:
    known = (f"Request id {error.request_id}.",) if error.request_id else ()
    return (_said(error), *known)


def _said(error: CenterError) -> str:
    words = f": {error.message}" if error.message else ""
    return f"{error.operation}: {error.status} {error.code}{words}".rstrip(".") + "."


def _when(moment: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(moment))
