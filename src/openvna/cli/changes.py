"""`openvna changes`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, TypedDict

import typer

from openvna.cli import parsing
from openvna.cli.choosing import known_type, nothing
from openvna.cli.joins import gateway
from openvna.cli.output import Format, dumps, listing, plain

if TYPE_CHECKING:
    from openvna.collect import Gateway
    from openvna.store import ChangeRow, Store

app = typer.Typer(rich_markup_mode=None, add_completion=False)
_PAGE = 500


class Kind(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"


class _Asked(TypedDict):
    source_id: str | None
    resource_id: str | None
    type: str | None
    kind: str | None
    account: str | None
    region: str | None
    since: datetime | None
    until: datetime | None
    run_id: str | None


@app.command()
def changes(
    context: typer.Context,
    since: Annotated[str | None, typer.Option(help="Only since then: 24h (ago), 2026-05-31T14:00Z.")] = None,
    until: Annotated[str | None, typer.Option(help="Only until then.")] = None,
    kind: Annotated[Kind | None, typer.Option(help="Only of this kind.")] = None,
    type: Annotated[str | None, typer.Option(help="Only of this resource type.")] = None,
    resource: Annotated[str | None, typer.Option(help="Only of this resource, by id or short id.")] = None,
    source: Annotated[str | None, typer.Option(help="Only from this source.")] = None,
    account: Annotated[str | None, typer.Option(help="Only in this account.")] = None,
    region: Annotated[str | None, typer.Option(help="Only in this region.")] = None,
    run: Annotated[str | None, typer.Option(help="Only those that this run found.")] = None,
    limit: Annotated[int, typer.Option(min=0, help="How many, newest first; 0: all.")] = 200,
    format: Annotated[Format, typer.Option(help="How to print.")] = Format.TABLE,
) -> None:
    """List what changed, newest first, with the values before and after."""
    with gateway(context) as here:
        asked = _Asked(
            source_id=here.store.sources.get(source).id if source else None,
            resource_id=here.store.resources.get(resource).resource.id if resource else None,
            type=known_type(here, type),
            kind=kind.value if kind else None,
            account=account,
            region=region,
            since=parsing.moment(since, "--since") if since else None,
            until=parsing.moment(until, "--until") if until else None,
            run_id=_known_run(here, run) if run else None,
        )
        listing(
            _each(here.store, asked, limit),
            (
                ("at", lambda row: row.at),
                ("change", lambda row: row.kind),
                ("type", lambda row: row.type),
                ("id", lambda row: row.alias or row.resource_id),
                ("name", lambda row: row.name),
                ("account", lambda row: row.account),
                ("region", lambda row: row.region),
                ("what", _what),
            ),
            format,
            empty=lambda: nothing(here, "No change matches."),
        )


def _known_run(here: Gateway, run: str) -> str:
    """The id of a run that there is, or was: what it changed is kept longer than the run. Raises `NotFound`."""
    return run if here.store.changes.list(run_id=run, limit=1).items else here.store.runs.get(run).id


def _each(store: Store, asked: _Asked, limit: int) -> Iterator[ChangeRow]:
    cursor: str | None = None
    left = limit
    while True:
        page = store.changes.list(**asked, cursor=cursor, limit=min(_PAGE, left) if limit else _PAGE)
        yield from page.items
        left -= len(page.items)
        cursor = page.cursor
        if cursor is None or (limit and left <= 0):
            return


def _what(row: ChangeRow) -> str:
    if row.kind != Kind.UPDATED:
        return row.reason
    return "; ".join(f"{one.path}: {dumps(plain(one.before))} \u2192 {dumps(plain(one.after))}" for one in row.fields)
