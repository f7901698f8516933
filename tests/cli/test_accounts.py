"""`openvna user` and `openvna token`."""

from __future__ import annotations

import pytest
import typer
from tests.cli.conftest import Cli

PASSWORD = "correct horse battery"


def test_a_user_from_standard_input(cli: Cli) -> None:
    assert cli("user", "add", "alice", "--stdin", stdin=f"{PASSWORD}\n").code == 0
    (user,) = cli("user", "list", "--format", "json").json()
    assert user["name"] == "alice"


def test_a_user_from_a_prompt_that_asks_twice_and_shows_nothing(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, object]] = []

    def prompt(text: str, **how: object) -> str:
        asked.append(how)
        return PASSWORD

    monkeypatch.setattr(typer, "prompt", prompt)
    ended = cli("user", "add", "alice")
    assert ended.code == 0
    assert asked == [{"hide_input": True, "confirmation_prompt": True, "err": True}]
    assert PASSWORD not in ended.out + ended.err


def test_a_password_too_short(cli: Cli) -> None:
    ended = cli("user", "add", "alice", "--stdin", stdin="short\n")
    assert (ended.code, "12" in ended.err) == (2, True)


def test_no_password(cli: Cli) -> None:
    assert cli("user", "add", "alice", "--stdin").code == 2


def test_a_new_password(cli: Cli) -> None:
    cli("user", "add", "alice", "--stdin", stdin=f"{PASSWORD}\n")
    assert cli("user", "password", "alice", "--stdin", stdin=f"{PASSWORD} 2\n").code == 0
    assert cli("user", "password", "bob", "--stdin", stdin=f"{PASSWORD} 2\n").code == 1


def test_a_name_used_twice(cli: Cli) -> None:
    cli("user", "add", "alice", "--stdin", stdin=f"{PASSWORD}\n")
    ended = cli("user", "add", "alice", "--stdin", stdin=f"{PASSWORD}\n")
    assert (ended.code, "alice" in ended.err) == (1, True)


def test_a_token_is_printed_once_and_alone_on_standard_output(cli: Cli) -> None:
    made = cli("token", "add", "grafana", "--scope", "read", "--scope", "write", "--expires", "90d")
    assert made.out.startswith("ovna_")
    assert len(made.out.splitlines()) == 1
    listed = cli("token", "list", "--format", "json")
    (token,) = listed.json()
    assert (token["name"], token["scopes"]) == ("grafana", ["read", "write"])
    assert made.out.strip() not in listed.out
    assert cli("token", "revoke", token["id"]).code == 0
    assert cli("token", "list", "--format", "json").json() == []


def test_a_token_reads_unless_more_is_asked_for(cli: Cli) -> None:
    cli("token", "add", "grafana")
    (token,) = cli("token", "list", "--format", "json").json()
    assert (token["scopes"], token["expires_at"]) == (["read"], None)


def test_a_scope_that_is_none(cli: Cli) -> None:
    assert cli("token", "add", "grafana", "--scope", "everything").code == 2
