"""What people get wrong, tried as they would: with the installed command, in a process of its own.

Each time the command names the thing, the cause and the next step, ends with the right code, and shows no traceback
and no secret.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from openvna.demo.seed import Seeded

COMMAND = [sys.executable, "-m", "openvna"]
SUBNETS = {"Subnets": [{"SubnetId": "subnet-0a1", "VpcId": "vpc-0a1", "CidrBlock": "10.0.0.0/24"}]}


class Outcome:
    def __init__(self, ended: subprocess.CompletedProcess[str]) -> None:
        self.code = ended.returncode
        self.out = ended.stdout
        self.said = " ".join((ended.stdout + "\n" + ended.stderr).split())
        assert "Traceback" not in self.said, self.said

    @property
    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out)
        return found

    @property
    def warnings(self) -> list[str]:
        """The causes of the steps that warn. (The simulated AWS takes any key, so nothing fails by it.)"""
        return [step["cause"] for step in self.document["steps"] if step["outcome"] == "warning"]


def environment(home: Path, **more: str) -> dict[str, str]:
    clean = {"PATH": os.environ["PATH"], "HOME": str(home), "OPENVNA_HOME": str(home / "data")}
    return clean | {"AWS_EC2_METADATA_DISABLED": "true", "COLUMNS": "300"} | more


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


def openvna(home: Path, *arguments: str, stdin: str = "", **more: str) -> Outcome:
    return Outcome(
        subprocess.run(
            [*COMMAND, *arguments],
            env=environment(home, **more),
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
    )


def verify(home: Path, seeded: Seeded, key: str, secret: str, *more: str) -> Outcome:
    return openvna(
        home,
        *("verify", "aws", "--stdin", "--endpoint-url", seeded.endpoint, "--format", "json", *more),
        stdin=f"{key}\n{secret}\n",
    )


@contextmanager
def serving(home: Path, **more: str) -> Iterator[str]:
    """A server on a free port, as its address."""
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0"],
        env=environment(home, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        assert process.stdout is not None
        try:
            found = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
            assert found is not None
            yield found[0]
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=30)


def test_a_wrong_region_name(home: Path, seeded: Seeded) -> None:
    ended = verify(
        home,
        seeded,
        seeded.access_key_id,
        seeded.secret_access_key,
        "--region",
        "eu-central-1",
        "--region",
        "eu-centrl-1",
    )
    assert ended.code == 1
    assert ended.document["cause"] == "C-REGION"
    assert "eu-centrl-1" in ended.said


def test_an_unknown_profile(home: Path) -> None:
    (home / ".aws").mkdir()
    (home / ".aws" / "config").write_text("[profile network-audit]\nregion = eu-central-1\n")
    ended = openvna(home, "verify", "aws", "--profile", "netwrok-audit", "--format", "json")
    assert ended.code == 1
    assert ended.document["cause"] == "C-PROFILE-NOTFOUND"
    assert "netwrok-audit" in ended.said
    assert "network-audit" in ended.said


def test_an_empty_key(home: Path, seeded: Seeded) -> None:
    ended = openvna(
        home,
        *("verify", "aws", "--stdin", "--endpoint-url", seeded.endpoint, "--format", "json"),
        stdin="AWS_ACCESS_KEY_ID=\nAWS_SECRET_ACCESS_KEY=\n",
    )
    assert ended.code == 1
    assert ended.document["cause"] == "C-EMPTY"


def test_nothing_on_standard_input(home: Path) -> None:
    ended = openvna(home, "verify", "aws", "--stdin")
    assert ended.code == 2
    assert "Standard input holds no credential." in ended.said


def test_key_and_secret_swapped_are_put_right(home: Path, seeded: Seeded) -> None:
    ended = verify(home, seeded, seeded.secret_access_key, seeded.access_key_id)
    assert ended.code == 0
    assert ended.document["verdict"] == "ok"
    assert "swapped" in ended.said.lower()
    assert seeded.secret_access_key not in ended.said


def test_a_cut_key(home: Path, seeded: Seeded) -> None:
    ended = verify(home, seeded, seeded.access_key_id[:-3], seeded.secret_access_key)
    assert ended.warnings == ["C-KEYID-LEN"]
    assert seeded.secret_access_key not in ended.said


def test_a_cut_secret(home: Path, seeded: Seeded) -> None:
    cut = seeded.secret_access_key[:-5]
    ended = verify(home, seeded, seeded.access_key_id, cut)
    assert ended.warnings == ["C-SECRET-FORMAT"]
    assert cut not in ended.said


def test_a_json_file_that_is_not_json(home: Path) -> None:
    region = home / "answers" / "111122223333" / "eu-central-1"
    region.mkdir(parents=True)
    (region / "ec2-describe-subnets.json").write_text(json.dumps(SUBNETS))
    (region / "ec2-describe-vpcs.json").write_text('{"Vpcs": [')
    ended = openvna(home, "import", "aws", str(home / "answers"))
    assert "111122223333/eu-central-1/ec2-describe-vpcs.json: it is not JSON" in ended.said
    assert "Save these answers again" in ended.said
    kept = openvna(home, "resources", "aws.ec2.subnet", "--format", "json").said
    assert "subnet-0a1" in kept


def test_a_folder_without_any_known_file(home: Path) -> None:
    (home / "photos").mkdir()
    (home / "photos" / "holiday.json").write_text("[]")
    ended = openvna(home, "import", "aws", str(home / "photos"))
    assert ended.code != 0
    assert "photos" in ended.said
    assert openvna(home, "source", "list", "--format", "json").out.strip() in ("[]", '{"items": []}', '{"items":[]}')


def test_a_folder_that_is_not_there(home: Path) -> None:
    ended = openvna(home, "import", "aws", str(home / "nowhere"))
    assert ended.code != 0
    assert "nowhere" in ended.said


def test_a_source_name_used_twice(home: Path) -> None:
    (home / ".aws").mkdir()
    (home / ".aws" / "config").write_text("[profile audit]\nregion = eu-central-1\n")
    add = ("source", "add", "aws", "audit", "--profile", "audit", "--save-anyway")
    openvna(home, *add)
    again = openvna(home, *add)
    assert again.code == 1
    assert "'audit'" in again.said
    assert "already" in again.said


def test_a_port_in_use(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = openvna(home, "serve", "--port", str(port))
    assert ended.code == 1
    assert f"Port {port} on 127.0.0.1 is in use." in ended.said
    assert "--port" in ended.said


def read_only(home: Path) -> Path:
    """A directory in which nothing can be made: one without the right to, or, for root, one of the kernel's."""
    if os.geteuid() == 0:
        return Path("/proc/self")
    place = home / "read-only"
    place.mkdir(mode=0o500)
    return place


@pytest.mark.parametrize("command", [("serve", "--port", "0"), ("resources",), ("source", "list")], ids=" ".join)
def test_a_read_only_data_directory(home: Path, command: tuple[str, ...]) -> None:
    ended = openvna(home, *command, OPENVNA_HOME=str(read_only(home) / "data"))
    assert ended.code == 1
    assert "The data directory" in ended.said
    assert "OPENVNA_HOME" in ended.said


@pytest.mark.parametrize("command", [("serve", "--port", "0"), ("resources",)], ids=" ".join)
def test_a_database_of_a_newer_version(home: Path, command: tuple[str, ...]) -> None:
    assert openvna(home, "source", "list").code == 0
    with closing(sqlite3.connect(home / "data" / "openvna.db")) as database, database:
        database.execute("UPDATE openvna_schema SET version_num = '9999'")
    ended = openvna(home, *command)
    assert ended.code == 1
    assert "newer" in ended.said


def test_a_second_server_on_the_same_data_directory(home: Path) -> None:
    with serving(home):
        ended = openvna(home, "serve", "--port", "0")
    assert ended.code == 1
    assert f"A server runs on the data directory {home / 'data'} already." in ended.said
    assert "OPENVNA_HOME" in ended.said
