"""`openvna user`: who may sign in."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from openvna.cli.joins import gateway
from openvna.cli.lean import LeanGroup
from openvna.cli.output import Format, ago, listing
from openvna.cli.terminal import note
from openvna.log import hide
from openvna.model import InvalidInput

app = typer.Typer(cls=LeanGroup, help="Manage who may sign in.", rich_markup_mode=None)

_Stdin = Annotated[bool, typer.Option("--stdin", help="Read the password from standard input instead of asking.")]


@app.command("list")
def list_users(
    context: typer.Context, format: Annotated[Format, typer.Option(help="How to print.")] = Format.TABLE
) -> None:
    """List the users."""
    with gateway(context) as here:
        listing(
            here.store.accounts.users(),
            (("name", lambda user: user.name), ("created", lambda user: ago(user.created_at))),
            format,
            empty="No user yet. The first `openvna serve` makes one, or: openvna user add NAME",
        )


@app.command()
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The name to sign in with.")],
    stdin: _Stdin = False,
) -> None:
    """Add a user. The password is asked for, or read from standard input; never given as an option."""
    with gateway(context) as here:
        here.store.accounts.add_user(name, _password(stdin))
    note(f"Added the user {name!r}.")


@app.command()
def password(
    context: typer.Context, name: Annotated[str, typer.Argument(help="The user.")], stdin: _Stdin = False
) -> None:
    """Set a new password for a user. This signs the user out everywhere."""
    with gateway(context) as here:
        here.store.accounts.set_password(name, _password(stdin))
    note(f"Set a new password for {name!r}; every session of theirs has ended.")


def _password(stdin: bool) -> str:
    given: str
    if stdin:
        given = sys.stdin.readline().rstrip("\r\n")
        if not given:
            raise InvalidInput(
                "There is no password on standard input.", "Its first line is empty.", "Pipe the password in."
            )
    else:
        given = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    hide(given)
    return given
