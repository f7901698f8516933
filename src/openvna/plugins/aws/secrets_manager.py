"""One secret out of AWS Secrets Manager, read with what this machine has: environment, container or instance role.

API: GetSecretValue (docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html). It needs
secretsmanager:GetSecretValue, and kms:Decrypt where the secret is under a key of the account's own.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping

from openvna.log import hide
from openvna.model import OpenVNAError
from openvna.plugins.aws.access import Access
from openvna.plugins.aws.api import CallError
from openvna.plugins.aws.arn import parse_arn
from openvna.plugins.aws.config import Ambient, AwsConfig
from openvna.plugins.aws.endpoints import partition_of_region


def read_secret(name: str, environment: Mapping[str, str] = os.environ) -> str:
    """The current version of the secret `id` or ARN, or with `#key` one member of the JSON object that it is.

    The region is the ARN's, else that of the environment. Raises `OpenVNAError`; no text of it holds a secret.
    """
    secret_id, _, key = name.partition("#")
    region = _region(secret_id, environment)
    config = AwsConfig(credential=Ambient(), partition=_partition(region), home_region=region)
    access = Access(config, environment)
    try:
        reply = access.query.call_json(
            "secretsmanager", "GetSecretValue", region, {"SecretId": secret_id}, access.base()
        )
    except CallError as error:
        raise OpenVNAError(
            f"{error.code or 'No answer'}:",
            " ".join(str(error.message or error).split()),
            "Allow secretsmanager:GetSecretValue on it to the role or user of this machine (and kms:Decrypt where it "
            f"is under a key of its own), and look for it in {region}.",
        ) from None
    finally:
        access.close()
    text = reply.members.get("SecretString")
    if not isinstance(text, str):
        raise OpenVNAError("It holds no text.", "It is a binary secret.", "Store it as text.")
    hide(text)
    return _member(text, key) if key else text


def _member(text: str, key: str) -> str:
    try:
        members = json.loads(text)
    except ValueError:
        members = None
    if not isinstance(members, dict):
        raise OpenVNAError("It has no members.", "It is not a JSON object.", "Leave out the part behind #.")
    hide(*(value for value in members.values() if isinstance(value, str)))
    value = members.get(key)
    if not isinstance(value, str):
        raise OpenVNAError(
            f"It has no text {key!r}.",
            f"It has {', '.join(sorted(members)[:10]) or 'nothing'}.",
            "Correct the part behind #, or put it there.",
        )
    return value


def _region(secret_id: str, environment: Mapping[str, str]) -> str:
    arn = parse_arn(secret_id)
    region = (arn.region if arn else "") or environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION")
    if not region:
        raise OpenVNAError(
            "Nothing says in which region it is.",
            "Neither the name is an ARN, nor is AWS_REGION set.",
            "Give its ARN, or set AWS_REGION where the server is started.",
        )
    return region


def _partition(region: str) -> str:
    return partition_of_region(region) or "aws"
