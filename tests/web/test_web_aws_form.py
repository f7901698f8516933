"""The form of an AWS source in the browser: every kind of credential, and several roles one after the other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from playwright.sync_api import Page, Route, expect

from openvna.plugins.aws.config import AwsConfig
from web.conftest import Site, Watch

pytestmark = pytest.mark.chromium
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"


@pytest.fixture
def sent(page: Page, site: Site, aws_beside: None, watch: Watch) -> Iterator[list[dict[str, Any]]]:
    """The settings that the form sends to be verified; nothing is verified."""
    watch.expected.append("status of 422")
    bodies: list[dict[str, Any]] = []

    def take(route: Route) -> None:
        bodies.append(cast("dict[str, Any]", json.loads(route.request.post_data or "{}"))["config"])
        route.fulfill(status=422, json={"title": "Enough", "detail": "Seen."})

    page.route("**/api/v1/verifications", take)
    page.goto("/sources/new?plugin=aws")
    page.locator("#field-name").fill("prod")
    yield bodies


def choose(page: Page, kind: str) -> None:
    page.locator(f"[data-union=credential] input[value={kind}]").check()


def verify(page: Page) -> None:
    page.get_by_role("button", name="Verify", exact=True).click()
    expect(page.get_by_text("Seen.")).to_be_visible()


def test_every_kind_is_offered(page: Page, sent: list[dict[str, Any]]) -> None:
    offered = page.locator("[data-union=credential] input[type=radio]").evaluate_all("all => all.map(one => one.value)")
    assert set(offered) == set(AwsConfig.model_json_schema()["properties"]["credential"]["discriminator"]["mapping"])
    assert offered[0] == "access-key"
    expect(page.get_by_role("radio", name="IAM Roles Anywhere")).to_be_visible()
    ids = page.locator("[data-config] [id]").evaluate_all("all => all.map(one => one.id)")
    assert sorted(set(ids)) == sorted(ids), "kinds have fields of the same name"


def test_what_only_some_need_waits_behind_more(page: Page, sent: list[dict[str, Any]]) -> None:
    choose(page, "container")
    shown = page.locator("[data-variant=container]")
    expect(shown.get_by_label("Full URI")).to_be_hidden()
    shown.get_by_text("More", exact=True).click()
    shown.get_by_label("Full URI").fill("http://169.254.170.23/v1/credentials")
    verify(page)
    assert sent[0]["credential"]["kind"] == "container"
    assert sent[0]["credential"]["full_uri"] == "http://169.254.170.23/v1/credentials"
    assert sent[0]["credential"]["relative_uri"] is None


def test_a_certificate_keeps_its_lines(page: Page, sent: list[dict[str, Any]]) -> None:
    choose(page, "roles-anywhere")
    page.locator("#field-credential-certificate").fill(CERTIFICATE)
    page.locator("#field-credential-private-key").fill("not a key")
    verify(page)
    credential = sent[0]["credential"]
    assert (credential["certificate"], credential["private_key"]) == (CERTIFICATE, "not a key")
    AwsConfig.model_validate({"credential": {"kind": "access-key"}, "via": sent[0]["via"]})


def test_roles_on_the_way_are_added_moved_and_removed(page: Page, sent: list[dict[str, Any]]) -> None:
    choose(page, "ambient")
    page.locator("summary", has_text="Advanced").click()
    roles = page.locator("[data-list=via]")
    for name in ("one", "two", "three"):
        roles.get_by_role("button", name="Add").click()
        roles.locator("[data-list-item]").last.get_by_label("Role ARN").fill(f"arn:aws:iam::111122223333:role/{name}")
    last = roles.locator("[data-list-item]").last
    last.get_by_text("More", exact=True).click()
    tags = last.get_by_label("Session tags", exact=True)
    tags.fill("team=net ops")
    tags.press("Enter")
    last.get_by_role("button", name="Move up").click()
    roles.locator("[data-list-item]").first.get_by_role("button", name="Remove", exact=True).click()
    verify(page)
    via = sent[0]["via"]
    assert [each["role_arn"].rpartition("/")[2] for each in via] == ["three", "two"]
    assert via[0]["tags"] == ["team=net ops"]
    assert AwsConfig.model_validate({"via": via}).via[0].session_name == "openvna"


def test_a_wrong_role_is_told_beside_its_field(page: Page, site: Site, aws_beside: None, watch: Watch) -> None:
    watch.expected.append("status of 422")
    page.goto("/sources/new?plugin=aws")
    page.locator("#field-name").fill("prod")
    choose(page, "ambient")
    page.locator("summary", has_text="Advanced").click()
    roles = page.locator("[data-list=via]")
    for _ in range(2):
        roles.get_by_role("button", name="Add").click()
    roles.locator("[data-list-item]").first.get_by_label("Role ARN").fill("arn:aws:iam::111122223333:role/one")
    roles.locator("[data-list-item]").last.get_by_label("Role ARN").fill("no role")
    page.get_by_role("button", name="Verify", exact=True).click()
    expect(page.locator('[data-error-for="via.1.role_arn"]')).to_contain_text("looks like")


def test_what_is_stored_is_shown_and_stays(page: Page, site: Site, aws_beside: None) -> None:
    via = [{"role_arn": f"arn:aws:iam::111122223333:role/{name}"} for name in ("one", "two")]
    source = site.gateway.add_source(
        "prod",
        "aws",
        {"credential": {"kind": "ambient"}, "via": via, "endpoint_url": "http://127.0.0.1:1"},
        save_anyway=True,
    )
    page.goto(f"/sources/{source.id}")
    expect(page.get_by_text("arn:aws:iam::111122223333:role/two")).to_be_visible()
    page.goto(f"/sources/{source.id}/edit")
    page.locator("summary", has_text="Advanced").click()
    expect(page.locator("[data-list=via] [data-list-item]")).to_have_count(2)
    expect(page.locator("#field-via-1-role-arn")).to_have_value("arn:aws:iam::111122223333:role/two")


@pytest.fixture
def aws_beside(site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The AWS plugin beside the toy vendor, on a machine that has no credential."""
    from openvna.plugins.aws import plugin

    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    toy = site.toys.load
    for each in (site.gateway, site.gateway._settings, site.gateway._verifying):
        monkeypatch.setattr(each, "_load", lambda name: plugin if name == "aws" else toy(name))
