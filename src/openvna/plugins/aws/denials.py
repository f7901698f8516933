"""The grammar of AWS's denials: who was denied what, and by which kind of policy.

Source: IAM user guide, "Troubleshoot access denied error messages". Only one kind is named even if several deny.
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
)
_WHO = re.compile(
    r"(?:User:\s*(?P<user>\S+)\s+)?is not authorized to perform:?\s+(?P<action>[\w-]+:\w+)"
    r"(?:\s+on (?:the )?resource:?\s+(?P<resource>\S+))?"
)
_IMPLICIT = re.compile(r"because no (?P<kind>[\w -]+?) allows the", re.IGNORECASE)
_EXPLICIT = re.compile(
    r"with an explicit deny in an? (?P<kind>[\w -]+?(?:policy|policies|boundary))"
    r"(?::\s*(?P<policy>arn:\S+))?(?=[\s.,;]|$)",
    re.IGNORECASE,
)
_POLICY = re.compile(r"\b(arn:[\w-]+:(?:iam|organizations|ec2)::?[^\s,;]*policy/[^\s,;]+)")
_AUTHORIZATION_ID = re.compile(r"authorization id:?\s+([\w-]{6,})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Denial:
    """What a denial says. `layer` is a part of a cause id (IDENTITY, SCP, ...), empty where no policy is named.

    `authorization_id` is what iam-toolbox:GetRequestAuthorizationDetails asks for.
    """

    user: str = ""
    action: str = ""
    resource: str = ""
    layer: str = ""
    explicit: bool = False
    policy: str = ""
    authorization_id: str = ""
    encoded: bool = False


def read(message: str) -> Denial:
    """The parts of a denial's message; what is not there stays empty."""
    who, explicit, implicit = _WHO.search(message), _EXPLICIT.search(message), _IMPLICIT.search(message)
    reason = explicit or implicit
    kind = reason["kind"].lower() if reason else ""
    policy = explicit["policy"] if explicit and explicit["policy"] else ""
    if not policy and (named := _POLICY.search(message)):
        policy = named[1]
    identified = _AUTHORIZATION_ID.search(message)
    return Denial(
        user=(who["user"] or "") if who else "",
        action=who["action"] if who else "",
        resource=(who["resource"] or "").rstrip(".") if who else "",
        layer=next((layer for word, layer in _LAYERS if word in kind), ""),
        explicit=explicit is not None,
        policy=policy.rstrip("."),
        authorization_id=identified[1] if identified else "",
        encoded="Encoded authorization failure message" in message,
    )
