"""What the store holds beside a pair: values as each side showed them, owners, tags in use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from toolkit.app.contact_index import STANDING
from toolkit.app.front_state import last_done_at
from toolkit.mapping.context import Owner
from toolkit.model.ids import Kind, RecordId, Side
from toolkit.model.links import LinkState
from toolkit.model.outcomes import OutcomeState

if TYPE_CHECKING:
    from toolkit.model.links import Link
    from toolkit.model.values import Value
    from toolkit.store import ConnectionStore

_LATELY: Final = 20


def seen_values(store: ConnectionStore, link: Link) -> dict[Side, Mapping[str, Value]]:
    """Side -> what its record was last seen to hold; nothing for a side that has none."""
    return {side: _seen(store, link, side) for side in Side}


def synced_at(store: ConnectionStore, link: Link) -> datetime | None:
    """When both sides were last seen to agree; None for never.

    For a pair that is well that is the last good run's end, whether it wrote or not.
    """
    if link.state is LinkState.LIVE:
        return last_done_at(store.list_runs(_LATELY))
    newest = store.list_journal(link_id=link.id, states=[OutcomeState.DONE], limit=1)
    return newest[0].at if newest else None


def known_owners(store: ConnectionStore) -> list[Owner]:
    """HighLevel's users, as they were read last."""
    memo: Any = store.get_memo("surroundings.highlevel") or {}
    return [Owner(**each) for each in memo.get("users", ())]


def tags_in_use(store: ConnectionStore) -> list[str]:
    """Every tag of a contact, the most used first."""
    counts: Counter[str] = Counter()
    for link in store.links(Kind.CONTACT, STANDING):
        held = link.base.get("tags")
        if isinstance(held, tuple):
            counts.update(str(each) for each in held)
    return [tag for tag, _ in counts.most_common()]


def _seen(store: ConnectionStore, link: Link, side: Side) -> Mapping[str, Value]:
    record_id = link.id_on(side)
    if record_id is None:
        return {}
    record = store.get_observed(side, link.kind, RecordId(record_id))
    return link.shown_on(side) if record is None else record.values
