"""Logging: structured lines, readable on a terminal, and no secret in any of them.

Every secret that the process comes to hold is registered by value with `hide`; every line passes `redact`. This is
the bottom layer, imported by everything: structlog is imported when the first line is written, not before.
"""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TextIO

from openvna.log.records import guard_standard_error
from openvna.log.redaction import MASK, hide, redact

if TYPE_CHECKING:
    from structlog.stdlib import BoundLogger

__all__ = ["MASK", "Level", "context", "file", "guard_standard_error", "hide", "logger", "redact", "setup"]

Level = Literal["debug", "info", "warning", "error"]


def logger(name: str = "openvna") -> BoundLogger:
    """A logger whose lines carry fields: `logger(__name__).bind(source=name).warning("source lost", cause=cause)`.

    Without `setup` its lines go nowhere.
    """
    from openvna.log.lines import structured

    return structured(name)


def context(**fields: str) -> AbstractContextManager[None]:
    """Inside, every line of this thread carries these fields, whoever writes it. Empty ones are left out."""
    from openvna.log.lines import tagged

    return tagged({name: value for name, value in fields.items() if value})


def setup(level: Level = "info", file: Path | None = None, terminal: TextIO | None = sys.stderr) -> None:
    """From now on, every line of this process, ours or a library's, goes to `file` and to `terminal`.

    `file` gets one JSON object a line, is readable for its owner alone and rotates (10 MB, 5 old ones kept);
    `terminal` gets lines to read. None leaves one out. Called again, it replaces what was set up before.
    """
    from openvna.log.lines import route

    route(level, file, terminal)


def file() -> Path | None:
    """The file that lines go to now."""
    lines = sys.modules.get("openvna.log.lines")
    return lines.current_file() if lines is not None else None
