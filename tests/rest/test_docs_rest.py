"""The commands in docs/rest.md do what the page says."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from openvna.plugins.aws.config import AwsConfig
from rest.served import GOOD, Served, running
from support.toy_plugin import network

PAGE = Path(__file__).parents[2] / "docs" / "rest.md"
COMMANDS = re.findall(r"^\$ (curl .+)$", PAGE.read_text(), re.MULTILINE)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with running(tmp_path_factory.mktemp("store")) as one:
        one.toys.world.add(network("n-1", name="hub", cidr="10.0.0.0/16", Environment="prod"))
        one.gateway.add_source("production", "toy", GOOD, interval=None)
        one.gateway.collect("production")
        yield one


VISITOR = {"credential": {"kind": "visitor", "house": "hall"}}


def sent(command: str, served: Served) -> httpx.Response:
    """What curl would send; only the options that the page uses are known."""
    words = iter(shlex.split(command)[1:])
    method, headers, body, url = "", {}, None, ""
    for word in words:
        if word == "-X":
            method = next(words)
        elif word == "-H":
            name, _, value = next(words).partition(": ")
            headers[name] = value.replace("$OPENVNA_TOKEN", served.token)
        elif word == "-d":
            body = of_the_toy(json.loads(next(words)))
        else:
            assert word.startswith("http://127.0.0.1:8321/api/"), word
            url = word.replace("http://127.0.0.1:8321", served.url)
    return httpx.request(method or ("POST" if body else "GET"), url, headers=headers, content=body, timeout=30)


def of_the_toy(body: dict[str, Any]) -> str:
    """The body as the page has it, but for the vendor: nothing here asks AWS."""
    if "plugin" in body:
        assert body["plugin"] == "aws"
        AwsConfig.model_validate(body["config"])
        body = body | {"plugin": "toy", "config": VISITOR}
    return json.dumps(body)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_page(served: Served, command: str) -> None:
    answer = sent(command, served)
    assert answer.status_code in (200, 201, 202), answer.text
    if "/resources?" in command:
        assert [item["alias"] for item in answer.json()["items"]] == ["n-1"]


def test_the_page_shows_commands_and_nothing_that_is_not_there(served: Served) -> None:
    assert len(COMMANDS) >= 10
    paths = httpx.get(f"{served.url}/api/openapi.json").json()["paths"]
    named = set(re.findall(r"(?:GET|POST|PATCH|DELETE) (/api/v1/[\w/-]+)", PAGE.read_text()))
    assert named
    assert named <= paths.keys()
