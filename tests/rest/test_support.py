"""The support bundle over REST: for administrators."""

from __future__ import annotations

from rest.served import Served


def test_an_administrator_downloads_it(served: Served) -> None:
    asked: list[bool] = []

    def write(anonymise: bool) -> tuple[str, bytes]:
        asked.append(anonymise)
        return "openvna-support-1.tar.gz", b"content"

    served.app.state.support_bundle = write
    with served.client() as client:
        answer = client.get("/api/v1/support-bundle", params={"anonymise": "true"})
        client.get("/api/v1/support-bundle")
    assert (answer.status_code, answer.content) == (200, b"content")
    assert answer.headers["Content-Type"] == "application/gzip"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="openvna-support-1.tar.gz"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert asked == [True, False]


def test_nobody_else_does(served: Served) -> None:
    value, _ = served.gateway.store.accounts.add_token("writer", ("read", "write"), None)
    with served.client(value) as client:
        assert client.get("/api/v1/support-bundle").status_code == 403
    with served.anonymous() as client:
        assert client.get("/api/v1/support-bundle").status_code == 401


def test_without_one_it_says_so(served: Served) -> None:
    with served.client() as client:
        answer = client.get("/api/v1/support-bundle")
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:openvna:problem:not-found")
