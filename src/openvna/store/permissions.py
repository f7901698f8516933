"""What each source is allowed, and what its collections were denied."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from openvna.model import JSON, Failure
from openvna.store import tables
from openvna.store.coverage import failure_of
from openvna.store.engine import Database
from openvna.store.prepared import Prepared
from openvna.store.rows import AccountPermissions, Loss

BACK_SHOWN = timedelta(days=7)
"""How long it is told that something which was denied could be read again."""

_permission, _loss = tables.permission.c, tables.loss.c
_LOST = Prepared(
    sa.select(_loss.type).where(
        _loss.source_id == sa.bindparam("source"),
        _loss.account == sa.bindparam("account"),
        _loss.region == sa.bindparam("region"),
        _loss.back_at.is_(None),
    )
)


class Permissions:
    """The matrix of each source as it was last tried, and its losses."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, source_id: str) -> tuple[AccountPermissions, ...]:
        """The matrix of a source, account by account; empty where it was never tried."""
        with self._database.read() as connection:
            rows = connection.execute(
                sa.select(tables.permission).where(_permission.source_id == source_id).order_by(_permission.account)
            ).all()
        return tuple(AccountPermissions(row.account, row.tried_at, tuple(row.cells)) for row in rows)

    def losses(self, source_id: str) -> tuple[Loss, ...]:
        """What collections were denied: first what still is, then what could be read again not long ago."""
        old = self._database.clock() - BACK_SHOWN
        with self._database.read() as connection:
            rows = connection.execute(
                sa.select(tables.loss)
                .where(_loss.source_id == source_id, sa.or_(_loss.back_at.is_(None), _loss.back_at >= old))
                .order_by(_loss.back_at.is_not(None), _loss.since, _loss.account, _loss.region, _loss.type)
            ).all()
        return tuple(
            Loss(row.account, row.region, row.type, row.since, row.back_at, failure)
            for row in rows
            if (failure := failure_of(row.failure)) is not None
        )

    def note(
        self, source_id: str, account: str, region: str, denied: Mapping[str, Failure], read: Collection[str]
    ) -> tuple[str, ...]:
        """What one run was denied, by type, and which types it read. The types that are lost anew.

        Only what a run says counts: a type that failed in another way is as lost as it was before.
        """
        now = self._database.clock()
        here = (_loss.source_id == source_id, _loss.account == account, _loss.region == region)
        if not denied:
            with self._database.read() as connection:
                still = lost(connection, source_id, account, region)
            if not still.intersection(read):
                return ()
        with self._database.write(alone=f"losses of {source_id}") as connection:
            known = {
                row.type: row.back_at for row in connection.execute(sa.select(_loss.type, _loss.back_at).where(*here))
            }
            back = [type for type in read if type in known and known[type] is None]
            if back:
                connection.execute(sa.update(tables.loss).where(*here, _loss.type.in_(back)).values(back_at=now))
            anew = []
            for type, failure in denied.items():
                values: dict[str, Any] = {"failure": asdict(failure)}
                if type not in known:
                    anew.append(type)
                    connection.execute(
                        sa.insert(tables.loss).values(
                            source_id=source_id, account=account, region=region, type=type, since=now, **values
                        )
                    )
                    continue
                if known[type] is not None:
                    anew.append(type)
                    values |= {"since": now, "back_at": None}
                connection.execute(sa.update(tables.loss).where(*here, _loss.type == type).values(**values))
        return tuple(anew)


def lost(connection: Connection, source_id: str, account: str, region: str) -> frozenset[str]:
    """The types that collections of one scope were denied and did not read again since."""
    place = {"source": source_id, "account": account, "region": region}
    return frozenset(row.type for row in _LOST.rows(connection, place))


def replace_matrix(connection: Connection, source_id: str, cells: Iterable[Mapping[str, JSON]], now: datetime) -> None:
    """Put the cells of a verdict in the place of the source's matrix."""
    by_account: dict[str, list[Mapping[str, Any]]] = {}
    for cell in cells:
        by_account.setdefault(str(cell["account"]), []).append(cell)
    connection.execute(sa.delete(tables.permission).where(_permission.source_id == source_id))
    for account, found in by_account.items():
        connection.execute(
            sa.insert(tables.permission).values(source_id=source_id, account=account, tried_at=now, cells=found)
        )
