"""Trained dictionaries, with which the bodies of versions are packed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

# Written out and not taken from the tables of today: a step stays what it was when it was released.
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
BIGINT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "dictionary",
        sa.Column("id", BIGINT, autoincrement=False, nullable=False),
        sa.Column("source_id", TEXT, nullable=False),
        sa.Column("type", TEXT, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_dictionary_source_id")),
        sa.UniqueConstraint("source_id", "type", name=op.f("uq_dictionary_source_id_type")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dictionary")),
    )
    op.execute("INSERT INTO counter (name, last) VALUES ('dictionary', 0)")
