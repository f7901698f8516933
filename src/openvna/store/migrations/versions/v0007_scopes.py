"""Why a resource is gone, what a run was about, how long an empty scope rests, when one resource was confirmed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

# Written out and not taken from the tables of today: a step stays what it was when it was released.
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.BigInteger()


def upgrade() -> None:
    op.add_column("change", sa.Column("reason", TEXT))
    op.add_column("run", sa.Column("extent", TEXT))
    op.add_column("scope", sa.Column("empty_runs", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("scope", sa.Column("rests_until", MOMENT))
    op.add_column("sighting", sa.Column("confirmed_at", MOMENT))
