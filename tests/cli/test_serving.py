"""`openvna serve`: the first start, the end within five seconds, one server a data directory, and TLS."""

from __future__ import annotations

import http.client
import os
import re
import signal
import ssl
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from openvna import app, log
from openvna.settings import ServerSettings

COMMAND = [sys.executable, "-m", "openvna"]


class Server:
    def __init__(self, process: subprocess.Popen[str], scheme: str, port: int, printed: str) -> None:
        self.process = process
        self.scheme = scheme
        self.port = port
        self.printed = printed

    def end(self, number: signal.Signals) -> tuple[int, float]:
        """Exit code, and the seconds it took."""
        began = time.monotonic()
        self.process.send_signal(number)
        return self.process.wait(30), time.monotonic() - began


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "OPENVNA_HOME": str(tmp_path / "data")}


@contextmanager
def serving(environment: dict[str, str], *options: str) -> Iterator[Server]:
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0", *options],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    with process:
        try:
            printed = ""
            for line in process.stdout:
                printed += line
                if line.startswith("Ctrl-C"):
                    break
            found = re.search(r"(https?)://127\.0\.0\.1:(\d+)", printed)
            assert found is not None, f"it did not start: {printed}"
            yield Server(process, found[1], int(found[2]), printed)
        finally:
            process.kill()


def openvna(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments], env=environment, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_within_five_seconds_though_a_stream_is_open(
    environment: dict[str, str], number: signal.Signals
) -> None:
    token = openvna(environment, "token", "add", "stream").stdout.strip()
    with serving(environment) as server:
        stream = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        stream.request("GET", "/api/v1/events", headers={"Authorization": f"Bearer {token}"})
        answer = stream.getresponse()
        assert answer.status == 200
        assert answer.readline() == b": open\n"
        code, seconds = server.end(number)
        stream.close()
    assert code == 0
    assert seconds < 15  # five are promised, and the stream would go on for ever; a busy machine is given more


def test_the_first_start_makes_a_user_and_shows_the_password_this_once(
    environment: dict[str, str], tmp_path: Path
) -> None:
    with serving(environment) as server:
        password = re.search(r"password\s+(\S+)", server.printed)
        server.end(signal.SIGINT)
    assert password is not None
    assert len(password[1]) == 20
    with serving(environment) as server:
        assert "password" not in server.printed
        server.end(signal.SIGINT)
    data = tmp_path / "data"
    assert password[1] not in (data / "openvna.log").read_text()
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert [file.name for file in data.iterdir() if file.stat().st_mode & 0o077] == []
    assert openvna(environment, "user", "list").stdout.splitlines()[1].split()[0] == "admin"


def test_the_commands_work_beside_a_server_but_a_second_server_does_not(environment: dict[str, str]) -> None:
    with serving(environment) as server:
        assert openvna(environment, "source", "list").returncode == 0
        second = openvna(environment, "serve", "--port", "0")
        assert second.returncode == 1
        assert f"It is process {server.process.pid}." in second.stderr
        server.end(signal.SIGTERM)


def test_another_address_needs_tls_or_consent(environment: dict[str, str]) -> None:
    refused = openvna(environment, "serve", "--host", "0.0.0.0", "--port", "0")
    assert refused.returncode == 2
    assert "does not listen on 0.0.0.0 without TLS" in refused.stderr
    assert "--insecure" in refused.stderr


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 and its key."""
    from ipaddress import ip_address

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "openvna test")])
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(minutes=5))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    chain, private = tmp_path / "chain.pem", tmp_path / "key.pem"
    chain.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return chain, private


def test_tls(environment: dict[str, str], certificate: tuple[Path, Path]) -> None:
    chain, key = certificate
    with serving(environment, "--tls-certificate", str(chain), "--tls-key", str(key)) as server:
        assert server.scheme == "https"
        trusting = ssl.create_default_context(cafile=str(chain))
        visit = http.client.HTTPSConnection("127.0.0.1", server.port, context=trusting, timeout=30)
        visit.request("GET", "/sign-in")
        assert visit.getresponse().status == 200
        visit.close()
        assert server.end(signal.SIGTERM)[0] == 0


def test_a_certificate_that_is_none(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "no.pem").write_text("nothing")
    for file, said in (("no.pem", "cannot be used"), ("missing.pem", "No such file")):
        refused = openvna(environment, "serve", "--tls-certificate", str(tmp_path / file))
        assert refused.returncode == 2
        assert said in refused.stderr
        assert "--tls-key" in refused.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--host", "203.0.113.7", "--insecure"], "cannot listen on 203.0.113.7"),
        (["--host", "no.such.host.invalid", "--insecure"], "no address of this machine"),
    ],
)
def test_an_address_that_is_not_ours(environment: dict[str, str], options: list[str], said: str) -> None:
    refused = openvna(environment, "serve", "--port", "0", *options)
    assert refused.returncode in (1, 2)
    assert said in refused.stderr


def test_a_file_in_place_of_the_data_directory(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    with pytest.raises(app.StoreUnusable, match="There is a file in its place"):
        app.open_gateway(ServerSettings(home=tmp_path / "data"))


def test_a_data_directory_made_too_open_is_closed(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o755)
    app.open_gateway(ServerSettings(home=tmp_path / "data")).close()
    log.setup("warning", None, None)
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
