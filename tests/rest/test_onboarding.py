"""Setting a source up over REST, with the AWS plugin."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from openvna.collect import Gateway
from openvna.northbound.rest import create_api
from openvna.plugin import load_plugin, plugin_names
from openvna.store import load_vault, open_store
from rest.served import Served, serving
from support.fault_server import (
    ACCOUNT,
    AKIA,
    SECRET,
    USER,
    FaultServer,
    fault_server,
    identity,
    role_session,
    sts_error,
)
from support.toy_plugin import ToyPlugin

ROLE = "arn:aws:iam::444455556666:role/OpenVNA"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    store = open_store(f"sqlite:///{tmp_path / 'openvna.db'}", load_vault(tmp_path / "key", None))
    gateway = Gateway(store, load_plugin=load_plugin, plugin_names=plugin_names, workers=1)
    token, _ = store.accounts.add_token("tests", ("write",), None)
    app = create_api(gateway, secure_cookies=False)
    try:
        with serving(app) as url:
            yield Served(url, app, gateway, ToyPlugin(), token)
    finally:
        gateway.close()


@pytest.fixture
def aws() -> Iterator[FaultServer]:
    with fault_server() as server:
        yield server.good()


def config(aws: FaultServer) -> dict[str, Any]:
    key = {"kind": "access-key", "access_key_id": AKIA, "secret_access_key": SECRET}
    return {"credential": key, "endpoint_url": aws.url, "regions": ["us-east-1"]}


def test_the_ways_come_in_the_order_of_the_offers_with_their_options(api: httpx.Client) -> None:
    found = api.get("/api/v1/plugins/aws/onboarding").json()
    assert [each["id"] for each in found["ways"]] == [
        "role", "machine", "identity-center", "profile", "roles-anywhere", "access-key"
    ]  # fmt: skip
    for way in found["ways"]:
        assert set(way["options"]) <= set(found["options"]["properties"])
    refused = api.get("/api/v1/plugins/aws-files/onboarding")
    assert refused.status_code == 422
    assert "nothing to be set up" in refused.json()["detail"]
    assert api.get("/api/v1/plugins/nonsense/onboarding").status_code == 404


def test_from_nothing_to_a_source(api: httpx.Client, aws: FaultServer, served: Served) -> None:
    aws.on("AssumeRole", sts_error("AccessDenied", "no"))
    who = api.post("/api/v1/plugins/aws/onboarding/identity", json={"config": config(aws)})
    assert who.json() == {"account": ACCOUNT, "arn": USER, "kind": "iam-user", "partition": "aws"}
    begun = api.post(
        "/api/v1/plugins/aws/onboardings",
        json={"name": "production", "options": {"way": "role", "tool": "json"}, "config": config(aws)},
    )
    assert begun.status_code == 201
    state = begun.json()
    assert begun.headers["Location"] == f"/api/v1/plugins/aws/onboardings/{state['id']}"
    assert state["options"]["caller"] == USER
    assert SECRET not in begun.text
    first, *permissions, last = (each["name"] for each in state["plan"]["files"])
    assert (first, permissions[0], last) == ("trust-policy.json", "permissions.json", "our-policy.json")
    # As many policies as IAM's limit for one of them makes of what is read.
    assert permissions[1:] == [f"permissions-{number}.json" for number in range(2, len(permissions) + 1)]
    assert api.get(begun.headers["Location"]).json() == state
    (row,) = api.get("/api/v1/plugins/aws/onboardings").json()["items"]
    assert row == {name: value for name, value in state.items() if name not in ("plan", "way")}

    settled = api.post(f"{begun.headers['Location']}/settings", json={"answer": ROLE}).json()
    assert settled["config"]["assume_role"] == {"role_arn": ROLE, "external_id": state["external_id"]}
    assert "secret_access_key" not in settled["config"]["credential"]
    aws.on("AssumeRole", role_session("arn:aws:sts::444455556666:assumed-role/OpenVNA/openvna"))
    whole = settled["config"] | {"credential": config(aws)["credential"]}
    body = {"name": settled["name"], "plugin": settled["plugin"], "config": whole, "save_anyway": True}
    assert api.post("/api/v1/sources", json=body).status_code == 201
    assert api.get(begun.headers["Location"]).status_code == 404, "the source is saved"
    external_ids = {each.params.get("ExternalId") for each in aws.requests if each.action == "AssumeRole"}
    assert state["external_id"] in external_ids


def test_a_credential_that_does_not_work_is_told_with_its_verdict(api: httpx.Client, aws: FaultServer) -> None:
    aws.on(
        "GetCallerIdentity", sts_error("SignatureDoesNotMatch", "The request signature we calculated does not match")
    )
    for path, body in (
        ("onboarding/identity", {"config": config(aws)}),
        ("onboardings", {"name": "x", "options": {"way": "role"}, "config": config(aws)}),
    ):
        refused = api.post(f"/api/v1/plugins/aws/{path}", json=body)
        assert refused.status_code == 422
        assert refused.json()["type"] == "urn:openvna:problem:verification-failed"
        assert refused.json()["verdict"]["cause"] == "K-SECRET-WRONG"
        assert SECRET not in refused.text
    assert api.get("/api/v1/plugins/aws/onboardings").json()["items"] == []


def test_who_cannot_take_a_role_is_refused(api: httpx.Client, aws: FaultServer) -> None:
    aws.on("GetCallerIdentity", identity(f"arn:aws:iam::{ACCOUNT}:root"))
    refused = api.post("/api/v1/plugins/aws/onboarding/identity", json={"config": config(aws)})
    assert refused.json()["verdict"]["cause"] == "C-ROOT"


def test_wrong_options_and_answers_are_told_by_their_fields(api: httpx.Client) -> None:
    given = {"name": "x", "options": {"way": "role", "caller": USER, "role_name": "a/b", "nonsense": 1}}
    refused = api.post("/api/v1/plugins/aws/onboardings", json=given)
    assert refused.status_code == 422
    assert {each["field"] for each in refused.json()["errors"]} == {"options.role_name", "options.nonsense"}
    begun = api.post("/api/v1/plugins/aws/onboardings", json={"name": "x", "options": {"way": "role", "caller": USER}})
    where = begun.headers["Location"]
    refused = api.post(f"{where}/settings", json={"answer": "OpenVNA"})
    assert [each["field"] for each in refused.json()["errors"]] == ["answer"]
    assert api.post("/api/v1/plugins/aws-files/onboardings/x/settings", json={}).status_code == 404
    assert api.delete(where).status_code == 204
    assert api.delete(where).status_code == 404


def test_reading_does_not_let_anybody_set_up(served: Served) -> None:
    token, _ = served.gateway.store.accounts.add_token("reader", ("read",), None)
    with served.client(token) as reader:
        assert reader.get("/api/v1/plugins/aws/onboarding").status_code == 200
        for path in ("onboarding/identity", "onboardings", "onboardings/x/settings"):
            assert reader.post(f"/api/v1/plugins/aws/{path}", json={}).status_code == 403
        assert reader.delete("/api/v1/plugins/aws/onboardings/x").status_code == 403
