"""The settings of an AWS source. Their JSON Schema draws the form, the OpenAPI document and the CLI's questions."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

Partition = Literal[
    "aws",
    "aws-cn",
    "aws-us-gov",
    "aws-eusc",
    "aws-iso",
    "aws-iso-b",
    "aws-iso-e",
    "aws-iso-f",
]


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


class Profile(Settings):
    """A named profile of the AWS configuration files on the machine that runs OpenVNA."""

    kind: Literal["profile"] = "profile"
    profile: str = Field("default", title="Profile", description="A name from ~/.aws/config or ~/.aws/credentials.")


class Ambient(Settings):
    """What the machine has: environment, container role, instance role, default profile."""

    kind: Literal["ambient"] = "ambient"


Credential = Annotated[AccessKey | Profile | Ambient, Field(discriminator="kind")]


class AssumeRole(Settings):
    """A role to assume with the credential."""

    role_arn: str = Field(
        title="Role ARN",
        description="arn:aws:iam::111122223333:role/NAME. {account} in it stands for each account of the source.",
    )
    external_id: str | None = Field(
        None, title="External ID", description="The value that the role's trust policy asks for, if any."
    )
    session_name: str = Field("openvna", title="Session name", pattern=r"^[\w+=,.@-]{2,64}$")
    duration: int = Field(3600, title="Session duration", description="In seconds.", ge=900, le=43200)


class AwsConfig(Settings):
    """An AWS access: who we are there, and what part of it is ours to look at."""

    credential: Credential = Field(default_factory=AccessKey, title="Credential")
    assume_role: AssumeRole | None = Field(None, title="Assume a role", description="On top of the credential.")
    partition: Partition = Field("aws", title="Partition")
    accounts: tuple[str, ...] = Field(
        (),
        title="Accounts",
        description="12-digit account ids. Empty: the account of the credential (or of the role).",
    )
    regions: tuple[str, ...] = Field(
        (), title="Regions", description="Empty: every region that is enabled in the account."
    )
    home_region: str | None = Field(
        None,
        title="Home region",
        description="Where identity questions are asked. Empty: the partition's first region.",
    )
    endpoint_url: str | None = Field(
        None,
        title="Endpoint URL",
        description="Only for emulators and private endpoints; AWS_ENDPOINT_URL is used when empty.",
    )
    proxy_url: SecretStr | None = Field(
        None, title="Proxy", description="http://[user:password@]host:port. Empty: HTTPS_PROXY is used."
    )
    ca_bundle: str | None = Field(None, title="CA bundle", description="A PEM file, for networks that inspect TLS.")
