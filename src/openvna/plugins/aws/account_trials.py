"""The permissions of one account, tried: what is asked of AWS, in which region, and what follows for the rest."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from openvna.model import SourceUnusable
from openvna.plugin import Confidence, Denied, Feature, PermissionState
from openvna.plugins.aws import absent_services, matrix
from openvna.plugins.aws.absent_services import Place
from openvna.plugins.aws.api import Api, CallError
from openvna.plugins.aws.faults import Context
from openvna.plugins.aws.matrix import Tried
from openvna.plugins.aws.simulation import Decision, principal_of, simulated
from openvna.plugins.aws.trials import Stage, Trial, request, trials_of

SIMULATE = "iam:SimulatePrincipalPolicy"
GET_ROLE = "iam:GetRole"
_NO_WAY = frozenset({"N-DNS", "N-REFUSED", "N-TIMEOUT"})
"""What keeps every call of a service in a region from an answer, and not just one of them."""
_SETTLED = (PermissionState.ALLOWED, PermissionState.DENIED)
_TIME_IS_UP = "The time for the pre-flight was up."


@dataclass(frozen=True, slots=True)
class Means:
    """What all accounts of one pre-flight share. `ends` is on the clock of `time.monotonic`."""

    calls: ThreadPoolExecutor
    context: Callable[[str, str, str, str], Context]
    """What is known of a call, by account, service, region and action."""
    count: Callable[[], None]
    inquire: Callable[[CallError, Context], None]
    """Asks AWS about a denial, where that is worth it; the answer stays with the error."""
    ends: float


@dataclass(slots=True)
class AccountTrials:
    """One account as it is tried. `full`: in all of it, else one action of each feature in the home region.

    `tries` has every action of the features in every region that was looked at when `run` is over; `simulated_in` are
    the regions whose untried actions were simulated.
    """

    means: Means
    account: str
    api: Api
    stage: Stage
    home: str
    regions: tuple[str, ...]
    features: tuple[Feature, ...]
    full: bool
    everywhere: bool
    again: Collection[Denied]
    tries: dict[tuple[str, str], Tried] = field(default_factory=dict)
    decisions: dict[str, Mapping[str, Decision]] = field(default_factory=dict)
    tried_in_full: set[str] = field(default_factory=set)
    _unreached: dict[tuple[str, str], Tried] = field(default_factory=dict)

    def run(self) -> None:
        self._simulate()
        self._try_all({self.home: self._plan(self.home, everything=self.full)})
        if self._contradicted(self.home):
            # A call is denied that the simulation allows: something that it does not see denies. It is no help, then.
            for region in list(self.decisions):
                self._distrust(region)
            self._try_all({self.home: self._plan(self.home, everything=self.full)})
        if self.full:
            self.tried_in_full.add(self.home)
            self._elsewhere([region for region in self.regions if region != self.home])
        for region in self.regions if self.full else (self.home,):
            self._fill(region)

    def of(self, region: str, feature: Feature) -> list[Tried]:
        """What is known of a feature in a region."""
        found = (self.tries.get((region, action)) for action in feature.permissions)
        return [each for each in found if each is not None]

    def _elsewhere(self, others: Sequence[str]) -> None:
        self._try_all({region: self._plan(region, everything=self.everywhere) for region in others})
        again = [region for region in others if self._contradicted(region) or self._otherwise(region)]
        for region in again:
            self._distrust(region)
        self._try_all({region: self._plan(region, everything=True) for region in again})
        self.tried_in_full.update(others if self.everywhere else again)

    # By simulation

    def _simulate(self) -> None:
        """What AWS says of all actions in each region, without trying; nothing where we may not ask."""
        try:
            principal = principal_of(self.api, self.home, self.stage.principal)
        except SourceUnusable:
            return
        if principal.asked:
            self._note("iam", GET_ROLE, principal.refusal)
        if not principal.arn:
            return
        self.stage = replace(self.stage, principal=principal.arn)
        wanted = sorted({action for feature in self.features if feature.types for action in feature.permissions})
        try:
            at_home = simulated(self.api, self.home, principal.arn, wanted, self.home)
        except CallError as error:
            self._note("iam", SIMULATE, error)
            return
        except SourceUnusable:
            return
        self._note("iam", SIMULATE, None)
        self.decisions[self.home] = at_home
        others = [region for region in self.regions if region != self.home] if self.full else []

        def ask(region: str) -> Mapping[str, Decision] | None:
            if time.monotonic() > self.means.ends:
                return None
            self.means.count()
            try:
                return simulated(self.api, self.home, principal.arn, wanted, region)
            except (CallError, SourceUnusable):
                return None

        for region, said in zip(others, self.means.calls.map(ask, others), strict=True):
            if said is not None:
                self.decisions[region] = said

    def _note(self, service: str, action: str, error: CallError | None) -> None:
        self.means.count()
        context = self.means.context(self.account, service, self.home, action)
        self.tries[self.home, action] = matrix.answered(self.account, self.home, action, "call", True, error, context)

    def _distrust(self, region: str) -> None:
        """Forget the simulation of a region, and what followed from it."""
        self.decisions.pop(region, None)
        for place, tried in list(self.tries.items()):
            if place[0] == region and tried.how == "simulation":
                del self.tries[place]

    def _contradicted(self, region: str) -> bool:
        """Whether a call was denied that the simulation of the region allows."""
        said = self.decisions.get(region, {})
        return any(
            where == region
            and tried.state == PermissionState.DENIED
            and (decision := said.get(action)) is not None
            and decision.allowed
            and decision.settled
            for (where, action), tried in self.tries.items()
        )

    # By calls

    def _plan(self, region: str, everything: bool) -> list[Trial]:
        """What is tried by a call in a region: all, or one action of each feature; where a simulation was possible,
        what it does not allow, and at home one action of each feature as a check on it."""
        said = self.decisions.get(region)
        wanted: dict[str, Trial] = {}
        for feature in self.features:
            trials = self._trials(feature, region)
            canary = self._canary(trials, region)
            for trial in trials:
                decision = said.get(trial.action) if said is not None else None
                if decision is None:
                    needed = everything or trial is canary
                else:
                    allowed = decision.allowed and decision.settled
                    needed = not allowed or (trial is canary and region == self.home)
                if needed or Denied(self.account, region, trial.action) in self.again:
                    wanted[trial.action] = trial
        return [trial for trial in wanted.values() if (region, trial.action) not in self.tries]

    def _trials(self, feature: Feature, region: str) -> list[Trial]:
        return [each for each in trials_of(feature) if each.regional or region == self.home]

    def _canary(self, trials: Sequence[Trial], region: str) -> Trial | None:
        """The action that stands for its feature: one that was tried already, else one that needs nothing made up."""
        return min(
            trials,
            key=lambda each: (
                (region, each.action) not in self.tries,
                not each.regional,
                len(each.stands_in),
                each.action,
            ),
            default=None,
        )

    def _try_all(self, plans: Mapping[str, Iterable[Trial]]) -> None:
        under_way: list[Future[Tried]] = [
            self.means.calls.submit(self._try, region, trial) for region, plan in plans.items() for trial in plan
        ]
        for future in under_way:
            tried = future.result()
            self.tries[tried.region, tried.action] = tried
        for (region, action), tried in list(self.tries.items()):
            if region in plans:
                if tried.error is not None and tried.state == PermissionState.DENIED:
                    self.means.inquire(tried.error, tried.context)
                    tried = matrix.again(tried)
                self.tries[region, action] = matrix.settled(tried, self.decisions.get(region, {}).get(action))

    def _try(self, region: str, trial: Trial) -> Tried:
        """One call, and what its answer means. A service that cannot be reached in a region is not tried again."""
        if time.monotonic() > self.means.ends:
            return matrix.open_(self.account, region, trial.action, _TIME_IS_UP)
        known = self._unreached.get((trial.service, region))
        if known is not None:
            return replace(known, action=trial.action)
        stage = replace(self.stage, region=region)
        context = self.means.context(self.account, trial.service, region, trial.action)
        asked = request(trial, stage)
        if asked is None:
            why = f"The data of the AWS SDK that is installed (botocore) has no {trial.service}:{trial.operation}."
            return matrix.open_(self.account, region, trial.action, why)
        how = "call with a made-up id" if asked.made_up else "call"
        self.means.count()
        try:
            place = trial.place if trial.place and self.stage.partition == "aws" else region
            self.api.call(trial.service, trial.operation, place, asked.params)
        except CallError as error:
            if trial.absent_where and re.search(trial.absent_where, error.message):
                return matrix.none_there(self.account, region, trial.action, how, error)
            tried = matrix.answered(self.account, region, trial.action, how, asked.made_up, error, context)
            if tried.told is not None and not context.emulated:
                where = Place(trial.action.partition(":")[0], self.stage.partition, place)
                tried = replace(tried, told=absent_services.explained(error, tried.told, where))
            if error.cause in _NO_WAY or error.cause.startswith(("N-PROXY-", "N-TLS-")):
                self._unreached[trial.service, region] = tried
            return tried
        except SourceUnusable as error:
            return matrix.open_(self.account, region, trial.action, str(error), how)
        return matrix.answered(self.account, region, trial.action, how, asked.made_up, None, context)

    # What follows for the rest

    def _otherwise(self, region: str) -> bool:
        """Whether an action came out in another way here than at home."""
        return region not in self.decisions and any(
            where == region
            and (at_home := self.tries.get((self.home, action))) is not None
            and tried.state != at_home.state
            and (tried.state == PermissionState.DENIED or at_home.state == PermissionState.DENIED)
            for (where, action), tried in self.tries.items()
        )

    def _fill(self, region: str) -> None:
        """What was not tried: as simulated, else as at home where the feature's canary came out the same, else open."""
        said = self.decisions.get(region, {})
        for feature in self.features:
            trials = self._trials(feature, region)
            untried = [each for each in trials if (region, each.action) not in self.tries]
            for trial in untried:
                decision = said.get(trial.action)
                if decision is not None:
                    self.tries[region, trial.action] = matrix.with_policy(
                        matrix.by_simulation(self.account, region, trial.action, decision), self.stage.principal
                    )
                elif region not in self.tried_in_full and region != self.home and self._alike(trials, region):
                    self.tries[region, trial.action] = self._as_at_home(region, trial.action)
                else:
                    why = "It was not tried: what was tried of the feature did not settle it."
                    self.tries[region, trial.action] = matrix.open_(self.account, region, trial.action, why)

    def _alike(self, trials: Iterable[Trial], region: str) -> bool:
        """Whether what was tried of a feature here came out as it did at home."""
        seen = [
            (self.tries[region, each.action], self.tries.get((self.home, each.action)))
            for each in trials
            if (region, each.action) in self.tries
        ]
        return bool(seen) and all(
            here.state in _SETTLED and at_home is not None and here.state == at_home.state for here, at_home in seen
        )

    def _as_at_home(self, region: str, action: str) -> Tried:
        at_home = self.tries.get((self.home, action))
        if at_home is None or at_home.state not in _SETTLED:
            return matrix.open_(self.account, region, action, f"Not tried here; open in {self.home} too.")
        return replace(at_home, region=region, how="canary", confidence=Confidence.INFERRED)
