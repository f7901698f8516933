"""What to say when there is no room left on a disk."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

from openvna.model import StoreUnusable

_FULL = (errno.ENOSPC, errno.EDQUOT)


def full(directory: Path) -> tuple[str, str]:
    """Why nothing can be written into a directory whose disk is full, and what to do."""
    try:
        usage = shutil.disk_usage(directory)
    except OSError:
        room = ""
    else:
        room = f" ({_size(usage.free)} of {_size(usage.total)} are free)"
    return (
        f"The disk that holds {directory} is full{room}.",
        "Make room on it, or enlarge it; nothing that was stored is lost, and the next collection writes the rest.",
    )


def unwritable(what: str, directory: Path, error: OSError) -> StoreUnusable:
    """An error of writing into a directory, in words for a person."""
    if error.errno in _FULL:
        return StoreUnusable(what, *full(directory))
    return StoreUnusable(what, f"{error.strerror or error}.", f"Check the disk that holds {directory}.")


def _size(size: int) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size} {unit}"
        size //= 1000
    return f"{size} TB"
