"""Firings, deliveries, metrics and turns of automations.

Frozen: later changes get a version of their own.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_WAITING = "state = 'waiting'"


def upgrade() -> None:
    """Make the tables of automations."""
    _make_firing()
    _make_delivery()
    op.create_table(
        "metric",
        *_texts("connection day body at"),
        sa.PrimaryKeyConstraint("connection", "day", name="pk_metric"),
    )
    op.create_table(
        "turn",
        *_texts("connection rule"),
        sa.Column("next", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "rule", name="pk_turn"),
    )


def _make_firing() -> None:
    op.create_table(
        "firing",
        *_texts("connection rule happening trigger"),
        sa.Column("contact", sa.Text()),
        *_texts("body state reason"),
        sa.Column("tries", sa.Integer(), nullable=False),
        *_texts("at"),
        sa.Column("not_before", sa.Text()),
        sa.Column("ended_at", sa.Text()),
        *_texts("run_id"),
        sa.PrimaryKeyConstraint("connection", "rule", "happening", name="pk_firing"),
    )
    op.create_index(
        "ix_firing_waiting",
        "firing",
        ["connection", "at"],
        sqlite_where=sa.text(_WAITING),
        postgresql_where=sa.text(_WAITING),
    )
    op.create_index("ix_firing_contact", "firing", ["connection", "contact"])


def _make_delivery() -> None:
    op.create_table(
        "delivery",
        sa.Column(
            "seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True
        ),
        *_texts("connection once rule channel target sealed state"),
        sa.Column("tries", sa.Integer(), nullable=False),
        *_texts("at"),
        sa.Column("not_before", sa.Text()),
        sa.Column("ended_at", sa.Text()),
        *_texts("error"),
        sa.PrimaryKeyConstraint("seq", name="pk_delivery"),
        sqlite_autoincrement=True,
    )
    op.create_index("ux_delivery_once", "delivery", ["connection", "once"], unique=True)
    op.create_index(
        "ix_delivery_waiting",
        "delivery",
        ["connection", "not_before"],
        sqlite_where=sa.text(_WAITING),
        postgresql_where=sa.text(_WAITING),
    )


def _texts(names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names.split()]
