"""The inventory: what exists, now or at a past moment."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Path, Query, Request
from starlette.responses import Response

from openvna import store
from openvna.model import InvalidInput, Kind, Outcome
from openvna.northbound.rest.answers import answer, listing, record
from openvna.northbound.rest.auth import READ, AppGateway
from openvna.northbound.rest.routes.base import Cursor, Limit, SourceFilter, Text, known_type, new_router, source_id
from openvna.northbound.rest.shapes import Moment
from openvna.northbound.rest.wire import Facets, ResourceType, TypeState
from openvna.store import RelationRow, ResourceRow, TypeCoverage

router = new_router("resources")

At = Annotated[Moment | None, Query(description="Ask for a past moment (RFC 3339).")]
ResourceId = Annotated[
    Text, Path(description="The resource's id (an ARN in AWS; percent-encoded or as it is) or its alias.")
]


def _pairs(name: str, given: list[str], *, bare: bool) -> dict[str, str | None]:
    """`["a=b"]` as `{"a": "b"}`; a name alone (None) only where `bare` allows it."""
    found: dict[str, str | None] = {}
    for one in given:
        key, equals, value = one.partition("=")
        if not key or not (equals or bare):
            raise InvalidInput(
                f"The filter {name}={one} is not complete.",
                f"It takes {'KEY or KEY=VALUE' if bare else 'ATTRIBUTE=VALUE'}.",
                "Write it like this: " + ("tag=Environment=prod." if bare else "where=vpc=vpc-0a1b2c3d."),
                ((name, f"is not {'KEY or KEY=VALUE' if bare else 'ATTRIBUTE=VALUE'}"),),
            )
        found[key] = value if equals else None
    return found


def _row(row: ResourceRow) -> dict[str, object]:
    return record(row, without=("key",))


def _relation(gateway: AppGateway, plugin: str, row: RelationRow) -> dict[str, object]:
    stub = gateway.stub(plugin, row.to) if row.other is None else None
    return record(row) | {"other": None if row.other is None else _row(row.other), "stub": stub}


@router.get("/resources", operation_id="list-resources", dependencies=[READ], summary="Resources that match")
def index(
    request: Request,
    gateway: AppGateway,
    type: Annotated[Text | None, Query(description="A resource type, such as aws.ec2.vpc.")] = None,
    kind: Annotated[Kind | None, Query(description="A vendor-neutral kind.")] = None,
    source: SourceFilter = None,
    account: Text | None = None,
    region: Text | None = None,
    where: Annotated[
        list[Text], Query(description="ATTRIBUTE=VALUE, repeated: all must hold. The attribute may be a dotted path.")
    ] = [],  # noqa: B006  FastAPI copies it
    tag: Annotated[list[Text], Query(description="KEY or KEY=VALUE, repeated: all must hold.")] = [],  # noqa: B006
    q: Annotated[Text, Query(description="Searches ids, names, addresses and tags.")] = "",
    at: At = None,
    deleted: Annotated[bool, Query(description="Also those that are gone.")] = False,
    sort: Annotated[
        Literal["type", "name", "id", "account", "region", "changed_at"],
        Query(
            description="With `type` those of a type come in the order in which they were first seen, so that one who "
            "pages meets each of them once, whatever is renamed meanwhile."
        ),
    ] = "type",
    order: Literal["asc", "desc"] = "asc",
    cursor: Cursor = None,
    limit: Limit = 100,
    count: Annotated[bool, Query(description="Count all that match, as `total`. Slower on large inventories.")] = False,
) -> Response:
    query = store.Query(
        type=known_type(gateway, type),
        kind=kind,
        source_id=source_id(gateway, source),
        account=account,
        region=region,
        where={name: value or "" for name, value in _pairs("where", where, bare=False).items()},
        tags=_pairs("tag", tag, bare=True),
        text=q,
        deleted=deleted,
        at=at,
    )
    page = gateway.store.resources.list(
        query, sort=sort, descending=order == "desc", cursor=cursor, limit=limit, count=count
    )
    return listing(request, [_row(row) for row in page.items], page.cursor, page.total)


# Before the resource itself: an id may hold slashes, and would swallow this suffix.
@router.get(
    "/resources/{id:path}/versions",
    operation_id="list-versions",
    dependencies=[READ],
    summary="All versions of a resource, newest first, each with what changed",
)
def versions(request: Request, id: ResourceId, gateway: AppGateway, source: SourceFilter = None) -> Response:
    found = gateway.store.resources.get(id, source_id=source_id(gateway, source), most_incoming=0)
    rows = gateway.store.resources.versions(found.resource.key)
    return listing(request, rows, total=len(rows))


@router.get(
    "/resources/{id:path}",
    operation_id="show-resource",
    dependencies=[READ],
    summary="A resource with its relations both ways and the vendor's own document",
)
def show(
    id: ResourceId,
    gateway: AppGateway,
    source: SourceFilter = None,
    at: At = None,
    most_incoming: Annotated[
        int, Query(ge=0, le=10_000, description="At most so many of the links to it, of each name.")
    ] = 1000,
) -> Response:
    """An id that several sources hold answers 409: name the `source` then. `incoming` counts all the links to it.

    Of the other end of a relation that nobody has collected, `stub` says what its name tells."""
    found = gateway.store.resources.get(id, source_id=source_id(gateway, source), at=at, most_incoming=most_incoming)
    plugin = gateway.store.sources.get(found.resource.source_id).plugin
    return answer(
        {
            **_row(found.resource),
            "document": found.document,
            "relations": [_relation(gateway, plugin, relation) for relation in found.relations],
            "incoming": found.incoming,
        }
    )


def _state(known: TypeCoverage | None) -> TypeState:
    if known is None:
        return "not-tried"
    if set(known.outcomes) == {Outcome.OK}:
        return "complete"
    return "partial" if known.complete else "unknown"


@router.get(
    "/resource-types",
    operation_id="list-resource-types",
    dependencies=[READ],
    summary="The resource types: how many there are of each, and how complete that is",
)
def types(request: Request, gateway: AppGateway, source: SourceFilter = None) -> Response:
    wanted = source_id(gateway, source)
    counts = gateway.store.resources.counts(store.Query(source_id=wanted))
    coverage = gateway.store.runs.coverage_by_type(wanted)
    in_use = {one.plugin for one in gateway.store.sources.list() if wanted in (None, one.id)}
    declared = {type_.type: type_ for spec in gateway.specs() for type_ in spec.types}
    expected = {type_.type for spec in gateway.specs() if spec.name in in_use for type_ in spec.types}
    items: list[ResourceType] = []
    for name in sorted(expected | counts.keys() | coverage.keys()):
        known, spec = coverage.get(name), declared.get(name)
        outcomes = known.outcomes if known else {}
        items.append(
            ResourceType(
                type=name,
                kind=spec.kind if spec else None,
                title=spec.title if spec else name,
                columns=spec.columns if spec else (),
                resources=counts.get(name, 0),
                state=_state(known),
                scopes=known.scopes if known else 0,
                outcomes={outcome.value: outcomes[outcome] for outcome in Outcome if outcome in outcomes},
                complete_at=known.complete_at if known and known.complete == known.scopes else None,
            )
        )
    return listing(request, items, total=len(items))


@router.get(
    "/facets",
    operation_id="list-facets",
    dependencies=[READ],
    summary="The accounts, regions and types that there are, for filters",
)
def facets(gateway: AppGateway) -> Response:
    found = gateway.store.resources.facets()
    return answer(Facets(**{name: found[name] for name in ("account", "region", "type")}))
