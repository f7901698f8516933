"""The settings of a credential by IAM Identity Center (AWS SSO): whose portal, which account, which permission set."""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from openvna.plugin import DESTINATION, SIGN_IN
from openvna.plugin.sign_in import CHOICE

LOOPBACK = ("127.0.0.1", "::1", "localhost")
_RESERVED = re.compile(r"(?:arn:[a-z-]+:iam::\d{12}:role/aws-reserved/\S*/)?AWSReservedSSO_(.+)_[0-9a-f]{16}")
_REGIONAL = re.compile(r"[a-z0-9-]+\.([a-z]{2}(?:-[a-z]+)+-\d)\.portal\.amazonaws\.(?:com|com\.cn|eu)")


class IdentityCenter(BaseModel):
    """A person's sign-in at the AWS access portal, used for one account and permission set."""

    model_config = ConfigDict(extra="forbid", title="IAM Identity Center")

    kind: Literal["identity-center"] = "identity-center"
    start_url: str = Field(
        "",
        title="Start URL",
        description="The address of the AWS access portal: https://d-1234567890.awsapps.com/start",
        json_schema_extra={DESTINATION: True},
    )
    sso_region: str = Field(
        "",
        title="Region of Identity Center",
        description="Where Identity Center is: AWS shows it under Settings there. It need not be the home region.",
        json_schema_extra={DESTINATION: True},
    )
    sign_in: SecretStr = Field(
        SecretStr(""),
        title="Sign-in",
        description="You confirm a code at the portal. OpenVNA keeps what it gets, encrypted, and renews it while the "
        "portal's session lasts.",
        json_schema_extra={SIGN_IN: True},
    )
    account_id: str = Field(
        "",
        title="Account",
        description="12 digits: an account that the portal shows. After signing in you choose from a list.",
        json_schema_extra={CHOICE: "account"},
    )
    role_name: str = Field(
        "",
        title="Permission set",
        description="Its name as the portal shows it beside the account; not the name of an IAM role.",
        json_schema_extra={CHOICE: "role"},
    )

    @field_validator("start_url", mode="after")
    @classmethod
    def _start_url_form(cls, value: str) -> str:
        """As the portal's own page would have it copied: with what its browser page adds behind."""
        url = value.strip()
        if not url:
            return ""
        try:
            parts = urlsplit(url if "://" in url else f"https://{url}")
            host = parts.hostname or ""
            port = f":{parts.port}" if parts.port else ""
        except ValueError:
            host, port = "", ""
        plain_http = parts.scheme == "http" and host in LOOPBACK
        if not re.fullmatch(r"[a-z0-9.-]+|[0-9a-f:]+", host) or not (parts.scheme == "https" or plain_http):
            raise ValueError("a start URL looks like https://d-1234567890.awsapps.com/start")
        if parts.username is not None:
            raise ValueError("a start URL has no user and no password in it")
        shown = f"[{host}]" if ":" in host else host
        return f"{parts.scheme}://{shown}{port}{parts.path.rstrip('/')}"

    @field_validator("sso_region", mode="after")
    @classmethod
    def _region_form(cls, value: str) -> str:
        name = value.strip().lower()
        if name and (not re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", name) or len(name) > 40):
            raise ValueError(f"{value!r} is not the name of a region, like eu-west-1")
        return name

    @field_validator("account_id", mode="after")
    @classmethod
    def _account_form(cls, value: str) -> str:
        plain = re.sub(r"[\s-]", "", value)
        if plain and not re.fullmatch(r"\d{12}", plain):
            raise ValueError(f"{value!r} is not an account id: it has 12 digits")
        return plain

    @field_validator("role_name", mode="after")
    @classmethod
    def _role_form(cls, value: str) -> str:
        """The permission set's name, also where somebody gives the role that Identity Center makes of it."""
        name = value.strip()
        made = _RESERVED.fullmatch(name)
        return made[1] if made else name

    @property
    def region(self) -> str:
        """The region that is set, or the one that the start URL names itself; empty where neither does."""
        if self.sso_region:
            return self.sso_region
        named = _REGIONAL.fullmatch(urlsplit(self.start_url).hostname or "")
        return named[1] if named else ""
