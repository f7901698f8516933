"""`openvna runs`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from openvna.cli.choosing import nothing
from openvna.cli.joins import gateway
from openvna.cli.ledger import COSTS, by_call, cost_of, costs, problems
from openvna.cli.output import Format, details, json_document, listing, plain, say, table, when

if TYPE_CHECKING:
    from openvna.store import RunRow, Store

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def runs(
    context: typer.Context,
    id: Annotated[str | None, typer.Argument(help="Show what this run did, type by type.")] = None,
    source: Annotated[str | None, typer.Option(help="Only of this source.")] = None,
    calls: Annotated[
        bool, typer.Option("--calls", help="Show what each kind of call cost, in that run or in all that are listed.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many, newest first.")] = 50,
    format: Annotated[Format, typer.Option(help="How to print.")] = Format.TABLE,
) -> None:
    """List the collections, newest first, or show the ledger of one of them.

    With --calls: the calls, retries and throttles of each API, the seconds in its calls, and those waited before them
    for the rate budget and between two tries.
    """
    with gateway(context) as here:
        if calls:
            source_id = here.store.sources.get(source).id if source else None
            shown = (
                [here.store.runs.get(id)]
                if id is not None
                else here.store.runs.list(source_id=source_id, limit=limit).items
            )
            by_call(here.store, shown, format)
            return
        if id is not None:
            _one(here.store, here.store.runs.get(id), format)
            return
        source_id = here.store.sources.get(source).id if source else None
        listing(
            here.store.runs.list(source_id=source_id, limit=limit).items,
            (
                ("id", lambda run: run.id),
                ("source", lambda run: run.source),
                ("account", lambda run: run.account),
                ("region", lambda run: run.region),
                ("only", lambda run: run.extent),
                ("state", lambda run: run.state.value),
                ("started", lambda run: run.started_at),
                ("seconds", _seconds),
                ("seen", lambda run: run.seen),
                ("created", lambda run: run.created),
                ("updated", lambda run: run.updated),
                ("deleted", lambda run: run.deleted),
                ("problems", lambda run: run.problems),
            ),
            format,
            empty=lambda: nothing(here, "No run matches."),
        )


def _one(store: Store, run: RunRow, format: Format) -> None:
    ledger = store.runs.ledger(run.id)
    if format is Format.JSON:
        json_document({**plain(run), "ledger": plain(ledger), "by_call": plain(store.runs.by_call([run.id]))})
        return
    if format is Format.TABLE:
        details(
            (
                ("run", run.id),
                ("source", run.source),
                ("account", run.account),
                ("region", run.region),
                ("only", run.extent),
                ("state", run.state.value),
                ("started", when(run.started_at)),
                ("finished", when(run.finished_at)),
            )
        )
        say()
        table(
            [
                (
                    row.type,
                    row.outcome.value,
                    *(str(count) for count in (row.seen, row.created, row.updated, row.deleted)),
                    *costs(row.calls),
                )
                for row in ledger
            ],
            ("type", "outcome", "seen", "created", "updated", "deleted", *COSTS),
        )
        say()
        say(cost_of([run]))
        problems([run], [(run, row) for row in ledger])
        return
    listing(
        ledger,
        (
            ("type", lambda row: row.type),
            ("outcome", lambda row: row.outcome.value),
            ("seen", lambda row: row.seen),
            ("created", lambda row: row.created),
            ("updated", lambda row: row.updated),
            ("deleted", lambda row: row.deleted),
            ("calls", lambda row: row.calls.calls),
            ("code", lambda row: row.failure.code if row.failure else ""),
            ("cause", lambda row: row.failure.cause if row.failure else ""),
        ),
        format,
        empty="",
    )


def _seconds(run: RunRow) -> str:
    return f"{(run.finished_at - run.started_at).total_seconds():.1f}" if run.finished_at else ""
