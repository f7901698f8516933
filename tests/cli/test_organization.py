"""A whole organization on the command line: tried without any set-up, added, changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from openvna.app import open_gateway
from openvna.settings import ServerSettings
from support.fake_organization import PROD, TEST, FakeOrganization, small_organization
from support.fault_server import AKIA, SECRET, FaultServer, fault_server

Cli = Callable[..., Any]


@pytest.fixture
def aws() -> Iterator[FaultServer]:
    with fault_server() as server:
        yield server.good()


@pytest.fixture
def organization(aws: FaultServer) -> FakeOrganization:
    return small_organization().serve(aws)


KEY = f"{AKIA}\n{SECRET}\n"


def test_tried_without_any_set_up(aws: FaultServer, organization: FakeOrganization, cli: Cli) -> None:
    ended = cli(
        *("verify", "aws", "--stdin", "--endpoint-url", aws.url, "--organization-role", "OpenVNA"),
        *("--include", "ou:Workloads", "--exclude", "tag:stage=test", "--organization-external-id", "vna-7f3a"),
        stdin=KEY,
    )
    assert ended.code == 0, ended.err
    assert "2 of 4 accounts are chosen." in ended.out
    assert f"Left out, with an excluded tag: {TEST}." in ended.out
    assert "2 accounts can be entered, and EC2 answers in 2 regions of 2 accounts" in ended.out
    taken = [each.params for each in aws.requests if each.action == "AssumeRole" and "ExternalId" in each.params]
    assert {each["ExternalId"] for each in taken} == {"vna-7f3a"}


@pytest.mark.parametrize(
    ("filter", "words"),
    [
        ("Workloads", "none of account:ID, ou:NAME and tag:KEY=VALUE"),
        ("ou:", "none of account:ID"),
        ("unit:Workloads", "none of account:ID"),
        ("account:12", "12 digits"),
    ],
)
def test_a_filter_that_is_none(cli: Cli, filter: str, words: str) -> None:
    ended = cli("verify", "aws", "--ambient", "--organization-role", "OpenVNA", "--include", filter)
    assert ended.code == 2
    assert words in ended.err


def test_added_and_changed(aws: FaultServer, organization: FakeOrganization, cli: Cli, home: Path) -> None:
    source = ("--endpoint-url", aws.url, "--organization-role", "OpenVNA", "--include", f"account:{PROD}")
    assert cli("source", "add", "aws", "all", "--stdin", *source, stdin=KEY).code == 0
    assert cli("source", "edit", "all", "--exclude", "tag:stage=test").code == 0
    gateway = open_gateway(ServerSettings(home=home))
    try:
        organization_settings = gateway.store.sources.get("all").config["organization"]
    finally:
        gateway.close()
    assert isinstance(organization_settings, dict)
    assert organization_settings["role_name"] == "OpenVNA"
    assert organization_settings["include"] == {"accounts": [PROD], "ous": [], "tags": []}
    assert organization_settings["exclude"] == {"accounts": [], "ous": [], "tags": ["stage=test"]}
