"""A source that is set up: its external id is its own, and stays until it is saved; no secret is kept meanwhile."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from openvna import log
from openvna.collect import Gateway
from openvna.model import JSON, Conflict, InvalidInput, NotFound
from openvna.plugin import load_plugin, plugin_names
from openvna.store import load_vault, open_store
from support.toy_plugin import GOOD_TOKEN, ToyPlugin

CALLER = "arn:aws:iam::111122223333:role/gateway"
ROLE = "arn:aws:iam::444455556666:role/OpenVNA"
SECRET = "aB3/dE5+gH7iJ9kL1mN2oP4qR6sT8uV0wX/yZ+12"
KEY: dict[str, JSON] = {"kind": "access-key", "access_key_id": "AKIARZPUZDIKGB2VALC4", "secret_access_key": SECRET}


def opened(folder: Path) -> Gateway:
    """The gateway over a data directory, as a start of the server opens it."""
    store = open_store(f"sqlite:///{folder / 'openvna.db'}", load_vault(folder / "key", None))
    return Gateway(store, load_plugin=load_plugin, plugin_names=plugin_names, workers=1)


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    made = opened(tmp_path)
    yield made
    made.close()


def options(**more: JSON) -> dict[str, JSON]:
    return {"way": "role", "tool": "json", "caller": CALLER, **more}


def test_the_external_id_is_the_same_tomorrow_and_after_a_restart(tmp_path: Path) -> None:
    first = opened(tmp_path)
    begun = first.set_up.begin("Production", "aws", options())
    first.close()
    second = opened(tmp_path)
    try:
        assert second.set_up.get("production").row == begun.row
        assert second.set_up.get("production").plan == begun.plan
        again = second.set_up.begin("production", "aws", options(tool="terraform", role_name="Reader"))
        assert again.row.external_id == begun.row.external_id
        assert [each.name for each in again.plan.files] == ["openvna.tf", "our-policy.json"]
    finally:
        second.close()


def test_each_source_has_another_and_nobody_guesses_it(gateway: Gateway) -> None:
    found = {gateway.set_up.begin(f"source {number}", "aws", options()).row.external_id for number in range(20)}
    assert len(found) == 20
    assert {uuid.UUID(each).version for each in found} == {4}


def test_one_that_was_given_up_gets_a_new_one(gateway: Gateway) -> None:
    first = gateway.set_up.begin("production", "aws", options()).row.external_id
    gateway.set_up.give_up("production")
    with pytest.raises(NotFound):
        gateway.set_up.get("production")
    assert gateway.set_up.begin("production", "aws", options()).row.external_id != first


def test_the_plan_says_the_external_id_and_the_settings_bring_it(gateway: Gateway) -> None:
    begun = gateway.set_up.begin("production", "aws", options(), {"credential": {"kind": "ambient"}, "fips": True})
    (trust,) = [json.loads(each.text) for each in begun.plan.files if each.name == "trust-policy.json"]
    assert trust["Statement"][0]["Condition"] == {"StringEquals": {"sts:ExternalId": begun.row.external_id}}
    settings = gateway.set_up.settings(begun.row.id, ROLE)
    assert settings["credential"] == {"kind": "ambient"}
    assert settings["fips"] is True
    assert settings["assume_role"] == {"role_arn": ROLE, "external_id": begun.row.external_id}


def test_another_way_leads_to_settings_of_its_own_kind(gateway: Gateway) -> None:
    gateway.set_up.begin("here", "aws", options(), {"credential": KEY})
    begun = gateway.set_up.begin("here", "aws", {"way": "machine", "runs_on": "ecs"}, {"credential": KEY})
    assert gateway.set_up.settings(begun.row.id)["credential"] == {"kind": "ambient"}


def test_neither_secrets_nor_the_external_id_are_kept_where_they_do_not_belong(
    gateway: Gateway, tmp_path: Path
) -> None:
    file = tmp_path / "openvna.log"
    log.setup("debug", file, None)
    try:
        begun = gateway.set_up.begin("production", "aws", options(), {"credential": KEY})
    finally:
        log.setup("info", None, None)
    assert begun.row.config["credential"] == {
        "kind": "access-key",
        "access_key_id": "AKIARZPUZDIKGB2VALC4",
        **{name: value for name, value in begun.row.config["credential"].items() if value is None},  # type: ignore[union-attr]  # a credential is an object
    }
    assert "production" in file.read_text()
    assert begun.row.external_id not in file.read_text(), "the log is read by more people than the source"
    for each in tmp_path.iterdir():
        assert SECRET.encode() not in each.read_bytes(), each.name


def test_a_name_that_a_source_has_is_refused_before_anything_is_set_up(tmp_path: Path) -> None:
    toys = ToyPlugin()
    store = open_store(f"sqlite:///{tmp_path / 'openvna.db'}", load_vault(tmp_path / "key", None))
    gateway = Gateway(store, load_plugin=toys.load, plugin_names=toys.names, workers=1)
    try:
        gateway.store.onboardings.keep("floor", "toy", "an-external-id", {}, {})
        gateway.add_source("Floor", "toy", {"credential": {"kind": "token", "token": GOOD_TOKEN}})
        assert gateway.set_up.list() == (), "the source is saved: nothing is left to be kept"
        with pytest.raises(Conflict):
            gateway.set_up.begin("floor", "toy", {})
        with pytest.raises(InvalidInput, match="nothing to be set up"):
            gateway.set_up.begin("another", "toy", {})
        assert not gateway.set_up.leads("toy")
    finally:
        gateway.close()


def test_wrong_options_are_told_by_their_fields(gateway: Gateway) -> None:
    with pytest.raises(InvalidInput) as refused:
        gateway.set_up.begin("production", "aws", options(role_name="a/b", region="Frankfurt"))
    assert [field for field, _ in refused.value.fields] == ["options.role_name", "options.region"]
    with pytest.raises(InvalidInput) as refused:
        gateway.set_up.begin("production", "aws", options(), {"credential": {"kind": "nonsense"}})
    assert refused.value.fields[0][0] == "credential"
    with pytest.raises(InvalidInput, match="There is no feature 'nonsense'"):
        gateway.set_up.begin("production", "aws", options(features=["nonsense"]))
    assert gateway.set_up.list() == ()


def test_who_is_set_up_is_listed_by_plugin(gateway: Gateway) -> None:
    begun = gateway.set_up.begin("production", "aws", options())
    assert gateway.set_up.list("aws") == gateway.set_up.list() == (begun.row,)
    assert gateway.set_up.list("toy") == ()
