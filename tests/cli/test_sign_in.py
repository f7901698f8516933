"""Signing in at IAM Identity Center on the command line: the code, the wait, account and permission set by number."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cli.conftest import Cli
from openvna.store import load_vault, open_store
from support.identity_center import ACCOUNT, REGION, START_URL, FakeCenter, identity_center

SIGN_IN = ("--sign-in", START_URL, "--sso-region", REGION)


@pytest.fixture
def center(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeCenter]:
    """An Identity Center whose person says yes at once."""
    with identity_center() as running:
        running.before["CreateToken"] = lambda: running.approve() if running.codes else None
        monkeypatch.setenv("AWS_ENDPOINT_URL", running.url)
        yield running


def stored(home: Path) -> dict[str, str]:
    store = open_store(f"sqlite:///{home / 'openvna.db'}", load_vault(home / "key", None))
    try:
        found: dict[str, str] = json.loads(store.sources.secrets("hub")["credential.sign_in"])
        return found
    finally:
        store.close()


# --- piped


def test_account_and_permission_set_are_picked_by_number(cli: Cli, center: FakeCenter) -> None:
    ended = cli("verify", "aws", *SIGN_IN, stdin="2\n1\n")
    assert ended.code == 0
    assert f"confirm that it shows the code {center.codes[0].user_code}" in ended.err
    assert f"  {center.url}/device?user_code={center.codes[0].user_code}\n" in ended.err
    assert "Accounts\n    1  444455556666  Audit\n    2  111122223333  Network hub\n" in ended.err
    assert "Permission sets\n    1  AdministratorAccess\n    2  NetworkReader\n" in ended.err
    assert "The access works" in ended.out
    assert center.calls[-1][1] == {"role_name": "AdministratorAccess", "account_id": ACCOUNT}
    assert all(secret not in ended.out + ended.err for secret in center.issued)


def test_or_by_name_and_the_only_one_is_taken(cli: Cli, center: FakeCenter) -> None:
    ended = cli("verify", "aws", *SIGN_IN, stdin="nobody\na\nAudit\n")
    assert ended.code == 0
    assert "None of them is called so." in ended.err
    assert "Permission set: ReadOnly" in ended.err
    assert center.calls[-1][1] == {"role_name": "ReadOnly", "account_id": "444455556666"}


def test_what_is_given_is_not_asked_for(cli: Cli, center: FakeCenter) -> None:
    chosen = ("--sso-account", ACCOUNT, "--sso-role", "NetworkReader")
    assert cli("verify", "aws", *SIGN_IN, *chosen, "--format", "json").json()["verdict"] == "ok"
    assert (center.asked("ListAccounts"), center.asked("ListAccountRoles")) == (0, 0)


def test_a_script_that_does_not_choose_is_told_how(cli: Cli, center: FakeCenter) -> None:
    ended = cli("verify", "aws", *SIGN_IN)
    assert ended.code == 2
    assert "The account was not chosen." in ended.err
    assert "--sso-account" in ended.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--sign-in", START_URL), "--sso-region was not given"),
        (("--sso-role", "X"), "--sso-role goes with --sign-in"),
        ((*SIGN_IN, "--ambient"), "one place only"),
        (("--sign-in", "ftp://x", "--sso-region", REGION), "a start URL looks like"),
    ],
)
def test_wrong_usage_is_told(cli: Cli, center: FakeCenter, arguments: tuple[str, ...], said: str) -> None:
    ended = cli("verify", "aws", *arguments)
    assert ended.code == 2
    assert said in ended.err
    assert center.calls == []


def test_a_person_who_says_no_ends_it_with_the_cause(cli: Cli, center: FakeCenter) -> None:
    center.before["CreateToken"] = center.deny
    ended = cli("verify", "aws", *SIGN_IN)
    assert ended.code == 1
    assert "The sign-in was refused." in ended.err
    assert "choose Allow" in ended.err


def test_a_source_is_added_and_signs_in_again_in_place(cli: Cli, center: FakeCenter, home: Path) -> None:
    assert cli("source", "add", "aws", "hub", *SIGN_IN, stdin="2\n2\n").code == 0
    first = stored(home)
    assert first["accessToken"] in center.issued
    shown = cli("source", "show", "hub", "--format", "json")
    assert shown.json()["config"]["credential"]["role_name"] == "NetworkReader"
    assert all(secret not in shown.out for secret in center.issued)
    center.revoke()
    refused = cli("source", "verify", "hub")
    assert refused.code == 1
    assert "S-REVOKED" in refused.out + refused.err
    assert f"openvna source reenter NAME --sign-in {START_URL}" in refused.out + refused.err
    again = cli("source", "reenter", "hub")
    assert again.code == 0
    assert "(number, or a part of its name)" not in again.err
    assert stored(home)["accessToken"] != first["accessToken"]
    assert cli("source", "verify", "hub").code == 0


def test_another_kind_of_credential_becomes_a_sign_in(cli: Cli, center: FakeCenter, home: Path) -> None:
    key = "AKIAIOSFODNN7EXAMPLZ\naB3/dE5+gH7iJ9kL1mN2oP4qR6sT8uV0wX/yZ+12\n"
    cli("source", "add", "aws", "hub", "--stdin", "--save-anyway", stdin=key)
    ended = cli("source", "edit", "hub", *SIGN_IN, "--sso-account", ACCOUNT, stdin="NetworkReader\n")
    assert ended.code == 0
    assert stored(home)["startUrl"] == START_URL


def test_a_script_whose_settings_lack_a_sign_in_does_not_wait_for_one(
    cli: Cli, center: FakeCenter, tmp_path: Path
) -> None:
    credential = {"kind": "identity-center", "start_url": START_URL, "sso_region": REGION}
    (tmp_path / "hub.json").write_text(json.dumps({"credential": credential}))
    ended = cli("source", "add", "aws", "hub", "--config", str(tmp_path / "hub.json"))
    assert ended.code == 1
    assert "S-NOLOGIN" in ended.out + ended.err
    assert center.calls == []


# --- on a terminal


def _at_a_terminal() -> None:
    """What a shell at a terminal gives a command: the terminal controls it, and Ctrl-C is not ignored, as it is in what
    these tests may have been started from in the background."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.close(os.open(os.ttyname(0), os.O_RDWR))


class Terminal:
    """A command on a terminal of its own."""

    def __init__(self, arguments: tuple[str, ...]) -> None:
        self._ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "openvna", *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=_at_a_terminal,
        )
        os.close(theirs)
        self.seen = ""

    def until(self, pattern: str) -> re.Match[str]:
        deadline = time.monotonic() + 30
        while (found := re.search(pattern, self.seen)) is None:
            ready, _, _ = select.select([self._ours], [], [], max(0.0, deadline - time.monotonic()))
            assert ready, f"{pattern} did not come: {self.seen}"
            try:
                self.seen += os.read(self._ours, 4096).decode("utf-8", "replace")
            except OSError as error:  # the command has ended
                raise AssertionError(f"{pattern} did not come: {self.seen}") from error
        return found

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def end(self) -> int:
        code = self.process.wait(30)
        os.close(self._ours)
        return code


@pytest.fixture
def terminal(center: FakeCenter) -> Iterator[Callable[..., Terminal]]:
    center.before.clear()
    begun: list[Terminal] = []

    def start(*arguments: str) -> Terminal:
        begun.append(Terminal(arguments))
        return begun[-1]

    yield start
    for each in begun:
        if each.process.poll() is None:
            each.process.kill()
            each.process.wait()


def test_it_waits_for_the_person_and_asks_on_the_terminal(
    center: FakeCenter, terminal: Callable[..., Terminal]
) -> None:
    running = terminal("verify", "aws", "--sign-in", START_URL)
    running.until("Region of Identity Center: ")
    running.type(f"{REGION}\n")
    code = running.until(r"it shows the code (\S+):")[1]
    assert code == center.codes[0].user_code
    running.until("Waiting")
    center.approve()
    running.until(r"Account \(number, or a part of its name\): ")
    running.type("hub\n")
    running.until(r"Permission set \(number, or a part of its name\): ")
    running.type("2\n")
    running.until("The access works")
    assert running.end() == 0


def test_ctrl_c_ends_it_while_it_waits(center: FakeCenter, terminal: Callable[..., Terminal]) -> None:
    running = terminal("verify", "aws", *SIGN_IN)
    running.until("Waiting")
    running.type("\x03")
    running.until(r"Stopped\. Nothing was saved\.")
    assert running.end() == 130
    assert "Traceback" not in running.seen
