"""Where the key for stored secrets comes from: the first place that has one, and no other."""

from __future__ import annotations

import base64
import binascii
import os
import stat
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from openvna.model import StoreUnusable
from openvna.store.secrets import KEY_BYTES, Vault

CREDENTIAL = "openvna-key"
"""The name of the systemd credential (`LoadCredential=openvna-key:...`, systemd.exec(5))."""


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """A place that has the key. `name` says which; `ours` is whether the file is in the data directory, where we may
    change it; `read` gives its key, and behind it the next one while keys are changed."""

    name: str
    ours: bool
    read: Callable[[], tuple[bytes, ...]]


def key_place(
    file: Path, key: str | None = None, mounted: Path | None = None, credentials: Path | None = None
) -> KeyPlace:
    """The place in force, in this order: the key itself (`OPENVNA_KEY`), a mounted file (`OPENVNA_KEY_FILE`), the
    systemd credential `openvna-key`, and `file` in the data directory, which is made when missing."""
    if key is not None:
        return KeyPlace("OPENVNA_KEY", False, lambda: (_decoded(key, "The key given by OPENVNA_KEY"),))
    if mounted is not None:
        return KeyPlace(f"{mounted} (OPENVNA_KEY_FILE)", False, lambda: (read_key(mounted, stat.S_IRWXO | 0o030),))
    given = credentials / CREDENTIAL if credentials is not None else None
    if given is not None and given.exists():
        # systemd keeps that directory from others, and sets modes and access lists of its own in it.
        return KeyPlace(f"the systemd credential {CREDENTIAL}", False, lambda: (read_key(given, 0),))
    return KeyPlace(str(file), True, lambda: _ours(file))


def load_vault(
    file: Path, key: str | None = None, mounted: Path | None = None, credentials: Path | None = None
) -> Vault:
    """The vault with the key of the place in force. Raises `StoreUnusable` for a key of the wrong form, or a file
    that cannot be read or that others can read."""
    place = key_place(file, key, mounted, credentials)
    return Vault(*place.read(), again=place.read)


def next_file(file: Path) -> Path:
    """Where the next key lies while the one in `file` is changed."""
    return file.with_name(f"{file.name}.next")


def kept_file(file: Path, key_id: str) -> Path:
    """Where the key of that id lies after the one in `file` was changed."""
    return file.with_name(f"{file.name}.{key_id}")


def _ours(file: Path) -> tuple[bytes, ...]:
    make_key(file)
    following = next_file(file)
    first = read_key(file)
    return (first, read_key(following)) if following.exists() else (first,)


def make_key(file: Path) -> None:
    """Make a key file in one step: it appears whole, with mode 0600, or not at all; an existing one stays."""
    text = base64.b64encode(os.urandom(KEY_BYTES)) + b"\n"
    fresh = file.with_name(f".{file.name}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        if file.exists():
            return
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as opened:
                opened.write(text)
                opened.flush()
                os.fsync(opened.fileno())
            # A link refuses to replace: of two processes that start at once, both read the first one's key.
            with suppress(FileExistsError):
                os.link(fresh, file)
        finally:
            fresh.unlink(missing_ok=True)
        to_disk(file.parent)
    except OSError as error:
        raise StoreUnusable(
            f"The key file {file} cannot be made.",
            f"{error.strerror or error}.",
            "Make its directory writable for this user, or set OPENVNA_HOME to one that is.",
        ) from error


def to_disk(directory: Path) -> None:
    """The names in the directory survive a power failure."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_key(file: Path, refused: int = 0o077) -> bytes:
    """The key in a file. `refused` are the bits of its mode that must not be set."""
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as opened:
            mode = stat.S_IMODE(os.fstat(opened.fileno()).st_mode)
            text = opened.read(1024)
    except OSError as error:
        raise StoreUnusable(
            f"The key file {file} cannot be read.",
            f"{error.strerror or error}.",
            "Give this user the right to read it, or give the key by OPENVNA_KEY.",
        ) from error
    if mode & refused:
        raise StoreUnusable(
            f"The key file {file} is open to other users (mode {mode:04o}).",
            "Whoever reads it can open all stored credentials.",
            f"Run `chmod 600 {file}` (where it is mounted, set its mode to 0400 or 0440 there); if others may have "
            "read it, change the key (`openvna secrets rotate`) and renew the stored credentials.",
        )
    return _decoded(text.decode("ascii", "replace"), f"The key file {file}")


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
