"""The settings of a folder of saved AWS CLI answers."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema


def _check(pattern: str, otherwise: str) -> AfterValidator:
    """Refuses what has another form in words: a pattern says nothing to those who enter it."""
    form = re.compile(pattern)

    def check(value: str) -> str:
        if not form.fullmatch(value):
            raise ValueError(otherwise)
        return value

    return AfterValidator(check)


_ACCOUNT, _REGION = r"^\d{12}$", r"^[a-z]{2,5}(-[a-z]+)+-\d{1,2}$"
Account = Annotated[
    str, _check(_ACCOUNT, "an account id has 12 digits"), WithJsonSchema({"type": "string", "pattern": _ACCOUNT})
]
Region = Annotated[
    str, _check(_REGION, "a region looks like eu-west-1"), WithJsonSchema({"type": "string", "pattern": _REGION})
]


class FilesConfig(BaseModel):
    """A folder of saved AWS CLI answers, and where they come from if neither folders nor content say it."""

    model_config = ConfigDict(extra="forbid")

    directory: str = Field(
        title="Folder",
        description="ACCOUNT/REGION/SERVICE-OPERATION.json below it, each the answer of one `aws` command.",
    )
    account: Account | None = Field(
        None,
        title="Account",
        description="The 12-digit account id, for files that do not say it.",
    )
    region: Region | None = Field(
        None,
        title="Region",
        description="The region (eu-west-1), for files that do not say it.",
    )
