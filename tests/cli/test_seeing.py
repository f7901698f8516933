"""`openvna collect`, `resources`, `show`, `runs`, `changes`, `plugin`."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest
from tests.cli.conftest import Cli

from openvna.cli import ledger
from openvna.model import Failure, Kind, Outcome, Relation
from support.toy_plugin import ACCOUNT, DENIED, NORTH, SOUTH, ToyPlugin, network, subnet


def test_collecting_shows_the_ledger(lab: Cli, toys: ToyPlugin) -> None:
    toys.world.remove("s-1")
    toys.world.problems[(NORTH.key, "toy.gateway")] = DENIED
    ended = lab("collect", "lab")
    assert ended.code == 0  # the scopes were read; what is denied is in the table
    assert ended.rows()[:4] == [
        ["TYPE", "OUTCOME", "SEEN", "CREATED", "UPDATED", "DELETED"],
        ["toy.gateway", "denied", "in", "1", "of", "2", "0", "0", "0", "0"],
        ["toy.network", "ok", "2", "0", "0", "0"],
        ["toy.subnet", "ok", "0", "0", "0", "1"],
    ]
    assert f"denied: toy.gateway (toy:ListGateways) in {ACCOUNT} north" in ended.out
    assert "NotAllowed You are not allowed to list gateways. [TOY-DENIED]" in ended.out
    assert "\u2192 Allow toy:ListGateways." in ended.out


def test_what_is_not_to_be_had_is_no_problem(lab: Cli, toys: ToyPlugin) -> None:
    toys.world.problems[(NORTH.key, "toy.gateway")] = Failure(Outcome.UNSUPPORTED, "There are no gateways here.")
    ended = lab("collect", "lab")
    assert "Not to be had there, or left out by the settings: toy.gateway" in ended.out
    assert "Not read completely" not in ended.out


def test_many_types_of_which_there_is_none_are_told_together(
    lab: Cli, toys: ToyPlugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    toys.world.remove("g-1")
    lab("collect", "lab")
    monkeypatch.setattr(ledger, "_MOST_NAMED", 0)
    ended = lab("collect", "lab")
    assert [row[0] for row in ended.rows()[:4]] == ["TYPE", "toy.network", "toy.subnet", "and"]
    assert "and 1 types that were listed to their end: there is none of them" in ended.out
    assert len(lab("collect", "lab", "--format", "json").json()["runs"][0]["ledger"]) == 3


def test_a_type_is_collected_by_its_last_part(lab: Cli) -> None:
    ended = lab("collect", "lab", "--type", "network")
    assert (ended.code, ended.rows()[1][0]) == (0, "toy.network")
    assert "2 scopes: 2 resources seen" in ended.out
    wrong = lab("collect", "lab", "--type", "networks")
    assert (wrong.code, "Did you mean toy.network" in wrong.err) == (2, True)


def test_a_dry_run_tells_calls_rates_and_places_and_collects_nothing(lab: Cli, toys: ToyPlugin) -> None:
    before = lab("runs", "--format", "json").json()
    ended = lab("collect", "lab", "--dry-run")
    assert ended.code == 0
    rows = ended.rows()
    assert rows[0] == ["API", "CALLS", "ESTIMATED", "PLACES", "AT", "ONCE", "A", "SECOND", "SECONDS"]
    assert ["toy:ListSubnets", "2", "0", "2", "2", "1", "0.0"] in rows
    assert [ACCOUNT, "north"] in [row[:2] for row in rows]
    assert "Nothing was collected." in ended.out
    assert "The scopes were asked for now; nothing else was asked." in ended.out
    offline = lab("collect", "lab", "--dry-run", "--no-discovery", "--type", "toy.subnet", "--format", "json").json()
    assert (offline["discovered"], offline["calls"], [api["api"] for api in offline["apis"]]) == (
        *(False, 2),
        ["toy:ListSubnets"],
    )
    assert lab("runs", "--format", "json").json() == before


def test_a_dry_run_tells_what_the_schedule_asks_where_scopes_rest(lab: Cli, toys: ToyPlugin) -> None:
    """Three lists in each region and a call for the network in the north: 7. The south is empty, and one list is looked
    at there."""
    toys.world.lets_rest = True
    toys.world.remove("n-2")
    assert lab("collect", "lab").code == 0
    ended = lab("collect", "lab", "--dry-run")
    assert "7 calls in 2 scopes, in 0.0 s at least. Nothing was collected." in ended.out
    assert "5 calls by the schedule, in 0.0 s at least: 1 of the scopes rests." in ended.out


def test_progress_is_plain_lines_where_there_is_no_terminal(lab: Cli) -> None:
    err = lab("collect", "lab").err.splitlines()
    assert err[0] == "lab: 2 scopes"
    assert sorted(line.partition(":")[0] for line in err[1:]) == [f"  {ACCOUNT} north", f"  {ACCOUNT} south"]


def test_a_scope_that_fails_is_exit_code_1(lab: Cli, toys: ToyPlugin) -> None:
    toys.world.broken[NORTH.key] = ValueError("no such thing")
    ended = lab("collect", "lab")
    assert ended.code == 1
    assert f"failed: {ACCOUNT} north" in ended.out
    assert "ValueError: no such thing" in ended.out


def test_a_source_that_cannot_be_opened(lab: Cli, toys: ToyPlugin) -> None:
    from openvna.model import SourceUnusable

    toys.world.unusable = SourceUnusable("The profile is gone.", "It is not in the file.", "Choose another one.")
    ended = lab("collect", "lab")
    assert ended.code == 1
    assert ended.err == "Error: The profile is gone.\nIt is not in the file.\nChoose another one.\n"


def test_collecting_one_scope_and_one_resource(lab: Cli, toys: ToyPlugin) -> None:
    lab("collect", "lab")
    report = lab("collect", "lab", "--scope", "south", "--format", "json").json()
    assert [run["region"] for run in report["runs"]] == ["south"]
    toys.world.remove("n-1")
    report = lab("collect", "lab", "--resource", "n-1", "--format", "json").json()
    assert [(run["region"], run["extent"], run["deleted"]) for run in report["runs"]] == [("north", "n-1", 1)]
    ended = lab("collect", "lab", "--scope", "suoth")
    assert ended.code != 0
    assert "Did you mean south" in ended.err


def test_the_end_of_a_relation_that_was_not_collected_is_told_by_its_name(lab: Cli, toys: ToyPlugin) -> None:
    core = network("n-8")
    toys.world.add(core, replace(subnet("s-8", core), relations=(Relation("leads-to", "n-99"),)))
    lab("collect", "lab")
    assert "\u2192 leads-to  n-99  toy.network  (not collected)" in lab("show", "s-8").out
    (relation,) = lab("show", "s-8", "--format", "json").json()["relations"]
    assert (relation["other"], relation["stub"]) == (None, {"type": "toy.network", "account": "", "region": ""})


def test_what_left_is_told_with_the_reason(lab: Cli, toys: ToyPlugin) -> None:
    lab("collect", "lab")
    toys.world.scopes = [each for each in toys.world.scopes if each.region != "south"]
    toys.world.left = {SOUTH.key: "The account is closed."}
    lab("collect", "lab")
    assert "The account is closed." in lab("changes", "--kind", "deleted").out
    gone = lab("changes", "--kind", "deleted", "--format", "json").json()
    assert {change["reason"] for change in gone} == {"The account is closed."}
    assert "The account is closed." in lab("show", gone[0]["alias"]).out


def test_collecting_one_type_as_json(lab: Cli) -> None:
    report = lab("collect", "lab", "--type", "toy.network", "--format", "json").json()
    assert report["source"] == "lab"
    assert sorted((run["region"], [row["type"] for row in run["ledger"]]) for run in report["runs"]) == [
        ("north", ["toy.network"]),
        ("south", ["toy.network"]),
    ]


def test_all_resources(lab: Cli) -> None:
    rows = lab("resources").rows()
    assert rows[0] == ["TYPE", "ID", "NAME", "ACCOUNT", "REGION", "CHANGED"]
    # By type, and of each in the order in which they were seen: which of two regions is first, nobody knows.
    assert [row[0] for row in rows[1:]] == ["toy.gateway", "toy.network", "toy.network", "toy.subnet"]
    assert sorted(row[:2] for row in rows[1:]) == [
        ["toy.gateway", "g-1"],
        ["toy.network", "n-1"],
        ["toy.network", "n-2"],
        ["toy.subnet", "s-1"],
    ]


def test_one_type_has_its_own_columns(lab: Cli) -> None:
    headings, *rows = lab("resources", "toy.network").rows()
    assert headings == ["ID", "NAME", "ACCOUNT", "REGION", "CIDR", "STATE"]
    assert sorted(rows) == [
        ["n-1", "core", ACCOUNT, "north", "10.0.0.0/16", "up"],
        ["n-2", ACCOUNT, "south", "10.2.0.0/16", "up"],
    ]


@pytest.mark.parametrize(
    ("arguments", "ids"),
    [
        (["subnet"], ["s-1"]),
        (["toy.network", "--where", "cidr=10.2.0.0/16"], ["n-2"]),
        (["--region", "south"], ["n-2"]),
        (["--account", ACCOUNT, "--tag", "env=prod"], ["n-1", "s-1"]),
        (["--tag", "tier"], ["s-1"]),
        (["--tag", "env=prod", "--tag", "tier=front"], ["s-1"]),
        (["--source", "lab", "--text", "web"], ["s-1"]),
        (["--at", "2001-01-01"], []),
    ],
)
def test_filters(lab: Cli, arguments: list[str], ids: list[str]) -> None:
    ended = lab("resources", *arguments, "--format", "json")
    assert [row["alias"] for row in ended.json()] == ids


def test_ndjson_and_csv_hold_the_same_as_json(lab: Cli) -> None:
    rows = lab("resources", "--format", "json").json()
    assert [json.loads(line) for line in lab("resources", "--format", "ndjson").out.splitlines()] == rows
    sheet = list(csv.DictReader(io.StringIO(lab("resources", "toy.network", "--format", "csv").out)))
    assert [(row["id"], row["cidr"], json.loads(row["tags"] or "{}")) for row in sheet] == [
        (row["id"], row["attributes"]["cidr"], row["tags"]) for row in rows if row["type"] == "toy.network"
    ]


def test_what_is_gone_is_listed_when_asked_for(lab: Cli, toys: ToyPlugin) -> None:
    toys.world.remove("s-1")
    lab("collect", "lab")
    assert lab("resources", "toy.subnet").out == ""
    assert lab("resources", "toy.subnet", "--deleted").rows()[1][0] == "s-1"


def test_what_was_not_listed_since_is_marked(lab: Cli, toys: ToyPlugin) -> None:
    toys.world.problems[(NORTH.key, "toy.gateway")] = DENIED
    lab("collect", "lab")
    ended = lab("resources", "gateway")
    assert ended.rows()[1][0] == "g-1?"
    assert ended.err.splitlines()[-1] == (
        f"Not complete: toy.gateway, denied in 1 place of lab ({ACCOUNT} north). "
        "You are not allowed to list gateways. [TOY-DENIED]"
    )
    assert "Not complete" not in lab("resources", "gateway", "--region", "south").err
    assert "Not complete" not in lab("resources", "network").err


def test_what_nobody_listed_is_not_told_as_none(lab: Cli, toys: ToyPlugin) -> None:
    assert lab("resources", "gateway", "--region", "south").err == "Nothing matches.\n", "it was listed, and is none"
    for scope in (NORTH, SOUTH):
        toys.world.problems[(scope.key, "toy.gateway")] = Failure(Outcome.UNSUPPORTED, "There are no gateways here.")
    lab("collect", "lab")
    said = lab("resources", "gateway", "--region", "south").err
    assert said == (
        "Nothing matches. It was not listed: the settings of the sources leave it out, or the vendor does not have it "
        "there.\n"
    )


@pytest.mark.parametrize(("wrong", "near"), [("toy.subnett", "toy.subnet"), ("netwrok", "toy.network")])
def test_an_unknown_type_is_refused_with_a_near_one(lab: Cli, wrong: str, near: str) -> None:
    ended = lab("resources", wrong)
    assert ended.code == 2
    assert ended.err.splitlines()[0] == f"Error: There is no resource type {wrong!r}."
    assert near in ended.err.splitlines()[1]


@pytest.mark.parametrize("arguments", [["--where", "cidr"], ["--at", "yesterday-ish"]])
def test_a_filter_that_is_none(lab: Cli, arguments: list[str]) -> None:
    ended = lab("resources", *arguments)
    assert ended.code == 2
    assert arguments[0] in ended.err


def test_nothing_matches(lab: Cli) -> None:
    ended = lab("resources", "--region", "west")
    assert (ended.code, ended.out, ended.err) == (0, "", "Nothing matches.\n")
    assert lab("resources", "--region", "west", "--format", "json").json() == []


def test_an_attribute_that_a_type_does_not_have_is_told(lab: Cli) -> None:
    ended = lab("resources", "network", "--where", "cidrs=10.0.0.0/16")
    assert ended.err == "Nothing matches. toy.network has no attribute 'cidrs'; it has: cidr, state.\n"
    assert lab("resources", "network", "--where", "cidr=10.0.0.0/8").err == "Nothing matches.\n"


def test_one_resource(lab: Cli) -> None:
    shown = lab("show", "s-1").out
    assert "toy.subnet (subnet)" in shown
    assert "10.0.1.0/24" in shown
    assert "\u2192 member-of  n-1  core  toy.network" in shown
    assert "\u2190 member-of  s-1  web  toy.subnet" in lab("show", "n-1").out


def test_one_resource_with_its_versions(lab: Cli, toys: ToyPlugin) -> None:
    from support.toy_plugin import network

    toys.world.remove("n-2")
    from support.toy_plugin import SOUTH

    toys.world.add(network("n-2", SOUTH, cidr="10.3.0.0/16"))
    lab("collect", "lab")
    shown = lab("show", "n-2", "--versions").out
    assert "10.2.0.0/16 \u2192 10.3.0.0/16" in shown
    document = lab("show", "n-2", "--versions", "--format", "json").json()
    assert [version["attributes"]["cidr"] for version in document["versions"]] == ["10.3.0.0/16", "10.2.0.0/16"]


def test_an_unknown_resource(lab: Cli) -> None:
    ended = lab("show", "n-9")
    assert ended.code == 1
    assert "n-9" in ended.err


def test_runs_and_the_ledger_of_one(lab: Cli) -> None:
    rows = lab("runs").rows()
    assert sorted(row[3] for row in rows[1:]) == ["north", "south"]
    assert {row[4] for row in rows[1:]} == {"ok"}
    run = next(row[0] for row in rows[1:] if row[3] == "north")
    ledger = lab("runs", run).rows()
    assert ["toy.gateway", "ok", "1", "1", "0", "0", "1", "0", "0", "0.0", "0.0"] in ledger
    assert {row["type"] for row in lab("runs", run, "--format", "json").json()["ledger"]} == {
        "toy.gateway",
        "toy.network",
        "toy.subnet",
    }


def test_what_each_api_cost_in_a_run_and_in_all(lab: Cli) -> None:
    run = next(row[0] for row in lab("runs").rows() if row[3] == "north")
    assert lab("runs", run, "--calls").rows() == [
        ["CALL", "CALLS", "RETRIES", "THROTTLES", "SECONDS", "WAITED"],
        *([f"toy:List{kind}", "1", "0", "0", "0.0", "0.0"] for kind in ("Gateways", "Networks", "Subnets")),
    ]
    both = lab("runs", "--calls", "--source", "lab", "--format", "csv").out.splitlines()
    assert "toy:ListNetworks,2,0,0,0.0,0.0" in both
    (first, *_) = lab("runs", run, "--format", "json").json()["by_call"]
    assert first["name"] == "toy:ListGateways"
    assert first["calls"]["calls"] == 1


def test_a_run_that_is_forgotten_is_known_by_its_changes(
    lab: Cli, toys: ToyPlugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    toys.world.remove("s-1")
    lab("collect", "lab")
    (run,) = {row["run_id"] for row in lab("changes", "--kind", "deleted", "--format", "json").json()}
    monkeypatch.setenv("OPENVNA_RUN_DAYS", "0.000000001")
    lab("collect", "lab")
    gone = lab("runs", run)
    assert (gone.code, gone.err.splitlines()[0]) == (1, f"Error: There is no run {run}.")
    assert [row["alias"] for row in lab("changes", "--run", run, "--format", "json").json()] == ["s-1"]


def test_changes(lab: Cli, toys: ToyPlugin) -> None:
    toys.world.remove("s-1")
    lab("collect", "lab")
    rows = lab("changes", "--since", "1h").rows()
    assert rows[0] == ["AT", "CHANGE", "TYPE", "ID", "NAME", "ACCOUNT", "REGION", "WHAT"]
    assert rows[1][2:] == ["deleted", "toy.subnet", "s-1", "web", ACCOUNT, "north"]
    assert sorted(row[4] for row in rows[2:]) == ["g-1", "n-1", "n-2", "s-1"]
    assert [row["alias"] for row in lab("changes", "--kind", "deleted", "--format", "json").json()] == ["s-1"]
    assert {row["alias"] for row in lab("changes", "--type", "network", "--format", "json").json()} == {"n-1", "n-2"}
    assert len(lab("changes", "--limit", "2", "--format", "json").json()) == 2
    assert lab("changes", "--until", "2001-01-01").err == "No change matches.\n"
    unknown = lab("changes", "--run", "run_none")
    assert (unknown.code, unknown.err.splitlines()[0]) == (1, "Error: There is no run run_none.")


def test_quotas_are_shown_with_what_is_used_of_them_the_fullest_first(lab: Cli, toys: ToyPlugin) -> None:
    for alias, maximum in (("q-1", 4), ("q-2", 1)):
        made = network(alias, name=f"Subnets {alias}")
        attributes = {"maximum": maximum, "counts": "toy.subnet", "service": "vpc" if maximum > 1 else "ec2"}
        toys.world.add(replace(made, kind=Kind.QUOTA, attributes=attributes))
    lab("collect", "lab")
    rows = lab("quotas").rows()
    assert rows[0] == ["USED", "OF", "PERCENT", "QUOTA", "MOST", "ACCOUNT", "REGION", "CODE"]
    assert rows[1] == ["1", "1", "100", "Subnets", "q-2", ACCOUNT, "north", "q-2"]
    assert rows[2] == ["1", "4", "25", "Subnets", "q-1", ACCOUNT, "north", "q-1"]
    full = lab("quotas", "--least", "80", "--limit", "0", "--format", "json").json()
    assert [(each["alias"], each["used"], each["maximum"]) for each in full] == [("q-2", 1, 1.0)]
    assert [row[-1] for row in lab("quotas", "--service", "vpc").rows()] == ["CODE", "q-1"]
    assert [row[-1] for row in lab("quotas", "--text", "q-2").rows()] == ["CODE", "q-2"]
    assert lab("quotas", "--region", "south").err == "No quota matches whose use is known.\n"


def test_plugins_and_types(cli: Cli) -> None:
    plugins = {row["name"]: row for row in cli("plugin", "list", "--format", "json").json()}
    assert {"aws", "aws-files"} <= plugins.keys()
    assert "aws.ec2.subnet" in plugins["aws"]["types"]
    types = {row["type"]: row for row in cli("plugin", "types", "aws", "--format", "json").json()}
    assert types["aws.ec2.subnet"]["permissions"] == ["ec2:DescribeSubnets"]
    assert types["aws.ec2.subnet"]["calls"] == ["ec2:DescribeSubnets"]
    assert types["aws.ec2.managed-prefix-list-entry"]["depends_on"] == ["aws.ec2.managed-prefix-list"]
    assert "aws.ec2.managed-prefix-list-entry" in types["aws.ec2.managed-prefix-list"]["needed_by"]
    table = cli("plugin", "types", "aws").out.splitlines()
    assert table[0].split() == ["TYPE", "TITLE", "KIND", "CALLS", "PERMISSIONS", "NEEDS", "NEEDED", "BY"]


def test_control_characters_of_others_do_not_reach_the_terminal(cli: Cli, toys: ToyPlugin, lab: Cli) -> None:
    from support.toy_plugin import network

    toys.world.add(network("n-3", name="evil\x1b[2Jname"))
    lab("collect", "lab")
    assert "\x1b" not in lab("resources").out + lab("show", "n-3").out


def test_a_cause_is_explained_by_its_id(cli: Cli) -> None:
    told = cli("plugin", "explain", "k-key-unknown").out
    assert "K-KEY-UNKNOWN: AWS does not accept this key" in told
    assert "Related: " in told
    assert cli("plugin", "explain", "F-TWICE", "--json").json()["plugin"] == "aws-files"
    unknown = cli("plugin", "explain", "Z-NONE")
    assert unknown.code != 0
    assert "There is no cause 'Z-NONE'" in unknown.err
