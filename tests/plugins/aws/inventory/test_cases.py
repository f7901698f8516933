"""Every resource type has a case folder: saved answers of AWS, and the resources that they amount to."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from openvna.model import Resource
from openvna.plugin import Complete, Record
from openvna.plugins.aws.types import TYPES
from openvna.plugins.aws_files.answers import KNOWN, answer_of
from openvna.plugins.aws_files.config import FilesConfig
from openvna.plugins.aws_files.folder import scan
from openvna.plugins.aws_files.session import FilesSession

CASES = Path(__file__).parents[3] / "cases" / "aws"
ANSWERS = sorted(path for path in CASES.glob("*/answers/**/*.json"))


@cache
def service_model(service: str) -> Any:
    return botocore.session.get_session().get_service_model(service)


def collected(type_name: str) -> list[Resource]:
    folder = scan(FilesConfig(directory=str(CASES / type_name / "answers")))
    (part,) = folder.parts
    part.account, part.region = "111122223333", "eu-west-1"
    found = []
    for each in FilesSession(folder).collect(part.scope, [type_name]):
        if isinstance(each, Record):
            found.append(each.resource)
        else:
            assert isinstance(each, Complete), each
    return sorted(found, key=lambda resource: resource.id)


def as_expected(resource: Resource) -> dict[str, Any]:
    """The resource without what the declaration fixes (type, kind) and without AWS's own document."""
    return {
        "id": resource.id,
        "account": resource.account,
        "region": resource.region,
        "alias": resource.alias,
        "name": resource.name,
        "tags": dict(resource.tags),
        "attributes": dict(resource.attributes),
        "relations": [[relation.name, relation.to] for relation in resource.relations],
    }


def test_every_type_has_a_case_folder_and_no_folder_is_left_over() -> None:
    assert {path.name for path in CASES.iterdir()} == set(TYPES)


@pytest.mark.parametrize("type_name", TYPES)
def test_saved_answers_amount_to_the_expected_resources(type_name: str) -> None:
    expected = json.loads((CASES / type_name / "expected.json").read_text())
    assert expected, "a case that expects nothing shows nothing"
    assert [as_expected(resource) for resource in collected(type_name)] == sorted(
        expected, key=lambda resource: resource["id"]
    )


SECRET = "not-to-be-kept"
"""How the cases mark a value that AWS returns and nobody may see."""


@pytest.mark.parametrize(
    "type_name",
    [
        "aws.ec2.vpn-connection",
        "aws.elbv2.listener-rule",
        "aws.directconnect.virtual-interface",
        "aws.ec2.verified-access-trust-provider",
        "aws.wafv2.web-acl",
        "aws.wafv2.cloudfront-web-acl",
        "aws.apigateway.stage",
        "aws.apigatewayv2.stage",
        "aws.apigatewayv2.integration",
        "aws.cloudfront.distribution",
        "aws.interconnect.connection",
    ],
)
def test_secrets_in_an_answer_stay_there(type_name: str) -> None:
    answers = [path.read_text() for path in (CASES / type_name / "answers").rglob("*.json")]
    assert any(SECRET in answer for answer in answers)
    assert SECRET not in repr(collected(type_name))


@pytest.mark.parametrize("type_name", TYPES)
def test_a_case_shows_most_attributes_of_its_type(type_name: str) -> None:
    """An attribute whose path is misspelt would never have a value."""
    shown = {name for resource in collected(type_name) for name in resource.attributes}
    declared = {field.name for field in TYPES[type_name].fields}
    assert len(shown) >= 0.6 * len(declared), declared - shown


@pytest.mark.parametrize("path", ANSWERS, ids=lambda path: str(path.relative_to(CASES)))
def test_an_answer_has_only_members_that_aws_knows(path: Path) -> None:
    found = answer_of(path)
    assert found is not None
    call = KNOWN[found[0].name]
    shape = service_model(call.service).operation_model(call.operation).output_shape
    assert list(unknown_members(json.loads(path.read_text()), shape)) == []


def unknown_members(value: Any, shape: Any, where: str = "") -> Iterator[str]:
    """The members of an answer that botocore's model of it does not have, and values of another JSON type."""
    kinds = {"structure": dict, "map": dict, "list": list, "boolean": bool, "integer": int, "long": int, "string": str}
    if not isinstance(value, kinds.get(shape.type_name, object)):
        yield f"{where} is no {shape.type_name}"
    elif shape.type_name == "structure":
        for name, member in value.items():
            if name not in shape.members:
                yield f"{where}.{name}"
            else:
                yield from unknown_members(member, shape.members[name], f"{where}.{name}")
    elif shape.type_name == "list":
        for item in value:
            yield from unknown_members(item, shape.member, f"{where}[]")


def test_a_member_that_aws_does_not_know_is_noticed() -> None:
    shape = service_model("ec2").operation_model("DescribeVpcs").output_shape
    answer = {"Vpcs": [{"VpcId": "vpc-1", "Cidr": "10.0.0.0/8", "IsDefault": "no"}]}
    assert list(unknown_members(answer, shape)) == [".Vpcs[].Cidr", ".Vpcs[].IsDefault is no boolean"]
