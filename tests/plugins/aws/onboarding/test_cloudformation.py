"""The role as a CloudFormation template: it parses, refers to what is in it, and holds what was asked for."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from openvna.plugin import Feature
from openvna.plugins.aws.onboarding import cloudformation
from openvna.plugins.aws.onboarding.options import AwsOnboarding
from openvna.plugins.aws.onboarding.placement import placed
from openvna.plugins.aws.onboarding.plan import plan
from openvna.plugins.aws.policy import chosen, sid_of
from openvna.plugins.aws.types import FEATURES

from .test_placement import made_up

EXTERNAL_ID = "6f1d9c1e-2f63-4c0b-9d0a-0d7c0c1b9a55"
CALLER = "arn:aws:iam::111122223333:role/gateway"
EVERYWHERE = {"AWS::Partition", "AWS::AccountId", "AWS::NoValue", "AWS::Region", "AWS::URLSuffix", "AWS::StackName"}


def from_yaml(text: str) -> Any:
    yaml: Any = importlib.import_module("yaml")

    class Loader(yaml.SafeLoader):  # type: ignore[misc]  # the library has no types
        pass

    Loader.add_constructor("!Sub", lambda loader, node: {"Fn::Sub": loader.construct_scalar(node)})
    return yaml.load(text, Loader)


def template(**options: Any) -> dict[str, Any]:
    """The template of these options, read back from the text that is handed out."""
    given = AwsOnboarding(**{"caller": CALLER, "template": "json", **options})
    (text,) = [each.text for each in plan(given, EXTERNAL_ID).files if each.name.startswith("openvna-role.")]
    found: dict[str, Any] = json.loads(text) if given.template == "json" else from_yaml(text)
    return found


def of_features(features: tuple[Feature, ...]) -> dict[str, Any]:
    options = AwsOnboarding(caller=CALLER)
    whole = cloudformation.template(options, placed(features, cloudformation.ROLE_PARAMETER), EXTERNAL_ID)
    found: dict[str, Any] = json.loads(cloudformation.written(whole, "json"))
    return found


def each_node(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from each_node(item)
    elif isinstance(value, list):
        for item in value:
            yield from each_node(item)


def statements(found: dict[str, Any], *, left_out: frozenset[str] = frozenset()) -> dict[str, dict[str, Any]]:
    """The statements of all policies by Sid, as they are once CloudFormation has decided every `Fn::If`."""
    decided: dict[str, dict[str, Any]] = {}
    for resource in found["Resources"].values():
        for each in resource["Properties"].get("PolicyDocument", {}).get("Statement", ()):
            if "Fn::If" in each:
                condition, kept, otherwise = each["Fn::If"]
                assert otherwise == {"Ref": "AWS::NoValue"}
                if condition in left_out:
                    continue
                each = kept
            assert each["Sid"] not in decided
            decided[each["Sid"]] = each
    return decided


SHAPES: list[dict[str, Any]] = [
    {},
    {"scope": "organization"},
    {"scope": "organization", "organization_account": "777788889999"},
    {"caller": "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Net_0123456789abcdef/alice"},
    {"way": "machine", "runs_on": "ec2"},
    {"way": "machine", "runs_on": "ecs"},
    {"way": "machine", "runs_on": "eks-pod-identity"},
    {"way": "machine", "runs_on": "eks-irsa", "oidc_provider": "https://oidc.eks.eu-west-1.amazonaws.com/id/ABC"},
    {"way": "roles-anywhere", "trust_anchor_arn": "arn:aws:rolesanywhere:eu-west-1:111122223333:trust-anchor/abc"},
    {"features": ["vpn"]},
]


@pytest.mark.parametrize("options", SHAPES, ids=str)
def test_yaml_and_json_say_the_same(options: dict[str, Any]) -> None:
    assert template(**options, template="yaml") == template(**options)


@pytest.mark.parametrize("options", SHAPES, ids=str)
def test_everything_that_is_referred_to_is_there(options: dict[str, Any]) -> None:
    found = template(**options)
    assert found["AWSTemplateFormatVersion"] == "2010-09-09"
    named = set(found["Parameters"]) | set(found["Resources"]) | EVERYWHERE
    conditions = set(found.get("Conditions", {}))
    for node in each_node(found):
        if "Ref" in node:
            assert node["Ref"] in named
        if "Fn::GetAtt" in node:
            assert node["Fn::GetAtt"][0] in found["Resources"]
        if "Fn::Sub" in node:
            assert set(re.findall(r"\$\{([^}]+)\}", node["Fn::Sub"])) <= named
        if "Fn::If" in node:
            assert node["Fn::If"][0] in conditions
    for resource in found["Resources"].values():
        assert resource.get("Condition", next(iter(conditions), "")) in conditions | {""}
    labelled = found["Metadata"]["AWS::CloudFormation::Interface"]
    grouped = [name for group in labelled["ParameterGroups"] for name in group["Parameters"]]
    assert sorted(grouped) == sorted(found["Parameters"]) == sorted(labelled["ParameterLabels"])
    assert all(re.fullmatch(r"[A-Za-z0-9]{1,255}", name) for name in (*found["Parameters"], *found["Resources"]))
    assert "RoleArn" in found["Outputs"]


def test_the_parameters_are_filled_in() -> None:
    parameters = template()["Parameters"]
    assert parameters["ExternalId"]["Default"] == EXTERNAL_ID
    assert parameters["TrustedPrincipal"]["Default"] == CALLER
    assert parameters["RoleName"]["Default"] == "OpenVNA"
    for name in ("ExternalId", "TrustedPrincipal", "RoleName"):
        assert re.fullmatch(parameters[name]["AllowedPattern"], parameters[name]["Default"])


def test_only_who_is_named_takes_it_and_only_with_the_external_id() -> None:
    role = template()["Resources"]["Role"]["Properties"]
    assert role["RoleName"] == {"Ref": "RoleName"}
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"AWS": {"Ref": "TrustedPrincipal"}}
    assert trust["Condition"] == {"StringEquals": {"sts:ExternalId": {"Ref": "ExternalId"}}}


def test_each_feature_is_a_statement_with_the_actions_of_its_declarations() -> None:
    found = statements(template())
    usual = chosen()
    assert {sid for sid in found if not sid.endswith("OfItself")} == {sid_of(each.id) for each in usual}
    for feature in usual:
        of_it = [each for sid, each in found.items() if sid in (sid_of(feature.id), f"{sid_of(feature.id)}OfItself")]
        assert {action for each in of_it for action in each["Action"]} == set(feature.permissions)
    assert found["DiagnosisOfItself"]["Resource"] == {
        "Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${RoleName}"
    }


def test_whoever_creates_the_stack_can_leave_out_every_optional_feature() -> None:
    found = template()
    optional = [each for each in chosen() if each.optional]
    for feature in optional:
        name = sid_of(feature.id)
        parameter = found["Parameters"][f"Feature{name}"]
        assert (parameter["Default"], parameter["AllowedValues"]) == ("yes", ["yes", "no"])
        assert found["Conditions"][f"With{name}"] == {"Fn::Equals": [{"Ref": f"Feature{name}"}, "yes"]}
    left = statements(found, left_out=frozenset(f"With{sid_of(each.id)}" for each in optional))
    assert set(left) == {"Account", "Vpc"}, "what is always needed stays"


def test_only_the_features_that_were_asked_for_are_in_it_besides_those_always_needed() -> None:
    assert set(statements(template(features=["vpn"]))) == {"Account", "Vpc", "Vpn"}


def test_a_policy_of_optional_statements_alone_is_left_out_with_the_last_of_them() -> None:
    """A policy without any statement is refused by IAM. `Fn::Or` takes at most ten conditions."""
    found = of_features(made_up(30, 10))
    policies = {name: each for name, each in found["Resources"].items() if name.startswith("Permissions")}
    assert len(policies) > 2
    for name, each in policies.items():
        within = {node["Fn::If"][0] for node in each["Properties"]["PolicyDocument"]["Statement"]}
        assert alternatives(found["Conditions"], each["Condition"]) == within, name
    for condition in found["Conditions"].values():
        assert 2 <= len(condition.get("Fn::Or", (1, 2))) <= 10


def alternatives(conditions: dict[str, Any], name: str) -> set[str]:
    """The features, one of which makes a condition hold."""
    if "Fn::Or" not in conditions[name]:
        return {name}
    return {one for each in conditions[name]["Fn::Or"] for one in alternatives(conditions, each["Condition"])}


def test_a_policy_belongs_to_the_role_managed_or_inline() -> None:
    found = of_features(made_up(24, 42))
    kinds = [each["Type"] for name, each in found["Resources"].items() if name.startswith("Permissions")]
    assert kinds.count("AWS::IAM::ManagedPolicy") == 10
    assert kinds.count("AWS::IAM::RolePolicy") == len(kinds) - 10 >= 1
    for each in found["Resources"].values():
        if each["Type"] == "AWS::IAM::ManagedPolicy":
            assert each["Properties"]["Roles"] == [{"Ref": "Role"}]
        elif each["Type"] == "AWS::IAM::RolePolicy":
            assert each["Properties"]["RoleName"] == {"Ref": "Role"}
            assert each["Properties"]["PolicyName"]


def test_an_instance_gets_a_profile_with_the_role() -> None:
    found = template(way="machine", runs_on="ec2")
    assert found["Resources"]["InstanceProfile"]["Properties"] == {
        "InstanceProfileName": {"Ref": "RoleName"},
        "Roles": [{"Ref": "Role"}],
    }
    assert set(found["Parameters"]) >= {"RoleName"}
    assert "ExternalId" not in found["Parameters"], "nobody else takes this role"


def test_in_an_organization_only_one_account_lists_the_others_and_goes_into_them() -> None:
    found = template(scope="organization")
    assert found["Parameters"]["FeatureOrganization"]["Default"] == "no"
    both = statements(found)
    assert set(both["Organization"]["Action"]) == set(FEATURES["organization"].permissions)
    assert both["OrganizationMembers"] == {
        "Sid": "OrganizationMembers",
        "Effect": "Allow",
        "Action": ["sts:AssumeRole"],
        "Resource": {"Fn::Sub": "arn:${AWS::Partition}:iam::*:role/OpenVNA"},
    }
    left = statements(found, left_out=frozenset({"WithOrganization"}))
    assert not {"Organization", "OrganizationMembers"} & set(left)
