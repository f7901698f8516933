"""One resource: what it is, what it hangs together with, what it was."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from openvna.model import ChangeKind, Conflict
from openvna.plugin import Stub
from openvna.store import RelationRow, ResourceRow, Store
from openvna.web import show
from openvna.web.listing import read_time
from openvna.web.site import CurrentSite, Site, Viewer

router = APIRouter()
SHOWN_RELATIONS = 200


@router.get("/resources/")
def resources(request: Request) -> Response:
    """Whoever leaves out the id of one wants all of them."""
    return RedirectResponse("/inventory" + f"?{request.url.query}" * bool(request.url.query))


@router.get("/resources/{resource_id:path}")
def resource(site: CurrentSite, viewer: Viewer, resource_id: str, source: str = "", at: str = "") -> Response:
    store = site.gateway.store
    moment = read_time(at)
    try:
        detail = store.resources.get(resource_id, source_id=source or None, at=moment, most_incoming=SHOWN_RELATIONS)
    except Conflict:
        rows = store.resources.find(resource_id, source_id=source or None)
        return site.page(
            "resource_choice.html", viewer, status=300, nav="inventory", resource_id=resource_id, rows=rows
        )
    row = detail.resource
    return site.page(
        "resource.html",
        viewer,
        nav="inventory",
        row=row,
        spec=site.types.get(row.type),
        document=detail.document,
        outgoing=_by_name(detail.relations, "out"),
        incoming=_by_name(detail.relations, "in"),
        counts=detail.incoming,
        shown=SHOWN_RELATIONS,
        links=_links(detail.relations),
        stubs=_stubs(site, row, detail.relations),
        versions=store.resources.versions(row.key),
        left=_why_gone(store, row) if row.deleted_at else "",
        at=moment,
        source=source,
        others=[other for other in store.resources.find(row.id) if other.key != row.key],
    )


def _stubs(site: Site, row: ResourceRow, relations: Iterable[RelationRow]) -> dict[str, Stub]:
    """What the names of things that nobody has collected say of them."""
    plugin = site.gateway.store.sources.get(row.source_id).plugin
    return {each.to: site.gateway.stub(plugin, each.to) for each in relations if each.other is None}


def _why_gone(store: Store, row: ResourceRow) -> str:
    """What was said when it was retired; empty where it was simply not there any more."""
    deaths = store.changes.list(source_id=row.source_id, resource_id=row.id, kind=ChangeKind.DELETED, limit=1)
    return deaths.items[0].reason if deaths.items else ""


def _links(relations: Iterable[RelationRow]) -> dict[str, str]:
    """The pages of what it is related to, by each name that its attributes may use."""
    return {
        name: show.resource_url(relation.other.id)
        for relation in relations
        if relation.other
        for name in (relation.to, relation.other.id, relation.other.alias)
        if name
    }


def _by_name(relations: Iterable[RelationRow], direction: str) -> list[tuple[str, list[RelationRow]]]:
    found: dict[str, list[RelationRow]] = defaultdict(list)
    for relation in relations:
        if relation.direction == direction:
            found[relation.name].append(relation)
    return sorted(found.items())
