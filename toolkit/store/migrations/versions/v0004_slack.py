"""People, settings, alerts, messages, approvals and the audit of the Slack front end.

Frozen: later changes get a version of their own.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TO_SEND = "state = 'waiting'"


def upgrade() -> None:
    """Make the tables of the Slack front end."""
    _make_people()
    _make_alerts()
    _make_messages()
    _make_approvals()
    _make_audit()


def _make_people() -> None:
    op.create_table(
        "slack_setting",
        *_texts("team scope name value at"),
        sa.PrimaryKeyConstraint("team", "scope", "name", name="pk_slack_setting"),
    )
    op.create_table(
        "slack_person",
        *_texts("team user body at"),
        sa.PrimaryKeyConstraint("team", "user", name="pk_slack_person"),
    )
    op.create_table(
        "slack_seen",
        *_texts("key at"),
        sa.PrimaryKeyConstraint("key", name="pk_slack_seen"),
    )
    op.create_index("ix_slack_seen_at", "slack_seen", ["at"])


def _make_alerts() -> None:
    op.create_table(
        "slack_board",
        *_texts("team channel"),
        sa.Column("version", sa.Integer(), nullable=False),
        *_texts("body"),
        sa.Column("due_at", sa.Text()),
        sa.PrimaryKeyConstraint("team", "channel", name="pk_slack_board"),
    )
    op.create_table(
        "slack_incident",
        *_texts("team channel key id state at body"),
        sa.PrimaryKeyConstraint("team", "channel", "key", name="pk_slack_incident"),
    )
    op.create_index("ix_slack_incident_id", "slack_incident", ["team", "id"])


def _make_messages() -> None:
    op.create_table(
        "slack_message",
        _number(),
        *_texts("slot team channel place parent"),
        sa.Column("rank", sa.Integer(), nullable=False),
        *_texts("payload"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sent_version", sa.Integer(), nullable=False),
        *_texts("ts state"),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("is_unsure", sa.Boolean(), nullable=False),
        sa.Column("since", sa.Text()),
        sa.Column("not_before", sa.Text()),
        sa.Column("claimed_until", sa.Text()),
        *_texts("error at"),
        sa.PrimaryKeyConstraint("seq", name="pk_slack_message"),
        sa.UniqueConstraint("slot", name="uq_slack_message_slot"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_slack_message_to_send",
        "slack_message",
        ["team", "channel", "rank", "seq"],
        sqlite_where=sa.text(_TO_SEND),
        postgresql_where=sa.text(_TO_SEND),
    )
    op.create_index("ix_slack_message_at", "slack_message", ["at"])
    op.create_table(
        "slack_channel",
        *_texts("team channel"),
        sa.Column("next_at", sa.Text()),
        *_texts("problem"),
        sa.PrimaryKeyConstraint("team", "channel", name="pk_slack_channel"),
    )


def _make_approvals() -> None:
    op.create_table(
        "slack_approval",
        *_texts("id team state expires_at body"),
        sa.PrimaryKeyConstraint("id", name="pk_slack_approval"),
    )
    op.create_index("ix_slack_approval_team", "slack_approval", ["team", "state"])


def _make_audit() -> None:
    op.create_table(
        "slack_audit",
        _number(),
        *_texts("team subject reference at body hash"),
        sa.PrimaryKeyConstraint("seq", name="pk_slack_audit"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_slack_audit_team", "slack_audit", ["team", "seq"])
    op.create_table(
        "slack_subject",
        *_texts("team user subject"),
        sa.PrimaryKeyConstraint("team", "user", name="pk_slack_subject"),
    )


def _number() -> sa.Column[int]:
    return sa.Column(
        "seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True
    )


def _texts(names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names.split()]
