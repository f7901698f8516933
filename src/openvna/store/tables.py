"""The schema, written once for SQLite and PostgreSQL.

A resource is one row with what a listing shows of its newest version. Every version is kept whole and compressed in
`version`; what a listing showed of the versions before is in `past`, so that a question about a past moment reads
`resource` (not changed since) and `past` (changed since), and the current state stays narrow.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from openvna.store.columns import BIGINT, TEXT, Json, Moment

SCHEMA = "0014"
"""The newest migration: the version of the database that this code reads and writes."""

VERSION_TABLE = "openvna_schema"

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _face(*, numbered: bool = False) -> list[sa.Column[Any]]:
    """What a listing shows of one version, and what it is searched by. `numbered`: the version is part of the key."""
    return [
        sa.Column("type", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("alias", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("account", TEXT, nullable=False),
        sa.Column("region", TEXT, nullable=False),
        sa.Column("tags", Json, nullable=False),
        sa.Column("attributes", Json, nullable=False),
        sa.Column("search", TEXT, nullable=False),
        sa.Column("version", sa.Integer, primary_key=numbered, autoincrement=False, nullable=False),
        sa.Column("valid_from", Moment, nullable=False),
    ]


FACE = ("type", "kind", "alias", "name", "account", "region", "tags", "attributes", "search", "version", "valid_from")

# What the database is: the product version that made it, the sealed check of the key.
meta = sa.Table(
    "meta",
    metadata,
    sa.Column("key", TEXT, primary_key=True),
    sa.Column("value", sa.LargeBinary, nullable=False),
)

# Keys are counted here and not by the database: rows go in by the thousand with their keys known beforehand, no key
# is ever used twice, and whoever holds the row is the only one who writes resources, so that changes become visible
# in the order of their sequence.
counter = sa.Table(
    "counter",
    metadata,
    sa.Column("name", TEXT, primary_key=True),
    sa.Column("last", sa.BigInteger, nullable=False),
)

source = sa.Table(
    "source",
    metadata,
    sa.Column("id", TEXT, primary_key=True),
    sa.Column("name", TEXT, nullable=False),
    sa.Column("name_key", TEXT, nullable=False, unique=True),
    sa.Column("plugin", TEXT, nullable=False),
    sa.Column("config", Json, nullable=False),
    sa.Column("paused", sa.Boolean, nullable=False),
    sa.Column("interval", sa.Integer),
    sa.Column("verdict", Json),
    sa.Column("verified_at", Moment),
    # The file or folder that it was applied from last; empty where nobody applied it.
    sa.Column("applied_from", TEXT),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("updated_at", Moment, nullable=False),
)

secret = sa.Table(
    "secret",
    metadata,
    sa.Column("source_id", TEXT, sa.ForeignKey("source.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("field", TEXT, primary_key=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

# A source that is being set up. It becomes a row of `source` when it is saved, and goes from here then.
onboarding = sa.Table(
    "onboarding",
    metadata,
    sa.Column("id", TEXT, primary_key=True),
    sa.Column("name", TEXT, nullable=False),
    sa.Column("name_key", TEXT, nullable=False, unique=True),
    sa.Column("plugin", TEXT, nullable=False),
    sa.Column("external_id", TEXT, nullable=False),
    sa.Column("options", Json, nullable=False),
    sa.Column("config", Json, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("updated_at", Moment, nullable=False),
)

# The key that seals the secrets of a source, wrapped by the key-encryption key of that id.
data_key = sa.Table(
    "data_key",
    metadata,
    sa.Column("source_id", TEXT, sa.ForeignKey("source.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("key_id", TEXT, nullable=False),
    sa.Column("wrapped", sa.LargeBinary, nullable=False),
)

# What the last verification found to be allowed, one row for each account.
permission = sa.Table(
    "permission",
    metadata,
    sa.Column("source_id", TEXT, sa.ForeignKey("source.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("account", TEXT, primary_key=True),
    sa.Column("tried_at", Moment, nullable=False),
    sa.Column("cells", Json, nullable=False),
)

# What collections were denied, and since when; `back_at` is set once it could be read again.
loss = sa.Table(
    "loss",
    metadata,
    sa.Column("source_id", TEXT, sa.ForeignKey("source.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("account", TEXT, primary_key=True),
    sa.Column("region", TEXT, primary_key=True),
    sa.Column("type", TEXT, primary_key=True),
    sa.Column("since", Moment, nullable=False),
    sa.Column("back_at", Moment),
    sa.Column("failure", Json, nullable=False),
)

scope = sa.Table(
    "scope",
    metadata,
    sa.Column("id", BIGINT, primary_key=True, autoincrement=True),
    sa.Column("source_id", TEXT, sa.ForeignKey("source.id"), nullable=False),
    sa.Column("key", TEXT, nullable=False),
    sa.Column("partition", TEXT, nullable=False),
    sa.Column("account", TEXT, nullable=False),
    sa.Column("region", TEXT, nullable=False),
    # How many complete collections in a row found nothing of anyone's here, and until when the schedule spares it.
    sa.Column("empty_runs", sa.Integer, nullable=False, server_default="0"),
    sa.Column("rests_until", Moment),
    sa.UniqueConstraint("source_id", "key"),
)

run = sa.Table(
    "run",
    metadata,
    sa.Column("id", TEXT, primary_key=True),
    sa.Column("source_id", TEXT, sa.ForeignKey("source.id"), nullable=False),
    sa.Column("scope_id", BIGINT, sa.ForeignKey("scope.id"), nullable=False),
    sa.Column("state", TEXT, nullable=False),
    sa.Column("started_at", Moment, nullable=False),
    sa.Column("finished_at", Moment),
    sa.Column("seen", sa.Integer, nullable=False, default=0),
    sa.Column("created", sa.Integer, nullable=False, default=0),
    sa.Column("updated", sa.Integer, nullable=False, default=0),
    sa.Column("deleted", sa.Integer, nullable=False, default=0),
    sa.Column("problems", sa.Integer, nullable=False, default=0),
    sa.Column("calls", sa.Integer, nullable=False, default=0),
    sa.Column("retries", sa.Integer, nullable=False, default=0),
    sa.Column("throttles", sa.Integer, nullable=False, default=0),
    sa.Column("seconds", sa.Double, nullable=False, default=0.0),
    sa.Column("waited", sa.Double, nullable=False, server_default="0"),
    # What each of its calls cost, packed: see `call_costs`.
    sa.Column("by_call", sa.LargeBinary),
    # The lines of its ledger that found nothing and ended alike, packed: see `quiet`.
    sa.Column("quiet", sa.LargeBinary),
    sa.Column("failure", Json),
    # Who runs it, to tell a run that is under way from one whose process died.
    sa.Column("host", TEXT, nullable=False),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("pid_started", TEXT, nullable=False),
    sa.Column("heartbeat_at", Moment, nullable=False),
    # What it was about, where that was not the whole scope.
    sa.Column("extent", TEXT),
    sa.Index("ix_run_started_at_id", "started_at", "id"),
    sa.Index("ix_run_source_id_started_at", "source_id", "started_at"),
    sa.Index("ix_run_scope_id_started_at", "scope_id", "started_at"),
    sa.Index(
        "uq_run_running",
        "scope_id",
        unique=True,
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    ),
)

listing = sa.Table(
    "listing",
    metadata,
    sa.Column("run_id", TEXT, sa.ForeignKey("run.id"), primary_key=True),
    sa.Column("type", TEXT, primary_key=True),
    sa.Column("outcome", TEXT, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("seen", sa.Integer, nullable=False),
    sa.Column("created", sa.Integer, nullable=False),
    sa.Column("updated", sa.Integer, nullable=False),
    sa.Column("deleted", sa.Integer, nullable=False),
    sa.Column("calls", sa.Integer, nullable=False),
    sa.Column("retries", sa.Integer, nullable=False),
    sa.Column("throttles", sa.Integer, nullable=False),
    sa.Column("seconds", sa.Double, nullable=False),
    sa.Column("waited", sa.Double, nullable=False, server_default="0"),
    sa.Column("failure", Json),
)

# The names of calls, once for all runs.
call_name = sa.Table(
    "call_name",
    metadata,
    sa.Column("id", BIGINT, primary_key=True, autoincrement=True),
    sa.Column("name", TEXT, nullable=False, unique=True),
)

coverage = sa.Table(
    "coverage",
    metadata,
    sa.Column("scope_id", BIGINT, sa.ForeignKey("scope.id"), primary_key=True),
    sa.Column("type", TEXT, primary_key=True),
    sa.Column("outcome", TEXT, nullable=False),
    sa.Column("tried_at", Moment, nullable=False),
    sa.Column("complete_at", Moment),
    sa.Column("resources", sa.Integer, nullable=False),
    sa.Column("failure", Json),
)

# Types, sorted, by the hash of their names: thousands of scopes share a few sets.
type_set = sa.Table(
    "type_set",
    metadata,
    sa.Column("id", BIGINT, primary_key=True, autoincrement=False),
    sa.Column("types", Json, nullable=False),
)

# Coverage of the types that a scope holds nothing of and that ended alike, as most do: a row for all of them.
quiet = sa.Table(
    "quiet",
    metadata,
    sa.Column("scope_id", BIGINT, sa.ForeignKey("scope.id"), primary_key=True),
    sa.Column("set_id", BIGINT, sa.ForeignKey("type_set.id"), primary_key=True),
    sa.Column("outcome", TEXT, nullable=False),
    sa.Column("tried_at", Moment, nullable=False),
    sa.Column("complete_at", Moment),
    sa.Column("failure", Json),
)

# What the bodies of a type's versions were packed with: see `dictionaries`. Gone only with its source.
dictionary = sa.Table(
    "dictionary",
    metadata,
    sa.Column("id", BIGINT, primary_key=True, autoincrement=False),
    sa.Column("source_id", TEXT, sa.ForeignKey("source.id"), nullable=False),
    sa.Column("type", TEXT, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.UniqueConstraint("source_id", "type"),
)


# From here on rows come by the thousand and have no foreign keys: PostgreSQL would look up and lock the other row for
# every single one. One piece of code writes these tables, each listing in one transaction, and one deletes from them.


def _living(name: str, *columns: str) -> sa.Index:
    """An index over the resources that were not deleted, for an order of the listing."""
    condition = sa.text("deleted_at IS NULL")
    return sa.Index(f"ix_resource_{name}", *columns, sqlite_where=condition, postgresql_where=condition)


resource = sa.Table(
    "resource",
    metadata,
    sa.Column("key", BIGINT, primary_key=True, autoincrement=False),
    sa.Column("source_id", TEXT, nullable=False),
    sa.Column("id", TEXT, nullable=False),
    *_face(),
    # The scope whose view the newest version is; empty when that scope no longer sees the resource.
    sa.Column("scope_id", BIGINT),
    sa.Column("hash", sa.LargeBinary, nullable=False),
    sa.Column("first_seen", Moment, nullable=False),
    sa.Column("confirmed_at", Moment),
    sa.Column("deleted_at", Moment),
    sa.Index("uq_resource_id_source_id", "id", "source_id", unique=True),
    sa.Index("ix_resource_alias", "alias"),
    _living("type", "type", "key"),
    _living("type_name", "type", "name", "key"),
    _living("name", "name", "key"),
    _living("source_id", "source_id", "key"),
    _living("account", "account", "key"),
    _living("region", "region", "key"),
    _living("valid_from", "valid_from", "key"),
)

# Which scope sees which resource: what the last complete listing of the type held, and what was seen newly since.
sighting = sa.Table(
    "sighting",
    metadata,
    sa.Column("scope_id", BIGINT, primary_key=True, autoincrement=False),
    sa.Column("type", TEXT, primary_key=True),
    sa.Column("resource_key", BIGINT, primary_key=True, autoincrement=False),
    sa.Column("since", Moment, nullable=False),
    # When this one was asked for by itself and found, which says nothing of the others of its type.
    sa.Column("confirmed_at", Moment),
    # Of the piece of the vendor's answer that the resource was read from; none where nobody said it.
    sa.Column("fingerprint", sa.LargeBinary),
    sa.Index("ix_sighting_resource_key", "resource_key"),
    sqlite_with_rowid=False,
)

# Long pages of answers that need not be looked into as long as they are as they were.
page = sa.Table(
    "page",
    metadata,
    sa.Column("scope_id", BIGINT, primary_key=True, autoincrement=False),
    sa.Column("type", TEXT, primary_key=True),
    sa.Column("fingerprint", sa.LargeBinary, primary_key=True),
    # zstd-compressed keys of the resources in it, 8 bytes each in the machine's own order.
    sa.Column("resource_keys", sa.LargeBinary, nullable=False),
)

version = sa.Table(
    "version",
    metadata,
    sa.Column("resource_key", BIGINT, primary_key=True, autoincrement=False),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("valid_from", Moment, nullable=False),
    sa.Column("valid_to", Moment),
    sa.Column("run_id", TEXT, nullable=False),
    # zstd-compressed JSON; `dictionary` names the trained dictionary that it was packed with, if any.
    sa.Column("dictionary", sa.Integer),
    sa.Column("body", sa.LargeBinary, nullable=False),
)

past = sa.Table(
    "past",
    metadata,
    sa.Column("resource_key", BIGINT, primary_key=True, autoincrement=False),
    *_face(numbered=True),
    sa.Column("valid_to", Moment, nullable=False),
    sa.Index("ix_past_valid_to", "valid_to"),
)

# Kept by what they lead to, and so found from there; those of a resource itself stand in the body of its version.
relation = sa.Table(
    "relation",
    metadata,
    sa.Column("to", TEXT, primary_key=True),
    sa.Column("name", TEXT, primary_key=True),
    sa.Column("resource_key", BIGINT, primary_key=True, autoincrement=False),
    sa.Column("valid_from", Moment, primary_key=True),
    sa.Column("valid_to", Moment),
    sqlite_with_rowid=False,
)

change = sa.Table(
    "change",
    metadata,
    sa.Column("sequence", BIGINT, primary_key=True, autoincrement=False),
    sa.Column("kind", TEXT, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("run_id", TEXT, nullable=False),
    sa.Column("source_id", TEXT, nullable=False),
    sa.Column("resource_key", BIGINT, nullable=False),
    sa.Column("type", TEXT, nullable=False),
    sa.Column("name", TEXT, nullable=False),
    sa.Column("account", TEXT, nullable=False),
    sa.Column("region", TEXT, nullable=False),
    # zstd-compressed JSON: [[path, before, after], ...]
    sa.Column("fields", sa.LargeBinary),
    # Why it is gone, where no listing of it says so: what it was in has left the source.
    sa.Column("reason", TEXT),
    sa.Index("ix_change_resource_key", "resource_key", "sequence"),
    sa.Index("ix_change_source_id", "source_id", "sequence"),
    sa.Index("ix_change_type", "type", "sequence"),
    sa.Index("ix_change_run_id", "run_id", "sequence"),
    sa.Index("ix_change_at", "at"),
)

user = sa.Table(
    "account_user",
    metadata,
    sa.Column("id", TEXT, primary_key=True),
    sa.Column("name", TEXT, nullable=False),
    sa.Column("name_key", TEXT, nullable=False, unique=True),
    sa.Column("password", TEXT, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
)

session = sa.Table(
    "account_session",
    metadata,
    sa.Column("hash", sa.LargeBinary, primary_key=True),
    sa.Column("user_id", TEXT, sa.ForeignKey("account_user.id", ondelete="CASCADE"), nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("expires_at", Moment, nullable=False),
    sa.Column("used_at", Moment, nullable=False),
    sa.Index("ix_account_session_user_id", "user_id"),
)

token = sa.Table(
    "account_token",
    metadata,
    sa.Column("id", TEXT, primary_key=True),
    sa.Column("name", TEXT, nullable=False),
    sa.Column("hash", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("scopes", Json, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("expires_at", Moment),
    sa.Column("last_used_at", Moment),
)

attempt = sa.Table(
    "account_attempt",
    metadata,
    sa.Column("id", TEXT, primary_key=True),
    sa.Column("name_key", TEXT, nullable=False),
    sa.Column("client", TEXT, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Index("ix_account_attempt_name_key_at", "name_key", "at"),
    sa.Index("ix_account_attempt_client_at", "client", "at"),
)
