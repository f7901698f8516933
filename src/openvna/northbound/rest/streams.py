"""Server-sent events without a thread per listener.

The gateway's event iterators are asked without waiting (`timeout=0`), a few times a second, from the event loop: an
open stream costs a short lookup, never a thread, and it ends at once when its listener leaves or the server stops.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Generic, TypeVar

import anyio
from fastapi import FastAPI, Request
from starlette.responses import Response, StreamingResponse

from openvna.northbound.rest.answers import encode

HEARTBEAT = 10.0
LONGEST = 900.0
_QUICKEST, _SLOWEST = 0.05, 0.25
_AT_ONCE = 500
T = TypeVar("T")


def end_streams(app: FastAPI) -> None:
    """End every open stream within a quarter of a second, and answer no new one. A server that waits for its
    connections before it stops must call this first."""
    app.state.streams_ended = True


def pending(events: Iterator[T | None]) -> Iterator[T]:
    """What has happened so far, without waiting. `events` were asked for with `timeout=0`."""
    for event in events:
        if event is None:
            return
        yield event


class Follow(Generic[T]):
    """Turns one iterator of events into a stream. `name` gives the event's name.

    With `replay` the events come from the first on, numbered from 1, and `Last-Event-ID` skips those received.
    """

    def __init__(
        self, request: Request, events: Iterator[T | None], name: Callable[[T], str], *, replay: bool = True
    ) -> None:
        self.app: FastAPI = request.app
        self.events = events
        self.name = name
        self.replay = replay
        last = request.headers.get("last-event-id", "")
        self.after = int(last) if replay and last.isascii() and last.isdecimal() and len(last) < 10 else 0
        self.number = 0
        self.first = b""
        self.behind = False
        self.ended = False

    def _frame(self, event: T) -> bytes:
        self.number += 1
        if self.number <= self.after:
            return b""
        number = b"id: %d\n" % self.number if self.replay else b""
        return b"event: %s\n%sdata: %s\n\n" % (self.name(event).encode(), number, encode(event))

    def _news(self) -> bytes:
        """The frames of what has happened since the last call, or of the first part of it: a long past must not keep
        the event loop from everyone else. Notes when that was the end."""
        frames: list[bytes] = []
        self.behind = False
        for event in self.events:
            if event is None:
                return b"".join(frames)
            frames.append(self._frame(event))
            if len(frames) == _AT_ONCE:
                self.behind = True
                return b"".join(frames)
        self.ended = True
        return b"".join(frames)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b": open\nretry: 2000\n\n"
        began = beat = time.monotonic()
        pause = _QUICKEST
        frames = self.first
        try:
            while True:
                now = time.monotonic()
                if frames:
                    beat, pause = now, _QUICKEST
                    yield frames
                elif now - beat >= HEARTBEAT:
                    beat = now
                    yield b": still here\n\n"
                # After the longest time the browser comes back by itself, and has to prove again who it is.
                if self.ended or self.app.state.streams_ended or now - began > LONGEST:
                    return
                await anyio.sleep(0 if self.behind else pause)
                pause = min(pause * 1.5, _SLOWEST)
                frames = self._news()
        finally:
            close = getattr(self.events, "close", None)
            if close is not None:
                close()

    def response(self) -> Response:
        """An answer that sends the events as they happen; 204, which tells a browser not to come back, when there is
        nothing more to send."""
        if self.app.state.streams_ended:
            return Response(status_code=204)
        self.first = self._news()
        if self.ended and not self.first:
            return Response(status_code=204)
        return StreamingResponse(self, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})
