"""AWS's own answer to what an identity is allowed: iam:SimulatePrincipalPolicy.

One call answers for all actions. It sees the identity's policies, its permissions boundary and the organization's
service control policies; it does not see session policies, VPC endpoint policies and resource control policies.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from openvna.plugins.aws.api import Api, CallError
from openvna.plugins.aws.arn import parse_arn

BLIND = "A simulation does not see session policies, VPC endpoint policies and resource control policies."

_PAGES = 20


@dataclass(frozen=True, slots=True)
class Decision:
    """What a simulation says of one action: allowed or not, by what (a cause of the catalogue), in its own words.

    `settled` is false where a policy's condition asks for something that a simulation does not know. `policies` are
    those that decided.
    """

    allowed: bool
    settled: bool
    cause: str | None
    evidence: str
    policies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Principal:
    """Whose policies are simulated: an ARN as IAM knows it, with the path of a role. Empty where it cannot be known;
    `refusal` is then why iam:GetRole did not tell it, None where it was not asked."""

    arn: str
    refusal: CallError | None = None
    asked: bool = False


def principal_of(api: Api, region: str, caller: str) -> Principal:
    """The principal behind an ARN of sts:GetCallerIdentity, or of a role that was assumed.

    A session's ARN leaves the path of its role out, so IAM is asked for the role; where that is denied, a role without
    a path is assumed, and the simulation will say whether there is one.
    """
    parsed = parse_arn(caller)
    if parsed is None:
        return Principal("")
    kind, _, rest = parsed.resource.partition("/")
    if kind in ("user", "role"):
        return Principal(caller)
    if kind != "assumed-role":
        return Principal("")
    name = rest.split("/")[0]
    try:
        answer = api.call("iam", "GetRole", region, {"RoleName": name})
    except CallError as error:
        return Principal(f"arn:{parsed.partition}:iam::{parsed.account}:role/{name}", error, asked=True)
    return Principal(str((answer.get("Role") or {}).get("Arn") or ""), asked=True)


def simulated(
    api: Api, home: str, principal: str, actions: Iterable[str], region: str, resource: str = ""
) -> Mapping[str, Decision]:
    """What the principal is allowed in `region`, by action, on `resource` (an ARN; empty: on any). `home` is where IAM
    is asked. Raises `CallError`."""
    parsed = parse_arn(principal)
    context = {
        "aws:RequestedRegion": ("string", region),
        "aws:PrincipalArn": ("string", principal),
        "aws:PrincipalAccount": ("string", parsed.account if parsed else ""),
        "aws:SecureTransport": ("boolean", "true"),
        "aws:ViaAWSService": ("boolean", "false"),
    }
    request = {
        "PolicySourceArn": principal,
        "ActionNames": sorted(set(actions)),
        "ContextEntries": [
            {"ContextKeyName": key, "ContextKeyType": kind, "ContextKeyValues": [value]}
            for key, (kind, value) in context.items()
        ],
        "MaxItems": 1000,
    }
    if resource:
        request["ResourceArns"] = [resource]
    found: dict[str, Decision] = {}
    for _ in range(_PAGES):
        answer = api.call("iam", "SimulatePrincipalPolicy", home, request)
        for each in answer.get("EvaluationResults") or ():
            found[str(each.get("EvalActionName") or "")] = _decision(each, region)
        if not answer.get("IsTruncated") or not answer.get("Marker"):
            break
        request["Marker"] = answer["Marker"]
    return found


def _decision(said: Mapping[str, object], region: str) -> Decision:
    word = str(said.get("EvalDecision") or "")
    unknown = [str(each) for each in _list(said.get("MissingContextValues"))]
    explicit = word == "explicitDeny"
    kind = "EXPLICIT" if explicit else "IMPLICIT"
    cause = None
    if word != "allowed":
        cause = f"P-IDENTITY-{kind}"
        if _says_no(said.get("PermissionsBoundaryDecisionDetail"), "AllowedByPermissionsBoundary"):
            cause = f"P-BOUNDARY-{kind}"
        if _says_no(said.get("OrganizationsDecisionDetail"), "AllowedByOrganizations"):
            cause = f"P-SCP-{kind}"
    facts = [f"iam:SimulatePrincipalPolicy for {region}: {word or 'no decision'}"]
    matched = (each for each in _list(said.get("MatchedStatements")) if isinstance(each, Mapping))
    policies = [str(each.get("SourcePolicyId")) for each in matched]
    if policies:
        facts.append(f"by {', '.join(dict.fromkeys(policies))}")
    if unknown:
        facts.append(f"without knowing {', '.join(unknown)}")
    settled = bool(word) and not unknown
    return Decision(word == "allowed", settled, cause, ", ".join(facts) + ".", tuple(dict.fromkeys(policies)))


def _says_no(detail: object, member: str) -> bool:
    """Whether a part of the decision is a plain no (the member is a boolean, or text where nobody parsed it)."""
    return isinstance(detail, Mapping) and str(detail.get(member)).lower() == "false"


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []
