"""An example of every request and answer, made of the real rows so that it cannot have another shape."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from openvna.collect import ApiForecast, Forecast, Phase, PlaceForecast, Progress, ScheduleForecast, SignInState
from openvna.collect.permissions import Lost, SourcePermissions
from openvna.model import JSON, Calls, ChangeKind, Failure, FieldChange, Kind, Outcome, RunState
from openvna.northbound.rest import wire
from openvna.northbound.rest.answers import encode, record
from openvna.plugin import (
    ActionResult,
    Attribute,
    Cause,
    Confidence,
    Feature,
    Identity,
    Missing,
    PermissionResult,
    PermissionState,
    RegionResult,
    Step,
    StepOutcome,
    Stub,
    TypeSpec,
    Verdict,
)
from openvna.plugin.onboarding import OnboardingAnswer, OnboardingFile, OnboardingPlan, OnboardingStep, Way
from openvna.plugin.policy import Policy, PolicyText
from openvna.plugin.sign_in import SignInAccount
from openvna.store import (
    CallRow,
    ChangeRow,
    Coverage,
    LedgerRow,
    QuotaUse,
    ResourceRow,
    RunRow,
    ScopeRow,
    Source,
    Token,
    User,
    VersionRow,
)


@dataclass(frozen=True, slots=True)
class Example:
    answer: Any = None
    request: Any = None


def _json(row: object) -> Any:
    return orjson.loads(encode(row))


def _page(*rows: object, total: int | None = None) -> Any:
    return {"items": [_json(row) for row in rows], "next": None, "total": total}


def _event(number: int, name: str, row: object) -> str:
    return f"event: {name}\nid: {number}\ndata: {encode(row).decode()}\n\n"


_THEN = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
_SOON = datetime(2026, 3, 2, 8, 30, 4, tzinfo=UTC)
_LATER = datetime(2026, 3, 2, 20, 30, tzinfo=UTC)
_ACCOUNT, _REGION = "111122223333", "eu-central-1"
_VPC = "arn:aws:ec2:eu-central-1:111122223333:vpc/vpc-0a1b2c3d4e5f60718"
_SUBNET = "arn:aws:ec2:eu-central-1:111122223333:subnet/subnet-0f1e2d3c4b5a69788"
_CONFIG: dict[str, JSON] = {
    "credential": {"kind": "access-key", "access_key_id": "AKIAIOSFODNN7EXAMPLE"},
    "regions": [_REGION],
}
# The key is the one of AWS's own documentation: it is nobody's.
_CONFIG_WITH_SECRET: dict[str, JSON] = {
    "credential": {
        "kind": "access-key",
        "access_key_id": "AKIAIOSFODNN7EXAMPLE",
        "secret_access_key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    },
    "regions": [_REGION],
}
_RUNNING = Step("identity", "Ask AWS who this is", StepOutcome.RUNNING)
_DONE = Step(
    "identity", "Ask AWS who this is", StepOutcome.OK, ("arn:aws:iam::111122223333:user/openvna", "request 4c5d6e7f")
)
_VERDICT = Verdict(
    verdict="ok",
    cause=None,
    confidence=Confidence.PROVEN,
    summary="The access works in 1 region.",
    identity=Identity(_ACCOUNT, "arn:aws:iam::111122223333:user/openvna", "iam-user", "aws"),
    steps=(_DONE,),
    regions=(RegionResult(_ACCOUNT, _REGION, StepOutcome.OK),),
    calls=2,
)
_DENIED = Failure(
    Outcome.DENIED,
    "You are not authorized to perform this operation.",
    code="UnauthorizedOperation",
    cause="P-IDENTITY",
    action="ec2:DescribeNatGateways",
    request_id="7a1f0c52-1b7e-4c39-9d0a-0a6f3f1f6a52",
    remedy="Allow ec2:DescribeNatGateways to arn:aws:iam::111122223333:user/openvna.",
)
_SOURCE = Source(
    id="s-7f3a",
    name="production",
    plugin="aws",
    config=_CONFIG,
    secrets=("credential.secret_access_key",),
    paused=False,
    interval=900,
    created_at=_THEN,
    updated_at=_THEN,
    verdict=_VERDICT.as_json(),
    verified_at=_THEN,
    last_run_at=_SOON,
)
_PAUSED = _json(_SOURCE) | {"paused": True}
_VERIFICATION = wire.VerificationState("v-2b9c", "aws", None, _THEN, "running", (_RUNNING,), None)
_VERIFIED = wire.VerificationState("v-2b9c", "aws", None, _THEN, "finished", (_DONE,), _VERDICT)
_SIGN_IN = wire.StartedSignIn(
    id="g-77e0",
    value="sign-in:g-77e0",
    plugin="aws",
    source_id=None,
    started_at=_THEN,
    url="https://device.sso.eu-central-1.amazonaws.com/",
    complete_url="https://device.sso.eu-central-1.amazonaws.com/?user_code=BCDF-GHJK",
    code="BCDF-GHJK",
    code_ends_at=_THEN + timedelta(minutes=10),
    state="waiting",
    cause=None,
    reason="",
    evidence=(),
    remedy="",
)
_SIGNED_IN = replace(_SIGN_IN, state="signed-in")
_COLLECTION = wire.CollectionState("c-51d0", "s-7f3a", "production", "running", _THEN, None, 2, 1, 184, 1)
_PROGRESS = Progress(
    "c-51d0", "s-7f3a", "production", Phase.LISTED, _THEN, "aws/111122223333/eu-central-1", _ACCOUNT, _REGION,
    "r-90af", "aws.ec2.vpc", Outcome.OK, 4, 3, 36,
)  # fmt: skip
_FINISHED = Progress("c-51d0", "s-7f3a", "production", Phase.FINISHED, _SOON, done=2, total=2)
_RUN = RunRow(
    id="r-90af",
    source_id="s-7f3a",
    source="production",
    scope="aws/111122223333/eu-central-1",
    account=_ACCOUNT,
    region=_REGION,
    state=RunState.PARTIAL,
    started_at=_THEN,
    finished_at=_SOON,
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
    account=_ACCOUNT,
    region=_REGION,
    source_id="s-7f3a",
    source="production",
    tags={"Name": "hub", "Environment": "prod"},
    attributes={"cidr_block": "10.0.0.0/16", "is_default": False},
    version=2,
    first_seen=_THEN,
    changed_at=_SOON,
    confirmed_at=_SOON,
    stale=False,
)
_ROW = record(_RESOURCE, without=("key",))
_FIELD = FieldChange("tags.Environment", "test", "prod")
_WHOLE = _json(
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
    4711, ChangeKind.UPDATED, _SOON, "r-90af", _VPC, "vpc-0a1b2c3d4e5f60718", "aws.ec2.vpc", "hub", _ACCOUNT,
    _REGION, "s-7f3a", "production", (_FIELD,),
)  # fmt: skip
_VERSION = VersionRow(
    2, _SOON, None, "r-90af", "hub", {"Name": "hub", "Environment": "prod"}, {"cidr_block": "10.0.0.0/16"},
    {"VpcId": "vpc-0a1b2c3d4e5f60718", "CidrBlock": "10.0.0.0/16"}, (_FIELD,),
)  # fmt: skip
_TOKEN = Token("t-13c8", "grafana", ("read",), _THEN, None, _SOON)
_TYPE = TypeSpec(
    type="aws.ec2.vpc",
    kind=Kind.NETWORK,
    title="VPC",
    description="A virtual network.",
    attributes=(Attribute("cidr_block", "string", "The first IPv4 block."),),
    columns=("cidr_block",),
    calls=("ec2:DescribeVpcs",),
    permissions=("ec2:DescribeVpcs",),
)
_FEATURE = Feature(
    "vpc", "VPC networks", "VPCs and what they consist of.", types=("aws.ec2.vpc",), permissions=("ec2:DescribeVpcs",)
)
_ACTION = ActionResult(
    "ec2:DescribeVpnConnections", PermissionState.DENIED, Confidence.REPORTED, "call", "P-IDENTITY-IMPLICIT",
    "identity-based policy", ("DescribeVpnConnections in eu-central-1: 403 UnauthorizedOperation: ...",),
)  # fmt: skip
_CELL = PermissionResult(
    _ACCOUNT, _REGION, "vpn", PermissionState.DENIED, Confidence.REPORTED, "3 of 3 actions tried by a call.",
    "P-IDENTITY-IMPLICIT", "identity-based policy", "Add this statement to a policy of the role.", (_ACTION,),
)  # fmt: skip
_MISSING = Missing(
    "P-IDENTITY-IMPLICIT", "identity-based policy", Confidence.REPORTED, ("vpn",), ("ec2:DescribeVpnConnections",),
    (_ACCOUNT,), (_REGION,), _ACTION.evidence, "Add this statement to a policy of the role.",
)  # fmt: skip
_LOST = Lost(
    "P-IDENTITY-IMPLICIT", _THEN, None, ("ec2:DescribeVpnConnections",), ("aws.ec2.vpn-connection",), ("vpn",),
    (_ACCOUNT,), (_REGION,), "Add this statement to a policy of the role.",
)  # fmt: skip
_PERMISSIONS = SourcePermissions(
    "s-7f3a", "production", _SOON, (_FEATURE,), (_ACCOUNT,), (_REGION,), (_CELL,), (_MISSING,), (_LOST,)
)
_PLUGIN = wire.PluginSummary("aws", "Amazon Web Services", "1.0.0", "VPCs and what joins them.", True, 1)
_CAUSE = Cause(
    "K-SECRET-WRONG",
    "The secret does not belong to the key",
    "AWS knows the access key ID, but the signature made with this secret is not right.",
    "SignatureDoesNotMatch",
    Confidence.REPORTED,
    "Create a new access key: AWS shows a secret only once.",
    "The key",
    ("C-SECRET-FORMAT",),
)
_SESSION = wire.Session(User("u-1", "admin", _THEN), None, ("read", "write", "admin"), "kq3B0uZ1s8yR4tN7", _LATER)
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
    places=(PlaceForecast(_ACCOUNT, _REGION, 68, 9, 9.6, "elbv2", (_ELB,)),),
    scheduled=ScheduleForecast(resting=0, calls=68, seconds=9.6),
)
_COVERAGE = Coverage(
    "s-7f3a", "production", "aws/111122223333/eu-central-1", _ACCOUNT, _REGION, "aws.ec2.nat-gateway",
    Outcome.DENIED, _SOON, None, 0, _DENIED,
)  # fmt: skip
_SCOPE = ScopeRow("aws/111122223333/eu-central-1", _ACCOUNT, _REGION, 31, _SOON, _THEN, _LATER, 4)

_EXTERNAL_ID = "6f1d9c1e-2f63-4c0b-9d0a-0d7c0c1b9a55"
_IDENTITY = Identity(_ACCOUNT, "arn:aws:iam::111122223333:role/gateway", "instance-role", "aws")
_WAY = Way(
    "role", "A role in the account", "For nearly everyone: only this source can take it.", ("features",), trusts_us=True
)
_OPTIONS: dict[str, JSON] = {"way": "role", "tool": "terraform", "features": ["vpc"], "caller": _IDENTITY.arn}
_SETTING_UP = wire.OnboardingState(
    id="onb-31c2", name="production", plugin="aws", external_id=_EXTERNAL_ID, options=_OPTIONS,
    config={"credential": {"kind": "ambient"}}, created_at=_THEN, updated_at=_THEN, way=_WAY,
    plan=OnboardingPlan(
        "A read-only role OpenVNA that only our own identity can take, and only for this source.",
        (OnboardingFile("openvna.tf", "The role, as Terraform", 'resource "aws_iam_role" "openvna" {}\n'),),
        (OnboardingStep("Create the role", "In the account.", "terraform init\nterraform apply"),),
        OnboardingAnswer("Role ARN", "What `terraform output` gives.", "arn:aws:iam::111122223333:role/OpenVNA"),
    ),
)  # fmt: skip
_ASSUMED: dict[str, JSON] = {
    "credential": {"kind": "ambient"},
    "assume_role": {"role_arn": "arn:aws:iam::444455556666:role/OpenVNA", "external_id": _EXTERNAL_ID},
}

EXAMPLES: dict[str, Example] = {
    "health": Example(_json(wire.Health("ok", "0.1.0"))),
    "session": Example(_json(_SESSION)),
    "sign-in": Example(_json(_SESSION), {"name": "admin", "password": "correct horse battery staple"}),
    "sign-out": Example(),
    "support-bundle": Example("openvna-support-20260301-120000.tar.gz"),
    "list-plugins": Example(_page(_PLUGIN, total=1)),
    "show-plugin": Example(
        _json(
            wire.PluginDescription(
                "aws",
                "Amazon Web Services",
                "1.0.0",
                "VPCs and what joins them.",
                True,
                {"type": "object", "properties": {"regions": {"type": "array", "items": {"type": "string"}}}},
                (_TYPE,),
                (_FEATURE,),
                ("ec2:DescribeVpcs",),
            )
        )
    ),
    "show-policy": Example(
        _json(
            Policy(
                "json",
                ("vpc",),
                (
                    PolicyText(
                        "OpenVNA.json",
                        '{"Version": "2012-10-17", "Statement": [{"Sid": "Vpc", "Effect": "Allow", '
                        '"Action": ["ec2:DescribeVpcs"], "Resource": "*"}]}',
                        111,
                        6144,
                    ),
                ),
                ("As a managed policy: 111 of the 6,144 characters that AWS takes.",),
            )
        )
    ),
    "list-causes": Example(_page(_CAUSE, total=1)),
    "show-cause": Example(_json(_CAUSE)),
    "show-onboarding-ways": Example(
        _json(
            wire.OnboardingWays(
                "aws",
                (_WAY,),
                {"type": "object", "properties": {"role_name": {"type": "string", "title": "Role"}}},
            )
        )
    ),
    "find-identity": Example(_json(_IDENTITY), {"config": {"credential": {"kind": "ambient"}}}),
    "list-onboardings": Example(_page(record(_SETTING_UP, without=("way", "plan")), total=1)),
    "begin-onboarding": Example(
        _json(_SETTING_UP),
        {
            "name": "production",
            "options": {"way": "role", "tool": "terraform", "features": ["vpc"]},
            "config": {"credential": {"kind": "ambient"}},
        },
    ),
    "show-onboarding": Example(_json(_SETTING_UP)),
    "give-up-onboarding": Example(),
    "settle-onboarding": Example(
        _json(wire.OnboardingSettings("production", "aws", _ASSUMED)),
        {"answer": "arn:aws:iam::444455556666:role/OpenVNA"},
    ),
    "list-sources": Example(_page(_SOURCE, total=1)),
    "add-source": Example(
        _json(_SOURCE), {"name": "production", "plugin": "aws", "config": _CONFIG_WITH_SECRET, "interval": 900}
    ),
    "show-source": Example(_json(_SOURCE)),
    "show-permissions": Example(_json(_PERMISSIONS)),
    "edit-source": Example(_json(_SOURCE), {"config": {"regions": ["eu-central-1", "eu-west-1"]}, "interval": 3600}),
    "delete-source": Example(_json(wire.Deleted({"resources": 184, "versions": 201, "runs": 12}))),
    "pause-source": Example(_PAUSED),
    "resume-source": Example(_json(_SOURCE)),
    "start-verification": Example(_json(_VERIFICATION), {"plugin": "aws", "config": _CONFIG_WITH_SECRET}),
    "show-verification": Example(_json(_VERIFIED)),
    "follow-verification": Example(
        _event(1, "step", _RUNNING) + _event(2, "step", _DONE) + _event(3, "verdict", _VERDICT)
    ),
    "start-sign-in": Example(
        _json(_SIGN_IN),
        {
            "plugin": "aws",
            "config": {
                "credential": {
                    "kind": "identity-center",
                    "start_url": "https://d-1234567890.awsapps.com/start",
                    "sso_region": "eu-central-1",
                }
            },
        },
    ),
    "show-sign-in": Example(_json(_SIGNED_IN)),
    "follow-sign-in": Example(
        _event(1, "state", SignInState("waiting")) + _event(2, "state", SignInState("signed-in"))
    ),
    "list-sign-in-accounts": Example(_page(SignInAccount(_ACCOUNT, "Network hub", "aws+network@example.com"), total=1)),
    "list-sign-in-roles": Example(_page(wire.SignInRole("NetworkReader"), total=1)),
    "cancel-sign-in": Example(),
    "start-collection": Example(_json(_COLLECTION), {"types": ["aws.ec2.vpc", "aws.ec2.subnet"]}),
    "forecast-collection": Example(_json(_FORECAST)),
    "forecast-discovered": Example(_json(replace(_FORECAST, discovered=True)), {"types": ["aws.elbv2.load-balancer"]}),
    "list-collections": Example(_page(_COLLECTION, total=1)),
    "show-collection": Example(_json(_COLLECTION)),
    "follow-collection": Example(_event(1, "progress", _PROGRESS) + _event(2, "progress", _FINISHED)),
    "follow-all": Example(_event(1, "progress", _PROGRESS).replace("id: 1\n", "")),
    "list-runs": Example(_page(_RUN)),
    "show-run": Example(_json(_RUN)),
    "show-ledger": Example(_page(*_LEDGER, total=2)),
    "show-run-calls": Example(_page(CallRow("ec2:DescribeNetworkInterfaces", Calls(12, 1, 1, 3.1, 0.9)), total=1)),
    "show-coverage": Example(_page(_COVERAGE, total=1)),
    "list-scopes": Example(_page(_SCOPE, total=1)),
    "list-resources": Example(_page(_ROW)),
    "list-versions": Example(_page(_VERSION, total=1)),
    "show-resource": Example(_WHOLE),
    "list-resource-types": Example(
        _page(
            wire.ResourceType(
                "aws.ec2.nat-gateway", Kind.GATEWAY, "NAT gateway", ("state",), 0, "unknown", 1, {"denied": 1}, None
            ),
            wire.ResourceType("aws.ec2.vpc", Kind.NETWORK, "VPC", ("cidr_block",), 4, "complete", 1, {"ok": 1}, _SOON),
            total=2,
        )
    ),
    "list-facets": Example(_json(wire.Facets((_ACCOUNT,), (_REGION,), ("aws.ec2.subnet", "aws.ec2.vpc")))),
    "list-quotas": Example(
        _page(
            QuotaUse(
                f"arn:aws:servicequotas:{_REGION}:{_ACCOUNT}:vpc/L-407747CB",
                "L-407747CB",
                "Subnets per VPC",
                _ACCOUNT,
                _REGION,
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
    "list-changes": Example(_page(_CHANGE)),
    "list-tokens": Example(_page(_TOKEN, total=1)),
    "add-token": Example(
        _json(record(_TOKEN) | {"last_used_at": None, "value": "ovna_shown_this_once"}),
        {"name": "grafana", "scopes": ["read"], "expires_at": None},
    ),
    "revoke-token": Example(),
}
