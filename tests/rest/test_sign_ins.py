"""Signing in with the vendor over REST: with the toy vendor, and with IAM Identity Center against a fake of it."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from openvna.collect import Gateway
from openvna.model import SourceUnusable
from openvna.northbound.rest import create_api
from openvna.plugin import Verdict, load_plugin, plugin_names
from openvna.store import load_vault, open_store
from rest.served import Served, serving
from rest.test_streams import Events
from support.fault_server import identity
from support.identity_center import ACCOUNT, OTHER_ACCOUNT, REGION, START_URL, FakeCenter, identity_center
from support.toy_plugin import ACCOUNT as TOY_ACCOUNT
from support.toy_plugin import PASS_CARD

HOUSE = {"plugin": "toy", "config": {"credential": {"kind": "visitor", "house": "north wing"}}}


def test_a_sign_in_is_begun_followed_and_used(served: Served, api: httpx.Client) -> None:
    begun = api.post("/api/v1/sign-ins", json=HOUSE)
    assert begun.status_code == 202
    place, shown = begun.headers["location"], begun.json()
    assert (shown["state"], shown["code"], shown["value"]) == ("waiting", "KNOCK-3", f"sign-in:{shown['id']}")
    early = api.get(f"{place}/accounts")
    assert (early.status_code, early.json()["type"]) == (409, "urn:openvna:problem:conflict")
    with api.stream("GET", f"{place}/events") as answer:
        events = iter(Events(answer))
        assert next(events)["data"]["state"] == "waiting"
        served.toys.world.door = "open"
        assert [(one["event"], one["data"]["state"]) for one in events] == [("state", "signed-in")]
    assert api.get(f"{place}/events", headers={"Last-Event-ID": "2"}).status_code == 204
    assert [each["name"] for each in api.get(f"{place}/accounts").json()["items"]] == ["Hall", "Cellar"]
    roles = api.get(f"{place}/roles", params={"account": TOY_ACCOUNT}).json()
    assert [each["name"] for each in roles["items"]] == ["guest", "keeper"]
    credential = {"kind": "visitor", "house": "north wing", "account_id": TOY_ACCOUNT, "pass_card": shown["value"]}
    saved = api.post("/api/v1/sources", json={"name": "lab", "plugin": "toy", "config": {"credential": credential}})
    assert saved.status_code == 201
    assert saved.json()["secrets"] == ["credential.pass_card"]
    assert PASS_CARD not in saved.text
    assert api.get(place).status_code == 404


def test_it_can_be_cancelled(api: httpx.Client) -> None:
    place = api.post("/api/v1/sign-ins", json=HOUSE).headers["location"]
    assert api.delete(place).status_code == 204
    assert api.get(place).json()["state"] == "cancelled"


def test_a_failure_is_in_its_state_with_cause_and_remedy(served: Served, api: httpx.Client) -> None:
    served.toys.world.door = "refuses"
    place = api.post("/api/v1/sign-ins", json=HOUSE).headers["location"]
    with api.stream("GET", f"{place}/events") as answer:
        *_, last = Events(answer)
    assert (last["data"]["state"], last["data"]["cause"]) == ("failed", "TOY-DENIED")
    shown = api.get(place).json()
    assert (shown["reason"], shown["remedy"]) == ("You were not let in. The porter said no.", "Ask the porter.")


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 422, "plugin"),
        ({"plugin": "toy", "source": "lab"}, 422, "source"),
        ({"plugin": "toy", "config": {"credential": {"kind": "visitor"}}}, 422, "credential.house"),
        ({"plugin": "toy", "config": {"credential": {"kind": "visitor", "colour": "red"}}}, 422, "credential.colour"),
    ],
)
def test_what_cannot_begin_is_named(api: httpx.Client, body: dict[str, Any], status: int, field: str) -> None:
    answer = api.post("/api/v1/sign-ins", json=body)
    assert answer.status_code == status
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_reading_is_not_enough_to_sign_in_or_to_see_accounts(served: Served, api: httpx.Client) -> None:
    served.toys.world.door = "open"
    place = api.post("/api/v1/sign-ins", json=HOUSE).headers["location"]
    token, _ = served.gateway.store.accounts.add_token("reader", ("read",), None)
    with served.client(token) as reader:
        assert reader.get(place).status_code == 200
        for refused in (
            reader.post("/api/v1/sign-ins", json=HOUSE),
            reader.get(f"{place}/accounts"),
            reader.get(f"{place}/roles", params={"account": TOY_ACCOUNT}),
            reader.delete(place),
        ):
            assert refused.status_code == 403


# --- IAM Identity Center


@dataclass
class Aws:
    """The REST interface with the AWS plugin, and an Identity Center for it."""

    api: httpx.Client
    center: FakeCenter
    gateway: Gateway

    def config(self, **credential: str) -> dict[str, Any]:
        begin = {"kind": "identity-center", "start_url": START_URL, "sso_region": REGION}
        return {"credential": begin | credential, "endpoint_url": self.center.url}

    def begin(self, **credential: str) -> httpx.Response:
        return self.api.post("/api/v1/sign-ins", json={"plugin": "aws", "config": self.config(**credential)})

    def end(self, place: str) -> dict[str, Any]:
        with self.api.stream("GET", f"{place}/events") as answer:
            *_, last = Events(answer)
        state: dict[str, Any] = last["data"]
        return state


@pytest.fixture
def aws(tmp_path: Path) -> Iterator[Aws]:
    store = open_store(f"sqlite:///{tmp_path / 'openvna.db'}", load_vault(tmp_path / "key", None))
    gateway = Gateway(store, load_plugin=load_plugin, plugin_names=plugin_names, workers=2)
    token, _ = store.accounts.add_token("tests", ("admin",), None)
    headers = {"Authorization": f"Bearer {token}"}
    with (
        identity_center() as center,
        serving(create_api(gateway, secure_cookies=False)) as url,
        httpx.Client(base_url=url, headers=headers, timeout=30) as client,
    ):
        yield Aws(client, center, gateway)
        gateway.close()


def test_from_a_start_url_to_a_collected_source_without_a_token_on_the_way(
    aws: Aws, tmp_path: Path, log_lines: Callable[[], list[dict[str, Any]]]
) -> None:
    seen: list[str] = []
    aws.api.event_hooks["response"] = [lambda answer: seen.append(f"{answer.request.url} {answer.request.headers}")]
    begun = aws.begin()
    shown, place = begun.json(), begun.headers["location"]
    assert re.fullmatch(r"[B-Z]{4}-[B-Z]{4}", shown["code"])
    assert shown["complete_url"] == f"{aws.center.url}/device?user_code={shown['code']}"
    aws.center.approve()
    assert aws.end(place)["state"] == "signed-in"
    accounts = aws.api.get(f"{place}/accounts").json()["items"]
    assert [(each["id"], each["name"]) for each in accounts] == [("444455556666", "Audit"), (ACCOUNT, "Network hub")]
    roles = aws.api.get(f"{place}/roles", params={"account": ACCOUNT}).json()["items"]
    assert [each["name"] for each in roles] == ["AdministratorAccess", "NetworkReader"]
    config = aws.config(account_id=ACCOUNT, role_name="NetworkReader", sign_in=shown["value"])
    tried = aws.api.post("/api/v1/verifications", json={"plugin": "aws", "config": config})
    with aws.api.stream("GET", f"{tried.headers['location']}/events") as answer:
        *_, verdict = Events(answer)
    assert verdict["data"]["verdict"] == "ok"
    body = {"name": "hub", "plugin": "aws", "config": config, "verification": tried.json()["id"]}
    saved = aws.api.post("/api/v1/sources", json=body)
    assert saved.status_code == 201
    aws.gateway.collect("hub", types=["aws.ec2.vpc"])
    texts = [shown, accounts, roles, verdict, saved.json(), aws.api.get("/api/v1/sources/hub").json(), *seen]
    said = json.dumps(texts) + "".join(json.dumps(line) for line in log_lines())
    said += (tmp_path / "openvna.db").read_bytes().decode("latin-1")
    assert len(aws.center.issued) == 4
    assert [secret for secret in aws.center.issued if secret in said] == []


def test_tokens_that_a_collection_renews_are_in_the_store_and_survive_it(aws: Aws, tmp_path: Path) -> None:
    old = aws.center.signed_in(300)
    config = {"credential": aws.center.settings(sign_in=json.dumps(old)), "endpoint_url": aws.center.url}
    aws.center.token_seconds = 300
    source = aws.gateway.add_source("hub", "aws", config)
    verified = json.loads(aws.gateway.store.sources.secrets(source.id)["credential.sign_in"])
    assert verified["refreshToken"] != old["refreshToken"]
    aws.center.token_seconds = 3600
    (run,) = aws.gateway.collect("hub", types=["aws.ec2.vpc"])
    assert run.problems == 0
    aws.gateway.close()
    again = open_store(f"sqlite:///{tmp_path / 'openvna.db'}", load_vault(tmp_path / "key", None))
    kept = json.loads(again.sources.secrets("hub")["credential.sign_in"])
    assert (kept["accessToken"], kept["refreshToken"]) == tuple(aws.center.issued[-2:])
    assert kept["refreshToken"] != verified["refreshToken"]
    again.close()


def test_a_collection_whose_session_is_over_says_so_in_its_run(aws: Aws) -> None:
    config = {"credential": aws.center.settings(), "endpoint_url": aws.center.url}
    aws.gateway.add_source("hub", "aws", config)
    aws.center.revoke()
    with pytest.raises(SourceUnusable) as refused:
        aws.gateway.collect("hub")
    assert refused.value.cause == "S-REVOKED"
    (run,) = aws.api.get("/api/v1/runs").json()["items"]
    assert run["failure"]["cause"] == "S-REVOKED"
    assert f"openvna source reenter NAME --sign-in {START_URL}" in run["failure"]["remedy"]


def test_two_processes_that_use_one_source_lose_no_token(aws: Aws, tmp_path: Path) -> None:
    """Each renewal takes the refresh token away from everybody who still has the old one."""
    config = {"credential": aws.center.settings(), "endpoint_url": aws.center.url}
    aws.gateway.add_source("hub", "aws", config)
    store = open_store(f"sqlite:///{tmp_path / 'openvna.db'}", load_vault(tmp_path / "key", None))
    other = Gateway(store, load_plugin=load_plugin, plugin_names=plugin_names, workers=2)
    aws.center.token_seconds = 300  # so that every one of them renews
    words: list[str] = []

    def verify(gateway: Gateway) -> None:
        *_, verdict = gateway.verify_source("hub")
        assert isinstance(verdict, Verdict)
        words.append(verdict.verdict)

    old = json.loads(aws.gateway.store.sources.secrets("hub")["credential.sign_in"])
    stale = json.dumps(old | {"expiresAt": "2026-01-01T00:00:00Z"})
    aws.gateway.store.sources.update("hub", secrets={"credential.sign_in": stale})
    threads = [threading.Thread(target=verify, args=(gateway,)) for gateway in (aws.gateway, other) * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert words == ["ok"] * 4
    kept = json.loads(aws.gateway.store.sources.secrets("hub")["credential.sign_in"])
    assert kept["refreshToken"] == aws.center.issued[-1]
    aws.center.token_seconds = 3600
    verify(aws.gateway)
    assert words[-1] == "ok"


def test_a_sign_in_that_nobody_completes_ends_by_itself(aws: Aws) -> None:
    aws.center.code_seconds = 0.3
    state = aws.end(aws.begin().headers["location"])
    assert (state["state"], state["cause"]) == ("failed", "S-CODE-EXPIRED")
    assert "Begin the sign-in again" in state["remedy"]


def test_a_person_who_says_no_is_believed(aws: Aws) -> None:
    place = aws.begin().headers["location"]
    aws.center.deny()
    state = aws.end(place)
    assert (state["state"], state["cause"]) == ("failed", "S-DENIED")
    assert state["evidence"][0] == "CreateToken: 400 AccessDeniedException: Access denied by the user."


def test_a_start_url_that_nobody_knows_is_said_at_once(aws: Aws) -> None:
    refused = aws.begin(start_url="https://mistyped.awsapps.com/start")
    assert refused.status_code == 502
    problem = refused.json()
    assert problem["cause"] == "S-STARTURL"
    assert "Copy the AWS access portal URL" in problem["remedy"]


def test_a_sign_in_for_another_account_has_to_be_meant(aws: Aws) -> None:
    config = {"credential": aws.center.settings(), "endpoint_url": aws.center.url}
    aws.gateway.add_source("hub", "aws", config)
    again = aws.api.post("/api/v1/sign-ins", json={"source": "hub"})
    aws.center.approve()
    aws.end(again.headers["location"])
    other = f"arn:aws:sts::{OTHER_ACCOUNT}:assumed-role/AWSReservedSSO_ReadOnly_0123456789abcdef/alice"
    aws.center.aws.on("GetCallerIdentity", identity(other))
    chosen = {"sign_in": again.json()["value"], "account_id": OTHER_ACCOUNT, "role_name": "ReadOnly"}
    patch = {"config": {"credential": chosen}}
    assert aws.api.patch("/api/v1/sources/hub", json=patch).status_code == 409
    saved = aws.api.patch("/api/v1/sources/hub", json={**patch, "another_account": True})
    assert saved.status_code == 200
    assert saved.json()["config"]["credential"]["account_id"] == OTHER_ACCOUNT


def test_a_session_that_is_over_is_renewed_in_place(aws: Aws) -> None:
    place = aws.begin().headers["location"]
    aws.center.approve()
    aws.end(place)
    value = aws.api.get(place).json()["value"]
    config = aws.config(account_id=ACCOUNT, role_name="NetworkReader", sign_in=value)
    source = aws.api.post("/api/v1/sources", json={"name": "hub", "plugin": "aws", "config": config}).json()
    aws.center.revoke()
    tried = aws.api.post("/api/v1/verifications", json={"source": "hub"})
    with aws.api.stream("GET", f"{tried.headers['location']}/events") as answer:
        *_, verdict = Events(answer)
    assert verdict["data"]["cause"] == "S-REVOKED"
    again = aws.api.post("/api/v1/sign-ins", json={"source": "hub"})
    assert again.json()["source_id"] == source["id"]
    aws.center.approve()
    aws.end(again.headers["location"])
    patch = {"config": {"credential": {"sign_in": again.json()["value"]}}}
    changed = aws.api.patch("/api/v1/sources/hub", json=patch)
    assert changed.status_code == 200
    assert changed.json()["id"] == source["id"]
    assert changed.json()["verdict"]["verdict"] == "ok"
