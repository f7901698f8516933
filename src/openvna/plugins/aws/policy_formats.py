"""The policy as text: plain JSON, CloudFormation, Terraform. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, cast

from openvna.model import InvalidInput
from openvna.plugin.policy import Policy, PolicyText
from openvna.plugins.aws.endpoints import HOME_REGIONS
from openvna.plugins.aws.policy import (
    INLINE_LIMIT,
    MANAGED_LIMIT,
    Statement,
    chosen,
    document,
    filled,
    packed,
    size,
    statements,
)

FORMATS = ("json", "terraform", "cloudformation")

NAME = "OpenVNA"
DESCRIPTION = "Read-only access for OpenVNA, one statement for each feature"

_TERRAFORM_PARTITION = "${data.aws_partition.current.partition}"
_TERRAFORM_ACCOUNT = "${data.aws_caller_identity.current.account_id}"
_FORM = re.compile(r"arn:[a-z-]+:iam::(?:\d{12}|\*):(?:role|user)/[\w+=,.@/-]{1,600}|[\w+=,.@/-]{1,600}", re.ASCII)
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9/.-]*(?: [A-Za-z0-9/.-]+)*")
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})


def policy(
    wanted: Collection[str] | None = None,
    without: Collection[str] = (),
    format: str = "json",
    short: bool = False,
    identity: str = "",
    partition: str = "",
) -> Policy:
    """What the contract's `GivesPolicy` says. `identity` is an ARN, or the name of a role with its path."""
    partition = partition or "aws"
    if format not in FORMATS:
        raise InvalidInput(
            f"There is no format {format!r}.", f"There are: {', '.join(FORMATS)}.", "Choose one of them."
        )
    if partition not in HOME_REGIONS:
        raise InvalidInput(
            f"There is no partition {partition!r}.", f"There are: {', '.join(HOME_REGIONS)}.", "Choose one of them."
        )
    if identity and not _FORM.fullmatch(identity):
        raise InvalidInput(
            f"{identity!r} is no role or user.",
            "A policy is for a role's name, or for the ARN of a role or user.",
            "Write it like OpenVNA or arn:aws:iam::111122223333:role/OpenVNA.",
        )
    features = chosen(wanted, without)
    policies = packed(statements(features, identity, short))
    if format == "json":
        texts = _json(policies, partition)
    elif format == "terraform":
        texts = (_text("openvna.tf", terraform(policies), policies, partition),)
    else:
        texts = (_text("openvna.yaml", yaml(cloudformation(policies)), policies, partition),)
    return Policy(format, tuple(each.id for each in features), texts, _notes(policies, partition, short))


def cloudformation(policies: Sequence[Sequence[Statement]]) -> dict[str, Any]:
    """A template with a managed policy for each of these."""
    resources = {
        name: {
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {
                "Description": DESCRIPTION,
                "PolicyDocument": document(filled(each, "${AWS::Partition}", "${AWS::AccountId}")),
            },
        }
        for name, each in zip(_names(policies, "Policy"), policies, strict=True)
    }
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": DESCRIPTION,
        "Resources": resources,
        "Outputs": {f"{name}Arn": {"Value": {"Ref": name}} for name in resources},
    }


def terraform(policies: Sequence[Sequence[Statement]]) -> str:
    """A managed policy for each of these, with what they refer to."""
    blocks: list[str] = []
    if any("{partition}" in one or "{account}" in one for each in policies for of in each for one in of.resources):
        blocks += ['data "aws_partition" "current" {}', 'data "aws_caller_identity" "current" {}']
    for name, each in zip(_names(policies, ""), policies, strict=True):
        label = name.lower()
        inner = "\n\n".join(terraform_statement(one) for one in filled(each, _TERRAFORM_PARTITION, _TERRAFORM_ACCOUNT))
        blocks += [
            f'data "aws_iam_policy_document" "{label}" {{\n{inner}\n}}',
            f'resource "aws_iam_policy" "{label}" {{\n'
            f'  name        = "{name}"\n'
            f'  description = "{DESCRIPTION}"\n'
            f"  policy      = data.aws_iam_policy_document.{label}.json\n}}",
        ]
    return "\n\n".join(blocks) + "\n"


def terraform_statement(statement: Statement) -> str:
    """One `statement` block of an `aws_iam_policy_document`."""
    return (
        "  statement {\n"
        f'    sid = "{statement.sid}"\n\n'
        f"    actions = {_list(statement.actions)}\n\n"
        f"    resources = {_list(statement.resources)}\n"
        "  }"
    )


def yaml(value: Mapping[str, Any]) -> str:
    """Mappings, lists and strings as YAML. A string with `${` in it becomes CloudFormation's `!Sub`."""
    return "\n".join(_yaml(value, 0)) + "\n"


def _yaml(value: object, depth: int) -> Iterable[str]:
    pad = "  " * depth
    if isinstance(value, Mapping):
        for key, item in value.items():
            if isinstance(item, Mapping | list) and item:
                yield f"{pad}{_scalar(str(key))}:"
                yield from _yaml(item, depth + 1)
            else:
                yield f"{pad}{_scalar(str(key))}: {_scalar(item)}"
    else:
        for item in cast("list[object]", value):
            if isinstance(item, Mapping | list) and item:
                lines = list(_yaml(item, depth + 1))
                yield f"{pad}- {lines[0].lstrip()}"
                yield from lines[1:]
            else:
                yield f"{pad}- {_scalar(item)}"


def _scalar(value: object) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    if "${" in value:
        return f"!Sub {json.dumps(value)}"
    return value if _PLAIN.fullmatch(value) and value.lower() not in _WORDS else json.dumps(value)


def _list(values: Sequence[str]) -> str:
    if len(values) == 1:
        return f'["{values[0]}"]'
    return "[\n" + "".join(f'      "{each}",\n' for each in values) + "    ]"


def _names(policies: Sequence[object], suffix: str) -> tuple[str, ...]:
    return tuple(f"{NAME}{suffix}{place if place > 1 else ''}" for place in range(1, len(policies) + 1))


def _json(policies: Sequence[Sequence[Statement]], partition: str) -> tuple[PolicyText, ...]:
    texts = []
    for name, each in zip(_names(policies, ""), policies, strict=True):
        whole = document(filled(each, partition, "*"))
        texts.append(PolicyText(f"{name}.json", json.dumps(whole, indent=2) + "\n", size(whole), MANAGED_LIMIT))
    return tuple(texts)


def _text(name: str, text: str, policies: Sequence[Sequence[Statement]], partition: str) -> PolicyText:
    """One text with all policies in it: its size is that of the largest, the one that has to fit."""
    return PolicyText(name, text, max(_sizes(policies, partition), default=0), MANAGED_LIMIT)


def _sizes(policies: Sequence[Sequence[Statement]], partition: str) -> list[int]:
    return [size(document(filled(each, partition, "*"))) for each in policies]


def _notes(policies: Sequence[Sequence[Statement]], partition: str, short: bool) -> tuple[str, ...]:
    whole = sum(_sizes(policies, partition))
    count = len(policies)
    as_managed = (
        f"As a managed policy: {whole:,} of the {MANAGED_LIMIT:,} characters that AWS takes."
        if count == 1
        else f"One managed policy takes {MANAGED_LIMIT:,} characters: these are {count}; attach all of them."
    )
    fits = "fits" if whole <= INLINE_LIMIT else "does not fit"
    inline = f"As inline policies of a role it {fits}: {whole:,} of {INLINE_LIMIT:,} characters, with those there are."
    wide = (
        "The short form allows more than OpenVNA uses: every reading action of its groups, such as the user data of "
        "instances (ec2:DescribeInstanceAttribute). The long form names each action."
    )
    return (as_managed, inline, *((wide,) if short else ()))
