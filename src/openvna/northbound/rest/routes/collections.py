"""Collections: start one, follow its progress live."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

from fastapi import Query, Request
from starlette.responses import Response

from openvna.collect import Phase, Progress, SourceCollection
from openvna.model import NotFound
from openvna.northbound.rest.answers import answer, listing
from openvna.northbound.rest.auth import READ, WRITE, AppGateway
from openvna.northbound.rest.routes.base import Text, new_router
from openvna.northbound.rest.shapes import NewCollection
from openvna.northbound.rest.streams import Follow, pending
from openvna.northbound.rest.wire import CollectionState

router = new_router("collections")
Types = Annotated[list[Text] | None, Query(description="Only these resource types; all without it.", max_length=1000)]
Scopes = Annotated[
    list[Text] | None, Query(description="Only this account, region, or account/region.", max_length=1000)
]


def _wire(collection: SourceCollection) -> CollectionState:
    scopes = finished = problems = 0
    seen: Counter[str] = Counter()
    ended: Progress | None = None
    for event in pending(collection.events(timeout=0)):
        if event.phase is Phase.LISTED:
            seen[event.scope] += event.seen
            problems += event.outcome is not None and not event.outcome.settled
        elif event.phase is not Phase.LISTING:
            scopes, finished = event.total, event.done
        if event.phase is Phase.SCOPE_FINISHED:
            # What is as it was is not read, and counts only here.
            seen[event.scope] = event.seen
        if event.phase is Phase.FINISHED:
            ended = event
    return CollectionState(
        id=collection.id,
        source_id=collection.source_id,
        source=collection.source,
        state="running" if ended is None else "finished",
        started_at=collection.started_at,
        finished_at=None if ended is None else ended.at,
        scopes=scopes,
        scopes_finished=finished,
        seen=seen.total(),
        problems=problems,
        failure=None if ended is None else ended.failure,
    )


def _find(gateway: AppGateway, collection_id: str) -> SourceCollection:
    for collection in gateway.collections():
        if collection.id == collection_id:
            return collection
    raise NotFound(
        f"There is no collection {collection_id!r}.",
        "It never was, or it ended more than 15 minutes ago.",
        "What it did stands in /api/v1/runs.",
    )


def _event_name(_: Progress) -> str:
    return "progress"


@router.post(
    "/sources/{source}/collections",
    operation_id="start-collection",
    dependencies=[WRITE],
    status_code=202,
    summary="Collect a source now",
)
def start(source: str, gateway: AppGateway, body: NewCollection | None = None) -> Response:
    """Runs in the background: follow `/events` of the answer's Location. Answers 409 while the source is collected
    already; a resource, or scopes that are known, can be read beside that.

    A resource is asked for by its id where the vendor takes ids; else its type is listed where it is."""
    asked = body or NewCollection()
    begun = gateway.start_collection(source, types=asked.types, scopes=asked.scopes, resource=asked.resource)
    return answer(_wire(begun), 202, {"Location": f"/api/v1/collections/{begun.id}"})


@router.get(
    "/sources/{source}/forecast",
    operation_id="forecast-collection",
    dependencies=[READ],
    summary="What a collection of a source will ask, and at what rate",
)
def forecast(source: str, gateway: AppGateway, type: Types = None, scope: Scopes = None) -> Response:
    """Nothing is collected, and nobody is asked anything: the scopes are those of the last collections. `fixed` of the
    calls are made whatever there is, the others are estimated; `notes` say how. Each API of each place is told while
    the places are not more than 100."""
    return answer(gateway.forecast(source, types=type, scopes=scope))


@router.post(
    "/sources/{source}/forecast",
    operation_id="forecast-discovered",
    dependencies=[WRITE],
    summary="The same, after asking for the scopes that there are now",
)
def forecast_discovered(source: str, gateway: AppGateway, body: NewCollection | None = None) -> Response:
    """Nothing is collected: the source is opened, and asked for its scopes alone. The body is that of the collection
    which is meant."""
    asked = body or NewCollection()
    found = gateway.forecast(source, types=asked.types, scopes=asked.scopes, resource=asked.resource, discover=True)
    return answer(found)


@router.get(
    "/collections",
    operation_id="list-collections",
    dependencies=[READ],
    summary="The collections that run, and those that ended within 15 minutes",
)
def index(request: Request, gateway: AppGateway) -> Response:
    found = [_wire(collection) for collection in gateway.collections()]
    return listing(request, found, total=len(found))


@router.get(
    "/collections/{collection}",
    operation_id="show-collection",
    dependencies=[READ],
    summary="How far a collection is",
)
def show(collection: str, gateway: AppGateway) -> Response:
    return answer(_wire(_find(gateway, collection)))


@router.get(
    "/collections/{collection}/events",
    operation_id="follow-collection",
    dependencies=[READ],
    summary="The progress of a collection as it happens (server-sent events)",
)
async def events(request: Request, collection: str, gateway: AppGateway) -> Response:
    """From its first event on, whenever you come; ends after the phase `finished`."""
    return Follow[Progress](request, _find(gateway, collection).events(timeout=0), _event_name).response()


@router.get(
    "/events",
    operation_id="follow-all",
    dependencies=[READ],
    summary="The progress of all collections from now on (server-sent events)",
)
async def all_events(request: Request, gateway: AppGateway) -> Response:
    return Follow[Progress](request, gateway.progress(timeout=0), _event_name, replay=False).response()
