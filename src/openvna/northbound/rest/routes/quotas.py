"""Bounds, and how much of them is used."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request
from starlette.responses import Response

from openvna import store
from openvna.northbound.rest.answers import listing
from openvna.northbound.rest.auth import READ, AppGateway
from openvna.northbound.rest.routes.base import Cursor, Limit, SourceFilter, Text, new_router, source_id

router = new_router("quotas")


@router.get("/quotas", operation_id="list-quotas", dependencies=[READ], summary="Quotas with their use, by id")
def index(
    request: Request,
    gateway: AppGateway,
    source: SourceFilter = None,
    account: Text | None = None,
    region: Text | None = None,
    least: Annotated[int, Query(ge=0, le=1000, description="Only those of which so many percent are used.")] = 0,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Response:
    """Of the quotas that were read, those that bound resources which are read as well. A page may hold fewer than
    `limit`, and even none, before the last: follow `next`."""
    query = store.Query(source_id=source_id(gateway, source), account=account, region=region)
    page = gateway.store.quotas.list(query, least_percent=least, cursor=cursor, limit=limit)
    return listing(request, page.items, page.cursor)
