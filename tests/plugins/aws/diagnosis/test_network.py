"""The way to AWS: every fault of the network has its own cause, and a verification always ends."""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from openvna.plugins.aws.query import xml
from openvna.plugins.aws.transport import Timeouts
from support import fault_server as faults
from support.fault_server import FaultServer, certificate, fault_server, page, redirect, server_context
from support.loopback import refusing_port

BRIEF = Timeouts(connect=0.3, read=0.3)


def assert_path(verified: Any, cause: str, *words: str) -> None:
    """The path step failed for this cause, no credential was sent, and the evidence holds these words."""
    verdict = verified.verdict
    assert (verdict.verdict, verdict.cause) == ("failed", cause)
    assert verified.step("path").cause == cause
    assert verdict.remedy
    for word in words:
        assert word in verified.told


def test_a_name_that_does_not_exist(run: Any) -> None:
    assert_path(run(endpoint_url="http://sts.nowhere.invalid"), "N-DNS", "sts.nowhere.invalid")


def test_a_host_name_that_cannot_be_one(run: Any) -> None:
    assert_path(run(endpoint_url=f"http://{'a' * 70}.example.net"), "N-DNS")


def test_a_port_where_nobody_listens(run: Any) -> None:
    port = refusing_port()
    assert_path(run(endpoint_url=f"http://127.0.0.1:{port}"), "N-REFUSED", f"127.0.0.1:{port}")


@pytest.mark.parametrize("answer", [faults.HANG, faults.DRIP], ids=["hang", "drip"])
def test_a_server_that_does_not_come_to_an_end(aws: FaultServer, run: Any, answer: faults.Answer) -> None:
    aws.unsigned = answer
    began = time.monotonic()
    assert_path(run(endpoint_url=aws.url, timeouts=BRIEF), "N-TIMEOUT", "127.0.0.1")
    assert time.monotonic() - began < 15


@pytest.mark.parametrize("answer", [faults.RESET, faults.CUT], ids=["reset", "cut"])
def test_a_connection_that_is_cut(aws: FaultServer, run: Any, answer: faults.Answer) -> None:
    aws.unsigned = answer
    assert_path(run(endpoint_url=aws.url), "N-RESET", "127.0.0.1")


def test_what_does_not_speak_http(aws: FaultServer, run: Any) -> None:
    aws.unsigned = faults.GIBBERISH
    assert_path(run(endpoint_url=aws.url), "N-INTERCEPT", "does not speak HTTP")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (page(200), ("HTTP 200", "Sign in to the guest network")),
        (page(403, "Blocked by policy"), ("HTTP 403", "Blocked by policy")),
        (redirect(), ("HTTP 302", "portal.example.net")),
        (faults.Answer(403, "<Error><Code>AccessDenied</Code></Error>"), ("HTTP 403",)),
        (faults.Answer(200, "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"), ("HTTP 200",)),
    ],
    ids=["portal", "filter", "redirect", "no-request-id", "document-type"],
)
def test_an_answer_that_is_not_awss(
    aws: FaultServer, as_aws: Any, answer: faults.Answer, words: tuple[str, ...]
) -> None:
    aws.unsigned = answer
    assert_path(as_aws(), "N-INTERCEPT", *words)
    assert aws.asked("GetCallerIdentity") == 0


@pytest.mark.parametrize(
    "body",
    [
        f"<!--{' ' * 5000}--><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>".encode(),
        "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>".encode("utf-16-le"),
    ],
    ids=["far-down", "utf-16"],
)
def test_a_document_type_is_refused_wherever_it_stands(body: bytes) -> None:
    assert xml(body) is None


def test_a_filter_that_lets_only_the_first_request_pass(aws: FaultServer, as_aws: Any) -> None:
    aws.on("GetCallerIdentity", page(200))
    verdict = as_aws().verdict
    assert (verdict.verdict, verdict.cause) == ("failed", "N-INTERCEPT")


def test_a_certificate_that_nobody_trusts_is_shown_with_its_issuer(run: Any, tmp_path: Path) -> None:
    pem = certificate(tmp_path, issuer="Example Inspection CA")
    with fault_server(server_context(pem)) as server:
        assert_path(run(endpoint_url=server.url), "N-TLS-CA", "Example Inspection CA")


def test_a_ca_bundle_makes_it_trusted(run: Any, tmp_path: Path) -> None:
    pem = certificate(tmp_path)
    with fault_server(server_context(pem)) as server:
        server.good()
        assert run(endpoint_url=server.url, ca_bundle=str(pem)).verdict.verdict == "ok"
        environment = {"AWS_CA_BUNDLE": str(pem)}
        assert run(endpoint_url=server.url, environment=environment).verdict.verdict == "ok"


def test_a_certificate_of_another_host(run: Any, tmp_path: Path) -> None:
    pem = certificate(tmp_path, names=("sts.example.net",))
    with fault_server(server_context(pem)) as server:
        assert_path(run(endpoint_url=server.url, ca_bundle=str(pem)), "N-TLS-NAME")


@pytest.mark.parametrize("begins", [timedelta(days=-9), timedelta(days=9)], ids=["over", "not-yet"])
def test_a_certificate_whose_time_is_not_now_speaks_of_the_clock(run: Any, tmp_path: Path, begins: timedelta) -> None:
    pem = certificate(tmp_path, begins=begins)
    with fault_server(server_context(pem)) as server:
        verified = run(endpoint_url=server.url, ca_bundle=str(pem))
        assert_path(verified, "N-TLS-DATE", "This machine's clock says")
    assert "date -u" in (verified.verdict.remedy or "")


def test_a_port_that_does_not_speak_tls(aws: FaultServer, run: Any) -> None:
    assert_path(run(endpoint_url=f"https://127.0.0.1:{aws.port}"), "N-TLS-PLAIN", f"127.0.0.1:{aws.port}")


@pytest.mark.parametrize("kind", ["absent", "empty", "no-certificate"])
def test_a_ca_bundle_of_no_use(aws: FaultServer, run: Any, tmp_path: Path, kind: str) -> None:
    bundle = tmp_path / "ca.pem"
    if kind != "absent":
        bundle.write_text("" if kind == "empty" else "not a certificate\n")
    verified = run(endpoint_url=f"https://127.0.0.1:{aws.port}", ca_bundle=str(bundle))
    assert_path(verified, "C-CABUNDLE", str(bundle), "ca_bundle")


@pytest.mark.parametrize(("status", "cause"), [(407, "N-PROXY-AUTH"), (403, "N-PROXY-DENY"), (502, "N-PROXY-DENY")])
def test_a_proxy_that_refuses_the_tunnel(aws: FaultServer, run: Any, status: int, cause: str) -> None:
    aws.connect_status = status
    proxy = f"http://gate:S3cretWord@127.0.0.1:{aws.port}"
    verified = run(endpoint_url="https://sts.us-east-1.amazonaws.com", proxy_url=proxy)
    assert_path(verified, cause, f"127.0.0.1:{aws.port}", "sts.us-east-1.amazonaws.com", str(status))
    assert "S3cretWord" not in repr(verified.events)


def test_a_proxy_that_asks_for_a_password_on_a_plain_connection(aws: FaultServer, as_aws: Any) -> None:
    aws.unsigned = faults.Answer(407, "")
    assert_path(as_aws(), "N-PROXY-AUTH")


def test_a_proxys_user_and_password_are_sent_to_it(aws: FaultServer, as_aws: Any) -> None:
    verified = as_aws(proxy_url=f"http://gate:p%40ss@127.0.0.1:{aws.port}", regions=("us-east-1",))
    assert verified.verdict.verdict == "ok"
    # base64 of "gate:p@ss"
    assert {each.proxy_authorization for each in aws.requests} == {"Basic Z2F0ZTpwQHNz"}
    assert all(each.target.startswith("http://sts.us-east-1.amazonaws.com/") for each in aws.requests)


def test_a_proxy_that_is_down_or_does_not_exist(run: Any) -> None:
    port = refusing_port()
    url = "https://sts.us-east-1.amazonaws.com"
    verified = run(endpoint_url=url, environment={"HTTPS_PROXY": f"http://127.0.0.1:{port}"})
    assert_path(verified, "N-PROXY-DOWN", f"127.0.0.1:{port}", "HTTPS_PROXY")
    assert_path(run(endpoint_url=url, proxy_url="http://proxy.nowhere.invalid:3128"), "N-PROXY-DOWN")


def test_no_proxy_exempts_a_host(aws: FaultServer, run: Any) -> None:
    environment = {"HTTP_PROXY": f"http://127.0.0.1:{refusing_port()}", "NO_PROXY": "localhost,127.0.0.1"}
    assert run(endpoint_url=aws.url, environment=environment).verdict.verdict == "ok"
    assert_path(run(endpoint_url=aws.url, environment=environment | {"NO_PROXY": "example.net"}), "N-PROXY-DOWN")


def test_an_endpoint_from_the_environment_is_shown_with_its_origin(aws: FaultServer, run: Any) -> None:
    verdict = run(environment={"AWS_ENDPOINT_URL": aws.url}).verdict
    assert verdict.verdict == "ok"
    assert verdict.endpoint == f"{aws.url} (the environment variable AWS_ENDPOINT_URL)"
    only_sts = {"AWS_ENDPOINT_URL_STS": aws.url, "AWS_ENDPOINT_URL_EC2": aws.url}
    assert "AWS_ENDPOINT_URL_STS" in (run(environment=only_sts).verdict.endpoint or "")


def test_the_password_in_an_endpoint_of_the_environment_is_shown_nowhere(aws: FaultServer, run: Any) -> None:
    verified = run(environment={"AWS_ENDPOINT_URL": f"http://me:open-sesame@127.0.0.1:{aws.port}"})
    assert verified.verdict.verdict == "ok"
    assert "open-sesame" not in str(verified.events)
    assert verified.verdict.endpoint == f"{aws.url} (the environment variable AWS_ENDPOINT_URL)"


@pytest.mark.parametrize("address", ["http://127.0.0.1:http", "http://[::1", "ftp://me:open-sesame@127.0.0.1"])
def test_an_endpoint_of_the_environment_that_cannot_be_read(run: Any, address: str) -> None:
    verified = run(environment={"AWS_ENDPOINT_URL": address})
    assert_path(verified, "C-ENDPOINT")
    assert "open-sesame" not in str(verified.events)


def test_a_proxy_of_the_environment_that_cannot_be_read(run: Any) -> None:
    """A # in a password ends the address's place, and what is before it looks like a port."""
    environment = {"HTTPS_PROXY": "http://me:open#sesame@proxy.example.net:3128"}
    verified = run(endpoint_url="https://sts.us-east-1.amazonaws.com", environment=environment)
    assert_path(verified, "N-PROXY-DOWN", "HTTPS_PROXY", "%23")
    assert "sesame" not in str(verified.events)


def test_a_proxy_that_does_not_speak_http_gets_no_password(run: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        environment = {"HTTPS_PROXY": f"socks5://me:open-sesame@127.0.0.1:{proxy.getsockname()[1]}"}
        verified = run(endpoint_url="https://sts.us-east-1.amazonaws.com", environment=environment)
        proxy.setblocking(False)
        with pytest.raises(BlockingIOError):
            proxy.accept()  # nobody came
    assert_path(verified, "N-PROXY-DOWN", "socks5://")


def test_a_variable_that_the_sdks_do_not_know_decides_nothing(aws: FaultServer, run: Any) -> None:
    """The collection, which the SDK carries, would not go that way."""
    environment = {"ALL_PROXY": f"http://127.0.0.1:{refusing_port()}"}
    assert run(endpoint_url=aws.url, environment=environment).verdict.verdict == "ok"


def test_a_closed_connection_that_was_kept_is_replaced(aws: FaultServer) -> None:
    from openvna.plugins.aws.config import AwsConfig
    from openvna.plugins.aws.transport import Transport

    config = AwsConfig(endpoint_url=aws.url)
    aws.on("One", faults.done("One"), faults.RESET, faults.done("One"))
    transport = Transport(config, environment={})
    try:
        assert transport.send("One", "POST", aws.url, {}, b"Action=One").status == 200
        assert transport.send("One", "POST", aws.url, {}, b"Action=One").status == 200
    finally:
        transport.close()


def test_no_socket_or_thread_stays_behind(aws: FaultServer, run: Any) -> None:
    def sockets() -> int:
        found = 0
        for each in Path("/proc/self/fd").iterdir():
            with suppress(FileNotFoundError):  # closed since the folder was read
                found += str(each.readlink()).startswith("socket:")
        return found

    run(endpoint_url=aws.url)
    before = sockets()
    for _ in range(5):
        run(endpoint_url=aws.url)
    deadline = time.monotonic() + 30
    while sockets() > before and time.monotonic() < deadline:
        time.sleep(0.01)  # the server's threads close their side in their own time
    assert sockets() <= before


def test_a_host_that_no_name_can_be_has_no_address() -> None:
    """A label has 63 characters at most (RFC 1035); the resolver does not even ask."""
    from openvna.plugins.aws.config import AwsConfig
    from openvna.plugins.aws.transport import Transport

    assert not Transport(AwsConfig(), environment={}).has_address(f"{'a' * 64}.example.net")
