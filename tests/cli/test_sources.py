"""`openvna source ...`."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
from tests.cli.conftest import Cli

from support.toy_plugin import GOOD_TOKEN, ToyPlugin


def config(folder: Path, **settings: object) -> str:
    file = folder / "settings.json"
    file.write_text(json.dumps(settings))
    return str(file)


@pytest.fixture
def token(tmp_path: Path) -> str:
    return config(tmp_path, credential={"kind": "token", "token": GOOD_TOKEN})


def test_adding_shows_the_steps_and_the_next_command(cli: Cli, token: str) -> None:
    ended = cli("source", "add", "toy", "lab", "--config", token, "--interval", "1h30m")
    assert ended.code == 0
    assert [line.split()[0] for line in ended.err.splitlines()[:1]] == ["ok"]
    assert "ok: The access works." in ended.err
    assert ended.err.splitlines()[-1] == "Added the source 'lab'. Collect it now: openvna collect lab"
    (source,) = cli("source", "list", "--format", "json").json()
    assert (source["name"], source["plugin"], source["interval"]) == ("lab", "toy", 5400)


def test_a_command_to_paste_is_one_command_whatever_the_name(cli: Cli, token: str) -> None:
    name = "lab; echo `id` 'x'"
    ended = cli("source", "add", "toy", name, "--config", token)
    command = ended.err.splitlines()[-1].partition("now: ")[2]
    assert shlex.split(command) == ["openvna", "collect", name]
    nothing = cli("resources").err.strip().partition("Collect: ")[2]
    paused = cli("source", "pause", name).err.strip().partition("with: ")[2]
    assert [shlex.split(one)[-1] for one in (nothing, paused)] == [name, name]


def test_no_secret_is_ever_printed(cli: Cli, token: str) -> None:
    everything = [
        cli("source", "add", "toy", "lab", "--config", token),
        cli("source", "show", "lab"),
        cli("source", "show", "lab", "--format", "json"),
        cli("source", "list", "--format", "json"),
        cli("source", "verify", "lab", "--format", "json"),
    ]
    assert [ended.code for ended in everything] == [0] * 5
    assert GOOD_TOKEN not in "".join(ended.out + ended.err for ended in everything)
    assert "credential.token  (stored, never shown)" in everything[1].out


def test_a_failing_source_is_not_saved(cli: Cli, tmp_path: Path) -> None:
    bad = config(tmp_path, credential={"kind": "token", "token": "not-the-right-one"})
    ended = cli("source", "add", "toy", "lab", "--config", bad)
    assert ended.code == 1
    assert ended.err.splitlines()[-4:] == [
        "failed: The vendor refused the token.",
        "\u2192 Copy the token again.",
        "Error: The source 'lab' was not saved: its verification failed.",
        "Correct it and try again, or save it all the same with --save-anyway.",
    ]
    assert cli("source", "list", "--format", "json").json() == []
    assert cli("source", "add", "toy", "lab", "--config", bad, "--save-anyway").code == 0
    assert cli("source", "list").rows()[1][2:4] == ["failed", "(TOY-WRONG-TOKEN)"]


def test_a_name_used_twice(cli: Cli, token: str) -> None:
    cli("source", "add", "toy", "lab", "--config", token)
    ended = cli("source", "add", "toy", "lab", "--config", token)
    assert ended.code == 1
    assert ended.err.splitlines()[0] == "Error: There is a source 'lab' already."
    assert ended.err.splitlines()[-1] == "Choose another name, or edit that source."


def test_a_name_used_twice_in_another_case_is_refused_before_anything_is_tried(
    cli: Cli, toys: ToyPlugin, token: str
) -> None:
    cli("source", "add", "toy", "lab", "--config", token)
    ended = cli("source", "add", "toy", "LAB", "--config", token)
    assert (ended.code, ended.err.splitlines()[0]) == (1, "Error: There is a source 'lab' already.")
    assert toys.world.verifications == 1


def test_an_unknown_plugin(cli: Cli) -> None:
    ended = cli("source", "add", "cisco", "lab")
    assert ended.code == 1
    assert "There is no plugin 'cisco'" in ended.err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{'a': 1}", "Line 1, column 2"),
        ("[1]", "holds a JSON list"),
        ("", "Line 1, column 1"),
        ('{"a":' * 100_000, "too deeply"),
    ],
)
def test_a_settings_file_that_is_none(cli: Cli, tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "x.json").write_text(content)
    ended = cli("source", "add", "toy", "lab", "--config", str(tmp_path / "x.json"))
    assert ended.code == 2
    assert "x.json" in ended.err
    assert said in ended.err


def test_a_settings_file_that_is_missing(cli: Cli, tmp_path: Path) -> None:
    ended = cli("source", "add", "toy", "lab", "--config", str(tmp_path / "no.json"))
    assert (ended.code, "no.json cannot be read" in ended.err) == (2, True)


def test_a_wrong_setting_is_named(cli: Cli, tmp_path: Path) -> None:
    ended = cli("source", "add", "toy", "lab", "--config", config(tmp_path, retries=99))
    assert ended.code == 2
    assert "retries: is more than 10, the most that it can be." in ended.err


def test_options_of_aws_are_refused_for_another_plugin(cli: Cli, token: str) -> None:
    ended = cli("source", "add", "toy", "lab", "--config", token, "--region", "eu-west-1")
    assert ended.code == 2
    assert "Settings of AWS were given: regions." in ended.err


def test_a_credential_comes_from_one_place(cli: Cli) -> None:
    ended = cli("source", "add", "aws", "prod", "--profile", "x", "--ambient")
    assert ended.code == 2
    assert "Given: --profile, --ambient." in ended.err


def test_an_aws_source_without_a_credential_and_without_a_terminal(cli: Cli) -> None:
    ended = cli("source", "add", "aws", "prod")
    assert ended.code == 2
    assert "--profile, --ambient, --stdin, --prompt, --sign-in and --credential" in ended.err


def test_an_interval_that_is_none(cli: Cli, token: str) -> None:
    ended = cli("source", "add", "toy", "lab", "--config", token, "--interval", "often")
    assert ended.code == 2
    assert "Write it like 15m, 1h30m or 2d." in ended.err


def test_an_interval_that_never_ends(cli: Cli, token: str) -> None:
    ended = cli("source", "add", "toy", "lab", "--config", token, "--interval", "367d")
    assert (ended.code, "The longest interval is 366 days; this is 367." in ended.err) == (2, True)


def test_showing_a_source(cli: Cli, token: str) -> None:
    cli("source", "add", "toy", "lab", "--config", token)
    shown = cli("source", "show", "lab").out
    assert "interval   15m" in shown
    assert "collected  never" in shown
    assert "retries" in shown


def test_an_unknown_source_is_said_with_those_there_are(cli: Cli, token: str) -> None:
    cli("source", "add", "toy", "lab", "--config", token)
    ended = cli("source", "show", "lba")
    assert ended.code == 1
    assert "lba" in ended.err
    assert "lab" in ended.err


def test_editing(cli: Cli, token: str, tmp_path: Path) -> None:
    cli("source", "add", "toy", "lab", "--config", token)
    patch = config(tmp_path, retries=7, areas=["north"])
    assert cli("source", "edit", "lab", "--name", "shop", "--interval", "never", "--config", patch).code == 0
    source = cli("source", "show", "shop", "--format", "json").json()
    assert (source["interval"], source["config"]["retries"], source["config"]["areas"]) == (None, 7, ["north"])
    assert source["secrets"] == ["credential.token"]


def test_editing_together_with_the_credential(cli: Cli, home: Path) -> None:
    """Nothing listens there, so both are saved unproven."""
    cli("source", "add", "aws", "lab", "--ambient", "--endpoint-url", "http://127.0.0.1:1", "--save-anyway")
    key = "AKIAIOSFODNN7EXAMPLE\nwJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n"
    elsewhere = ("--endpoint-url", "http://localhost:1")
    assert cli("source", "reenter", "lab", "--stdin", "--save-anyway", stdin=key).code == 0
    refused = cli("source", "edit", "lab", *elsewhere, "--save-anyway")
    assert (refused.code, "credential.secret_access_key" in refused.err) == (2, True)
    assert cli("source", "edit", "lab", "--stdin", *elsewhere, "--save-anyway", stdin=key).code == 0
    source = cli("source", "show", "lab", "--format", "json").json()
    assert source["config"]["endpoint_url"] == "http://localhost:1"
    assert source["secrets"] == ["credential.secret_access_key"]


def test_editing_nothing(cli: Cli, token: str) -> None:
    cli("source", "add", "toy", "lab", "--config", token)
    assert cli("source", "edit", "lab").code == 2


def test_pausing_and_going_on(cli: Cli, token: str) -> None:
    cli("source", "add", "toy", "lab", "--config", token)
    assert cli("source", "pause", "lab").code == 0
    assert cli("source", "list").rows()[1][2:4] == ["paused,", "ok"]
    assert cli("source", "resume", "lab").code == 0
    assert cli("source", "list").rows()[1][2] == "ok"


def test_verifying_a_source(cli: Cli, toys: ToyPlugin, token: str) -> None:
    cli("source", "add", "toy", "lab", "--config", token)
    assert cli("source", "verify", "lab").code == 0
    toys.world.accepts = set()
    ended = cli("source", "verify", "lab", "--format", "json")
    assert (ended.code, ended.json()["cause"]) == (1, "TOY-WRONG-TOKEN")
    ended = cli("source", "verify", "lab")
    assert "failed: The vendor refused the token." in ended.err
    assert ended.err.splitlines()[-1] == "\u2192 Copy the token again."


def test_deleting_asks_for_the_name(lab: Cli) -> None:
    refused = lab("source", "delete", "lab", stdin="yes\n")
    assert refused.code == 2
    assert "was not deleted" in refused.err
    assert lab("source", "list").rows()[1][0] == "lab"
    ended = lab("source", "delete", "lab", stdin="lab\n")
    assert ended.code == 0
    assert "4 resources" in ended.err
    assert lab("source", "list").out == ""


def test_deleting_without_a_question(lab: Cli) -> None:
    assert lab("source", "delete", "lab", "--yes").code == 0


def test_reentering_is_for_aws(lab: Cli) -> None:
    ended = lab("source", "reenter", "lab", "--ambient")
    assert (ended.code, "openvna source edit lab" in ended.err) == (2, True)


def test_no_source_yet(cli: Cli) -> None:
    for command in (("source", "list"), ("resources",), ("runs",), ("changes",)):
        ended = cli(*command)
        assert (ended.code, ended.out) == (0, "")
        assert "No source yet. Add one: openvna source add aws NAME" in ended.err


def test_the_time_that_a_credential_has_left_is_shown(cli: Cli, toys: ToyPlugin, token: str) -> None:
    toys.world.expires_at = "2100-01-02T03:04:00Z"
    cli("source", "add", "toy", "lab", "--config", token)
    assert "ends in " in cli("source", "list").out
    assert "(2100-01-02 03:04 UTC)" in cli("source", "show", "lab").out
    (source,) = cli("source", "list", "--format", "json").json()
    assert source["verdict"]["expires_at"] == "2100-01-02T03:04:00Z"
    toys.world.expires_at = "unknown"
    cli("source", "verify", "lab")
    assert "ends, nobody knows when" in cli("source", "show", "lab").out


def test_another_account_is_an_option_of_its_own(cli: Cli, toys: ToyPlugin, token: str, tmp_path: Path) -> None:
    cli("source", "add", "toy", "lab", "--config", token)
    toys.world.account = "444455556666"
    toys.world.accepts.add("the-next-token-1")
    following = tmp_path / "next.json"
    following.write_text(json.dumps({"credential": {"token": "the-next-token-1"}}))
    refused = cli("source", "edit", "lab", "--config", str(following))
    assert refused.code == 1
    assert "is of account 444455556666; the source is of account 111122223333" in refused.err
    assert "--another-account" in refused.err
    assert cli("source", "edit", "lab", "--config", str(following), "--another-account").code == 0
