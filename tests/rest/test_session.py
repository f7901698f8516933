"""Signing in: by cookie and CSRF token, or by API token."""

from __future__ import annotations

from http.cookies import SimpleCookie
from pathlib import Path

import httpx
import pytest

from openvna.northbound.rest import create_api
from rest.served import PASSWORD, Served, make_gateway, serving
from support.toy_plugin import ToyPlugin

BODY = {"name": "admin", "password": PASSWORD}


def cookie(answer: httpx.Response) -> SimpleCookie:
    return SimpleCookie(answer.headers["set-cookie"])


def test_signing_in_gives_a_cookie_that_scripts_and_other_sites_cannot_use(served: Served) -> None:
    with served.anonymous() as browser:
        answer = browser.post("/api/v1/session", json=BODY)
        assert answer.status_code == 201
        held = cookie(answer)["openvna_session"]
        assert (held["httponly"], held["samesite"], held["path"], held["secure"]) == (True, "lax", "/", "")
        assert answer.json()["user"]["name"] == "admin"
        assert browser.get("/api/v1/session").json()["csrf"] == answer.json()["csrf"]
        assert held.value not in answer.text


def test_a_secure_cookie_is_tied_to_its_host(tmp_path: Path) -> None:
    gateway = make_gateway(tmp_path, ToyPlugin())
    with serving(create_api(gateway, secure_cookies=True)) as url:
        held = cookie(httpx.post(f"{url}/api/v1/session", json=BODY))["__Host-openvna_session"]
        assert (held["secure"], held["path"], held["domain"]) == (True, "/", "")
        csrf_less = httpx.get(f"{url}/api/v1/session", headers={"Cookie": f"openvna_session={held.value}"})
        assert csrf_less.status_code == 401
        good = httpx.get(f"{url}/api/v1/session", headers={"Cookie": f"__Host-openvna_session={held.value}"})
        assert good.status_code == 200
    gateway.close()


def test_signing_out_ends_the_session_itself(served: Served) -> None:
    with served.anonymous() as browser:
        answer = browser.post("/api/v1/session", json=BODY)
        value = cookie(answer)["openvna_session"].value
        gone = browser.delete("/api/v1/session", headers={"X-CSRF-Token": answer.json()["csrf"]})
        assert gone.status_code == 204
        assert "openvna_session" not in browser.cookies
    again = httpx.get(f"{served.url}/api/v1/session", headers={"Cookie": f"openvna_session={value}"})
    assert again.status_code == 401


def test_a_wrong_password_and_an_unknown_name_are_told_apart_by_nobody(served: Served) -> None:
    with served.anonymous() as browser:
        wrong = browser.post("/api/v1/session", json={"name": "admin", "password": "not the password"})
        unknown = browser.post("/api/v1/session", json={"name": "nobody", "password": "not the password"})
    assert wrong.status_code == unknown.status_code == 401
    assert {k: v for k, v in wrong.json().items() if k != "instance"} == {
        k: v for k, v in unknown.json().items() if k != "instance"
    }
    assert "set-cookie" not in wrong.headers


def test_too_many_attempts_say_when_to_come_back(served: Served) -> None:
    with served.anonymous() as browser:
        for _ in range(5):
            assert browser.post("/api/v1/session", json=BODY | {"password": "wrong" * 4}).status_code == 401
        refused = browser.post("/api/v1/session", json=BODY)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 300
    assert refused.json()["type"] == "urn:openvna:problem:too-many-attempts"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:1"},
    ],
)
def test_another_site_cannot_sign_a_browser_in_or_use_its_session(served: Served, headers: dict[str, str]) -> None:
    with served.anonymous() as browser:
        assert browser.post("/api/v1/session", json=BODY, headers=headers).status_code == 403
        csrf = browser.post("/api/v1/session", json=BODY).json()["csrf"]
        refused = browser.delete("/api/v1/session", headers={"X-CSRF-Token": csrf, **headers})
        assert refused.status_code == 403
        assert browser.get("/api/v1/session").status_code == 200


@pytest.mark.parametrize("header", ["Origin", "Sec-Fetch-Site"])
def test_our_own_pages_may_change_things(served: Served, header: str) -> None:
    own = {"Origin": served.url} if header == "Origin" else {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
    with served.anonymous() as browser:
        csrf = browser.post("/api/v1/session", json=BODY, headers=own).json()["csrf"]
        assert browser.delete("/api/v1/session", headers={"X-CSRF-Token": csrf, **own}).status_code == 204


def test_a_token_shows_itself_and_needs_no_csrf(served: Served) -> None:
    with served.client() as script:
        shown = script.get("/api/v1/session").json()
        assert shown["user"] is None
        assert shown["csrf"] is None
        assert shown["token"]["name"] == "tests"
        assert shown["scopes"] == ["read", "write", "admin"]
        assert script.post("/api/v1/tokens", json={"name": "more", "scopes": ["read"]}).status_code == 201


@pytest.mark.parametrize("value", ["", "Bearer", "Bearer ovna_wrong", "Basic YWRtaW46eA==", "bearer"])
def test_a_bad_authorization_counts_even_with_a_good_cookie(served: Served, value: str) -> None:
    with served.anonymous() as browser:
        browser.post("/api/v1/session", json=BODY)
        assert browser.get("/api/v1/session").status_code == 200
        refused = browser.get("/api/v1/session", headers={"Authorization": value})
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Bearer")


def test_a_token_without_the_word_bearer_is_not_repeated(served: Served) -> None:
    with served.anonymous() as script:
        refused = script.get("/api/v1/session", headers={"Authorization": "ovna_it-is-one-all-the-same"})
    assert (refused.status_code, "ovna_it" in refused.text) == (401, False)


def test_token_scopes_hold_the_ones_below_them(served: Served) -> None:
    with served.client() as admin:
        made = {
            scope: admin.post("/api/v1/tokens", json={"name": scope, "scopes": [scope]}).json()["value"]
            for scope in ("read", "write", "admin")
        }
    allowed = {}
    for scope, value in made.items():
        with served.client(value) as client:
            allowed[scope] = [
                client.get("/api/v1/sources").status_code,
                client.post("/api/v1/sources/none/pause").status_code,
                client.get("/api/v1/tokens").status_code,
            ]
    assert allowed == {"read": [200, 403, 403], "write": [200, 404, 403], "admin": [200, 404, 200]}


def test_a_token_is_shown_once_and_gone_when_revoked_or_over(served: Served, api: httpx.Client) -> None:
    made = api.post("/api/v1/tokens", json={"name": "brief", "scopes": ["write", "read"]}).json()
    assert made["scopes"] == ["read", "write"]
    assert made["value"].startswith("ovna_")
    assert made["value"] not in api.get("/api/v1/tokens").text
    with served.client(made["value"]) as client:
        assert client.get("/api/v1/sources").status_code == 200
        assert api.delete(f"/api/v1/tokens/{made['id']}").status_code == 204
        assert client.get("/api/v1/sources").status_code == 401
    past = api.post("/api/v1/tokens", json={"name": "x", "scopes": ["read"], "expires_at": "2020-01-01T00:00:00Z"})
    assert past.status_code == 422
    assert past.json()["errors"] == [{"field": "expires_at", "message": "is not in the future"}]
