"""The AWS plugin keeps the contract, against a simulated AWS."""

import pytest

from openvna.plugin.conformance import CHECKS, Check, Subject
from openvna.plugins.aws import plugin
from openvna.plugins.aws.config import AwsConfig


@pytest.fixture(scope="module")
def subject(settings: AwsConfig) -> Subject:
    return Subject(plugin, settings)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_aws_plugin_keeps_the_contract(check: Check, subject: Subject) -> None:
    check(subject)
