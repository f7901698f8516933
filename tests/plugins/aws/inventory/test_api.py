"""The calls themselves, by our own client and by botocore's, against a server of our own: paging, throttling, faults,
keys, and what is logged."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from email.utils import formatdate
from time import time
from typing import Any

import pytest

from openvna.model import Outcome
from openvna.plugin import Complete, Problem, Record
from openvna.plugins.aws.api import CallError, Credentials
from openvna.plugins.aws.botocore_api import BotocoreApi, Clients
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.fetch import collect
from openvna.plugins.aws.profiles import CredentialUnusable
from openvna.plugins.aws.retries import Turns, at_once
from openvna.plugins.aws.types import needed_types
from openvna.plugins.aws.wire.api import Wire, WireApi
from support.fake_aws import SCOPE, explain
from support.fault_server import fault_server
from support.page_server import Answer, Asked, PageServer, Reply, error, in_turn, vpcs

KEY = Credentials("AKIAIOSFODNN7EXAMPLE", "x" * 40)
THROTTLED = error("RequestLimitExceeded", "Request limit exceeded.", 503)


WAYS: dict[str, tuple[Any, Any]] = {"thin": (Wire, WireApi), "botocore": (Clients, BotocoreApi)}
_chosen = ["thin"]


@pytest.fixture(params=WAYS, autouse=True)
def way(request: pytest.FixtureRequest) -> Iterator[str]:
    """Every test is of both clients: they answer and fail alike."""
    _chosen[0] = request.param
    yield request.param
    _chosen[0] = "thin"


def opened(config: AwsConfig) -> Any:
    return WAYS[_chosen[0]][0](config)


def api_of(clients: Any, credentials: Callable[[], Credentials], *turns: Turns) -> Any:
    return WAYS[_chosen[0]][1](clients, credentials, *turns)


class Pauses(list[float]):
    def __call__(self, seconds: float) -> None:
        self.append(seconds)


@contextmanager
def calls_to(answer: Answer, **more: str) -> Iterator[tuple[Any, PageServer, Pauses]]:
    with PageServer(answer).running() as server:
        clients = opened(AwsConfig(**{"endpoint_url": server.url, **more}))
        pauses = Pauses()
        try:
            yield api_of(clients, lambda: KEY, at_once(pauses)), server, pauses
        finally:
            clients.close()


def describe(api: Any) -> dict[str, object]:
    return dict(api.call("ec2", "DescribeVpcs", "eu-west-1", {"MaxResults": 1000}))


def test_all_pages_come_over_the_wire_with_the_page_size_asked_for() -> None:
    pages = {"": vpcs("vpc-1", "vpc-2", token="p2"), "p2": vpcs("vpc-3", token="p3"), "p3": vpcs("vpc-4")}
    with calls_to(lambda asked: pages[asked.params.get("NextToken", "")]) as (api, server, _):
        declared, wanted = needed_types(["aws.ec2.vpc"])
        *records, end = collect(api, SCOPE, declared, wanted, explain)
    found = [each.resource.alias for each in records if isinstance(each, Record)]
    assert found == ["vpc-1", "vpc-2", "vpc-3", "vpc-4"]
    assert isinstance(end, Complete)
    assert end.calls.calls == 3
    assert [asked.params["MaxResults"] for asked in server.asked] == ["1000"] * 3


def test_throttling_is_waited_out_and_counted() -> None:
    with calls_to(in_turn(THROTTLED, THROTTLED, vpcs("vpc-1"))) as (api, server, pauses):
        answer = describe(api)
    assert answer["ResponseMetadata"]["RetryAttempts"] == 2
    assert answer["ResponseMetadata"]["Throttles"] == 2
    assert len(server.asked) == 3
    assert len(pauses) == 2
    assert all(0 < pause <= 20 for pause in pauses)


def test_throttling_without_end_is_given_up_and_said_to_be_that() -> None:
    with calls_to(in_turn(THROTTLED)) as (api, server, _):
        declared, wanted = needed_types(["aws.ec2.vpc"])
        (end,) = collect(api, SCOPE, declared, wanted, explain)
    assert isinstance(end, Problem)
    assert end.failure.outcome is Outcome.THROTTLED
    assert (end.calls.calls, end.calls.retries, end.calls.throttles) == (8, 7, 8)
    assert len(server.asked) == 8


def test_a_fault_of_aws_is_tried_again_a_denial_is_not() -> None:
    with calls_to(in_turn(error("InternalError", status=500), vpcs("vpc-1"))) as (api, server, _):
        assert describe(api)["ResponseMetadata"]["Throttles"] == 0
        assert len(server.asked) == 2
    with calls_to(in_turn(error("UnauthorizedOperation", status=403))) as (api, server, _):
        with pytest.raises(CallError):
            describe(api)
        assert len(server.asked) == 1


def test_a_refusal_keeps_awss_words_and_its_clock() -> None:
    date = formatdate(time() - 420, usegmt=True)
    refusal = error("UnauthorizedOperation", "You are not authorized.", 403, Date=date)

    def without_own_date(asked: Asked) -> Reply:
        return refusal

    with calls_to(without_own_date) as (api, _, _), pytest.raises(CallError) as caught:
        describe(api)
    found = caught.value
    assert (found.operation, found.code, found.message) == (
        "DescribeVpcs",
        "UnauthorizedOperation",
        "You are not authorized.",
    )
    assert (found.status, found.request_id) == (403, "req-bad")


PAGES = {
    "captive portal": Reply("<html><head><title>Guest login</title></head></html>", 200, {"Content-Type": "text/html"}),
    "portal, not XML": Reply("<!doctype html><title>Guest login</title><p>in", 200, {"Content-Type": "text/html"}),
    "web filter": Reply("<html><body>Forbidden</body></html>", 403, {"Content-Type": "text/html"}),
    "web filter, not XML": Reply("<!doctype html><title>Blocked</title><p>no", 403, {"Content-Type": "text/html"}),
    "nothing": Reply("", 200),
    "JSON": Reply('{"Vpcs": []}', 200, {"Content-Type": "application/json"}),
    "cut": Reply("<DescribeVpcsResponse><requestId>r</requestId><vpcSet><item>", 200),
}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_a_page_that_is_not_awss_is_never_taken_for_an_empty_list(page: Reply) -> None:
    with calls_to(in_turn(page)) as (api, _, _), pytest.raises(CallError) as caught:
        describe(api)
    assert caught.value.cause == "N-INTERCEPT"
    assert "127.0.0.1" in caught.value.message


def test_a_cut_connection_is_tried_again_and_then_named() -> None:
    with calls_to(in_turn(Reply(status=0))) as (api, server, _), pytest.raises(CallError) as caught:
        describe(api)
    assert caught.value.cause == "N-RESET"
    assert caught.value.retries == 2
    assert len(server.asked) == 3


def test_nobody_listening_is_named() -> None:
    clients = opened(AwsConfig(endpoint_url="http://127.0.0.1:1"))
    with pytest.raises(CallError) as caught:
        describe(api_of(clients, lambda: KEY))
    assert caught.value.cause == "N-REFUSED"


def test_accounts_share_clients_but_never_keys() -> None:
    keys = {f"AKIA{index:016d}": Credentials(f"AKIA{index:016d}", "s" * 40, f"token-{index}") for index in range(8)}

    def echo(asked: Asked) -> Reply:
        return vpcs(asked.access_key_id, asked.headers["x-amz-security-token"])

    with PageServer(echo).running() as server:
        clients = opened(AwsConfig(endpoint_url=server.url))
        apis = {name: api_of(clients, lambda key=key: key) for name, key in keys.items()}

        def ask(name: str) -> list[str]:
            return [vpc["VpcId"] for vpc in describe(apis[name])["Vpcs"]]

        with ThreadPoolExecutor(8) as pool:
            seen = list(pool.map(ask, list(keys) * 10))
        clients.close()
    assert seen == [[name, keys[name].token] for name in list(keys) * 10]


def test_no_answer_is_logged_at_any_level(caplog: pytest.LogCaptureFixture) -> None:
    with calls_to(in_turn(vpcs("vpc-seen"))) as (api, _, _), caplog.at_level(logging.DEBUG):
        describe(api)
    assert "vpc-seen" not in caplog.text
    assert KEY.access_key_id not in caplog.text


def test_a_profile_of_the_environment_does_not_decide_how_aws_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody-knows-it")
    with calls_to(in_turn(vpcs("vpc-1"))) as (api, _, _):
        assert describe(api)["Vpcs"][0]["VpcId"] == "vpc-1"


def test_the_proxy_of_the_settings_is_used() -> None:
    with PageServer(in_turn(vpcs("vpc-1"))).running() as proxy:
        clients = opened(AwsConfig(endpoint_url="http://ec2.aws.test", proxy_url=proxy.url))
        describe(api_of(clients, lambda: KEY))
        clients.close()
    assert [asked.path for asked in proxy.asked] == ["http://ec2.aws.test/"]


def test_the_password_of_a_proxy_is_in_no_error() -> None:
    clients = opened(
        AwsConfig(endpoint_url="https://ec2.aws.test", proxy_url="http://me:pass-of-the-proxy@127.0.0.1:1")
    )
    with pytest.raises(CallError) as caught:
        describe(api_of(clients, lambda: KEY))
    assert caught.value.cause == "N-PROXY-DOWN"
    assert "pass-of-the-proxy" not in f"{caught.value} {caught.value.message}"


@pytest.mark.parametrize(("status", "cause"), [(403, "N-PROXY-DENY"), (407, "N-PROXY-AUTH")])
def test_a_proxy_that_lets_nobody_through_is_named(status: int, cause: str) -> None:
    with fault_server() as proxy:
        proxy.connect_status = status
        clients = opened(AwsConfig(endpoint_url="https://ec2.aws.test", proxy_url=proxy.url))
        with pytest.raises(CallError) as caught:
            describe(api_of(clients, lambda: KEY))
        clients.close()
    assert caught.value.cause == cause


def test_a_name_that_cannot_be_resolved_is_named() -> None:
    clients = opened(AwsConfig(endpoint_url="http://ec2.nowhere.invalid"))
    with pytest.raises(CallError) as caught:
        describe(api_of(clients, lambda: KEY))
    clients.close()
    assert caught.value.cause == "N-DNS"


def test_a_credential_that_ends_while_we_are_at_work_keeps_its_cause() -> None:
    def over() -> Credentials:
        raise CredentialUnusable("S-EXPIRED", "The session of profile 'team' is over.")

    clients = opened(AwsConfig(endpoint_url="http://127.0.0.1:1"))
    with pytest.raises(CallError) as caught:
        describe(api_of(clients, over))
    assert caught.value.cause == "S-EXPIRED"
    assert "'team'" in caught.value.message
