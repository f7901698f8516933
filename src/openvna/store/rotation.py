"""Changing the key for stored secrets while they are in use.

The data keys are wrapped anew, one source at a time. Killed at any moment, it is run again and goes on: until the last
source is under the next key, both keys are needed and both are kept.

1. The next key lies on the disk, beside the one in force.
2. The database names the next key. From now on, new secrets are sealed under it, whoever seals them.
3. Source by source, the data key is wrapped with the next key.
4. The database names the next key as the one in force, once nothing is under another.
5. The file of the next key takes the place of the old one, which is kept aside.
"""

from __future__ import annotations

import fcntl
import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from openvna.model import Conflict, StoreUnusable
from openvna.store import tables
from openvna.store.engine import Database
from openvna.store.keys import kept_file, make_key, next_file, read_key, to_disk
from openvna.store.sealing import CHECK, NEXT, check_value, in_force, keys_in_use, wrap_anew
from openvna.store.secrets import Vault, key_id_of

Tell = Callable[[int, int], None]
"""Told of each source that is done: how many are, of how many."""


@dataclass(frozen=True, slots=True)
class KeyUse:
    """One key: how many sources have secrets under it, whether it is the one in force or the next one, and whether
    it is at hand."""

    key_id: str
    sources: int
    in_force: bool
    following: bool
    at_hand: bool


@dataclass(frozen=True, slots=True)
class NextKey:
    """A key that takes the place of another: its id, and where the old one is kept, None where it is not."""

    key_id: str
    old: Path | None


class Keys:
    """Which secrets are under which key."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    def status(self) -> tuple[KeyUse, ...]:
        """The keys that are in use or in force, the one in force first."""
        with self._database.read() as connection:
            used = Counter(keys_in_use(connection).values())
            now = _named(connection, CHECK)
            following = _named(connection, NEXT)
        known = dict.fromkeys(key_id for key_id in (now, following, *sorted(used)) if key_id)
        return tuple(KeyUse(each, used[each], each == now, each == following, self._vault.has(each)) for each in known)

    def change(self, key_id: str, tell: Tell = lambda _done, _of: None) -> int:
        """Bring all secrets under the key of that id, which must be at hand; the number of sources that were not
        under it. Raises `StoreUnusable` where a change to yet another key has not come to its end."""
        with self._database.write(alone="sources") as connection:
            following = _named(connection, NEXT)
            if following not in ("", key_id):
                raise StoreUnusable(
                    "The key was not changed.",
                    f"A change to the key {following} has not come to its end; this one is {key_id}.",
                    "Go on with the first one: run the same `openvna secrets rotate` again, with the same files.",
                )
            if _named(connection, CHECK) != key_id and not following:
                connection.execute(sa.insert(tables.meta).values(key=NEXT, value=check_value(self._vault, key_id)))
        with self._database.read() as connection:
            left = [source for source, used in keys_in_use(connection).items() if used != key_id]
        for number, source in enumerate(left):
            with self._database.write(alone="sources") as connection:
                wrap_anew(connection, self._vault, source, key_id)
            tell(number + 1, len(left))
        with self._database.write(alone="sources") as connection:
            self._enforce(connection, key_id)
        return len(left)

    def _enforce(self, connection: Connection, key_id: str) -> None:
        if in_force(connection) != key_id or set(keys_in_use(connection).values()) - {key_id}:
            raise StoreUnusable(
                "The change of the key was not ended.",
                "Somebody stored secrets under another key meanwhile.",
                "Run it again.",
            )
        connection.execute(sa.delete(tables.meta).where(tables.meta.c.key == NEXT))
        connection.execute(
            sa.update(tables.meta).where(tables.meta.c.key == CHECK).values(value=check_value(self._vault, key_id))
        )


@contextmanager
def next_key(file: Path, *, keep_old: bool) -> Iterator[NextKey]:
    """The key that follows the one in the key file, made beside it where there is none yet. When what is done inside
    is through, it takes the place of the old one, which is kept aside or not at all.

    Raises `Conflict` where another process changes the key just now.
    """
    folder = os.open(file.parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(
                "The key is being changed.", f"Another process does so in {file.parent}.", "Let it end."
            ) from None
        make_key(next_file(file))
        old = kept_file(file, Vault(read_key(file)).key_id)
        yield NextKey(Vault(read_key(next_file(file))).key_id, old if keep_old else None)
        _take_over(file, old if keep_old else None)
    finally:
        os.close(folder)  # which lets go of the lock


def _take_over(file: Path, old: Path | None) -> None:
    try:
        if old is not None:
            with suppress(FileExistsError):
                os.link(file, old)
        next_file(file).replace(file)
        to_disk(file.parent)
    except OSError as error:
        raise StoreUnusable(
            f"The secrets are under the new key, but it could not be put in the place of {file}.",
            f"{error.strerror or error}.",
            "Make the data directory writable and run `openvna secrets rotate` again.",
        ) from error


def _named(connection: Connection, name: str) -> str:
    value = connection.execute(sa.select(tables.meta.c.value).where(tables.meta.c.key == name)).scalar_one_or_none()
    return key_id_of(value) if value is not None else ""
