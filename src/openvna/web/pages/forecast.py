"""A dry run: what a collection of a source will ask, and at what rate."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from openvna.model import OpenVNAError
from openvna.store import Source
from openvna.web.site import CurrentSite, FormViewer, Site, Viewer

router = APIRouter()
APIS_SHOWN = 30
PLACES_SHOWN = 30


@router.get("/sources/{source}/forecast")
def as_last_known(site: CurrentSite, viewer: Viewer, source: str) -> Response:
    """By the scopes of the last collections: nobody is asked."""
    return _page(site, viewer, site.gateway.store.sources.get(source), discover=False)


@router.post("/sources/{source}/forecast")
def discovered(site: CurrentSite, viewer: FormViewer, source: str) -> Response:
    """By the scopes that there are now, which are asked for."""
    return _page(site, viewer, site.gateway.store.sources.get(source), discover=True)


def _page(site: Site, viewer: Viewer, source: Source, *, discover: bool) -> Response:
    forecast = error = None
    try:
        forecast = site.gateway.forecast(source.id, discover=discover)
    except OpenVNAError as why:
        error = why
    places = sorted(forecast.places, key=lambda each: (-each.seconds, -each.calls)) if forecast else []
    return site.page(
        "forecast.html",
        viewer,
        nav="sources",
        status=error.status if error else 200,
        source=source,
        forecast=forecast,
        error=error,
        places=places,
        apis_shown=APIS_SHOWN,
        places_shown=PLACES_SHOWN,
    )
