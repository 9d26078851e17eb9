"""Batches of bulk changes.

Frozen: later changes get a version of their own.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of batches."""
    names = "connection id name state made_at changed_at recipe body"
    op.create_table(
        "batch",
        *(sa.Column(name, sa.Text(), nullable=False) for name in names.split()),
        sa.PrimaryKeyConstraint("connection", "id", name="pk_batch"),
    )
    op.create_index("ix_batch_made", "batch", ["connection", "made_at"])
