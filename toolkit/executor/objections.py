"""Why an operation must not be carried out any more: what it stood on has moved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from toolkit.executor.context import RunContext, parent_id_of, ref_of
from toolkit.model.ids import Kind, RecordId, Side
from toolkit.model.links import Link, LinkState, deletion_reason
from toolkit.model.plan import Create, Delete, Join, Rebase, Unlink, Update, Write
from toolkit.model.records import Record
from toolkit.model.values import Value

EDITED: Final = "it was edited since"
GONE: Final = "it is gone"
SHOWN: Final = "it shows the wanted values already"


def write_objection(
    write: Write, fresh: Mapping[RecordId, Record | None] | None, context: RunContext
) -> str:
    """Why a write must not be sent; empty when nothing speaks against it.

    Args:
        write: The write.
        fresh: Records as just read; None where what was seen is young enough.
        context: The run.
    """
    if isinstance(write, Create):
        return _create_objection(write, context)
    if fresh is None:
        return ""
    record = fresh.get(write.id)
    if record is None:
        return GONE
    link = context.ledger.get_link(write.link_id)
    # Roll-ups are written and never read back: the pair remembers what they show.
    shown = {**(link.shown_on(write.side) if link else {}), **record.values}
    if isinstance(write, Update) and _shows(shown, write.after):
        return SHOWN
    return "" if _shows(shown, write.before) else EDITED


async def child_objection(write: Delete, context: RunContext) -> str:
    """Why a contact must not be deleted: something below it would go unseen.

    What hangs on it and was never paired, or was edited since, stands nowhere else.

    Raises:
        VendorError: What hangs on it could not be read.
    """
    if write.kind is not Kind.CONTACT or write.mode != "delete":
        return ""
    for child in await context.ports[write.side].list_children(ref_of(write, context)):
        link = context.ledger.find_link_by_id(child.kind, child.side, child.id)
        shown = link.shown_on(child.side) if link is not None else {}
        if link is None or any(child.values.get(f, v) != v for f, v in shown.items()):
            return f"a {child.kind} that stands nowhere else would go with it"
    return ""


def _create_objection(write: Create, context: RunContext) -> str:
    link = context.ledger.get_link(write.link_id)
    if write.is_birth and write.kind.is_paired:
        return _birth_objection(write, link, context)
    if link is not None and link.generation >= write.generation:
        if _is_refused_create(link, context):
            return _parent_objection(write, context)
        return "its twin exists already" if link.id_on(write.side) else "it waits for a person"
    return _parent_objection(write, context)


def _birth_objection(write: Create, link: Link | None, context: RunContext) -> str:
    """A record that was made before leaves no pair behind; the journal knows of it."""
    if context.ledger.was_done(write.link_id):
        return "it was made before"
    if link is not None and link.state is LinkState.HALF:
        return "its first try is still without an answer"
    return _parent_objection(write, context)


def _parent_objection(write: Create, context: RunContext) -> str:
    if write.parent is not None and parent_id_of(write, context) is None:
        return "its contact does not exist there"
    return ""


def _is_refused_create(link: Link, context: RunContext) -> bool:
    """Whether an earlier try was refused and has rested since."""
    is_half = link.highlevel_id is None or link.timetonic_id is None
    is_over = link.not_before is not None and link.not_before <= context.now()
    return link.state is LinkState.PARKED and is_half and is_over


def _shows(shown: Mapping[str, Value], wanted: Mapping[str, Value]) -> bool:
    return all(shown.get(f) == v for f, v in wanted.items())


def local_objection(
    operation: Join | Rebase | Unlink, link: Link | None, context: RunContext
) -> str:
    """Why a step of an older plan no longer fits the pair as it stands."""
    if isinstance(operation, Join):
        # A pair that fell apart may live again; an undo since then is a person's word.
        is_free = link is None or (
            link.state is LinkState.UNLINKED and link.reason.startswith(deletion_reason(()))
        )
        return "" if is_free else "they are linked already"
    if link is None or link.state is not LinkState.LIVE:
        return "the pair is not kept in step any more"
    if isinstance(operation, Rebase) and not _both_show(link, operation.base, context):
        return "the values have moved on"
    return ""


def _both_show(link: Link, agreed: Mapping[str, Value], context: RunContext) -> bool:
    for side in Side:
        record_id = link.id_on(side)
        record = record_id and context.ledger.get_observed(side, link.kind, record_id)
        if record and any(record.values.get(f, v) != v for f, v in agreed.items()):
            return False
    return True
