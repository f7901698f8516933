"""`openvna demo`."""

from __future__ import annotations

from typing import Annotated

import typer

from openvna.cli.joins import joins
from openvna.model import OpenVNAError

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def demo(
    context: typer.Context,
    port: Annotated[int | None, typer.Option(help="The port; 0 takes any free one. [default: 8321]")] = None,
) -> None:
    """Show OpenVNA with a simulated AWS: a whole network, collected and served.

    Everything runs on this machine alone and is gone when it ends (Ctrl-C).
    """
    try:
        joins(context).demo(port)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in {"moto", "flask", "flask_cors", "boto3"}:
            raise
        raise OpenVNAError(
            "The demo needs a simulated AWS, which is not installed.",
            f"There is no module {error.name}.",
            "Install it: pip install 'openvna[demo]'",
        ) from error
