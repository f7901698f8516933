"""The kinds of credential that an AWS source can have, each as the settings that it needs.

What is left empty is taken from the environment of the process, as the AWS SDKs name it there.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationInfo, field_validator

from openvna.plugin import ENTERED_ANEW
from openvna.plugins.aws.arn import ROLE_ARN

_SESSION = r"^[\w+=,.@-]{2,64}$"
_PROGRAM = re.compile(r"[A-Za-z0-9][\w.+-]{0,99}", re.ASCII)


class Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=False)


class AccessKey(Settings):
    """An access key, permanent (AKIA...) or temporary (ASIA..., with its session token)."""

    kind: Literal["access-key"] = "access-key"
    access_key_id: str = Field("", title="Access key ID", description="20 characters, AKIA... or ASIA...")
    secret_access_key: SecretStr = Field(
        SecretStr(""),
        title="Secret access key",
        description="As AWS showed it. No need to encode or quote anything.",
    )
    session_token: SecretStr | None = Field(
        None,
        title="Session token",
        description="Only for temporary keys (ASIA...): the third value that came with the key.",
    )
    expires_at: datetime | None = Field(
        None,
        title="Ends at",
        description="Only for temporary keys: the Expiration that came with the key, like 2026-01-31T12:00:00Z. "
        "OpenVNA then warns before the end. Empty: not known.",
        json_schema_extra={ENTERED_ANEW: True, "x-aliases": ["Expiration", "AWS_CREDENTIAL_EXPIRATION"]},
    )

    @field_validator("expires_at", mode="before")
    @classmethod
    def _no_end(cls, value: object) -> object:
        return None if isinstance(value, str) and not value.strip() else value

    @field_validator("expires_at", mode="after")
    @classmethod
    def _zoned(cls, value: datetime | None) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class Profile(Settings):
    """A named profile of the AWS configuration files on the machine that runs OpenVNA."""

    kind: Literal["profile"] = "profile"
    profile: str = Field("default", title="Profile", description="A name from ~/.aws/config or ~/.aws/credentials.")


class Ambient(Settings):
    """What the machine has: environment, container role, instance role, default profile."""

    kind: Literal["ambient"] = "ambient"


class WebIdentity(Settings):
    """A role that is entered with the token of an OIDC identity provider: IRSA in Amazon EKS, a CI system, ..."""

    kind: Literal["web-identity"] = "web-identity"
    role_arn: str | None = Field(
        None, title="Role ARN", description="The role to enter. Empty: AWS_ROLE_ARN of the environment."
    )
    token_file: str | None = Field(
        None,
        title="Token file",
        description="Where the token lies on the machine that runs OpenVNA; it is read again for every session. "
        "Empty: AWS_WEB_IDENTITY_TOKEN_FILE of the environment.",
    )
    session_name: str | None = Field(
        None,
        title="Session name",
        description="Empty: AWS_ROLE_SESSION_NAME of the environment, else openvna.",
        pattern=_SESSION,
        json_schema_extra={"x-advanced": True},
    )
    duration: int = Field(
        3600,
        title="Session duration",
        description="In seconds.",
        ge=900,
        le=43200,
        json_schema_extra={"x-advanced": True},
    )

    @field_validator("role_arn", "token_file", "session_name", mode="before")
    @classmethod
    def _left_empty(cls, value: object) -> object:
        return _none_if_empty(value)

    @field_validator("role_arn", mode="after")
    @classmethod
    def _role_form(cls, value: str | None) -> str | None:
        return role_arn(value) if value is not None else None


class Container(Settings):
    """The role of the container: an Amazon ECS task role, or EKS Pod Identity."""

    kind: Literal["container"] = "container"
    relative_uri: str | None = Field(
        None,
        title="Relative URI",
        description="A path at 169.254.170.2, the agent of Amazon ECS. Empty: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI.",
        json_schema_extra={"x-advanced": True},
    )
    full_uri: str | None = Field(
        None,
        title="Full URI",
        description="At 169.254.170.2, 169.254.170.23, fd00:ec2::23 or this machine itself. "
        "Empty: AWS_CONTAINER_CREDENTIALS_FULL_URI.",
        json_schema_extra={"x-advanced": True},
    )
    token_file: str | None = Field(
        None,
        title="Authorization token file",
        description="Whose content the agent asks for: the token of a service account. "
        "Empty: AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE, else AWS_CONTAINER_AUTHORIZATION_TOKEN.",
        json_schema_extra={"x-advanced": True},
    )

    @field_validator("relative_uri", "full_uri", "token_file", mode="before")
    @classmethod
    def _left_empty(cls, value: object) -> object:
        return _none_if_empty(value)

    @field_validator("relative_uri", mode="after")
    @classmethod
    def _a_path(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"/[\x21-\x7e]*", value):
            raise ValueError("a relative URI is a path, like /v2/credentials/0a1b...")
        return value


class InstanceRole(Settings):
    """The role of the EC2 instance that OpenVNA runs on, by its metadata service (IMDSv2)."""

    kind: Literal["instance-role"] = "instance-role"
    ipv6: bool = Field(
        False,
        title="Over IPv6",
        description="Ask at fd00:ec2::254 and not at 169.254.169.254.",
        json_schema_extra={"x-advanced": True},
    )


class Process(Settings):
    """A program that prints a credential, as credential_process does."""

    kind: Literal["process"] = "process"
    program: str = Field(
        "",
        title="Program",
        description="Its name in the directory that the server's administrator has named "
        "(OPENVNA_AWS_CREDENTIAL_PROGRAMS). No other program is run.",
    )
    arguments: tuple[str, ...] = Field(
        (), title="Arguments", description="Nothing secret: others on the machine can see them while it runs."
    )

    @field_validator("program", mode="after")
    @classmethod
    def _a_name(cls, value: str) -> str:
        if value and not _PROGRAM.fullmatch(value):
            raise ValueError("it is the name of a program in the administrator's directory, without a path")
        return value

    @field_validator("arguments", mode="after")
    @classmethod
    def _sendable(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        if any("\0" in value for value in values):
            raise ValueError("an argument cannot hold a NUL character")
        return values


class RolesAnywhere(Settings):
    """A certificate of your own authority, exchanged for a role by IAM Roles Anywhere."""

    model_config = ConfigDict(title="IAM Roles Anywhere")

    kind: Literal["roles-anywhere"] = "roles-anywhere"
    certificate: str = Field(
        title="Certificate",
        description="In PEM form, or the path of a PEM file on the machine that runs OpenVNA.",
        json_schema_extra={"x-multiline": True},
    )
    private_key: SecretStr = Field(
        title="Private key", description="Of the certificate, in PEM form: an RSA or an elliptic curve key."
    )
    passphrase: SecretStr | None = Field(
        None,
        title="Passphrase",
        description="Of the private key, if it has one.",
        json_schema_extra={"x-advanced": True},
    )
    chain: str | None = Field(
        None,
        title="Certificate chain",
        description="The certificates between this one and the trust anchor: in PEM form, or a path.",
        json_schema_extra={"x-advanced": True, "x-multiline": True},
    )
    trust_anchor_arn: str = Field(
        title="Trust anchor ARN", description="arn:aws:rolesanywhere:REGION:ACCOUNT:trust-anchor/ID"
    )
    profile_arn: str = Field(title="Profile ARN", description="arn:aws:rolesanywhere:REGION:ACCOUNT:profile/ID")
    role_arn: str = Field(title="Role ARN", description="A role that the profile lists.")
    session_name: str | None = Field(
        None,
        title="Session name",
        description="Only where the profile accepts one. Empty: the certificate's serial number.",
        pattern=_SESSION,
        json_schema_extra={"x-advanced": True},
    )
    duration: int = Field(
        3600,
        title="Session duration",
        description="In seconds.",
        ge=900,
        le=43200,
        json_schema_extra={"x-advanced": True},
    )

    @field_validator("chain", "session_name", mode="before")
    @classmethod
    def _left_empty(cls, value: object) -> object:
        return _none_if_empty(value)

    @field_validator("certificate", mode="after")
    @classmethod
    def _given(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("give the certificate in PEM form, or the path of a PEM file")
        if "PRIVATE KEY" in value:
            raise ValueError("this holds a private key: it belongs into the field of its own, where it stays secret")
        return value

    @field_validator("chain", mode="after")
    @classmethod
    def _no_key(cls, value: str | None) -> str | None:
        if value and "PRIVATE KEY" in value:
            raise ValueError("this holds a private key: it belongs into the field of its own, where it stays secret")
        return value

    @field_validator("trust_anchor_arn", "profile_arn", mode="after")
    @classmethod
    def _anywhere(cls, value: str, info: ValidationInfo) -> str:
        value = value.strip()
        thing = "trust-anchor" if info.field_name == "trust_anchor_arn" else "profile"
        if not re.fullmatch(rf"arn:[a-z-]+:rolesanywhere:[a-z0-9-]+:\d{{12}}:{thing}/[\w-]{{1,64}}", value):
            raise ValueError(f"it looks like arn:aws:rolesanywhere:eu-west-1:111122223333:{thing}/ID")
        return value

    @field_validator("role_arn", mode="after")
    @classmethod
    def _role_form(cls, value: str) -> str:
        return role_arn(value)


def role_arn(value: str) -> str:
    """The ARN of a role, without blanks around it. Raises `ValueError` for anything else."""
    value = value.strip()
    if not ROLE_ARN.fullmatch(value):
        raise ValueError("a role's ARN looks like arn:aws:iam::111122223333:role/NAME")
    return value


def _none_if_empty(value: object) -> object:
    return (value.strip() or None) if isinstance(value, str) else value
