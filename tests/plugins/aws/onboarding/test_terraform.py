"""The role as Terraform: well-formed, complete, and for a small set word for word."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from openvna.plugins.aws.onboarding import terraform
from openvna.plugins.aws.onboarding.options import AwsOnboarding
from openvna.plugins.aws.onboarding.placement import placed
from openvna.plugins.aws.onboarding.plan import plan
from openvna.plugins.aws.policy import chosen
from openvna.plugins.aws.types import FEATURES

from .test_cloudformation import CALLER, EXTERNAL_ID, SHAPES
from .test_placement import made_up

# Written by hand from the provider's documentation, for the two features that are always needed and VPN.
SMALL = """\
terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

variable "external_id" {
  description = "Made by OpenVNA for this source alone."
  type        = string
  default     = "6f1d9c1e-2f63-4c0b-9d0a-0d7c0c1b9a55"
}

variable "trusted_principal" {
  description = "Who may take the role: the identity of OpenVNA."
  type        = string
  default     = "arn:aws:iam::111122223333:role/gateway"
}

variable "role_name" {
  description = "Name of the role."
  type        = string
  default     = "OpenVNA"
}

resource "aws_iam_role" "openvna" {
  name        = var.role_name
  description = "Read-only role for OpenVNA"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Sid       = "OpenVNA"
      Effect    = "Allow"
      Principal = {
        AWS = var.trusted_principal
      }
      Action    = "sts:AssumeRole"
      Condition = {
        StringEquals = {
          "sts:ExternalId" = var.external_id
        }
      }
    }]
  })
}

data "aws_iam_policy_document" "openvna" {
  statement {
    sid = "FlowLogs"

    actions = ["ec2:DescribeFlowLogs"]

    resources = ["*"]
  }

  statement {
    sid = "Vpn"

    actions = [
      "ec2:DescribeCustomerGateways",
      "ec2:DescribeVpnConnections",
      "ec2:DescribeVpnGateways",
      "ec2:GetActiveVpnTunnelStatus",
      "ec2:GetVpnTunnelReplacementStatus",
    ]

    resources = ["*"]
  }
}

resource "aws_iam_policy" "openvna" {
  name        = var.role_name
  description = "Read-only role for OpenVNA"
  policy      = data.aws_iam_policy_document.openvna.json
}

resource "aws_iam_role_policy_attachment" "openvna" {
  role       = aws_iam_role.openvna.name
  policy_arn = aws_iam_policy.openvna.arn
}

output "role_arn" {
  description = "Give this to OpenVNA"
  value       = aws_iam_role.openvna.arn
}
"""


def module(**options: Any) -> str:
    given = AwsOnboarding(**{"caller": CALLER, "tool": "terraform", **options})
    (text,) = [each.text for each in plan(given, EXTERNAL_ID).files if each.name == "openvna.tf"]
    return text


def outside_of_texts(text: str) -> str:
    """The module without what stands between quotes; fails on a quote that does not end on its line."""
    assert all(line.count('"') % 2 == 0 for line in text.splitlines()), "a quote is open"
    return re.sub(r'"[^"\n]*"', '""', text)


def declared(text: str, kind: str) -> set[str]:
    return {".".join(found) for found in re.findall(rf'^{kind} "(\w+)"(?: "(\w+)")? {{', text, re.MULTILINE)}


def test_a_small_one_word_for_word() -> None:
    features = chosen(["flow-logs", "vpn"])
    options = AwsOnboarding(caller=CALLER, tool="terraform")
    assert terraform.module(options, placed(features, terraform.ROLE_VARIABLE), EXTERNAL_ID) == SMALL


@pytest.mark.parametrize("options", [each for each in SHAPES if each.get("scope") != "organization"], ids=str)
def test_it_is_well_formed_and_refers_to_what_is_in_it(options: dict[str, Any]) -> None:
    text = module(**options)
    bare = outside_of_texts(text)
    for opened, closed in ("{}", "[]", "()"):
        depth = 0
        for char in bare:
            depth += (char == opened) - (char == closed)
            assert depth >= 0
        assert depth == 0
    variables = {each.rstrip(".") for each in declared(text, "variable")}
    assert set(re.findall(r"\bvar\.(\w+)", text)) == variables
    data = declared(text, "data")
    assert {f"{kind}.{name}" for kind, name in re.findall(r"\bdata\.(\w+)\.(\w+)", text)} == data
    used = {f"{kind}.{name}" for kind, name in re.findall(r"(?<![\w.])(aws_iam_\w+)\.(\w+)\.", bare)}
    assert used <= declared(text, "resource")
    assert 'output "role_arn"' in text


def test_every_action_of_the_declarations_is_in_it() -> None:
    text = module(features=[*FEATURES])
    permissions = re.findall(r"^data .aws_iam_policy_document.*?^}", text, re.MULTILINE | re.DOTALL)
    found = set(re.findall(r'"([a-z0-9-]+:[A-Z]\w+)"', "".join(permissions)))
    assert found == {action for feature in FEATURES.values() for action in feature.permissions}


def test_many_statements_become_several_policies_each_attached_or_inline() -> None:
    options = AwsOnboarding(caller=CALLER, tool="terraform")
    text = terraform.module(options, placed(made_up(24, 42), terraform.ROLE_VARIABLE), EXTERNAL_ID)
    resources = declared(text, "resource")
    policies = {each.partition(".")[2] for each in resources if each.startswith("aws_iam_policy.")}
    attached = {each.partition(".")[2] for each in resources if each.startswith("aws_iam_role_policy_attachment.")}
    inline = {each.partition(".")[2] for each in resources if each.startswith("aws_iam_role_policy.")}
    documents = {each.partition(".")[2] for each in declared(text, "data") if "policy_document" in each}
    assert len(policies) == 10
    assert policies == attached
    assert policies | inline == documents
    assert inline


def test_texts_are_quoted_as_terraform_reads_them() -> None:
    assert (
        terraform.expression({"a": 'say "hi"\\', "b:c": ["x", "y"]})
        == '{\n  a     = "say \\"hi\\"\\\\"\n  "b:c" = ["x", "y"]\n}'
    )
    assert json.loads(terraform.expression("tab\t")) == "tab\t"
