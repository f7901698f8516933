"""`openvna token`: the tokens of the REST API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated

import typer

from openvna.cli import parsing
from openvna.cli.joins import gateway
from openvna.cli.lean import LeanGroup
from openvna.cli.output import Format, ago, listing, say
from openvna.cli.terminal import note

app = typer.Typer(cls=LeanGroup, help="Manage the tokens of the REST API.", rich_markup_mode=None)


class Scope(StrEnum):
    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


@app.command()
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What it is for.")],
    scope: Annotated[
        list[Scope] | None, typer.Option(metavar="SCOPE", help="read, write or admin; again for more. [default: read]")
    ] = None,
    expires: Annotated[str | None, typer.Option(help="After how long it ends, like 90d. [default: never]")] = None,
) -> None:
    """Make a token and print it. It is shown this once; only its hash is kept."""
    until = datetime.now(UTC) + timedelta(seconds=parsing.seconds(expires, "--expires")) if expires else None
    scopes = tuple(dict.fromkeys(one.value for one in scope or [Scope.READ]))
    with gateway(context) as here:
        value, token = here.store.accounts.add_token(name, scopes, until)
    note(f"Made the token {token.id} ({', '.join(token.scopes)}). It is shown this once:")
    say(value)


@app.command("list")
def list_tokens(
    context: typer.Context, format: Annotated[Format, typer.Option(help="How to print.")] = Format.TABLE
) -> None:
    """List the tokens, without their values."""
    with gateway(context) as here:
        listing(
            here.store.accounts.tokens(),
            (
                ("id", lambda token: token.id),
                ("name", lambda token: token.name),
                ("scopes", lambda token: token.scopes),
                ("created", lambda token: ago(token.created_at)),
                ("expires", lambda token: token.expires_at or "never"),
                ("used", lambda token: ago(token.last_used_at)),
            ),
            format,
            empty="No token yet. Make one: openvna token add NAME",
        )


@app.command()
def revoke(context: typer.Context, id: Annotated[str, typer.Argument(help="The token's id, from the list.")]) -> None:
    """End a token at once."""
    with gateway(context) as here:
        here.store.accounts.revoke_token(id)
    note(f"The token {id} is of no use any more.")
