"""An access that is opened in readers."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Generator, Iterator
from types import TracebackType
from typing import Any, Self

from pydantic import BaseModel

from openvna.collect.readers.crew import Readers
from openvna.collect.readers.messages import Asked, Close, Discover, HangUp, Left, Open, Read, Tell
from openvna.collect.readers.reader import Reader
from openvna.collect.reading import Event, Known, OpenedHere, PluginBroke, Wanted, failure_of
from openvna.model import OpenVNAError, Scope
from openvna.plugin import Keep, ScopeProblem, Session
from openvna.store import Source


class OpenedElsewhere:
    """`openvna.collect.reading.Opened`: in each reader when it first reads a scope of this source, and in this process
    where no reader is left."""

    def __init__(
        self,
        readers: Readers,
        source: Source,
        config: BaseModel,
        keep: Callable[[], Keep],
        open_here: Callable[[], Session],
    ) -> None:
        """`keep` makes one for each reader: each renews what it was given by itself, and is told what others renewed.
        Raises what opening raises."""
        self._readers = readers
        self._request = Open(source.plugin, config, {"plugin": source.plugin, "source": source.name})
        self._keep = keep
        self._open_here = open_here
        self._opening = threading.Lock()
        self._lock = threading.Lock()
        """Never held while something is opened, which may take long: whoever hangs up waits for nobody."""
        self._stopped = False
        self._accesses: dict[Reader, int] = {}
        self._here: OpenedHere | None = None
        self._access("")

    def discover(self) -> Iterator[Scope | ScopeProblem]:
        reader, access = self._access("")
        if reader is None:
            yield from self._own().discover()
            return
        for found in reader.stream(Discover(access)):
            if isinstance(found, Asked):
                self._readers.read_where_scopes_are_asked_for(found.account)
            else:
                yield found

    def left(self, scope: Scope) -> str:
        reader, access = self._access("")
        if reader is None:
            return self._own().left(scope)
        return "".join(reader.stream(Left(access, scope)))

    def read(self, wanted: Wanted, before: Known, over: Callable[[], bool]) -> Generator[Event, None, None]:
        try:
            reader, access = self._access(wanted.scope.account)
        except (OpenVNAError, PluginBroke) as error:
            yield failure_of(error)
            return
        if reader is None:
            yield from self._own().read(wanted, before, over)
            return
        request = Read(access, wanted, before.key, before.known())

        def answer(name: str, told: tuple[Any, ...]) -> Any:
            return _ASKED[name](before, *told)

        try:
            with contextlib.closing(reader.stream(request, answer)) as events:
                for event in events:
                    if isinstance(event, Tell):
                        _told(before, event)
                    else:
                        yield event
        except PluginBroke as error:
            yield error.failure

    def hang_up(self) -> None:
        with self._lock:
            self._stopped = True
            opened, here = tuple(self._accesses.items()), self._here
        if here is not None:
            here.hang_up()
        for reader, access in opened:
            reader.say(HangUp(access))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        with self._lock:
            opened, self._accesses = tuple(self._accesses.items()), {}
            here, self._here = self._here, None
        with contextlib.ExitStack() as closing:  # each of them, whatever another one raises
            for reader, access in opened:
                closing.callback(reader.forget, access)
                closing.callback(_close, reader, access)
            if here is not None:
                here.__exit__(kind, error, trace)

    def _access(self, account: str) -> tuple[Reader | None, int]:
        """Where this account is read, opened when it is not yet."""
        reader = self._readers.of(account, self._request.plugin)
        if reader is None:
            return None, 0
        with self._opening:
            access = self._accesses.get(reader)
            if access is None:
                access = reader.open(self._request, self._keep())
                with self._lock:
                    self._accesses[reader] = access
                if self._stopped:
                    reader.say(HangUp(access))
            return reader, access

    def _own(self) -> OpenedHere:
        with self._opening:
            here = self._here
            if here is None:
                here = OpenedHere(self._open_here()).__enter__()
                with self._lock:
                    self._here = here
            if self._stopped:
                here.hang_up()
            return here


def _close(reader: Reader, access: int) -> None:
    with contextlib.suppress(PluginBroke):  # which is gone, and so is what was open in it
        for _ in reader.stream(Close(access)):
            pass


_ASKED: dict[str, Callable[..., Any]] = {
    "unchanged": lambda before, *told: before.unchanged(*told),
    "whole_page": lambda before, *told: before.whole_page(*told),
    "dictionary": lambda before, *told: before.dictionary(*told),
}


def _told(before: Known, tell: Tell) -> None:
    if tell.name == "page_read":
        before.page_read(*tell.told)
    elif not all(before.unchanged(*tell.told)):
        raise AssertionError("a reader took something for known that is not")
