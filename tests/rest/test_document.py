"""The OpenAPI document and the page that shows it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from openapi_spec_validator import validate

import openvna.northbound.rest.swagger as swagger
from openvna.collect import Gateway
from openvna.northbound.rest import create_api
from openvna.plugin import load_plugin, plugin_names
from openvna.store import load_vault, open_store
from rest.served import PASSWORD, Served, running

VENDORED = Path(swagger.__file__).parent / "vendored"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One for all: nothing here changes it."""
    with running(tmp_path_factory.mktemp("store")) as one:
        yield one


@pytest.fixture
def document(api: httpx.Client) -> dict[str, Any]:
    found: dict[str, Any] = api.get("/api/openapi.json").json()
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def check(document: dict[str, Any], schema: dict[str, Any], value: object) -> None:
    whole = {"components": document["components"], **schema}
    jsonschema.Draft202012Validator(whole, format_checker=jsonschema.FormatChecker()).validate(value)


def test_it_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    validate(document)


def test_every_operation_is_described_and_has_its_errors(document: dict[str, Any]) -> None:
    tags = {tag["name"]: tag["description"] for tag in document["tags"]}
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(names) == len(set(names)) > 30
    for path, _, operation in operations(document):
        assert operation["summary"], path
        assert tags[operation["tags"][0]]
        assert {"413", "421", "422", "500"} <= operation["responses"].keys()
        if operation["security"]:
            assert {"401", "403"} <= operation["responses"].keys()


def test_every_request_and_answer_has_an_example_that_fits_its_schema(document: dict[str, Any]) -> None:
    checked = 0
    for path, method, operation in operations(document):
        bodies = list(operation.get("requestBody", {}).get("content", {}).values())
        for status, response in operation["responses"].items():
            if "$ref" in response:
                response = document["components"]["responses"][response["$ref"].rpartition("/")[2]]
            elif status.startswith("2") and status != "204":
                assert response["content"], (path, method)
            bodies += response.get("content", {}).values()
        for body in bodies:
            assert "example" in body, (path, method)
            # The examples speak of AWS; which plugins are installed differs.
            if "NewSource" not in str(body["schema"]) and "NewVerification" not in str(body["schema"]):
                check(document, body["schema"], body["example"])
                checked += 1
    assert checked > 200


def test_a_source_is_a_choice_of_the_installed_plugins_with_their_settings(document: dict[str, Any]) -> None:
    body = document["paths"]["/api/v1/sources"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert body == {"$ref": "#/components/schemas/NewSource"}
    choice = document["components"]["schemas"]["NewSource"]
    assert choice["discriminator"]["propertyName"] == "plugin"
    assert list(choice["discriminator"]["mapping"]) == ["toy"]
    good = {"name": "n", "plugin": "toy", "config": {"credential": {"kind": "token", "token": "abc"}}}
    check(document, body, good)
    for wrong in ({"plugin": "aws"}, {"config": {"credential": {"kind": "key"}}}, {"config": {"unknown": 1}}):
        with pytest.raises(jsonschema.ValidationError):
            check(document, body, good | wrong)
    token = document["components"]["schemas"]["Config.toy.TokenCredential"]["properties"]["token"]
    assert (token["format"], token["writeOnly"]) == ("password", True)


def test_the_examples_of_sources_fit_the_plugins_that_come_with_the_product(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'openvna.db'}", load_vault(tmp_path / "key", None))
    gateway = Gateway(store, load_plugin=load_plugin, plugin_names=plugin_names)
    document = json.loads(json.dumps(create_api(gateway, secure_cookies=True).openapi()))
    gateway.close()
    validate(document)
    test_the_document_refers_to_nothing_that_is_missing(document)
    for path in ("/api/v1/sources", "/api/v1/verifications"):
        body = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]
        check(document, body["schema"], body["example"])
        body["example"]["config"]["credential"]["kind"] = "none"
        with pytest.raises(jsonschema.ValidationError):
            check(document, body["schema"], body["example"])
    assert document["components"]["securitySchemes"]["session"]["name"] == "__Host-openvna_session"


def test_security_schemes(document: dict[str, Any]) -> None:
    schemes = document["components"]["securitySchemes"]
    assert schemes["token"]["scheme"] == "bearer"
    assert schemes["session"]["name"] == "openvna_session"
    assert schemes["csrf"]["name"] == "X-CSRF-Token"
    public = {operation["operationId"] for _, _, operation in operations(document) if not operation["security"]}
    assert public == {"health", "sign-in"}


def test_the_document_refers_to_nothing_that_is_missing(document: dict[str, Any]) -> None:
    for reference in set(re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(document))):
        node: Any = document
        for part in reference.split("/"):
            assert part in node, reference
            node = node[part]


def test_the_vendored_files_are_as_published() -> None:
    noted = dict(
        reversed(line.split("  "))
        for line in (VENDORED / "VENDORED").read_text().splitlines()
        if re.match(r"[0-9a-f]{64}  ", line)
    )
    there = {path.name for path in VENDORED.iterdir()} - {"VENDORED"}
    assert there == noted.keys()
    assert {"LICENSE", "swagger-ui-bundle.js", "swagger-ui.css"} <= there
    for name, digest in noted.items():
        assert hashlib.sha256((VENDORED / name).read_bytes()).hexdigest() == digest, name


def test_the_page_is_served_by_us_alone_and_has_no_script_in_it(served: Served) -> None:
    with served.anonymous() as browser:
        page = browser.get("/api/docs")
        assert page.status_code == 200
        assert page.headers["content-type"].startswith("text/html")
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "//" not in policy
        assert re.findall(r"<script(?![^>]*\bsrc=)", page.text) == []
        named = re.findall(r'(?:src|href)="([^"]+)"', page.text)
        assert [name for name in named if "//" in name] == []
        for name in named:
            if not name.startswith("data:"):
                assert browser.get(f"/api/{name}").status_code == 200, name
        script = browser.get("/api/docs/page.js")
        assert "//" not in re.sub(r"^//.*", "", script.text, flags=re.MULTILINE)


@pytest.mark.chromium
def test_the_page_works_in_a_browser_with_its_session(served: Served) -> None:
    """Under the page's own policy: whatever it forbids would show on the console, or as a request elsewhere."""
    from playwright.sync_api import sync_playwright

    from support.browser import ARGUMENTS, CHROMIUM

    asked: list[str] = []
    said: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(f"{served.url}/api/docs")
        signed_in = page.evaluate(
            "body => fetch('/api/v1/session', {method: 'POST', body, headers: {'Content-Type': 'application/json'}})"
            ".then(answer => answer.status)",
            json.dumps({"name": "admin", "password": PASSWORD}),
        )
        assert signed_in == 201
        page.click("#operations-tokens-add-token .opblock-summary-control")
        page.fill("#operations-tokens-add-token textarea", '{"name": "from the page", "scopes": ["read"]}')
        with page.expect_response("**/api/v1/tokens") as made:
            page.click("#operations-tokens-add-token button.execute")
        assert made.value.status == 201
        browser.close()
    assert [url for url in asked if not url.startswith(f"{served.url}/api/")] == []
    assert said == []
