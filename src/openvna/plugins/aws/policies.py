"""The exact policy texts to paste. Pure functions; all give indented JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from openvna.plugins.aws.arn import parse_arn


def allow(actions: Iterable[str], resource: str = "*") -> str:
    """One statement that allows these actions."""
    return _text({"Sid": "OpenVNA", "Effect": "Allow", "Action": sorted(set(actions)), "Resource": resource})


def endpoint_allow(principal: str, actions: Iterable[str]) -> str:
    """One statement of a VPC endpoint policy that lets a principal through."""
    return _text(
        {
            "Effect": "Allow",
            "Principal": {"AWS": principal_of(principal) or "*"},
            "Action": sorted(set(actions)),
            "Resource": "*",
        }
    )


def trust(caller: str, external_id: str | None, *, tagged: bool = False) -> str:
    """The whole trust policy of a role that `caller` (an ARN of sts:GetCallerIdentity) shall assume. `tagged`: the
    session is given tags."""
    principal, narrowed = trusted(caller)
    conditions: dict[str, dict[str, str]] = {}
    if external_id:
        conditions["StringEquals"] = {"sts:ExternalId": external_id}
    conditions |= narrowed
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"AWS": principal or "OUR-PRINCIPAL-ARN"},
        "Action": ["sts:AssumeRole", "sts:TagSession"] if tagged else "sts:AssumeRole",
    }
    if conditions:
        statement["Condition"] = conditions
    return _text({"Version": "2012-10-17", "Statement": [statement]})


def web_identity_trust(provider: str, issuer: str, audience: Iterable[str], subject: str) -> str:
    """The whole trust policy of a role for the holders of an OIDC provider's tokens.

    `provider` is its ARN in IAM, `issuer` its URL without the scheme.
    """
    first = next(iter(audience), "")
    claims = {f"{issuer}:{name}": value for name, value in (("aud", first), ("sub", subject)) if value}
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Federated": provider},
        "Action": "sts:AssumeRoleWithWebIdentity",
    }
    if claims and issuer:
        statement["Condition"] = {"StringEquals": claims}
    return _text({"Version": "2012-10-17", "Statement": [statement]})


def trusted(caller: str) -> tuple[str, dict[str, dict[str, str]]]:
    """The ARN by which a trust policy names the caller, and what narrows it down where that ARN has to be wide."""
    parsed = parse_arn(caller)
    if parsed is None or not parsed.resource.startswith("assumed-role/AWSReservedSSO_"):
        return principal_of(caller), {}
    # The role's real ARN has a path that holds the Identity Center region, which its session does not show.
    name = parsed.resource.split("/")[1]
    account = f"arn:{parsed.partition}:iam::{parsed.account}"
    pattern = f"{account}:role/aws-reserved/sso.amazonaws.com/*{name}"
    return f"{account}:root", {"ArnLike": {"aws:PrincipalArn": pattern}}


def roles_anywhere_trust(anchor: str) -> str:
    """The whole trust policy of a role for the certificates below a trust anchor of IAM Roles Anywhere."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "rolesanywhere.amazonaws.com"},
        "Action": ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"],
        "Condition": {"ArnEquals": {"aws:SourceArn": anchor}},
    }
    return _text({"Version": "2012-10-17", "Statement": [statement]})


def principal_of(caller: str) -> str:
    """The ARN by which a policy names the caller: of a session's role, not of the session."""
    parsed = parse_arn(caller)
    if parsed is None:
        return ""
    kind, _, rest = parsed.resource.partition("/")
    if kind == "assumed-role":
        return f"arn:{parsed.partition}:iam::{parsed.account}:role/{rest.split('/')[0]}"
    return caller


def _text(document: Any) -> str:
    return json.dumps(document, indent=2)
