"""Run by Alembic with the connection that `upgrade` handed over."""

from __future__ import annotations

from alembic import context

from toolkit.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # Alembic assumes that SQLite cannot undo a CREATE TABLE; it can, once the driver leaves
    # transactions to us, so a crash half-way leaves no half-made tables.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
