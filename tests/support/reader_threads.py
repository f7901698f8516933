"""Readers that are threads of this process: what they read can be looked at, and every word between the two goes over
the same sockets as between processes."""

from __future__ import annotations

import threading

from openvna.collect import Gateway
from openvna.collect.readers.messages import line
from openvna.collect.readers.process import ReaderProcess
from openvna.collect.readers.reader import Reader


def start(gateway: Gateway, count: int = 2) -> tuple[Reader, ...]:
    """Let so many read for a gateway, until it is closed."""
    readers = []
    for number in range(count):
        ours, theirs = line()
        process = ReaderProcess(theirs, gateway._load)
        threading.Thread(target=process.serve, name=f"reader {number}", daemon=True).start()
        readers.append(Reader(ours))
    gateway._readers._readers = tuple(readers)
    return tuple(readers)
