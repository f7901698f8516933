"""A small HashiCorp Vault on loopback: the key-value store version 2 and AppRole, in the wording of its API pages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import unquote

from support.loopback import LoopbackServer


@dataclass
class FakeVault:
    """`secrets` by `mount/path`; `tokens` are those that may read; `roles` secret ids by role id."""

    address: str = ""
    secrets: dict[str, dict[str, Any]] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=lambda: {"hvs.root-token-of-a-test"})
    roles: dict[str, str] = field(default_factory=dict)
    sealed: bool = False
    redirect: str = ""
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    """Method, path and namespace of every request."""

    def answer(self, method: str, path: str, token: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if self.sealed:
            return 503, {"errors": ["Vault is sealed"]}
        if method == "POST" and path == "auth/approle/login":
            if self.roles.get(body.get("role_id", "")) != body.get("secret_id"):
                return 400, {"errors": ["invalid role or secret ID"]}
            self.tokens.add("hvs.token-of-the-approle")
            return 200, {"auth": {"client_token": "hvs.token-of-the-approle", "lease_duration": 3600}}
        if token not in self.tokens:
            return 403, {"errors": ["permission denied"]}
        mount, _, rest = path.partition("/data/")
        if f"{mount}/{rest}" not in self.secrets:
            return 404, {"errors": []}
        return 200, {"data": {"data": self.secrets[f"{mount}/{rest}"], "metadata": {"version": 3}}}


@contextmanager
def vault_server() -> Iterator[FakeVault]:
    vault = FakeVault()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._serve("GET", {})

        def do_POST(self) -> None:
            self._serve("POST", json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def _serve(self, method: str, body: dict[str, Any]) -> None:
            path = unquote(self.path.removeprefix("/v1/"))
            vault.asked.append((method, path, self.headers.get("X-Vault-Namespace", "")))
            if vault.redirect:
                self.send_response(307)
                self.send_header("Location", vault.redirect + self.path)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            status, said = vault.answer(method, path, self.headers.get("X-Vault-Token", ""), body)
            content = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    with LoopbackServer(("127.0.0.1", 0), Handler).serving() as vault.address:
        yield vault
