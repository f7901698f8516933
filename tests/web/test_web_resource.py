"""One resource, its history, the runs and the changes."""

from __future__ import annotations

import dataclasses
import json
import re

import pytest
from playwright.sync_api import Page, expect

from openvna.model import Failure, Outcome, Relation
from openvna.web.pages import runs
from support.toy_plugin import DENIED, NORTH, SOUTH, network, subnet, toy_gateway
from web.conftest import Site

pytestmark = pytest.mark.chromium
NASTY = '"><img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script>'


def path_of(site: Site, alias: str) -> str:
    from openvna.web.show import resource_url

    return resource_url(site.gateway.store.resources.find(alias)[0].id)


def test_a_resource_shows_its_relations_both_ways_and_names_what_was_not_collected(page: Page, site: Site) -> None:
    core = network("n-1", name="core", cidr="10.0.0.0/16", env="prod")
    stray = dataclasses.replace(
        subnet("s-2", core),
        relations=(
            Relation("member-of", core.id),
            Relation("shared-with", "account/999"),
            Relation("leads-to", "n-99"),
        ),
    )
    site.toys.world.add(core, subnet("s-1", core, name="first floor"), stray)
    site.source()
    page.goto(path_of(site, "s-2"))
    relations = page.get_by_role("region", name="Relations")
    expect(relations).to_contain_text("account/999")
    expect(relations).to_contain_text("not collected")
    stub = relations.get_by_role("listitem").filter(has_text="n-99")
    expect(stub).to_contain_text("Network")
    expect(stub.get_by_role("link")).to_have_count(0)
    relations.get_by_role("link", name="core").click()
    expect(page.get_by_role("heading", name="core")).to_be_visible()
    relations = page.get_by_role("region", name="Relations")
    expect(relations).to_contain_text("member-of")
    expect(relations.get_by_role("link", name="first floor")).to_be_visible()
    attributes = page.get_by_role("region", name="Attributes")
    expect(attributes).to_contain_text("10.0.0.0/16")
    page.get_by_role("button", name="Copy the id").click()
    assert page.evaluate("navigator.clipboard.readText()") == core.id
    page.get_by_role("link", name="prod").click()
    expect(page).to_have_url("/inventory?tag=env%3Dprod")


def test_versions_show_what_changed_and_lead_to_how_it_was(page: Page, site: Site) -> None:
    site.toys.world.add(network("n-1", name="core", cidr="10.0.0.0/16"))
    source = site.source()
    site.toys.world.resources[0] = network("n-1", name="core", cidr="10.0.0.0/12")
    site.gateway.collect(source.id)
    page.goto(path_of(site, "n-1"))
    versions = page.get_by_role("region", name="Versions")
    row = versions.get_by_role("row").filter(has_text="cidr").first
    expect(row).to_contain_text("−10.0.0.0/16")
    expect(row).to_contain_text("+10.0.0.0/12")
    versions.get_by_role("link", name="As it was").click()
    expect(page.get_by_text("As it was on")).to_be_visible()
    expect(page.get_by_role("region", name="Attributes")).to_contain_text("10.0.0.0/16")
    page.goto("/changes?kind=updated")
    expect(page.get_by_role("link", name="core")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="cidr").first).to_contain_text("+10.0.0.0/12")


def test_a_resource_is_refreshed_where_it_is_shown(page: Page, site: Site) -> None:
    site.toys.world.add(network("n-1", name="core", cidr="10.0.0.0/16"), network("n-2", name="edge"))
    site.source()
    site.toys.world.by_id = True
    site.toys.world.remove("n-1", "n-2")
    site.toys.world.add(network("n-1", name="core", cidr="10.0.0.0/12"))
    page.goto(path_of(site, "n-1"))
    page.get_by_role("button", name="Refresh this").click()
    expect(page.get_by_text("Refreshed: something has changed.")).to_be_visible()
    expect(page.get_by_role("region", name="Attributes")).to_contain_text("10.0.0.0/12")
    assert site.gateway.store.resources.get("n-2").resource.deleted_at is None, "of the others nothing is said"
    site.toys.world.problems[NORTH.key, "toy.network"] = DENIED
    page.get_by_role("button", name="Refresh this").click()
    expect(page.get_by_role("alert").filter(has_text="could not be refreshed")).to_contain_text(DENIED.message)
    expect(page.get_by_role("heading", name="core")).to_contain_text("Present")


def test_what_left_says_why(page: Page, site: Site) -> None:
    site.toys.world.add(network("n-1", name="old"))
    source = site.source()
    path = path_of(site, "n-1")
    site.toys.world.scopes, site.toys.world.left = [SOUTH], {NORTH.key: "The account 111122223333 is closed."}
    site.gateway.collect(source.id)
    page.goto(path)
    expect(page.get_by_text("The account 111122223333 is closed.")).to_be_visible()
    page.goto("/changes?kind=deleted")
    expect(page.get_by_text("The account 111122223333 is closed.")).to_be_visible()


def test_a_deleted_resource_shows_its_last_state(page: Page, site: Site) -> None:
    site.toys.world.add(network("n-1", name="core"), network("n-2", name="old", cidr="10.9.0.0/16"))
    source = site.source()
    path = path_of(site, "n-2")
    site.toys.world.remove("n-2")
    site.gateway.collect(source.id)
    page.goto(path)
    expect(page.get_by_role("heading", name="old")).to_contain_text("Deleted")
    expect(page.get_by_role("region", name="Attributes")).to_contain_text("10.9.0.0/16")


def test_text_of_others_stays_text(page: Page, site: Site) -> None:
    core = dataclasses.replace(
        network("n-1", name=NASTY, note=NASTY), document={NASTY: NASTY, "list": [{NASTY: NASTY}]}
    )
    core = dataclasses.replace(core, tags={NASTY: NASTY}, attributes={"cidr": NASTY, "state": NASTY})
    site.toys.world.add(core)
    site.toys.world.problems[(NORTH.key, "toy.gateway")] = dataclasses.replace(DENIED, message=NASTY, remedy=NASTY)
    source = site.source(f"floor {NASTY[:20]}")
    site.toys.world.resources[0] = dataclasses.replace(core, attributes={"cidr": f"{NASTY}2", "state": NASTY})
    (run,) = site.gateway.collect(source.id)
    resource = path_of(site, "n-1")
    paths = ["/", "/sources", f"/sources/{source.id}", f"/sources/{source.id}/edit", "/runs", f"/runs/{run.id}"]
    for path in [
        *paths,
        "/changes",
        "/inventory",
        "/inventory?type=toy.network",
        "/inventory?type=toy.gateway",
        resource,
    ]:
        page.goto(path)
        assert page.title() != "owned", path
        assert page.locator("img").count() == 0, path
    expect(page.get_by_role("heading", level=1)).to_contain_text("<script>")
    page.goto(f"/inventory?q={NASTY}&account={NASTY}&where=a={NASTY}&tag={NASTY}&sort={NASTY}")
    assert page.locator("img").count() == 0


def test_the_same_id_in_two_sources_asks_which_one(page: Page, site: Site) -> None:
    site.toys.world.add(network("n-1", name="core"))
    site.source("one")
    site.source("two")
    page.goto(path_of(site, "n-1"))
    expect(page.get_by_role("heading", name="Which one?")).to_be_visible()
    page.get_by_role("link", name=re.compile("^two")).click()
    expect(page.get_by_role("heading", name="core")).to_be_visible()
    expect(page.get_by_text("Other sources see it too")).to_contain_text("one")


def test_a_run_shows_its_ledger_with_the_reason_and_the_remedy(page: Page, site: Site) -> None:
    core = network("n-1", name="core")
    site.toys.world.add(core, toy_gateway("g-1", core))
    site.toys.world.problems[(NORTH.key, "toy.gateway")] = DENIED
    site.source()
    page.goto("/runs")
    page.locator("[data-rows] tbody a").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Partial")
    ledger = page.get_by_role("table").filter(has=page.get_by_role("columnheader", name="Throttles"))
    calls = page.get_by_role("table").filter(has=page.get_by_role("columnheader", name="API"))
    expect(calls.get_by_role("row").filter(has_text="toy:ListGateways")).to_contain_text("0.01 s")
    expect(ledger.get_by_role("row").nth(1)).to_contain_text("Gateway")
    expect(ledger.get_by_role("row").nth(1)).to_contain_text("Denied")
    expect(ledger.get_by_role("row").nth(2)).to_contain_text("req-0001")
    expect(ledger.get_by_role("row").nth(2)).to_contain_text("The user is known, but may not do this.")
    expect(ledger.get_by_role("row").nth(2)).to_contain_text("Allow toy:ListGateways.")


def test_of_many_types_that_nothing_is_known_of_the_reasons_are_folded(
    page: Page, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of a folder of saved answers, which holds a few of hundreds."""
    monkeypatch.setattr(runs, "_UNFOLDED", 1)
    missing = Failure(Outcome.UNKNOWN, "There is no answer of it.", cause="TOY-DENIED")
    for type in ("toy.gateway", "toy.subnet"):
        site.toys.world.problems[(NORTH.key, type)] = missing
    site.source()
    page.goto(f"/runs/{site.gateway.store.runs.list().items[0].id}")
    expect(page.get_by_text("There is no answer of it.").first).to_be_hidden()
    page.get_by_text("Why").first.click()
    expect(page.get_by_text("There is no answer of it.").first).to_be_visible()
    page.goto("/")
    expect(page.get_by_text("TOY-DENIED")).to_have_count(1)


def test_a_dry_run_is_told_and_its_scopes_asked_for_on_demand(page: Page, site: Site) -> None:
    core = network("n-1", name="core")
    site.toys.world.add(core)
    source = site.source()
    before = site.gateway.store.runs.list().items
    page.goto(f"/sources/{source.id}")
    page.get_by_label("More actions").click()
    page.get_by_role("link", name="Dry run").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Dry run")
    apis = page.get_by_role("table").filter(has=page.get_by_role("columnheader", name="Granted by"))
    expect(apis.get_by_role("row").filter(has_text="toy:ListNetworks")).to_contain_text("the makers of toys")
    expect(page.get_by_text("nobody was asked anything")).to_be_visible()
    page.get_by_role("button", name="Ask for the scopes now").click()
    expect(page.get_by_text("The scopes were asked for now; nothing else was asked.")).to_be_visible()
    assert site.gateway.store.runs.list().items == before, "nothing was collected"


def test_a_dry_run_tells_what_the_schedule_asks_where_scopes_rest(page: Page, site: Site) -> None:
    """Three lists in each region, and a call for the network in the north; the south is empty, and looked at."""
    site.toys.world.lets_rest = True
    site.toys.world.scopes = [NORTH, SOUTH]
    site.toys.world.add(network("n-1", name="core"))
    page.goto(f"/sources/{site.source().id}/forecast")
    figures = page.locator("dl.figures > div")
    expect(figures.first).to_have_text("Calls7")
    expect(figures.filter(has_text="Calls by the schedule")).to_have_text("Calls by the schedule5")


def test_many_denials_of_one_cause_are_one_problem_with_one_remedy(page: Page, site: Site) -> None:
    source = site.source(collected=False)
    writer = site.gateway.store.runs.begin(source.id, NORTH)
    for kind in ("network", "subnet", "gateway", "router"):
        statement = json.dumps({"Effect": "Allow", "Action": [f"toy:List{kind}"]}, indent=2)
        writer.problem(
            f"toy.{kind}", dataclasses.replace(DENIED, action=f"toy:List{kind}", remedy=f"Allow it:\n{statement}")
        )
    run = writer.finish()
    page.goto(f"/runs/{run.id}")
    everything = page.get_by_role("region", name="What brings back what is missing")
    expect(everything.locator("pre")).to_have_count(1)
    for kind in ("network", "subnet", "gateway", "router"):
        expect(everything).to_contain_text(f"toy:List{kind}")
    why = page.locator("summary").filter(has_text="toy:Listrouter")
    why.click()
    expect(page.get_by_text("req-0001").filter(visible=True)).to_have_count(1)

    page.goto("/")
    problem = page.locator(".problems > li")
    expect(problem).to_have_count(1)
    expect(problem).to_contain_text("TOY-DENIED")
    expect(problem).to_contain_text("4 types in 1 place")
    problem.locator("summary").click()
    expect(problem.locator("pre")).to_contain_text("toy:Listsubnet")
