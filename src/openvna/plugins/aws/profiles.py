"""The AWS configuration files, and what a profile in them leads to. Reads files, asks nobody.

Format and precedence: AWS SDKs and tools reference guide, "Shared config and credentials files".
"""

from __future__ import annotations

import configparser
import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import ValidationError

from openvna.model import SourceUnusable
from openvna.plugins.aws import ending
from openvna.plugins.aws.api import Credentials
from openvna.plugins.aws.causes import CATALOGUE, remedy
from openvna.plugins.aws.credential_kinds import Container, InstanceRole, RolesAnywhere, WebIdentity

_ENDS = ("aws_expiration", "expiration", "aws_session_expiration", "x_security_token_expires", "x_principal_expiration")
"""What tools that write temporary keys into a profile (aws-mfa, saml2aws, ...) call their end. AWS names none."""
_SOURCES = ("Environment", "EcsContainer", "Ec2InstanceMetadata")


class CredentialUnusable(SourceUnusable):
    """There is no credential to try. `cause` is an id of the catalogue; `evidence` names file, profile, program."""

    def __init__(self, cause: str, *evidence: str, **facts: str) -> None:
        """`facts` fill the remedy's gaps."""
        super().__init__(" ".join(evidence), CATALOGUE[cause].title + ".", remedy(cause, **facts))
        self.cause = cause
        self.evidence = evidence


class MfaAsked(CredentialUnusable):
    """A profile asks for the code of the device with this serial number, and none is given."""

    def __init__(self, serial: str, *evidence: str) -> None:
        super().__init__("C-MFA-PROMPT", *evidence)
        self.serial = serial


@dataclass(frozen=True, slots=True)
class Hop:
    """A role to assume on the way, in the words of the configuration file."""

    role_arn: str
    external_id: str | None = None
    session_name: str = "openvna"
    duration: int = 3600
    tags: tuple[tuple[str, str], ...] = ()
    transitive_tags: tuple[str, ...] = ()
    source_identity: str | None = None
    mfa: tuple[str, str] | None = field(default=None, repr=False)
    """Serial number of the device and the code that it shows: good for one call."""


@dataclass(frozen=True, slots=True)
class PermissionSet:
    """What a sign-in at IAM Identity Center is used for. `cached` is the name under which the AWS CLI keeps that
    sign-in (an sso-session, else the start URL), and `profile` the one that says so; empty: the source's own."""

    start_url: str
    region: str
    account: str
    role: str
    cached: str = ""
    profile: str = ""


@dataclass(frozen=True, slots=True)
class Login:
    """A session of `aws login`, by the name that it has in the AWS CLI's cache, and the profile that names it."""

    session: str
    profile: str
    region: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """How a profile gets its credential: where it starts, and the roles it then assumes, in order.

    `until` is when a static credential, or a sign-in that cannot be renewed, ends (seconds since the epoch), where
    that is known.
    Exactly one of the starts is set: `static`, `process` (the words of a command line), `start` (a service that is
    asked), `source` (the credential_source Environment, until it is looked up), or `center` (IAM Identity Center).
    """

    static: Credentials | None = None
    until: float | None = None
    process: tuple[str, ...] | None = None
    start: WebIdentity | Container | InstanceRole | RolesAnywhere | Login | None = None
    source: str | None = None
    center: PermissionSet | None = None
    hops: tuple[Hop, ...] = ()
    trail: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProfileFiles:
    """Both files, merged: a profile's values of the credentials file win over those of the config file."""

    config_path: Path
    credentials_path: Path
    profiles: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    sso_sessions: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    codes: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ, codes: Mapping[str, str] | None = None) -> ProfileFiles:
        """What the files hold; an absent file holds nothing. `codes` are MFA codes by the serial number of their
        device. Raises `CredentialUnusable` for one that is broken."""
        config_path = Path(environment.get("AWS_CONFIG_FILE") or "~/.aws/config").expanduser()
        credentials_path = Path(environment.get("AWS_SHARED_CREDENTIALS_FILE") or "~/.aws/credentials").expanduser()
        profiles: dict[str, dict[str, str]] = {}
        sessions: dict[str, dict[str, str]] = {}
        for title, values in _sections(config_path).items():
            kind, _, name = title.partition(" ")
            name = name.strip().strip("\"'")
            if title == "default":
                profiles.setdefault("default", {}).update(values)
            elif kind == "profile" and name:
                profiles.setdefault(name, {}).update(values)
            elif kind == "sso-session" and name:
                sessions[name] = values
        for title, values in _sections(credentials_path).items():
            profiles.setdefault(title.strip(), {}).update(values)
        return cls(config_path, credentials_path, profiles, sessions, codes or {})

    def get(self, name: str) -> Mapping[str, str]:
        return self.profiles.get(name, {})

    @property
    def named(self) -> str:
        return f"{self.config_path} and {self.credentials_path}"

    def way(self, name: str, seen: tuple[str, ...] = ()) -> Way:
        """The way to the credential of a profile. Raises `CredentialUnusable` where it leads nowhere."""
        if name in seen:
            circle = " → ".join((*seen, name))
            raise CredentialUnusable("C-PROFILE-LOOP", f"source_profile goes round in {self.config_path}: {circle}.")
        if name not in self.profiles:
            wanted = f"source_profile of profile {seen[-1]!r}" if seen else "the profile"
            known = ", ".join(sorted(self.profiles)) or "none"
            raise CredentialUnusable(
                "C-PROFILE-NOSOURCE" if seen else "C-PROFILE-NOTFOUND",
                f"There is no profile {name!r} ({wanted}) in {self.named}.",
                f"Profiles there: {known}.",
            )
        values = self.profiles[name]
        trail = (f"profile {name!r} of {self._home(name)}",)
        if values.get("role_arn") and not values.get("web_identity_token_file"):
            return self._role(name, values, seen, trail)
        return self._plain(name, values, trail)

    def _role(self, name: str, values: Mapping[str, str], seen: tuple[str, ...], trail: tuple[str, ...]) -> Way:
        serial = values.get("mfa_serial", "")
        if serial and serial not in self.codes:
            raise MfaAsked(
                serial,
                f"Profile {name!r} in {self.config_path} has mfa_serial = {values['mfa_serial']}: "
                "assuming its role asks for a code each time.",
            )
        hop = Hop(
            values["role_arn"],
            values.get("external_id") or None,
            values.get("role_session_name") or "openvna",
            _duration(values),
            mfa=(serial, self.codes[serial]) if serial else None,
        )
        source, parent = values.get("credential_source"), values.get("source_profile")
        if source and parent:
            raise CredentialUnusable(
                "C-PROFILE-PARTIAL",
                f"Profile {name!r} in {self.config_path} has both source_profile and credential_source: "
                "only one may stand there.",
            )
        if source:
            if source not in _SOURCES:
                raise CredentialUnusable(
                    "C-PROFILE-NOSOURCE",
                    f"Profile {name!r} in {self.config_path} has credential_source = {source}, which is none of "
                    f"{', '.join(_SOURCES)}.",
                )
            begin: Container | InstanceRole | None = None
            if source != "Environment":
                begin = Container() if source == "EcsContainer" else InstanceRole()
            from_environment = source if begin is None else None
            said = (*trail, f"credential_source {source}")
            return Way(start=begin, source=from_environment, hops=(hop,), trail=said)
        if not parent:
            raise CredentialUnusable(
                "C-PROFILE-NOSOURCE",
                f"Profile {name!r} in {self.config_path} has role_arn, but neither source_profile nor "
                "credential_source says who assumes it.",
            )
        if parent == name and values.get("aws_access_key_id"):
            below = self._plain(name, values, ())  # a profile may be its own source when it has a key as well
        else:
            below = self.way(parent, (*seen, name))
        return replace(below, hops=(*below.hops, hop), trail=trail + below.trail)

    def _plain(self, name: str, values: Mapping[str, str], trail: tuple[str, ...]) -> Way:
        if any(values.get(key) for key in ("sso_session", "sso_start_url", "sso_account_id", "sso_role_name")):
            return self._identity_center(name, values, trail)
        if values.get("web_identity_token_file"):
            return self._web_identity(name, values, trail)
        if values.get("login_session"):
            login = Login(values["login_session"], name, values.get("region", ""))
            return Way(start=login, trail=(*trail, "aws login"))
        key, secret = values.get("aws_access_key_id", ""), values.get("aws_secret_access_key", "")
        if key or secret:
            if not (key and secret):
                absent = "aws_secret_access_key" if key else "aws_access_key_id"
                raise CredentialUnusable("C-PROFILE-PARTIAL", f"Profile {name!r} of {self._home(name)} lacks {absent}.")
            ends = next((values[name] for name in _ENDS if values.get(name)), "")
            static = Credentials(key, secret, values.get("aws_session_token", ""))
            return Way(static=static, until=ending.read(ends), trail=trail)
        if values.get("credential_process"):
            return Way(process=self._command(name, values["credential_process"]), trail=(*trail, "credential_process"))
        raise CredentialUnusable(
            "C-PROFILE-PARTIAL",
            f"Profile {name!r} of {self._home(name)} holds nothing to sign in with: no aws_access_key_id, role_arn, "
            "sso_session or credential_process.",
        )

    def _web_identity(self, name: str, values: Mapping[str, str], trail: tuple[str, ...]) -> Way:
        if not values.get("role_arn"):
            raise CredentialUnusable(
                "C-PROFILE-PARTIAL",
                f"Profile {name!r} of {self._home(name)} has web_identity_token_file, but no role_arn.",
            )
        try:
            start = WebIdentity(
                role_arn=values["role_arn"],
                token_file=values["web_identity_token_file"],
                session_name=values.get("role_session_name") or "openvna",
                duration=_duration(values),
            )
        except ValidationError as error:
            wrong = ", ".join(str(each["loc"][0]) for each in error.errors() if each["loc"])
            raise CredentialUnusable(
                "C-PROFILE-PARTIAL", f"Profile {name!r} of {self._home(name)} cannot be used: {wrong} is not in form."
            ) from None
        return Way(start=start, trail=(*trail, f"web_identity_token_file {values['web_identity_token_file']}"))

    def _command(self, name: str, line: str) -> tuple[str, ...]:
        try:
            return tuple(shlex.split(line))
        except ValueError as error:
            raise CredentialUnusable(
                "C-PROCESS-FAIL",
                f"credential_process of profile {name!r} in {self.config_path} is no command line: {error}.",
            ) from None

    def _identity_center(self, name: str, values: Mapping[str, str], trail: tuple[str, ...]) -> Way:
        needed = dict(values)
        if session := values.get("sso_session"):
            if session not in self.sso_sessions:
                raise CredentialUnusable(
                    "C-PROFILE-PARTIAL",
                    f"Profile {name!r} names the sso-session {session!r}, which {self.config_path} does not have.",
                )
            needed.update(self.sso_sessions[session])
        lacking = [
            key for key in ("sso_start_url", "sso_region", "sso_account_id", "sso_role_name") if not needed.get(key)
        ]
        if lacking:
            raise CredentialUnusable(
                "C-PROFILE-PARTIAL", f"Profile {name!r} of {self.config_path} lacks {', '.join(lacking)}."
            )
        center = PermissionSet(
            needed["sso_start_url"],
            needed["sso_region"],
            needed["sso_account_id"],
            needed["sso_role_name"],
            cached=session or needed["sso_start_url"],
            profile=name,
        )
        return Way(center=center, trail=(*trail, "IAM Identity Center"))

    def _home(self, name: str) -> str:
        in_credentials = name in _sections(self.credentials_path)
        return str(self.credentials_path if in_credentials else self.config_path)


def _duration(values: Mapping[str, str]) -> int:
    duration = values.get("duration_seconds", "")
    return int(duration) if duration.isdigit() and 900 <= int(duration) <= 43200 else 3600


def _sections(path: Path) -> dict[str, dict[str, str]]:
    """The sections of an AWS ini file. A value's own lines that are indented belong to nested settings: left out."""
    parser = configparser.RawConfigParser(default_section="\0", strict=False, delimiters=("=",), allow_no_value=True)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not text"
        raise CredentialUnusable("C-PROFILE-PARTIAL", f"{path} cannot be read: {why}.") from error
    try:
        parser.read_string(text)
    except configparser.Error as error:
        line = getattr(error, "lineno", None) or next((number for number, _ in getattr(error, "errors", ())), None)
        where = f"line {line}" if line else type(error).__name__
        raise CredentialUnusable("C-PROFILE-PARTIAL", f"{path} is not in the form of an AWS file ({where}).") from None
    return {
        title: {key: (value or "").split("\n")[0].strip() for key, value in parser.items(title)}
        for title in parser.sections()
    }
