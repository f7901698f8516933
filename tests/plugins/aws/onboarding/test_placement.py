"""A role holds only so much: the statements are spread over its policies, and refused where they do not fit."""

from __future__ import annotations

import json
import re

import pytest

from openvna.model import InvalidInput
from openvna.plugin import Feature
from openvna.plugins.aws.onboarding.placement import Placed, into_members, placed
from openvna.plugins.aws.policy import Statement, chosen, document, filled
from openvna.plugins.aws.types import FEATURES

LONGEST_NAME = "R" * 64


def characters(policy: tuple[Statement, ...]) -> int:
    """As IAM counts them, with the longest partition, an account, and the longest name of a role filled in."""
    text = json.dumps(document(filled(policy, "aws-us-gov", "111122223333")))
    return len(re.sub(r"\s", "", text.replace("${RoleName}", LONGEST_NAME)))


def made_up(count: int, actions: int) -> tuple[Feature, ...]:
    """Features with long lists of long actions: 50 characters and a comma with two quotes each."""
    return tuple(
        Feature(
            f"made-up-{number}",
            "",
            "",
            optional=True,
            permissions=tuple(f"ec2:Describe{number:03}{action:035}" for action in range(actions)),
        )
        for number in range(count)
    )


def actions(found: Placed) -> set[str]:
    return {action for policy in found.all for statement in policy for action in statement.actions}


def test_everything_there_is_fits_into_managed_policies_with_every_action_in_it() -> None:
    found = placed(chosen([*FEATURES]), "${RoleName}", members=into_members("OpenVNA"))
    assert len(found.managed) <= 10
    assert not found.inline
    needed = {action for feature in FEATURES.values() for action in feature.permissions}
    assert actions(found) == needed | {"sts:AssumeRole"}
    assert max(map(characters, found.managed)) <= 6144


def test_many_are_spread_over_ten_managed_policies_and_the_rest_inline() -> None:
    features = made_up(24, 42)
    found = placed(features, "${RoleName}")
    assert len(found.managed) == 10
    assert found.inline
    assert max(map(characters, found.managed)) <= 6144
    assert sum(map(characters, found.inline)) <= 10_240
    assert actions(found) == {action for feature in features for action in feature.permissions}
    assert all(found.feature_of(each).id.startswith("made-up-") for policy in found.all for each in policy)


def test_a_feature_that_is_too_long_alone_is_cut_and_still_known_by_its_name() -> None:
    (feature, other) = made_up(2, 200)
    found = placed((feature, other), "${RoleName}")
    assert max(map(characters, found.managed)) <= 6144
    assert actions(found) == {*feature.permissions, *other.permissions}
    for policy in found.managed:
        for statement in policy:
            assert set(statement.actions) <= set(found.feature_of(statement).permissions)


def test_more_than_a_role_can_hold_is_refused_by_name() -> None:
    with pytest.raises(InvalidInput, match="more permissions than one role can hold") as refused:
        placed(made_up(60, 42), "${RoleName}")
    assert refused.value.fields[0][0] == "features"


def test_inline_first_takes_managed_policies_only_where_it_has_to() -> None:
    small = placed(chosen(["vpc"]), "OpenVNA", inline_first=True)
    assert (len(small.managed), len(small.inline)) == (0, 1)
    middling = placed(made_up(4, 42), "OpenVNA", inline_first=True)
    assert (len(middling.managed), len(middling.inline)) == (0, 1), "longer than a managed policy, and still one"
    assert 6144 < characters(middling.inline[0]) <= 10_240
    large = placed(made_up(5, 42), "OpenVNA", inline_first=True)
    assert large.managed
    assert not large.inline


def test_what_is_asked_of_the_role_about_itself_is_allowed_on_it_alone() -> None:
    (policy,) = placed(chosen(["diagnosis"]), "OpenVNA").managed
    itself = [each for each in filled(policy, "aws-cn", "111122223333") if each.resources != ("*",)]
    assert [(each.actions, each.resources) for each in itself] == [
        (("iam:GetRole", "iam:SimulatePrincipalPolicy"), ("arn:aws-cn:iam::111122223333:role/OpenVNA",))
    ]
