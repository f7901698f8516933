"""The options that the commands of `openvna source` share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from openvna.cli.output import ShortFormat

Name = Annotated[str, typer.Argument(help="The source's name or id.", metavar="SOURCE")]
Profile = Annotated[str | None, typer.Option(help="Take this profile of the AWS configuration files.")]
Ambient = Annotated[bool, typer.Option("--ambient", help="Take what this machine has: environment, role.")]
Stdin = Annotated[bool, typer.Option("--stdin", help="Read an access key from standard input.")]
Prompt = Annotated[bool, typer.Option("--prompt", help="Ask for an access key.")]
RoleArn = Annotated[str | None, typer.Option(help="Assume this role; {account} in it stands for each account.")]
ExternalId = Annotated[str | None, typer.Option(help="The external ID that the role asks for.")]
Region = Annotated[
    list[str] | None, typer.Option(metavar="REGION", help="Only this region; again for more. [default: all]")
]
Account = Annotated[
    list[str] | None, typer.Option(metavar="ACCOUNT", help="This account; again for more. [default: its own]")
]
Partition = Annotated[str | None, typer.Option(help="aws, aws-cn, aws-us-gov, ... [default: aws]")]
Endpoint = Annotated[str | None, typer.Option(help="Another endpoint, for emulators and private ones.")]
Config = Annotated[Path | None, typer.Option(help="A JSON file with the plugin's settings.")]
Anyway = Annotated[bool, typer.Option("--save-anyway", help="Save even if the verification fails.")]
AccountMeant = Annotated[
    bool, typer.Option("--another-account", help="The new credential is of another account, and that is meant.")
]
Printed = Annotated[ShortFormat, typer.Option(help="How to print.")]
