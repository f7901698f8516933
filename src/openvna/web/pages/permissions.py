"""What a source is allowed, as a matrix of features and regions, and what its collections lost."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from openvna.collect.permissions import SourcePermissions
from openvna.model import InvalidInput, NotFound
from openvna.plugin import ActionResult, Feature, PermissionResult, PermissionState
from openvna.plugin.policy import Policy
from openvna.store import Source
from openvna.web.site import CurrentSite, Site, Viewer

router = APIRouter()
ACTIONS_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Why:
    """What stands behind cells of one feature that are alike: one of them, and all their regions."""

    id: str
    feature: Feature
    cell: PermissionResult
    regions: tuple[str, ...]
    actions: tuple[ActionResult, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Line:
    """A feature with its cell in each region; `whole` is the cell of what belongs to the account."""

    feature: Feature
    cells: dict[str, tuple[PermissionResult, Why]]
    whole: tuple[PermissionResult, Why] | None


@dataclass(frozen=True, slots=True)
class Drawn:
    """All that the templates need."""

    found: SourcePermissions
    account: str
    lines: tuple[Line, ...]
    reasons: tuple[Why, ...]
    policies: tuple[Policy, ...]


@router.get("/sources/{source}/permissions")
def matrix(site: CurrentSite, _viewer: Viewer, source: str, account: str = "") -> Response:
    """The matrix alone, for a page that is open while a verification ends."""
    row = site.gateway.store.sources.get(source)
    return HTMLResponse(site.render("permissions.html", source=row, permissions=drawn(site, row, account)))


def drawn(site: Site, source: Source, account: str = "") -> Drawn | None:
    """The matrix of one account of a source (the first where none is named); None where its plugin is not there, or
    knows no permissions."""
    try:
        spec = site.gateway.spec(source.plugin)
        whole = site.gateway.permissions(source.id)
    except (NotFound, InvalidInput):
        return None
    if not spec.features:
        return None
    chosen = account if account in whole.accounts else next(iter(whole.accounts), "")
    found = site.gateway.permissions(source.id, chosen) if len(whole.accounts) > 1 else whole
    reasons = _reasons(found)
    behind = {(each.feature.id, region): each for each in reasons for region in each.regions}
    lines = []
    for feature in found.features:
        cells = {
            cell.region: (cell, behind[feature.id, cell.region]) for cell in found.cells if cell.feature == feature.id
        }
        lines.append(Line(feature, cells, cells.pop("", None)))
    formats = site.gateway.policy_formats(source.plugin)
    wanted = tuple(feature.id for feature in found.features)
    policies = tuple(site.gateway.policy(source.plugin, wanted, format=each) for each in formats) if wanted else ()
    return Drawn(found, chosen, tuple(lines), reasons, policies)


def _reasons(found: SourcePermissions) -> tuple[Why, ...]:
    """The cells of each feature, those put together that say the same; the one with most to tell stands for them."""
    features = {feature.id: feature for feature in found.features}
    groups: dict[tuple[str, str, str | None, str, str], list[PermissionResult]] = {}
    for cell in found.cells:
        key = (cell.feature, cell.state, cell.cause, cell.layer, cell.confidence)
        groups.setdefault(key, []).append(cell)
    reasons = []
    for number, same in enumerate(groups.values()):
        cell = max(same, key=lambda each: len(each.actions))
        telling = [each for each in cell.actions if each.state == cell.state] or list(cell.actions)
        shown = telling[:ACTIONS_SHOWN] if cell.state != PermissionState.ALLOWED else ()
        regions = tuple(each.region for each in same)
        more = len(telling) - len(shown)
        reasons.append(Why(f"permission-{number}", features[cell.feature], cell, regions, tuple(shown), more))
    return tuple(reasons)
