"""Contacts whose notes were too many to read: their notes are left out on both sides alike.

Left out on one side only, they would look deleted, or would be created a second time.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from itertools import chain

from toolkit.app.wiring import Parts
from toolkit.cli.rehearsal.stage import on_stage
from toolkit.model.ids import Kind, RecordId, Side
from toolkit.model.plan import Join
from toolkit.sandbox.snapshot import Snapshot
from toolkit.store import ConnectionStore


async def leave_notes_out(
    parts: Parts, snapshot: Snapshot, unread: Collection[str]
) -> Snapshot:
    """The snapshot without the TimeTonic notes of these contacts.

    Which row belongs to which contact is what the planner says on a stage of its own.
    """
    mapping = parts.config.mapping.kinds.get(Kind.NOTE)
    if not unread or mapping is None or mapping.parent_column is None:
        return snapshot
    async with on_stage(parts, snapshot) as acting:
        plan = await acting.connection.preview()
        links = acting.memory.links()
    pairs = chain(
        ((each.highlevel_id, each.timetonic_id) for each in links if each.kind is Kind.CONTACT),
        (
            (each.highlevel_id, each.timetonic_id)
            for each in plan.operations
            if isinstance(each, Join) and each.kind is Kind.CONTACT
        ),
    )
    rows = {int(row_id) for contact_id, row_id in pairs if row_id and contact_id in unread}
    book = snapshot.timetonic
    table = book.find_table(mapping.table)
    parent = next(each.id for each in table.fields if each.name == mapping.parent_column)
    gone = {
        row_id
        for row_id, cells in (table.rows or {}).items()
        if rows.intersection(_linked(cells.get(parent)))
    }
    return replace(snapshot, timetonic=book.with_table(table.without_rows(gone)))


def forget_unread(memory: ConnectionStore, unread: Collection[str], *, now: datetime) -> None:
    """Let a copied memory know nothing of these contacts' notes, nor ask for them."""
    if not unread:
        return
    links = {each.id: each for each in memory.links()}
    memory.drop_links(
        [
            each.id
            for each in links.values()
            if each.kind is Kind.NOTE
            and each.parent in links
            and links[each.parent].highlevel_id in unread
        ]
    )
    ids = memory.observed_ids(Side.HIGHLEVEL, Kind.NOTE)
    theirs = [note_id for note_id, parent_id in ids.items() if parent_id in unread]
    memory.forget_observed(Side.HIGHLEVEL, Kind.NOTE, theirs)
    kept = {each.timetonic_id for each in memory.links() if each.kind is Kind.NOTE}
    rows = memory.observed_ids(Side.TIMETONIC, Kind.NOTE).keys() - kept
    memory.forget_observed(Side.TIMETONIC, Kind.NOTE, rows)
    memory.put_note_reads([RecordId(each) for each in unread], now)


def _linked(cell: object) -> set[object]:
    return set(cell) if isinstance(cell, tuple) else set()
