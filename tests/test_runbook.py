"""The runbook's three failures, by each door: every one has its own cause and its remedy, the same everywhere."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect, sync_playwright

from openvna.app import create_app, open_gateway
from openvna.plugins.aws.types import FEATURES
from openvna.settings import ServerSettings
from rest.served import PASSWORD, serving
from support.browser import ARGUMENTS, CHROMIUM
from support.emulators import Emulator, Key, ministack_server, role_with_trust, session_of, user_with_policy

REGION = "eu-west-1"
READ = sorted({action for feature in FEATURES.values() if feature.types for action in feature.permissions})
ALMOST = [action for action in READ if action != "ec2:DescribeInstances"]


@dataclass(frozen=True)
class Failure:
    """A key that AWS refuses somewhere, and what has to be said of it."""

    key: Key
    verdict: str
    cause: str
    remedy: str


@dataclass(frozen=True)
class Stage:
    """An emulated AWS with IAM enforced, and an OpenVNA that serves beside it."""

    aws: Emulator
    url: str
    failures: dict[str, Failure]


def _failures(aws: Emulator) -> dict[str, Failure]:
    reader = user_with_policy(aws, "reader", [{"Effect": "Allow", "Action": [*READ, "sts:*"], "Resource": "*"}])
    narrow = user_with_policy(aws, "narrow", [{"Effect": "Allow", "Action": ALMOST, "Resource": "*"}])
    us = aws.client("iam").get_user(UserName="reader")["User"]["Arn"]
    trust = {"Effect": "Allow", "Principal": {"AWS": us}, "Action": "sts:AssumeRole"}
    allowed = [{"Effect": "Allow", "Action": READ, "Resource": "*"}]
    role = role_with_trust(aws, "plain", {"Version": "2012-10-17", "Statement": [trust]}, allowed)
    session = session_of(aws, role, reader)
    wrong = "Zz" + reader.secret_access_key[2:]
    return {
        "temporary key without token": Failure(
            Key(session.access_key_id, session.secret_access_key), "failed", "C-TEMP-NO-TOKEN", "session token"
        ),
        "wrong secret": Failure(
            Key(reader.access_key_id, wrong), "failed", "K-SECRET-WRONG", "secret that belongs to this access key"
        ),
        "missing EC2 permission": Failure(narrow, "degraded", "P-IDENTITY-IMPLICIT", "ec2:DescribeInstances"),
    }


FAILURES = ("temporary key without token", "wrong secret", "missing EC2 permission")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Generator[Stage, None, None]:
    settings = ServerSettings(home=tmp_path_factory.mktemp("home"))
    gateway = open_gateway(settings)
    try:
        gateway.store.accounts.add_user("admin", PASSWORD)
        with ministack_server(auth=True) as aws, serving(create_app(gateway, settings)) as url:
            yield Stage(aws, url, _failures(aws))
    finally:
        gateway.close()


def _config(stage: Stage, key: Key) -> dict[str, Any]:
    credential = {"access_key_id": key.access_key_id, "secret_access_key": key.secret_access_key}
    return {"credential": {"kind": "access-key", **credential}, "regions": [REGION], "endpoint_url": stage.aws.url}


@pytest.mark.parametrize("name", FAILURES)
def test_on_the_command_line(stage: Stage, name: str, tmp_path: Path) -> None:
    failure = stage.failures[name]
    given = f"AWS_ACCESS_KEY_ID={failure.key.access_key_id}\nAWS_SECRET_ACCESS_KEY={failure.key.secret_access_key}\n"
    command = [sys.executable, "-m", "openvna", "verify", "aws", "--stdin", "--region", REGION, "--format", "json"]
    done = subprocess.run(
        [*command, "--endpoint-url", stage.aws.url], input=given, capture_output=True, text=True, cwd=tmp_path
    )
    verdict = json.loads(done.stdout)
    assert (done.returncode, verdict["verdict"], verdict["cause"]) == (1, failure.verdict, failure.cause)
    assert failure.remedy in verdict["remedy"]
    assert failure.key.secret_access_key not in done.stdout + done.stderr


@pytest.mark.parametrize("name", FAILURES)
def test_by_rest(stage: Stage, name: str) -> None:
    failure = stage.failures[name]
    with httpx.Client(base_url=stage.url, timeout=60) as client:
        session = client.post("/api/v1/session", json={"name": "admin", "password": PASSWORD}).json()
        client.headers["X-CSRF-Token"] = session["csrf"]
        asked = client.post("/api/v1/verifications", json={"plugin": "aws", "config": _config(stage, failure.key)})
        assert asked.status_code == 202
        events = client.get(f"/api/v1/verifications/{asked.json()['id']}/events").text
    last = events.strip().split("\n\n")[-1].splitlines()
    assert "event: verdict" in last
    verdict = json.loads(next(line.removeprefix("data: ") for line in last if line.startswith("data: ")))
    assert (verdict["verdict"], verdict["cause"]) == (failure.verdict, failure.cause)
    assert failure.remedy in verdict["remedy"]
    assert failure.key.secret_access_key not in events


@pytest.mark.chromium
@pytest.mark.parametrize("name", FAILURES)
def test_in_the_admin_ui(stage: Stage, name: str) -> None:
    failure = stage.failures[name]
    with sync_playwright() as playwright:
        page = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS).new_page()
        page.goto(stage.url)
        page.get_by_label("Name").fill("admin")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("link", name="Add source").first.click()
        page.get_by_role("link", name="Amazon Web Services").click()
        page.get_by_role("link", name="Enter the settings of the source").click()
        page.locator("#field-name").fill(name)
        page.get_by_role("textbox", name="Access key ID").fill(failure.key.access_key_id)
        page.get_by_role("textbox", name="Secret access key").fill(failure.key.secret_access_key)
        for folded in page.locator("details:not([open]) > summary:visible").all():
            folded.click()
        page.get_by_role("textbox", name="Endpoint URL", exact=True).fill(stage.aws.url)
        page.get_by_role("textbox", name="Regions").fill(REGION)
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Verify", exact=True).click()
        verdict = page.get_by_role("region", name="Verification")
        expect(verdict.get_by_text(failure.cause).first).to_be_visible(timeout=30_000)
        expect(verdict.get_by_text(failure.verdict, exact=True).first).to_be_visible(timeout=30_000)
        expect(verdict.get_by_text(failure.remedy).filter(visible=True).first).to_be_visible()
        page.context.browser.close()
