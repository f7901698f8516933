"""Secrets at rest: AES-256-GCM, each ciphertext bound to its record and field."""

from __future__ import annotations

from pathlib import Path


class Vault:
    """Encrypts and decrypts with one 256-bit key."""

    def __init__(self, key: bytes) -> None:
        raise NotImplementedError

    def seal(self, record: str, field: str, value: str) -> bytes:
        """The ciphertext, of use only for this record and field."""
        raise NotImplementedError

    def open(self, record: str, field: str, sealed: bytes) -> str:
        """Raises `StoreUnusable` when the key is another one or the ciphertext was moved or altered."""
        raise NotImplementedError


def load_vault(key_file: Path, key: str | None) -> Vault:
    """The vault with the key given (base64, 32 bytes: from the environment), else from the file, which is made with
    mode 0600 when missing. Raises `StoreUnusable` for a key of the wrong form or a file that others can read."""
    raise NotImplementedError
