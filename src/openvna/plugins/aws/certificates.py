"""The certificate and the private key of an IAM Roles Anywhere credential: read, and looked at before any call.

What AWS asks of them: IAM Roles Anywhere user guide, "Trust model" (signature verification).
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from openvna.log import hide
from openvna.plugins.aws import server_files
from openvna.plugins.aws.credential_kinds import RolesAnywhere
from openvna.plugins.aws.profiles import CredentialUnusable

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.x509 import Certificate

_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]{1,40})-----(.*?)-----END \1-----", re.DOTALL)
_LARGEST_FILE = 256 * 1024


@dataclass(frozen=True, slots=True)
class Signer:
    """A certificate with its key, and the certificates between it and the trust anchor."""

    certificate: Certificate
    key: RSAPrivateKey | EllipticCurvePrivateKey
    chain: tuple[Certificate, ...] = ()

    @property
    def algorithm(self) -> str:
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

        return f"AWS4-X509-{'RSA' if isinstance(self.key, RSAPrivateKey) else 'ECDSA'}-SHA256"

    def sign(self, text: bytes) -> bytes:
        """RSA: PKCS #1 v1.5; ECDSA: in DER. Both over SHA-256."""
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec, padding
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

        if isinstance(self.key, RSAPrivateKey):
            return self.key.sign(text, padding.PKCS1v15(), hashes.SHA256())
        return self.key.sign(text, ec.ECDSA(hashes.SHA256()))

    def facts(self) -> tuple[str, ...]:
        """Who the certificate is for, who issued it, and how long it is good."""
        return (
            f"Certificate of {_name(self.certificate.subject.rfc4514_string())}, serial number "
            f"{self.certificate.serial_number}, issued by {_name(self.certificate.issuer.rfc4514_string())}.",
            f"It is good from {_day(self.certificate.not_valid_before_utc)} to "
            f"{_day(self.certificate.not_valid_after_utc)}.",
        )

    def unfit(self) -> tuple[str, ...]:
        """What AWS asks of a certificate that signs, and this one does not have."""
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes

        found: list[str] = []
        extensions = self.certificate.extensions
        try:
            if extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
                found.append("It is the certificate of an authority (CA:TRUE); it must be CA:FALSE.")
        except x509.ExtensionNotFound:
            pass  # then it is none
        try:
            if not extensions.get_extension_for_class(x509.KeyUsage).value.digital_signature:
                found.append("Its key usage lacks digitalSignature.")
        except x509.ExtensionNotFound:
            found.append("It has no key usage; it must have digitalSignature.")
        if isinstance(self.certificate.signature_hash_algorithm, hashes.SHA1 | hashes.MD5):
            found.append("It is signed with a hash that is not strong enough; it must be SHA-256 or stronger.")
        return tuple(found)


def signer(start: RolesAnywhere, now: datetime | None = None) -> Signer:
    """The certificate and key of the settings. Raises `CredentialUnusable` where they cannot be used."""
    leaf, *rest = _certificates(start.certificate, "certificate")
    between = (*rest, *(_certificates(start.chain, "chain") if start.chain else ()))
    made = Signer(leaf, _key(start), tuple(dict.fromkeys(each for each in between if each != leaf)))
    if made.key.public_key() != leaf.public_key():
        raise CredentialUnusable("RA-KEY", "The private key is not that of the certificate.", *made.facts())
    moment = now or datetime.now(UTC)
    if leaf.not_valid_after_utc <= moment:
        raise CredentialUnusable("RA-CERT-EXPIRED", *made.facts())
    if leaf.not_valid_before_utc > moment:
        raise CredentialUnusable("RA-CERT-EXPIRED", "By this machine's clock it is not good yet.", *made.facts())
    return made


def _certificates(given: str, setting: str) -> list[Certificate]:
    """The certificates in a PEM text, or in the PEM file at a path."""
    from cryptography import x509

    text, where = given, f"The setting {setting}"
    if "-----BEGIN" not in given:
        path = given.strip()
        where = f"The file {path} ({setting})"
        try:
            text = server_files.beginning(path, _LARGEST_FILE).decode("ascii", "replace")
        except (OSError, ValueError, RuntimeError) as error:  # ValueError: a NUL in it; RuntimeError: no home for a ~
            why = "there is no such file" if isinstance(error, FileNotFoundError) else "it cannot be read"
            raise CredentialUnusable("RA-CERT", f"{where}: {why}.") from None
    try:
        found = [
            x509.load_der_x509_certificate(base64.b64decode(_packed(body)))
            for title, body in _BLOCK.findall(text)
            if title in ("CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE")
        ]
    except ValueError:
        raise CredentialUnusable("RA-CERT", f"{where} holds a certificate that is damaged.") from None
    if not found:
        raise CredentialUnusable("RA-CERT", f"{where} holds no certificate in PEM form (-----BEGIN CERTIFICATE-----).")
    return found


def _key(start: RolesAnywhere) -> RSAPrivateKey | EllipticCurvePrivateKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    given = start.private_key.get_secret_value()
    passphrase = start.passphrase.get_secret_value() if start.passphrase else ""
    hide(given, passphrase)
    blocks = [(title, body) for title, body in _BLOCK.findall(given) if title.endswith("PRIVATE KEY")]
    if not blocks:
        raise CredentialUnusable("RA-KEY", "The private key is not in PEM form (-----BEGIN ... PRIVATE KEY-----).")
    title, body = blocks[0]
    hide(_packed(body), *(line.strip() for line in body.splitlines()))
    try:
        key = load_pem_private_key(_mended(title, body).encode(), passphrase.encode() or None)
    except TypeError:  # how it says that there is a passphrase too many, or none
        why = "has a passphrase, and none is given" if not passphrase else "has no passphrase, but one is given"
        raise CredentialUnusable("RA-KEY", f"The private key {why}.") from None
    except (ValueError, UnsupportedAlgorithm):
        why = "is damaged, or its passphrase is another" if passphrase else "is damaged, or of a kind not known"
        raise CredentialUnusable("RA-KEY", f"The private key {why}.") from None
    if not isinstance(key, RSAPrivateKey | EllipticCurvePrivateKey):
        raise CredentialUnusable("RA-KEY", "The private key is neither an RSA nor an elliptic curve key.")
    return key


def _mended(title: str, body: str) -> str:
    """The block with line breaks where PEM has them: what is pasted into one line has lost them."""
    if "Proc-Type" in body:
        lines = "\n".join(line.strip() for line in body.strip().splitlines())  # headers, whose lines are needed
    else:
        packed = _packed(body)
        lines = "\n".join(packed[at : at + 64] for at in range(0, len(packed), 64))
    return f"-----BEGIN {title}-----\n{lines}\n-----END {title}-----\n"


def _packed(body: str) -> str:
    return re.sub(r"\s+|\\n|\\r", "", body)


def _name(text: str) -> str:
    """A distinguished name as it may be shown: one line, not endless."""
    return "".join(char for char in text if char.isprintable())[:200] or "nobody"


def _day(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC")
