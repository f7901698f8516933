"""`openvna import`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openvna.cli.joins import gateway
from openvna.cli.ledger import as_json, failed, summary
from openvna.cli.output import ShortFormat, json_document, quoted
from openvna.cli.progress import Bars
from openvna.cli.steps import show
from openvna.cli.terminal import note
from openvna.model import Conflict, InvalidInput

if TYPE_CHECKING:
    from openvna.collect import Gateway
    from openvna.model import JSON
    from openvna.store import Source

PLUGIN = "aws-files"

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command("import")
def import_(
    context: typer.Context,
    vendor: Annotated[str, typer.Argument(help="Whose answers they are: aws.", metavar="VENDOR")],
    directory: Annotated[Path, typer.Argument(help="The folder.", metavar="DIR")],
    name: Annotated[str | None, typer.Option(help="The source's name. [default: the folder's name]")] = None,
    account: Annotated[str | None, typer.Option(help="The account, for files that do not say it.")] = None,
    region: Annotated[str | None, typer.Option(help="The region, for files that do not say it.")] = None,
    format: Annotated[ShortFormat, typer.Option(help="How to print.")] = ShortFormat.TABLE,
) -> None:
    """Read a network from a folder of saved AWS CLI answers. No account and no network are needed.

    The folder holds ACCOUNT/REGION/SERVICE-OPERATION.json, each the answer of one `aws` command. It becomes a
    source of its own; the same name again is a newer state of the same source.
    """
    if vendor != "aws":
        raise InvalidInput(f"There is no import for {vendor!r}.", "Known: aws.", "openvna import aws DIR")
    given: dict[str, JSON] = {"directory": str(directory.expanduser().absolute())}
    given |= {key: value for key, value in (("account", account), ("region", region)) if value is not None}
    chosen = directory.expanduser().absolute().name if name is None else name.strip()
    with gateway(context) as here:
        source = _source(here, chosen, given)
        with Bars() as bars:
            runs = here.collect(source.id, on_progress=bars.show)
        if format is ShortFormat.JSON:
            json_document(as_json(here.store, source.name, runs))
        else:
            summary(here.store, runs)
            note(f"\nThe source is {source.name!r}. See it: openvna resources --source {quoted(source.name)}")
        if failed(runs):
            raise typer.Exit(1)


def _source(here: Gateway, name: str, config: dict[str, JSON]) -> Source:
    """The source of this name with these settings, new or as it was; its folder has been looked through."""
    existing = next((one for one in here.store.sources.list() if one.name.casefold() == name.casefold()), None)
    if existing is None:
        return here.add_source(name, PLUGIN, config, interval=None, on_step=show)
    if existing.plugin != PLUGIN:
        raise Conflict(
            f"There is a source {existing.name!r} already, and it is no import.",
            f"It reads with the plugin {existing.plugin}.",
            "Choose another name with --name.",
        )
    if all(existing.config.get(key) == value for key, value in config.items()):
        for event in here.verify_source(existing.id):
            show(event)
        return existing
    return here.edit_source(existing.id, config=config, on_step=show)
