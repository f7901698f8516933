"""Of connecting: sessions, tokens, plugins, setting up, sources, verifications and signing in."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from openvna.collect import SignInState
from openvna.collect.permissions import Lost, SourcePermissions
from openvna.model import JSON, Kind
from openvna.northbound.rest import wire
from openvna.northbound.rest.answers import record
from openvna.northbound.rest.examples.base import ACCOUNT, LATER, REGION, SOON, THEN, Example, as_json, event, page
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
    TypeSpec,
    Verdict,
)
from openvna.plugin.onboarding import OnboardingAnswer, OnboardingFile, OnboardingPlan, OnboardingStep, Way
from openvna.plugin.policy import Policy, PolicyText
from openvna.plugin.sign_in import SignInAccount
from openvna.store import (
    Source,
    Token,
    User,
)

_CONFIG: dict[str, JSON] = {
    "credential": {"kind": "access-key", "access_key_id": "AKIAIOSFODNN7EXAMPLE"},
    "regions": [REGION],
}
# The key is the one of AWS's own documentation: it is nobody's.
_CONFIG_WITH_SECRET: dict[str, JSON] = {
    "credential": {
        "kind": "access-key",
        "access_key_id": "AKIAIOSFODNN7EXAMPLE",
        "secret_access_key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    },
    "regions": [REGION],
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
    identity=Identity(ACCOUNT, "arn:aws:iam::111122223333:user/openvna", "iam-user", "aws"),
    steps=(_DONE,),
    regions=(RegionResult(ACCOUNT, REGION, StepOutcome.OK),),
    calls=2,
)
_SOURCE = Source(
    id="s-7f3a",
    name="production",
    plugin="aws",
    config=_CONFIG,
    secrets=("credential.secret_access_key",),
    paused=False,
    interval=900,
    created_at=THEN,
    updated_at=THEN,
    verdict=_VERDICT.as_json(),
    verified_at=THEN,
    last_run_at=SOON,
)
_PAUSED = as_json(_SOURCE) | {"paused": True}
_VERIFICATION = wire.VerificationState("v-2b9c", "aws", None, THEN, "running", (_RUNNING,), None)
_VERIFIED = wire.VerificationState("v-2b9c", "aws", None, THEN, "finished", (_DONE,), _VERDICT)
_SIGN_IN = wire.StartedSignIn(
    id="g-77e0",
    value="sign-in:g-77e0",
    plugin="aws",
    source_id=None,
    started_at=THEN,
    url="https://device.sso.eu-central-1.amazonaws.com/",
    complete_url="https://device.sso.eu-central-1.amazonaws.com/?user_code=BCDF-GHJK",
    code="BCDF-GHJK",
    code_ends_at=THEN + timedelta(minutes=10),
    state="waiting",
    cause=None,
    reason="",
    evidence=(),
    remedy="",
)
_SIGNED_IN = replace(_SIGN_IN, state="signed-in")
_TOKEN = Token("t-13c8", "grafana", ("read",), THEN, None, SOON)
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
    ACCOUNT, REGION, "vpn", PermissionState.DENIED, Confidence.REPORTED, "3 of 3 actions tried by a call.",
    "P-IDENTITY-IMPLICIT", "identity-based policy", "Add this statement to a policy of the role.", (_ACTION,),
)  # fmt: skip
_MISSING = Missing(
    "P-IDENTITY-IMPLICIT", "identity-based policy", Confidence.REPORTED, ("vpn",), ("ec2:DescribeVpnConnections",),
    (ACCOUNT,), (REGION,), _ACTION.evidence, "Add this statement to a policy of the role.",
)  # fmt: skip
_LOST = Lost(
    "P-IDENTITY-IMPLICIT", THEN, None, ("ec2:DescribeVpnConnections",), ("aws.ec2.vpn-connection",), ("vpn",),
    (ACCOUNT,), (REGION,), "Add this statement to a policy of the role.",
)  # fmt: skip
_PERMISSIONS = SourcePermissions(
    "s-7f3a", "production", SOON, (_FEATURE,), (ACCOUNT,), (REGION,), (_CELL,), (_MISSING,), (_LOST,)
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
_SESSION = wire.Session(User("u-1", "admin", THEN), None, ("read", "write", "admin"), "kq3B0uZ1s8yR4tN7", LATER)
_EXTERNAL_ID = "6f1d9c1e-2f63-4c0b-9d0a-0d7c0c1b9a55"
_IDENTITY = Identity(ACCOUNT, "arn:aws:iam::111122223333:role/gateway", "instance-role", "aws")
_WAY = Way(
    "role", "A role in the account", "For nearly everyone: only this source can take it.", ("features",), trusts_us=True
)
_OPTIONS: dict[str, JSON] = {"way": "role", "tool": "terraform", "features": ["vpc"], "caller": _IDENTITY.arn}
_SETTING_UP = wire.OnboardingState(
    id="onb-31c2", name="production", plugin="aws", external_id=_EXTERNAL_ID, options=_OPTIONS,
    config={"credential": {"kind": "ambient"}}, created_at=THEN, updated_at=THEN, way=_WAY,
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
    "health": Example(as_json(wire.Health("ok", "0.1.0"))),
    "session": Example(as_json(_SESSION)),
    "sign-in": Example(as_json(_SESSION), {"name": "admin", "password": "correct horse battery staple"}),
    "sign-out": Example(),
    "support-bundle": Example("openvna-support-20260301-120000.tar.gz"),
    "list-plugins": Example(page(_PLUGIN, total=1)),
    "show-plugin": Example(
        as_json(
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
        as_json(
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
    "list-causes": Example(page(_CAUSE, total=1)),
    "show-cause": Example(as_json(_CAUSE)),
    "show-onboarding-ways": Example(
        as_json(
            wire.OnboardingWays(
                "aws",
                (_WAY,),
                {"type": "object", "properties": {"role_name": {"type": "string", "title": "Role"}}},
            )
        )
    ),
    "find-identity": Example(as_json(_IDENTITY), {"config": {"credential": {"kind": "ambient"}}}),
    "list-onboardings": Example(page(record(_SETTING_UP, without=("way", "plan")), total=1)),
    "begin-onboarding": Example(
        as_json(_SETTING_UP),
        {
            "name": "production",
            "options": {"way": "role", "tool": "terraform", "features": ["vpc"]},
            "config": {"credential": {"kind": "ambient"}},
        },
    ),
    "show-onboarding": Example(as_json(_SETTING_UP)),
    "give-up-onboarding": Example(),
    "settle-onboarding": Example(
        as_json(wire.OnboardingSettings("production", "aws", _ASSUMED)),
        {"answer": "arn:aws:iam::444455556666:role/OpenVNA"},
    ),
    "list-sources": Example(page(_SOURCE, total=1)),
    "add-source": Example(
        as_json(_SOURCE), {"name": "production", "plugin": "aws", "config": _CONFIG_WITH_SECRET, "interval": 900}
    ),
    "show-source": Example(as_json(_SOURCE)),
    "show-permissions": Example(as_json(_PERMISSIONS)),
    "edit-source": Example(as_json(_SOURCE), {"config": {"regions": ["eu-central-1", "eu-west-1"]}, "interval": 3600}),
    "delete-source": Example(as_json(wire.Deleted({"resources": 184, "versions": 201, "runs": 12}))),
    "pause-source": Example(_PAUSED),
    "resume-source": Example(as_json(_SOURCE)),
    "start-verification": Example(as_json(_VERIFICATION), {"plugin": "aws", "config": _CONFIG_WITH_SECRET}),
    "show-verification": Example(as_json(_VERIFIED)),
    "follow-verification": Example(
        event(1, "step", _RUNNING) + event(2, "step", _DONE) + event(3, "verdict", _VERDICT)
    ),
    "start-sign-in": Example(
        as_json(_SIGN_IN),
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
    "show-sign-in": Example(as_json(_SIGNED_IN)),
    "follow-sign-in": Example(event(1, "state", SignInState("waiting")) + event(2, "state", SignInState("signed-in"))),
    "list-sign-in-accounts": Example(page(SignInAccount(ACCOUNT, "Network hub", "aws+network@example.com"), total=1)),
    "list-sign-in-roles": Example(page(wire.SignInRole("NetworkReader"), total=1)),
    "cancel-sign-in": Example(),
    "list-tokens": Example(page(_TOKEN, total=1)),
    "add-token": Example(
        as_json(record(_TOKEN) | {"last_used_at": None, "value": "ovna_shown_this_once"}),
        {"name": "grafana", "scopes": ["read"], "expires_at": None},
    ),
    "revoke-token": Example(),
}
