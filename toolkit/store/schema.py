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


def needed(name: str) -> Column[str]:
    """A text that is always there."""
    return Column(name, Text, nullable=False)


def primary(name: str) -> Column[str]:
    """A text of the primary key."""
    return Column(name, Text, primary_key=True)


def sequence(name: str) -> Column[int]:
    """A number that the database gives, growing."""
    return Column(name, _SEQUENCE, primary_key=True, autoincrement=True)


link = Table(
    "link",
    metadata,
    primary("connection"),
    primary("link_id"),
    needed("kind"),
    needed("correlation"),
    Column("highlevel_id", Text),
    Column("timetonic_id", Text),
    needed("state"),
    Column("parent", Text),
    needed("base"),
    needed("aliases"),
    Column("generation", Integer, nullable=False),
    needed("reason"),
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
    sequence("op_id"),
    needed("connection"),
    needed("run_id"),
    needed("link_id"),
    needed("side"),
    needed("verb"),
    needed("operation"),
    needed("state"),
    Column("tries", Integer, nullable=False),
    needed("error"),
    Column("at", UtcText, nullable=False),
    Index("ix_outbox_open", "connection", "state", "op_id"),
    Index("ix_outbox_link", "connection", "link_id", "side"),
)

journal = Table(
    "journal",
    metadata,
    sequence("seq"),
    needed("connection"),
    needed("run_id"),
    needed("link_id"),
    needed("kind"),
    Column("side", Text),
    needed("verb"),
    Column("record_id", Text),
    needed("before"),
    needed("after"),
    needed("state"),
    needed("reason"),
    needed("error"),
    needed("reference"),
    needed("altered"),
    Column("is_retryable", Boolean, nullable=False),
    Column("at", UtcText, nullable=False),
    needed("operation"),
    Index("ix_journal_run", "connection", "run_id", "seq"),
    Index("ix_journal_link", "connection", "link_id", "seq"),
)

run = Table(
    "run",
    metadata,
    primary("connection"),
    primary("run_id"),
    needed("verb"),
    needed("plan_hash"),
    needed("config_digest"),
    needed("state"),
    needed("verdict"),
    Column("started_at", UtcText, nullable=False),
    Column("ended_at", UtcText),
    Column("report", Text),
)

conflict = Table(
    "conflict",
    metadata,
    primary("connection"),
    primary("conflict_id"),
    needed("fingerprint"),
    needed("link_id"),
    needed("kind"),
    needed("field"),
    needed("highlevel_id"),
    needed("timetonic_id"),
    needed("base"),
    needed("highlevel"),
    needed("timetonic"),
    needed("state"),
    needed("run_id"),
    Column("opened_at", UtcText, nullable=False),
    Column("choice", Text),
    Column("chosen_by", Text),
    Column("closed_at", UtcText),
    UniqueConstraint("connection", "fingerprint"),
)

finding = Table(
    "finding",
    metadata,
    primary("connection"),
    Column("position", Integer, primary_key=True, autoincrement=False),
    needed("run_id"),
    needed("shape"),
    needed("body"),
)

observed = Table(
    "observed",
    metadata,
    primary("connection"),
    primary("side"),
    primary("kind"),
    primary("record_id"),
    Column("parent_id", Text),
    Column("correlation", Text),
    needed("digest"),
    needed("body"),
    needed("problems"),
    Column("updated_at", UtcText),
    needed("seen_run"),
)

cursor = Table(
    "cursor",
    metadata,
    primary("connection"),
    primary("side"),
    primary("kind"),
    primary("scope"),
    needed("value"),
)

memo = Table(
    "memo",
    metadata,
    primary("connection"),
    primary("key"),
    needed("value"),
    Column("at", UtcText, nullable=False),
)

note_read = Table(
    "note_read",
    metadata,
    primary("connection"),
    primary("contact_id"),
    Column("notes_read_at", UtcText, nullable=False),
)

calls = Table(
    "calls",
    metadata,
    primary("connection"),
    primary("side"),
    primary("month"),
    Column("sent", BigInteger, nullable=False),
)

plan = Table(
    "plan",
    metadata,
    primary("connection"),
    primary("hash"),
    needed("body"),
    Column("at", UtcText, nullable=False),
)

secret = Table(
    "secret",
    metadata,
    primary("connection"),
    primary("name"),
    needed("sealed"),
    Column("at", UtcText, nullable=False),
)
