"""Signing in at IAM Identity Center from the form of a source, with a real browser and a fake of AWS's side."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Response, expect

from openvna.collect import Gateway
from openvna.northbound.rest import create_api
from openvna.plugin import load_plugin, plugin_names
from openvna.store import load_vault, open_store
from openvna.web import mount
from rest.served import PASSWORD, serving
from support.identity_center import ACCOUNT, OTHER_ACCOUNT, REGION, START_URL, FakeCenter, identity_center
from support.toy_plugin import ToyPlugin
from web.conftest import Site, Watch, open_page
from web.test_web_access import AXE, RUN_AXE

pytestmark = pytest.mark.chromium
PROVEN = 30_000
"""Milliseconds within which a whole verification ends, every permission tried, also on a busy machine."""


@dataclass
class Place:
    """The whole product with its own plugins, and the Identity Center that its sources sign in at."""

    site: Site
    center: FakeCenter


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    store = open_store(f"sqlite:///{tmp_path / 'openvna.db'}", load_vault(tmp_path / "key", None))
    gateway = Gateway(store, load_plugin=load_plugin, plugin_names=plugin_names, workers=2)
    store.accounts.add_user("admin", PASSWORD)
    app = create_api(gateway, secure_cookies=False)
    mount(app, gateway)
    with identity_center() as center, serving(app) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", center.url)
        yield Place(Site(url, app, gateway, ToyPlugin()), center)
        gateway.close()


@pytest.fixture
def watched(browser: Browser, place: Place) -> Iterator[tuple[Page, Watch]]:
    watch = Watch(urlsplit(place.site.url).netloc)
    page = open_page(browser, place.site, watch, signed_in=True, reduced_motion="reduce")
    yield page, watch
    page.context.close()
    assert not watch.strangers, "the page asked another server"
    assert not watch.unexpected(), "the page complained"


def begin(page: Page, name: str = "hub", start_url: str = START_URL) -> None:
    page.goto("/sources/new?plugin=aws")
    page.get_by_label("Name", exact=True).or_(page.locator("#field-name")).first.fill(name)
    page.get_by_role("radio", name="IAM Identity Center").check()
    page.get_by_label("Start URL").fill(start_url)
    page.get_by_label("Region of Identity Center").fill(REGION)
    page.get_by_role("button", name="Sign in", exact=True).click()


def confirm(page: Page) -> None:
    """What the person does in the tab that opens."""
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Open the sign-in page").click()
    portal = opened.value
    code = page.locator("[data-code]").text_content()
    expect(portal.get_by_text(f"with the code {code}")).to_be_visible()
    assert portal.evaluate("window.opener") is None
    portal.get_by_role("button", name="Allow access").click()
    expect(portal.get_by_text("You may close this page.")).to_be_visible()
    portal.close()


def test_from_the_start_url_to_a_saved_source(watched: tuple[Page, Watch], place: Place, tmp_path: Path) -> None:
    page, _ = watched
    sent: list[str] = []
    page.on("request", lambda request: sent.append(f"{request.url} {request.post_data}"))
    answers: list[Response] = []
    page.on("response", lambda response: answers.append(response))
    begin(page)
    expect(page.get_by_text("Waiting for you to sign in")).to_be_visible()
    expect(page.locator("[data-code]")).to_have_text(place.center.codes[0].user_code)
    expect(page.get_by_text("The code is good for 9 min")).to_be_visible()
    confirm(page)
    expect(page.get_by_text("Signed in.", exact=True)).to_be_visible()
    expect(page.locator("[data-code]")).to_be_hidden()
    page.get_by_role("radio", name="Network hub").check()
    page.get_by_role("radio", name="NetworkReader").check()
    page.get_by_role("button", name="Verify", exact=True).click()
    expect(page.locator("[data-verdict]")).to_contain_text("The access works", timeout=PROVEN)
    kinds = ("application/json", "text/html")
    told = [each.text() for each in answers if each.headers.get("content-type", "").split(";")[0] in kinds]
    assert any('"signed-in"' in text or '"sign-in:' in text for text in told)
    page.get_by_role("button", name="Save source").click()
    expect(page.get_by_role("heading", name="hub")).to_be_visible()
    expect(page.get_by_text("stored, encrypted")).to_be_visible()
    (source,) = place.site.gateway.store.sources.list()
    credential = source.config["credential"]
    assert isinstance(credential, dict)
    assert (credential["account_id"], credential["role_name"]) == (ACCOUNT, "NetworkReader")
    stored = json.loads(place.site.gateway.store.sources.secrets(source.id)["credential.sign_in"])
    assert stored["accessToken"] in place.center.issued
    assert [
        secret for secret in place.center.issued if any(secret in text for text in (*sent, *told, page.content()))
    ] == []


def test_many_accounts_are_searched_and_a_person_with_one_role_has_nothing_to_choose(
    watched: tuple[Page, Watch], place: Place
) -> None:
    page, _ = watched
    place.center.accounts |= {f"{number:012}": (f"Team {number}", ["ReadOnly"]) for number in range(1, 151)}
    begin(page)
    expect(page.locator("[data-code]")).to_be_visible()
    place.center.approve()
    search = page.get_by_role("searchbox", name="Search: Account")
    expect(search).to_be_focused()
    assert search.get_attribute("placeholder") == "Search 152"
    search.fill("team 15")
    expect(page.locator(".picker-row:visible")).to_have_count(2)  # 15 and 150
    search.fill("no such team")
    expect(page.get_by_text("None of them is called so.")).to_be_visible()
    search.fill("000000000077")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.get_by_role("radio", name="Team 77")).to_be_checked()
    expect(page.get_by_role("radio", name="ReadOnly")).to_be_checked()
    search.fill("audit")
    place.center.accounts[OTHER_ACCOUNT] = ("Audit", ["Auditor", "ReadOnly", "Viewer"])
    page.get_by_role("radio", name="Audit").check()
    expect(page.locator("#field-credential-account-id")).to_have_value(OTHER_ACCOUNT)
    expect(page.locator("#field-credential-role-name")).to_have_value("ReadOnly")


def test_why_it_failed_stands_beside_it_with_what_to_do(watched: tuple[Page, Watch], place: Place) -> None:
    page, watch = watched
    watch.expected += ["status of 502", "status of 422"]
    begin(page, start_url="https://mistyped.awsapps.com/start")
    failed = page.locator("[data-sign-in-failed]")
    expect(failed).to_contain_text("S-STARTURL")
    expect(failed).to_contain_text("Copy the AWS access portal URL from the Identity Center console")
    page.get_by_label("Start URL").fill(START_URL)
    expect(failed).to_be_hidden()
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text("Waiting for you to sign in")).to_be_visible()
    place.center.deny()
    expect(failed).to_contain_text("S-DENIED")
    expect(failed).to_contain_text("choose Allow")
    page.get_by_label("Region of Identity Center").fill("")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.locator("#field-credential-sso-region-error")).to_contain_text("Enter the region")


def test_it_can_be_cancelled_and_a_change_of_the_portal_wants_a_new_one(
    watched: tuple[Page, Watch], place: Place
) -> None:
    page, _ = watched
    begin(page)
    expect(page.locator("[data-code]")).to_be_visible()
    page.get_by_role("button", name="Cancel", exact=True).click()
    expect(page.get_by_text("Cancelled.")).to_be_visible()
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_focused()
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text("Waiting for you to sign in")).to_be_visible()
    expect(page.locator("[data-code]")).to_have_text(place.center.codes[1].user_code)
    place.center.approve()
    expect(page.get_by_text("Signed in.", exact=True)).to_be_visible()
    page.get_by_label("Region of Identity Center").fill("eu-central-1")
    expect(page.get_by_text("The settings changed: sign in again.")).to_be_visible()
    expect(page.locator(".picker")).to_have_count(0)


def test_a_source_whose_session_is_over_signs_in_again_in_place(watched: tuple[Page, Watch], place: Place) -> None:
    page, _ = watched
    gateway, center = place.site.gateway, place.center
    source = gateway.add_source("hub", "aws", {"credential": center.settings()})
    center.revoke()
    list(gateway.verify_source("hub"))
    page.goto(f"/sources/{source.id}")
    expect(page.locator("[data-verdict]")).to_contain_text("S-REVOKED")
    page.get_by_label("More actions").click()
    page.get_by_role("link", name="Re-enter credential").click()
    expect(page.get_by_label("Start URL")).to_have_value(START_URL)
    page.get_by_role("button", name="Sign in again").click()
    confirm(page)
    expect(page.get_by_role("radio", name="Network hub")).to_be_checked()
    expect(page.get_by_role("radio", name="NetworkReader")).to_be_checked()
    page.get_by_role("button", name="Verify", exact=True).click()
    expect(page.locator("[data-verdict]")).to_contain_text("The access works", timeout=PROVEN)
    page.get_by_role("button", name="Save source").click()
    expect(page.get_by_text("Saved.", exact=True)).to_be_visible(timeout=PROVEN)
    expect(page.locator("[data-verdict]")).to_contain_text("The access works", timeout=PROVEN)
    (kept,) = gateway.store.sources.list()
    assert kept.id == source.id


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_state_of_it_is_for_everyone(browser: Browser, place: Place, scheme: str) -> None:
    place.center.accounts |= {
        f"{number:012}": (f"A team with a long name {number}", ["ReadOnly"]) for number in range(9)
    }
    watch = Watch(urlsplit(place.site.url).netloc)
    page = open_page(browser, place.site, watch, signed_in=True, color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size({"width": 390, "height": 844})

    def barriers() -> list[object]:
        page.evaluate(AXE)
        found: list[object] = page.evaluate(RUN_AXE)
        width = page.evaluate("document.documentElement.scrollWidth")
        return [*found, *([f"{width} wide"] if width > 390 else [])]

    begin(page)
    expect(page.locator("[data-code]")).to_be_visible()
    assert barriers() == []
    place.center.approve()
    expect(page.get_by_role("searchbox", name="Search: Account")).to_be_visible()
    page.get_by_role("radio", name="Network hub").check()
    expect(page.get_by_role("radio", name="NetworkReader")).to_be_visible()
    assert barriers() == []
    page.get_by_role("button", name="Sign in again").click()
    expect(page.locator("[data-code]")).to_be_visible()
    place.center.deny()
    expect(page.locator("[data-sign-in-failed]")).to_be_visible()
    assert barriers() == []
    page.context.close()
    assert not watch.strangers
    assert not watch.unexpected()


def test_who_will_take_a_role_may_be_somebody_who_signs_in(watched: tuple[Page, Watch], place: Place) -> None:
    page, _ = watched
    page.goto("/sources/onboard/new?plugin=aws&way=role")
    page.get_by_role("radio", name="IAM Identity Center").check()
    page.get_by_label("Start URL").fill(START_URL)
    page.get_by_label("Region of Identity Center").fill(REGION)
    page.get_by_role("button", name="Sign in", exact=True).click()
    confirm(page)
    page.get_by_role("radio", name="Network hub").check()
    page.get_by_role("radio", name="NetworkReader").check()
    page.get_by_role("button", name="Who is that?").click()
    expect(page.locator("[data-who-answer]")).to_contain_text("AWSReservedSSO_NetworkReader")
