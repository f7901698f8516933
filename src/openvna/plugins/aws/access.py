"""Who we are in AWS: the credential of a source, resolved, renewed, and carried into each of its accounts."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from openvna.model import SourceUnusable
from openvna.plugin import Identity, Keep
from openvna.plugins.aws import center_way, guarded
from openvna.plugins.aws.ambient import fetch, hop, locate
from openvna.plugins.aws.api import CallError, Credentials
from openvna.plugins.aws.arn import parse_arn
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.endpoints import home_region
from openvna.plugins.aws.keys import inspect, repaired
from openvna.plugins.aws.profiles import CredentialUnusable, Hop, Way
from openvna.plugins.aws.query import Query
from openvna.plugins.aws.retries import AT_ONCE, Turns
from openvna.plugins.aws.sts import Timed, Who, assume_role, caller_identity
from openvna.plugins.aws.transport import Transport

if TYPE_CHECKING:
    from openvna.plugins.aws.organization import Directory

_AHEAD = 300.0
_STILL_GOOD = 30.0
_ASK_AGAIN = 60.0


class Access:
    """The credential of a source, resolved. Safe to use from several threads.

    Raises `CallError` where AWS refuses, `openvna.model.SourceUnusable` where there is no credential to try.
    """

    def __init__(
        self,
        config: AwsConfig,
        environment: Mapping[str, str] = os.environ,
        query: Query | None = None,
        clock: Callable[[], float] = time.time,
        keep: Keep | None = None,
        way: Way | None = None,
    ) -> None:
        """`way` is the way to the credential where it is known already."""
        self.config = repaired(config)
        self._environment = environment
        self.query = query or Query(self.config, Transport(self.config, environment=environment), environment)
        self._clock = clock
        self._keep = keep
        self._lock = threading.Lock()
        self._renewal = threading.Lock()
        self._way = way
        self._stages: dict[tuple[Hop, ...], _Renewed] = {}
        self._in_account: dict[str, _Renewed] = {}
        self._who: Who | None = None

    @property
    def region(self) -> str:
        """The region whose STS is asked: tokens of a regional STS endpoint are good in every enabled region."""
        return home_region(self.config, self._environment)

    def way(self) -> Way:
        """Where the credential starts and which roles a profile goes through. Reads files, asks nobody."""
        with self._lock:
            if self._way is None:
                way = locate(self.config, self._environment)
                if way.static is not None:
                    way = replace(way, static=inspect(way.static).credentials)
                self._way = way
            return self._way

    def start(self) -> Credentials:
        """The credential before any role."""
        return self.after(())

    def entry(self) -> tuple[Hop, ...]:
        """The roles on the way to the base credential: those of a profile and of `via`, and that of an organization's
        account that may list the others."""
        role = self.config.assume_role
        if self.config.organization is None or role is None:
            return self.way().hops
        return (*self.way().hops, hop(role))

    def base(self) -> Credentials:
        """The source's own credential, before the roles in the accounts. Renewed ahead of its end."""
        return self.after(self.entry())

    def credentials(self, account: str) -> Credentials:
        """What is used inside `account`: the base credential, or the session of the role there, renewed."""
        stage = self._in_account.get(account)  # every call of a collection asks for it
        if stage is None:
            stage = self._in_account[account] = self._stage((*self.entry(), *self.last_hop(account)))
        return stage.now()

    def last_hop(self, account: str) -> tuple[Hop, ...]:
        """The role that the source assumes in `account`; none where it uses its own credential.

        Of an organization's own account nothing is known before STS was asked who the base credential is.
        """
        organization = self.config.organization
        if organization is not None:
            if organization.own_account == "credential" and account == self.who().identity.account:
                return ()
            arn = organization.role_arn(self.config.partition, account)
            return (Hop(arn, organization.external_id, organization.session_name, organization.duration),)
        role = self.config.assume_role
        return (hop(role, account),) if role is not None else ()

    def after(self, hops: tuple[Hop, ...]) -> Credentials:
        """The credential after these roles, renewed ahead of its end."""
        return self._stage(hops).now()

    def until(self, hops: tuple[Hop, ...]) -> float | None:
        """When the credential after these roles ends (seconds since the epoch), where it does."""
        return self._stage(hops).until

    def held(self, hops: tuple[Hop, ...]) -> Credentials | None:
        """The credential after these roles as it was last used, None before that. Asks nobody."""
        with self._lock:
            stage = self._stages.get(hops)
        return stage.held if stage is not None else None

    def held_in(self, account: str) -> Credentials | None:
        """What is used inside `account`, as it was last used. Asks nobody."""
        stage = self._in_account.get(account)
        return stage.held if stage is not None else self.held((*self.entry(), *self.last_hop(account)))

    def renew(self, account: str, used: Credentials) -> bool:
        """Let go of a session that AWS says is over, whatever our clock says; whether another one is in its place.

        The sessions on the way to it are let go too: they may be what is over. A credential that was entered has
        nothing in its place.
        """
        hops = (*self.entry(), *self.last_hop(account))
        with self._renewal:
            if self.held(hops) != used:
                return True  # another thread was here first
            dropped = [self._stage(hops[:number]).drop() for number in range(len(hops) + 1)]
            if not any(dropped):
                return False
            return self.after(hops) != used

    @property
    def identity(self) -> Identity | None:
        """Who the base credential is, where that was asked already."""
        return self._who.identity if self._who is not None else None

    def _stage(self, hops: tuple[Hop, ...]) -> _Renewed:
        with self._lock:
            stage = self._stages.get(hops)
        if stage is None:
            made = _Renewed(self._fetch_of(hops), self._clock)
            with self._lock:
                stage = self._stages.setdefault(hops, made)
        return stage

    def _fetch_of(self, hops: tuple[Hop, ...]) -> Callable[[], Timed]:
        if not hops:
            start = self._start_of(self.way())
            return lambda: self._unread(start())
        before, last = hops[:-1], hops[-1]
        return lambda: assume_role(self.query, self.region, self.after(before), last)

    def _start_of(self, way: Way) -> Callable[[], Timed]:
        if way.center is None:
            return fetch(way, self.query, self.region, self._environment)
        transport = self.query.transport
        return center_way.sessions(
            self.config, way.center, transport, self._environment, keep=self._keep, clock=self._clock
        )

    def _unread(self, found: Timed) -> Timed:
        """The credential, unless the source's settings would show what is done with it to a host of their own."""
        host = guarded.reader(self.config, self.query.transport)
        if host is not None:
            raise CredentialUnusable(
                "C-ENDPOINT-OWN", f"The machine's credential is not used at {host}, which the source's settings name."
            )
        return found

    def who(self) -> Who:
        """Who the base credential is, asked once."""
        if self._who is None:
            self._who = caller_identity(self.query, self.region, self.base())
        return self._who

    def remember(self, who: Who) -> None:
        """Who the base credential is, where that was asked already."""
        self._who = who

    def directory(
        self, pause: Callable[[float], None] = time.sleep, seconds: float | None = None, turns: Turns = AT_ONCE
    ) -> Directory:
        """The organization that the base credential belongs to; asked for so many seconds at most."""
        from openvna.plugins.aws.organization import Directory

        return Directory(self.query, self.config.partition, self.base, pause, seconds, turns)

    def accounts(self) -> tuple[str, ...]:
        """The accounts of a source that is no organization: those configured, else the role's, else the one of
        sts:GetCallerIdentity."""
        if self.config.accounts:
            return self.config.accounts
        role = parse_arn(self.config.assume_role.role_arn) if self.config.assume_role else None
        if role is not None and role.account.isdigit():
            return (role.account,)
        return (self.who().identity.account,)

    def close(self) -> None:
        """Drop the open connections. The access stays usable."""
        self.query.transport.close()


class _Renewed:
    """A credential that is fetched anew ahead of its end."""

    def __init__(self, fetch: Callable[[], Timed], clock: Callable[[], float]) -> None:
        self._fetch = fetch
        self._clock = clock
        self._lock = threading.Lock()
        self._held: Timed | None = None
        self._renew_at = 0.0

    @property
    def until(self) -> float | None:
        held = self._held
        return held.until if held is not None else None

    @property
    def held(self) -> Credentials | None:
        held = self._held
        return held.credentials if held is not None else None

    def drop(self) -> bool:
        """Forget what is held, so that it is fetched anew; False for what does not end."""
        with self._lock:
            if self._held is None or self._held.until is None:
                return False
            self._held = None
            return True

    def now(self) -> Credentials:
        with self._lock:
            held, moment = self._held, self._clock()
            if held is not None and (held.until is None or moment < self._renew_at):
                return held.credentials
            try:
                fresh = self._fetch()
            except (CallError, SourceUnusable):
                # AWS may stumble while the old session is still good: use it to its end.
                if held is not None and held.until is not None and moment < held.until - _STILL_GOOD:
                    return held.credentials
                raise
            self._held = fresh
            if fresh.until is not None:
                left = fresh.until - moment
                # One that has ended already (a metadata service in trouble hands such out) is not asked for all the
                # time: AWS says whether it still takes it.
                self._renew_at = fresh.until - min(_AHEAD, left / 3) if left > 0 else moment + _ASK_AGAIN
            return fresh.credentials
