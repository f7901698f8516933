"""The grammar of AWS's denials: who was denied what, and by which kind of policy.

Sources: IAM user guide, "Troubleshoot access denied error messages" and "... with authorization ID". Only one kind of
policy is named even if several deny.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

CODES = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "UnauthorizedOperation",
        "Client.UnauthorizedOperation",
        "AuthorizationError",
        "AuthorizationErrorException",
        "NotAuthorized",
        "NotAuthorizedException",
        "UnauthorizedException",
        "ForbiddenException",
    }
)
"""What the services call a denial. The HTTP status says nothing (SSM and CloudWatch Logs deny with 400)."""

_LAYERS = (
    ("identity-based", "IDENTITY"),
    ("boundar", "BOUNDARY"),
    ("session", "SESSION"),
    ("service control", "SCP"),
    ("resource control", "RCP"),
    ("resource-based", "RESOURCE"),
    ("endpoint", "VPCE"),
    ("trust", "TRUST"),
)
_END = r"(?=\s+(?:because|with an explicit deny)\b|[.,;]?\s+(?:Go to|To see)\b|[.,;]?\s*$)"
_WHO = re.compile(
    r"(?:User:\s*(?P<user>\S+)\s+)?is not authorized to perform:?\s+(?P<action>[\w-]+:\w+)"
    rf"(?:\s+on (?:the )?resource:?\s+(?P<resource>\x22[^\x22]*\x22|.+?){_END})?",
    re.DOTALL,
)
_IMPLICIT = re.compile(r"because no (?P<kind>[\w -]+?) allows the", re.IGNORECASE)
_EXPLICIT = re.compile(
    r"with an explicit deny(?: in (?:an?|the) (?P<kind>[\w -]+?(?:policy|policies|boundary))"
    r"(?: transitively through an? (?P<behind>[\w -]+?policy))?"
    r"(?::\s*(?P<policy>arn:\S+))?(?=[\s.,;]|$))?",
    re.IGNORECASE,
)
_QUOTED = re.compile(r'"[^"]*"')
"""Names in it are people's: the name of an object may hold any words, those of a denial too."""
_POLICY = re.compile(r"\b(arn:[\w-]+:(?:iam|organizations|ec2)::?[^\s,;]*policy/[^\s,;]+)")
_AUTHORIZATION_ID = re.compile(r"authorization id:?\s+([A-Za-z0-9][\w-]{5,})", re.IGNORECASE)
_CHANGING = re.compile(
    r"[.,;]?\s*(?:Go to https://|To see details|or call the GetRequestAuthorizationDetails).*", re.DOTALL
)
_ENCODED = re.compile(r"Encoded authorization failure message:\s*([\w-]*)")


@dataclass(frozen=True, slots=True)
class Denial:
    """What a denial says. `layer` is a part of a cause id (IDENTITY, SCP, ...; TRUST is a role's trust policy), empty
    where no policy is named. `behind` is the policy through which that one denies ("transitively through").

    `authorization_id` is what iam-toolbox:GetRequestAuthorizationDetails asks for, `encoded` what
    sts:DecodeAuthorizationMessage takes.
    """

    user: str = ""
    action: str = ""
    resource: str = ""
    layer: str = ""
    explicit: bool = False
    policy: str = ""
    authorization_id: str = ""
    encoded: str = ""
    behind: str = ""


def read(message: str) -> Denial:
    """The parts of a denial's message; what is not there stays empty."""
    said = _QUOTED.sub('""', message)
    who, explicit, implicit = _WHO.search(message), _EXPLICIT.search(said), _IMPLICIT.search(said)
    kind = ((explicit["kind"] if explicit else None) or (implicit["kind"] if implicit else None) or "").lower()
    policy = explicit["policy"] if explicit and explicit["policy"] else ""
    if not policy and (named := _POLICY.search(said)):
        policy = named[1]
    identified, encoded = _AUTHORIZATION_ID.search(message), _ENCODED.search(message)
    return Denial(
        user=(who["user"] or "") if who else "",
        action=who["action"] if who else "",
        resource=(who["resource"] or "").strip("\"'").rstrip(".") if who else "",
        layer=layer_of(kind),
        explicit=explicit is not None,
        policy=policy.rstrip("."),
        authorization_id=identified[1] if identified else "",
        encoded=(encoded[1] or "?") if encoded else "",
        behind=(explicit["behind"] or "") if explicit else "",
    )


def layer_of(kind: str) -> str:
    """The layer that a kind of policy is, as the end of a cause's id; empty for none that is known."""
    lower = (
        kind.lower()
        .replace("_", " ")
        .replace("identity based", "identity-based")
        .replace("resource based", "resource-based")
    )
    return next((layer for word, layer in _LAYERS if word in lower), "")


def lasting(message: str) -> str:
    """The message without what differs from one request to the next."""
    return _CHANGING.sub("", _ENCODED.sub("", message))


def shortened(message: str) -> str:
    """The message with an encoded part cut: it is thousands of characters that say nothing to people."""
    found = _ENCODED.search(message)
    return message if found is None or len(found[1]) <= 40 else f"{message[: found.start(1)]}{found[1][:24]}…"
