"""`openvna plugin`: what is installed, and what it reads."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import asdict
from typing import Annotated

import typer

from openvna.cli.lean import LeanGroup
from openvna.cli.output import Format, listing
from openvna.model import NotFound
from openvna.plugin import Cause, Spec, TypeSpec, load_plugin, plugin_names

app = typer.Typer(cls=LeanGroup, help="List the plugins and the resource types they read.", rich_markup_mode=None)


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
    """List the resource types: the calls that list each, the permissions they need, and what depends on what."""
    names = (plugin,) if plugin else plugin_names()
    found: dict[str, TypeSpec] = {}
    for name in names:
        found |= {one.type: one for one in load_plugin(name).spec().types}
    needed_by: dict[str, list[str]] = defaultdict(list)
    for one in found.values():
        for parent in one.depends_on:
            needed_by[parent].append(one.type)
    listing(
        [found[name] for name in sorted(found)],
        (
            ("type", lambda one: one.type),
            ("title", lambda one: one.title),
            ("kind", lambda one: one.kind.value),
            ("calls", lambda one: one.calls),
            ("permissions", lambda one: one.permissions),
            ("needs", lambda one: one.depends_on),
            ("needed by", lambda one: needed_by[one.type]),
        ),
        format,
        empty="No plugin is installed.",
        as_json=lambda one: {**asdict(one), "needed_by": needed_by[one.type]},
    )


@app.command("features")
def list_features(
    plugin: Annotated[str | None, typer.Argument(help="Only those of this plugin.")] = None,
    format: Annotated[Format, typer.Option(help="How to print.")] = Format.TABLE,
) -> None:
    """List the features that permissions are given for, with what each of them needs."""
    names = (plugin,) if plugin else plugin_names()
    listing(
        [(name, one) for name in names for one in load_plugin(name).spec().features],
        (
            ("plugin", lambda row: row[0]),
            ("feature", lambda row: row[1].id),
            ("needed", lambda row: "optional" if row[1].optional else "always"),
            ("title", lambda row: row[1].title),
            ("permissions", lambda row: row[1].permissions),
        ),
        format,
        empty="No installed plugin knows permissions.",
        as_json=lambda row: {"plugin": row[0], **asdict(row[1])},
    )


def _spec_json(spec: Spec) -> object:
    return {
        "name": spec.name,
        "title": spec.title,
        "version": spec.version,
        "description": spec.description,
        "repeats": spec.repeats,
        "types": [one.type for one in spec.types],
        "features": [one.id for one in spec.features],
        "config": spec.config.model_json_schema(),
    }


@app.command("explain")
def explain_cause(
    cause: Annotated[str, typer.Argument(help="The id of a cause, as a verification or a run names it.")],
    plugin: Annotated[str | None, typer.Option(help="Whose it is. Default: the first plugin that has it.")] = None,
    json_format: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say what a cause means, how it is known and what to do about it."""
    for name in (plugin,) if plugin else plugin_names():
        found = load_plugin(name).explain(cause.strip().upper())
        if found is not None:
            typer.echo(json.dumps({"plugin": name, **asdict(found)}, indent=2) if json_format else _told(found))
            return
    raise NotFound(
        f"There is no cause {cause!r}.",
        "No installed plugin has it in its catalogue.",
        "Take the id from a verification or from a run: K-KEY-UNKNOWN, for example.",
    )


def _told(cause: Cause) -> str:
    lines = [
        f"{cause.id}: {cause.title}",
        "",
        cause.meaning,
        "",
        f"How it is known: {cause.known_by} ({cause.confidence})",
        "",
        "What to do:",
        cause.remedy,
    ]
    if cause.related:
        lines += ["", f"Related: {', '.join(cause.related)}"]
    return "\n".join(lines)
