"""A reader, as the process that it reads for sees it."""

from __future__ import annotations

import contextlib
import itertools
import signal
import threading
from collections.abc import Callable, Generator
from queue import SimpleQueue
from typing import Any

from pydantic import BaseModel

from openvna.collect.journal import told
from openvna.collect.readers.messages import Gone, Kind, Line, Message, Open, raising, whole
from openvna.collect.reading import PluginBroke
from openvna.log import logger
from openvna.model import Failure, Outcome
from openvna.plugin import Keep

GONE = Failure(
    Outcome.FAILED,
    "The process that read this ended before it was done.",
    remedy="Nothing to do: what was known before is kept, and the next collection reads it whole. Should it happen "
    "again, look whether the system ended it for lack of memory, and set OPENVNA_READERS=0 to read without it.",
)


class Reader:
    """Safe to use from several threads."""

    def __init__(self, line: Line, process: int = 0, ended: Callable[[int], int | None] = lambda _: None) -> None:
        """`ended` tells the exit status of a `process` that has ended, None where it is not known."""
        self._line = line
        self.process = process
        self._ended = ended
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._streams: dict[int, SimpleQueue[Message | None]] = {}
        self._keeps: dict[int, Keep] = {}
        self._closed = False
        self.gone = False
        """Whether it has ended, or was told to."""
        self._listening = threading.Thread(target=self._listen, name=f"reader-{process}", daemon=True)
        self._listening.start()

    def open(self, request: Open, keep: Keep) -> int:
        """Open an access there; its number. What it renews goes to `keep` until it is closed. Raises what the plugin
        raises, and `PluginBroke`."""
        number = next(self._numbers)
        with self._lock:
            self._keeps[number] = keep
        try:
            for _ in self._events(number, request, None):
                pass
        except BaseException:
            self.forget(number)
            raise
        return number

    def forget(self, access: int) -> None:
        """What this access renews goes nowhere from now on."""
        with self._lock:
            self._keeps.pop(access, None)

    def stream(
        self, request: Any, answer: Callable[[str, tuple[Any, ...]], Any] | None = None
    ) -> Generator[Any, None, None]:
        """The events of a request. `answer` answers what is asked meanwhile: the name of a method, and what it is
        given. Raises what the plugin raises, and `PluginBroke`."""
        return self._events(next(self._numbers), request, answer)

    def say(self, request: Any) -> None:
        """A request whose end nobody waits for."""
        self._send(next(self._numbers), Kind.REQUEST, request)

    def close(self) -> None:
        """End it. Returns at once."""
        self._closed = True
        self._line.cut()

    def wait(self, seconds: float) -> None:
        """Until it has ended."""
        self._listening.join(max(0.0, seconds))

    def _events(
        self, number: int, request: Any, answer: Callable[[str, tuple[Any, ...]], Any] | None
    ) -> Generator[Any, None, None]:
        came: SimpleQueue[Message | None] = SimpleQueue()
        with self._lock:
            self._streams[number] = came
            if self.gone:
                came.put(None)
        ended = False
        try:
            self._send(number, Kind.REQUEST, request)
            while True:
                message = came.get()
                if message is None:
                    ended = True
                    raise PluginBroke(GONE)
                content = message.read()
                if message.kind == Kind.ASK:
                    asked, name, given = content
                    self._send(number, Kind.ANSWER, (asked, answer and answer(name, given)))
                elif message.kind == Kind.RAISED:
                    ended = True
                    raise raising(content)
                else:
                    ended = message.kind == Kind.LAST
                    if not ended:
                        self._send(number, Kind.TAKEN)
                    for event in content:
                        yield whole(event)
                    if ended:
                        return
        finally:
            with self._lock:
                del self._streams[number]
            if not ended:
                self._send(number, Kind.LEAVE)
                while not came.empty():
                    self._drop(came.get())

    def _drop(self, message: Message | None) -> None:
        """Make room for others in place of what nobody listens to."""
        if message is not None and message.kind == Kind.EVENTS:
            self._send(message.stream, Kind.TAKEN)

    def _send(self, stream: int, kind: Kind, content: Any = None) -> None:
        with contextlib.suppress(Gone):  # whoever listens hears it
            self._line.send(stream, kind, content)

    def _listen(self) -> None:
        try:
            while (message := self._line.receive()) is not None:
                self._hear(message)
        except Exception:  # noqa: BLE001 - what is not understood ends it, and the log says why
            logger("openvna.collect").error("reader not understood", process=self.process, exc_info=True)
        finally:  # whatever ends it: nobody is to wait for ever
            self._end()

    def _hear(self, message: Message) -> None:
        if message.kind == Kind.ASK and (keep := self._keeps.get(message.stream)) is not None:
            # Never here: it reads and writes the store, and everybody else's events would wait for it.
            threading.Thread(target=self._keep, args=(keep, message), name="keep", daemon=True).start()
            return
        with self._lock:
            stream = self._streams.get(message.stream)
            if stream is not None:
                stream.put(message)
        if stream is None:
            self._drop(message)

    def _end(self) -> None:
        with self._lock:
            self.gone = True
            left = tuple(self._streams.values())
        for each in left:
            each.put(None)
        self._line.cut()
        self._line.close()
        if not self._closed:
            how = _how(self._ended(self.process))
            logger("openvna.collect").error("reader ended", process=self.process, how=how, **told(GONE))

    def _keep(self, keep: Keep, message: Message) -> None:
        asked, _, given = message.read()
        kept: BaseModel | None = None
        try:
            kept = keep(*given)
        except Exception:  # noqa: BLE001 - the plugin waits for an answer, whatever it raises
            logger("openvna.collect").error("renewed credential not kept", exc_info=True)
        self._send(message.stream, Kind.ANSWER, (asked, kept))


def _how(status: int | None) -> str:
    """An exit status, as `os.waitstatus_to_exitcode` has it, in words."""
    if status is None:
        return "unknown"
    if status >= 0:
        return f"exit code {status}"
    try:
        return f"killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"killed by signal {-status}"
