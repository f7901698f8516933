"""One row for all the types that a scope holds nothing of, in the coverage and in the ledger of a run."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"

# Written out and not taken from the tables of today: a step stays what it was when it was released.
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
BIGINT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.BigInteger()
JSON = sa.Text().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "type_set",
        sa.Column("id", BIGINT, autoincrement=False, nullable=False),
        sa.Column("types", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_type_set")),
    )
    op.create_table(
        "quiet",
        sa.Column("scope_id", BIGINT, nullable=False),
        sa.Column("set_id", BIGINT, nullable=False),
        sa.Column("outcome", TEXT, nullable=False),
        sa.Column("tried_at", MOMENT, nullable=False),
        sa.Column("complete_at", MOMENT),
        sa.Column("failure", JSON),
        sa.ForeignKeyConstraint(["scope_id"], ["scope.id"], name=op.f("fk_quiet_scope_id")),
        sa.ForeignKeyConstraint(["set_id"], ["type_set.id"], name=op.f("fk_quiet_set_id")),
        sa.PrimaryKeyConstraint("scope_id", "set_id", name=op.f("pk_quiet")),
    )
    op.add_column("run", sa.Column("quiet", sa.LargeBinary))
