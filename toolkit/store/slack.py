"""The Slack front end's part of the memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from toolkit.store.slack_alerts import READER, SlackAlerts, StoredBoard
from toolkit.store.slack_audit import SlackAudit
from toolkit.store.slack_outbox import SlackOutbox
from toolkit.store.slack_people import SlackPeople

if TYPE_CHECKING:
    from toolkit.store.shelf import Surroundings
    from toolkit.store.transactions import Transactions

__all__ = [
    "READER",
    "SlackAlerts",
    "SlackAudit",
    "SlackOutbox",
    "SlackPeople",
    "SlackShelf",
    "StoredBoard",
]


@dataclass(frozen=True, slots=True)
class SlackShelf:
    """All that the bot remembers. Synchronous; safe from any thread.

    Attributes:
        people: Members, settings, approvals, deliveries seen before.
        alerts: What stands for which events in which channel.
        outbox: What is to be said.
        audit: Who did what.
    """

    people: SlackPeople
    alerts: SlackAlerts
    outbox: SlackOutbox
    audit: SlackAudit

    @classmethod
    def of(cls, transactions: Transactions, surroundings: Surroundings) -> Self:
        """The shelf of a store."""
        return cls(
            SlackPeople(transactions, surroundings),
            SlackAlerts(transactions, surroundings),
            SlackOutbox(transactions, surroundings),
            SlackAudit(transactions, surroundings),
        )
