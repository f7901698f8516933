"""The two questions to STS: who is this credential, and may it become that role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from openvna.log import hide
from openvna.plugin import Identity
from openvna.plugins.aws.api import CallError, Credentials
from openvna.plugins.aws.arn import parse_arn
from openvna.plugins.aws.profiles import Hop
from openvna.plugins.aws.query import Query, Reply

LONGEST_CHAINED = 3600
"""Seconds that a session of a role may last which was assumed with temporary credentials (STS API, AssumeRole)."""


@dataclass(frozen=True, slots=True)
class Timed:
    """A credential and when it ends (seconds since the epoch); None: it does not."""

    credentials: Credentials
    until: float | None = None


@dataclass(frozen=True, slots=True)
class Who:
    """The answer of GetCallerIdentity. `skew`: our clock minus AWS's in seconds, where known."""

    identity: Identity
    skew: float | None
    request_id: str


def caller_identity(query: Query, region: str, credentials: Credentials) -> Who:
    """Who the credential is. Needs no permission. Raises `CallError`."""
    reply = query.call("sts", "GetCallerIdentity", region, {}, credentials)
    arn, account = reply.text(".//Arn"), reply.text(".//Account")
    parsed = parse_arn(arn)
    if parsed is None or not account:
        raise CallError(
            "GetCallerIdentity", "", "The answer names no identity.", 200, reply.request_id, cause="N-INTERCEPT"
        )
    identity = Identity(account, arn, identity_kind(arn, credentials.access_key_id), parsed.partition)
    return Who(identity, reply.skew, reply.request_id)


def identity_kind(arn: str, access_key_id: str) -> str:
    """What sort of identity an ARN is (IAM user guide, "IAM identifiers"), told with the kind of key that it has."""
    parsed = parse_arn(arn)
    kind, _, rest = (parsed.resource if parsed else "").partition("/")
    if kind == "root":
        return "root"
    if kind == "user":
        return "iam-user-session" if access_key_id.startswith("ASIA") else "iam-user"
    if kind == "federated-user":
        return "federated-user"
    if kind == "assumed-role":
        role, _, session = rest.partition("/")
        if role.startswith("AWSReservedSSO_"):
            return "identity-center"
        return "instance-role" if session.startswith("i-") else "assumed-role"
    return kind or "unknown"


def assume_role(query: Query, region: str, credentials: Credentials, hop: Hop) -> Timed:
    """The session of a role. A duration that the role does not allow falls back to an hour. Raises `CallError`."""
    duration = min(hop.duration, LONGEST_CHAINED) if credentials.token else hop.duration
    try:
        return _assume(query, region, credentials, hop, duration)
    except CallError as error:
        too_long = "1 hour session limit" in error.message or "MaxSessionDuration" in error.message
        if not too_long or duration <= LONGEST_CHAINED:
            raise
        return _assume(query, region, credentials, hop, LONGEST_CHAINED)


def _assume(query: Query, region: str, credentials: Credentials, hop: Hop, duration: int) -> Timed:
    params = {"RoleArn": hop.role_arn, "RoleSessionName": hop.session_name, "DurationSeconds": str(duration)}
    if hop.external_id:
        params["ExternalId"] = hop.external_id
    for number, (key, value) in enumerate(hop.tags, start=1):
        params |= {f"Tags.member.{number}.Key": key, f"Tags.member.{number}.Value": value}
    for number, key in enumerate(hop.transitive_tags, start=1):
        params[f"TransitiveTagKeys.member.{number}"] = key
    if hop.mfa:
        params["SerialNumber"], params["TokenCode"] = hop.mfa
    if hop.source_identity:
        params["SourceIdentity"] = hop.source_identity
    return session_of(query.call("sts", "AssumeRole", region, params, credentials))


def session_of(reply: Reply) -> Timed:
    """The session in an answer of STS, its secrets hidden from the log. Raises `CallError` where there is none."""
    given = Credentials(
        reply.text(".//Credentials/AccessKeyId"),
        reply.text(".//Credentials/SecretAccessKey"),
        reply.text(".//Credentials/SessionToken"),
    )
    hide(given.secret_access_key, given.token)
    if not (given.access_key_id and given.secret_access_key and given.token):
        operation = reply.root.tag.removesuffix("Response")
        raise CallError(operation, "", "The answer holds no session.", 200, reply.request_id, cause="N-INTERCEPT")
    try:
        until = datetime.fromisoformat(reply.text(".//Credentials/Expiration")).timestamp()
    except ValueError:
        until = None
    return Timed(given, until)
