"""The inventory in the browser, with thousands of resources."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from openvna.model import Failure, Outcome
from rest.served import GOOD
from support.toy_plugin import DENIED, NORTH, SOUTH, network, subnet, toy_gateway
from web.conftest import Site, Watch

pytestmark = pytest.mark.chromium
SUBNETS = 2500
ADDRESS = "10.1.7.0/24"


@pytest.fixture
def many(site: Site) -> Site:
    """2,500 subnets of two networks: every 50th in the south, every 100th of the production."""
    core = network("n-1", name="core", env="prod")
    south = network("n-2", SOUTH, name="southern", cidr="10.9.0.0/16")
    site.toys.world.scopes = [NORTH, SOUTH]
    site.toys.world.add(core, south)
    for number in range(SUBNETS):
        tags = {"env": "prod"} if number % 100 == 0 else {}
        of, scope = (south, SOUTH) if number % 50 == 1 else (core, NORTH)
        cidr = f"10.{number // 256}.{number % 256}.0/24"
        site.toys.world.add(subnet(f"s-{number:05}", of, scope, cidr=cidr, name=f"floor {number:05}", **tags))
    site.source()
    return site


def rows(page: Page) -> list[str]:
    return page.locator("[data-rows] tbody tr:not(.load-more) th").all_inner_texts()


def total(page: Page) -> str:
    return page.locator("#total").inner_text()


def test_types_filters_sorting_and_pages_are_all_in_the_address(page: Page, many: Site) -> None:
    page.goto("/inventory")
    assert total(page) == "2,502"
    page.get_by_role("navigation", name="Resource types").get_by_role("link", name="Subnet").click()
    expect(page).to_have_url("/inventory?type=toy.subnet")
    expect(page.get_by_role("columnheader", name="CIDR")).to_be_visible()
    assert rows(page)[:2] == ["floor 00000", "floor 00001"]
    expect(page.get_by_role("columnheader", name="Name")).to_have_attribute("aria-sort", "ascending")

    page.get_by_role("columnheader", name="Name").get_by_role("link").click()
    expect(page.get_by_role("columnheader", name="Name")).to_have_attribute("aria-sort", "descending")
    assert rows(page)[0] == "floor 02499"
    assert len(rows(page)) == 100

    page.get_by_role("link", name="Load more").click()
    expect(page.locator("[data-rows] tbody tr:not(.load-more)")).to_have_count(200)
    assert rows(page)[199] == "floor 02300"

    page.get_by_label("Region").select_option("south")
    expect(page).to_have_url("/inventory?type=toy.subnet&desc=1&region=south")
    assert total(page) == "50"
    assert rows(page)[0] == "floor 02451"

    page.go_back()
    expect(page).to_have_url("/inventory?type=toy.subnet&desc=1")
    assert rows(page)[0] == "floor 02499"
    page.go_back()
    expect(page).to_have_url("/inventory?type=toy.subnet")
    page.go_back()
    expect(page).to_have_url("/inventory")
    assert total(page) == "2,502"


def test_searching_narrows_while_typing_and_keeps_the_address_and_the_focus(page: Page, many: Site) -> None:
    page.goto("/inventory?type=toy.subnet")
    page.keyboard.press("/")
    search = page.get_by_role("searchbox", name="Search the inventory")
    expect(search).to_be_focused()
    page.keyboard.type("floor 0012", delay=20)
    expect(page.locator("#total")).to_have_text("10")
    expect(page).to_have_url("/inventory?type=toy.subnet&q=floor+0012")
    expect(search).to_be_focused()
    assert rows(page) == [f"floor 0012{digit}" for digit in range(10)]
    page.reload()
    assert rows(page) == [f"floor 0012{digit}" for digit in range(10)]
    search.fill(ADDRESS)
    expect(page.locator("#total")).to_have_text("1")
    assert rows(page) == ["floor 00263"]
    page.get_by_role("link", name="Remove the search").click()
    expect(page.locator("#total")).to_have_text("2,500")


def test_attribute_tag_and_chips(page: Page, many: Site) -> None:
    page.goto("/inventory?type=toy.subnet")
    page.get_by_text("Filter", exact=True).click()
    page.get_by_label("Tag").fill("env=prod")
    page.get_by_role("button", name="Apply").click()
    expect(page).to_have_url("/inventory?type=toy.subnet&tag=env%3Dprod")
    assert total(page) == "25"
    page.get_by_text("Filter", exact=True).click()
    page.get_by_label("Attribute").fill("cidr=10.1.44.0/24")
    page.get_by_role("button", name="Apply").click()
    assert rows(page) == ["floor 00300"]
    page.get_by_role("link", name="Remove the filter Tag env prod").click()
    expect(page).to_have_url(re.compile(r"/inventory\?type=toy\.subnet&where=cidr"))
    page.get_by_role("link", name="Clear all").click()
    expect(page).to_have_url("/inventory?type=toy.subnet")


def test_the_keyboard_walks_the_rows_and_opens_one(page: Page, many: Site) -> None:
    page.goto("/inventory?type=toy.subnet")
    for key in ("j", "j", "j", "k"):
        page.keyboard.press(key)
    expect(page.get_by_role("link", name="floor 00001")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="floor 00001")).to_be_visible()


def test_a_past_moment_and_what_is_deleted_can_be_asked_for(page: Page, site: Site) -> None:
    site.toys.world.add(network("n-1", name="core"), network("n-2", name="old"))
    source = site.source()
    site.toys.world.remove("n-2")
    site.gateway.collect(source.id)
    page.goto("/inventory?type=toy.network")
    assert rows(page) == ["core"]
    page.get_by_text("Filter", exact=True).click()
    page.get_by_label("Show deleted resources too").check()
    page.get_by_role("button", name="Apply").click()
    expect(page).to_have_url("/inventory?type=toy.network&deleted=1")
    assert [re.sub(r"\s+deleted.*", "", row) for row in rows(page)] == ["core", "old"]
    expect(page.get_by_text(re.compile("^deleted"))).to_be_visible()
    page.goto("/inventory?type=toy.network&at=2020-01-01T00:00:00Z")
    expect(page.get_by_text("As of", exact=True)).to_be_visible()
    assert total(page) == "0"


def test_what_was_denied_is_unknown_and_not_absent(page: Page, site: Site) -> None:
    core = network("n-1", name="core")
    site.toys.world.add(core)
    site.toys.world.problems[(NORTH.key, "toy.gateway")] = DENIED
    site.source()
    page.goto("/inventory")
    branch = page.get_by_role("navigation", name="Resource types").get_by_role("link", name="Gateway")
    expect(branch).to_contain_text("unknown")
    branch.click()
    expect(page.get_by_text("Nothing is known of this type")).to_be_visible()
    expect(page.get_by_role("heading", name="Unknown", exact=True)).to_be_visible()
    expect(page.get_by_text("You are not allowed to list gateways.")).to_be_visible()


def test_what_nobody_asked_for_is_not_absent(page: Page, site: Site) -> None:
    site.toys.world.problems[(NORTH.key, "toy.gateway")] = Failure(Outcome.UNSUPPORTED, "It is left out.")
    site.source()
    page.goto("/inventory?type=toy.gateway")
    expect(page.get_by_role("heading", name="Not listed", exact=True)).to_be_visible()
    page.goto("/inventory?type=toy.subnet")
    expect(page.get_by_role("heading", name="None", exact=True)).to_be_visible()


def test_what_was_not_confirmed_says_when_it_was_last_seen(page: Page, site: Site) -> None:
    core = network("n-1", name="core")
    site.toys.world.add(core, toy_gateway("g-1", core), toy_gateway("g-2", core))
    source = site.source()
    site.toys.world.problems[(NORTH.key, "toy.gateway")] = Failure(Outcome.THROTTLED, "Too many requests.")
    site.gateway.collect(source.id)
    page.goto("/inventory?type=toy.gateway")
    expect(page.get_by_text("This list is not complete")).to_be_visible()
    expect(page.locator("[data-rows] tbody tr").filter(has_text="last seen").first).to_be_visible()


def test_a_list_that_cannot_be_continued_says_so(page: Page, site: Site) -> None:
    core = network("n-1", name="core")
    site.toys.world.add(core, *(subnet(f"s-{number:03}", core) for number in range(101)))
    site.source()
    page.goto("/inventory?type=toy.subnet")
    page.route(
        "**/inventory/rows**", lambda to: to.continue_(url=f"{site.url}/inventory/rows?type=toy.subnet&cursor=old")
    )
    page.get_by_role("link", name="Load more").click()
    expect(page.get_by_role("alert")).to_contain_text("The list could not be continued. The cursor cannot be used.")
    page.get_by_role("link", name="Show it from its top").click()
    expect(page).to_have_url("/inventory?type=toy.subnet")


def test_an_unknown_type_is_not_told_as_none(page: Page, site: Site) -> None:
    site.source()
    page.goto("/inventory?type=toy.subnets")
    expect(page.get_by_role("heading", name="There is no such type")).to_be_visible()
    exported = page.request.get("/inventory/export.csv?type=toy.subnets")
    assert (exported.status, "Did you mean toy.subnet" in exported.text()) == (422, True)
    page.get_by_role("link", name="Show toy.subnet", exact=True).click()
    expect(page).to_have_url("/inventory?type=toy.subnet")
    page.goto("/inventory?type=toy.subnets&at=2026-13-40")  # nor beside something else that is wrong
    expect(page.get_by_role("alert")).to_contain_text("2026-13-40")
    expect(page.get_by_role("heading", name="There is no such type")).to_be_visible()


@pytest.mark.parametrize("path", ["/inventory", "/changes", "/resources/n-1"])
def test_a_time_outside_of_the_calendar_is_told(page: Page, site: Site, watch: Watch, path: str) -> None:
    watch.expected.append("422")
    page.goto(f"{path}?{'since' if path == '/changes' else 'at'}=9999-12-31T23:59:59-12:00")
    expect(page.get_by_text("is outside of the years 1 to 9999.")).to_be_visible()


def test_a_kind_of_change_that_does_not_exist_is_told(page: Page, site: Site, watch: Watch) -> None:
    watch.expected.append("422")
    page.goto("/changes?kind=moved")
    expect(page.get_by_text("Known: created, updated, deleted.")).to_be_visible()


def test_a_list_is_refreshed_where_it_is_shown(page: Page, site: Site) -> None:
    """Only its type, and only where the filters look."""
    site.toys.world.scopes = [NORTH, SOUTH]
    source = site.source()
    site.toys.world.add(network("n-1", name="core"), network("n-2", SOUTH, name="southern", cidr="10.9.0.0/16"))
    page.goto("/inventory?type=toy.network&region=north")
    page.get_by_role("button", name="Refresh").click()
    expect(page.get_by_text("Refreshed: something has changed.")).to_be_visible()
    assert rows(page) == ["core"]
    newest = site.gateway.store.runs.list().items[0]
    assert (newest.extent, newest.region) == ("toy.network", "north")
    page.goto("/inventory?type=toy.network")
    assert rows(page) == ["core"], "the south was not asked"
    site.toys.world.problems[NORTH.key, "toy.network"] = DENIED
    page.get_by_role("button", name="Refresh").click()
    expect(page.get_by_text(f"It could not be refreshed. {DENIED.message}")).to_be_visible()
    page.goto("/inventory")
    expect(page.get_by_role("button", name="Refresh")).to_have_count(0)
    site.gateway.add_source("another", "toy", GOOD, interval=None)
    page.goto("/inventory?type=toy.network")
    expect(page.get_by_role("button", name="Refresh")).to_have_count(0)
    page.goto(f"/inventory?type=toy.network&source={source.id}")
    expect(page.get_by_role("button", name="Refresh")).to_be_visible()
