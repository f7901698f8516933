"""Permissions before they are needed: the step of a verification that tries what a collection will ask for.

In the home region every action of every feature is tried: by simulation where we may simulate, and then for real what
the simulation does not allow, and one action of each feature as a check on it; else by a dry run or the smallest call.
In the other regions one action of each feature (or the simulation for that region) is tried, and all of them where that
comes out otherwise than at home, or where `preflight_regions` of the settings says so. In a source of many accounts
this is done in the first of them (`full_preflight_accounts`), and first of all in those where something was denied
before; in the others one action of each feature is tried in the home region, and what was not tried stays open: that
their roles are alike is likely, but not known.

Throttling is no denial, and neither is anything else that is not AWS's word for one: such actions stay open.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from typing import TYPE_CHECKING

from openvna.plugin import Feature, Missing, PermissionResult, PermissionState, Step, StepOutcome
from openvna.plugins.aws import matrix
from openvna.plugins.aws.account_trials import AccountTrials, Means
from openvna.plugins.aws.api import CallError
from openvna.plugins.aws.arn import parse_arn
from openvna.plugins.aws.endpoints import emulators
from openvna.plugins.aws.faults import Context, Explanation
from openvna.plugins.aws.features import ON_REQUEST
from openvna.plugins.aws.matrix import Tried
from openvna.plugins.aws.pace import Turns
from openvna.plugins.aws.simulation import BLIND
from openvna.plugins.aws.trials import Stage, trials_of
from openvna.plugins.aws.types import FEATURES
from openvna.plugins.aws.wire.api import Wire, WireApi

if TYPE_CHECKING:
    from openvna.plugins.aws.canaries import Survey
    from openvna.plugins.aws.config import AwsConfig
    from openvna.plugins.aws.diagnosis import Procedure

WIDTH = 24
"""Calls side by side."""
ACCOUNTS = 4
"""Accounts side by side."""
LONGEST = 60.0
"""Seconds after which nothing more is begun: what is left stays open."""
_THROTTLE_TRIES = 3


class Preflight:
    """Tries the permissions of a verification. `cells` and `missing` are whole when it is over."""

    def __init__(self, procedure: Procedure, survey: Survey) -> None:
        self._procedure = procedure
        self._survey = survey
        self._config = procedure.access.config
        self._features = wanted_features(self._config)
        self._lock = threading.Lock()
        self._counting = threading.Lock()
        self.calls = 0
        self.cells: list[PermissionResult] = []
        self.missing: tuple[Missing, ...] = ()

    def run(self, accounts: Sequence[str]) -> Iterator[Step]:
        """Steps as they happen, one for each account in which EC2 answers at all."""
        reached = [each for each in accounts if self._survey.answering(each)]
        if not reached:
            return
        denied = {each.account for each in self._procedure.again}
        full = set(sorted(reached, key=lambda each: each not in denied)[: self._config.full_preflight_accounts])
        begun = {
            each: self._procedure.begin(f"permissions in {each}", f"Try the permissions in account {each}")
            for each in reached
        }
        yield from begun.values()
        wire = Wire(self._config, self._operations(), self._procedure.timeouts, self._procedure.environment)
        every: list[Tried] = []
        try:
            with (
                ThreadPoolExecutor(WIDTH, thread_name_prefix="permission") as calls,
                ThreadPoolExecutor(ACCOUNTS, thread_name_prefix="permissions") as crew,
            ):
                means = Means(calls, self._context, self._count, self._inquire, time.monotonic() + LONGEST)
                under_way: list[Future[AccountTrials]] = [
                    crew.submit(self._account, wire, means, each, each in full) for each in reached
                ]
                for future in as_completed(under_way):
                    done = future.result()
                    tries = matrix.compared(done.tries.values())
                    done.tries = {(each.region, each.action): each for each in tries}
                    every += tries
                    cells = list(self._cells(done))
                    self.cells += cells
                    yield self._ended(begun[done.account], done, cells)
        finally:
            wire.close()
        order = {each: place for place, each in enumerate(reached)}
        self.cells.sort(key=lambda each: order[each.account])
        self.missing = self._missing(every)

    def worst(self) -> Explanation | None:
        """What is missing and matters most: what is always needed before what is optional."""
        core = {feature.id for feature in self._core()}
        first = min(self.missing, key=lambda each: not core.intersection(each.features), default=None)
        return Explanation(first.cause, first.confidence, first.evidence, first.remedy) if first else None

    def lost(self) -> tuple[Feature, ...]:
        """The features that are denied somewhere."""
        denied = {each.feature for each in self.cells if each.state == PermissionState.DENIED}
        return tuple(feature for feature in self._features if feature.types and feature.id in denied)

    def unusable(self) -> tuple[Feature, ...]:
        """The features that are always needed and that are denied in every region of every account."""
        found = []
        for feature in self._core():
            states = {each.state for each in self.cells if each.feature == feature.id}
            if PermissionState.DENIED in states and states <= {PermissionState.DENIED, PermissionState.REGION_OFF}:
                found.append(feature)
        return tuple(found)

    def _core(self) -> tuple[Feature, ...]:
        """What is always needed. Which regions there are need not be asked where they are named."""
        return tuple(
            each for each in self._features if not each.optional and not (each.id == "account" and self._config.regions)
        )

    def _account(self, wire: Wire, means: Means, account: str, full: bool) -> AccountTrials:
        access = self._procedure.access
        api = WireApi(
            wire,
            lambda: access.credentials(account),
            Turns(
                account,
                self._config.rate_share,
                emulators(self._config, self._procedure.environment),
                lambda seconds: bool(self._procedure.pause(seconds)),
            ),
            throttle_tries=_THROTTLE_TRIES,
        )
        regions = self._survey.answering(account)
        home = self._procedure.region if self._procedure.region in regions else regions[0]
        hops = (*access.way().hops, *access.last_hop(account))
        identity = self._procedure.identity
        caller = hops[-1].role_arn if hops else identity.arn if identity else ""
        trials = AccountTrials(
            means,
            account,
            api,
            Stage(self._config.partition, home, account, caller, _role_of(caller), self._procedure.key.access_key_id),
            home,
            regions,
            tuple(each for each in self._features if full or each.types),
            full,
            self._config.preflight_regions == "all",
            frozenset(self._procedure.again),
        )
        for region in regions if full else (home,):
            for action, error, context in self._survey.answers(account, region):
                trials.tries[region, action] = matrix.answered(account, region, action, "call", False, error, context)
        trials.run()
        return trials

    def _cells(self, of: AccountTrials) -> Iterator[PermissionResult]:
        """The matrix of an account, feature by feature, region by region as the source has them."""
        closed = self._survey.closed(of.account)
        for feature in of.features:
            if not feature.types:
                yield matrix.cell(of.account, "", feature, of.of(of.home, feature), "")
                continue
            for region in of.regions if of.full else (of.home,):
                tries = of.of(region, feature)
                if tries:
                    yield matrix.cell(of.account, region, feature, tries, _note(of, tries))
            for region, told in closed.items():
                yield matrix.closed(of.account, region, feature, told)

    def _ended(self, step: Step, of: AccountTrials, cells: Sequence[PermissionResult]) -> Step:
        """The step of an account, with what is missing there."""
        titles = {feature.id: feature.title for feature in self._features}
        networks = {feature.id for feature in self._features if feature.types}
        facts = [_summary(of, cells)]
        for state, word in ((PermissionState.DENIED, "Denied"), (PermissionState.INCONCLUSIVE, "Not conclusive")):
            where: dict[str, list[str]] = {}
            for each in cells:
                if each.state == state:
                    where.setdefault(each.feature, []).append(each.region)
            alike: dict[tuple[str, ...], list[str]] = {}
            for feature, regions in where.items():
                alike.setdefault(tuple(regions), []).append(titles[feature])
            for places, features in alike.items():
                shown = ", ".join(places[:3]) + (f" and {len(places) - 3} more" if len(places) > 3 else "")
                facts.append(f"{word}: {', '.join(features)}" + (f" in {shown}." if shown else "."))
        needing = self._needing(networks)
        missing = self._missing([each for each in of.tries.values() if each.action in needing])
        if not missing:
            return self._procedure.end(step, StepOutcome.OK, facts)
        core = {feature.id for feature in self._core()}
        worst = min(missing, key=lambda each: not core.intersection(each.features))
        told = Explanation(worst.cause, worst.confidence, worst.evidence, worst.remedy)
        lost_core = any(core.intersection(each.features) for each in missing)
        return self._procedure.end(step, StepOutcome.FAILED if lost_core else StepOutcome.WARNING, facts, told)

    def _needing(self, ids: set[str]) -> Mapping[str, list[Feature]]:
        """The features of these ids that need an action, by action."""
        found: dict[str, list[Feature]] = {}
        for feature in self._features:
            for action in feature.permissions if feature.id in ids else ():
                found.setdefault(action, []).append(feature)
        return found

    def _missing(self, tries: Sequence[Tried]) -> tuple[Missing, ...]:
        needing = self._needing({feature.id for feature in self._features if feature.types})
        return matrix.missing((each for each in tries if each.action in needing), needing)

    def _operations(self) -> Mapping[str, frozenset[str]]:
        """What will be called, by service."""
        found: dict[str, set[str]] = {}
        for feature in self._features:
            for trial in trials_of(feature):
                found.setdefault(trial.service, set()).add(trial.operation)
        return {service: frozenset(operations) for service, operations in found.items()}

    def _context(self, account: str, service: str, region: str, action: str) -> Context:
        return self._procedure.context(service, region, action, account=account)

    def _inquire(self, error: CallError, context: Context) -> None:
        with self._lock:
            self._procedure.inquire(error, context)

    def _count(self) -> None:
        with self._counting:
            self.calls += 1


def wanted_features(config: AwsConfig) -> tuple[Feature, ...]:
    """The features that are tried in each account of a source."""
    not_tried = {*(each.id for each in ON_REQUEST), *config.left_out}
    return tuple(each for each in FEATURES.values() if each.id not in not_tried)


def _role_of(caller: str) -> str:
    """The name of the role behind an ARN, empty where it is none."""
    parsed = parse_arn(caller)
    parts = parsed.resource.split("/") if parsed else [""]
    return parts[-1] if parts[0] == "role" else parts[1] if parts[0] == "assumed-role" else ""


def _note(of: AccountTrials, tries: Sequence[Tried]) -> str:
    """What a cell rests on."""
    simulated = sum(each.how == "simulation" for each in tries)
    taken = sum(each.how == "canary" for each in tries)
    asked = len(tries) - simulated - taken - sum(each.how == "not tried" for each in tries)
    facts = [f"{asked} of {len(tries)} actions tried by a call"]
    if simulated:
        facts.append(f"{simulated} simulated")
    if taken:
        facts.append(f"{taken} taken to be as in {of.home}")
    return ", ".join(facts) + "." + (f" {BLIND}" if simulated else "")


def _summary(of: AccountTrials, cells: Sequence[PermissionResult]) -> str:
    allowed = sum(each.state == PermissionState.ALLOWED for each in cells)
    regions = len(of.regions) if of.full else 1
    return (
        f"{len({action for _, action in of.tries})} actions of {len(of.features)} features in {regions} "
        f"region{'s' if regions != 1 else ''}: {allowed} of {len(cells)} cells allowed."
    )
