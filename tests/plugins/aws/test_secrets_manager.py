"""Secrets out of AWS Secrets Manager, with what the machine has."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest
from moto.server import ThreadedMotoServer

from openvna import log
from openvna.model import OpenVNAError
from openvna.plugins.aws.secrets_manager import read_secret

REGION = "eu-west-1"
SECRET = "a-secret-that-only-the-manager-has"


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    server = ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    host, port = server.get_host_and_port()
    yield {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "AKIAQX4MOTO5TEST6KEY",
        "AWS_SECRET_ACCESS_KEY": "a" * 40,
        "AWS_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    server.stop()


@pytest.fixture(scope="module")
def arn(environment: dict[str, str]) -> str:
    client = boto3.client(
        "secretsmanager",
        region_name=REGION,
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        aws_access_key_id="a",
        aws_secret_access_key="b",
    )
    client.create_secret(Name="openvna/binary", SecretBinary=b"\x00")
    client.create_secret(Name="openvna/plain", SecretString=SECRET)
    made = client.create_secret(Name="openvna/json", SecretString=f'{{"secret": "{SECRET}", "number": 7}}')
    return str(made["ARN"])


def test_a_secret_is_read_whole_or_by_its_member(arn: str, environment: dict[str, str]) -> None:
    assert read_secret("openvna/plain", environment) == SECRET
    assert read_secret("openvna/json#secret", environment) == SECRET
    elsewhere = {**environment, "AWS_REGION": "us-east-1"}
    assert read_secret(f"{arn}#secret", elsewhere) == SECRET  # an ARN says its region itself
    assert log.redact(SECRET) == "***"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("openvna/none", "ResourceNotFoundException"),
        ("openvna/plain#secret", "not a JSON object"),
        ("openvna/json#number", "It has number, secret"),
        ("openvna/binary", "holds no text"),
    ],
)
def test_what_is_wrong_is_said_without_a_secret(name: str, said: str, arn: str, environment: dict[str, str]) -> None:
    with pytest.raises(OpenVNAError, match=said) as error:
        read_secret(name, environment)
    assert SECRET not in str(error.value)
    assert error.value.remedy


def test_without_a_region_or_a_credential_it_says_so(environment: dict[str, str]) -> None:
    with pytest.raises(OpenVNAError, match="AWS_REGION"):
        read_secret("openvna/plain", {**environment, "AWS_REGION": ""})
    with pytest.raises(OpenVNAError, match="no AWS credential"):
        read_secret("openvna/plain", {"AWS_REGION": REGION, "AWS_EC2_METADATA_DISABLED": "true"})
