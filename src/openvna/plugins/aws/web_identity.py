"""A role entered with the token of an OIDC identity provider: STS's AssumeRoleWithWebIdentity, which is not signed.

The token lies in a file that others renew (the kubelet, a CI system), so it is read again for every session. What it
says of itself (issuer, audience, subject, end) is read here for the evidence; whether it is true, only AWS can say.
"""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from openvna.log import hide
from openvna.plugins.aws import policies, server_files
from openvna.plugins.aws.api import CallError
from openvna.plugins.aws.arn import parse_arn
from openvna.plugins.aws.credential_kinds import WebIdentity, role_arn
from openvna.plugins.aws.guarded import may_receive
from openvna.plugins.aws.profiles import CredentialUnusable
from openvna.plugins.aws.query import Query
from openvna.plugins.aws.sts import Timed, session_of

_JWT = re.compile(r"[A-Za-z0-9_-]+={0,2}\.[A-Za-z0-9_-]+={0,2}\.[A-Za-z0-9_-]+={0,2}")
_LARGEST_TOKEN = 20_000
"""STS takes a token of 20000 characters at most (API reference, AssumeRoleWithWebIdentity)."""
_IDP_PAUSES = (0.5, 1.0)
"""Seconds between tries where AWS could not reach the identity provider: "retry your request" (API reference)."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says of itself; empty or None where it does not."""

    issuer: str = ""
    audience: tuple[str, ...] = ()
    subject: str = ""
    until: float | None = None

    @property
    def provider(self) -> str:
        """The issuer as IAM names a provider: without its scheme."""
        return re.sub(r"^https?://", "", self.issuer)

    def facts(self) -> tuple[str, ...]:
        """The claims in words."""
        named = [("issuer", self.issuer), ("audience", ", ".join(self.audience)), ("subject", self.subject)]
        said = ", ".join(f"{name} {value}" for name, value in named if value)
        end = f"It ends at {_moment(self.until)}." if self.until is not None else "It names no end."
        return (f"The token says: {said}." if said else "The token names no issuer, audience or subject.", end)


def settled(start: WebIdentity, environment: Mapping[str, str]) -> WebIdentity:
    """The settings with what was left empty taken from the environment. Raises `CredentialUnusable`."""
    role = start.role_arn or environment.get("AWS_ROLE_ARN", "").strip()
    file = start.token_file or environment.get("AWS_WEB_IDENTITY_TOKEN_FILE", "").strip()
    lacking = [name for name, value in (("AWS_ROLE_ARN", role), ("AWS_WEB_IDENTITY_TOKEN_FILE", file)) if not value]
    if lacking:
        raise CredentialUnusable(
            "C-EMPTY", f"The source leaves it to the environment, where {' and '.join(lacking)} is not set."
        )
    try:
        role = role_arn(role)
    except ValueError as error:
        raise CredentialUnusable("W-ROLE", f"AWS_ROLE_ARN is {role!r}: {error}.") from None
    name = start.session_name or environment.get("AWS_ROLE_SESSION_NAME", "").strip() or "openvna"
    return WebIdentity(
        role_arn=role, token_file=file, session_name=re.sub(r"[^\w+=,.@-]", "-", name)[:64], duration=start.duration
    )


def read_token(path: str) -> str:
    """The token in a file. Raises `CredentialUnusable` for a file that is not there, or holds anything but a JWT."""
    try:
        content = server_files.beginning(path, _LARGEST_TOKEN + 2)
    except (OSError, ValueError, RuntimeError) as error:  # ValueError: a NUL in it; RuntimeError: no home for a ~
        reason = getattr(error, "strerror", None)
        why = "there is no such file" if isinstance(error, FileNotFoundError) else (reason or "unreadable")
        raise CredentialUnusable("W-FILE", f"The token file {path} cannot be read: {why}.", file=path) from None
    token = content.decode("ascii", "replace").strip()
    if not token:
        raise CredentialUnusable("W-FILE", f"The token file {path} is empty.", file=path)
    if not _JWT.fullmatch(token) or len(token) > _LARGEST_TOKEN or not isinstance(_part(token, 0), dict):
        raise CredentialUnusable(
            "W-FILE",
            f"The file {path} holds no token (a JWT: three parts with dots between). It is not sent.",
            file=path,
        )
    hide(token)
    return token


def claims(token: str) -> Claims:
    """What a token says of itself, unchecked."""
    said = _part(token, 1)
    if not isinstance(said, dict):
        return Claims()
    audience, until = said.get("aud"), said.get("exp")
    many = audience if isinstance(audience, list) else [audience]
    return Claims(
        _text(said.get("iss")),
        tuple(_text(one) for one in many if isinstance(one, str)),
        _text(said.get("sub")),
        float(until) if isinstance(until, int | float) and 0 < until < 1e11 else None,
    )


def session(start: WebIdentity, query: Query, region: str, pause: Callable[[float], None] = time.sleep) -> Timed:
    """A session of the role for the token in the file now.

    Raises `CredentialUnusable` with a W-* cause where file, token or role are refused, `CallError` for all else.
    """
    where = query.endpoint("sts", region)
    path, role = start.token_file or "", start.role_arn or ""
    token = read_token(path)
    if not may_receive(where, "sts", query.transport):
        raise CredentialUnusable(
            "W-ENDPOINT",
            f"The token of {path} was not sent to {where.host}, which the source's settings name.",
            file=path,
        )
    params = {
        "RoleArn": role,
        "RoleSessionName": start.session_name or "openvna",
        "WebIdentityToken": token,
        "DurationSeconds": str(start.duration),
    }
    for wait in (*_IDP_PAUSES, None):
        try:
            return session_of(query.call("sts", "AssumeRoleWithWebIdentity", region, params, None))
        except CallError as error:
            if error.code == "IDPCommunicationError" and wait is not None:
                pause(wait)
            elif error.code == "ValidationError" and "MaxSessionDuration" in error.message and start.duration > 3600:
                return session(start.model_copy(update={"duration": 3600}), query, region, pause)
            else:
                raise _refused(error, path, role, claims(token)) from error
    raise AssertionError  # the last round returns or raises


def _refused(error: CallError, path: str, role: str, said: Claims) -> Exception:
    from openvna.plugins.aws.faults import web_identity_cause

    if not error.code or error.cause:
        return error
    cause = web_identity_cause("AssumeRoleWithWebIdentity", error.code, error.message)
    if not cause.startswith("W-"):
        return error
    parsed = parse_arn(role)
    account, partition = (parsed.account, parsed.partition) if parsed else ("", "aws")
    provider = f"arn:{partition}:iam::{account}:oidc-provider/{said.provider or 'ISSUER'}"
    evidence = [f"AssumeRoleWithWebIdentity for {role}: {error.status} {error.code}: {error.message}"]
    evidence += [f"Token file: {path}.", *said.facts()]
    if error.request_id:
        evidence.append(f"request id {error.request_id}")
    if cause == "W-EXPIRED" and said.until is not None and said.until > time.time():
        evidence.append("By this machine's clock it has not ended: look at the clock.")
    return CredentialUnusable(
        cause,
        *evidence,
        file=path,
        role=role,
        account=account,
        issuer=said.issuer,
        audience=said.audience[0] if said.audience else "",
        provider=provider,
        trust=policies.web_identity_trust(provider, said.provider, said.audience, said.subject),
    )


def _part(token: str, number: int) -> object:
    part = token.split(".")[number].rstrip("=")
    try:
        found: object = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, RecursionError):
        return None
    return found


def _text(value: object) -> str:
    """A claim as it may be shown: one line of printable text, not endless."""
    return "".join(char for char in value if char.isprintable())[:300] if isinstance(value, str) else ""


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
