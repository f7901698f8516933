"""Whatever happens to a network between collections, and however they end: the store holds what AWS listed last.

The fetch loop, the readers of answers and the writer are the real ones; AWS is a small world of subnets, some of them
shared by two accounts, and of instances in reservations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from openvna.model import Outcome, Scope
from openvna.plugin import Problem, Record
from openvna.plugins.aws.api import CallError
from openvna.plugins.aws.fetch import collect
from openvna.plugins.aws.one import asking_for
from openvna.plugins.aws.types import needed_types
from openvna.plugins.aws.wire.models import load
from openvna.plugins.aws.wire.operations import Received, operation
from openvna.store import LedgerRow, Query, Source, Store
from support.fake_aws import explain

SUBNET, INSTANCE = "aws.ec2.subnet", "aws.ec2.instance"
TYPES = (SUBNET, INSTANCE)
HOME, GUEST = "111122223333", "444455556666"
SCOPES = tuple(Scope(f"aws/{account}/eu-west-1", "aws", account, "eu-west-1") for account in (HOME, GUEST))
PAGES = 3
WHOLE = ("thin", "plain", "nothing known")
ALONE = {"one subnet": SUBNET, "one instance": INSTANCE}
EC2 = load("ec2")
OPERATIONS = {name: operation(EC2, name) for name in ("DescribeVpcs", "DescribeSubnets", "DescribeInstances")}


@dataclass
class World:
    """What one account sees: items by number, each in one or two places (page, piece of it), with a value."""

    places: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    values: dict[int, int] = field(default_factory=dict)
    free: dict[int, int] = field(default_factory=dict)
    """What is volatile of a subnet."""

    def page(self, number: int) -> dict[int, list[int]]:
        """The items of a page, by the piece that they are in."""
        found: dict[int, list[int]] = {}
        for item in sorted(self.places):
            for page, piece in self.places[item]:
                if page == number:
                    found.setdefault(piece, []).append(item)
        return dict(sorted(found.items()))


def owner(number: int) -> str:
    """Some of the subnets belong to the first account; the others to one that nobody collects."""
    return HOME if number < 3 else "777788889999"


def id_of(type: str, number: int, scope: Scope) -> str:
    """What a subnet is called is the same for all who see it; an instance belongs to who lists it."""
    account, kind = (owner(number), "subnet") if type == SUBNET else (scope.account, "instance")
    return f"arn:aws:ec2:eu-west-1:{account}:{kind}/{alias_of(type, number)}"


def alias_of(type: str, number: int) -> str:
    return f"subnet-{number}" if type == SUBNET else f"i-{number}"


class Aws:
    """An account of the world, asked by our own client: its answers go through the real readers, as bytes."""

    def __init__(self, world: World, *, breaks_at: int = PAGES) -> None:
        self._world = world
        self._breaks_at = breaks_at

    def call(self, service: str, operation: str, region: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        return OPERATIONS[operation].read(self._answer(operation, params))

    def _answer(self, operation: str, params: Mapping[str, Any]) -> Received:
        if operation == "DescribeVpcs":
            return _received(operation, "<vpcSet><item><vpcId>vpc-1</vpcId></item></vpcSet>")
        subnets = operation == "DescribeSubnets"
        asked = params.get("SubnetIds" if subnets else "InstanceIds")
        if asked:
            number = int(asked[0].rpartition("-")[2])
            if number not in self._world.places:
                code = "InvalidSubnetID.NotFound" if subnets else "InvalidInstanceID.NotFound"
                raise CallError(operation, code, "It does not exist.", status=400, request_id="r")
            return _received(operation, self._listed(subnets, {0: [number]}))
        page = int(params.get("NextToken", 0))
        if page >= self._breaks_at:
            raise CallError(operation, "InternalError", "It broke.", status=500, request_id="r")
        following = f"<nextToken>{page + 1}</nextToken>" if page + 1 < PAGES else ""
        return _received(operation, self._listed(subnets, self._world.page(page)) + following)

    def _listed(self, subnets: bool, pieces: Mapping[int, list[int]]) -> str:
        values = self._world.values
        if subnets:
            items = "".join(
                f"<item><subnetId>subnet-{each}</subnetId><ownerId>{owner(each)}</ownerId>"
                f"<cidrBlock>10.0.{values[each]}.0/24</cidrBlock>"
                f"<availableIpAddressCount>{self._world.free.get(each, 0)}</availableIpAddressCount></item>"
                for numbers in pieces.values()
                for each in numbers
            )
            return f"<subnetSet>{items}</subnetSet>"
        reservations = "".join(
            f"\n    <item>\n      <reservationId>r-{piece}</reservationId>\n      <instancesSet>"
            + "".join(
                f"\n        <item><instanceId>i-{each}</instanceId><instanceType>{values[each]}</instanceType></item>"
                for each in numbers
            )
            + "\n      </instancesSet>\n    </item>"
            for piece, numbers in pieces.items()
        )
        return f"<reservationSet>{reservations}\n  </reservationSet>"


class Thin(Aws):
    """The same, with lists whose items are left unread."""

    def call_apart(
        self, service: str, operation: str, region: str, params: Mapping[str, Any], member: str
    ) -> Mapping[str, Any]:
        return OPERATIONS[operation].apart(self._answer(operation, params), member)


def _received(operation: str, inside: str) -> Received:
    body = f"<{operation}Response><requestId>r</requestId>{inside}</{operation}Response>"
    return Received(200, {"x-amzn-requestid": "r"}, body.encode())


NUMBER, PLACE = st.integers(0, 4), st.tuples(st.integers(0, PAGES - 1), st.integers(0, 1))
EDIT = (
    st.tuples(st.just("put"), NUMBER, PLACE)
    | st.tuples(st.just("twice"), NUMBER, PLACE)
    | st.tuples(st.sampled_from(["set", "use"]), NUMBER, st.integers(0, 2))
    | st.tuples(st.just("drop"), NUMBER, st.none())
)
RUN = (
    st.tuples(st.sampled_from(["thin", "thin", *WHOLE, "leaves"]), st.just(0))
    | st.tuples(st.just("breaks"), st.integers(0, PAGES - 1))
    | st.tuples(st.sampled_from(sorted(ALONE)), NUMBER)
)
STEP = st.tuples(st.integers(0, 1), st.lists(EDIT, max_size=3), RUN)
BEGUN = [("put", number, (number % 2, 0)) for number in range(4)]


def edited(world: World, what: str, number: int, to: Any) -> None:
    if what == "drop":
        world.places.pop(number, None)
        return
    world.values.setdefault(number, 0)
    if what == "use":
        world.free[number] = to
    elif what == "set":
        world.values[number] = to
    elif what == "put":
        world.places[number] = [to]
    elif to not in world.places.setdefault(number, []):
        world.places[number] = [*world.places[number], to][-2:]


class Truth:
    """What the store must hold: what each scope saw, by type."""

    def __init__(self) -> None:
        self.seen: dict[tuple[int, str], set[int]] = {(here, type): set() for here in (0, 1) for type in TYPES}

    def living(self, type: str) -> set[str]:
        return {id_of(type, number, SCOPES[here]) for here in (0, 1) for number in self.seen[here, type]}

    def learn(self, here: int, world: World, kind: str, number: int) -> None:
        """What a collection of that kind tells."""
        for type in TYPES:
            mine = self.seen[here, type]
            if kind == "breaks":
                mine.update(each for page in range(number) for piece in world.page(page).values() for each in piece)
            elif kind in ALONE:
                if ALONE[kind] == type:
                    mine.discard(number)
                    mine.update({number} & world.places.keys())
            else:
                mine.clear()
                mine.update(world.places if kind in WHOLE else ())


def run(store: Store, source: Source, here: int, world: World, kind: str, number: int) -> dict[str, LedgerRow]:
    """A collection of one scope, and its ledger."""
    writer = store.runs.begin(source.id, SCOPES[here])
    if kind == "leaves":
        writer.leave("It left.")
        return {line.type: line for line in store.runs.ledger(writer.finish().id)}
    types, wanted = needed_types(TYPES)
    only = ""
    if kind in ALONE:
        type = ALONE[kind]
        only = id_of(type, number, SCOPES[here])
        one = asking_for(type, only, alias_of(type, number))
        assert one is not None
        types, wanted = [one], {type}
    client = Aws if kind == "plain" else Thin
    api = client(world, breaks_at=number if kind == "breaks" else PAGES)
    before = writer if kind != "nothing known" and not only else None
    for event in collect(api, SCOPES[here], types, wanted, explain, 1, before):
        if isinstance(event, Record):
            writer.record(event.resource, event.fingerprint)
        else:
            writer.end(event.type, event.failure if isinstance(event, Problem) else None, event.calls, only)
    return {line.type: line for line in store.runs.ledger(writer.finish().id)}


def check(store: Store, source: Source, truth: Truth, worlds: list[World], here: int, read: bool) -> None:
    """The store holds what it must, and of what was read whole just now the view that counts."""
    for type in TYPES:
        rows = {row.id: row for row in store.resources.each(Query(type=type, source_id=source.id))}
        assert rows.keys() == truth.living(type)
        for number in truth.seen[here, type] if read else ():
            alone = type == INSTANCE or number not in truth.seen[1 - here, type]
            if alone or (here == 0 and owner(number) == HOME):
                attributes = rows[id_of(type, number, SCOPES[here])].attributes
                shown = attributes["cidr"] if type == SUBNET else attributes["instance_type"]
                value = worlds[here].values[number]
                assert shown == (f"10.0.{value}.0/24" if type == SUBNET else str(value))
                if type == SUBNET:
                    assert attributes["free_addresses"] == worlds[here].free.get(number, 0)
    for line in store.runs.coverage(source.id):
        if line.type in TYPES:
            where = next(index for index, scope in enumerate(SCOPES) if scope.key == line.scope)
            assert line.resources == len(truth.seen[where, line.type])


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(st.lists(STEP, min_size=1, max_size=5), st.booleans())
# Two instances of a reservation, of which one is asked for by itself.
@example([(0, BEGUN, ("thin", 0)), (0, [], ("one instance", 2)), (0, [], ("thin", 0))], False)
# A subnet that the account that it belongs to no longer shows, and that another one sees otherwise.
@example([(0, BEGUN, ("thin", 0)), (1, [*BEGUN, ("set", 1, 2)], ("thin", 0)), (0, [("drop", 1, None)], ("thin", 0)),
          (1, [], ("thin", 0))], True)  # fmt: skip
def test_the_store_holds_what_was_listed_last(
    store: Store, steps: list[tuple[int, list[tuple[str, int, Any]], tuple[str, int]]], long_pages: bool
) -> None:
    source = store.sources.add(f"lab {len(store.sources.list())}", "aws", {"partition": "aws"}, {}, None, None)
    worlds, truth = [World(), World()], Truth()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("openvna.plugins.aws.reading._LONG_PAGE", 1 if long_pages else 1 << 30)
        for here, edits, (kind, number) in [*steps, (0, [], ("thin", 0)), (1, [], ("thin", 0))]:
            world = worlds[here]
            for edit in edits:
                edited(world, *edit)
            there = {type: truth.living(type) for type in TYPES}
            ledger = run(store, source, here, world, kind, number)
            truth.learn(here, world, kind, number)
            check(store, source, truth, worlds, here, kind in WHOLE)
            for type in TYPES:
                line, now = ledger.get(type), truth.living(type)
                if line is not None:
                    assert (line.created, line.deleted) == (len(now - there[type]), len(there[type] - now))
                    assert line.outcome is (Outcome.FAILED if kind == "breaks" else Outcome.OK)
                if kind in WHOLE:
                    assert line is not None
                    assert line.seen == len(world.places)
