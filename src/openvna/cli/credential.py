"""Takes an AWS credential from where it is, never from the command line: a profile, the machine, stdin, a prompt."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

import typer

from openvna.log import hide
from openvna.model import InvalidInput, meant, reference_in

if TYPE_CHECKING:
    from openvna.model import JSON

_END = "expires_at"
_FIELDS = ("access_key_id", "secret_access_key", "session_token")
_NAMES = {
    "accesskeyid": "access_key_id",
    "awsaccesskeyid": "access_key_id",
    "secretaccesskey": "secret_access_key",
    "awssecretaccesskey": "secret_access_key",
    "sessiontoken": "session_token",
    "awssessiontoken": "session_token",
    "awssecuritytoken": "session_token",
    "expiration": _END,
    "awscredentialexpiration": _END,
    "awssessionexpiration": _END,
}
_LINE = re.compile(r"^\s*(?:export\s+|set\s+|\$env:)?(?P<name>\w+)\s*[=:]\s?(?P<value>.*?)\s*;?\s*$", re.IGNORECASE)
_SHAPES = (
    "Give one of: the JSON of `aws sts ...` or `aws iam create-access-key`, lines like AWS_ACCESS_KEY_ID=..., "
    "or the key id, the secret and (if any) the session token on a line each."
)


def chosen(
    *,
    profile: str | None = None,
    ambient: bool = False,
    stdin: bool = False,
    prompt: bool = False,
    sign_in: dict[str, JSON] | None = None,
) -> dict[str, JSON] | None:
    """The `credential` of the plugin's settings, from the one source that was chosen; None when none was.

    `sign_in` is a portal to sign in at (`sign_in.wanted`): what it gives is only known after that.

    Raises `InvalidInput` when more than one was chosen, or when standard input holds none.
    """
    ways = [name for name, on in (("--profile", profile), ("--ambient", ambient), ("--stdin", stdin)) if on]
    ways += [name for name, on in (("--prompt", prompt), ("--sign-in", sign_in)) if on]
    if len(ways) > 1:
        raise InvalidInput(
            "The credential can come from one place only.", f"Given: {', '.join(ways)}.", "Keep one of these."
        )
    if profile:
        return {"kind": "profile", "profile": profile}
    if ambient:
        return {"kind": "ambient"}
    if stdin:
        return from_text(standard_input())
    return from_prompt() if prompt else sign_in


def standard_input() -> str:
    """All of standard input, as text. Raises `InvalidInput`."""
    try:
        return sys.stdin.read()
    except UnicodeDecodeError:
        raise InvalidInput("Standard input holds no credential.", "It is not text.", _SHAPES) from None


def from_prompt() -> dict[str, JSON]:
    """Ask on the terminal; what is secret is not shown as it is typed."""
    values = {
        "access_key_id": typer.prompt("Access key ID", err=True),
        "secret_access_key": typer.prompt("Secret access key", hide_input=True, err=True),
        "session_token": typer.prompt(
            "Session token (only with a temporary key, else Enter)",
            hide_input=True,
            default="",
            show_default=False,
            err=True,
        ),
    }
    return _access_key(values)


def from_text(text: str) -> dict[str, JSON]:
    """An access key in any of the forms in which AWS and its tools print one."""
    stripped = text.strip("\ufeff \t\r\n")
    if not stripped:
        raise InvalidInput("Standard input holds no credential.", "It is empty.", _SHAPES)
    return _access_key(_from_json(stripped) if stripped[0] == "{" else _from_lines(stripped))


def _from_json(text: str) -> dict[str, str]:
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise InvalidInput(
            "The credential on standard input is not JSON, though it begins like it.",
            f"Line {error.lineno}, column {error.colno}: {error.msg}.",
            _SHAPES,
        ) from None
    except RecursionError:
        raise InvalidInput(
            "The JSON on standard input holds no access key.", "It is nested too deeply.", _SHAPES
        ) from None
    values = _within(found)
    if not values:
        raise InvalidInput(
            "The JSON on standard input holds no access key.", "It has no AccessKeyId and SecretAccessKey.", _SHAPES
        )
    return values


def _within(found: object) -> dict[str, str]:
    """The fields of an access key, wherever in the answer they stand."""
    if not isinstance(found, dict):
        return {}
    here = _named(found)
    return here if here.keys() - {_END} else next((inner for value in found.values() if (inner := _within(value))), {})


def _from_lines(text: str) -> dict[str, str]:
    lines = [line for line in text.splitlines() if line.strip() and not line.strip().startswith(("#", "["))]
    pairs = {found["name"]: found["value"] for line in lines if (found := _LINE.match(line))}
    named = _named(pairs)
    if named.keys() - {_END}:
        return {field: _unquoted(value) for field, value in named.items()}
    if 2 <= len(lines) <= 3:
        return dict(zip(_FIELDS, lines, strict=False))
    raise InvalidInput(
        "Standard input holds no credential.",
        f"{len(lines)} line{'s' if len(lines) != 1 else ''}, and none of the known forms.",
        _SHAPES,
    )


def _named(values: Mapping[str, object]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in values.items():
        field = _NAMES.get(re.sub(r"[^a-z]", "", name.lower()))
        if field and isinstance(value, str):
            found[field] = value
    return found


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"" else value


def _access_key(values: Mapping[str, str]) -> dict[str, JSON]:
    hide(*(meant(values[name]) for name in _FIELDS[1:] if values.get(name) and reference_in(values[name]) is None))
    return {
        "kind": "access-key",
        "access_key_id": values.get("access_key_id", ""),
        "secret_access_key": values.get("secret_access_key", ""),
        "session_token": values.get("session_token") or None,
        **({_END: values[_END]} if values.get(_END) and values.get("session_token") else {}),
    }
