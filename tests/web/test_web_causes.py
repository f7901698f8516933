"""What a cause means, in the browser: from a verdict to its page, and to those that it is confused with."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from support.toy_plugin import DENIED, NORTH, network
from web.conftest import Site

pytestmark = pytest.mark.chromium


def test_a_verdicts_cause_leads_to_its_page_and_on_to_related_ones(page: Page) -> None:
    page.goto("/sources/new?plugin=toy")
    page.get_by_label("Name").fill("floor")
    page.get_by_label("Token", exact=True).fill("wrong-token-4711")
    page.get_by_role("button", name="Verify", exact=True).click()
    page.locator("[data-verdict]").get_by_role("link", name="TOY-WRONG-TOKEN").click()
    expect(page.get_by_role("heading", name="The token is wrong")).to_be_visible()
    expect(page.get_by_text("Copy the token again.")).to_be_visible()
    page.get_by_role("link", name="TOY-DENIED").click()
    expect(page.get_by_role("heading", name="The user may not do this")).to_be_visible()


def test_all_causes_stand_in_one_list(page: Page) -> None:
    page.goto("/causes")
    page.get_by_role("link", name="TOY-DENIED").click()
    expect(page.get_by_text("Allow it in the vendor's console.")).to_be_visible()


def test_an_unknown_cause_is_told_to_be_none(page: Page) -> None:
    answer = page.request.get("/causes/Z-NONE")
    assert answer.status == 404
    assert "There is no cause" in answer.text()


def test_problems_and_gaps_lead_to_their_causes(page: Page, site: Site) -> None:
    site.toys.world.scopes = [NORTH]
    site.toys.world.add(network("n-1", name="core"))
    site.toys.world.problems[(NORTH.key, "toy.gateway")] = DENIED
    site.source()
    for path in ("/", "/inventory?type=toy.gateway"):
        page.goto(path)
        expect(page.get_by_role("link", name="TOY-DENIED").first).to_have_attribute("href", "/causes/TOY-DENIED")
