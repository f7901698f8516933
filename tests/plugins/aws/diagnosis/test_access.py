"""Who we are: the credential resolved, renewed ahead of its end, carried into accounts, by many threads at once."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from openvna.log import redact
from openvna.model import SourceUnusable
from openvna.plugins.aws.access import Access
from openvna.plugins.aws.api import CallError, Credentials
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.profiles import CredentialUnusable
from support import fault_server as faults
from support.fault_server import ASIA, SECRET, TOKEN, FaultServer, role_session, sts_error
from support.sources import access_key

ROLE = "arn:aws:iam::{account}:role/OpenVNA"


@pytest.fixture
def opened(aws: FaultServer) -> Generator[Any, None, None]:
    """Make an access to the server. `moment` is a list whose last item is the time."""
    made: list[Access] = []

    def access(moment: list[float] | None = None, **settings: Any) -> Access:
        config = AwsConfig.model_validate({"credential": access_key(), "endpoint_url": aws.url, **settings})
        clock = (lambda: moment[-1]) if moment else None
        made.append(Access(config, {}, clock=clock) if clock else Access(config, {}))
        return made[-1]

    yield access
    for each in made:
        each.close()


def test_the_account_is_that_of_the_credential_or_of_the_role(aws: FaultServer, opened: Any) -> None:
    assert opened().accounts() == (faults.ACCOUNT,)
    assert opened(accounts=(faults.ACCOUNT,)).accounts() == (faults.ACCOUNT,)
    assert aws.asked("GetCallerIdentity") == 1
    role = {"role_arn": "arn:aws:iam::444455556666:role/OpenVNA"}
    assert opened(assume_role=role).accounts() == ("444455556666",)


def test_a_role_in_each_account_and_one_session_for_each(aws: FaultServer, opened: Any) -> None:
    aws.on("AssumeRole", role_session("a"))
    access = opened(assume_role={"role_arn": ROLE}, accounts=("444455556666", "777788889999"))
    assert access.credentials("444455556666") == Credentials(ASIA, SECRET, TOKEN)
    access.credentials("777788889999")
    access.credentials("444455556666")
    asked = [each.params["RoleArn"] for each in aws.requests if each.action == "AssumeRole"]
    assert asked == ["arn:aws:iam::444455556666:role/OpenVNA", "arn:aws:iam::777788889999:role/OpenVNA"]


def test_a_session_is_renewed_ahead_of_its_end(aws: FaultServer, opened: Any) -> None:
    import time

    now = time.time()
    moment = [now]
    aws.on("AssumeRole", role_session("a", 3600))
    access = opened(moment, assume_role={"role_arn": ROLE}, accounts=("444455556666",))
    for elapsed, asked in ((0, 1), (3200, 1), (3400, 2)):
        moment.append(now + elapsed)
        access.credentials("444455556666")
        assert aws.asked("AssumeRole") == asked, elapsed


def test_when_renewing_fails_the_session_is_used_to_its_end(aws: FaultServer, opened: Any) -> None:
    import time

    now = time.time()
    moment = [now]
    aws.on("AssumeRole", role_session("a", 3600), sts_error("Throttling", "Rate exceeded", 400))
    access = opened(moment, assume_role={"role_arn": ROLE}, accounts=("444455556666",))
    first = access.credentials("444455556666")
    moment.append(now + 3400)
    assert access.credentials("444455556666") == first
    moment.append(now + 3590)
    with pytest.raises(CallError, match="Throttling"):
        access.credentials("444455556666")


def test_many_threads_take_one_session(aws: FaultServer, opened: Any) -> None:
    aws.on("AssumeRole", role_session("a"))
    access = opened(assume_role={"role_arn": ROLE}, accounts=("444455556666",))
    start = threading.Barrier(12, timeout=30)

    def ask(_: int) -> Credentials:
        start.wait()
        found: Credentials = access.credentials("444455556666")
        return found

    with ThreadPoolExecutor(12) as pool:
        assert set(pool.map(ask, range(12))) == {Credentials(ASIA, SECRET, TOKEN)}
    assert aws.asked("AssumeRole") == 1


def test_a_session_of_a_session_is_never_asked_for_longer_than_an_hour(aws: FaultServer, opened: Any) -> None:
    aws.on("AssumeRole", role_session("a"))
    role = {"role_arn": ROLE, "duration": 43200}
    opened(credential=access_key(ASIA, SECRET, TOKEN), assume_role=role, accounts=("444455556666",)).credentials(
        "444455556666"
    )
    assert [each.params["DurationSeconds"] for each in aws.requests] == ["3600"]


def test_an_external_id_and_session_name_are_sent(aws: FaultServer, opened: Any) -> None:
    aws.on("AssumeRole", role_session("a"))
    role = {"role_arn": ROLE, "external_id": "vna-7f3a", "session_name": "gate"}
    opened(assume_role=role, accounts=("444455556666",)).credentials("444455556666")
    (asked,) = aws.requests
    assert (asked.params["ExternalId"], asked.params["RoleSessionName"]) == ("vna-7f3a", "gate")


def test_what_sts_hands_out_is_hidden_from_the_log(aws: FaultServer, opened: Any) -> None:
    secret = "zY9/xW8+vU7tS6rQ5pO4nM3lK2jI1hG0fE/dC+ba"
    aws.on("AssumeRole", role_session("a", secret=secret))
    opened(assume_role={"role_arn": ROLE}, accounts=("444455556666",)).credentials("444455556666")
    assert secret not in redact(f"key {secret} token {TOKEN}")
    assert TOKEN not in redact(f"key {secret} token {TOKEN}")


def test_a_mangled_secret_is_repaired_here_too(opened: Any) -> None:
    assert opened(credential=access_key(secret=f" {SECRET}\n")).base().secret_access_key == SECRET


def test_the_environment_is_the_ambient_credential(aws: FaultServer) -> None:
    environment = {"AWS_ACCESS_KEY_ID": ASIA, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_SESSION_TOKEN": TOKEN}
    config = AwsConfig.model_validate({"credential": {"kind": "ambient"}, "endpoint_url": aws.url})
    assert Access(config, environment).base() == Credentials(ASIA, SECRET, TOKEN)
    broken = environment | {"AWS_SECRET_ACCESS_KEY": f'"{SECRET}"'}
    assert Access(config, broken).base().secret_access_key == SECRET


def test_a_machine_without_any_credential(tmp_path: Path) -> None:
    config = AwsConfig.model_validate({"credential": {"kind": "ambient"}})
    environment = {"AWS_CONFIG_FILE": str(tmp_path / "none"), "AWS_EC2_METADATA_DISABLED": "true"}
    with pytest.raises(SourceUnusable, match="no AWS credential"):
        Access(config, environment).base()


def test_a_profile_goes_through_its_roles(aws: FaultServer, tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text(
        "[profile base]\naws_access_key_id = AKIARZPUZDIKGB2VALC4\n"
        f"aws_secret_access_key = {SECRET}\n"
        "[profile role]\nrole_arn = arn:aws:iam::444455556666:role/First\nsource_profile = base\nexternal_id = one-1\n"
        f"endpoint_url = {aws.url}\n"
    )
    aws.on("AssumeRole", role_session("a"))
    config = AwsConfig.model_validate({"credential": {"kind": "profile", "profile": "role"}})
    environment = {"AWS_CONFIG_FILE": str(path), "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none")}
    access = Access(config, environment)
    assert access.base() == Credentials(ASIA, SECRET, TOKEN)
    access.close()
    (asked,) = aws.requests
    assert asked.params["RoleArn"] == "arn:aws:iam::444455556666:role/First"
    assert asked.params["ExternalId"] == "one-1"


def test_a_credential_process_is_run_again_when_its_credential_ends(tmp_path: Path) -> None:
    from datetime import UTC, datetime, timedelta

    count = tmp_path / "count"
    until = datetime.now(UTC) + timedelta(hours=1)
    answer = {"Version": 1, "AccessKeyId": ASIA, "SecretAccessKey": SECRET, "SessionToken": TOKEN}
    program = tmp_path / "program.py"
    program.write_text(
        f"open({str(count)!r}, 'a').write('x')\nprint({json.dumps(answer | {'Expiration': until.isoformat()})!r})\n"
    )
    path = tmp_path / "config"
    path.write_text(f"[profile p]\ncredential_process = {sys.executable} {program}\n")
    config = AwsConfig.model_validate({"credential": {"kind": "profile", "profile": "p"}})
    environment = {"AWS_CONFIG_FILE": str(path), "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none")}
    moment = [until.timestamp() - 3600]
    access = Access(config, environment, clock=lambda: moment[-1])
    assert access.base() == Credentials(ASIA, SECRET, TOKEN)
    access.base()
    assert count.read_text() == "x"
    moment.append(until.timestamp() - 100)
    access.base()
    assert count.read_text() == "xx"


def test_a_profile_that_only_the_sdk_would_look_for_and_does_not_find(monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS_PROFILE beside a web identity: the SDK looks for the profile first."""
    environment = {
        "AWS_CONFIG_FILE": "/nowhere",
        "AWS_SHARED_CREDENTIALS_FILE": "/nowhere",
        "AWS_WEB_IDENTITY_TOKEN_FILE": "/nowhere/token",
        "AWS_ROLE_ARN": "arn:aws:iam::111122223333:role/pod",
        "AWS_PROFILE": "nobody",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(CredentialUnusable) as caught:
        Access(AwsConfig.model_validate({"credential": {"kind": "ambient"}}), environment).base()
    assert caught.value.cause == "C-PROFILE-NOTFOUND"


@pytest.mark.parametrize(
    "settings",
    [
        {"endpoint_url": "http://sts.us-east-1.amazonaws.com", "proxy_url": "PROXY"},
        {"endpoint_url": "http://127.0.0.1:9", "proxy_url": "PROXY"},
        {"endpoint_url": "https://sts.example.net"},
        {"endpoint_urls": {"ec2": "https://lb-1.us-east-1.elb.amazonaws.com"}},
        {"endpoint_urls": {"sts": "https://vpce-0a-1b.vpce-svc-0123.us-east-1.vpce.amazonaws.com"}},
        {"endpoint_urls": {"ec2": "https://ec2.s3.amazonaws.com"}},
    ],
)
def test_the_machines_credential_is_not_used_where_only_the_settings_say(
    aws: FaultServer, settings: dict[str, Any]
) -> None:
    """Whoever may change sources could pass the signed request on to AWS, and keep the session that it gives."""
    aws.on("AssumeRole", role_session("arn:aws:sts::111122223333:assumed-role/x/y"))
    settings = {name: aws.url if value == "PROXY" else value for name, value in settings.items()}
    role = {"role_arn": "arn:aws:iam::111122223333:role/OpenVNA"}
    config = AwsConfig.model_validate({"credential": {"kind": "ambient"}, "assume_role": role, **settings})
    environment = {"AWS_ACCESS_KEY_ID": faults.AKIA, "AWS_SECRET_ACCESS_KEY": SECRET}
    access = Access(config, environment)
    for ask in (lambda: access.credentials("111122223333"), access.base):
        with pytest.raises(CredentialUnusable) as raised:
            ask()
        assert raised.value.cause == "C-ENDPOINT-OWN"
    access.close()
    assert aws.requests == []


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"endpoint_url": "http://127.0.0.1:9"},
        {"endpoint_url": "http://localhost:4566", "endpoint_urls": {"ec2": "https://[::1]:9"}},
        {"endpoint_urls": {"ec2": "https://vpce-0a-1b.ec2.eu-west-1.vpce.amazonaws.com"}},
        {"endpoint_urls": {"sts": "https://sts-fips.us-east-1.amazonaws.com"}, "proxy_url": "http://10.0.0.1:3128"},
        {
            "endpoint_urls": {
                "ec2": "https://ec2.eu-west-1.api.aws",
                "sso": "https://portal.sso.eu-west-1.amazonaws.com",
            }
        },
    ],
)
def test_the_machines_credential_is_used_at_aws_and_on_the_machine(settings: dict[str, Any]) -> None:
    environment = {"AWS_ACCESS_KEY_ID": faults.AKIA, "AWS_SECRET_ACCESS_KEY": SECRET}
    access = Access(AwsConfig.model_validate({"credential": {"kind": "ambient"}, **settings}), environment)
    assert access.base() == Credentials(faults.AKIA, SECRET, "")
    access.close()
