"""The configured sources and their secrets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from openvna.model import JSON, Conflict, InvalidInput, NotFound
from openvna.store import tables
from openvna.store.engine import Database
from openvna.store.ids import new_id
from openvna.store.permissions import replace_matrix
from openvna.store.rows import Source
from openvna.store.scopes import LOOK
from openvna.store.sealing import opened, seal_anew
from openvna.store.secrets import Vault

_source, _secret, _run = tables.source.c, tables.secret.c, tables.run.c
_LAST_RUN = (
    sa.select(sa.func.max(_run.started_at))
    .where(_run.source_id == _source.id, _run.extent.is_(None) | (_run.extent == LOOK))
    .scalar_subquery()
    .label("last_run_at")
)
"""That a scope, a type or a resource was refreshed is no collection of the source: the schedule goes by this."""


class Sources:
    """The configured sources and their secrets (encrypted; see `Vault`)."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    def add(
        self,
        name: str,
        plugin: str,
        config: Mapping[str, JSON],
        secrets: Mapping[str, str],
        interval: int | None,
        verdict: Mapping[str, JSON] | None,
    ) -> Source:
        """Save a source in one transaction. `secrets` by dotted path. Raises `Conflict` for a name used twice."""
        name = _checked(name)
        now = self._database.clock()
        id = new_id("src", now)
        with self._database.write(alone="sources") as connection:
            _check_free(connection, name)
            connection.execute(
                sa.insert(tables.source).values(
                    id=id,
                    name=name,
                    name_key=name.casefold(),
                    plugin=plugin,
                    config=dict(config),
                    paused=False,
                    interval=interval,
                    verdict=None if verdict is None else _without_matrix(verdict),
                    verified_at=None if verdict is None else now,
                    created_at=now,
                    updated_at=now,
                )
            )
            seal_anew(connection, self._vault, id, secrets)
            replace_matrix(connection, id, _matrix(verdict), now)
            return find_source(connection, id)

    def list(self) -> tuple[Source, ...]:
        """All sources, by name."""
        with self._database.read() as connection:
            return _read(connection)

    def get(self, id_or_name: str) -> Source:
        """Raises `NotFound`, naming the sources there are."""
        with self._database.read() as connection:
            return find_source(connection, id_or_name)

    def secrets(self, source_id: str) -> dict[str, str]:
        """The secrets of a source in clear, by dotted path. Every value is registered with `openvna.log.hide`."""
        with self._database.read() as connection:
            return opened(connection, self._vault, find_source(connection, source_id).id)

    def opened(self, id_or_name: str) -> tuple[Source, dict[str, str]]:
        """A source and its secrets as they are at one moment: settings of before an edit with the secrets of after it
        would send these elsewhere than they were entered for. Raises `NotFound`."""
        with self._database.read() as connection:
            # The lock is for PostgreSQL, where each statement sees a moment of its own.
            source = find_source(connection, id_or_name, lock=True)
            return source, opened(connection, self._vault, source.id)

    def update(
        self,
        source_id: str,
        *,
        name: str | None = None,
        config: Mapping[str, JSON] | None = None,
        secrets: Mapping[str, str] | None = None,
        before: tuple[Mapping[str, JSON], Mapping[str, str]] | None = None,
        interval: int | Literal["never"] | None = None,
        paused: bool | None = None,
        verdict: Mapping[str, JSON] | None = None,
        applied_from: str | None = None,
    ) -> Source:
        """Change what is given, in one transaction. `secrets`, when given, replaces all of them.

        `before` are the settings and secrets that the new ones were made from: a secret that is the same in both was
        not changed by whoever changes the source, and stays as it is now, for it may have been renewed meanwhile. One
        that came with other settings was entered for these: then it is a `Conflict`.
        """
        now = self._database.clock()
        values: dict[str, Any] = {"updated_at": now}
        if config is not None:
            values["config"] = dict(config)
        if interval is not None:
            values["interval"] = None if interval == "never" else interval
        if paused is not None:
            values["paused"] = paused
        if applied_from is not None:
            values["applied_from"] = applied_from
        if verdict is not None:
            values |= {"verdict": _without_matrix(verdict), "verified_at": now}
        with self._database.write(alone="sources") as connection:
            source = find_source(connection, source_id, lock=True)
            if name is not None:
                name = _checked(name)
                _check_free(connection, name, besides=source.id)
                values |= {"name": name, "name_key": name.casefold()}
            connection.execute(sa.update(tables.source).where(_source.id == source.id).values(**values))
            if _matrix(verdict) or config is not None:  # what other settings were allowed says nothing of these
                replace_matrix(connection, source.id, _matrix(verdict), now)
            if secrets is not None:
                if before is not None:
                    now_there = opened(connection, self._vault, source.id)
                    unchanged = [path for path, value in secrets.items() if before[1].get(path) == value]
                    kept = {path: now_there[path] for path in unchanged if path in now_there}
                    if source.config != before[0] and any(kept[path] != secrets[path] for path in kept):
                        raise Conflict(
                            f"The source {source.name!r} was not changed.",
                            "Somebody else changed it meanwhile, with new secrets.",
                            "Look at it, and make the change again.",
                        )
                    secrets = {**secrets, **kept}
                seal_anew(connection, self._vault, source.id, secrets)
            return find_source(connection, source.id)

    def renew(
        self,
        source_id: str,
        renewed: Callable[[Mapping[str, JSON], Mapping[str, str]], tuple[Mapping[str, JSON], Mapping[str, str]] | None],
    ) -> bool:
        """Let `renewed` make new settings and secrets of those that the source has, in one transaction; where it
        gives None, nothing is changed. Whether it was. To the source's operators this is no change of it."""
        with self._database.write(alone="sources") as connection:
            source = find_source(connection, source_id, lock=True)
            fresh = renewed(source.config, opened(connection, self._vault, source.id))
            if fresh is None:
                return False
            config, secrets = fresh
            connection.execute(sa.update(tables.source).where(_source.id == source.id).values(config=dict(config)))
            seal_anew(connection, self._vault, source.id, secrets)
            return True

    def delete(self, source_id: str) -> dict[str, int]:
        """Delete a source with all its data; counts of what went, by table noun (resources, versions, runs, ...).

        A run of it that is under way writes nothing more: its writer raises `Conflict`.
        """
        with self._database.write() as connection:
            # In the order that a listing takes them, so that neither waits for the other.
            connection.execute(sa.select(tables.counter).order_by(tables.counter.c.name).with_for_update()).all()
            source = find_source(connection, source_id, lock=True)
            resources = sa.select(tables.resource.c.key).where(tables.resource.c.source_id == source.id)
            scopes = sa.select(tables.scope.c.id).where(tables.scope.c.source_id == source.id)
            runs = sa.select(_run.id).where(_run.source_id == source.id)
            # Without a condition a table is emptied at once, with one row by row; the last source is the usual case.
            last = connection.execute(sa.select(sa.func.count()).select_from(tables.source)).scalar_one() == 1
            counts: dict[str, int] = {}
            for noun, table, condition in (
                ("changes", tables.change, tables.change.c.source_id == source.id),
                ("relations", tables.relation, tables.relation.c.resource_key.in_(resources)),
                ("sightings", tables.sighting, tables.sighting.c.scope_id.in_(scopes)),
                ("pages", tables.page, tables.page.c.scope_id.in_(scopes)),
                ("past", tables.past, tables.past.c.resource_key.in_(resources)),
                ("versions", tables.version, tables.version.c.resource_key.in_(resources)),
                ("resources", tables.resource, tables.resource.c.source_id == source.id),
                ("listings", tables.listing, tables.listing.c.run_id.in_(runs)),
                ("coverage", tables.coverage, tables.coverage.c.scope_id.in_(scopes)),
                ("quiet", tables.quiet, tables.quiet.c.scope_id.in_(scopes)),
                ("runs", tables.run, _run.source_id == source.id),
                ("scopes", tables.scope, tables.scope.c.source_id == source.id),
                ("secrets", tables.secret, _secret.source_id == source.id),
                ("permissions", tables.permission, tables.permission.c.source_id == source.id),
                ("losses", tables.loss, tables.loss.c.source_id == source.id),
                ("keys", tables.data_key, tables.data_key.c.source_id == source.id),
                ("dictionaries", tables.dictionary, tables.dictionary.c.source_id == source.id),
                ("sources", tables.source, _source.id == source.id),
            ):
                deletion = sa.delete(table) if last else sa.delete(table).where(condition)
                counts[noun] = connection.execute(deletion).rowcount
        return {noun: counts[noun] for noun in ("resources", "versions", "relations", "changes", "runs", "scopes")}


def _matrix(verdict: Mapping[str, JSON] | None) -> list[Mapping[str, JSON]]:
    """The matrix of permissions in a verdict, which is kept in a table of its own."""
    cells = verdict.get("permissions") if verdict else None
    return [cell for cell in cells if isinstance(cell, Mapping)] if isinstance(cells, list | tuple) else []


def _without_matrix(verdict: Mapping[str, JSON]) -> dict[str, JSON]:
    return {name: value for name, value in verdict.items() if name != "permissions"}


def find_source(connection: Connection, id_or_name: str, *, lock: bool = False) -> Source:
    """By id, else by name (whatever its case). Raises `NotFound`, naming the sources there are."""
    condition = (_source.id == id_or_name) | (_source.name_key == id_or_name.strip().casefold())
    if lock:
        connection.execute(sa.select(_source.id).where(condition).with_for_update()).all()
    found = _read(connection, condition)
    if found:
        return next((source for source in found if source.id == id_or_name), found[0])
    names = connection.execute(sa.select(_source.name).order_by(_source.name_key).limit(20)).scalars().all()
    raise NotFound(
        f"There is no source {id_or_name}.",
        f"There are: {', '.join(names)}." if names else "There is none yet.",
        "Name one of these." if names else "Add one with `openvna source add`.",
    )


def _read(connection: Connection, *conditions: Any) -> tuple[Source, ...]:
    rows = connection.execute(sa.select(tables.source, _LAST_RUN).where(*conditions).order_by(_source.name_key)).all()
    secrets: dict[str, list[str]] = {}
    for source_id, field in connection.execute(
        sa.select(_secret.source_id, _secret.field)
        .where(_secret.source_id.in_([row.id for row in rows]))
        .order_by(_secret.field)
    ):
        secrets.setdefault(source_id, []).append(field)
    return tuple(_row(row, tuple(secrets.get(row.id, ())), row.last_run_at) for row in rows)


def _row(row: Any, secrets: tuple[str, ...], last_run_at: datetime | None) -> Source:
    return Source(
        row.id,
        row.name,
        row.plugin,
        row.config,
        secrets,
        row.paused,
        row.interval,
        row.created_at,
        row.updated_at,
        row.verdict,
        row.verified_at,
        last_run_at,
        row.applied_from or "",
    )


def _checked(name: str) -> str:
    name = name.strip()
    if not name or len(name) > 200 or not name.isprintable():
        why = "A name has 1 to 200 printable characters."
        raise InvalidInput("The name of the source cannot be used.", why, "", (("name", why),))
    return name


def _check_free(connection: Connection, name: str, besides: str = "") -> None:
    taken = connection.execute(
        sa.select(_source.name).where(_source.name_key == name.casefold(), _source.id != besides)
    ).scalar_one_or_none()
    if taken is not None:
        raise Conflict(
            f"There is already a source named {taken}.",
            "Names are unique, whatever their case.",
            "Choose another name, or edit that source.",
        )
