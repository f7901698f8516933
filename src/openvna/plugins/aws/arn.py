"""Amazon Resource Names: taken apart, and the partition that a region belongs to."""

from __future__ import annotations

import re
from dataclasses import dataclass

ACCOUNT_ID = re.compile(r"\d{12}")
ROLE_ARN = re.compile(r"arn:[a-z-]+:iam::\d{12}:role/[\w+=,.@/-]{1,600}")
REGION_NAME = re.compile(r"[a-z]{2,5}(?:-[a-z]+)+-\d{1,2}")

_PARTITIONS = (
    ("cn-", "aws-cn"),
    ("us-gov-", "aws-us-gov"),
    ("eusc-", "aws-eusc"),
    ("us-isob-", "aws-iso-b"),
    ("us-isof-", "aws-iso-f"),
    ("us-iso-", "aws-iso"),
    ("eu-isoe-", "aws-iso-e"),
)


@dataclass(frozen=True, slots=True)
class Arn:
    """The six parts of an ARN (IAM user guide, "Identify AWS resources with ARNs"). `region` and `account` may be
    empty; `resource` is all that follows the account."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{self.resource}"


def parse_arn(text: str) -> Arn | None:
    """The parts of an ARN, None when the text is not one."""
    parts = text.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn" or not parts[1] or not parts[2] or not parts[5]:
        return None
    return Arn(*parts[1:])


def partition_of(region: str) -> str:
    """The partition of a region, by the region's prefix (botocore's `partitions.json` has the same patterns)."""
    return next((partition for prefix, partition in _PARTITIONS if region.startswith(prefix)), "aws")
