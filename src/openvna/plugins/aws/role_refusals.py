"""What can be found out about a role that refuses us: AWS says the same of a role that does not trust us, of one that
waits for another external ID, and of one that does not exist.

Asked are, where they may be: IAM of the role's account for the role and its trust policy, if that is our own account;
and a simulation of our own right to assume it, which leaves the other side when the right is there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import unquote

from openvna.plugin import Confidence
from openvna.plugins.aws import denials, inquiry
from openvna.plugins.aws.api import Api, CallError, Learned
from openvna.plugins.aws.arn import Arn, parse_arn
from openvna.plugins.aws.policies import principal_of
from openvna.plugins.aws.profiles import Hop

_ASSUME = "sts:AssumeRole"


def learn(error: CallError, hop: Hop, caller: str, region: str, api: Api) -> None:
    """Find out more about the refusal of a role, and keep it with the error. `caller` is the ARN of whoever was
    refused, `api` makes calls as them; IAM is asked in `region`."""
    if error.operation != "AssumeRole" or error.code not in denials.CODES:
        return
    inquiry.learn(error, _ASSUME, region, api)
    denial = denials.read(error.message)
    open_still = not denial.layer and not denial.explicit and denial.action in ("", _ASSUME)
    if not open_still or (error.learned is not None and error.learned.cause):
        return
    before = error.learned.facts if error.learned else ()
    role, us = parse_arn(hop.role_arn), parse_arn(caller)
    own = _in_our_account(role, hop, caller, region, api) if role and us and role.account == us.account else None
    if own is None or not own.cause:
        simulated = _by_simulation(hop.role_arn, caller, region, api, exists=own is not None)
        facts = (*(own.facts if own else ()), *(simulated.facts if simulated else ()))
        found = simulated or own or Learned(())
        own = Learned(facts, found.cause, found.confidence, found.policy)
    if before or own.facts:
        error.learned = replace(own, facts=(*before, *own.facts))


def _in_our_account(role: Arn, hop: Hop, caller: str, region: str, api: Api) -> Learned:
    """What IAM says of a role of our own account."""
    name = role.resource.rpartition("/")[2]
    try:
        found = api.call("iam", "GetRole", region, {"RoleName": name}).get("Role") or {}
    except CallError as refusal:
        if refusal.code == "NoSuchEntity":
            return Learned((f"iam:GetRole: account {role.account} has no role {name!r}.",), "H-NO-ROLE")
        return Learned((inquiry.refused("iam:GetRole", refusal),))
    actual = str(found.get("Arn") or "")
    if actual and actual != hop.role_arn:
        return Learned(
            (f"iam:GetRole: the role {name!r} of the account is {actual}, not {hop.role_arn}.",), "H-NO-ROLE"
        )
    facts = tuple(trust_facts(found.get("AssumeRolePolicyDocument"), caller, hop.external_id))
    return Learned((f"iam:GetRole: the role {hop.role_arn} exists.", *facts))


def trust_facts(document: object, caller: str, external_id: str | None) -> Iterator[str]:
    """What a trust policy (JSON, percent-encoded as IAM gives it, or parsed) has to do with us, in sentences."""
    try:
        policy = json.loads(unquote(document)) if isinstance(document, str) else document
    except ValueError:
        return
    statements = policy.get("Statement") if isinstance(policy, Mapping) else None
    named: list[str] = []
    waits_for: list[str] = []
    for statement in statements if isinstance(statements, list) else [statements]:
        if not isinstance(statement, Mapping) or not _assumes(statement):
            continue
        principals = statement.get("Principal")
        given = principals.get("AWS") if isinstance(principals, Mapping) else principals
        named += [str(each) for each in (given if isinstance(given, list) else [given]) if each]
        waits_for += _external_ids(statement.get("Condition"))
    if not named:
        yield "Its trust policy names no AWS principal."
        return
    if not any(_is_us(each, caller) for each in named):
        yield f"Its trust policy names {', '.join(named[:5])}, and not {principal_of(caller) or caller}."
    if waits_for and not external_id:
        yield "Its trust policy asks for an external ID; none is set."
    elif waits_for and not any(fnmatchcase(external_id or "", each) for each in waits_for):
        yield "Its trust policy asks for another external ID than the one that is set."


def _assumes(statement: Mapping[str, Any]) -> bool:
    actions = statement.get("Action")
    return statement.get("Effect") == "Allow" and any(
        fnmatchcase(_ASSUME.lower(), str(each).lower())
        for each in (actions if isinstance(actions, list) else [actions])
    )


def _external_ids(condition: object) -> list[str]:
    """What a statement's condition says of sts:ExternalId; values of other conditions are of no interest."""
    found: list[str] = []
    for test in condition.values() if isinstance(condition, Mapping) else ():
        for key, value in test.items() if isinstance(test, Mapping) else ():
            if str(key).lower() == "sts:externalid":
                found += [str(each) for each in (value if isinstance(value, list) else [value])]
    return found


def _is_us(named: str, caller: str) -> bool:
    us = parse_arn(caller)
    if named == "*" or us is None:
        return named == "*"
    whole_account = {us.account, f"arn:{us.partition}:iam::{us.account}:root"}
    session_of = principal_of(caller)
    same_role = us.resource.startswith("assumed-role/") and named.rpartition("/")[2] == session_of.rpartition("/")[2]
    return named in whole_account or named in (caller, session_of) or (same_role and f"::{us.account}:role/" in named)


def _by_simulation(role_arn: str, caller: str, region: str, api: Api, *, exists: bool) -> Learned | None:
    """Whether our own policies let us assume the role; None where there is nobody to simulate."""
    found = inquiry.simulate(api, caller, _ASSUME, region, role_arn)
    if isinstance(found, str):
        return Learned((found,)) if found else None
    facts = (f"{found.evidence} (It was asked for {_ASSUME} on {role_arn}.)",)
    if found.allowed and found.settled:
        none = "" if exists else ", or there is no such role"
        sure = f"Our own policies let us assume it, so it is surely the role's side: its trust policy{none}."
        return Learned((*facts, sure), "H-TRUST", Confidence.REPORTED)
    if not found.settled or found.cause is None:
        return Learned(facts)
    if found.cause == "P-IDENTITY-IMPLICIT":
        return Learned(facts, "H-CALLER-DENIED", Confidence.REPORTED)
    return Learned(facts, found.cause, Confidence.INFERRED, ", ".join(found.policies))
