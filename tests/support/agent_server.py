"""A small server on loopback that plays what stands beside a workload: a metadata service, a credential agent, an
identity service with JSON. Answers are canned by method and path, in turn; the last one stays."""

from __future__ import annotations

import json
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Any

from support.fault_server import HANG, Answer
from support.loopback import LoopbackServer

NOT_THERE = Answer(404, "<html><title>404 - Not Found</title></html>", {"Content-Type": "text/html"})

__all__ = ["HANG", "AgentServer", "Answer", "Asked", "agent_server", "in_json"]


@dataclass(frozen=True)
class Asked:
    """A request that came. Header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class AgentServer:
    def __init__(self) -> None:
        self.requests: list[Asked] = []
        self.url = ""
        self.port = 0
        self._script: dict[tuple[str, str], list[Answer]] = {}
        self._lock = threading.Lock()

    def on(self, method: str, path: str, *answers: Answer) -> AgentServer:
        self._script[method, path] = list(answers)
        return self

    def asked(self, path: str) -> list[Asked]:
        return [each for each in self.requests if each.path == path]

    def answer(self, request: Asked) -> Answer:
        with self._lock:
            self.requests.append(request)
            script = self._script.get((request.method, request.path), [NOT_THERE])
            return script.pop(0) if len(script) > 1 else script[0]


def in_json(status: int = 200, headers: Mapping[str, str] | None = None, **members: Any) -> Answer:
    """An answer that is a JSON object."""
    return Answer(status, json.dumps(members), {"Content-Type": "application/json", **(headers or {})})


@contextmanager
def agent_server() -> Generator[AgentServer, None, None]:
    """The server on a free port of 127.0.0.1; gone at the end of the block."""
    agent, closing = AgentServer(), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = agent.answer(Asked(self.command, self.path, headers, body))
            if answer.act is not None:
                answer.act(self, closing)
                return
            content = answer.body.encode()
            self.send_response_only(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_PUT(self) -> None:
            self.do_GET()

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = LoopbackServer(("127.0.0.1", 0), Handler)
    agent.port = server.port
    with server.serving() as agent.url:
        try:
            yield agent
        finally:
            closing.set()
