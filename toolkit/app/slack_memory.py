"""What the bot may remember, as the front door hands it out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.store.slack import (
    SlackAlerts,
    SlackAudit,
    SlackOutbox,
    SlackPeople,
    SlackShelf,
    StoredBoard,
)

if TYPE_CHECKING:
    from toolkit.model.events import Event
    from toolkit.model.values import Value
    from toolkit.store import Store

__all__ = [
    "SlackAlerts",
    "SlackAudit",
    "SlackOutbox",
    "SlackPeople",
    "SlackShelf",
    "StoredBoard",
    "agreed_values",
]


def agreed_values(store: Store, event: Event) -> dict[str, Value]:
    """What both sides agree on about the record of an event; empty where nothing is known.

    A task's or note's contact lends it owner and tags, so that a rule for somebody's
    contacts also hears of what hangs on them.
    """
    link_id = next((each.link_id for each in event.subjects if each.link_id), None)
    memory = store.connection(event.connection)
    link = None if link_id is None else memory.get_link(link_id)
    if link is None:
        return {}
    parent = None if link.parent is None else memory.get_link(link.parent)
    return {**(parent.base if parent else {}), **link.base}
