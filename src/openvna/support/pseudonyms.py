"""Stable names in the place of those that say whose network it is.

A pseudonym is made of the real one with a key of this installation: the same thing has the same pseudonym in every
bundle, and nobody without the key can tell whether a guess is right.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
from collections.abc import Iterable

_ARN = re.compile(
    r"\barn:(?P<partition>aws[a-z-]*):(?P<service>[a-z0-9-]*):(?P<region>[a-z0-9-]*):(?P<account>\d{12}|aws|)"
    r":(?P<resource>[^\s\"'<>,;)\]}\\]+)"
)
_ACCOUNT = re.compile(r"(?<![\w-])\d{12}(?![\w-])|(?<=_)\d{12}(?=_)|\d{4}-\d{4}-\d{4}(?![\w-])")
_RESOURCE = re.compile(r"\b(?P<kind>[a-z]{1,12}(?:-[a-z]{2,12}){0,3})-(?P<id>[0-9a-f]{17}|[0-9a-f]{8})\b")
_ORGANIZATION = re.compile(r"\b(?P<kind>o|ou|r|d|ssoins)-(?P<id>[0-9a-z]{4,32}(?:-[0-9a-z]{8,32})?)\b")
_UNIQUE_ID = re.compile(r"\b(?P<kind>AKIA|ASIA|AROA|AIDA|AGPA|ANPA|AIPA)(?P<id>[A-Z0-9*]{4,17})(?![A-Za-z0-9])")
_IPV4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\w)")
_IPV6 = re.compile(r"(?<![\w:.])(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4}(?![\w:])")
_MAIL = re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b")
_KEPT_RESOURCES = re.compile(
    r"^(role|user|assumed-role|group|policy|vpc|subnet|instance|federated-user|root|saml-provider|oidc-provider"
    r"|profile|trust-anchor|stack|secret|key|alias|account|ou|organization)(?=[/:]|$)"
)


class Pseudonyms:
    """Replaces account ids, ARNs, resource ids, IP addresses and the names that it is told of."""

    def __init__(self, key: bytes, names: Iterable[str] = ()) -> None:
        """`names` are what people here call things, and the names of machines; those under three characters stay."""
        self._key = key
        known = sorted({name for name in names if len(name) >= 3}, key=len, reverse=True)
        pattern = "|".join(map(re.escape, known))
        self._names = re.compile(rf"(?<![A-Za-z0-9])(?:{pattern})(?![A-Za-z0-9])") if known else None

    def replaced(self, text: str) -> str:
        """The text with pseudonyms in it."""
        if self._names is not None:
            text = self._names.sub(lambda found: f"name-{self._hex(found[0], 6)}", text)
        text = _ARN.sub(self._arn, text)
        text = _ACCOUNT.sub(lambda found: self.account(found[0]), text)
        text = _RESOURCE.sub(lambda found: f"{found['kind']}-{self._hex(found[0], len(found['id']))}", text)
        text = _ORGANIZATION.sub(self._organization, text)
        text = _UNIQUE_ID.sub(lambda found: f"{found['kind']}-{self._hex(found[0], 6)}", text)
        text = _MAIL.sub(lambda found: f"mail-{self._hex(found[0], 6)}", text)
        text = _IPV4.sub(self._address, text)
        return _IPV6.sub(self._address, text)

    def account(self, account: str) -> str:
        """Twelve digits, so that what reads account ids still does."""
        digits = account.replace("-", "")
        return f"{int(self._hex(digits, 12), 16) % 10**12:012d}"

    def _arn(self, found: re.Match[str]) -> str:
        resource = found["resource"]
        kept = _KEPT_RESOURCES.match(resource)
        if resource.startswith("name-") or (kept and len(kept[0]) == len(resource)):
            told = resource
        elif kept:
            told = f"{kept[0]}{resource[len(kept[0])]}name-{self._hex(resource, 6)}"
        else:
            told = f"name-{self._hex(resource, 6)}"
        return f"arn:{found['partition']}:{found['service']}:{found['region']}:{found['account']}:{told}"

    def _organization(self, found: re.Match[str]) -> str:
        """Only what holds a digit: `d-day` is a word."""
        if not any(char.isdigit() for char in found["id"]):
            return found[0]
        return f"{found['kind']}-{self._hex(found[0], 10)}"

    def _address(self, found: re.Match[str]) -> str:
        """Loopback and the metadata service belong to nobody, and neither does 0.0.0.0."""
        try:
            address = ipaddress.ip_address(found[0])
        except ValueError:
            return found[0]
        if address.is_loopback or address.is_link_local or address.is_unspecified:
            return found[0]
        return f"ip{address.version}-{self._hex(str(address), 6)}"

    def _hex(self, text: str, digits: int) -> str:
        return hmac.new(self._key, text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:digits]
