"""Hosts, partitions and signatures: the same as botocore's, without botocore."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from openvna.plugins.aws.api import Credentials
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.endpoints import (
    HOME_REGIONS,
    close_match,
    endpoint,
    home_region,
    partition_of_region,
    partitions,
)
from openvna.plugins.aws.signing import signed_headers
from support.fault_server import AKIA, ASIA, SECRET, TOKEN


def test_every_region_of_every_partition_has_botocores_host() -> None:
    import botocore.session

    session = botocore.session.Session()
    resolver = session._get_internal_component("endpoint_resolver")
    checked = 0
    for partition, facts in partitions().items():
        for region in facts.regions:
            for service in ("sts", "ec2"):
                found = endpoint(AwsConfig.model_validate({"partition": partition}), service, region, {})
                assert found.host == resolver.construct_endpoint(service, region)["hostname"]
                assert not found.custom
                checked += 1
    assert checked > 80


def test_every_partition_has_a_home() -> None:
    assert set(HOME_REGIONS) == set(partitions())
    for partition, region in HOME_REGIONS.items():
        assert region in partitions()[partition].regions
        assert partition_of_region(region) == partition


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        ("eu-west-1", "aws"),
        ("ap-southeast-9", "aws"),
        ("cn-north-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
        ("eusc-de-east-1", "aws-eusc"),
        ("us-iso-east-1", "aws-iso"),
        ("eu-west1", None),
        ("london", None),
    ],
)
def test_the_partition_of_a_region(region: str, partition: str | None) -> None:
    assert partition_of_region(region) == partition


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("eu-west1", "eu-west-1"),
        ("euwest1", "eu-west-1"),
        ("eu-west-1b", "eu-west-1"),
        ("EU-CENTRAL-1", "eu-central-1"),
        ("us-esat-1", "us-east-1"),
        ("eu-frankfurt-7", None),
        ("zzz", None),
    ],
)
def test_the_region_that_was_meant(typed: str, meant: str | None) -> None:
    assert close_match(typed) == meant


def test_whose_endpoint_is_in_force() -> None:
    plain = AwsConfig()
    both = {"AWS_ENDPOINT_URL": "http://all:1", "AWS_ENDPOINT_URL_STS": "http://sts:2"}
    assert endpoint(plain, "sts", "eu-west-1", both).url == "http://sts:2"
    assert endpoint(plain, "ec2", "eu-west-1", both).url == "http://all:1"
    assert endpoint(plain, "ec2", "eu-west-1", both | {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}).custom is False
    own = AwsConfig(endpoint_url="http://own:3")
    assert endpoint(own, "sts", "eu-west-1", both).url == "http://own:3"
    assert (
        str(endpoint(plain, "sts", "eu-west-1", {})) == "https://sts.eu-west-1.amazonaws.com (AWS's own for eu-west-1)"
    )


def test_a_private_endpoint_of_aws_is_no_emulator() -> None:
    private = AwsConfig(endpoint_url="https://vpce-0abc.sts.eu-west-1.vpce.amazonaws.com")
    assert not endpoint(private, "sts", "eu-west-1", {}).emulated
    assert endpoint(AwsConfig(endpoint_url="http://amazonaws.com.evil.net"), "sts", "eu-west-1", {}).emulated


def test_where_questions_of_identity_are_asked() -> None:
    assert home_region(AwsConfig(), {}) == "us-east-1"
    assert home_region(AwsConfig(regions=("eu-west-1",)), {}) == "eu-west-1"
    assert home_region(AwsConfig(home_region="eu-north-1", regions=("eu-west-1",)), {}) == "eu-north-1"
    ambient = AwsConfig.model_validate({"credential": {"kind": "ambient"}})
    assert home_region(ambient, {"AWS_REGION": "eu-west-3", "AWS_CONFIG_FILE": "/nowhere"}) == "eu-west-3"
    assert home_region(AwsConfig(), {"AWS_REGION": "eu-west-3"}) == "us-east-1"


@pytest.mark.parametrize(
    "wrong",
    [
        {"accounts": ("1234",)},
        {"accounts": ("111122223333", "444455556666")},
        {"regions": ("eu_west_1",)},
        {"regions": ("a.example.net/",)},
        {"home_region": "eu west"},
        {"endpoint_url": "ftp://x"},
        {"endpoint_url": "http://user:pass@host"},
        {"endpoint_url": "http://host:port"},
        {"endpoint_url": "http://host/\r\nX-Evil: 1"},
        {"endpoint_url": "http://a b:80"},
        {"endpoint_urls": {"ec2": "http://host\\@other/"}},
        {"endpoint_url": "http://host/role#"},
        {"proxy_url": "socks5://x"},
        {"proxy_url": "http://host:99999"},
        {"assume_role": {"role_arn": "arn:aws:iam::123:role/X"}},
        {"assume_role": {"role_arn": "OpenVNA"}},
        {"assume_role": {"role_arn": "arn:aws:iam::111122223333:role/X", "external_id": "a b"}},
        {"assume_role": {"role_arn": "arn:aws:iam::111122223333:role/X", "duration": 60}},
        {"partition": "azure"},
        {"surprise": 1},
    ],
)
def test_settings_of_a_wrong_form_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        AwsConfig.model_validate(wrong)


def test_a_password_that_breaks_the_proxys_address_is_not_shown() -> None:
    """Python's own complaint about such an address quotes a part of the password."""
    with pytest.raises(ValidationError) as caught:
        AwsConfig(proxy_url=SecretStr("http://me:sesame#1@proxy.example.net:3128"))
    said = str(caught.value.errors(include_input=False))
    assert "sesame" not in said
    assert "%23" in said


def test_services_have_the_names_of_the_sdks_in_the_environment() -> None:
    """SDK reference guide, "Service-specific endpoints": named after the service's id."""
    environment = {
        "AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2": "https://v2.test",
        "AWS_ENDPOINT_URL": "https://all.test",
    }
    assert endpoint(AwsConfig(), "elbv2", "eu-west-1", environment).url == "https://v2.test"
    assert endpoint(AwsConfig(), "elb", "eu-west-1", environment).url == "https://all.test"


def test_settings_are_tidied() -> None:
    config = AwsConfig.model_validate(
        {
            "accounts": ["1111-2222-3333"],
            "regions": [" EU-West-1", "eu-west-1", ""],
            "home_region": "",
            "endpoint_url": " ",
            "proxy_url": "",
        }
    )
    assert config.accounts == ("111122223333",)
    assert config.regions == ("eu-west-1",)
    assert (config.home_region, config.endpoint_url, config.proxy_url) == (None, None, None)


NOW = datetime(2026, 5, 1, 10, 20, 30, tzinfo=UTC)


@settings(max_examples=30, deadline=None)
@given(
    body=st.binary(max_size=200),
    path=st.sampled_from(["", "/", "/a/b", "/a b"]),
    port=st.sampled_from(["", ":443", ":8443"]),
    token=st.sampled_from(["", TOKEN]),
    service=st.sampled_from(["sts", "ec2"]),
)
def test_signatures_are_botocores(body: bytes, path: str, port: str, token: str, service: str) -> None:
    from unittest import mock

    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials as BotoCredentials

    url = f"https://{service}.eu-west-1.amazonaws.com{port}{path}"
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    key = ASIA if token else AKIA
    ours = signed_headers("POST", url, headers, body, Credentials(key, SECRET, token), service, "eu-west-1", NOW)
    request = AWSRequest(method="POST", url=url, headers=dict(headers), data=body)
    request.context["timestamp"] = NOW.strftime("%Y%m%dT%H%M%SZ")
    with mock.patch("botocore.auth.get_current_datetime", return_value=NOW.replace(tzinfo=None)):
        SigV4Auth(BotoCredentials(key, SECRET, token or None), service, "eu-west-1").add_auth(request)
    assert ours["Authorization"] == request.headers["Authorization"]
    assert ours["X-Amz-Date"] == request.headers["X-Amz-Date"]
    assert ours.get("X-Amz-Security-Token") == request.headers.get("X-Amz-Security-Token")
