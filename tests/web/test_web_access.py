"""Every page for everyone: by keyboard, by screen reader, in light and dark, on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from openvna.model import Kind
from support.toy_plugin import DENIED, NORTH, network, subnet, toy_gateway
from web.conftest import Site, Watch, open_page

pytestmark = pytest.mark.chromium
AXE = (Path(__file__).parent / "vendor" / "axe-4.14.1.min.js").read_text()
RUN_AXE = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations
    .filter(({impact}) => impact === "serious" || impact === "critical")
    .map(({id, nodes}) => [id, ...nodes.slice(0, 3).map((node) => node.html.slice(0, 160) + node.failureSummary)])"""


@pytest.fixture
def pages(site: Site) -> list[str]:
    """The addresses of all pages, with something of every sort on them."""
    core = network("n-1", name="core", env="prod")
    site.toys.world.add(core, network("n-2", name="old"), subnet("s-1", core, name="first"), toy_gateway("g-1", core))
    for alias, bound in (("q-1", {"maximum": 1, "counts": "toy.subnet", "counts_by": "network_id"}), ("q-2", {})):
        site.toys.world.add(replace(network(alias, name=alias), kind=Kind.QUOTA, attributes=bound))
    source = site.source()
    site.toys.world.remove("n-2")
    site.toys.world.resources[0] = network("n-1", name="core", cidr="10.0.0.0/12", env="prod")
    site.toys.world.problems[(NORTH.key, "toy.gateway")] = DENIED
    (run,) = site.gateway.collect(source.id)
    site.gateway.store.accounts.add_token("grafana", ("read",), None)
    resource = site.gateway.store.resources.find("n-1")[0]
    from openvna.web.show import resource_url

    return [
        "/",
        "/sources",
        "/sources/new",
        f"/sources/{source.id}",
        f"/sources/{source.id}/edit",
        f"/sources/{source.id}/credential",
        "/inventory",
        "/inventory?type=toy.gateway",
        "/inventory?type=toy.network&deleted=1&q=o",
        "/inventory?q=nothing-like-it",
        resource_url(resource.id),
        "/quotas",
        "/quotas?q=nothing-like-it",
        "/runs",
        f"/runs/{run.id}",
        "/changes",
        "/settings",
    ]


@pytest.fixture(params=["light", "dark"])
def themed(request: pytest.FixtureRequest, browser: Browser, site: Site, watch: Watch) -> Iterator[Page]:
    page = open_page(browser, site, watch, signed_in=True, color_scheme=request.param, reduced_motion="reduce")
    yield page
    page.context.close()
    assert not watch.strangers
    assert not watch.unexpected()


def test_no_page_has_a_serious_barrier(themed: Page, pages: list[str], watch: Watch) -> None:
    watch.expected.append("status of 404")
    found = {}
    for path in [*pages, "/nowhere"]:
        themed.goto(path)
        themed.evaluate(AXE)
        if violations := themed.evaluate(RUN_AXE):
            found[path] = violations
    assert found == {}


def test_the_sign_in_has_no_serious_barrier(stranger: Page) -> None:
    for scheme in ("light", "dark"):
        stranger.emulate_media(color_scheme=scheme)
        stranger.goto("/sign-in")
        stranger.evaluate(AXE)
        assert stranger.evaluate(RUN_AXE) == []


def test_no_page_is_wider_than_a_phone(page: Page, pages: list[str]) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    wide = {}
    for path in pages:
        page.goto(path)
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > 390:
            wide[path] = width
    assert wide == {}


def test_on_a_phone_the_navigation_opens_and_leads_on(page: Page, pages: list[str]) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/")
    expect(page.get_by_role("link", name="Runs", exact=True)).to_be_hidden()
    menu = page.get_by_role("button", name="Menu")
    menu.click()
    expect(menu).to_have_attribute("aria-expanded", "true")
    page.get_by_role("link", name="Runs", exact=True).click()
    expect(page.get_by_role("heading", name="Runs", exact=True)).to_be_visible()


def test_on_a_phone_the_filters_open_within_the_screen(page: Page, pages: list[str]) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/inventory")
    page.get_by_text("Filter", exact=True).click()
    box = page.get_by_role("button", name="Apply").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390


def test_every_page_has_one_main_heading_and_landmarks(page: Page, pages: list[str]) -> None:
    for path in pages:
        page.goto(path)
        assert page.get_by_role("heading", level=1).count() == 1, path
        assert page.get_by_role("main").count() == 1, path
        expect(page.get_by_role("navigation", name="Main")).to_be_visible()


def test_the_first_stop_of_the_keyboard_skips_the_navigation(page: Page, pages: list[str]) -> None:
    page.goto("/sources")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Add source")).to_be_focused()
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid", "the focus is visible"


def test_a_menu_and_a_dialog_close_with_escape_and_give_the_focus_back(page: Page, pages: list[str]) -> None:
    page.goto(pages[3])
    more = page.get_by_label("More actions")
    more.focus()
    page.keyboard.press("Enter")
    delete = page.get_by_role("button", name="Delete…")
    expect(delete).to_be_visible()
    page.keyboard.press("Escape")
    expect(delete).to_be_hidden()
    expect(more).to_be_focused()
    denied = page.get_by_role("button", name="Denied").first
    denied.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(denied).to_be_focused()


def test_the_theme_follows_the_system_until_one_is_chosen_and_then_stays(page: Page) -> None:
    background = "getComputedStyle(document.body).backgroundColor"
    page.emulate_media(color_scheme="light")
    page.goto("/")
    light = page.evaluate(background)
    page.emulate_media(color_scheme="dark")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    dark = page.evaluate(background)
    assert light != dark
    page.get_by_role("button", name="Light").click()
    assert page.evaluate(background) == light
    expect(page.get_by_role("button", name="Light")).to_have_attribute("aria-pressed", "true")
    page.goto("/sources")
    assert page.evaluate(background) == light
    page.get_by_role("button", name="As the system").click()
    assert page.evaluate(background) == dark


def test_the_first_pages_of_an_empty_installation_say_the_next_step(page: Page) -> None:
    for path in ("/", "/sources", "/inventory", "/quotas"):
        page.goto(path)
        expect(page.get_by_role("main").get_by_role("link", name="Add a source")).to_be_visible()


def test_the_api_documentation_comes_whole_from_this_server(page: Page, site: Site) -> None:
    page.goto("/settings")
    page.get_by_role("link", name="API documentation").click()
    expect(page.get_by_text("/api/v1/sources", exact=True).first).to_be_visible()
