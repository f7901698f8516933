"""The form that a plugin's schema describes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field, SecretStr

from openvna.web.schema_form import Field as FormField
from openvna.web.schema_form import read_fields, split_advanced


class Key(BaseModel):
    """A key."""

    kind: Literal["key"] = "key"
    key_id: str = Field("", title="Key ID")
    secret: SecretStr = Field(SecretStr(""), title="Secret")


class SingleSignOn(BaseModel):
    kind: Literal["sso"] = "sso"
    portal: str = "here"


class Role(BaseModel):
    arn: str = Field(title="ARN")
    external_id: str | None = None
    duration: int = Field(3600, ge=900, le=43200)


class Config(BaseModel):
    credential: Annotated[SingleSignOn | Key, Field(discriminator="kind", title="Credential")] = Field(
        default_factory=Key
    )
    role: Role | None = Field(None, title="Assume a role")
    partition: Literal["aws", "aws-cn"] = "aws"
    regions: tuple[str, ...] = Field((), title="Regions", description="Empty: all.")
    strict: bool = False
    proxy: SecretStr | None = None
    stops: tuple[Role, ...] = Field((), title="Stops")
    labels: dict[str, str] = Field(default_factory=dict)


SCHEMA = Config.model_json_schema()


def by_path(fields: tuple[FormField, ...]) -> dict[str, FormField]:
    return {field.path: field for field in fields}


def test_each_kind_of_setting_has_its_kind_of_input() -> None:
    fields = by_path(read_fields(SCHEMA))
    kinds = {path: field.kind for path, field in fields.items()}
    assert kinds == {
        "credential": "union",
        "role": "section",
        "partition": "choice",
        "regions": "tags",
        "strict": "flag",
        "proxy": "secret",
        "stops": "list",
        "labels": "json",
    }
    assert fields["partition"].choices == ("aws", "aws-cn")
    assert (fields["regions"].title, fields["regions"].description) == ("Regions", "Empty: all.")


def test_a_union_offers_its_variants_in_the_authors_order_without_the_discriminator() -> None:
    credential = by_path(read_fields(SCHEMA))["credential"]
    assert credential.discriminator == "kind"
    assert [(variant.tag, variant.title) for variant in credential.variants] == [
        ("sso", "Single sign on"),
        ("key", "Key"),
    ]
    assert [field.path for field in credential.variants[1].fields] == ["credential.key_id", "credential.secret"]


def test_an_optional_model_is_a_section_with_its_limits_and_rarely_needed_fields_folded() -> None:
    role = by_path(read_fields(SCHEMA))["role"]
    assert role.optional
    assert role.value is False
    fields = by_path(role.fields)
    assert fields["role.arn"].required
    assert not fields["role.external_id"].advanced
    assert fields["role.duration"].advanced
    assert (fields["role.duration"].minimum, fields["role.duration"].maximum) == (900, 43200)


def test_optional_scalars_at_the_top_wait_behind_advanced() -> None:
    shown, advanced = split_advanced(read_fields(SCHEMA))
    assert [field.path for field in advanced] == ["proxy"]
    assert "credential" in [field.path for field in shown]


def test_stored_settings_fill_the_form_and_secrets_only_say_that_they_are_there() -> None:
    values = {
        "credential": {"kind": "key", "key_id": "AKIA"},
        "role": {"arn": "arn:x", "external_id": None, "duration": 900},
        "regions": ["eu-west-1"],
    }
    fields = by_path(read_fields(SCHEMA, values, ("credential.secret",)))
    assert fields["credential"].value == "key"
    key = by_path(fields["credential"].variants[1].fields)
    assert key["credential.key_id"].value == "AKIA"
    assert key["credential.secret"].stored
    assert key["credential.secret"].value is None
    assert fields["role"].value is True
    assert by_path(fields["role"].fields)["role.duration"].value == 900
    assert fields["regions"].value == ["eu-west-1"]


def test_a_secret_that_is_kept_elsewhere_shows_where() -> None:
    values = {"credential": {"kind": "key", "key_id": "AKIA", "secret": "vault:kv/lab#secret"}, "proxy": "**********"}
    fields = by_path(read_fields(SCHEMA, values))
    key = by_path(fields["credential"].variants[1].fields)
    assert (key["credential.secret"].value, key["credential.secret"].stored) == ("vault:kv/lab#secret", True)
    assert (fields["proxy"].value, fields["proxy"].stored) == (None, False)


def test_a_secret_of_one_variant_is_not_taken_for_that_of_another() -> None:
    values = {"credential": {"kind": "sso", "portal": "there"}}
    fields = by_path(read_fields(SCHEMA, values, ("credential.secret",)))
    key = by_path(fields["credential"].variants[1].fields)
    assert not key["credential.secret"].stored


def test_a_list_of_models_has_an_entry_for_each_and_one_to_add() -> None:
    stops = by_path(read_fields(SCHEMA, {"stops": [{"arn": "arn:a"}, {"arn": "arn:b", "duration": 900}]}))["stops"]
    assert [[field.value for field in entry] for entry in stops.entries] == [
        ["arn:a", None, 3600],
        ["arn:b", None, 900],
    ]
    assert [field.path for field in stops.entries[1]] == ["stops.1.arn", "stops.1.external_id", "stops.1.duration"]
    assert [(field.path, field.advanced) for field in stops.fields] == [
        ("stops.#.arn", False),
        ("stops.#.external_id", False),
        ("stops.#.duration", True),
    ]
    assert by_path(read_fields(SCHEMA))["stops"].entries == ()
