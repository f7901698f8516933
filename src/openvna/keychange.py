"""Changing the key for stored secrets, and saying which one is in force: what `openvna secrets` does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from openvna.app import database_url, key_settings, only_server, prepare_home, start_log
from openvna.model import InvalidInput
from openvna.settings import ServerSettings
from openvna.store import KeyPlace, KeyUse, Vault, key_place, load_vault, make_key, next_key, open_store, read_key


@dataclass(frozen=True, slots=True)
class KeyStatus:
    """Where the key comes from, and what is under which key."""

    place: str
    keys: tuple[KeyUse, ...]


@dataclass(frozen=True, slots=True)
class KeyChanged:
    """The new key and the number of sources that were brought under it. `place` is the file that has it; `old` the
    file that still has the one before, None where it is gone; `ours` whether the next start finds the new one by
    itself."""

    key_id: str
    sources: int
    place: Path
    old: Path | None
    ours: bool


def key_status(settings: ServerSettings) -> KeyStatus:
    """Raises `StoreUnusable`."""
    home = prepare_home(settings)
    start_log(settings, home, None)
    places = key_settings(settings)
    with open_store(database_url(settings), load_vault(*places)) as store:
        return KeyStatus(key_place(*places).name, store.keys.status())


def change_key(
    settings: ServerSettings,
    *,
    from_file: Path | None = None,
    to_file: Path | None = None,
    forget_old: bool = False,
    tell: Callable[[int, int], None] = lambda _done, _of: None,
) -> KeyChanged:
    """Bring all secrets under a new key; killed at any moment, it goes on when it is called again.

    Without files the key of the data directory is replaced, also while a server runs: it reads the new one when it
    meets it. `to_file` has the new key (and is made when missing), `from_file` the old one where it is not the one in
    force: then no server may run, for it could not know of the new one. Raises `InvalidInput`, `Conflict`,
    `StoreUnusable`.
    """
    home = prepare_home(settings)
    start_log(settings, home, None)
    place = key_place(*key_settings(settings))
    if to_file is not None:
        with only_server(home):
            return _between_files(settings, place, from_file, to_file.expanduser().absolute(), tell)
    if from_file is not None:
        raise InvalidInput("The key was not changed.", "There is no file for the new one.", "Give --to-file as well.")
    if not place.ours:
        raise InvalidInput(
            "The key was not changed.",
            f"It comes from {place.name}, which is not ours to write.",
            "Give a file for the new key with --to-file (it is made when missing); afterwards put that key where the "
            "old one is.",
        )
    file = home / "key"
    with (
        open_store(database_url(settings), load_vault(*key_settings(settings))) as store,
        next_key(file, keep_old=not forget_old) as following,
    ):
        count = store.keys.change(following.key_id, tell)
    return KeyChanged(following.key_id, count, file, following.old, True)


def _between_files(
    settings: ServerSettings, place: KeyPlace, from_file: Path | None, to_file: Path, tell: Callable[[int, int], None]
) -> KeyChanged:
    old = read_key(from_file.expanduser()) if from_file is not None else place.read()[0]
    make_key(to_file)
    vault = Vault(old, read_key(to_file))
    new = Vault(read_key(to_file)).key_id
    if new == vault.key_id:
        raise InvalidInput("The key was not changed.", f"{to_file} has the same key.", "Name another file.")
    with open_store(database_url(settings), vault) as store:
        count = store.keys.change(new, tell)
    return KeyChanged(new, count, to_file, from_file, False)
