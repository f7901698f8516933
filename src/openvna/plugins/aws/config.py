"""The settings of an AWS source. Their JSON Schema draws the form, the OpenAPI document and the CLI's questions."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self
from urllib.parse import SplitResult, urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from openvna.plugin import DESTINATION
from openvna.plugins.aws import forms
from openvna.plugins.aws.credential_kinds import (
    AccessKey,
    Ambient,
    Container,
    InstanceRole,
    Process,
    Profile,
    RolesAnywhere,
    Settings,
    WebIdentity,
)
from openvna.plugins.aws.identity_center_settings import IdentityCenter
from openvna.plugins.aws.organization_settings import Organization

__all__ = [
    "AccessKey",
    "Ambient",
    "AssumeRole",
    "AwsConfig",
    "Container",
    "Credential",
    "IdentityCenter",
    "InstanceRole",
    "Partition",
    "Process",
    "Profile",
    "RolesAnywhere",
    "Settings",
    "WebIdentity",
    "split_url",
]

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

_ROLE = re.compile(r"arn:[a-z-]+:iam::(?:\d{12}|\{account\}):role/[\w+=,.@/{}-]{1,600}")
_SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)


Credential = Annotated[
    AccessKey | IdentityCenter | Profile | Ambient | WebIdentity | Container | InstanceRole | Process | RolesAnywhere,
    Field(discriminator="kind"),
]


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
    duration: int = Field(
        3600,
        title="Session duration",
        description="In seconds. AWS allows an hour at most where the credential before the role is temporary itself.",
        ge=900,
        le=43200,
    )
    tags: tuple[str, ...] = Field(
        (),
        title="Session tags",
        description="key=value. Conditions of policies can ask for them; the role must allow sts:TagSession.",
        json_schema_extra={"x-advanced": True, "x-spaced": True},
    )
    transitive_tags: tuple[str, ...] = Field(
        (),
        title="Transitive tags",
        description="Keys of those session tags that go on into the next role.",
        json_schema_extra={"x-advanced": True, "x-spaced": True},
    )
    source_identity: str | None = Field(
        None,
        title="Source identity",
        description="A name that CloudTrail shows with everything the session does, through all roles. "
        "The role must allow sts:SetSourceIdentity.",
        json_schema_extra={"x-advanced": True},
    )

    @field_validator("role_arn", mode="after")
    @classmethod
    def _role_form(cls, value: str) -> str:
        value = value.strip()
        if not _ROLE.fullmatch(value):
            raise ValueError("a role's ARN looks like arn:aws:iam::111122223333:role/NAME")
        return value

    @field_validator("external_id", mode="after")
    @classmethod
    def _external_id_form(cls, value: str | None) -> str | None:
        return forms.external_id(value)

    @field_validator("source_identity", mode="after")
    @classmethod
    def _source_identity_form(cls, value: str | None) -> str | None:
        value = value.strip() if value else None
        if value and not _SESSION_NAME.fullmatch(value):
            raise ValueError("a source identity has 2 to 64 characters of A-Z a-z 0-9 _ + = , . @ -")
        return value or None

    @field_validator("tags", mode="after")
    @classmethod
    def _tag_forms(cls, tags: tuple[str, ...]) -> tuple[str, ...]:
        return forms.session_tags(tags)

    @field_validator("transitive_tags", mode="after")
    @classmethod
    def _keys(cls, keys: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(key.strip() for key in keys if key.strip()))

    @model_validator(mode="after")
    def _transitive_ones_are_tags(self) -> Self:
        there = {tag.partition("=")[0] for tag in self.tags}
        unknown = [key for key in self.transitive_tags if key not in there]
        if unknown:
            raise ValueError(f"{unknown[0]!r} is to be transitive, but is no session tag here")
        return self


class AwsConfig(Settings):
    """An AWS access: who we are there, and what part of it is ours to look at."""

    credential: Credential = Field(default_factory=AccessKey, title="Credential")
    via: tuple[AssumeRole, ...] = Field(
        (),
        title="Roles on the way",
        description="Roles to assume one after the other before the one below, each with the session of the one "
        "before it.",
        json_schema_extra={"x-advanced": True},
    )
    assume_role: AssumeRole | None = Field(None, title="Assume a role", description="On top of the credential.")
    partition: Partition = Field("aws", title="Partition")
    accounts: tuple[str, ...] = Field(
        (),
        title="Accounts",
        description="12-digit account ids. Empty: the account of the credential (or of the role).",
    )
    organization: Organization | None = Field(
        None,
        title="A whole organization",
        description="Every account of the AWS organization that the credential (with the role above, if any) may "
        "list, found anew at each collection.",
    )
    regions: tuple[str, ...] = Field(
        (), title="Regions", description="Empty: every region that is enabled in the account."
    )
    left_out: tuple[str, ...] = Field(
        (),
        title="Left out",
        description="Optional features that are not read, such as load-balancers: no permission of them is tried, and "
        "none is missing.",
        json_schema_extra={"x-advanced": True},
    )
    rate_share: float = Field(
        0.5,
        title="Share of the request rate",
        description="The part of AWS's request limits that OpenVNA may use, above 0 and up to 1, of every API in every "
        "account and region. The rest stays for the account's other users. Where AWS throttles all the same, OpenVNA "
        "goes slower by itself.",
        gt=0,
        le=1,
        json_schema_extra={"x-advanced": True},
    )
    full_preflight_accounts: int = Field(
        5,
        title="Accounts with a full pre-flight",
        description="In so many accounts a verification tries every permission; in further ones one for each feature.",
        ge=1,
        le=1000,
        json_schema_extra={"x-advanced": True},
    )
    preflight_regions: Literal["canaries", "all"] = Field(
        "canaries",
        title="Pre-flight in other regions",
        description="canaries: one permission of each feature in the regions besides the home region, and all of them "
        "where that differs. all: every permission in every region.",
        json_schema_extra={"x-advanced": True},
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
        json_schema_extra={DESTINATION: True},
    )
    endpoint_urls: dict[str, str] = Field(
        {},
        title="Endpoint URLs of single services",
        description="For VPC endpoints without private DNS: the service's name in the AWS CLI (sts, ec2, elbv2, ...) "
        'and its address. They go before the endpoint URL. Example: {"ec2": "https://vpce-0abc.example.net"}.',
        json_schema_extra={DESTINATION: True, "x-advanced": True},
    )
    fips: bool = Field(
        False,
        title="FIPS endpoints",
        description="Use AWS's FIPS 140 endpoints. Not every service has one in every region.",
        json_schema_extra={"x-advanced": True},
    )
    dual_stack: bool = Field(
        False,
        title="Dual-stack endpoints",
        description="Use AWS's endpoints that are reached by IPv6 as well as by IPv4.",
        json_schema_extra={"x-advanced": True},
    )
    other_partitions: bool = Field(
        False,
        title="Ask other partitions",
        description="Where AWS does not know the access key, ask the STS of up to two other partitions whether it is "
        "theirs. The access key ID is shown to them, the secret is not.",
        json_schema_extra={"x-advanced": True},
    )
    proxy_url: SecretStr | None = Field(
        None,
        title="Proxy",
        description="http://[user:password@]host:port, or https:// for one that is itself spoken to over TLS. "
        "Empty: HTTPS_PROXY is used.",
        json_schema_extra={DESTINATION: True},
    )
    ca_bundle: str | None = Field(
        None,
        title="CA bundle",
        description="A PEM file, for networks that inspect TLS.",
        json_schema_extra={DESTINATION: True},
    )
    second_profile: str | None = Field(
        None,
        title="Second profile",
        description="Only asked what became of an access key that AWS does not know: another profile of the same "
        "account on the machine that runs OpenVNA, with sts:GetAccessKeyInfo, iam:GetAccessKeyLastUsed and "
        "iam:ListAccessKeys.",
        json_schema_extra={"x-advanced": True},
    )

    @field_validator("accounts", mode="after")
    @classmethod
    def _account_form(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        return forms.account_ids(values)

    @field_validator("left_out", mode="after")
    @classmethod
    def _features_that_may_be_left_out(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        if not values:
            return values
        from openvna.plugins.aws.types import FEATURES  # late: it loads every declaration

        plain = tuple(dict.fromkeys(value.strip() for value in values if value.strip()))
        optional = [id for id, feature in FEATURES.items() if feature.optional]
        wrong = [value for value in plain if value not in optional]
        if wrong:
            raise ValueError(f"{wrong[0]!r} is no feature that can be left out; these can: {', '.join(optional)}")
        return plain

    @field_validator("regions", mode="after")
    @classmethod
    def _region_forms(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(_region(value) for value in values if value.strip()))

    @field_validator("home_region", mode="after")
    @classmethod
    def _home_region_form(cls, value: str | None) -> str | None:
        return _region(value) if value and value.strip() else None

    @field_validator("endpoint_url", mode="after")
    @classmethod
    def _endpoint_form(cls, value: str | None) -> str | None:
        if not value or not value.strip():
            return None
        return _endpoint(value)

    @field_validator("endpoint_urls", mode="after")
    @classmethod
    def _endpoint_forms(cls, values: dict[str, str]) -> dict[str, str]:
        wrong = [name for name in values if not re.fullmatch(r"[a-z0-9][a-z0-9-]{1,60}", name.strip().lower())]
        if wrong:
            raise ValueError(f"{wrong[0]!r} is not the name of a service in the AWS CLI, like ec2 or elbv2")
        return {name.strip().lower(): _endpoint(value) for name, value in values.items() if value.strip()}

    @field_validator("proxy_url", mode="after")
    @classmethod
    def _proxy_form(cls, value: SecretStr | None) -> SecretStr | None:
        url = value.get_secret_value().strip() if value else ""
        if not url:
            return None
        parts = split_url(url if "://" in url else f"http://{url}")
        if parts is None or parts.scheme not in ("http", "https"):
            raise ValueError(
                "a proxy looks like http://host:port or http://user:password@host:port, with / ? # @ : in the "
                "password written as %2F %3F %23 %40 %3A"
            )
        return SecretStr(url)

    @field_validator("via", mode="after")
    @classmethod
    def _roles_on_the_way(cls, roles: tuple[AssumeRole, ...]) -> tuple[AssumeRole, ...]:
        if any("{account}" in role.role_arn for role in roles):
            raise ValueError("a role on the way is one role: {account} can stand in the last one only")
        if len(roles) > 8:
            raise ValueError("more than 8 roles on the way are too many")
        return roles

    @field_validator("second_profile", mode="after")
    @classmethod
    def _second_profile_form(cls, value: str | None) -> str | None:
        return (value.strip() or None) if value else None

    @model_validator(mode="after")
    def _every_account_reached(self) -> Self:
        role = self.assume_role.role_arn if self.assume_role else ""
        if self.organization is not None:
            if self.accounts:
                raise ValueError(
                    "accounts and organization exclude each other: with an organization its accounts are found; to "
                    "keep to some of them, name them in organization.include.accounts"
                )
            if "{account}" in role:
                raise ValueError(
                    "with an organization, assume_role leads into the one account that may list the others, so its "
                    "ARN names that account; the role of the member accounts is organization.role_name"
                )
        if len(self.accounts) > 1 and "{account}" not in role:
            raise ValueError("several accounts need a role to assume in each of them: arn:aws:iam::{account}:role/NAME")
        return self


def _endpoint(value: str) -> str:
    parts = split_url(value.strip())
    # What a URL cannot hold would be read in one way here and in another by a proxy.
    strange = re.search(r"[\x00-\x20\x7f\\#]", value.strip())
    wrong = parts is None or parts.scheme not in ("http", "https") or parts.query or parts.username is not None
    if strange or wrong:
        raise ValueError("an endpoint URL looks like https://host or http://127.0.0.1:5000, without a user")
    return value.strip()


def split_url(url: str) -> SplitResult | None:
    """The parts of a URL, None where it has no host, or no port that is one."""
    try:
        parts = urlsplit(url)
        return parts if parts.hostname and parts.port != 0 else None
    except ValueError:  # its text would show a part of the password
        return None


def _region(value: str) -> str:
    """A region's name as it is used in host names; whether there is such a region is for the verification to say."""
    name = value.strip().lower()
    if not re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", name) or len(name) > 40:
        raise ValueError(f"{value!r} is not the name of a region, like eu-west-1")
    return name
