"""What a source is allowed, and what it lost, in the browser."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from openvna.model import Scope
from support.toy_plugin import ACCOUNT, DENIED, NORTH, SOUTH
from web.conftest import Site

pytestmark = pytest.mark.chromium

OTHER = "444455556666"


def test_the_matrix_names_who_denies_and_what_brings_it(page: Page, site: Site) -> None:
    site.toys.world.preflight = True
    site.toys.world.scopes = [NORTH, SOUTH]
    site.toys.world.problems[(NORTH.key, "toy.gateway")] = DENIED
    source = site.source(collected=False)
    page.goto(f"/sources/{source.id}")
    card = page.locator("#permissions")
    expect(card.locator("thead th")).to_have_text(["Feature", "north", "south"])
    expect(card.get_by_role("button", name="Networks in north: Allowed")).to_be_visible()
    card.get_by_role("button", name="Gateways in north: Denied").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("house rule")
    expect(dialog).to_contain_text("toy:ListGateways")
    expect(dialog).to_contain_text("NotAllowed You are not allowed to list gateways.")
    dialog.get_by_role("button", name="Copy the remedy").click()
    assert page.evaluate("navigator.clipboard.readText()") == "Allow toy:ListGateways."
    dialog.get_by_role("button", name="Close").click()
    expect(card).to_contain_text("1 action denied by the house rule")


def test_the_policy_for_all_of_it_is_there_to_copy(page: Page, site: Site) -> None:
    site.toys.world.preflight = True
    source = site.source(collected=False)
    page.goto(f"/sources/{source.id}")
    page.get_by_text("The policy for all of it").click()
    expect(page.locator("#permissions")).to_contain_text("Paste it into the toy box.")
    expect(page.locator("#permissions pre").last).to_contain_text("toy:ListGateways")


def test_verifying_draws_the_matrix_anew(page: Page, site: Site) -> None:
    source = site.source(collected=False)
    page.goto(f"/sources/{source.id}")
    card = page.locator("#permissions")
    expect(card).to_contain_text("Not tried yet.")
    site.toys.world.preflight = True
    page.get_by_role("button", name="Verify now").click()
    expect(card.get_by_role("button", name="Gateways in north: Allowed")).to_be_visible()


def test_of_several_accounts_one_is_shown(page: Page, site: Site) -> None:
    site.toys.world.preflight = True
    other: Scope = replace(NORTH, key=f"toy/{OTHER}/north", account=OTHER)
    site.toys.world.scopes = [NORTH, other]
    site.toys.world.problems[(other.key, "toy.gateway")] = DENIED
    source = site.source(collected=False)
    page.goto(f"/sources/{source.id}")
    card = page.locator("#permissions")
    expect(card.get_by_role("combobox", name="Account")).to_have_value(ACCOUNT)
    expect(card.get_by_role("button", name="Gateways in north: Allowed")).to_be_visible()
    card.get_by_role("combobox", name="Account").select_option(OTHER)
    card.get_by_role("button", name="Show").click()
    expect(card.get_by_role("button", name="Gateways in north: Denied")).to_be_visible()


def test_a_loss_stands_at_the_top_until_it_is_over(page: Page, site: Site) -> None:
    site.toys.world.preflight = True
    source = site.source()
    site.toys.world.problems[(NORTH.key, "toy.gateway")] = DENIED
    site.gateway.collect(source.id)
    page.goto(f"/sources/{source.id}")
    lost = page.locator('[data-lost="lost"]')
    expect(lost).to_contain_text("Gateway in north")
    expect(lost).to_contain_text("TOY-DENIED")
    expect(lost).to_contain_text("What brings it back")
    site.toys.world.problems.clear()
    site.gateway.collect(source.id)
    page.reload()
    expect(page.locator('[data-lost="back"]')).to_contain_text("Gateway in north")
    expect(lost).to_have_count(0)


def test_the_matrix_scrolls_in_its_own_frame_on_a_phone(page: Page, site: Site) -> None:
    site.toys.world.preflight = True
    site.toys.world.scopes = [
        replace(NORTH, key=f"toy/{ACCOUNT}/r-{number}", region=f"region-number-{number}") for number in range(17)
    ]
    source = site.source(collected=False)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"/sources/{source.id}")
    expect(page.locator("#permissions thead th")).to_have_count(18)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
