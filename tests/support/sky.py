"""A small network in AWS, and the weather over it: `fault_server` answers with what a test has put there, and with
whatever the test lets go wrong on the way.

What a region of each account holds is in `vpcs`, `subnets` and `firewalls`: a list in pages, one in a single answer,
and one of a service that speaks JSON and tells more of each item when asked for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from openvna.collect import Gateway
from openvna.model import JSON, ChangeKind, Outcome, RunState
from openvna.plugin import load_plugin, plugin_names
from openvna.store import Query, ResourceRow, RunRow, Store, load_vault, open_store
from openvna.store.engine import Clock, now
from support.fault_server import (
    ACCOUNT,
    AKIA,
    SECRET,
    TOKEN,
    Answer,
    FaultServer,
    Request,
    done,
    fault_server,
    json_answer,
    json_error,
    nothing,
)

VPC, SUBNET, FIREWALL = "aws.ec2.vpc", "aws.ec2.subnet", "aws.network-firewall.firewall"
TYPES = (VPC, SUBNET, FIREWALL)
HOME, AWAY = "us-east-1", "eu-west-1"
HERE, THERE = f"aws/{ACCOUNT}/{HOME}", f"aws/{ACCOUNT}/{AWAY}"
"""The scopes of the two regions. A sky has the first one only, unless a test opens the other."""
SETTINGS: dict[str, JSON] = {"credential": {"kind": "access-key", "access_key_id": AKIA}}
SECRETS = {"credential.secret_access_key": SECRET}

Answering = Callable[[Request], Answer]
_SESSION_OF = "session-of-"


@dataclass
class Sky:
    """What AWS holds, by region; the same in every account."""

    aws: FaultServer
    regions: list[str] = field(default_factory=lambda: [HOME])
    accounts: list[str] = field(default_factory=lambda: [ACCOUNT])
    vpcs: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    subnets: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    firewalls: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    state: str = "available"
    """What every VPC says of itself."""
    page: int = 2
    """How many VPCs a page holds."""

    def ids(self) -> set[str]:
        """The ARNs of all that there is, as the service authorization reference writes them."""
        found = set()
        for account in self.accounts:
            for region in self.regions:
                ec2 = f"arn:aws:ec2:{region}:{account}"
                found |= {f"{ec2}:vpc/{each}" for each in self.vpcs[region]}
                found |= {f"{ec2}:subnet/{each}" for each in self.subnets[region]}
                found |= {firewall_arn(region, account, each) for each in self.firewalls[region]}
        return found

    def clear(self) -> Sky:
        """Good weather: every call is answered with what there is."""
        self.aws.good().on("DescribeRegions", self._regions)
        self.aws.on("DescribeVpcs", self.describe_vpcs)
        self.aws.on("DescribeSubnets", self.describe_subnets)
        self.aws.on("ListFirewalls", self.list_firewalls)
        self.aws.on("DescribeFirewall", self.describe_firewall)
        self.aws.otherwise = nothing
        return self

    def _regions(self, _: Request) -> Answer:
        items = "".join(
            f"<item><regionName>{name}</regionName><optInStatus>opt-in-not-required</optInStatus></item>"
            for name in self.regions
        )
        return done("DescribeRegions", f"<regionInfo>{items}</regionInfo>")

    def describe_vpcs(self, request: Request) -> Answer:
        """A page. Its token is the last id of it: what comes or goes meanwhile moves nothing from page to page."""
        after = request.params.get("NextToken", "")
        held = sorted(each for each in self.vpcs[request.region] if each > after)
        page = held[: self.page]
        return vpc_page(page, page[-1] if len(held) > len(page) else "", self.state)

    def describe_subnets(self, request: Request) -> Answer:
        items = "".join(
            f"<item><subnetId>{each}</subnetId><vpcId>vpc-1</vpcId></item>" for each in self.subnets[request.region]
        )
        return done("DescribeSubnets", f"<subnetSet>{items}</subnetSet>")

    def list_firewalls(self, request: Request) -> Answer:
        account = self._account(request)
        return json_answer(
            {
                "Firewalls": [
                    {"FirewallName": each, "FirewallArn": firewall_arn(request.region, account, each)}
                    for each in self.firewalls[request.region]
                ]
            }
        )

    def describe_firewall(self, request: Request) -> Answer:
        arn = request.params["FirewallArn"]
        name = arn.rpartition("/")[2]
        if name not in self.firewalls[request.region]:
            return json_error("ResourceNotFoundException", f"Firewall {name} does not exist.")
        firewall = {"FirewallName": name, "FirewallArn": arn, "VpcId": "vpc-1", "FirewallPolicyArn": f"{arn}-policy"}
        return json_answer({"Firewall": firewall, "FirewallStatus": {"Status": "READY"}})

    def _account(self, request: Request) -> str:
        """Whose credential signed it, by what `session_of` gave."""
        account = request.token.removeprefix(_SESSION_OF)
        return account if account in self.accounts else self.accounts[0]


def session_of(given: Answer, account: str) -> Answer:
    """A session of a role in an account, whose token says which one it is."""
    return replace(given, body=given.body.replace(TOKEN, f"{_SESSION_OF}{account}"))


def firewall_arn(region: str, account: str, name: str) -> str:
    return f"arn:aws:network-firewall:{region}:{account}:firewall/{name}"


def vpc_page(ids: Collection[str], token: str = "", state: str = "available") -> Answer:
    """A page of DescribeVpcs, with the token of the next one."""
    items = "".join(f"<item><vpcId>{each}</vpcId><state>{state}</state></item>" for each in ids)
    following = f"<nextToken>{token}</nextToken>" if token else ""
    return done("DescribeVpcs", f"<vpcSet>{items}</vpcSet>{following}")


@dataclass
class Watch:
    """A gateway with one source, `sky`, under this sky, and what is known there."""

    sky: Sky
    gateway: Gateway

    @property
    def store(self) -> Store:
        return self.gateway.store

    def collect(self, types: Collection[str] | None = TYPES) -> dict[str, RunRow]:
        """One collection, whatever the weather; its runs by scope. Nothing may be retired that AWS did not say is
        gone: what is there, and anything at all of a type that was not listed to its end."""
        last = self.last_change()
        try:
            runs = self.gateway.collect("sky", types=types)
        finally:
            self.hold(last)
        return {run.scope: run for run in runs}

    def last_change(self) -> int:
        return next((each.sequence for each in self.store.changes.list(limit=1).items), 0)

    def hold(self, since: int = 0) -> None:
        """Nothing was retired since that change that AWS did not say is gone."""
        there = self.sky.ids()
        for change in self.store.changes.list(limit=1000).items:
            if change.sequence > since and change.kind == ChangeKind.DELETED.value:
                assert change.resource_id not in there, f"{change.resource_id} was retired and is there"
                (line,) = [one for one in self.store.runs.ledger(change.run_id) if one.type == change.type]
                assert line.outcome is Outcome.OK, f"{change.resource_id} was retired by a listing that is not whole"

    def clears(self, types: Collection[str] | None = TYPES) -> dict[str, RunRow]:
        """The weather clears: the next collection gives exactly what there is, and no doubt is left."""
        self.sky.clear()
        runs = self.collect(types)
        assert {run.state for run in runs.values()} == {RunState.OK}
        self.shows_the_truth()
        return runs

    def shows_the_truth(self) -> None:
        held = self.resources()
        assert set(held) == self.sky.ids()
        assert [id for id, row in held.items() if row.stale] == []
        for row in held.values():
            self.in_order(row)

    def in_order(self, row: ResourceRow) -> None:
        """The versions of a resource follow one another: each begins no sooner than the one before it ended."""
        versions = sorted(self.store.resources.versions(row.key), key=lambda each: each.number)
        for version in versions:
            assert version.valid_to is None or version.valid_from < version.valid_to, versions
        for before, after in pairwise(versions):
            assert before.valid_to is not None
            assert before.valid_to <= after.valid_from, versions

    def resources(self) -> dict[str, ResourceRow]:
        """What is known to be there, by id."""
        return {row.id: row for type in TYPES for row in self.store.resources.list(Query(type=type), limit=1000).items}

    def lines(self, run: RunRow) -> dict[str, Any]:
        """The ledger of a run by type."""
        return {line.type: line for line in self.store.runs.ledger(run.id)}


@contextmanager
def watching(
    folder: Path, secrets: dict[str, str] | None = None, clock: Clock = now, **settings: Any
) -> Iterator[Watch]:
    """A gateway on a fresh store in `folder`, collecting a sky with five VPCs, two subnets and two firewalls; what
    `settings` say goes into the settings of the source. It has been collected once, in good weather."""
    with fault_server() as aws:
        sky = Sky(aws)
        for region in (HOME, AWAY):
            sky.vpcs[region] = [f"vpc-{number}" for number in range(1, 6)]
            sky.subnets[region] = ["subnet-1", "subnet-2"]
            sky.firewalls[region] = ["edge", "core"]
        sky.clear()
        with open_watch(folder, sky, clock) as watch:
            # Saved untried: its verification is tested elsewhere, and asks for more than all of these tests.
            config = {**SETTINGS, "endpoint_url": aws.url, **settings}
            watch.store.sources.add("sky", "aws", config, secrets or SECRETS, None, None)
            yield watch


@contextmanager
def open_watch(folder: Path, sky: Sky, clock: Clock = now) -> Iterator[Watch]:
    """A gateway on the store in `folder`."""
    store = open_store(f"sqlite:///{folder / 'openvna.db'}", load_vault(folder / "key", None), clock=clock)
    opened = Gateway(store, load_plugin=load_plugin, plugin_names=plugin_names, workers=2, clock=clock)
    try:
        yield Watch(sky, opened)
    finally:
        opened.close()
