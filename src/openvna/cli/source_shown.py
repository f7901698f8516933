"""`openvna source list`, `show`, `permissions` and `export`: what is known of sources, and nothing is changed."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from openvna.cli.joins import gateway
from openvna.cli.output import (
    Format,
    ShortFormat,
    ago,
    details,
    json_document,
    listing,
    quoted,
    say,
    table,
)
from openvna.cli.permission_rows import losses, lost_of, remedies, rows
from openvna.cli.source_options import Name, Printed
from openvna.cli.source_rows import duration, ending, flat, state
from openvna.cli.terminal import note


def list_sources(
    context: typer.Context, format: Annotated[Format, typer.Option(help="How to print.")] = Format.TABLE
) -> None:
    """List the sources."""
    with gateway(context) as here:
        listing(
            here.store.sources.list(),
            (
                ("name", lambda source: source.name),
                ("plugin", lambda source: source.plugin),
                ("state", state),
                ("interval", lambda source: duration(source.interval)),
                ("collected", lambda source: ago(source.last_run_at)),
                ("verified", lambda source: ago(source.verified_at)),
                ("credential", ending),
            ),
            format,
            empty="No source yet. Add one: openvna source add aws NAME --prompt   (or look around: openvna demo)",
        )


def show(context: typer.Context, source: Name, format: Printed = ShortFormat.TABLE) -> None:
    """Show a source: its settings and its last verification. Secrets are never shown."""
    with gateway(context) as here:
        found = here.store.sources.get(source)
        lost = lost_of(here, found)
    if format is ShortFormat.JSON:
        json_document(found)
        return
    details(
        (
            ("name", found.name),
            ("id", found.id),
            ("plugin", found.plugin),
            ("state", state(found)),
            ("interval", duration(found.interval)),
            ("collected", ago(found.last_run_at)),
            ("verified", ago(found.verified_at)),
            ("credential", ending(found)),
            ("summary", found.verdict.get("summary") if found.verdict else ""),
            ("remedy", found.verdict.get("remedy") if found.verdict else ""),
        )
    )
    for line in losses(lost):
        say(f"\n{line}")
    say("\nSettings")
    secrets = [(f"  {path}", "(stored, never shown)") for path in found.secrets]
    details([*((f"  {path}", value) for path, value in flat(found.config)), *secrets])


def permissions(
    context: typer.Context,
    source: Name,
    account: Annotated[str | None, typer.Option(help="Only this account.")] = None,
    format: Printed = ShortFormat.TABLE,
) -> None:
    """Show what a source is allowed: each feature in each region, who denies what is denied, and what mends it.

    As its last verification found it; `openvna source verify` tries again.
    """
    with gateway(context) as here:
        found = here.permissions(source, account)
    if format is ShortFormat.JSON:
        json_document(found)
        return
    if found.tried_at is None:
        note(f"The permissions of {found.source} were not tried yet: openvna source verify {quoted(found.source)}")
    else:
        table(
            [[row.account, row.feature, row.state, row.where, row.why] for row in rows(found.cells, found.features)],
            ["account", "feature", "state", "where", "why"],
        )
        note(f"Tried {ago(found.tried_at)}.")
    for line in (*remedies(found.missing), *losses(found.lost)):
        say(f"\n{line}")


def export(
    context: typer.Context,
    sources: Annotated[
        list[str] | None, typer.Argument(help="Names or ids of sources. [default: all]", metavar="SOURCE")
    ] = None,
) -> None:
    """Print sources as TOML, to start from what there is: `openvna apply` reads it. Stored secrets are left out."""
    from openvna.collect.exporting import exported

    with gateway(context) as here:
        found = [here.store.sources.get(one) for one in sources] if sources else list(here.store.sources.list())
        text = exported(here, found) if found else ""
    sys.stdout.write(text)
    if not found:
        note("No source yet. Add one: openvna source add aws NAME --prompt")
