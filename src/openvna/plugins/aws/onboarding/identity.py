"""Who we are with the credential that the role will trust. The only part of the onboarding that asks AWS."""

from __future__ import annotations

import os
from collections.abc import Mapping

from openvna.model import InvalidInput, SourceUnusable, VerificationFailed
from openvna.plugin import Confidence, Identity, Verdict
from openvna.plugins.aws.access import Access
from openvna.plugins.aws.api import CallError
from openvna.plugins.aws.arn import parse_arn
from openvna.plugins.aws.causes import remedy
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.onboarding import parts
from openvna.plugins.aws.onboarding.options import AwsOnboarding
from openvna.plugins.aws.policies import principal_of

_NO_ROLES = {
    "root": "The root user cannot take roles, and its key should not exist.",
    "federated-user": "A federated user's session (sts:GetFederationToken) cannot take roles.",
}
"""Kinds of identity that AWS lets take no role (IAM user guide, "Compare AWS STS credentials")."""


def who(config: AwsConfig, environment: Mapping[str, str] = os.environ) -> Identity:
    """Who the credential is, before any role of the source. The ARN of a session is that of its role with its path,
    where the role may be asked about itself. Raises `VerificationFailed`."""
    own = config.model_copy(update={"assume_role": None, "organization": None, "accounts": (), "regions": ()})
    access = Access(own, environment)
    try:
        identity = access.who().identity
        if identity.kind in _NO_ROLES:
            raise _refused(identity)
        return _by_its_role(access, identity)
    except (CallError, SourceUnusable) as error:
        raise _failed(own, environment, error) from error
    finally:
        access.close()


def completed(options: AwsOnboarding, config: AwsConfig, environment: Mapping[str, str] = os.environ) -> AwsOnboarding:
    """The options with what the settings say: the partition, and who takes the role, where nobody has said so.

    Raises `InvalidInput` for somebody of another partition, `VerificationFailed` as `who`.
    """
    known: dict[str, object] = {"partition": config.partition}
    if options.way == "role":
        caller = options.caller or who(config, environment).arn
        arn = parse_arn(caller)
        if arn is None or arn.partition != config.partition:
            problem = f"{caller} is not in the partition {config.partition} of the settings."
            raise InvalidInput(
                "Who takes the role is in another partition than the role.",
                problem,
                "Give a credential of the same partition.",
                (("caller", problem),),
            )
        known["caller"] = caller
    features = parts.features_of(options)
    return options.model_copy(update=known | {"features": tuple(each.id for each in features)})


def _by_its_role(access: Access, identity: Identity) -> Identity:
    """A session's ARN lacks the path of its role, and a trust policy that names a role that is not there is refused."""
    parsed = parse_arn(identity.arn)
    if parsed is None or identity.kind not in ("assumed-role", "instance-role"):
        return identity
    name = parsed.resource.split("/")[1]
    try:
        reply = access.query.call("iam", "GetRole", access.region, {"RoleName": name}, access.base())
    except CallError:
        arn = ""  # not allowed to ask: most roles have no path
    else:
        arn = reply.text(".//Role/Arn")
    found = parse_arn(arn)
    known = found is not None and found.account == identity.account and found.resource.endswith(f"/{name}")
    return Identity(identity.account, arn if known else principal_of(identity.arn), identity.kind, identity.partition)


def _refused(identity: Identity) -> VerificationFailed:
    what = f"{identity.arn} cannot take a role."
    why = _NO_ROLES[identity.kind]
    advice = remedy("C-ROOT") if identity.kind == "root" else "Begin with an IAM role, or with an IAM user."
    cause = "C-ROOT" if identity.kind == "root" else None
    verdict = Verdict("failed", cause, Confidence.PROVEN, f"{what} {why}", identity, remedy=advice)
    return VerificationFailed(what, why, advice, dict(verdict.as_json()))


def _failed(config: AwsConfig, environment: Mapping[str, str], error: CallError | SourceUnusable) -> VerificationFailed:
    """What the whole procedure finds, which knows far more than one call."""
    from openvna.plugins.aws.diagnosis import verify

    what = "It cannot be found out who we are in AWS."
    for event in verify(config, environment):
        if isinstance(event, Verdict) and event.verdict == "failed" and event.identity is None:
            return VerificationFailed(what, event.summary, event.remedy or "", dict(event.as_json()))
        if isinstance(event, Verdict):
            break
    said = error.message if isinstance(error, CallError) else error.what
    summary = f"{said} Asked again, AWS answered."
    verdict = Verdict("failed", None, Confidence.INCOMPLETE, summary, remedy="Try again.")
    return VerificationFailed(what, summary, "Try again.", dict(verdict.as_json()))
