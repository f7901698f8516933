"""`openvna policy`: the permissions to paste, on standard output and nothing else."""

from __future__ import annotations

import json

from tests.cli.conftest import Cli


def test_the_policy_goes_to_standard_output_and_what_it_fits_to_standard_error(cli: Cli) -> None:
    ended = cli("policy", "aws", "--feature", "vpn")
    assert ended.code == 0
    assert [each["Sid"] for each in json.loads(ended.out)["Statement"]] == ["Vpn"]
    assert "of the 6,144 characters" in ended.err
    assert "of 10,240 characters" in ended.err


def test_terraform_and_cloudformation(cli: Cli) -> None:
    assert 'resource "aws_iam_policy" "openvna"' in cli("policy", "aws", "--format", "terraform").out
    assert cli("policy", "aws", "--format", "cloudformation").out.startswith("AWSTemplateFormatVersion:")


def test_a_plugin_without_permissions_says_so(cli: Cli) -> None:
    ended = cli("policy", "aws-files")
    assert ended.code == 2
    assert "gives no policy" in ended.err
    assert ended.out == ""


def test_features_are_listed_with_what_they_need(cli: Cli) -> None:
    listed = json.loads(cli("plugin", "features", "aws", "--format", "json").out)
    vpn = next(each for each in listed if each["id"] == "vpn")
    assert vpn["optional"] is True
    assert vpn["permissions"] == [
        "ec2:DescribeCustomerGateways", "ec2:DescribeVpnConnections", "ec2:DescribeVpnGateways",
        "ec2:GetActiveVpnTunnelStatus", "ec2:GetVpnTunnelReplacementStatus",
    ]  # fmt: skip
