"""From an empty data directory to a verified source, in the browser, with an AWS that enforces IAM."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from openvna import log
from openvna.app import create_app, open_gateway
from openvna.settings import ServerSettings
from rest.served import PASSWORD, serving
from support.emulators import Emulator, ministack_server, user_with_policy
from support.toy_plugin import ToyPlugin
from web.conftest import Site, Watch, open_page
from web.test_web_access import AXE, RUN_AXE

pytestmark = pytest.mark.chromium
CALLER = "arn:aws:iam::111122223333:role/gateway"


@pytest.fixture(scope="module")
def ministack() -> Iterator[Emulator]:
    with ministack_server(auth=True) as emulator:
        may = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
        emulator_key.update(user_with_policy(emulator, "gateway", [may]).environment)
        yield emulator


emulator_key: dict[str, str] = {}


@pytest.fixture
def site(tmp_path: Path, ministack: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """The server as it starts with an empty data directory, on a machine that has a key."""
    for name, value in {**emulator_key, "AWS_ENDPOINT_URL": ministack.url}.items():
        monkeypatch.setenv(name, value)
    settings = ServerSettings(home=tmp_path / "home")
    gateway = open_gateway(settings)
    gateway.store.accounts.add_user("admin", PASSWORD)
    app = create_app(gateway, settings)
    try:
        with serving(app) as url:
            yield Site(url, app, gateway, ToyPlugin())
    finally:
        gateway.close()
        log.setup("warning", None, None)


def begun(site: Site, name: str = "production", **options: object) -> str:
    """A source that is being set up; its id."""
    given = {"way": "role", "tool": "json", "caller": CALLER, **options}
    return site.gateway.set_up.begin(name, "aws", given, {"credential": {"kind": "ambient"}}).row.id  # type: ignore[dict-item]  # plain JSON


def text_of(page: Page, name: str) -> str:
    return page.locator(f'[data-file="{name}"]').text_content() or ""


def test_from_nothing_to_a_verified_source(page: Page, site: Site, ministack: Emulator, watch: Watch) -> None:
    watch.expected.append("status of 422")
    page.goto("/")
    page.get_by_role("main").get_by_role("link", name="Add a source").click()
    page.get_by_role("link", name="Amazon Web Services").click()
    first = page.locator(".picks a").first
    expect(first).to_contain_text("A role in the account")
    expect(first).to_contain_text("Recommended")
    first.click()

    page.locator("#field-name").fill("production")
    page.get_by_role("radio", name="The AWS CLI").check()
    page.get_by_role("button", name="Who is that?").click()
    expect(page.locator("[data-who-answer]")).to_contain_text(":user/gateway")
    for box in page.locator('[data-features] input:enabled:not([value="flow-logs"])').all():
        box.uncheck()
    expect(page.get_by_role("checkbox", name="VPC networks")).to_be_disabled()
    page.get_by_role("button", name="Continue").click()

    expect(page.get_by_role("heading", name="Set up production")).to_be_visible()
    external_id = page.locator("[data-external-id]").text_content()
    page.reload()
    expect(page.locator("[data-external-id]")).to_have_text(str(external_id))
    trust, permissions = text_of(page, "trust-policy.json"), text_of(page, "permissions.json")
    assert json.loads(trust)["Statement"][0]["Condition"] == {"StringEquals": {"sts:ExternalId": external_id}}
    assert [each["Sid"] for each in json.loads(permissions)["Statement"]] == ["Account", "Vpc", "FlowLogs"]
    page.get_by_role("link", name="It is set up: prove it").click()

    answer = page.locator("#field-answer")
    answer.fill("OpenVNA")
    page.get_by_role("button", name="Verify", exact=True).click()
    expect(page.locator("#field-answer-error")).to_contain_text("looks like arn:aws:iam::")
    answer.fill("arn:aws:iam::000000000000:role/OpenVNA")
    page.get_by_role("button", name="Verify", exact=True).click()
    expect(page.locator("[data-verdict]")).to_contain_text("H-TRUST")
    expect(page.get_by_role("button", name="Save source")).to_be_hidden()

    # Meanwhile, in AWS, by the texts of the page:
    iam = ministack.client("iam")
    role = iam.create_role(RoleName="OpenVNA", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    iam.put_role_policy(RoleName="OpenVNA", PolicyName="OpenVNA", PolicyDocument=permissions)
    page.reload()
    answer.fill(f'"{role}"')
    page.get_by_role("button", name="Verify", exact=True).click()
    expect(page.locator('[data-verdict="ok"]')).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Save source").click()
    expect(page.get_by_text("production is added.")).to_be_visible()
    expect(page).to_have_url(re.compile("/sources/src_"))
    (source,) = site.gateway.store.sources.list()
    assert source.verdict is not None
    assert source.verdict["verdict"] == "ok"
    assumed = source.config["assume_role"]
    assert isinstance(assumed, dict)
    assert (assumed["role_arn"], assumed["external_id"]) == (role, external_id)
    assert source.config["credential"] == {"kind": "ambient"}
    left_out = source.config["left_out"]
    assert isinstance(left_out, list)
    assert "vpn" in left_out, "nobody misses what was left out"
    assert "flow-logs" not in left_out
    assert site.gateway.set_up.list() == ()


def test_whoever_comes_back_goes_on_where_it_was_left(page: Page, site: Site) -> None:
    id = begun(site)
    page.goto("/sources")
    page.get_by_role("link", name="production").click()
    expect(page).to_have_url(re.compile(f"/sources/onboard/{id}$"))
    before = page.locator("[data-external-id]").text_content()
    page.get_by_role("link", name="Change options").click()
    expect(page.locator("#field-name")).to_have_value("production")
    expect(page.get_by_role("radio", name="The AWS CLI")).to_be_checked()
    page.get_by_role("radio", name="Terraform").check()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("terraform apply")).to_be_visible()
    expect(page.locator("[data-external-id]")).to_have_text(str(before))
    page.get_by_role("button", name="Give up…").click()
    page.get_by_role("dialog").get_by_role("button", name="Give up").click()
    expect(page.get_by_text("No source yet")).to_be_visible()
    assert site.gateway.set_up.list() == ()


def test_texts_are_copied_and_saved_as_they_are_shown(page: Page, site: Site) -> None:
    page.goto(f"/sources/onboard/{begun(site, tool='cloudformation')}")
    shown = text_of(page, "openvna-role.yaml")
    page.get_by_role("button", name="Copy openvna-role.yaml").click()
    assert page.evaluate("navigator.clipboard.readText()") == shown
    with page.expect_download() as download:
        page.get_by_role("link", name="Download openvna-role.yaml").click()
    assert download.value.suggested_filename == "openvna-role.yaml"
    assert download.value.path().read_text() == shown
    page.get_by_role("button", name="Copy the command").first.click()
    assert "aws cloudformation deploy" in page.evaluate("navigator.clipboard.readText()")


def test_the_console_opens_with_everything_filled_in_where_the_template_is_in_a_bucket(page: Page, site: Site) -> None:
    url = "https://templates.s3.eu-west-1.amazonaws.com/openvna-role.yaml"
    page.goto(f"/sources/onboard/{begun(site, tool='cloudformation', template_url=url)}")
    link = page.get_by_role("link", name="Open the console")
    expect(link).to_have_attribute("href", re.compile("#/stacks/quickcreate.*param_ExternalId="))
    expect(link).to_have_attribute("rel", "noopener noreferrer")


def test_only_the_options_that_matter_are_asked(page: Page) -> None:
    page.goto("/sources/onboard/new?plugin=aws&way=role")
    units = page.get_by_label("Organizational units", exact=True)
    expect(units).to_be_hidden()
    expect(page.get_by_role("radio", name="Terraform")).to_be_visible()
    page.get_by_role("radio", name="Every account of an organization").check()
    expect(units).to_be_visible()
    expect(page.get_by_role("radio", name="Terraform")).to_be_hidden()
    page.goto("/sources/onboard/new?plugin=aws&way=machine")
    expect(page.get_by_role("radio", name="Terraform")).to_be_visible()
    issuer = page.get_by_label("OIDC issuer of the cluster")
    expect(issuer).to_be_hidden()
    page.get_by_role("radio", name="EKS, with a service account (IRSA)").check()
    expect(issuer).to_be_visible()


def test_a_wrong_option_is_told_beside_its_field(page: Page, watch: Watch) -> None:
    watch.expected.append("status of 422")
    page.goto("/sources/onboard/new?plugin=aws&way=machine")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#field-name-error")).to_have_text("Give the source a name.")
    page.locator("#field-name").fill("here")
    page.get_by_role("radio", name="EKS, with a service account (IRSA)").check()
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#field-options-oidc-provider-error")).to_contain_text("needs the issuer")


def test_what_was_entered_survives_a_reload_but_no_secret(page: Page, site: Site) -> None:
    page.goto("/sources/onboard/new?plugin=aws&way=role")
    page.locator("#field-name").fill("production")
    page.get_by_role("radio", name="Every account of an organization").check()
    units = page.get_by_label("Organizational units", exact=True)
    units.fill("ou-ab12-cdef3456")
    units.press("Enter")
    page.locator('[data-features] [value="flow-logs"]').uncheck()
    page.locator('input[name="credential"][value="access-key"]').check()
    page.get_by_label("Access key ID").fill("AKIARZPUZDIKGB2VALC4")
    page.get_by_label("Secret access key", exact=True).fill("never-to-be-kept-anywhere")
    page.reload()
    expect(page.locator("#field-name")).to_have_value("production")
    expect(page.get_by_role("radio", name="Every account of an organization")).to_be_checked()
    expect(page.get_by_role("button", name="Remove ou-ab12-cdef3456")).to_be_visible()
    expect(page.locator('[data-features] [value="flow-logs"]')).not_to_be_checked()
    expect(page.get_by_label("Access key ID")).to_have_value("AKIARZPUZDIKGB2VALC4")
    expect(page.get_by_label("Secret access key", exact=True)).to_have_value("")
    assert "never-to-be-kept" not in page.evaluate("JSON.stringify({...sessionStorage, ...localStorage})")
    page.goto(f"/sources/onboard/{begun(site)}/finish")
    page.locator("#field-answer").fill("arn:aws:iam::444455556666:role/OpenVNA")
    page.reload()
    expect(page.locator("#field-answer")).to_have_value("arn:aws:iam::444455556666:role/OpenVNA")


def test_an_organization_has_nothing_to_paste(page: Page, site: Site) -> None:
    page.goto(f"/sources/onboard/{begun(site, scope='organization')}")
    expect(page.get_by_text("create-stack-instances")).to_be_visible()
    page.get_by_role("link", name="It is set up: prove it").click()
    expect(page.get_by_role("heading", name="Prove production")).to_be_visible()
    expect(page.locator("#field-answer")).to_have_count(0)


@pytest.mark.parametrize(
    ("way", "kind"), [("machine", "ambient"), ("profile", "profile"), ("access-key", "access-key")]
)
def test_the_other_ways_end_in_the_form_of_a_source_with_their_credential_chosen(
    page: Page, site: Site, way: str, kind: str
) -> None:
    page.goto(f"/sources/onboard/{begun(site, way=way)}")
    page.get_by_role("link", name="It is set up: prove it").click()
    expect(page.locator("#field-name")).to_have_value("production")
    expect(page.locator(f'input[name="credential"][value="{kind}"]')).to_be_checked()


def test_the_keyboard_alone_goes_through(page: Page, site: Site) -> None:
    page.goto("/sources/onboard?plugin=aws")
    page.locator(".picks a").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#field-name")).to_be_focused()
    expect(page.locator("[data-onboard-form][data-ready]")).to_be_visible()
    page.keyboard.type("by keys")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="Every account of an organization")).to_be_checked()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="The AWS CLI")).to_be_checked()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Set up by keys")).to_be_visible()
    code = page.get_by_role("region", name="trust-policy.json")
    code.focus()
    expect(code).to_be_focused()


def test_a_form_that_is_sent_before_its_script_is_there_is_sent_then(page: Page, site: Site) -> None:
    held: list[Route] = []
    page.route("**/onboard_options.js", lambda route: held.append(route))
    page.goto("/sources/onboard/new?plugin=aws&way=role", wait_until="commit")
    page.locator("#field-name").fill("early")
    page.locator("#field-name").press("Enter")
    expect(page.locator("[data-onboard-form][data-early]")).to_be_visible()
    held[0].continue_()
    expect(page.get_by_role("heading", name="Set up early")).to_be_visible()


@pytest.fixture(params=["light", "dark"])
def themed(request: pytest.FixtureRequest, browser: Browser, site: Site, watch: Watch) -> Iterator[Page]:
    page = open_page(browser, site, watch, signed_in=True, color_scheme=request.param, reduced_motion="reduce")
    yield page
    page.context.close()
    assert not watch.strangers
    assert not watch.unexpected()


def test_no_page_has_a_serious_barrier_or_is_wider_than_a_phone(themed: Page, site: Site) -> None:
    id = begun(site, tool="cloudformation")
    other = begun(site, "organization", scope="organization")
    barriers, wide = {}, {}
    for path in (
        "/sources",
        "/sources/new",
        "/sources/onboard?plugin=aws",
        "/sources/onboard/new?plugin=aws&way=role",
        "/sources/onboard/new?plugin=aws&way=machine",
        f"/sources/onboard/{id}",
        f"/sources/onboard/{other}",
        f"/sources/onboard/{id}/options",
        f"/sources/onboard/{id}/finish",
    ):
        themed.set_viewport_size({"width": 1280, "height": 860})
        themed.goto(path)
        expect(themed.get_by_role("heading", level=1)).to_have_count(1)
        themed.evaluate(AXE)
        if violations := themed.evaluate(RUN_AXE):
            barriers[path] = violations
        themed.set_viewport_size({"width": 390, "height": 844})
        if (width := themed.evaluate("document.documentElement.scrollWidth")) > 390:
            wide[path] = width
    assert barriers == {}
    assert wide == {}
