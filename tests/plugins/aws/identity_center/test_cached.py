"""A profile that signed in with the AWS CLI: its cache is read, renewed in its own form, and each fault is named."""

from __future__ import annotations

import hashlib
import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from openvna.plugin import Verdict
from openvna.plugins.aws.access import Access
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.profiles import CredentialUnusable
from support.identity_center import ACCOUNT, REGION, START_URL, FakeCenter

Prove = Callable[..., tuple[Verdict, str]]

SESSION = f"""
[sso-session corp]
sso_start_url = {START_URL}
sso_region = {REGION}
sso_registration_scopes = sso:account:access

[profile hub]
sso_session = corp
sso_account_id = {ACCOUNT}
sso_role_name = NetworkReader
"""
LEGACY = f"""
[profile hub]
sso_start_url = {START_URL}
sso_region = {REGION}
sso_account_id = {ACCOUNT}
sso_role_name = NetworkReader
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".aws" / "sso" / "cache").mkdir(parents=True)
    return tmp_path / ".aws"


@pytest.fixture
def proved(home: Path, prove: Any) -> Prove:
    def run(config: str = SESSION, profile: str = "hub") -> tuple[Verdict, str]:
        (home / "config").write_text(config)
        verdict, step = prove({"kind": "profile", "profile": profile})
        return verdict, "\n".join(step.evidence)

    return run


def place(home: Path, name: str) -> Path:
    return home / "sso" / "cache" / f"{hashlib.sha1(name.encode()).hexdigest()}.json"


def cache(home: Path, signed: dict[str, Any], name: str = "corp") -> Path:
    path = place(home, name)
    path.write_text(json.dumps(signed))
    return path


def test_a_sign_in_of_an_sso_session_is_used(center: FakeCenter, home: Path, proved: Prove) -> None:
    cache(home, center.signed_in())
    verdict, _ = proved()
    assert verdict.verdict == "ok"
    assert verdict.identity is not None
    assert verdict.identity.kind == "identity-center"


def test_and_one_of_the_old_form_by_its_start_url(center: FakeCenter, home: Path, proved: Prove) -> None:
    old = center.signed_in()
    kept = {name: old[name] for name in ("startUrl", "region", "accessToken")}
    cache(home, kept | {"expiresAt": old["expiresAt"].replace("Z", "UTC")}, START_URL)
    assert proved(LEGACY)[0].verdict == "ok"


def test_and_below_a_role(center: FakeCenter, home: Path, proved: Prove) -> None:
    from support.fault_server import role_session

    cache(home, center.signed_in())
    role = "arn:aws:iam::444455556666:role/net"
    center.aws.on("AssumeRole", role_session(role))
    verdict, _ = proved(f"{SESSION}\n[profile net]\nrole_arn = {role}\nsource_profile = hub\n", "net")
    assert verdict.verdict == "ok"
    assert center.aws.asked("AssumeRole") == 1


def test_what_is_renewed_is_written_back_for_the_cli(center: FakeCenter, home: Path, proved: Prove) -> None:
    old = center.signed_in(300)
    path = cache(home, old)
    assert proved()[0].verdict == "ok"
    new = json.loads(path.read_text())
    assert (new["accessToken"], new["refreshToken"]) == tuple(center.issued[-2:])
    unchanged = ("startUrl", "region", "clientId", "clientSecret", "registrationExpiresAt")
    assert {name: new[name] for name in unchanged} == {name: old[name] for name in unchanged}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_what_the_cli_renewed_meanwhile_is_taken_and_kept(center: FakeCenter, home: Path, proved: Prove) -> None:
    cache(home, center.signed_in(300))
    fresh = center.signed_in()
    center.before["GetRoleCredentials"] = lambda: None
    center.before["CreateToken"] = lambda: cache(home, fresh) and None  # the CLI is quicker, by a moment
    assert proved()[0].verdict == "ok"
    assert json.loads(place(home, "corp").read_text()) == fresh


def test_a_cache_that_cannot_be_written_is_still_used(center: FakeCenter, home: Path, proved: Prove) -> None:
    import openvna.plugins.aws.shelves as shelves

    cache(home, center.signed_in(300))
    with pytest.MonkeyPatch.context() as patch:

        def refuse(*_: object) -> int:
            raise PermissionError(13, "Permission denied")

        patch.setattr(shelves.os, "open", refuse)
        assert proved()[0].verdict == "ok"


def test_s_nologin_names_the_file_that_is_not_there(home: Path, proved: Prove) -> None:
    verdict, evidence = proved()
    assert verdict.cause == "S-NOLOGIN"
    assert f"Profile 'hub' wants the sign-in 'corp', but there is no {place(home, 'corp')}." in evidence
    assert verdict.remedy is not None
    assert "aws sso login --profile hub as the user that runs OpenVNA" in verdict.remedy


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"accessToken": "x"}', '{"accessToken": "x", "expiresAt": "soon"}'])
def test_s_nologin_where_the_file_is_no_sign_in(home: Path, proved: Prove, text: str) -> None:
    place(home, "corp").write_text(text)
    verdict, evidence = proved()
    assert verdict.cause == "S-NOLOGIN"
    assert "cannot be used: it is not a sign-in of the AWS CLI." in evidence


def test_s_region_where_it_was_made_in_another_region(center: FakeCenter, home: Path, proved: Prove) -> None:
    cache(home, center.signed_in() | {"region": "us-east-2"})
    verdict, evidence = proved()
    assert verdict.cause == "S-REGION"
    assert "sso_region = eu-west-1; the sign-in in" in evidence
    assert verdict.remedy is not None
    assert "(sso_region) to us-east-2;" in verdict.remedy
    assert center.calls == []


def test_s_expired_where_it_is_over(center: FakeCenter, home: Path, proved: Prove) -> None:
    old = center.signed_in(-60)
    cache(home, {name: old[name] for name in ("startUrl", "region", "accessToken", "expiresAt")}, START_URL)
    verdict, evidence = proved(LEGACY)
    assert verdict.cause == "S-EXPIRED"
    assert "It cannot be renewed: there is no refresh token." in evidence
    assert verdict.remedy is not None
    assert "aws sso login --profile hub" in verdict.remedy


def test_s_revoked_where_aws_no_longer_takes_it(center: FakeCenter, home: Path, proved: Prove) -> None:
    cache(home, center.signed_in())
    center.revoke()
    assert proved()[0].cause == "S-REVOKED"


def test_s_noaccess_where_the_profile_names_no_permission_set(center: FakeCenter, home: Path, proved: Prove) -> None:
    cache(home, center.signed_in())
    verdict, _ = proved(SESSION.replace("NetworkReader", "my-iam-role"))
    assert verdict.cause == "S-NOACCESS"
    assert verdict.remedy is not None
    assert "AdministratorAccess, NetworkReader" in verdict.remedy


@pytest.mark.parametrize("service", ["sso", "sso-oidc"])
def test_s_endpoint_where_only_the_settings_would_have_it_sent(center: FakeCenter, home: Path, service: str) -> None:
    """Whoever may change a source must not thereby get the sign-ins of the machine."""
    cache(home, center.signed_in())
    (home / "config").write_text(SESSION)
    settings = {
        "credential": {"kind": "profile", "profile": "hub"},
        "endpoint_urls": {service: "https://portal.example.net"},
    }
    with pytest.raises(CredentialUnusable) as raised:
        Access(AwsConfig.model_validate(settings), {"AWS_CONFIG_FILE": str(home / "config")}).base()
    assert raised.value.cause == "S-ENDPOINT"
    assert center.calls == []
