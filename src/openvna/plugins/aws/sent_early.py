"""The first calls of the lists that one thread reads one after the other, sent before it comes to them.

Most lists of a small account are empty, and reading one is a wait for its answer. With the next few sent meanwhile
there is one wait for all of them, and a thread is woken once.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from openvna.model import Scope
from openvna.plugins.aws.api import Api, Begun, early
from openvna.plugins.aws.listing import Listing

AHEAD = 4
"""Lists whose first calls are under way at the same time, at most: one that would have to wait for its turn is not sent
early."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A call that was sent, and the seconds that had been waited until then."""

    begun: Begun
    waited: float


class SentEarly:
    """Of one scope that is read by one thread."""

    def __init__(self, api: Api, scope: Scope) -> None:
        self._api = early(api)
        self._scope = scope
        self._coming: dict[str, Listing] = {}
        self._sent: dict[str, Sent] = {}
        self._waited = 0.0

    def add(self, listing: Listing) -> None:
        """The list that is read after those that were added before. One that is listed by parents is never early."""
        if self._api is not None and listing.declared.call.per is None:
            listing.sent_early = self
            self._coming[listing.declared.type] = listing

    def take(self, listing: Listing) -> Sent | None:
        """The first call of the list that is read now, where it could be sent. Sends those of the next lists too."""
        for each in islice(self._coming.values(), AHEAD):
            if each.declared.type not in self._sent:
                self._send(each)
        self._coming.pop(listing.declared.type, None)
        return self._sent.pop(listing.declared.type, None)

    def seconds(self, passed: float, sent: Sent | None) -> float:
        """The seconds that a call took for whose answer so many `passed`: those, and all since it was sent in which
        this thread did nothing but wait for others."""
        before = self._waited
        self._waited += passed
        return passed if sent is None else passed + before - sent.waited

    def close(self) -> None:
        """Let go of what nobody will read."""
        for sent in self._sent.values():
            sent.begun.drop()

    def _send(self, listing: Listing) -> None:
        assert self._api is not None
        call, scope = listing.declared.call, self._scope
        try:
            request = call.request(next(call.lists()))
            region = call.place(scope.partition, scope.region)
            begun = self._api.begin(call.service, call.operation, region, request, call.member)
        except Exception:  # noqa: BLE001 - whatever it is, the list's own call will tell it, and not that of another one
            return
        if begun is not None:
            self._sent[listing.declared.type] = Sent(begun, self._waited)
