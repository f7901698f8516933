"""Writes docs/cli.md and docs/settings.md from what the commands and the settings say of themselves.

python -m openvna.cli.reference docs
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openvna.cli.root import command
from openvna.settings import ServerSettings

_WIDTH = 100
_MADE = "<!-- Made by `make docs`. Change the code, not this page. -->"
_AWS = """\
## The AWS plugin

It reads some more. The variables of AWS's own tools, such as `HTTPS_PROXY` and `AWS_ENDPOINT_URL`, stand in \
[Reaching AWS](reaching-aws.md).

| variable | default | what |
|---|---|---|
| `OPENVNA_AWS_CREDENTIAL_PROGRAMS` |  | The directory of the programs that a credential of the kind `process` \
may run; empty: [none](credentials.md#what-a-sources-settings-cannot-do). |
| `OPENVNA_AWS_CONNECT_SECONDS` | `5` | How long a connection to AWS may take to be made. |
| `OPENVNA_AWS_READ_SECONDS` | `10` | How long AWS may take to answer after that. |
| `OPENVNA_AWS_CLIENT` | `thin` | Who makes the calls of a collection: `thin`, OpenVNA itself; or `botocore`. |"""


def cli_page() -> str:
    """Every command with its help, as Markdown."""
    parts = [
        "# Commands",
        _MADE,
        "Exit codes: 0 it went well, 1 it failed, 2 it was used wrongly, 130 it was interrupted "
        "(143 by SIGTERM). Errors go to standard "
        "error as what happened, why, and what to do. No command takes a secret as an option.",
    ]
    for path, help_text in _helps():
        level = "##" if len(path) <= 2 else "###"
        parts.append(f"{level} `{' '.join(path)}`\n\n```\n{help_text}\n```")
    return "\n\n".join(parts) + "\n"


def settings_page() -> str:
    """Every setting with its environment variable, as Markdown."""
    rows = ["| variable | default | what |", "|---|---|---|"]
    for name, field in ServerSettings.model_fields.items():
        default = "the user's data directory" if name == "home" else _default(field.default)
        variable = field.validation_alias or f"OPENVNA_{name.upper()}"
        rows.append(f"| `{variable}` | {default} | {field.description} |")
    text = (
        "Settings are read from the environment; an empty variable counts as unset. `openvna serve` has an option for "
        "each that is about listening, which comes first. Everything else is kept in the database."
    )
    return "\n\n".join(["# Settings", _MADE, text, "\n".join(rows), _AWS]) + "\n"


def write(folder: Path) -> None:
    (folder / "cli.md").write_text(cli_page(), encoding="utf-8")
    (folder / "settings.md").write_text(settings_page(), encoding="utf-8")


def _helps() -> Iterator[tuple[tuple[str, ...], str]]:
    root = command()
    yield from _walk(root, _context(root, "openvna"), ("openvna",))


def _walk(one: Any, context: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    yield path, re.sub(r"[ \t]+$", "", one.get_help(context), flags=re.MULTILINE)
    for name in one.list_commands(context) if hasattr(one, "list_commands") else ():
        inner = one.get_command(context, name)
        yield from _walk(inner, _context(inner, name, parent=context), (*path, name))


def _context(one: Any, name: str, **more: Any) -> Any:
    return one.make_context(name, [], resilient_parsing=True, terminal_width=_WIDTH, **more)


def _default(value: object) -> str:
    return "" if value is None or value == "" else f"`{value}`"


if __name__ == "__main__":
    write(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
