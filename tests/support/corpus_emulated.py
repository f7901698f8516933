"""The users and roles of emulated cases, made in ministack with IAM enforced."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from openvna.plugins.aws.types import FEATURES
from support.corpus import Case, Role, User
from support.emulators import Emulator, Key, role_with_trust, session_of, user_with_policy

READ = sorted({action for feature in FEATURES.values() if feature.types for action in feature.permissions})


def emulated(case: Case, emulator: Emulator) -> tuple[Any, dict[str, Any]]:
    """The credential and the settings of a case: its user, what became of the user's key, and the role to assume."""
    assert case.user is not None
    name = f"reader-{secrets.token_hex(4)}"
    key = user_with_policy(emulator, name, _statements(case.user))
    settings: dict[str, Any] = {"endpoint_url": emulator.url, "regions": ("eu-west-1",), **case.settings}
    if case.role is not None:
        settings["assume_role"] = _role(case.role, name, emulator)
    key = _as_it_became(case.user, name, key, emulator)
    credential = {
        "kind": "access-key",
        "access_key_id": key.access_key_id,
        "secret_access_key": key.secret_access_key,
        "session_token": key.token or None,
    }
    return credential, settings


def _meant(word: str) -> list[str]:
    if word == "read":
        return READ
    if word.startswith("read but "):
        return [action for action in READ if action != word.removeprefix("read but ")]
    return [word]


def _statements(user: User) -> list[Mapping[str, object]]:
    """The user's policy: `read` stands for all that OpenVNA reads, `read but ACTION` for all the rest of it."""
    allowed = [action for each in user.allow for action in _meant(each)]
    condition = {"Condition": {"StringEquals": {"aws:RequestedRegion": user.only_region}}} if user.only_region else {}
    statements: list[Mapping[str, object]] = []
    if allowed:
        statements.append({"Effect": "Allow", "Action": allowed, "Resource": user.resource, **condition})
    if user.deny:
        statements.append({"Effect": "Deny", "Action": list(user.deny), "Resource": "*"})
    return statements


def _as_it_became(user: User, name: str, key: Key, emulator: Emulator) -> Key:
    iam = emulator.client("iam")
    match user.key:
        case "inactive":
            iam.update_access_key(UserName=name, AccessKeyId=key.access_key_id, Status="Inactive")
        case "deleted":
            iam.delete_access_key(UserName=name, AccessKeyId=key.access_key_id)
        case "other secret":
            other = user_with_policy(emulator, f"{name}-other", [])
            return Key(key.access_key_id, other.secret_access_key)
        case "session" | "no token" | "other token":
            us = iam.get_user(UserName=name)["User"]["Arn"]
            trust = {"Effect": "Allow", "Principal": {"AWS": us}, "Action": "sts:AssumeRole"}
            arn = role_with_trust(
                emulator, f"{name}-session", {"Version": "2012-10-17", "Statement": [trust]}, _statements(user)
            )
            session = session_of(emulator, arn, key)
            token = {"session": session.token, "no token": "", "other token": "IQoJb3JpZ2luX2VjEJr//////////wEaCXVz"}
            return Key(session.access_key_id, session.secret_access_key, token[user.key])
    return key


def _role(role: Role, user: str, emulator: Emulator) -> dict[str, Any]:
    us = emulator.client("iam").get_user(UserName=user)["User"]["Arn"]
    account = us.split(":")[4]
    trusted = {"user": us, "other": us.replace(user, "somebody-else"), "nobody": f"arn:aws:iam::{account}:user/nobody"}
    statement: dict[str, object] = {
        "Effect": "Allow",
        "Principal": {"AWS": trusted[role.trusts]},
        "Action": "sts:AssumeRole",
    }
    if role.external_id:
        statement["Condition"] = {"StringEquals": {"sts:ExternalId": role.external_id}}
    name = f"{user}-role"
    arn = f"arn:aws:iam::{account}:role/{name}"
    if not role.absent:
        allowed = {"Effect": "Allow", "Action": list(READ), "Resource": "*"}
        role_with_trust(emulator, name, {"Version": "2012-10-17", "Statement": [statement]}, [allowed])
    return {"role_arn": arn, "external_id": role.given or None}
