"""`openvna plugin`: what is installed, and what it reads."""

from __future__ import annotations

from typing import Annotated

import typer

from openvna.cli.output import Format, listing
from openvna.plugin import Spec, TypeSpec, load_plugin, plugin_names

app = typer.Typer(help="List the plugins and the resource types they read.", rich_markup_mode=None)


@app.command("list")
def list_plugins(
    format: Annotated[Format, typer.Option(help="How to print.")] = Format.TABLE,
) -> None:
    """List the installed plugins."""
    listing(
        [load_plugin(name).spec() for name in plugin_names()],
        (
            ("name", lambda spec: spec.name),
            ("version", lambda spec: spec.version),
            ("types", lambda spec: len(spec.types)),
            ("title", lambda spec: spec.title),
            ("description", lambda spec: spec.description),
        ),
        format,
        empty="No plugin is installed.",
        as_json=_spec_json,
    )


@app.command("types")
def list_types(
    plugin: Annotated[str | None, typer.Argument(help="Only those of this plugin.")] = None,
    format: Annotated[Format, typer.Option(help="How to print.")] = Format.TABLE,
) -> None:
    """List the resource types, with the permissions that reading them needs."""
    names = (plugin,) if plugin else plugin_names()
    found: dict[str, TypeSpec] = {}
    for name in names:
        found |= {one.type: one for one in load_plugin(name).spec().types}
    listing(
        [found[name] for name in sorted(found)],
        (
            ("type", lambda one: one.type),
            ("kind", lambda one: one.kind.value),
            ("title", lambda one: one.title),
            ("permissions", lambda one: one.permissions),
        ),
        format,
        empty="No plugin is installed.",
    )


def _spec_json(spec: Spec) -> object:
    return {
        "name": spec.name,
        "title": spec.title,
        "version": spec.version,
        "description": spec.description,
        "repeats": spec.repeats,
        "types": [one.type for one in spec.types],
        "config": spec.config.model_json_schema(),
    }
