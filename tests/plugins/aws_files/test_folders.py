"""Folders of saved AWS CLI answers, good and bad."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from openvna.model import NotFound, Outcome, Resource, SourceUnusable
from openvna.plugin import Complete, Problem, Record, Step, StepOutcome, Verdict
from openvna.plugins.aws.types import TYPES
from openvna.plugins.aws_files import FilesConfig, plugin
from openvna.plugins.aws_files.answers import KNOWN, command

VPC = {"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16", "OwnerId": "111122223333"}
HERE = "111122223333/eu-west-1"


@pytest.fixture
def save(tmp_path: Path):
    """Writes a file below the folder; anything but text and bytes as JSON."""

    def write(name: str, content: Any) -> None:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content if isinstance(content, str) else json.dumps(content))

    return write


def settings(folder: Path, **more: str) -> FilesConfig:
    return FilesConfig(directory=str(folder), **more)


def verified(config: FilesConfig) -> tuple[dict[str, Step], Verdict]:
    *steps, verdict = plugin.verify(config)
    assert isinstance(verdict, Verdict)
    return {step.id: step for step in steps if isinstance(step, Step)}, verdict


def collected(config: FilesConfig, *types: str) -> tuple[list[Resource], dict[str, Complete | Problem]]:
    resources, ends = [], {}
    with plugin.open(config) as session:
        for scope in session.discover():
            for each in session.collect(scope, types or None):
                if isinstance(each, Record):
                    resources.append(each.resource)
                else:
                    ends[each.type] = each
    return resources, ends


def scopes(config: FilesConfig) -> list[str]:
    with plugin.open(config) as session:
        return [scope.key for scope in session.discover()]


def test_a_file_belongs_to_the_call_that_its_name_says() -> None:
    assert command("ec2", "DescribeVpcs") == "ec2-describe-vpcs"
    assert command("ec2", "DescribeDhcpOptions") == "ec2-describe-dhcp-options"
    assert command("elbv2", "DescribeTargetHealth") == "elbv2-describe-target-health"


def test_file_names_are_those_of_the_aws_cli() -> None:
    from botocore import xform_name

    for name, call in KNOWN.items():
        assert name == f"{call.service}-{xform_name(call.operation, '-')}"


def test_account_and_region_come_from_the_folders(tmp_path: Path, save) -> None:
    save("111122223333/eu-west-1/ec2-describe-vpcs.json", {"Vpcs": [VPC]})
    save("444455556666/us-gov-west-1/ec2-describe-vpcs.json", {"Vpcs": [VPC]})
    assert scopes(settings(tmp_path)) == ["aws/111122223333/eu-west-1", "aws-us-gov/444455556666/us-gov-west-1"]


@pytest.mark.parametrize("below", ["", "111122223333", "111122223333/eu-west-1"])
def test_the_folder_of_one_account_or_region_will_do(tmp_path: Path, save, below: str) -> None:
    save("111122223333/eu-west-1/ec2-describe-vpcs.json", {"Vpcs": [VPC]})
    assert scopes(settings(tmp_path / below)) == ["aws/111122223333/eu-west-1"]


def test_else_they_come_from_the_content(tmp_path: Path, save) -> None:
    save("ec2-describe-vpcs.json", {"Vpcs": [VPC]})
    save("ec2-describe-subnets.json", {"Subnets": [{"SubnetId": "subnet-1", "AvailabilityZone": "eu-central-1b"}]})
    steps, _ = verified(settings(tmp_path, account="999999999999", region="us-east-1"))
    assert steps["scopes"].evidence == ("account 111122223333 (from content), region eu-central-1 (from content)",)


def test_whose_answers_they_are_is_what_sts_said(tmp_path: Path, save) -> None:
    save("sts-get-caller-identity.json", {"UserId": "u", "Account": "444455556666", "Arn": "a"})
    save("ec2-describe-vpcs.json", {"Vpcs": [VPC]})
    assert scopes(settings(tmp_path, region="eu-west-1")) == ["aws/444455556666/eu-west-1"]


def test_else_they_come_from_the_settings(tmp_path: Path, save) -> None:
    save("ec2-describe-customer-gateways.json", {"CustomerGateways": [{"CustomerGatewayId": "cgw-1"}]})
    assert scopes(settings(tmp_path, account="111122223333", region="eu-west-1")) == ["aws/111122223333/eu-west-1"]


def test_without_any_of_these_the_folder_is_refused_and_the_way_out_is_said(tmp_path: Path, save) -> None:
    save("ec2-describe-customer-gateways.json", {"CustomerGateways": [{"CustomerGatewayId": "cgw-1"}]})
    _, verdict = verified(settings(tmp_path))
    assert (verdict.verdict, verdict.cause) == ("failed", "F-NO-ACCOUNT")
    assert "--account" in (verdict.remedy or "")
    _, verdict = verified(settings(tmp_path, account="111122223333"))
    assert verdict.cause == "F-NO-REGION"
    with pytest.raises(SourceUnusable, match="--region"):
        plugin.open(settings(tmp_path, account="111122223333"))


def test_two_folders_of_one_account_and_region_are_refused(tmp_path: Path, save) -> None:
    save(f"monday/{HERE}/ec2-describe-vpcs.json", {"Vpcs": [VPC]})
    save(f"tuesday/{HERE}/ec2-describe-vpcs.json", {"Vpcs": []})
    _, verdict = verified(settings(tmp_path))
    assert (verdict.verdict, verdict.cause) == ("failed", "F-TWICE")
    assert "monday" in verdict.summary
    assert "tuesday" in verdict.summary


def test_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    config = settings(tmp_path / "nowhere")
    _, verdict = verified(config)
    assert (verdict.verdict, verdict.cause) == ("failed", "F-NO-FOLDER")
    with pytest.raises(SourceUnusable, match="nowhere") as unusable:
        plugin.open(config)
    assert unusable.value.cause == "F-NO-FOLDER"


def test_an_empty_name_is_no_folder() -> None:
    assert verified(FilesConfig(directory=""))[1].cause == "F-NO-FOLDER"


def test_a_file_is_not_a_folder(tmp_path: Path, save) -> None:
    save("vpcs.json", {})
    _, verdict = verified(settings(tmp_path / "vpcs.json"))
    assert verdict.cause == "F-NO-FOLDER"
    assert "a file, not a folder" in verdict.summary


def test_a_folder_without_any_known_file(tmp_path: Path, save) -> None:
    save("holiday.jpg", b"\xff\xd8")
    save("rds-describe-db-instances.json", {"DBInstances": []})
    _, verdict = verified(settings(tmp_path))
    assert (verdict.verdict, verdict.cause) == ("failed", "F-NO-ANSWERS")
    assert "2 files" in verdict.summary


def test_unknown_files_are_listed_and_left_alone(tmp_path: Path, save) -> None:
    save(f"{HERE}/ec2-describe-vpcs.json", {"Vpcs": [VPC]})
    save(f"{HERE}/lambda-list-functions.json", "not even JSON")
    save(f"{HERE}/route53-list-hosted-zones-by-vpc/eu-west-1/vpc-1", {})
    steps, verdict = verified(settings(tmp_path))
    assert verdict.verdict == "ok"
    assert steps["unknown-files"].outcome is StepOutcome.WARNING
    assert steps["unknown-files"].evidence == (
        f"{HERE}/lambda-list-functions.json",
        f"{HERE}/route53-list-hosted-zones-by-vpc/eu-west-1/vpc-1",
    )


def test_a_type_without_a_file_is_unknown_not_absent(tmp_path: Path, save) -> None:
    save(f"{HERE}/ec2-describe-vpcs.json", {"Vpcs": []})
    _, ends = collected(settings(tmp_path))
    assert set(ends) == set(TYPES)
    assert isinstance(ends["aws.ec2.vpc"], Complete), "the file says that there are none"
    subnets = ends["aws.ec2.subnet"]
    assert isinstance(subnets, Problem)
    assert subnets.failure.outcome is Outcome.UNKNOWN
    assert "aws ec2 describe-subnets" in subnets.failure.message


BROKEN = {
    "not JSON": ("Vpcs: none", "F-NOT-JSON"),
    "empty": ("", "F-NOT-JSON"),
    "cut off": ('{"Vpcs": [{"VpcId": "vpc-1"', "F-NOT-JSON"),
    "a list": ([VPC], "F-SHAPE"),
    "nothing": (None, "F-SHAPE"),
    "another answer": ({"Subnets": []}, "F-SHAPE"),
    "an error": ({"error": "denied"}, "F-SHAPE"),
    "no list": ({"Vpcs": {"VpcId": "vpc-1"}}, "F-SHAPE"),
    "no objects": ({"Vpcs": ["vpc-1"]}, "F-SHAPE"),
    "not UTF-8": (b'{"Vpcs": "\xff"}', "F-NOT-JSON"),
}


@pytest.mark.parametrize(("content", "cause"), BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_named_with_the_reason_and_spares_the_others(
    tmp_path: Path, save, content: Any, cause: str
) -> None:
    save(f"{HERE}/ec2-describe-vpcs.json", content)
    save(f"{HERE}/ec2-describe-subnets.json", {"Subnets": [{"SubnetId": "subnet-1"}]})
    steps, verdict = verified(settings(tmp_path))
    assert (verdict.verdict, verdict.cause) == ("degraded", cause)
    assert steps["answers"].outcome is StepOutcome.FAILED
    assert steps["answers"].evidence[0].startswith(f"{HERE}/ec2-describe-vpcs.json: ")
    resources, ends = collected(settings(tmp_path), "aws.ec2.vpc", "aws.ec2.subnet")
    assert [resource.alias for resource in resources] == ["subnet-1"]
    problem = ends["aws.ec2.vpc"]
    assert isinstance(problem, Problem)
    assert (problem.failure.outcome, problem.failure.cause) == (Outcome.FAILED, cause)
    assert "ec2-describe-vpcs.json" in problem.failure.message


def test_a_folder_of_nothing_but_broken_files_fails(tmp_path: Path, save) -> None:
    save(f"{HERE}/ec2-describe-vpcs.json", "nothing")
    assert verified(settings(tmp_path))[1].verdict == "failed"


def test_an_answer_that_was_cut_short_is_read_but_not_taken_for_whole(tmp_path: Path, save) -> None:
    save(f"{HERE}/ec2-describe-vpcs.json", {"Vpcs": [VPC], "NextToken": "more"})
    steps, verdict = verified(settings(tmp_path))
    assert (verdict.verdict, verdict.cause) == ("failed", "F-TRUNCATED")
    assert "NextToken" in steps["answers"].evidence[0]
    resources, ends = collected(settings(tmp_path), "aws.ec2.vpc")
    assert [resource.alias for resource in resources] == ["vpc-1"]
    problem = ends["aws.ec2.vpc"]
    assert isinstance(problem, Problem)
    assert (problem.failure.outcome, problem.failure.cause) == (Outcome.FAILED, "F-TRUNCATED")


def test_routes_that_aws_held_back_are_not_taken_for_all(tmp_path: Path, save) -> None:
    save(
        f"{HERE}/ec2-describe-transit-gateway-route-tables.json",
        {"TransitGatewayRouteTables": [{"TransitGatewayRouteTableId": "tgw-rtb-1"}]},
    )
    save(
        f"{HERE}/ec2-search-transit-gateway-routes/tgw-rtb-1.json",
        {"Routes": [{"DestinationCidrBlock": "10.0.0.0/8"}], "AdditionalRoutesAvailable": True},
    )
    _, ends = collected(settings(tmp_path), "aws.ec2.transit-gateway-route")
    problem = ends["aws.ec2.transit-gateway-route"]
    assert isinstance(problem, Problem)
    assert problem.failure.cause == "F-TRUNCATED"


ARN = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/blue/1a2b"
QUOTED = "arn%3Aaws%3Aelasticloadbalancing%3Aeu-west-1%3A111122223333%3Atargetgroup%2Fblue%2F1a2b"


@pytest.mark.parametrize("suffix", ["", ".json"])
def test_calls_that_take_an_id_are_read_by_its_percent_encoded_name(tmp_path: Path, save, suffix: str) -> None:
    save(f"{HERE}/elbv2-describe-target-groups.json", {"TargetGroups": [{"TargetGroupArn": ARN}]})
    health = {"Target": {"Id": "i-1", "Port": 80}, "TargetHealth": {"State": "healthy"}}
    save(f"{HERE}/elbv2-describe-target-health/{QUOTED}{suffix}", {"TargetHealthDescriptions": [health]})
    resources, ends = collected(settings(tmp_path), "aws.elbv2.target")
    assert [resource.id for resource in resources] == [f"{ARN}/target/i-1:80"]
    assert isinstance(ends["aws.elbv2.target"], Complete)


def test_where_one_of_several_ids_is_missing_the_type_is_unknown_and_the_rest_is_there(tmp_path: Path, save) -> None:
    other = ARN.replace("blue", "green")
    save(
        f"{HERE}/elbv2-describe-target-groups.json",
        {"TargetGroups": [{"TargetGroupArn": other, "TargetGroupName": "green"}, {"TargetGroupArn": ARN}]},
    )
    health = {"Target": {"Id": "i-1", "Port": 80}, "TargetHealth": {"State": "healthy"}}
    save(f"{HERE}/elbv2-describe-target-health/{QUOTED}", {"TargetHealthDescriptions": [health]})
    resources, ends = collected(settings(tmp_path), "aws.elbv2.target")
    assert len(resources) == 1
    problem = ends["aws.elbv2.target"]
    assert isinstance(problem, Problem)
    assert problem.failure.outcome is Outcome.UNKNOWN
    assert problem.failure.message.startswith("For green: ")


def test_an_answer_for_an_id_that_does_not_say_which_is_refused(tmp_path: Path, save) -> None:
    save(f"{HERE}/elbv2-describe-target-groups.json", {"TargetGroups": [{"TargetGroupArn": ARN}]})
    save(f"{HERE}/elbv2-describe-target-health.json", {"TargetHealthDescriptions": []})
    steps, _ = verified(settings(tmp_path))
    assert "TargetGroupArn" in steps["answers"].evidence[0]
    _, ends = collected(settings(tmp_path), "aws.elbv2.target")
    problem = ends["aws.elbv2.target"]
    assert isinstance(problem, Problem)
    assert problem.failure.cause == "F-NO-ID"


def test_a_folder_of_ids_for_a_call_that_takes_none_is_refused(tmp_path: Path, save) -> None:
    save(f"{HERE}/ec2-describe-vpcs/vpc-1.json", {"Vpcs": [VPC]})
    steps, _ = verified(settings(tmp_path))
    assert "ec2-describe-vpcs.json" in steps["answers"].evidence[0]


def test_load_balancers_without_saved_tags_are_whole(tmp_path: Path, save) -> None:
    arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/a/1"
    save(f"{HERE}/elbv2-describe-load-balancers.json", {"LoadBalancers": [{"LoadBalancerArn": arn}]})
    resources, ends = collected(settings(tmp_path), "aws.elbv2.load-balancer")
    assert [resource.tags for resource in resources] == [{}]
    assert isinstance(ends["aws.elbv2.load-balancer"], Complete)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_files_that_windows_wrote(tmp_path: Path, save, encoding: str) -> None:
    save(f"{HERE}/ec2-describe-vpcs.json", json.dumps({"Vpcs": [VPC]}).encode(encoding))
    resources, _ = collected(settings(tmp_path), "aws.ec2.vpc")
    assert [resource.alias for resource in resources] == ["vpc-1"]


def test_what_belongs_to_the_account_is_read_where_it_was_saved(tmp_path: Path, save) -> None:
    save("111122223333/eu-west-1/ec2-describe-vpcs.json", {"Vpcs": []})
    identity = {"UserId": "u", "Account": "111122223333", "Arn": "a"}
    save("111122223333/us-east-1/sts-get-caller-identity.json", identity)
    resources, ends = collected(settings(tmp_path), "aws.account")
    assert [resource.alias for resource in resources] == ["111122223333"]
    assert isinstance(ends["aws.account"], Complete)


def test_pre_shared_keys_do_not_leave_the_files(tmp_path: Path, save) -> None:
    connection = {
        "VpnConnectionId": "vpn-1",
        "CustomerGatewayConfiguration": "<pre_shared_key>psk-of-the-test</pre_shared_key>",
        "Options": {"TunnelOptions": [{"OutsideIpAddress": "203.0.113.1", "PreSharedKey": "psk-of-the-test"}]},
    }
    save(f"{HERE}/ec2-describe-vpn-connections.json", {"VpnConnections": [connection]})
    resources, _ = collected(settings(tmp_path), "aws.ec2.vpn-connection")
    assert len(resources) == 1
    assert "psk-of-the-test" not in repr(resources)
    assert "psk-of-the-test" not in repr(list(plugin.verify(settings(tmp_path))))


def test_a_scope_that_is_not_in_the_folder(tmp_path: Path, save) -> None:
    save(f"{HERE}/ec2-describe-vpcs.json", {"Vpcs": []})
    save("other/444455556666/eu-west-1/ec2-describe-vpcs.json", {"Vpcs": []})
    with plugin.open(settings(tmp_path / "other")) as session:
        (foreign,) = session.discover()
    with plugin.open(settings(tmp_path / "111122223333")) as session, pytest.raises(NotFound):
        list(session.collect(foreign))


def test_settings_are_checked() -> None:
    with pytest.raises(ValidationError):
        FilesConfig(directory="x", account="12")
    with pytest.raises(ValidationError):
        FilesConfig(directory="x", region="Frankfurt")
    with pytest.raises(ValidationError):
        FilesConfig.model_validate({"directory": "x", "folder": "y"})


def test_a_file_that_is_read_or_looked_for_is_no_call(tmp_path: Path, save) -> None:
    save(f"{HERE}/ec2-describe-vpcs.json", {"Vpcs": [VPC]})
    resources, ends = collected(settings(tmp_path))
    assert [each.alias for each in resources if each.type == "aws.ec2.vpc"] == ["vpc-1"]
    assert isinstance(ends["aws.ec2.vpc"], Complete)
    assert isinstance(ends["aws.ec2.subnet"], Problem)
    assert {(each.calls.calls, len(each.by_call)) for each in ends.values()} == {(0, 0)}


def test_a_command_that_is_missing_is_told_as_it_is_typed(tmp_path: Path, save) -> None:
    """Also of a service whose name has a hyphen."""
    save(f"{HERE}/ec2-describe-vpcs.json", {"Vpcs": [VPC]})
    _, ends = collected(settings(tmp_path))
    for type, said in (
        ("aws.ec2.subnet", "`aws ec2 describe-subnets`"),
        ("aws.service-quotas.quota", "`aws service-quotas list-service-quotas`"),
        ("aws.network-firewall.firewall", "`aws network-firewall list-firewalls`"),
    ):
        end = ends[type]
        assert isinstance(end, Problem)
        assert said in end.failure.message
