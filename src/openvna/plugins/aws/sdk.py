"""Credentials that only botocore can fetch, and its ways to say that it cannot, as causes of the catalogue."""

from __future__ import annotations

import logging
from typing import Any

from botocore import exceptions
from botocore.session import Session

from openvna.log import redact
from openvna.plugins.aws.faults import web_identity_cause
from openvna.plugins.aws.profiles import CredentialUnusable


def credentials(profile: str) -> Any:
    """botocore's credentials of a profile."""
    for name in ("botocore", "urllib3"):
        logging.getLogger(name).setLevel(logging.INFO)  # at debug level they print secrets
    try:
        found = Session(profile=profile).get_component("credential_provider").load_credentials()
    except (exceptions.BotoCoreError, exceptions.ClientError, OSError, ValueError, KeyError) as error:
        raise unusable(error) from error
    if found is None:
        raise CredentialUnusable(
            "C-SOURCE", f"The SDK found no credential for profile {profile!r}, and gave no reason."
        )
    return found


def frozen(found: Any) -> Any:
    """The key, secret and token now, renewed by botocore if need be."""
    try:
        return found.get_frozen_credentials()
    except (exceptions.BotoCoreError, exceptions.ClientError, OSError, ValueError, KeyError) as error:
        raise unusable(error) from error


def unusable(error: Exception) -> CredentialUnusable:
    """What botocore's exception means (its texts are of botocore 1.43)."""
    said = redact(" ".join(str(error).split()))[:400]
    if isinstance(error, exceptions.SSOTokenLoadError):
        return CredentialUnusable("S-NOLOGIN", said)
    if isinstance(error, exceptions.UnauthorizedSSOTokenError | exceptions.TokenRetrievalError):
        return CredentialUnusable("S-EXPIRED", said)
    if isinstance(error, exceptions.ProfileNotFound):
        return CredentialUnusable("C-PROFILE-NOTFOUND", said)
    if isinstance(error, exceptions.InfiniteLoopConfigError):
        return CredentialUnusable("C-PROFILE-LOOP", said)
    if isinstance(error, exceptions.PartialCredentialsError):
        return CredentialUnusable("C-PROFILE-PARTIAL", said)
    if isinstance(error, exceptions.ClientError):
        response = error.response
        code, message = str(response["Error"].get("Code", "")), str(response["Error"].get("Message", ""))
        return CredentialUnusable(web_identity_cause(error.operation_name, code, message), said)
    return CredentialUnusable("C-SOURCE", said)
