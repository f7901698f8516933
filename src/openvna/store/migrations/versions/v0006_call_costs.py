"""What the calls of a run cost, by their names, and how long they waited."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

# Written out and not taken from the tables of today: a step stays what it was when it was released.
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
BIGINT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "call_name",
        sa.Column("id", BIGINT, autoincrement=True, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_name")),
        sa.UniqueConstraint("name", name=op.f("uq_call_name_name")),
    )
    op.add_column("run", sa.Column("by_call", sa.LargeBinary))
    for table in ("run", "listing"):
        op.add_column(table, sa.Column("waited", sa.Double, nullable=False, server_default="0"))
