"""A process that makes readers, at any time: it never has more than one thread, so that it can always be copied."""

from __future__ import annotations

import gc
import os
import pickle
import signal
import socket
import threading
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from openvna.collect.readers.messages import Line, line
from openvna.collect.readers.process import ReaderProcess
from openvna.collect.readers.reader import Reader
from openvna.log import logger
from openvna.plugin import Plugin

_PATIENCE = 60
"""Seconds for an answer: a plugin may have to be loaded first, on a busy machine."""
_LONGEST = 1 << 16
"""Bytes of a word between the two, at most."""
_ENDING = 1.0
"""Seconds that a reader has to end whose line is cut."""
_LOOK = 0.005
_FIRST_TO_GO = 300
"""Of 1,000 by which the system shall rather end a reader than the process that keeps the store, which none replaces."""


class NoReader(Exception):
    """None is to be had now. Its text says why."""


class _Make(NamedTuple):
    """A reader, whose end of the line comes with this. The answer is its process, or why there is none."""

    plugin: str


class _Wait(NamedTuple):
    """For the end of a reader whose line is cut. The answer is its exit status, None where it is not known."""

    process: int


class Nursery:
    """It, as the process sees it that it makes readers for. Safe to use from several threads."""

    def __init__(self, load_plugin: Callable[[str], Plugin]) -> None:
        """To be called while this process has one thread: the nursery is a copy of it as it is, and readers are copies
        of that, so that what is loaded takes neither time nor memory in them. Raises `OSError`."""
        self._lock = threading.Lock()
        self.gone = False
        """Whether no reader is to be had any more."""
        self._line, theirs = socket.socketpair()
        gc.freeze()  # what is there stays, and looking it over would make copies of its memory
        try:
            self._process = os.fork()
        except OSError:
            self._line.close()
            theirs.close()
            raise
        if not self._process:
            self._line.close()
            _become_nursery(theirs, load_plugin)
        theirs.close()
        self._line.settimeout(_PATIENCE)

    def reader(self, plugin: str) -> Reader:
        """A new one, for a source of this plugin first. Raises `NoReader`."""
        try:
            ours, theirs = line()
        except OSError as error:  # this process has no more files
            raise NoReader(error.strerror or str(error)) from error
        try:
            process = self._ask(_Make(plugin), theirs.number)
            try:
                return Reader(ours, process, self._ended)
            except RuntimeError as error:  # nor threads
                ours.close()
                self._ended(process)
                raise NoReader(str(error)) from error
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()

    def close(self) -> None:
        """End it, and the readers with it. Returns at once."""
        self.gone = True
        with suppress(OSError):  # unless it was first
            self._line.shutdown(socket.SHUT_RDWR)

    def wait(self, seconds: float) -> None:
        """Until it has ended, which it does after its readers."""
        _statuses({self._process}, seconds)
        with self._lock:
            self._line.close()

    def _ended(self, process: int) -> int | None:
        try:
            status: int | None = self._ask(_Wait(process))
        except NoReader:
            return None
        return status

    def _ask(self, request: _Make | _Wait, *passed: int) -> Any:
        with self._lock:
            try:
                socket.send_fds(self._line, [pickle.dumps(request)], passed)
                answer = self._line.recv(_LONGEST)
            except OSError as error:
                self.close()  # what it answers too late would be taken for the next answer
                raise NoReader(f"The process that makes them does not answer: {error.strerror or error}.") from error
        if not answer:
            self.close()
            raise NoReader("The process that makes them has ended.")
        said = pickle.loads(answer)  # noqa: S301 - it comes from a copy of this process, and from nobody else
        if isinstance(said, str):
            raise NoReader(said)
        return said


# --- the same from inside


def _become_nursery(parent: socket.socket, load_plugin: Callable[[str], Plugin]) -> NoReturn:
    """What the parent had open stays as it is: the store is the parent's."""
    readers: set[int] = set()
    try:
        # The parent is told to end, and then this does. Not SIG_IGN: programs that a plugin runs would inherit that.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: None)
        gc.disable()  # looking over what is shared would make copies of it
        _make_readers(parent, load_plugin, readers)
    except Exception:  # noqa: BLE001 - it ends here, and only the log can say why
        logger("openvna.collect").error("nursery broke", exc_info=True)
    finally:
        for each in readers.difference(_statuses(readers, _ENDING)):
            os.kill(each, signal.SIGKILL)
            os.waitpid(each, 0)
        os._exit(0)


def _make_readers(parent: socket.socket, load_plugin: Callable[[str], Plugin], readers: set[int]) -> None:
    """Answer until the parent is gone. `readers` are those that have not ended."""
    while True:
        try:
            request, passed, _, _ = socket.recv_fds(parent, _LONGEST, 1)
        except OSError:
            return
        if not request:
            return
        asked = pickle.loads(request)  # noqa: S301 - it comes from the process that this one is a copy of
        answer: int | str | None
        if isinstance(asked, _Make):
            answer = _made(asked.plugin, passed[0], parent, load_plugin)
            readers.update({answer} if isinstance(answer, int) else ())
        else:
            answer = _statuses({asked.process}, _ENDING).get(asked.process)
            readers.difference_update({asked.process} if answer is not None else ())
        with suppress(OSError):  # it ends, and the next word of it says so
            parent.send(pickle.dumps(answer))


def _made(plugin: str, end: int, parent: socket.socket, load_plugin: Callable[[str], Plugin]) -> int | str:
    """The process of a new reader; why there is none."""
    os.set_inheritable(end, False)  # a program that a plugin runs there has no part in it
    try:
        with suppress(Exception):  # whoever opens an access by it says so; the other plugins go on
            load_plugin(plugin).spec()
        if threading.active_count() > 1:
            return f"The plugin {plugin!r} begins threads when it is loaded, and what has threads cannot be copied."
        gc.freeze()
        if process := os.fork():
            return process
        parent.close()
        _become_reader(end, load_plugin)
    except OSError as error:
        return error.strerror or str(error)
    finally:
        os.close(end)


def _become_reader(end: int, load_plugin: Callable[[str], Plugin]) -> NoReturn:
    status = 1
    try:
        with suppress(OSError):  # a system that is not Linux
            score = Path("/proc/self/oom_score_adj")
            score.write_text(str(min(int(score.read_text()) + _FIRST_TO_GO, 1000)))
        # A long page is made into as many objects as this before any of them goes; hardly one is part of a cycle.
        gc.set_threshold(100_000, 20, 100)
        gc.enable()
        ReaderProcess(Line(socket.socket(fileno=end)), load_plugin).serve()
        status = 0
    except Exception:  # noqa: BLE001 - it ends here, and only the log can say why
        logger("openvna.collect").error("reader broke", exc_info=True)
    finally:
        os._exit(status)


def _statuses(processes: Collection[int], seconds: float) -> dict[int, int]:
    """Of those children that end within so many seconds: how, as `os.waitstatus_to_exitcode` has it."""
    ended: dict[int, int] = {}
    until = time.monotonic() + seconds
    while True:
        for each in [each for each in processes if each not in ended]:
            with suppress(ChildProcessError):
                process, status = os.waitpid(each, os.WNOHANG)
                if process:
                    ended[each] = os.waitstatus_to_exitcode(status)
        if len(ended) == len(processes) or time.monotonic() >= until:
            return ended
        time.sleep(_LOOK)
