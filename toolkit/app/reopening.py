"""Taking back a decision: the conflict it settled is open again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from toolkit.model.ids import LinkId, RecordId, Side
from toolkit.model.links import Link, LinkState
from toolkit.model.outcomes import Outcome, OutcomeState
from toolkit.model.plan import Conflict, Update
from toolkit.model.values import Value
from toolkit.planner.fields import is_same
from toolkit.store import ConnectionStore
from toolkit.store.conflicts import ConflictState


def reopen_conflicts(store: ConnectionStore, outcomes: Iterable[Outcome]) -> list[Conflict]:
    """Put back what both sides agreed on before each conflict whose decision was undone.

    An undone edit leaves a difference that was wanted; an undone decision leaves two
    values of which nobody chose one. It counts where both sides show again exactly what
    clashed. A second call changes nothing.

    Returns:
        The conflicts that are open again.
    """
    undone = {
        (outcome.operation.link_id, name)
        for outcome in outcomes
        if outcome.state is OutcomeState.DONE
        and isinstance(outcome.operation, Update)
        and outcome.operation.is_undo
        for name in outcome.operation.after
    }
    if not undone:
        return []
    links: dict[LinkId, Link] = {}
    reopened = []
    for entry in store.list_conflicts(ConflictState.APPLIED):
        found = entry.conflict
        if (found.link_id, found.field) not in undone:
            continue
        link = links.get(found.link_id) or store.get_link(found.link_id)
        if link is not None and _clashes(store, found, link):
            links[link.id] = _with_base(link, found)
            reopened.append(found)
    store.put_links(list(links.values()))
    return reopened


def _clashes(store: ConnectionStore, found: Conflict, link: Link) -> bool:
    if link.state is not LinkState.LIVE:
        return False
    clashing: list[tuple[Side, RecordId, Value]] = [
        (Side.HIGHLEVEL, found.highlevel_id, found.highlevel),
        (Side.TIMETONIC, found.timetonic_id, found.timetonic),
    ]
    for side, record_id, value in clashing:
        record = store.get_observed(side, link.kind, record_id)
        if record is None or not is_same(record.values.get(found.field), value):
            return False
    return True


def _with_base(link: Link, found: Conflict) -> Link:
    aliases = {
        side: {name: value for name, value in alias.items() if name != found.field}
        for side, alias in link.aliases.items()
    }
    return replace(link, base={**link.base, found.field: found.base}, aliases=aliases)
