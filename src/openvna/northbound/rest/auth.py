"""Who calls: a browser session (cookie and CSRF token) or an API token, and what they may do.

For a route, depend on `READ`, `WRITE` or `ADMIN`, or on `caller` for the caller itself. A page that redirects to the
sign-in instead of answering 401 asks `optional_caller`.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.responses import Response

from openvna.collect import Gateway
from openvna.model import NotAllowed, NotSignedIn
from openvna.store import SignIn, Token

Scope = Literal["read", "write", "admin"]
SCOPES: tuple[Scope, ...] = ("read", "write", "admin")
CSRF_HEADER = "X-CSRF-Token"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_SIGN_IN_AGAIN = "Sign in, or send an API token as `Authorization: Bearer ovna_...`."


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent the request: a user with a session, or a token. `scopes` holds every scope that it has."""

    name: str
    scopes: frozenset[Scope]
    sign_in: SignIn | None = None
    token: Token | None = None


def gateway_of(request: Request) -> Gateway:
    """The gateway that the application was made with."""
    gateway: Gateway = request.app.state.gateway
    return gateway


def cookie_name(request: Request) -> str:
    """`openvna_session`; with the prefix that browsers tie to this very host when cookies are secure."""
    return "__Host-openvna_session" if request.app.state.secure_cookies else "openvna_session"


def set_session_cookie(request: Request, response: Response, value: str, sign_in: SignIn) -> None:
    """Give the browser its session."""
    response.set_cookie(
        cookie_name(request),
        value,
        expires=sign_in.expires_at,
        path="/",
        secure=request.app.state.secure_cookies,
        httponly=True,
        samesite="lax",
    )


def clear_session_cookie(request: Request, response: Response) -> None:
    """Take the browser's session away."""
    response.delete_cookie(
        cookie_name(request), path="/", secure=request.app.state.secure_cookies, httponly=True, samesite="lax"
    )


def check_origin(request: Request) -> None:
    """Refuse a request that another site's page made the browser send. Raises `NotAllowed`.

    Browsers say so in Sec-Fetch-Site, or over plain HTTP at least in Origin; clients that are no browsers send
    neither. Of Origin only host and port are compared: a proxy in front may end TLS.
    """
    origin = request.headers.get("origin")
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        foreign = site not in ("same-origin", "none")
    else:
        foreign = origin is not None and urlsplit(origin).netloc.lower() != request.headers.get("host", "").lower()
    if foreign:
        raise NotAllowed(
            "This request was refused.",
            f"It came from another site ({origin or site}).",
            "Use OpenVNA's own pages, or an API token.",
        )


def _check_csrf(request: Request, sign_in: SignIn) -> None:
    if request.method in _SAFE:
        return
    check_origin(request)
    sent = request.headers.get(CSRF_HEADER, "")
    if not hmac.compare_digest(sent.encode(), sign_in.csrf.encode()):
        raise NotAllowed(
            "This request was refused.",
            f"A change with a session cookie must carry the session's token in {CSRF_HEADER}.",
            "Take it from GET /api/v1/session, or use an API token.",
        )


def _scopes(held: tuple[str, ...]) -> frozenset[Scope]:
    """Each scope holds the ones below it."""
    ranks = [SCOPES.index(scope) for scope in SCOPES if scope in held]
    return frozenset(SCOPES[: max(ranks) + 1]) if ranks else frozenset()


def _by_token(request: Request, authorization: str) -> Caller:
    kind, _, value = authorization.partition(" ")
    token = gateway_of(request).store.accounts.token(value.strip()) if kind.lower() == "bearer" else None
    if token is None:
        raise NotSignedIn(
            "The API token is not valid.",
            "It is unknown, was revoked, or has expired."
            if kind.lower() == "bearer"
            else "The header is not `Bearer` and a token.",  # and may well be a token without it: not repeated
            "Make a new one under Tokens, or with POST /api/v1/tokens.",
        )
    return Caller(token.name, _scopes(token.scopes), token=token)


def optional_caller(request: Request) -> Caller | None:
    """Who calls, None when nobody signed in. Raises `NotSignedIn` for a token that is not valid and `NotAllowed` for
    a change without the CSRF token. A token, when sent, is what counts."""
    authorization = request.headers.get("authorization")
    if authorization is not None:
        return _by_token(request, authorization)
    value = request.cookies.get(cookie_name(request))
    sign_in = gateway_of(request).store.accounts.session(value) if value else None
    if sign_in is None:
        return None
    _check_csrf(request, sign_in)
    return Caller(sign_in.user.name, frozenset(SCOPES), sign_in=sign_in)


def caller(request: Request) -> Caller:
    """Who calls. Raises `NotSignedIn` when nobody did."""
    found = optional_caller(request)
    if found is None:
        raise NotSignedIn("You are not signed in.", "There is no session, or it is over.", _SIGN_IN_AGAIN)
    request.scope["openvna.caller"] = found.name
    return found


SignedIn = Annotated[Caller, Depends(caller)]


def _needs(scope: Scope) -> Callable[[Caller], Caller]:
    def check(who: SignedIn) -> Caller:
        if scope not in who.scopes:
            raise NotAllowed(
                f"The token {who.name!r} may not do this.",
                f"It needs the scope {scope!r}, and has {', '.join(s for s in SCOPES if s in who.scopes) or 'none'}.",
                f"Use a token with the scope {scope!r}.",
            )
        return who

    check.__name__ = f"needs_{scope}"
    return check


READ = Depends(_needs("read"))
WRITE = Depends(_needs("write"))
ADMIN = Depends(_needs("admin"))
AppGateway = Annotated[Gateway, Depends(gateway_of)]
