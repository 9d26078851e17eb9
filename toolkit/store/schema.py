"""The tables. Every one is keyed by the connection's name; one file serves many.

Times are text (fixed width, UTC), values are canonical JSON text: both read the same on
SQLite and PostgreSQL, and a digest of stored text means what it meant when written.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect


class UtcText(TypeDecorator[datetime]):
    """An aware instant as `2026-11-23T11:43:12.000000Z`, which also sorts as text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """To text; a naive time is refused, since nobody knows when it was."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time needs its zone")
        # Not strftime: it writes the year 1 without its zeros, which then sorts last.
        bare = value.astimezone(UTC).replace(tzinfo=None)
        return bare.isoformat(timespec="microseconds") + "Z"

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """From text, aware UTC."""
        if value is None:
            return None
        return datetime.fromisoformat(value)


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

# SQLite numbers rows by itself only where the type reads exactly INTEGER.
_SEQUENCE = BigInteger().with_variant(Integer(), "sqlite")

# Written out, not bound: SQLite takes a partial index only where the query repeats its
# condition word for word (sqlite.org/partialindex.html, read 2026-11).
IS_ACTIVE = text("state IN ('half', 'live', 'parked')")
"""Of a link that owns its records: no other active link may hold their ids."""
IS_RETIRED = text("state IN ('unlinked', 'deleted')")


def _needed(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def _key(name: str) -> Column[str]:
    return Column(name, Text, primary_key=True)


link = Table(
    "link",
    metadata,
    _key("connection"),
    _key("link_id"),
    _needed("kind"),
    _needed("correlation"),
    Column("highlevel_id", Text),
    Column("timetonic_id", Text),
    _needed("state"),
    Column("parent", Text),
    _needed("base"),
    _needed("aliases"),
    Column("generation", Integer, nullable=False),
    _needed("reason"),
    Column("fails", Integer, nullable=False),
    Column("not_before", UtcText),
)
for _side in ("highlevel", "timetonic"):
    Index(
        f"ux_link_{_side}",
        link.c.connection,
        link.c.kind,
        link.c[f"{_side}_id"],
        unique=True,
        sqlite_where=IS_ACTIVE,
        postgresql_where=IS_ACTIVE,
    )
    Index(
        f"ix_link_{_side}_retired",
        link.c.connection,
        link.c.kind,
        link.c[f"{_side}_id"],
        sqlite_where=IS_RETIRED,
        postgresql_where=IS_RETIRED,
    )

outbox = Table(
    "outbox",
    metadata,
    Column("op_id", _SEQUENCE, primary_key=True, autoincrement=True),
    _needed("connection"),
    _needed("run_id"),
    _needed("link_id"),
    _needed("side"),
    _needed("verb"),
    _needed("operation"),
    _needed("state"),
    Column("tries", Integer, nullable=False),
    _needed("error"),
    Column("at", UtcText, nullable=False),
    Index("ix_outbox_open", "connection", "state", "op_id"),
    Index("ix_outbox_link", "connection", "link_id", "side"),
)

journal = Table(
    "journal",
    metadata,
    Column("seq", _SEQUENCE, primary_key=True, autoincrement=True),
    _needed("connection"),
    _needed("run_id"),
    _needed("link_id"),
    _needed("kind"),
    Column("side", Text),
    _needed("verb"),
    Column("record_id", Text),
    _needed("before"),
    _needed("after"),
    _needed("state"),
    _needed("reason"),
    _needed("error"),
    _needed("reference"),
    _needed("altered"),
    Column("is_retryable", Boolean, nullable=False),
    Column("at", UtcText, nullable=False),
    _needed("operation"),
    Index("ix_journal_run", "connection", "run_id", "seq"),
    Index("ix_journal_link", "connection", "link_id", "seq"),
)

run = Table(
    "run",
    metadata,
    _key("connection"),
    _key("run_id"),
    _needed("verb"),
    _needed("plan_hash"),
    _needed("config_digest"),
    _needed("state"),
    _needed("verdict"),
    Column("started_at", UtcText, nullable=False),
    Column("ended_at", UtcText),
    Column("report", Text),
)

conflict = Table(
    "conflict",
    metadata,
    _key("connection"),
    _key("conflict_id"),
    _needed("fingerprint"),
    _needed("link_id"),
    _needed("kind"),
    _needed("field"),
    _needed("highlevel_id"),
    _needed("timetonic_id"),
    _needed("base"),
    _needed("highlevel"),
    _needed("timetonic"),
    _needed("state"),
    _needed("run_id"),
    Column("opened_at", UtcText, nullable=False),
    Column("choice", Text),
    Column("chosen_by", Text),
    Column("closed_at", UtcText),
    UniqueConstraint("connection", "fingerprint"),
)

finding = Table(
    "finding",
    metadata,
    _key("connection"),
    Column("position", Integer, primary_key=True, autoincrement=False),
    _needed("run_id"),
    _needed("shape"),
    _needed("body"),
)

observed = Table(
    "observed",
    metadata,
    _key("connection"),
    _key("side"),
    _key("kind"),
    _key("record_id"),
    Column("parent_id", Text),
    Column("correlation", Text),
    _needed("digest"),
    _needed("body"),
    _needed("problems"),
    Column("updated_at", UtcText),
    _needed("seen_run"),
)

cursor = Table(
    "cursor",
    metadata,
    _key("connection"),
    _key("side"),
    _key("kind"),
    _key("scope"),
    _needed("value"),
)

memo = Table(
    "memo",
    metadata,
    _key("connection"),
    _key("key"),
    _needed("value"),
    Column("at", UtcText, nullable=False),
)

note_read = Table(
    "note_read",
    metadata,
    _key("connection"),
    _key("contact_id"),
    Column("notes_read_at", UtcText, nullable=False),
)

calls = Table(
    "calls",
    metadata,
    _key("connection"),
    _key("side"),
    _key("month"),
    Column("sent", BigInteger, nullable=False),
)

plan = Table(
    "plan",
    metadata,
    _key("connection"),
    _key("hash"),
    _needed("body"),
    Column("at", UtcText, nullable=False),
)

secret = Table(
    "secret",
    metadata,
    _key("connection"),
    _key("name"),
    _needed("sealed"),
    Column("at", UtcText, nullable=False),
)
