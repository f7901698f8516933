"""A profile that asks for MFA codes: one is asked for where a person is there, and nothing waits where nobody is."""

from __future__ import annotations

import io
import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Cli

from support.fault_server import AKIA, SECRET, TOKEN, FaultServer, fault_server, role_session, sts_error

SERIAL = "arn:aws:iam::111122223333:mfa/jo"


@pytest.fixture
def aws() -> Generator[FaultServer, None, None]:
    with fault_server() as server:
        yield server.good().on("AssumeRole", role_session("a"))


@pytest.fixture
def profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, aws: FaultServer) -> None:
    (tmp_path / "config").write_text(
        f"[profile base]\naws_access_key_id = {AKIA}\naws_secret_access_key = {SECRET}\n"
        "[profile net]\nrole_arn = arn:aws:iam::111122223333:role/Net\nsource_profile = base\n"
        f"mfa_serial = {SERIAL}\nendpoint_url = {aws.url}\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")


@pytest.fixture
def typing(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Somebody sits at a terminal and types this when asked; the questions."""

    def types(text: str) -> list[str]:
        asked: list[str] = []

        def answer(question: str, **_: Any) -> str:
            asked.append(question)
            return text

        class Terminal(io.StringIO):
            def isatty(self) -> bool:
                return True

        monkeypatch.setattr("io.StringIO", Terminal)
        monkeypatch.setattr("typer.prompt", answer)
        return asked

    return types


def test_nobody_is_waited_for(cli: Cli, profile: None) -> None:
    ended = cli("verify", "aws", "--profile", "net")
    assert ended.code == 1
    assert "cause: C-MFA-PROMPT" in ended.out
    assert "Or enter a code now" in ended.out


def test_a_code_gives_a_session_that_knows_its_end(cli: Cli, aws: FaultServer, profile: None, typing: Any) -> None:
    asked = typing("123 456")
    ended = cli("verify", "aws", "--profile", "net", "--endpoint-url", aws.url)
    assert ended.code == 0, ended.err + ended.out
    assert asked == [f"MFA code of {SERIAL}"]
    (taken,) = (each for each in aws.requests if each.action == "AssumeRole")
    assert (taken.params["SerialNumber"], taken.params["TokenCode"]) == (SERIAL, "123456")
    assert {each.token for each in aws.requests if each.action == "GetCallerIdentity" and each.key} == {TOKEN}
    assert "It cannot be renewed by OpenVNA." in ended.out


def test_a_source_is_made_with_it(cli: Cli, aws: FaultServer, profile: None, typing: Any) -> None:
    typing("123456")
    ended = cli("source", "add", "aws", "net", "--profile", "net", "--endpoint-url", aws.url)
    assert ended.code == 0, ended.err
    source = json.loads(cli("source", "show", "net", "--format", "json").out)
    assert source["config"]["credential"]["kind"] == "access-key"
    assert source["secrets"] == ["credential.secret_access_key", "credential.session_token"]
    assert source["verdict"]["expires_at"]
    assert SECRET not in ended.err


def test_a_code_that_aws_does_not_take(cli: Cli, aws: FaultServer, profile: None, typing: Any) -> None:
    typing("123456")
    refused = "MultiFactorAuthentication failed with invalid MFA one time pass code. "
    aws.on("AssumeRole", sts_error("AccessDenied", refused))
    ended = cli("verify", "aws", "--profile", "net", "--endpoint-url", aws.url)
    assert ended.code == 1
    assert "each is good once" in ended.err


def test_what_is_no_code(cli: Cli, aws: FaultServer, profile: None, typing: Any) -> None:
    typing("12345")
    assert cli("verify", "aws", "--profile", "net", "--endpoint-url", aws.url).code == 2
    assert aws.requests == []
