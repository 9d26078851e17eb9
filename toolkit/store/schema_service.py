"""Tables of the service: what came in, what went out, and who works on what.

In a module of their own for length; same habits as `schema`.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from toolkit.store.schema import UtcText, metadata, needed, primary, sequence

IS_PENDING: Final = text("state = 'pending'")
"""Of an event nobody has dealt with; written out for the partial index (see `schema`)."""

inbox = Table(
    "inbox",
    metadata,
    sequence("seq"),
    needed("connection"),
    needed("source"),
    needed("event_id"),
    needed("event_type"),
    needed("kind"),
    needed("record_id"),
    needed("body"),
    Column("received_at", UtcText, nullable=False),
    needed("state"),
    Column("tries", Integer, nullable=False),
    Column("not_before", UtcText),
    needed("error"),
    Column("ended_at", UtcText),
    UniqueConstraint("connection", "source", "event_id"),
    Index(
        "ix_inbox_pending",
        "connection",
        "source",
        "kind",
        "record_id",
        "received_at",
        "not_before",
        sqlite_where=IS_PENDING,
        postgresql_where=IS_PENDING,
    ),
    Index("ix_inbox_received", "connection", "received_at"),
    # A number is never given twice, also after the newest rows were pruned.
    sqlite_autoincrement=True,
)

drain = Table(
    "drain",
    metadata,
    primary("connection"),
    Column("generation", BigInteger, nullable=False),
)

event = Table(
    "event",
    metadata,
    sequence("seq"),
    needed("connection"),
    Column("at", UtcText, nullable=False),
    needed("kind"),
    needed("severity"),
    needed("fingerprint"),
    needed("subjects"),
    needed("fields"),
    needed("reference"),
    needed("facts"),
    Column("once", Text),
    UniqueConstraint("connection", "once"),
    Index("ix_event_connection", "connection", "seq"),
    Index("ix_event_at", "at"),
    sqlite_autoincrement=True,
)

event_cursor = Table(
    "event_cursor",
    metadata,
    primary("connection"),
    primary("name"),
    Column("seq", BigInteger, nullable=False),
)

quota = Table(
    "quota",
    metadata,
    primary("connection"),
    primary("system"),
    # Microseconds since 1970: whole numbers, so that no rounding lets one call too many in.
    Column("schedule_tat", BigInteger, nullable=False),
    Column("webhook_tat", BigInteger, nullable=False),
    Column("not_before", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
)

worker = Table(
    "worker",
    metadata,
    primary("executor_id"),
    needed("role"),
    Column("started_at", UtcText, nullable=False),
    Column("beat_at", UtcText, nullable=False),
)

lease = Table(
    "lease",
    metadata,
    primary("connection"),
    primary("name"),
    needed("owner"),
    needed("purpose"),
    Column("fence", BigInteger, nullable=False),
    Column("expires_at", UtcText, nullable=False),
)

switch = Table(
    "switch",
    metadata,
    primary("connection"),
    Column("is_live", Boolean, nullable=False),
    Column("is_paused", Boolean, nullable=False),
    needed("config_digest"),
    needed("rehearsal_id"),
    Column("changed_at", UtcText, nullable=False),
)

rehearsal = Table(
    "rehearsal",
    metadata,
    primary("connection"),
    primary("rehearsal_id"),
    needed("config_digest"),
    Column("at", UtcText, nullable=False),
    needed("report"),
    Index("ix_rehearsal_at", "connection", "at"),
)
