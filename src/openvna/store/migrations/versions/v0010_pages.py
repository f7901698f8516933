"""Long pages of answers that are as they were: one row for a page, not one for each resource in it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

# Written out and not taken from the tables of today: a step stays what it was when it was released.
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
BIGINT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "page",
        sa.Column("scope_id", BIGINT, autoincrement=False, nullable=False),
        sa.Column("type", TEXT, nullable=False),
        sa.Column("fingerprint", sa.LargeBinary, nullable=False),
        sa.Column("resource_keys", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("scope_id", "type", "fingerprint", name=op.f("pk_page")),
    )
