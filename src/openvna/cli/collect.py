"""`openvna collect`."""

from __future__ import annotations

from typing import Annotated

import typer

from openvna.cli.choosing import known_type
from openvna.cli.dry_run import shown
from openvna.cli.joins import gateway
from openvna.cli.ledger import as_json, failed, summary
from openvna.cli.output import ShortFormat, json_document
from openvna.cli.progress import Bars
from openvna.cli.stopping import terminated_in_order
from openvna.cli.terminal import note

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def collect(
    context: typer.Context,
    source: Annotated[str, typer.Argument(help="The source's name or id.")],
    type: Annotated[
        list[str] | None,
        typer.Option(metavar="TYPE", help="Only this resource type (subnet, aws.ec2.subnet); again for more."),
    ] = None,
    scope: Annotated[
        list[str] | None,
        typer.Option(metavar="SCOPE", help="Only this account, region, or ACCOUNT/REGION; again for more."),
    ] = None,
    resource: Annotated[
        str | None, typer.Option(metavar="ID", help="Only this resource, by its id or short id (vpc-0a1b...).")
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Collect nothing: tell how many calls it will take, of which APIs, and at what rate."
        ),
    ] = False,
    discovery: Annotated[
        bool,
        typer.Option(
            "--discovery/--no-discovery",
            help="With --dry-run: ask for the scopes now, or take those of the last collections and ask nobody.",
        ),
    ] = True,
    format: Annotated[ShortFormat, typer.Option(help="How to print.")] = ShortFormat.TABLE,
) -> None:
    """Collect a source now, or a part of it, and show how the listing of each type went.

    Exit code 0 when every scope was read (types that are denied or fail are in the table), 1 when one was not.
    """
    with gateway(context) as here:
        types = [known_type(here, each) or each for each in type or ()] or None
        if dry_run:
            forecast = here.forecast(source, types=types, scopes=scope, resource=resource, discover=discovery)
            if format is ShortFormat.JSON:
                json_document(forecast)
            else:
                shown(forecast)
            return
        here.start_readers(source)  # before there is a thread that draws bars
        with terminated_in_order(), Bars() as bars:
            runs = here.collect(source, types=types, scopes=scope, resource=resource, on_progress=bars.show)
        if format is ShortFormat.JSON:
            json_document(as_json(here.store, here.store.sources.get(source).name, runs))
        elif runs:
            summary(here.store, runs)
        else:
            note("The source has no scope that could be collected.")
        if failed(runs):
            raise typer.Exit(1)
