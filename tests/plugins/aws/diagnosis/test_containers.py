"""The role of a container, by an agent on loopback that plays those of Amazon ECS and EKS."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from openvna.plugins.aws import containers
from openvna.plugins.aws.access import Access
from openvna.plugins.aws.api import Credentials
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.credential_kinds import Container
from openvna.plugins.aws.profiles import CredentialUnusable
from support.agent_server import HANG, AgentServer, Answer, in_json
from support.fault_server import ASIA, SECRET, TOKEN, FaultServer

from .test_web_identity import jwt

PATH = "/v1/credentials"
GOOD = {"AccessKeyId": ASIA, "SecretAccessKey": SECRET, "Token": TOKEN, "Expiration": "2100-01-02T03:04:05Z"}
END = 4102542245  # that moment


def environment(agent: AgentServer, **more: str) -> dict[str, str]:
    return {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": agent.url + PATH,
        "AWS_CONFIG_FILE": "/nowhere",
        "AWS_SHARED_CREDENTIALS_FILE": "/nowhere",
        "OPENVNA_AWS_READ_SECONDS": "5",
        **more,
    }


@pytest.mark.parametrize("kind", ["container", "ambient"])
def test_the_role_of_the_container(aws: FaultServer, agent: AgentServer, run: Any, kind: str) -> None:
    agent.on("GET", PATH, in_json(**GOOD, RoleArn="arn:aws:iam::111122223333:role/task"))
    verified = run(
        {"kind": kind},
        environment=environment(agent, AWS_CONTAINER_AUTHORIZATION_TOKEN="Basic abc"),
        endpoint_url=aws.url,
    )
    assert verified.verdict.verdict == "ok"
    assert {each.token for each in aws.requests if each.key} == {TOKEN}
    (asked,) = agent.requests
    assert asked.headers["authorization"] == "Basic abc"
    assert f"the container's role at 127.0.0.1:{agent.port} (the environment)" in verified.told


def test_a_proxy_is_never_asked(agent: AgentServer) -> None:
    agent.on("GET", PATH, in_json(**GOOD))
    found = containers.session(Container(), environment(agent, http_proxy="http://127.0.0.1:9", HTTP_PROXY="x"))
    assert (found.credentials, found.until) == (Credentials(ASIA, SECRET, TOKEN), END)


def test_the_settings_win_over_the_environment(agent: AgentServer) -> None:
    agent.on("GET", "/mine", in_json(**GOOD))
    containers.session(Container(full_uri=f"{agent.url}/mine"), environment(agent))
    assert [each.path for each in agent.requests] == ["/mine"]
    assert containers.address(Container(relative_uri="/v2/credentials/a?id=1"), {}) == (
        "http://169.254.170.2/v2/credentials/a?id=1",
        "the source's settings",
    )


def test_the_token_file_is_read_again_when_the_credential_is_renewed(agent: AgentServer, tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("first\n")
    now = time.time()
    end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now + 3600))
    agent.on("GET", PATH, in_json(**GOOD | {"Expiration": end}))
    moment = [now]
    access = Access(
        AwsConfig.model_validate({"credential": {"kind": "container"}}),
        environment(agent, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=str(path)),
        clock=lambda: moment[-1],
    )
    access.base()
    path.write_text("second\n")
    for elapsed in (3200, 3400):
        moment.append(now + elapsed)
        access.base()
    access.close()
    assert [each.headers["authorization"] for each in agent.requests] == ["first", "second"]


def test_a_file_named_by_the_settings_is_sent_only_if_it_holds_a_token(agent: AgentServer, tmp_path: Path) -> None:
    agent.on("GET", PATH, in_json(**GOOD))
    path = tmp_path / "token"
    path.write_text("root:x:0:0")
    with pytest.raises(CredentialUnusable) as raised:
        containers.session(Container(token_file=str(path)), environment(agent))
    assert (raised.value.cause, agent.requests) == ("E-CONTAINER-TOKEN", [])
    path.write_text(jwt())
    containers.session(Container(token_file=str(path)), environment(agent))
    assert agent.requests[0].headers["authorization"] == jwt()


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("http://169.254.170.23/v1/credentials", True),
        ("http://[fd00:ec2::23]/v1/credentials", True),
        ("http://localhost:51678/x", True),
        ("http://[::1]:80/x", True),
        ("https://agent.example.net/x", True),
        ("http://agent.example.net/x", False),
        ("http://169.254.169.254/latest", False),
        ("http://user@127.0.0.1/x", False),
        ("ftp://127.0.0.1/x", False),
    ],
)
def test_where_a_credential_may_come_from(url: str, allowed: bool) -> None:
    named = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": url}
    if allowed:
        assert containers.address(Container(), named) == (url, "the environment")
        return
    with pytest.raises(CredentialUnusable) as raised:
        containers.address(Container(), named)
    assert raised.value.cause == "E-CONTAINER-URI"


def test_who_edits_a_source_may_not_name_a_host_elsewhere(run: Any) -> None:
    verdict = run({"kind": "container", "full_uri": "https://agent.example.net/x"}).verdict
    assert (verdict.cause, verdict.calls) == ("E-CONTAINER-URI", 0)


def test_no_container_at_all(run: Any) -> None:
    verdict = run({"kind": "container"}).verdict
    assert (verdict.cause, verdict.calls) == ("E-CONTAINER-NONE", 0)


def said(status: int, text: str) -> Answer:
    return Answer(status, text, {"Content-Type": "text/plain; charset=utf-8"})


POD = "[4c1f]: ({}): {}, fault: client"


@pytest.mark.parametrize(
    ("answer", "cause", "word"),
    [
        (
            said(
                400,
                POD.format(
                    "AccessDeniedException",
                    "Unauthorized Exception! EKS does not have permissions to assume the associated role.",
                ),
            ),
            "E-POD-TRUST",
            "pods.eks.amazonaws.com",
        ),
        (
            said(404, POD.format("ResourceNotFoundException", "No association found")),
            "E-POD-NOASSOC",
            "create-pod-identity-association",
        ),
        (said(400, POD.format("ExpiredTokenException", "Provided Token has expired")), "E-POD-TOKEN", "kubelet"),
        (said(400, POD.format("InvalidTokenException", "The token is not valid")), "E-POD-TOKEN", "kubelet"),
        (said(400, "Service account token cannot be empty"), "E-POD-TOKEN", "kubelet"),
        (in_json(400, code="CredentialsNotFound", message="no such id"), "E-CONTAINER-ANSWER", "task role"),
        (said(500, "boom"), "E-CONTAINER-ANSWER", "task role"),
        (said(200, "<html>hello</html>"), "E-CONTAINER-ANSWER", "task role"),
        (in_json(AccessKeyId=ASIA), "E-CONTAINER-ANSWER", "task role"),
        (HANG, "E-CONTAINER-DOWN", "eks-pod-identity-agent"),
    ],
    ids=["trust", "no-association", "expired", "invalid", "empty", "ecs", "error", "html", "half", "hang"],
)
def test_an_agent_that_gives_nothing(
    aws: FaultServer, agent: AgentServer, run: Any, tmp_path: Path, answer: Answer, cause: str, word: str
) -> None:
    agent.on("GET", PATH, answer)
    (tmp_path / "token").write_text(jwt())
    named = environment(
        agent, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=str(tmp_path / "token"), OPENVNA_AWS_READ_SECONDS="0.3"
    )
    began = time.monotonic()
    verified = run({"kind": "container"}, environment=named, endpoint_url=aws.url)
    assert time.monotonic() - began < 20
    assert (verified.verdict.verdict, verified.verdict.cause) == ("failed", cause)
    assert word in verified.verdict.remedy
    assert jwt() not in verified.told
    assert SECRET not in verified.told
    if cause.startswith("E-POD"):
        assert "subject system:serviceaccount:net:openvna" in verified.told


def test_an_agent_that_is_gone(aws: FaultServer, agent: AgentServer, run: Any) -> None:
    named = environment(agent) | {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:1/x"}
    verified = run({"kind": "container"}, environment=named, endpoint_url=aws.url)
    assert verified.verdict.cause == "E-CONTAINER-DOWN"
    assert "connection refused" in verified.told


def test_a_token_file_of_the_environment_that_cannot_be_used(agent: AgentServer, tmp_path: Path) -> None:
    for content in (None, "two\nlines", "ä"):
        path = tmp_path / "token"
        if content is not None:
            path.write_text(content)
        named = environment(agent, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=str(path))
        with pytest.raises(CredentialUnusable) as raised:
            containers.session(Container(), named)
        assert raised.value.cause == "E-CONTAINER-TOKEN"
    assert agent.requests == []


def test_an_agent_that_stumbles_once_is_asked_again(agent: AgentServer) -> None:
    agent.on("GET", PATH, said(500, "busy"), in_json(**GOOD))
    assert containers.session(Container(), environment(agent)).until == END


def test_a_profile_whose_source_is_the_container(
    aws: FaultServer, agent: AgentServer, run: Any, tmp_path: Path
) -> None:
    from support.fault_server import role_session

    agent.on("GET", PATH, in_json(**GOOD))
    aws.on("AssumeRole", role_session("a"))
    role = "arn:aws:iam::444455556666:role/Net"
    (tmp_path / "config").write_text(f"[profile net]\nrole_arn = {role}\ncredential_source = EcsContainer\n")
    named = environment(agent) | {"AWS_CONFIG_FILE": str(tmp_path / "config")}
    assert run({"kind": "profile", "profile": "net"}, environment=named, endpoint_url=aws.url).verdict.verdict == "ok"
    assert [each.params["RoleArn"] for each in aws.requests if each.action == "AssumeRole"] == [role]
