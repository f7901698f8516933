"""Asks for the MFA code of an AWS profile, where a person sits at the terminal."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

import typer

from openvna.cli.set_options import CREDENTIAL, kind_of, over
from openvna.model import InvalidInput, SourceUnusable

if TYPE_CHECKING:
    from openvna.model import JSON


def settled(settings: dict[str, JSON], before: Mapping[str, JSON] | None = None) -> dict[str, JSON]:
    """The settings with a session in the place of a profile that asks for MFA codes; as they are for any other, and
    where nobody is there to ask. `before` are the settings that are changed."""
    if kind_of(settings) != "profile" or not sys.stdin.isatty():
        return settings
    from pydantic import ValidationError

    from openvna.plugins.aws import mfa
    from openvna.plugins.aws.api import CallError
    from openvna.plugins.aws.config import AwsConfig

    try:
        config = AwsConfig.model_validate(over(before or {}, settings))
    except ValidationError:
        return settings  # said where they are used
    if not mfa.asks(config):
        return settings
    try:
        key = mfa.session(config, _ask)
    except CallError as error:
        raise SourceUnusable(
            "The profile's session could not be had.",
            f"{error.operation}: {error.code or error.cause}: {error.message}",
            "Try the profile with the AWS CLI, or take another credential.",
        ) from error
    end = f"{key.expires_at:%Y-%m-%d %H:%M} UTC" if key.expires_at else "some time"
    typer.echo(f"A session was taken with that code. It ends at {end}, and needs another code then.", err=True)
    token = key.session_token.get_secret_value() if key.session_token else ""
    entered: dict[str, JSON] = {
        "kind": "access-key",
        "access_key_id": key.access_key_id,
        "secret_access_key": key.secret_access_key.get_secret_value(),
        "session_token": token,
        "expires_at": key.expires_at.isoformat() if key.expires_at else None,
    }
    return {**settings, CREDENTIAL: entered}


def _ask(serial: str) -> str:
    """The code of a device: six digits, good once, so it may be seen as it is typed."""
    answer: str = typer.prompt(f"MFA code of {serial}", err=True)
    code = "".join(answer.split())
    if not (code.isascii() and code.isdigit() and len(code) == 6):
        raise InvalidInput("That is no MFA code.", "A code has six digits.", "Enter the one that is shown now.")
    return code
