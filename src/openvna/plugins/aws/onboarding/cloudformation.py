"""The role as a CloudFormation template. Pure.

Sources: CloudFormation user guide, "Template anatomy", "Quick-create links"; resource reference, AWS::IAM::Role,
AWS::IAM::ManagedPolicy, AWS::IAM::RolePolicy.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from openvna.plugin import Feature
from openvna.plugins.aws.onboarding.options import AwsOnboarding
from openvna.plugins.aws.onboarding.placement import Placed
from openvna.plugins.aws.onboarding.trust import Place, principal, trust_policy
from openvna.plugins.aws.policy import Statement, document, filled, sid_of
from openvna.plugins.aws.policy_formats import yaml

DESCRIPTION = "Read-only role for OpenVNA"
ROLE_PARAMETER = "${RoleName}"
"""The role's own name inside the template."""

_PARTITION, _ACCOUNT = "${AWS::Partition}", "${AWS::AccountId}"
_EXTERNAL_ID = r"[\w+=,.@:/-]{2,1224}"


def template(options: AwsOnboarding, placed: Placed, external_id: str, without: Sequence[str] = ()) -> dict[str, Any]:
    """The template. A text with `${` in it stands for `Fn::Sub` of it.

    Every optional feature has a parameter, so that whoever creates the stack can leave it out; those in `without` are
    left out unless that person asks for them.
    """
    parameters, labels = _parameters(options, placed.features, external_id, without)
    conditions = {
        f"With{sid_of(each.id)}": {"Fn::Equals": [{"Ref": f"Feature{sid_of(each.id)}"}, "yes"]}
        for each in placed.features
        if each.optional
    }
    resources: dict[str, Any] = {"Role": _role(options)}
    for number, policy in enumerate(placed.all, 1):
        name = f"Permissions{number if number > 1 else ''}"
        resources[name] = _policy(name, policy, placed, inline=number > len(placed.managed))
        needed = [f"With{sid_of(each.id)}" for each in _features_of(policy, placed)]
        if needed and len(needed) == len(_features_of(policy, placed, optional=False)):
            # Every statement of it may be left out, and a policy without any is refused.
            resources[name]["Condition"] = name if len(needed) > 1 else needed[0]
            if len(needed) > 1:
                conditions |= _any_of(name, needed)
    outputs: dict[str, Any] = {
        "RoleArn": {"Description": "Give this to OpenVNA", "Value": {"Fn::GetAtt": ["Role", "Arn"]}}
    }
    if options.way == "machine" and options.runs_on == "ec2":
        resources["InstanceProfile"] = {
            "Type": "AWS::IAM::InstanceProfile",
            "Properties": {"InstanceProfileName": {"Ref": "RoleName"}, "Roles": [{"Ref": "Role"}]},
        }
        outputs["InstanceProfile"] = {"Value": {"Ref": "InstanceProfile"}}
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": DESCRIPTION,
        "Metadata": {"AWS::CloudFormation::Interface": labels},
        "Parameters": parameters,
        **({"Conditions": conditions} if conditions else {}),
        "Resources": resources,
        "Outputs": outputs,
    }


def written(whole: Mapping[str, Any], form: str) -> str:
    """The template as text: `yaml` or `json`."""
    return yaml(whole) if form == "yaml" else json.dumps(_substituted(whole), indent=2) + "\n"


def parameter_values(options: AwsOnboarding, external_id: str) -> dict[str, str]:
    """The parameters that say who we are, by name. They are the template's own defaults too."""
    known = {"RoleName": options.role_name}
    if options.way == "role":
        known = {"ExternalId": external_id, "TrustedPrincipal": principal(options)} | known
    return known


def _parameters(
    options: AwsOnboarding, features: Sequence[Feature], external_id: str, without: Sequence[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The parameters, and how the console groups and names them."""
    parameters: dict[str, Any] = {}
    groups: list[dict[str, Any]] = []
    labels: dict[str, Any] = {}
    if options.way == "role":
        parameters["ExternalId"] = {
            "Type": "String",
            "Default": external_id,
            "AllowedPattern": _EXTERNAL_ID,
            "Description": "Made by OpenVNA for this source alone. Leave it as it is.",
        }
        parameters["TrustedPrincipal"] = {
            "Type": "String",
            "Default": principal(options),
            "AllowedPattern": "arn:.+",
            "Description": "Who may take the role, the identity of OpenVNA. Leave it as it is.",
        }
        groups.append({"Label": {"default": "Who may take the role"}, "Parameters": ["TrustedPrincipal", "ExternalId"]})
        labels |= {
            "ExternalId": {"default": "External ID"},
            "TrustedPrincipal": {"default": "Trusted principal"},
        }
    parameters["RoleName"] = {
        "Type": "String",
        "Default": options.role_name,
        "AllowedPattern": r"[\w+=,.@-]{1,64}",
        "Description": "Name of the role.",
    }
    labels["RoleName"] = {"default": "Name of the role"}
    groups.append({"Label": {"default": "Role"}, "Parameters": ["RoleName"]})
    optional = [each for each in features if each.optional]
    for each in optional:
        name = f"Feature{sid_of(each.id)}"
        parameters[name] = {
            "Type": "String",
            "Default": "no" if each.id in without else "yes",
            "AllowedValues": ["yes", "no"],
            "Description": each.description,
        }
        labels[name] = {"default": each.title}
    if optional:
        names = [f"Feature{sid_of(each.id)}" for each in optional]
        groups.append({"Label": {"default": "What it may read besides VPC networks"}, "Parameters": names})
    return parameters, {"ParameterGroups": groups, "ParameterLabels": labels}


def _role(options: AwsOnboarding) -> dict[str, Any]:
    place = Place(_PARTITION, _ACCOUNT, {"Ref": "TrustedPrincipal"}, {"Ref": "ExternalId"})
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": {"Ref": "RoleName"},
            "Description": DESCRIPTION,
            "AssumeRolePolicyDocument": trust_policy(options, place),
        },
    }


def _policy(name: str, policy: Sequence[Statement], placed: Placed, *, inline: bool) -> dict[str, Any]:
    whole = document(filled(policy, _PARTITION, _ACCOUNT))
    whole["Statement"] = [
        _optional(each, placed.feature_of(statement))
        for each, statement in zip(whole["Statement"], policy, strict=True)
    ]
    if inline:
        where: dict[str, Any] = {"PolicyName": name, "RoleName": {"Ref": "Role"}}
        return {"Type": "AWS::IAM::RolePolicy", "Properties": {**where, "PolicyDocument": whole}}
    where = {"Description": DESCRIPTION, "Roles": [{"Ref": "Role"}]}
    return {"Type": "AWS::IAM::ManagedPolicy", "Properties": {**where, "PolicyDocument": whole}}


def _optional(statement: dict[str, Any], feature: Feature) -> dict[str, Any]:
    if not feature.optional:
        return statement
    return {"Fn::If": [f"With{sid_of(feature.id)}", statement, {"Ref": "AWS::NoValue"}]}


def _features_of(policy: Sequence[Statement], placed: Placed, *, optional: bool = True) -> list[Feature]:
    """The features of a policy, each once; with `optional` only those that may be left out."""
    found = dict.fromkeys(placed.feature_of(each) for each in policy)
    return [each for each in found if each.optional or not optional]


def _any_of(name: str, needed: Sequence[str]) -> dict[str, Any]:
    """Conditions that hold where one of `needed` does. `Fn::Or` takes two to ten of them."""
    if len(needed) <= 10:
        return {name: {"Fn::Or": [{"Condition": each} for each in needed]}}
    return _any_of(f"{name}More", needed[9:]) | {
        name: {"Fn::Or": [*({"Condition": each} for each in needed[:9]), {"Condition": f"{name}More"}]}
    }


def _substituted(value: Any) -> Any:
    """The same as JSON has to say it: `${...}` within `Fn::Sub`."""
    if isinstance(value, Mapping):
        return {key: _substituted(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_substituted(item) for item in value]
    return {"Fn::Sub": value} if isinstance(value, str) and "${" in value else value
