"""`openvna quotas`."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Annotated

import typer

from openvna.cli import gaps
from openvna.cli.choosing import nothing, type_specs
from openvna.cli.joins import gateway
from openvna.cli.output import Format, listing

if TYPE_CHECKING:
    from openvna.store import QuotaUse

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def quotas(
    context: typer.Context,
    least: Annotated[int, typer.Option(min=0, help="Only those of which so many percent are used.")] = 0,
    account: Annotated[str | None, typer.Option(help="Only in this account.")] = None,
    region: Annotated[str | None, typer.Option(help="Only in this region.")] = None,
    service: Annotated[str | None, typer.Option(help="Only of this service, like vpc.")] = None,
    source: Annotated[str | None, typer.Option(help="Only from this source.")] = None,
    text: Annotated[str, typer.Option(help="Only with this in a name or a code.")] = "",
    limit: Annotated[int, typer.Option(min=0, help="How many, the fullest first; 0: all, in no such order.")] = 200,
    format: Annotated[Format, typer.Option(help="How to print.")] = Format.TABLE,
) -> None:
    """List quotas with their use, the fullest first.

    What is used is counted in what was collected: nobody is asked for it. Of a quota for each of something (subnets of
    a VPC) it is that of the one that has most.
    """
    from openvna.model import Kind
    from openvna.store import Query

    with gateway(context) as here:
        asked = Query(
            source_id=here.store.sources.get(source).id if source else None,
            account=account,
            region=region,
            where={"service": service} if service else {},
            text=text,
        )
        found = here.store.quotas.each(asked, least_percent=least)
        listing(
            heapq.nsmallest(limit, found, _fullest) if limit else found,
            (
                ("used", lambda row: row.used),
                ("of", lambda row: f"{row.maximum:.15g}"),
                ("percent", lambda row: row.percent),
                ("quota", lambda row: row.name),
                ("most", lambda row: row.most),
                ("account", lambda row: row.account),
                ("region", lambda row: row.region),
                ("code", lambda row: f"{row.alias}{'?' if row.stale else ''}"),
            ),
            format,
            empty=lambda: nothing(here, "No quota matches whose use is known."),
        )
        if format is Format.TABLE:
            gaps.told(here, [name for name, spec in type_specs(here).items() if spec.kind is Kind.QUOTA], asked)


def _fullest(row: QuotaUse) -> tuple[float, str]:
    return -(row.used or 0) / (row.maximum or 1), row.id
