"""Relations across accounts and regions: both sides join when both are collected, else the far one is a stub."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from openvna.model import Scope
from openvna.plugin import Stub
from openvna.plugins.aws.names import SHORT_IDS, named
from openvna.plugins.aws.types import TYPES
from openvna.store import Store, load_vault, open_store

HUB, SPOKE = "111122223333", "444455556666"
CASES = Path(__file__).parents[3] / "cases" / "aws"


def at(account: str, region: str = "eu-west-1") -> Scope:
    return Scope(f"aws/{account}/{region}", "aws", account, region)


Item = tuple[str, Mapping[str, Any]]
"""A resource type, and an item of its answer."""


@dataclass(frozen=True)
class Joined:
    """What the near side sees, where; what the far side sees, where; the relation, and how the far end is named."""

    near: Item
    near_at: Scope
    far: Item
    far_at: Scope
    relation: str
    to: str
    stub: Stub


TGW = {"TransitGatewayId": "tgw-0a1", "OwnerId": HUB, "State": "available"}
ATTACHMENT = {
    "TransitGatewayAttachmentId": "tgw-attach-0a1",
    "TransitGatewayId": "tgw-0a1",
    "TransitGatewayOwnerId": HUB,
    "ResourceOwnerId": SPOKE,
    "ResourceType": "vpc",
    "ResourceId": "vpc-0b1",
    "State": "available",
}
SPOKE_VPC = {"VpcId": "vpc-0b1", "OwnerId": SPOKE, "CidrBlock": "10.1.0.0/16", "State": "available"}
HUB_VPC = {"VpcId": "vpc-0a1", "OwnerId": HUB, "CidrBlock": "10.0.0.0/16", "State": "available"}
PEERING = {
    "VpcPeeringConnectionId": "pcx-0a1",
    "RequesterVpcInfo": {"VpcId": "vpc-0a1", "OwnerId": HUB, "Region": "eu-west-1"},
    "AccepterVpcInfo": {"VpcId": "vpc-0b1", "OwnerId": SPOKE, "Region": "eu-central-1"},
    "Status": {"Code": "active"},
}
SHARED_SUBNET = {"SubnetId": "subnet-0a1", "VpcId": "vpc-0a1", "OwnerId": HUB, "CidrBlock": "10.0.1.0/24"}
SERVICE = {"ServiceId": "vpce-svc-0a1", "ServiceName": "com.amazonaws.vpce.eu-west-1.vpce-svc-0a1"}
DX_GATEWAY = "5f294f92-bafb-4011-916d-9b0bexample"

JOINED = {
    "shared subnet": Joined(
        ("aws.ec2.network-interface", {"NetworkInterfaceId": "eni-0b1", "OwnerId": SPOKE, "SubnetId": "subnet-0a1"}),
        at(SPOKE),
        ("aws.ec2.subnet", SHARED_SUBNET),
        at(HUB),
        "in-subnet",
        "subnet-0a1",
        Stub("aws.ec2.subnet"),
    ),
    "transit gateway attachment, seen by the hub": Joined(
        ("aws.ec2.transit-gateway-attachment", ATTACHMENT),
        at(HUB),
        ("aws.ec2.vpc", SPOKE_VPC),
        at(SPOKE),
        "connects",
        "vpc-0b1",
        Stub("aws.ec2.vpc"),
    ),
    "transit gateway attachment, seen by the spoke": Joined(
        ("aws.ec2.transit-gateway-attachment", ATTACHMENT),
        at(SPOKE),
        ("aws.ec2.transit-gateway", TGW),
        at(HUB),
        "attached-to",
        "tgw-0a1",
        Stub("aws.ec2.transit-gateway"),
    ),
    "peering into another region": Joined(
        ("aws.ec2.vpc-peering-connection", PEERING),
        at(HUB),
        ("aws.ec2.vpc", SPOKE_VPC),
        at(SPOKE, "eu-central-1"),
        "connects",
        "vpc-0b1",
        Stub("aws.ec2.vpc"),
    ),
    "endpoint service": Joined(
        (
            "aws.ec2.vpc-endpoint",
            {
                "VpcEndpointId": "vpce-0b1",
                "OwnerId": SPOKE,
                "VpcId": "vpc-0b1",
                "ServiceName": "com.amazonaws.vpce.eu-west-1.vpce-svc-0a1",
            },
        ),
        at(SPOKE),
        ("aws.ec2.vpc-endpoint-service", SERVICE),
        at(HUB),
        "leads-to",
        "vpce-svc-0a1",
        Stub("aws.ec2.vpc-endpoint-service"),
    ),
    "hosted zone": Joined(
        (
            "aws.route53.hosted-zone",
            {
                "Id": "/hostedzone/ZPRIV",
                "Name": "corp.example.",
                "Config": {"PrivateZone": True},
                "Details": {"VPCs": [{"VPCRegion": "eu-west-1", "VPCId": "vpc-0b1"}]},
            },
        ),
        at(HUB),
        ("aws.ec2.vpc", SPOKE_VPC),
        at(SPOKE),
        "serves",
        "vpc-0b1",
        Stub("aws.ec2.vpc"),
    ),
    "Direct Connect gateway": Joined(
        (
            "aws.ec2.transit-gateway-attachment",
            {**ATTACHMENT, "ResourceType": "direct-connect-gateway", "ResourceId": DX_GATEWAY},
        ),
        at(HUB),
        (
            "aws.directconnect.gateway",
            {"directConnectGatewayId": DX_GATEWAY, "ownerAccount": SPOKE, "directConnectGatewayName": "corp"},
        ),
        at(SPOKE),
        "connects",
        f"arn:aws:directconnect::{SPOKE}:dx-gateway/{DX_GATEWAY}",
        Stub("aws.directconnect.gateway", SPOKE),
    ),
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path / 'openvna.db'}", load_vault(tmp_path / "key", None)) as opened:
        yield opened


def seen(store: Store, source: str, scope: Scope, *items: Item) -> None:
    """One complete run of these types in a scope."""
    known = {each.name: each.id for each in store.sources.list()}
    id = known.get(source) or store.sources.add(source, "aws", {}, {}, None, None).id
    writer = store.runs.begin(id, scope)
    for type, item in items:
        writer.record(TYPES[type].resource(dict(item), scope))
    for type in {type for type, _ in items}:
        writer.complete(type)
    writer.finish()


def end(store: Store, near: Item, relation: str, to: str, source: str) -> str | None:
    """The id of what the relation leads to; None where it is a stub."""
    id = TYPES[near[0]].resource(dict(near[1]), at(HUB)).id
    source_id = store.sources.get(source).id
    found = store.resources.get(id, source_id=source_id)
    (link,) = [each for each in found.relations if (each.name, each.direction, each.to) == (relation, "out", to)]
    return None if link.other is None else link.other.id


@pytest.mark.parametrize("sources", [("organization", "organization"), ("hub", "spoke")], ids=["one source", "two"])
@pytest.mark.parametrize("name", JOINED)
def test_both_sides_join_when_both_are_collected(store: Store, name: str, sources: tuple[str, str]) -> None:
    case = JOINED[name]
    seen(store, sources[0], case.near_at, case.near)
    assert end(store, case.near, case.relation, case.to, sources[0]) is None
    seen(store, sources[1], case.far_at, case.far)
    far = TYPES[case.far[0]].resource(dict(case.far[1]), case.far_at)
    assert end(store, case.near, case.relation, case.to, sources[0]) == far.id
    back = store.resources.get(far.id, source_id=store.sources.get(sources[1]).id).relations
    assert (case.relation, "in") in {(each.name, each.direction) for each in back}


@pytest.mark.parametrize("name", JOINED)
def test_the_far_side_that_nobody_collected_is_a_stub_with_what_its_name_says(name: str) -> None:
    assert named(JOINED[name].to) == JOINED[name].stub


@pytest.mark.parametrize(
    ("type", "item", "places"),
    [
        ("aws.ec2.subnet", SHARED_SUBNET, (at(HUB), at(SPOKE))),
        ("aws.ec2.transit-gateway", TGW, (at(HUB), at(SPOKE))),
        ("aws.ec2.transit-gateway-attachment", ATTACHMENT, (at(HUB), at(SPOKE))),
        ("aws.ec2.vpc-peering-connection", PEERING, (at(HUB), at(SPOKE, "eu-central-1"))),
        (
            "aws.ec2.managed-prefix-list",
            {
                "PrefixListId": "pl-0a1",
                "OwnerId": HUB,
                "PrefixListArn": f"arn:aws:ec2:eu-west-1:{HUB}:prefix-list/pl-0a1",
            },
            (at(HUB), at(SPOKE)),
        ),
        (
            "aws.directconnect.gateway",
            {"directConnectGatewayId": DX_GATEWAY, "ownerAccount": HUB},
            (at(HUB), at(SPOKE)),
        ),
    ],
)
def test_what_two_accounts_see_is_one_resource_of_its_owner(
    store: Store, type: str, item: Mapping[str, Any], places: tuple[Scope, Scope]
) -> None:
    ids = set()
    for scope in places:
        seen(store, "organization", scope, (type, item))
        ids.add(TYPES[type].resource(dict(item), scope).id)
    (id,) = ids
    (row,) = list(store.resources.each())
    assert row.id == id
    owner = item.get("ResourceOwnerId") or HUB
    assert (row.account, f":{owner}:" in row.id) == (owner, True)
    seen(store, "organization", places[1])
    assert store.resources.get(id).resource.deleted_at is None, "its owner still sees it"


def test_a_service_that_an_endpoint_leads_to_is_not_the_endpoints_own_view_of_it(store: Store) -> None:
    """Both are called by the service's id; the link leads to the one that its provider has."""
    endpoint = TYPES["aws.ec2.vpc-endpoint"].resource(dict(JOINED["endpoint service"].near[1]), at(SPOKE))
    view = TYPES["aws.ec2.vpc-endpoint-used-service"].resource(dict(SERVICE), at(SPOKE), endpoint)
    source = store.sources.add("organization", "aws", {}, {}, None, None).id
    writer = store.runs.begin(source, at(SPOKE))
    writer.record(view)
    writer.complete(view.type)
    writer.finish()
    seen(store, "organization", at(HUB), ("aws.ec2.vpc-endpoint-service", SERVICE))
    links = store.resources.get(view.id).relations
    (refers,) = [each for each in links if each.name == "refers-to"]
    assert refers.other is not None
    assert refers.other.type == "aws.ec2.vpc-endpoint-service"


def test_names_say_of_every_case_what_it_is_or_nothing() -> None:
    wrong = []
    for folder in CASES.iterdir():
        for resource in json.loads((folder / "expected.json").read_text()):
            for name in (resource["id"], resource.get("alias") or ""):
                said = named(name)
                if said.type not in ("", folder.name):
                    wrong.append((name, said.type, folder.name))
                if said.type and said.account and said.account != resource["account"]:
                    wrong.append((name, said.account, resource["account"]))
    assert wrong == []
    assert set(SHORT_IDS.values()) <= TYPES.keys()


@pytest.mark.parametrize(
    ("name", "stub"),
    [
        (f"arn:aws:ec2:eu-west-1:{HUB}:vpc/vpc-0a1", Stub("aws.ec2.vpc", HUB, "eu-west-1")),
        (f"arn:aws-cn:ec2:cn-north-1:{HUB}:subnet/subnet-1", Stub("aws.ec2.subnet", HUB, "cn-north-1")),
        (f"arn:aws:account::{HUB}:account/region/eu-west-1", Stub("aws.region", HUB, "eu-west-1")),
        (f"arn:aws:lambda:eu-west-1:{HUB}:function:f", Stub("", HUB, "eu-west-1")),
        ("tgw-attach-0a1b2c3d", Stub("aws.ec2.transit-gateway-attachment")),
        ("vpce-svc-0a1b2c3d", Stub("aws.ec2.vpc-endpoint-service")),
        ("10.0.0.0/8", Stub()),
        ("eu-west-1", Stub()),
        ("arn:", Stub()),
        ("", Stub()),
    ],
)
def test_a_name_says_what_it_says(name: str, stub: Stub) -> None:
    assert named(name) == stub
