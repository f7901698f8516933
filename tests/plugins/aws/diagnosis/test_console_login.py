"""Profiles of `aws login`: the cached session, its renewal with the proof of its key, and each way that it ends."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from openvna.log import redact
from openvna.plugins.aws import console_login
from support.agent_server import AgentServer, Answer, in_json
from support.fault_server import ASIA, SECRET, TOKEN, FaultServer

SESSION = "arn:aws:iam::111122223333:user/jo"
REFRESH = "refresh-token-0123456789abcdef"


@pytest.fixture(scope="module")
def key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture
def held(tmp_path: Path, key: ec.EllipticCurvePrivateKey) -> Any:
    """Write a session into the cache; the environment in which it is found, and the file."""
    (tmp_path / "config").write_text(f"[profile jo]\nlogin_session = {SESSION}\nregion = eu-west-1\n")
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )

    def written(seconds: float = 60, **changed: Any) -> tuple[dict[str, str], Path]:
        end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))
        access = {
            "accessKeyId": ASIA,
            "secretAccessKey": SECRET,
            "sessionToken": TOKEN,
            "accountId": "111122223333",
            "expiresAt": end,
        }
        whole = {
            "accessToken": access,
            "refreshToken": REFRESH,
            "dpopKey": pem.decode(),
            "clientId": "arn:aws:signin:::devtools/same-device",
            "tokenType": "aws_sigv4",
        }
        path = tmp_path / f"{hashlib.sha256(SESSION.encode()).hexdigest()}.json"
        path.write_text(json.dumps({name: value for name, value in (whole | changed).items() if value is not None}))
        return {
            "AWS_CONFIG_FILE": str(tmp_path / "config"),
            "AWS_SHARED_CREDENTIALS_FILE": "/nowhere",
            "AWS_LOGIN_CACHE_DIRECTORY": str(tmp_path),
        }, path

    return written


FRESH = "IQoJb3JpZ2luX2VjAFRESHTOKEN//////////0123456789"


def renewed() -> Answer:
    access = {"accessKeyId": ASIA, "secretAccessKey": SECRET, "sessionToken": FRESH}
    return in_json(
        200,
        {"x-amzn-RequestId": "r-1"},
        accessToken=access,
        tokenType="aws_sigv4",
        expiresIn=900,
        refreshToken="the-next-refresh-token-0123",
    )


def refusal(reason: str, status: int = 401) -> Answer:
    headers = {"x-amzn-RequestId": "r-1", "x-amzn-ErrorType": "AccessDeniedException"}
    return in_json(status, headers, error=reason, message="no")


@pytest.fixture
def login(aws: FaultServer, agent: AgentServer, run: Any) -> Any:
    def verified(environment: dict[str, str], *answers: Answer) -> Any:
        agent.on("POST", "/v1/token", *(answers or (renewed(),)))
        named = environment | {"AWS_ENDPOINT_URL_SIGNIN": agent.url, "AWS_ENDPOINT_URL": aws.url}
        return run({"kind": "profile", "profile": "jo"}, environment=named)

    return verified


def test_a_session_that_lasts_is_taken_as_it_is(aws: FaultServer, agent: AgentServer, held: Any, login: Any) -> None:
    environment, _ = held(seconds=600)
    assert login(environment).verdict.verdict == "ok"
    assert agent.requests == []
    assert {each.token for each in aws.requests if each.key} == {TOKEN}


def test_one_that_is_about_to_end_is_renewed_with_the_proof_of_its_key(
    aws: FaultServer, agent: AgentServer, held: Any, login: Any, key: ec.EllipticCurvePrivateKey
) -> None:
    environment, path = held()
    assert login(environment).verdict.verdict == "ok"
    (asked,) = agent.requests
    assert json.loads(asked.body) == {
        "clientId": "arn:aws:signin:::devtools/same-device",
        "grantType": "refresh_token",
        "refreshToken": REFRESH,
    }
    header, claims, signature = asked.headers["dpop"].split(".")

    def plain(part: str) -> bytes:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))

    numbers = key.public_key().public_numbers()
    told = json.loads(plain(header))
    assert (told["typ"], told["alg"], told["jwk"]["crv"]) == ("dpop+jwt", "ES256", "P-256")
    assert plain(told["jwk"]["x"]) == numbers.x.to_bytes(32, "big")
    said = json.loads(plain(claims))
    assert (said["htm"], said["htu"]) == ("POST", f"{agent.url}/v1/token")
    assert abs(said["iat"] - time.time()) < 60
    raw = plain(signature)
    assert len(raw) == 64
    encoded = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key.public_key().verify(encoded, f"{header}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
    kept = json.loads(path.read_text())
    assert (kept["refreshToken"], kept["accessToken"]["sessionToken"]) == ("the-next-refresh-token-0123", FRESH)
    assert (kept["accessToken"]["accountId"], kept["tokenType"]) == ("111122223333", "aws_sigv4")
    assert path.stat().st_mode & 0o777 == 0o600
    assert {each.token for each in aws.requests if each.key} == {FRESH}
    assert REFRESH not in redact(f"it is {REFRESH}")


@pytest.mark.parametrize(
    ("answer", "cause", "word"),
    [
        (refusal("TOKEN_EXPIRED"), "C-LOGIN-EXPIRED", "aws login --profile jo"),
        (refusal("USER_CREDENTIALS_CHANGED", 403), "C-LOGIN-EXPIRED", "aws login --profile jo"),
        (refusal("INSUFFICIENT_PERMISSIONS", 403), "C-LOGIN-DENIED", "SignInLocalDevelopmentAccess"),
    ],
)
def test_a_session_that_cannot_be_renewed(held: Any, login: Any, answer: Answer, cause: str, word: str) -> None:
    environment, path = held()
    before = path.read_text()
    verdict = login(environment, answer).verdict
    assert (verdict.verdict, verdict.cause) == ("failed", cause)
    assert word in verdict.remedy
    assert path.read_text() == before


@pytest.mark.parametrize(
    ("changed", "cause"),
    [
        ({"refreshToken": None}, "C-LOGIN-EXPIRED"),
        ({"dpopKey": "no key"}, "C-LOGIN-NONE"),
        ({"accessToken": None}, "C-LOGIN-NONE"),
    ],
)
def test_a_session_that_is_incomplete(held: Any, login: Any, changed: dict[str, Any], cause: str) -> None:
    environment, _ = held(**changed)
    assert login(environment).verdict.cause == cause


def test_nobody_has_signed_in(held: Any, login: Any) -> None:
    environment, path = held()
    path.unlink()
    verified = login(environment)
    assert verified.verdict.cause == "C-LOGIN-NONE"
    assert str(path) in verified.told
    path.write_text("not json")
    assert login(environment).verdict.cause == "C-LOGIN-NONE"


def test_a_session_is_not_sent_where_only_the_settings_say(aws: FaultServer, held: Any, run: Any) -> None:
    environment, _ = held()
    urls = {"signin": "http://signin.example.net"}
    verified = run(
        {"kind": "profile", "profile": "jo"}, environment=environment, endpoint_url=aws.url, endpoint_urls=urls
    )
    assert verified.verdict.cause == "C-LOGIN-ENDPOINT"


def test_what_another_has_renewed_meanwhile_stays(held: Any) -> None:
    _, path = held()
    before = json.loads(path.read_text())
    theirs = before | {"refreshToken": "theirs"}
    path.write_text(json.dumps(theirs))
    console_login._write(path, before, before | {"refreshToken": "ours"})
    assert json.loads(path.read_text())["refreshToken"] == "theirs"
