"""`openvna resources`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from openvna.cli import gaps
from openvna.cli.choosing import nothing, query, type_specs
from openvna.cli.joins import gateway
from openvna.cli.output import Format, listing
from openvna.cli.terminal import note

if TYPE_CHECKING:
    from openvna.plugin import TypeSpec
    from openvna.store import ResourceRow

    Columns = list[tuple[str, Callable[[ResourceRow], object]]]

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def resources(
    context: typer.Context,
    type: Annotated[str | None, typer.Argument(help="Only this type, like aws.ec2.subnet or subnet.")] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE", help="Only where this attribute (dotted.path) has this value; again for more."
        ),
    ] = None,
    account: Annotated[str | None, typer.Option(help="Only in this account.")] = None,
    region: Annotated[str | None, typer.Option(help="Only in this region.")] = None,
    tag: Annotated[
        list[str] | None, typer.Option(metavar="KEY[=VALUE]", help="Only with this tag; again for more.")
    ] = None,
    source: Annotated[str | None, typer.Option(help="Only from this source.")] = None,
    text: Annotated[str, typer.Option(help="Only with this in an id, a name, an address or a tag.")] = "",
    at: Annotated[str | None, typer.Option(help="As it was then: 24h (ago), 2026-05-31T14:00Z.")] = None,
    deleted: Annotated[bool, typer.Option("--deleted", help="Also those that are gone.")] = False,
    format: Annotated[Format, typer.Option(help="How to print.")] = Format.TABLE,
) -> None:
    """List what is there, as last collected.

    `?` behind an id marks a resource whose type could not be listed completely since: last seen, not sure. Below the
    list of a type stands where it is not complete.
    """
    with gateway(context) as here:
        asked = query(
            here,
            type=type,
            where=where,
            account=account,
            region=region,
            tag=tag,
            source=source,
            text=text,
            at=at,
            deleted=deleted,
        )
        spec = type_specs(here).get(asked.type or "")
        count = listing(
            here.store.resources.each(asked),
            _columns(asked.type, spec.columns if spec else (), deleted, whole=format is Format.CSV),
            format,
            empty=lambda: nothing(
                here, f"Nothing matches.{gaps.not_listed(here, asked) or _misspelt(asked.where, spec)}"
            ),
        )
        if format is Format.TABLE:
            if count:
                note(f"\n{count} resource{'' if count == 1 else 's'}")
            if asked.type:
                gaps.told(here, [asked.type], asked)


def _misspelt(where: Mapping[str, str], spec: TypeSpec | None) -> str:
    """What may be the reason why nothing has these attributes: the type has none of such a name."""
    known = [attribute.name for attribute in spec.attributes] if spec else []
    wrong = [name for name in where if name.partition(".")[0] not in known]
    if spec is None or not wrong:
        return ""
    return f" {spec.type} has no attribute {wrong[0]!r}; it has: {', '.join(known)}."


def _columns(type: str | None, attributes: tuple[str, ...], deleted: bool, *, whole: bool) -> Columns:
    columns: Columns = [] if type else [("type", lambda row: row.type)]
    columns += [
        ("id", (lambda row: row.id) if whole else _short_id),
        ("name", lambda row: row.name),
        ("account", lambda row: row.account),
        ("region", lambda row: row.region),
    ]
    columns += [(name, _attribute(name)) for name in attributes if name != "name"]
    if not attributes:
        columns.append(("changed", lambda row: row.changed_at))
    if deleted:
        columns.append(("deleted", lambda row: row.deleted_at or ""))
    if whole:
        columns += [
            ("alias", lambda row: row.alias),
            ("source", lambda row: row.source),
            ("tags", lambda row: row.tags),
            ("stale", lambda row: row.stale),
        ]
    return columns


def _short_id(row: ResourceRow) -> str:
    return f"{row.alias or row.id}{'?' if row.stale else ''}"


def _attribute(name: str) -> Callable[[ResourceRow], object]:
    return lambda row: row.attributes.get(name)
