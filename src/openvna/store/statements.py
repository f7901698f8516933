"""The updates of a listing, compiled once and run with many rows."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from openvna.store import tables
from openvna.store.columns import Moment
from openvna.store.prepared import Among, Prepared

_resource, _past, _version, _relation = tables.resource.c, tables.past.c, tables.version.c, tables.relation.c
_sighting = tables.sighting.c


def _key() -> sa.BindParameter[Any]:
    return sa.bindparam("k")


def _moment() -> sa.BindParameter[Any]:
    return sa.bindparam("t", type_=Moment)


COUNTERS = Prepared(
    sa.select(tables.counter.c.name, tables.counter.c.last).order_by(tables.counter.c.name).with_for_update()
)
COUNT = Prepared(sa.update(tables.counter).where(tables.counter.c.name == _key()).values(last=sa.bindparam("n")))
_CALLED = Among(_resource.id, "ids") & (_resource.source_id == sa.bindparam("source"))
PRESENT = Prepared(
    sa.select(
        *(_resource[name] for name in ("id", "key", "scope_id", "hash", "version", "valid_from", "deleted_at")),
        _resource.account,
        _resource.region,
    ).where(_CALLED)
)
SIGHTED = Prepared(
    sa.select(_sighting.resource_key, _sighting.scope_id, _sighting.type).where(Among(_sighting.resource_key, "keys"))
)
# The same for what is only compared. Two questions and no join: neither database then comes to start from all that
# the scope sees.
KNOWN = Prepared(sa.select(_resource.id, _resource.key, _resource.hash, _resource.scope_id).where(_CALLED))
OURS = Prepared(
    sa.select(_sighting.resource_key, _sighting.type, _sighting.fingerprint).where(
        _sighting.scope_id == sa.bindparam("scope"),
        Among(_sighting.type, "types"),
        Among(_sighting.resource_key, "keys"),
    )
)
RUN_STATE = Prepared(sa.select(tables.run.c.state).where(tables.run.c.id == _key()).with_for_update())
# What a listing showed of the version that ends is kept; for a resource that was deleted it ended back then.
KEEP_PAST = tables.past.insert().from_select(
    ["resource_key", *tables.FACE, "valid_to"],
    sa.select(
        _resource.key,
        *(_resource[name] for name in tables.FACE),
        sa.func.coalesce(_resource.deleted_at, sa.bindparam("t", type_=Moment)),
    ).where(_resource.key.in_(sa.bindparam("keys", expanding=True))),
)
CLOSE_PAST = (
    sa.update(tables.past)
    .where(_past.resource_key == _key(), _past.version == sa.bindparam("n"))
    .values(valid_to=_moment())
)
CLOSE_VERSION = (
    sa.update(tables.version)
    .where(_version.resource_key == _key(), _version.number == sa.bindparam("n"))
    .values(valid_to=_moment())
)
RENEW = (
    sa.update(tables.resource)
    .where(_resource.key == _key())
    .values(
        **{
            name: sa.bindparam(f"new_{name}", type_=_resource[name].type) for name in (*tables.FACE, "scope_id", "hash")
        },
        deleted_at=sa.null(),
        confirmed_at=sa.null(),
    )
)
# A volatile attribute has another value, which makes no version of its own.
RENEW_ATTRIBUTES = (
    sa.update(tables.resource)
    .where(_resource.key == _key())
    .values(attributes=sa.bindparam("new_attributes", type_=_resource.attributes.type))
)
END_RELATION = (
    sa.update(tables.relation)
    .where(
        _relation.resource_key == _key(),
        _relation.name == sa.bindparam("m"),
        _relation.to == sa.bindparam("o"),
        _relation.valid_to.is_(None),
    )
    .values(valid_to=_moment())
)
END_VERSION = (
    sa.update(tables.version)
    .where(_version.resource_key == _key(), _version.valid_to.is_(None))
    .values(valid_to=_moment())
)
DELETE = (
    sa.update(tables.resource)
    .where(_resource.key == _key())
    .values(deleted_at=_moment(), confirmed_at=sa.bindparam("c", type_=Moment))
)
REPRINT = (
    sa.update(tables.sighting)
    .where(
        _sighting.scope_id == sa.bindparam("s"),
        _sighting.type == sa.bindparam("y"),
        _sighting.resource_key == _key(),
    )
    .values(fingerprint=sa.bindparam("f"))
)
