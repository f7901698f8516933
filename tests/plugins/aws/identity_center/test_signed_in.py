"""A source that has signed in at IAM Identity Center: it works, is renewed silently, and says why it does not."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from openvna.log import redact
from openvna.plugin import Confidence
from openvna.plugins.aws.access import Access
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.endpoints import endpoint
from openvna.plugins.aws.identity_center_settings import IdentityCenter
from openvna.plugins.aws.profiles import CredentialUnusable
from support.fault_server import ASIA
from support.identity_center import ACCOUNT, REGION, SESSION_ARN, START_URL, FakeCenter, oidc, portal

Verify = Callable[..., Any]
Config = Callable[..., AwsConfig]
Open = Callable[..., Access]


def signed(center: FakeCenter, seconds: float, **more: Any) -> dict[str, Any]:
    """A credential whose access token has these seconds left."""
    return center.settings(sign_in=json.dumps(center.signed_in(seconds) | more))


class Shelf:
    """A source as a test keeps it: what was kept last is what everybody gets."""

    def __init__(self, config: AwsConfig) -> None:
        self.kept: list[AwsConfig] = []
        self.now = config

    def keeper(self, used: AwsConfig) -> Callable[[BaseModel], BaseModel | None]:
        seen = [used]

        def keep(settings: BaseModel) -> BaseModel | None:
            assert isinstance(settings, AwsConfig)
            if self.now != seen[0]:
                seen[0] = self.now
                return self.now
            if settings != self.now:
                self.kept.append(settings)
                seen[0] = self.now = settings
            return None

        return keep


# --- it works


def test_a_permission_set_is_verified_in_three_calls_before_ec2(center: FakeCenter, prove: Verify) -> None:
    verdict, _ = prove()
    assert (verdict.verdict, verdict.cause) == ("ok", None)
    assert verdict.identity is not None
    assert (verdict.identity.arn, verdict.identity.kind) == (SESSION_ARN, "identity-center")
    assert [name for name, _ in center.calls] == ["GetRoleCredentials"]
    assert center.calls[0][1] == {"role_name": "NetworkReader", "account_id": ACCOUNT}
    assert center.aws.asked("GetCallerIdentity") == 1


def test_no_token_is_in_what_a_verification_says(center: FakeCenter, prove: Verify) -> None:
    verdict, _ = prove()
    said = json.dumps(verdict.as_json())
    assert all(secret not in said for secret in center.issued)
    assert redact(center.issued[-1]) == "***"


# --- the settings


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://d-1234567890.awsapps.com/start", "https://d-1234567890.awsapps.com/start"),
        ("d-1234567890.awsapps.com/start", "https://d-1234567890.awsapps.com/start"),
        (" https://d-1234567890.awsapps.com/start/#/?tab=accounts ", "https://d-1234567890.awsapps.com/start"),
        ("https://My-Company.awsapps.com/start/", "https://my-company.awsapps.com/start"),
        ("http://127.0.0.1:8080/start", "http://127.0.0.1:8080/start"),
        (
            "https://start.us-gov-home.awsapps.com/directory/d-98675309",
            "https://start.us-gov-home.awsapps.com/directory/d-98675309",
        ),
        ("", ""),
    ],
)
def test_a_start_url_is_taken_as_the_browser_shows_it(given: str, kept: str) -> None:
    assert IdentityCenter(start_url=given).start_url == kept


@pytest.mark.parametrize(
    "wrong",
    [
        "http://portal.example.com/start",
        "javascript://x.awsapps.com/%0aalert(1)",
        "https://u:p@x.awsapps.com",
        "https://",
    ],
)
def test_what_is_no_start_url_is_refused(wrong: str) -> None:
    with pytest.raises(ValidationError):
        IdentityCenter(start_url=wrong)


def test_the_region_is_read_out_of_a_start_url_that_names_it() -> None:
    named = IdentityCenter(start_url="https://ssoins-111111h2222j33pp.eu-central-1.portal.amazonaws.com")
    assert (named.region, IdentityCenter(start_url=START_URL).region) == ("eu-central-1", "")


@pytest.mark.parametrize(
    "given",
    [
        "AWSReservedSSO_NetworkReader_0123456789abcdef",
        "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/eu-west-1/"
        "AWSReservedSSO_NetworkReader_0123456789abcdef",
        " NetworkReader",
    ],
)
def test_the_role_that_identity_center_makes_is_taken_for_its_permission_set(given: str) -> None:
    assert IdentityCenter(role_name=given).role_name == "NetworkReader"


def test_endpoints_are_those_of_the_partition_and_the_sdks_variables() -> None:
    plain = AwsConfig(credential=IdentityCenter())
    china = AwsConfig(credential=IdentityCenter(), partition="aws-cn")
    assert endpoint(plain, "sso-oidc", "eu-west-1", {}).url == "https://oidc.eu-west-1.amazonaws.com"
    assert endpoint(plain, "sso", "eu-west-1", {}).url == "https://portal.sso.eu-west-1.amazonaws.com"
    assert endpoint(china, "sso", "cn-north-1", {}).url == "https://portal.sso.cn-north-1.amazonaws.com.cn"
    chosen = {"AWS_ENDPOINT_URL_SSO_OIDC": "https://oidc.example", "AWS_ENDPOINT_URL_SSO": "https://portal.example"}
    assert endpoint(plain, "sso-oidc", "eu-west-1", chosen).url == "https://oidc.example"
    assert endpoint(plain, "sso", "eu-west-1", chosen).url == "https://portal.example"


# --- silent renewal


def test_a_token_is_renewed_ahead_of_its_end_and_what_was_renewed_is_kept(
    center: FakeCenter, prove: Verify, config: Config
) -> None:
    given = config(signed(center, 300))
    shelf = Shelf(given)
    verdict, _ = prove(given.credential.model_dump(mode="python"), keep=shelf.keeper(given))
    assert verdict.verdict == "ok"
    assert center.asked("CreateToken") == 1
    (kept,) = shelf.kept
    assert isinstance(kept.credential, IdentityCenter)
    renewed = json.loads(kept.credential.sign_in.get_secret_value())
    assert (renewed["accessToken"], renewed["refreshToken"]) == tuple(center.issued[-2:])
    assert renewed["clientId"]
    assert (renewed["startUrl"], renewed["region"]) == (START_URL, REGION)


def test_a_token_with_time_left_is_not_renewed(center: FakeCenter, prove: Verify) -> None:
    assert prove(signed(center, 3000))[0].verdict == "ok"
    assert center.asked("CreateToken") == 0


def test_while_renewing_fails_in_passing_the_token_is_used_to_its_end(center: FakeCenter, prove: Verify) -> None:
    center.says["CreateToken"] = [oidc("InternalServerException", "server_error", "Sorry", 500)]
    assert prove(signed(center, 300))[0].verdict == "ok"


def test_sessions_go_on_past_the_end_of_each_of_them(center: FakeCenter, config: Config, opened: Open) -> None:
    now = [time.time()]
    access = opened(config(), clock=lambda: now[0])
    assert access.base().access_key_id == ASIA
    for _ in range(3):
        now[0] += 3500
        center.session_seconds = now[0] - time.time() + 3600
        assert access.base().access_key_id == ASIA
    assert center.asked("GetRoleCredentials") == 4
    assert center.asked("CreateToken") == 3


def test_many_threads_renew_once(center: FakeCenter, config: Config, opened: Open) -> None:
    given = config(signed(center, 300))
    shelf = Shelf(given)
    accesses = [opened(given, keep=shelf.keeper(given)) for _ in range(8)]
    keys: list[str] = []
    threads = [threading.Thread(target=lambda one=one: keys.append(one.base().access_key_id)) for one in accesses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert keys == [ASIA] * 8
    assert center.asked("CreateToken") == 1
    assert len(shelf.kept) == 1


def test_of_two_processes_the_one_that_comes_too_late_takes_what_the_other_renewed(
    center: FakeCenter, config: Config, opened: Open
) -> None:
    given = config(signed(center, 300))
    shelf = Shelf(given)
    first, late = (opened(given, keep=shelf.keeper(given)) for _ in range(2))
    used: list[int] = []

    def meanwhile() -> None:
        """The other process uses the refresh token after this one has looked and before AWS takes it."""
        if not used:
            used.append(1)
            other = json.loads(given.credential.sign_in.get_secret_value())  # type: ignore[union-attr]
            body = {"grantType": "refresh_token", **{name: other[name] for name in ("clientId", "clientSecret")}}
            fresh = center.token({**body, "refreshToken": other["refreshToken"]})
            text = json.dumps(other | {name: fresh[name] for name in ("accessToken", "refreshToken")} | _good())
            shelf.now = config(center.settings(sign_in=text))

    center.before["CreateToken"] = meanwhile
    assert late.base().access_key_id == ASIA
    assert center.asked("CreateToken") == 1
    assert first.base().access_key_id == ASIA
    assert center.asked("CreateToken") == 1


def _good() -> dict[str, str]:
    return {"expiresAt": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))}


def test_a_renewal_does_not_go_over_a_sign_in_elsewhere(center: FakeCenter, config: Config, opened: Open) -> None:
    given = config(signed(center, 300))
    shelf = Shelf(given)
    access = opened(given, keep=shelf.keeper(given))
    shelf.now = AwsConfig.model_validate({"credential": {"kind": "ambient"}, "endpoint_url": center.url})
    assert access.base().access_key_id == ASIA
    assert shelf.kept == []


def test_throttling_of_the_portal_is_waited_out(center: FakeCenter, prove: Verify) -> None:
    center.says["GetRoleCredentials"] = [portal(429, "TooManyRequestsException", "Rate exceeded")]
    assert prove()[0].verdict == "ok"


# --- why it does not


def test_s_nologin_where_nobody_has_signed_in(center: FakeCenter, prove: Verify) -> None:
    verdict, step = prove(center.settings(sign_in=""))
    assert (verdict.cause, verdict.confidence, step.id) == ("S-NOLOGIN", Confidence.PROVEN, "resolve")
    assert verdict.remedy is not None
    assert f"--sign-in {START_URL}" in verdict.remedy
    assert center.calls == []
    assert prove(center.settings(sign_in="what is this?"))[0].cause == "S-NOLOGIN"


def test_c_empty_where_account_or_permission_set_is_not_chosen(center: FakeCenter, prove: Verify) -> None:
    verdict, step = prove(center.settings(account="", role=""))
    assert verdict.cause == "C-EMPTY"
    assert step.evidence == ("Signed in, but the account and the permission set to use is not chosen yet.",)


def test_s_other_where_the_sign_in_is_of_another_portal(center: FakeCenter, prove: Verify) -> None:
    verdict, step = prove(center.settings(start_url="https://d-9999999999.awsapps.com/start"))
    assert verdict.cause == "S-OTHER"
    assert START_URL in step.evidence[0]


def test_s_expired_where_the_session_is_over(center: FakeCenter, prove: Verify) -> None:
    given = signed(center, -60)
    center.end_sessions()
    verdict, step = prove(given)
    assert (verdict.cause, verdict.confidence) == ("S-EXPIRED", Confidence.REPORTED)
    assert step.evidence[0].startswith("The sign-in ended 2")
    assert step.evidence[1] == "CreateToken: 400 InvalidGrantException: Invalid grant provided."
    assert center.asked("GetRoleCredentials") == 0


def test_s_expired_where_it_cannot_be_renewed(center: FakeCenter, prove: Verify) -> None:
    verdict, step = prove(signed(center, -60, refreshToken=""))
    assert verdict.cause == "S-EXPIRED"
    assert step.evidence[1] == "It cannot be renewed: there is no refresh token."
    assert center.calls == []


def test_a_sign_in_that_cannot_be_renewed_says_when_it_ends(center: FakeCenter, prove: Verify) -> None:
    verdict, _ = prove(signed(center, 7200, refreshToken="", expiresAt="2036-01-01T00:00:00Z"))
    assert (verdict.verdict, verdict.expires_at) == ("ok", "2036-01-01T00:00:00Z")
    assert prove()[0].expires_at is None


def test_c_partition_where_identity_center_is_in_another_partition(center: FakeCenter, prove: Verify) -> None:
    other = json.dumps(center.signed_in() | {"region": "us-gov-west-1"})
    verdict, step = prove(center.settings(sso_region="us-gov-west-1", sign_in=other))
    assert verdict.cause == "C-PARTITION"
    assert (
        "Identity Center's region us-gov-west-1 belongs to partition aws-us-gov; the settings say aws." in step.evidence
    )
    assert center.calls == []


def test_s_revoked_where_aws_no_longer_takes_what_has_not_ended(center: FakeCenter, prove: Verify) -> None:
    given = center.settings()
    center.revoke()
    verdict, step = prove(given)
    assert verdict.cause == "S-REVOKED"
    assert step.evidence[0] == "GetRoleCredentials: 401 UnauthorizedException: Session token not found or invalid."
    assert center.asked("CreateToken") == 1


def test_a_refused_token_whose_session_goes_on_is_renewed(center: FakeCenter, prove: Verify) -> None:
    center.says["GetRoleCredentials"] = [portal(401, "UnauthorizedException", "Session token not found or invalid")]
    assert prove()[0].verdict == "ok"
    assert center.asked("CreateToken") == 1


def test_s_noaccess_tells_the_permission_sets_that_there_are(center: FakeCenter, prove: Verify) -> None:
    verdict, step = prove(center.settings(role="network-reader-iam-role"))
    assert verdict.cause == "S-NOACCESS"
    assert step.evidence[0] == f"Asked for permission set 'network-reader-iam-role' in account {ACCOUNT}."
    assert step.evidence[1] == "GetRoleCredentials: 403 ForbiddenException: No access."
    assert verdict.remedy is not None
    assert verdict.remedy.startswith(
        f"The permission sets in account {ACCOUNT} are: AdministratorAccess, NetworkReader. Choose one"
    )


def test_s_noaccess_tells_the_accounts_that_there_are(center: FakeCenter, prove: Verify) -> None:
    verdict, _ = prove(center.settings(account="999999999999"))
    assert verdict.cause == "S-NOACCESS"
    assert verdict.remedy is not None
    assert "has these accounts: 444455556666 (Audit), 111122223333 (Network hub). " in verdict.remedy


def test_s_nothing_where_no_account_is_assigned(center: FakeCenter, prove: Verify) -> None:
    center.accounts.clear()
    assert prove()[0].cause == "S-NOTHING"


def test_s_region_where_aws_says_so(center: FakeCenter, prove: Verify) -> None:
    elsewhere = oidc("InvalidRequestRegionException", "invalid_request", "Wrong region", region="us-east-2")
    center.says["CreateToken"] = [elsewhere]
    verdict, _ = prove(signed(center, -60))
    assert verdict.cause == "S-REGION"
    assert verdict.remedy is not None
    assert "(sso_region) to us-east-2;" in verdict.remedy


def test_s_client_where_the_registration_is_over(center: FakeCenter, prove: Verify) -> None:
    verdict, step = prove(signed(center, -60, registrationExpiresAt="2026-01-31T10:00:00Z"))
    assert verdict.cause == "S-CLIENT"
    assert step.evidence == ("The registration ended 2026-01-31 10:00 UTC, and the sign-in with it.",)
    assert center.calls == []
    verdict, step = prove(signed(center, -60, clientSecret="another-client-secret"))
    assert verdict.cause == "S-CLIENT"
    assert step.evidence[0] == "CreateToken: 401 InvalidClientException: Invalid client provided."


def test_s_kms_where_identity_centers_own_key_is_off(center: FakeCenter, prove: Verify) -> None:
    center.says["CreateToken"] = [
        oidc("InvalidRequestException", "invalid_request", "Key", reason="KMS_DisabledException")
    ]
    verdict, step = prove(signed(center, -60))
    assert verdict.cause == "S-KMS"
    assert step.evidence[-1] == "Its reason: KMS_DisabledException."


def test_s_unknown_where_it_speaks_in_unknown_words(center: FakeCenter, prove: Verify) -> None:
    center.says["CreateToken"] = [oidc("TeapotException", "teapot", "Short and stout")]
    verdict, step = prove(signed(center, -60))
    assert (verdict.cause, verdict.confidence) == ("S-UNKNOWN", Confidence.INFERRED)
    assert step.evidence[0] == "CreateToken: 400 TeapotException: Short and stout."


def test_a_portal_that_cannot_be_reached_is_named(center: FakeCenter, prove: Verify) -> None:
    nowhere = {"AWS_ENDPOINT_URL_SSO": "http://127.0.0.1:9"}
    verdict, step = prove(environment={**nowhere, "AWS_ENDPOINT_URL": center.url}, endpoint_url=None)
    assert (verdict.cause, step.id) == ("N-REFUSED", "identity")
    assert verdict.remedy is not None
    assert "127.0.0.1" in verdict.remedy


def test_a_usable_error_is_raised_when_a_collection_opens(center: FakeCenter, config: Config, opened: Open) -> None:
    given = signed(center, -60)
    center.end_sessions()
    with pytest.raises(CredentialUnusable) as refused:
        opened(config(given)).base()
    assert refused.value.cause == "S-EXPIRED"
    assert f"--sign-in {START_URL}" in refused.value.remedy
