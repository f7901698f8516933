"""What a source is allowed, as its last verification found it, and what its collections were denied since when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"

# Written out and not taken from the tables of today: a step stays what it was when it was released.
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.BigInteger()
JSON = sa.Text().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "permission",
        sa.Column("source_id", TEXT, nullable=False),
        sa.Column("account", TEXT, nullable=False),
        sa.Column("tried_at", MOMENT, nullable=False),
        sa.Column("cells", JSON, nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_permission_source_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("source_id", "account", name=op.f("pk_permission")),
    )
    op.create_table(
        "loss",
        sa.Column("source_id", TEXT, nullable=False),
        sa.Column("account", TEXT, nullable=False),
        sa.Column("region", TEXT, nullable=False),
        sa.Column("type", TEXT, nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("back_at", MOMENT),
        sa.Column("failure", JSON, nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_loss_source_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("source_id", "account", "region", "type", name=op.f("pk_loss")),
    )
