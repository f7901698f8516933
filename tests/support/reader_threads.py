"""Readers that are threads of this process: what they read can be looked at, and every word between the two goes over
the same sockets as between processes."""

from __future__ import annotations

import threading
from collections.abc import Callable

from openvna.collect import Gateway
from openvna.collect.readers.crew import Readers
from openvna.collect.readers.messages import line
from openvna.collect.readers.nursery import NoReader
from openvna.collect.readers.process import ReaderProcess
from openvna.collect.readers.reader import Reader
from openvna.plugin import Plugin


class Threads:
    """`openvna.collect.readers.nursery.Nursery` with threads."""

    def __init__(self, load_plugin: Callable[[str], Plugin]) -> None:
        self.gone = False
        self.made: list[Reader] = []
        self.refuses = ""
        """Why none is to be had."""
        self._load = load_plugin

    def reader(self, plugin: str) -> Reader:
        if self.refuses:
            raise NoReader(self.refuses)
        ours, theirs = line()
        process = ReaderProcess(theirs, self._load)
        threading.Thread(target=process.serve, name=f"reader {len(self.made)}", daemon=True).start()
        self.made.append(Reader(ours))
        return self.made[-1]

    def close(self) -> None:
        self.gone = True

    def wait(self, seconds: float) -> None:
        pass


def start(gateway: Gateway, count: int = 2) -> Threads:
    """Let so many read for a gateway, until it is closed."""
    gateway._readers = gateway._dispatch._readers = readers = Readers(count, gateway._load)
    readers._nursery = threads = Threads(gateway._load)
    return threads


def one(gateway: Gateway) -> Reader:
    """Let a single one read for a gateway, until it is closed."""
    start(gateway, 1)
    reader = gateway._readers.of("", "toy")
    assert reader is not None
    return reader
