"""The entry point: exit codes, what is said when something breaks, and that help loads next to nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.conftest import Cli

import openvna.__main__
from openvna.__main__ import App, run

TOKEN = "a-secret-of-this-test-0123456789"


def test_wrong_usage_is_exit_code_2(cli: Cli) -> None:
    assert cli("resources", "--colour").code == 2
    assert cli("runs", "--limit", "many").code == 2
    ended = cli("resourses")
    assert ended.code == 2
    assert "There is no command 'resourses'. Did you mean resources" in ended.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("runs", "--limit", "many"), "'--limit': it is not a whole number. Give a whole number."),
        (("quotas", "--least", "-1"), "'--least': it is less than 0, the least that it can be. Give 0 or more."),
        (("changes", "--kind", "moved"), "'--kind': 'moved' is not one of 'created', 'updated', 'deleted'."),
        (("source", "lists"), "There is no command 'lists'. Did you mean list?"),
        (("plugin", "x"), "There is no command 'x'. There are: list, types, features, explain."),
        (("serve", "--port", "99999"), "port: is more than 65535, the most that it can be."),
        (("resources", "--tag", "=x"), "'=x' names no tag."),
    ],
)
def test_wrong_usage_is_told_with_the_next_step_in_words_of_our_own(
    cli: Cli, arguments: tuple[str, ...], said: str
) -> None:
    ended = cli(*arguments)
    assert ended.code == 2
    assert said in ended.err
    assert "Input should" not in ended.err


def test_a_question_that_nobody_can_answer(lab: Cli) -> None:
    ended = lab("source", "delete", "lab")
    assert ended.code == 2
    assert "This command has a question, and nobody is there to answer it." in ended.err
    assert "--yes" in ended.err
    assert lab("source", "show", "lab").code == 0


def test_no_command_shows_the_help(cli: Cli) -> None:
    ended = cli()
    assert "Usage: openvna" in ended.out + ended.err
    assert ended.code in (0, 2)  # which of the two is the framework's choice


def test_the_version(cli: Cli) -> None:
    assert cli("--version").out == f"openvna {openvna.__version__}\n"


def test_what_breaks_is_one_line_and_its_traceback_is_in_the_log(
    cli: Cli, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from openvna.log import hide
    from openvna.store import Sources

    hide(TOKEN)

    def broken(self: Sources) -> None:
        raise RuntimeError(f"lost {TOKEN}")

    monkeypatch.setattr(Sources, "list", broken)
    ended = cli("source", "list")
    assert ended.code == 1
    assert ended.err.splitlines() == [
        "Something broke in OpenVNA: RuntimeError: lost ***",
        f"The log has the details: {home / 'openvna.log'}",
    ]
    (line,) = [json.loads(one) for one in (home / "openvna.log").read_text().splitlines()]
    assert line["event"] == "command broke"
    assert "RuntimeError: lost ***" in line["exception"]


def test_an_interruption_is_exit_code_130(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(self: App, settings: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(App, "open_gateway", interrupted)
    assert cli("source", "list").code == 130


def test_a_setting_that_is_none(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENVNA_PORT", "http")
    ended = cli("source", "list")
    assert ended.code == 2
    assert "OPENVNA_PORT" in ended.err


def test_an_argument_that_is_no_text(cli: Cli) -> None:
    ended = cli("resources", "--where", "name=\udcff")
    assert (ended.code, "is not text" in ended.err) == (2, True)


def test_a_reader_that_leaves_is_no_error(tmp_path: Path) -> None:
    reader = subprocess.Popen([sys.executable, "-c", "pass"], stdin=subprocess.PIPE)
    writer = subprocess.Popen(
        [sys.executable, "-m", "openvna", "plugin", "types", "--format", "json"],
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        stdout=reader.stdin,
        stderr=subprocess.PIPE,
    )
    assert reader.stdin is not None
    reader.stdin.close()
    reader.wait(30)
    _, err = writer.communicate(timeout=60)
    assert (err, writer.returncode) == (b"", 0)


@pytest.mark.parametrize("arguments", [["--help"], ["verify", "aws", "--help"], ["serve", "--help"]])
def test_help_loads_nothing_that_takes_time(arguments: list[str]) -> None:
    heavy = "structlog pydantic botocore sqlalchemy fastapi uvicorn rich cryptography jinja2 orjson openvna.store"
    script = (
        "import sys\n"
        "from openvna.__main__ import run\n"
        "code = run(sys.argv[1].split())\n"
        "print([name for name in sys.argv[2].split() if name in sys.modules], code, file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, " ".join(arguments), heavy],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == "[] 0\n"
    assert "Usage: openvna" in done.stdout


def test_every_command_has_a_line_of_help(cli: Cli) -> None:
    from openvna.cli.root import COMMANDS

    shown = cli("--help").out
    assert [name for name in COMMANDS if f"\n  {name} " not in shown] == []
    assert run(["--help"]) == 0
