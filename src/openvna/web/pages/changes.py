"""Changes: what was created, updated or deleted, before and after."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from openvna.model import ChangeKind, InvalidInput
from openvna.web.listing import read_time
from openvna.web.site import CurrentSite, Viewer

router = APIRouter()


@router.get("/changes")
def changes(
    site: CurrentSite,
    viewer: Viewer,
    source: str = "",
    type: str = "",
    kind: str = "",
    account: str = "",
    region: str = "",
    resource: str = "",
    run: str = "",
    since: str = "",
    until: str = "",
    cursor: str = "",
) -> Response:
    store = site.gateway.store
    chosen = {
        "source": source,
        "type": type,
        "kind": kind,
        "account": account,
        "region": region,
        "resource": resource,
        "run": run,
        "since": since,
        "until": until,
    }
    page = store.changes.list(
        source_id=source or None,
        type=type or None,
        kind=_kind(kind),
        account=account or None,
        region=region or None,
        resource_id=resource or None,
        run_id=run or None,
        since=read_time(since),
        until=read_time(until),
        cursor=cursor or None,
        limit=100,
    )
    return site.page(
        "changes.html",
        viewer,
        nav="changes",
        changes=page.items,
        cursor=page.cursor,
        facets=store.resources.facets(),
        sources=store.sources.list(),
        kinds=[str(each) for each in ChangeKind],
        chosen=chosen,
        more=chosen,
    )


def _kind(text: str) -> ChangeKind | None:
    try:
        return ChangeKind(text) if text else None
    except ValueError as error:
        raise InvalidInput(
            f"There is no kind of change {text!r}.", f"Known: {', '.join(ChangeKind)}.", "Choose one of these."
        ) from error
