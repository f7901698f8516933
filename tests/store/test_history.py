"""Any sequence of runs, against a model of what the memory must answer that fits on a screen."""

from __future__ import annotations

import itertools
import tempfile
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from openvna.model import Failure, Outcome, Scope
from openvna.store import Query, Source, Store, Vault, open_store

from .conftest import HERE, KEY, SUBNET, THERE, VPC, Clock, vpc

IDS = ("a", "b", "c", "shared")
Listing = dict[str, int]
"""What a listing holds: the value of each resource, by its alias."""
listings = st.dictionaries(st.sampled_from(IDS), st.integers(0, 2))


@dataclass
class Thing:
    """One resource as the model has it: what it was, from when, and who sees it. None: it was deleted."""

    history: list[tuple[datetime, int | None]]
    view: str
    sighted: set[str] = field(default_factory=set)

    def at(self, moment: datetime) -> int | None:
        return next((value for since, value in reversed(self.history) if since <= moment), None)


class History(RuleBasedStateMachine):
    """`shared` lives in THERE and is seen from both scopes; the others are each scope's own."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.home = tempfile.TemporaryDirectory(prefix="ovna-history-")
        self.url = f"sqlite:///{Path(self.home.name)}/openvna.db"
        self.things: dict[tuple[str, str], Thing] = {}
        self.moments: list[datetime] = [self.clock.now]
        self.numbers = itertools.count()

    @initialize()
    def begin(self) -> None:
        self.store: Store = open_store(self.url, Vault(KEY), clock=self.clock)
        self.source: Source = self.store.sources.add("lab", "aws", {}, {}, None, None)

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.every_version_is_there_with_its_links()
            self.store.close()
        self.home.cleanup()

    def owner(self, scope: Scope, alias: str) -> Scope:
        return THERE if alias == "shared" else scope

    @rule(scope=st.sampled_from([HERE, THERE]), held=listings, complete=st.booleans())
    def collect(self, scope: Scope, held: Listing, complete: bool) -> None:
        now = self.clock.forward(minutes=1)
        self.moments.append(now)
        writer = self.store.runs.begin(self.source.id, scope)
        for alias, value in held.items():
            owner = self.owner(scope, alias)
            writer.record(vpc(f"{alias}-{owner.account}", scope=owner, value=value, relations=[("has", str(value))]))
        broken = Failure(Outcome.FAILED, "broken off")
        line = writer.complete(VPC) if complete else writer.problem(VPC, broken)
        writer.finish()
        created, updated, deleted = self.expect(scope, held, complete, now)
        assert (line.seen, line.created, line.updated, line.deleted) == (len(held), created, updated, deleted)

    def expect(self, scope: Scope, held: Listing, complete: bool, now: datetime) -> tuple[int, int, int]:
        created = updated = deleted = 0
        for alias, value in held.items():
            owner = self.owner(scope, alias)
            thing = self.things.setdefault((alias, owner.account), Thing([], scope.key))
            if not thing.sighted:
                thing.history.append((now, value))
                thing.view = scope.key
                created += 1
            elif thing.view not in thing.sighted or scope.key in (thing.view, owner.key):
                thing.view = scope.key
                if thing.history[-1][1] != value:
                    thing.history.append((now, value))
                    updated += 1
            thing.sighted.add(scope.key)
        if complete:
            for (alias, _), thing in self.things.items():
                if scope.key in thing.sighted and not (alias in held and self.is_ours(scope, alias, thing)):
                    thing.sighted.discard(scope.key)
                    if not thing.sighted:
                        thing.history.append((now, None))
                        deleted += 1
        return created, updated, deleted

    def is_ours(self, scope: Scope, alias: str, thing: Thing) -> bool:
        return self.things[alias, self.owner(scope, alias).account] is thing

    @rule()
    def reopen(self) -> None:
        self.store.close()
        self.store = open_store(self.url, Vault(KEY), clock=self.clock)

    @rule(held=listings)
    def abandon(self, held: Listing) -> None:
        writer = self.store.runs.begin(self.source.id, HERE)
        for alias, value in held.items():
            writer.record(vpc(f"{alias}-{HERE.account}", value=value + 10))
        writer.complete(SUBNET)
        writer.finish()

    def shown(self, at: datetime | None) -> dict[str, object]:
        return {row.alias: row.attributes["value"] for row in self.store.resources.each(Query(at=at))}

    def expected(self, at: datetime) -> dict[str, object]:
        stood = {f"{alias}-{account}": thing.at(at) for (alias, account), thing in self.things.items()}
        return {name: value for name, value in stood.items() if value is not None}

    @invariant()
    @precondition(lambda self: hasattr(self, "store"))
    def the_present_is_right(self) -> None:
        assert self.shown(None) == self.expected(self.clock.now)

    @invariant()
    @precondition(lambda self: hasattr(self, "store"))
    def every_past_moment_is_right(self) -> None:
        for moment in self.moments[-3:]:
            assert self.shown(moment) == self.expected(moment)

    @rule()
    def every_version_is_there_with_its_links(self) -> None:
        for (alias, account), thing in self.things.items():
            (row,) = self.store.resources.find(f"{alias}-{account}")
            versions = self.store.resources.versions(row.key)
            values = [(since, value) for since, value in thing.history if value is not None]
            assert [(each.valid_from, each.attributes["value"]) for each in reversed(versions)] == values
            assert row.version == len(values)
            for version, (since, value) in zip(reversed(versions), values, strict=True):
                links = self.store.resources.get(row.id, at=since).relations
                assert [link.to for link in links] == [str(value)]
                ends = [later for later, _ in thing.history if later > since]
                assert version.valid_to == (ends[0] if ends else None)


TestHistory = History.TestCase
TestHistory.settings = settings(
    max_examples=25, stateful_step_count=12, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
