"""The calls of IAM Identity Center: its OpenID Connect service (sso-oidc) and its access portal (sso).

All of them are unsigned JSON calls in the region of Identity Center (botocore's models sso-oidc and sso, 2019-06-10).
Whoever holds an access token of the portal may become any role that its person is assigned, so every token is
registered as secret before anything else is done with it.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from openvna.log import hide
from openvna.plugin.sign_in import SignInAccount
from openvna.plugins.aws.api import CallError, Credentials
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.endpoints import Endpoint, endpoint
from openvna.plugins.aws.signing import host_header
from openvna.plugins.aws.sts import Timed
from openvna.plugins.aws.transport import Answer, Transport

SCOPE = "sso:account:access"
"""What a token must be good for to list accounts and to take roles in them."""
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
REFRESH_GRANT = "refresh_token"
BUSY_PAUSES = (0.5, 1.0, 2.0)
_SHORTEST_INTERVAL, _LONGEST_INTERVAL, _LONGEST_CODE = 0.01, 60.0, 3600.0
"""Seconds: an endpoint that is not AWS's must not keep a thread busy, or waiting for years."""
_LAST = 253402300799.0  # the end of the year 9999
_LONGEST_TOKEN = 90 * 86400.0
_PAGE = 100
_PAGES = 200
_OIDC_CODES = {
    "access_denied": "AccessDeniedException",
    "authorization_pending": "AuthorizationPendingException",
    "expired_token": "ExpiredTokenException",
    "invalid_client": "InvalidClientException",
    "invalid_grant": "InvalidGrantException",
    "invalid_request": "InvalidRequestException",
    "invalid_scope": "InvalidScopeException",
    "server_error": "InternalServerException",
    "slow_down": "SlowDownException",
    "unauthorized_client": "UnauthorizedClientException",
    "unsupported_grant_type": "UnsupportedGrantTypeException",
}
"""The exceptions of sso-oidc by the `error` of their body, for an answer whose header is lost."""


class CenterError(CallError):
    """A refusal of Identity Center. `said` is its whole body; a region or reason may stand there."""

    said: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Registration:
    """OpenVNA as Identity Center knows it. Times are seconds since the epoch, here and below."""

    client_id: str
    client_secret: str
    ends_at: float


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """A sign-in that waits for its person."""

    device_code: str
    user_code: str
    url: str
    complete_url: str
    ends_at: float
    interval: float


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a sign-in gave. `refresh_token` is empty where it cannot be renewed."""

    access_token: str
    ends_at: float
    refresh_token: str
    registration: Registration | None


class Center:
    """Identity Center in one region. Safe to use from several threads.

    Raises `CenterError` where it refuses, `CallError` with a network cause where it does not answer.
    """

    def __init__(
        self,
        config: AwsConfig,
        region: str,
        transport: Transport,
        environment: Mapping[str, str] = os.environ,
        clock: Callable[[], float] = time.time,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._config = config
        self.region = region
        self._transport = transport
        self._environment = environment
        self._clock = clock
        self._pause = pause

    def endpoint(self, service: str) -> Endpoint:
        return endpoint(self._config, service, self.region, self._environment)

    def proxy(self, service: str) -> str:
        return self._transport.proxy_in_force(self.endpoint(service).url) or ""

    # sso-oidc

    def register(self, name: str) -> Registration:
        """Make this program known, so that it may sign people in."""
        said, _ = self._post(
            "RegisterClient",
            "/client/register",
            {
                "clientName": name,
                "clientType": "public",
                "scopes": [SCOPE],
                "grantTypes": [DEVICE_GRANT, REFRESH_GRANT],
            },
        )
        secret = _text(said, "clientSecret", "RegisterClient")
        hide(secret)
        return Registration(
            _text(said, "clientId", "RegisterClient"), secret, _seconds(said.get("clientSecretExpiresAt"), 0, _LAST)
        )

    def start(self, registration: Registration, start_url: str) -> DeviceCode:
        """Begin a sign-in at this portal."""
        operation = "StartDeviceAuthorization"
        said, _ = self._post(
            operation,
            "/device_authorization",
            {
                "clientId": registration.client_id,
                "clientSecret": registration.client_secret,
                "startUrl": start_url,
            },
        )
        device_code, url = _text(said, "deviceCode", operation), _text(said, "verificationUri", operation)
        hide(device_code)
        complete = str(said.get("verificationUriComplete") or url)
        for shown in (url, complete):
            self._openable(shown, operation)
        # RFC 8628, 3.2: without an interval 5 seconds.
        interval = max(_SHORTEST_INTERVAL, _seconds(said.get("interval"), 5, _LONGEST_INTERVAL))
        ends_at = self._clock() + _seconds(said.get("expiresIn"), 600, _LONGEST_CODE)
        return DeviceCode(device_code, _text(said, "userCode", operation), url, complete, ends_at, interval)

    def signed_in(self, registration: Registration, device_code: str) -> Tokens:
        """The tokens, once the person has confirmed the code; AuthorizationPendingException before."""
        return self._token(registration, {"grantType": DEVICE_GRANT, "deviceCode": device_code})

    def renewed(self, tokens: Tokens) -> Tokens:
        """The successor of these tokens. The refresh token may be good this once only."""
        if tokens.registration is None:
            raise AssertionError("without a registration nothing can be renewed")
        fresh = self._token(tokens.registration, {"grantType": REFRESH_GRANT, "refreshToken": tokens.refresh_token})
        # Where it sends none, the old one stays good (RFC 6749, 6).
        refresh_token = fresh.refresh_token or tokens.refresh_token
        return Tokens(fresh.access_token, fresh.ends_at, refresh_token, tokens.registration)

    def _token(self, registration: Registration, grant: Mapping[str, str]) -> Tokens:
        client = {"clientId": registration.client_id, "clientSecret": registration.client_secret}
        said, _ = self._post("CreateToken", "/token", {**client, **grant})
        access_token, refresh_token = _text(said, "accessToken", "CreateToken"), str(said.get("refreshToken") or "")
        hide(access_token, refresh_token)
        ends_at = self._clock() + _seconds(said.get("expiresIn"), 0, _LONGEST_TOKEN)
        return Tokens(access_token, ends_at, refresh_token, registration)

    # The portal

    def accounts(self, access_token: str) -> tuple[SignInAccount, ...]:
        """The accounts that the token's person is assigned, by name."""
        found = self._listed("ListAccounts", "/assignment/accounts", {}, "accountList", access_token)
        accounts = (
            SignInAccount(
                str(each["accountId"]), str(each.get("accountName") or ""), str(each.get("emailAddress") or "")
            )
            for each in found
            if each.get("accountId")
        )
        return tuple(sorted(accounts, key=lambda each: (each.name.casefold(), each.id)))

    def roles(self, access_token: str, account: str) -> tuple[str, ...]:
        """The permission sets that the token's person is assigned in an account, by name."""
        found = self._listed("ListAccountRoles", "/assignment/roles", {"account_id": account}, "roleList", access_token)
        return tuple(sorted((str(each["roleName"]) for each in found if each.get("roleName")), key=str.casefold))

    def credentials(self, access_token: str, account: str, role: str) -> Timed:
        """The session of a permission set in an account."""
        operation = "GetRoleCredentials"
        said, answer = self._get(
            operation, "/federation/credentials", {"role_name": role, "account_id": account}, access_token
        )
        given = said.get("roleCredentials")
        if not isinstance(given, Mapping):
            raise _odd(operation, "The answer holds no session.", answer)
        secret, token = _text(given, "secretAccessKey", operation), _text(given, "sessionToken", operation)
        hide(secret, token)
        ends_at = _seconds(given.get("expiration"), 0, _LAST * 1000) / 1000
        return Timed(Credentials(_text(given, "accessKeyId", operation), secret, token), ends_at or None)

    def _listed(
        self, operation: str, path: str, query: Mapping[str, str], member: str, access_token: str
    ) -> Iterator[Mapping[str, Any]]:
        after, seen = "", set[str]()
        for _ in range(_PAGES):
            more = {"next_token": after} if after else {}
            said, answer = self._get(operation, path, {**query, "max_result": str(_PAGE), **more}, access_token)
            yield from (each for each in said.get(member) or () if isinstance(each, Mapping))
            after = str(said.get("nextToken") or "")
            if not after:
                return
            if after in seen:
                raise _odd(operation, "The list goes round in a circle: a page came twice.", answer)
            seen.add(after)

    # One call

    def _post(self, operation: str, path: str, body: Mapping[str, Any]) -> tuple[Mapping[str, Any], Answer]:
        headers = {"Content-Type": "application/json"}
        return self._call("sso-oidc", operation, "POST", path, headers, json.dumps(body).encode())

    def _get(
        self, operation: str, path: str, query: Mapping[str, str], access_token: str
    ) -> tuple[Mapping[str, Any], Answer]:
        headers = {"x-amz-sso_bearer_token": access_token}
        for wait in (*BUSY_PAUSES, None):
            try:
                return self._call("sso", operation, "GET", f"{path}?{urlencode(query)}", headers, b"")
            except CenterError as error:
                if wait is None or error.code != "TooManyRequestsException":
                    raise
                self._pause(wait)
        raise AssertionError  # the last round returns or raises

    def _call(
        self, service: str, operation: str, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[Mapping[str, Any], Answer]:
        where = self.endpoint(service)
        proxy = self._transport.proxy_in_force(where.url)
        sent = {
            **headers,
            "Host": host_header(where.url),
            "User-Agent": "openvna",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
        }
        answer = self._transport.send(operation, method, where.url.rstrip("/") + path, sent, body)
        if answer.status == 407:
            message = f"The proxy {proxy} asks for a user name and password (407)."
            raise CallError(operation, "", message, 407, skew=answer.skew, cause="N-PROXY-AUTH")
        said = _json(answer.body)
        request_id = answer.headers.get("x-amzn-requestid", "")
        if said is None or not (request_id or where.emulated):
            kind = answer.headers.get("content-type", "no content type").split(";")[0]
            message = f"What answered at {where.host} is not AWS: HTTP {answer.status}, {kind}."
            raise CallError(operation, "", message, answer.status, skew=answer.skew, cause="N-INTERCEPT")
        if answer.status == 200:
            return said, answer
        raise _refusal(operation, answer, said, request_id)

    def _openable(self, url: str, operation: str) -> None:
        """A link that people are shown leads to a web page, over TLS unless somebody set an endpoint without it."""
        parts = urlsplit(url)
        plain = self.endpoint("sso-oidc").emulated and parts.scheme == "http"
        if not parts.hostname or not (parts.scheme == "https" or plain):
            raise CallError(operation, "", f"The answer names no address to open: {url[:200]!r}.", cause="N-INTERCEPT")


def _refusal(operation: str, answer: Answer, said: Mapping[str, Any], request_id: str) -> CenterError:
    named = answer.headers.get("x-amzn-errortype") or str(said.get("__type") or "")
    code = named.partition(":")[0].rpartition("#")[2] or _OIDC_CODES.get(str(said.get("error")), "")
    message = str(said.get("error_description") or said.get("message") or said.get("Message") or "")
    error = CenterError(
        operation,
        code or f"HTTP{answer.status}",
        " ".join(message.split()),
        status=answer.status,
        request_id=request_id,
        skew=answer.skew,
    )
    error.said = said
    return error


def _odd(operation: str, message: str, answer: Answer | None = None) -> CallError:
    request_id = answer.headers.get("x-amzn-requestid", "") if answer else ""
    return CallError(operation, "", message, 200, request_id, cause="N-INTERCEPT")


def _text(said: Mapping[str, Any], member: str, operation: str) -> str:
    value = said.get(member)
    if not isinstance(value, str) or not value:
        raise _odd(operation, f"The answer holds no {member}.")
    return value


def _seconds(value: object, otherwise: float, most: float) -> float:
    """A number of an answer, at most `most`; `otherwise` where there is none above zero."""
    return float(min(value, most)) if isinstance(value, int | float) and value > 0 else otherwise


def _json(body: bytes) -> Mapping[str, Any] | None:
    try:
        said = json.loads(body or b"{}")
    except ValueError:
        return None
    return said if isinstance(said, Mapping) else None
