"""Fixtures: the whole application as it is served, and a real browser that may talk to nobody else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from openvna.collect import Gateway
from openvna.northbound.rest import create_api
from openvna.store import Source
from openvna.web import mount
from rest.served import GOOD, PASSWORD, make_gateway, serving
from support.browser import ARGUMENTS, CHROMIUM
from support.toy_plugin import ToyPlugin

expect.set_options(timeout=15_000)  # a page of a busy machine is given as long as its other waits


@dataclass
class Site:
    """What runs behind the address."""

    url: str
    app: FastAPI
    gateway: Gateway
    toys: ToyPlugin

    def session(self) -> str:
        """The cookie of a browser that has signed in."""
        value, _ = self.gateway.store.accounts.sign_in("admin", PASSWORD, client="tests")
        return value

    def source(self, name: str = "floor", *, collected: bool = True) -> Source:
        """A source of the toy vendor, verified, and collected once."""
        source = self.gateway.add_source(name, "toy", GOOD, interval=900)
        if collected:
            self.gateway.collect(source.id)
        return source


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    toys = ToyPlugin()
    gateway = make_gateway(tmp_path, toys)
    app = create_api(gateway, secure_cookies=False)
    mount(app, gateway)
    try:
        with serving(app) as url:
            yield Site(url, app, gateway, toys)
    finally:
        if toys.world.gate is not None:
            toys.world.gate.set()
        gateway.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Ended with its file: while one runs, no other test of this process can start its own, or an event loop."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield launched
        launched.close()


@dataclass
class Watch:
    """What a page did that it should not have done. `expected` are patterns of complaints that a test provokes."""

    host: str
    strangers: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob") and address.netloc != self.host:
            self.strangers.append(request.url)

    def console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text}")

    def unexpected(self) -> list[str]:
        return [each for each in self.complaints if not any(re.search(known, each) for known in self.expected)]


@pytest.fixture
def watch(site: Site) -> Watch:
    return Watch(urlsplit(site.url).netloc)


def open_page(browser: Browser, site: Site, watch: Watch, *, signed_in: bool, **options: object) -> Page:
    context = browser.new_context(base_url=site.url, viewport={"width": 1280, "height": 860}, **options)  # type: ignore[arg-type]  # Playwright's options are many
    context.set_default_timeout(15_000)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    if signed_in:
        context.add_cookies([{"name": "openvna_session", "value": site.session(), "url": site.url}])
    page = context.new_page()
    page.on("request", watch.request)
    page.on("console", watch.console)
    page.on("pageerror", lambda error: watch.complaints.append(f"error: {error}"))
    return page


@pytest.fixture
def page(browser: Browser, site: Site, watch: Watch) -> Iterator[Page]:
    """A signed-in browser page. It asks only our server, and nothing goes wrong in its console."""
    page = open_page(browser, site, watch, signed_in=True)
    yield page
    page.context.close()
    assert not watch.strangers, "the page asked another server"
    assert not watch.unexpected(), "the page complained"


@pytest.fixture
def stranger(browser: Browser, site: Site, watch: Watch) -> Iterator[Page]:
    """The same for someone who has not signed in."""
    page = open_page(browser, site, watch, signed_in=False)
    yield page
    page.context.close()
    assert not watch.strangers, "the page asked another server"
    assert not watch.unexpected(), "the page complained"
