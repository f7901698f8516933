"""Takes the screenshots of docs/screenshots/ from the demo's network: `python tests/web/screenshots.py`."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

TESTS = Path(__file__).parent.parent
sys.path.insert(0, str(TESTS))

from openvna.collect import Gateway  # noqa: E402 - the tests' folder comes first
from openvna.demo.seed import seed  # noqa: E402
from openvna.demo.simulation import simulated_aws  # noqa: E402
from openvna.demo.stage import config  # noqa: E402
from openvna.model import JSON  # noqa: E402
from openvna.northbound.rest import create_api  # noqa: E402
from openvna.plugin import load_plugin, plugin_names  # noqa: E402
from openvna.store import load_vault, open_store  # noqa: E402
from openvna.web import mount  # noqa: E402
from openvna.web.show import resource_url  # noqa: E402
from rest.served import PASSWORD, serving  # noqa: E402
from support.browser import ARGUMENTS, CHROMIUM  # noqa: E402

SHOTS = TESTS.parent / "docs" / "screenshots"
SIZE = {"width": 1440, "height": 900}


def main() -> None:
    os.environ["NO_PROXY"] = "127.0.0.1"
    SHOTS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, simulated_aws() as endpoint:
        folder = Path(home)
        store = open_store(f"sqlite:///{folder / 'openvna.db'}", load_vault(folder / "key", None))
        gateway = Gateway(store, load_plugin=load_plugin, plugin_names=plugin_names)
        store.accounts.add_user("admin", PASSWORD)
        settings = config(seed(endpoint))
        gateway.add_source("production", "aws", settings)
        gateway.collect("production")
        app = create_api(gateway, secure_cookies=False)
        mount(app, gateway)
        with serving(app) as url, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            for scheme in ("light", "dark"):
                take(browser, gateway, url, scheme, settings)
            browser.close()
        gateway.close()


def take(browser: Browser, gateway: Gateway, url: str, scheme: str, settings: dict[str, JSON]) -> None:
    """All pictures of one theme."""
    context = browser.new_context(base_url=url, viewport=SIZE, color_scheme=scheme)  # type: ignore[arg-type]  # one of Playwright's words
    value, _ = gateway.store.accounts.sign_in("admin", PASSWORD, client="screenshots")
    context.add_cookies([{"name": "openvna_session", "value": value, "url": url}])
    page = context.new_page()
    (table,) = [
        row
        for row in gateway.store.resources.each()
        if row.type == "aws.ec2.route-table" and row.name == "hub-inspection-rt"
    ]
    pages = {
        "overview": "/",
        "inventory": "/inventory?type=aws.ec2.subnet",
        "resource": resource_url(table.id),
    }
    for name, path in pages.items():
        page.goto(path)
        page.screenshot(path=SHOTS / f"{name}-{scheme}.png")
    verification(page, settings)
    page.screenshot(path=SHOTS / f"verification-{scheme}.png")
    context.close()


def verification(page: Page, settings: dict[str, JSON]) -> None:
    """A temporary key without its session token, as it is told."""
    page.goto("/sources/new?plugin=aws")
    page.get_by_label("Name").first.fill("staging")
    key = settings["credential"]
    assert isinstance(key, dict)
    page.get_by_label("Access key ID").fill(f"ASIA{str(key['access_key_id'])[4:]}")
    page.get_by_label("Secret access key", exact=True).fill(str(key["secret_access_key"]))
    page.get_by_role("button", name="Verify", exact=True).click()
    page.locator("[data-verdict]").wait_for()
    page.evaluate("window.scrollTo(0, 0); document.activeElement.blur()")


if __name__ == "__main__":
    main()
