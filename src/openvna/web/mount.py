"""Adds the admin UI to the application that serves the REST API."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException
from starlette.routing import Match, Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from openvna.collect import Gateway
from openvna.log import logger
from openvna.model import OpenVNAError
from openvna.model.misfit import misfit, remedy_of
from openvna.web.assets import Assets
from openvna.web.pages import ROUTERS
from openvna.web.site import SignInFirst, Site, viewer_or_none

_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    # Without a referrer a browser sends `Origin: null` with our own forms, and they would be refused.
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


def mount(api: FastAPI, gateway: Gateway) -> None:
    """Add the pages under `/` and their files under `/static/`. `/api` stays with the API, its errors included.

    Call it once, after the API's own routes are in place.
    """
    web = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    web.state = api.state
    web.state.site = Site(gateway)
    for router in ROUTERS:
        web.include_router(router)
    web.mount("/static", Assets(), name="static")
    web.add_exception_handler(SignInFirst, _to_sign_in)
    web.add_exception_handler(OpenVNAError, _told)
    web.add_exception_handler(HTTPException, _told)
    web.add_exception_handler(RequestValidationError, _told)
    web.add_middleware(_Net)
    web.add_middleware(_SafeHeaders)
    api.router.routes.append(_Pages("/", app=web, name="web"))


class _Pages(Mount):
    """Everything but `/api`: there an unknown path or method is the API's to answer."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        path = scope.get("path", "")
        if path == "/api" or path.startswith("/api/"):
            return Match.NONE, {}
        return super().matches(scope)


class _Net:
    """Turns an error that nobody foresaw into a page, and a line of the log with the same request id."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def send_on(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, send_on)
        except Exception as error:
            if begun:
                raise
            request_id = scope.get("openvna.request_id", "-")
            logger("openvna.web").error("unexpected error", request_id=request_id, exc_info=error)
            what, why, remedy = _WORDS[500]
            page = _error_page(Request(scope), 500, what, why, f"{remedy} It is marked `{request_id}`.")
            await page(scope, receive, send)


class _SafeHeaders:
    """Sets the headers that keep a browser from running or keeping what it should not."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message["headers"]}
                added = dict(_HEADERS)
                if b"cache-control" not in present:
                    added["cache-control"] = "private, no-cache"
                message["headers"] = [
                    *message["headers"],
                    *((name.encode(), value.encode()) for name, value in added.items()),
                ]
            await send(message)

        await self._app(scope, receive, send_safely if scope["type"] == "http" else send)


async def _to_sign_in(request: Request, _error: Exception) -> Response:
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    address = "/sign-in" if wanted == "/" else f"/sign-in?next={quote(wanted, safe='')}"
    if request.headers.get("hx-request"):
        return HTMLResponse("", 401, headers={"HX-Redirect": "/sign-in"})
    return RedirectResponse(address if request.method == "GET" else "/sign-in", 303)


async def _told(request: Request, error: Exception) -> Response:
    """An error with its cause and next step, as a page."""
    if isinstance(error, OpenVNAError):
        status, what, why, remedy = error.status, error.what, error.why, error.remedy
    elif isinstance(error, RequestValidationError):
        status, (what, why, remedy) = 422, _misfit(request, error)
    else:
        status = error.status_code if isinstance(error, HTTPException) else 500
        what, why, remedy = _WORDS.get(status, ("This cannot be shown.", "", ""))
    return _error_page(request, status, what, why, remedy)


def _misfit(request: Request, error: RequestValidationError) -> tuple[str, str, str]:
    """What does not fit in an address or a form, why, and the next step."""
    found = [(str(one["loc"][-1]), misfit(one)) for one in error.errors()]
    what = "This address" if request.method == "GET" else "This form"
    why = "; ".join(f"`{name}` {each.why}" for name, each in found)
    return f"{what} cannot be used as it is.", f"{why}.", remedy_of([each for _, each in found], "Correct these.")


def _error_page(request: Request, status: int, what: str, why: str, remedy: str) -> Response:
    site: Site = request.app.state.site
    viewer = viewer_or_none(request, site)
    # The page itself is there, only not with what follows its address.
    bare = request.url.path if status == 422 and request.method == "GET" and request.url.query else ""
    return site.page("error.html", viewer, status=status, code=status, what=what, why=why, remedy=remedy, bare=bare)


_WORDS = {
    404: (
        "There is no page here.",
        "The address may be mistyped, or what it showed was deleted.",
        "Start from the overview, or search the inventory.",
    ),
    405: ("This page does not take that kind of request.", "", "Open it from the navigation."),
    403: ("You may not see this page.", "", "Ask the person who runs this OpenVNA."),
    500: (
        "Something broke on our side.",
        "The error is in the log of the server (openvna.log in its data directory).",
        "Try again; if it comes back, report it with that line.",
    ),
}
