"""The settings of a whole organization: what is taken, in which form it is kept, and what is told of the rest."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from openvna.plugins.aws.config import AwsConfig


def settings(**organization: Any) -> AwsConfig:
    return AwsConfig.model_validate({"organization": {"role_name": "OpenVNA", **organization}})


@pytest.mark.parametrize(
    ("given", "kept", "arn"),
    [
        ("OpenVNA", "OpenVNA", "arn:aws:iam::111122223333:role/OpenVNA"),
        (" role/network/OpenVNA ", "network/OpenVNA", "arn:aws:iam::111122223333:role/network/OpenVNA"),
        ("/network/OpenVNA", "network/OpenVNA", "arn:aws:iam::111122223333:role/network/OpenVNA"),
    ],
)
def test_a_role_is_named_with_its_path_or_without(given: str, kept: str, arn: str) -> None:
    organization = settings(role_name=given).organization
    assert organization is not None
    assert organization.role_name == kept
    assert organization.role_arn("aws", "111122223333") == arn


def test_accounts_units_and_tags_are_kept_in_one_form_and_once() -> None:
    organization = settings(
        include={
            "accounts": ["1111-2222-3333", "111122223333"],
            "ous": ["Workloads / Prod", "/Sandbox/", "ou-ab12-11111111", "Security Tooling"],
            "tags": ["stage = prod", "network", "stage=prod"],
        }
    ).organization
    assert organization is not None
    assert organization.include.accounts == ("111122223333",)
    assert organization.include.ous == ("Workloads/Prod", "/Sandbox", "ou-ab12-11111111", "Security Tooling")
    assert organization.include.tags == ("stage=prod", "network")


@pytest.mark.parametrize(
    ("given", "place", "words"),
    [
        ({"role_name": "arn:aws:iam::111122223333:role/OpenVNA"}, "organization.role_name", "without the ARN"),
        ({"role_name": "Open VNA"}, "organization.role_name", "64 characters"),
        ({"include": {"accounts": ["1234"]}}, "organization.include.accounts", "12 digits"),
        ({"exclude": {"ous": ["ou-ab12-1"]}}, "organization.exclude.ous", "ou-ab12-11111111"),
        ({"include": {"ous": ["/"]}}, "organization.include.ous", "leave the list empty"),
        ({"include": {"tags": ["=prod"]}}, "organization.include.tags", "has no key"),
        ({"external_id": "x"}, "organization.external_id", "2 to 1224"),
    ],
)
def test_what_has_not_its_form_is_told_with_its_place(given: dict[str, Any], place: str, words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        settings(**given)
    (problem,) = refused.value.errors()
    assert ".".join(str(part) for part in problem["loc"]) == place
    assert words in problem["msg"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"accounts": ["111122223333"]}, "organization.include.accounts"),
        ({"assume_role": {"role_arn": "arn:aws:iam::{account}:role/OpenVNA"}}, "names that account"),
    ],
)
def test_what_does_not_go_with_an_organization(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words.replace(".", r"\.")):
        AwsConfig.model_validate({"organization": {"role_name": "OpenVNA"}, **given})
