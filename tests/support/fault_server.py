"""A loopback server of ours that answers as AWS, or as what may stand between us and AWS, would.

It serves canned answers by action, in turn (the last one stays); plain or over TLS with a certificate made on the
spot; and it plays a proxy, to which requests for any host may come.
"""

from __future__ import annotations

import json
import re
import socket
import ssl
import struct
import threading
import time
import uuid
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from support.loopback import LoopbackServer

ACCOUNT = "111122223333"
DETAILS = "GetRequestAuthorizationDetails"
USER = f"arn:aws:iam::{ACCOUNT}:user/reader"
AKIA = "AKIARZPUZDIKGB2VALC4"
"""A well-formed permanent key id (that of no one: its account is 123456789012)."""
ASIA = "ASIAY34FZKBOKMUTVV7A"
SECRET = "aB3/dE5+gH7iJ9kL1mN2oP4qR6sT8uV0wX/yZ+12"  # 40 characters, made up
TOKEN = "IQoJb3JpZ2luX2VjEJr//////////wEaCXVzLWVhc3QtMSJHMEUCIQ=="


@dataclass(frozen=True)
class Answer:
    """One answer. `ahead`: seconds by which its Date runs ahead of our clock. `act`: what is done instead."""

    status: int = 200
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    ahead: float = 0.0
    act: Callable[[BaseHTTPRequestHandler, threading.Event], None] | None = None


def _aws(body: str, status: int = 200, ahead: float = 0.0) -> Answer:
    headers = {"x-amzn-RequestId": str(uuid.uuid4()), "Content-Type": "text/xml"}
    return Answer(status, f'<?xml version="1.0" encoding="UTF-8"?>\n{body}', headers, ahead)


def sts_error(code: str, message: str, status: int = 403, ahead: float = 0.0) -> Answer:
    """An error in STS's envelope."""
    body = (
        '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>'
        f"<Code>{code}</Code><Message>{message}</Message></Error><RequestId>{uuid.uuid4()}</RequestId></ErrorResponse>"
    )
    return _aws(body, status, ahead)


def ec2_error(code: str, message: str, status: int = 403, ahead: float = 0.0) -> Answer:
    """An error in EC2's envelope."""
    body = (
        f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>"
        f"<RequestID>{uuid.uuid4()}</RequestID></Response>"
    )
    return _aws(body, status, ahead)


def identity(arn: str = USER, ahead: float = 0.0) -> Answer:
    """GetCallerIdentity's answer."""
    body = (
        '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
        f"<Arn>{arn}</Arn><UserId>AIDA</UserId><Account>{arn.split(':')[4]}</Account></GetCallerIdentityResult>"
        f"<ResponseMetadata><RequestId>{uuid.uuid4()}</RequestId></ResponseMetadata></GetCallerIdentityResponse>"
    )
    return _aws(body, 200, ahead)


def role_session(arn: str, seconds: float = 3600, secret: str = SECRET) -> Answer:
    """AssumeRole's answer."""
    until = (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
    body = (
        '<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>'
        f"<AccessKeyId>{ASIA}</AccessKeyId><SecretAccessKey>{secret}</SecretAccessKey>"
        f"<SessionToken>{TOKEN}</SessionToken><Expiration>{until}</Expiration></Credentials>"
        f"<AssumedRoleUser><Arn>{arn}</Arn></AssumedRoleUser></AssumeRoleResult>"
        f"<ResponseMetadata><RequestId>{uuid.uuid4()}</RequestId></ResponseMetadata></AssumeRoleResponse>"
    )
    return _aws(body)


def regions(**states: str) -> Answer:
    """DescribeRegions' answer: `eu_west_1="opt-in-not-required"`."""
    items = "".join(
        f"<item><regionName>{name.replace('_', '-')}</regionName><optInStatus>{state}</optInStatus></item>"
        for name, state in states.items()
    )
    return done("DescribeRegions", f"<regionInfo>{items}</regionInfo>")


def done(action: str, inside: str = "") -> Answer:
    """An EC2 answer with nothing in it but what is given."""
    return _aws(
        f'<{action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>{uuid.uuid4()}</requestId>'
        f"{inside}</{action}Response>"
    )


def result(action: str, inside: str) -> Answer:
    """An answer of STS or IAM."""
    return _aws(
        f'<{action}Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><{action}Result>{inside}</{action}Result>'
        f"<ResponseMetadata><RequestId>{uuid.uuid4()}</RequestId></ResponseMetadata></{action}Response>"
    )


def json_answer(members: Mapping[str, Any], status: int = 200, **headers: str) -> Answer:
    """An answer of a service that speaks JSON."""
    given = {"x-amzn-RequestId": str(uuid.uuid4()), "Content-Type": "application/x-amz-json-1.1"} | headers
    return Answer(status, json.dumps(members), given)


def json_error(code: str, message: str, status: int = 400) -> Answer:
    """An error in the JSON protocol."""
    return json_answer({"__type": code, "Message": message}, status)


def nothing(request: Request) -> Answer:
    """The answer of an account in which everything may be read, and nothing is: for `FaultServer.otherwise`."""
    if request.params.get("DryRun") == "true":
        return ec2_error("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412)
    match request.service:
        case "ec2":
            return done(request.action)
        case "iam" if request.action == "SimulatePrincipalPolicy":
            decided = "".join(
                f"<member><EvalActionName>{action}</EvalActionName><EvalDecision>allowed</EvalDecision></member>"
                for name, action in request.params.items()
                if name.startswith("ActionNames.member.")
            )
            return result(request.action, f"<EvaluationResults>{decided}</EvaluationResults>")
        case "iam" if request.action == "GetRole":
            name = request.params["RoleName"]
            return result(request.action, f"<Role><Arn>arn:aws:iam::{ACCOUNT}:role/{name}</Arn></Role>")
        case "sts" | "iam" | "elasticloadbalancing":
            return result(request.action, "")
        case "route53" | "cloudfront":
            return _aws("<Listed></Listed>")
        case "s3":
            return sts_error("InvalidAction", "Nothing is known of buckets.", 400)
    return json_answer({})


def page(status: int, title: str = "Sign in to the guest network") -> Answer:
    """What a portal or a filter shows."""
    return Answer(status, f"<html><head><title>{title}</title></head></html>", {"Content-Type": "text/html"})


def redirect(to: str = "https://portal.example.net/login") -> Answer:
    return Answer(302, "", {"Location": to})


_OPERATIONS = {"/listRegions": "ListRegions"}
"""Operations that have a path of their own."""


def _reset(handler: BaseHTTPRequestHandler, _closing: threading.Event) -> None:
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.close_connection = True


def _hang(handler: BaseHTTPRequestHandler, closing: threading.Event) -> None:
    closing.wait(30)
    handler.close_connection = True


def _drip(handler: BaseHTTPRequestHandler, closing: threading.Event) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while not closing.wait(0.05):
        try:
            handler.wfile.write(b".")
        except OSError:
            break
    handler.close_connection = True


def _cut(handler: BaseHTTPRequestHandler, _closing: threading.Event) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n<Get")
    handler.close_connection = True


def _gibberish(handler: BaseHTTPRequestHandler, _closing: threading.Event) -> None:
    handler.wfile.write(b"220 mail.example.net ESMTP\r\n")
    handler.close_connection = True


RESET = Answer(act=_reset)
HANG = Answer(act=_hang)
DRIP = Answer(act=_drip)
CUT = Answer(act=_cut)
GIBBERISH = Answer(act=_gibberish)
UNSIGNED = sts_error("MissingAuthenticationToken", "Request is missing Authentication Token")


@dataclass(frozen=True)
class Request:
    """A request that came. `region`, `key` and `service` are those of its signature, empty when it has none."""

    action: str
    region: str
    key: str
    token: str
    host: str
    target: str
    params: Mapping[str, str]
    proxy_authorization: str
    service: str = ""


Answering = Callable[[Request], Answer]


class FaultServer:
    """The running server. Unsigned requests get STS's own answer unless `unsigned` is set."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.unsigned: Answer | None = None
        self.otherwise: Answering | None = None
        """What answers where there is no script; else the action is unknown."""
        self.last_get: list[str] = []
        self.connect_status = 200
        self.connect_headers: dict[str, str] = {}
        self.tunnel_port = 0
        """Where CONNECT leads, whatever host it asks for; 0: it is answered, and the connection ends."""
        self.tunnels: list[Request] = []
        self._script: dict[tuple[str, str], list[Answer | Answering]] = {}
        self._lock = threading.Lock()
        self.url = ""
        self.port = 0

    def on(self, action: str, *answers: Answer | Answering, region: str = "") -> FaultServer:
        """Answer `action` (in `region`, else in every one) with these, in turn; the last one stays. A function is
        asked what to answer to the request."""
        self._script[action, region] = list(answers)
        return self

    def said(self, action: str) -> list[Answer | Answering]:
        """What is still to be answered to `action`."""
        return list(self._script[action, ""])

    def off(self, action: str, region: str = "") -> FaultServer:
        """Take back what `on` said of `action` (in `region`)."""
        self._script.pop((action, region), None)
        return self

    def good(self, **states: str) -> FaultServer:
        """An access that works, with one region or those that are given."""
        self.on("GetCallerIdentity", identity())
        self.on("DescribeRegions", regions(**(states or {"us_east_1": "opt-in-not-required"})))
        self.on("DescribeVpcs", done("DescribeVpcs"))
        return self.on("DescribeInstances", done("DescribeInstances"))

    def asked(self, action: str) -> int:
        """How often a signed `action` came."""
        return sum(each.action == action and bool(each.key) for each in self.requests)

    def answer(self, request: Request) -> Answer:
        with self._lock:
            self.requests.append(request)
            if not request.key and request.action == "GetCallerIdentity":
                return self.unsigned or UNSIGNED
            script = self._script.get((request.action, request.region)) or self._script.get((request.action, ""))
            if not script and self.otherwise is not None and request.key:
                return self.otherwise(request)
            if not script:
                return sts_error("InvalidAction", f"Could not find operation {request.action}", 400)
            found = script.pop(0) if len(script) > 1 else script[0]
        return found if isinstance(found, Answer) else found(request)


def _relay(near: socket.socket, port: int) -> None:
    """Carry bytes both ways until either side ends."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as far:

        def back() -> None:
            try:
                while received := far.recv(65536):
                    near.sendall(received)
            except OSError:
                pass  # the other side gave up

        answering = threading.Thread(target=back, daemon=True)
        answering.start()
        try:
            while received := near.recv(65536):
                far.sendall(received)
            far.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # the other side gave up
        answering.join(30)


@contextmanager
def fault_server(
    context: ssl.SSLContext | None = None, address: str = "127.0.0.1"
) -> Generator[FaultServer, None, None]:
    """The server on a free port of `address`, over TLS with `context`; gone at the end of the block."""
    faults, closing = FaultServer(), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30
        disable_nagle_algorithm = True  # else each answer, in its two writes, waits for a delayed acknowledgement

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            if target := self.headers.get("X-Amz-Target"):
                params = {"Action": target.rpartition(".")[2], **json.loads(body)}
            elif self.path in _OPERATIONS:
                params = {"Action": _OPERATIONS[self.path], **json.loads(body)}
            else:
                params = {name: values[0] for name, values in parse_qs(body).items()}
            self._reply(faults.answer(_request(self, params)))

        def do_GET(self) -> None:
            """Amazon S3, and the one call of IAM's toolbox; `last_get` is what it was sent."""
            faults.last_get = [self.requestline.split()[0], "/", *(f"{n.lower()}:{v}" for n, v in self.headers.items())]
            toolbox = self.path.startswith("/authorization-details/")
            self._reply(faults.answer(_request(self, {"Action": DETAILS if toolbox else "GET"})))

        def do_CONNECT(self) -> None:
            faults.tunnels.append(_request(self, {}))
            self.close_connection = True
            self.send_response_only(faults.connect_status)
            for name, value in faults.connect_headers.items():
                self.send_header(name, value)
            if faults.connect_status != 200 or not faults.tunnel_port:
                self.send_header("Content-Length", "0")
            self.end_headers()
            if faults.connect_status == 200 and faults.tunnel_port:
                _relay(self.connection, faults.tunnel_port)

        def _reply(self, answer: Answer) -> None:
            if answer.act is not None:
                answer.act(self, closing)
                return
            content = answer.body.encode()
            self.send_response_only(answer.status)
            self.send_header("Date", formatdate(time.time() + answer.ahead, usegmt=True))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Server(LoopbackServer):
        address_family = socket.AF_INET6 if ":" in address else socket.AF_INET

        def finish_request(self, request: Any, client_address: Any) -> None:
            if context is not None:
                request = context.wrap_socket(request, server_side=True)
            try:
                super().finish_request(request, client_address)
            finally:
                request.close()

    server = Server((address, 0), Handler)
    faults.port = server.port
    shown = f"[{address}]" if ":" in address else address
    faults.url = f"{'https' if context else 'http'}://{shown}:{faults.port}"
    with server.serving():
        try:
            yield faults
        finally:
            closing.set()


def certificate(
    folder: Path,
    names: tuple[str, ...] = ("127.0.0.1",),
    issuer: str = "Example Inspection CA",
    begins: timedelta = timedelta(days=-1),
) -> Path:
    """A PEM file with a fresh self-signed certificate for these names, and its key. It is valid for two days."""
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, issuer)])
    now = datetime.now(UTC)
    alternatives = [
        x509.IPAddress(ipaddress.ip_address(each)) if re.fullmatch(r"[\d.]+|.*:.*", each) else x509.DNSName(each)
        for each in names
    ]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + begins)
        .not_valid_after(now + begins + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return path


def server_context(pem: Path) -> ssl.SSLContext:
    """TLS for `fault_server` with the certificate of `certificate`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


def _request(handler: BaseHTTPRequestHandler, params: dict[str, str]) -> Request:
    scope = re.search(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/", handler.headers.get("Authorization") or "")
    return Request(
        params.get("Action", ""),
        scope[2] if scope else "",
        scope[1] if scope else "",
        handler.headers.get("X-Amz-Security-Token") or "",
        handler.headers.get("Host") or "",
        handler.path,
        params,
        handler.headers.get("Proxy-Authorization") or "",
        scope[3] if scope else "",
    )
