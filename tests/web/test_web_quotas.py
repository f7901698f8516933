"""The quotas in the browser: the fullest first, and what is not known never shown as fine."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import Locator, Page, expect

from openvna.model import JSON, Failure, Kind, Outcome, Resource, Scope
from support.toy_plugin import ACCOUNT, DENIED, NORTH, SOUTH, network, subnet, toy_gateway
from web.conftest import Site, Watch

pytestmark = pytest.mark.chromium


def quota(alias: str, name: str, scope: Scope = NORTH, **attributes: JSON) -> Resource:
    made = network(alias, scope, name=name)
    return replace(made, kind=Kind.QUOTA, attributes=attributes)


@pytest.fixture
def bounded(site: Site) -> Site:
    """In the north four subnets of four, all but one in n-1; one gateway of two; in the south one subnet of five. What
    bounds widgets is not counted."""
    core, other = network("n-1", name="core"), network("n-2", name="other")
    far = network("n-3", SOUTH, name="far")
    site.toys.world.scopes = [NORTH, SOUTH]
    site.toys.world.add(
        *(core, other, far, toy_gateway("g-1", core), toy_gateway("g-2", other, state="down")),
        *(subnet(f"s-{number}", core if number else other, name=f"floor {number}") for number in range(4)),
        subnet("s-9", far, SOUTH, name="far away"),
        quota("q-1", "Subnets", maximum=4.0, counts="toy.subnet", service="base"),
        quota("q-2", "Subnets of a network", maximum=3.5, counts="toy.subnet", counts_by="network_id", service="base"),
        quota("q-3", "Gateways", maximum=2, counts="toy.gateway", counts_where="state=up", service="ways"),
        quota("q-4", "Subnets", SOUTH, maximum=5, counts="toy.subnet", service="base"),
        quota("q-5", "Widgets", maximum=50, service="base"),
    )
    return site


def rows(page: Page) -> Locator:
    return page.locator("[data-rows] tbody tr")


def names(page: Page) -> list[str]:
    return rows(page).locator("th a").all_inner_texts()


def test_the_fullest_stand_first_each_with_what_counts_and_where(page: Page, bounded: Site) -> None:
    bounded.source()
    page.goto("/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Quotas").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Quotas 5")
    assert names(page) == ["Subnets", "Subnets of a network", "Gateways", "Subnets", "Widgets"]
    full, near, half, far, unknown = rows(page).all()
    expect(full).to_contain_text("Used up")
    expect(full).to_contain_text("4 of 4")
    expect(full).to_contain_text("100 %")
    expect(near).to_contain_text("Near its limit")
    expect(near).to_contain_text("3 of 3.5")
    expect(near).to_contain_text("85 %")
    expect(near.get_by_role("link", name="n-1")).to_be_visible()
    expect(half).to_contain_text("1 of 2")
    expect(far).to_contain_text("1 of 5")
    expect(far).to_contain_text("south")
    expect(unknown).to_contain_text("Not known")
    expect(unknown).to_contain_text("of 50. OpenVNA does not count what it bounds.")
    expect(unknown).not_to_contain_text("%")


def test_a_number_leads_to_the_resources_that_it_counts(page: Page, bounded: Site) -> None:
    source = bounded.source()
    page.goto("/quotas")
    rows(page).nth(1).get_by_role("link", name="3", exact=True).click()
    of = f"type=toy.subnet&source={source.id}&account={ACCOUNT}&region=north"
    expect(page).to_have_url(f"/inventory?{of}&where=network_id%3Dn-1")
    expect(page.locator("#total")).to_have_text("3")
    page.go_back()
    rows(page).nth(2).get_by_role("link", name="1", exact=True).click()
    expect(page.locator("#total")).to_have_text("1")
    assert names(page) == ["g-1"]


def test_filters_are_in_the_address(page: Page, bounded: Site) -> None:
    bounded.source()
    page.goto("/quotas")
    page.get_by_label("Region").select_option("south")
    expect(page).to_have_url("/quotas?region=south")
    assert names(page) == ["Subnets"]
    page.goto("/quotas")
    page.get_by_label("Service").select_option("ways")
    expect(page).to_have_url("/quotas?service=ways")
    assert names(page) == ["Gateways"]
    expect(page.locator("#total")).to_have_text("1")
    page.get_by_role("link", name="Clear").click()
    page.get_by_role("combobox", name="Used").select_option("80 % or more")
    expect(page).to_have_url("/quotas?least=80")
    assert names(page) == ["Subnets", "Subnets of a network"]
    expect(page.locator("#total")).to_have_count(0)
    page.goto("/quotas")
    page.keyboard.press("/")
    page.keyboard.type("widgets")
    page.keyboard.press("Enter")
    expect(page).to_have_url("/quotas?q=widgets")
    assert names(page) == ["Widgets"]
    page.goto("/quotas?account=999")
    expect(page.get_by_role("heading", name="Nothing matches")).to_be_visible()


def test_a_form_that_is_sent_without_scripts_is_understood(page: Page, bounded: Site) -> None:
    bounded.source()
    page.goto("/quotas?q=widgets&account=&region=&service=&least=&source=")
    assert names(page) == ["Widgets"]


def test_what_is_hardly_used_is_not_told_as_none(page: Page, site: Site) -> None:
    core = network("n-1", name="core")
    site.toys.world.add(core, subnet("s-1", core), quota("q-1", "Subnets", maximum=3000, counts="toy.subnet"))
    site.source()
    page.goto("/quotas")
    expect(rows(page).first).to_contain_text("< 1 %")
    page.get_by_role("combobox", name="Used").select_option("80 % or more")
    expect(page.get_by_text("Those of which nobody knows what is used are left out here.")).to_be_visible()


def test_a_quota_of_none_is_marked_with_and_without_any_use(page: Page, site: Site) -> None:
    site.toys.world.add(
        *((core := network("n-1", name="core")), subnet("s-1", core)),
        quota("q-1", "Subnets", maximum=0, counts="toy.subnet"),
        quota("q-2", "Gateways", maximum=0, counts="toy.gateway"),
    )
    site.source()
    page.goto("/quotas")
    over, none = rows(page).all()
    expect(over).to_contain_text("Used up")
    expect(over).to_contain_text("1 of 0")
    expect(over).to_contain_text("100 %")
    expect(none).to_contain_text("None allowed")
    expect(none).to_contain_text("0 of 0")
    expect(none).not_to_contain_text("%")


def test_an_address_that_cannot_be_used_says_why_and_leads_back(page: Page, bounded: Site, watch: Watch) -> None:
    watch.expected.append("422")
    bounded.source()
    page.goto("/quotas?least=abc")
    expect(page.get_by_role("heading", level=1)).to_have_text("This address cannot be used as it is.")
    expect(page.get_by_text("least is not a whole number.")).to_be_visible()
    expect(page.get_by_text("Give a whole number.")).to_be_visible()
    page.get_by_role("link", name="Open the page without filters").click()
    expect(page).to_have_url("/quotas")
    expect(rows(page)).to_have_count(5)


def test_what_could_not_be_listed_is_not_known_and_not_zero(page: Page, bounded: Site) -> None:
    bounded.toys.world.remove("g-1", "g-2")
    bounded.toys.world.problems[(NORTH.key, "toy.gateway")] = DENIED
    bounded.source()
    page.goto("/quotas?service=ways")
    (row,) = rows(page).all()
    expect(row).to_contain_text("Not known")
    expect(row).to_contain_text("of 2. Gateway: never listed completely here.")
    expect(row).not_to_contain_text("%")
    del bounded.toys.world.problems[(NORTH.key, "toy.gateway")]
    bounded.gateway.collect("floor")
    page.reload()
    expect(row).to_contain_text("0 of 2")
    expect(row).to_contain_text("0 %")
    bounded.toys.world.problems[(NORTH.key, "toy.gateway")] = Failure(Outcome.THROTTLED, "Too many requests.")
    bounded.gateway.collect("floor")
    page.reload()
    expect(row).to_contain_text("last seen")


def test_pages_follow_each_other(page: Page, site: Site) -> None:
    site.toys.world.add(*(quota(f"q-{number:03}", f"Quota {number:03}", maximum=number) for number in range(120)))
    site.source()
    page.goto("/quotas")
    assert len(names(page)) == 100
    page.get_by_role("link", name="More quotas").click()
    assert names(page) == [f"Quota {number:03}" for number in range(100, 120)]
    expect(page.get_by_role("link", name="More quotas")).to_have_count(0)


def test_quotas_that_could_not_be_read_are_told_and_are_not_none(
    page: Page, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    types = site.app.state.site.types
    monkeypatch.setitem(types, "toy.gateway", replace(types["toy.gateway"], kind=Kind.QUOTA))
    site.toys.world.problems[(NORTH.key, "toy.gateway")] = DENIED
    site.source()
    page.goto("/quotas")
    notice = page.get_by_text("Not all quotas could be read")
    expect(notice.locator("..")).to_contain_text(f"Gateway, denied in 1 place ({ACCOUNT} north)")
    expect(page.get_by_role("heading", name="Unknown", exact=True)).to_be_visible()


def test_without_any_the_page_says_the_next_step(page: Page, site: Site) -> None:
    page.goto("/quotas")
    expect(page.get_by_role("main").get_by_role("link", name="Add a source")).to_be_visible()
    site.source()
    page.reload()
    expect(page.get_by_text("No source has read any yet.")).to_be_visible()
