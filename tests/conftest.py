"""What holds for every test: no credential of the machine, no proxy, no data directory of the person who runs it."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from openvna.demo.seed import Seeded, seed
from openvna.demo.simulation import simulated_aws
from openvna.log import redaction
from support.browser import CHROMIUM

IN_CI = os.environ.get("CI", "").lower() in ("1", "true")
NO_CHROMIUM = "needs Chromium, which is not on this machine: apt-get install chromium"

for name in list(os.environ):
    if name.startswith(("AWS_", "OPENVNA_")) or name.lower() in ("http_proxy", "https_proxy", "all_proxy"):
        del os.environ[name]
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
os.environ["OPENVNA_READERS"] = "0"  # a process of tests has threads and patches; who tests readers asks for them
os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "chromium: needs a Chromium on the machine")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file is tested by one worker, so that what it starts is started once, unless it is in a group by name."""
    for item in items:
        if CHROMIUM is None and item.get_closest_marker("chromium"):
            item.add_marker(pytest.mark.skip(reason=NO_CHROMIUM))
        if not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(item.path.relative_to(Path(__file__).parent).as_posix()))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a test that is left out has failed."""
    report = yield
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"left out, which is a failure in CI: {report.longrepr}"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say plainly what was left out."""
    missing = [each for each in terminalreporter.getreports("skipped") if NO_CHROMIUM in str(each.longrepr)]
    if missing:
        terminalreporter.section("left out")
        terminalreporter.line(f"{len(missing)} tests of the admin UI were left out: they need Chromium.")
        terminalreporter.line("Install it and run again: apt-get install chromium")


@pytest.fixture(autouse=True)
def _own_data_directory(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that a test starts, in this process or another, finds the data directory of a person."""
    monkeypatch.setenv("OPENVNA_HOME", str(tmp_path_factory.getbasetemp() / "no-home"))


@pytest.fixture(autouse=True)
def _own_secrets() -> Iterator[None]:
    """What a test registered as a secret is forgotten with it: thousands of them would slow every later line."""
    before = redaction.registered()
    yield
    redaction.forget_all_but(before)


@pytest.fixture(scope="session")
def seeding() -> list[tuple[int, int]]:
    """What the seeding of `seeded` told of its progress: how many were done, of how many."""
    return []


@pytest.fixture(scope="session")
def seeded(seeding: list[tuple[int, int]]) -> Iterator[Seeded]:
    """A simulated AWS with the demo's network in it, one a worker. Only to be read."""
    with simulated_aws() as endpoint:
        yield seed(endpoint, lambda done, total: seeding.append((done, total)))
