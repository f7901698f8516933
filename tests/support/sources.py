"""Settings of AWS sources for tests."""

from __future__ import annotations

from openvna.plugins.aws.config import AccessKey
from support.fault_server import AKIA, SECRET


def access_key(id: str = AKIA, secret: str = SECRET, token: str | None = None) -> AccessKey:
    return AccessKey.model_validate({"access_key_id": id, "secret_access_key": secret, "session_token": token})
