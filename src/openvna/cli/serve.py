"""`openvna serve`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from openvna.cli.joins import joins

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def serve(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="The address to listen on. [default: 127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(help="The port; 0 takes any free one. [default: 8321]")] = None,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Listen on another address than loopback without TLS.")
    ] = False,
    tls_certificate: Annotated[Path | None, typer.Option(help="PEM file with the certificate chain.")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="PEM file with the certificate's key.")] = None,
) -> None:
    """Collect by schedule, and serve the admin UI and the REST API.

    The first start makes the user `admin` and shows its password once. Each option has a setting in the
    environment of the same name (OPENVNA_HOST, OPENVNA_PORT, ...). Ctrl-C stops it.
    """
    here = joins(context)
    here.serve(here.settings(host=host, port=port, tls_certificate=tls_certificate, tls_key=tls_key), insecure)
