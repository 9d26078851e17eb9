"""Taking in what the services send: kept durably first, answered next, worked on later.

One insert is both the deduplication and the promise that the answer 200 makes. Whoever
cannot keep an event says so, and the sender repeats it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeAlias

from toolkit.app.intake_writer import IntakeWriter, Kept
from toolkit.app.measures import IntakeCounts
from toolkit.app.poking import Pokes
from toolkit.errors import HightonicError
from toolkit.model.ids import ConnectionName, Side
from toolkit.store import Arrival

_log = logging.getLogger(__name__)

_LONGEST_NAME = 64


class Verdict(StrEnum):
    """What became of one delivery; the first three are answered as good."""

    STORED = "stored"
    REPEATED = "repeated"
    NOT_OURS = "not_ours"
    BAD_SIGNATURE = "bad_signature"
    BAD_CREDENTIALS = "bad_credentials"
    WRONG_APP = "wrong_app"
    TOO_OLD = "too_old"
    NOT_JSON = "not_json"
    NO_TYPE = "no_type"
    NO_RECORD = "no_record"
    CUT_OFF = "cut_off"
    TOO_SLOW = "too_slow"
    TOO_LARGE = "too_large"
    QUEUE_FULL = "queue_full"
    NOT_STORED = "not_stored"

    @property
    def is_good(self) -> bool:
        """Whether the sender has nothing more to do."""
        return self in (Verdict.STORED, Verdict.REPEATED, Verdict.NOT_OURS)


Addressed: TypeAlias = tuple[ConnectionName, Arrival]
"""One delivery, and one of the connections it is meant for."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """How one delivery ended.

    Attributes:
        connection: Empty until it is known whom the delivery is for.
        event_type: Empty until the sender is known to be who it says.
        error: Class name of what kept the event from being stored.
        reference: Of that error, where it has one.
    """

    side: Side
    verdict: Verdict
    connection: str = ""
    event_type: str = ""
    error: str = ""
    reference: str = ""


class InboxPort(Protocol):
    """Where events are kept. Called from one thread at a time, never from the event loop."""

    def put_events(self, arrivals: Sequence[Addressed]) -> Sequence[bool]:
        """Keep all in one transaction, on the disk when this returns.

        Returns:
            Per event, False where it was kept before.

        Raises:
            StateError: None of them was kept.
        """
        ...

    def count_waiting(self) -> int:
        """Events kept and not yet worked on, over all connections."""
        ...


class Intake:
    """Keeps events, counts and logs what became of each delivery, and wakes who works on them.

    Args:
        inbox: Where they are kept.
        clock: Now, aware.
        on_stored: Told of a connection that has new events. Never delays an answer; calls for
            one connection never overlap, and a burst becomes few of them.
        capacity: Waiting events above which new ones are refused.
        timeout_s: Longest wait for the disk, seconds.
    """

    def __init__(
        self,
        inbox: InboxPort,
        *,
        clock: Callable[[], datetime],
        on_stored: Callable[[ConnectionName], Awaitable[object]] | None = None,
        capacity: int = 100_000,
        timeout_s: float = 5.0,
    ) -> None:
        self.now = clock
        self.counts = IntakeCounts()
        self._pokes = Pokes(on_stored) if on_stored else None
        self._timeout_s = timeout_s
        self._writer = IntakeWriter(inbox, capacity=capacity)

    async def keep(self, arrivals: Sequence[Addressed]) -> Receipt:
        """Keep one delivery, for every connection it is meant for.

        A second call with the same event ids stores nothing and says so. Any failure to store
        is answered as such, whatever it was: the sender then tries again.

        Args:
            arrivals: At least one.
        """
        name, first = arrivals[0]
        receipt = Receipt(first.source, Verdict.NOT_STORED, name, first.event_type)
        try:
            verdict = await self._stored(arrivals)
        except Exception as error:  # noqa: BLE001 — what is not on disk is never acknowledged
            reference = error.reference if isinstance(error, HightonicError) else ""
            name_of_error = type(error).__name__
            return self.account(replace(receipt, error=name_of_error, reference=reference))
        if verdict is Verdict.STORED:
            self._tell(arrivals)
        return self.account(replace(receipt, verdict=verdict))

    def account(self, receipt: Receipt) -> Receipt:
        """Count a delivery's end, and log it unless it is the ordinary one."""
        self.counts.add(receipt.side, receipt.verdict)
        fields = {
            "source": receipt.side.value,
            "reason": receipt.verdict.value,
            "connection": receipt.connection,
            "event_type": receipt.event_type,
            "error": receipt.error,
            "reference": receipt.reference,
        }
        if not receipt.verdict.is_good:
            _log.warning("webhook refused", extra=fields)
        elif receipt.verdict is Verdict.NOT_OURS:
            _log.info("webhook ignored", extra=fields)
        else:
            _log.debug("webhook taken", extra=fields)
        return receipt

    async def aclose(self) -> None:
        """Finish what is being written and woken; nothing can be kept afterwards."""
        if self._pokes:
            await self._pokes.drain()
        await self._writer.aclose()

    def _tell(self, arrivals: Sequence[Addressed]) -> None:
        if arrivals[0][1].kind is None:
            # Kept and counted, but there is nothing to do about it.
            self.counts.add_unknown(arrivals[0][1].source)
            return
        for name, _ in arrivals:
            if self._pokes:
                self._pokes.soon(name)

    async def _stored(self, arrivals: Sequence[Addressed]) -> Verdict:
        async with asyncio.timeout(self._timeout_s):
            kept = await asyncio.gather(*map(self._writer.put, arrivals))
        if Kept.NO_ROOM in kept:
            return Verdict.QUEUE_FULL
        return Verdict.STORED if Kept.NEW in kept else Verdict.REPEATED


def plain_name(text: object, *, longest: int = _LONGEST_NAME) -> str:
    """A name or id from outside if it is fit for logs and tables, else the empty text."""
    if isinstance(text, int) and not isinstance(text, bool):
        text = str(text)
    if not isinstance(text, str) or not 0 < len(text) <= longest:
        return ""
    return (
        text if text.isprintable() and not any("\ud800" <= c <= "\udfff" for c in text) else ""
    )
