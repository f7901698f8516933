"""What changed, when, and from what to what."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request
from starlette.responses import Response

from openvna.model import ChangeKind
from openvna.northbound.rest.answers import listing
from openvna.northbound.rest.auth import READ, AppGateway
from openvna.northbound.rest.routes.base import Cursor, Limit, SourceFilter, Text, known_type, new_router, source_id
from openvna.northbound.rest.shapes import Moment

router = new_router("changes")


@router.get("/changes", operation_id="list-changes", dependencies=[READ], summary="Changes, newest first")
def index(
    request: Request,
    gateway: AppGateway,
    source: SourceFilter = None,
    resource: Annotated[Text | None, Query(description="The id of a resource.")] = None,
    type: Annotated[Text | None, Query(description="A resource type, such as aws.ec2.vpc.")] = None,
    kind: ChangeKind | None = None,
    account: Text | None = None,
    region: Text | None = None,
    since: Annotated[Moment | None, Query(description="From this moment on (RFC 3339).")] = None,
    until: Annotated[Moment | None, Query(description="Before this moment (RFC 3339).")] = None,
    run: Annotated[Text | None, Query(description="The id of the run that saw it.")] = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Response:
    page = gateway.store.changes.list(
        source_id=source_id(gateway, source),
        resource_id=resource,
        type=known_type(gateway, type),
        kind=kind,
        account=account,
        region=region,
        since=since,
        until=until,
        run_id=run,
        cursor=cursor,
        limit=limit,
    )
    return listing(request, page.items, page.cursor, page.total)
