"""Programs that a source's settings name: only those that the server's administrator has put into a directory."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from openvna.plugins.aws import processes
from openvna.plugins.aws.credential_kinds import Process
from support.fault_server import ASIA, SECRET, TOKEN, FaultServer

GOOD = {"Version": 1, "AccessKeyId": ASIA, "SecretAccessKey": SECRET, "SessionToken": TOKEN}


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    folder = tmp_path / "programs"
    folder.mkdir()
    put(folder / "vend", f"import json, sys; print(json.dumps({GOOD!r} | {{'Expiration': sys.argv[1]}}))")
    return folder


def put(path: Path, text: str, mode: int = 0o755) -> None:
    path.write_text(f"#!{sys.executable}\n{text}\n")
    path.chmod(mode)


def vend(**more: Any) -> dict[str, Any]:
    return {"kind": "process", "program": "vend", "arguments": ["2100-01-02T03:04:05Z"], **more}


def test_a_program_of_the_administrators_directory(aws: FaultServer, run: Any, programs: Path) -> None:
    verified = run(vend(), environment={processes.PROGRAMS: str(programs)}, endpoint_url=aws.url)
    assert verified.verdict.verdict == "ok", verified.told
    assert {each.token for each in aws.requests if each.key} == {TOKEN}
    assert f"the program {programs / 'vend'}" in verified.told
    assert (verified.verdict.expires_at, verified.verdict.end_unknown) == (None, False), "it is run again"


@pytest.mark.parametrize(
    ("environment", "program", "word"),
    [
        ({}, "vend", "named no directory"),
        ({processes.PROGRAMS: "programs"}, "vend", "no program 'vend'"),
        ({processes.PROGRAMS: "{folder}"}, "other", "no program 'other'"),
        ({processes.PROGRAMS: "{folder}"}, "notes", "no program 'notes'"),
        ({processes.PROGRAMS: "{folder}/.."}, "programs", "no program 'programs'"),
    ],
)
def test_no_other_program_is_run(
    run: Any, programs: Path, environment: dict[str, str], program: str, word: str
) -> None:
    put(programs / "notes", "", 0o644)
    named = {name: value.format(folder=programs) for name, value in environment.items()}
    verdict = run(vend(program=program), environment=named).verdict
    assert (verdict.cause, verdict.calls) == ("C-PROCESS-NOTALLOWED", 0)
    assert word in verdict.steps[0].evidence[0]
    assert "OPENVNA_AWS_CREDENTIAL_PROGRAMS=DIRECTORY" in verdict.remedy


@pytest.mark.parametrize("program", ["/bin/sh", "../vend", "a/b", ".hidden", "-c", "x" * 101, "a b", "a\0b"])
def test_a_path_is_no_name(program: str) -> None:
    with pytest.raises(ValidationError):
        Process(program=program)


def test_no_program_at_all(run: Any, programs: Path) -> None:
    verdict = run({"kind": "process"}, environment={processes.PROGRAMS: str(programs)}).verdict
    assert verdict.cause == "C-EMPTY"


def test_arguments_are_not_read_by_a_shell(programs: Path, tmp_path: Path) -> None:
    put(programs / "say", f"import json, sys; print(json.dumps({GOOD!r} | {{'SessionToken': sys.argv[1]}}))")
    tricky = f"$(touch {tmp_path / 'touched'}); `id` 'x'"
    words = processes.command(Process(program="say", arguments=(tricky,)), {processes.PROGRAMS: str(programs)})
    assert processes.run(words).credentials.token == tricky
    assert not (tmp_path / "touched").exists()


def test_the_servers_own_settings_are_not_handed_on(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Among them is the key of the store."""
    monkeypatch.setenv("OPENVNA_KEY", "the-servers-own-key")
    monkeypatch.setenv("CORP_LOGIN", "kept")
    put(
        programs / "env",
        f"import json, os; print(json.dumps({GOOD!r} | {{'SessionToken': json.dumps(dict(os.environ))}}))",
    )
    found = processes.run((str(programs / "env"),)).credentials.token
    seen = json.loads(found)
    assert seen["CORP_LOGIN"] == "kept"
    assert [name for name in seen if name.startswith("OPENVNA_")] == []
    assert os.environ["OPENVNA_KEY"] == "the-servers-own-key"
