"""`openvna support-bundle`: one file that says how this installation is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from openvna.cli.joins import joins
from openvna.cli.terminal import note
from openvna.model import InvalidInput

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command("support-bundle")
def support_bundle(
    context: typer.Context,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The file to write. [default: openvna-support-TIME.tar.gz]")
    ] = None,
    anonymise: Annotated[
        bool, typer.Option("--anonymise", help="Put pseudonyms for account ids, ARNs, addresses and names.")
    ] = False,
) -> None:
    """Write one file that says how this installation is, to send to who helps.

    It holds versions, settings, sources with their verdicts, the last runs and the end of the log, and no secret.
    MANIFEST.txt in it says what is inside and what was left out. It is written also where the database is broken or
    locked, or the key is missing.
    """
    here = joins(context)
    bundle = here.support_bundle(here.settings(), anonymise)
    file = output or Path(bundle.name)
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as opened:
            opened.write(bundle.content)
    except OSError as error:
        raise InvalidInput(
            f"The bundle cannot be written to {file}.", f"{error.strerror or error}.", "Name another file with -o."
        ) from error
    note(f"Wrote {file} ({len(bundle.content):,} bytes). No secret is in it; MANIFEST.txt in it says what is.")
    for problem in bundle.problems:
        note(f"Not in it: {problem}")
