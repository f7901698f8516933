"""An opened AWS access: its scopes, and what is in each of them."""

from __future__ import annotations

import threading
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import TracebackType
from typing import Self

from openvna.model import Failure, Outcome, Scope, SourceUnusable
from openvna.plugin import Before, Complete, Keep, Problem, Record, ScopeProblem
from openvna.plugins.aws import absent_services, region_states
from openvna.plugins.aws.absent_services import Place
from openvna.plugins.aws.access import Access
from openvna.plugins.aws.api import Api, CallError, Credentials
from openvna.plugins.aws.arn import parse_arn, partition_of
from openvna.plugins.aws.callers import Callers, callers
from openvna.plugins.aws.causes import remedy
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.declaration import ResourceType, iam_action
from openvna.plugins.aws.denials import CODES
from openvna.plugins.aws.endpoints import HOME_REGIONS, close_match, emulators, endpoint_of, home_region
from openvna.plugins.aws.faults import UNKNOWN_KEY, Context, explain_call_error, failure
from openvna.plugins.aws.fetch import Explain, collect
from openvna.plugins.aws.leaving import why_left
from openvna.plugins.aws.one import asking_for
from openvna.plugins.aws.order import spread
from openvna.plugins.aws.organization import Membership, members
from openvna.plugins.aws.organization_scope import accounts, organization_scope
from openvna.plugins.aws.organization_settings import Organization
from openvna.plugins.aws.organization_steps import ROLL_OUT, explained, mismatch
from openvna.plugins.aws.pace import Turns
from openvna.plugins.aws.profiles import CredentialUnusable
from openvna.plugins.aws.renewing import RenewingApi
from openvna.plugins.aws.retries import PASSING_STATUS
from openvna.plugins.aws.side_by_side import Shares
from openvna.plugins.aws.types import FEATURES, OPERATIONS, needed_types

WIDTH = 48
"""Accounts that are entered side by side while the scopes are looked for."""


def primary_region(config: AwsConfig) -> str:
    """The one region of the source in which what belongs to an account, and not to a region, is listed.

    It depends on the settings alone: another environment must not move these resources to another scope.
    """
    home = config.home_region or HOME_REGIONS[config.partition]
    return home if not config.regions or home in config.regions else config.regions[0]


class AwsSession:
    """An opened access. Safe to use from several threads."""

    def __init__(self, config: AwsConfig, access: Access | None = None, keep: Keep | None = None) -> None:
        """Raises `SourceUnusable` where there is no credential to try."""
        self.access = access or Access(config, keep=keep)
        entered = self.access.way().static
        if entered is not None and not (entered.access_key_id and entered.secret_access_key):
            raise CredentialUnusable("C-EMPTY", "The access key ID or the secret access key is empty.")
        self._config = self.access.config  # with what could be repaired repaired
        self._lock = threading.Lock()
        self._callers: Callers | None = None
        self._over: dict[Credentials, CallError] = {}
        self._opted: dict[tuple[str, str], str] = {}
        self._emulators = emulators(self._config)
        self._stop = threading.Event()
        self._shares = Shares()
        self._membership: Membership | None = None

    def discover(self) -> Iterator[Scope | ScopeProblem]:
        """Accounts times regions: those configured or in the organization, else the credential's account and its
        enabled regions.

        An account that refuses us is a `ScopeProblem`; the others go on.
        """
        chosen = yield from self._accounts()
        if self._membership is not None:
            yield organization_scope(self._config.partition)
        if len(chosen) == 1:
            yield from self._entered(chosen[0])
            return
        pool = ThreadPoolExecutor(max_workers=WIDTH, thread_name_prefix="discover")
        try:
            for found in pool.map(self._entered, chosen):
                yield from found
        finally:
            pool.shutdown(wait=False, cancel_futures=True)  # whoever stops half-way does not wait for the rest

    def _accounts(self) -> Generator[ScopeProblem, None, tuple[str, ...]]:
        """The accounts of the source, after what is wrong with finding them."""
        organization = self._config.organization
        if organization is not None:
            return (yield from self._members(organization))
        try:
            return self.access.accounts()
        except CallError as error:
            failure = self._explain(error, iam_action("sts", error.operation) or "", home_region(self._config))
            yield ScopeProblem(self._scope("", ""), failure)
            return ()

    def _members(self, organization: Organization) -> Generator[ScopeProblem, None, tuple[str, ...]]:
        """The accounts of the organization that are meant today."""
        directory = self.access.directory(turns=lambda *call: self._turns(self.access.who().identity.account)(*call))
        try:
            own = self.access.who().identity.account
            found = members(directory, organization, own)
        except CallError as error:
            known, who = self._known(error, ""), self.access.identity
            if who is not None and not known.identity:
                known = replace(known, identity=who.arn, account=who.account)
            told = explained(error, organization, replace(known, region=directory.region))
            yield ScopeProblem(self._scope("", ""), failure(error, told))
            return ()
        except SourceUnusable as error:
            yield ScopeProblem(self._scope("", ""), _unusable(error))
            return ()
        self._membership = found
        for each in found.mismatches:
            if each.lasting:
                told = mismatch(each)
                account = each.entry if each.entry.isdigit() else ""
                failed = Failure(Outcome.FAILED, told.evidence[0], cause=told.cause, remedy=told.remedy)
                yield ScopeProblem(self._scope(account, ""), failed)
        return found.chosen

    def _entered(self, account: str) -> list[Scope | ScopeProblem]:
        """The regions of an account."""
        refused = self._refused(account)
        if refused is None:
            try:
                regions = self._regions(account)
            except CallError as error:
                refused = self._explain(error, "ec2:DescribeRegions", home_region(self._config), account)
        if refused is not None:
            return [ScopeProblem(self._scope(account, ""), refused)]
        found: list[Scope | ScopeProblem] = []
        for region, off in regions.items():
            scope = self._scope(account, region)
            found.append(scope if off is None else ScopeProblem(scope, off))
        return found

    def asked_account(self) -> str:
        """The one that was asked for the accounts of its organization."""
        who = self.access.identity
        return who.account if self._config.organization is not None and who is not None else ""

    def left(self, scope: Scope) -> str:
        """Why a scope that `discover` did not give is no longer part of the source; empty where that is not certain."""
        return why_left(scope, self._config, self._membership)

    def collect(
        self, scope: Scope, types: Collection[str] | None = None, before: Before | None = None
    ) -> Iterator[Record | Complete | Problem]:
        """What is in a scope, as the contract says. Raises `InvalidInput` for a type that does not exist."""
        _, asked = needed_types(types)
        left_out = asked & self._left_out()
        yield from (Problem(name, LEFT_OUT) for name in sorted(left_out))
        declared, wanted = needed_types(asked - left_out)
        yield from self._of_organization(scope, [each for each in declared if each.organization])
        whole = scope == organization_scope(self._config.partition)
        declared = [each for each in declared if not each.organization]
        wanted = wanted & {each.type for each in declared}
        if whole:
            yield from (Complete(name) for name in sorted(wanted))
            return
        if scope.region != primary_region(self._config):
            for each in declared:
                if each.once and each.type in wanted:
                    yield Complete(each.type)
            declared = [each for each in declared if not each.once]
            wanted = wanted & {each.type for each in declared}
        if not wanted:
            return
        refused = self._refused(scope.account)
        if refused is not None:
            yield from (Problem(name, refused) for name in sorted(wanted))
            return

        with self._shares.one() as width:
            ordered = spread(declared, self._config.rate_share)
            yield from collect(self._api(scope.account), scope, ordered, wanted, self._explaining(scope), width, before)

    def _of_organization(self, scope: Scope, types: Sequence[ResourceType]) -> Iterator[Record | Complete | Problem]:
        """What belongs to the organization: in its own scope what is told of it, elsewhere nothing."""
        organization = self._config.organization
        if organization is None or scope != organization_scope(self._config.partition):
            yield from (Complete(each.type) for each in types)
            return
        problems = list(self._members(organization)) if types and self._membership is None else []
        if self._membership is not None:
            yield from accounts(types, scope, self._membership)
        else:
            yield from (Problem(each.type, problems[0].failure) for each in types)

    def hang_up(self) -> None:
        """As the contract says: whoever waits for the turn of a call, between two tries, or for an answer, waits no
        longer."""
        self._stop.set()
        with self._lock:
            opened = self._callers
        if opened is not None:
            opened.hang_up()

    def collect_one(self, scope: Scope, type: str, id: str, alias: str) -> Iterator[Record | Complete | Problem] | None:
        """One resource, asked for by its id; None where its operation takes no ids, or it is not listed here."""
        declared = asking_for(type, id, alias)
        elsewhere = declared is not None and declared.once and scope.region != primary_region(self._config)
        if declared is None or elsewhere or type in self._left_out():
            return None
        return self._one(scope, declared)

    def _one(self, scope: Scope, declared: ResourceType) -> Iterator[Record | Complete | Problem]:
        refused = self._refused(scope.account)
        if refused is not None:
            yield Problem(declared.type, refused)
            return

        yield from collect(self._api(scope.account), scope, [declared], {declared.type}, self._explaining(scope))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        with self._lock:
            opened, self._callers = self._callers, None
        if opened is not None:
            opened.close()
        self.access.close()

    def _refused(self, account: str) -> Failure | None:
        """Why we cannot act in an account at all: asked once, and not region by region or type by type."""
        try:
            self.access.credentials(account)
            actual = self._account_of_credentials(account)
        except CallError as error:
            action = "sts:AssumeRole" if error.operation == "AssumeRole" else ""
            why = self._explain(error, action, home_region(self._config), account)
            if self._config.organization is not None and why.cause == "H-TRUST":
                return replace(why, remedy=f"{why.remedy}\n{ROLL_OUT}")
            return why
        except SourceUnusable as error:
            return _unusable(error)
        if actual == account:
            return None
        return Failure(
            Outcome.FAILED,
            f"What is used for account {account} acts in account {actual}: one would be listed as the other.",
            cause="C-ACCOUNT-MISMATCH",
            remedy=remedy("C-ACCOUNT-MISMATCH", wanted=account, account=actual),
        )

    def _account_of_credentials(self, account: str) -> str:
        """The account that the credentials for `account` really act in."""
        hops = self.access.last_hop(account)
        arn = parse_arn(hops[-1].role_arn) if hops else None
        return arn.account if arn is not None else self.access.who().identity.account

    def _regions(self, account: str) -> dict[str, Failure | None]:
        """The regions to look at, and why not for those that the account does not have enabled."""
        api, home = self._api(account), home_region(self._config)
        if not self._config.regions:
            status = self._states(api, home)
            return dict.fromkeys(
                sorted(
                    name
                    for name, state in status.items()
                    if state != "not-opted-in" and partition_of(name) == self._config.partition
                )
            )
        try:
            status = self._states(api, home)
        except CallError:
            return dict.fromkeys(self._config.regions)  # named by a person: each call will say how it is there
        return {region: _off(region, status) for region in self._config.regions}

    def _states(self, api: Api, home: str) -> dict[str, str]:
        """The OptInStatus of every region. Raises `CallError`: EC2's own, where nobody else says it either."""
        try:
            answer = api.call("ec2", "DescribeRegions", home, {"AllRegions": True})
        except CallError as error:
            if error.code not in CODES:
                raise
            try:
                return region_states.listed(api, home)
            except CallError:
                raise error from None
        return {region["RegionName"]: region.get("OptInStatus", "") for region in answer.get("Regions", ())}

    def _scope(self, account: str, region: str) -> Scope:
        partition = self._config.partition
        key = "/".join(part for part in (partition, account, region) if part)
        return Scope(key, partition, account, region)

    def _api(self, account: str) -> Api:
        with self._lock:
            if self._callers is None:
                self._callers = callers(self._config, OPERATIONS)
            opened = self._callers
        api = opened.api(
            lambda: self.access.credentials(account),
            self._turns(account),
        )
        access = self.access
        return RenewingApi(api, lambda: access.held_in(account), lambda used: access.renew(account, used), self._over)

    def _turns(self, account: str) -> Turns:
        return Turns(account, self._config.rate_share, self._emulators, self._stop.wait)

    def _known(self, error: CallError, account: str) -> Context:
        """What is known of the credential that was refused, without asking anybody."""
        base, role = self.access.entry(), self.access.last_hop(account) if account else ()
        if error.operation != "AssumeRole":
            used = self.access.held((*base, *role))
            return Context(key_kind=used.access_key_id[:4], token=bool(used.token)) if used else Context()
        if not account and base:
            base, role = base[:-1], base[-1:]  # it is before the accounts that a role refused us
        used, who = self.access.held(base), self.access.identity
        if used is None:
            return Context()  # it was a role of the profile that refused us
        return Context(
            key_kind=used.access_key_id[:4],
            token=bool(used.token),
            identity=who.arn if who else "",
            role=role[-1].role_arn if role else "",
            external_id=(role[-1].external_id or "") if role else "",
        )

    def _opted_in(self, error: CallError, region: str, account: str) -> str:
        """The OptInStatus of a region that does not accept the credential, where that can be had: one that was switched
        off meanwhile refuses every key as if it were wrong."""
        home = home_region(self._config)
        if not account or not region or region == home or error.code not in _NOT_ACCEPTED:
            return ""
        known = self._opted.get((account, region))
        if known is None:
            try:
                known = self._states(self._api(account), home).get(region, "")
            except CallError:
                known = ""
            self._opted[account, region] = known
        return known

    def _left_out(self) -> set[str]:
        """The types that the settings leave out."""
        return {name for feature in self._config.left_out for name in FEATURES[feature].types}

    def _explaining(self, scope: Scope) -> Explain:
        return lambda error, action: self._explain(error, action, scope.region, scope.account)

    def _explain(self, error: CallError, action: str, region: str, account: str = "") -> Failure:
        where = endpoint_of(self._config, action, region)
        context = replace(
            self._known(error, account),
            action=action,
            region=region,
            account=account,
            opted_in=self._opted_in(error, region, account),
            host=where.host if where else "",
            emulated=where is not None and where.emulated,
        )
        failure = explain_call_error(error, context)
        if error.cause == "N-INTERCEPT" and context.emulated and error.status not in PASSING_STATUS:
            return replace(
                failure,
                outcome=Outcome.UNSUPPORTED,
                message=f"{error.message} So answers an emulator that does not know the call.",
                remedy=f"Collect from AWS itself, or from an emulator that knows {error.operation}.",
            )
        if where is None or where.custom:
            return failure
        return absent_services.judged(error, failure, Place(action.partition(":")[0], self._config.partition, region))


_NOT_ACCEPTED = UNKNOWN_KEY | {"AuthFailure", "OptInRequired"}

LEFT_OUT = Failure(
    Outcome.UNSUPPORTED,
    "Its feature is left out in the settings of the source.",
    remedy="Take the feature out of `left_out` in the settings to have it read.",
)
"""What is said of types that nobody wants read: they are not asked for, and what was known of them stays."""


def _unusable(error: SourceUnusable) -> Failure:
    """Why there is no credential to try."""
    text = f"{error.what} {error.why}".strip()
    return Failure(Outcome.FAILED, text, cause=getattr(error, "cause", ""), remedy=error.remedy)


def _off(region: str, status: Mapping[str, str]) -> Failure | None:
    """Why nothing can be listed in a region, by the OptInStatus of all of them; None where it can."""
    if region not in status:
        near = close_match(region, tuple(status))
        advice = remedy("C-REGION", near=f" Did you mean {near}?" if near else "")
        return Failure(Outcome.FAILED, f"AWS has no region {region!r}.", cause="C-REGION", remedy=advice)
    if status[region] != "not-opted-in":
        return None
    return Failure(
        Outcome.UNSUPPORTED,
        f"The region {region} is not enabled in the account.",
        cause="R-NOT-OPTED-IN",
        remedy=remedy("R-NOT-OPTED-IN", region=region),
    )
