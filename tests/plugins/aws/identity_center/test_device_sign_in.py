"""Signing in by a code: what AWS is asked, how patiently, and why it comes to nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from openvna.model import InvalidInput
from openvna.plugin.sign_in import SignIn, SignInAccount, SignsIn, signing_in
from openvna.plugins.aws import plugin
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.device_sign_in import DeviceSignIn
from openvna.plugins.aws.identity_center_settings import IdentityCenter
from openvna.plugins.aws.profiles import CredentialUnusable
from openvna.plugins.aws_files import plugin as files
from support.identity_center import ACCOUNT, REGION, START_URL, FakeCenter, oidc, portal

Begin = Callable[..., DeviceSignIn]


@pytest.fixture
def now() -> list[float]:
    """The moment that it is."""
    return [1_800_000_000.0]


@pytest.fixture
def begin(center: FakeCenter, now: list[float]) -> Iterator[Begin]:
    begun: list[DeviceSignIn] = []

    def made(environment: dict[str, str] | None = None, **credential: Any) -> DeviceSignIn:
        given = {"kind": "identity-center", "start_url": START_URL, "sso_region": REGION, **credential}
        settings: dict[str, Any] = {"credential": given}
        if environment is None:
            settings["endpoint_url"] = center.url
        config = AwsConfig.model_validate(settings)
        begun.append(DeviceSignIn(config, environment or {}, clock=lambda: now[0], pause=lambda _: None))
        return begun[-1]

    yield made
    for each in begun:
        each.close()


def cause(begun: Callable[[], object]) -> str:
    with pytest.raises(CredentialUnusable) as refused:
        begun()
    return refused.value.cause


def test_it_registers_as_a_public_client_for_accounts_and_renewal(center: FakeCenter, begin: Begin) -> None:
    begun = begin()
    (register, first), (start, second) = center.calls
    assert register == "RegisterClient"
    assert (first["clientType"], first["scopes"]) == ("public", ["sso:account:access"])
    assert first["grantTypes"] == ["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"]
    assert first["clientName"].startswith("OpenVNA")
    assert (start, second["startUrl"]) == ("StartDeviceAuthorization", START_URL)
    assert begun.prompt.code == center.codes[0].user_code
    assert begun.prompt.ends_at.timestamp() == 1_800_000_600


def test_it_asks_in_aws_interval_and_slower_when_told_so(center: FakeCenter, begin: Begin) -> None:
    center.interval = 1
    begun = begin()
    assert (begun.interval, begun.ask()) == (1, 1)
    center.says["CreateToken"] = [oidc("SlowDownException", "slow_down", "Slow down")]
    assert begun.ask() == 6  # RFC 8628, 3.5: five seconds more, from then on
    assert begun.ask() == 6
    center.approve()
    assert begun.ask() is None
    assert begun.ask() is None
    assert center.asked("CreateToken") == 4


@pytest.mark.parametrize(
    ("said", "interval", "lasts"),
    [(1e-9, 0.01, 3600), (1e308, 60, 3600), (float("nan"), 5, 600), ("soon", 5, 600), (-1, 5, 600), ({}, 5, 600)],
)
def test_no_answer_keeps_a_thread_busy_or_waiting_for_years(
    center: FakeCenter, begin: Begin, said: Any, interval: float, lasts: int
) -> None:
    center.interval, center.code_seconds = said, 1e300 if lasts == 3600 else 600
    begun = begin()
    assert begun.interval == interval
    assert begun.prompt.ends_at.timestamp() == 1_800_000_000 + lasts


def test_what_fails_in_passing_is_asked_again(center: FakeCenter, begin: Begin) -> None:
    begun = begin()
    center.says["CreateToken"] = [oidc("InternalServerException", "server_error", "Sorry", 500)]
    center.approve()
    assert begun.ask() == begun.interval
    assert begun.ask() is None


def test_its_settings_hold_what_it_got_and_what_was_chosen(center: FakeCenter, begin: Begin) -> None:
    begun = begin()
    center.approve()
    assert begun.ask() is None
    settings = begun.settings(ACCOUNT, "NetworkReader").credential
    assert isinstance(settings, IdentityCenter)
    assert (settings.account_id, settings.role_name) == (ACCOUNT, "NetworkReader")
    kept = json.loads(settings.sign_in.get_secret_value())
    assert (kept["accessToken"], kept["refreshToken"]) == tuple(center.issued[-2:])
    assert (kept["startUrl"], kept["region"]) == (START_URL, REGION)
    assert kept["expiresAt"] == "2027-01-15T09:00:00Z"  # an hour after 1,800,000,000
    assert repr(settings).count("**********") == 1


def test_accounts_and_roles_come_whole_over_pages_and_by_name(center: FakeCenter, begin: Begin) -> None:
    center.page_size = 2
    center.accounts = {f"{number:012}": (name, ["b", "C", "a"]) for number, name in enumerate("edcba")}
    begun = begin()
    center.approve()
    begun.ask()
    accounts = begun.accounts()
    assert [each.name for each in accounts] == ["a", "b", "c", "d", "e"]
    assert accounts[0] == SignInAccount("000000000004", "a", "aws+000000000004@example.com")
    assert begun.roles("000000000004") == ("a", "b", "C")
    assert (center.asked("ListAccounts"), center.asked("ListAccountRoles")) == (3, 2)


def test_a_list_that_goes_round_is_no_list(center: FakeCenter, begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = begin()
    center.approve()
    begun.ask()
    monkeypatch.setattr(center, "list_accounts", lambda query, token: {"accountList": [], "nextToken": "again"})
    assert cause(begun.accounts) == "N-INTERCEPT"


def test_before_somebody_signed_in_there_is_nothing(begin: Begin) -> None:
    begun = begin()
    assert cause(begun.accounts) == "S-NOLOGIN"
    assert cause(begun.settings) == "S-NOLOGIN"


@pytest.mark.parametrize(
    ("operation", "refusal", "expected"),
    [
        ("RegisterClient", oidc("InternalServerException", "server_error", "", 500), "T-UNAVAILABLE"),
        ("RegisterClient", oidc("InvalidClientMetadataException", "invalid_client_metadata", "No"), "S-UNKNOWN"),
        ("StartDeviceAuthorization", oidc("InvalidRequestException", "invalid_request", ""), "S-STARTURL"),
        ("StartDeviceAuthorization", oidc("SlowDownException", "slow_down", ""), "T-THROTTLED"),
        (
            "StartDeviceAuthorization",
            oidc("InvalidRequestRegionException", "invalid_request", "", region="us-east-1"),
            "S-REGION",
        ),
        ("StartDeviceAuthorization", oidc("UnauthorizedClientException", "unauthorized_client", ""), "S-CLIENT"),
    ],
)
def test_where_aws_gives_no_code_the_cause_is_named(
    center: FakeCenter, begin: Begin, operation: str, refusal: Any, expected: str
) -> None:
    center.says[operation] = [refusal]
    assert cause(begin) == expected


@pytest.mark.parametrize(
    ("refusal", "expected"),
    [
        (oidc("ExpiredTokenException", "expired_token", "Device code has expired"), "S-CODE-EXPIRED"),
        (oidc("InvalidGrantException", "invalid_grant", "Invalid grant provided"), "S-CODE-EXPIRED"),
        (oidc("AccessDeniedException", "access_denied", "Denied"), "S-DENIED"),
        (oidc("AccessDeniedException", "access_denied", "Key", reason="KMS_AccessDeniedException"), "S-KMS"),
        (oidc("InvalidClientException", "invalid_client", "No", 401), "S-CLIENT"),
    ],
)
def test_where_the_person_does_not_come_in_the_cause_is_named(
    center: FakeCenter, begin: Begin, refusal: Any, expected: str
) -> None:
    begun = begin()
    center.says["CreateToken"] = [refusal]
    assert cause(begun.ask) == expected


def test_a_code_that_is_over_is_not_asked_about_any_more(center: FakeCenter, begin: Begin, now: list[float]) -> None:
    begun = begin()
    now[0] += 601
    assert cause(begun.ask) == "S-CODE-EXPIRED"
    assert center.asked("CreateToken") == 0


def test_an_account_list_that_is_empty_or_refused(center: FakeCenter, begin: Begin) -> None:
    begun = begin()
    center.approve()
    begun.ask()
    center.accounts.clear()
    assert cause(begun.accounts) == "S-NOTHING"
    center.says["ListAccounts"] = [portal(401, "UnauthorizedException", "Session token not found or invalid")]
    assert cause(begun.accounts) == "S-REVOKED"
    center.says["ListAccountRoles"] = [portal(429, "TooManyRequestsException", "Rate exceeded")] * 4
    assert cause(lambda: begun.roles(ACCOUNT)) == "T-THROTTLED"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://127.0.0.1/", "//127.0.0.1/", "http:///x"])
def test_only_a_web_page_is_shown_to_open(
    center: FakeCenter, begin: Begin, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    usual = center.start
    monkeypatch.setattr(center, "start", lambda body: {**usual(body), "verificationUriComplete": url})
    assert cause(begin) == "N-INTERCEPT"


def test_a_region_without_such_a_host_is_a_wrong_region(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def unknown(*_: object, **__: object) -> object:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(CredentialUnusable) as refused:
        begin({"NO_PROXY": "*"}, sso_region="eu-wst-1")
    assert refused.value.cause == "S-REGION"
    assert "Did you mean eu-west-1?" in refused.value.evidence[-1]
    with pytest.raises(CredentialUnusable) as refused:
        begin({"NO_PROXY": "*"})
    assert refused.value.cause == "N-DNS"
    assert "oidc.eu-west-1.amazonaws.com" in refused.value.remedy


@pytest.mark.parametrize(
    ("credential", "fields"),
    [
        ({"start_url": "", "sso_region": ""}, ["credential.start_url", "credential.sso_region"]),
        ({"sso_region": ""}, ["credential.sso_region"]),
        ({"sso_region": "us-gov-west-1"}, ["credential.sso_region"]),  # of another partition than the settings
    ],
)
def test_what_is_missing_or_does_not_fit_is_named(begin: Begin, credential: dict[str, str], fields: list[str]) -> None:
    with pytest.raises(InvalidInput) as refused:
        begin(**credential)
    assert [path for path, _ in refused.value.fields] == fields


def test_a_credential_that_is_entered_is_not_signed_in_for(center: FakeCenter) -> None:
    with pytest.raises(InvalidInput, match="nothing to sign in for"):
        DeviceSignIn(AwsConfig.model_validate({"credential": {"kind": "ambient"}}), {})


def test_the_plugin_says_that_it_signs_in_and_another_that_it_does_not(center: FakeCenter) -> None:
    assert isinstance(plugin, SignsIn)
    config = AwsConfig.model_validate(
        {
            "credential": {"kind": "identity-center", "start_url": START_URL, "sso_region": REGION},
            "endpoint_url": center.url,
        }
    )
    begun: SignIn = signing_in(plugin).begin_sign_in(config)
    assert begun.prompt.code
    begun.close()
    with pytest.raises(InvalidInput, match="has no sign-in"):
        signing_in(files)
