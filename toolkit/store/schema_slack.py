"""Tables of the Slack front end: people, settings, alerts, messages, approvals, audit."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, Table, Text, UniqueConstraint, text

from toolkit.store.schema import UtcText, metadata, needed, primary, sequence

IS_TO_SEND = text("state = 'waiting'")
"""Of a message that says something else than what was sent; see `schema`."""

slack_setting = Table(
    "slack_setting",
    metadata,
    primary("team"),
    primary("scope"),
    primary("name"),
    needed("value"),
    Column("at", UtcText, nullable=False),
)
"""What was chosen for a workspace, a channel or a person: routes, mutes, habits, aliases."""

slack_person = Table(
    "slack_person",
    metadata,
    primary("team"),
    primary("user"),
    needed("body"),
    Column("at", UtcText, nullable=False),
)

slack_board = Table(
    "slack_board",
    metadata,
    primary("team"),
    primary("channel"),
    Column("version", Integer, nullable=False),
    needed("body"),
    Column("due_at", UtcText),
)

slack_incident = Table(
    "slack_incident",
    metadata,
    primary("team"),
    primary("channel"),
    primary("key"),
    needed("id"),
    needed("state"),
    Column("at", UtcText, nullable=False),
    needed("body"),
    Index("ix_slack_incident_id", "team", "id"),
)

slack_message = Table(
    "slack_message",
    metadata,
    sequence("seq"),
    needed("slot"),
    needed("team"),
    needed("channel"),
    needed("place"),
    needed("parent"),
    Column("rank", Integer, nullable=False),
    needed("payload"),
    Column("version", Integer, nullable=False),
    Column("sent_version", Integer, nullable=False),
    needed("ts"),
    needed("state"),
    Column("tries", Integer, nullable=False),
    Column("is_unsure", Boolean, nullable=False),
    Column("since", UtcText),
    Column("not_before", UtcText),
    Column("claimed_until", UtcText),
    needed("error"),
    Column("at", UtcText, nullable=False),
    UniqueConstraint("slot"),
    Index(
        "ix_slack_message_to_send",
        "team",
        "channel",
        "rank",
        "seq",
        sqlite_where=IS_TO_SEND,
        postgresql_where=IS_TO_SEND,
    ),
    Index("ix_slack_message_at", "at"),
    sqlite_autoincrement=True,
)

slack_channel = Table(
    "slack_channel",
    metadata,
    primary("team"),
    primary("channel"),
    Column("next_at", UtcText),
    needed("problem"),
)
"""When a channel takes its next message, and why it takes none at all."""

slack_approval = Table(
    "slack_approval",
    metadata,
    primary("id"),
    needed("team"),
    needed("state"),
    Column("expires_at", UtcText, nullable=False),
    needed("body"),
    Index("ix_slack_approval_team", "team", "state"),
)

slack_audit = Table(
    "slack_audit",
    metadata,
    sequence("seq"),
    needed("team"),
    needed("subject"),
    needed("reference"),
    Column("at", UtcText, nullable=False),
    needed("body"),
    needed("hash"),
    Index("ix_slack_audit_team", "team", "seq"),
    sqlite_autoincrement=True,
)

slack_subject = Table(
    "slack_subject",
    metadata,
    primary("team"),
    primary("user"),
    needed("subject"),
)
"""What a salted id of the audit stands for; forgetting a person removes their row."""

slack_seen = Table(
    "slack_seen",
    metadata,
    Column("key", Text, primary_key=True),
    Column("at", UtcText, nullable=False),
    Index("ix_slack_seen_at", "at"),
)
"""Deliveries that were taken on already, for a day."""
