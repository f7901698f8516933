"""`openvna show`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from openvna.cli import parsing
from openvna.cli.joins import gateway
from openvna.cli.output import ShortFormat, clean, details, dumps, json_document, plain, say, when

if TYPE_CHECKING:
    from openvna.model import FieldChange
    from openvna.plugin import Stub
    from openvna.store import RelationRow, ResourceDetail, ResourceRow, Store, VersionRow

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def show(
    context: typer.Context,
    id: Annotated[str, typer.Argument(help="The resource's id or short id (vpc-0a1b...).")],
    versions: Annotated[bool, typer.Option("--versions", help="Every version with what it changed.")] = False,
    source: Annotated[str | None, typer.Option(help="The one of this source.")] = None,
    at: Annotated[str | None, typer.Option(help="As it was then: 24h (ago), 2026-05-31T14:00Z.")] = None,
    format: Annotated[ShortFormat, typer.Option(help="How to print.")] = ShortFormat.TABLE,
) -> None:
    """Show one resource: attributes, tags, relations both ways, and its versions."""
    with gateway(context) as here:
        source_id = here.store.sources.get(source).id if source else None
        moment = parsing.moment(at, "--at") if at else None
        found = here.store.resources.get(id, source_id=source_id, at=moment)
        history = here.store.resources.versions(found.resource.key) if versions else ()
        gone = _why_gone(here.store, found.resource)
        plugin = here.store.sources.get(found.resource.source_id).plugin
        stubs = {one.to: here.stub(plugin, one.to) for one in found.relations if one.other is None}
    if format is ShortFormat.JSON:
        document = plain(found)
        for told, one in zip(document["relations"], found.relations, strict=True):
            told["stub"] = plain(stubs[one.to]) if one.other is None else None
        if versions:
            document["versions"] = plain(history)
        json_document(document)
        return
    _resource(found, gone)
    _relations(found.relations, stubs)
    for version in history:
        _version(version)


def _why_gone(store: Store, row: ResourceRow) -> str:
    """What was said when it was retired; empty where it was simply not there any more."""
    if row.deleted_at is None:
        return ""
    deaths = store.changes.list(source_id=row.source_id, resource_id=row.id, kind="deleted", limit=1)
    return deaths.items[0].reason if deaths.items else ""


def _resource(found: ResourceDetail, gone: str) -> None:
    row = found.resource
    details(
        (
            ("id", row.id),
            ("short id", row.alias),
            ("type", f"{row.type} ({row.kind})"),
            ("name", row.name),
            ("account", row.account),
            ("region", row.region),
            ("source", row.source),
            ("version", f"{row.version}, since {when(row.changed_at)}"),
            ("first seen", when(row.first_seen)),
            ("confirmed", when(row.confirmed_at) or "never"),
            ("unsure", "its type could not be listed completely since" if row.stale else ""),
            ("deleted", f"{when(row.deleted_at)}{f'  {gone}' if gone else ''}"),
        )
    )
    _mapping("Attributes", row.attributes)
    _mapping("Tags", row.tags)


def _mapping(title: str, values: Mapping[str, object]) -> None:
    if values:
        say(f"\n{title}")
        details([(f"  {clean(name)}", _value(value)) for name, value in values.items()])


def _relations(relations: tuple[RelationRow, ...], stubs: Mapping[str, Stub]) -> None:
    if relations:
        say("\nRelations")
    for one in relations:
        arrow = "\u2192" if one.direction == "out" else "\u2190"
        if one.other is None:
            stub = stubs[one.to]
            known = "  ".join(each for each in (stub.type, stub.account, stub.region) if each)
            say(f"  {arrow} {one.name}  {clean(one.to)}{f'  {clean(known)}' if known else ''}  (not collected)")
        else:
            name = f"  {clean(one.other.name)}" if one.other.name else ""
            say(f"  {arrow} {one.name}  {clean(one.other.alias or one.other.id)}{name}  {one.other.type}")


def _version(version: VersionRow) -> None:
    until = when(version.valid_to) or "now"
    say(f"\nVersion {version.number}  {when(version.valid_from)} until {until}  {version.run_id}")
    for change in version.fields:
        say(f"  {clean(change.path)}: {_difference(change)}")


def _difference(change: FieldChange) -> str:
    return f"{_value(change.before) or 'absent'} \u2192 {_value(change.after) or 'absent'}"


def _value(value: object) -> str:
    if value is None:
        return ""
    return clean(value if isinstance(value, str) else dumps(plain(value)))
