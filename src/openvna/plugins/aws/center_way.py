"""From the settings of a source, or of a profile, to the sessions that a sign-in at IAM Identity Center gives."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from openvna.plugins.aws.profiles import CredentialUnusable, PermissionSet, Way

if TYPE_CHECKING:
    from pathlib import Path

    from openvna.plugin import Keep
    from openvna.plugins.aws.config import AwsConfig
    from openvna.plugins.aws.identity_center_settings import IdentityCenter
    from openvna.plugins.aws.shelves import Signed
    from openvna.plugins.aws.sts import Timed
    from openvna.plugins.aws.transport import Transport


def own(credential: IdentityCenter) -> Way:
    """The way that begins with the source's own sign-in. Raises `CredentialUnusable`."""
    again = _again(credential)
    if not credential.sign_in.get_secret_value():
        raise CredentialUnusable("S-NOLOGIN", "The source holds no sign-in yet.", sign_in=again)
    signed = _signed(credential)
    if (signed.start_url, signed.region) != (credential.start_url, credential.region):
        raise CredentialUnusable(
            "S-OTHER",
            f"The sign-in was made at {signed.start_url} in {signed.region}; the settings say "
            f"{credential.start_url or 'no start URL'} in {credential.region or 'no region'}.",
            sign_in=again,
        )
    lacking = [
        name
        for name, value in (("the account", credential.account_id), ("the permission set", credential.role_name))
        if not value
    ]
    if lacking:
        raise CredentialUnusable("C-EMPTY", f"Signed in, but {' and '.join(lacking)} to use is not chosen yet.")
    center = PermissionSet(credential.start_url, credential.region, credential.account_id, credential.role_name)
    # With a refresh token it lasts as long as the portal's session, whose end nobody tells.
    until = None if signed.tokens.refresh_token else signed.tokens.ends_at
    return Way(center=center, until=until, trail=(f"the source's sign-in at {credential.start_url}",))


def sessions(
    config: AwsConfig,
    center: PermissionSet,
    transport: Transport,
    environment: Mapping[str, str] = os.environ,
    *,
    keep: Keep | None = None,
    clock: Callable[[], float] = time.time,
) -> Callable[[], Timed]:
    """How to get the session of a permission set, again and again. Reads the sign-in; asks nobody yet.

    Raises `CredentialUnusable`, and so do the calls.
    """
    from openvna.plugins.aws.guarded import may_receive
    from openvna.plugins.aws.identity_center import Center
    from openvna.plugins.aws.identity_center_settings import IdentityCenter
    from openvna.plugins.aws.shelves import CacheShelf, SourceShelf, cache_file
    from openvna.plugins.aws.signed_in import Assignment, SignedIn

    place = Center(config, center.region, transport, environment, clock)
    if isinstance(config.credential, IdentityCenter):
        again = _again(config.credential)
        tokens = _signed(config.credential).tokens
        assignment = Assignment(center.account, center.role, again)
        return SignedIn(place, assignment, tokens, SourceShelf(config, keep), clock)
    path = cache_file(center.cached)
    for service, host in (("sso", "portal.sso"), ("sso-oidc", "oidc")):
        where = place.endpoint(service)
        if not may_receive(where, host, transport):
            raise CredentialUnusable(
                "S-ENDPOINT", f"The sign-in in {path} was not sent to {where.host}, which the source's settings name."
            )
    signed = _cached(path, center)
    assignment = Assignment(center.account, center.role, _login(center))
    return SignedIn(place, assignment, signed.tokens, CacheShelf(path, signed), clock)


def _signed(credential: IdentityCenter) -> Signed:
    from openvna.plugins.aws.shelves import Signed

    try:
        return Signed.read(credential.sign_in.get_secret_value())
    except ValueError as error:
        raise CredentialUnusable(
            "S-NOLOGIN", "What the source holds is not a sign-in of OpenVNA's.", sign_in=_again(credential)
        ) from error


def _cached(path: Path, center: PermissionSet) -> Signed:
    from openvna.plugins.aws.shelves import Signed

    try:
        signed = Signed.read(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CredentialUnusable(
            "S-NOLOGIN",
            f"Profile {center.profile!r} wants the sign-in {center.cached!r}, but there is no {path}.",
            sign_in=_login(center),
        ) from error
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is not a sign-in of the AWS CLI"
        raise CredentialUnusable("S-NOLOGIN", f"{path} cannot be used: {why}.", sign_in=_login(center)) from error
    if signed.region and signed.region != center.region:
        raise CredentialUnusable(
            "S-REGION",
            f"Profile {center.profile!r} has sso_region = {center.region}; the sign-in in {path} was made in "
            f"{signed.region}.",
            center_region=signed.region,
        )
    return signed


def _again(credential: IdentityCenter) -> str:
    return (
        "Sign in again: Re-enter credential at the source in the UI, or openvna source reenter NAME "
        f"--sign-in {credential.start_url or 'START_URL'}."
    )


def _login(center: PermissionSet) -> str:
    return (
        f"Run aws sso login --profile {center.profile} as the user that runs OpenVNA, or let the source sign in "
        "itself (credential IAM Identity Center), which OpenVNA then renews."
    )
