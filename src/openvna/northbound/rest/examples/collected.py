"""Of what is collected: collections, runs, coverage, resources, quotas and changes."""

from __future__ import annotations

from dataclasses import replace

from openvna.collect import ApiForecast, Forecast, Phase, PlaceForecast, Progress, ScheduleForecast
from openvna.model import Calls, ChangeKind, Failure, FieldChange, Kind, Outcome, RunState
from openvna.northbound.rest import wire
from openvna.northbound.rest.answers import record
from openvna.northbound.rest.examples.base import ACCOUNT, LATER, REGION, SOON, THEN, Example, as_json, event, page
from openvna.plugin import Stub
from openvna.store import (
    CallRow,
    ChangeRow,
    Coverage,
    LedgerRow,
    QuotaUse,
    ResourceRow,
    RunRow,
    ScopeRow,
    VersionRow,
)

_VPC = "arn:aws:ec2:eu-central-1:111122223333:vpc/vpc-0a1b2c3d4e5f60718"
_SUBNET = "arn:aws:ec2:eu-central-1:111122223333:subnet/subnet-0f1e2d3c4b5a69788"
_DENIED = Failure(
    Outcome.DENIED,
    "You are not authorized to perform this operation.",
    code="UnauthorizedOperation",
    cause="P-IDENTITY",
    action="ec2:DescribeNatGateways",
    request_id="7a1f0c52-1b7e-4c39-9d0a-0a6f3f1f6a52",
    remedy="Allow ec2:DescribeNatGateways to arn:aws:iam::111122223333:user/openvna.",
)
_COLLECTION = wire.CollectionState("c-51d0", "s-7f3a", "production", "running", THEN, None, 2, 1, 184, 1)
_PROGRESS = Progress(
    "c-51d0", "s-7f3a", "production", Phase.LISTED, THEN, "aws/111122223333/eu-central-1", ACCOUNT, REGION,
    "r-90af", "aws.ec2.vpc", Outcome.OK, 4, 3, 36,
)  # fmt: skip
_FINISHED = Progress("c-51d0", "s-7f3a", "production", Phase.FINISHED, SOON, done=2, total=2)
_RUN = RunRow(
    id="r-90af",
    source_id="s-7f3a",
    source="production",
    scope="aws/111122223333/eu-central-1",
    account=ACCOUNT,
    region=REGION,
    state=RunState.PARTIAL,
    started_at=THEN,
    finished_at=SOON,
    seen=184,
    created=2,
    updated=1,
    deleted=0,
    problems=1,
    calls=Calls(41, 1, 0, 3.7),
)
_RESOURCE = ResourceRow(
    key=17,
    id=_VPC,
    alias="vpc-0a1b2c3d4e5f60718",
    type="aws.ec2.vpc",
    kind=Kind.NETWORK,
    name="hub",
    account=ACCOUNT,
    region=REGION,
    source_id="s-7f3a",
    source="production",
    tags={"Name": "hub", "Environment": "prod"},
    attributes={"cidr_block": "10.0.0.0/16", "is_default": False},
    version=2,
    first_seen=THEN,
    changed_at=SOON,
    confirmed_at=SOON,
    stale=False,
)
_ROW = record(_RESOURCE, without=("key",))
_FIELD = FieldChange("tags.Environment", "test", "prod")
_WHOLE = as_json(
    _ROW
    | {
        "document": {"VpcId": "vpc-0a1b2c3d4e5f60718", "CidrBlock": "10.0.0.0/16", "IsDefault": False},
        "relations": [
            wire.Relation("uses", "out", "dopt-0a1b2c3d", None, Stub("aws.ec2.dhcp-options")),
            wire.Relation("member-of", "in", _SUBNET),
        ],
        "incoming": {"member-of": 1},
    }
)
_CHANGE = ChangeRow(
    4711, ChangeKind.UPDATED, SOON, "r-90af", _VPC, "vpc-0a1b2c3d4e5f60718", "aws.ec2.vpc", "hub", ACCOUNT,
    REGION, "s-7f3a", "production", (_FIELD,),
)  # fmt: skip
_VERSION = VersionRow(
    2, SOON, None, "r-90af", "hub", {"Name": "hub", "Environment": "prod"}, {"cidr_block": "10.0.0.0/16"},
    {"VpcId": "vpc-0a1b2c3d4e5f60718", "CidrBlock": "10.0.0.0/16"}, (_FIELD,),
)  # fmt: skip
_LEDGER = (
    LedgerRow("r-90af", "aws.ec2.nat-gateway", Outcome.DENIED, 0, 0, 0, 0, Calls(1, 0, 0, 0.1), _DENIED),
    LedgerRow("r-90af", "aws.ec2.vpc", Outcome.OK, 4, 0, 1, 0, Calls(1, 0, 0, 0.2)),
)
_ELB = ApiForecast(
    "elbv2", 68, 9, 1, 20.0, 5.0, 9.6,
    "Elastic Load Balancing user guide, Request throttling for the ELB API",
)  # fmt: skip
_FORECAST = Forecast(
    source_id="s-7f3a",
    source="production",
    discovered=False,
    scopes=1,
    new_scopes=0,
    calls=68,
    fixed=9,
    seconds=9.6,
    workers=8,
    notes=("The scopes are those of the collections before; nobody was asked anything.",),
    apis=(_ELB,),
    places=(PlaceForecast(ACCOUNT, REGION, 68, 9, 9.6, "elbv2", (_ELB,)),),
    scheduled=ScheduleForecast(resting=0, calls=68, seconds=9.6),
)
_COVERAGE = Coverage(
    "s-7f3a", "production", "aws/111122223333/eu-central-1", ACCOUNT, REGION, "aws.ec2.nat-gateway",
    Outcome.DENIED, SOON, None, 0, _DENIED,
)  # fmt: skip
_SCOPE = ScopeRow("aws/111122223333/eu-central-1", ACCOUNT, REGION, 31, SOON, THEN, LATER, 4)

EXAMPLES: dict[str, Example] = {
    "start-collection": Example(as_json(_COLLECTION), {"types": ["aws.ec2.vpc", "aws.ec2.subnet"]}),
    "forecast-collection": Example(as_json(_FORECAST)),
    "forecast-discovered": Example(
        as_json(replace(_FORECAST, discovered=True)), {"types": ["aws.elbv2.load-balancer"]}
    ),
    "list-collections": Example(page(_COLLECTION, total=1)),
    "show-collection": Example(as_json(_COLLECTION)),
    "follow-collection": Example(event(1, "progress", _PROGRESS) + event(2, "progress", _FINISHED)),
    "follow-all": Example(event(1, "progress", _PROGRESS).replace("id: 1\n", "")),
    "list-runs": Example(page(_RUN)),
    "show-run": Example(as_json(_RUN)),
    "show-ledger": Example(page(*_LEDGER, total=2)),
    "show-run-calls": Example(page(CallRow("ec2:DescribeNetworkInterfaces", Calls(12, 1, 1, 3.1, 0.9)), total=1)),
    "show-coverage": Example(page(_COVERAGE, total=1)),
    "list-scopes": Example(page(_SCOPE, total=1)),
    "list-resources": Example(page(_ROW)),
    "list-versions": Example(page(_VERSION, total=1)),
    "show-resource": Example(_WHOLE),
    "list-resource-types": Example(
        page(
            wire.ResourceType(
                "aws.ec2.nat-gateway", Kind.GATEWAY, "NAT gateway", ("state",), 0, "unknown", 1, {"denied": 1}, None
            ),
            wire.ResourceType("aws.ec2.vpc", Kind.NETWORK, "VPC", ("cidr_block",), 4, "complete", 1, {"ok": 1}, SOON),
            total=2,
        )
    ),
    "list-facets": Example(as_json(wire.Facets((ACCOUNT,), (REGION,), ("aws.ec2.subnet", "aws.ec2.vpc")))),
    "list-quotas": Example(
        page(
            QuotaUse(
                f"arn:aws:servicequotas:{REGION}:{ACCOUNT}:vpc/L-407747CB",
                "L-407747CB",
                "Subnets per VPC",
                ACCOUNT,
                REGION,
                "production",
                "aws.ec2.subnet",
                200.0,
                164,
                82,
                "vpc-0a1b2c3d4e5f60718",
                False,
                "s-7f3a",
                "vpc",
                "vpc",
                "",
                Outcome.OK,
            )
        )
    ),
    "list-changes": Example(page(_CHANGE)),
}
