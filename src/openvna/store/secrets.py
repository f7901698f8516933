"""Secrets at rest: AES-256-GCM, each ciphertext bound to its record and field."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import stat
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from openvna.model import StoreUnusable

KEY_BYTES = 32
_VERSION = b"\x01"
_KEY_ID_BYTES = 8
_NONCE_BYTES = 12
_HEADER = len(_VERSION) + _KEY_ID_BYTES + _NONCE_BYTES


class Vault:
    """Encrypts and decrypts with one 256-bit key.

    A ciphertext is version (1 byte), key id (8), nonce (12), then AES-256-GCM's output. The key id tells which key
    sealed it, so that a change of keys can seal record after record anew.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise StoreUnusable(
                f"The key for stored secrets has {len(key)} bytes.",
                f"AES-256 needs {KEY_BYTES}.",
                "Give 32 random bytes in base64, for example from `openssl rand -base64 32`.",
            )
        self._cipher = AESGCM(key)
        self._key_id = hashlib.sha256(b"openvna key id" + key).digest()[:_KEY_ID_BYTES]

    @property
    def key_id(self) -> str:
        """A name of the key that says nothing about it: 16 hexadecimal digits."""
        return self._key_id.hex()

    def seal(self, record: str, field: str, value: str) -> bytes:
        """The ciphertext, of use only for this record and field."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, value.encode("utf-8", "surrogatepass"), _bound(record, field))
        return _VERSION + self._key_id + nonce + sealed

    def open(self, record: str, field: str, sealed: bytes) -> str:
        """Raises `StoreUnusable` when the key is another one or the ciphertext was moved or altered."""
        if len(sealed) <= _HEADER or sealed[:1] != _VERSION:
            raise StoreUnusable(
                f"The stored secret {field} of {record} is not in a form that is known here.",
                "It was altered, or written by a newer version.",
                "Restore the database from a backup, or enter the secret again.",
            )
        key_id = sealed[1 : 1 + _KEY_ID_BYTES]
        if key_id != self._key_id:
            raise StoreUnusable(
                f"The stored secret {field} of {record} was sealed with another key.",
                f"It needs the key {key_id.hex()}; the one at hand is {self.key_id}.",
                "Put the first key back (the file `key` of the data directory, or OPENVNA_KEY).",
            )
        try:
            nonce = sealed[1 + _KEY_ID_BYTES : _HEADER]
            return self._cipher.decrypt(nonce, sealed[_HEADER:], _bound(record, field)).decode("utf-8", "surrogatepass")
        except InvalidTag:
            raise StoreUnusable(
                f"The stored secret {field} of {record} does not open.",
                "It was altered, or belongs to another record.",
                "Restore the database from a backup, or enter the secret again.",
            ) from None


def _bound(record: str, field: str) -> bytes:
    """The associated data: the length keeps `a|b` + `c` and `a` + `b|c` apart."""
    return _VERSION + f"|{len(record)}|{record}|{field}".encode("utf-8", "surrogatepass")


def load_vault(key_file: Path, key: str | None) -> Vault:
    """The vault with the key given (base64, 32 bytes: from the environment), else from the file, which is made with
    mode 0600 when missing. Raises `StoreUnusable` for a key of the wrong form or a file that others can read."""
    if key is not None:
        return Vault(_decoded(key, "The key given by OPENVNA_KEY"))
    _create(key_file)
    return Vault(_read(key_file))


def _create(key_file: Path) -> None:
    """Make the key file in one step: it appears whole, with mode 0600, or not at all; an existing one stays."""
    text = base64.b64encode(os.urandom(KEY_BYTES)) + b"\n"
    fresh = key_file.with_name(f".{key_file.name}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        if key_file.exists():
            return
        key_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            # A link refuses to replace: of two processes that start at once, both read the first one's key.
            with suppress(FileExistsError):
                os.link(fresh, key_file)
        finally:
            fresh.unlink(missing_ok=True)
    except OSError as error:
        raise StoreUnusable(
            f"The key file {key_file} cannot be made.",
            f"{error.strerror or error}.",
            "Make its directory writable for this user, or set OPENVNA_HOME to one that is.",
        ) from error


def _read(key_file: Path) -> bytes:
    try:
        descriptor = os.open(key_file, os.O_RDONLY)
        with os.fdopen(descriptor, "rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            text = file.read(1024)
    except OSError as error:
        raise StoreUnusable(
            f"The key file {key_file} cannot be read.",
            f"{error.strerror or error}.",
            "Give this user the right to read it, or give the key by OPENVNA_KEY.",
        ) from error
    if mode & 0o077:
        raise StoreUnusable(
            f"The key file {key_file} is open to other users (mode {mode:04o}).",
            "Whoever reads it can open all stored credentials.",
            f"Run `chmod 600 {key_file}`; if others may have read it, renew the stored credentials.",
        )
    return _decoded(text.decode("ascii", "replace"), f"The key file {key_file}")


def _decoded(text: str, what: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise StoreUnusable(
            f"{what} does not hold a key.",
            "It must be 32 bytes in base64 (44 characters).",
            "Put the right key back; a new one comes from `openssl rand -base64 32`, but then the credentials that "
            "are stored must be entered again.",
        )
    return key
