"""What the pages' server answers, seen without a browser."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from openvna.web import assets
from rest.served import PASSWORD
from support.toy_plugin import network, subnet
from web.conftest import Site

VENDORED = [Path(assets.__file__).parent / "static" / "vendor", Path(__file__).parent / "vendor"]


@pytest.fixture
def client(site: Site) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site.url, cookies={"openvna_session": site.session()}, timeout=30) as client:
        yield client


def csrf_of(page: str) -> str:
    found = re.search(r'<meta name="csrf" content="([^"]+)"', page)
    assert found
    return found[1]


@pytest.mark.parametrize("folder", VENDORED, ids=lambda path: path.parent.name)
def test_files_of_others_are_as_they_came_and_have_their_licence_beside_them(folder: Path) -> None:
    lines = [line.split("  ") for line in (folder / "VENDORED").read_text().splitlines() if not line.startswith("#")]
    for digest, name, *_ in lines:
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name
    names = {name for _, name, *_ in lines}
    assert names == {path.name for path in folder.iterdir()} - {"VENDORED"}
    for name in names:
        if name.endswith(".js"):
            assert name.replace(".min.js", ".LICENSE") in names


def test_pages_forbid_foreign_and_inline_scripts(client: httpx.Client) -> None:
    for path in ("/", "/sign-in", "/inventory", "/nowhere"):
        policy = client.get(path).headers["content-security-policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy


def test_no_template_has_an_inline_script_style_or_handler() -> None:
    for path in (Path(assets.__file__).parent / "templates").iterdir():
        text = path.read_text()
        assert not re.search(r"<script(?![^>]*\bsrc=)", text), path.name
        assert not re.search(r"\s(style|on\w+)=[\"']", text), path.name
        assert not re.search(r"\|\s*safe\b", text), path.name


def test_static_files_are_kept_for_ever_under_their_release_and_only_there(client: httpx.Client) -> None:
    current = client.get(assets.asset("css/base.css"))
    assert current.status_code == 200
    assert "immutable" in current.headers["cache-control"]
    old = client.get("/static/000000000000/css/base.css")
    assert old.headers["cache-control"] == "no-cache"
    assert client.get(f"/static/{assets.release()}/../mount.py").status_code == 404


def test_pages_are_not_kept_by_shared_caches(client: httpx.Client) -> None:
    assert client.get("/").headers["cache-control"] == "private, no-cache"


def test_every_page_asks_for_a_sign_in_and_remembers_where_one_wanted_to_go(site: Site) -> None:
    with httpx.Client(base_url=site.url) as anonymous:
        for path in ("/sources", "/inventory?type=toy.network", "/runs", "/changes", "/settings", "/resources/x"):
            answer = anonymous.get(path)
            assert answer.status_code == 303, path
            assert answer.headers["location"].startswith("/sign-in?next=%2F")
        assert anonymous.get("/").headers["location"] == "/sign-in"


@pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:x"])
def test_a_sign_in_never_leads_to_another_server(site: Site, wanted: str) -> None:
    with httpx.Client(base_url=site.url) as anonymous:
        answer = anonymous.post("/sign-in", data={"name": "admin", "password": PASSWORD, "next": wanted})
        assert answer.status_code == 303
        assert answer.headers["location"] == "/"


def test_another_sites_page_can_neither_sign_in_nor_post(site: Site, client: httpx.Client) -> None:
    foreign = {"Origin": "https://evil.example"}
    with httpx.Client(base_url=site.url) as anonymous:
        answer = anonymous.post("/sign-in", data={"name": "admin", "password": PASSWORD}, headers=foreign)
        assert answer.status_code == 403
    csrf = csrf_of(client.get("/settings").text)
    form = {"csrf": csrf, "name": "x", "scopes": "read"}
    assert client.post("/settings/tokens", data=form, headers=foreign).status_code == 403
    assert client.post("/settings/tokens", data={**form, "csrf": "wrong"}).status_code == 403
    assert site.gateway.store.accounts.tokens() == ()


def test_too_many_wrong_passwords_are_told_with_the_time_to_wait(site: Site) -> None:
    with httpx.Client(base_url=site.url) as anonymous:
        form = {"name": "admin", "password": "wrong"}
        answers = [anonymous.post("/sign-in", data=form) for _ in range(6)]
    assert [answer.status_code for answer in answers[:5]] == [401] * 5
    assert answers[5].status_code == 429
    assert int(answers[5].headers["retry-after"]) > 0
    assert "wrong" not in re.sub(r"<code>.*?</code>", "", answers[0].text.partition("<form")[2])


def test_the_api_keeps_its_own_errors(client: httpx.Client) -> None:
    missing = client.get("/api/v1/nowhere")
    assert (missing.status_code, missing.headers["content-type"]) == (404, "application/problem+json")
    wrong = client.delete("/api/v1/runs", headers={"X-CSRF-Token": csrf_of(client.get("/").text)})
    assert wrong.status_code == 405
    page = client.get("/nowhere")
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "There is no page here." in page.text


def test_what_does_not_exist_is_told_with_a_next_step(client: httpx.Client) -> None:
    for path in (
        "/sources/none",
        "/runs/none",
        "/resources/none",
        "/verifications/none/steps",
        "/inventory/export.xml",
    ):
        answer = client.get(path)
        assert answer.status_code in (404, 422), path
        assert 'href="/"' in answer.text


@pytest.mark.parametrize("query", ["", "?type=toy.subnet&q=a%26b"])
def test_a_resource_without_its_id_leads_to_all_of_them(client: httpx.Client, query: str) -> None:
    answer = client.get(f"/resources{query}", follow_redirects=True)
    assert answer.status_code == 200
    assert answer.url.raw_path.decode() == f"/inventory{query}"


def test_what_nobody_foresaw_is_a_page_that_leads_to_the_line_in_the_log(
    site: Site, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_: object) -> None:
        raise RuntimeError("the inner words stay inside")

    monkeypatch.setattr(site.gateway.store.runs, "list", broken)
    answer = client.get("/runs")
    assert answer.status_code == 500
    assert "Something broke on our side." in answer.text
    assert answer.headers["x-request-id"] in answer.text
    assert "inner words" not in answer.text


def test_an_export_holds_exactly_what_the_filters_let_through(site: Site, client: httpx.Client) -> None:
    core = network("n-1", name="core", env="prod")
    site.toys.world.add(core, subnet("s-1", core, cidr="10.0.1.0/24", name="=1+1"), subnet("s-2", core, name="b"))
    site.source()
    rows = list(csv.DictReader(io.StringIO(client.get("/inventory/export.csv?type=toy.subnet").text)))
    assert [(row["alias"], row["cidr"], row["state"]) for row in rows] == [
        ("s-1", "10.0.1.0/24", "present"),
        ("s-2", "10.0.1.0/24", "present"),
    ]
    assert rows[0]["name"] == "'=1+1", "a spreadsheet would take it for a formula"
    found = client.get("/inventory/export.json?tag=env%3Dprod").json()
    assert [row["alias"] for row in found] == ["n-1"]
    assert client.get("/inventory/export.json?q=nothing-like-it").json() == []


def test_a_cursor_that_is_not_ours_is_told_and_not_a_broken_page(client: httpx.Client) -> None:
    answer = client.get("/inventory?cursor=made-up")
    assert answer.status_code == 200
    assert "Part of this address was not understood." in answer.text


def test_no_page_ever_holds_a_secret(site: Site, client: httpx.Client) -> None:
    source = site.source()
    for path in (f"/sources/{source.id}", f"/sources/{source.id}/edit", f"/sources/{source.id}/credential", "/sources"):
        assert "toy-token" not in client.get(path).text
