"""The resources of a type in the order in which they were first seen, and not in that of their ids: a new one goes to
the end of the index, and not to any place in it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    living = sa.text("deleted_at IS NULL")
    op.drop_index("ix_resource_type", "resource")
    op.create_index("ix_resource_type", "resource", ["type", "key"], sqlite_where=living, postgresql_where=living)
