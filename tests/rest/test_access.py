"""Who may do what, walked over every route that the application has."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from rest.served import PASSWORD, Served

OPEN = {("GET", "/api/v1/health"), ("POST", "/api/v1/session")}
OPEN_PAGES = {"/api/docs", "/api/docs/page.js", "/api/openapi.json"}
ADMIN_ONLY = {
    ("GET", "/api/v1/tokens"),
    ("POST", "/api/v1/tokens"),
    ("DELETE", "/api/v1/tokens/x"),
    ("GET", "/api/v1/support-bundle"),
}
# Whoever signs somebody in chooses what that sign-in may enter.
READ_BY_WRITERS = {("GET", "/api/v1/sign-ins/x/accounts"), ("GET", "/api/v1/sign-ins/x/roles")}
# Signing out ends nothing for a token, so every scope may.
ANY_SCOPE = {("DELETE", "/api/v1/session")}


def routes(routers: list[Any], prefix: str = "") -> set[tuple[str, str]]:
    """Every (method, path) that is routed, from the router itself and not from the document; each parameter is x."""
    found: set[tuple[str, str]] = set()
    for route in routers:
        if hasattr(route, "original_router"):
            found |= routes(route.original_router.routes, prefix + route.include_context.prefix)
        elif getattr(route, "methods", None):
            path = prefix + route.path_format
            for name in route.param_convertors:
                path = path.replace("{" + name + "}", "x")
            found |= {(method, path) for method in route.methods if method != "HEAD"}
    return found


@pytest.fixture
def walked(served: Served) -> list[tuple[str, str]]:
    found = routes(served.app.routes)
    assert len(found) >= 38, "the walk has lost its way"
    assert found > OPEN
    return sorted(found)


def ask(client: httpx.Client, method: str, path: str, **more: Any) -> int:
    """The status alone: a stream would never end."""
    query = {"confirm": "x"} if method == "DELETE" and "/sources/" in path else {}
    body = {"json": {}} if method in ("POST", "PATCH") else {}
    with client.stream(method, path, params=query, **body, **more) as answer:
        return answer.status_code


def test_without_signing_in_only_the_door_is_open(served: Served, walked: list[tuple[str, str]]) -> None:
    with served.anonymous() as nobody:
        answers = {(method, path): ask(nobody, method, path) for method, path in walked}
    let_in = {route for route, status in answers.items() if status != 401}
    assert {path for _, path in let_in - OPEN} <= OPEN_PAGES | {"/api/docs/x"}
    assert len(answers) - len(let_in) >= 33


def test_with_a_cookie_every_change_needs_the_csrf_token(served: Served, walked: list[tuple[str, str]]) -> None:
    with served.anonymous() as browser:
        csrf = browser.post("/api/v1/session", json={"name": "admin", "password": PASSWORD}).json()["csrf"]
        changes = [route for route in walked if route[0] not in ("GET", "HEAD") and route not in OPEN]
        assert len(changes) >= 10
        for method, path in changes:
            assert ask(browser, method, path) == 403, (method, path)
            assert ask(browser, method, path, headers={"X-CSRF-Token": "x" + csrf[1:]}) == 403, (method, path)
        changes.sort(key=lambda route: route[1] == "/api/v1/session")
        for method, path in changes:
            assert ask(browser, method, path, headers={"X-CSRF-Token": csrf}) not in (401, 403), (method, path)


def test_reading_needs_read_changing_needs_write_and_tokens_need_admin(
    served: Served, walked: list[tuple[str, str]]
) -> None:
    accounts = served.gateway.store.accounts
    values = {scope: accounts.add_token(scope, (scope,), None)[0] for scope in ("read", "write")}
    for scope, value in values.items():
        with served.client(value) as client:
            for method, path in walked:
                if (method, path) in OPEN | ANY_SCOPE or not path.startswith("/api/v1/"):
                    continue
                changes = method != "GET" or (method, path) in READ_BY_WRITERS
                refused = (method, path) in ADMIN_ONLY or (scope == "read" and changes)
                assert (ask(client, method, path) == 403) is refused, (scope, method, path)
