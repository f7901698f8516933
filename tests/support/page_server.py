"""An AWS of our own on loopback: answers EC2's query protocol with what a test gives, request by request."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import TypeAlias
from urllib.parse import parse_qsl

from support.loopback import LoopbackServer


@dataclass(frozen=True)
class Reply:
    """What the server sends; `status` 0: it cuts the connection instead."""

    body: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "text/xml"})


@dataclass(frozen=True)
class Asked:
    """A request as it came in."""

    path: str
    headers: dict[str, str]
    params: dict[str, str]

    @property
    def access_key_id(self) -> str:
        return self.headers["authorization"].partition("Credential=")[2].partition("/")[0]


Answer: TypeAlias = Callable[[Asked], Reply]


class PageServer:
    def __init__(self, answer: Answer) -> None:
        self.asked: list[Asked] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # else each answer, in its two writes, waits for a delayed acknowledgement

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                headers = {name.lower(): value for name, value in self.headers.items()}
                asked = Asked(self.path, headers, dict(parse_qsl(body)))
                outer.asked.append(asked)
                reply = answer(asked)
                if not reply.status:
                    self.close_connection = True
                    self.connection.close()
                    return
                content = reply.body.encode()
                self.send_response(reply.status)
                for name, value in {**reply.headers, "Content-Length": str(len(content))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def finish(self) -> None:
                if not self.wfile.closed:
                    super().finish()

            def log_message(self, *_: object) -> None:
                return

        self._server = LoopbackServer(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.port}"

    @contextmanager
    def running(self) -> Iterator[PageServer]:
        with self._server.serving():
            yield self


def in_turn(*replies: Reply) -> Answer:
    """The replies one after the other, the last one for ever."""
    left = list(replies)
    lock = threading.Lock()

    def answer(asked: Asked) -> Reply:
        with lock:
            return left.pop(0) if len(left) > 1 else left[0]

    return answer


def vpcs(*ids: str, token: str = "") -> Reply:
    """A page of DescribeVpcs."""
    items = "".join(f"<item><vpcId>{each}</vpcId><isDefault>false</isDefault></item>" for each in ids)
    following = f"<nextToken>{token}</nextToken>" if token else ""
    return Reply(
        '<DescribeVpcsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>req-ok</requestId>'
        f"<vpcSet>{items}</vpcSet>{following}</DescribeVpcsResponse>"
    )


def error(code: str, message: str = "as said", status: int = 400, **headers: str) -> Reply:
    body = (
        f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>"
        "<RequestID>req-bad</RequestID></Response>"
    )
    return Reply(body, status, {"Content-Type": "text/xml", **headers})
