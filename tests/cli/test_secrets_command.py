"""`openvna secrets`: which key stored secrets are under, and a new one for them."""

from __future__ import annotations

import base64
import stat
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from .conftest import Cli

TOKEN = "let-me-in-please"


@pytest.fixture
def lab(cli: Cli, tmp_path: Path) -> Cli:
    (tmp_path / "toy.json").write_text(f'{{"credential": {{"kind": "token", "user": "robot", "token": "{TOKEN}"}}}}')
    done = cli("source", "add", "toy", "lab", "--config", str(tmp_path / "toy.json"), "--save-anyway")
    assert done.code == 0, done.err
    return cli


def test_status_names_the_key_and_what_is_under_it(lab: Cli, home: Path) -> None:
    done = lab("secrets", "status")
    (_, row) = done.rows()
    assert row[1:] == ["in", "force", "1", "yes"]
    assert f"The key comes from {home}/key." in done.err
    key = base64.b64decode((home / "key").read_text())
    assert key.hex() not in done.out
    assert lab("secrets", "status", "--format", "json").json() == {
        "place": f"{home}/key",
        "keys": [{"key_id": row[0], "sources": 1, "in_force": True, "following": False, "at_hand": True}],
    }


def test_rotate_makes_a_new_key_and_keeps_the_old_one_aside(lab: Cli, home: Path) -> None:
    before = (home / "key").read_text()
    old = lab("secrets", "status", "--format", "json").json()["keys"][0]["key_id"]
    done = lab("secrets", "rotate")
    assert done.code == 0, done.err
    assert "1 sources were brought under it" in done.err
    assert (home / f"key.{old}").read_text() == before
    assert (home / "key").read_text() != before
    assert lab("source", "verify", "lab").code in (0, 1)  # its secret opens
    assert [one["key_id"] for one in lab("secrets", "status", "--format", "json").json()["keys"]] != [old]


def test_rotate_can_forget_the_old_key(lab: Cli, home: Path) -> None:
    assert lab("secrets", "rotate", "--forget-old").code == 0
    assert [each.name for each in home.iterdir() if each.name.startswith("key")] == ["key"]


def test_a_key_outside_the_data_directory_is_changed_between_files(
    lab: Cli, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = lab("secrets", "rotate", "--to-file", str(tmp_path / "first"))
    assert done.code == 0, done.err
    assert f"OPENVNA_KEY_FILE={tmp_path / 'first'}" in done.err
    refused = lab("source", "list")
    assert refused.code == 1
    assert "give the new one" in refused.err
    monkeypatch.setenv("OPENVNA_KEY_FILE", str(tmp_path / "first"))
    assert lab("source", "list").code == 0
    refused = lab("secrets", "rotate")
    assert refused.code == 2
    assert "not ours to write" in refused.err
    assert "--to-file" in refused.err
    assert lab("secrets", "rotate", "--to-file", str(tmp_path / "second")).code == 0
    assert lab("secrets", "rotate", "--from-file", str(tmp_path / "first")).code == 2
    monkeypatch.setenv("OPENVNA_KEY", (tmp_path / "second").read_text())
    assert lab("secrets", "status").err == "The key comes from OPENVNA_KEY.\n"


def test_a_key_is_not_changed_between_files_while_a_server_runs(lab: Cli, home: Path, tmp_path: Path) -> None:
    hold = (
        "import fcntl, os, sys; f = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT); fcntl.flock(f, fcntl.LOCK_EX);"
        "os.pwrite(f, b'4242\\n', 0); print('held', flush=True); sys.stdin.read()"
    )
    server = subprocess.Popen(
        [sys.executable, "-c", hold, str(home / "server.lock")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert server.stdout is not None
        server.stdout.readline()
        refused = lab("secrets", "rotate", "--to-file", str(tmp_path / "first"))
        assert refused.code == 1
        assert "It is process 4242." in refused.err
        assert not (tmp_path / "first").exists()
        assert lab("secrets", "rotate").code == 0
    finally:
        server.communicate()


def test_a_systemd_credential_is_found(lab: Cli, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "openvna-key").write_text((home / "key").read_text())
    (tmp_path / "openvna-key").chmod(0o440)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert lab("secrets", "status").err == "The key comes from the systemd credential openvna-key.\n"


def test_a_source_may_name_its_secret_and_shows_the_name(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENVNA_CREDENTIAL_TOY", "toy-token-9f1c77e0a2")
    (tmp_path / "toy.json").write_text('{"credential": {"kind": "token", "token": "env:OPENVNA_CREDENTIAL_TOY"}}')
    done = cli("source", "add", "toy", "lab", "--config", str(tmp_path / "toy.json"))
    assert done.code == 0, done.err
    shown = cli("source", "show", "lab")
    assert "env:OPENVNA_CREDENTIAL_TOY" in shown.out
    assert "toy-token" not in shown.out
    assert cli("source", "verify", "lab").code == 0
    monkeypatch.delenv("OPENVNA_CREDENTIAL_TOY")
    failed = cli("source", "verify", "lab")
    assert failed.code == 1
    assert "REF-ENV" in failed.out + failed.err


def test_an_access_key_from_standard_input_may_be_named(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = "AWS_ACCESS_KEY_ID=AKIAQX4LLWN5TEST6KEY\nAWS_SECRET_ACCESS_KEY=env:OPENVNA_CREDENTIAL_AWS\n"
    refused = cli("source", "add", "aws", "prod", "--stdin", stdin=lines)
    assert refused.code == 2
    assert "no variable OPENVNA_CREDENTIAL_AWS" in refused.err


def test_a_support_bundle_is_written_for_its_owner_alone(lab: Cli, tmp_path: Path) -> None:
    file = tmp_path / "bundle.tar.gz"
    done = lab("support-bundle", "-o", str(file), "--anonymise")
    assert (done.code, done.out) == (0, ""), done.err
    assert "No secret is in it" in done.err
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with tarfile.open(file) as archive:
        names = [each.name.partition("/")[2] for each in archive.getmembers()]
    assert "MANIFEST.txt" in names
    assert "sources.json" in names


def test_a_support_bundle_that_cannot_be_written_says_so(lab: Cli, tmp_path: Path) -> None:
    done = lab("support-bundle", "-o", str(tmp_path / "no" / "where"))
    assert done.code == 2
    assert "No such file or directory" in done.err
