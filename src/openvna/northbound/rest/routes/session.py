"""Health of the server, and the browser's session."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from openvna import __version__
from openvna.northbound.rest.answers import answer
from openvna.northbound.rest.auth import (
    SCOPES,
    AppGateway,
    Caller,
    SignedIn,
    check_origin,
    clear_session_cookie,
    cookie_name,
    set_session_cookie,
)
from openvna.northbound.rest.routes.base import new_router
from openvna.northbound.rest.shapes import SignInBody
from openvna.northbound.rest.wire import Health, Session

router = new_router("session")


def _wire(caller: Caller) -> Session:
    ends = caller.sign_in or caller.token
    return Session(
        user=caller.sign_in.user if caller.sign_in else None,
        token=caller.token,
        scopes=tuple(scope for scope in SCOPES if scope in caller.scopes),
        csrf=caller.sign_in.csrf if caller.sign_in else None,
        expires_at=ends.expires_at if ends else None,
    )


@router.get("/health", operation_id="health", summary="Whether the server answers, and its version")
async def health() -> Response:
    return answer(Health("ok", __version__))


@router.get("/session", operation_id="session", summary="Who is signed in, and the CSRF token")
def show(caller: SignedIn) -> Response:
    return answer(_wire(caller))


@router.post("/session", operation_id="sign-in", status_code=201, summary="Sign in with name and password")
def sign_in(request: Request, body: SignInBody, gateway: AppGateway) -> Response:
    """Starts a browser session: the answer sets its cookie and holds the CSRF token that every change must carry."""
    check_origin(request)
    client = request.client.host if request.client else "unknown"
    value, session = gateway.store.accounts.sign_in(body.name, body.password, client=client)
    found = answer(_wire(Caller(session.user.name, frozenset(SCOPES), sign_in=session)), 201)
    set_session_cookie(request, found, value, session)
    return found


@router.delete("/session", operation_id="sign-out", status_code=204, summary="Sign out")
def sign_out(request: Request, caller: SignedIn, gateway: AppGateway) -> Response:
    if caller.sign_in is not None:
        gateway.store.accounts.sign_out(request.cookies[cookie_name(request)])
    gone = Response(status_code=204)
    clear_session_cookie(request, gone)
    return gone
