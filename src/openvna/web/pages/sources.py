"""Sources: the list, the form drawn from a plugin's schema, and the page of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from openvna.collect import SettingUp
from openvna.model import JSON, NotFound
from openvna.northbound.rest.streams import Follow
from openvna.plugin import Spec, Verdict
from openvna.store import Coverage, RegionCoverage, ScopeRow, Source, Store
from openvna.web.pages.onboarding import STEPS, preset
from openvna.web.pages.overview import collecting, next_run, resources_of
from openvna.web.pages.permissions import drawn
from openvna.web.schema_form import Field, read_fields, split_advanced
from openvna.web.site import CurrentSite, Site, Viewer

router = APIRouter()
Place = tuple[str, str]
PLACES = 40
"""Regions of accounts that the coverage of a source is shown for one by one; of more, the accounts are added up."""
INTERVALS = ((300, "5 minutes"), (900, "15 minutes"), (3600, "hour"), (21600, "6 hours"), (86400, "day"))


@dataclass(frozen=True, slots=True)
class ByRegion:
    """The coverage of a source with many accounts: its regions, and for each type its sums in each of them. `empty` are
    the types of which there is none anywhere, and of which that is known; `unlisted` are those that were not listed in
    any place at the last try: the settings leave them out, or the vendor does not have them."""

    regions: list[str]
    lines: list[tuple[str, dict[str, RegionCoverage]]]
    empty: list[str]
    unlisted: list[str]


@router.get("/sources")
def sources(site: CurrentSite, viewer: Viewer) -> Response:
    found = site.gateway.store.sources.list()
    return site.page(
        "sources.html",
        viewer,
        nav="sources",
        sources=found,
        plugins={spec.name: spec for spec in site.gateway.specs()},
        pending=site.gateway.set_up.list(),
        collecting=collecting(site),
        next_runs={source.id: next_run(source) for source in found},
    )


@router.get("/sources/new")
def new_source(site: CurrentSite, viewer: Viewer, plugin: str = "", onboarding: str = "") -> Response:
    if onboarding:
        found, config = preset(site, onboarding)
        return _form(site, viewer, site.gateway.spec(found.row.plugin), None, found=found, config=config)
    specs = site.gateway.specs()
    spec = site.gateway.spec(plugin) if plugin else specs[0] if len(specs) == 1 else None
    if spec is None:
        leading = [spec.name for spec in specs if site.gateway.set_up.leads(spec.name)]
        return site.page("source_plugin.html", viewer, nav="sources", plugins=specs, leading=leading)
    return _form(site, viewer, spec, None)


@router.get("/sources/{source}/edit")
def edit_source(site: CurrentSite, viewer: Viewer, source: str) -> Response:
    row = site.gateway.store.sources.get(source)
    return _form(site, viewer, site.gateway.spec(row.plugin), row)


@router.get("/sources/{source}/credential")
def enter_credential(site: CurrentSite, viewer: Viewer, source: str) -> Response:
    """The edit form with nothing but the settings that hold a secret."""
    row = site.gateway.store.sources.get(source)
    return _form(site, viewer, site.gateway.spec(row.plugin), row, credential_only=True)


@router.get("/sources/{source}")
def one_source(site: CurrentSite, viewer: Viewer, source: str, account: str = "") -> Response:
    store = site.gateway.store
    row = store.sources.get(source)
    if source != row.id:
        return RedirectResponse(f"/sources/{row.id}", 307)
    spec = installed(site, row.plugin)
    many = store.scopes.places(row.id) > PLACES
    return site.page(
        "source.html",
        viewer,
        nav="sources",
        source=row,
        spec=spec,
        verdict=row.verdict,
        fields=read_fields(spec.config.model_json_schema(), row.config, row.secrets) if spec else (),
        collection=collecting(site).get(row.id),
        next_run=next_run(row),
        matrix=matrix(() if many else store.runs.coverage(row.id)),
        by_region=by_region(store, row) if many else None,
        permissions=drawn(site, row, account),
        resources=resources_of(site, row),
        resting=resting(store, row),
        runs=store.runs.list(source_id=row.id, limit=10).items,
    )


@router.get("/verifications/{verification_id}/steps")
async def verification_steps(request: Request, site: CurrentSite, _viewer: Viewer, verification_id: str) -> Response:
    """The steps of a verification as they happen, drawn: server-sent events `step` (id, outcome, html) and then
    `verdict` (verdict, html)."""
    verification = site.gateway.verification(verification_id)

    def drawn() -> Iterator[dict[str, str] | None]:
        for event in verification.events(timeout=0):
            if event is None:
                yield None
            elif isinstance(event, Verdict):
                html = site.render("verdict.html", verdict=event.as_json(), plugin=verification.plugin)
                yield {"event": "verdict", "verdict": event.verdict, "html": html}
            else:
                html = site.render("step.html", step=event, plugin=verification.plugin)
                yield {"event": "step", "id": event.id, "outcome": event.outcome, "html": html}

    return Follow(request, drawn(), lambda event: event["event"]).response()


def _form(
    site: Site,
    viewer: Viewer,
    spec: Spec,
    source: Source | None,
    *,
    credential_only: bool = False,
    found: SettingUp | None = None,
    config: Mapping[str, JSON] | None = None,
) -> Response:
    """The form of a source; of a new one with these settings in it, where it was set up here (`found`)."""
    schema = spec.config.model_json_schema()
    fields = read_fields(schema, source.config if source else config, source.secrets if source else ())
    if credential_only:
        fields = tuple(field for field in fields if holds_secret(field) and not field.advanced)
    shown, advanced = split_advanced(fields)
    names = sorted(row.name for row in site.gateway.store.sources.list() if source is None or row.id != source.id)
    return site.page(
        "source_form.html",
        viewer,
        nav="sources",
        spec=spec,
        source=source,
        fields=shown,
        advanced=advanced,
        credential_only=credential_only,
        names_secrets=any(map(holds_secret, fields)),
        intervals=INTERVALS,
        plugins=site.gateway.specs(),
        taken=names,
        found=found,
        row=found.row if found else None,
        steps=STEPS,
        step=len(STEPS),
    )


def holds_secret(field: Field) -> bool:
    """Whether a field, or one below it, is a secret."""
    below = (*field.fields, *(inner for variant in field.variants for inner in variant.fields))
    return field.kind in ("secret", "sign-in") or any(map(holds_secret, below))


def resting(store: Store, source: Source) -> list[ScopeRow]:
    """The scopes that are spared now, those first that are read again soonest."""
    now = store.scopes.resting(source.id)
    rows = [scope for scope in store.scopes.list(source.id) if scope.key in now] if now else []
    return sorted(rows, key=lambda scope: now[scope.key])


def installed(site: Site, plugin: str) -> Spec | None:
    """The plugin's spec; None when it was taken off this machine after the source was made."""
    try:
        return site.gateway.spec(plugin)
    except NotFound:
        return None


def matrix(
    coverage: Iterable[Coverage],
) -> tuple[list[tuple[str, str]], list[tuple[str, dict[tuple[str, str], Coverage]]]]:
    """Coverage as a table: the places (account, region), and for each type its line in each place."""
    rows: dict[str, dict[Place, Coverage]] = defaultdict(dict)
    places: set[Place] = set()
    for line in coverage:
        place = (line.account, line.region or line.scope)
        places.add(place)
        rows[line.type][place] = line
    return sorted(places), sorted(rows.items())


def by_region(store: Store, source: Source) -> ByRegion:
    """The same with all accounts of a region added up, and apart from it the types that there is nothing to say of."""
    rows: dict[str, dict[str, RegionCoverage]] = defaultdict(dict)
    for line in store.runs.coverage_by_region(source.id, empty=False):
        rows[line.type][line.region] = line
    regions = sorted({region for cells in rows.values() for region in cells})
    silent = store.runs.listed_types(source_id=source.id) - rows.keys()
    empty = silent & store.runs.listed_types(source_id=source.id, now=True)
    return ByRegion(regions, sorted(rows.items()), sorted(empty), sorted(silent - empty))
