"""The part of the procedure that asks STS who we are, and finds out why it does not say so."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import TYPE_CHECKING

from openvna.plugin import Confidence, Identity, Step, StepOutcome
from openvna.plugins.aws import rewriting, second_identity, unknown_key
from openvna.plugins.aws.api import CallError
from openvna.plugins.aws.causes import CATALOGUE, remedy
from openvna.plugins.aws.faults import UNKNOWN_KEY, Explanation, explain
from openvna.plugins.aws.keys import Finding
from openvna.plugins.aws.profiles import CredentialUnusable
from openvna.plugins.aws.sts import Who, caller_identity

if TYPE_CHECKING:
    from openvna.plugins.aws.diagnosis import Procedure

NEW_KEY_PAUSES = (1.0, 2.0, 4.0)
"""Seconds between tries of a key that AWS does not know: a new one takes some seconds to reach all of AWS."""


def take(procedure: Procedure) -> Generator[Step, None, Explanation | None]:
    """Who we are, kept with the procedure; why that cannot be known or is not one to work with, None when it is."""
    step = procedure.begin("identity", "Ask STS who we are")
    yield step
    try:
        who, tries = _asked(procedure)
    except CredentialUnusable as problem:
        told = unusable(problem)
        yield procedure.end(step, StepOutcome.FAILED, told=told)
        return told
    except CallError as error:
        return (yield from _refused(procedure, step, error))
    procedure.identity = who.identity
    entry = procedure.access.entry()
    if not entry:
        procedure.access.remember(who)
    facts = [f"{who.identity.arn} ({who.identity.kind}) in account {who.identity.account}."]
    if who.request_id:
        facts.append(f"Request id {who.request_id}.")
    unfit = unfit_for(procedure, who.identity, bool(entry))
    if unfit is not None:
        yield procedure.end(step, StepOutcome.FAILED, facts, unfit)
        return unfit
    if tries:
        said = (f"AWS knew the key at try {tries + 1}.",)
        new = Explanation("K-KEY-NEW", Confidence.PROVEN, said, remedy("K-KEY-NEW"))
        yield procedure.end(step, StepOutcome.WARNING, facts, new)
    else:
        yield procedure.end(step, StepOutcome.OK, facts)
    return None


def unfit_for(procedure: Procedure, identity: Identity, hops: bool) -> Explanation | None:
    """Why an identity that AWS knows is not one to work with. `hops`: there are roles to be taken from it."""
    config = procedure.access.config
    if identity.kind == "root":
        return Explanation("C-ROOT", Confidence.PROVEN, (f"The identity is {identity.arn}.",), remedy("C-ROOT"))
    if identity.partition != config.partition:
        evidence = (f"The key is of partition {identity.partition}; the settings say {config.partition}.",)
        return Explanation("C-PARTITION", Confidence.PROVEN, evidence, remedy("C-PARTITION"))
    if config.accounts and config.assume_role is None and not hops and identity.account not in config.accounts:
        wanted = ", ".join(config.accounts)
        evidence = (f"The key is of account {identity.account}; the source is meant for {wanted}.",)
        advice = remedy("C-ACCOUNT-MISMATCH", wanted=wanted, account=identity.account)
        return Explanation("C-ACCOUNT-MISMATCH", Confidence.PROVEN, evidence, advice)
    return None


def unusable(problem: CredentialUnusable) -> Explanation:
    """That there is no credential to try."""
    return Explanation(problem.cause, CATALOGUE[problem.cause].confidence, problem.evidence, problem.remedy)


def _asked(procedure: Procedure) -> tuple[Who, int]:
    """Who we are, and how often AWS did not know the key before it did."""
    access = procedure.access
    procedure.key = access.start()
    for tries, wait in enumerate((*procedure.new_key_pauses, None)):
        try:
            return procedure.patiently(lambda: caller_identity(access.query, procedure.region, access.start())), tries
        except CallError as error:
            permanent = procedure.key.access_key_id.startswith("AKIA")
            if wait is None or error.code not in UNKNOWN_KEY or not permanent:
                raise
            procedure.pause(wait)
    raise AssertionError  # the last round returns or raises


def _refused(procedure: Procedure, step: Step, error: CallError) -> Generator[Step, None, Explanation]:
    """What the refusal means, with what can be found out where STS leaves it open."""
    context = procedure.context("sts", procedure.region, "sts:GetCallerIdentity")
    told = explain(error, context)
    if not context.emulated:
        if told.cause == "K-SECRET-WRONG":
            told = rewriting.settled(told, procedure.access.query, procedure.region, procedure.key, context.proxy)
        elif told.cause in unknown_key.CAUSES:
            told = unknown_key.settled(procedure, told)
    doubted = _doubted(procedure.findings, told)
    yield procedure.end(step, StepOutcome.FAILED, told=doubted)
    second = procedure.access.config.second_profile
    if second and told.cause == "K-KEY-UNKNOWN" and procedure.key.access_key_id.startswith("AKIA"):
        return _doubted(procedure.findings, (yield from second_identity.settle(procedure, second, told)))
    return doubted


def _doubted(findings: tuple[Finding, ...], told: Explanation) -> Explanation:
    """The explanation, with what the key's form had already cast doubt upon."""
    corrupt = next((each for each in findings if each.cause == "C-KEYID-CORRUPT"), None)
    if told.cause != "K-KEY-UNKNOWN" or corrupt is None:
        return told
    evidence = (*corrupt.evidence, *told.evidence)
    return replace(
        told, cause=corrupt.cause, confidence=Confidence.INFERRED, evidence=evidence, remedy=remedy(corrupt.cause)
    )
