"""Run by alembic with the connection, and the transaction, of the store that is being opened."""

from __future__ import annotations

from alembic import context

from openvna.store import tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables.metadata,
    version_table=tables.VERSION_TABLE,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
