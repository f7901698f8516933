"""Emulated AWS on loopback for tests: moto's server and ministack, each in a process of its own, ended with the block.

`moto_server` is the broad inventory; with `auth=True` it checks keys and identity policies. `ministack_server` is
the one that enforces IAM as AWS does: signatures, trust policies, external ids, conditions.
"""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from support.loopback import port_to_give_away

_UP_SECONDS = 60.0
_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "PYTHONPATH")


@dataclass(frozen=True)
class Emulator:
    """A running emulator. `client` makes boto clients for setting it up, with the emulator's administrator."""

    url: str
    client: Callable[..., Any]


@dataclass(frozen=True)
class Key:
    """A permanent or (with `token`) temporary access key that the emulator knows."""

    access_key_id: str
    secret_access_key: str
    token: str = ""

    @property
    def environment(self) -> dict[str, str]:
        """The three variables of the AWS SDKs."""
        found = {"AWS_ACCESS_KEY_ID": self.access_key_id, "AWS_SECRET_ACCESS_KEY": self.secret_access_key}
        return found | ({"AWS_SESSION_TOKEN": self.token} if self.token else {})


@contextmanager
def moto_server(auth: bool = False) -> Generator[Emulator, None, None]:
    """moto's server; with `auth` it refuses unknown keys, wrong secrets and what no policy allows, once
    `enforce_moto(emulator)` was called after setting users up."""
    port = port_to_give_away()
    environment = {"MOTO_EC2_LOAD_DEFAULT_AMIS": "false", "MOTO_IAM_LOAD_MANAGED_POLICIES": "false"}
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with _running(command, environment, port, "/moto-api/") as url:
        yield Emulator(url, _clients(url))


def enforce_moto(emulator: Emulator) -> None:
    """From now on moto checks keys and policies."""
    _post(f"{emulator.url}/moto-api/reset-auth", b"0")


@contextmanager
def ministack_server(auth: bool = True) -> Generator[Emulator, None, None]:
    """ministack, with IAM enforced unless `auth=False`. The key `test` is its administrator."""
    port = port_to_give_away()
    with tempfile.TemporaryDirectory(prefix="ministack-") as scratch:
        environment = {
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(port),
            "AUTH": str(auth).lower(),
            "SERVICES": "iam,sts,ec2",
            "TMPDIR": scratch,
            "LOG_LEVEL": "ERROR",
        }
        with _running([sys.executable, "-m", "ministack"], environment, port, "/_ministack/health") as url:
            yield Emulator(url, _clients(url))


def user_with_policy(emulator: Emulator, name: str, statements: list[Mapping[str, object]]) -> Key:
    """A new IAM user with one inline policy (none without statements), and its access key."""
    iam = emulator.client("iam")
    iam.create_user(UserName=name)
    if statements:
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        iam.put_user_policy(UserName=name, PolicyName="inline", PolicyDocument=document)
    made = iam.create_access_key(UserName=name)["AccessKey"]
    return Key(made["AccessKeyId"], made["SecretAccessKey"])


def role_with_trust(
    emulator: Emulator, name: str, trust: Mapping[str, object], statements: list[Mapping[str, object]]
) -> str:
    """A new role with this trust policy and one inline policy; its ARN."""
    iam = emulator.client("iam")
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=document)
    return str(made["Arn"])


def session_of(emulator: Emulator, role_arn: str, key: Key | None = None, **params: str) -> Key:
    """A session of a role: a temporary key with its token."""
    given = (
        {} if key is None else {"aws_access_key_id": key.access_key_id, "aws_secret_access_key": key.secret_access_key}
    )
    made = emulator.client("sts", **given).assume_role(RoleArn=role_arn, RoleSessionName="tests", **params)[
        "Credentials"
    ]
    return Key(made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])


def _clients(url: str) -> Callable[..., Any]:
    @cache  # a client takes long to make, and is safe to use from several threads
    def client(service: str, region: str = "us-east-1", **given: Any) -> Any:
        import botocore.session

        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"} | given
        return botocore.session.Session().create_client(service, region_name=region, endpoint_url=url, **keys)

    return client


@contextmanager
def _running(command: list[str], given: Mapping[str, str], port: int, path: str) -> Generator[str, None, None]:
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ} | dict(given)
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True
        )
        try:
            _wait_until_up(process, port, path, said)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()
            process.wait()


def _wait_until_up(process: subprocess.Popen[bytes], port: int, path: str, said: Any) -> None:
    deadline = time.monotonic() + _UP_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", path)
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.05)  # another process: there is no event to wait for
        finally:
            connection.close()
    said.seek(0)
    raise RuntimeError(f"The emulator on port {port} did not come up: {said.read()[-2000:].decode('utf-8', 'replace')}")


def _post(url: str, body: bytes) -> None:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    try:
        connection.request("POST", parts.path, body, {"Content-Type": "text/plain"})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{url} answered {answer.status}")
    finally:
        connection.close()
