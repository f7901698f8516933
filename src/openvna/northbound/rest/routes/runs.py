"""What was done: runs, their ledgers, and how complete the knowledge is."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from openvna.model import InvalidInput, Outcome, RunState
from openvna.northbound.rest.answers import answer, listing
from openvna.northbound.rest.auth import READ, AppGateway
from openvna.northbound.rest.routes.base import Cursor, Limit, SourceFilter, Text, known_type, new_router, source_id
from openvna.store import CoverageQuery

router = new_router("runs")


@router.get("/runs", operation_id="list-runs", dependencies=[READ], summary="Runs, newest first")
def index(
    request: Request,
    gateway: AppGateway,
    source: SourceFilter = None,
    state: RunState | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    page = gateway.store.runs.list(source_id=source_id(gateway, source), state=state, cursor=cursor, limit=limit)
    return listing(request, page.items, page.cursor, page.total)


@router.get("/runs/{run}", operation_id="show-run", dependencies=[READ], summary="A run")
def show(run: str, gateway: AppGateway) -> Response:
    return answer(gateway.store.runs.get(run))


@router.get(
    "/runs/{run}/ledger",
    operation_id="show-ledger",
    dependencies=[READ],
    summary="How the listing of each resource type ended in a run, problems first",
)
def ledger(request: Request, run: str, gateway: AppGateway) -> Response:
    found = gateway.store.runs.get(run)
    lines = gateway.store.runs.ledger(found.id)
    return listing(request, lines, total=len(lines))


@router.get(
    "/runs/{run}/calls",
    operation_id="show-run-calls",
    dependencies=[READ],
    summary="What each kind of call of a run cost: what was throttled first, then what took longest",
)
def calls(request: Request, run: str, gateway: AppGateway) -> Response:
    """`seconds` are those of the calls themselves, `waited` those before them: for the rate budget, and between two
    tries. Empty while the run is under way."""
    found = gateway.store.runs.get(run)
    lines = gateway.store.runs.by_call([found.id])
    return listing(request, lines, total=len(lines))


@router.get(
    "/coverage",
    operation_id="show-coverage",
    dependencies=[READ],
    summary="What is known of each resource type in each scope, and since when",
)
def coverage(
    request: Request,
    gateway: AppGateway,
    source: SourceFilter = None,
    type: Text | None = None,
    account: Text | None = None,
    region: Text | None = None,
    outcome: Outcome | None = None,
    cursor: Cursor = None,
    limit: Limit = 1000,
) -> Response:
    query = CoverageQuery(source_id(gateway, source), known_type(gateway, type), account, region, outcome)
    page = gateway.store.runs.coverage_page(query, cursor=cursor, limit=limit)
    return listing(request, page.items, page.cursor, page.total)


@router.get(
    "/sources/{source}/scopes",
    operation_id="list-scopes",
    dependencies=[READ],
    summary="The scopes of a source: how much is in each, when it was looked at, and until when it rests",
)
def scopes(request: Request, source: str, gateway: AppGateway, cursor: Cursor = None, limit: Limit = 1000) -> Response:
    """A scope rests (`rests_until` lies ahead) when there is nothing in it but what the vendor puts into each of them:
    the schedule then only looks whether that is still so."""
    rows = gateway.store.scopes.list(gateway.store.sources.get(source).id)
    start = _offset(cursor)
    after = start + limit
    return listing(request, rows[start:after], str(after) if after < len(rows) else None, len(rows))


def _offset(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 10):
        raise InvalidInput(
            "The cursor is not one of this listing.",
            "It was altered, or belongs to another one.",
            "Start without a cursor.",
            (("cursor", "is not known here"),),
        )
    return int(cursor)
