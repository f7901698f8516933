"""A small IAM Identity Center on loopback: sso-oidc, the access portal, and the page on which a person says yes.

It answers in AWS's words (botocore's models sso-oidc and sso; the bodies and headers as the AWS CLI's debug output
shows them), rotates refresh tokens, and takes each of them once. What it does not know goes to a `FaultServer`.
"""

from __future__ import annotations

import html
import http.client
import json
import secrets
import threading
import time
import uuid
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from support.fault_server import ASIA, SECRET, TOKEN, FaultServer, fault_server, identity
from support.loopback import LoopbackServer

START_URL = "https://d-1234567890.awsapps.com/start"
REGION = "eu-west-1"
ACCOUNT, OTHER_ACCOUNT = "111122223333", "444455556666"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
SESSION_ARN = f"arn:aws:sts::{ACCOUNT}:assumed-role/AWSReservedSSO_NetworkReader_0123456789abcdef/alice"


class Refused(Exception):
    def __init__(self, status: int, code: str, body: dict[str, Any], header: bool = True) -> None:
        self.status, self.code, self.body, self.header = status, code, body, header


def oidc(code: str, error: str, description: str, status: int = 400, **more: str) -> Refused:
    return Refused(status, code, {"error": error, "error_description": description, **more})


def portal(status: int, code: str, message: str) -> Refused:
    return Refused(status, code, {"message": message, "__type": f"com.amazonaws.switchboard.portal#{code}"}, False)


@dataclass
class Code:
    device_code: str
    user_code: str
    client_id: str
    ends_at: float
    state: str = "waiting"


@dataclass
class FakeCenter:
    """What it has and how it behaves; a test changes both while it runs."""

    start_urls: set[str] = field(default_factory=lambda: {START_URL})
    accounts: dict[str, tuple[str, list[str]]] = field(
        default_factory=lambda: {
            ACCOUNT: ("Network hub", ["NetworkReader", "AdministratorAccess"]),
            OTHER_ACCOUNT: ("Audit", ["ReadOnly"]),
        }
    )
    page_size: int = 100
    interval: float = 0.02
    code_seconds: float = 600
    token_seconds: float = 3600
    registration_seconds: float = 90 * 86400
    session_seconds: float = 3600
    refreshes: bool = True
    says: dict[str, list[Refused]] = field(default_factory=dict)
    """By operation: what it refuses with next, in turn, before it answers as usual."""
    before: dict[str, Callable[[], None]] = field(default_factory=dict)
    """By operation: called before it is answered."""
    url: str = ""
    aws: FaultServer = field(default_factory=FaultServer)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    codes: list[Code] = field(default_factory=list)
    issued: list[str] = field(default_factory=list)
    """Every secret that it gave out."""

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._clients: dict[str, tuple[str, float]] = {}
        self._tokens: dict[str, float] = {}
        self._refresh: dict[str, str] = {}

    def asked(self, operation: str) -> int:
        return sum(name == operation for name, _ in self.calls)

    def approve(self, number: int = -1) -> None:
        self.codes[number].state = "approved"

    def deny(self) -> None:
        self.codes[-1].state = "denied"

    def revoke(self) -> None:
        """An administrator ends every session: no token is good any more."""
        with self._lock:
            self._tokens.clear()
            self._refresh.clear()

    def end_sessions(self) -> None:
        """The sessions are over: tokens run out by themselves, none is renewed."""
        with self._lock:
            self._refresh.clear()

    def signed_in(self, seconds: float | None = None) -> dict[str, Any]:
        """A finished sign-in, in the form of the AWS CLI's cache."""
        client = self.register({})
        tokens = self._grant(client["clientId"], seconds)
        return {
            "startUrl": next(iter(self.start_urls)),
            "region": REGION,
            "accessToken": tokens["accessToken"],
            "expiresAt": _stamp(time.time() + tokens["expiresIn"]),
            "refreshToken": tokens.get("refreshToken", ""),
            "clientId": client["clientId"],
            "clientSecret": client["clientSecret"],
            "registrationExpiresAt": _stamp(client["clientSecretExpiresAt"]),
        }

    def settings(self, account: str = ACCOUNT, role: str = "NetworkReader", **more: Any) -> dict[str, Any]:
        """A credential that has signed in."""
        return {
            "kind": "identity-center",
            "start_url": next(iter(self.start_urls)),
            "sso_region": REGION,
            "account_id": account,
            "role_name": role,
            "sign_in": json.dumps(self.signed_in()),
            **more,
        }

    # The operations

    def register(self, body: dict[str, Any]) -> dict[str, Any]:
        client_id, secret = secrets.token_urlsafe(12), f"client-secret-{secrets.token_urlsafe(24)}"
        ends_at = int(time.time() + self.registration_seconds)
        self._clients[client_id] = (secret, ends_at)
        self.issued.append(secret)
        return {
            "clientId": client_id,
            "clientSecret": secret,
            "clientIdIssuedAt": int(time.time()),
            "clientSecretExpiresAt": ends_at,
        }

    def start(self, body: dict[str, Any]) -> dict[str, Any]:
        self._client(body)
        if body["startUrl"] not in self.start_urls:
            raise oidc("InvalidRequestException", "invalid_request", "")
        letters = "BCDFGHJKLMNPQRSTVWXZ"
        user_code = "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(2))
        code = Code(f"device-{secrets.token_urlsafe(24)}", user_code, body["clientId"], time.time() + self.code_seconds)
        self.codes.append(code)
        self.issued.append(code.device_code)
        return {
            "deviceCode": code.device_code,
            "userCode": user_code,
            "verificationUri": f"{self.url}/device",
            "verificationUriComplete": f"{self.url}/device?user_code={user_code}",
            "expiresIn": self.code_seconds,
            "interval": self.interval,
        }

    def token(self, body: dict[str, Any]) -> dict[str, Any]:
        self._client(body)
        if body["grantType"] == "refresh_token":
            with self._lock:
                client = self._refresh.pop(body["refreshToken"], None)
            if client is None or client != body["clientId"]:
                raise oidc("InvalidGrantException", "invalid_grant", "Invalid grant provided")
            return self._grant(client)
        assert body["grantType"] == DEVICE_GRANT
        code = next((each for each in self.codes if each.device_code == body["deviceCode"]), None)
        if code is None or code.client_id != body["clientId"]:
            raise oidc("InvalidGrantException", "invalid_grant", "Invalid grant provided")
        if time.time() > code.ends_at:
            raise oidc("ExpiredTokenException", "expired_token", "Device code has expired")
        if code.state == "denied":
            raise oidc("AccessDeniedException", "access_denied", "Access denied by the user")
        if code.state == "waiting":
            raise oidc("AuthorizationPendingException", "authorization_pending", "Authorization is still pending")
        return self._grant(code.client_id)

    def list_accounts(self, query: dict[str, str], token: str) -> dict[str, Any]:
        self._bearer(token)
        rows = [
            {"accountId": id, "accountName": name, "emailAddress": f"aws+{id}@example.com"}
            for id, (name, _) in self.accounts.items()
        ]
        return self._page("accountList", rows, query)

    def list_roles(self, query: dict[str, str], token: str) -> dict[str, Any]:
        self._bearer(token)
        if query["account_id"] not in self.accounts:
            raise portal(403, "ForbiddenException", "No access")
        account = query["account_id"]
        rows = [{"roleName": name, "accountId": account} for name in self.accounts[account][1]]
        return self._page("roleList", rows, query)

    def credentials(self, query: dict[str, str], token: str) -> dict[str, Any]:
        self._bearer(token)
        if query["role_name"] not in self.accounts.get(query["account_id"], ("", []))[1]:
            raise portal(403, "ForbiddenException", "No access")
        return {
            "roleCredentials": {
                "accessKeyId": ASIA,
                "secretAccessKey": SECRET,
                "sessionToken": TOKEN,
                "expiration": int((time.time() + self.session_seconds) * 1000),
            }
        }

    def _grant(self, client_id: str, seconds: float | None = None) -> dict[str, Any]:
        access, refresh = f"aoa-{secrets.token_urlsafe(32)}", f"aor-{secrets.token_urlsafe(32)}"
        lasts = self.token_seconds if seconds is None else seconds
        with self._lock:
            # A sign-in that is over on paper only: what a server still accepts is its own affair.
            self._tokens[access] = time.time() + max(lasts, 0)
            if self.refreshes:
                self._refresh[refresh] = client_id
        self.issued += [access, refresh]
        answer: dict[str, Any] = {"accessToken": access, "tokenType": "Bearer", "expiresIn": lasts}
        return answer | ({"refreshToken": refresh} if self.refreshes else {})

    def _client(self, body: dict[str, Any]) -> None:
        secret, ends_at = self._clients.get(body.get("clientId", ""), ("", 0.0))
        if not secret or secret != body.get("clientSecret") or ends_at < time.time():
            raise oidc("InvalidClientException", "invalid_client", "Invalid client provided", 401)

    def _bearer(self, token: str) -> None:
        if self._tokens.get(token, 0) < time.time():
            raise portal(401, "UnauthorizedException", "Session token not found or invalid")

    def _page(self, member: str, rows: list[dict[str, str]], query: dict[str, str]) -> dict[str, Any]:
        begin = int(query.get("next_token", 0))
        size = min(self.page_size, int(query.get("max_result", 100)))
        more = {"nextToken": str(begin + size)} if begin + size < len(rows) else {}
        return {member: rows[begin : begin + size], **more}

    def answer(self, operation: str, work: Callable[[], dict[str, Any]], params: dict[str, Any]) -> dict[str, Any]:
        self.calls.append((operation, params))
        if operation in self.before:
            self.before[operation]()
        if self.says.get(operation):
            raise self.says[operation].pop(0)
        return work()


def _stamp(moment: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))


_PAGE = """<!doctype html><html lang="en"><title>Confirm</title><h1>Authorize request</h1>
<p>OpenVNA asks for access with the code <strong>{code}</strong>.</p>
<form method="post" action="/device/answer"><input type="hidden" name="user_code" value="{code}">
<button name="say" value="approved">Allow access</button><button name="say" value="denied">Deny</button></form>
</html>"""


@contextmanager
def identity_center(center: FakeCenter | None = None) -> Generator[FakeCenter, None, None]:
    """Identity Center, and an AWS that works behind it, at one address."""
    fake = center or FakeCenter()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30
        _aws: http.client.HTTPConnection | None = None
        disable_nagle_algorithm = True  # else each answer waits for the acknowledgement of its own headers

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            routes = {
                "/client/register": ("RegisterClient", fake.register),
                "/device_authorization": ("StartDeviceAuthorization", fake.start),
                "/token": ("CreateToken", fake.token),
            }
            if self.path in routes:
                operation, work = routes[self.path]
                body = json.loads(raw)
                self._said(lambda: fake.answer(operation, lambda: work(body), body))
            elif self.path == "/device/answer":
                form = parse_qs(raw.decode())
                for code in fake.codes:
                    if code.user_code == form["user_code"][0]:
                        code.state = form["say"][0]
                self._send(
                    200, b"<!doctype html><html lang=en><title>Done</title>You may close this page.", "text/html"
                )
            else:
                self._behind(raw)

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            token = self.headers.get("x-amz-sso_bearer_token") or ""
            routes = {
                "/assignment/accounts": ("ListAccounts", fake.list_accounts),
                "/assignment/roles": ("ListAccountRoles", fake.list_roles),
                "/federation/credentials": ("GetRoleCredentials", fake.credentials),
            }
            if parts.path in routes:
                operation, work = routes[parts.path]
                self._said(lambda: fake.answer(operation, lambda: work(query, token), query))
            elif parts.path == "/device":
                page = _PAGE.format(code=html.escape(query.get("user_code", "")))
                self._send(200, page.encode(), "text/html")
            else:
                self._send(404, b"{}", "application/json")

        def _said(self, work: Callable[[], dict[str, Any]]) -> None:
            request_id = {"x-amzn-RequestId": str(uuid.uuid4())}
            try:
                self._send(200, json.dumps(work()).encode(), "application/json", request_id)
            except Refused as refused:
                kind = f"{refused.code}:http://internal.amazon.com/coral/com.amazonaws.sso.oidc/"
                named = {"x-amzn-ErrorType": kind} if refused.header else {}
                body = json.dumps(refused.body).encode()
                self._send(refused.status, body, "application/json", {**request_id, **named})

        def _behind(self, raw: bytes) -> None:
            if self._aws is None:
                self._aws = http.client.HTTPConnection("127.0.0.1", fake.aws.port, timeout=30)
            self._aws.request("POST", self.path, raw, dict(self.headers))
            answer = self._aws.getresponse()
            content = answer.read()
            kept = {name: value for name, value in answer.getheaders() if name.lower().startswith("x-amz")}
            self._send(answer.status, content, answer.getheader("Content-Type") or "text/xml", kept)

        def finish(self) -> None:
            if self._aws is not None:
                self._aws.close()
            super().finish()

        def _send(self, status: int, content: bytes, kind: str, headers: dict[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in {**(headers or {}), "Content-Type": kind}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with fault_server() as aws:
        fake.aws = aws.good().on("GetCallerIdentity", identity(SESSION_ARN))
        with LoopbackServer(("127.0.0.1", 0), Handler).serving() as fake.url:
            yield fake
