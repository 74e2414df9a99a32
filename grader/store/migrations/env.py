"""What Alembic runs for every command: on the connection, and in the transaction, of whoever called it."""

from __future__ import annotations

from alembic import context

from grader.store.schema import is_ours
from grader.store.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    include_name=is_ours,
    render_as_batch=True,
    transaction_per_migration=False,
)
context.run_migrations()
