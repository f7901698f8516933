"""Settings: API tokens, the password, and what this installation is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from openvna import __version__
from openvna.model import InvalidInput, NotSignedIn, OpenVNAError, TooManyAttempts
from openvna.northbound.rest.auth import set_session_cookie
from openvna.store import SignIn
from openvna.web.site import CurrentSite, FormViewer, Site, Viewer

router = APIRouter()
SCOPES = (
    ("read", "Read everything but secrets: sources, resources, runs, changes."),
    ("write", "Also verify, add, edit, collect, pause and delete sources."),
    ("admin", "Also make and revoke API tokens."),
)
LIFETIMES = (("30", "30 days"), ("90", "90 days"), ("365", "1 year"), ("", "No end"))


@router.get("/settings")
def settings(site: CurrentSite, viewer: Viewer, done: str = "") -> Response:
    return _page(site, viewer, done=done)


@router.post("/settings/tokens")
def add_token(
    site: CurrentSite,
    viewer: FormViewer,
    name: Annotated[str, Form()] = "",
    scopes: Annotated[list[str] | None, Form()] = None,
    days: Annotated[str, Form()] = "90",
) -> Response:
    chosen = tuple(scope for scope, _ in SCOPES if scope in (scopes or ()))
    try:
        if not name.strip() or not chosen:
            raise InvalidInput(
                "The token was not made.",
                "It has no name." if not name.strip() else "No scope is chosen.",
                "Give it a name that says who uses it, and at least one scope.",
            )
        ends = datetime.now(UTC) + timedelta(days=int(days)) if days in dict(LIFETIMES) and days else None
        value, token = site.gateway.store.accounts.add_token(name.strip(), chosen, ends)
    except OpenVNAError as error:
        return _page(site, viewer, status=error.status, token_error=error, token_name=name)
    page = _page(site, viewer, made=token, value=value)
    page.headers["Cache-Control"] = "no-store"
    return page


@router.post("/settings/tokens/{token_id}/revoke")
def revoke_token(site: CurrentSite, _viewer: FormViewer, token_id: str) -> Response:
    site.gateway.store.accounts.revoke_token(token_id)
    return RedirectResponse("/settings?done=revoked", 303)


@router.post("/settings/password")
def change_password(
    request: Request,
    site: CurrentSite,
    viewer: FormViewer,
    present: Annotated[str, Form()] = "",
    wanted: Annotated[str, Form()] = "",
    again: Annotated[str, Form()] = "",
) -> Response:
    accounts = site.gateway.store.accounts
    client = request.client.host if request.client else "unknown"
    try:
        if wanted != again:
            raise InvalidInput(
                "The password was not changed.", "The two new passwords differ.", "Type the new one twice."
            )
        _prove(site, viewer, present, client)
        accounts.set_password(viewer.user.name, wanted)
        value, session = accounts.sign_in(viewer.user.name, wanted, client=client)
    except OpenVNAError as error:
        return _page(site, viewer, status=error.status, password_error=error)
    answer = RedirectResponse("/settings?done=password", 303)
    set_session_cookie(request, answer, value, session)
    return answer


def _prove(site: Site, viewer: SignIn, password: str, client: str) -> None:
    """Whoever finds an open browser must not be able to take the account over."""
    accounts = site.gateway.store.accounts
    try:
        value, _ = accounts.sign_in(viewer.user.name, password, client=client)
    except TooManyAttempts:
        raise
    except NotSignedIn as error:
        raise InvalidInput(
            "The password was not changed.", "The present password is not right.", "Type it as you signed in with it."
        ) from error
    accounts.sign_out(value)


def _page(
    site: Site,
    viewer: SignIn,
    *,
    status: int = 200,
    done: str = "",
    made: object = None,
    value: str = "",
    token_error: OpenVNAError | None = None,
    token_name: str = "",
    password_error: OpenVNAError | None = None,
) -> Response:
    return site.page(
        "settings.html",
        viewer,
        status=status,
        nav="settings",
        tokens=site.gateway.store.accounts.tokens(),
        scopes=SCOPES,
        lifetimes=LIFETIMES,
        plugins=site.gateway.specs(),
        version=__version__,
        done=done,
        made=made,
        value=value,
        token_error=token_error,
        token_name=token_name,
        password_error=password_error,
    )
