"""Secrets at rest: AES-256-GCM in two layers, each ciphertext bound to its record and field.

A record (a source) has a data key of its own, which seals its fields. The data key lies beside them, wrapped by a
key-encryption key that is not in the database (NIST SP 800-57 part 1, 5.3.6: keys that encrypt data are kept apart
from keys that wrap keys). To change the latter, only the data keys are wrapped anew, never the secrets.

Version 1, written until data keys came, sealed the fields with the key-encryption key itself. It still opens.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from openvna.model import StoreUnusable

KEY_BYTES = 32
_DIRECT, _BY_DATA_KEY = b"\x01", b"\x02"
_KEY_ID_BYTES = 8
_NONCE_BYTES = 12
_HEADER = 1 + _KEY_ID_BYTES + _NONCE_BYTES
_DATA_KEY = "data key"


def is_direct(sealed: bytes) -> bool:
    """Whether a ciphertext is of version 1: sealed by the key-encryption key itself."""
    return sealed[:1] == _DIRECT


def key_id_of(sealed: bytes) -> str:
    """The id of the key that a ciphertext names in its header: 16 hexadecimal digits."""
    return sealed[1 : 1 + _KEY_ID_BYTES].hex()


@dataclass(frozen=True, slots=True)
class DataKey:
    """The key of one record. A ciphertext is version (1 byte), key id (8), nonce (12), then AES-256-GCM's output."""

    record: str
    key: bytes = field(repr=False)

    @classmethod
    def new(cls, record: str) -> DataKey:
        return cls(record, os.urandom(KEY_BYTES))

    def seal(self, field: str, value: str) -> bytes:
        """The ciphertext, of use only for this record and field."""
        return _sealed(self.key, _BY_DATA_KEY, self.record, field, value.encode("utf-8", "surrogatepass"))

    def open(self, field: str, sealed: bytes) -> str:
        """Raises `StoreUnusable` when the ciphertext was moved or altered."""
        if len(sealed) <= _HEADER or sealed[:1] != _BY_DATA_KEY:
            raise _unknown_form(self.record, field)
        if key_id_of(sealed) != _key_id(self.key):
            raise _does_not_open(self.record, field)
        return _opened(self.key, self.record, field, sealed).decode("utf-8", "surrogatepass")


class Vault:
    """The key-encryption keys at hand, each of 256 bits: the first, and others while keys are changed.

    `again` reads the keys anew from where they came from. It is asked when something needs a key that is not at hand:
    while this process runs, another one may change the key.
    """

    def __init__(self, key: bytes, *others: bytes, again: Callable[[], Sequence[bytes]] | None = None) -> None:
        self._first = _checked(key)
        self._keys = {_key_id(each): _checked(each) for each in (key, *others)}
        self._again = again

    @property
    def key_id(self) -> str:
        """A name of the first key that says nothing about it: 16 hexadecimal digits."""
        return _key_id(self._first)

    @property
    def key_ids(self) -> tuple[str, ...]:
        """Those of all keys at hand."""
        return tuple(self._keys)

    def has(self, key_id: str) -> bool:
        """Whether that key is at hand, or can be had from where the keys come from."""
        if key_id not in self._keys and self._again is not None:
            self._keys |= {_key_id(each): _checked(each) for each in self._again()}
        return key_id in self._keys

    def wrap(self, data_key: DataKey, key_id: str) -> bytes:
        """A record's data key, for its record alone, in the same form as a ciphertext. Raises `StoreUnusable` when the
        key of that id is not at hand."""
        return _sealed(self._key(key_id), _BY_DATA_KEY, data_key.record, _DATA_KEY, data_key.key)

    def unwrap(self, record: str, wrapped: bytes) -> DataKey:
        """Raises `StoreUnusable` when the key is another one or what is wrapped was moved or altered."""
        return DataKey(record, self._open(_BY_DATA_KEY, record, _DATA_KEY, wrapped))

    def seal(self, record: str, field: str, value: str, key_id: str | None = None) -> bytes:
        """Seal with a key-encryption key itself (version 1): the first, or the one with that id."""
        key = self._first if key_id is None else self._key(key_id)
        return _sealed(key, _DIRECT, record, field, value.encode("utf-8", "surrogatepass"))

    def open(self, record: str, field: str, sealed: bytes) -> str:
        """What `seal` sealed. Raises `StoreUnusable` when the key is another one or the ciphertext was moved or
        altered."""
        return self._open(_DIRECT, record, field, sealed).decode("utf-8", "surrogatepass")

    def derived(self, purpose: str, record: str) -> bytes:
        """32 bytes for something else than secrets, the same for a record as long as the first key is; nobody can tell
        them without it, and they do not say what it is."""
        text = f"openvna {purpose}|{record}".encode("utf-8", "surrogatepass")
        return hmac.digest(self._first, text, "sha256")

    def _key(self, key_id: str) -> bytes:
        if not self.has(key_id):
            raise StoreUnusable(
                "Secrets cannot be stored now.",
                f"The key was changed to {key_id}; the one at hand is {self.key_id}.",
                "Give the new key where the old one was given, and start again.",
            )
        return self._keys[key_id]

    def _open(self, version: bytes, record: str, field: str, sealed: bytes) -> bytes:
        if len(sealed) <= _HEADER or sealed[:1] != version:
            raise _unknown_form(record, field)
        key_id = key_id_of(sealed)
        if not self.has(key_id):
            raise StoreUnusable(
                f"The stored secret {field} of {record} was sealed with another key.",
                f"It needs the key {key_id}; the one at hand is {self.key_id}.",
                "Put the first key back (the file `key` of the data directory, OPENVNA_KEY or OPENVNA_KEY_FILE).",
            )
        return _opened(self._keys[key_id], record, field, sealed)


def _checked(key: bytes) -> bytes:
    if len(key) != KEY_BYTES:
        raise StoreUnusable(
            f"The key for stored secrets has {len(key)} bytes.",
            f"AES-256 needs {KEY_BYTES}.",
            "Give 32 random bytes in base64, for example from `openssl rand -base64 32`.",
        )
    return key


def _key_id(key: bytes) -> str:
    return hashlib.sha256(b"openvna key id" + key).digest()[:_KEY_ID_BYTES].hex()


def _sealed(key: bytes, version: bytes, record: str, field: str, value: bytes) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, value, _bound(version, record, field))
    return version + bytes.fromhex(_key_id(key)) + nonce + sealed


def _opened(key: bytes, record: str, field: str, sealed: bytes) -> bytes:
    nonce = sealed[1 + _KEY_ID_BYTES : _HEADER]
    try:
        return AESGCM(key).decrypt(nonce, sealed[_HEADER:], _bound(sealed[:1], record, field))
    except InvalidTag:
        raise _does_not_open(record, field) from None


def _bound(version: bytes, record: str, field: str) -> bytes:
    """The associated data: the length keeps `a|b` + `c` and `a` + `b|c` apart."""
    return version + f"|{len(record)}|{record}|{field}".encode("utf-8", "surrogatepass")


def _unknown_form(record: str, field: str) -> StoreUnusable:
    return StoreUnusable(
        f"The stored secret {field} of {record} is not in a form that is known here.",
        "It was altered, or written by a newer version.",
        "Restore the database from a backup, or enter the secret again.",
    )


def _does_not_open(record: str, field: str) -> StoreUnusable:
    return StoreUnusable(
        f"The stored secret {field} of {record} does not open.",
        "It was altered, or belongs to another record.",
        "Restore the database from a backup, or enter the secret again.",
    )
