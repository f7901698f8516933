"""Bounds, and how much of them is used."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query, Request
from starlette.responses import Response

from openvna import store
from openvna.northbound.rest.answers import listing
from openvna.northbound.rest.auth import READ, AppGateway
from openvna.northbound.rest.routes.base import Cursor, Limit, SourceFilter, Text, new_router, source_id

router = new_router("quotas")


@router.get("/quotas", operation_id="list-quotas", dependencies=[READ], summary="Quotas with their use")
def index(
    request: Request,
    gateway: AppGateway,
    source: SourceFilter = None,
    account: Text | None = None,
    region: Text | None = None,
    service: Annotated[Text | None, Query(description="Only of this service, such as vpc.")] = None,
    q: Annotated[Text, Query(description="Searches names and codes.")] = "",
    least: Annotated[int, Query(ge=0, le=1000, description="Only those of which so many percent are used.")] = 0,
    sort: Annotated[
        Literal["id", "fullest"],
        Query(description="`fullest`: those first of which most is used; last those of which nobody knows it."),
    ] = "id",
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Response:
    """Of the quotas that were read, those that bound resources which are read as well; sorted by `fullest` and without
    `least`, also those whose use nobody knows (`used` is null). By id a page may hold fewer than `limit`, and even
    none, before the last: follow `next`."""
    query = store.Query(
        source_id=source_id(gateway, source),
        account=account,
        region=region,
        where={"service": service} if service else {},
        text=q,
    )
    quotas = gateway.store.quotas
    found = quotas.fullest if sort == "fullest" else quotas.list
    page = found(query, least_percent=least, cursor=cursor, limit=limit)
    return listing(request, page.items, page.cursor)
