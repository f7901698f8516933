"""Every error is problem details, whoever makes it."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from openvna.northbound.rest import create_api
from openvna.northbound.rest.edge import LARGEST_BODY, is_loopback
from rest.served import Served, make_gateway, running, serving
from support.toy_plugin import ToyPlugin

LogLines = Callable[[], list[dict[str, Any]]]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One for all: nothing here changes it."""
    with running(tmp_path_factory.mktemp("store")) as one:
        yield one


def problem(answer: httpx.Response, status: int, slug: str) -> dict[str, object]:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    content: dict[str, object] = answer.json()
    assert content["type"] == f"urn:openvna:problem:{slug}"
    assert content["status"] == status
    assert content["title"]
    assert content["detail"]
    assert content["remedy"]
    assert content["instance"] == f"urn:openvna:request:{answer.headers['x-request-id']}"
    return content


def test_an_unknown_address(api: httpx.Client) -> None:
    problem(api.get("/api/v1/nothing"), 404, "not-found")
    problem(api.get("/api/v2/health"), 404, "not-found")
    problem(api.get("/api/docs/nothing"), 404, "not-found")


def test_a_method_that_an_address_does_not_know(api: httpx.Client) -> None:
    answer = api.put("/api/v1/sources")
    problem(answer, 405, "method-not-allowed")
    assert set(answer.headers["allow"].split(", ")) == {"HEAD", "GET", "POST"}


def test_every_get_has_its_head(api: httpx.Client) -> None:
    got, head = api.get("/api/v1/sources"), api.head("/api/v1/sources")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == got.headers["content-length"]
    assert api.head("/api/v1/events").status_code == 405
    assert api.head("/api/v1/nothing").status_code == 404


def test_an_unknown_thing(api: httpx.Client) -> None:
    for path in ("sources/x", "runs/x", "resources/x", "verifications/x", "collections/x", "plugins/x"):
        problem(api.get(f"/api/v1/{path}"), 404, "not-found")
    problem(api.get("/api/v1/plugins/toy/causes/NONE"), 404, "not-found")


@pytest.mark.parametrize(
    "body", ["", "{", "NaN", '{"name": NaN}', '{"name": "\\ud800"}', "[" * 100_000, b"\xff\xfe{}", "nul"]
)
def test_a_body_that_is_not_json(api: httpx.Client, body: str | bytes) -> None:
    answer = api.post("/api/v1/tokens", content=body, headers={"Content-Type": "application/json"})
    if body == "":
        problem(answer, 422, "invalid-input")
    else:
        problem(answer, 400, "malformed-json")


def test_a_body_of_another_kind(api: httpx.Client) -> None:
    answer = api.post("/api/v1/tokens", content="name=x", headers={"Content-Type": "application/x-www-form-urlencoded"})
    problem(answer, 422, "invalid-input")


def test_wrong_fields_are_named_without_what_was_sent(api: httpx.Client) -> None:
    sent = {"name": 17, "scopes": ["read", "s3cr3t-scope"], "extra": "s3cr3t-extra"}
    answer = api.post("/api/v1/tokens", json=sent)
    content = problem(answer, 422, "invalid-input")
    errors = content["errors"]
    assert isinstance(errors, list)
    assert {error["field"] for error in errors} == {"name", "scopes.1", "extra"}
    assert "s3cr3t" not in answer.text


def test_a_parameter_with_a_typing_error_does_not_match_everything(api: httpx.Client) -> None:
    content = problem(api.get("/api/v1/resources?regoin=eu-west-1"), 422, "invalid-input")
    assert content["errors"] == [{"field": "regoin", "message": "is not a known parameter"}]
    assert "region" in str(content["detail"])


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=x", "limit"),
        ("sort=tags", "sort"),
        ("kind=vpc", "kind"),
        ("where=cidr", "where"),
        ("where==x", "where"),
        ("tag=", "tag"),
        ("at=yesterday", "at"),
        ("at=2026-01-01T00:00:00", "at"),
        ("at=0001-01-01T00:00:00%2B23:00", "at"),
        ("at=1767225600", "at"),
        ("q=%00", "q"),
        ("region=north&region=south", "region"),
    ],
)
def test_a_wrong_parameter_is_named(api: httpx.Client, query: str, field: str) -> None:
    content = problem(api.get(f"/api/v1/resources?{query}"), 422, "invalid-input")
    errors = content["errors"]
    assert isinstance(errors, list)
    assert [error["field"] for error in errors] == [field]


def wrong_for(schema: dict[str, Any]) -> str | None:
    """A value that a parameter of this schema cannot have; None where it takes any text."""
    choices = schema.get("anyOf", [schema])
    if any(each.get("type") == "string" and not {"enum", "format"} & each.keys() for each in choices):
        return None
    return None if any(each.get("type") == "array" for each in choices) else "sesame"


def test_every_parameter_that_takes_no_such_value_says_so_in_words_of_our_own(api: httpx.Client) -> None:
    tried = set()
    for path, item in api.get("/api/openapi.json").json()["paths"].items():
        for parameter in item.get("get", {}).get("parameters", ()):
            name, wrong = parameter["name"], wrong_for(parameter["schema"])
            if parameter["in"] != "query" or wrong is None:
                continue
            content = problem(api.get(path, params={name: wrong}), 422, "invalid-input")
            (error,) = content["errors"] if isinstance(content["errors"], list) else ()
            assert error["field"] == name
            assert error["message"].startswith("is "), error["message"]
            assert error["message"] in str(content["detail"])
            assert "sesame" not in str(content)
            tried.add(name)
    assert tried >= {"least", "limit", "at", "since", "deleted", "sort", "order", "kind", "state", "outcome", "count"}


def test_a_number_that_is_none_is_told_with_the_next_step(api: httpx.Client) -> None:
    content = problem(api.get("/api/v1/quotas?least=abc"), 422, "invalid-input")
    assert content["detail"] == "The request cannot be used as it is: least is not a whole number."
    assert content["remedy"] == "Give a whole number."
    content = problem(api.get("/api/v1/quotas?least=1001&limit=x"), 422, "invalid-input")
    assert content["detail"] == (
        "The request cannot be used as it is: least is more than 1000, the most that it can be; "
        "limit is not a whole number."
    )
    assert content["remedy"] == "Correct what `errors` names; /api/docs says what each takes."


def test_an_unknown_type_is_told_with_a_near_one(api: httpx.Client) -> None:
    for listing in ("resources", "changes", "coverage"):
        content = problem(api.get(f"/api/v1/{listing}?type=toy.networks"), 422, "invalid-input")
        assert "Did you mean toy.network" in str(content["remedy"])


def test_a_cursor_of_somebody_else(api: httpx.Client) -> None:
    for listing in ("resources", "runs", "changes", "coverage"):
        problem(api.get(f"/api/v1/{listing}?cursor=bm9uc2Vuc2U"), 422, "invalid-input")


def test_a_body_too_large_is_refused_before_it_is_read(served: Served) -> None:
    address = urlsplit(served.url)
    with socket.create_connection((address.hostname, address.port), 20) as raw:
        head = f"POST /api/v1/session HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Type: application/json\r\n"
        raw.sendall(f"{head}Content-Length: {LARGEST_BODY + 1}\r\n\r\n".encode())
        assert raw.recv(100).startswith(b"HTTP/1.1 413 ")


def test_a_body_too_large_that_hides_its_length(api: httpx.Client) -> None:
    parts = (b"x" * 65536 for _ in range(LARGEST_BODY // 65536 + 1))
    answer = api.post("/api/v1/tokens", content=parts, headers={"Content-Type": "application/json"})
    problem(answer, 413, "content-too-large")


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "", "[::2]", "localhost@x"]
)
def test_a_name_rebound_to_loopback_gets_nothing(served: Served, host: str) -> None:
    with served.client() as client:
        problem(client.get("/api/v1/health", headers={"Host": host}), 421, "unknown-host")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:8321", "[::1]", "[::1]:8321"])
def test_loopback_has_three_names(served: Served, host: str) -> None:
    with served.client() as client:
        assert client.get("/api/v1/health", headers={"Host": host}).status_code == 200


def test_a_server_can_be_given_names(tmp_path: Path) -> None:
    gateway = make_gateway(tmp_path, ToyPlugin())
    with serving(create_api(gateway, secure_cookies=False, hosts=("vna.example",))) as url:
        assert httpx.get(f"{url}/api/v1/health", headers={"Host": "VNA.example:443"}).status_code == 200
        assert httpx.get(f"{url}/api/v1/health").status_code == 421
    with serving(create_api(gateway, secure_cookies=False, hosts=None)) as url:
        assert httpx.get(f"{url}/api/v1/health", headers={"Host": "anything"}).status_code == 200
    gateway.close()


def test_which_addresses_are_loopback() -> None:
    names = ["localhost", "127.0.0.1", "127.8.8.8", "::1", "[::1]", "0.0.0.0", "::", "10.0.0.1", "example.com"]
    assert [name for name in names if is_loopback(name)] == names[:5]


def test_the_unforeseen_is_logged_and_not_told(
    served: Served, log_lines: LogLines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise RuntimeError("internal: the pool is empty")

    monkeypatch.setattr(served.gateway, "specs", broken)
    with served.client() as client:
        answer = client.get("/api/v1/plugins")
    content = problem(answer, 500, "internal-error")
    assert "pool" not in answer.text
    assert "RuntimeError" not in answer.text
    told = [line for line in log_lines() if line["level"] == "error"]
    assert [line["request_id"] for line in told] == [answer.headers["x-request-id"]]
    assert answer.headers["x-request-id"] in str(content["remedy"])
    assert "RuntimeError: internal: the pool is empty" in told[0]["exception"]


def test_every_answer_has_the_headers_that_keep_a_browser_safe(served: Served) -> None:
    with served.client() as client:
        answers = [
            client.get("/api/v1/health"),
            client.get("/api/v1/nothing"),
            client.get("/api/openapi.json"),
            client.get("/api/v1/health", headers={"Host": "evil.example"}),
        ]
        docs = client.get("/api/docs")
    for answer in answers:
        assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert answer.headers["cache-control"] == "no-store"
    for answer in [*answers, docs]:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


def test_the_access_log_has_the_path_and_never_the_query(tmp_path: Path, log_lines: LogLines) -> None:
    with running(tmp_path) as served, served.client() as client:
        answer = client.get("/api/v1/resources?q=s3cr3t-query")
    # The server has stopped: everything that it had to say is in the log.
    mine = answer.headers["x-request-id"]
    (line,) = [line for line in log_lines() if line["event"] == "request" and line["request_id"] == mine]
    assert (line["method"], line["path"], line["status"]) == ("GET", "/api/v1/resources", 200)
    assert line["caller"] == "tests"
    assert "s3cr3t" not in str(log_lines())


def test_an_error_behind_a_page_that_was_answered_is_logged_with_its_request(
    tmp_path: Path, log_lines: LogLines
) -> None:
    gateway = make_gateway(tmp_path, ToyPlugin())
    app = create_api(gateway, secure_cookies=False)

    async def answers_then_breaks(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("sorry", 500)(scope, receive, send)
        raise RuntimeError("after the answer")

    app.mount("/pages", answers_then_breaks)
    with serving(app) as url:
        answer = httpx.get(f"{url}/pages/x")
    gateway.close()
    assert (answer.status_code, answer.text) == (500, "sorry")
    told = [line for line in log_lines() if line["level"] == "error"]
    assert [line["request_id"] for line in told] == [answer.headers["x-request-id"]]
