"""The forms of what people enter about accounts and roles: the value as it is kept, or `ValueError` with a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable

_EXTERNAL_ID = re.compile(r"[\w+=,.@:/-]{2,1224}", re.ASCII)
_ROLE_NAME = re.compile(r"(?:[\x21-\x2e\x30-\x7e]{1,510}/)*[\w+=,.@-]{1,64}", re.ASCII)
_TAG_TEXT = re.compile(r"[\w\s.:/=+\-@]*")
_UNIT_ID = re.compile(r"ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}|r-[0-9a-z]{4,32}")


def external_id(value: str | None) -> str | None:
    """The value that a role's trust policy asks for (STS API, AssumeRole)."""
    value = value.strip() if value else None
    if value and not _EXTERNAL_ID.fullmatch(value):
        raise ValueError("an external ID has 2 to 1224 characters of A-Z a-z 0-9 _ + = , . @ : / -")
    return value or None


def account_ids(values: Iterable[str]) -> tuple[str, ...]:
    """Account ids as AWS writes them, each once, whether they were entered with hyphens or without."""
    plain = tuple(dict.fromkeys(re.sub(r"[\s-]", "", value) for value in values if value.strip()))
    wrong = [value for value in plain if not re.fullmatch(r"[0-9]{12}", value)]
    if wrong:
        raise ValueError(f"{wrong[0]!r} is not an account id: it has 12 digits")
    return plain


def role_name(value: str) -> str:
    """A role's name with its path, if any, as it stands behind `role/` in the ARN (IAM API, CreateRole)."""
    name = value.strip().strip("/")
    if name.startswith("arn:"):
        raise ValueError("give the role's name without the ARN: it is looked for in every account")
    name = name.removeprefix("role/")
    if not _ROLE_NAME.fullmatch(name) or len(name) > 576:
        raise ValueError("a role's name has up to 64 characters of A-Z a-z 0-9 _ + = , . @ -, with its path before it")
    return name


def unit(value: str) -> str:
    """An organizational unit by its id, by its path from the root (with a slash before or in it), or by its name."""
    text = value.strip()
    if is_unit_id(text):
        return text
    if re.match(r"ou-[0-9a-z]{4,32}-", text):
        raise ValueError(f"{text!r} is not the id of an organizational unit: that looks like ou-ab12-11111111")
    parts = [part.strip() for part in text.split("/") if part.strip()]
    if not parts:
        raise ValueError("the root is the organization itself: leave the list empty, or give the root's id (r-ab12)")
    return ("/" if text.startswith("/") and len(parts) == 1 else "") + "/".join(parts)


def is_unit_id(text: str) -> bool:
    """Whether it has the form of the id of an organizational unit or of a root (Organizations API, ListParents)."""
    return _UNIT_ID.fullmatch(text) is not None


def tag(value: str) -> str:
    """A tag as `key=value`, or its key for any value."""
    key, sign, text = value.strip().partition("=")
    if not key.strip():
        raise ValueError(f"{value.strip()!r} has no key: a tag is key=value, or key for any value")
    return f"{key.strip()}{sign}{text.strip()}"


def session_tags(values: Iterable[str]) -> tuple[str, ...]:
    """Tags of a session as `key=value` (IAM user guide, "Pass session tags in AWS STS")."""
    tags = tuple(dict.fromkeys(tag(value) for value in values if value.strip()))
    if len(tags) > 50:
        raise ValueError("a session has 50 tags at most")
    for each in tags:
        key, sign, value = each.partition("=")
        if not sign or len(key) > 128 or len(value) > 256 or key.lower().startswith("aws:"):
            raise ValueError(f"{each!r} is no session tag: that is key=value, with 128 and 256 characters at most")
        if not _TAG_TEXT.fullmatch(key) or not _TAG_TEXT.fullmatch(value):
            raise ValueError(f"{each!r} is no session tag: it takes letters, digits, blanks and _ . : / = + - @")
    keys = [each.partition("=")[0].lower() for each in tags]
    if len(set(keys)) < len(keys):
        raise ValueError("two session tags have the same key: to AWS, capitals make no difference")
    return tags
