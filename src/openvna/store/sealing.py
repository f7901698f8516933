"""The secrets of a source in the database, and the key that is in force for them."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from openvna import log
from openvna.model import StoreUnusable
from openvna.store import tables
from openvna.store.secrets import DataKey, Vault, is_direct, key_id_of

CHECK, NEXT = "vault", "vault-next"
"""In `meta`: a word sealed with the key in force; while keys are changed, the same sealed with the next one."""
_WORD = "openvna"

_secret, _data_key = tables.secret.c, tables.data_key.c


def opened(connection: Connection, vault: Vault, source_id: str) -> dict[str, str]:
    """The secrets in clear, by dotted path. Every value is registered with `openvna.log.hide`."""
    rows = connection.execute(
        sa.select(_secret.field, _secret.sealed).where(_secret.source_id == source_id).order_by(_secret.field)
    ).all()
    direct = {row.field: row.sealed for row in rows if is_direct(row.sealed)}
    found = {field: vault.open(source_id, field, sealed) for field, sealed in direct.items()}
    if len(found) < len(rows):
        data_key = _data_key_of(connection, vault, source_id)
        found |= {row.field: data_key.open(row.field, row.sealed) for row in rows if row.field not in direct}
    log.hide(*found.values())
    return found


def seal_anew(connection: Connection, vault: Vault, source_id: str, secrets: Mapping[str, str]) -> None:
    """Put these in the place of all that are stored, under a new data key. Inside a transaction that is alone with
    the sources, so that the key in force stays so to its end."""
    log.hide(*secrets.values())
    connection.execute(sa.delete(tables.secret).where(_secret.source_id == source_id))
    connection.execute(sa.delete(tables.data_key).where(_data_key.source_id == source_id))
    if not secrets:
        return
    data_key = DataKey.new(source_id)
    key_id = in_force(connection)
    wrapped = vault.wrap(data_key, key_id)
    connection.execute(sa.insert(tables.data_key).values(source_id=source_id, key_id=key_id, wrapped=wrapped))
    for field, value in secrets.items():
        sealed = data_key.seal(field, value)
        connection.execute(sa.insert(tables.secret).values(source_id=source_id, field=field, sealed=sealed))


def wrap_anew(connection: Connection, vault: Vault, source_id: str, key_id: str) -> None:
    """Bring the secrets of a source under the key of that id. What is still sealed by the key-encryption key itself
    gets a data key."""
    rows = connection.execute(sa.select(_secret.field, _secret.sealed).where(_secret.source_id == source_id)).all()
    if not rows or any(is_direct(row.sealed) for row in rows):
        seal_anew(connection, vault, source_id, opened(connection, vault, source_id))
        return
    data_key = _data_key_of(connection, vault, source_id)
    connection.execute(
        sa.update(tables.data_key)
        .where(_data_key.source_id == source_id)
        .values(key_id=key_id, wrapped=vault.wrap(data_key, key_id))
    )


def keys_in_use(connection: Connection) -> dict[str, str]:
    """The id of the key that each source's secrets are under, by the id of the source."""
    found = {row.source_id: row.key_id for row in connection.execute(sa.select(_data_key.source_id, _data_key.key_id))}
    for row in connection.execute(sa.select(_secret.source_id, _secret.sealed)):
        if is_direct(row.sealed):
            found[row.source_id] = key_id_of(row.sealed)
    return found


def in_force(connection: Connection) -> str:
    """The id of the key that new secrets are sealed under."""
    rows = connection.execute(sa.select(tables.meta).where(tables.meta.c.key.in_((CHECK, NEXT)))).all()
    found = {row.key: row.value for row in rows}
    return key_id_of(found.get(NEXT) or found[CHECK])


def check_value(vault: Vault, key_id: str | None = None) -> bytes:
    """The word sealed with the first key of the vault, or with the one of that id."""
    return vault.seal("meta", CHECK, _WORD, key_id)


def opens(vault: Vault, sealed: bytes) -> bool:
    """Whether the vault has the key of a check value. Raises `StoreUnusable`, saying why not."""
    return vault.open("meta", CHECK, sealed) == _WORD


def _data_key_of(connection: Connection, vault: Vault, source_id: str) -> DataKey:
    wrapped = connection.execute(
        sa.select(_data_key.wrapped).where(_data_key.source_id == source_id)
    ).scalar_one_or_none()
    if wrapped is None:
        raise StoreUnusable(
            f"The stored secrets of {source_id} do not open: there is no data key of it.",
            "The database was altered, or restored in part.",
            "Restore the database from a backup, or enter the secrets again.",
        )
    return vault.unwrap(source_id, wrapped)
