"""The procedure by which an access is proven, or the reason found why it does not work.

Resolve the credential, look at it, reach STS, ask who we are, take the roles, try EC2 in every wanted region. Each
step rests on the ones before it, and the first that fails without doubt ends the procedure. STS is asked before EC2,
which has one answer for every fault of key, clock and region; IAM is never asked, but by a second identity about a key
that STS does not know.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from openvna.plugin import Confidence, Denied, Feature, Identity, Keep, RegionResult, Step, StepOutcome, Verdict
from openvna.plugin.verification import VerdictWord
from openvna.plugins.aws import (
    canaries,
    ending,
    identity_step,
    inquiry,
    path_step,
    preflight,
    role_refusals,
    roles,
    settings_check,
)
from openvna.plugins.aws.access import Access
from openvna.plugins.aws.ambient import locate
from openvna.plugins.aws.api import Api, CallError, Credentials
from openvna.plugins.aws.causes import CATALOGUE, remedy
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.endpoints import close_match, partitions
from openvna.plugins.aws.faults import (
    Context,
    Explanation,
    explain,
)
from openvna.plugins.aws.keys import Finding, inspect, masked
from openvna.plugins.aws.profiles import CredentialUnusable, Hop, Way
from openvna.plugins.aws.query import Query
from openvna.plugins.aws.transport import Timeouts, Transport

if TYPE_CHECKING:
    from openvna.plugins.aws.wire.api import Wire

BUSY_PAUSES = (0.5, 1.0, 2.0)
"""Seconds between tries of a call that was throttled, or that AWS itself failed."""

_PATIENCE = 2
"""Tries of a call that only adds to what is known, while AWS throttles it."""

_Result = TypeVar("_Result")


def verify(
    config: AwsConfig,
    environment: Mapping[str, str] = os.environ,
    timeouts: Timeouts | None = None,
    new_key_pauses: Sequence[float] | None = None,
    pause: Callable[[float], None] = time.sleep,
    keep: Keep | None = None,
    again: Collection[Denied] = (),
) -> Iterator[Step | Verdict]:
    """Try the access: steps as they happen, then the verdict. Changes nothing, shows no secret, always ends.

    `new_key_pauses` are the waits between tries of an unknown key; by default none at an endpoint that is not AWS's.
    `again` is what was denied before, and is tried again.
    """
    procedure = Procedure(config, environment, timeouts, new_key_pauses, pause, keep, again)
    try:
        yield from procedure.run()
    finally:
        procedure.close()


class _Stop(Exception):
    """The procedure has its answer."""

    def __init__(self, told: Explanation) -> None:
        super().__init__(told.cause)
        self.told = told


class _Counted:
    """`Api` that counts its calls for the verdict."""

    def __init__(self, procedure: Procedure, api: Api) -> None:
        self._procedure = procedure
        self._api = api

    def call(self, service: str, operation: str, region: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        """As `Api` says."""
        self._procedure.asked += 1
        return self._api.call(service, operation, region, params)


class Procedure:
    """One verification as it goes on: the steps done, and what is known so far."""

    def __init__(
        self,
        config: AwsConfig,
        environment: Mapping[str, str],
        timeouts: Timeouts | None,
        new_key_pauses: Sequence[float] | None,
        pause: Callable[[float], None],
        keep: Keep | None = None,
        again: Collection[Denied] = (),
    ) -> None:
        self._given = config
        self.again = again
        self.timeouts = timeouts or Timeouts.from_environment(environment)
        self.environment = environment
        transport = Transport(config, self.timeouts, environment)
        self.access = Access(config, environment, Query(config, transport, environment), keep=keep)
        self._new_key_pauses = new_key_pauses
        self.pause = pause
        self._steps: dict[str, Step] = {}
        self.reach = ""
        """Of an organization: how many of its accounts can be entered, in words."""
        self.identity: Identity | None = None
        self.findings: tuple[Finding, ...] = ()
        self._ending: ending.Ending | None = None
        self.key = Credentials("", "")
        self._wire: Wire | None = None
        self._inquiries = inquiry.Inquiries()
        self._roles_inquired = 0
        self.asked = 0
        """Calls made by `api`."""

    def run(self) -> Iterator[Step | Verdict]:
        try:
            way = yield from self._resolve()
            yield from self._static(way)
            if (refusal := (yield from path_step.take(self))) is not None:
                raise _Stop(refusal)
            if (refusal := (yield from identity_step.take(self))) is not None:
                raise _Stop(refusal)
            accounts, refusal = yield from roles.take(self)
            if refusal is not None and not accounts:
                raise _Stop(refusal)
        except _Stop as stop:
            yield self._verdict("failed", stop.told)
            return
        survey = canaries.Survey(self)
        yield from survey.run(accounts)
        tried = preflight.Preflight(self, survey)
        yield from tried.run(accounts)
        yield self._conclusion(survey, tried)

    def close(self) -> None:
        """Drop the open connections."""
        self.access.close()
        if self._wire is not None:
            self._wire.close()

    # What the parts of the procedure share

    def api(self, credentials: Callable[[], Credentials]) -> Api:
        """Calls beyond the few of `Query`, made as whoever has these credentials, and counted like those."""
        from openvna.plugins.aws.retries import at_once
        from openvna.plugins.aws.wire.api import Wire, WireApi

        if self._wire is None:
            self._wire = Wire(self.access.config, timeouts=self.timeouts, environment=self.environment)
        return _Counted(self, WireApi(self._wire, credentials, at_once(self.pause), throttle_tries=_PATIENCE))

    @property
    def region(self) -> str:
        return self.access.region

    @property
    def regions_wanted(self) -> tuple[str, ...]:
        return self.access.config.regions

    @property
    def new_key_pauses(self) -> Sequence[float]:
        """How long to wait between tries of a key that AWS does not know."""
        if self._new_key_pauses is not None:
            return self._new_key_pauses
        return () if self.emulated else identity_step.NEW_KEY_PAUSES

    def begin(self, id: str, title: str) -> Step:
        """A step that begins now."""
        return Step(id, title, StepOutcome.RUNNING)

    def end(
        self, step: Step, outcome: StepOutcome, evidence: Sequence[str] = (), told: Explanation | None = None
    ) -> Step:
        """The step as it ended; kept for the verdict."""
        done = replace(
            step,
            outcome=outcome,
            evidence=tuple(dict.fromkeys((*evidence, *(told.evidence if told else ())))),
            cause=told.cause if told else None,
            remedy=told.remedy if told else None,
        )
        self._steps[done.id] = done
        return done

    def context(self, service: str, region: str, action: str, **known: str) -> Context:
        """What is known about a call to a service in a region, besides its answer."""
        base = Context(
            action=action,
            service=service,
            region=region,
            account=self.identity.account if self.identity else "",
            identity=self.identity.arn if self.identity else "",
            key_kind=self.key.access_key_id[:4],
            token=bool(self.key.token),
        )
        try:
            where = self.access.query.endpoint(service, region)
            base = replace(base, host=where.host, endpoint=str(where), emulated=where.emulated)
            base = replace(base, proxy=self.access.query.transport.proxy_in_force(where.url) or "")
        except CallError:
            pass  # there is no such endpoint, or its proxy cannot be read: the call itself says so
        return replace(base, **known)  # type: ignore[arg-type]  # all fields of **known are texts

    def inquire(self, error: CallError, context: Context) -> None:
        """Ask AWS about a denial in an account, while that is worth it: what it says stays with the error."""
        self._inquiries.about(
            error,
            context.account,
            context.action,
            context.region,
            self.acting((*self.access.entry(), *self.access.last_hop(context.account))),
            lambda: self.api(lambda: self.access.credentials(context.account)),
        )

    def caller(self, hops: tuple[Hop, ...]) -> str:
        """Whom the last of these roles has to trust."""
        return self.acting(hops[:-1])

    def acting(self, hops: tuple[Hop, ...]) -> str:
        """Who we are after these roles: the last of them, or whom we started as (an ARN)."""
        if hops:
            return hops[-1].role_arn
        return self.identity.arn if self.identity else ""

    def inquire_of_role(self, error: CallError, hops: tuple[Hop, ...]) -> None:
        """Find out more about the refusal of the last of these roles, for the first few that refuse."""
        if self._roles_inquired < inquiry.ENOUGH:
            self._roles_inquired += 1
            api = self.api(lambda: self.access.after(hops[:-1]))
            role_refusals.learn(error, hops[-1], self.caller(hops), self.region, api)

    def patiently(self, call: Callable[[], _Result]) -> _Result:
        """A call, tried again after a pause while AWS is busy or stumbles. Raises the last `CallError`."""
        for wait in (*BUSY_PAUSES, None):
            try:
                return call()
            except CallError as error:
                cause = explain(error).cause
                if wait is None or cause not in ("T-THROTTLED", "T-UNAVAILABLE", "N-RESET"):
                    raise
                if cause != "T-THROTTLED" and wait > BUSY_PAUSES[0]:
                    raise  # a fault is tried twice only
                self.pause(wait)
        raise AssertionError  # the last round returns or raises

    # The steps

    def _resolve(self) -> Generator[Step, None, Way]:
        step = self.begin("resolve", "Find the credential")
        yield step
        try:
            way = locate(self._given, self.environment)
        except CredentialUnusable as problem:
            told = identity_step.unusable(problem)
            yield self.end(step, StepOutcome.FAILED, told=told)
            raise _Stop(told) from problem
        yield self.end(step, StepOutcome.OK, tuple(f"From {each}." for each in way.trail))
        return way

    def _static(self, way: Way) -> Iterator[Step]:
        step = self.begin("static", "Look at key and settings, without any call")
        yield step
        try:
            emulated = self.emulated
        except CallError as error:
            told = explain(error, self.context("sts", self.region, ""))
            yield self.end(step, StepOutcome.FAILED, told=told)
            raise _Stop(told) from error
        wrong = settings_check.look(self.access.config, self.region, emulated)
        inspection = inspect(way.static) if way.static is not None else None
        end = ending.of(inspection.credentials if inspection else None, way.until)
        if way.center is not None and way.until is not None:
            end = ending.Ending(way.until)
        self._ending = end
        over = end.finding(time.time()) if end else None
        findings = (*wrong, *(inspection.findings if inspection else ()), *((over,) if over else ()))
        self.findings = findings
        if inspection is not None:
            self.key = inspection.credentials
        stopping = [each for each in findings if each.certain and not (each.advisory and emulated)]
        if stopping:
            told = _static_explanation(stopping[0], self.access.config)
            yield self.end(step, StepOutcome.FAILED, told=told)
            raise _Stop(told)
        ends = end.facts(time.time()) if end else ()
        evidence = (*(fact for each in findings for fact in each.evidence), *ends)
        if not findings:
            shown = (
                f"{masked(self.key.access_key_id)}: nothing wrong to be seen." if inspection else "No key to look at."
            )
            yield self.end(step, StepOutcome.OK, (shown, *ends))
            return
        repaired = [each for each in findings if each.repaired]
        first = (repaired or list(findings))[0]
        told = replace(_static_explanation(first, self.access.config), evidence=evidence)
        yield self.end(step, StepOutcome.REPAIRED if repaired else StepOutcome.WARNING, told=told)

    @property
    def emulated(self) -> bool:
        """Whether STS is asked at an address that is none of AWS's."""
        return self.access.query.endpoint("sts", self.region).emulated

    # The end

    def _conclusion(self, survey: canaries.Survey, tried: preflight.Preflight) -> Verdict:
        refused = [
            step
            for id, step in self._steps.items()
            if id.startswith(("role in ", "roles", "organization")) and step.outcome == "failed"
        ]
        worst = survey.worst()
        if worst is None or worst.cause.startswith("P-"):
            worst = tried.worst() or worst  # which knows all that is denied, and not only the canaries
        working = sum(each.outcome in (StepOutcome.OK, StepOutcome.WARNING) for each in survey.results)
        if worst is None and not refused:
            accounts = len({each.account for each in survey.results})
            where = f"{accounts} accounts" if accounts > 1 else f"account {survey.results[0].account}"
            answers = f"EC2 answers in {working} region{'s' if working != 1 else ''} of {where}"
            summary = f"The access works: {self.reach + ', and ' if self.reach else ''}{answers}."
            return self._verdict("ok", None, summary, survey.results, tried)
        told = worst
        if told is None:
            step = refused[0]
            told = Explanation(
                step.cause or "", CATALOGUE[step.cause or ""].confidence, step.evidence, step.remedy or ""
            )
        title = CATALOGUE[told.cause].title
        if not working:
            return self._verdict("failed", told, regions=survey.results, tried=tried)
        if unusable := tried.unusable():
            summary = f"What OpenVNA cannot do without is not allowed: {_names(unusable)}. {title}."
            return self._verdict("failed", told, summary, survey.results, tried)
        reach = f" ({self.reach})" if self.reach else ""
        lost = tried.lost()
        without = f" Not everything of: {_names(lost)}." if lost else ""
        summary = f"The access works in part: {title}{reach}.{without}"
        return self._verdict("degraded", told, summary, survey.results, tried)

    def _verdict(
        self,
        word: VerdictWord,
        told: Explanation | None,
        summary: str = "",
        regions: Sequence[RegionResult] = (),
        tried: preflight.Preflight | None = None,
    ) -> Verdict:
        return Verdict(
            verdict=word,
            cause=told.cause if told else None,
            confidence=told.confidence if told else Confidence.PROVEN,
            summary=summary or (f"{CATALOGUE[told.cause].title}." if told else ""),
            identity=self.identity,
            steps=tuple(self._steps.values()),
            regions=tuple(regions),
            calls=self.access.query.transport.sent + self.asked + (tried.calls if tried else 0),
            remedy=told.remedy if told else None,
            endpoint=self.context("sts", self.region, "").endpoint or None,
            expires_at=self._ending.expires_at if self._ending else None,
            end_unknown=self._ending is not None and self._ending.until is None,
            permissions=tuple(tried.cells) if tried else (),
            missing=tried.missing if tried else (),
        )


def _names(features: Sequence[Feature]) -> str:
    return ", ".join(feature.title for feature in features)


def _static_explanation(finding: Finding, config: AwsConfig) -> Explanation:
    near = close_match(finding.subject, partitions()[config.partition].regions) if finding.subject else None
    advice = remedy(finding.cause, near=f" Did you mean {near}?" if near else "")
    return Explanation(finding.cause, CATALOGUE[finding.cause].confidence, finding.evidence, advice)
