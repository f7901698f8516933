"""Where the tokens of a sign-in at IAM Identity Center lie: with the source, or in the AWS CLI's own cache.

Both hold them in the form of that cache (`~/.aws/sso/cache/*.json`; botocore, `SSOTokenLoader`).
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import SecretStr

from openvna.log import hide, logger
from openvna.plugin import Keep
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.identity_center import Registration, Tokens
from openvna.plugins.aws.identity_center_settings import IdentityCenter


@dataclass(frozen=True, slots=True)
class Signed:
    """Tokens, and whose portal they are of."""

    tokens: Tokens
    start_url: str
    region: str

    @classmethod
    def read(cls, text: str) -> Signed:
        """From the form of the cache. Every secret in it is registered with the log. Raises `ValueError`."""
        raw = json.loads(text)
        if not isinstance(raw, dict) or not isinstance(raw.get("accessToken"), str) or not raw["accessToken"]:
            raise ValueError("it holds no access token")
        hide(raw["accessToken"], _string(raw, "refreshToken"), _string(raw, "clientSecret"))
        registration = None
        if _string(raw, "clientId") and _string(raw, "clientSecret"):
            ends_at = _moment(_string(raw, "registrationExpiresAt")) if raw.get("registrationExpiresAt") else 0.0
            registration = Registration(raw["clientId"], raw["clientSecret"], ends_at)
        tokens = Tokens(
            raw["accessToken"], _moment(_string(raw, "expiresAt")), _string(raw, "refreshToken"), registration
        )
        return cls(tokens, _string(raw, "startUrl"), _string(raw, "region"))

    def text(self) -> str:
        tokens, registration = self.tokens, self.tokens.registration
        raw = {
            "startUrl": self.start_url,
            "region": self.region,
            "accessToken": tokens.access_token,
            "expiresAt": _stamp(tokens.ends_at),
        }
        if tokens.refresh_token:
            raw["refreshToken"] = tokens.refresh_token
        if registration is not None:
            raw |= {"clientId": registration.client_id, "clientSecret": registration.client_secret}
            if registration.ends_at:
                raw["registrationExpiresAt"] = _stamp(registration.ends_at)
        return json.dumps(raw)


class SourceShelf:
    """The source itself: what is renewed goes to `keep`, and what others renewed comes from it."""

    def __init__(self, config: AwsConfig, keep: Keep | None) -> None:
        self._config = config
        self._keep = keep
        self._lock = threading.Lock()

    def newer(self) -> Tokens | None:
        with self._lock:
            if self._keep is None:
                return None
            others = self._keep(self._config)
            return self._adopted(others) if others is not None else _own(self._config)

    def put(self, fresh: Tokens) -> Tokens | None:
        with self._lock:
            self._config = with_tokens(self._config, fresh)
            others = self._keep(self._config) if self._keep is not None else None
            return self._adopted(others) if others is not None else None

    def _adopted(self, others: object) -> Tokens | None:
        """The tokens of the settings that the source has by now; None, and no more dealings with it, where it is
        signed in elsewhere or in no way that we know."""
        if isinstance(others, AwsConfig) and _portal(others) == _portal(self._config):
            tokens = _own(others)
            if tokens is not None:
                self._config = others
                return tokens
        self._keep = None
        return None


class CacheShelf:
    """A file of the AWS CLI's cache. Renewed tokens are written back, so that the CLI does not lose them."""

    def __init__(self, path: Path, began_with: Signed) -> None:
        self._path = path
        self._held = began_with

    def newer(self) -> Tokens | None:
        try:
            return Signed.read(self._path.read_text(encoding="utf-8")).tokens
        except (OSError, ValueError):
            return None

    def put(self, fresh: Tokens) -> Tokens | None:
        there = self.newer()
        if there is not None and there.refresh_token != self._held.tokens.refresh_token:
            return there
        self._held = Signed(fresh, self._held.start_url, self._held.region)
        beside = self._path.with_name(f".{self._path.name}.{secrets.token_hex(4)}")
        try:
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(self._held.text())
            beside.replace(self._path)
        except OSError as error:
            beside.unlink(missing_ok=True)
            logger("openvna.aws").warning(
                "renewed sign-in not written back",
                file=str(self._path),
                reason=error.strerror or str(error),
                remedy="Let the user that runs OpenVNA write it, or sign in with the source itself.",
            )
        return None


def cache_file(name: str) -> Path:
    """Where the AWS CLI keeps the sign-in of an sso-session, or of a start URL."""
    digest = hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest()
    return Path("~/.aws/sso/cache").expanduser() / f"{digest}.json"


def with_tokens(config: AwsConfig, tokens: Tokens) -> AwsConfig:
    """The settings with these tokens in their credential."""
    credential = config.credential
    if not isinstance(credential, IdentityCenter):
        raise AssertionError("only a sign-in has tokens")
    text = Signed(tokens, credential.start_url, credential.region).text()
    hide(text)
    signed = credential.model_copy(update={"sign_in": SecretStr(text)})
    return config.model_copy(update={"credential": signed})


def _own(config: AwsConfig) -> Tokens | None:
    credential = config.credential
    if not isinstance(credential, IdentityCenter):
        return None
    try:
        return Signed.read(credential.sign_in.get_secret_value()).tokens
    except ValueError:
        return None


def _portal(config: AwsConfig) -> tuple[object, ...] | None:
    """Whose portal it is, and the way there: tokens that were signed in for by another way are not sent on this one."""
    credential = config.credential
    if not isinstance(credential, IdentityCenter):
        return None
    way = (config.endpoint_url, config.endpoint_urls, config.proxy_url, config.ca_bundle)
    return (credential.start_url, credential.region, *way)


def _string(raw: dict[str, object], name: str) -> str:
    value = raw.get(name)
    return value if isinstance(value, str) else ""


def _moment(text: str) -> float:
    """Old versions of the CLI end a time in UTC instead of Z. Raises `ValueError`."""
    moment = datetime.fromisoformat(text.replace("UTC", "Z"))
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _stamp(moment: float) -> str:
    return datetime.fromtimestamp(int(moment), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
