"""`openvna source permissions`, and what a source lost in `source show`."""

from __future__ import annotations

from tests.cli.conftest import Cli

from support.toy_plugin import ACCOUNT, DENIED, NORTH, ToyPlugin


def test_each_feature_with_its_state_its_regions_and_who_denies(lab: Cli, toys: ToyPlugin) -> None:
    toys.world.preflight = True
    toys.world.problems[(NORTH.key, "toy.gateway")] = DENIED
    lab("source", "verify", "lab")
    ended = lab("source", "permissions", "lab")
    assert ended.code == 0
    lines = [" ".join(line.split()) for line in ended.out.splitlines()]
    assert lines[:4] == [
        "ACCOUNT FEATURE STATE WHERE WHY",
        f"{ACCOUNT} Networks allowed all 2 regions",
        f"{ACCOUNT} Gateways denied north house rule (TOY-DENIED)",
        f"{ACCOUNT} Gateways allowed south",
    ]
    assert "Denied: 1 action of gateways [TOY-DENIED]" in lines
    assert "toy:ListGateways" in ended.out


def test_the_same_as_data(lab: Cli, toys: ToyPlugin) -> None:
    toys.world.preflight = True
    lab("source", "verify", "lab")
    shown = lab("source", "permissions", "lab", "--format", "json").json()
    assert [cell["state"] for cell in shown["cells"]] == ["allowed"] * 4
    assert (shown["missing"], shown["lost"]) == ([], [])


def test_a_source_that_was_never_tried_says_so(lab: Cli) -> None:
    assert "were not tried yet" in lab("source", "permissions", "lab").err


def test_what_a_collection_lost_is_shown_with_what_brings_it_back(lab: Cli, toys: ToyPlugin) -> None:
    toys.world.preflight = True
    toys.world.problems[(NORTH.key, "toy.gateway")] = DENIED
    lab("collect", "lab")
    shown = lab("source", "show", "lab").out
    assert "Lost just now: toy.gateway in north [TOY-DENIED]" in shown
    assert "toy:ListGateways\n}" in shown
    toys.world.problems.clear()
    lab("collect", "lab")
    assert "Back just now: toy.gateway in north (lost just now)." in lab("source", "show", "lab").out
