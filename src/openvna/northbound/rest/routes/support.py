"""The support bundle. It holds no secret, but says a lot of the installation: for administrators."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request
from starlette.responses import Response

from openvna.model import NotFound
from openvna.northbound.rest.auth import ADMIN
from openvna.northbound.rest.routes.base import new_router

router = new_router("support")


@router.get(
    "/support-bundle",
    operation_id="support-bundle",
    dependencies=[ADMIN],
    summary="One file that says how this installation is, without secrets",
)
def support_bundle(
    request: Request,
    anonymise: Annotated[bool, Query(description="Pseudonyms for account ids, ARNs, addresses and names.")] = False,
) -> Response:
    """A gzipped tar archive to send to who helps; `MANIFEST.txt` in it says what is inside and what was left out."""
    write = request.app.state.support_bundle
    if write is None:
        raise NotFound("There is no support bundle here.", "This server was started without one.", "")
    name, content = write(anonymise)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, headers=headers, media_type="application/gzip")
