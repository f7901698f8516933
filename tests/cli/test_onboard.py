"""`openvna onboard aws`."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.conftest import Cli

from support.emulators import Emulator, ministack_server, user_with_policy
from support.fault_server import AKIA, SECRET, USER, FaultServer, fault_server, role_session

CALLER = "arn:aws:iam::111122223333:role/gateway"
NAMED = ("--trusted-principal", CALLER)


@pytest.fixture(scope="module")
def ministack() -> Iterator[Emulator]:
    with ministack_server(auth=True) as emulator:
        yield emulator


def test_the_files_are_written_and_the_next_command_is_told(cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "access"
    ended = cli("onboard", "aws", "--name", "prod", "--way", "terraform", *NAMED, "-o", str(folder))
    assert ended.code == 0
    assert sorted(each.name for each in folder.iterdir()) == ["openvna.tf", "our-policy.json"]
    assert "terraform apply" in ended.out
    assert ended.out.splitlines()[-1].strip() == "openvna onboard aws --name prod --finish ROLE_ARN"


def test_without_a_directory_the_files_are_printed(cli: Cli) -> None:
    ended = cli("onboard", "aws", "--way", "json", *NAMED)
    assert '"sts:ExternalId"' in ended.out
    assert "--- trust-policy.json" in ended.out


def test_for_scripts_it_is_one_object_and_the_external_id_stays(cli: Cli) -> None:
    first = cli("onboard", "aws", "--name", "prod", *NAMED, "--format", "json").json()
    assert first["options"]["tool"] == "cloudformation"
    assert first["external_id"] in first["plan"]["files"][0]["text"]
    again = cli("onboard", "aws", "--name", "prod", "--way", "stackset", *NAMED, "--format", "json").json()
    assert (again["id"], again["external_id"]) == (first["id"], first["external_id"])
    assert again["options"]["scope"] == "organization"
    assert cli("onboard", "aws", "--name", "prod", "--give-up").code == 0
    anew = cli("onboard", "aws", "--name", "prod", *NAMED, "--format", "json").json()
    assert anew["external_id"] != first["external_id"]


@pytest.mark.parametrize(
    ("way", "expected"),
    [
        ("ec2", {"way": "machine", "runs_on": "ec2"}),
        ("ecs", {"way": "machine", "runs_on": "ecs"}),
        ("pod-identity", {"way": "machine", "runs_on": "eks-pod-identity"}),
        ("identity-center", {"way": "identity-center"}),
        ("profile", {"way": "profile"}),
        ("access-key", {"way": "access-key"}),
    ],
)
def test_the_other_ways_ask_nobody_who_we_are(cli: Cli, way: str, expected: dict[str, str]) -> None:
    found = cli("onboard", "aws", "--way", way, "--format", "json").json()
    assert expected.items() <= found["options"].items()


def test_features_are_chosen_or_left_out(cli: Cli) -> None:
    only = cli("onboard", "aws", *NAMED, "--feature", "vpn", "--format", "json").json()
    assert only["options"]["features"] == ["account", "vpc", "vpn"]
    without = cli("onboard", "aws", *NAMED, "--without", "vpn", "--format", "json").json()
    assert "vpn" not in without["options"]["features"]
    assert "flow-logs" in without["options"]["features"]
    assert "There is no feature 'nonsense'" in cli("onboard", "aws", *NAMED, "--feature", "nonsense").err


def test_what_was_not_begun_is_not_finished(cli: Cli) -> None:
    ended = cli("onboard", "aws", "--name", "prod", "--finish", "arn:aws:iam::111122223333:role/OpenVNA")
    assert ended.code == 1
    assert "No source prod is being set up" in ended.err


def test_from_nothing_to_a_source(
    cli: Cli, ministack: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what this machine has, in an AWS that enforces IAM."""
    may = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
    for name, value in user_with_policy(ministack, "gateway", [may]).environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", ministack.url)
    to = str(tmp_path / "access")
    ended = cli("onboard", "aws", "--name", "prod", "--way", "json", "--set", "regions=us-east-1", "-o", to)
    assert ended.code == 0, ended.err
    files = {each.name: each.read_text() for each in (tmp_path / "access").iterdir()}
    assert json.loads(files["trust-policy.json"])["Statement"][0]["Principal"]["AWS"].endswith(":user/gateway")

    early = cli("onboard", "aws", "--name", "prod", "--finish", "arn:aws:iam::000000000000:role/OpenVNA")
    assert early.code == 1
    assert "keeps its external ID" in early.err
    iam = ministack.client("iam")
    role = iam.create_role(RoleName="OpenVNA", AssumeRolePolicyDocument=files["trust-policy.json"])["Role"]["Arn"]
    for file, text in files.items():
        if file.startswith("permissions"):
            iam.put_role_policy(RoleName="OpenVNA", PolicyName=file.partition(".")[0], PolicyDocument=text)
    done = cli("onboard", "aws", "--name", "prod", "--finish", role)
    assert done.code == 0, done.err
    assert "Assume" in done.err, "each step is shown"
    assert done.err.splitlines()[-1] == "Added the source 'prod'. Collect it now: openvna collect prod"
    (source,) = cli("source", "list", "--format", "json").json()
    assert (source["name"], source["verdict"]["verdict"]) == ("prod", "ok")
    assert source["config"]["assume_role"]["role_arn"] == role


@pytest.fixture
def aws() -> Iterator[FaultServer]:
    with fault_server() as server:
        yield server.good().on("AssumeRole", role_session("arn:aws:sts::444455556666:assumed-role/OpenVNA/openvna"))


@pytest.fixture
def terminal(cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Somebody sits at the terminal of a machine without a credential, and answers with what a test puts in here."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    answers: list[str] = []
    monkeypatch.setattr("io.StringIO", Terminal)
    monkeypatch.setattr(type(sys.stdout), "isatty", lambda _self: True, raising=False)
    monkeypatch.setattr("typer.prompt", lambda *_question, **more: answers.pop(0) or more.get("default") or "")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    return answers


ROLE = "arn:aws:iam::444455556666:role/OpenVNA"


def test_on_a_terminal_it_asks_for_everything(cli: Cli, aws: FaultServer, terminal: list[str]) -> None:
    """Name, way (a slip, then the first), the key that the machine lacks, and the role when it is there."""
    terminal += ["prod", 9, 1, AKIA, SECRET, "", ROLE]  # type: ignore[list-item]  # numbers are read by the framework
    ended = cli("onboard", "aws", "--endpoint-url", aws.url, "--set", "regions=us-east-1")
    assert ended.code == 0, ended.err
    assert terminal == []
    assert "Give a number from 1 to 6." in ended.err
    assert "This machine has no AWS credential." in ended.err
    assert f"that only {USER} can take" in ended.out
    assert "Added the source 'prod'." in ended.err
    assert SECRET not in ended.out + ended.err


def test_whoever_comes_back_enters_the_secret_again(cli: Cli, aws: FaultServer, terminal: list[str]) -> None:
    key = f"{AKIA}\n{SECRET}\n"
    given = ("onboard", "aws", "--name", "prod", "--way", "json", "--endpoint-url", aws.url, "--stdin")
    begun = cli(*given, "--set", "regions=us-east-1", "--format", "json", stdin=key).json()
    assert begun["options"]["caller"] == USER
    assert begun["config"]["credential"]["access_key_id"] == AKIA
    terminal += [AKIA, SECRET, ""]
    ended = cli("onboard", "aws", "--name", "prod", "--finish", ROLE)
    assert ended.code == 0, ended.err
    sent = [each.params.get("ExternalId") for each in aws.requests if each.action == "AssumeRole"]
    assert begun["external_id"] in sent
