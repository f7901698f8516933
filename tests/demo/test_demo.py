"""`openvna demo` as a person starts it: from the command to a page with the whole network, and nothing left behind."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from openvna.demo.entries import counts
from openvna.demo.network import NETWORK

START_WITHIN = 120
"""Seconds; far more than the 30 that it takes, because tests run side by side on slow machines."""


@dataclass
class Demo:
    process: subprocess.Popen[str]
    lines: list[str]
    url: str = ""
    password: str = ""

    @property
    def text(self) -> str:
        return "".join(self.lines)

    def stop(self, number: int) -> int:
        self.process.send_signal(number)
        assert self.process.stdout is not None
        self.lines += self.process.stdout.readlines()
        return self.process.wait(timeout=30)

    def simulated_aws(self) -> str:
        found = re.search(r"listens on (http://127\.0\.0\.1:\d+)", self.text)
        assert found, self.text
        return found[1]

    @contextmanager
    def signed_in(self) -> Iterator[httpx.Client]:
        with httpx.Client(base_url=self.url, timeout=30) as client:
            answer = client.post("/api/v1/session", json={"name": "admin", "password": self.password})
            assert answer.status_code == 201, answer.text
            yield client


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "openvna", "demo", *arguments]


def environment(temporary: Path, **more: str) -> dict[str, str]:
    temporary.mkdir(exist_ok=True)
    clean = {"PATH": os.environ["PATH"], "HOME": str(temporary), "TMPDIR": str(temporary)}
    return clean | more


@contextmanager
def demo(temporary: Path, **more: str) -> Iterator[Demo]:
    """A started demo on a free port, whose page can be opened."""
    process = subprocess.Popen(
        command("--port", "0"),
        env=environment(temporary, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    started = Demo(process, [])
    watchdog = threading.Timer(START_WITHIN, process.kill)
    watchdog.start()
    try:
        assert process.stdout is not None
        for line in process.stdout:
            started.lines.append(line)
            if found := re.search(r"Open (http://127\.0\.0\.1:\d+)", line):
                started.url = found[1]
            if found := re.search(r"password +(\S+)", line):
                started.password = found[1]
                break
        assert started.url, started.text
        yield started
    finally:
        watchdog.cancel()
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def listens(url: str) -> bool:
    at = urlsplit(url)
    with socket.socket() as trying:
        trying.settimeout(5)
        return trying.connect_ex((at.hostname, at.port)) == 0


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Started where the environment names a database, a proxy and an endpoint, those of a real installation."""
    place = tmp_path_factory.mktemp("demo")
    nowhere = "http://127.0.0.1:1"
    astray = {
        "OPENVNA_DATABASE_URL": "postgresql+psycopg://nobody@127.0.0.1:1/none",
        "OPENVNA_HOME": str(place / "real"),
        "HTTP_PROXY": nowhere,
        "HTTPS_PROXY": nowhere,
        "AWS_ENDPOINT_URL": nowhere,
        "AWS_PROFILE": "someone",
    }
    with demo(place, **astray) as started:
        yield started
    assert not (place / "real").exists()


def test_the_inventory_is_the_network_of_the_description(running: Demo) -> None:
    with running.signed_in() as client:
        listed = client.get("/api/v1/resource-types").json()["items"]
        ours = sum(
            client.get(
                "/api/v1/resources",
                params={"type": "aws.ec2.managed-prefix-list", "account": account, "count": True, "limit": 1},
            ).json()["total"]
            for account in ("111122223333", "444455556666")
        )
    found = {each["type"]: each["resources"] for each in listed}
    expected = dict(counts(NETWORK))
    assert ours == expected.pop("aws.ec2.managed-prefix-list")
    del expected["aws.ec2.managed-prefix-list-entry"]  # AWS's own lists have entries too
    assert {name: found.get(name) for name in expected} == expected


def test_every_listing_was_complete(running: Demo) -> None:
    with running.signed_in() as client:
        listed = client.get("/api/v1/resource-types").json()["items"]
        runs = client.get("/api/v1/runs").json()["items"]
    assert {each["type"]: each["outcomes"] for each in listed if each["state"] != "complete"} == {}
    assert {(run["account"], run["region"], run["state"]) for run in runs} == {
        (account, region, "ok")
        for account in ("111122223333", "444455556666")
        for region in ("eu-central-1", "eu-west-1")
    }


def test_the_source_was_verified_and_shows_no_secret(running: Demo) -> None:
    with running.signed_in() as client:
        answer = client.get("/api/v1/sources/demo")
    source = answer.json()
    assert source["plugin"] == "aws"
    assert source["verdict"]["verdict"] == "ok"
    assert source["config"]["assume_role"]["role_arn"] == "arn:aws:iam::{account}:role/OpenVNA"
    assert source["secrets"] == ["credential.secret_access_key"]
    assert "secret_access_key" not in source["config"]["credential"]


def test_a_server_across_the_transit_gateway_is_found_by_its_name(running: Demo) -> None:
    with running.signed_in() as client:
        (attachment,) = client.get(
            "/api/v1/resources",
            params={"type": "aws.ec2.transit-gateway-attachment", "tag": "Name=shop-prod-attachment"},
        ).json()["items"]
        shown = client.get(f"/api/v1/resources/{attachment['alias']}").json()
    joined = {relation["other"]["name"] for relation in shown["relations"] if relation["other"]}
    assert {"tgw-central", "shop-prod", "tgw-spokes"} <= joined


def test_no_pre_shared_key_is_kept(running: Demo) -> None:
    with running.signed_in() as client:
        tunnels = client.get("/api/v1/resources", params={"type": "aws.ec2.vpn-connection"}).json()["items"]
        shown = [client.get(f"/api/v1/resources/{each['alias']}").text for each in tunnels]
    assert len(shown) == 2
    for text in shown:
        assert "PreSharedKey" not in text
        assert "pre_shared_key" not in text


def test_the_admin_ui_answers(running: Demo) -> None:
    page = httpx.get(running.url, follow_redirects=True, timeout=30)
    assert page.status_code == 200
    assert "text/html" in page.headers["content-type"]


def test_everything_goes_with_the_end_and_a_second_start_works(tmp_path: Path) -> None:
    """The second one is killed outright, and even then the simulated AWS does not outlive it."""
    place = tmp_path / "place"
    with demo(place) as first:
        urls = (first.url, first.simulated_aws())
        assert all(map(listens, urls))
        assert any(place.iterdir())
        assert first.stop(signal.SIGINT) == 0, first.text
        assert not any(map(listens, urls))
        assert [each.name for each in place.iterdir() if each.name.startswith("openvna")] == []
    with demo(place) as second:
        url = second.simulated_aws()
        second.process.kill()
        second.process.wait()
        deadline = time.monotonic() + 30
        while listens(url):
            assert time.monotonic() < deadline, "the simulated AWS still listens"


def test_an_end_in_the_middle_of_the_start_leaves_nothing_behind(tmp_path: Path) -> None:
    place = tmp_path / "place"
    process = subprocess.Popen(
        command("--port", "0"),
        env=environment(place),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process:
        assert process.stdout is not None
        early = Demo(process, [process.stdout.readline()])
        url = early.simulated_aws()
        assert early.stop(signal.SIGTERM) == 0, early.text
    assert not listens(url)
    assert [each.name for each in place.iterdir() if each.name.startswith("openvna")] == []


def test_a_busy_port_is_named_with_a_way_out(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = subprocess.run(
            command("--port", str(port)),
            env=environment(tmp_path / "place"),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert ended.returncode == 1
    assert f"Port {port} on 127.0.0.1 is in use." in " ".join(ended.stderr.split())
    assert "--port" in ended.stderr
    assert "Traceback" not in ended.stderr
