"""Secrets are planted everywhere, everything that can fail is made to fail at debug level, and nothing shows them.

Planted in every secret field of every kind of credential (found in the schema of the settings), in the environment, in
a file and in Vault; looked for, in every form, in what the server writes and answers, in its database, its pages, its
streams, on the command line, in the list of processes and in the support bundle.
"""

from __future__ import annotations

import base64
import contextlib
import html
import io
import json
import os
import re
import signal
import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

import httpx
import pytest

from openvna import log
from openvna.collect import Gateway
from openvna.log import redaction, shapes
from openvna.model import OpenVNAError
from openvna.plugins.aws.config import AwsConfig
from openvna.store import load_vault, open_store
from support.canaries import aws_secret, canary, files, leaks
from support.loopback import LoopbackServer
from support.planted import Planted, planted
from support.toy_plugin import ToyConfig, ToyPlugin, network

pytestmark = pytest.mark.timeout(600)

COMMAND = [sys.executable, "-m", "openvna"]
Places = list[tuple[str, bytes]]


@contextmanager
def echoing() -> Iterator[str]:
    """An endpoint that answers every request with all that was in it, in words of AWS: as much as can leak."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode("utf-8", "replace")
            said = html.escape(f"{self.path} {dict(self.headers)} {body}")
            content = (
                f"<ErrorResponse><Error><Code>AccessDenied</Code><Message>User: x is refused: {said}</Message></Error>"
                "<RequestId>0b1c2d3e-0000-4000-8000-000000000000</RequestId></ErrorResponse>"
            ).encode()
            self.send_response(403)
            self.send_header("x-amzn-RequestId", "0b1c2d3e-0000-4000-8000-000000000000")
            self.send_header("Content-Type", "text/xml")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_HEAD = do_PUT = do_POST  # noqa: N815 - the standard library's names

        def log_message(self, *_: Any) -> None:
            pass

    with LoopbackServer(("127.0.0.1", 0), Handler).serving() as url:
        yield url


class Watch:
    """Reads the command lines of all processes, again and again."""

    def __init__(self) -> None:
        self.seen: set[bytes] = set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        looks: dict[str, int] = {}
        while not self._stop.wait(0.05):
            for process in filter(str.isdigit, os.listdir("/proc")):  # noqa: PTH208 - twenty times a second
                looks[process] = looks.get(process, 0) + 1
                if looks[process] > 4:  # it is what it is by now
                    continue
                with contextlib.suppress(OSError), open(f"/proc/{process}/cmdline", "rb") as file:  # noqa: PTH123
                    self.seen.add(file.read())


class Tried:
    """A server at debug level with canaries all around it, and everything that it ever showed."""

    def __init__(self, folder: Path, endpoint: str) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.shown: Places = []
        self.causes: dict[str, str] = {}
        self.surroundings = {name: canary(name) for name in ("variable", "file", "vault", "proxy", "token")}
        self.surroundings["ambient"] = aws_secret()
        self.settings = planted(AwsConfig.model_json_schema())
        (self.home / "secrets").mkdir(parents=True, mode=0o700)
        (self.home / "secrets" / "one").write_text(self.surroundings["file"] + "\n")
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "OPENVNA_HOME": str(self.home),
            "OPENVNA_LOG_LEVEL": "debug",
            "OPENVNA_CREDENTIAL_ONE": self.surroundings["variable"],
            "OPENVNA_SECRET_VAULT": "kv/*",
            "OPENVNA_SECRET_DESTINATIONS": endpoint,
            "OPENVNA_AWS_CONNECT_SECONDS": "2",
            "VAULT_ADDR": endpoint,
            "VAULT_TOKEN": self.surroundings["vault"],
            "HTTPS_PROXY": f"http://robot:{quote(self.surroundings['proxy'], safe='')}@127.0.0.1:9",
            "AWS_ACCESS_KEY_ID": "ASIAQX4LLWN5TEST6KEY",
            "AWS_SECRET_ACCESS_KEY": self.surroundings["ambient"],
            "AWS_SESSION_TOKEN": self.surroundings["token"],
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    @property
    def canaries(self) -> list[str]:
        return [*self.surroundings.values(), *(one for each in self.settings for one in each.canaries.values())]

    def openvna(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [*COMMAND, *arguments],
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        self.shown += [
            (f"output of {arguments}", done.stdout.encode()),
            (f"errors of {arguments}", done.stderr.encode()),
        ]
        return done


def _kinds(tried: Tried, endpoint: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every kind at an endpoint that repeats what it hears, and by a proxy that is not there; and references."""
    for each in tried.settings:
        yield (
            f"{each.kind}-endpoint",
            {**each.config, "proxy_url": None, "endpoint_url": endpoint, "regions": ["eu-west-1"]},
        )
        yield f"{each.kind}-proxy", {**each.config, "regions": ["eu-west-1"]}
    for reference in (
        "env:OPENVNA_CREDENTIAL_ONE",
        f"file:{tried.home}/secrets/one",
        "vault:kv/a#b",
        "awssm:a",
    ):
        key = {"kind": "access-key", "access_key_id": "AKIAQX4LLWN5TEST6KEY", "secret_access_key": reference}
        yield f"reference-{reference.partition(':')[0]}", {"credential": key, "endpoint_url": endpoint}


def _bad_bodies(each: Planted) -> Iterator[bytes]:
    """Bodies that are refused for their form, each with a canary at a place where it does not belong."""
    secret = next(iter(each.canaries.values()))
    whole = json.dumps({"name": "bad", "plugin": "aws", "config": each.config})
    yield whole[:-3].encode()
    yield whole.replace('"aws"', secret and json.dumps(secret)).encode()
    credential = each.config["credential"]
    for broken in (
        {**each.config, "credential": {**credential, "kind": "another"}},
        {**each.config, "credential": secret},
        {**each.config, "credential": {**credential, "unknown": secret}},
        {**each.config, "regions": [secret]},
        {**each.config, "partition": secret},
        {name: [value, {"deep": value}] if name == "proxy_url" else value for name, value in each.config.items()},
        {**each.config, "credential": {name: [value] for name, value in credential.items()}},
    ):
        yield json.dumps({"name": "bad", "plugin": "aws", "config": broken}).encode()


def _drive_rest(tried: Tried, client: httpx.Client, endpoint: str) -> dict[str, str]:
    """Everything over REST; the cause of each verification, by name."""
    causes: dict[str, str] = {}

    def said(answer: httpx.Response) -> httpx.Response:
        where = f"{answer.request.method} {answer.request.url.path}"
        tried.shown.append((where, answer.content + repr(answer.headers).encode()))
        return answer

    for name, config in _kinds(tried, endpoint):
        begun = said(client.post("/api/v1/verifications", json={"plugin": "aws", "config": config}))
        if begun.status_code >= 400:
            causes[name] = begun.json()["type"]
        else:
            place = f"/api/v1/verifications/{begun.json()['id']}"
            with client.stream("GET", f"{place}/events") as stream:
                tried.shown.append((f"stream of {name}", b"".join(stream.iter_bytes())))
            verdict = said(client.get(place)).json()["verdict"]
            causes[name] = verdict["cause"] or verdict["verdict"]
        saved = said(
            client.post(
                "/api/v1/sources",
                json={"name": name, "plugin": "aws", "config": config, "save_anyway": True, "interval": None},
            )
        )
        if saved.status_code == 201:
            source = f"/api/v1/sources/{saved.json()['id']}"
            said(client.get(source))
            said(client.patch(source, json={"config": {"endpoint_url": "http://127.0.0.1:9"}}))
            said(client.patch(source, json={"config": {"credential": {"secret_access_key": {"a": 1}}}}))
            collection = said(client.post(f"{source}/collections", json={}))
            if collection.status_code < 300:
                with client.stream("GET", f"/api/v1/collections/{collection.json()['id']}/events") as stream:
                    tried.shown.append((f"stream of collecting {name}", b"".join(stream.iter_bytes())))
    for each in tried.settings:
        if each.canaries:
            for body in _bad_bodies(each):
                for path in ("/api/v1/sources", "/api/v1/verifications"):
                    answer = client.post(path, content=body, headers={"Content-Type": "application/json"})
                    assert answer.status_code in (400, 404, 422), answer.text
                    said(answer)
    for path in ("sources", "runs", "plugins", "collections", "changes", "tokens"):
        said(client.get(f"/api/v1/{path}"))
    for run in client.get("/api/v1/runs").json()["items"]:
        said(client.get(f"/api/v1/runs/{run['id']}"))
    return causes


def _read_pages(tried: Tried, url: str, password: str) -> None:
    """Every page that a link leads to."""
    with httpx.Client(base_url=url, timeout=60, follow_redirects=True) as browser:
        entered = browser.post("/sign-in", data={"name": "admin", "password": password}, headers={"Origin": url})
        assert entered.status_code == 200
        waiting, seen = ["/", "/sources/new?plugin=aws"], set()
        while waiting:
            path = waiting.pop()
            if (
                path in seen
                or not path.startswith("/")
                or path.startswith(("/static", "/api/", "/causes"))
                or len(seen) > 150
            ):
                continue
            seen.add(path)
            page = browser.get(path)
            tried.shown.append((f"page {path}", page.content))
            if "text/html" in page.headers.get("Content-Type", ""):
                waiting += [html.unescape(each) for each in re.findall(r'href="([^"#]+)', page.text)]
        assert any(re.fullmatch(r"/sources/src_\w+/edit", path) for path in seen)
        assert any(path.startswith("/runs/") for path in seen)


def _drive_cli(tried: Tried, endpoint: str) -> None:
    file = tried.folder / "settings.json"
    for each in (one for one in tried.settings if any(path.startswith("credential.") for path in one.canaries)):
        file.write_text(json.dumps({**each.config, "retries": "no such setting"}))
        assert tried.openvna("source", "add", "aws", "bad", "--config", str(file)).returncode == 2
    file.write_text(file.read_text()[:-1])
    assert tried.openvna("source", "add", "aws", "bad", "--config", str(file)).returncode == 2
    file.unlink()
    (keys,) = [each for each in tried.settings if each.kind == "access-key"]
    secret, token = keys.canaries["credential.secret_access_key"], keys.canaries["credential.session_token"]
    for text in (
        f"ASIAQX4LLWN5TEST6KEY\n{secret}\n{token}\n",
        f"AKIAQX4LLWN5TEST6KEY\n{secret[:-1]}\n",
        f"{secret}\nAKIAQX4LLWN5TEST6KEY\n",
        f'{{"SecretAccessKey": "{secret}"',
        f"only {secret}",
        f"AWS_ACCESS_KEY_ID=AKIAQX4LLWN5TEST6KEY\nAWS_SECRET_ACCESS_KEY='{secret}'\n",
    ):
        tried.openvna("verify", "aws", "--stdin", "--endpoint-url", endpoint, "--region", "eu-west-1", stdin=text)
    tried.openvna("verify", "aws", "--ambient", "--endpoint-url", endpoint, "--region", "eu-west-1", "--format", "json")
    for name in ("access-key-endpoint", "reference-env"):
        tried.openvna("source", "verify", name)
    tried.openvna("collect", "access-key-endpoint")
    for name in ("access-key-endpoint", "reference-env"):
        assert tried.openvna("source", "show", name, "--format", "json").returncode == 0
    tried.openvna("source", "list")
    tried.environment["OPENVNA_DATABASE_URL"] = (
        f"postgresql+psycopg://robot:{tried.surroundings['variable']}@127.0.0.1:9/x"
    )
    assert tried.openvna("source", "list").returncode == 1
    tried.environment["OPENVNA_DATABASE_URL"] = ""
    tried.environment["OPENVNA_KEY"] = tried.surroundings["variable"]
    assert tried.openvna("source", "list").returncode == 1
    tried.environment["OPENVNA_KEY"] = ""


def _bundles(tried: Tried) -> None:
    for options in ((), ("--anonymise",)):
        file = tried.folder / "bundle.tar.gz"
        assert tried.openvna("support-bundle", "-o", str(file), *options).returncode == 0
        with tarfile.open(file) as archive:
            for entry in archive.getmembers():
                content = archive.extractfile(entry)
                assert content is not None
                tried.shown.append((f"bundle {options}: {entry.name}", content.read()))
        file.unlink()


@contextmanager
def _serving(tried: Tried, errors: IO[bytes]) -> Iterator[tuple[str, str, list[str]]]:
    """The address, the first password, and what the server printed (complete when the block is left)."""
    command = [*COMMAND, "serve", "--port", "0"]
    with subprocess.Popen(command, env=tried.environment, stdout=subprocess.PIPE, stderr=errors, text=True) as process:
        try:
            assert process.stdout is not None
            printed = []
            for line in process.stdout:
                printed.append(line)
                if line.startswith("Ctrl-C"):
                    break
            url, password = re.findall(r"http://\S+|(?<=password  )\S+", "".join(printed))
            yield url, password, printed
            process.send_signal(signal.SIGTERM)
            printed.append(process.communicate(timeout=30)[0])
        finally:
            process.kill()


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tried]:
    with echoing() as endpoint, Watch() as watch:
        one = Tried(tmp_path_factory.mktemp("canaries"), endpoint)
        token = subprocess.run(
            [*COMMAND, "token", "add", "all", "--scope", "admin"],
            env=one.environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        with (one.folder / "stderr").open("wb") as errors, _serving(one, errors) as (url, password, printed):
            with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=120) as client:
                one.causes = _drive_rest(one, client, endpoint)
            _read_pages(one, url, password)
            _drive_cli(one, endpoint)
        _bundles(one)
        one.shown.append(("output of the server", "".join(printed).encode()))
    one.shown += [("list of processes", line) for line in watch.seen]
    (one.home / "secrets" / "one").unlink()  # where it may stand
    one.shown += [(f"file {name}", content) for name, content in files(one.folder)]
    yield one


def test_every_kind_of_credential_was_planted_and_tried(tried: Tried) -> None:
    kinds = {"access-key", "profile", "ambient", "web-identity", "container", "instance-role", "process"}
    assert kinds <= {each.kind for each in tried.settings}
    paths = {path for each in tried.settings for path in each.canaries}
    assert {"credential.secret_access_key", "credential.session_token", "proxy_url"} <= paths
    reached = {name for name, cause in tried.causes.items() if not cause.startswith("/") and "invalid" not in cause}
    assert {"access-key-endpoint", "access-key-proxy", "ambient-endpoint", "reference-env", "reference-file"} <= reached


def test_what_it_wrote_shows_that_it_was_there(tried: Tried) -> None:
    log_text = next(content for name, content in tried.shown if name == "file home/openvna.log").decode()
    assert log_text.count("\n") > 50
    assert "***" in log_text
    assert '"level": "debug"' in log_text or '"level":"debug"' in log_text or "verification failed" in log_text
    names = {name.split(" ")[0] for name, _ in tried.shown}
    assert {"GET", "POST", "PATCH", "stream", "page", "output", "errors", "bundle", "file", "list"} <= names


def test_no_canary_is_anywhere(tried: Tried) -> None:
    assert leaks(tried.shown, tried.canaries) == []


# --- breaking from inside: what no request can bring about


@pytest.fixture
def toys() -> ToyPlugin:
    return ToyPlugin()


def _broken(gateway: Gateway, toys: ToyPlugin, each: Planted) -> Places:
    """A plugin that raises, repeats and returns what it was given, wherever it can."""
    shown: Places = []
    secrets = " ".join(each.canaries.values())
    encoded = base64.b64encode(f"robot:{secrets}".encode()).decode()

    def attempt(work: Callable[[], object]) -> None:
        try:
            shown.append(("result", repr(work()).encode()))
        except OpenVNAError as error:
            shown.append(("error", f"{error} {error.__dict__}".encode()))

    def breaking(*_: object, **__: object) -> Iterator[Any]:
        raise RuntimeError(f"it broke with {secrets} and {encoded}")
        yield

    toys.world.add(network("n-1"), network("n-2"))
    attempt(lambda: gateway.add_source(each.kind, "toy", each.config, save_anyway=True))
    toys.world.broken["toy/111122223333/north"] = RuntimeError(f"it broke with {secrets} and {encoded}")
    attempt(lambda: gateway.collect(each.kind))
    verify, toys.verify = toys.verify, breaking  # type: ignore[method-assign]
    attempt(lambda: list(gateway.verify_source(each.kind)))
    attempt(lambda: gateway.add_source(f"{each.kind}-2", "toy", each.config))
    toys.verify = verify  # type: ignore[method-assign]
    attempt(lambda: gateway.store.runs.list().items)
    attempt(lambda: gateway.store.sources.list())
    return shown


@pytest.mark.parametrize("each", planted(ToyConfig.model_json_schema()), ids=lambda each: each.kind)
def test_a_plugin_that_breaks_takes_no_canary_with_it(each: Planted, toys: ToyPlugin, tmp_path: Path) -> None:
    terminal = io.StringIO()
    log.setup("debug", tmp_path / "openvna.log", terminal)
    store = open_store(f"sqlite:///{tmp_path / 'openvna.db'}", load_vault(tmp_path / "key"))
    gateway = Gateway(store, load_plugin=toys.load, plugin_names=toys.names)
    try:
        shown = _broken(gateway, toys, each)
        shown += [*files(tmp_path), ("terminal", terminal.getvalue().encode())]
    finally:
        gateway.close()
        log.setup("warning", None, None)
    assert any(b"it broke with" in content for _, content in shown)
    assert leaks(shown, each.canaries.values()) == []


def test_a_leak_would_be_found(toys: ToyPlugin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same without the redaction, and without the sealing: it leaks into what is searched."""
    (each,) = [each for each in planted(ToyConfig.model_json_schema()) if each.kind == "token"]
    monkeypatch.setattr(redaction, "_masked", lambda text: text)
    monkeypatch.setattr(shapes, "masked", lambda text, _mask: text)
    log.setup("debug", tmp_path / "openvna.log", None)
    store = open_store(f"sqlite:///{tmp_path / 'openvna.db'}", load_vault(tmp_path / "key"))
    gateway = Gateway(store, load_plugin=toys.load, plugin_names=toys.names)
    try:
        shown = [*_broken(gateway, toys, each), *files(tmp_path)]
    finally:
        gateway.close()
        log.setup("warning", None, None)
    found = leaks(shown, each.canaries.values())
    assert {"openvna.log", "result"} <= {line.partition(":")[0] for line in found}
    assert [secret for secret in each.canaries.values() if not any(secret in line for line in found)] == []
