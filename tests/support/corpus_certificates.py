"""Certificates for cases of IAM Roles Anywhere, made once: one that is good, one that is over, and another's key."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache


@cache
def places() -> Mapping[str, str]:
    """What stands in a case for PEM texts."""
    from cryptography.hazmat.primitives.asymmetric import ec

    key, other = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    return {
        "@CERTIFICATE@": _certificate(key, days=(-1, 1)),
        "@OLD_CERTIFICATE@": _certificate(key, days=(-3, -1)),
        "@PRIVATE_KEY@": _private(key),
        "@OTHER_KEY@": _private(other),
    }


def _certificate(key: object, days: tuple[int, int]) -> str:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    assert isinstance(key, ec.EllipticCurvePrivateKey)
    now = datetime.now(UTC)
    bits = "content_commitment key_encipherment data_encipherment key_agreement key_cert_sign crl_sign encipher_only"
    usage = x509.KeyUsage(digital_signature=True, decipher_only=False, **dict.fromkeys(bits.split(), False))
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "gateway")]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Example CA")]))
        .public_key(key.public_key())
        .serial_number(12345)
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(False, None), critical=True)
        .add_extension(usage, critical=True)
        .sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()


def _private(key: object) -> str:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    assert isinstance(key, ec.EllipticCurvePrivateKey)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return key.private_bytes(*form).decode()
