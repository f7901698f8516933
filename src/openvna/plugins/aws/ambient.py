"""Where a source's credential starts: what was entered, a profile, or what the machine has, in the SDKs' order.

Whatever only the SDK can fetch (web identity, containers, instance roles) is left to botocore,
which is imported only then.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from openvna.log import hide
from openvna.plugins.aws import center_way, processes, web_identity
from openvna.plugins.aws.api import Credentials
from openvna.plugins.aws.config import (
    AccessKey,
    AssumeRole,
    AwsConfig,
    Container,
    Credential,
    IdentityCenter,
    InstanceRole,
    Process,
    Profile,
    WebIdentity,
)
from openvna.plugins.aws.profiles import CredentialUnusable, Hop, ProfileFiles, Way
from openvna.plugins.aws.query import Query
from openvna.plugins.aws.sts import Timed

SDK_SECONDS = 30.0
_ASK_AGAIN = 60.0
_CONTAINER = ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI")
_DMI = ("/sys/class/dmi/id/sys_vendor", "/sys/class/dmi/id/board_vendor", "/sys/hypervisor/uuid")

_Result = TypeVar("_Result")


def locate(config: AwsConfig, environment: Mapping[str, str] = os.environ) -> Way:
    """The way to the source's credential. Reads files, asks nobody. Raises `CredentialUnusable`."""
    way = _start(config.credential, environment)
    return replace(way, hops=(*way.hops, *(hop(role) for role in config.via)))


def hop(role: AssumeRole, account: str = "") -> Hop:
    """A role of the settings as a hop; `account` stands where its ARN says {account}."""
    return Hop(
        role.role_arn.replace("{account}", account),
        role.external_id,
        role.session_name,
        role.duration,
        tuple((key, value) for key, _, value in (tag.partition("=") for tag in role.tags)),
        role.transitive_tags,
        role.source_identity,
    )


def _start(credential: Credential, environment: Mapping[str, str]) -> Way:
    if isinstance(credential, AccessKey):
        token = credential.session_token.get_secret_value() if credential.session_token else ""
        found = Credentials(credential.access_key_id, credential.secret_access_key.get_secret_value(), token)
        return Way(static=found, trail=("the access key of the source",))
    if isinstance(credential, IdentityCenter):
        return center_way.own(credential)
    if isinstance(credential, Profile):
        return ProfileFiles.read(environment).way(credential.profile)
    if isinstance(credential, WebIdentity):
        return _web_identity(credential, environment, ())
    if isinstance(credential, Process):
        words = processes.command(credential, environment)
        return Way(process=words, trail=(f"the program {words[0]}",))
    if isinstance(credential, Container):
        return Way(source="EcsContainer", trail=("the container's role",))
    if isinstance(credential, InstanceRole):
        return Way(source="Ec2InstanceMetadata", trail=("the instance's role",))
    return _ambient(environment)


def _web_identity(given: WebIdentity, environment: Mapping[str, str], trail: tuple[str, ...]) -> Way:
    start = web_identity.settled(given, environment)
    return Way(start=start, trail=(*trail, f"the web identity token of {start.token_file}, for {start.role_arn}"))


def _ambient(environment: Mapping[str, str]) -> Way:
    key, secret = environment.get("AWS_ACCESS_KEY_ID", ""), environment.get("AWS_SECRET_ACCESS_KEY", "")
    if key and secret:
        token = environment.get("AWS_SESSION_TOKEN") or environment.get("AWS_SECURITY_TOKEN") or ""
        return Way(static=Credentials(key, secret, token), trail=("the environment: AWS_ACCESS_KEY_ID",))
    if key or secret:
        absent = "AWS_SECRET_ACCESS_KEY" if key else "AWS_ACCESS_KEY_ID"
        raise CredentialUnusable(
            "C-EMPTY",
            f"The environment has {'AWS_ACCESS_KEY_ID' if key else 'AWS_SECRET_ACCESS_KEY'}, "
            f"but {absent} is missing or empty.",
        )
    trail = ["environment: no AWS_ACCESS_KEY_ID"]
    files = ProfileFiles.read(environment)
    chosen = environment.get("AWS_PROFILE") or environment.get("AWS_DEFAULT_PROFILE")
    if environment.get("AWS_WEB_IDENTITY_TOKEN_FILE") and environment.get("AWS_ROLE_ARN"):
        values = files.get(chosen or "default")
        # As in the SDKs, a chosen profile must be there, and one that assumes a role comes before the web identity.
        if (chosen and not values) or (values.get("role_arn") and not values.get("web_identity_token_file")):
            return files.way(chosen or "default")
        return _web_identity(WebIdentity(), environment, tuple(trail))
    if chosen:
        return files.way(chosen)
    if files.get("default"):
        try:
            return files.way("default")
        except CredentialUnusable as problem:
            if problem.cause != "C-PROFILE-PARTIAL":
                raise
            trail.append(problem.what)  # a default profile that only sets a region stands in nobody's way
    else:
        trail.append(f"profile 'default': not in {files.named}")
    if any(environment.get(each) for each in _CONTAINER):
        return Way(sdk="", trail=(*trail, "container credentials"))
    trail.append("container: no AWS_CONTAINER_CREDENTIALS_* variable")
    if environment.get("AWS_EC2_METADATA_DISABLED", "").lower() == "true":
        trail.append("instance role: switched off by AWS_EC2_METADATA_DISABLED")
    elif _on_ec2() or environment.get("AWS_EC2_METADATA_SERVICE_ENDPOINT"):
        return Way(sdk="", trail=(*trail, "the instance's role"))
    else:
        trail.append("instance role: this machine is not an EC2 instance")
    raise CredentialUnusable(
        "C-EMPTY", "This machine has no AWS credential.", *(f"Looked at {each}." for each in trail)
    )


def fetch(way: Way, query: Query, region: str, environment: Mapping[str, str] = os.environ) -> Callable[[], Timed]:
    """How to get the credential at the start of a way, again and again. The calls raise `CredentialUnusable`."""
    if way.static is not None:
        static = way.static
        hide(static.secret_access_key, static.token)
        return lambda: Timed(static)
    if way.process is not None:
        command = way.process
        return lambda: processes.run(command)
    if way.start is not None:
        start = way.start
        return lambda: web_identity.session(start, query, region)
    if way.source == "Environment":
        environmental = _ambient({**environment, "AWS_PROFILE": ""})
        if environmental.static is None:
            raise CredentialUnusable("C-EMPTY", "credential_source is Environment, which has no AWS_ACCESS_KEY_ID.")
        return fetch(environmental, query, region, environment)
    return _Sdk(way)


class _Sdk:
    """A credential that botocore fetches and renews. Bounded in time."""

    def __init__(self, way: Way) -> None:
        self._way = way
        self._found: Any = None

    def __call__(self) -> Timed:
        import time

        frozen = _bounded(self._frozen, f"{self._way.trail[-1]} gave no answer within {SDK_SECONDS:g} s.")
        hide(frozen.secret_key, frozen.token)
        given = Credentials(frozen.access_key, frozen.secret_key, frozen.token or "")
        # botocore renews it ahead of its end: ask it again now and then.
        return Timed(given, time.time() + _ASK_AGAIN if frozen.token else None)

    def _frozen(self) -> Any:
        from openvna.plugins.aws import sdk

        if self._found is None:
            self._found = sdk.credentials(self._way.sdk, self._way.source)
        return sdk.frozen(self._found)


def _bounded(work: Callable[[], _Result], late: str, seconds: float = SDK_SECONDS) -> _Result:
    """`work` within `seconds`; what comes later is dropped."""
    outcome: list[_Result] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            outcome.append(work())
        except BaseException as error:  # noqa: BLE001 - handed over to the waiting thread, which raises it
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True, name="aws-credential")
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    if not outcome:
        raise CredentialUnusable("C-SOURCE", late)
    return outcome[0]


def _on_ec2() -> bool:
    """Whether this machine is an EC2 instance, by what its firmware says (EC2 user guide, "Identify instances")."""
    for place in _DMI:
        try:
            said = Path(place).read_text(encoding="utf-8", errors="replace").strip().lower()
        except OSError:
            continue
        if "amazon" in said or (place.endswith("uuid") and said.startswith("ec2")):
            return True
    return False
