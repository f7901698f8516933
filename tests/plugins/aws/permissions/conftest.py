"""A verification run to its verdict against a server of ours that answers as AWS would, with dry runs and denials."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import Any

import pytest

from openvna.plugin import Denied, PermissionResult, Verdict
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.diagnosis import verify
from openvna.plugins.aws.transport import Timeouts
from support import fault_server as faults
from support.fault_server import Answer, FaultServer, Request, ec2_error, fault_server, sts_error
from support.sources import access_key

NO_POLICY = "because no identity-based policy allows the {} action"


def denial(action: str, reason: str = NO_POLICY, user: str = faults.USER) -> Answer:
    said = f"User: {user} is not authorized to perform: {action} {reason.format(action)}"
    code = "UnauthorizedOperation" if action.startswith("ec2:") else "AccessDenied"
    return (ec2_error if action.startswith("ec2:") else sts_error)(code, said)


def allowed(request: Request) -> Answer:
    """As AWS answers one who may do everything and has nothing: dry runs are told, ids do not exist."""
    if request.service == "ec2":
        return ec2_error("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412)
    if request.service == "elasticloadbalancing":
        return sts_error("LoadBalancerNotFound", "One or more load balancers not found", 400)
    return sts_error("InvalidAction", f"Could not find operation {request.action}", 400)


class Tried:
    """A verdict, and its cells by feature and region."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict

    def cell(self, feature: str, region: str = "us-east-1", account: str | None = None) -> PermissionResult:
        return next(
            each
            for each in self.verdict.permissions
            if each.feature == feature and each.region == region and account in (None, each.account)
        )

    def states(self, feature: str) -> dict[str, str]:
        return {each.region: each.state.value for each in self.verdict.permissions if each.feature == feature}


Run = Callable[..., Tried]


@pytest.fixture
def aws() -> Generator[FaultServer, None, None]:
    with fault_server() as server:
        server.good()
        server.on("SimulatePrincipalPolicy", denial("iam:SimulatePrincipalPolicy"))
        server.on("GetRole", denial("iam:GetRole"))
        server.otherwise = allowed
        yield server


@pytest.fixture
def run(aws: FaultServer) -> Run:
    def tried(there: Mapping[str, str] | None = None, again: tuple[Denied, ...] = (), **settings: Any) -> Tried:
        if there is not None:
            aws.on(
                "DescribeRegions", faults.regions(**{name.replace("-", "_"): state for name, state in there.items()})
            )
            settings.setdefault("regions", tuple(there))
        config = AwsConfig.model_validate({"credential": access_key(), "endpoint_url": aws.url, **settings})
        events = list(verify(config, {}, Timeouts(10, 30), (), lambda _seconds: None, again=again))
        verdict = events[-1]
        assert isinstance(verdict, Verdict)
        return Tried(verdict)

    return tried
