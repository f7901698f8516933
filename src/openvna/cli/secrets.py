"""`openvna secrets`: the key that stored secrets are under."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from openvna.cli.joins import joins
from openvna.cli.lean import LeanGroup
from openvna.cli.output import Format, listing, quoted
from openvna.cli.output import json_document as print_json
from openvna.cli.terminal import note

app = typer.Typer(cls=LeanGroup, help="Show and change the key that stored secrets are under.", rich_markup_mode=None)


@app.command()
def status(
    context: typer.Context, format: Annotated[Format, typer.Option(help="How to print.")] = Format.TABLE
) -> None:
    """Show which key is in force, where it comes from, and how many sources have secrets under which key.

    Keys are named by an id that says nothing about them.
    """
    here = joins(context)
    found = here.key_status(here.settings())
    if format is Format.JSON:
        print_json({"place": found.place, "keys": [asdict(one) for one in found.keys]})
        return
    note(f"The key comes from {found.place}.")
    listing(
        found.keys,
        (
            ("key", lambda one: one.key_id),
            ("state", lambda one: "in force" if one.in_force else "next" if one.following else "old"),
            ("sources", lambda one: one.sources),
            ("at hand", lambda one: "yes" if one.at_hand else "no"),
        ),
        format,
        empty="",
    )


@app.command()
def rotate(
    context: typer.Context,
    to_file: Annotated[
        Path | None, typer.Option(help="Take the new key from this file; it is made when missing.")
    ] = None,
    from_file: Annotated[
        Path | None, typer.Option(help="The old key is in this file. [default: the key in force]")
    ] = None,
    forget_old: Annotated[
        bool, typer.Option("--forget-old", help="Do not keep the old key of the data directory.")
    ] = False,
) -> None:
    """Bring all stored secrets under a new key. Stopped at any moment, run it again: it goes on.

    Without files the key of the data directory is replaced, also while a server runs. With --to-file the key is one
    that you keep elsewhere (OPENVNA_KEY, OPENVNA_KEY_FILE, a systemd credential): stop the server first, and give it
    the new key afterwards.
    """
    here = joins(context)
    done = here.change_key(here.settings(), from_file=from_file, to_file=to_file, forget_old=forget_old)
    note(f"The secrets are under the key {done.key_id} now; {done.sources} sources were brought under it.")
    if not done.ours:
        note(
            f"It is in {done.place}. Before the next start, put it where the old one is, or set "
            f"OPENVNA_KEY_FILE={quoted(str(done.place))}. Backups of the database from before need the old one."
        )
    elif done.old is not None:
        note(
            f"The old key is kept as {done.old}: backups of the database from before need it. Delete it when you have "
            "none left, and at once if others may know it."
        )
