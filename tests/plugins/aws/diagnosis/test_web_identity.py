"""A role entered with the token of an OIDC provider: what is sent, what never is, and each way to be refused."""

from __future__ import annotations

import base64
import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from openvna.log import redact
from openvna.plugins.aws import certificates, web_identity
from openvna.plugins.aws.access import Access
from openvna.plugins.aws.api import CallError, Credentials
from openvna.plugins.aws.config import AwsConfig, RolesAnywhere
from openvna.plugins.aws.profiles import CredentialUnusable
from support.fault_server import ASIA, SECRET, TOKEN, FaultServer, identity, role_session, sts_error

ROLE = "arn:aws:iam::111122223333:role/pod"
SESSION = "arn:aws:sts::111122223333:assumed-role/pod/openvna"
ISSUER = "https://oidc.eks.eu-west-1.amazonaws.com/id/0A1B"
SUBJECT = "system:serviceaccount:net:openvna"
END = 4102444800  # 2100-01-01T00:00:00Z


def jwt(**claims: Any) -> str:
    """A token with these claims. Nobody checks its signature here."""
    said = {"iss": ISSUER, "aud": ["sts.amazonaws.com"], "sub": SUBJECT, "exp": END} | claims
    parts = [json.dumps({"alg": "RS256", "typ": "JWT"}), json.dumps(said), "not-a-signature"]
    return ".".join(base64.urlsafe_b64encode(part.encode()).rstrip(b"=").decode() for part in parts)


@pytest.fixture
def token(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text(jwt() + "\n")
    return path


def credential(path: Path, **more: Any) -> dict[str, Any]:
    return {"kind": "web-identity", "role_arn": ROLE, "token_file": str(path), **more}


def web_session(seconds: float = 3600) -> Any:
    answer = role_session(SESSION, seconds)
    return type(answer)(200, answer.body.replace("AssumeRole", "AssumeRoleWithWebIdentity"), answer.headers)


def test_a_role_is_entered_without_a_signature(aws: FaultServer, run: Any, token: Path) -> None:
    aws.on("AssumeRoleWithWebIdentity", web_session()).on("GetCallerIdentity", identity(SESSION))
    verified = run(credential(token, session_name="gate", duration=7200), endpoint_url=aws.url)
    assert verified.verdict.verdict == "ok"
    assert verified.verdict.identity.arn == SESSION
    (asked,) = (each for each in aws.requests if each.action == "AssumeRoleWithWebIdentity")
    assert (asked.key, asked.params["WebIdentityToken"]) == ("", jwt())
    assert (asked.params["RoleArn"], asked.params["RoleSessionName"]) == (ROLE, "gate")
    assert asked.params["DurationSeconds"] == "7200"
    assert {each.token for each in aws.requests if each.key} == {TOKEN}
    assert f"the web identity token of {token}, for {ROLE}" in verified.told


def test_what_is_left_empty_comes_from_the_environment(aws: FaultServer, run: Any, token: Path) -> None:
    aws.on("AssumeRoleWithWebIdentity", web_session())
    environment = {
        "AWS_WEB_IDENTITY_TOKEN_FILE": str(token),
        "AWS_ROLE_ARN": ROLE,
        "AWS_ROLE_SESSION_NAME": "pod 7",
        "AWS_ENDPOINT_URL_STS": aws.url,
        "AWS_ENDPOINT_URL": aws.url,
    }
    for kind in ("web-identity", "ambient"):
        assert run({"kind": kind}, environment=environment).verdict.verdict == "ok"
    asked = [each for each in aws.requests if each.action == "AssumeRoleWithWebIdentity"]
    assert [each.params["RoleSessionName"] for each in asked] == ["pod-7", "pod-7"]


def test_nothing_in_the_environment(run: Any) -> None:
    verdict = run({"kind": "web-identity"}).verdict
    assert (verdict.cause, verdict.calls) == ("C-EMPTY", 0)
    assert "AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE is not set" in verdict.steps[0].evidence[0]


def test_a_role_in_the_environment_that_is_none(run: Any, token: Path) -> None:
    environment = {"AWS_ROLE_ARN": "pod"}
    assert run({"kind": "web-identity", "token_file": str(token)}, environment=environment).verdict.cause == "W-ROLE"


def test_the_token_is_read_again_for_each_session(aws: FaultServer, token: Path) -> None:
    aws.on("AssumeRoleWithWebIdentity", web_session(3600))
    moment = [time.time()]
    config = AwsConfig.model_validate({"credential": credential(token), "endpoint_url": aws.url})
    access = Access(config, {}, clock=lambda: moment[-1])
    assert access.base() == Credentials(ASIA, SECRET, TOKEN)
    token.write_text(jwt(jti="the next one"))
    moment.append(moment[0] + 3200)
    access.base()
    assert len(aws.requests) == 1
    moment.append(moment[0] + 3400)  # 200 s before the end
    access.base()
    access.close()
    assert [each.params["WebIdentityToken"] for each in aws.requests] == [jwt(), jwt(jti="the next one")]


def test_a_profile_with_a_token_file_and_a_role_beyond_it(
    aws: FaultServer, run: Any, token: Path, tmp_path: Path
) -> None:
    (tmp_path / "config").write_text(
        f"[profile pod]\nrole_arn = {ROLE}\nweb_identity_token_file = {token}\nrole_session_name = pp\n"
        "[profile net]\nrole_arn = arn:aws:iam::444455556666:role/Net\nsource_profile = pod\n"
    )
    environment = {"AWS_CONFIG_FILE": str(tmp_path / "config"), "AWS_SHARED_CREDENTIALS_FILE": "/nowhere"}
    aws.on("AssumeRoleWithWebIdentity", web_session()).on("AssumeRole", role_session("a"))
    verdict = run({"kind": "profile", "profile": "net"}, environment=environment, endpoint_url=aws.url).verdict
    assert verdict.verdict == "ok"
    first, second = (each for each in aws.requests if "RoleArn" in each.params)
    assert (first.params["RoleArn"], first.params["RoleSessionName"]) == (ROLE, "pp")
    assert (second.params["RoleArn"], second.token) == ("arn:aws:iam::444455556666:role/Net", TOKEN)
    assert second.params["DurationSeconds"] == "3600"


# What is never sent


@pytest.mark.parametrize(
    "content",
    ["", "aws_secret_access_key = x", "a.b.c", "root:x:0:0::/root:/bin/sh\n", "e30.e30", "A" * 30_000, "\x00\xff"],
    ids=["empty", "ini", "no-json", "passwd", "two-parts", "long", "binary"],
)
def test_only_a_token_is_ever_sent(aws: FaultServer, run: Any, token: Path, content: str) -> None:
    token.write_text(content)
    verified = run(credential(token), endpoint_url=aws.url)
    assert verified.verdict.cause == "W-FILE"
    assert not [each for each in aws.requests if "WebIdentityToken" in each.params]
    assert not content or content.strip() not in verified.told


def test_a_token_file_that_is_not_there(aws: FaultServer, run: Any, token: Path) -> None:
    token.unlink()
    verdict = run(credential(token), endpoint_url=aws.url).verdict
    assert verdict.cause == "W-FILE"
    assert f"{token} cannot be read: there is no such file" in verdict.steps[-1].evidence[0]
    assert str(token) in verdict.remedy


@pytest.mark.parametrize(
    "url",
    ["https://sts.example.net", "http://sts.us-east-1.amazonaws.com", "https://lb-1.us-east-1.elb.amazonaws.com"],
)
def test_a_token_is_not_sent_where_only_the_settings_say(run: Any, token: Path, aws: FaultServer, url: str) -> None:
    verdict = run(credential(token), endpoint_url=url, proxy_url=aws.url).verdict
    assert verdict.verdict == "failed"
    if not url.startswith("https:"):
        assert verdict.cause == "W-ENDPOINT"
    with pytest.raises(CredentialUnusable) as raised:
        Access(AwsConfig.model_validate({"credential": credential(token), "endpoint_url": url}), {}).base()
    assert raised.value.cause == "W-ENDPOINT"


@pytest.mark.parametrize(
    ("url", "environment"),
    [("http://127.0.0.1:9", {}), (None, {"AWS_ENDPOINT_URL_STS": "http://localhost:9"})],
    ids=["of-the-source", "of-the-environment"],
)
def test_a_token_is_not_shown_to_a_proxy_that_only_the_settings_name(
    aws: FaultServer, token: Path, url: str | None, environment: dict[str, str]
) -> None:
    """A proxy reads what goes through it without TLS, also on its way to this machine."""
    settings = {"credential": credential(token), "endpoint_url": url, "proxy_url": aws.url}
    with pytest.raises(CredentialUnusable) as raised:
        Access(AwsConfig.model_validate(settings), environment).base()
    assert raised.value.cause == "W-ENDPOINT"
    assert aws.requests == []


@pytest.mark.parametrize(
    "host", ["sts.s3.amazonaws.com", "sts-fips.s3.amazonaws.com", "sts.s3-eu-west-1.amazonaws.com"]
)
def test_a_token_is_not_sent_to_a_bucket_with_the_name_of_the_service(token: Path, host: str) -> None:
    settings = {"credential": credential(token), "endpoint_url": f"https://{host}", "proxy_url": "http://127.0.0.1:9"}
    with pytest.raises(CredentialUnusable) as raised:
        Access(AwsConfig.model_validate(settings), {}).base()
    assert raised.value.cause == "W-ENDPOINT"


@pytest.mark.parametrize(
    "host",
    [
        "sts.eu-west-1.amazonaws.com",
        "sts-fips.us-gov-west-1.amazonaws.com",
        "vpce-0abc-1def.sts.eu-west-1.vpce.amazonaws.com",
        "sts.cn-north-1.amazonaws.com.cn",
    ],
)
def test_endpoints_of_sts_that_a_source_may_name(token: Path, host: str) -> None:
    settings = {"credential": credential(token), "endpoint_url": f"https://{host}", "proxy_url": "http://127.0.0.1:9"}
    with pytest.raises(CallError) as raised:
        Access(AwsConfig.model_validate(settings), {}).base()
    assert raised.value.cause == "N-PROXY-DOWN"  # it was on its way


@pytest.mark.parametrize("path", ["", "/dev/null", "/dev/tty", "/no\0where", "~nobody-of-this-name/token"])
def test_what_is_no_file_keeps_nobody_waiting(tmp_path: Path, path: str) -> None:
    """A pipe without a writer would hold the verification for ever."""
    if not path:
        path = str(tmp_path / "pipe")
        os.mkfifo(path)
    with pytest.raises(CredentialUnusable) as raised:
        web_identity.read_token(path)
    assert raised.value.cause == "W-FILE"
    with pytest.raises(CredentialUnusable) as raised:
        certificates.signer(RolesAnywhere.model_construct(certificate=path, chain=None))
    assert raised.value.cause == "RA-CERT"


def test_a_token_is_hidden_from_the_log(token: Path) -> None:
    said = web_identity.read_token(str(token))
    assert said not in redact(f"token {said}")


# How AWS refuses


def refusals() -> list[Any]:
    return [
        (
            sts_error("InvalidIdentityToken", f"No OpenIDConnect provider found in your account for {ISSUER}", 400),
            "W-NOPROVIDER",
            (f"--url {ISSUER}", "account 111122223333"),
        ),
        (
            sts_error("InvalidIdentityToken", "Incorrect token audience", 400),
            "W-AUDIENCE",
            (
                "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/0A1B",
                "--client-id sts.amazonaws.com",
            ),
        ),
        (
            sts_error("InvalidIdentityToken", "The web identity token could not be validated.", 400),
            "W-TOKEN-INVALID",
            (f"{ISSUER}/.well-known/openid-configuration",),
        ),
        (
            sts_error("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity"),
            "W-TRUST",
            (
                '"Federated": "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/0A1B"',
                '"oidc.eks.eu-west-1.amazonaws.com/id/0A1B:aud": "sts.amazonaws.com"',
                f'"oidc.eks.eu-west-1.amazonaws.com/id/0A1B:sub": "{SUBJECT}"',
            ),
        ),
        (
            sts_error(
                "ExpiredTokenException",
                "Token expired: current date/time 1700000000 must be before the expiration date/time 1600000000",
                400,
            ),
            "W-EXPIRED",
            ("kubelet",),
        ),
        (
            sts_error("IDPCommunicationError", "Error communicating with the identity provider", 400),
            "W-IDP",
            (ISSUER,),
        ),
    ]


@pytest.mark.parametrize(("answer", "cause", "remedies"), refusals(), ids=[each[1] for each in refusals()])
def test_a_refusal_has_its_cause_and_its_text(
    aws: FaultServer, run: Any, token: Path, monkeypatch: pytest.MonkeyPatch, answer: Any, cause: str, remedies: Any
) -> None:
    monkeypatch.setattr(web_identity, "_IDP_PAUSES", (0.0, 0.0))
    aws.on("AssumeRoleWithWebIdentity", answer)
    verified = run(credential(token), endpoint_url=aws.url)
    assert (verified.verdict.verdict, verified.verdict.cause) == ("failed", cause)
    for word in remedies:
        assert word in verified.verdict.remedy
    assert f"issuer {ISSUER}, audience sts.amazonaws.com, subject {SUBJECT}" in verified.told
    assert "It ends at 2100-01-01T00:00:00Z." in verified.told
    assert jwt() not in verified.told


def test_an_identity_provider_that_stumbles_is_asked_again(aws: FaultServer, token: Path) -> None:
    busy = sts_error("IDPCommunicationError", "Error communicating with the identity provider", 400)
    aws.on("AssumeRoleWithWebIdentity", busy, busy, web_session())
    config = AwsConfig.model_validate({"credential": credential(token), "endpoint_url": aws.url})
    access, pauses = Access(config, {}), []
    start = access.way().start
    assert start is not None
    found = web_identity.session(start, access.query, access.region, pauses.append)  # type: ignore[arg-type]  # its kind
    access.close()
    assert found.credentials == Credentials(ASIA, SECRET, TOKEN)
    assert pauses == [0.5, 1.0]


def test_a_duration_that_the_role_does_not_allow_becomes_an_hour(aws: FaultServer, run: Any, token: Path) -> None:
    long = sts_error(
        "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.", 400
    )
    aws.on("AssumeRoleWithWebIdentity", long, web_session())
    assert run(credential(token, duration=43200), endpoint_url=aws.url).verdict.verdict == "ok"
    asked = [each.params["DurationSeconds"] for each in aws.requests if "DurationSeconds" in each.params]
    assert asked == ["43200", "3600"]


def test_a_role_of_another_partition_is_seen_without_a_call(run: Any, token: Path) -> None:
    given = credential(token) | {"role_arn": "arn:aws-cn:iam::111122223333:role/pod"}
    verdict = run(given).verdict
    assert (verdict.cause, verdict.calls) == ("C-PARTITION", 0)
