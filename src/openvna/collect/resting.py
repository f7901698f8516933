"""Scopes in which there is nothing of anyone's rest longer: the schedule looks at them, and reads them seldom.

Most regions of most accounts hold only what the vendor puts into each of them. To read all types there every few
minutes costs hundreds of calls and finds nothing. So a scope that a complete collection found empty is merely looked
at when its source is due: the few types of `Spec.look` are listed, and when they show anything new it is read whole at
once. Apart from that it is read whole after a time that doubles with each empty collection, up to a bound. What is
asked for on demand is always read.
"""

from __future__ import annotations

from datetime import timedelta

from openvna.model import RunState, Scope
from openvna.plugin import Spec
from openvna.store import RunRow, Source, Store

MOST = timedelta(hours=24)
"""How long a scope rests at most, unless a setting says otherwise."""


class Resting:
    """The scopes of one source, for one collection."""

    def __init__(self, store: Store, source: Source, spec: Spec, most: timedelta, *, scheduled: bool) -> None:
        self._store = store
        self._source = source
        self._most = most
        self._given = {one.type: one.given for one in spec.types if one.given is not None}
        may_rest = bool(spec.look) and bool(most) and source.interval is not None
        self.look = frozenset(spec.look) if may_rest else frozenset()
        """The types that show whether a scope that rests is still empty."""
        self._until = store.scopes.resting(source.id, most) if may_rest and scheduled else {}

    def spares(self, scope: Scope) -> bool:
        """Whether it is enough to look at a scope this time."""
        return scope.key in self._until

    def is_as_it_was(self, scope: Scope, row: RunRow) -> bool:
        """Whether a look found what was there before, and nothing else."""
        if row.state is not RunState.OK or row.created or row.updated or row.deleted:
            return False
        return self._store.scopes.is_empty(self._source.id, scope.key, self._given)

    def read(self, scope: Scope, row: RunRow) -> None:
        """A scope was read whole: from what was found it follows how long it rests now."""
        if not self.look or self._source.interval is None:
            return
        empty = row.state is RunState.OK and self._store.scopes.is_empty(self._source.id, scope.key, self._given)
        interval = timedelta(seconds=self._source.interval)
        self._store.scopes.rest(self._source.id, scope.key, empty, interval, self._most)
