"""SIGTERM while a command collects."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from openvna.cli.terminal import note


@contextmanager
def terminated_in_order() -> Iterator[None]:
    """SIGTERM (a service manager, a scheduler whose time is up) ends what is inside as Ctrl-C does, so that what was
    read is stored and the run says that it was stopped. The exit code is what the shell makes of the signal, 143."""

    def end(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, before)  # a second one ends the process on the spot
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    except (KeyboardInterrupt, SystemExit):
        note("Stopped. What was listed to its end is stored; the next collection reads the rest.")
        raise
    finally:
        signal.signal(signal.SIGTERM, before)
