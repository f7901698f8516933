"""Signing a person in at IAM Identity Center by a code that they confirm on the access portal (RFC 8628)."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TypeVar

from openvna.model import InvalidInput
from openvna.plugin.sign_in import Prompt, SignInAccount
from openvna.plugins.aws.api import CallError
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.endpoints import partition_of_region
from openvna.plugins.aws.identity_center import Center, CenterError, DeviceCode, Registration, Tokens
from openvna.plugins.aws.identity_center_settings import IdentityCenter
from openvna.plugins.aws.profiles import CredentialUnusable
from openvna.plugins.aws.shelves import with_tokens
from openvna.plugins.aws.signed_in import unusable
from openvna.plugins.aws.transport import Transport

SLOWER = 5.0
"""Seconds that are added to the interval whenever AWS says slow_down (RFC 8628, 3.5)."""
_Result = TypeVar("_Result")
_AGAIN = "Begin the sign-in again."


class DeviceSignIn:
    """One sign-in; see `openvna.plugin.SignIn`. The prompt is there when it is made."""

    def __init__(
        self,
        config: AwsConfig,
        environment: Mapping[str, str] = os.environ,
        clock: Callable[[], float] = time.time,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """Registers with Identity Center and asks for a code. Raises `InvalidInput`, `CredentialUnusable`."""
        self._credential = _complete(config)
        self._config = config
        self._clock = clock
        self._transport = Transport(config, environment=environment)
        self._center = Center(config, self._credential.region, self._transport, environment, clock, pause)
        try:
            self._registration, self._code = self._begun()
        except CredentialUnusable:
            self._transport.close()
            raise
        self._tokens: Tokens | None = None
        self.interval = self._code.interval
        ends_at = datetime.fromtimestamp(self._code.ends_at, UTC)
        self.prompt = Prompt(self._code.url, self._code.complete_url, self._code.user_code, ends_at)

    def ask(self) -> float | None:
        """One question to AWS, as the contract says. What fails in passing is asked again."""
        if self._tokens is not None:
            return None
        if self._clock() >= self._code.ends_at:
            raise CredentialUnusable("S-CODE-EXPIRED", f"The code {self._code.user_code} is over.")
        try:
            self._tokens = self._center.signed_in(self._registration, self._code.device_code)
        except CenterError as error:
            if error.code == "SlowDownException":
                self.interval += SLOWER
            elif error.code != "AuthorizationPendingException" and error.status < 500:
                raise unusable(error, self._center, _AGAIN) from error
            return self.interval
        except CallError as error:
            # The way to AWS may be broken for a moment; the code is good until its end.
            if error.cause not in ("N-TIMEOUT", "N-RESET"):
                raise unusable(error, self._center, _AGAIN) from error
            return self.interval
        return None

    def accounts(self) -> tuple[SignInAccount, ...]:
        token = self._signed_in().access_token
        found = self._asked(lambda: self._center.accounts(token))
        if not found:
            raise CredentialUnusable("S-NOTHING", "Signed in, and ListAccounts gives no account.")
        return found

    def roles(self, account: str) -> tuple[str, ...]:
        token = self._signed_in().access_token
        return self._asked(lambda: self._center.roles(token, account))

    def settings(self, account: str | None = None, role: str | None = None) -> AwsConfig:
        signed = with_tokens(self._config, self._signed_in())
        chosen = {"account_id": account, "role_name": role}
        credential = signed.credential.model_copy(
            update={name: value for name, value in chosen.items() if value is not None}
        )
        return signed.model_copy(update={"credential": credential})

    def close(self) -> None:
        self._transport.close()

    def _begun(self) -> tuple[Registration, DeviceCode]:
        host = socket.gethostname().partition(".")[0][:40]
        try:
            registration = self._center.register(f"OpenVNA on {host}" if host else "OpenVNA")
            return registration, self._center.start(registration, self._credential.start_url)
        except CallError as error:
            raise unusable(error, self._center, _AGAIN) from error

    def _signed_in(self) -> Tokens:
        if self._tokens is None:
            raise CredentialUnusable("S-NOLOGIN", "Nobody has confirmed the code yet.", sign_in="Confirm it first.")
        return self._tokens

    def _asked(self, call: Callable[[], _Result]) -> _Result:
        try:
            return call()
        except CallError as error:
            raise unusable(error, self._center, _AGAIN) from error


def _complete(config: AwsConfig) -> IdentityCenter:
    """The credential to sign in for, with a start URL and a region. Raises `InvalidInput`."""
    credential = config.credential
    if not isinstance(credential, IdentityCenter):
        raise InvalidInput(
            "There is nothing to sign in for.",
            f"A credential of kind {credential.kind} is entered, not signed in for.",
            "Choose IAM Identity Center as the credential.",
            (("credential.kind", "Choose identity-center."),),
        )
    wanted = (
        ("start_url", credential.start_url, "Enter the address of the AWS access portal."),
        ("sso_region", credential.region, "Enter the region in which Identity Center is."),
    )
    lacking = tuple((f"credential.{name}", message) for name, value, message in wanted if not value)
    if lacking:
        raise InvalidInput(
            "The sign-in cannot begin.", "The start URL or the region is missing.", "Complete these fields.", lacking
        )
    partition = partition_of_region(credential.region)
    if partition not in (None, config.partition):
        why = f"The region {credential.region} belongs to partition {partition}; the settings say {config.partition}."
        raise InvalidInput("The sign-in cannot begin.", why, "Choose one.", (("credential.sso_region", why),))
    if not credential.sso_region:
        credential = credential.model_copy(update={"sso_region": credential.region})
    return credential
