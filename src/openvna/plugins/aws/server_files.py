"""Files of the server that the settings of a source may name."""

from __future__ import annotations

import os
import stat
from pathlib import Path


def beginning(path: str, most: int) -> bytes:
    """At most so many bytes of a file. Raises `OSError`, also for what is no regular file: a pipe or a terminal would
    keep whoever reads it waiting, and opening a device may already do something."""
    place = Path(path).expanduser()
    _demand_regular(place.stat().st_mode)  # before it is opened
    descriptor = os.open(place, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    with os.fdopen(descriptor, "rb") as file:
        _demand_regular(os.fstat(file.fileno()).st_mode)  # and what was opened
        return file.read(most)


def _demand_regular(mode: int) -> None:
    if not stat.S_ISREG(mode):
        raise OSError(0, "it is no regular file")
