"""Calls that outlive the session that they are signed with.

Sessions are renewed ahead of their end by this machine's clock. The clock may have jumped, and whoever gave the session
may have ended it sooner: then AWS says so, and has the last word.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from openvna.log import redact
from openvna.model import SourceUnusable
from openvna.plugins.aws.api import Api, Begun, CallError, Credentials, apart, early
from openvna.plugins.aws.faults import explain

Answer = Mapping[str, Any]


class RenewingApi:
    """The calls of one account. One that finds its session over is made once more with a new one; where there is none,
    AWS is not asked with that session again."""

    def __init__(
        self,
        api: Api,
        held: Callable[[], Credentials | None],
        renew: Callable[[Credentials], bool],
        over: dict[Credentials, CallError],
    ) -> None:
        """`held` is what calls are signed with; `renew` whether there is another one in its place now. `over` remembers
        the sessions that ended for good, with AWS's words for it."""
        self._api = api
        self._apart = apart(api)
        self._early = early(api)
        self._held = held
        self._renew = renew
        self._over = over

    def call(self, service: str, operation: str, region: str, params: Mapping[str, Any]) -> Answer:
        return self._carried(operation, lambda: self._api.call(service, operation, region, params), self._held())

    def call_apart(self, service: str, operation: str, region: str, params: Mapping[str, Any], member: str) -> Answer:
        """As in `Apart`; whole where the client cannot leave items unread."""
        able = self._apart
        if able is None:
            return self.call(service, operation, region, params)
        once = partial(able.call_apart, service, operation, region, params, member)
        return self._carried(operation, once, self._held())

    def begin(self, service: str, operation: str, region: str, params: Mapping[str, Any], member: str) -> Begun | None:
        """As in `Early`; never where the client cannot do that."""
        used = self._held()
        if self._early is None or used in self._over:
            return None
        begun = self._early.begin(service, operation, region, params, member)
        if begun is None:
            return None
        tries = iter((begun.answer,))

        def once() -> Answer:
            for first in tries:
                return first()
            return self.call_apart(service, operation, region, params, member)

        return Begun(lambda: self._carried(operation, once, used), begun.drop)

    def _carried(self, operation: str, once: Callable[[], Answer], used: Credentials | None) -> Answer:
        """`used`: what the first try is signed with."""
        if used is not None and (said := self._over.get(used)) is not None:
            raise CallError(operation, said.code, said.message, said.status, said.request_id, cause="K-EXPIRED")
        try:
            return once()
        except CallError as error:
            if used is None or explain(error).cause != "K-EXPIRED":
                raise
            try:
                renewed = self._renew(used)
            except SourceUnusable as unusable:
                raise CallError(operation, "", redact(str(unusable)), cause=unusable.cause or "C-SOURCE") from error
            if not renewed:
                self._over[used] = error
                raise
        return once()
