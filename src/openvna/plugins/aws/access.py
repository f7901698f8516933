"""Who we are in AWS: the credential of a source, resolved, renewed, and carried into each of its accounts."""

from __future__ import annotations

from openvna.plugins.aws.api import Credentials
from openvna.plugins.aws.config import AwsConfig


class Access:
    """The credential of a source, resolved. Safe to use from several threads.

    Raises `CallError` where AWS refuses, `openvna.model.SourceUnusable` where there is no credential to try.
    """

    def __init__(self, config: AwsConfig) -> None:
        self.config = config

    def base(self) -> Credentials:
        """The source's own credential, before any role. Renewed ahead of its end."""
        raise NotImplementedError

    def credentials(self, account: str) -> Credentials:
        """What is used inside `account`: the base credential, or the session of the role there, renewed."""
        raise NotImplementedError

    def accounts(self) -> tuple[str, ...]:
        """The accounts of the source: those configured, else the one that sts:GetCallerIdentity names."""
        raise NotImplementedError
