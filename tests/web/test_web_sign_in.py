"""Signing in and out, and the settings of one's own account."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import Page, expect

from rest.served import PASSWORD
from web.conftest import Site, Watch

pytestmark = pytest.mark.chromium


def test_signing_in_leads_to_where_one_wanted_to_go_and_signing_out_ends_it(stranger: Page) -> None:
    stranger.goto("/runs")
    expect(stranger).to_have_url("/sign-in?next=%2Fruns")
    stranger.get_by_label("Name").fill("admin")
    stranger.get_by_label("Password", exact=True).fill(PASSWORD)
    stranger.keyboard.press("Enter")
    expect(stranger).to_have_url("/runs")
    expect(stranger.get_by_role("heading", name="Runs", exact=True)).to_be_visible()
    stranger.get_by_role("button", name="Sign out").click()
    expect(stranger).to_have_url("/sign-in")
    stranger.goto("/runs")
    expect(stranger).to_have_url("/sign-in?next=%2Fruns")


def test_a_wrong_password_is_told_and_the_name_stays(stranger: Page, watch: Watch) -> None:
    watch.expected.append("status of 401")
    stranger.goto("/sign-in")
    stranger.get_by_label("Name").fill("admin")
    password = stranger.get_by_label("Password", exact=True)
    password.fill("not the password")
    stranger.get_by_role("button", name="Show the password").click()
    expect(password).to_have_attribute("type", "text")
    stranger.get_by_role("button", name="Sign in").click()
    expect(stranger.get_by_role("alert")).to_be_visible()
    expect(stranger.get_by_label("Name")).to_have_value("admin")
    expect(stranger.get_by_label("Password", exact=True)).to_have_value("")
    expect(stranger.get_by_label("Password", exact=True)).to_be_focused()


def test_a_token_is_shown_once_works_and_is_refused_after_its_revocation(page: Page, site: Site) -> None:
    page.goto("/settings")
    page.get_by_role("textbox", name="Name").fill("grafana")
    page.get_by_role("button", name="Make token").click()
    value = page.locator("[data-token]").inner_text()
    headers = {"Authorization": f"Bearer {value}"}
    assert httpx.get(f"{site.url}/api/v1/sources", headers=headers).status_code == 200
    page.get_by_role("button", name="Copy the token").click()
    assert page.evaluate("navigator.clipboard.readText()") == value
    page.goto("/settings")
    expect(page.locator("[data-token]")).to_have_count(0)
    assert value not in page.content()
    page.get_by_role("button", name="Revoke", exact=True).click()
    page.get_by_role("dialog", name="Revoke grafana").get_by_role("button", name="Revoke token").click()
    expect(page.get_by_text("The token is revoked.")).to_be_visible()
    assert httpx.get(f"{site.url}/api/v1/sources", headers=headers).status_code == 401


def test_the_password_is_changed_only_by_who_knows_it(page: Page, watch: Watch, site: Site) -> None:
    watch.expected.append("status of 422")
    page.goto("/settings")

    def change(present: str, wanted: str, again: str) -> None:
        page.get_by_label("Present password").fill(present)
        page.get_by_label("New password", exact=False).first.fill(wanted)
        page.get_by_label("New password, again").fill(again)
        page.get_by_role("button", name="Change password").click()

    change("not the password", "a whole new password", "a whole new password")
    expect(page.get_by_role("alert")).to_contain_text("present password is not right")
    change(PASSWORD, "a whole new password", "another new password")
    expect(page.get_by_role("alert")).to_contain_text("differ")
    change(PASSWORD, "a whole new password", "a whole new password")
    expect(page.get_by_text("The password is changed.")).to_be_visible()
    assert site.gateway.store.accounts.sign_in("admin", "a whole new password", client="tests")
