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
    from toolkit.store import Store

__all__ = [
    "SlackAlerts",
    "SlackAudit",
    "SlackOutbox",
    "SlackPeople",
    "SlackShelf",
    "StoredBoard",
    "slack_memory",
]


def slack_memory(store: Store) -> SlackShelf:
    """People, alerts, messages and audit of a home; nothing is read or written yet."""
    return store.slack
