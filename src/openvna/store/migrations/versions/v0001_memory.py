"""The first schema: sources, runs, resources with their versions and links, changes, accounts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

# Written out and not taken from the tables of today: a step stays what it was when it was released.
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.BigInteger()
JSON = sa.Text().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "account_attempt",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("name_key", TEXT, nullable=False),
        sa.Column("client", TEXT, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_attempt")),
    )
    op.create_index("ix_account_attempt_client_at", "account_attempt", ["client", "at"], unique=False)
    op.create_index("ix_account_attempt_name_key_at", "account_attempt", ["name_key", "at"], unique=False)
    op.create_table(
        "account_token",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", JSON, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("last_used_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_token")),
        sa.UniqueConstraint("hash", name=op.f("uq_account_token_hash")),
    )
    op.create_table(
        "account_user",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("name_key", TEXT, nullable=False),
        sa.Column("password", TEXT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_user")),
        sa.UniqueConstraint("name_key", name=op.f("uq_account_user_name_key")),
    )
    op.create_table(
        "change",
        sa.Column("sequence", KEY, autoincrement=False, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("run_id", TEXT, nullable=False),
        sa.Column("source_id", TEXT, nullable=False),
        sa.Column("resource_key", KEY, nullable=False),
        sa.Column("type", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("account", TEXT, nullable=False),
        sa.Column("region", TEXT, nullable=False),
        sa.Column("fields", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_change")),
    )
    op.create_index("ix_change_at", "change", ["at"], unique=False)
    op.create_index("ix_change_resource_key", "change", ["resource_key", "sequence"], unique=False)
    op.create_index("ix_change_run_id", "change", ["run_id", "sequence"], unique=False)
    op.create_index("ix_change_source_id", "change", ["source_id", "sequence"], unique=False)
    op.create_index("ix_change_type", "change", ["type", "sequence"], unique=False)
    op.create_table(
        "counter",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counter")),
    )
    op.create_table(
        "meta",
        sa.Column("key", TEXT, nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_meta")),
    )
    op.create_table(
        "past",
        sa.Column("resource_key", KEY, autoincrement=False, nullable=False),
        sa.Column("type", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("alias", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("account", TEXT, nullable=False),
        sa.Column("region", TEXT, nullable=False),
        sa.Column("tags", JSON, nullable=False),
        sa.Column("attributes", JSON, nullable=False),
        sa.Column("search", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("valid_from", MOMENT, nullable=False),
        sa.Column("valid_to", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("resource_key", "version", name=op.f("pk_past")),
    )
    op.create_index("ix_past_valid_to", "past", ["valid_to"], unique=False)
    op.create_table(
        "relation",
        sa.Column("resource_key", KEY, autoincrement=False, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("to", TEXT, nullable=False),
        sa.Column("valid_from", MOMENT, nullable=False),
        sa.Column("valid_to", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("resource_key", "name", "to", "valid_from", name=op.f("pk_relation")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_relation_to", "relation", ["to"], unique=False)
    op.create_table(
        "resource",
        sa.Column("key", KEY, autoincrement=False, nullable=False),
        sa.Column("source_id", TEXT, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("type", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("alias", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("account", TEXT, nullable=False),
        sa.Column("region", TEXT, nullable=False),
        sa.Column("tags", JSON, nullable=False),
        sa.Column("attributes", JSON, nullable=False),
        sa.Column("search", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("valid_from", MOMENT, nullable=False),
        sa.Column("scope_id", KEY, nullable=True),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("first_seen", MOMENT, nullable=False),
        sa.Column("confirmed_at", MOMENT, nullable=True),
        sa.Column("deleted_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_resource")),
    )
    op.create_index(
        "ix_resource_account",
        "resource",
        ["account", "key"],
        unique=False,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index("ix_resource_alias", "resource", ["alias"], unique=False)
    op.create_index("ix_resource_id", "resource", ["id"], unique=False)
    op.create_index(
        "ix_resource_name",
        "resource",
        ["name", "key"],
        unique=False,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_resource_region",
        "resource",
        ["region", "key"],
        unique=False,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_resource_type",
        "resource",
        ["type", "id", "key"],
        unique=False,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_resource_type_name",
        "resource",
        ["type", "name", "key"],
        unique=False,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_resource_valid_from",
        "resource",
        ["valid_from", "key"],
        unique=False,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index("uq_resource_source_id_id", "resource", ["source_id", "id"], unique=True)
    op.create_table(
        "sighting",
        sa.Column("scope_id", KEY, autoincrement=False, nullable=False),
        sa.Column("type", TEXT, nullable=False),
        sa.Column("resource_key", KEY, autoincrement=False, nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("scope_id", "type", "resource_key", name=op.f("pk_sighting")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_sighting_resource_key", "sighting", ["resource_key"], unique=False)
    op.create_table(
        "source",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("name_key", TEXT, nullable=False),
        sa.Column("plugin", TEXT, nullable=False),
        sa.Column("config", JSON, nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("interval", sa.Integer(), nullable=True),
        sa.Column("verdict", JSON, nullable=True),
        sa.Column("verified_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source")),
        sa.UniqueConstraint("name_key", name=op.f("uq_source_name_key")),
    )
    op.create_table(
        "version",
        sa.Column("resource_key", KEY, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("valid_from", MOMENT, nullable=False),
        sa.Column("valid_to", MOMENT, nullable=True),
        sa.Column("run_id", TEXT, nullable=False),
        sa.Column("dictionary", sa.Integer(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("resource_key", "number", name=op.f("pk_version")),
    )
    op.create_table(
        "account_session",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", TEXT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["account_user.id"], name=op.f("fk_account_session_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_account_session")),
    )
    op.create_index("ix_account_session_user_id", "account_session", ["user_id"], unique=False)
    op.create_table(
        "scope",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("source_id", TEXT, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("partition", TEXT, nullable=False),
        sa.Column("account", TEXT, nullable=False),
        sa.Column("region", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_scope_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scope")),
        sa.UniqueConstraint("source_id", "key", name=op.f("uq_scope_source_id_key")),
    )
    op.create_table(
        "secret",
        sa.Column("source_id", TEXT, nullable=False),
        sa.Column("field", TEXT, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_secret_source_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("source_id", "field", name=op.f("pk_secret")),
    )
    op.create_table(
        "coverage",
        sa.Column("scope_id", KEY, nullable=False),
        sa.Column("type", TEXT, nullable=False),
        sa.Column("outcome", TEXT, nullable=False),
        sa.Column("tried_at", MOMENT, nullable=False),
        sa.Column("complete_at", MOMENT, nullable=True),
        sa.Column("resources", sa.Integer(), nullable=False),
        sa.Column("failure", JSON, nullable=True),
        sa.ForeignKeyConstraint(["scope_id"], ["scope.id"], name=op.f("fk_coverage_scope_id")),
        sa.PrimaryKeyConstraint("scope_id", "type", name=op.f("pk_coverage")),
    )
    op.create_table(
        "run",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("source_id", TEXT, nullable=False),
        sa.Column("scope_id", KEY, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("created", sa.Integer(), nullable=False),
        sa.Column("updated", sa.Integer(), nullable=False),
        sa.Column("deleted", sa.Integer(), nullable=False),
        sa.Column("problems", sa.Integer(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("retries", sa.Integer(), nullable=False),
        sa.Column("throttles", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("failure", JSON, nullable=True),
        sa.Column("host", TEXT, nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("pid_started", TEXT, nullable=False),
        sa.Column("heartbeat_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["scope_id"], ["scope.id"], name=op.f("fk_run_scope_id")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_run_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
    )
    op.create_index("ix_run_source_id_started_at", "run", ["source_id", "started_at"], unique=False)
    op.create_index("ix_run_started_at_id", "run", ["started_at", "id"], unique=False)
    op.create_index(
        "uq_run_running",
        "run",
        ["scope_id"],
        unique=True,
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_table(
        "listing",
        sa.Column("run_id", TEXT, nullable=False),
        sa.Column("type", TEXT, nullable=False),
        sa.Column("outcome", TEXT, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("created", sa.Integer(), nullable=False),
        sa.Column("updated", sa.Integer(), nullable=False),
        sa.Column("deleted", sa.Integer(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("retries", sa.Integer(), nullable=False),
        sa.Column("throttles", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("failure", JSON, nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_listing_run_id")),
        sa.PrimaryKeyConstraint("run_id", "type", name=op.f("pk_listing")),
    )

    op.bulk_insert(
        sa.table("counter", sa.column("name", sa.Text), sa.column("last", sa.BigInteger)),
        [{"name": "resource", "last": 0}, {"name": "change", "last": 0}],
    )
