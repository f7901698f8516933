"""The fingerprint of the piece of an answer that a resource was read from, so that it need not be read again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("sighting", sa.Column("fingerprint", sa.LargeBinary))
