"""Where referenced secrets are: the environment, files, HashiCorp Vault, and what plugins bring along.

Each kind is held to what the administrator of the server allows; nothing outside is even looked at.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from urllib.parse import urlsplit

from openvna.collect.references import ReferenceUnusable, Resolver
from openvna.collect.vault_kv import VaultKv
from openvna.log import hide
from openvna.model import OpenVNAError, Reference

_LARGEST = 65_536
_SERVERS_OWN = ("OPENVNA_KEY", "OPENVNA_DATABASE_URL")
_PLATFORM = ("/run/secrets/kubernetes.io", "/run/secrets/eks.amazonaws.com")
"""Where platforms put the identity of the process itself, below a directory that is allowed by default."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may be named. `env`, `vault` and `awssm` are patterns with `*`; `directories` hold the files that may be
    read, except for those in `never` and right below it (the server's own keys); `destinations` are the places of
    their own that sources may send referenced secrets to."""

    env: tuple[str, ...] = ()
    directories: tuple[Path, ...] = ()
    never: tuple[Path, ...] = ()
    vault: tuple[str, ...] = ()
    awssm: tuple[str, ...] = ()
    destinations: tuple[str, ...] = ()


class SecretPlaces(Resolver):
    """Reads what references name, as far as that is allowed."""

    def __init__(
        self,
        allowed: Allowed,
        environment: Mapping[str, str] = os.environ,
        *,
        secrets_manager: Callable[[str], str] | None = None,
    ) -> None:
        """`secrets_manager` reads `secret-id#json-key` of AWS; it raises `OpenVNAError`."""
        self._allowed = allowed
        self._environment = environment
        self._vault = VaultKv(environment)
        self._secrets_manager = secrets_manager

    def value(self, reference: Reference) -> str:
        if not reference.rest:
            raise _malformed(reference, "It ends after the colon.")
        read = {"env": self._env, "file": self._file, "vault": self._from_vault, "awssm": self._from_aws}
        value = read[reference.scheme](reference)
        if not value:
            raise ReferenceUnusable(
                f"The secret at {reference} is empty.",
                "",
                "Put the secret there, or correct the reference.",
                "REF-EMPTY",
            )
        hide(value)
        return value

    def permits(self, place: str) -> bool:
        return not place or any(_same_place(place, one) for one in self._allowed.destinations)

    def _env(self, reference: Reference) -> str:
        name = reference.rest
        if name in _SERVERS_OWN or not _matches(name, self._allowed.env):
            raise _refused(reference, "OPENVNA_SECRET_ENV", self._allowed.env)
        value = self._environment.get(name)
        if value is None:
            raise ReferenceUnusable(
                f"There is no secret at {reference}.",
                f"The environment of the server has no variable {name}.",
                "Set it where the server is started, and start it again.",
                "REF-ENV",
            )
        return value.rstrip("\r\n")

    def _file(self, reference: Reference) -> str:
        path = Path(reference.rest)
        if not path.is_absolute():
            raise _malformed(reference, "A file is named by its whole path.")
        try:
            # Links are followed first: what counts is where the file really is.
            real = path.resolve()
            if not self._may_be_read(real):
                raise _refused(reference, "OPENVNA_SECRET_DIRS", tuple(map(str, self._allowed.directories)))
            descriptor = os.open(real, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
            with os.fdopen(descriptor, "rb") as file:
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    raise OSError(0, "It is no regular file")
                content = file.read(_LARGEST + 1)
        except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: links in a circle
            reason = (error.strerror if isinstance(error, OSError) else None) or "It cannot be a file's path"
            raise ReferenceUnusable(
                f"The secret at {reference} cannot be read.",
                f"{reason}.",
                "Put the file there, and let the user of the server read it.",
                "REF-FILE",
            ) from None
        try:
            if len(content) > _LARGEST:
                raise ValueError
            return content.decode("utf-8").rstrip("\r\n")
        except ValueError:
            raise ReferenceUnusable(
                f"What is at {reference} is no secret.",
                f"It is not text of at most {_LARGEST} bytes.",
                "Put the secret there, and nothing else.",
                "REF-EMPTY",
            ) from None

    def _may_be_read(self, real: Path) -> bool:
        allowed = [one.resolve() for one in self._allowed.directories]
        ours = [
            Path(value)
            for name, value in self._environment.items()
            if name.endswith(("_TOKEN_FILE", "_SECRET_ID_FILE")) and value
        ]
        if any(one.resolve() in (real, real.parent) for one in (*self._allowed.never, *ours)):
            return False
        if any(real.is_relative_to(one) and Path(one) not in allowed for one in _PLATFORM):
            return False
        return any(real.is_relative_to(one) and real != one for one in allowed)

    def _from_vault(self, reference: Reference) -> str:
        path, hash_, field = reference.rest.partition("#")
        if not hash_ or not field or not VaultKv.is_path(path):
            raise _malformed(reference, "A secret of Vault is named vault:mount/path#field.")
        if not _matches(path, self._allowed.vault):
            raise _refused(reference, "OPENVNA_SECRET_VAULT", self._allowed.vault)
        return self._vault.read(reference, path, field)

    def _from_aws(self, reference: Reference) -> str:
        secret_id, _, _ = reference.rest.partition("#")
        if self._secrets_manager is None or not _matches(secret_id, self._allowed.awssm):
            raise _refused(reference, "OPENVNA_SECRET_AWSSM", self._allowed.awssm)
        try:
            return self._secrets_manager(reference.rest)
        except ReferenceUnusable:
            raise
        except OpenVNAError as error:
            raise ReferenceUnusable(
                f"AWS Secrets Manager did not give the secret at {reference}.",
                f"{error.what} {error.why}".strip(),
                error.remedy,
                "REF-AWSSM",
            ) from None


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _same_place(place: str, allowed: str) -> bool:
    """The same text, or a URL at the same scheme, host and port."""
    if place.strip() == allowed.strip():
        return True
    ours, theirs = _origin(place), _origin(allowed)
    return ours is not None and ours == theirs


def _origin(place: str) -> tuple[str, str, int | None] | None:
    try:
        parts = urlsplit(place.strip())
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
        return (parts.scheme, parts.hostname, port) if parts.hostname else None
    except ValueError:
        return None


def _malformed(reference: Reference, why: str) -> ReferenceUnusable:
    return ReferenceUnusable(
        f"{reference} is not a whole reference.",
        why,
        f"Correct it; if it is the secret itself, write literal:{reference.scheme}:...",
        "REF-FORM",
    )


def _refused(reference: Reference, setting: str, allowed: tuple[str, ...]) -> ReferenceUnusable:
    literal = f"if it is the secret itself, write literal:{reference.scheme}:..."
    if not allowed:
        return ReferenceUnusable(
            f"References of the kind {reference.scheme}: are not switched on here.",
            f"The administrator of the server does that with {setting}.",
            f"Ask them to; {literal}",
            "REF-OFF",
        )
    return ReferenceUnusable(
        f"{reference} may not be named.",
        f"The administrator of the server allows {', '.join(allowed)} ({setting}).",
        f"Name one of these, or ask them to allow it; {literal}",
        "REF-NOT-ALLOWED",
    )
