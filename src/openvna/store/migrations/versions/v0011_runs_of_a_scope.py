"""The runs of a scope in their order: the newest of each stays when old ones are forgotten."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_index("ix_run_scope_id_started_at", "run", ["scope_id", "started_at"], unique=False)
