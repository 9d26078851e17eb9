"""Tables of automations: what fired, what is sent out, and figures over time."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text, text

from toolkit.store.schema import UtcText, metadata, needed, primary, sequence

IS_WAITING = text("state = 'waiting'")
"""Of a firing or a delivery that is not at its end; written out for the partial index."""

firing = Table(
    "firing",
    metadata,
    primary("connection"),
    primary("rule"),
    primary("happening"),
    needed("trigger"),
    Column("contact", Text),
    needed("body"),
    needed("state"),
    needed("reason"),
    Column("tries", Integer, nullable=False),
    Column("at", UtcText, nullable=False),
    Column("not_before", UtcText),
    Column("ended_at", UtcText),
    needed("run_id"),
    Index(
        "ix_firing_waiting",
        "connection",
        "at",
        sqlite_where=IS_WAITING,
        postgresql_where=IS_WAITING,
    ),
    Index("ix_firing_contact", "connection", "contact"),
)

delivery = Table(
    "delivery",
    metadata,
    sequence("seq"),
    needed("connection"),
    needed("once"),
    needed("rule"),
    needed("channel"),
    needed("target"),
    needed("sealed"),
    needed("state"),
    Column("tries", Integer, nullable=False),
    Column("at", UtcText, nullable=False),
    Column("not_before", UtcText),
    Column("ended_at", UtcText),
    needed("error"),
    Index("ux_delivery_once", "connection", "once", unique=True),
    Index(
        "ix_delivery_waiting",
        "connection",
        "not_before",
        sqlite_where=IS_WAITING,
        postgresql_where=IS_WAITING,
    ),
    sqlite_autoincrement=True,
)

metric = Table(
    "metric",
    metadata,
    primary("connection"),
    primary("day"),
    needed("body"),
    Column("at", UtcText, nullable=False),
)

turn = Table(
    "turn",
    metadata,
    primary("connection"),
    primary("rule"),
    Column("next", BigInteger, nullable=False),
)
"""Whose turn it is in a round robin; also the journal line an automation has read up to."""
