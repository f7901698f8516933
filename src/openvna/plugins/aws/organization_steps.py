"""The part of the procedure that is about a whole organization: its accounts listed, and the role taken in each.

An organization has up to thousands of accounts, so what is found is told by cause and not by account, roles are taken
side by side and only for so long, and EC2 is tried in a few accounts that stand for the others.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from concurrent.futures import TimeoutError as OutOfTime
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from openvna.model import SourceUnusable
from openvna.plugin import Confidence, Step, StepOutcome
from openvna.plugins.aws.api import CallError
from openvna.plugins.aws.causes import CATALOGUE, remedy
from openvna.plugins.aws.faults import Context, Explanation, explain
from openvna.plugins.aws.organization import Directory, Membership, Mismatch, actions, described, listed, members
from openvna.plugins.aws.organization_settings import Organization

if TYPE_CHECKING:
    from openvna.plugins.aws.diagnosis import Procedure

WIDTH = 24
"""Accounts whose role is taken side by side. STS answers some hundred such calls a second (STS quotas)."""
SECONDS = 60.0
"""Seconds after which no further role is taken."""
LISTING_SECONDS = 180.0
"""Seconds after which the accounts are not listed any further: tags are asked for account by account."""
SAMPLE = 5
"""Accounts in which EC2 is tried region by region."""
ROLL_OUT = (
    "A service-managed StackSet of the organization with automatic deployment puts the role into every account, also "
    "into those that join later (openvna onboard aws --way stackset writes one); it never reaches the management "
    "account. Accounts that shall not be read are left out with organization.exclude."
)

Taken = tuple[tuple[str, ...], Explanation | None]


def take(procedure: Procedure, settings: Organization) -> Generator[Step, None, Taken]:
    """List the organization and take the role in its accounts. The accounts that stand for all that let us in, and
    why the first that did not, did not."""
    found, refusal = yield from _list(procedure, settings)
    if refusal is not None:
        return (), refusal
    entered, refusal = yield from _enter(procedure, settings, found.chosen)
    some = f"{len(entered):,} of " if len(entered) < len(found.chosen) else ""
    procedure.reach = f"{some}{_count(len(found.chosen))} can be entered"
    sample = _sample(procedure, entered)
    yield from _open_to_all(procedure, sample)
    return sample, refusal


def explained(error: CallError, settings: Organization, context: Context) -> Explanation:
    """Why the accounts could not be listed."""
    needed = actions(settings)
    action = f"organizations:{error.operation}"
    if action not in needed:
        return explain(error, context)  # it was not Organizations that refused us, but a role on the way
    return explain(error, replace(context, action=action, also=tuple(each for each in needed if each != action)))


def mismatch(found: Mismatch) -> Explanation:
    """A filter that does not fit the organization, as a cause."""
    near = f" Did you mean {found.near}?" if found.near else ""
    advice = remedy(found.cause, entry=repr(found.entry), near=near)
    return Explanation(found.cause, CATALOGUE[found.cause].confidence, (found.said,), advice)


def _list(procedure: Procedure, settings: Organization) -> Generator[Step, None, tuple[Membership, Explanation | None]]:
    access = procedure.access
    step = procedure.begin("organization", "List the accounts of the organization")
    yield step
    own = procedure.identity.account if procedure.identity else ""
    directory = access.directory(procedure.pause, LISTING_SECONDS)
    facts: list[str] = []
    management = ""
    try:
        organization, management = _described(directory)
        if organization:
            facts.append(f"Organization {organization} of management account {management}.")
        found = members(directory, settings, own)
    except (CallError, SourceUnusable) as error:
        told = _unlisted(procedure, directory, settings, error, management)
        yield procedure.end(step, StepOutcome.FAILED, facts, told)
        return Membership(), told
    facts += described(found)
    troubles = [mismatch(each) for each in found.mismatches]
    facts += [fact for each in troubles[1:] for fact in each.evidence]
    if not found.chosen:
        told = troubles[0] if troubles else Explanation("O-EMPTY", Confidence.PROVEN, (), remedy("O-EMPTY"))
        yield procedure.end(step, StepOutcome.FAILED, facts, told)
        return found, told
    if not troubles:
        yield procedure.end(step, StepOutcome.OK, facts)
    else:
        lasting = found.mismatches[0].lasting
        yield procedure.end(step, StepOutcome.FAILED if lasting else StepOutcome.WARNING, facts, troubles[0])
    return found, None


def _described(directory: Directory) -> tuple[str, str]:
    """The organization and its management account; nothing where only that may not be asked."""
    try:
        return directory.describe()
    except CallError as error:
        if error.code != "AccessDeniedException":
            raise
        return "", ""


def _unlisted(
    procedure: Procedure,
    directory: Directory,
    settings: Organization,
    error: CallError | SourceUnusable,
    management: str,
) -> Explanation:
    if isinstance(error, SourceUnusable):
        cause = getattr(error, "cause", "") or "C-SOURCE"
        return Explanation(cause, CATALOGUE[cause].confidence, (error.what,), remedy(cause))
    context = procedure.context("organizations", directory.region, "", management=management)
    told = explained(error, settings, context)
    own = procedure.identity.account if procedure.identity else ""
    if told.cause == "O-NOT-ADMIN" and management and management != own:
        return replace(told, evidence=(*told.evidence, f"Account {own} is not the management account {management}."))
    return told


@dataclass(frozen=True, slots=True)
class _Refusal:
    account: str
    error: CallError


def _enter(
    procedure: Procedure, settings: Organization, accounts: Sequence[str]
) -> Generator[Step, None, tuple[list[str], Explanation | None]]:
    """Take the role in every account, side by side: the accounts that let us in, in order."""
    access = procedure.access
    step = procedure.begin("roles", f"Assume the role {settings.role_name} in {_count(len(accounts))}")
    yield step
    began = time.monotonic()
    entered: set[str] = set()
    refusals: list[_Refusal] = []

    def enter(account: str) -> _Refusal | None:
        if account != accounts[0] and time.monotonic() - began > SECONDS:
            raise OutOfTime
        try:
            procedure.patiently(lambda: access.credentials(account))
        except CallError as error:
            return _Refusal(account, error)
        return None

    with ThreadPoolExecutor(max_workers=WIDTH, thread_name_prefix="roles") as pool:
        futures = {pool.submit(enter, account): account for account in accounts}
        for future in as_completed(futures):
            try:
                refusal = future.result()
            except OutOfTime:
                continue
            if refusal is None:
                entered.add(futures[future])
            else:
                refusals.append(refusal)
    inside = [account for account in accounts if account in entered]
    seconds = time.monotonic() - began
    facts = [f"{len(inside)} of {_count(len(accounts))} let us in, tried side by side in {seconds:.1f} s."]
    untried = len(accounts) - len(inside) - len(refusals)
    if untried:
        facts.append(f"After {SECONDS:.0f} s no more were tried: {untried} are left. A collection tries all of them.")
    own = procedure.identity.account if procedure.identity else ""
    if own in entered and not access.last_hop(own):
        facts.append(f"Account {own} is that of the credential itself, and is read without the role.")
    if len(inside) > SAMPLE:
        facts.append(f"EC2 is tried in {SAMPLE} of them, which stand for the others; a collection reads all.")
    causes = _by_cause(procedure, settings, refusals, len(accounts))
    if inside:
        yield procedure.end(step, StepOutcome.WARNING if untried else StepOutcome.OK, facts)
    else:
        yield procedure.end(step, StepOutcome.FAILED, facts, causes[0])
    for told in causes:
        titled = procedure.begin(f"roles {told.cause}", CATALOGUE[told.cause].title)
        yield titled
        yield procedure.end(titled, StepOutcome.FAILED, (), told)
    return inside, causes[0] if causes else None


def _by_cause(
    procedure: Procedure, settings: Organization, refusals: Sequence[_Refusal], tried: int
) -> list[Explanation]:
    """One explanation for all accounts that refused us for the same reason, the most frequent one first."""
    groups: dict[str, list[_Refusal]] = {}
    for each in sorted(refusals, key=lambda refusal: refusal.account):
        groups.setdefault(explain(each.error, _context(procedure, settings, each.account)).cause, []).append(each)
    told = []
    for _, group in sorted(groups.items(), key=lambda item: -len(item[1])):
        first = _found_out(procedure, settings, group)
        where = f"In {len(group)} of {_count(tried)}: {listed([each.account for each in group])}."
        advice = f"{first.remedy}\n{ROLL_OUT}" if first.cause == "H-TRUST" else first.remedy
        told.append(replace(first, evidence=(where, *first.evidence), remedy=advice))
    return told


def _found_out(procedure: Procedure, settings: Organization, group: Sequence[_Refusal]) -> Explanation:
    """Why the accounts of a group refuse us, with what AWS says of one of them: not of our own, where IAM would tell
    what is so there alone."""
    own = procedure.identity.account if procedure.identity else ""
    lead = next((each for each in group if each.account != own), group[0])
    access = procedure.access
    procedure.inquire_of_role(lead.error, (*access.entry(), *access.last_hop(lead.account)))
    told = explain(lead.error, _context(procedure, settings, lead.account))
    if told.cause == "H-CALLER-DENIED":  # the role in all accounts is to be allowed, not in the one that came first
        return explain(lead.error, _context(procedure, settings, "*"))
    return told


def _open_to_all(procedure: Procedure, accounts: Sequence[str]) -> Generator[Step, None, None]:
    """Warn where the role of the accounts that stand for all does not insist on its external ID."""
    from openvna.plugins.aws.roles import open_to_all

    access = procedure.access
    if access.config.organization is None or not access.config.organization.external_id:
        return
    found: dict[str, Explanation] = {}
    for account in accounts:
        hops = access.last_hop(account)
        warning = open_to_all(procedure, (*access.entry(), *hops)) if hops else None
        if warning is not None:
            found[account] = warning
    if found:
        step = procedure.begin("roles H-NO-EXTID", CATALOGUE["H-NO-EXTID"].title)
        yield step
        where = f"In {len(found)} of the {_count(len(accounts))} that were looked at: {listed(list(found))}."
        yield procedure.end(step, StepOutcome.WARNING, (where,), next(iter(found.values())))


def _context(procedure: Procedure, settings: Organization, account: str) -> Context:
    caller = procedure.acting(procedure.access.entry())
    context = procedure.context("sts", procedure.region, "sts:AssumeRole", account=account, identity=caller)
    arn = settings.role_arn(procedure.access.config.partition, account)
    return replace(context, role=arn, external_id=settings.external_id or "")


def _sample(procedure: Procedure, entered: Sequence[str]) -> tuple[str, ...]:
    """A few accounts that stand for all: those in which something was denied before, that of the credential, and
    others evenly over the list."""
    if len(entered) <= SAMPLE:
        return tuple(entered)
    own = procedure.identity.account if procedure.identity else ""
    denied = {each.account for each in procedure.again}
    chosen = [account for account in entered if account in denied][:SAMPLE]
    if own in entered and own not in chosen and len(chosen) < SAMPLE:
        chosen.append(own)
    others = [account for account in entered if account not in chosen]
    wanted = SAMPLE - len(chosen)
    chosen += [others[place * len(others) // wanted] for place in range(wanted)]
    return tuple(account for account in entered if account in chosen)


def _count(number: int) -> str:
    return f"{number:,} account{'s' if number != 1 else ''}"
