"""`openvna source scopes`."""

from __future__ import annotations

from typing import Annotated

import typer

from openvna.cli.joins import gateway
from openvna.cli.output import Format, ago, listing, quoted
from openvna.cli.source_options import Name


def scopes(
    context: typer.Context,
    source: Name,
    resting: Annotated[bool, typer.Option("--resting", help="Only those that rest.")] = False,
    format: Annotated[Format, typer.Option(help="How to print.")] = Format.TABLE,
) -> None:
    """List the scopes of a source: how much is in each, when it was last looked at, and until when it rests.

    A scope rests when there is nothing in it but what the vendor puts into each of them. Meanwhile the schedule only
    looks whether that is still so; `openvna collect SOURCE --scope SCOPE` reads it now.
    """
    with gateway(context) as here:
        found = here.store.sources.get(source)
        rest = here.store.scopes.resting(found.id)
        listing(
            [scope for scope in here.store.scopes.list(found.id) if not resting or scope.key in rest],
            (
                ("scope", lambda scope: scope.key),
                ("resources", lambda scope: scope.resources),
                ("looked at", lambda scope: ago(scope.looked_at)),
                ("complete", lambda scope: ago(scope.complete_at) or "never"),
                ("rests until", lambda scope: rest.get(scope.key)),
            ),
            format,
            empty="No scope rests." if resting else f"Nothing was collected yet: openvna collect {quoted(found.name)}",
        )
