"""The file plugin keeps the contract, on a folder with several of the case folders' answers."""

import shutil
from pathlib import Path

import pytest

from openvna.plugin.conformance import CHECKS, Check, Subject
from openvna.plugins.aws_files import FilesConfig, plugin

CASES = Path(__file__).parents[2] / "cases" / "aws"


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory) -> Subject:
    folder = tmp_path_factory.mktemp("saved")
    for case in ("aws.ec2.vpn-connection", "aws.ec2.transit-gateway-route", "aws.elbv2.target", "aws.ec2.subnet"):
        shutil.copytree(CASES / case / "answers", folder / "111122223333" / "eu-west-1", dirs_exist_ok=True)
    shutil.copytree(CASES / "aws.ec2.vpc" / "answers", folder / "111122223333" / "us-east-1")
    return Subject(plugin, FilesConfig(directory=str(folder)), secrets=("not-to-be-kept",))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_file_plugin_keeps_the_contract(check: Check, subject: Subject) -> None:
    check(subject)
