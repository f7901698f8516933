"""Groups of commands that answer `--help` without importing what help does not need."""

from __future__ import annotations

import difflib
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

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        known = self.list_commands(ctx)
        if args and args[0] not in known and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], known, 3)
            hint = f" Did you mean {' or '.join(near)}?" if near else f" There are: {', '.join(known)}."
            ctx.fail(f"There is no command {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)
