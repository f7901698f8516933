"""Puts the REST interface together."""

from __future__ import annotations

from collections.abc import Callable, Collection

from fastapi import FastAPI

from openvna import __version__
from openvna.collect import Gateway
from openvna.northbound.rest import problems
from openvna.northbound.rest.document import describe
from openvna.northbound.rest.edge import LOOPBACK, Edge
from openvna.northbound.rest.routes import routers
from openvna.northbound.rest.swagger import router as swagger


def create_api(
    gateway: Gateway,
    *,
    secure_cookies: bool,
    hosts: Collection[str] | None = LOOPBACK,
    support_bundle: Callable[[bool], tuple[str, bytes]] | None = None,
) -> FastAPI:
    """The application that serves `/api`. Pages can be added to it: they get its edge (request ids, Host check, size
    limit, security headers, access log) and its errors.

    `secure_cookies` is for servers that browsers reach by TLS. `hosts` are the names that a Host header may have,
    None for any: give the loopback names when the server listens there only. `support_bundle` gives the name and the
    content of a bundle, with pseudonyms or without.
    """
    app = FastAPI(
        title="OpenVNA",
        version=__version__,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.gateway = gateway
    app.state.secure_cookies = secure_cookies
    app.state.streams_ended = False
    app.state.support_bundle = support_bundle
    problems.install(app)
    for router in routers:
        app.include_router(router, prefix="/api/v1")
    app.include_router(swagger)
    app.add_middleware(Edge, hosts=hosts)
    describe(app)
    return app
