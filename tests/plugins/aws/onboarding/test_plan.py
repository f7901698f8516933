"""What is to be done, command by command, and the settings that come of it."""

from __future__ import annotations

import json
import shlex
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import ValidationError

from openvna.model import InvalidInput
from openvna.plugin import Feature
from openvna.plugin.onboarding import OnboardingPlan
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.onboarding.commands import is_large
from openvna.plugins.aws.onboarding.options import WAYS, AwsOnboarding
from openvna.plugins.aws.onboarding.plan import plan, settings
from openvna.plugins.aws.policy import chosen
from openvna.plugins.aws.types import FEATURES

EXTERNAL_ID = "6f1d9c1e-2f63-4c0b-9d0a-0d7c0c1b9a55"
CALLER = "arn:aws:iam::111122223333:role/gateway"
ROLE = "arn:aws:iam::444455556666:role/OpenVNA"
TEMPLATE = "https://templates.s3.eu-west-1.amazonaws.com/openvna/openvna-role.yaml"


def options(**given: Any) -> AwsOnboarding:
    return AwsOnboarding(**{"caller": CALLER, **given})


def made(**given: Any) -> OnboardingPlan:
    return plan(options(**given), EXTERNAL_ID)


def commands(found: OnboardingPlan) -> list[list[str]]:
    """Every command as a shell takes it apart."""
    lines = [line for step in found.steps for line in step.command.replace("\\\n", " ").splitlines()]
    return [shlex.split(line) for line in lines]


def option(command: list[str], name: str) -> str:
    return command[command.index(name) + 1]


def content(found: OnboardingPlan, name: str) -> Any:
    (text,) = [each.text for each in found.files if each.name == name]
    return json.loads(text)


def test_the_ways_are_offered_from_the_best_to_the_last_resort() -> None:
    assert [each.id for each in WAYS] == [
        "role",
        "machine",
        "identity-center",
        "profile",
        "roles-anywhere",
        "access-key",
    ]
    known = set(AwsOnboarding.model_fields)
    assert all(set(each.options) <= known for each in WAYS)


def test_the_stack_is_made_by_one_command_from_the_file_that_is_handed_out() -> None:
    found = made(region="eu-west-1")
    assert [each.name for each in found.files] == ["openvna-role.yaml", "our-policy.json"]
    deploy, describe, ours = commands(found)
    assert deploy[:3] == ["aws", "cloudformation", "deploy"]
    assert option(deploy, "--template-file") == "openvna-role.yaml"
    assert option(deploy, "--stack-name") == option(describe, "--stack-name") == "OpenVNA"
    assert option(deploy, "--capabilities") == "CAPABILITY_NAMED_IAM"
    assert option(deploy, "--region") == option(describe, "--region") == "eu-west-1"
    overrides = deploy[deploy.index("--parameter-overrides") + 1 : deploy.index("--capabilities")]
    assert overrides == [f"ExternalId={EXTERNAL_ID}", f"TrustedPrincipal={CALLER}", "RoleName=OpenVNA"]
    assert option(describe, "--query") == "Stacks[0].Outputs[?OutputKey=='RoleArn'].OutputValue"
    assert ours[:3] == ["aws", "iam", "put-role-policy"]
    assert option(ours, "--role-name") == "gateway"


@pytest.mark.parametrize(
    ("partition", "region", "host"),
    [
        ("aws", "eu-west-1", "console.aws.amazon.com"),
        ("aws-cn", "cn-north-1", "console.amazonaws.cn"),
        ("aws-us-gov", "us-gov-west-1", "console.amazonaws-us-gov.com"),
        ("aws-eusc", "eusc-de-east-1", "console.amazonaws-eusc.eu"),
    ],
)
def test_the_quick_create_link_has_everything_filled_in(partition: str, region: str, host: str) -> None:
    found = made(partition=partition, region=region, template_url=TEMPLATE)
    parts = urlsplit(found.steps[0].link)
    assert (parts.scheme, parts.hostname, parts.path) == ("https", host, "/cloudformation/home")
    assert parse_qs(parts.query) == {"region": [region]}
    page, _, query = parts.fragment.partition("?")
    assert page == "/stacks/quickcreate"
    assert parse_qs(query) == {
        "templateURL": [TEMPLATE],
        "stackName": ["OpenVNA"],
        "param_ExternalId": [EXTERNAL_ID],
        "param_TrustedPrincipal": [CALLER],
        "param_RoleName": ["OpenVNA"],
    }


def test_without_a_bucket_the_console_opens_where_the_file_is_uploaded() -> None:
    link = made(region="eu-west-1").steps[0].link
    assert link == "https://console.aws.amazon.com/cloudformation/home?region=eu-west-1#/stacks/create"


def test_where_the_console_is_not_known_there_is_the_command_alone() -> None:
    step = made(partition="aws-iso", template_url=TEMPLATE).steps[0]
    assert step.link == ""
    assert "--region us-iso-east-1" in step.command


@pytest.mark.parametrize("url", ["http://b.s3.amazonaws.com/t.yaml", "https://example.com/t.yaml", "https://s3.x/"])
def test_a_template_that_aws_would_not_take_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="S3 only"):
        options(template_url=url)


def test_plain_policies_come_with_the_commands_that_take_them() -> None:
    found = made(tool="json", account="4444-5555-6666", features=["vpn"])
    assert [each.name for each in found.files] == ["trust-policy.json", "permissions.json", "our-policy.json"]
    assert content(found, "trust-policy.json")["Statement"][0]["Principal"] == {"AWS": CALLER}
    assert [each["Sid"] for each in content(found, "permissions.json")["Statement"]] == ["Account", "Vpc", "Vpn"]
    assert content(found, "our-policy.json")["Statement"] == [
        {"Sid": "OpenVNA", "Effect": "Allow", "Action": ["sts:AssumeRole"], "Resource": ROLE}
    ]
    create, put, get, _ours = commands(found)
    assert create[:3] == ["aws", "iam", "create-role"]
    assert option(create, "--assume-role-policy-document") == "file://trust-policy.json"
    assert put[:3] == ["aws", "iam", "put-role-policy"]
    assert option(put, "--policy-document") == "file://permissions.json"
    assert get[:3] == ["aws", "iam", "get-role"]
    assert found.answer is not None
    assert found.answer.value == ROLE, "with the account known, so is the role"


@pytest.mark.parametrize(
    ("caller", "start"),
    [
        ("arn:aws:iam::111122223333:user/network/reader", ["aws", "iam", "put-user-policy", "--user-name", "reader"]),
        ("arn:aws:iam::111122223333:role/network/gate", ["aws", "iam", "put-role-policy", "--role-name", "gate"]),
        ("arn:aws:sts::111122223333:assumed-role/gate/s", ["aws", "iam", "put-role-policy", "--role-name", "gate"]),
    ],
)
def test_our_own_side_is_told_how_to_be_allowed(caller: str, start: list[str]) -> None:
    assert commands(made(caller=caller))[-1][:5] == start


def test_a_permission_set_is_changed_in_identity_center_and_not_in_iam() -> None:
    step = made(caller="arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Net_0123456789abcdef/alice").steps[-1]
    assert step.command == ""
    assert "permission set" in step.text


def test_an_organization_gets_a_stack_set_that_takes_in_accounts_to_come() -> None:
    found = made(scope="organization", region="eu-west-1")
    access, create, instances, ours = commands(found)
    assert access[:3] == ["aws", "cloudformation", "activate-organizations-access"]
    assert create[:3] == ["aws", "cloudformation", "create-stack-set"]
    assert option(create, "--permission-model") == "SERVICE_MANAGED"
    assert option(create, "--auto-deployment") == "Enabled=true,RetainStacksOnAccountRemoval=false"
    assert option(create, "--capabilities") == "CAPABILITY_NAMED_IAM"
    assert json.loads(option(create, "--parameters")) == [
        {"ParameterKey": "ExternalId", "ParameterValue": EXTERNAL_ID},
        {"ParameterKey": "TrustedPrincipal", "ParameterValue": CALLER},
        {"ParameterKey": "RoleName", "ParameterValue": "OpenVNA"},
    ]
    assert instances[:3] == ["aws", "cloudformation", "create-stack-instances"]
    assert option(instances, "--regions") == "eu-west-1", "a role is the same in every region"
    assert option(instances, "--deployment-targets") == (
        "OrganizationalUnitIds=$(aws organizations list-roots --query 'Roots[0].Id' --output text)"
    )
    assert ours[:3] == ["aws", "iam", "put-role-policy"]
    allowed = {each["Sid"]: each for each in content(found, "our-policy.json")["Statement"]}
    assert allowed["OrganizationMembers"]["Resource"] == "arn:aws:iam::*:role/OpenVNA"
    assert "organizations:ListAccounts" in allowed["Organization"]["Action"]
    assert "ec2:DescribeVpcs" in allowed["Vpc"]["Action"], "our own account is read with our own identity"
    assert "management account" in found.notes[0]
    assert found.answer is None, "there is nothing to bring back"


def test_units_of_an_organization_are_targeted_and_kept_to() -> None:
    units = ("ou-ab12-cdef3456", "ou-ab12-cdef7890")
    found = made(scope="organization", organizational_units=units)
    (instances,) = [each for each in commands(found) if each[2] == "create-stack-instances"]
    assert option(instances, "--deployment-targets") == f"OrganizationalUnitIds={','.join(units)}"
    config = settings(options(scope="organization", organizational_units=units), EXTERNAL_ID, "")
    kept = AwsConfig.model_validate(config).organization
    assert kept is not None
    assert kept.include.ous == units


def test_an_organization_that_we_are_not_in_is_entered_by_the_account_that_may_list_it() -> None:
    given = {"scope": "organization", "organization_account": "777788889999"}
    lister = "arn:aws:iam::777788889999:role/OpenVNA-Organization"
    found = made(**given)
    _access, deploy, create, _instances, _ours = commands(found)
    overrides = deploy[deploy.index("--parameter-overrides") + 1 : deploy.index("--capabilities")]
    assert overrides == [
        f"ExternalId={EXTERNAL_ID}",
        f"TrustedPrincipal={CALLER}",
        "RoleName=OpenVNA-Organization",
        "FeatureOrganization=yes",
    ]
    parameters = {each["ParameterKey"]: each["ParameterValue"] for each in json.loads(option(create, "--parameters"))}
    assert parameters["TrustedPrincipal"] == lister, "the members trust the role that lists them"
    assert content(found, "our-policy.json")["Statement"][0]["Resource"] == lister
    config = AwsConfig.model_validate(settings(options(**given), EXTERNAL_ID, ""))
    assert config.assume_role is not None
    assert (config.assume_role.role_arn, config.assume_role.external_id) == (lister, EXTERNAL_ID)
    assert config.organization is not None
    assert (config.organization.role_name, config.organization.external_id) == ("OpenVNA", EXTERNAL_ID)


def test_in_the_management_account_itself_no_second_role_is_needed() -> None:
    given = {"scope": "organization", "organization_account": "111122223333"}
    assert "assume_role" not in settings(options(**given), EXTERNAL_ID, "")
    assert all(each[2] != "deploy" for each in commands(made(**given)))


def test_a_template_that_is_too_large_for_a_request_goes_by_a_bucket() -> None:
    assert not is_large("x" * 51_200)
    assert is_large("x" * 51_201)
    assert is_large("ä" * 25_601), "it is bytes that count"


@pytest.mark.parametrize("answer", [ROLE, f'  "{ROLE}"\n', f"RoleArn = {ROLE}", f"role_arn: '{ROLE}',"])
def test_the_roles_arn_is_found_in_what_was_pasted(answer: str) -> None:
    config = AwsConfig.model_validate(settings(options(), EXTERNAL_ID, answer))
    assert config.assume_role is not None
    assert (config.assume_role.role_arn, config.assume_role.external_id) == (ROLE, EXTERNAL_ID)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("", "looks like"),
        ("OpenVNA", "looks like"),
        ("arn:aws:iam::444455556666:user/OpenVNA", "looks like"),
        ("arn:aws-cn:iam::444455556666:role/OpenVNA", "partition aws-cn"),
    ],
)
def test_what_is_no_role_of_this_partition_is_refused_beside_its_field(answer: str, why: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        settings(options(), EXTERNAL_ID, answer)
    ((field, message),) = refused.value.fields
    assert field == "answer"
    assert why in message


@pytest.mark.parametrize("tool", ["cloudformation", "terraform", "json"])
@pytest.mark.parametrize("way", ["role", "machine", "access-key"])
def test_a_feature_that_is_declared_is_in_the_texts_without_another_edit(
    monkeypatch: pytest.MonkeyPatch, way: str, tool: str
) -> None:
    declared = Feature("made-up", "Made up", "For this test.", optional=True, permissions=("ec2:DescribeMadeUp",))
    monkeypatch.setitem(FEATURES, declared.id, declared)  # type: ignore[arg-type]  # a dict, told as what is only read
    texts = "".join(each.text for each in made(way=way, tool=tool).files)
    assert "ec2:DescribeMadeUp" in texts
    assert "MadeUp" in texts.replace("DescribeMadeUp", ""), "with a Sid of its own"


def test_what_was_left_out_is_not_missed_by_the_source() -> None:
    usual = [each.id for each in chosen() if each.optional]
    config = AwsConfig.model_validate(settings(options(features=("vpn",)), EXTERNAL_ID, ROLE))
    assert config.left_out == tuple(each for each in usual if each != "vpn")
    assert AwsConfig.model_validate(settings(options(), EXTERNAL_ID, ROLE)).left_out == ()


def test_nobody_is_trusted_before_it_is_known_who() -> None:
    with pytest.raises(InvalidInput, match="cannot be described yet"):
        plan(AwsOnboarding(), EXTERNAL_ID)


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"way": "machine", "runs_on": "ec2"}, "associate-iam-instance-profile"),
        ({"way": "machine", "runs_on": "ecs"}, ""),
        ({"way": "machine", "runs_on": "eks-pod-identity"}, "create-pod-identity-association"),
        ({"way": "machine", "runs_on": "eks-irsa", "oidc_provider": "https://oidc.example.com/id/A"}, "annotate"),
        (
            {
                "way": "roles-anywhere",
                "trust_anchor_arn": "arn:aws:rolesanywhere:eu-west-1:111122223333:trust-anchor/a",
            },
            "create-profile",
        ),
    ],
)
def test_a_role_of_the_machine_is_made_and_then_put_where_it_runs(given: dict[str, Any], word: str) -> None:
    for tool in ("cloudformation", "terraform", "json"):
        found = made(**given, tool=tool, account="444455556666")
        assert found.answer is None
        assert word in found.steps[-1].command
        assert EXTERNAL_ID not in "".join(each.text for each in found.files), "nobody has to bring one"
        came = settings(options(**given), EXTERNAL_ID, "")
        known = {"kind": "ambient"}
        if given["way"] == "roles-anywhere":
            role = "arn:aws:iam::111122223333:role/OpenVNA"
            known = {"kind": "roles-anywhere", "trust_anchor_arn": given["trust_anchor_arn"], "role_arn": role}
        assert came == {"partition": "aws", "left_out": [], "credential": known}


@pytest.mark.parametrize("way", ["identity-center", "profile", "access-key"])
def test_for_a_credential_that_is_there_already_only_its_permissions_are_given(way: str) -> None:
    found = made(way=way, features=["vpn"])
    assert [each.name for each in found.files] == ["permissions.json"]
    assert [each["Sid"] for each in content(found, "permissions.json")["Statement"]] == ["Account", "Vpc", "Vpn"]


def test_a_users_policy_is_a_managed_one_because_2048_characters_are_all_that_fits_into_a_user() -> None:
    lines = commands(made(way="access-key"))
    first, *attached, last = [each[2] for each in lines]
    assert (first, set(attached), last) == ("create-user", {"attach-user-policy"}, "create-access-key")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"role_name": "a/b"}, "role_name"),
        ({"role_name": "x" * 65}, "role_name"),
        ({"account": "1234"}, "account"),
        ({"region": "Frankfurt"}, "region"),
        ({"organizational_units": ("Workloads",)}, "organizational_units"),
        ({"way": "machine", "runs_on": "eks-irsa"}, "oidc_provider"),
        ({"oidc_provider": "not a url"}, "oidc_provider"),
        ({"service_account": "openvna"}, "service_account"),
        ({"way": "roles-anywhere"}, "trust_anchor_arn"),
        ({"trust_anchor_arn": ROLE}, "trust_anchor_arn"),
        ({"caller": "gateway"}, "caller"),
    ],
)
def test_an_option_that_cannot_be_is_told_beside_its_field(given: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        options(**given)
    assert [each["loc"] for each in refused.value.errors()] == [(field,)]
