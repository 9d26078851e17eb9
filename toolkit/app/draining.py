"""From events to runs: what told of which record, and what becomes of events that fail.

An event is a hint and is never needed: whatever is given up here, or names nothing that
could be read, the next comparison finds.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Final

from toolkit.app.observe_dirty import Dirty
from toolkit.app.turns import Desk, Turns
from toolkit.engine.port import Clock
from toolkit.errors import (
    CredentialsError,
    DecisionNeededError,
    ForbiddenError,
    HightonicError,
    NotReachedError,
    QuotaExhaustedError,
    RateLimitedError,
    StateBusyError,
    StateError,
)
from toolkit.model.ids import Kind, RecordId, Side
from toolkit.model.outcomes import RunReport
from toolkit.store import ConnectionStore, InboxEvent

_log = logging.getLogger(__name__)

BATCH: Final = 400
"""Records a run: more than the usual brake lets pass, so that a mass deletion is seen as one."""

_MOST_TRIES: Final = 5
_RETRY_S: Final = 60.0
_LONGEST_REST_S: Final = 900.0
# Not this record's fault: every other one would fail alike.
_FOR_ALL: Final = (
    CredentialsError,
    ForbiddenError,
    NotReachedError,
    QuotaExhaustedError,
    StateError,
)


class Drainer:
    """Works on what stands in the inboxes.

    Args:
        turns: Gives the right to write.
        clock: For ages and waits.
    """

    def __init__(self, turns: Turns, *, clock: Clock) -> None:
        self._turns = turns
        self._clock = clock

    async def drain(self, desk: Desk) -> int:
        """Work on all that is due; answers how many events are dealt with.

        What could not be done stays in the inbox: for a while where a service is out of reach
        or refuses our key, and until the next start where the service is stopping.
        """
        store, hooks = desk.parts.store, desk.parts.config.webhooks
        handled = 0
        while not desk.is_resting(self._clock.now()):
            events = await asyncio.to_thread(
                lambda: store.take_batch(BATCH, quiet_s=hooks.quiet_s, cap_s=hooks.cap_s)
            )
            if not events or not await self._handle(desk, events):
                break
            handled += len(events)
        return handled

    async def _handle(self, desk: Desk, events: Sequence[InboxEvent]) -> bool:
        """Deal with events, or put them off; False: go on later."""
        try:
            await self._carry(desk, events)
        except (StateBusyError, DecisionNeededError):
            return (
                False  # a stop, a switch, or somebody else's turn: nothing is wrong with them
            )
        except _FOR_ALL as error:
            self._rest(desk, error)
            return False
        except Exception as error:  # noqa: BLE001 — one odd record must not stop all others
            if len(events) > 1:
                return await self._handle_apart(desk, events)
            await self._put_off(desk, events[0], type(error).__name__)
        return True

    async def _handle_apart(self, desk: Desk, events: Sequence[InboxEvent]) -> bool:
        """Halve until the one that fails stands alone."""
        half = len(events) // 2
        return await self._handle(desk, events[:half]) and await self._handle(
            desk, events[half:]
        )

    async def _carry(self, desk: Desk, events: Sequence[InboxEvent]) -> None:
        store = desk.parts.store
        kinds = desk.parts.config.mapping.kinds.keys()
        told = [event for event in events if not _waits_for_the_comparison(desk, event)]
        dirty = await asyncio.to_thread(lambda: list(list_dirty(store, told, kinds)))
        if dirty:
            await self._run(desk, dirty)
        await asyncio.to_thread(store.mark_done, [event.seq for event in events])
        desk.rests, desk.rest_until = 0, None

    async def _run(self, desk: Desk, dirty: Sequence[Dirty]) -> None:
        async with self._turns.take(desk, purpose="drain") as turn:
            report = await desk.runner.drain(dirty)
            desk.gone += _gone(report)
            turn.check_whole(report)

    def _rest(self, desk: Desk, error: HightonicError) -> None:
        desk.rests += 1
        wait_s = min(_RETRY_S * 2 ** (desk.rests - 1), _LONGEST_REST_S)
        if isinstance(error, RateLimitedError):
            wait_s = max(wait_s, error.retry_after_s)
        desk.rest_until = self._clock.now() + timedelta(seconds=wait_s)
        _log.warning(
            "events wait",
            extra={
                "connection": desk.name,
                "error": type(error).__name__,
                "reference": error.reference,
                "wait_s": wait_s,
            },
        )

    async def _put_off(self, desk: Desk, event: InboxEvent, error: str) -> None:
        tries = event.tries + 1
        retry_at = self._clock.now() + timedelta(seconds=_RETRY_S * tries)
        await asyncio.to_thread(
            lambda: desk.parts.store.mark_failed(
                [event.seq], error, retry_at=retry_at if tries < _MOST_TRIES else None
            )
        )
        _log.warning(
            "event not handled",
            extra={"connection": desk.name, "error": error, "seq": event.seq, "tries": tries},
        )


def list_dirty(
    store: ConnectionStore, events: Iterable[InboxEvent], kinds: Iterable[Kind]
) -> Iterator[Dirty]:
    """The records that events told of, as far as they can be read.

    Left out is what is not mapped, and what HighLevel could not be asked for: its tasks and
    notes are read below their contact, which a bare event does not name.
    """
    mapped = frozenset(kinds)
    for event in events:
        parent = _parent_of(event)
        if event.kind not in mapped:
            continue
        if event.record_id is None:
            if parent is not None and Kind.CONTACT in mapped:
                yield Dirty(event.source, Kind.CONTACT, parent)
        elif parent is not None or not _is_bare(store, event, event.record_id):
            yield Dirty(event.source, event.kind, event.record_id, parent)


def _waits_for_the_comparison(desk: Desk, event: InboxEvent) -> bool:
    """Whether so many records went away since the last comparison that a brake should judge.

    Each drain alone may stay below every limit: a mass deletion that is told little by little
    would pass. What is left to the comparison is found there, and held where it is too much.
    """
    is_deletion = event.source is Side.HIGHLEVEL and event.event_type.endswith("Delete")
    return is_deletion and desk.gone >= desk.parts.config.sync.brakes.delete_floor


def _gone(report: RunReport) -> int:
    return sum(
        tally.deleted + tally.unlinked
        for sides in report.tallies.values()
        for tally in sides.values()
    )


def _parent_of(event: InboxEvent) -> RecordId | None:
    body = event.body.get("appointment", event.body)
    parent = body.get("contactId") if isinstance(body, dict) else None
    is_named = event.source is Side.HIGHLEVEL and event.kind.has_parent
    return RecordId(parent) if is_named and isinstance(parent, str) and parent else None


def _is_bare(store: ConnectionStore, event: InboxEvent, record_id: RecordId) -> bool:
    if event.source is not Side.HIGHLEVEL or not event.kind.has_parent:
        return False
    link = store.find_link_by_id(event.kind, event.source, record_id)
    parent = store.get_link(link.parent) if link and link.parent else None
    return parent is None or parent.highlevel_id is None
