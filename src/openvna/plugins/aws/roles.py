"""The part of the procedure that takes roles: those on the way, then the source's in each account."""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import replace
from typing import TYPE_CHECKING

from openvna.plugin import Confidence, Step, StepOutcome
from openvna.plugins.aws import organization_steps, policies
from openvna.plugins.aws.api import CallError
from openvna.plugins.aws.arn import parse_arn
from openvna.plugins.aws.causes import remedy
from openvna.plugins.aws.faults import Explanation, explain
from openvna.plugins.aws.identity_step import unfit_for
from openvna.plugins.aws.profiles import Hop
from openvna.plugins.aws.sts import LONGEST_CHAINED, assume_role

if TYPE_CHECKING:
    from openvna.plugins.aws.diagnosis import Procedure

_SOON = 60.0

Taken = tuple[tuple[str, ...], Explanation | None]
"""The accounts that let us in, and why the first one that did not, did not."""


def take(procedure: Procedure) -> Generator[Step, None, Taken]:
    """Take every role on the way. One of those before the accounts that refuses ends it; one account's does not end
    the others."""
    access = procedure.access
    done: tuple[Hop, ...] = ()
    for hop in access.entry():
        done = (*done, hop)
        refusal = yield from _hop(procedure, done, f"role {hop.role_arn}")
        if refusal is not None:
            return (), refusal
    if done:
        refusal = yield from _become(procedure)
        if refusal is not None:
            return (), refusal
    if access.config.organization is not None:
        return (yield from organization_steps.take(procedure, access.config.organization))
    accounts = access.accounts()
    if access.config.assume_role is None:
        return accounts, None
    entered: list[str] = []
    first: Explanation | None = None
    for account in accounts:
        refusal = yield from _entered(procedure, (*done, *access.last_hop(account)), account)
        if refusal is None:
            entered.append(account)
        else:
            first = first or refusal
    return tuple(entered), first


def _become(procedure: Procedure) -> Generator[Step, None, Explanation | None]:
    """From here on we are whom these roles made us; why that is not so, None when it is."""
    step = procedure.begin("identity after roles", "Ask STS who we are after these roles")
    yield step
    try:
        who = procedure.patiently(procedure.access.who)
    except CallError as error:
        told = explain(error, procedure.context("sts", procedure.region, "sts:GetCallerIdentity"))
        yield procedure.end(step, StepOutcome.FAILED, told=told)
        return told
    procedure.identity, procedure.key = who.identity, procedure.access.base()
    unfit = unfit_for(procedure, who.identity, hops=False)
    if unfit is not None:
        yield procedure.end(step, StepOutcome.FAILED, (), unfit)
        return unfit
    yield procedure.end(step, StepOutcome.OK, (f"{who.identity.arn} in account {who.identity.account}.",))
    return None


def _entered(procedure: Procedure, hops: tuple[Hop, ...], account: str) -> Generator[Step, None, Explanation | None]:
    """Take the role in an account, if it is one of that account; why that does not go, None when it does."""
    arn = parse_arn(hops[-1].role_arn)
    if arn is None or arn.account == account:
        return (yield from _hop(procedure, hops, f"role in {account}"))
    step = procedure.begin(f"role in {account}", f"Assume {hops[-1].role_arn}")
    yield step
    said = (f"The role is of account {arn.account}; it is meant for account {account}.",)
    advice = remedy("C-ACCOUNT-MISMATCH", wanted=account, account=arn.account)
    told = Explanation("C-ACCOUNT-MISMATCH", Confidence.PROVEN, said, advice)
    yield procedure.end(step, StepOutcome.FAILED, told=told)
    return told


def _hop(procedure: Procedure, hops: tuple[Hop, ...], id: str) -> Generator[Step, None, Explanation | None]:
    """Take the last of these roles; why it refuses us, None when it does not."""
    access, hop = procedure.access, hops[-1]
    step = procedure.begin(id, f"Assume {hop.role_arn}")
    yield step
    try:
        procedure.patiently(lambda: access.after(hops))
    except CallError as error:
        told = refusal_of(procedure, hops, error)
        yield procedure.end(step, StepOutcome.FAILED, told=told)
        return told
    facts = [f"The role lets us in, as session {hop.session_name!r}."]
    until = access.until(hops)
    if until is not None and hop.duration > LONGEST_CHAINED and until - time.time() < hop.duration - _SOON:
        said = (f"Asked for {hop.duration} s; the session lasts an hour, and is renewed.",)
        shorter = Explanation("H-DURATION", Confidence.REPORTED, said, remedy("H-DURATION"))
        yield procedure.end(step, StepOutcome.REPAIRED, facts, shorter)
    elif hop.external_id and (warning := open_to_all(procedure, hops)) is not None:
        yield procedure.end(step, StepOutcome.WARNING, facts, warning)
    else:
        yield procedure.end(step, StepOutcome.OK, facts)
    return None


def refusal_of(procedure: Procedure, hops: tuple[Hop, ...], error: CallError) -> Explanation:
    """Why the last of these roles refuses us, with what can be found out about it."""
    hop, caller = hops[-1], procedure.caller(hops)
    procedure.inquire_of_role(error, hops)
    context = procedure.context("sts", procedure.region, "sts:AssumeRole", identity=caller)
    return explain(error, replace(context, role=hop.role_arn, external_id=hop.external_id or ""))


def open_to_all(procedure: Procedure, hops: tuple[Hop, ...]) -> Explanation | None:
    """The warning that a role does not insist on its external id, None when it does."""
    access, hop = procedure.access, hops[-1]
    try:
        assume_role(access.query, procedure.region, access.after(hops[:-1]), replace(hop, external_id=None))
    except CallError:
        return None
    caller = procedure.caller(hops)
    evidence = ("The role could be assumed without the external ID too.",)
    advice = remedy("H-NO-EXTID", trust=policies.trust(caller, hop.external_id))
    return Explanation("H-NO-EXTID", Confidence.PROVEN, evidence, advice)
