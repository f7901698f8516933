"""Quotas: how much of each is used, the fullest first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Annotated, TypeAlias
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi import Query as Parameter
from fastapi.responses import Response
from pydantic import BeforeValidator

from openvna.model import Kind, Outcome
from openvna.store import Query, QuotaUse, Trouble
from openvna.web.listing import Listing
from openvna.web.site import CurrentSite, Site, Viewer

router = APIRouter()
PAGE = 100
NEAR, FULL = 80, 100
"""Percent of a quota from which on it is near its limit (where AWS Trusted Advisor warns too), and at it."""
LEAST = ((NEAR, f"{NEAR} % or more"), (FULL, "all of it"))
PLACES_SHOWN = 3
Least: TypeAlias = Annotated[int, BeforeValidator(lambda said: said or 0), Parameter(ge=0, le=1000)]
"""Percent. A form that is sent without scripts says "any" by an empty text."""


@dataclass(frozen=True, slots=True)
class Line:
    """A quota as it is shown. `state` is a word of the badges, `maximum` empty where there is no number; `counted`
    leads to the resources that count, of the one that has most where they are counted apart; `why` says why it is not
    known what is used."""

    quota: QuotaUse
    state: str
    maximum: str
    counted: str
    why: str


@router.get("/quotas")
def quotas(
    site: CurrentSite,
    viewer: Viewer,
    source: str = "",
    account: str = "",
    region: str = "",
    service: str = "",
    q: str = "",
    least: Least = 0,
    cursor: str = "",
) -> Response:
    store = site.gateway.store
    chosen = {"source": source, "account": account, "region": region, "service": service, "q": q, "least": least}
    where = Query(source_id=source or None, account=account or None, region=region or None, text=q.strip())
    services = store.quotas.by_service(where)
    asked = replace(where, where={"service": service} if service else {})
    page = store.quotas.fullest(asked, least_percent=least, cursor=cursor or None, limit=PAGE)
    following = {**chosen, "cursor": page.cursor or ""}
    return site.page(
        "quotas.html",
        viewer,
        nav="quotas",
        lines=[line_of(site, each) for each in page.items],
        more=f"/quotas?{urlencode({name: value for name, value in following.items() if value})}" if page.cursor else "",
        # Nobody counted those that are so full.
        total=None if least else services.get(service, 0) if service else sum(services.values()),
        gaps=gaps(site, where),
        places_shown=PLACES_SHOWN,
        facets=store.resources.facets(),
        services=sorted({*filter(None, services), *filter(None, [service])}),
        sources=store.sources.list(),
        chosen=chosen,
        filtered=any(chosen.values()),
        least_choices=LEAST,
        marks=(NEAR, FULL),
    )


def line_of(site: Site, quota: QuotaUse) -> Line:
    """How a quota is shown: it is fine only where what is used is known."""
    maximum = "" if quota.maximum is None else f"{quota.maximum:,.15g}"
    counted = _counted(quota) if quota.counts else ""
    if quota.used is None:
        return Line(quota, "unknown", maximum, counted, why_unknown(site, quota))
    return Line(quota, _state(quota), maximum, counted, "")


def _state(quota: QuotaUse) -> str:
    if quota.maximum == quota.used == 0:
        return "none"
    percent = quota.percent
    return "" if percent is None or percent < NEAR else "near" if percent < FULL else "full"


def why_unknown(site: Site, quota: QuotaUse) -> str:
    """Why nobody knows what is used of a quota."""
    if not quota.counts:
        return "OpenVNA does not count what it bounds."
    what = site.type_title(quota.counts)
    if quota.outcome in (None, Outcome.UNSUPPORTED):
        return f"{what}: not collected here."
    return f"{what}: never listed completely here."


def gaps(site: Site, where: Query) -> list[Trouble]:
    """What is known of the quotas that could not be read where the filters look, the widest first."""
    types = (name for name, spec in site.types.items() if spec.kind is Kind.QUOTA)
    found: Iterable[Trouble] = (
        trouble
        for name in types
        for trouble in site.gateway.store.runs.troubles(
            where.source_id, type=name, account=where.account, region=where.region
        )
    )
    return sorted(found, key=lambda each: (-len(each.places), each.source, each.type))


def _counted(quota: QuotaUse) -> str:
    """The inventory's page of what counts."""
    conditions = [quota.counts_where] if quota.counts_where else []
    if quota.counts_by and quota.most:
        conditions.append(f"{quota.counts_by}={quota.most}")
    pairs = [(name, value) for name, _, value in (each.partition("=") for each in conditions)]
    return Listing(
        type=quota.counts,
        source=quota.source_id,
        account=quota.account,
        region=quota.region,
        where=tuple(pairs),
        sort="name",
    ).url()
