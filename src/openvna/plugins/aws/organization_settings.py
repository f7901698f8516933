"""The settings of a source that is a whole AWS organization: which of its accounts, and how they are entered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, field_validator

from openvna.plugins.aws import forms

_SPACED: dict[str, JsonValue] = {"x-spaced": True}
"""Names and tags may hold spaces, so a list of them is not split there."""


class AccountFilter(BaseModel):
    """Accounts by their ids, by the organizational units that they are in (however deep), and by their own tags."""

    model_config = ConfigDict(extra="forbid")

    accounts: tuple[str, ...] = Field((), title="Account ids", description="12 digits each.")
    ous: tuple[str, ...] = Field(
        (),
        title="Organizational units",
        description="With all that is below them: an id (ou-ab12-11111111), a path (Workloads/Prod), or a name that "
        "there is only once.",
        json_schema_extra=_SPACED,
    )
    tags: tuple[str, ...] = Field(
        (),
        title="Tags of the accounts",
        description="key=value, or key for any value.",
        json_schema_extra=_SPACED,
    )

    @field_validator("accounts", mode="after")
    @classmethod
    def _account_form(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        return forms.account_ids(values)

    @field_validator("ous", mode="after")
    @classmethod
    def _unit_form(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        return _each(forms.unit, values)

    @field_validator("tags", mode="after")
    @classmethod
    def _tag_form(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        return _each(forms.tag, values)


class Organization(BaseModel):
    """The accounts of an AWS organization, each entered with a role of the same name."""

    model_config = ConfigDict(extra="forbid")

    role_name: str = Field(
        title="Role in each account",
        description="Its name, with its path if it has one: OpenVNA, or network/OpenVNA.",
    )
    external_id: str | None = Field(
        None,
        title="External ID",
        description="The value that the role's trust policy asks for in each account, if any.",
    )
    include: AccountFilter = Field(
        default_factory=AccountFilter,
        title="Only these accounts",
        description="Empty: every account of the organization. Of several lists, an account must fit each.",
    )
    exclude: AccountFilter = Field(
        default_factory=AccountFilter,
        title="But not these accounts",
        description="An account that fits any entry of any list is left out.",
    )
    own_account: Literal["credential", "role", "leave-out"] = Field(
        "credential",
        title="The account of the credential itself",
        description="It is read with the credential itself, because a role that is rolled out over an organization "
        "mostly does not exist there; or with the role like the others; or not at all.",
    )
    session_name: str = Field("openvna", title="Session name", pattern=r"^[\w+=,.@-]{2,64}$")
    duration: int = Field(3600, title="Session duration", description="In seconds.", ge=900, le=43200)

    @field_validator("role_name", mode="after")
    @classmethod
    def _role_form(cls, value: str) -> str:
        return forms.role_name(value)

    @field_validator("external_id", mode="after")
    @classmethod
    def _external_id_form(cls, value: str | None) -> str | None:
        return forms.external_id(value)

    def role_arn(self, partition: str, account: str) -> str:
        """The role's ARN in an account."""
        return f"arn:{partition}:iam::{account}:role/{self.role_name}"


def _each(form: Callable[[str], str], values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(form(value) for value in values if value.strip()))
