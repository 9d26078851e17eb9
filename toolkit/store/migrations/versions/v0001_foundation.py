"""Links, outbox, journal, runs, conflicts, observations, cursors, memos and the vault.

Frozen: later changes get a version of their own.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_ACTIVE = "state IN ('half', 'live', 'parked')"
_RETIRED = "state IN ('unlinked', 'deleted')"


def upgrade() -> None:
    """Make the first tables."""
    _make_links()
    _make_outbox()
    _make_journal()
    _make_runs()
    _make_conflicts()
    _make_observations()
    _make_memory()


def _make_links() -> None:
    _table(
        "link",
        "connection link_id",
        needed="kind correlation state base aliases reason",
        optional="highlevel_id timetonic_id parent not_before",
        numbers="generation fails",
    )
    for side in ("highlevel", "timetonic"):
        op.create_index(
            f"ux_link_{side}",
            "link",
            ["connection", "kind", f"{side}_id"],
            unique=True,
            sqlite_where=sa.text(_ACTIVE),
            postgresql_where=sa.text(_ACTIVE),
        )
        op.create_index(
            f"ix_link_{side}_retired",
            "link",
            ["connection", "kind", f"{side}_id"],
            sqlite_where=sa.text(_RETIRED),
            postgresql_where=sa.text(_RETIRED),
        )


def _make_outbox() -> None:
    _table(
        "outbox",
        "",
        sequence="op_id",
        needed="connection run_id link_id side verb operation state error at",
        numbers="tries",
    )
    op.create_index("ix_outbox_open", "outbox", ["connection", "state", "op_id"])
    op.create_index("ix_outbox_link", "outbox", ["connection", "link_id", "side"])


def _make_journal() -> None:
    _table(
        "journal",
        "",
        sequence="seq",
        needed="connection run_id link_id kind verb before after state reason error "
        "reference altered at operation",
        optional="side record_id",
        flags="is_retryable",
    )
    op.create_index("ix_journal_run", "journal", ["connection", "run_id", "seq"])
    op.create_index("ix_journal_link", "journal", ["connection", "link_id", "seq"])


def _make_runs() -> None:
    _table(
        "run",
        "connection run_id",
        needed="verb plan_hash config_digest state verdict started_at",
        optional="ended_at report",
    )
    _table("plan", "connection hash", needed="body at")


def _make_conflicts() -> None:
    _table(
        "conflict",
        "connection conflict_id",
        needed="fingerprint link_id kind field highlevel_id timetonic_id base highlevel "
        "timetonic state run_id opened_at",
        optional="choice chosen_by closed_at",
        constraints=(
            sa.UniqueConstraint(
                "connection", "fingerprint", name="uq_conflict_connection_fingerprint"
            ),
        ),
    )
    _table("finding", "connection", needed="run_id shape body", numbered="position")


def _make_observations() -> None:
    _table(
        "observed",
        "connection side kind record_id",
        needed="digest body problems seen_run",
        optional="parent_id correlation updated_at",
    )
    _table("cursor", "connection side kind scope", needed="value")


def _make_memory() -> None:
    _table("memo", "connection key", needed="value at")
    _table("note_read", "connection contact_id", needed="notes_read_at")
    _table("calls", "connection side month", big="sent")
    _table("secret", "connection name", needed="sealed at")


def _table(  # noqa: PLR0913 — the shapes a table of this version has
    name: str,
    key: str,
    *,
    sequence: str = "",
    numbered: str = "",
    needed: str = "",
    optional: str = "",
    numbers: str = "",
    big: str = "",
    flags: str = "",
    constraints: tuple[sa.Constraint, ...] = (),
) -> None:
    long = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    keys = [*key.split(), *numbered.split(), *sequence.split()]
    columns: list[sa.Column[Any]] = [
        *(sa.Column(word, sa.Text(), nullable=False) for word in key.split()),
        *(sa.Column(word, sa.Integer(), autoincrement=False) for word in numbered.split()),
        *(sa.Column(word, long, autoincrement=True) for word in sequence.split()),
        *(sa.Column(word, sa.Text(), nullable=False) for word in needed.split()),
        *(sa.Column(word, sa.Text()) for word in optional.split()),
        *(sa.Column(word, sa.Integer(), nullable=False) for word in numbers.split()),
        *(sa.Column(word, sa.BigInteger(), nullable=False) for word in big.split()),
        *(sa.Column(word, sa.Boolean(), nullable=False) for word in flags.split()),
    ]
    op.create_table(
        name, *columns, sa.PrimaryKeyConstraint(*keys, name=f"pk_{name}"), *constraints
    )
