"""Messages out of the house: put in by rules, taken out by whoever brings them away.

Bodies are sealed at rest. A message is named by its cause, so that a rule that is worked out
again after a crash puts nothing in twice.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from toolkit.model.automation import Firing, Send
from toolkit.model.events import (
    Event,
    EventKind,
    Subject,
    condition_fingerprint,
    usual_severity,
)
from toolkit.model.ids import Kind
from toolkit.model.values import canonical_json
from toolkit.store.deliveries import DeliveryEntry, DeliveryState, NewDelivery, TakenDelivery

if TYPE_CHECKING:
    from toolkit.store import ConnectionStore, Vault

RETRY_AFTER_S: Final = (60.0, 300.0, 1_800.0, 7_200.0, 21_600.0)
"""Seconds between tries; after the last one a message is dead."""


@dataclass(frozen=True, slots=True)
class Message:
    """What a rule wants sent.

    Attributes:
        once: Names it within the connection, the same each time the rule is worked out.
        rule: The rule's name.
    """

    once: str
    rule: str
    send: Send


def messages_of(firings: Iterable[Firing]) -> list[Message]:
    """What firings send, each message named by its firing and its place among the effects."""
    return [
        Message(f"{firing.id}/{number}", firing.rule, effect)
        for firing in firings
        for number, effect in enumerate(firing.effects)
        if isinstance(effect, Send)
    ]


@dataclass(frozen=True, slots=True)
class Letter:
    """A message taken out, with its body.

    Attributes:
        body: JSON; may hold personal values.
    """

    entry: DeliveryEntry
    body: Mapping[str, Any]

    @property
    def id(self) -> str:
        """The same at each try; receivers tell repeats by it."""
        return self.entry.id


class Mailbox:
    """One connection's messages. Synchronous; call it off the event loop.

    Args:
        store: Keeps them.
        vault: Seals them.
        now: The moment, aware.
    """

    def __init__(
        self, store: ConnectionStore, vault: Vault, *, now: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._vault = vault
        self._now = now

    def put(self, messages: Sequence[Message]) -> list[str]:
        """Keep messages; their ids in order. Twice is once.

        What goes to Slack is told to the feed as well, by its id and without its text.
        """
        ids = self._store.put_deliveries(
            [
                NewDelivery(
                    once=each.once,
                    rule=each.rule,
                    channel=each.send.channel,
                    target=each.send.to,
                    sealed=self._vault.seal(canonical_json(dict(each.send.body))),
                )
                for each in messages
            ]
        )
        self._store.feed.append_events(
            [
                self._posted(each, id_)
                for id_, each in zip(ids, messages, strict=True)
                if each.send.channel == "slack"
            ]
        )
        return ids

    def take(
        self,
        channel: str,
        *,
        targets: Collection[str] | None = None,
        limit: int = 10,
        lease_s: float = 60.0,
    ) -> list[Letter]:
        """Messages that are due, oldest first, for the caller alone.

        Say within `lease_s` seconds what became of each, with `mark_delivered` or
        `mark_undelivered`; else another one may take it. A message is thus sent at least
        once, and twice where its sender dies between sending and marking.

        Args:
            channel: `slack` or `url`.
            targets: Only to one of these; None for any.
            limit: At most so many.
            lease_s: How long they are the caller's.
        """
        taken = self._store.take_deliveries(
            channel, targets=targets, limit=limit, lease_s=lease_s
        )
        return [self._opened(each) for each in taken]

    def mark_delivered(self, ids: Iterable[str]) -> None:
        """These arrived; their bodies are forgotten. Twice is once."""
        self._store.mark_delivered(ids)

    def mark_undelivered(
        self,
        entry: DeliveryEntry,
        error: str,
        *,
        wait_s: float | None = None,
        is_final: bool = False,
    ) -> bool:
        """This one did not arrive: it waits for its next try, or is given up.

        Args:
            entry: As it was taken.
            error: Why, in our own words; no address, no value.
            wait_s: What the receiver asked for; None means the usual wait.
            is_final: Give it up at once.

        Returns:
            Whether it was given up, which the feed is told.
        """
        if is_final or entry.tries > len(RETRY_AFTER_S):
            self._store.feed.append_events([self._died(entry, error)])
            self._store.mark_undelivered(entry.id, error, retry_at=None)
            return True
        usual_s = RETRY_AFTER_S[max(entry.tries, 1) - 1]
        retry_at = self._now() + timedelta(seconds=usual_s if wait_s is None else wait_s)
        self._store.mark_undelivered(entry.id, error, retry_at=retry_at)
        return False

    def entries(
        self, *, states: Collection[DeliveryState] | None = None, limit: int | None = 50
    ) -> list[DeliveryEntry]:
        """Messages without their bodies, newest first."""
        return self._store.list_deliveries(states=states, limit=limit)

    def counts(self) -> dict[DeliveryState, int]:
        """Messages by state."""
        return self._store.delivery_counts()

    def revive(self, wanted: str | None = None) -> int:
        """Give dead messages all their tries again; how many.

        Args:
            wanted: An id, or the beginning of it; None for all.

        Raises:
            UseError: There is no such message.
        """
        ids = None if wanted is None else [self._store.get_delivery(wanted).id]
        return self._store.revive_deliveries(ids)

    def _opened(self, taken: TakenDelivery) -> Letter:
        return Letter(taken.entry, json.loads(self._vault.open(taken.sealed)))

    def _posted(self, message: Message, id_: str) -> Event:
        kind, link_id = EventKind.AUTOMATION_POST, message.send.link_id
        return Event(
            connection=self._store.name,
            at=self._now(),
            kind=kind,
            severity=usual_severity(kind),
            fingerprint=condition_fingerprint(self._store.name, kind, message.rule),
            subjects=() if link_id is None else (Subject(Kind.CONTACT, link_id),),
            facts={"rule": message.rule, "channel": message.send.to, "delivery": id_},
            once=f"post:{id_}",
        )

    def _died(self, entry: DeliveryEntry, error: str) -> Event:
        kind = EventKind.DELIVERY_DEAD
        return Event(
            connection=self._store.name,
            at=self._now(),
            kind=kind,
            severity=usual_severity(kind),
            fingerprint=condition_fingerprint(
                self._store.name, kind, entry.channel, entry.target
            ),
            facts={
                "rule": entry.rule,
                "to": entry.target,
                "delivery": entry.id,
                "tries": entry.tries,
                "error": error,
            },
            once=f"dead:{entry.id}:{entry.not_before}",
        )
