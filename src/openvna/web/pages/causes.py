"""Why an access does not work: every cause that a plugin can name, and a page for each."""

from __future__ import annotations

from itertools import groupby

from fastapi import APIRouter
from fastapi.responses import Response

from openvna.model import NotFound
from openvna.web.site import CurrentSite, Viewer

router = APIRouter()


@router.get("/causes")
def catalogue(site: CurrentSite, viewer: Viewer) -> Response:
    known = [
        (spec, [(group, list(causes)) for group, causes in groupby(site.gateway.causes(spec.name), lambda c: c.group)])
        for spec in site.gateway.specs()
    ]
    return site.page("causes.html", viewer, nav="settings", known=known)


@router.get("/causes/{cause}")
def one(site: CurrentSite, viewer: Viewer, cause: str, plugin: str = "") -> Response:
    """Ids of several plugins may be the same: `plugin` says whose is meant; without it, the first that knows it."""
    for spec in site.gateway.specs():
        if plugin in ("", spec.name) and (found := site.gateway.explain(spec.name, cause)) is not None:
            related = [(each, site.gateway.explain(spec.name, each)) for each in found.related]
            return site.page("cause.html", viewer, nav="settings", cause=found, spec=spec, related=related)
    raise NotFound(
        f"There is no cause {cause!r}.",
        "No installed plugin has it in its catalogue.",
        "Take the id from a verification or from a run.",
    )
