"""From nothing to a source, in four steps: the way, its options, what is to be done there, and the proof.

Each step is a page of its own, and all that it shows is kept here: it survives a reload and a restart of the server.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from openvna.collect import SettingUp
from openvna.model import NotFound
from openvna.plugin.onboarding import WHEN, WORDS, Way
from openvna.web.schema_form import Field, Variant, read_fields
from openvna.web.site import CurrentSite, Site, Viewer

router = APIRouter()
_SINGLE = ("text", "secret", "number", "flag")
"""Of what else a source can be told, only what is one value: an endpoint, a proxy. The options say what is read."""
STEPS = ("How to connect", "Options", "Set it up", "Prove it")


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a way as it is drawn. `when` says for which values of others it matters; with `words` its choices
    are offered as cards."""

    field: Field
    when: Mapping[str, str]
    words: Mapping[str, str]


@router.get("/sources/onboard")
def ways(site: CurrentSite, viewer: Viewer, plugin: str) -> Response:
    found = site.gateway.set_up.ways(plugin)
    return site.page(
        "onboard_ways.html",
        viewer,
        nav="sources",
        spec=site.gateway.spec(plugin),
        ways=found,
        pending=site.gateway.set_up.list(plugin),
        titles={way.id: way.title for way in found},
        steps=STEPS,
        step=1,
        row=None,
    )


@router.get("/sources/onboard/new")
def new(site: CurrentSite, viewer: Viewer, plugin: str, way: str) -> Response:
    return _options(site, viewer, plugin, _way(site, plugin, way), None)


@router.get("/sources/onboard/{onboarding}/options")
def options(site: CurrentSite, viewer: Viewer, onboarding: str) -> Response:
    found = site.gateway.set_up.get(onboarding)
    return _options(site, viewer, found.row.plugin, found.way, found)


@router.get("/sources/onboard/{onboarding}")
def plan(site: CurrentSite, viewer: Viewer, onboarding: str) -> Response:
    found = site.gateway.set_up.get(onboarding)
    if onboarding != found.row.id:
        return RedirectResponse(f"/sources/onboard/{found.row.id}", 307)
    return site.page(
        "onboard_plan.html", viewer, nav="sources", spec=_spec(site, found), found=found, row=found.row, **_step(3)
    )


@router.get("/sources/onboard/{onboarding}/files/{name}")
def file(site: CurrentSite, _viewer: Viewer, onboarding: str, name: str) -> Response:
    """One of the files, to save. Raises `NotFound`."""
    files = {each.name: each.text for each in site.gateway.set_up.get(onboarding).plan.files}
    if name not in files:
        raise NotFound(f"There is no file {name!r} here.", f"There are: {', '.join(files)}.", "Take one of these.")
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(files[name], media_type="application/octet-stream", headers=headers)


@router.get("/sources/onboard/{onboarding}/finish")
def finish(site: CurrentSite, viewer: Viewer, onboarding: str) -> Response:
    found = site.gateway.set_up.get(onboarding)
    if not found.way.trusts_us:
        # The credential is all that is left to give: the form of a source asks for that.
        return RedirectResponse(f"/sources/new?plugin={found.row.plugin}&onboarding={found.row.id}", 303)
    fields = _credential(site, found.row.plugin, found.row.config)
    return site.page(
        "onboard_finish.html",
        viewer,
        nav="sources",
        spec=_spec(site, found),
        found=found,
        row=found.row,
        fields=fields,
        asks=any(_asks(field) for field in fields),
        **_step(4),
    )


def preset(site: Site, onboarding: str) -> tuple[SettingUp, dict[str, Any]]:
    """A source that is being set up, and the settings that its form begins with."""
    found = site.gateway.set_up.get(onboarding)
    return found, dict(site.gateway.set_up.settings(found.row.id))


def _way(site: Site, plugin: str, id: str) -> Way:
    found = {each.id: each for each in site.gateway.set_up.ways(plugin)}
    if id not in found:
        raise NotFound(f"There is no way {id!r} to connect.", f"There are: {', '.join(found)}.", "Choose one of these.")
    return found[id]


def _options(site: Site, viewer: Viewer, plugin: str, way: Way, found: SettingUp | None) -> Response:
    spec = site.gateway.spec(plugin)
    kept = found.row.options if found else {}
    schema = site.gateway.set_up.options(plugin).model_json_schema()
    fields = {field.path: field for field in read_fields(schema, kept)}
    shown = [
        Option(
            replace(fields[name], path=f"options.{name}", advanced=_advanced(schema, name)),
            {
                other: str(values)
                for other, values in schema["properties"][name].get(WHEN, {}).items()
                if other in way.options
            },
            schema["properties"][name].get(WORDS, {}),
        )
        for name in way.options
        if name != "features"
    ]
    wanted = kept.get("features")
    return site.page(
        "onboard_options.html",
        viewer,
        nav="sources",
        spec=spec,
        way=way,
        row=found.row if found else None,
        options=[each for each in shown if not each.field.advanced],
        advanced=[each for each in shown if each.field.advanced],
        features=[each for each in spec.features if "features" in way.options],
        wanted=wanted if isinstance(wanted, list) else site.gateway.set_up.usual_features(plugin),
        fields=_credential(site, plugin, found.row.config if found else _begin_with(way), way),
        taken=sorted(source.name for source in site.gateway.store.sources.list()),
        **_step(2),
    )


def _credential(site: Site, plugin: str, config: Mapping[str, Any], way: Way | None = None) -> tuple[Field, ...]:
    """The settings that say who we are and where: what a way needs before anything is set up."""
    fields = read_fields(site.gateway.spec(plugin).config.model_json_schema(), config)
    trusted = way is None or way.trusts_us
    return tuple(
        _ordered(field, way)
        for field in fields
        if field.kind == "choice" or (trusted and (field.kind == "union" or (field.advanced and field.kind in _SINGLE)))
    )


def _ordered(field: Field, way: Way | None) -> Field:
    """A choice of credentials with the one that is advised first, and those to be entered as secrets last."""

    def place(variant: Variant) -> tuple[bool, bool]:
        return variant.tag != (way.credential if way else ""), any(inner.kind == "secret" for inner in variant.fields)

    return replace(field, variants=tuple(sorted(field.variants, key=place)))


def _begin_with(way: Way) -> dict[str, Any]:
    return {"credential": {"kind": way.credential}} if way.credential else {}


def _asks(field: Field) -> bool:
    """Whether the chosen credential has something that is not kept and has to be put in again."""
    below = [inner for variant in field.variants if variant.tag == field.value for inner in variant.fields]
    return (field.kind in ("secret", "sign-in") and not field.optional) or any(map(_asks, below))


def _advanced(schema: Mapping[str, Any], name: str) -> bool:
    return bool(schema["properties"][name].get("x-advanced"))


def _spec(site: Site, found: SettingUp) -> Any:
    return site.gateway.spec(found.row.plugin)


def _step(number: int) -> dict[str, Any]:
    return {"steps": STEPS, "step": number}
