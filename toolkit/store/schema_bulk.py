"""The table of batches: what was staged together, and how far it has come."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table

from toolkit.store.schema import UtcText, metadata, needed, primary

batch = Table(
    "batch",
    metadata,
    primary("connection"),
    primary("id"),
    needed("name"),
    needed("state"),
    Column("made_at", UtcText, nullable=False),
    Column("changed_at", UtcText, nullable=False),
    needed("recipe"),
    needed("body"),
    Index("ix_batch_made", "connection", "made_at"),
)
"""`recipe` is what was asked for and never changes; `body` what became of it so far."""
