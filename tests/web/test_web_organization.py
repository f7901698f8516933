"""A whole organization in the form that its settings draw: lists whose entries hold spaces, sections in a section."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from openvna.plugin import Plugin, load_plugin
from support.fake_organization import small_organization
from support.fault_server import AKIA, SECRET, FaultServer, fault_server
from support.toy_plugin import ToyPlugin
from web.conftest import Site

pytestmark = pytest.mark.chromium


@pytest.fixture(autouse=True)
def _with_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """The site also has the AWS plugin."""

    def load(toys: ToyPlugin, name: str) -> Plugin:
        return load_plugin(name) if name == "aws" else toys

    monkeypatch.setattr(ToyPlugin, "load", load)
    monkeypatch.setattr(ToyPlugin, "names", lambda _: ("aws", "toy"))


@pytest.fixture
def aws() -> Iterator[FaultServer]:
    with fault_server() as server:
        small_organization().serve(server.good())
        yield server


def test_a_whole_organization_is_entered_verified_and_saved(page: Page, aws: FaultServer, site: Site) -> None:
    page.goto("/sources/new?plugin=aws")
    page.get_by_label("Name").first.fill("everything")
    page.get_by_label("Access key ID").fill(AKIA)
    page.get_by_label("Secret access key", exact=True).fill(SECRET)
    page.get_by_role("switch", name="A whole organization").check()
    organization = page.get_by_role("group", name="A whole organization").last
    organization.get_by_label("Role in each account").fill("OpenVNA")
    included = organization.locator("[data-section='organization.include']")
    units = included.get_by_label("Organizational units", exact=True)
    for unit in ("Security Tooling", "Workloads"):
        units.fill("")
        units.press_sequentially(unit)
        units.press("Enter")
    expect(included.get_by_role("listitem").first).to_have_text("Security Tooling")
    page.locator("summary", has_text="Advanced").last.click()
    page.get_by_label("Endpoint URL", exact=True).fill(aws.url)
    page.get_by_role("button", name="Verify", exact=True).click()
    expect(page.get_by_text("3 of 4 accounts are chosen.")).to_be_visible()
    page.get_by_role("button", name="Save source").click()
    expect(page.get_by_role("heading", name="everything")).to_be_visible()
    (source,) = site.gateway.store.sources.list()
    organization_settings = source.config["organization"]
    assert isinstance(organization_settings, dict)
    assert organization_settings["role_name"] == "OpenVNA"
    assert organization_settings["include"] == {"accounts": [], "ous": ["Security Tooling", "Workloads"], "tags": []}
    assert source.verdict is not None
    assert source.verdict["verdict"] == "ok"
