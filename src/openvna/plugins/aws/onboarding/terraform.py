"""The role as Terraform, for the provider hashicorp/aws. Pure.

Source: the provider's documentation of aws_iam_role, aws_iam_policy, aws_iam_role_policy_attachment,
aws_iam_role_policy, aws_iam_instance_profile and aws_iam_policy_document.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from openvna.plugins.aws.onboarding.cloudformation import DESCRIPTION
from openvna.plugins.aws.onboarding.options import AwsOnboarding
from openvna.plugins.aws.onboarding.placement import Placed
from openvna.plugins.aws.onboarding.trust import Place, principal, trust_policy
from openvna.plugins.aws.policy import filled
from openvna.plugins.aws.policy_formats import terraform_statement

ROLE_VARIABLE = "${var.role_name}"
"""The role's own name inside the module."""

_PARTITION = "${data.aws_partition.current.partition}"
_ACCOUNT = "${data.aws_caller_identity.current.account_id}"


def module(options: AwsOnboarding, placed: Placed, external_id: str) -> str:
    """The file: variables with their defaults filled in, the role, its policies, and its ARN as an output."""
    place = Place(_PARTITION, _ACCOUNT, "${var.trusted_principal}", "${var.external_id}")
    trust = trust_policy(options, place)
    body = [
        _block(
            'resource "aws_iam_role" "openvna"',
            name="var.role_name",
            description=_text(DESCRIPTION),
            assume_role_policy=f"jsonencode({expression(trust, 1)})",
        )
    ]
    for number, policy in enumerate(placed.all, 1):
        suffix = "" if number == 1 else f"_{number}"
        inner = "\n\n".join(terraform_statement(each) for each in filled(policy, _PARTITION, _ACCOUNT))
        body.append(f'data "aws_iam_policy_document" "openvna{suffix}" {{\n{inner}\n}}')
        document = f"data.aws_iam_policy_document.openvna{suffix}.json"
        name = _text(f"{ROLE_VARIABLE}-{number}") if number > 1 else "var.role_name"
        if number > len(placed.managed):
            body.append(
                _block(
                    f'resource "aws_iam_role_policy" "openvna{suffix}"',
                    name=name,
                    role="aws_iam_role.openvna.name",
                    policy=document,
                )
            )
            continue
        body += [
            _block(
                f'resource "aws_iam_policy" "openvna{suffix}"',
                name=name,
                description=_text(DESCRIPTION),
                policy=document,
            ),
            _block(
                f'resource "aws_iam_role_policy_attachment" "openvna{suffix}"',
                role="aws_iam_role.openvna.name",
                policy_arn=f"aws_iam_policy.openvna{suffix}.arn",
            ),
        ]
    if options.way == "machine" and options.runs_on == "ec2":
        body.append(
            _block(
                'resource "aws_iam_instance_profile" "openvna"', name="var.role_name", role="aws_iam_role.openvna.name"
            )
        )
    body.append(
        _block('output "role_arn"', description=_text("Give this to OpenVNA"), value="aws_iam_role.openvna.arn")
    )
    text = "\n\n".join(body)
    needed = [
        f'data "{name}" "current" {{}}'
        for name in ("aws_partition", "aws_caller_identity")
        if f"data.{name}.current" in text
    ]
    return "\n\n".join([_provider(), *_variables(options, external_id), *needed, text]) + "\n"


def expression(value: Any, depth: int = 0) -> str:
    """JSON data as an expression of Terraform's language; `${...}` in a text stays what it is there."""
    pad, outer = "  " * (depth + 1), "  " * depth
    if isinstance(value, Mapping):
        names = {key: key if key.isidentifier() else _text(key) for key in value}
        width = max(map(len, names.values()), default=0)
        lines = [f"{pad}{names[key].ljust(width)} = {expression(item, depth + 1)}" for key, item in value.items()]
        return "{\n" + "\n".join(lines) + f"\n{outer}}}"
    if isinstance(value, list):
        if all(isinstance(item, str) for item in value):
            return "[" + ", ".join(_text(item) for item in value) + "]"
        return "[" + ", ".join(expression(item, depth) for item in value) + "]"
    alone = re.fullmatch(r"\$\{([^{}]+)\}", str(value))
    return alone[1] if alone else _text(str(value))


def _provider() -> str:
    return 'terraform {\n  required_providers {\n    aws = {\n      source = "hashicorp/aws"\n    }\n  }\n}'


def _variables(options: AwsOnboarding, external_id: str) -> list[str]:
    found = [_variable("role_name", "Name of the role.", options.role_name)]
    if options.way == "role":
        found = [
            _variable("external_id", "Made by OpenVNA for this source alone.", external_id),
            _variable("trusted_principal", "Who may take the role: the identity of OpenVNA.", principal(options)),
            *found,
        ]
    return found


def _variable(name: str, description: str, default: str) -> str:
    return _block(f'variable "{name}"', description=_text(description), type="string", default=_text(default))


def _block(head: str, **members: str) -> str:
    """A block with its arguments below each other, as `terraform fmt` writes them."""
    width = max(len(name) for name, text in members.items() if "\n" not in text)
    lines = [f"  {name.ljust(width) if chr(10) not in text else name} = {text}" for name, text in members.items()]
    return "{} {{\n{}\n}}".format(head, "\n".join(lines))


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
