"""The inventory: every resource, filtered and sorted by its address, page by page."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse

from openvna.collect.naming import near_matches
from openvna.model import InvalidInput
from openvna.store import Page, ResourceRow, Source, Trouble
from openvna.web import show
from openvna.web.listing import PAGE, Listing, read_listing, usual_sort
from openvna.web.site import CurrentSite, Site, Viewer
from openvna.web.words import GROUPS, OTHER, group_of

router = APIRouter()
EXPORT_COLUMNS = ("id", "alias", "type", "kind", "name", "account", "region", "source", "first_seen", "changed_at")


@dataclass(frozen=True, slots=True)
class Gap:
    """A type that could not be listed completely in some places (account and region): the way of failing that has most
    of them, and all of them."""

    widest: Trouble
    places: tuple[tuple[str, str], ...]
    blank: bool
    """Whether nothing at all is known of it: it was never listed, and no resource of it is here."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A type in the tree at the side. `count` is None where nothing is known."""

    type: str
    count: int | None
    gap: Gap | None
    chosen: bool


@router.get("/inventory")
def inventory(request: Request, site: CurrentSite, viewer: Viewer) -> Response:
    listing = read_listing(request.query_params)
    store = site.gateway.store
    gaps = gaps_of(site, listing)
    counts = store.resources.counts(replace(listing, type="").query)
    page, problems = _rows(site, listing)
    total = counts.get(listing.type, 0) if listing.type else sum(counts.values())
    sources, facets = store.sources.list(), store.resources.facets()
    answer = site.page(
        "inventory.html",
        viewer,
        nav="inventory",
        listing=listing,
        usual_sort="" if listing.sort == usual_sort(listing.type) else listing.sort,
        problems=problems,
        broken=(),
        chips=listing.chips({source.id: source.name for source in sources}),
        rows=page.items,
        cursor=page.cursor,
        total=total,
        everything=sum(counts.values()),
        tree=_tree(site, listing, counts, gaps),
        gap=gaps.get(listing.type),
        refreshed=_refreshed(site, listing, sources),
        near=_near(site, listing.type, facets["type"]),
        listed=bool(page.items) or listing.type in store.runs.listed_types(now=True),
        columns=_columns(site, listing),
        facets=facets,
        sources=sources,
        spec=site.types.get(listing.type),
    )
    if request.headers.get("hx-request"):
        # While someone types, the address in the browser is the one that a link would have.
        answer.headers["HX-Push-Url"] = listing.url()
    return answer


@router.get("/inventory/rows")
def more_rows(request: Request, site: CurrentSite, viewer: Viewer) -> Response:
    """The rows after a cursor, to be put below those that are there."""
    listing = read_listing(request.query_params)
    page, problems = _rows(site, listing)
    return site.page(
        "inventory_rows.html",
        viewer,
        listing=listing,
        broken=problems,
        rows=page.items,
        cursor=page.cursor,
        columns=_columns(site, listing),
    )


@router.get("/inventory/export.{form}")
def export(request: Request, site: CurrentSite, _viewer: Viewer, form: str) -> Response:
    """All that the filters let through, as CSV or JSON, streamed."""
    listing = read_listing(request.query_params)
    if listing.problems:
        raise InvalidInput("The export was not made.", " ".join(listing.problems), "Correct the address.")
    if (near := _near(site, listing.type, site.gateway.store.resources.facets()["type"])) is not None:
        remedy = f"Did you mean {' or '.join(near)}?" if near else "The inventory lists the types."
        raise InvalidInput("The export was not made.", f"There is no resource type {listing.type!r}.", remedy)
    name = f"openvna-{listing.type or 'inventory'}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{_file_name(name)}"'}
    rows = site.gateway.store.resources.each(listing.query)
    if form == "csv":
        columns = _columns(site, listing)
        return StreamingResponse(_batched(_csv(rows, columns)), media_type="text/csv; charset=utf-8", headers=headers)
    if form == "json":
        return StreamingResponse(_batched(_json(rows)), media_type="application/json", headers=headers)
    raise InvalidInput(f"There is no export as {form!r}.", "Known: csv and json.", "Choose one of these.")


def gaps_in(troubles: Iterable[Trouble], listed: Collection[str]) -> dict[str, Gap]:
    """The types that were not listed completely, by name. `listed` are the types that something is known of."""
    ways: dict[str, list[Trouble]] = defaultdict(list)
    for each in troubles:
        ways[each.type].append(each)
    return {
        name: Gap(
            max(found, key=lambda each: len(each.places)),
            tuple(sorted(frozenset().union(*(each.places for each in found)))),
            name not in listed and not any(each.resources for each in found),
        )
        for name, found in ways.items()
    }


def gaps_of(site: Site, listing: Listing) -> dict[str, Gap]:
    """The gaps in the part of the world that the filters leave."""
    runs, source = site.gateway.store.runs, listing.source or None
    account, region = listing.account or None, listing.region or None
    troubles = runs.troubles(source, account=account, region=region)
    return gaps_in(troubles, runs.listed_types(source_id=source, account=account, region=region))


def _rows(site: Site, listing: Listing) -> tuple[Page[ResourceRow], tuple[str, ...]]:
    """The rows of the listing. A cursor or a filter that the store refuses shows the list's top, and says so."""
    try:
        page = site.gateway.store.resources.list(
            listing.query,
            sort=listing.sort,
            descending=listing.descending,
            cursor=listing.cursor or None,
            limit=PAGE,
        )
    except InvalidInput as error:
        return Page(()), (*listing.problems, str(error))
    return page, listing.problems


def _refreshed(site: Site, listing: Listing, sources: Collection[Source]) -> tuple[str, str] | None:
    """The source that can be asked for the list that is shown, and where (empty: everywhere); None where there is none,
    or where there are several."""
    if listing.type not in site.types or listing.at is not None:
        return None
    plugins = {spec.name for spec in site.gateway.specs() if any(each.type == listing.type for each in spec.types)}
    of = [each for each in sources if each.plugin in plugins and listing.source in ("", each.id)]
    scope = "/".join(filter(None, (listing.account, listing.region)))
    return (of[0].id, scope) if len(of) == 1 else None


def _near(site: Site, type: str, held: Collection[str]) -> tuple[str, ...] | None:
    """The types that are meant, perhaps, where there is none of this name; None where there is."""
    if not type or type in site.types or type in held:
        return None
    return tuple(near_matches(type, {*site.types, *held}))


def _columns(site: Site, listing: Listing) -> tuple[str, ...]:
    spec = site.types.get(listing.type)
    return spec.columns if spec else ()


def _tree(
    site: Site, listing: Listing, counts: dict[str, int], gaps: dict[str, Gap]
) -> list[tuple[str, int, list[Branch]]]:
    """Types by group, with their counts; those of which nothing is known stand there too, as unknown."""
    branches: dict[str, list[Branch]] = defaultdict(list)
    names = set(counts) | {name for name, gap in gaps.items() if gap.blank and not listing.filtered}
    if listing.type:
        names.add(listing.type)
    for name in names:
        gap = gaps.get(name)
        count = None if gap and gap.blank and not counts.get(name) else counts.get(name, 0)
        branches[group_of(site.types.get(name), site.types)].append(Branch(name, count, gap, name == listing.type))
    return [
        (
            group,
            sum(branch.count or 0 for branch in branches[group]),
            sorted(branches[group], key=lambda branch: site.type_title(branch.type)),
        )
        for group in (*GROUPS, OTHER)
        if group in branches
    ]


def _file_name(text: str) -> str:
    return "".join(letter if letter.isalnum() or letter in ".-_" else "-" for letter in text if letter.isascii())


def _csv(rows: Iterable[ResourceRow], columns: tuple[str, ...]) -> Iterator[str]:
    line = io.StringIO()
    writer = csv.writer(line)

    def flush() -> str:
        text = line.getvalue()
        line.seek(0)
        line.truncate()
        return text

    writer.writerow([*EXPORT_COLUMNS, "state", "tags", *columns])
    for row in rows:
        tags = orjson.dumps(dict(row.tags)).decode()
        own = [_safe(_text(getattr(row, column))) for column in EXPORT_COLUMNS]
        values = [
            _safe(show.scalar(show.look_up(row, name)) if show.look_up(row, name) is not None else "")
            for name in columns
        ]
        writer.writerow([*own, _state(row), tags, *values])
        yield flush()


def _json(rows: Iterable[ResourceRow]) -> Iterator[str]:
    separator = "["
    for row in rows:
        yield separator + orjson.dumps(row, default=dict, option=orjson.OPT_UTC_Z).decode()
        separator = ",\n"
    yield "]" if separator != "[" else "[]"


def _batched(parts: Iterable[str], size: int = 65536) -> Iterator[bytes]:
    """Few large pieces: each goes through a thread of its own."""
    waiting: list[str] = []
    length = 0
    for part in parts:
        waiting.append(part)
        length += len(part)
        if length >= size:
            yield "".join(waiting).encode()
            waiting, length = [], 0
    yield "".join(waiting).encode()


def _text(value: object) -> str:
    return show.iso(value) if isinstance(value, datetime) else "" if value is None else str(value)


def _state(row: ResourceRow) -> str:
    return "deleted" if row.deleted_at else "last seen" if row.stale else "present"


def _safe(text: str) -> str:
    """A spreadsheet must not take a vendor's text for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
