"""The settings of a folder of saved AWS CLI answers."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class FilesConfig(BaseModel):
    """A folder of saved AWS CLI answers, and where they come from if neither folders nor content say it."""

    model_config = ConfigDict(extra="forbid")

    directory: str = Field(
        title="Folder",
        description="ACCOUNT/REGION/SERVICE-OPERATION.json below it, each the answer of one `aws` command.",
    )
    account: str | None = Field(
        None,
        title="Account",
        description="The 12-digit account id, for files that do not say it.",
        pattern=r"^\d{12}$",
    )
    region: str | None = Field(
        None,
        title="Region",
        description="The region (eu-west-1), for files that do not say it.",
        pattern=r"^[a-z]{2,5}(-[a-z]+)+-\d{1,2}$",
    )
