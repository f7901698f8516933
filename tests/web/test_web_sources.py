"""Sources in the browser: proven before they are saved, edited, paused, collected, deleted."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from openvna.collect.secret_places import Allowed, SecretPlaces
from openvna.model import Failure, Outcome, SourceUnusable
from openvna.store import Source
from support.toy_plugin import DENIED, GOOD_TOKEN, NORTH, SOUTH, network, subnet, toy_gateway
from web.conftest import Site, Watch

pytestmark = pytest.mark.chromium


def fill(page: Page, name: str, token: str) -> None:
    page.goto("/sources/new?plugin=toy")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Token", exact=True).fill(token)


def step(page: Page, name: str) -> Locator:
    return page.locator(f'[data-step="{name}"]')


def only_source(site: Site) -> Source:
    (source,) = site.gateway.store.sources.list()
    return source


def test_the_steps_arrive_one_by_one_then_the_verdict_then_the_source_is_saved(page: Page, site: Site) -> None:
    site.toys.world.gate = threading.Event()
    fill(page, "factory floor", GOOD_TOKEN)
    page.get_by_role("button", name="Verify", exact=True).click()
    expect(step(page, "form")).to_have_attribute("data-outcome", "ok")
    expect(step(page, "identity")).to_have_attribute("data-outcome", "running")
    expect(step(page, "identity")).to_contain_text("Running")
    expect(page.locator("[data-verdict]")).to_have_count(0)
    site.toys.world.gate.set()
    expect(step(page, "identity")).to_have_attribute("data-outcome", "ok")
    expect(page.locator("[data-verdict]")).to_contain_text("The access works.")
    page.get_by_role("button", name="Save source").click()
    expect(page.get_by_role("heading", name="factory floor")).to_be_visible()
    expect(page.get_by_text("factory floor is added.")).to_be_visible()
    source = only_source(site)
    assert (source.name, source.interval, source.verdict and source.verdict["verdict"]) == ("factory floor", 900, "ok")
    assert site.toys.world.verifications == 1, "the verification that was seen is the one that is saved"
    site.toys.world.gate = None


def test_a_blank_around_the_token_is_repaired_and_said_so(page: Page) -> None:
    fill(page, "floor", f" {GOOD_TOKEN} ")
    page.get_by_role("button", name="Verify", exact=True).click()
    expect(step(page, "form")).to_contain_text("Repaired")
    expect(page.locator("[data-verdict]")).to_contain_text("The access works.")


def test_a_failing_source_is_saved_only_after_a_second_yes(page: Page, site: Site) -> None:
    fill(page, "floor", "wrong-token-4711")
    page.get_by_role("button", name="Verify", exact=True).click()
    verdict = page.locator("[data-verdict]")
    expect(verdict).to_contain_text("The vendor refused the token.")
    expect(verdict).to_contain_text("TOY-WRONG-TOKEN")
    expect(verdict).to_contain_text("The vendor knows the user, but not this token.")
    verdict.get_by_role("button", name="Copy the remedy").click()
    assert page.evaluate("navigator.clipboard.readText()") == "Copy the token again."
    expect(page.get_by_role("button", name="Save source")).to_be_hidden()
    page.get_by_role("button", name="Save anyway…").click()
    page.get_by_role("dialog").get_by_role("button", name="Back").click()
    assert site.gateway.store.sources.list() == ()
    page.get_by_role("button", name="Save anyway…").click()
    page.get_by_role("dialog").get_by_role("button", name="Save without working access").click()
    expect(page.get_by_role("heading", name="floor")).to_contain_text("Failed")
    assert only_source(site).name == "floor"


def test_a_change_after_the_verification_asks_for_a_new_one(page: Page) -> None:
    fill(page, "floor", GOOD_TOKEN)
    page.get_by_role("button", name="Verify", exact=True).click()
    expect(page.get_by_role("button", name="Save source")).to_be_visible()
    page.get_by_label("User").fill("another")
    expect(page.get_by_role("button", name="Save source")).to_be_hidden()
    expect(page.get_by_text("settings changed: verify again")).to_be_visible()


def test_errors_stand_beside_their_fields(page: Page, site: Site, watch: Watch) -> None:
    watch.expected.append("status of 422")
    site.source("taken", collected=False)
    fill(page, "", GOOD_TOKEN)
    page.get_by_role("button", name="Verify", exact=True).click()
    expect(page.locator("#field-name-error")).to_have_text("Give the source a name.")
    expect(page.get_by_label("Name")).to_be_focused()
    page.get_by_label("Name").fill("Taken")
    page.get_by_role("button", name="Verify", exact=True).click()
    expect(page.locator("#field-name-error")).to_contain_text("There is a source named Taken already.")
    page.get_by_label("Name").fill("free")
    page.get_by_label("Retries").fill("11")
    page.get_by_role("button", name="Verify", exact=True).click()
    expect(page.locator("#field-retries-error")).to_have_text("is more than 10, the most that it can be.")
    expect(page.locator("#field-areas-help code")).to_have_text("areas")
    expect(page.get_by_label("Retries")).to_have_attribute("aria-invalid", "true")


def test_the_form_shows_the_fields_of_the_chosen_credential_and_takes_lists_and_pasted_blocks(
    page: Page, site: Site
) -> None:
    page.goto("/sources/new?plugin=toy")
    page.get_by_label("Name").fill("floor")
    page.get_by_role("radio", name="Badge credential").check()
    expect(page.get_by_label("Token", exact=True)).to_be_hidden()
    expect(page.get_by_label("Badge", exact=True)).to_have_value("visitor")
    page.get_by_role("radio", name="Token credential").check()
    token = page.get_by_label("Token", exact=True)
    token.focus()
    page.evaluate(
        "text => navigator.clipboard.writeText(text)", f'export TOY_USER="clerk"\nexport TOY_TOKEN={GOOD_TOKEN}'
    )
    page.keyboard.press("Control+V")
    expect(token).to_have_value(GOOD_TOKEN)
    expect(page.get_by_label("User")).to_have_value("clerk")
    areas = page.get_by_label("Areas", exact=True)
    areas.fill("north, south")
    areas.press("Enter")
    page.get_by_role("button", name="Remove south").click()
    page.get_by_role("button", name="Verify", exact=True).click()
    page.get_by_role("button", name="Save source").click()
    expect(page.get_by_role("heading", name="floor")).to_be_visible()
    config = only_source(site).config
    assert config["areas"] == ["north"]
    assert config["credential"]["kind"] == "token"
    assert config["credential"]["user"] == "clerk"


def test_an_edit_keeps_the_secret_and_the_history(page: Page, site: Site) -> None:
    site.toys.world.add(network("n-1"))
    source = site.source()
    page.goto(f"/sources/{source.id}/edit")
    expect(page.get_by_label("Token", exact=True)).to_have_value("")
    page.get_by_label("Name").fill("ground floor")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page).to_have_url(f"/sources/{source.id}")
    page.goto(f"/sources/{source.id}/edit")
    page.get_by_label("Retries").fill("5")
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_hidden()
    page.get_by_role("button", name="Verify", exact=True).click()
    page.get_by_role("button", name="Save source").click()
    expect(page).to_have_url(f"/sources/{source.id}")
    changed = only_source(site)
    assert (changed.name, changed.config["retries"]) == ("ground floor", 5)
    assert site.gateway.store.sources.secrets(source.id)["credential.token"] == GOOD_TOKEN
    assert site.gateway.store.resources.counts() == {"toy.network": 1}


def test_a_credential_is_entered_again(page: Page, site: Site) -> None:
    source = site.source()
    site.toys.world.accepts = {"a-rotated-token-77"}
    page.goto(f"/sources/{source.id}")
    page.get_by_label("More actions").click()
    page.get_by_role("link", name="Re-enter credential").click()
    page.get_by_label("Token", exact=True).fill("a-rotated-token-77")
    page.get_by_role("button", name="Verify", exact=True).click()
    page.get_by_role("button", name="Save source").click()
    expect(page.get_by_role("heading", name="floor")).to_contain_text("Verified")
    assert site.gateway.store.sources.secrets(source.id)["credential.token"] == "a-rotated-token-77"


def test_a_credential_of_another_account_asks_before_it_is_saved(page: Page, site: Site, watch: Watch) -> None:
    watch.expected.append("status of 409")
    source = site.source()
    site.toys.world.account = "444455556666"
    page.goto(f"/sources/{source.id}/credential")
    page.get_by_label("Token", exact=True).fill(GOOD_TOKEN)
    page.get_by_label("User").fill("another")
    page.get_by_role("button", name="Verify", exact=True).click()
    page.get_by_role("button", name="Save source").click()
    dialog = page.get_by_role("dialog", name="Another account?")
    expect(dialog).to_contain_text("It is of account 444455556666; the source is of account 111122223333")
    dialog.get_by_role("button", name="Back").click()
    assert only_source(site).config["credential"]["user"] == "robot"
    page.get_by_role("button", name="Save source").click()
    dialog.get_by_role("button", name="Save with the other account").click()
    expect(page).to_have_url(f"/sources/{source.id}")
    verdict = only_source(site).verdict
    assert verdict is not None
    assert verdict["identity"]["account"] == "444455556666"


def test_the_end_of_a_credential_is_shown_and_warned_about(page: Page, site: Site) -> None:
    in_half_an_hour = (datetime.now(UTC) + timedelta(minutes=30, seconds=30)).isoformat()
    for ends, shown in (("2100-01-01T00:00:00Z", "credential ends 2100-01-01"), (in_half_an_hour, "ends in 30 min")):
        site.toys.world.expires_at = ends
        source = site.source(ends, collected=False)
        page.goto("/sources")
        expect(page.get_by_role("row").filter(has_text=ends)).to_contain_text(shown, ignore_case=True)
    page.goto("/")
    expect(page.locator("[data-ending]")).to_have_count(1)
    expect(page.locator("[data-ending=soon]")).to_contain_text("ends in 30 min", ignore_case=True)
    page.goto(f"/sources/{source.id}")
    expect(page.locator("[data-ending=soon]")).to_contain_text("The credential of this source ends soon")
    page.get_by_role("link", name="Enter a new one in its place").click()
    expect(page.get_by_role("heading", name="New credential for")).to_be_visible()


def test_new_secrets_drop_the_end_of_the_old_ones_and_json_fills_the_form(page: Page, site: Site) -> None:
    page.goto("/sources/new?plugin=toy")
    page.get_by_label("Name").fill("floor")
    token, ends = page.get_by_label("Token", exact=True), page.get_by_label("Ends")
    token.focus()
    pasted = json.dumps({"Credentials": {"TOY_TOKEN": GOOD_TOKEN, "TOY_EXPIRATION": "tonight"}})
    page.evaluate("text => navigator.clipboard.writeText(text)", pasted)
    page.keyboard.press("Control+V")
    expect(token).to_have_value(GOOD_TOKEN)
    expect(ends).to_have_value("tonight")
    page.get_by_role("button", name="Verify", exact=True).click()
    page.get_by_role("button", name="Save source").click()
    expect(page.get_by_role("heading", name="floor")).to_be_visible()
    page.goto(f"/sources/{only_source(site).id}/credential")
    expect(ends).to_have_value("tonight")
    token.fill(GOOD_TOKEN)
    expect(ends).to_have_value("")


def test_verify_now_shows_the_steps_and_what_became_of_the_access(page: Page, site: Site) -> None:
    source = site.source(collected=False)
    site.toys.world.accepts = set()
    page.goto(f"/sources/{source.id}")
    page.get_by_role("button", name="Verify now").click()
    expect(step(page, "identity")).to_have_attribute("data-outcome", "failed")
    expect(page.locator("[data-verdict=failed]")).to_contain_text("The vendor refused the token.")
    page.reload()
    expect(page.get_by_role("heading", name="floor")).to_contain_text("Failed")


def test_pausing_and_resuming(page: Page, site: Site) -> None:
    source = site.source(collected=False)
    page.goto(f"/sources/{source.id}")
    page.get_by_label("More actions").click()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("heading", name="floor")).to_contain_text("Paused")
    assert only_source(site).paused
    page.get_by_label("More actions").click()
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("heading", name="floor")).to_contain_text("Verified")
    assert not only_source(site).paused


def test_a_collection_is_followed_live_and_its_gaps_are_shown_with_their_reason(page: Page, site: Site) -> None:
    core = network("n-1", name="core")
    site.toys.world.add(core, subnet("s-1", core), toy_gateway("g-1", core))
    site.toys.world.problems[(NORTH.key, "toy.gateway")] = DENIED
    source = site.source(collected=False)
    site.toys.world.gate = threading.Event()
    page.goto(f"/sources/{source.id}")
    page.get_by_role("button", name="Collect now").click()
    progress = page.get_by_role("region", name="Collecting").first
    expect(progress.get_by_role("row").nth(1)).to_contain_text("111122223333 north")
    expect(page.get_by_role("button", name="Collect now")).to_be_disabled()
    site.toys.world.gate.set()
    expect(page.get_by_text("Collected.")).to_be_visible()
    coverage = page.get_by_role("table").filter(has=page.get_by_role("columnheader", name="north"))
    coverage.get_by_role("button", name="Denied").click()
    reason = page.get_by_role("dialog", name="Gateway: Denied")
    for text in ("You are not allowed to list gateways.", "toy:ListGateways", "req-0001", "Allow toy:ListGateways."):
        expect(reason).to_contain_text(text)
    site.toys.world.gate = None


def test_what_is_as_it_was_counts_in_the_progress_too(page: Page, site: Site) -> None:
    core = network("n-1", name="core")
    site.toys.world.add(core, subnet("s-1", core))
    site.toys.world.knows = True
    site.toys.world.problems[(NORTH.key, "toy.gateway")] = Failure(Outcome.UNSUPPORTED, "There are none here.")
    source = site.source()
    site.toys.world.gate = threading.Event()
    page.goto(f"/sources/{source.id}")
    page.add_init_script("addEventListener('pagehide', () => sessionStorage.setItem('told', document.body.innerText))")
    page.evaluate("addEventListener('pagehide', () => sessionStorage.setItem('told', document.body.innerText))")
    page.get_by_role("button", name="Collect now").click()
    assert site.toys.world.waiting.acquire(timeout=30)
    site.toys.world.gate.set()
    expect(page.get_by_text("Collected.")).to_be_visible()
    told = page.evaluate("sessionStorage.getItem('told')")
    assert "1 of 1 scopes, 2 resources" in told
    assert "problems" not in told, "what is not to be had is none"
    site.toys.world.gate = None


def test_a_collection_that_came_to_nothing_is_not_told_as_made(page: Page, site: Site) -> None:
    source = site.source(collected=False)
    site.toys.world.unusable = SourceUnusable("You were not let in.", "The porter said no.", "Ask the porter.")
    page.goto(f"/sources/{source.id}")
    page.get_by_role("button", name="Collect now").click()
    expect(page.get_by_text("Nothing was collected. You were not let in. The porter said no.")).to_be_visible()


def test_what_runs_is_shown_as_running_until_it_has_ended(page: Page, site: Site) -> None:
    core = network("n-1", name="core")
    site.toys.world.add(core, subnet("s-1", core))
    source = site.source(collected=False)
    site.toys.world.gate = threading.Event()
    collection = site.gateway.start_collection(source.id)
    assert site.toys.world.waiting.acquire(timeout=30)
    overview = page.context.new_page()
    overview.goto("/")
    expect(overview.get_by_role("progressbar", name="Collecting floor")).to_be_visible()
    page.goto("/runs")
    running = page.get_by_role("region", name="Running now")
    running.get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Running")
    site.toys.world.gate.set()
    assert collection.wait(30)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Complete")
    expect(overview.get_by_role("progressbar")).to_have_count(0)
    expect(overview.get_by_role("link", name="core")).to_be_visible()


def test_scopes_that_rest_are_told_with_their_end(page: Page, site: Site) -> None:
    site.toys.world.lets_rest = True
    source = site.source()
    page.goto(f"/sources/{source.id}")
    page.get_by_text("1 scope rests").click()
    rest = page.get_by_role("region", name="Scopes that rest")
    expect(rest.get_by_role("row").nth(1)).to_contain_text("north")
    site.toys.world.add(network("n-1"))
    site.gateway.collect(source.id)
    page.reload()
    expect(page.get_by_text("1 scope rests")).to_have_count(0)


def test_deleting_takes_the_name_typed(page: Page, site: Site) -> None:
    site.toys.world.add(network("n-1"))
    source = site.source("ground floor")
    page.goto(f"/sources/{source.id}")
    page.get_by_label("More actions").click()
    page.get_by_role("button", name="Delete…").click()
    dialog = page.get_by_role("dialog", name="Delete ground floor?")
    confirm = dialog.get_by_role("button", name="Delete source")
    expect(confirm).to_be_disabled()
    dialog.get_by_role("textbox").fill("ground")
    expect(confirm).to_be_disabled()
    dialog.get_by_role("textbox").fill("ground floor")
    confirm.click()
    expect(page.get_by_text("ground floor is deleted.")).to_be_visible()
    expect(page.get_by_role("heading", name="No source yet")).to_be_visible()
    assert site.gateway.store.sources.list() == ()
    assert site.gateway.store.resources.counts() == {}


def test_the_coverage_of_very_many_places_is_added_up(page: Page, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A whole organization has thousands of places: a column for each would be no page any more."""
    monkeypatch.setattr("openvna.web.pages.sources.PLACES", 1)
    site.toys.world.scopes = [NORTH, SOUTH]
    site.toys.world.add(network("n-1"), network("n-2", SOUTH))
    site.toys.world.problems[(SOUTH.key, "toy.network")] = DENIED
    source = site.source()
    page.goto(f"/sources/{source.id}")
    headings = page.locator("table.coverage thead th")
    expect(headings).to_have_text(["Type", "north", "south"])
    row = page.locator("table.coverage tbody tr", has_text="Network").first
    row.get_by_role("button").click()
    expect(page.get_by_role("dialog", name="Network: ").get_by_text("Not complete in 1 of 1 accounts")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("table.coverage tbody th")).to_have_text(["Network"])
    page.get_by_text("2 types of which there is none").click()
    expect(page.locator("[data-empty-types] .chip")).to_have_text(["Gateway", "Subnet"])


def test_a_type_that_is_not_listed_anywhere_is_not_one_of_which_there_is_none(
    page: Page, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openvna.web.pages.sources.PLACES", 1)
    site.toys.world.scopes = [NORTH, SOUTH]
    site.toys.world.add(network("n-1"))
    for scope in (NORTH, SOUTH):
        site.toys.world.problems[(scope.key, "toy.gateway")] = Failure(Outcome.UNSUPPORTED, "It is left out.")
    source = site.source()
    page.goto(f"/sources/{source.id}")
    page.get_by_text("1 type of which there is none").click()
    expect(page.locator("[data-empty-types] .chip")).to_have_text(["Subnet"])
    page.get_by_text("1 type that is listed nowhere").click()
    expect(page.locator("[data-unlisted-types] .chip")).to_have_text(["Gateway"])


def test_a_secret_may_be_named_and_the_name_is_shown(page: Page, site: Site, watch: Watch, tmp_path: Path) -> None:
    watch.expected.append("status of 422")
    (tmp_path / "token").write_text(f"{GOOD_TOKEN}\n")
    site.gateway._settings._resolver = SecretPlaces(Allowed(directories=(tmp_path,)))
    fill(page, "named", f"file:{tmp_path}/missing")
    page.get_by_role("button", name="Verify", exact=True).click()
    expect(page.get_by_text("No such file or directory")).to_be_visible()
    page.get_by_label("Token", exact=True).fill(f"file:{tmp_path}/token")
    page.get_by_role("button", name="Verify", exact=True).click()
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/sources/src_*")
    expect(page.get_by_text(f"file:{tmp_path}/token", exact=True)).to_be_visible()
    assert only_source(site).secrets == ()
    page.goto(f"/sources/{only_source(site).id}/edit")
    expect(page.get_by_label("Token", exact=True)).to_have_attribute("placeholder", f"file:{tmp_path}/token")
