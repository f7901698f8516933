"""`openvna`: the list of commands. None of them is imported before it is called."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

import typer

from openvna import __version__
from openvna.cli.lean import LeanGroup

COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("demo", "Show OpenVNA with a simulated AWS: nothing to set up."),
    "verify": ("verify", "Try an access step by step, without any set-up, and name what is wrong."),
    "onboard": ("onboard", "Lead from nothing to a source: what to set up in AWS, as text to run there."),
    "serve": ("serve", "Collect by schedule, and serve the admin UI and the REST API."),
    "source": ("source", "Add, show, change, verify, pause and delete sources."),
    "apply": ("apply", "Make the sources what TOML files say they are."),
    "collect": ("collect", "Collect a source now."),
    "import": ("importing", "Read a network from a folder of saved AWS CLI answers."),
    "resources": ("resources", "List what is there."),
    "show": ("show", "Show one resource: attributes, relations, versions."),
    "changes": ("changes", "List what changed."),
    "quotas": ("quotas", "List quotas with their use."),
    "runs": ("runs", "List the collections, or show what one of them did call by call."),
    "policy": ("policy", "Print the permissions that a source needs, to paste."),
    "plugin": ("plugin", "List the plugins and the resource types they read."),
    "secrets": ("secrets", "Show and change the key that stored secrets are under."),
    "support-bundle": ("support", "Write one file that says how this installation is, to send to who helps."),
    "user": ("user", "Manage who may sign in."),
    "token": ("token", "Manage the tokens of the REST API."),
}
"""Command: (module in `openvna.cli`, one line of help), in the order in which one meets them."""

_GROUPS = frozenset({"verify", "onboard", "source", "plugin", "secrets", "user", "token"})

if TYPE_CHECKING:
    from openvna.model import InvalidInput

    _Command = Any


class Commands(LeanGroup):
    """Knows the commands by name; loads one when it is called or asked for its help."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - the framework's signature
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> _Command | None:  # noqa: ARG002 - the framework's signature
        if cmd_name not in COMMANDS:
            return None
        app: typer.Typer = import_module(f"openvna.cli.{COMMANDS[cmd_name][0]}").app
        command: Any
        command = typer.main.get_group(app) if cmd_name in _GROUPS else typer.main.get_command(app)
        command.name = cmd_name
        return command

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - the framework's signature
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            if error.__cause__ is not None:
                error.message = _in_our_words(error.__cause__) or error.message
            raise
        except typer.Abort:
            if sys.stdin.isatty():
                raise
            raise _nobody_to_ask() from None


def _nobody_to_ask() -> InvalidInput:
    from openvna.model import InvalidInput

    return InvalidInput(
        "This command has a question, and nobody is there to answer it.",
        "Standard input is no terminal, and what was piped in does not answer it.",
        "Give the answer as an option: the help of the command names it, such as --yes or --stdin.",
    )


def _in_our_words(cause: BaseException) -> str:
    """What is wrong with the value of an option, and the next step; empty where it is said so already."""
    from pydantic import ValidationError

    from openvna.model.misfit import misfit

    if not isinstance(cause, ValidationError):
        return ""
    first = cause.errors(include_url=False)[0]
    found = misfit(first)
    return f"{found.why}." if first["type"] == "value_error" else f"it {found.why}. {found.remedy}"


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"openvna {__version__}")
        raise typer.Exit


root = typer.Typer(
    name="openvna",
    cls=Commands,
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="The data directory is OPENVNA_HOME, else the user's data directory.",
)


@root.callback()
def openvna(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """OpenVNA proves its access to your clouds, collects the whole network, and keeps its history."""


def command() -> Any:
    """The command tree."""
    return typer.main.get_command(root)
