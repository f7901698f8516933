"""IAM Roles Anywhere: a certificate looked at before any call, a request signed with its key, and refusals."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

from openvna.log import redact
from openvna.plugins.aws import certificates, roles_anywhere
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.credential_kinds import RolesAnywhere
from openvna.plugins.aws.profiles import CredentialUnusable
from support.agent_server import AgentServer, Answer, in_json
from support.fault_server import ASIA, SECRET, TOKEN, FaultServer, identity

ANCHOR = "arn:aws:rolesanywhere:eu-west-1:111122223333:trust-anchor/1b2c"
PROFILE = "arn:aws:rolesanywhere:eu-west-1:111122223333:profile/3d4e"
ROLE = "arn:aws:iam::111122223333:role/Network"
SESSION = "arn:aws:sts::111122223333:assumed-role/Network/12345"
SERIAL = 12345


@dataclass
class Made:
    """A certificate, its key and its issuer's certificate, in PEM."""

    certificate: str
    key: str
    issuer: str
    public: Any

    def settings(self, **more: Any) -> dict[str, Any]:
        arns = {"trust_anchor_arn": ANCHOR, "profile_arn": PROFILE, "role_arn": ROLE}
        return {"kind": "roles-anywhere", "certificate": self.certificate, "private_key": self.key, **arns, **more}

    def start(self, **more: Any) -> RolesAnywhere:
        return RolesAnywhere.model_validate(self.settings(**more))


def made(
    key: Any = None,
    days: tuple[float, float] = (-1, 1),
    usage: bool | None = True,
    ca: bool = False,
    passphrase: bytes = b"",
) -> Made:
    authority = ec.generate_private_key(ec.SECP256R1())
    key = key or ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)

    def name(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    def built(subject: str, public: Any, serial: int) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(name(subject))
            .issuer_name(name("Example CA"))
            .public_key(public)
            .serial_number(serial)
            .not_valid_before(now + timedelta(days=days[0]))
            .not_valid_after(now + timedelta(days=days[1]))
        )

    leaf = built("gateway", key.public_key(), SERIAL).add_extension(x509.BasicConstraints(ca, None), critical=True)
    if usage is not None:
        others = "content_commitment key_encipherment data_encipherment key_agreement key_cert_sign crl_sign"
        bits = dict.fromkeys([*others.split(), "encipher_only", "decipher_only"], False)
        leaf = leaf.add_extension(x509.KeyUsage(digital_signature=usage, **bits), critical=True)
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        encryption = serialization.BestAvailableEncryption(passphrase)
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
    pem = serialization.Encoding.PEM
    return Made(
        leaf.sign(authority, hashes.SHA256()).public_bytes(pem).decode(),
        private.decode(),
        built("Example CA", authority.public_key(), 1).sign(authority, hashes.SHA256()).public_bytes(pem).decode(),
        key.public_key(),
    )


@pytest.fixture(scope="module")
def by_rsa() -> Made:
    return made(rsa.generate_private_key(public_exponent=65537, key_size=2048))


@pytest.fixture(scope="module")
def by_ec() -> Made:
    return made()


def session(**more: Any) -> Answer:
    given = {
        "accessKeyId": ASIA,
        "secretAccessKey": SECRET,
        "sessionToken": TOKEN,
        "expiration": "2100-01-02T03:04:05Z",
    }
    return in_json(201, {"x-amzn-RequestId": "r-1"}, credentialSet=[{"credentials": given | more}], subjectArn="a")


def refusal(message: str, code: str = "AccessDeniedException", status: int = 403) -> Answer:
    return in_json(status, {"x-amzn-RequestId": "r-1", "x-amzn-ErrorType": code}, message=message)


def der(pem: str) -> str:
    return base64.b64encode(
        x509.load_pem_x509_certificate(pem.encode()).public_bytes(serialization.Encoding.DER)
    ).decode()


@pytest.mark.parametrize("kind", ["rsa", "ec", "chain"])
def test_the_request_is_signed_as_the_user_guide_says(by_rsa: Made, by_ec: Made, kind: str) -> None:
    """The canonical request and the string to sign are written out here; the public key then checks the signature."""
    one = by_rsa if kind == "rsa" else by_ec
    chained = kind == "chain"
    signer = certificates.signer(one.start(chain=one.issuer if chained else None))
    now = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
    body = b'{"durationSeconds":3600}'
    url = "https://rolesanywhere.eu-west-1.amazonaws.com/sessions"
    sent = roles_anywhere.signed_headers(url, body, signer, "eu-west-1", now)
    chain_line = [f"x-amz-x509-chain:{der(one.issuer)}"] if chained else []
    names = "content-type;host;x-amz-date;x-amz-x509" + (";x-amz-x509-chain" if chained else "")
    canonical = "\n".join(
        [
            "POST",
            "/sessions",
            "",
            "content-type:application/json",
            "host:rolesanywhere.eu-west-1.amazonaws.com",
            "x-amz-date:20260302T083000Z",
            f"x-amz-x509:{der(one.certificate)}",
            *chain_line,
            "",
            names,
            hashlib.sha256(body).hexdigest(),
        ]
    )
    algorithm = "AWS4-X509-RSA-SHA256" if kind == "rsa" else "AWS4-X509-ECDSA-SHA256"
    scope = "20260302/eu-west-1/rolesanywhere/aws4_request"
    to_sign = f"{algorithm}\n20260302T083000Z\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}".encode()
    begin, _, signature = sent["Authorization"].rpartition("Signature=")
    assert begin == f"{algorithm} Credential=12345/{scope}, SignedHeaders={names}, "
    if kind == "rsa":
        one.public.verify(bytes.fromhex(signature), to_sign, padding.PKCS1v15(), hashes.SHA256())
    else:
        one.public.verify(bytes.fromhex(signature), to_sign, ec.ECDSA(hashes.SHA256()))


@pytest.fixture
def anywhere(aws: FaultServer, agent: AgentServer, run: Any) -> Callable[..., Any]:
    """A verification whose Roles Anywhere is the agent, and whose STS is the server."""
    aws.on("GetCallerIdentity", identity(SESSION))

    def verified(credential: dict[str, Any], answer: Answer, *more: Answer) -> Any:
        agent.on("POST", "/sessions", answer, *more)
        return run(credential, endpoint_url=aws.url, endpoint_urls={"rolesanywhere": agent.url})

    return verified


def test_a_certificate_becomes_a_session(
    by_ec: Made, anywhere: Any, agent: AgentServer, aws: FaultServer, tmp_path: Path
) -> None:
    verified = anywhere(by_ec.settings(session_name="gate", duration=7200), session())
    assert verified.verdict.verdict == "ok", verified.told
    (asked,) = agent.requests
    assert json.loads(asked.body) == {
        "durationSeconds": 7200,
        "profileArn": PROFILE,
        "roleArn": ROLE,
        "trustAnchorArn": ANCHOR,
        "roleSessionName": "gate",
    }
    assert asked.headers["x-amz-x509"] == der(by_ec.certificate)
    assert {each.token for each in aws.requests if each.key} == {TOKEN}
    assert "Certificate of CN=gateway, serial number 12345, issued by CN=Example CA" in verified.told
    path = tmp_path / "certificate.pem"
    path.write_text(by_ec.certificate + by_ec.issuer)
    assert anywhere(by_ec.settings(certificate=str(path)), session()).verdict.verdict == "ok"
    assert agent.requests[-1].headers["x-amz-x509-chain"] == der(by_ec.issuer)


def test_a_key_that_was_pasted_into_one_line(by_ec: Made, by_rsa: Made) -> None:
    for one in (by_ec, by_rsa):
        for mangled in (one.key.replace("\n", ""), one.key.replace("\n", " "), one.key.replace("\n", "\\n")):
            assert certificates.signer(one.start(private_key=mangled)).certificate.serial_number == SERIAL
    assert certificates.signer(by_ec.start(certificate=by_ec.certificate.replace("\n", "")))


def test_a_key_with_a_passphrase() -> None:
    one = made(passphrase=b"open sesame")
    assert certificates.signer(one.start(passphrase="open sesame")).algorithm == "AWS4-X509-ECDSA-SHA256"
    for wrong, word in ((None, "none is given"), ("wrong pass", "passphrase is another")):
        with pytest.raises(CredentialUnusable, match=word) as raised:
            certificates.signer(one.start(passphrase=wrong))
        assert raised.value.cause == "RA-KEY"


def test_the_key_is_hidden_from_the_log(by_ec: Made) -> None:
    certificates.signer(by_ec.start())
    assert by_ec.key.splitlines()[1] not in redact(f"it said {by_ec.key}")


def test_a_key_in_the_certificates_field_is_refused_unread(by_ec: Made) -> None:
    for field in ("certificate", "chain"):
        with pytest.raises(ValueError, match="private key") as raised:
            AwsConfig.model_validate({"credential": by_ec.settings(**{field: by_ec.certificate + by_ec.key})})
        assert raised.value


def unusable() -> list[tuple[str, Callable[[Made, Path], dict[str, Any]], str, str]]:
    other = PROFILE.replace("eu-west-1", "eu-west-2")
    return [
        ("expired", lambda _one, _path: made(days=(-3, -1)).settings(), "RA-CERT-EXPIRED", "issued by CN=Example CA"),
        ("not yet", lambda _one, _path: made(days=(1, 3)).settings(), "RA-CERT-EXPIRED", "not good yet"),
        ("another key", lambda one, _path: one.settings(private_key=made().key), "RA-KEY", "not that of"),
        ("no key", lambda one, _path: one.settings(private_key="x"), "RA-KEY", "not in PEM form"),
        ("broken key", lambda one, _path: one.settings(private_key=one.key.replace("M", "A")), "RA-KEY", "damaged"),
        ("no file", lambda one, path: one.settings(certificate=str(path / "none")), "RA-CERT", "no such file"),
        ("a directory", lambda one, path: one.settings(certificate=str(path)), "RA-CERT", "cannot be read"),
        ("no chain", lambda one, path: one.settings(chain=str(path / "none")), "RA-CERT", "no such file"),
        (
            "damaged",
            lambda one, _path: one.settings(certificate=one.certificate.replace("MII", "MIA")),
            "RA-CERT",
            "damaged",
        ),
        ("two regions", lambda one, _path: one.settings(profile_arn=other), "RA-NOTFOUND", "eu-west-2"),
        (
            "two accounts",
            lambda one, _path: one.settings(role_arn="arn:aws:iam::444455556666:role/Network"),
            "RA-ROLE",
            "444455556666",
        ),
    ]


@pytest.mark.parametrize(
    ("settings", "cause", "word"), [each[1:] for each in unusable()], ids=[e[0] for e in unusable()]
)
def test_what_is_seen_before_any_call(
    by_ec: Made, run: Any, tmp_path: Path, settings: Any, cause: str, word: str
) -> None:
    verified = run(settings(by_ec, tmp_path))
    assert (verified.verdict.cause, verified.verdict.calls) == (cause, 0)
    assert word in verified.told
    assert by_ec.key.splitlines()[1] not in verified.told


def test_a_file_that_is_no_certificate_is_not_shown(by_ec: Made, run: Any, tmp_path: Path) -> None:
    (tmp_path / "passwd").write_text("root:x:0:0:very secret")
    verified = run(by_ec.settings(certificate=str(tmp_path / "passwd")))
    assert verified.verdict.cause == "RA-CERT"
    assert "very secret" not in verified.told


@pytest.mark.parametrize(
    ("answer", "cause", "word"),
    [
        (refusal("Untrusted signing certificate"), "RA-UNTRUSTED", "--trust-anchor-id 1b2c"),
        (refusal("Untrusted certificate. Insufficient certificate"), "RA-UNTRUSTED", "get-trust-anchor"),
        (refusal("Trust anchor is disabled"), "RA-DISABLED", "enable-trust-anchor --trust-anchor-id 1b2c"),
        (refusal("Profile is disabled"), "RA-DISABLED", "enable-profile --profile-id 3d4e"),
        (refusal(f"Unable to assume role for {ROLE}"), "RA-ROLE", '"sts:SetSourceIdentity"'),
        (
            refusal(
                f"Unable to assume role for {ROLE}. Some attributes failed to be mapped into session tags. "
                "Issuer: [  ]; Subject: [  ]; SAN: [ DNS/2 ]"
            ),
            "RA-MAPPING",
            "delete-attribute-mapping --profile-id 3d4e",
        ),
        (refusal("Profile not found", "ResourceNotFoundException", 404), "RA-NOTFOUND", "list-profiles"),
        (refusal("Certificate has expired"), "RA-CERT-EXPIRED", "new certificate"),
        (refusal("roleSessionName is not accepted", "ValidationException", 400), "RA-REFUSED", "CloudTrail"),
        (in_json(201, {"x-amzn-RequestId": "r-1"}, credentialSet=[]), "N-INTERCEPT", ""),
        (session(sessionToken=""), "N-INTERCEPT", ""),
    ],
    ids=lambda value: value if isinstance(value, str) and value.startswith(("RA-", "N-")) else None,
)
def test_a_refusal_has_its_cause_and_its_text(
    by_ec: Made, anywhere: Any, answer: Answer, cause: str, word: str
) -> None:
    verified = anywhere(by_ec.settings(), answer)
    assert (verified.verdict.verdict, verified.verdict.cause) == ("failed", cause)
    assert word in verified.verdict.remedy


@pytest.mark.parametrize(
    ("lacking", "word"),
    [({"usage": False}, "lacks digitalSignature"), ({"usage": None}, "no key usage"), ({"ca": True}, "CA:TRUE")],
)
def test_a_certificate_that_may_not_sign(anywhere: Any, lacking: dict[str, Any], word: str) -> None:
    verified = anywhere(made(**lacking).settings(), refusal("Untrusted certificate. Insufficient certificate"))
    assert (verified.verdict.cause, verified.verdict.confidence) == ("RA-CERT-UNFIT", "inferred")
    assert word in verified.told


def test_a_duration_that_the_role_does_not_allow_becomes_an_hour(
    by_ec: Made, anywhere: Any, agent: AgentServer
) -> None:
    long = refusal(
        f"Unable to assume role for {ROLE} "
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
    )
    assert anywhere(by_ec.settings(duration=43200), long, session()).verdict.verdict == "ok"
    assert [json.loads(each.body)["durationSeconds"] for each in agent.requests] == [43200, 3600]


def test_the_forms_of_the_arns(by_ec: Made) -> None:
    for name, wrong in (
        ("trust_anchor_arn", PROFILE),
        ("profile_arn", ANCHOR),
        ("role_arn", "arn:aws:iam::111122223333:user/x"),
        ("certificate", " "),
    ):
        with pytest.raises(ValueError, match=r"looks like|give the certificate"):
            by_ec.start(**{name: wrong})
