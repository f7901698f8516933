"""From what AWS said to what is the case: code, message, status and clock, with what else is known, give the cause.

Pure. Used by the verification and by the collection alike. Codes are matched, never HTTP statuses: the same fault
has another status in another protocol.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from openvna.log import redact
from openvna.model import Failure, Outcome
from openvna.plugin import Confidence
from openvna.plugins.aws import denials, policies
from openvna.plugins.aws.api import CallError
from openvna.plugins.aws.arn import parse_arn
from openvna.plugins.aws.causes import CATALOGUE, remedy

UNKNOWN_KEY = frozenset(
    {"InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "InvalidToken", "InvalidTokenId"}
)
"""The key id (or its token) is not accepted, in the words of the several protocols."""

WRONG_SIGNATURE = frozenset({"SignatureDoesNotMatch", "InvalidSignatureException"})
THROTTLED = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottledException",
        "TooManyRequestsException",
        "ProvisionedThroughputExceededException",
        "TransactionInProgressException",
        "RequestLimitExceeded",
        "BandwidthLimitExceeded",
        "LimitExceededException",
        "RequestThrottled",
        "SlowDown",
        "PriorRequestNotComplete",
        "EC2ThrottledException",
    }
)
"""What AWS says when it is asked too fast (botocore/retries/standard.py)."""

_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException"})
_FAULTS = frozenset(
    {"InternalError", "InternalFailure", "InternalServerError", "ServiceUnavailable", "Unavailable", "ServiceFailure"}
)
_UNSUPPORTED = frozenset(
    {
        "InvalidAction",
        "UnsupportedOperation",
        "UnknownOperationException",
        "OperationNotPermitted",
        "UnsupportedOperationException",
        "OptInRequired",
    }
)
_ACCOUNT = {
    "OptInRequired": "A-NOT-SUBSCRIBED",
    "SubscriptionRequiredException": "A-NOT-SUBSCRIBED",
    "PendingVerification": "A-PENDINGVERIFICATION",
    "Blocked": "A-BLOCKED",
}
_ORGANIZATIONS = "organizations:"
_ACCOUNT_SAYS = (
    (
        re.compile(r"account is currently being verified|accessing resources in this region is being validated", re.I),
        "A-PENDINGVERIFICATION",
    ),
    (re.compile(r"account is currently blocked", re.I), "A-BLOCKED"),
)
"""What services say of an account's state under codes that mean something else (AccessDeniedException, ...)."""
_STS_OFF = re.compile(r"not allowed please check whether STS is enabled|STS is not activated in this region", re.I)
_LONG_SESSION = re.compile(r"1 hour session limit|MaxSessionDuration", re.I)
STS_WINDOW = 900.0
"""Seconds by which STS lets a clock be off; EC2 only EC2_WINDOW."""
EC2_WINDOW = 300.0


@dataclass(frozen=True, slots=True)
class Context:
    """What is known besides the answer itself. Empty: not known.

    `opted_in` is the region's OptInStatus; `endpoint` and `proxy` are what is in force, for people.
    `key_kind` is the first four letters of the access key ID; `management` the organization's management account.
    """

    action: str = ""
    service: str = ""
    region: str = ""
    account: str = ""
    identity: str = ""
    key_kind: str = ""
    token: bool = False
    role: str = ""
    external_id: str = ""
    opted_in: str = ""
    host: str = ""
    endpoint: str = ""
    emulated: bool = False
    proxy: str = ""
    management: str = ""
    also: tuple[str, ...] = ()
    """Other actions that are denied in the same way: one statement for all of them."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A cause of the catalogue, how sure it is here, the facts, and the remedy with those facts filled in."""

    cause: str
    confidence: Confidence
    evidence: tuple[str, ...]
    remedy: str


def explain(error: CallError, context: Context = Context()) -> Explanation:
    """What a refused or unanswered call means."""
    denial = denials.read(error.message) if error.code in denials.CODES else denials.Denial()
    cause, confidence = _cause(error, context, denial)
    evidence = _evidence(error, context, denial)
    if (learned := error.learned) is not None:
        evidence = (*evidence, *learned.facts)
        denial = replace(denial, policy=learned.policy or denial.policy)
        if learned.cause:
            cause, confidence = learned.cause, learned.confidence
    return Explanation(
        cause, confidence or CATALOGUE[cause].confidence, evidence, _remedy(cause, error, context, denial)
    )


def only_here(told: Explanation, error: CallError | None, region: str, said: str) -> Explanation:
    """A denial as one that keeps us out of a region: `said` is what is known of the others."""
    policy = ""
    if error is not None:
        policy = (error.learned.policy if error.learned else "") or denials.read(error.message).policy
    advice = remedy("P-REGION", region=region, policy=policy)
    return Explanation("P-REGION", Confidence.INFERRED, (*told.evidence, said), advice)


def explain_call_error(
    error: CallError, context: Context | None = None, *, action: str = "", region: str = "", account: str = ""
) -> Failure:
    """The same as the ledger of a run keeps it. `action` is the permission that the call needs."""
    told = explain(error, context or Context(action=action, region=region, account=account))
    return failure(error, told, action or (context.action if context else ""))


def failure(error: CallError, told: Explanation, action: str = "") -> Failure:
    """What `explain` said of an error, as the ledger of a run keeps it."""
    return Failure(
        _outcome(error, told.cause),
        redact(denials.shortened(error.message)) or CATALOGUE[told.cause].title,
        code=error.code,
        cause=told.cause,
        action=action,
        request_id=error.request_id,
        remedy=told.remedy,
    )


def web_identity_cause(operation: str, code: str, message: str) -> str:
    """The cause behind a refusal of the services that hand out sessions for other tokens."""
    if code == "InvalidIdentityToken":
        if "No OpenIDConnect provider" in message:
            return "W-NOPROVIDER"
        return "W-AUDIENCE" if "audience" in message else "W-TOKEN-INVALID"
    if code == "IDPCommunicationError":
        return "W-IDP"
    if operation == "AssumeRoleWithWebIdentity":
        return "W-EXPIRED" if code in _EXPIRED else "W-TRUST" if code in denials.CODES else "C-SOURCE"
    return explain(CallError(operation, code, message)).cause


def _cause(error: CallError, context: Context, denial: denials.Denial) -> tuple[str, Confidence | None]:
    code, message, skew = error.code, error.message, error.skew
    off = abs(skew) if skew is not None else 0.0
    if error.cause:
        return error.cause, None
    if code in THROTTLED or error.status == 429:
        return "T-THROTTLED", None
    if code == "RegionDisabledException" or _STS_OFF.search(message):
        return "K-STS-REGION-OFF", None
    if code in UNKNOWN_KEY:
        if context.emulated and not error.request_id:
            return "C-ENDPOINT", None
        if context.key_kind == "ASIA" and context.token and context.service == "iam" and _is_user(context.identity):
            return "K-IAM-NO-MFA", None
        if context.opted_in == "not-opted-in":
            return "R-NOT-OPTED-IN", None
        if context.key_kind == "ASIA":
            return ("K-TOKEN-OR-TEMPKEY", None) if context.token else ("C-TEMP-NO-TOKEN", None)
        return "K-KEY-UNKNOWN", None
    if code in WRONG_SIGNATURE:
        return _signature(message, off)
    if code in _EXPIRED:
        return ("W-EXPIRED" if error.operation == "AssumeRoleWithWebIdentity" else "K-EXPIRED"), None
    if code == "RequestExpired":
        return ("K-CLOCK" if off > EC2_WINDOW else "K-EXPIRED"), Confidence.INFERRED
    if code == "RequestTimeTooSkewed":
        return "K-CLOCK", Confidence.REPORTED
    if code.startswith("MissingAuthenticationToken") or (code == "MissingParameter" and "AWSAccessKeyId" in message):
        return "N-HEADERS-STRIPPED", None
    if code.startswith("IncompleteSignature"):
        return "N-HEADERS-MANGLED", None
    if code == "AuthFailure":
        return _auth_failure(off, context), None
    if code in _ACCOUNT:
        # EC2 says so of a region that is off as well ("You are not subscribed to this service in this region").
        off_here = code == "OptInRequired" and (context.opted_in == "not-opted-in" or "this region" in message)
        return ("R-NOT-OPTED-IN" if off_here else _ACCOUNT[code]), Confidence.REPORTED
    state = next((cause for words, cause in _ACCOUNT_SAYS if words.search(message)), None)
    if state is not None:
        return state, Confidence.REPORTED
    if code == "AWSOrganizationsNotInUseException":
        return "O-NOT-IN-USE", None
    if error.operation == "AssumeRole" and _LONG_SESSION.search(message):
        return "H-DURATION", None
    if code in denials.CODES:
        return _denied(error, context, denial)
    if code == "ValidationError" and error.operation == "AssumeRole":
        return "H-INVALID", None
    if code.startswith(("MalformedPolicyDocument", "PackedPolicyTooLarge")):
        return ("H-POLICY-MALFORMED" if code.startswith("Malformed") else "H-PACKED-TOO-LARGE"), None
    if code in ("InvalidIdentityToken", "IDPCommunicationError"):
        return web_identity_cause(error.operation, code, message), None
    if code in _FAULTS or error.status >= 500:
        return "T-UNAVAILABLE", None
    return "X-UNEXPECTED", None


def _is_user(identity: str) -> bool:
    """Whether STS has said that the session is an IAM user's: of sts:GetSessionToken, then."""
    arn = parse_arn(identity)
    return arn is not None and arn.resource.startswith("user/")


def _signature(message: str, off: float) -> tuple[str, Confidence | None]:
    lower = message.lower()
    if "signature expired" in lower or "not yet current" in lower:
        return "K-CLOCK", Confidence.PROVEN if off > EC2_WINDOW else Confidence.REPORTED
    if "scoped to a valid region" in lower:
        return "K-SIGN-REGION", None
    if "scoped to correct service" in lower or "correct service" in lower:
        return "K-SIGN-SERVICE", None
    if off > STS_WINDOW:
        return "K-CLOCK", Confidence.INFERRED
    return "K-SECRET-WRONG", None


def _auth_failure(off: float, context: Context) -> str:
    """EC2 says the same for every fault of key, token, clock and region: what else is known decides."""
    if off > STS_WINDOW:
        return "K-CLOCK"
    if off > EC2_WINDOW:
        return "K-CLOCK-5MIN"
    if context.opted_in == "not-opted-in":
        return "R-NOT-OPTED-IN"
    if context.opted_in == "opted-in" and context.token:
        return "R-V1-TOKEN"
    return "R-AUTHFAILURE"


def _denied(error: CallError, context: Context, denial: denials.Denial) -> tuple[str, Confidence | None]:
    action = denial.action or context.action
    if error.operation == "AssumeRoleWithWebIdentity":
        return "W-TRUST", None
    if action == "sts:GetCallerIdentity" or error.operation == "GetCallerIdentity":
        if denial.layer in ("", "VPCE"):
            return "P-VPCE-STS", Confidence.REPORTED if denial.layer else None
    elif error.operation == "AssumeRole":
        trusted = denial.layer in ("RESOURCE", "TRUST")
        if action == "sts:TagSession" and not denial.explicit:
            return "H-TAGSESSION", Confidence.INFERRED if not denial.layer else None
        if denial.layer == "IDENTITY" and not denial.explicit:
            return "H-CALLER-DENIED", None
        if trusted and denial.explicit:
            return "H-TRUST-EXPLICIT", None
        if trusted or not denial.layer:
            return "H-TRUST", Confidence.REPORTED if trusted else None
    if context.action.startswith(_ORGANIZATIONS) and not (denial.layer or denial.action or denial.encoded):
        return "O-NOT-ADMIN", None
    if denial.layer and denial.layer != "TRUST":
        return f"P-{denial.layer}-{'EXPLICIT' if denial.explicit else 'IMPLICIT'}", None
    if denial.encoded:
        return "P-ENCODED", None
    return ("P-EXPLICIT" if denial.explicit else "P-UNSTATED"), None


def _remedy(cause: str, error: CallError, context: Context, denial: denials.Denial) -> str:
    action = denial.action or context.action
    identity = denial.user or context.identity
    role = context.role or denial.resource
    if cause == "H-CALLER-DENIED":
        statement = policies.allow(["sts:AssumeRole"], role or "*")
    elif cause == "O-NOT-ADMIN":
        statement = policies.endpoint_allow(_account_root(identity), [action, *context.also])
    elif cause in ("P-VPCE-IMPLICIT", "P-VPCE-EXPLICIT", "P-VPCE-STS"):
        statement = policies.endpoint_allow(identity, [action or "sts:GetCallerIdentity", *context.also])
    else:
        statement = policies.allow([action, *context.also]) if action else ""
    facts = {
        "action": ", ".join(dict.fromkeys(sorted({action, *context.also} - {""}))),
        "region": context.region,
        "account": context.account,
        "identity": policies.principal_of(identity) or identity,
        "role": role,
        "management": context.management,
        "policy": denial.policy,
        "statement": statement,
        "trust": policies.trust(identity, context.external_id or None, tagged=cause == "H-TAGSESSION"),
        "encoded": denial.encoded if denial.encoded != "?" else "",
        "host": context.host,
        "endpoint": context.endpoint,
        "proxy": context.proxy,
    }
    if error.skew is not None and abs(error.skew) > EC2_WINDOW:
        facts["offset"] = f" (it is {offset(error.skew)})"
    return remedy(cause, **facts)


def _account_root(identity: str) -> str:
    """The principal that stands for the whole account of an identity."""
    arn = parse_arn(identity)
    return f"arn:{arn.partition}:iam::{arn.account}:root" if arn else ""


def _evidence(error: CallError, context: Context, denial: denials.Denial) -> tuple[str, ...]:
    where = f" in {context.region}" if context.region else ""
    facts: list[str] = []
    if error.code:
        status = f"{error.status} " if error.status else ""
        facts.append(f"{error.operation}{where}: {status}{error.code}: {redact(denials.shortened(error.message))}")
    else:
        facts.append(redact(error.message))
    if denial.policy:
        facts.append(f"policy {denial.policy}")
    if denial.authorization_id:
        facts.append(f"authorization id {denial.authorization_id}")
    if error.request_id:
        facts.append(f"request id {error.request_id}")
    if error.skew is not None and abs(error.skew) > 60:
        facts.append(f"this machine's clock is {offset(error.skew)}")
    if context.opted_in and error.code == "AuthFailure":
        facts.append(f"ec2:DescribeRegions says {context.opted_in}")
    return tuple(facts)


def offset(skew: float) -> str:
    """A clock's skew in words: `7 min 3 s ahead of AWS's`."""
    minutes, seconds = divmod(round(abs(skew)), 60)
    size = f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
    return f"{size} {'ahead of' if skew > 0 else 'behind'} AWS's"


def _outcome(error: CallError, cause: str) -> Outcome:
    if cause == "T-THROTTLED":
        return Outcome.THROTTLED
    if error.code in _UNSUPPORTED or cause == "R-NO-OPERATION":
        return Outcome.UNSUPPORTED
    if cause.startswith(("P-", "H-")) or cause == "O-NOT-ADMIN":
        return Outcome.DENIED
    return Outcome.FAILED
