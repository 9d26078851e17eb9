"""What rules leave behind, as entries: the messages they send."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydantic import Field

from toolkit.app.catalog.entry import Input
from toolkit.app.catalog.use_case import Nothing, UseCase
from toolkit.app.connection import Connection
from toolkit.app.delivering import Delivered
from toolkit.errors import UseError
from toolkit.store.deliveries import DeliveryEntry, DeliveryState

if TYPE_CHECKING:
    from toolkit.app.mailbox import Mailbox
    from toolkit.app.wiring import Parts


class DeliveriesInput(Input):
    """Which messages."""

    states: tuple[DeliveryState, ...] | None = None
    limit: int = Field(50, ge=1, le=1000)


class ReviveInput(Input):
    """Which message: its id, or the beginning of it; all that were given up without one."""

    delivery_id: str | None = None


async def _deliveries(parts: Parts, given: DeliveriesInput) -> list[DeliveryEntry]:
    mailbox = _mailbox(parts)
    return mailbox.entries(states=given.states, limit=given.limit)


async def _deliver(parts: Parts, _given: Nothing) -> Delivered:
    return await Connection(parts).deliver()


async def _revive(parts: Parts, given: ReviveInput) -> int:
    return _mailbox(parts).revive(given.delivery_id)


def _mailbox(parts: Parts) -> Mailbox:
    if parts.mailbox is None:
        raise UseError("This connection sends no messages", unchanged="Nothing was changed")
    return parts.mailbox


AUTOMATIONS: Final = (
    UseCase(
        "deliveries",
        "Messages that rules send to other systems, newest first; what they say stays sealed.",
        _deliveries,
        list[DeliveryEntry],
        DeliveriesInput,
        {"limit": 10},
    ),
    UseCase(
        "deliver",
        "Send messages that are due now; every run and the service do the same.",
        _deliver,
        Delivered,
        is_write=True,
    ),
    UseCase(
        "revive_deliveries",
        "Give messages that were given up all their tries again.",
        _revive,
        int,
        ReviveInput,
        is_write=True,
    ),
)
