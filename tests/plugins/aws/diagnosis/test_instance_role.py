"""The role of an EC2 instance, by a metadata service on loopback."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from openvna.plugins.aws import instance_metadata
from openvna.plugins.aws.access import Access
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.credential_kinds import InstanceRole
from support.agent_server import HANG, AgentServer, Answer, in_json
from support.fault_server import ASIA, SECRET, TOKEN, FaultServer, role_session

PUT = "/latest/api/token"
LIST = "/latest/meta-data/iam/security-credentials/"
KEYS = LIST + "Network"
GOOD = {
    "Code": "Success",
    "LastUpdated": "2026-01-01T00:00:00Z",
    "Type": "AWS-HMAC",
    "AccessKeyId": ASIA,
    "SecretAccessKey": SECRET,
    "Token": TOKEN,
    "Expiration": "2100-01-02T03:04:05Z",
}


@pytest.fixture
def imds(agent: AgentServer) -> AgentServer:
    agent.on("PUT", PUT, Answer(200, "AQAEA-token=="))
    agent.on("GET", LIST, Answer(200, "Network"))
    return agent.on("GET", KEYS, in_json(**GOOD))


def environment(imds: AgentServer, **more: str) -> dict[str, str]:
    return {
        "AWS_EC2_METADATA_SERVICE_ENDPOINT": imds.url,
        "AWS_CONFIG_FILE": "/nowhere",
        "AWS_SHARED_CREDENTIALS_FILE": "/nowhere",
        **more,
    }


@pytest.mark.parametrize("kind", ["instance-role", "ambient"])
def test_the_role_of_the_instance(aws: FaultServer, imds: AgentServer, run: Any, kind: str) -> None:
    verified = run({"kind": kind}, environment=environment(imds), endpoint_url=aws.url)
    assert verified.verdict.verdict == "ok"
    assert {each.token for each in aws.requests if each.key} == {TOKEN}
    put, listing, keys = imds.requests
    assert (put.method, put.path, put.headers["x-aws-ec2-metadata-token-ttl-seconds"]) == ("PUT", PUT, "300")
    for each in (listing, keys):
        assert each.headers["x-aws-ec2-metadata-token"] == "AQAEA-token=="
    assert "the instance's role" in verified.told


@pytest.mark.parametrize(
    ("changed", "cause", "word"),
    [
        (("PUT", PUT, HANG), "E-IMDS-HOPLIMIT", "--http-put-response-hop-limit 2"),
        (("PUT", PUT, Answer(403, "Forbidden")), "E-IMDS-OFF", "--http-endpoint enabled"),
        (("PUT", PUT, Answer(400, "Bad Request")), "E-IMDS-ANSWER", "by hand"),
        (("PUT", PUT, Answer(200, "<html> a portal </html>")), "E-IMDS-ANSWER", "by hand"),
        (("GET", LIST, Answer(404, "not found")), "E-IMDS-NOROLE", "associate-iam-instance-profile"),
        (("GET", LIST, Answer(200, "")), "E-IMDS-NOROLE", "associate-iam-instance-profile"),
        (("GET", LIST, Answer(500, "")), "E-IMDS-ANSWER", "by hand"),
        (("GET", LIST, HANG), "E-IMDS-UNREACHED", "must run on an EC2 instance"),
        (
            (
                "GET",
                KEYS,
                in_json(
                    Code="AssumeRoleUnauthorizedAccess",
                    Message="EC2 cannot assume the role Network.  Please see documentation",
                ),
            ),
            "E-IMDS-TRUST",
            "ec2.amazonaws.com",
        ),
        (("GET", KEYS, in_json(Code="Failed", Message="later")), "E-IMDS-ANSWER", "by hand"),
        (("GET", KEYS, Answer(200, "no json")), "E-IMDS-ANSWER", "by hand"),
        (("GET", KEYS, in_json(Code="Success")), "E-IMDS-ANSWER", "by hand"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_metadata_service_that_gives_nothing(
    aws: FaultServer, imds: AgentServer, run: Any, changed: tuple[str, str, Answer], cause: str, word: str
) -> None:
    method, path, answer = changed
    imds.on(method, path, answer)
    named = environment(imds, AWS_METADATA_SERVICE_TIMEOUT="0.3")
    began = time.monotonic()
    verified = run({"kind": "instance-role"}, environment=named, endpoint_url=aws.url)
    assert time.monotonic() - began < 20
    assert (verified.verdict.verdict, verified.verdict.cause) == ("failed", cause)
    assert word in verified.verdict.remedy


def test_no_metadata_service(aws: FaultServer, imds: AgentServer, run: Any) -> None:
    named = environment(imds) | {"AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:1"}
    assert run({"kind": "instance-role"}, environment=named, endpoint_url=aws.url).verdict.cause == "E-IMDS-UNREACHED"


def test_one_that_the_environment_switches_off_is_not_asked(aws: FaultServer, imds: AgentServer, run: Any) -> None:
    named = environment(imds, AWS_EC2_METADATA_DISABLED="true")
    assert run({"kind": "instance-role"}, environment=named, endpoint_url=aws.url).verdict.cause == "E-IMDS-OFF"
    assert run({"kind": "ambient"}, environment=named, endpoint_url=aws.url).verdict.cause == "C-EMPTY"
    assert imds.requests == []


def test_a_machine_that_is_no_instance_is_not_asked(run: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    named = {"AWS_CONFIG_FILE": "/nowhere", "AWS_SHARED_CREDENTIALS_FILE": "/nowhere"}
    monkeypatch.setattr(instance_metadata, "_DMI", (str(tmp_path / "none"),))
    verified = run({"kind": "ambient"}, environment=named)
    assert (verified.verdict.cause, verified.verdict.calls) == ("C-EMPTY", 0)
    assert "instance role: this machine is not an EC2 instance" in verified.told
    (tmp_path / "none").write_text("Amazon EC2\n")
    assert instance_metadata.on_ec2()


def test_over_ipv6_when_told_so() -> None:
    address = instance_metadata._address
    assert address(InstanceRole(), {}) == "http://169.254.169.254"
    assert address(InstanceRole(ipv6=True), {}) == "http://[fd00:ec2::254]"
    assert address(InstanceRole(), {"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": "IPv6"}) == "http://[fd00:ec2::254]"


def test_keys_that_have_ended_are_not_asked_for_all_the_time(imds: AgentServer) -> None:
    """A metadata service in trouble hands out the old ones; AWS may still take them."""
    imds.on("GET", KEYS, in_json(**GOOD | {"Expiration": "2020-01-01T00:00:00Z"}))
    moment = [time.time()]
    config = AwsConfig.model_validate({"credential": {"kind": "instance-role"}})
    access = Access(config, environment(imds), clock=lambda: moment[-1])
    for elapsed, asked in ((0, 1), (30, 1), (70, 2)):
        moment.append(moment[0] + elapsed)
        assert access.base().token == TOKEN
        assert len(imds.asked(KEYS)) == asked
    access.close()


def test_the_keys_are_renewed_ahead_of_their_end(imds: AgentServer) -> None:
    now = time.time()
    end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now + 21600))
    imds.on("GET", KEYS, in_json(**GOOD | {"Expiration": end}))
    moment = [now]
    config = AwsConfig.model_validate({"credential": {"kind": "instance-role"}})
    access = Access(config, environment(imds), clock=lambda: moment[-1])
    for elapsed, asked in ((0, 1), (21200, 1), (21400, 2)):
        moment.append(now + elapsed)
        access.base()
        assert len(imds.asked(KEYS)) == asked
    access.close()


def test_a_profile_whose_source_is_the_instance(aws: FaultServer, imds: AgentServer, run: Any, tmp_path: Path) -> None:
    aws.on("AssumeRole", role_session("a"))
    role = "arn:aws:iam::444455556666:role/Net"
    (tmp_path / "config").write_text(f"[profile net]\nrole_arn = {role}\ncredential_source = Ec2InstanceMetadata\n")
    named = environment(imds) | {"AWS_CONFIG_FILE": str(tmp_path / "config")}
    assert run({"kind": "profile", "profile": "net"}, environment=named, endpoint_url=aws.url).verdict.verdict == "ok"
    assert [each.params["RoleArn"] for each in aws.requests if each.action == "AssumeRole"] == [role]
