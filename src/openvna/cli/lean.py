"""Groups of commands that answer `--help` without importing what help does not need."""

from __future__ import annotations

from typing import Any

from typer.core import TyperGroup


class LeanGroup(TyperGroup):
    """typer imports pydantic to convert the value of every option, even of a `--help` that was not given.

    With a boolean as its default there is nothing to convert.
    """

    def get_help_option(self, ctx: Any) -> Any:
        option = super().get_help_option(ctx)
        if option is not None:
            option.default = False
        return option
