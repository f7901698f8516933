"""Proxies, TLS, IPv6, FIPS and dual-stack: the way that a verification goes, and that the collection goes the same."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import urlsplit
from urllib.request import proxy_bypass_environment

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openvna.plugins.aws.api import CallError, Credentials
from openvna.plugins.aws.callers import VARIABLE, callers
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.endpoint_rules import NoEndpoint, resolve
from openvna.plugins.aws.endpoints import endpoint, partitions
from openvna.plugins.aws.retries import AT_ONCE
from openvna.plugins.aws.routes import is_exempt
from openvna.plugins.aws.transport import Timeouts
from support import fault_server as faults
from support.behind import Behind, behind
from support.fault_server import FaultServer, certificate, fault_server, server_context

BRIEF = Timeouts(connect=0.3, read=0.3)
STS = "https://sts.us-east-1.amazonaws.com"


# AWS behind a proxy, by its own names


def test_awss_own_hosts_are_asked(world: Behind, run: Any) -> None:
    verified = run(proxy_url=world.proxy.url, ca_bundle=str(world.bundle))
    assert verified.verdict.verdict == "ok"
    assert world.hosts >= {"sts.us-east-1.amazonaws.com", "ec2.us-east-1.amazonaws.com"}


def test_a_proxy_spoken_to_over_tls(tmp_path: Path, run: Any) -> None:
    with behind(tmp_path, secure=True) as world:
        verified = run(
            proxy_url=world.proxy.url.replace("://", "://gate:p%40ss@"),
            ca_bundle=str(world.bundle),
            regions=("us-east-1",),
        )
        assert verified.verdict.verdict == "ok"
        # base64 of "gate:p@ss"
        assert {each.proxy_authorization for each in world.proxy.tunnels} == {"Basic Z2F0ZTpwQHNz"}
        assert f"https://127.0.0.1:{world.proxy.port}" in verified.told
        assert "p@ss" not in str(verified.events)
        assert "p%40ss" not in str(verified.events)


def test_a_proxy_whose_certificate_is_not_trusted(tmp_path: Path, run: Any) -> None:
    (tmp_path / "other").mkdir()
    pem = certificate(tmp_path / "other", ("127.0.0.1",), issuer="Example Proxy CA")
    with behind(tmp_path) as world, fault_server(server_context(pem)) as proxy:
        verdict = run(proxy_url=proxy.url, ca_bundle=str(world.bundle)).verdict
    assert verdict.cause == "N-PROXY-TLS"
    assert "Example Proxy CA" in str(verdict.steps[-1].evidence)


def test_a_proxy_that_is_only_said_to_speak_tls(world: Behind, run: Any) -> None:
    verdict = run(proxy_url=f"https://127.0.0.1:{world.proxy.port}", ca_bundle=str(world.bundle)).verdict
    assert verdict.cause == "N-PROXY-TLS"
    assert "http://" in (verdict.remedy or "")


def test_a_device_behind_the_proxy_that_inspects_tls_is_named(world: Behind, run: Any) -> None:
    verdict = run(proxy_url=world.proxy.url).verdict
    assert verdict.cause == "N-TLS-CA"
    assert "Example Inspection CA" in str(verdict.steps[-1].evidence)


def test_a_proxy_that_does_not_sign_in_by_basic_is_told_so(world: Behind, run: Any) -> None:
    world.proxy.connect_status, world.proxy.connect_headers = 407, {"Proxy-Authenticate": "Negotiate"}
    verdict = run(proxy_url=world.proxy.url).verdict
    assert verdict.cause == "N-PROXY-AUTH"
    assert "It takes Negotiate only" in str(verdict.steps[-1].evidence)


def test_a_password_that_cannot_be_sent(run: Any) -> None:
    verdict = run(proxy_url="http://gate:pass%C3%A9@127.0.0.1:1").verdict
    assert verdict.cause == "N-PROXY-AUTH"
    assert "outside ASCII" in str(verdict.steps[-1].evidence)


def test_an_asterisk_in_no_proxy_is_told_to_be_idle(world: Behind, run: Any) -> None:
    world.proxy.connect_status = 403
    environment = {"HTTPS_PROXY": world.proxy.url, "NO_PROXY": "localhost,*.amazonaws.com"}
    verdict = run(environment=environment).verdict
    assert verdict.cause == "N-PROXY-DENY"
    assert "'*.amazonaws.com' in the environment variable NO_PROXY has no effect" in str(verdict.steps[-1].evidence)


def test_an_empty_variable_in_small_letters_takes_the_proxy_out(aws: FaultServer, run: Any) -> None:
    environment = {"HTTP_PROXY": "http://127.0.0.1:1", "http_proxy": ""}
    assert run(endpoint_url=aws.url, environment=environment).verdict.verdict == "ok"


EXEMPT = (
    *("*", "amazonaws.com", ".amazonaws.com", "*.amazonaws.com", "AMAZONAWS.com ", "aws.com", "localhost"),
    *("us-east-1.amazonaws.com:8443", "127.0.0.1", "127.0.0.0/8", "::1", "[::1]", ""),
)


@settings(max_examples=200, deadline=None)
@given(
    host=st.sampled_from(["sts.us-east-1.amazonaws.com", "amazonaws.com", "127.0.0.1", "[::1]", "localhost"]),
    port=st.sampled_from(["", ":8443"]),
    names=st.lists(
        st.sampled_from(EXEMPT),
        max_size=3,
    ),
)
def test_no_proxy_is_read_as_the_sdk_reads_it(host: str, port: str, names: list[str]) -> None:
    url, exempt = f"https://{host}{port}", ",".join(names)
    assert is_exempt(urlsplit(url), exempt) == bool(proxy_bypass_environment(f"{host}{port}", {"no": exempt}))


# Nothing hangs


@pytest.fixture
def silent() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield int(listening.getsockname()[1])


@pytest.fixture
def full() -> Iterator[int]:
    """A port that takes no connection and does not refuse it either: its queue is full."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        address = listening.getsockname()
        waiting = [socket.socket() for _ in range(8)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(address)
        yield int(address[1])
        for each in waiting:
            each.close()


def soon(run: Any, **source: Any) -> Any:
    """The verdict where nothing answers: there after some tenths of a second, and on a busy machine well before the
    half minute that an answer may take otherwise."""
    began = time.monotonic()
    verdict = run(timeouts=BRIEF, **source).verdict
    assert time.monotonic() - began < 15
    return verdict


def test_an_address_that_swallows_packets(full: int, run: Any) -> None:
    verdict = soon(run, endpoint_url=f"http://127.0.0.1:{full}")
    assert verdict.cause == "N-TIMEOUT"
    assert "no connection came about within 0.3 s" in str(verdict.steps[-1].evidence)


def test_a_tls_handshake_that_is_never_answered(silent: int, run: Any) -> None:
    verdict = soon(run, endpoint_url=f"https://127.0.0.1:{silent}")
    assert verdict.cause == "N-TIMEOUT"
    assert "TLS handshake" in str(verdict.steps[-1].evidence)


def test_a_proxy_that_never_answers_connect(silent: int, run: Any) -> None:
    verdict = soon(run, proxy_url=f"http://127.0.0.1:{silent}")
    assert verdict.cause == "N-PROXY-TIMEOUT"
    assert "no answer to CONNECT" in str(verdict.steps[-1].evidence)


def test_a_tls_proxy_that_never_answers(silent: int, run: Any) -> None:
    verdict = soon(run, proxy_url=f"https://gate:open-sesame@127.0.0.1:{silent}")
    assert verdict.cause == "N-PROXY-DOWN"
    assert "sesame" not in str(verdict)


def test_a_proxy_that_swallows_packets(full: int, run: Any) -> None:
    assert soon(run, proxy_url=f"http://127.0.0.1:{full}").cause == "N-PROXY-DOWN"


def test_a_name_service_that_never_answers(run: Any) -> None:
    given_up = threading.Event()

    def stuck(*_: Any, **__: Any) -> Any:
        given_up.wait(30)
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    with mock.patch("socket.getaddrinfo", stuck):
        verdict = soon(run)
    given_up.set()
    assert verdict.cause == "N-DNS"
    assert "the name service gave no answer" in str(verdict.steps[-1].evidence)


def test_an_address_that_does_not_answer_leaves_time_for_the_next_one(aws: FaultServer, full: int, run: Any) -> None:
    """A host with IPv6 addresses, on a machine whose IPv6 leads nowhere."""
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)) for port in (full, aws.port)]
    with mock.patch("socket.getaddrinfo", lambda *_, **__: both):
        assert run(endpoint_url="http://two.example.net", timeouts=Timeouts(2, 5)).verdict.verdict == "ok"


@pytest.mark.parametrize("answer", [faults.HANG, faults.DRIP], ids=["hang", "drip"])
def test_a_server_that_stops_answering_later_on(aws: FaultServer, run: Any, answer: faults.Answer) -> None:
    aws.on("DescribeRegions", answer).on("DescribeVpcs", answer)
    verdict = soon(run, endpoint_url=aws.url)
    assert (verdict.verdict, verdict.cause) == ("failed", "N-TIMEOUT")


def test_what_nobody_waits_for_any_more_ends(aws: FaultServer, run: Any) -> None:
    aws.unsigned = faults.DRIP
    run(endpoint_url=aws.url, timeouts=BRIEF)
    left = [each for each in threading.enumerate() if each.name == "aws-GetCallerIdentity"]
    for each in left:
        each.join(10)
    assert not any(each.is_alive() for each in left)


# IPv6


def test_an_ipv6_address(run: Any) -> None:
    with fault_server(address="::1") as server:
        verified = run(endpoint_url=server.good().url)
        assert verified.verdict.verdict == "ok"
        assert {each.host for each in server.requests} == {f"[::1]:{server.port}"}


def test_a_proxy_by_its_ipv6_address_and_a_target_by_its_own(tmp_path: Path, run: Any) -> None:
    pem = certificate(tmp_path, ("::1", "127.0.0.1"))
    with fault_server(server_context(pem)) as aws, fault_server(address="::1") as proxy:
        aws.good()
        proxy.tunnel_port = aws.port
        verified = run(endpoint_url="https://[::1]:9443", proxy_url=proxy.url, ca_bundle=str(pem))
        assert verified.verdict.verdict == "ok"
        assert {each.target for each in proxy.tunnels} == {"[::1]:9443"}
    port = proxy.port
    assert f"[::1]:{port}" in verified.told


# Endpoints


def test_a_profiles_own_ca_bundle(world: Behind, run: Any, tmp_path: Path) -> None:
    (tmp_path / "config").write_text(
        f"[profile own]\naws_access_key_id = {faults.AKIA}\naws_secret_access_key = {faults.SECRET}\n"
        f"ca_bundle = {world.bundle}\n"
    )
    files = {"AWS_CONFIG_FILE": str(tmp_path / "config"), "AWS_SHARED_CREDENTIALS_FILE": "/nowhere"}
    credential = {"kind": "profile", "profile": "own"}
    assert run(credential, files, proxy_url=world.proxy.url).verdict.verdict == "ok"


@pytest.mark.parametrize(
    ("asked", "environment", "hosts"),
    [
        ({"fips": True}, {}, {"sts-fips.us-east-1.amazonaws.com", "ec2-fips.us-east-1.amazonaws.com"}),
        (
            {},
            {"AWS_USE_FIPS_ENDPOINT": "true"},
            {"sts-fips.us-east-1.amazonaws.com", "ec2-fips.us-east-1.amazonaws.com"},
        ),
        ({"dual_stack": True}, {}, {"sts.us-east-1.api.aws", "ec2.us-east-1.api.aws"}),
        (
            {"partition": "aws-cn"},
            {},
            {"sts.cn-north-1.amazonaws.com.cn", "ec2.cn-north-1.amazonaws.com.cn"},
        ),
        (
            {"endpoint_urls": {"ec2": "https://vpce-0abc.us-east-1.amazonaws.com"}},
            {},
            {"sts.us-east-1.amazonaws.com", "vpce-0abc.us-east-1.amazonaws.com"},
        ),
    ],
    ids=["fips", "fips-by-environment", "dual-stack", "china", "one-service"],
)
def test_the_hosts_of_the_settings(
    world: Behind, run: Any, asked: dict[str, Any], environment: dict[str, str], hosts: set[str]
) -> None:
    partition = asked.get("partition", "aws")
    world.aws.on("GetCallerIdentity", faults.identity(faults.USER.replace("arn:aws:", f"arn:{partition}:")))
    if partition == "aws-cn":
        world.aws.on("DescribeRegions", faults.regions(cn_north_1="opt-in-not-required"))
    verified = run(environment=environment, proxy_url=world.proxy.url, ca_bundle=str(world.bundle), **asked)
    assert verified.verdict.verdict == "ok"
    assert world.hosts >= hosts
    assert not {each for each in world.hosts if each.startswith(("sts", "ec2"))} - hosts


def test_a_kind_of_endpoint_that_a_partition_does_not_have(run: Any) -> None:
    verdict = run(partition="aws-iso-e", dual_stack=True).verdict
    assert (verdict.verdict, verdict.cause, verdict.calls) == ("failed", "C-ENDPOINT-KIND", 0)
    assert "the source's setting dual_stack" in str(verdict.steps[-1].evidence)


@pytest.mark.parametrize(("known", "cause"), [("sts.eu-west-1.amazonaws.com", "C-ENDPOINT-KIND"), ("nothing", "N-DNS")])
def test_a_fips_host_without_an_address_is_told_from_a_name_service_that_knows_nothing(
    run: Any, known: str, cause: str
) -> None:
    def asked(host: str, *_: Any, **__: Any) -> Any:
        if host == known:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 443))]
        raise socket.gaierror(-2, "Name or service not known")

    with mock.patch("socket.getaddrinfo", asked):
        verdict = run(fips=True, home_region="eu-west-1").verdict
    assert verdict.cause == cause
    assert "sts-fips.eu-west-1.amazonaws.com" in str(verdict.steps[-1].evidence)


SERVICES = ("sts", "ec2", "iam", "s3", "elb", "elbv2", "iam-toolbox", "organizations", "networkmanager", "route53")


@pytest.mark.parametrize("partition", sorted(partitions()))
def test_every_host_is_the_one_that_the_sdk_goes_to(partition: str) -> None:
    """All kinds of endpoints, in two regions of each partition; what the SDK refuses is refused here."""
    import botocore.session
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError

    session = botocore.session.Session()
    session.set_credentials("a", "b")
    operations = {"sts": "GetCallerIdentity", "s3": "ListBuckets", "iam-toolbox": "GetRequestAuthorizationDetails"}
    for region in partitions()[partition].regions[:2]:
        for fips, dual_stack in ((False, False), (True, False), (False, True), (True, True)):
            for service in SERVICES:
                config = Config(
                    use_fips_endpoint=fips,
                    use_dualstack_endpoint=dual_stack,
                    s3={"us_east_1_regional_endpoint": "regional"},
                )
                try:
                    client = session.create_client(service, region_name=region, config=config)
                    model = client.meta.service_model
                    operation = model.operation_model(operations.get(service) or model.operation_names[0])
                    theirs = client._ruleset_resolver.construct_endpoint(
                        operation, {"authorizationId": "x"}, {"client_config": client.meta.config, "auth_type": None}
                    )
                except BotoCoreError:
                    with pytest.raises(NoEndpoint):
                        resolve(service, region, partition, fips, dual_stack)
                    continue
                ours = resolve(service, region, partition, fips, dual_stack)
                assert ours.url == theirs.url
                schemes = theirs.properties.get("authSchemes") or [{}]
                assert ours.signing_region == (schemes[0].get("signingRegion") or region)


def test_an_endpoint_of_one_service_goes_before_that_of_all() -> None:
    config = AwsConfig(endpoint_url="http://all:1", endpoint_urls={"EC2 ": "http://one:2", "s3": ""})
    assert config.endpoint_urls == {"ec2": "http://one:2"}
    assert endpoint(config, "ec2", "eu-west-1", {}).url == "http://one:2"
    assert endpoint(config, "sts", "eu-west-1", {}).url == "http://all:1"
    assert not endpoint(AwsConfig(endpoint_url="https://ec2.eu-west-1.api.aws"), "ec2", "eu-west-1", {}).emulated, (
        "a dual-stack host is AWS's own"
    )


@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
@pytest.mark.parametrize("client", ["thin", "botocore"])
def test_the_collection_goes_the_way_that_was_verified(tmp_path: Path, client: str, secure: bool) -> None:
    with behind(tmp_path, secure=secure) as world:
        world.aws.on("DescribeVpcs", faults.done("DescribeVpcs", "<vpcSet/>"))
        proxy = world.proxy.url.replace("://", "://gate:p%40ss@")
        settings = {"fips": True, "proxy_url": proxy, "ca_bundle": str(world.bundle)}
        calling = callers(AwsConfig.model_validate(settings), {}, {VARIABLE: client})
        api = calling.api(lambda: Credentials(faults.AKIA, faults.SECRET), AT_ONCE)
        assert list(api.call("ec2", "DescribeVpcs", "us-east-1", {}).get("Vpcs") or ()) == []
        calling.close()
        assert world.hosts == {"ec2-fips.us-east-1.amazonaws.com"}
        assert {each.proxy_authorization for each in world.proxy.tunnels} == {"Basic Z2F0ZTpwQHNz"}


@pytest.mark.parametrize("client", ["thin", "botocore"])
def test_a_collection_that_gets_no_answer_is_told_why(
    silent: int, client: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENVNA_AWS_CONNECT_SECONDS", "0.3")
    calling = callers(AwsConfig.model_validate({"proxy_url": f"http://127.0.0.1:{silent}"}), {}, {VARIABLE: client})
    api = calling.api(lambda: Credentials(faults.AKIA, faults.SECRET), AT_ONCE)
    began = time.monotonic()
    with pytest.raises(CallError) as caught:
        api.call("ec2", "DescribeVpcs", "us-east-1", {})
    calling.close()
    assert time.monotonic() - began < 10
    assert caught.value.cause in ("N-PROXY-TIMEOUT", "N-PROXY-DOWN", "N-TIMEOUT")
