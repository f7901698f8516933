"""One secret out of HashiCorp Vault (or OpenBao): the key-value store version 2, over HTTP.

Where it is and who we are there is said by the same variables that Vault's own tools read: VAULT_ADDR,
VAULT_NAMESPACE, VAULT_CACERT, and VAULT_TOKEN; else a token file (VAULT_TOKEN_FILE, as Vault Agent writes it), else
an AppRole (VAULT_ROLE_ID, with VAULT_SECRET_ID or VAULT_SECRET_ID_FILE). Tokens are neither kept nor renewed: each
reading of an AppRole signs in anew. API: developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2 and .../auth/approle.
"""

from __future__ import annotations

import json
import re
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from openvna.collect.references import ReferenceUnusable
from openvna.log import hide, redact
from openvna.model import Reference

_SECONDS = 5.0
_LARGEST = 1_048_576
_PATH = re.compile(r"[^/\s?#%]+(?:/[^/?#%\x00-\x1f]+)+")


class _Stays(urllib.request.HTTPRedirectHandler):
    """A token goes to the address that was set, and nowhere else."""

    def redirect_request(self, *_: Any) -> None:
        return None


class VaultKv:
    """Reads secrets of the Vault that the environment names. Bounded in time; safe to use from several threads."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    @staticmethod
    def is_path(path: str) -> bool:
        """Whether it is `mount/path`, and stays below where it says."""
        return bool(_PATH.fullmatch(path)) and not {"", ".", ".."} & set(path.split("/"))

    def read(self, reference: Reference, path: str, field: str) -> str:
        """The field of the newest version of the secret at `mount/path`. Raises `ReferenceUnusable`."""
        mount, _, rest = path.partition("/")
        answer = self._asked(reference, f"{quote(mount)}/data/{quote(rest)}", self._token(reference))
        data = answer.get("data")
        fields = data.get("data") if isinstance(data, dict) else None
        if not isinstance(fields, dict):
            raise ReferenceUnusable(
                f"Vault has no secret at {reference}.",
                f"{mount} is no key-value store of version 2, or the newest version of the secret is deleted.",
                f"Look with `vault kv get {path}`.",
                "REF-VAULT-MISSING",
            )
        value = fields.get(field)
        if isinstance(value, str):
            return value
        raise ReferenceUnusable(
            f"Vault has no secret at {reference}.",
            f"The secret has the fields {', '.join(sorted(fields)[:10])}."
            if field not in fields
            else f"The field {field} is no text.",
            "Correct the part behind #, or put the field there.",
            "REF-VAULT-MISSING",
        )

    def _token(self, reference: Reference) -> str:
        token = self._environment.get("VAULT_TOKEN", "").strip()
        if not token and self._environment.get("VAULT_TOKEN_FILE"):
            token = self._from_file(reference, "VAULT_TOKEN_FILE")
        if not token and self._environment.get("VAULT_ROLE_ID"):
            token = self._signed_in(reference)
        if not token:
            raise ReferenceUnusable(
                f"Vault cannot be asked for {reference}.",
                "The environment of the server has no VAULT_TOKEN, VAULT_TOKEN_FILE or VAULT_ROLE_ID.",
                "Set one of them where the server is started, and start it again.",
                "REF-VAULT",
            )
        hide(token)
        return token

    def _signed_in(self, reference: Reference) -> str:
        secret_id = self._environment.get("VAULT_SECRET_ID", "").strip()
        if not secret_id and self._environment.get("VAULT_SECRET_ID_FILE"):
            secret_id = self._from_file(reference, "VAULT_SECRET_ID_FILE")
        hide(secret_id)
        login = {"role_id": self._environment["VAULT_ROLE_ID"].strip()}
        if secret_id:
            login["secret_id"] = secret_id
        mount = self._environment.get("VAULT_APPROLE_MOUNT", "approle").strip("/")
        answer = self._asked(reference, f"auth/{quote(mount)}/login", "", login)
        auth = answer.get("auth")
        token = auth.get("client_token") if isinstance(auth, dict) else None
        return token if isinstance(token, str) else ""

    def _from_file(self, reference: Reference, variable: str) -> str:
        try:
            return Path(self._environment[variable]).read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as error:
            reason = (error.strerror if isinstance(error, OSError) else None) or "it is not text"
            raise ReferenceUnusable(
                f"Vault cannot be asked for {reference}.",
                f"The file that {variable} names cannot be read: {reason}.",
                "Put it there, and let the user of the server read it.",
                "REF-VAULT",
            ) from None

    def _asked(
        self, reference: Reference, path: str, token: str, body: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        address = self._environment.get("VAULT_ADDR", "").strip().rstrip("/")
        if urlsplit(address).scheme not in ("http", "https"):
            raise ReferenceUnusable(
                f"Vault cannot be asked for {reference}.",
                "The environment of the server has no VAULT_ADDR that is a URL.",
                "Set it where the server is started (https://vault.example.com:8200), and start it again.",
                "REF-VAULT",
            )
        headers = {"X-Vault-Request": "true"}
        if token:
            headers["X-Vault-Token"] = token
        if self._environment.get("VAULT_NAMESPACE"):
            headers["X-Vault-Namespace"] = self._environment["VAULT_NAMESPACE"]
        try:
            request = urllib.request.Request(  # noqa: S310 - the scheme is http or https, seen above
                f"{address}/v1/{path}", json.dumps(body).encode() if body is not None else None, headers
            )
            opener = urllib.request.build_opener(_Stays, urllib.request.HTTPSHandler(context=self._tls()))
            with opener.open(request, timeout=_SECONDS) as answer:
                said = json.loads(answer.read(_LARGEST))
        except urllib.error.HTTPError as error:
            raise _refusal(reference, error) from None
        except (OSError, ValueError) as error:  # ValueError: an answer that is not JSON, a header that is no header
            raise _unreachable(reference, address, error) from None
        return said if isinstance(said, dict) else {}

    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self._environment.get("VAULT_CACERT") or None)


def _refusal(reference: Reference, error: urllib.error.HTTPError) -> ReferenceUnusable:
    said = _errors(error)
    if error.code in (400, 401, 403):
        return ReferenceUnusable(
            f"Vault refused {reference} (HTTP {error.code}).",
            said or "It says no more.",
            "Give OpenVNA's token or AppRole a policy that can read the path (mount/data/path), and see that it has "
            "not ended.",
            "REF-VAULT-DENIED",
        )
    if error.code == 404:
        return ReferenceUnusable(
            f"Vault has no secret at {reference}.",
            said or "There is none at that path, or its newest version is deleted.",
            "Look with `vault kv get`, and correct the reference.",
            "REF-VAULT-MISSING",
        )
    sealed = " Vault is sealed, or in standby." if error.code in (429, 472, 473, 503) else ""
    return ReferenceUnusable(
        f"Vault did not give the secret at {reference} (HTTP {error.code}).",
        f"{said}{sealed}".strip() or "It says no more.",
        "Look at `vault status`.",
        "REF-VAULT",
    )


def _errors(error: urllib.error.HTTPError) -> str:
    """What Vault says of an error, in one line."""
    try:
        said = json.loads(error.read(_LARGEST)).get("errors")
        return redact(" ".join(" ".join(map(str, said)).split()))[:300] if isinstance(said, list) else ""
    except (OSError, ValueError, AttributeError):
        return ""


def _unreachable(reference: Reference, address: str, error: Exception) -> ReferenceUnusable:
    reason = getattr(error, "reason", None) or error
    text = getattr(reason, "strerror", None) or ("no answer in time" if isinstance(reason, TimeoutError) else reason)
    return ReferenceUnusable(
        f"Vault cannot be asked for {reference}.",
        redact(f"{urlsplit(address).netloc.rpartition('@')[2]}: {text}."),
        "Check VAULT_ADDR, VAULT_CACERT and the way there from the server.",
        "REF-VAULT-UNREACHABLE",
    )
