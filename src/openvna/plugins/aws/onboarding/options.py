"""How an access is to be set up: the ways, in the order in which they are offered, and their options."""

from __future__ import annotations

import re
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationInfo, field_validator

from openvna.plugin.onboarding import WHEN, WORDS, Way
from openvna.plugins.aws import forms
from openvna.plugins.aws.arn import REGION_NAME, parse_arn
from openvna.plugins.aws.config import Partition, Settings

_ROLE_NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
_UNIT = re.compile(r"(?:r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32})")
_SERVICE_ACCOUNT = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?:[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")

WAYS = (
    Way(
        "role",
        "A role in the account",
        "For nearly everyone: AWS creates a read-only role that only this source can take. No key is handed out.",
        (
            "scope",
            "tool",
            "features",
            "role_name",
            "account",
            "region",
            "template_url",
            "template",
            "organizational_units",
            "organization_account",
        ),
        credential="ambient",
        trusts_us=True,
    ),
    Way(
        "machine",
        "The role of this machine",
        "OpenVNA itself runs in AWS, on EC2, ECS or EKS: it carries a role, and there is nothing to enter.",
        ("runs_on", "tool", "features", "role_name", "account", "oidc_provider", "service_account", "region"),
        credential="ambient",
    ),
    Way(
        "identity-center",
        "IAM Identity Center",
        "People sign in to AWS there: sign in once with a code, and choose account and permission set.",
        ("features",),
        credential="identity-center",
    ),
    Way(
        "profile",
        "A profile of this machine",
        "The AWS CLI works on this machine already, by ~/.aws/config or a credential process.",
        ("features",),
        credential="profile",
    ),
    Way(
        "roles-anywhere",
        "IAM Roles Anywhere",
        "OpenVNA runs outside of AWS, and you have a certificate authority: its certificate becomes a role.",
        ("trust_anchor_arn", "tool", "features", "role_name", "region"),
        credential="roles-anywhere",
    ),
    Way(
        "access-key",
        "An access key",
        "The last resort: a key does not end by itself, and whoever has it can use it.",
        ("features",),
        credential="access-key",
    ),
)


def _only(**values: str) -> Any:
    return {WHEN: values}


class AwsOnboarding(Settings):
    """How the access is set up. What does not belong to the way is left alone."""

    way: Literal["role", "machine", "identity-center", "profile", "roles-anywhere", "access-key"] = "role"
    scope: Literal["account", "organization"] = Field(
        "account",
        title="For",
        json_schema_extra={WORDS: {"account": "One account", "organization": "Every account of an organization"}},
    )
    runs_on: Literal["ec2", "ecs", "eks-pod-identity", "eks-irsa"] = Field(
        "ec2",
        title="OpenVNA runs on",
        json_schema_extra={
            WORDS: {
                "ec2": "EC2, an instance",
                "ecs": "ECS, a task",
                "eks-pod-identity": "EKS, with Pod Identity",
                "eks-irsa": "EKS, with a service account (IRSA)",
            }
        },
    )
    tool: Literal["cloudformation", "terraform", "json"] = Field(
        "cloudformation",
        title="Create it with",
        json_schema_extra={WORDS: {"cloudformation": "CloudFormation", "terraform": "Terraform", "json": "The AWS CLI"}}
        | _only(scope="account"),
    )
    features: tuple[str, ...] | None = Field(None, title="What to read")
    role_name: str = Field("OpenVNA", title="Name of the role")
    account: str | None = Field(
        None,
        title="Account",
        description="Its 12 digits, where known: our own identity is then allowed this role alone.",
        json_schema_extra=_only(scope="account"),
    )
    region: str | None = Field(
        None,
        title="Region",
        description="Where the stack is kept; the role is good everywhere. Empty: the partition's first.",
    )
    template_url: str | None = Field(
        None,
        title="Template URL",
        description="The template in an S3 bucket of yours, for a link that creates the stack: AWS takes no other.",
        json_schema_extra=_only(tool="cloudformation", scope="account"),
    )
    template: Literal["yaml", "json"] = Field(
        "yaml", title="Template as", json_schema_extra={"x-advanced": True} | _only(tool="cloudformation")
    )
    organizational_units: tuple[str, ...] = Field(
        (),
        title="Organizational units",
        description="r-... (the root: every account) or ou-...; empty: the root.",
        json_schema_extra=_only(scope="organization"),
    )
    organization_account: str | None = Field(
        None,
        title="Account that may list the others",
        description="The management account, or one it delegates to. Empty: the account that we are in already.",
        json_schema_extra=_only(scope="organization"),
    )
    oidc_provider: str | None = Field(
        None,
        validate_default=True,
        title="OIDC issuer of the cluster",
        description="https://oidc.eks.REGION.amazonaws.com/id/...: what `aws eks describe-cluster` calls issuer.",
        json_schema_extra=_only(runs_on="eks-irsa"),
    )
    service_account: str = Field(
        "openvna:openvna",
        title="Service account",
        description="NAMESPACE:NAME in the cluster.",
        json_schema_extra=_only(runs_on="eks-irsa eks-pod-identity"),
    )
    trust_anchor_arn: str | None = Field(
        None,
        validate_default=True,
        title="Trust anchor",
        description="arn:aws:rolesanywhere:REGION:ACCOUNT:trust-anchor/...",
    )
    caller: str = Field("", title="Who takes the role", description="An ARN. Empty: found out with the credential.")
    partition: Partition = "aws"

    @field_validator("role_name", mode="after")
    @classmethod
    def _role_name_form(cls, value: str) -> str:
        if not _ROLE_NAME.fullmatch(value.strip()):
            raise ValueError("the name of a role has 1 to 64 characters of A-Z a-z 0-9 + = , . @ _ -")
        return value.strip()

    @field_validator("account", "organization_account", mode="after")
    @classmethod
    def _account_form(cls, value: str | None) -> str | None:
        return next(iter(forms.account_ids((value or "",))), None)

    @field_validator("region", mode="after")
    @classmethod
    def _region_form(cls, value: str | None) -> str | None:
        name = (value or "").strip().lower()
        if name and not REGION_NAME.fullmatch(name):
            raise ValueError(f"{value!r} is not the name of a region, like eu-west-1")
        return name or None

    @field_validator("template_url", mode="after")
    @classmethod
    def _template_url_form(cls, value: str | None) -> str | None:
        url = (value or "").strip()
        if not url:
            return None
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme != "https" or not re.search(r"(^|\.)s3[.-]", host) or len(parts.path) < 2:
            raise ValueError("AWS takes templates from S3 only: https://BUCKET.s3.REGION.amazonaws.com/NAME")
        return url

    @field_validator("organizational_units", mode="after")
    @classmethod
    def _unit_forms(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        plain = tuple(dict.fromkeys(value.strip() for value in values if value.strip()))
        wrong = [value for value in plain if not _UNIT.fullmatch(value)]
        if wrong:
            raise ValueError(f"{wrong[0]!r} is no organizational unit: it looks like ou-ab12-cdef3456 or r-ab12")
        return plain

    @field_validator("oidc_provider", mode="after")
    @classmethod
    def _provider_form(cls, value: str | None, known: ValidationInfo) -> str | None:
        """Host and path, from the issuer's URL or the provider's ARN."""
        text = (value or "").strip().rstrip("/")
        text = text.partition(":oidc-provider/")[2] if text.startswith("arn:") else text.removeprefix("https://")
        if text and not re.fullmatch(r"[a-z0-9.-]+\.[a-z]+(?:/[\w./-]+)?", text):
            raise ValueError("an issuer looks like https://oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF")
        if not text and known.data.get("way") == "machine" and known.data.get("runs_on") == "eks-irsa":
            raise ValueError("a role for a service account of EKS needs the issuer of the cluster")
        return text or None

    @field_validator("service_account", mode="after")
    @classmethod
    def _service_account_form(cls, value: str) -> str:
        plain = value.strip().removeprefix("system:serviceaccount:")
        if not _SERVICE_ACCOUNT.fullmatch(plain):
            raise ValueError("a service account is written NAMESPACE:NAME")
        return plain

    @field_validator("trust_anchor_arn", mode="after")
    @classmethod
    def _anchor_form(cls, value: str | None, known: ValidationInfo) -> str | None:
        text = (value or "").strip()
        arn = parse_arn(text)
        if text and (arn is None or arn.service != "rolesanywhere" or not arn.resource.startswith("trust-anchor/")):
            raise ValueError("a trust anchor looks like arn:aws:rolesanywhere:REGION:ACCOUNT:trust-anchor/...")
        if not text and known.data.get("way") == "roles-anywhere":
            raise ValueError("a role for IAM Roles Anywhere needs the trust anchor that it trusts")
        return text or None

    @field_validator("caller", mode="after")
    @classmethod
    def _caller_form(cls, value: str) -> str:
        text = value.strip()
        if text and parse_arn(text) is None:
            raise ValueError("who takes the role is given by an ARN, like arn:aws:iam::111122223333:role/NAME")
        return text
