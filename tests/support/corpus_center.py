"""The Identity Center of a case: somebody has signed in, and then something happened."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

from support.corpus import Case, Center
from support.identity_center import identity_center, oidc, portal


@contextmanager
def centered(case: Case, given: Center) -> Generator[tuple[Any, dict[str, Any], Mapping[str, str]], None, None]:
    """The credential, settings and environment of a verification against it; gone at the end of the block."""
    with identity_center() as center:
        center.refreshes = given.refreshes
        if given.nobody:
            center.accounts = {}
        sign_in = json.dumps(center.signed_in(given.seconds)) if given.signed_in else ""
        if given.session_over:
            center.end_sessions()
        if given.revoked:
            center.revoke()
        if given.busy:
            center.says["GetRoleCredentials"] = [portal(429, "TooManyRequestsException", "Rate exceeded")]
        for operation, answer in given.says.items():
            refused = oidc if operation == "CreateToken" else None
            status = answer.status or 400
            center.says[operation] = [
                refused(answer.code, answer.message, answer.message, status)
                if refused
                else portal(status, answer.code, answer.message)
            ] * 5
        credential = center.settings(account=given.account, role=given.role, sign_in=sign_in)
        yield credential, {"endpoint_url": center.url, **case.settings}, case.environment
