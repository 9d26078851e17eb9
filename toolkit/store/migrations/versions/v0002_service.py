"""Inbox, events, quota, workers, leases, switches and rehearsals.

Frozen: later changes get a version of their own.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_PENDING = "state = 'pending'"


def upgrade() -> None:
    """Make the tables of the service."""
    _make_inbox()
    _make_events()
    _make_workers()
    _make_switches()


def _make_inbox() -> None:
    op.create_table(
        "inbox",
        _sequence(),
        *_texts("connection source event_id event_type kind record_id body received_at state"),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.Text()),
        *_texts("error"),
        sa.Column("ended_at", sa.Text()),
        sa.PrimaryKeyConstraint("seq", name="pk_inbox"),
        sa.UniqueConstraint(
            "connection", "source", "event_id", name="uq_inbox_connection_source_event_id"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_inbox_pending",
        "inbox",
        ["connection", "source", "kind", "record_id", "received_at", "not_before"],
        sqlite_where=sa.text(_PENDING),
        postgresql_where=sa.text(_PENDING),
    )
    op.create_index("ix_inbox_received", "inbox", ["connection", "received_at"])
    op.create_table(
        "drain",
        *_texts("connection"),
        *_numbers("generation"),
        sa.PrimaryKeyConstraint("connection", name="pk_drain"),
    )


def _make_events() -> None:
    op.create_table(
        "event",
        _sequence(),
        *_texts("connection at kind severity fingerprint subjects fields reference facts"),
        sa.Column("once", sa.Text()),
        sa.PrimaryKeyConstraint("seq", name="pk_event"),
        sa.UniqueConstraint("connection", "once", name="uq_event_connection_once"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_event_connection", "event", ["connection", "seq"])
    op.create_index("ix_event_at", "event", ["at"])
    op.create_table(
        "event_cursor",
        *_texts("connection name"),
        *_numbers("seq"),
        sa.PrimaryKeyConstraint("connection", "name", name="pk_event_cursor"),
    )


def _make_workers() -> None:
    op.create_table(
        "quota",
        *_texts("connection system"),
        *_numbers("schedule_tat webhook_tat not_before seen_at"),
        sa.PrimaryKeyConstraint("connection", "system", name="pk_quota"),
    )
    op.create_table(
        "worker",
        *_texts("executor_id role started_at beat_at"),
        sa.PrimaryKeyConstraint("executor_id", name="pk_worker"),
    )
    op.create_table(
        "lease",
        *_texts("connection name owner purpose"),
        *_numbers("fence"),
        *_texts("expires_at"),
        sa.PrimaryKeyConstraint("connection", "name", name="pk_lease"),
    )


def _make_switches() -> None:
    op.create_table(
        "switch",
        *_texts("connection"),
        sa.Column("is_live", sa.Boolean(), nullable=False),
        sa.Column("is_paused", sa.Boolean(), nullable=False),
        *_texts("config_digest rehearsal_id changed_at"),
        sa.PrimaryKeyConstraint("connection", name="pk_switch"),
    )
    op.create_table(
        "rehearsal",
        *_texts("connection rehearsal_id config_digest at report"),
        sa.PrimaryKeyConstraint("connection", "rehearsal_id", name="pk_rehearsal"),
    )
    op.create_index("ix_rehearsal_at", "rehearsal", ["connection", "at"])


def _sequence() -> sa.Column[Any]:
    long = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column("seq", long, autoincrement=True)


def _texts(names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names.split()]


def _numbers(names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names.split()]
