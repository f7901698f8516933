"""A session for a profile that asks for MFA codes, taken once while a person is there to enter one.

A code is good once, so the session cannot be renewed: it is kept as a temporary key that knows its end.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from pydantic import SecretStr

from openvna.plugins.aws.access import Access
from openvna.plugins.aws.api import CallError
from openvna.plugins.aws.config import AwsConfig, Profile
from openvna.plugins.aws.credential_kinds import AccessKey
from openvna.plugins.aws.profiles import CredentialUnusable, MfaAsked, ProfileFiles, Way


def asks(config: AwsConfig, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the source's credential is a profile that asks for a code. Reads files, asks nobody."""
    if not isinstance(config.credential, Profile):
        return False
    try:
        ProfileFiles.read(environment).way(config.credential.profile)
    except MfaAsked:
        return True
    except CredentialUnusable:
        return False  # said where the credential is looked for
    return False


def session(config: AwsConfig, ask: Callable[[str], str], environment: Mapping[str, str] = os.environ) -> AccessKey:
    """The session of the profile, as a temporary key. `ask` gives the code of the device whose serial number it gets.

    Raises `CredentialUnusable` (C-MFA-CODE for a code that AWS does not take), and `CallError` for all else.
    """
    if not isinstance(config.credential, Profile):
        raise AssertionError("only a profile asks for codes")
    way = _way(config.credential.profile, ask, environment)
    access = Access(config.model_copy(update={"via": (), "assume_role": None}), environment, way=way)
    try:
        found = access.base()
        until = access.until(way.hops)
    except CallError as error:
        if "MultiFactorAuthentication" in error.message:
            raise CredentialUnusable("C-MFA-CODE", f"{error.operation}: {error.code}: {error.message}") from error
        raise
    finally:
        access.close()
    return AccessKey(
        access_key_id=found.access_key_id,
        secret_access_key=SecretStr(found.secret_access_key),
        session_token=SecretStr(found.token),
        expires_at=datetime.fromtimestamp(until, UTC) if until is not None else None,
    )


def _way(profile: str, ask: Callable[[str], str], environment: Mapping[str, str]) -> Way:
    codes: dict[str, str] = {}
    while True:
        files = ProfileFiles.read(environment, codes)
        try:
            return files.way(profile)
        except MfaAsked as asked:
            codes[asked.serial] = ask(asked.serial)
