"""The shapes of what goes in: bodies and parameters of requests."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints


def _rfc_3339(value: object) -> object:
    """Pydantic alone would take numbers too, as seconds since 1970. A `+` that was not percent-encoded arrives as a
    space: `12:00:00 02:00`."""
    if not isinstance(value, str) or not re.match(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d", value):
        raise ValueError("is not a time of RFC 3339, such as 2026-03-02T08:30:00Z")
    return re.sub(r"([Tt][\d:.]+) (\d\d:?\d\d)$", r"\1+\2", value)


def _utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("is outside of the years 1 to 9999") from None


Moment = Annotated[AwareDatetime, BeforeValidator(_rfc_3339), AfterValidator(_utc)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
Interval = Annotated[int, Field(ge=60, le=31_536_000, description="Seconds between collections.")]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class SignInBody(Body):
    name: Annotated[str, StringConstraints(max_length=200)]
    password: Annotated[str, StringConstraints(max_length=1000), Field(json_schema_extra={"format": "password"})]


class NewSource(Body):
    """A source to add. Its settings are those of its plugin."""

    name: Name
    plugin: Name
    config: dict[str, Any] = Field(
        description="A secret may be named instead of given: `env:NAME`, `file:/path`, `vault:mount/path#field`, "
        "`awssm:secret-id#json-key`. It is read when it is used, and the reference is shown like any other setting."
    )
    interval: Interval | None = Field(900, description="Seconds between collections; null: only on demand.")
    save_anyway: bool = Field(False, description="Save even when the verification fails.")
    verification: str | None = Field(
        None, description="A finished verification of these same settings, which is then not repeated."
    )


class SourcePatch(Body):
    """What to change of a source. What is left out stays."""

    name: Name | None = None
    config: dict[str, Any] | None = Field(
        None,
        description="A JSON merge patch (RFC 7396) of the settings. A secret that is left out stays, unless its "
        "credential changes kind.",
    )
    interval: Interval | None = Field(None, description="Seconds between collections; null: only on demand.")
    save_anyway: bool = Field(False, description="Save even when the verification fails.")
    another_account: bool = Field(False, description="The new credential is of another account, and that is meant.")
    verification: str | None = Field(
        None, description="A finished verification of these same settings, which is then not repeated."
    )


class NewVerification(Body):
    """New settings (`plugin` and `config`), a stored source (`source`), or a change to one (`source` and `config`)."""

    plugin: Name | None = None
    config: dict[str, Any] | None = None
    source: Name | None = Field(None, description="The id or the name of a source.")


class IdentityQuestion(Body):
    config: dict[str, Any] = Field(description="Settings of the plugin, with the credential to begin with.")


class NewOnboarding(Body):
    """A source to set up. `config` says with which credential we come; its secrets are used and not kept."""

    name: Name
    options: dict[str, Any] = Field(description="How it is set up: the `options` of GET /plugins/{plugin}/onboarding.")
    config: dict[str, Any] = Field(default_factory=dict, description="Settings of the plugin, where known.")


class Answer(Body):
    answer: Annotated[str, StringConstraints(max_length=5000, pattern=r"^[^\x00]*$")] = Field(
        "", description="What the other side gave back, where the plan asks for it: the ARN of a role."
    )


class NewSignIn(Body):
    """New settings (`plugin` and `config`, in which the secret, and what is chosen after it, may be empty), or a
    source that signs in again."""

    plugin: Name | None = None
    config: dict[str, Any] | None = Field(
        None, description="The settings; for a source, a JSON merge patch (RFC 7396) of its settings."
    )
    source: Name | None = Field(None, description="The id or the name of a source.")


class NewCollection(Body):
    types: Annotated[list[Name], Field(min_length=1, max_length=1000)] | None = Field(
        None, description="The resource types to collect; null: all."
    )
    scopes: Annotated[list[Name], Field(min_length=1, max_length=1000)] | None = Field(
        None,
        description="Only these scopes, by their keys or by parts of them: an account, a region, ACCOUNT/REGION; "
        "null: all.",
    )
    resource: Annotated[str, StringConstraints(min_length=1, max_length=2048, pattern=r"^[^\x00]*$")] | None = Field(
        None, description="Only this resource, by its id or short id; then neither types nor scopes are named."
    )


class NewToken(Body):
    name: Name
    scopes: Annotated[list[Literal["read", "write", "admin"]], Field(min_length=1, max_length=3)] = Field(
        description="Each scope holds the ones before it: read, write, admin."
    )
    expires_at: Moment | None = Field(None, description="When the token ends; null: never.")
