"""The memory, behind one door."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any, Self

import sqlalchemy as sa

from openvna.model import NotFound
from openvna.store import tables
from openvna.store.accounts import Accounts
from openvna.store.changes import Changes
from openvna.store.dictionaries import Dictionaries
from openvna.store.engine import Clock, Database, connect, now
from openvna.store.onboardings import Onboardings
from openvna.store.permissions import Permissions
from openvna.store.quotas import Quotas
from openvna.store.resources import Resources
from openvna.store.rotation import Keys
from openvna.store.runs import Runs
from openvna.store.schema import prepare
from openvna.store.scopes import Scopes
from openvna.store.secrets import Vault
from openvna.store.sources import Sources
from openvna.store.writer import Writer

__all__ = [
    "Accounts",
    "Changes",
    "Onboardings",
    "Permissions",
    "Quotas",
    "Resources",
    "Runs",
    "Scopes",
    "Sources",
    "Store",
    "Writer",
    "open_for_reading",
    "open_store",
]


class Store:
    """The memory. Safe to use from several threads; several processes may open the same one."""

    sources: Sources
    onboardings: Onboardings
    permissions: Permissions
    runs: Runs
    scopes: Scopes
    resources: Resources
    quotas: Quotas
    changes: Changes
    accounts: Accounts
    keys: Keys

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        dictionaries = Dictionaries(database)
        self.sources = Sources(database, vault)
        self.onboardings = Onboardings(database)
        self.permissions = Permissions(database)
        self.runs = Runs(database, dictionaries, vault)
        self.scopes = Scopes(database)
        self.resources = Resources(database, dictionaries)
        self.quotas = Quotas(database, self.resources)
        self.changes = Changes(database)
        self.accounts = Accounts(database)
        self.keys = Keys(database, vault)

    def facts(self) -> dict[str, object]:
        """What the database is: its kind, the version of its schema, and the number of rows in each table."""
        with self._database.read() as connection:
            names = sorted(sa.inspect(connection).get_table_names())
            counts = {
                name: connection.execute(sa.select(sa.func.count()).select_from(sa.table(name))).scalar_one()
                for name in names
            }
            version: sa.Select[Any] = sa.select(sa.column("version_num", sa.Text)).select_from(
                sa.table(tables.VERSION_TABLE)
            )
            schema = connection.execute(version).scalar_one_or_none() if tables.VERSION_TABLE in names else None
        return {"kind": self._database.dialect, "schema": schema, "schema known": tables.SCHEMA, "rows": counts}

    def close(self) -> None:
        """Let go of the database. Runs that were not finished end with their writers. Safe to repeat."""
        self.runs.close()
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self.close()


def open_for_reading(url: str, vault: Vault, *, clock: Clock = now) -> Store:
    """The database at `url` as it is: nothing is made, migrated or checked, and the vault may have another key. Raises
    `NotFound` where there is no such file."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite" and not Path(str(parsed.database)).is_file():
        raise NotFound(f"There is no database {parsed.database}.", "", "Start the server once.")
    return Store(connect(url, clock), vault)


def open_store(url: str, vault: Vault, *, clock: Clock = now) -> Store:
    """Open the database at `url` (`sqlite:///...` or `postgresql+psycopg://...`), creating or migrating its schema.

    `clock` gives the time (aware UTC). Runs that a dead process left behind are marked `interrupted`.
    Raises `StoreUnusable` for a read-only place, a database of a newer version, or one that is not ours, and when
    the vault has another key than the one that its secrets were sealed with.
    """
    database = connect(url, clock)
    try:
        prepare(database, vault)
        store = Store(database, vault)
        store.runs.reap()
    except BaseException:
        database.close()
        raise
    return store
