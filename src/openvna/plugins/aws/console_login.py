"""Profiles of `aws login`: the session of a person who signed in with the console, kept in the AWS CLI's cache.

Its credential lasts 15 minutes and is renewed by the sign-in service (botocore's model signin, 2023-01-01) against
the cached refresh token, which is bound to a key that lies beside it: each renewal proves the key (RFC 9449, DPoP).
What is renewed is written back, so that the AWS CLI goes on with it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from openvna.log import hide, logger, redact
from openvna.plugins.aws import json_protocol
from openvna.plugins.aws.api import CallError, Credentials
from openvna.plugins.aws.guarded import may_receive
from openvna.plugins.aws.profiles import CredentialUnusable, Login
from openvna.plugins.aws.query import Query
from openvna.plugins.aws.signing import host_header
from openvna.plugins.aws.sts import Timed

OPERATION = "CreateOAuth2Token"
_FRESH = 300.0
"""Seconds that a cached credential must last to be taken as it is (botocore, LoginCredentialFetcher)."""
_ENDED = ("TOKEN_EXPIRED", "AUTHCODE_EXPIRED", "USER_CREDENTIALS_CHANGED")


def cache_file(session: str, environment: Mapping[str, str]) -> Path:
    """Where the AWS CLI keeps a session."""
    named = environment.get("AWS_LOGIN_CACHE_DIRECTORY", "")
    directory = Path(os.path.expandvars(named) if named else "~/.aws/login/cache").expanduser()
    return directory / f"{hashlib.sha256(session.encode()).hexdigest()}.json"


def session(
    login: Login,
    query: Query,
    region: str,
    environment: Mapping[str, str],
    clock: Callable[[], float] = time.time,
) -> Timed:
    """The credential of the session now, renewed where it is about to end. Raises `CredentialUnusable`, `CallError`."""
    path = cache_file(login.session, environment)
    held = _read(path, login)
    timed = _timed(held)
    if timed is not None and timed.until is not None and timed.until - clock() > _FRESH:
        return timed
    fresh = _renewed(held, login, query, login.region or region, clock)
    _write(path, held, fresh)
    found = _timed(fresh)
    if found is None:
        raise CallError(OPERATION, "", "The answer holds no session.", 200, cause="N-INTERCEPT")
    return found


def proof(key_pem: str, url: str, moment: float, unique: str) -> str:
    """The DPoP proof of a POST to `url` (RFC 9449, 4.2). Raises `ValueError` for a key that is none."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    key = load_pem_private_key(key_pem.encode(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError("it is not a P-256 key")
    numbers = key.public_key().public_numbers()
    jwk = {"kty": "EC", "x": _b64(numbers.x.to_bytes(32)), "y": _b64(numbers.y.to_bytes(32)), "crv": "P-256"}
    header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk}
    claims = {"htm": "POST", "htu": url, "iat": int(moment), "jti": unique}
    signed = ".".join(_b64(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims))
    r, s = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{signed}.{_b64(r.to_bytes(32) + s.to_bytes(32))}"


def _read(path: Path, login: Login) -> dict[str, Any]:
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CredentialUnusable(
            "C-LOGIN-NONE",
            f"Nobody has signed in for profile {login.profile!r}: there is no {path}.",
            login=login.profile,
        ) from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is not JSON"
        raise CredentialUnusable("C-LOGIN-NONE", f"{path} cannot be read: {why}.", login=login.profile) from None
    found: dict[str, Any] = raw if isinstance(raw, dict) else {}
    access = found.get("accessToken")
    if not isinstance(access, dict):
        raise CredentialUnusable("C-LOGIN-NONE", f"{path} holds no session.", login=login.profile)
    hide(*(value for value in (access.get("secretAccessKey"), access.get("sessionToken")) if isinstance(value, str)))
    hide(*(value for value in (found.get("refreshToken"), found.get("dpopKey")) if isinstance(value, str)))
    return found


def _timed(held: Mapping[str, Any]) -> Timed | None:
    access = held["accessToken"]
    parts = [access.get(name) for name in ("accessKeyId", "secretAccessKey", "sessionToken")]
    if not all(isinstance(part, str) and part for part in parts):
        return None
    try:
        end = datetime.fromisoformat(str(access.get("expiresAt")))
    except ValueError:
        return None
    return Timed(Credentials(*parts), (end if end.tzinfo else end.replace(tzinfo=UTC)).timestamp())


def _renewed(
    held: Mapping[str, Any], login: Login, query: Query, region: str, clock: Callable[[], float]
) -> dict[str, Any]:
    lacking = [name for name in ("refreshToken", "dpopKey", "clientId") if not isinstance(held.get(name), str)]
    if lacking:
        raise CredentialUnusable(
            "C-LOGIN-EXPIRED",
            f"The session holds no {' and no '.join(lacking)}: it cannot be renewed.",
            login=login.profile,
        )
    where = query.endpoint("signin", region)
    if not may_receive(where, "signin", query.transport):
        raise CredentialUnusable(
            "C-LOGIN-ENDPOINT", f"The session was not sent to {where.host}, which the source's settings name."
        )
    proxy = query.transport.proxy_in_force(where.url)
    url = f"{where.url.rstrip('/')}/v1/token"
    try:
        proven = proof(held["dpopKey"], url, clock(), secrets.token_urlsafe(18))
    except (ValueError, TypeError):
        raise CredentialUnusable(
            "C-LOGIN-NONE", "The key beside the session is damaged.", login=login.profile
        ) from None
    wanted = {"clientId": held["clientId"], "grantType": "refresh_token", "refreshToken": held["refreshToken"]}
    body = json.dumps(wanted, separators=(",", ":")).encode()
    headers = {"Content-Type": "application/json", "DPoP": proven, "Host": host_header(url), "User-Agent": "openvna"}
    answer = query.transport.send(OPERATION, "POST", url, headers | {"Accept-Encoding": "identity"}, body)
    try:
        reply = json_protocol.parsed(answer, OPERATION, where, proxy)
    except CallError as error:
        raise _refused(error, answer.body, login) from error
    access = reply.members.get("accessToken")
    lasts = reply.members.get("expiresIn")
    access = access if isinstance(access, dict) else {}
    hide(*(value for value in access.values() if isinstance(value, str) and len(value) > 24))
    end = datetime.fromtimestamp(clock() + (lasts if isinstance(lasts, int) else 0), UTC)
    names = ("accessKeyId", "secretAccessKey", "sessionToken")
    kept = {name: access.get(name) for name in names} | {"accountId": held["accessToken"].get("accountId")}
    refresh = reply.members.get("refreshToken")
    hide(refresh if isinstance(refresh, str) else None)
    return {
        **held,
        "accessToken": kept | {"expiresAt": end.strftime("%Y-%m-%dT%H:%M:%SZ")},
        "refreshToken": refresh or held["refreshToken"],
    }


def _refused(error: CallError, body: bytes, login: Login) -> Exception:
    if not error.code or error.cause or error.status >= 500 or error.status == 429:
        return error
    try:
        reason = str(json.loads(body).get("error", ""))
    except (ValueError, AttributeError):
        reason = ""
    evidence = f"{OPERATION}: {error.status} {error.code} {reason}: {redact(error.message)}"
    if reason.upper() in _ENDED:
        return CredentialUnusable("C-LOGIN-EXPIRED", evidence, login=login.profile)
    if reason.upper() == "INSUFFICIENT_PERMISSIONS":
        return CredentialUnusable("C-LOGIN-DENIED", evidence, login=login.profile)
    return CredentialUnusable("C-LOGIN-EXPIRED", evidence, login=login.profile)


def _write(path: Path, before: Mapping[str, Any], fresh: Mapping[str, Any]) -> None:
    """Write the session back, unless somebody else has renewed it meanwhile."""
    try:
        there = json.loads(path.read_text(encoding="utf-8"))
        if there.get("refreshToken") != before.get("refreshToken"):
            return
    except (OSError, ValueError, AttributeError):
        return
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(fresh, file)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        logger("openvna.aws").warning(
            "renewed sign-in not written back",
            file=str(path),
            reason=error.strerror or str(error),
            remedy="Let the user that runs OpenVNA write it.",
        )


def _b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
