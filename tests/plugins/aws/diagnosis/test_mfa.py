"""A profile that asks for a code: the session that a person's code opens, and the code that AWS does not take."""

from __future__ import annotations

from pathlib import Path

import pytest

from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.mfa import session
from openvna.plugins.aws.profiles import CredentialUnusable
from support.fault_server import AKIA, ASIA, SECRET, TOKEN, FaultServer, role_session, sts_error

DEVICE = "arn:aws:iam::111122223333:mfa/jo"
ROLE = "arn:aws:iam::444455556666:role/OpenVNA"


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "config").write_text(
        f"[profile coded]\nrole_arn = {ROLE}\nsource_profile = base\nmfa_serial = {DEVICE}\n"
        f"[profile base]\naws_access_key_id = {AKIA}\naws_secret_access_key = {SECRET}\n"
    )
    return {"AWS_CONFIG_FILE": str(tmp_path / "config"), "AWS_SHARED_CREDENTIALS_FILE": "/nowhere"}


def test_a_code_opens_a_session(aws: FaultServer, files: dict[str, str]) -> None:
    aws.on("AssumeRole", role_session(ROLE))
    config = AwsConfig.model_validate({"credential": {"kind": "profile", "profile": "coded"}, "endpoint_url": aws.url})
    asked: list[str] = []

    def ask(device: str) -> str:
        asked.append(device)
        return "123456"

    key = session(config, ask, files)
    assert (asked, key.access_key_id) == ([DEVICE], ASIA)
    assert key.session_token is not None
    assert key.session_token.get_secret_value() == TOKEN
    sent = next(each.params for each in aws.requests if each.action == "AssumeRole")
    assert (sent["SerialNumber"], sent["TokenCode"]) == (DEVICE, "123456")


def test_a_code_that_aws_does_not_take(aws: FaultServer, files: dict[str, str]) -> None:
    said = "MultiFactorAuthentication failed with invalid MFA one time pass code. "
    aws.on("AssumeRole", sts_error("AccessDenied", said))
    config = AwsConfig.model_validate({"credential": {"kind": "profile", "profile": "coded"}, "endpoint_url": aws.url})
    with pytest.raises(CredentialUnusable) as caught:
        session(config, lambda _: "000000", files)
    assert caught.value.cause == "C-MFA-CODE"
    assert "000000" not in str(caught.value)
