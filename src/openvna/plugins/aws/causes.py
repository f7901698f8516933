"""Every cause of failed AWS access that OpenVNA can name: what it means, how it is known, what to do.

The entries themselves stand in `catalogue/`, by what they are about. This is the one list: the diagnosis, the
collection, the CLI, the REST API, the UI and the documentation (`cause_pages.py`) all read it.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from typing import Any

from openvna.plugin import Cause as Entry
from openvna.plugins.aws import policies
from openvna.plugins.aws.catalogue import (
    access,
    center,
    fetched,
    identity,
    network,
    organization,
    permission,
    sources,
)
from openvna.plugins.aws.catalogue.entry import Cause
from openvna.plugins.aws.catalogue.related import related

_GROUPS: tuple[tuple[str, tuple[Cause, ...]], ...] = (
    ("What was entered", identity.ENTERED),
    ("Profiles, programs and settings", sources.CONFIGURED),
    ("IAM Identity Center", center.CENTER),
    ("Web identity: tokens of OIDC providers", fetched.WEB_IDENTITY),
    ("The role of a container", fetched.CONTAINERS),
    ("The role of an instance", fetched.INSTANCES),
    ("IAM Roles Anywhere", fetched.ROLES_ANYWHERE),
    ("The way to AWS", network.NETWORK),
    ("The key", identity.KEYS),
    ("Regions", access.REGIONS),
    ("The account", access.ACCOUNTS),
    ("Permissions", permission.PERMISSIONS),
    ("AWS's own limits and faults", access.RATE),
    ("Roles", access.ROLES),
    ("Organizations", organization.ORGANIZATIONS),
)

CATALOGUE: Mapping[str, Cause] = {cause.id: cause for _, causes in _GROUPS for cause in causes}
"""Every cause by its id."""

_UNSAID: Mapping[str, str] = {
    "action": "the action named in the evidence",
    "region": "the region",
    "regions": "the region",
    "account": "the account",
    "identity": "the identity",
    "role": "the role",
    "statement": "",
    "trust": "",
    "policy": "AWS does not name it",
    "offset": "",
    "encoded": "MESSAGE",
    "management": "the management account",
    "entry": "the entry named in the evidence",
    "wanted": "the account you mean",
    "near": "",
    "choices": "",
    "center_region": "the one in which it was enabled",
    "sign_in": "Sign in again: Re-enter credential in the UI, or openvna source reenter NAME --sign-in START_URL. A "
    "profile: aws sso login --profile NAME, as the user that runs OpenVNA.",
    "endpoint": "the endpoint shown in the steps",
    "proxy": "the proxy",
    "host": "the host",
    "key": "KEY-ID",
    "file": "the token file",
    "issuer": "ISSUER-URL",
    "audience": "sts.amazonaws.com",
    "provider": "PROVIDER-ARN",
    "anchor": "TRUST-ANCHOR-ID",
    "profile": "PROFILE-ID",
    "login": "NAME",
    "user": " --user-name USER",
    "second": "Where another profile of the same account may look the key up (sts:GetAccessKeyInfo, "
    "iam:GetAccessKeyLastUsed, iam:ListAccessKeys), name it as the second profile (openvna verify aws "
    "--second-profile NAME, or the source's setting): OpenVNA then tells a switched-off key from a deleted one.",
}


class _Lenient(string.Formatter):
    """Fills what is known; what is not known has its general word."""

    def get_value(self, key: int | str, args: Any, kwargs: Any) -> Any:  # noqa: ARG002 - string.Formatter's
        return kwargs.get(key) or _UNSAID[str(key)]


def remedy(cause: str, **facts: str) -> str:
    """The exact thing to do about a cause, with the facts of the case filled in."""
    return _Lenient().format(CATALOGUE[cause].remedy, **facts).strip()


def _entry(cause: Cause, group: str, related: tuple[str, ...]) -> Entry:
    advice = remedy(cause.id, statement=policies.allow(["SERVICE:ACTION"]), trust=policies.trust("", None))
    return Entry(cause.id, cause.title, cause.meaning, cause.known_by, cause.confidence, advice, group, related)


_RELATED = related(CATALOGUE)
ENTRIES: Mapping[str, Entry] = {
    cause.id: _entry(cause, group, _RELATED[cause.id]) for group, causes in _GROUPS for cause in causes
}
"""Every cause by its id, as people read it: without the names that only a case has."""
