"""Sends what the outbox holds: in order within a channel, channels side by side.

What is promised: a message is never lost, and never posted twice where Slack lets us look.
A process that dies in the middle of a call leaves a claim that runs out; who takes it up
looks for the message by its name before posting.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from bot.dispatcher.answers import (
    NOT_INSTALLED,
    Answer,
    Closed,
    Limited,
    LockedOut,
    Rejected,
    Said,
    Unreached,
    Unsure,
    Vanished,
)
from bot.settings import Settings
from toolkit.errors import HightonicError
from toolkit.model.chat_messages import Flight, Outgoing

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.dispatcher.wire import Wire
    from toolkit.app.slack_memory import SlackShelf

_log = logging.getLogger(__name__)

_IDLE_S: Final = 0.25
_LONGEST_WAIT_S: Final = 300.0
_LOCKED_OUT_S: Final = 60.0
_SETTLES_S: Final = 5.0
"""How long a lost post may still be on its way; looking sooner could miss it."""
_MOST_WAYS: Final = 50
_PERSONAL: Final = ("U", "W", "D")
"""What ids of people and of conversations with them begin with."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast.

    Attributes:
        channel_s: Pause between two messages of a channel (Slack: about one a second).
        settles_s: Pause before a post that may have been lost is looked for.
        side_by_side: Calls under way at once.
    """

    channel_s: float = 1.0
    settles_s: float = _SETTLES_S
    side_by_side: int = _MOST_WAYS


class Dispatcher:
    """Keeps sending until it is stopped.

    Args:
        shelf: The outbox, and what was chosen for a workspace.
        wire_of: The way into a workspace; None where there is none.
        sleep: Waits; a test passes its own.
        pace: How fast.
    """

    def __init__(
        self,
        shelf: SlackShelf,
        wire_of: Callable[[str], Wire | None],
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        pace: Pace | None = None,
    ) -> None:
        self._shelf = shelf
        self._wire_of = wire_of
        self._sleep = sleep
        self._pace = pace or Pace()
        self._under_way: set[asyncio.Task[None]] = set()
        self._is_stopped = False

    async def run(self) -> None:
        """Send until `stop`; what is under way then is finished first."""
        while not self._is_stopped:
            taken = await self._begin()
            await self._sleep(0 if taken else _IDLE_S)
        await asyncio.gather(*self._under_way)

    def stop(self) -> None:
        """Begin nothing new."""
        self._is_stopped = True

    async def once(self) -> int:
        """Send one message of every channel that is free; how many were tried."""
        taken = await self._begin()
        await asyncio.gather(*self._under_way)
        return taken

    async def _begin(self) -> int:
        free = self._pace.side_by_side - len(self._under_way)
        if free <= 0:
            await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)
            return 0
        try:
            flights = await asyncio.to_thread(
                self._shelf.outbox.claim, pace_s=self._pace.channel_s, limit=free
            )
        except HightonicError as error:
            # A disk that is full now may not be in a while; nothing was taken.
            _log.warning("outbox not read", extra={"error": type(error).__name__})
            return 0
        for flight in flights:
            task = asyncio.create_task(self._send(flight), name=f"slack {flight.slot}")
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
        return len(flights)

    async def _send(self, flight: Flight) -> None:
        try:
            answer = await self._deliver(flight)
            await asyncio.to_thread(self._conclude, flight, answer)
        except HightonicError as error:
            # The claim runs out, and the message is looked for before it is sent again.
            _log.warning(
                "message not concluded",
                extra={"slot": flight.slot, "error": type(error).__name__},
            )

    async def _deliver(self, flight: Flight) -> Answer:
        wire = self._wire_of(flight.team)
        if wire is None:
            return LockedOut(NOT_INSTALLED)
        if flight.ts:
            return await self._plainly(flight, wire.edit)
        if flight.is_unsure and (found := await wire.find(flight)) is not None:
            # What stands there may be an older text.
            if isinstance(found, Said) and flight.version > 1:
                return await _edited(wire, flight, found)
            return found
        return await self._plainly(flight, wire.post)

    async def _plainly(
        self, flight: Flight, call: Callable[[Flight], Awaitable[Answer]]
    ) -> Answer:
        """The call; content that Slack refuses is sent once more as text alone."""
        answer = await call(flight)
        if not isinstance(answer, Rejected) or "blocks" not in flight.payload:
            return answer
        _log.error("blocks refused", extra={"slot": flight.slot, "error": answer.error})
        bare = {name: each for name, each in flight.payload.items() if name != "blocks"}
        if flight.ts:
            bare["blocks"] = []
        return await call(replace(flight, payload=bare))

    def _conclude(self, flight: Flight, answer: Answer) -> None:
        outbox = self._shelf.outbox
        match answer:
            case Said():
                outbox.settle(flight, place=answer.place, ts=answer.ts)
            case Vanished() if flight.ts:
                outbox.forget_post(flight)
            case Vanished() if flight.parent_ts:
                outbox.leave_thread(flight)
            case Vanished():
                outbox.give_up(flight, error=answer.error)
            case Closed():
                self._reroute(flight, answer.error)
            case Rejected():
                outbox.give_up(flight, error=answer.error)
            case LockedOut() if _is_somebody_else_s(flight, answer):
                outbox.give_up(flight, error=answer.error)
            case _:
                self._postpone(flight, answer)

    def _postpone(
        self, flight: Flight, answer: Limited | LockedOut | Unreached | Unsure
    ) -> None:
        """Later, and nothing of this channel before it, so that order stands."""
        wait_s = min(_LONGEST_WAIT_S, 2.0**flight.tries)
        error = "ratelimited"
        match answer:
            case Limited():
                wait_s = answer.wait_s
            case LockedOut():
                _log.error("slack refuses us", extra={"error": answer.error})
                wait_s, error = max(wait_s, _LOCKED_OUT_S), answer.error
            case Unreached():
                error = answer.error
            case Unsure():
                wait_s, error = max(wait_s, self._pace.settles_s), answer.error
        # Once nobody knows, nobody knows until somebody has looked.
        is_unsure = isinstance(answer, Unsure) or (flight.is_unsure and not flight.ts)
        outbox = self._shelf.outbox
        outbox.defer(flight, wait_s=wait_s, error=error, is_unsure=is_unsure)
        # Edits have a limit of their own for the whole workspace; new messages go on.
        if not flight.ts:
            outbox.hold_channel(flight.team, flight.channel, wait_s=wait_s)

    def _reroute(self, flight: Flight, error: str) -> None:
        settings = Settings(self._shelf.people, flight.team)
        target = settings.default_channel
        # What was said to one person is not said to a whole channel instead.
        is_private = flight.channel.startswith(_PERSONAL)
        if not target or target == flight.channel or is_private:
            self._shelf.outbox.give_up(flight, error=error)
            return
        is_news = self._shelf.outbox.reroute(flight, channel=target, problem=error)
        if is_news and settings.installer:
            said = settings.voice(target).say("channel.closed", channel=flight.channel)
            told = Outgoing(
                f"closed:{flight.team}:{flight.channel}",
                flight.team,
                settings.installer,
                {"text": said},
            )
            self._shelf.outbox.put([told])


def _is_somebody_else_s(flight: Flight, answer: LockedOut) -> bool:
    """A person of another company, met in a shared channel: no token will ever come."""
    return answer.error == NOT_INSTALLED and flight.channel.startswith(_PERSONAL)


async def _edited(wire: Wire, flight: Flight, found: Said) -> Answer:
    return await wire.edit(replace(flight, place=found.place, ts=found.ts))
