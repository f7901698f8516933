"""`openvna import aws DIR`."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote

import pytest
from tests.cli.conftest import Cli

ACCOUNT = "444455556666"


def vpc(id: str, cidr: str) -> dict[str, object]:
    return {"VpcId": id, "CidrBlock": cidr, "State": "available", "OwnerId": ACCOUNT, "IsDefault": False, "Tags": []}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A network with two VPCs; nothing else of it was saved."""
    part = tmp_path / "branch" / ACCOUNT / "eu-west-1"
    part.mkdir(parents=True)
    (part / "ec2-describe-vpcs.json").write_text(
        json.dumps({"Vpcs": [vpc("vpc-0a", "10.0.0.0/16"), vpc("vpc-0b", "10.1.0.0/16")]})
    )
    return tmp_path / "branch"


def test_a_folder_becomes_a_source_of_its_name(cli: Cli, folder: Path) -> None:
    ended = cli("import", "aws", str(folder))
    assert ended.code == 0
    assert ["aws.ec2.vpc", "ok", "2", "2", "0", "0"] in ended.rows()
    assert "Unknown, because the source has no word on them:" in ended.out
    unknown = next(line for line in ended.out.splitlines() if line.startswith("Unknown, because"))
    assert "aws.elbv2 " in unknown
    assert len(unknown) < 2_000, "hundreds of types are told by their services"
    assert "aws.ec2.subnet" in cli("runs", cli("runs", "--format", "json").json()[0]["id"]).out
    (source,) = cli("source", "list", "--format", "json").json()
    assert (source["name"], source["plugin"], source["interval"]) == ("branch", "aws-files", None)
    assert [row["alias"] for row in cli("resources", "vpc", "--format", "json").json()] == ["vpc-0a", "vpc-0b"]


def test_the_same_name_again_is_a_newer_state(cli: Cli, folder: Path, tmp_path: Path) -> None:
    cli("import", "aws", str(folder), "--name", "office")
    newer = tmp_path / "newer" / ACCOUNT / "eu-west-1"
    newer.mkdir(parents=True)
    (newer / "ec2-describe-vpcs.json").write_text(json.dumps({"Vpcs": [vpc("vpc-0a", "10.9.0.0/16")]}))
    ended = cli("import", "aws", str(tmp_path / "newer"), "--name", "office")
    assert ended.code == 0
    assert ["aws.ec2.vpc", "ok", "1", "0", "1", "1"] in ended.rows()
    assert len(cli("source", "list", "--format", "json").json()) == 1


def test_the_same_name_in_another_case_is_the_same_source(cli: Cli, folder: Path) -> None:
    cli("import", "aws", str(folder), "--name", "office")
    assert cli("import", "aws", str(folder), "--name", " Office ").code == 0
    assert [one["name"] for one in cli("source", "list", "--format", "json").json()] == ["office"]


def test_an_empty_name_is_none(cli: Cli, folder: Path) -> None:
    ended = cli("import", "aws", str(folder), "--name", "")
    assert (ended.code, "A source needs a name." in ended.err) == (2, True)


def test_the_same_folder_again_is_read_again(cli: Cli, folder: Path) -> None:
    cli("import", "aws", str(folder))
    file = next(folder.rglob("*.json"))
    file.write_text(json.dumps({"Vpcs": [vpc("vpc-0a", "10.0.0.0/16")]}))
    assert ["aws.ec2.vpc", "ok", "1", "0", "0", "1"] in cli("import", "aws", str(folder)).rows()


def test_unknown_files_are_listed_and_broken_ones_named(cli: Cli, folder: Path) -> None:
    part = folder / ACCOUNT / "eu-west-1"
    (part / "notes.json").write_text("{}")
    (part / "ec2-describe-subnets.json").write_text('{"Subnets": [')
    ended = cli("import", "aws", str(folder))
    assert "notes.json" in ended.err
    assert "ec2-describe-subnets.json" in ended.err
    assert "F-NOT-JSON" in ended.err
    assert ["aws.ec2.vpc", "ok", "2", "2", "0", "0"] in ended.rows()


def test_what_was_saved_in_part_is_not_called_unsaid(cli: Cli, folder: Path) -> None:
    part = folder / ACCOUNT / "eu-west-1"
    groups = [f"arn:aws:elasticloadbalancing:eu-west-1:{ACCOUNT}:targetgroup/{name}/1" for name in ("blue", "green")]
    (part / "elbv2-describe-target-groups.json").write_text(
        json.dumps({"TargetGroups": [{"TargetGroupArn": arn, "TargetGroupName": arn[-7:-2]} for arn in groups]})
    )
    health = part / "elbv2-describe-target-health"
    health.mkdir()
    target = {"Target": {"Id": "i-1", "Port": 80}, "TargetHealth": {"State": "healthy"}}
    (health / quote(groups[0], safe="")).write_text(json.dumps({"TargetHealthDescriptions": [target]}))
    ended = cli("import", "aws", str(folder))
    assert ["aws.elbv2.target", "unknown", "1", "1", "0", "0"] in ended.rows()
    unsaid = next(line for line in ended.out.splitlines() if line.startswith("Unknown, because"))
    assert "aws.elbv2.target," not in unsaid
    assert "unknown: aws.elbv2.target in" in ended.out
    assert "describe-target-health" in ended.out


def test_a_folder_without_any_known_file(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "holiday").mkdir()
    (tmp_path / "holiday" / "photo.json").write_text("{}")
    ended = cli("import", "aws", str(tmp_path / "holiday"))
    assert ended.code == 1
    assert "F-NO-ANSWERS" in ended.err
    assert cli("source", "list", "--format", "json").json() == []


def test_a_folder_that_is_not_there(cli: Cli, tmp_path: Path) -> None:
    ended = cli("import", "aws", str(tmp_path / "nowhere"))
    assert (ended.code, "nowhere" in ended.err) == (1, True)


def test_a_name_of_another_kind_of_source(lab: Cli, folder: Path) -> None:
    ended = lab("import", "aws", str(folder), "--name", "lab")
    assert ended.code == 1
    assert "Choose another name with --name." in ended.err


def test_another_vendor(cli: Cli, folder: Path) -> None:
    assert cli("import", "azure", str(folder)).code == 2


@pytest.mark.parametrize(
    ("option", "wrong", "said"),
    [
        ("--account", "1111-2222", "account: an account id has 12 digits."),
        ("--region", "Ireland", "region: a region looks like eu-west-1."),
    ],
)
def test_what_an_option_looks_like_is_said_in_words(
    cli: Cli, tmp_path: Path, option: str, wrong: str, said: str
) -> None:
    ended = cli("import", "aws", str(tmp_path), option, wrong)
    assert (ended.code, said in ended.err) == (2, True)
