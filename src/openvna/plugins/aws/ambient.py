"""Where a source's credential starts: what was entered, a profile, or what the machine has, in the SDKs' order.

botocore takes no part: its resolver gives no reasons (an unreachable metadata service, an incomplete profile and no
credential at all are one to it), and it would ask a person for a code.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from openvna.log import hide
from openvna.plugins.aws import (
    center_way,
    console_login,
    containers,
    ending,
    instance_metadata,
    processes,
    roles_anywhere,
    web_identity,
)
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
    RolesAnywhere,
    WebIdentity,
)
from openvna.plugins.aws.profiles import CredentialUnusable, Hop, Login, ProfileFiles, Way
from openvna.plugins.aws.query import Query
from openvna.plugins.aws.sts import Timed


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
        until = credential.expires_at.timestamp() if credential.expires_at else None
        return Way(static=found, until=until, trail=("the access key of the source",))
    if isinstance(credential, IdentityCenter):
        return center_way.own(credential)
    if isinstance(credential, Profile):
        return _profile(credential.profile, environment, ProfileFiles.read(environment))
    if isinstance(credential, WebIdentity):
        return _web_identity(credential, environment, ())
    if isinstance(credential, Process):
        words = processes.command(credential, environment)
        return Way(process=words, trail=(f"the program {words[0]}",))
    if isinstance(credential, Container):
        return _container(credential, environment, ())
    if isinstance(credential, InstanceRole):
        return Way(start=credential, trail=("the instance's role",))
    if isinstance(credential, RolesAnywhere):
        facts = roles_anywhere.looked_at(credential).facts()
        return Way(start=credential, trail=("IAM Roles Anywhere", *(fact.rstrip(".") for fact in facts)))
    return _ambient(environment)


def _profile(name: str, environment: Mapping[str, str], files: ProfileFiles) -> Way:
    """The way of a profile, with its credential_source Environment looked up."""
    way = files.way(name)
    if way.source != "Environment":
        return way
    found = _environmental(environment)
    if found is None:
        raise CredentialUnusable("C-EMPTY", "credential_source is Environment, which has no AWS_ACCESS_KEY_ID.")
    until = ending.read(environment.get("AWS_CREDENTIAL_EXPIRATION", ""))
    return replace(way, source=None, static=found, until=until)


def _container(given: Container, environment: Mapping[str, str], trail: tuple[str, ...]) -> Way:
    url, said = containers.address(given, environment)
    return Way(start=given, trail=(*trail, f"the container's role at {urlsplit(url).netloc} ({said})"))


def _web_identity(given: WebIdentity, environment: Mapping[str, str], trail: tuple[str, ...]) -> Way:
    start = web_identity.settled(given, environment)
    return Way(start=start, trail=(*trail, f"the web identity token of {start.token_file}, for {start.role_arn}"))


def _environmental(environment: Mapping[str, str]) -> Credentials | None:
    """The key in the environment, None where there is none. Raises `CredentialUnusable` for half a key."""
    key, secret = environment.get("AWS_ACCESS_KEY_ID", ""), environment.get("AWS_SECRET_ACCESS_KEY", "")
    if key and secret:
        token = environment.get("AWS_SESSION_TOKEN") or environment.get("AWS_SECURITY_TOKEN") or ""
        return Credentials(key, secret, token)
    if not key and not secret:
        return None
    absent = "AWS_SECRET_ACCESS_KEY" if key else "AWS_ACCESS_KEY_ID"
    raise CredentialUnusable(
        "C-EMPTY",
        f"The environment has {'AWS_ACCESS_KEY_ID' if key else 'AWS_SECRET_ACCESS_KEY'}, "
        f"but {absent} is missing or empty.",
    )


def _ambient(environment: Mapping[str, str]) -> Way:
    """What the machine has: each provider in the SDKs' order answers with a way, with "not configured", or fails."""
    trail: list[str] = []
    for provider in (_of_environment, _of_web_identity, _of_profile, _of_container, _of_instance):
        try:
            found = provider(environment)
        except CredentialUnusable as problem:
            problem.evidence = (*problem.evidence, *(f"Looked at {each} before." for each in trail))
            raise
        if isinstance(found, Way):
            return replace(found, trail=(*trail, *found.trail))
        trail.append(found)
    raise CredentialUnusable(
        "C-EMPTY", "This machine has no AWS credential.", *(f"Looked at {each}." for each in trail)
    )


def _of_environment(environment: Mapping[str, str]) -> Way | str:
    found = _environmental(environment)
    if found is None:
        return "environment: no AWS_ACCESS_KEY_ID"
    until = ending.read(environment.get("AWS_CREDENTIAL_EXPIRATION", ""))
    return Way(static=found, until=until, trail=("the environment: AWS_ACCESS_KEY_ID",))


def _of_web_identity(environment: Mapping[str, str]) -> Way | str:
    if not (environment.get("AWS_WEB_IDENTITY_TOKEN_FILE") and environment.get("AWS_ROLE_ARN")):
        return "web identity: no AWS_WEB_IDENTITY_TOKEN_FILE with AWS_ROLE_ARN"
    files, chosen = ProfileFiles.read(environment), _chosen(environment)
    values = files.get(chosen or "default")
    # As in the SDKs, a chosen profile must be there, and one that assumes a role comes before the web identity.
    if (chosen and not values) or (values.get("role_arn") and not values.get("web_identity_token_file")):
        return _profile(chosen or "default", environment, files)
    return _web_identity(WebIdentity(), environment, ())


def _of_profile(environment: Mapping[str, str]) -> Way | str:
    files, chosen = ProfileFiles.read(environment), _chosen(environment)
    if chosen:
        return _profile(chosen, environment, files)
    if not files.get("default"):
        return f"profile 'default': not in {files.named}"
    try:
        return _profile("default", environment, files)
    except CredentialUnusable as problem:
        if problem.cause != "C-PROFILE-PARTIAL":
            raise
        return problem.what  # a default profile that only sets a region stands in nobody's way


def _of_container(environment: Mapping[str, str]) -> Way | str:
    if not containers.configured(environment):
        return "container: no AWS_CONTAINER_CREDENTIALS_* variable"
    return _container(Container(), environment, ())


def _of_instance(environment: Mapping[str, str]) -> Way | str:
    if instance_metadata.switched_off(environment):
        return "instance role: switched off by AWS_EC2_METADATA_DISABLED"
    if not instance_metadata.expected(environment):
        return "instance role: this machine is not an EC2 instance"
    return Way(start=InstanceRole(), trail=("the instance's role",))


def _chosen(environment: Mapping[str, str]) -> str:
    return environment.get("AWS_PROFILE") or environment.get("AWS_DEFAULT_PROFILE") or ""


def fetch(way: Way, query: Query, region: str, environment: Mapping[str, str] = os.environ) -> Callable[[], Timed]:
    """How to get the credential at the start of a way, again and again. The calls raise `CredentialUnusable`."""
    if way.static is not None:
        static = way.static
        hide(static.secret_access_key, static.token)
        return lambda: Timed(static)
    if way.process is not None:
        command = way.process
        return lambda: processes.run(command)
    start = way.start
    if isinstance(start, WebIdentity):
        return lambda: web_identity.session(start, query, region)
    if isinstance(start, Container):
        return lambda: containers.session(start, environment)
    if isinstance(start, InstanceRole):
        return lambda: instance_metadata.session(start, environment)
    if isinstance(start, RolesAnywhere):
        return lambda: roles_anywhere.session(start, query)
    if isinstance(start, Login):
        return lambda: console_login.session(start, query, region, environment)
    raise AssertionError("a way has a start")
