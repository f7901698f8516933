"""Signing in and out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from openvna.model import InvalidInput, NotSignedIn, TooManyAttempts
from openvna.northbound.rest.auth import check_origin, clear_session_cookie, cookie_name, set_session_cookie
from openvna.store import SignIn
from openvna.web.site import CurrentSite, FormViewer, viewer_or_none

router = APIRouter()


@router.get("/sign-in")
def form(site: CurrentSite, viewer: Annotated[SignIn | None, Depends(viewer_or_none)], next: str = "/") -> Response:
    if viewer is not None:
        return RedirectResponse(_inside(next), 303)
    return site.page("sign_in.html", None, name="", next=_inside(next), error=None)


@router.post("/sign-in")
def sign_in(
    request: Request,
    site: CurrentSite,
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",
) -> Response:
    check_origin(request)
    client = request.client.host if request.client else "unknown"
    try:
        value, session = site.gateway.store.accounts.sign_in(name, password, client=client)
    except (NotSignedIn, TooManyAttempts, InvalidInput) as error:
        page = site.page("sign_in.html", None, status=error.status, name=name, next=_inside(next), error=error)
        if isinstance(error, TooManyAttempts):
            page.headers["Retry-After"] = str(error.retry_after)
        return page
    answer = RedirectResponse(_inside(next), 303)
    set_session_cookie(request, answer, value, session)
    return answer


@router.post("/sign-out")
def sign_out(request: Request, site: CurrentSite, _viewer: FormViewer) -> Response:
    site.gateway.store.accounts.sign_out(request.cookies.get(cookie_name(request), ""))
    answer = RedirectResponse("/sign-in", 303)
    clear_session_cookie(request, answer)
    return answer


def _inside(address: str) -> str:
    """The address when it stays on this server, else the overview."""
    plain = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if plain else "/"
