"""Sources that are being set up: kept until they are saved, so that whoever sets one up may come back tomorrow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from openvna.model import JSON, NotFound
from openvna.store import tables
from openvna.store.engine import Database
from openvna.store.ids import new_id
from openvna.store.rows import Onboarding

_row = tables.onboarding.c


class Onboardings:
    """The sources that are being set up. None of them holds a secret."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(
        self, name: str, plugin: str, external_id: str, options: Mapping[str, JSON], config: Mapping[str, JSON]
    ) -> Onboarding:
        """Begin to set up a source, or go on: under a name that is there already its id and its external id stay,
        whatever `external_id` says, because the other side may trust that one by now."""
        name = name.strip()
        now = self._database.clock()
        values = {"name": name, "options": dict(options), "config": dict(config), "updated_at": now}
        with self._database.write(alone="onboardings") as connection:
            found = _read(connection, _row.name_key == name.casefold())
            if found and found[0].plugin == plugin:
                connection.execute(sa.update(tables.onboarding).where(_row.id == found[0].id).values(**values))
                return _one(connection, found[0].id)
            for other in found:
                connection.execute(sa.delete(tables.onboarding).where(_row.id == other.id))
            id = new_id("onb", now)
            connection.execute(
                sa.insert(tables.onboarding).values(
                    id=id, name_key=name.casefold(), plugin=plugin, external_id=external_id, created_at=now, **values
                )
            )
            return _one(connection, id)

    def list(self) -> tuple[Onboarding, ...]:
        """All of them, by name."""
        with self._database.read() as connection:
            return _read(connection)

    def get(self, id_or_name: str) -> Onboarding:
        """Raises `NotFound`, naming those there are."""
        with self._database.read() as connection:
            return _one(connection, id_or_name)

    def delete(self, id: str) -> None:
        """Raises `NotFound`."""
        with self._database.write() as connection:
            connection.execute(sa.delete(tables.onboarding).where(_row.id == _one(connection, id).id))

    def done(self, name: str, plugin: str) -> None:
        """The source of this name is saved: nothing is left to be kept for it. Safe where nothing was."""
        with self._database.write() as connection:
            connection.execute(
                sa.delete(tables.onboarding).where(_row.name_key == name.strip().casefold(), _row.plugin == plugin)
            )


def _one(connection: Connection, id_or_name: str) -> Onboarding:
    found = _read(connection, (_row.id == id_or_name) | (_row.name_key == id_or_name.strip().casefold()))
    if found:
        return next((each for each in found if each.id == id_or_name), found[0])
    names = connection.execute(sa.select(_row.name).order_by(_row.name_key).limit(20)).scalars().all()
    raise NotFound(
        f"No source {id_or_name} is being set up.",
        f"Being set up: {', '.join(names)}." if names else "None is: it was saved meanwhile, or given up.",
        "Begin with it anew, or look among the sources.",
    )


def _read(connection: Connection, *conditions: Any) -> tuple[Onboarding, ...]:
    rows = connection.execute(sa.select(tables.onboarding).where(*conditions).order_by(_row.name_key)).all()
    return tuple(
        Onboarding(
            row.id, row.name, row.plugin, row.external_id, row.options, row.config, row.created_at, row.updated_at
        )
        for row in rows
    )
