"""`openvna policy`: the permissions that a source needs, in a form to paste."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from openvna.cli.terminal import note
from openvna.plugin import load_plugin
from openvna.plugin.policy import giving_policy

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command(
    epilog="The policy goes to standard output; what it fits goes to standard error. No credential is needed or used."
)
def policy(
    plugin: Annotated[str, typer.Argument(help="The plugin, such as aws.")],
    feature: Annotated[
        list[str] | None,
        typer.Option(help="Only this feature, to add to a policy that is there; may be repeated. Default: all."),
    ] = None,
    without: Annotated[list[str] | None, typer.Option(help="Leave out this optional feature; may be repeated.")] = None,
    format: Annotated[str | None, typer.Option(help="json, terraform or cloudformation.  [default: json]")] = None,
    short: Annotated[
        bool,
        typer.Option("--short", help="Allow reading actions in groups (Describe*): short, but more than needed."),
    ] = False,
    role: Annotated[
        str | None,
        typer.Option(help="Who gets it, a role's name or an ARN: narrows what it may ask about itself."),
    ] = None,
    partition: Annotated[str | None, typer.Option(help="aws, aws-cn, aws-us-gov, ...  [default: aws]")] = None,
) -> None:
    """Print the least-privilege policy: one statement for each feature, nothing but reading.

    It is made from what OpenVNA calls, so it is never older than the program. `openvna plugin features` lists the
    features.
    """
    giving = giving_policy(load_plugin(plugin))
    made = giving.policy(
        feature or None, without or (), format or giving.policy_formats()[0], short, role or "", partition or ""
    )
    for place, text in enumerate(made.texts):
        if len(made.texts) > 1:
            note(f"{text.name} ({text.characters:,} of {text.limit:,} characters):")
        sys.stdout.write(text.text if place == 0 else "\n" + text.text)
    for each in made.notes:
        note(each)
