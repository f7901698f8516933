"""EC2 in every wanted region: the last part of the procedure. One small call a region, regions side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from openvna.model import SourceUnusable
from openvna.plugin import Confidence, RegionResult, Step, StepOutcome
from openvna.plugins.aws import region_states
from openvna.plugins.aws.api import CallError
from openvna.plugins.aws.causes import CATALOGUE, remedy
from openvna.plugins.aws.denials import CODES
from openvna.plugins.aws.endpoints import close_match, partition_of_region
from openvna.plugins.aws.faults import Context, Explanation, explain, only_here
from openvna.plugins.aws.matrix import LAYERLESS

if TYPE_CHECKING:
    from openvna.plugins.aws.diagnosis import Procedure

WIDTH = 32
"""Regions that are tried side by side: all of an account's, most of the time (17 are on in every one)."""
_SMALLEST_PAGE = {"MaxResults": "5"}


@dataclass(frozen=True, slots=True)
class _Refusal:
    """A call that AWS refused, or did not answer."""

    error: CallError
    context: Context
    told: Explanation


@dataclass(frozen=True, slots=True)
class _Tried:
    """What one region answered."""

    account: str
    region: str
    answered: tuple[str, ...]
    refusals: tuple[_Refusal, ...]


class Survey:
    """Tries EC2 in the accounts and regions of a verification. `results` has one entry a region when it is over."""

    def __init__(self, procedure: Procedure) -> None:
        self._procedure = procedure
        self.results: list[RegionResult] = []
        self._refusals: list[_Refusal] = []
        self._tried: dict[tuple[str, str], _Tried] = {}
        self._regions_listed: dict[str, _Refusal | None] = {}

    def run(self, accounts: Sequence[str]) -> Iterator[Step]:
        """Steps as they happen."""
        wanted: list[tuple[str, str, str]] = []
        first: dict[str, str] = {}
        for account in accounts:
            states = yield from self._list(account)
            regions = self._procedure.regions_wanted or tuple(
                sorted(name for name, state in states.items() if state != "not-opted-in" and self._ours(name))
            )
            for region in regions or (self._procedure.region,):
                if states and region not in states:
                    yield from self._no_such_region(account, region, tuple(states))
                    continue
                first.setdefault(account, region)
                wanted.append((account, region, states.get(region, "")))
        yield from self._try_all(wanted, first)

    def answering(self, account: str) -> tuple[str, ...]:
        """The regions of an account in which EC2 answers, if only with a denial."""
        tried = (
            (each.region, self._tried.get((account, each.region))) for each in self.results if each.account == account
        )
        return tuple(
            region for region, seen in tried if seen and all(each.error.code in CODES for each in seen.refusals)
        )

    def answers(self, account: str, region: str) -> Iterator[tuple[str, CallError | None, Context]]:
        """What EC2 answered in a region of an account: the action, how it was refused (None: it was not), and what is
        known of the call."""
        tried = self._tried[account, region]
        for each in tried.refusals:
            yield each.context.action, each.error, each.context
        for operation in tried.answered:
            action = f"ec2:{operation}"
            yield action, None, self._procedure.context("ec2", region, action, account=account)
        if region == self._procedure.region and account in self._regions_listed:
            action, refusal = "ec2:DescribeRegions", self._regions_listed[account]
            context = self._procedure.context("ec2", region, action, account=account)
            yield action, refusal.error if refusal else None, context

    def closed(self, account: str) -> dict[str, Explanation]:
        """The wanted regions of an account in which EC2 does not answer, and why."""
        found: dict[str, Explanation] = {}
        open_to_us = self.answering(account)
        for each in self.results:
            if each.account == account and each.region not in open_to_us and each.cause:
                confidence = CATALOGUE[each.cause].confidence
                found[each.region] = Explanation(each.cause, confidence, each.evidence, each.remedy or "")
        return found

    def worst(self) -> Explanation | None:
        """The most frequent cause of trouble with everything that is denied in one statement; None: there is none."""
        if self._refusals:
            counted = Counter(each.told.cause for each in self._refusals)
            cause = counted.most_common(1)[0][0]
            same = [each for each in self._refusals if each.told.cause == cause]
            if cause not in LAYERLESS:
                return same[0].told
            also = tuple(sorted({each.context.action for each in same}))
            return explain(same[0].error, replace(same[0].context, also=also))
        troubled = next((each for each in self.results if each.cause), None)
        if troubled is None or troubled.cause is None:
            return None
        confidence = CATALOGUE[troubled.cause].confidence
        return Explanation(troubled.cause, confidence, troubled.evidence, troubled.remedy or "")

    def _list(self, account: str) -> Generator[Step, None, dict[str, str]]:
        """The state of every region of the account by its name; empty where AWS does not tell."""
        procedure = self._procedure
        home = procedure.region
        step = procedure.begin(f"regions of {account}", f"List the regions of account {account}")
        yield step
        context = procedure.context("ec2", home, "ec2:DescribeRegions", account=account)
        try:
            reply = procedure.patiently(
                lambda: procedure.access.query.call(
                    "ec2", "DescribeRegions", home, {"AllRegions": "true"}, procedure.access.credentials(account)
                )
            )
        except CallError as error:
            procedure.inquire(error, context)
            told = explain(error, context)
            self._refusals.append(_Refusal(error, context, told))
            self._regions_listed[account] = self._refusals[-1]
            states = self._listed_otherwise(error, account)
            facts = (f"{region_states.ACTION} lists {len(states)} regions instead.",) if states else ()
            yield procedure.end(step, StepOutcome.WARNING if states else StepOutcome.FAILED, facts, told)
            return states
        self._regions_listed[account] = None
        states = {
            item.findtext("regionName") or "": item.findtext("optInStatus") or ""
            for item in reply.root.findall("./regionInfo/item")
        }
        on = sum(state != "not-opted-in" and self._ours(name) for name, state in states.items())
        yield procedure.end(step, StepOutcome.OK, (f"{on} of {len(states)} regions are enabled.",))
        return states

    def _listed_otherwise(self, error: CallError, account: str) -> dict[str, str]:
        """The states of the regions where EC2 does not let us ask, but somebody else does."""
        if error.code not in CODES:
            return {}
        procedure = self._procedure
        try:
            api = procedure.api(lambda: procedure.access.credentials(account))
            return region_states.listed(api, procedure.region)
        except CallError:
            return {}

    def _ours(self, region: str) -> bool:
        """Emulators list the regions of all partitions together; one access reaches those of its own only."""
        return partition_of_region(region) in (None, self._procedure.access.config.partition)

    def _no_such_region(self, account: str, region: str, known: tuple[str, ...]) -> Iterator[Step]:
        near = close_match(region, known)
        advice = remedy("C-REGION", near=f" Did you mean {near}?" if near else "")
        evidence = (f"ec2:DescribeRegions of account {account} knows no region {region!r}.",)
        told = Explanation("C-REGION", Confidence.PROVEN, evidence, advice)
        step = self._procedure.begin(f"{account} {region}", f"EC2 in {region}")
        yield step
        self.results.append(RegionResult(account, region, StepOutcome.FAILED, told.cause, evidence, advice))
        yield self._procedure.end(step, StepOutcome.FAILED, told=told)

    def _try_all(self, wanted: Sequence[tuple[str, str, str]], first: dict[str, str]) -> Iterator[Step]:
        begun = {
            (account, region): self._procedure.begin(f"{account} {region}", f"EC2 in {region} of account {account}")
            for account, region, _ in wanted
        }
        held: list[_Tried] = []
        allowed: set[str] = set()
        with ThreadPoolExecutor(max_workers=WIDTH, thread_name_prefix="canary") as pool:
            yield from begun.values()
            futures: list[Future[_Tried]] = [
                pool.submit(self._try, account, region, state, first[account] == region)
                for account, region, state in wanted
            ]
            for future in as_completed(futures):
                tried = future.result()
                if any(each.error.code in CODES for each in tried.refusals):
                    held.append(tried)  # what it means depends on what the other regions say
                    continue
                if not tried.refusals:
                    allowed.add(tried.account)
                yield self._done(begun[tried.account, tried.region], tried)
        for tried in held:
            yield self._done(begun[tried.account, tried.region], self._compared(tried, tried.account in allowed))
        order = {(account, region): place for place, (account, region, _) in enumerate(wanted)}
        self.results.sort(key=lambda each: order.get((each.account, each.region), -1))

    def _try(self, account: str, region: str, state: str, is_first: bool) -> _Tried:
        """The canary in a region, and in the first one also what people try first: DescribeInstances, unless nobody
        wants instances read."""
        both = is_first and "instances" not in self._procedure.access.config.left_out
        operations = ("DescribeVpcs", "DescribeInstances") if both else ("DescribeVpcs",)
        refusals: list[_Refusal] = []
        answered: list[str] = []
        for operation in operations:
            error = self._call(account, region, operation)
            if error is None:
                answered.append(operation)
                continue
            context = self._procedure.context("ec2", region, f"ec2:{operation}", account=account, opted_in=state)
            refusals.append(_Refusal(error, context, explain(error, context)))
            if error.code not in CODES:
                break  # a refusal that is not about the action is the same for every action
        return _Tried(account, region, tuple(answered), tuple(refusals))

    def _call(self, account: str, region: str, operation: str) -> CallError | None:
        access = self._procedure.access
        try:
            self._procedure.patiently(
                lambda: access.query.call("ec2", operation, region, _SMALLEST_PAGE, access.credentials(account))
            )
        except CallError as error:
            return error
        except SourceUnusable as problem:
            return CallError(operation, "", str(problem), cause="C-SOURCE")
        return None

    def _compared(self, tried: _Tried, allowed_elsewhere: bool) -> _Tried:
        """The same denial, seen beside a region where the action is allowed."""
        refusals = []
        for each in tried.refusals:
            self._procedure.inquire(each.error, each.context)
            told = explain(each.error, each.context)
            if allowed_elsewhere and each.context.action == "ec2:DescribeVpcs" and told.cause in LAYERLESS:
                said = "The same call is allowed in another region."
                told = only_here(told, each.error, each.context.region, said)
            refusals.append(replace(each, told=told))
        return replace(tried, refusals=tuple(refusals))

    def _done(self, step: Step, tried: _Tried) -> Step:
        self._refusals.extend(tried.refusals)
        self._tried[tried.account, tried.region] = tried
        if not tried.refusals:
            self.results.append(RegionResult(tried.account, tried.region, StepOutcome.OK))
            return self._procedure.end(step, StepOutcome.OK)
        outcome = StepOutcome.WARNING if tried.answered else StepOutcome.FAILED
        told = tried.refusals[0].told
        evidence = tuple(fact for each in tried.refusals for fact in each.told.evidence)
        self.results.append(RegionResult(tried.account, tried.region, outcome, told.cause, evidence, told.remedy))
        return self._procedure.end(step, outcome, evidence, told)
