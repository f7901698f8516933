"""Sources over REST: verified before they are saved, and never a secret in an answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx

from rest.served import GOOD, Served
from support.toy_plugin import ACCOUNT, DENIED, GOOD_TOKEN, NORTH

WRONG = {"credential": {"kind": "token", "user": "robot", "token": "wr0ng-t0ken-5ecret"}}


def body(**more: Any) -> dict[str, Any]:
    return {"name": "toys", "plugin": "toy", "config": GOOD, **more}


def test_a_source_is_verified_saved_and_shown_without_its_secret(api: httpx.Client) -> None:
    answer = api.post("/api/v1/sources", json=body(interval=None))
    assert answer.status_code == 201
    source = answer.json()
    assert answer.headers["location"] == f"/api/v1/sources/{source['id']}"
    assert source["secrets"] == ["credential.token"]
    assert source["config"]["credential"]["user"] == "robot"
    assert "token" not in source["config"]["credential"]
    assert source["verdict"]["verdict"] == "ok"
    assert source["interval"] is None
    assert api.get(answer.headers["location"]).json() == api.get("/api/v1/sources/toys").json() == source
    assert api.get("/api/v1/sources").json() == {"items": [source], "next": None, "total": 1}


def test_a_failing_source_is_not_saved_and_says_why(api: httpx.Client) -> None:
    answer = api.post("/api/v1/sources", json=body(config=WRONG))
    assert answer.status_code == 422
    told = answer.json()
    assert told["type"] == "urn:openvna:problem:verification-failed"
    assert told["verdict"]["verdict"] == "failed"
    assert told["verdict"]["cause"] == "TOY-WRONG-TOKEN"
    assert [step["id"] for step in told["verdict"]["steps"]] == ["form", "identity"]
    assert told["remedy"]
    assert api.get("/api/v1/sources").json()["items"] == []


def test_a_failing_source_can_be_saved_on_purpose(api: httpx.Client) -> None:
    answer = api.post("/api/v1/sources", json=body(config=WRONG, save_anyway=True))
    assert answer.status_code == 201
    assert answer.json()["verdict"]["verdict"] == "failed"


def test_wrong_settings_are_named_by_field(api: httpx.Client) -> None:
    config = {"credential": {"kind": "token", "token": GOOD_TOKEN, "tokn": "s3cr3t"}, "retries": 99}
    answer = api.post("/api/v1/sources", json=body(config=config))
    assert answer.status_code == 422
    fields = [error["field"] for error in answer.json()["errors"]]
    assert any(field.endswith("retries") for field in fields)
    assert any("tokn" in field for field in fields)
    assert "s3cr3t" not in answer.text


def test_a_name_used_twice_and_an_unknown_plugin(api: httpx.Client) -> None:
    assert api.post("/api/v1/sources", json=body()).status_code == 201
    assert api.post("/api/v1/sources", json=body()).status_code == 409
    assert api.post("/api/v1/sources", json=body(name="b", plugin="none")).status_code == 404


def test_a_verification_that_was_done_is_not_repeated(served: Served, api: httpx.Client) -> None:
    begun = api.post("/api/v1/verifications", json={"plugin": "toy", "config": GOOD})
    assert begun.status_code == 202
    with api.stream("GET", begun.headers["location"] + "/events") as events:
        assert "event: verdict" in events.read().decode()
    api.post("/api/v1/sources", json=body(verification=begun.json()["id"])).raise_for_status()
    assert served.toys.world.verifications == 1


def test_an_edit_is_a_merge_patch(served: Served, api: httpx.Client) -> None:
    source = api.post("/api/v1/sources", json=body()).json()
    patch = {"config": {"areas": ["north"], "retries": 5}, "name": "dolls", "interval": 60}
    edited = api.patch(
        "/api/v1/sources/toys", json=patch, headers={"Content-Type": "application/merge-patch+json"}
    ).json()
    assert (edited["id"], edited["name"], edited["interval"]) == (source["id"], "dolls", 60)
    assert (edited["config"]["areas"], edited["config"]["retries"]) == (["north"], 5)
    assert edited["secrets"] == ["credential.token"]
    assert served.gateway.store.sources.secrets(source["id"]) == {"credential.token": GOOD_TOKEN}
    assert api.patch("/api/v1/sources/dolls", json={"interval": None}).json()["interval"] is None
    assert api.patch("/api/v1/sources/dolls", json={"name": "toys"}).json()["interval"] is None


def test_a_credential_is_entered_again(served: Served, api: httpx.Client) -> None:
    source = api.post("/api/v1/sources", json=body()).json()
    served.toys.world.accepts = {"toy-token-of-tomorrow"}
    refused = api.patch("/api/v1/sources/toys", json={"config": WRONG})
    assert refused.status_code == 422
    assert refused.json()["verdict"]["cause"] == "TOY-WRONG-TOKEN"
    kept = api.patch("/api/v1/sources/toys", json={"config": {"credential": {"token": "toy-token-of-tomorrow"}}})
    assert kept.status_code == 200
    assert kept.json()["id"] == source["id"]
    assert kept.json()["config"]["credential"]["user"] == "robot"
    assert served.gateway.store.sources.secrets(source["id"]) == {"credential.token": "toy-token-of-tomorrow"}


def test_pause_resume_delete(api: httpx.Client) -> None:
    api.post("/api/v1/sources", json=body()).raise_for_status()
    assert api.post("/api/v1/sources/toys/pause").json()["paused"] is True
    assert api.post("/api/v1/sources/toys/resume").json()["paused"] is False
    assert api.delete("/api/v1/sources/toys").status_code == 422
    assert api.delete("/api/v1/sources/toys?confirm=other").status_code == 422
    gone = api.delete("/api/v1/sources/toys?confirm=toys")
    assert gone.status_code == 200
    assert isinstance(gone.json()["deleted"], dict)
    assert api.get("/api/v1/sources/toys").status_code == 404


def test_plugins_are_described(api: httpx.Client) -> None:
    (listed,) = api.get("/api/v1/plugins").json()["items"]
    assert (listed["name"], listed["types"]) == ("toy", 3)
    shown = api.get("/api/v1/plugins/toy").json()
    token = shown["config"]["$defs"]["TokenCredential"]["properties"]["token"]
    assert (token["format"], token["writeOnly"]) == ("password", True)
    assert [one["type"] for one in shown["types"]] == ["toy.network", "toy.subnet", "toy.gateway"]
    assert shown["types"][0]["columns"] == ["cidr", "state"]
    assert shown["permissions"] == ["toy:ListGateways", "toy:ListNetworks", "toy:ListSubnets"]
    cause = api.get("/api/v1/plugins/toy/causes/TOY-DENIED").json()
    assert cause["meaning"] == "The user is known, but may not do this."
    assert (cause["id"], cause["confidence"], cause["related"]) == ("TOY-DENIED", "reported", ["TOY-WRONG-TOKEN"])
    listed = api.get("/api/v1/plugins/toy/causes").json()["items"]
    assert cause in listed


def test_the_policy_of_a_plugin_is_given_by_feature(api: httpx.Client) -> None:
    whole = api.get("/api/v1/plugins/toy/policy").json()
    assert whole["features"] == ["networks", "gateways"]
    assert whole["texts"] == [
        {
            "name": "toy.txt",
            "text": "toy:ListNetworks\ntoy:ListSubnets\ntoy:ListGateways\n",
            "characters": 50,
            "limit": 1000,
        }
    ]
    part = api.get("/api/v1/plugins/toy/policy?feature=gateways").json()
    assert part["texts"][0]["text"] == "toy:ListGateways\n"
    assert api.get("/api/v1/plugins/toy/policy?featur=gateways").status_code == 422


def test_permissions_are_shown_as_data(served: Served, api: httpx.Client) -> None:
    served.toys.world.preflight = True
    served.toys.world.problems[(NORTH.key, "toy.gateway")] = DENIED
    api.post("/api/v1/sources", json=body()).raise_for_status()
    shown = api.get("/api/v1/sources/toys/permissions").json()
    assert [(cell["feature"], cell["region"], cell["state"]) for cell in shown["cells"]] == [
        ("networks", "north", "allowed"),
        ("gateways", "north", "denied"),
    ]
    denied = shown["cells"][1]
    assert (denied["layer"], denied["cause"], denied["remedy"]) == (
        "house rule", "TOY-DENIED", "Allow toy:ListGateways.",
    )  # fmt: skip
    assert denied["actions"][0]["evidence"] == ["NotAllowed You are not allowed to list gateways."]
    assert [one["actions"] for one in shown["missing"]] == [["toy:ListGateways"]]
    assert [one["id"] for one in shown["features"]] == ["networks", "gateways"]
    assert api.get(f"/api/v1/sources/toys/permissions?account={ACCOUNT}").json()["cells"] == shown["cells"]
    assert api.get("/api/v1/sources/toys/permissions?account=999999999999").json()["cells"] == []
    assert "permissions" not in api.get("/api/v1/sources/toys").json()["verdict"], "they are kept on their own"
    assert api.get("/api/v1/sources/nobody/permissions").status_code == 404


def test_a_secret_that_was_sent_comes_back_nowhere(
    served: Served, log_lines: Callable[[], list[dict[str, Any]]]
) -> None:
    secret = "w0lves-eat-my-t0ken"
    served.toys.world.accepts = {secret}
    config = {"credential": {"kind": "token", "token": secret, "second_token": secret + "-2"}, "proxy": secret + "-3"}
    broken = [
        body(config={"credential": {"kind": secret, "token": secret}}),
        body(config={"credential": [secret]}),
        body(config={"credential": {"kind": "token", "token": [secret]}}),
        body(config={"credential": secret}),
        body(config={"proxy": {"x": secret}}),
        body(config=secret),
        body(interval=secret),
        body(plugin="none", config=config),
        body(config=config, save_anyway=secret),
    ]
    said: list[str] = []

    def note(answer: httpx.Response) -> httpx.Response:
        said.append(f"{answer.headers}{answer.text}")
        return answer

    with served.client() as api:
        for one in broken:
            assert note(api.post("/api/v1/sources", json=one)).status_code in (404, 422)
            assert note(api.post("/api/v1/verifications", json=one)).status_code == 422
        cut = f'{{"config": {{"credential": {{"token": "{secret}'
        assert note(api.post("/api/v1/sources", content=cut, headers={"Content-Type": "application/json"})).is_error
        assert note(api.post("/api/v1/session", json={"name": "admin", "password": secret})).status_code == 401
        begun = note(api.post("/api/v1/verifications", json={"plugin": "toy", "config": config}))
        note(api.get(begun.headers["location"] + "/events"))
        note(api.get(begun.headers["location"]))
        assert note(api.post("/api/v1/sources", json=body(config=config))).status_code == 201
        served.toys.world.accepts = set()
        note(api.post("/api/v1/verifications", json={"source": "toys"}))
        assert note(api.patch("/api/v1/sources/toys", json={"config": config | {"retries": 1}})).status_code == 422
        assert note(api.post("/api/v1/sources", json=body(name="b", config=config))).status_code == 422
        collected = note(api.post("/api/v1/sources/toys/collections"))
        if collected.is_success:
            note(api.get(collected.headers["location"] + "/events"))
        shown = ("sources", "sources/toys", "runs", "coverage", "collections", "resources", "changes")
        for path in shown:
            assert note(api.get(f"/api/v1/{path}")).status_code == 200
    assert "credential.second_token" in "".join(said)
    assert secret not in "".join(said)
    lines = log_lines()
    assert len(lines) > 30
    assert secret not in repr(lines)


def test_a_credential_of_another_account_is_refused_unless_it_is_meant(api: httpx.Client, served: Served) -> None:
    source = api.post("/api/v1/sources", json=body()).json()
    served.toys.world.account = "444455556666"
    served.toys.world.accepts.add("the-next-token-1")
    patch: dict[str, Any] = {"config": {"credential": {"token": "the-next-token-1"}}}
    answer = api.patch(f"/api/v1/sources/{source['id']}", json=patch)
    assert answer.status_code == 409
    told = answer.json()
    assert told["type"] == "urn:openvna:problem:another-account"
    assert told["accounts"] == {"before": "111122223333", "now": "444455556666"}
    answer = api.patch(f"/api/v1/sources/{source['id']}", json=patch | {"another_account": True})
    assert answer.status_code == 200
    assert answer.json()["verdict"]["identity"]["account"] == "444455556666"


def test_the_end_of_a_credential_is_in_the_verdict(api: httpx.Client, served: Served) -> None:
    served.toys.world.expires_at = "2100-01-02T03:04:00Z"
    verdict = api.post("/api/v1/sources", json=body()).json()["verdict"]
    assert (verdict["expires_at"], verdict["end_unknown"]) == ("2100-01-02T03:04:00Z", False)
