"""The pre-flight: every state of a cell, who denies, what is tried where, and that nothing denied reads as allowed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from openvna.plugin import Confidence, Denied
from openvna.plugins.aws.types import FEATURES
from plugins.aws.permissions.conftest import Run, denial
from support import fault_server as faults
from support.fault_server import FaultServer, ec2_error, json_error, regions, result, role_session

HERE = {"us-east-1": "opt-in-not-required"}
TWO = {**HERE, "eu-west-1": "opt-in-not-required"}
VPN = ("ec2:DescribeCustomerGateways", "ec2:DescribeVpnConnections", "ec2:DescribeVpnGateways")
SCP = "with an explicit deny in a service control policy: arn:aws:organizations::999900001111:policy/o-a/p-1"


def statement(remedy: str | None) -> dict[str, Any]:
    assert remedy is not None
    found: dict[str, Any] = json.loads(remedy[remedy.index("{") : remedy.rindex("}") + 1])
    return found


# Every state


def test_a_dry_run_that_would_have_succeeded_is_allowed(run: Run) -> None:
    tried = run(HERE)
    cell = tried.cell("vpn")
    assert (cell.state, cell.confidence) == ("allowed", Confidence.PROVEN)
    assert {each.how for each in cell.actions} == {"dry run"}
    assert tried.verdict.verdict == "ok"
    assert tried.verdict.missing == ()


@pytest.mark.parametrize(
    ("reason", "cause", "layer"),
    [
        ("because no identity-based policy allows the {} action", "P-IDENTITY-IMPLICIT", "identity-based policy"),
        ("with an explicit deny in an identity-based policy", "P-IDENTITY-EXPLICIT", "identity-based policy"),
        ("because no permissions boundary allows the {} action", "P-BOUNDARY-IMPLICIT", "permissions boundary"),
        ("because no session policy allows the {} action", "P-SESSION-IMPLICIT", "session policy"),
        (SCP, "P-SCP-EXPLICIT", "service control policy"),
        ("with an explicit deny in a resource control policy", "P-RCP-EXPLICIT", "resource control policy"),
        ("because no VPC endpoint policy allows the {} action", "P-VPCE-IMPLICIT", "VPC endpoint policy"),
    ],
)
def test_a_denial_names_its_layer(aws: FaultServer, run: Run, reason: str, cause: str, layer: str) -> None:
    for action in VPN:
        aws.on(action.partition(":")[2], denial(action, reason))
    tried = run(HERE)
    cell = tried.cell("vpn")
    assert (cell.state, cell.cause, cell.layer) == ("denied", cause, layer)
    assert {each.action for each in cell.actions if each.state == "denied"} == set(VPN)
    assert (tried.verdict.verdict, tried.verdict.cause) == ("degraded", cause)


def test_an_account_that_administers_no_firewall_manager_is_not_said_to_lack_a_permission(
    aws: FaultServer, run: Run
) -> None:
    """AWS says AccessDeniedException all the same."""
    nobody = json_error("AccessDeniedException", "No default admin could be found for account 111122223333")
    aws.on("ListPolicies", nobody).on("ListComplianceStatus", nobody)
    states = {each.action: each.state for each in run(HERE).cell("firewall-manager").actions}
    assert states["fms:ListPolicies"] == states["fms:ListComplianceStatus"] == "allowed"
    denied = json_error("AccessDeniedException", "User: x is not authorized to perform: fms:ListPolicies")
    aws.on("ListPolicies", denied)
    states = {each.action: each.state for each in run(HERE).cell("firewall-manager").actions}
    assert states["fms:ListPolicies"] == "denied"


def test_one_statement_allows_all_that_one_cause_denies(aws: FaultServer, run: Run) -> None:
    for action in (*VPN, "ec2:DescribeFlowLogs"):
        aws.on(action.partition(":")[2], denial(action))
    tried = run(HERE)
    (missing,) = tried.verdict.missing
    assert set(missing.features) == {"flow-logs", "vpn"}
    assert statement(missing.remedy)["Action"] == sorted((*VPN, "ec2:DescribeFlowLogs"))
    assert statement(tried.cell("vpn").remedy)["Action"] == sorted(VPN)
    assert tried.verdict.remedy == missing.remedy


def test_one_denied_action_denies_its_feature(aws: FaultServer, run: Run) -> None:
    aws.on("DescribeVpnGateways", denial("ec2:DescribeVpnGateways"))
    assert run(HERE).cell("vpn").state == "denied"


def test_a_region_that_is_off(aws: FaultServer, run: Run) -> None:
    aws.on("DescribeVpcs", ec2_error("AuthFailure", "AWS was not able to validate", 401), region="eu-south-1")
    tried = run({**HERE, "eu-south-1": "not-opted-in"})
    assert tried.states("vpn") == {"us-east-1": "allowed", "eu-south-1": "region-off"}
    assert tried.cell("vpn", "eu-south-1").cause == "R-NOT-OPTED-IN"


def test_throttling_is_no_denial(aws: FaultServer, run: Run) -> None:
    aws.on("DescribeFlowLogs", ec2_error("RequestLimitExceeded", "Request limit exceeded.", 503))
    cell = run(HERE).cell("flow-logs")
    assert (cell.state, cell.cause) == ("not-conclusive", "T-THROTTLED")
    assert aws.asked("DescribeFlowLogs") == 3


@pytest.mark.parametrize("code", ["InternalError", "InvalidParameterValue", "OptInRequired"])
def test_what_is_no_word_on_the_permission_leaves_it_open(aws: FaultServer, run: Run, code: str) -> None:
    aws.on("DescribeFlowLogs", ec2_error(code, "no", 400))
    assert run(HERE).cell("flow-logs").state == "not-conclusive"


def test_that_a_made_up_thing_does_not_exist_is_taken_for_a_sign_only(run: Run) -> None:
    cell = run(HERE).cell("load-balancers")
    rules = next(each for each in cell.actions if each.action == "elasticloadbalancing:DescribeRules")
    assert (rules.state, rules.confidence) == ("allowed", Confidence.INFERRED)
    assert rules.how == "call with a made-up id"
    assert "made-up id" in rules.evidence[0]


def test_a_thing_that_is_not_found_says_nothing_where_nothing_was_made_up(run: Run) -> None:
    cell = run(HERE).cell("load-balancers")
    listed = next(each for each in cell.actions if each.action == "elasticloadbalancing:DescribeLoadBalancers")
    assert listed.state == "not-conclusive"


# What it comes to


def test_what_is_always_needed_fails_the_access(aws: FaultServer, run: Run) -> None:
    aws.on("DescribeSubnets", denial("ec2:DescribeSubnets"))
    verdict = run(HERE).verdict
    assert (verdict.verdict, verdict.cause) == ("failed", "P-IDENTITY-IMPLICIT")
    assert "VPC networks" in verdict.summary
    assert statement(verdict.remedy)["Action"] == ["ec2:DescribeSubnets"]


def test_without_the_rights_to_diagnose_the_matrix_is_whole_and_the_access_works(aws: FaultServer, run: Run) -> None:
    for action in FEATURES["diagnosis"].permissions:
        aws.on(action.partition(":")[2], denial(action))
    tried = run(HERE)
    assert tried.verdict.verdict == "ok"
    assert {each.feature for each in tried.verdict.permissions} == {
        each.id for each in FEATURES.values() if each.id != "organization"
    }
    assert tried.cell("diagnosis", "").state == "denied"


# Other regions


def test_in_other_regions_one_action_of_each_feature_is_tried(aws: FaultServer, run: Run) -> None:
    tried = run(TWO)
    cell = tried.cell("vpn", "eu-west-1")
    assert (cell.state, cell.confidence) == ("allowed", Confidence.INFERRED)
    assert cell.note == "1 of 5 actions tried by a call, 4 taken to be as in us-east-1."
    sent = [each for each in aws.requests if each.action in {one.partition(":")[2] for one in VPN}]
    assert sum(each.region == "us-east-1" for each in sent) == 3
    assert sum(each.region == "eu-west-1" for each in sent) == 1


def test_all_is_tried_where_a_region_answers_otherwise(aws: FaultServer, run: Run) -> None:
    aws.on("DescribeVpcs", denial("ec2:DescribeVpcs", SCP), region="eu-west-1")
    aws.on("DescribeVpnGateways", denial("ec2:DescribeVpnGateways", SCP), region="eu-west-1")
    tried = run(TWO)
    assert tried.cell("vpc", "eu-west-1").state == "denied"
    assert tried.cell("vpn", "eu-west-1").state == "denied", "it was tried, and not taken to be as at home"
    assert tried.cell("vpn", "eu-west-1").layer == "service control policy"
    assert tried.verdict.verdict == "degraded", "the other region works"


def test_what_is_denied_in_one_region_alone_is_said_so(aws: FaultServer, run: Run) -> None:
    aws.on("DescribeVpcs", denial("ec2:DescribeVpcs"), region="eu-west-1")
    cell = run(TWO).cell("vpc", "eu-west-1")
    assert (cell.state, cell.cause, cell.confidence) == ("denied", "P-REGION", Confidence.INFERRED)


def test_every_permission_in_every_region_when_asked_for(aws: FaultServer, run: Run) -> None:
    aws.on("DescribeVpnGateways", denial("ec2:DescribeVpnGateways"), region="eu-west-1")
    assert run(TWO).cell("vpn", "eu-west-1").state == "allowed", "one action of the feature stood for it"
    assert run(TWO, preflight_regions="all").cell("vpn", "eu-west-1").state == "denied"


def test_what_was_denied_before_is_tried_again(aws: FaultServer, run: Run) -> None:
    aws.on("DescribeVpnGateways", denial("ec2:DescribeVpnGateways"), region="eu-west-1")
    before = Denied(faults.ACCOUNT, "eu-west-1", "ec2:DescribeVpnGateways")
    assert run(TWO, again=(before,)).cell("vpn", "eu-west-1").state == "denied"
    aws.on("DescribeVpnGateways", ec2_error("DryRunOperation", "yes", 412), region="eu-west-1")
    assert run(TWO, again=(before,)).cell("vpn", "eu-west-1").state == "allowed"


# Simulation


def simulated(*denied: str, boundary: str = "true", organization: str = "true") -> faults.Answering:
    """IAM's answer: everything is allowed but `denied`."""

    def answer(request: faults.Request) -> faults.Answer:
        names = [value for name, value in request.params.items() if name.startswith("ActionNames.member.")]
        members = "".join(
            f"<member><EvalActionName>{name}</EvalActionName><EvalResourceName>*</EvalResourceName>"
            f"<EvalDecision>{'implicitDeny' if name in denied else 'allowed'}</EvalDecision>"
            f"<OrganizationsDecisionDetail><AllowedByOrganizations>{organization}</AllowedByOrganizations>"
            "</OrganizationsDecisionDetail><PermissionsBoundaryDecisionDetail><AllowedByPermissionsBoundary>"
            f"{boundary}</AllowedByPermissionsBoundary></PermissionsBoundaryDecisionDetail></member>"
            for name in names
        )
        return result("SimulatePrincipalPolicy", f"<IsTruncated>false</IsTruncated><EvaluationResults>{members}"
                      "</EvaluationResults>")  # fmt: skip

    return answer


def test_a_simulation_spares_the_calls_but_one_of_each_feature(aws: FaultServer, run: Run) -> None:
    aws.on("SimulatePrincipalPolicy", simulated())
    tried = run(TWO)
    cell = tried.cell("vpn")
    assert (cell.state, cell.confidence) == ("allowed", Confidence.INFERRED)
    assert "4 simulated" in cell.note
    assert "does not see session policies" in cell.note
    assert sum(each.action in ("DescribeCustomerGateways", "DescribeVpnConnections", "DescribeVpnGateways")
               for each in aws.requests) == 1  # fmt: skip
    asked = [each.params for each in aws.requests if each.action == "SimulatePrincipalPolicy"]
    contexts = {value for each in asked for name, value in each.items() if name.startswith("ContextEntries")}
    assert {"aws:RequestedRegion", "us-east-1", "eu-west-1"} <= contexts
    assert {each["PolicySourceArn"] for each in asked} == {faults.USER}


def test_what_a_simulation_denies_is_tried_for_the_reason(aws: FaultServer, run: Run) -> None:
    aws.on("SimulatePrincipalPolicy", simulated("ec2:DescribeVpnGateways"))
    aws.on("DescribeVpnGateways", denial("ec2:DescribeVpnGateways"))
    cell = run(HERE).cell("vpn")
    assert (cell.state, cell.cause) == ("denied", "P-IDENTITY-IMPLICIT")
    assert statement(cell.remedy)["Action"] == ["ec2:DescribeVpnGateways"]


def test_a_denial_without_a_reason_has_that_of_the_simulation(aws: FaultServer, run: Run) -> None:
    aws.on("SimulatePrincipalPolicy", simulated("ec2:DescribeVpnGateways", organization="false"))
    aws.on("DescribeVpnGateways", ec2_error("UnauthorizedOperation", "You are not authorized."))
    cell = run(HERE).cell("vpn")
    assert (cell.state, cell.layer, cell.confidence) == ("denied", "service control policy", Confidence.INFERRED)


def test_a_call_that_is_denied_against_the_simulation_unmasks_it(aws: FaultServer, run: Run) -> None:
    """A session policy: the simulation does not see it, so nothing that it allows counts any more."""
    aws.on("SimulatePrincipalPolicy", simulated())
    for action in VPN:
        aws.on(action.partition(":")[2], denial(action, "because no session policy allows the {} action"))
    tried = run(HERE)
    cell = tried.cell("vpn")
    assert (cell.state, cell.layer) == ("denied", "session policy")
    assert {each.action for each in cell.actions if each.state == "denied"} == set(VPN)
    assert not [one for each in tried.verdict.permissions for one in each.actions if one.how == "simulation"]


def test_the_path_of_a_role_is_asked_for_before_it_is_simulated(aws: FaultServer, run: Run) -> None:
    session = f"arn:aws:sts::{faults.ACCOUNT}:assumed-role/reader/tests"
    role = f"arn:aws:iam::{faults.ACCOUNT}:role/net/reader"
    aws.on("GetCallerIdentity", faults.identity(session))
    aws.on("GetRole", result("GetRole", f"<Role><Arn>{role}</Arn><RoleName>reader</RoleName></Role>"))
    aws.on("SimulatePrincipalPolicy", simulated())
    run(HERE)
    asked = [each.params["PolicySourceArn"] for each in aws.requests if each.action == "SimulatePrincipalPolicy"]
    assert set(asked) == {role}


# Many accounts


def test_in_many_accounts_the_first_are_tried_in_full(aws: FaultServer, run: Run) -> None:
    accounts = ("111111111111", "222222222222", "333333333333")
    aws.on("AssumeRole", role_session("arn:aws:sts::111111111111:assumed-role/OpenVNA/openvna"))
    aws.on("DescribeRegions", regions(us_east_1="opt-in-not-required"))
    settings = {
        "accounts": accounts,
        "assume_role": {"role_arn": "arn:aws:iam::{account}:role/OpenVNA"},
        "regions": ("us-east-1",),
        "full_preflight_accounts": 1,
    }
    tried = run(**settings)
    states = {account: tried.cell("vpn", account=account).state for account in accounts}
    assert states == {accounts[0]: "allowed", accounts[1]: "not-conclusive", accounts[2]: "not-conclusive"}
    assert tried.cell("vpn", account=accounts[1]).note == "1 of 5 actions tried by a call."
    before = Denied(accounts[2], "us-east-1", "ec2:DescribeVpnGateways")
    again = run(again=(before,), **settings)
    assert again.cell("vpn", account=accounts[2]).state == "allowed", "where something was denied comes first"


def test_nothing_denied_is_ever_shown_as_allowed(aws: FaultServer, run: Run) -> None:
    """Whatever one action is denied at home, its feature is not allowed there."""
    denied = [action for action in FEATURES["transit-gateways"].permissions if action.startswith("ec2:")]
    for action in denied:
        aws.on(action.partition(":")[2], denial(action))
        assert run(HERE).cell("transit-gateways").state == "denied", action
        aws.on(action.partition(":")[2], ec2_error("DryRunOperation", "yes", 412))
