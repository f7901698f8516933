"""Bringing a database to the schema of this version, and refusing one that is not ours."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

import openvna
from openvna.model import StoreUnusable
from openvna.store import tables
from openvna.store.engine import Database
from openvna.store.sealing import CHECK, NEXT, check_value, opens
from openvna.store.secrets import Vault

MIGRATIONS = Path(__file__).parent / "migrations"
_PRODUCT = "product"


def prepare(database: Database, vault: Vault) -> None:
    """Create or migrate the schema, in one transaction; check that the vault has the key of this database.

    Raises `StoreUnusable` for a database of a newer version, one of another program, or one with another key.
    """
    with database.read() as connection:
        ready = _version(connection, database.place) == tables.SCHEMA
    if not ready:
        with database.write(alone="schema") as connection:
            # Looked at again: another process may have done it while this one waited for its turn.
            if _version(connection, database.place) != tables.SCHEMA:
                migrate(connection)
                _set(connection, _PRODUCT, openvna.__version__.encode())
            if _get(connection, CHECK) is None:
                _set(connection, CHECK, check_value(vault))
    with database.read() as connection:
        _check_key(connection, vault, database.place)


def migrate(connection: Connection, revision: str = "head") -> None:
    """Run the migration scripts up to a revision on this connection, inside its transaction."""
    # Here and not above: a database that is up to date is opened without loading the migration tool.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _version(connection: Connection, place: str) -> str | None:
    """The schema version of the database, None when it is empty."""
    present = set(sa.inspect(connection).get_table_names())
    if not present:
        return None
    if not {tables.VERSION_TABLE, tables.meta.name} <= present:
        raise StoreUnusable(
            f"The database {place} is not one of OpenVNA.",
            f"It holds other tables ({', '.join(sorted(present)[:3])}) and none of ours.",
            "Name another one, or an empty one.",
        )
    version = connection.execute(sa.text(f"SELECT version_num FROM {tables.VERSION_TABLE}")).scalar_one()  # noqa: S608 - a constant of ours
    if version > tables.SCHEMA:
        product = _get(connection, _PRODUCT)
        raise StoreUnusable(
            f"The database {place} was written by a newer OpenVNA.",
            f"It has schema {version} of OpenVNA {product.decode() if product else '?'}; this is OpenVNA "
            f"{openvna.__version__}, which knows schemas up to {tables.SCHEMA}.",
            "Install that version or a newer one, or set OPENVNA_HOME to another directory.",
        )
    return str(version)


def _check_key(connection: Connection, vault: Vault, place: str) -> None:
    """Every key that secrets may be under now must be at hand: the one in force, and the next one while keys are
    changed."""
    for name in (CHECK, NEXT):
        sealed = _get(connection, name)
        try:
            if (sealed is None and name == NEXT) or (sealed is not None and opens(vault, sealed)):
                continue
        except StoreUnusable as error:
            raise _key_missing(error, place, changing=name == NEXT) from error
        raise StoreUnusable(
            f"The database {place} lacks the check value of its key.", "It is damaged.", "Restore it from a backup."
        )


def _key_missing(error: StoreUnusable, place: str, changing: bool) -> StoreUnusable:
    if changing:
        return StoreUnusable(
            f"The change of the key for {place} has not come to its end.",
            f"Some secrets may be under the next key already. {error.why}",
            "Go on with it: run the same `openvna secrets rotate` again.",
        )
    return StoreUnusable(
        f"The key at hand does not open the credentials stored in {place}.",
        error.why,
        "Put the first key back (the file `key` of the data directory, OPENVNA_KEY or OPENVNA_KEY_FILE); after "
        "`openvna secrets rotate` give the new one. If it is lost, move the database away and add the sources anew.",
    )


def _get(connection: Connection, key: str) -> bytes | None:
    return connection.execute(sa.select(tables.meta.c.value).where(tables.meta.c.key == key)).scalar_one_or_none()


def _set(connection: Connection, key: str, value: bytes) -> None:
    connection.execute(sa.delete(tables.meta).where(tables.meta.c.key == key))
    connection.execute(sa.insert(tables.meta).values(key=key, value=value))
